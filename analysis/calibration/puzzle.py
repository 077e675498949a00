"""A puzzle: people's values, figures that are functions of sums over people, and the interval where each has to lie.

Every mean, standard deviation, test or regression coefficient is a smooth function of sums over people. Changing one
person's values changes those sums exactly, so thousands of candidate changes can be judged at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

Values = np.ndarray
Sums = np.ndarray
Moves = tuple[np.ndarray, Values]

INNER = 0.4  # share of a half interval that the search keeps clear of the edge


def excess(cells: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How far each cell lies outside its rounding interval, in half widths of that interval; zero inside."""
    half = np.maximum((high - low) / 2, 1e-12)
    return np.maximum(0.0, np.maximum(low - cells, cells - high)) / half


@dataclass(frozen=True)
class Puzzle:
    """What a search may change and what it must reach.

    features(rows, values): one row a person, the person's share of every sum. cells(sums): one row of figures for each
    row of sums; figure k has to lie between low[k] and high[k]. propose(rng, values, size): rows of people and their
    new values. swap(rng, values, size), optional: two such proposals that belong together, pair by pair, for exchanges
    between people. inner: share of a half interval to keep clear of the edges. weight: how much each figure
    counts in the search, 1 unless given.
    """

    features: Callable[[np.ndarray, Values], Sums]
    cells: Callable[[Sums], np.ndarray]
    low: np.ndarray
    high: np.ndarray
    propose: Callable[[np.random.Generator, Values, int], Moves]
    swap: Callable[[np.random.Generator, Values, int], tuple[Moves, Moves]] | None = None
    inner: float = INNER
    weight: np.ndarray = field(default_factory=lambda: np.ones(1))

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", np.broadcast_to(self.weight, self.low.shape))

    def cost(self, sums: Sums) -> np.ndarray:
        """Squared distances from the inner part of the intervals, in half widths, added up; one number a row of sums.

        Squares and the drawn-in goal keep figures off the edges, where every further change would break some of them.
        """
        half = (self.high - self.low) / 2
        gap = excess(self.cells(sums), self.low + self.inner * half, self.high - self.inner * half)
        return gap**2 @ self.weight

    def outside(self, sums: Sums) -> np.ndarray:
        """Which figures lie outside their intervals, for one row of sums."""
        return excess(self.cells(sums[None, :]), self.low, self.high)[0] > 0

    def missed(self, values: Values) -> np.ndarray:
        """Which figures lie outside their intervals."""
        return self.outside(self.sums(values))

    def sums(self, values: Values) -> Sums:
        """The sums over all people."""
        return self.features(np.arange(len(values)), values).sum(axis=0)


@dataclass(frozen=True)
class Candidates:
    """Changes to judge: change j alters person first[j] and, if not negative, person second[j]."""

    rows: np.ndarray
    new: Values
    first: np.ndarray
    second: np.ndarray
    change: Sums

    def apply(self, values: Values, chosen: np.ndarray) -> Values:
        """The values after the chosen changes."""
        values = values.copy()
        places = np.concatenate([self.first[chosen], self.second[chosen]])
        places = places[places >= 0]
        values[self.rows[places]] = self.new[places]
        return values

    def apart(self, a: int, b: int) -> bool:
        """Whether two changes concern different people."""
        own = {int(self.rows[place]) for place in (self.first[a], self.second[a]) if place >= 0}
        return own.isdisjoint(int(self.rows[place]) for place in (self.first[b], self.second[b]) if place >= 0)


def candidates(puzzle: Puzzle, values: Values, rng: np.random.Generator, size: int) -> Candidates:
    """Single changes, pairs of changes to two people, and exchanges between two people."""
    rows, new = puzzle.propose(rng, values, size)
    partner = rng.permutation(size)
    first = np.concatenate([np.arange(size), np.arange(size)])
    second = np.concatenate([np.full(size, -1), np.where(rows != rows[partner], partner, -1)])
    if puzzle.swap is not None:
        (rows_a, new_a), (rows_b, new_b) = puzzle.swap(rng, values, size)
        first = np.concatenate([first, size + np.arange(size)])
        second = np.concatenate([second, 2 * size + np.arange(size)])
        rows, new = np.concatenate([rows, rows_a, rows_b]), np.concatenate([new, new_a, new_b])
    change = puzzle.features(rows, new) - puzzle.features(rows, values[rows])
    paired = change[first] + np.where((second >= 0)[:, None], change[second], 0.0)
    return Candidates(rows, new, first, second, paired)
