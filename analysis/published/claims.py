"""What a report's sentences say of its results, from `claims.yml` beside its numbers, and whether a study agrees.

A claim names the answer that is computed for it; `registry.answers` lists these. Judging reads nothing but the answer's
estimate, interval and p-value.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from analysis.study.problems import Problem
from analysis.study.yaml_files import YamlProblems, read_document

FILE = "claims.yml"
DIRECTIONS = HIGHER, LOWER, NONE = ("higher", "lower", "none")
# From the worst to the best: of several estimates behind one claim the worst decides.
VERDICTS = CONTRADICTED, NOT_KNOWN, NOT_CLEAR, HOLDS = ("contradicted", "not_known", "not_clear", "holds")
NUMBERS = ("estimate", "conf_low", "conf_high", "p_value")
LEVEL = 0.05
_NEEDED = ("place", "line", "says", "subject", "direction")
_OPTIONAL = ("significant", "level", "numbers")


@dataclass(frozen=True)
class Claim:
    """One statement of a report about a result.

    place: the section, as the addresses of printed numbers have it. line: in the transcribed text. says: the statement
    in short, in words of this project. subject: the answer that is computed for it. direction: whether what is
    estimated is said to be higher or lower than nought, or that there is no difference. significant: whether the text
    says that a test found it so, None if it is silent. level: of that test. numbers: addresses of the printed numbers
    it rests on, none where the report prints no number for it.
    """

    name: str
    place: str
    line: int
    says: str
    subject: str
    direction: str
    significant: bool | None = None
    level: float = LEVEL
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """A claim, its verdict, and what decided it: estimate, conf_low, conf_high, p_value (NaN if unknown), part."""

    claim: Claim
    verdict: str
    found: Mapping[str, float]


def read_claims(
    path: Path, printed: Collection[str], subjects: Collection[str], places: Collection[str] = ()
) -> tuple[Claim, ...]:
    """The claims of a report in the order of the file; none without the file.

    printed: addresses of the report's numbers; subjects: names of the answers that can be computed; places: further
    places that print no number. Raises YamlProblems with every unknown key, place, subject and so on, each with its
    line.
    """
    if not path.is_file():
        return ()
    document = read_document(path)
    content, places = document.content or {}, {*places, *(address.split("/")[0] for address in printed)}
    found = [*document.repeated]
    for name, entry in content.items():
        for key, cause in _faults(entry, places, printed, subjects):
            line, where = document.line((name, key)), f"{name}.{key}"
            found.append(Problem(path.name, line, where, "claim", cause, "Correct this line."))
    if found:
        raise YamlProblems(tuple(found))
    return tuple(Claim(name, **entry | {"numbers": tuple(entry.get("numbers", ()))}) for name, entry in content.items())


def _faults(
    entry: Mapping, places: Collection[str], printed: Collection[str], subjects: Collection[str]
) -> Iterator[tuple[str, str]]:
    known = (*_NEEDED, *_OPTIONAL)
    yield from ((key, f"No such key; allowed are {', '.join(known)}.") for key in entry if key not in known)
    yield from ((key, f"The key {key} is missing.") for key in _NEEDED if key not in entry)
    if entry.get("place", "") not in places and "place" in entry:
        yield "place", f"The report prints no number at {entry['place']}, and words.yml does not name it."
    if "subject" in entry and entry["subject"] not in subjects:
        yield "subject", f"Nothing is computed under the name {entry['subject']}."
    if entry.get("direction", NONE) not in DIRECTIONS:
        yield "direction", f"It is one of {', '.join(DIRECTIONS)}."
    if not isinstance(entry.get("significant", True), bool):
        yield "significant", "It is true or false."
    if not (isinstance(entry.get("level", LEVEL), float) and 0 < entry.get("level", LEVEL) < 1):
        yield "level", "It is a share between 0 and 1."
    lost = [each for each in entry.get("numbers", ()) if each not in printed]
    yield from (("numbers", f"The report prints no {each}.") for each in lost)


def judge(claim: Claim, answer: pd.DataFrame, counted: bool = False) -> Judgement:
    """Whether all estimates of the answer are as the claim says; the worst of them decides.

    A result is clear when its p-value is below the level, or, without a p-value, its interval leaves nought out; what
    is `counted` has neither and is what it is. Of a claim that a test found something, anything but a clear result in
    its direction is a contradiction; of a claim that there is none, a clear result is. A claim that is silent about
    tests holds when the result is clearly so, is contradicted when it is clearly the other way, and is not clear in
    between. Nothing is judged on NaN. `answer` has the columns of `Judgement.found`.
    """
    rows = answer.to_dict("records")
    judged = [Judgement(claim, _verdict(claim, row, counted), MappingProxyType(row)) for row in rows]
    if not judged:
        return Judgement(claim, NOT_KNOWN, MappingProxyType(dict.fromkeys(NUMBERS, math.nan) | {"part": ""}))
    return min(judged, key=lambda each: (VERDICTS.index(each.verdict), _against(each)))


def _against(judged: Judgement) -> float:
    """The smaller, the more a result speaks against its claim: against none a small p-value does, else a large one."""
    p = judged.found["p_value"]
    about_a_test = judged.claim.direction == NONE or judged.claim.significant is False
    return 0.0 if math.isnan(p) else p if about_a_test else -p


def _verdict(claim: Claim, row: Mapping[str, float], counted: bool) -> str:
    clear, estimate = is_clear(row, claim.level, counted), row["estimate"]
    about_a_test = claim.direction == NONE or claim.significant is False
    if clear is None or (math.isnan(estimate) and not about_a_test):
        return NOT_KNOWN
    if about_a_test:
        return CONTRADICTED if clear else HOLDS
    agrees = estimate > 0 if claim.direction == HIGHER else estimate < 0
    if clear:
        return HOLDS if agrees else CONTRADICTED
    return CONTRADICTED if claim.significant or counted else NOT_CLEAR


def is_clear(row: Mapping[str, float], level: float = LEVEL, counted: bool = False) -> bool | None:
    """Whether a result differs from nought beyond chance, or at all if it is counted; None where that is not known."""
    if counted:
        return None if math.isnan(row["estimate"]) else row["estimate"] != 0
    if not math.isnan(row["p_value"]):
        return row["p_value"] < level
    if math.isnan(row["conf_low"]) or math.isnan(row["conf_high"]):
        return None
    return row["conf_low"] > 0 or row["conf_high"] < 0
