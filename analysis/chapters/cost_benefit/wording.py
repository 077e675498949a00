"""Pieces that the chapter's sentences share: years in words, the direction of a number, names the print gives."""

from collections.abc import Mapping
from math import isnan

from analysis.frames.trial import Trial
from analysis.published.keys import printed_rule
from analysis.show.prose import Sentence, decimal, nok, round_half_up, tally

HUNDREDS = -2  # decimals of kroner beside their interval


def duration(years: float, written: bool = False) -> Sentence:
    """A number of years in words, to one decimal: “1 year” (written: “one year”), “2 years”, “1.5 years”."""
    years = round_half_up(years, 1)
    if years == 1:
        return Sentence("one_year_written" if written else "one_year")
    return Sentence("some_years", {"years": decimal(years, 0 if float(years).is_integer() else 1)})


def rounding(*amounts: float) -> int:
    """Decimals of amounts in kroner that stand together: hundreds, or kroner where one of them is below a hundred."""
    return 0 if any(abs(amount) < 100 for amount in amounts) else HUNDREDS


def interval_words(row: Mapping[str, float]) -> dict:
    """A net present value and its interval in NOK, rounded to hundreds: more would not be known."""
    places = rounding(row["estimate"], row["conf_low"], row["conf_high"])
    return {
        "npv": nok(abs(row["estimate"]), places),
        "signed": nok(row["estimate"], places),
        "low": nok(row["conf_low"], places),
        "high": nok(row["conf_high"], places),
        "level": tally(100 * row["conf_level"]),
    }


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
