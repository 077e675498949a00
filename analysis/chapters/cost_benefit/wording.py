"""Pieces that the chapter's sentences share: years in words, the direction of a number, names the print gives."""

from math import isnan

from analysis.frames.trial import Trial
from analysis.published.keys import printed_rule
from analysis.show.prose import Sentence, decimal


def duration(years: float, written: bool = False) -> Sentence:
    """A number of years in words: “1 year” (written: “one year”), “2 years”, “1.5 years”."""
    if years == 1:
        return Sentence("one_year_written" if written else "one_year")
    return Sentence("some_years", {"years": decimal(years, 0 if float(years).is_integer() else 1)})


def sign(value: float) -> str:
    """Direction of a number that has no interval: its sign."""
    if isnan(value) or value == 0:
        return "unclear"
    return "higher" if value > 0 else "lower"


def sentence_key(trial: Trial, key: str, *of: object) -> str:
    """Key of a sentence, or the one under which the study's published report has words of its own for this case.

    `of`: what the report's words take for granted, such as the waves; the rule `cost_benefit.sentences` of
    as_printed.yml names both, as in `observed_6_12: missing`.
    """
    return printed_rule(trial, "cost_benefit.sentences", {}).get("_".join(map(str, (key, *of))), key)
