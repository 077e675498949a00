"""Changes that a search may try: steps of one person, exchanges of a column, points given to somebody else."""

from dataclasses import dataclass

import numpy as np

# Most steps of a number's grain that one change makes; small ones are tried as often as large ones.
STEPS = np.array([1, 1, 1, 2, 2, 3, 5, 8])
TWICE = 1 / 3
# Share of steps of a number that lead anywhere in its range: from nought to much and back.
ANYWHERE = 0.2


@dataclass(frozen=True)
class Column:
    """What a column of the people may hold: whole multiples of `grain` from `low` to `high`.

    is_code: its numbers stand for codes, so that a step leads to any other; else to one near by.
    """

    low: float
    high: float
    grain: float = 1.0
    is_code: bool = False

    @property
    def levels(self) -> np.ndarray:
        """Every value that it may hold."""
        return self.low + self.grain * np.arange(round((self.high - self.low) / self.grain) + 1)

    def stepped(self, now: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """New values; the old ones where a step would lead out of the range."""
        if self.is_code:
            return rng.choice(self.levels, size=len(now))
        new = now + self.grain * rng.choice(STEPS, size=len(now)) * rng.choice([-1, 1], size=len(now))
        new = np.where((new >= self.low - 1e-9) & (new <= self.high + 1e-9), new, now)
        return np.where(rng.random(len(now)) < ANYWHERE, rng.choice(self.levels, size=len(now)), new)


@dataclass(frozen=True)
class Moves:
    """Changes of the movable columns; `strata` says with whom each person may exchange: only within one."""

    columns: dict[int, Column]
    strata: np.ndarray

    def step(self, rng: np.random.Generator, values: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
        """People, and their values after a step in one column, for one in three in two.

        Two belong together where a yes or no tells whether a number counts.
        """
        rows, new = self._some(rng, values, size)
        for part in (np.arange(size), np.flatnonzero(rng.random(size) < TWICE)):
            for column, own in self._each(rng, len(part)):
                new[part[own], column] = self.columns[column].stepped(new[part[own], column], rng)
        return rows, new

    def swap(self, rng: np.random.Generator, values: np.ndarray, size: int) -> tuple[tuple, tuple]:
        """Pairs of one stratum: half exchange a column, half give each other a step of a number and keep its sum."""
        first, new_first = self._some(rng, values, size)
        second = self._partners(rng, first)
        new_second = values[second].copy()
        giving = rng.random(size) < 0.5
        for column, own in self._each(rng, size):
            a, b = new_first[own, column].copy(), new_second[own, column].copy()
            given, taken = self._given(column, a, b, rng)
            gives = giving[own] & (not self.columns[column].is_code)
            new_first[own, column] = np.where(gives, given, b)
            new_second[own, column] = np.where(gives, taken, a)
        alone = first == second
        new_second[alone] = new_first[alone] = values[first[alone]]
        return (first, new_first), (second, new_second)

    def _some(self, rng: np.random.Generator, values: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
        rows = rng.integers(len(values), size=size)
        return rows, values[rows].copy()

    def _each(self, rng: np.random.Generator, size: int) -> list[tuple[int, np.ndarray]]:
        """Every movable column with the numbers of the changes that fall to it."""
        drawn = rng.integers(len(self.columns), size=size)
        return [(column, np.flatnonzero(drawn == place)) for place, column in enumerate(self.columns)]

    def _partners(self, rng: np.random.Generator, first: np.ndarray) -> np.ndarray:
        """For each person another of the same stratum, or the person again where it has no other."""
        order = np.argsort(self.strata, kind="stable")
        starts = np.searchsorted(self.strata[order], self.strata[first], side="left")
        ends = np.searchsorted(self.strata[order], self.strata[first], side="right")
        return order[starts + (rng.random(len(first)) * (ends - starts)).astype(int)]

    def _given(self, column: int, a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> tuple:
        """The first gives the second some steps, if both stay in range."""
        spec = self.columns[column]
        points = spec.grain * rng.choice(STEPS, size=len(a))
        able = (a - points >= spec.low - 1e-9) & (b + points <= spec.high + 1e-9)
        return np.where(able, a - points, a), np.where(able, b + points, b)
