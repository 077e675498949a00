"""Printed numbers as targets: the value, what rounding hides, and the statistic that each measures."""

from dataclasses import dataclass

import numpy as np

from .moves import Moves
from .puzzle import Puzzle
from .statistics import Figures, Statistic

# Share of a half interval that counts as inside: the very edge belongs to binary fractions.
INSIDE = 1 - 1e-6
# How much more a number of people counts in the search than a mean: with a wrong one no mean can be right.
WHOLE_PEOPLE = 100.0


@dataclass(frozen=True)
class Target:
    """One printed number: `source/row/column/statistic`, value, decimals, and what of the people gives it."""

    address: str
    value: float
    decimals: int
    statistic: Statistic

    @property
    def half(self) -> float:
        """Half a unit of the last printed place: what rounding hides."""
        return 0.5 * 10.0**-self.decimals

    @property
    def bounds(self) -> tuple[float, float]:
        """Where the unrounded number may lie."""
        return self.value - self.half, self.value + self.half


def _counts(statistic: Statistic) -> bool:
    """Whether only the number of people decides it."""
    return statistic.kind == "people" or isinstance(statistic.measure, frozenset)


def puzzle_of(targets: list[Target], moves: Moves) -> Puzzle:
    """The puzzle of moving people until every target is met."""
    figures = Figures([target.statistic for target in targets])
    middle = np.array([target.value for target in targets])
    room = INSIDE * np.array([target.half for target in targets])
    weight = np.array([WHOLE_PEOPLE if _counts(target.statistic) else 1.0 for target in targets])
    ends = middle - room, middle + room
    return Puzzle(figures.features, figures.cells, *ends, moves.step, moves.swap, weight=weight)
