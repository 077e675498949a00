"""Four answers for the front of the report: did it work, for whom, how sure is it, did it pay."""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from analysis.chapters import cost_benefit, employment, health
from analysis.chapters.employment.populations import status_groups
from analysis.chapters.summary.findings import picked_scores
from analysis.frames.needs import Absent
from analysis.frames.trial import Trial
from analysis.published.prints import report_of
from analysis.published.scorecard import addresses
from analysis.show.answers import Answer
from analysis.show.prose import Number, Sentence, tally

# The score told beside work, and the rule that says where the published report prints what an answer says.
SCORE = "hads_depression"
PRINTED = "summary.printed"


def answers(trial: Trial, conf_level: float = 0.95) -> list[Answer]:
    """The answers in their order; one whose needs the study does not meet is left out.

    On invented people nothing is answered but what a published report prints, too.
    """
    found = [_work(trial, conf_level), _groups(trial, conf_level), _sure(trial, conf_level), _pay(trial, conf_level)]
    beside = [replace(each, printed=_printed(trial, each.question)) for each in found if each is not None]
    return [each for each in beside if each.printed or each.question == "pay" or not _invented(trial)]


def known_answers(found: Iterable[Answer]) -> list[str]:
    """Which questions are answered."""
    return [answer.question for answer in found]


def _work(trial: Trial, conf_level: float) -> Answer | None:
    """The primary outcome, and the score at equal scores at inclusion with its size and who answered."""
    work = _employment(employment.main_result(trial, conf_level))
    told = health.in_short(trial, SCORE, conf_level)
    return _answer("work", [work], more=[told, *picked_scores(trial, [told])])


def _employment(sentence: Sentence | Absent) -> Sentence | Absent:
    """A sentence in the words of the chapter on employment."""
    return sentence if isinstance(sentence, Absent) else replace(sentence, of="employment")


def _groups(trial: Trial, conf_level: float) -> Answer | None:
    """Groups by status at inclusion in which the arms differ clearly, and in how many that was looked for."""
    told = employment.by_status(trial, conf_level)
    if isinstance(told, Absent):
        return None
    clear = [each for each in told if each.direction in ("higher", "lower")]
    kept = [each for each in clear if each.finding] if _invented(trial) else clear
    looked_at = {"groups": tally(len(status_groups(trial)))}
    if not kept:
        return None if _invented(trial) else _answer("groups", [Sentence("no_group", looked_at)])
    return _answer("groups", map(_employment, kept), [Sentence("groups_looked_at", looked_at)])


def _sure(trial: Trial, conf_level: float) -> Answer | None:
    """What the interval of the primary result allows, and the result at the end of the late window."""
    primary = employment.main_result(trial, conf_level)
    if isinstance(primary, Absent) or "low" not in primary.values or primary.direction is None:
        return None
    names = ("difference", "low", "high", "level", "outcome", "at")
    fits = Sentence("fits", {name: primary.values[name] for name in names}, primary.direction)
    return _answer("sure", [fits], more=[_employment(employment.last_month(trial, conf_level))])


def _pay(trial: Trial, conf_level: float) -> Answer | None:
    """The net present value: of invented people as printed and corrected, and whether the interval includes zero."""
    found = cost_benefit.did_it_pay(trial, conf_level=conf_level)
    if isinstance(found, Absent):
        return None
    if not _invented(trial):
        return _answer("pay", [found.from_data, found.in_print])
    settled = found.from_data
    direction = None if isinstance(settled, Absent) else settled.direction
    caveats = [Sentence("pay_sure", {"level": tally(100 * conf_level)}, direction)] if direction else []
    return _answer("pay", [found.in_print], caveats)


def _answer(
    question: str,
    said: Iterable[Sentence | Absent],
    caveats: Iterable[Sentence] = (),
    more: Iterable[Sentence | Absent] = (),
) -> Answer | None:
    """The answer with what can be said; None where nothing can."""
    known, further = (tuple(each for each in part if not isinstance(each, Absent)) for part in (said, more))
    return Answer(question, known, tuple(caveats), further) if known else None


def _invented(trial: Trial) -> bool:
    return trial.study.data == "synthetic"


def _printed(trial: Trial, question: str) -> Sentence | None:
    """What the published report prints: a sentence of the study's own words with the numbers at their addresses."""
    printed = trial.study.as_printed.rules.get(PRINTED, {}) if trial.study.as_printed else {}
    if question not in printed:
        return None
    cells = report_of(trial).cells
    cells = cells.set_index(addresses(cells))
    numbers = {name: _number(cells.loc[address]) for name, address in printed[question].items()}
    return Sentence(f"printed_{question}", numbers, from_print=True)


def _number(cell: pd.Series) -> Number:
    """A printed number as this book writes its kind: shares in per cent, differences of shares in points, unsigned."""
    scale = 100 if cell["statistic"] in ("proportion", "difference") else 1
    places = 1 if scale == 100 else int(cell["decimals"])
    kind = _KINDS.get(cell["statistic"], "decimal")
    return Number(scale * cell["value"], kind, places)


_KINDS = {"pct": "percent", "proportion": "percent", "difference": "points", "p": "p_value", "n": "count", "nok": "nok"}
