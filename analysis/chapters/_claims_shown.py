"""A report's claims on the pages: which of them a chapter does not bear out, and all of them on the scorecard."""

import math
from collections import Counter
from collections.abc import Callable, Mapping

import pandas as pd

from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.published.claims import FILE, HOLDS, VERDICTS, Claim, Judgement, judge, read_claims
from analysis.published.prints import report_of
from analysis.published.registry import Answer, answers_of
from analysis.published.scorecard import addresses
from analysis.show import prose
from analysis.show.listing import Listing
from analysis.show.prose import Label, Sentence

NEEDS = ("published:claims", "as_printed")
_DECIMALS = {"points": 1, "score": 2, "health": 2, "count": 0, "test": 2, "months": 1, "days": 0, "jobs": 2,
             "employers": 2}  # fmt: skip
_FINE = 2  # more of them for an estimate that would else print as nought
COMMON = "common"  # whose words the sentences use, on every page


def claims_of(trial: Trial) -> tuple[Claim, ...]:
    """The claims of the study's report; raises YamlProblems for a file with faults."""
    report = report_of(trial)
    printed, subjects = frozenset(addresses(report.cells)), frozenset(answers_of(trial))
    return trial.once(("claims",), lambda: read_claims(report.folder / FILE, printed, subjects, report.words))


def judgements(trial: Trial, chapter: str | None = None) -> list[tuple[Answer, Judgement]]:
    """Every claim of the report, or those that one chapter answers, judged on the study; answers are computed once."""
    known = answers_of(trial)
    own = [claim for claim in claims_of(trial) if chapter in (None, known[claim.subject].chapter)]
    return [(known[claim.subject], _judged(trial, claim, known[claim.subject])) for claim in own]


def _judged(trial: Trial, claim: Claim, answer: Answer) -> Judgement:
    return judge(claim, trial.once(("answer", answer.name), lambda: answer.of(trial)), answer.counted)


@needs(*NEEDS)
def not_borne_out(trial: Trial, chapter: str) -> list[Sentence]:
    """The claims that a chapter's results contradict or leave open, one sentence each; else that all hold."""
    found = judgements(trial, chapter)
    open_ = [(answer, judged) for answer, judged in found if judged.verdict != HOLDS]
    counts = {"held": prose.count(len(found) - len(open_)), "all": prose.count(len(found))}
    first = Sentence("claims_some" if open_ else "claims_all", counts, of=COMMON)
    return [first, *(_said(trial, answer, judged) for answer, judged in open_)]


def _said(trial: Trial, answer: Answer, judged: Judgement) -> Sentence:
    values = {
        "place": Label("rows", judged.claim.place),
        "says": judged.claim.says,
        "found": found_in_words(answer, judged),
        "rests": _rests(trial, judged.claim),
    }
    return Sentence(f"claim_{judged.verdict}", values, of=COMMON, turns=True)


def _rests(trial: Trial, claim: Claim) -> Sentence | str:
    """On synthetic data: whether the report prints what decides, or only invented people do."""
    if trial.study.data != "synthetic":
        return ""
    return Sentence("claim_on_print" if claim.numbers else "claim_on_invented", of=COMMON)


def found_in_words(answer: Answer, judged: Judgement) -> Sentence:
    """The estimate that decides, with its interval and p-value as far as there are any."""
    found, unit = judged.found, answer.unit
    known = [name for name in ("estimate", "conf_low", "p_value") if not math.isnan(found[name])]
    known = [name for name in known if unit != "test" or name == "p_value"]
    key = "_".join(["found", *(name.split("_")[0] for name in known)]) if known else "found_nothing"
    part = Sentence("found_part", {"part": found["part"]}, of=COMMON) if found["part"] != "" else ""
    return Sentence(key, {**_numbers(found, unit), "part": part}, of=COMMON)


def _numbers(found: Mapping[str, float], unit: str) -> dict[str, object]:
    kind = _kroner if unit == "nok" else prose.tally if unit == "count" else _decimal(unit, found["estimate"])
    estimate = Sentence(f"unit_{unit}", {"n": kind(found["estimate"])}, of=COMMON)
    ends = {"low": kind(found["conf_low"]), "high": kind(found["conf_high"])}
    return {"estimate": estimate, **ends, "p": prose.p_value(found["p_value"])}


def _kroner(value: float) -> prose.Number:
    """Kroner rounded to hundreds, as beside their interval nothing finer is known."""
    return prose.nok(value if math.isnan(value) else prose.round_half_up(value, -2))


def _decimal(unit: str, estimate: float) -> Callable[[float], prose.Number]:
    places = _DECIMALS[unit] + (_FINE if 0 < abs(estimate) < 0.5 * 10.0 ** -_DECIMALS[unit] else 0)
    return lambda value: prose.decimal(value, places)


@needs(*NEEDS)
def claims_overview(trial: Trial) -> Sentence:
    """How many of the report's claims get which verdict."""
    counts = Counter(judged.verdict for _, judged in judgements(trial))
    values = {verdict: prose.count(counts[verdict]) for verdict in VERDICTS}
    return Sentence("claims_overview", {**values, "all": prose.count(sum(counts.values()))}, of=COMMON)


@needs(*NEEDS)
def claims_listing(trial: Trial) -> Listing:
    """Every claim of the report: where it stands, what it says, what is found, and the verdict."""
    found = judgements(trial)
    frame = pd.DataFrame(
        {
            "source": [Label("rows", judged.claim.place) for _, judged in found],
            "line": [prose.Number(judged.claim.line, "year") for _, judged in found],
            "says": [judged.claim.says for _, judged in found],
            "found": [found_in_words(answer, judged) for answer, judged in found],
            "verdict": [Label("claim_verdicts", judged.verdict) for _, judged in found],
            "rests": [Label("rests", "print" if judged.claim.numbers else "computed") for _, judged in found],
        }
    )
    return Listing("claims", frame, ["source", "verdict"], anchors=[f"claim-{j.claim.name}" for _, j in found])
