"""Checks that the shares of groups belong to whole numbers of people. Each takes a Relation and returns an Outcome."""

import math

from analysis.published.audit.arithmetic import total
from analysis.published.audit.outcome import FAILS, HOLDS, Outcome, show
from analysis.published.audit.ranges import Range, exactly
from analysis.published.audit.relations import Cell, Relation


def whole_people_in_groups(relation: Relation) -> Outcome:
    """Shares of several groups belong to whole numbers of people that add up to a printed count.

    Cells: shares and people, one of each a group; total. Options: unit (100 for per cent, 1 for proportions);
    fewer_answers, the share of the people that may not have answered.
    """
    cells, unit = relation.cells, float(relation.options.get("unit", 1))
    fewest = 1 - float(relation.options.get("fewer_answers", 0))
    sums = exactly(0.0)
    for share, people in zip(cells["shares"], cells["people"], strict=True):
        low = math.ceil(share.range.low / unit * people.value * fewest - 1e-9)
        high = math.floor(share.range.high / unit * people.value + 1e-9)
        sums = sums + Range(float(low), float(high))
    wanted = cells["total"] if isinstance(cells["total"], tuple) else (cells["total"],)
    printed = " + ".join(cell.text for cell in wanted)
    fits = sums.low <= sums.high and total(wanted).meets(sums)
    return Outcome(HOLDS if fits else FAILS, "holds" if fits else "groups_make_other_total", printed, show(sums, 0))


def one_base(relation: Relation) -> Outcome:
    """The shares of one question in a group are whole numbers of one number of people.

    Cells: shares, a list; people, the group. Options: unit (100 for per cent, 1 for proportions); fewer_answers, the
    share of the group that may not have answered.
    """
    shares, unit = relation.cells["shares"], float(relation.options.get("unit", 1))
    people = int(relation.cells["people"].value)
    least = max(1, math.ceil(people * (1 - float(relation.options.get("fewer_answers", 0)))))
    texts = ", ".join(cell.text for cell in shares)
    if any(all(_whole(cell, base, unit) for cell in shares) for base in range(people, least - 1, -1)):
        return Outcome(HOLDS, "holds", texts, texts)
    nearest = ", ".join(f"{unit * round(cell.value * people / unit) / people:.{cell.decimals}f}" for cell in shares)
    return Outcome(FAILS, "no_one_base", texts, nearest, details={"whole": people, "least": least})


def _whole(share: Cell, base: int, unit: float) -> bool:
    return share.range.holds(unit * round(share.value * base / unit) / base)
