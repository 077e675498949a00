"""What is missed, and which printed numbers cannot hold together."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from .linear import Ground, asked_by, impossible
from .moves import Column
from .targets import Target

Item = TypeVar("Item")


def irreducible(items: Sequence[Item], conflict: Callable[[list[Item]], bool]) -> list[Item]:
    """The items that cannot hold together and of which every smaller part can: a deletion filter.

    Each is left out in turn; where the rest still conflicts, it stays out. From both ends, since what is left depends
    on the order; the shorter one is given. Nothing if there is no conflict.
    """
    if not conflict(list(items)):
        return []
    return min((_filtered(order, conflict) for order in (list(items), list(items)[::-1])), key=len)


def _filtered(items: list[Item], conflict: Callable[[list[Item]], bool]) -> list[Item]:
    kept = list(items)
    for item in items:
        rest = [other for other in kept if other is not item]
        if conflict(rest):
            kept = rest
    return kept


def contradictions(
    targets: Sequence[Target], sizes: Mapping[float, int], columns: Mapping[int, Column]
) -> list[list[Target]]:
    """Smallest sets of printed numbers that cannot hold together, whatever whole people there are; no two share one.

    `sizes`: people by stratum (column 0). Only what is linear is looked at (see `linear`), so that each set is
    proved, and others may exist.
    """
    ground = Ground.of(targets, sizes, columns)
    asked = {id(target): asked_by(target, ground) for target in targets}
    left, found = [target for target in targets if asked[id(target)]], []

    def conflict(some: list[Target]) -> bool:
        return impossible([row for target in some for row in asked[id(target)]], ground)

    while worst := irreducible(left, conflict):
        found.append(sorted(worst, key=lambda target: target.address))
        left = [target for target in left if target not in worst]
    return found


def reached(targets: Sequence[Target], values: np.ndarray) -> pd.DataFrame:
    """One row a target: address, printed, reached (unrounded), met (whether it rounds to the print)."""
    rows = []
    for target in targets:
        value = target.statistic.of(values)
        met = abs(value - target.value) <= target.half * (1 + 1e-7)
        rows.append((target.address, target.value, value, met))
    return pd.DataFrame(rows, columns=["address", "printed", "reached", "met"])
