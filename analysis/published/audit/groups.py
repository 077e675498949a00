"""Checks that the shares of groups belong to whole numbers of people. Each takes a Relation and returns an Outcome."""

import math

from analysis.published.audit.arithmetic import possible_bases, whole_within
from analysis.published.audit.cells import total
from analysis.published.audit.checks import FEWER, NUMBER, SPARE, takes
from analysis.published.audit.outcome import FAILS, HOLDS, Outcome, show
from analysis.published.audit.ranges import SLACK, Range, exactly
from analysis.published.audit.relations import Relation

_UNIT = {"unit": (NUMBER, "what the whole is (default 1; 100 for per cent)")}


@takes(
    cells={"shares": "the share in each group", "people": "the people of each", "total": "the count of all groups"},
    several=("shares", "people"),
    added=("total",),
    options=_UNIT | FEWER,
)
def whole_people_in_groups(relation: Relation) -> Outcome:
    """The shares of several groups belong to whole numbers of people that add up to a printed count."""
    cells, unit = relation.cells, float(relation.options.get("unit", 1))
    fewest = 1 - float(relation.options.get("fewer_answers", 0))
    sums = exactly(0.0)
    for share, people in zip(cells["shares"], cells["people"], strict=True):
        least = math.ceil(share.range.low / unit * people.value * fewest - SLACK * people.value)
        most = math.floor(share.range.high / unit * people.value + SLACK * people.value)
        sums = sums + Range(float(least), float(most))
    printed = total(cells["total"])
    fits = sums.low <= sums.high and printed.meets(sums)
    return Outcome(HOLDS if fits else FAILS, "holds" if fits else "groups_make_other_total", show(printed, 0),
                   show(sums, 0))  # fmt: skip


@takes(
    cells={"shares": "the shares of the question", "base": "the people of the group"},
    several=("shares",),
    added=("base",),
    options=_UNIT | FEWER | SPARE,
)
def one_base(relation: Relation) -> Outcome:
    """The shares of one question in a group, printed without counts, are whole numbers of one number of people."""
    shares, unit = relation.cells["shares"], float(relation.options.get("unit", 1))
    bases = possible_bases(relation)
    texts = ", ".join(cell.text for cell in shares)
    if any(all(whole_within(cell.range, base / unit) for cell in shares) for base in bases):
        return Outcome(HOLDS, "holds", texts, texts)
    nearest = ", ".join(
        f"{unit * round(cell.value * bases[0] / unit) / bases[0]:.{cell.decimals}f}" for cell in shares
    )
    return Outcome(FAILS, "no_one_base", texts, nearest, details={"whole": bases[0], "least": min(bases)})
