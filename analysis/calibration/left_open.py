"""What the printed numbers leave open: other people for whom all of them hold, too, and in what these differ.

One set of invented people is one of many worlds that fit a report. What the report does not print may be an accident of
the search, or all but decided by what it prints: many worlds tell the two apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from . import statistics as st
from .declaration import Declaration, Measured
from .declared import Reading, Sought, measured_of, people_for
from .puzzle import Candidates, Puzzle, Values, candidates
from .targets import puzzle_of

ADDRESS = ["source", "row", "column", "statistic"]
RANGES = [*ADDRESS, "here", "lowest", "highest", "worlds", "is_settled"]
# A correlation has an address like that of a printed number.
CORRELATION = "correlation"
# What a table could have printed of a row: of an event or of a number, in one group and in two that are compared.
OF_ONE, OF_TWO = (("pct",), ("mean", "sd")), (("pct", "p"), ("difference", "p"))
LEVEL = 0.05  # of a p-value
ROUNDS, SIZE = 500, 200
# A figure may come this much further from its interval, in widths of it: sums of many steps are not exact.
DRIFT = 1e-6


@dataclass(frozen=True)
class World:
    """People for whom the printed numbers hold that hold for the people found: what else they give, by address; and the
    share of their values, of those that may change, that are others."""

    number: int
    values: dict[str, float]
    changed: float


def walked(puzzle: Puzzle, values: Values, rng: np.random.Generator, rounds: int = ROUNDS, size: int = SIZE) -> Values:
    """Values at the end of a long random walk on which every figure stays in its interval.

    A figure that is outside at the start comes no further from it. Each round draws many changes and makes, in an order
    drawn by lot, all that come before the first which would break a figure.
    """
    sums = puzzle.sums(values)
    now, drift = puzzle.cells(sums[None, :])[0], DRIFT * (puzzle.high - puzzle.low)
    low, high = np.minimum(puzzle.low, now) - drift, np.maximum(puzzle.high, now) + drift

    def holds(paths: np.ndarray) -> np.ndarray:
        cells = puzzle.cells(paths)
        return ((cells >= low) & (cells <= high)).all(axis=1)

    for _ in range(rounds):
        found = candidates(puzzle, values, rng, size)
        order = _apart(found, rng.permutation(np.flatnonzero(holds(sums + found.change))))
        if not len(order):
            continue
        path = sums + found.change[order].cumsum(axis=0)
        inside = holds(path)
        steps = len(order) if inside.all() else int(np.argmin(inside))
        if steps:
            values, sums = found.apply(values, order[:steps]), path[steps - 1]
    return values


def _apart(found: Candidates, changes: np.ndarray) -> np.ndarray:
    """Of the changes, in their order, those that concern nobody whom one before them does."""
    taken, kept = set(), []
    for change in changes:
        own = {int(found.rows[place]) for place in (found.first[change], found.second[change]) if place >= 0}
        if taken.isdisjoint(own):
            taken |= own
            kept.append(change)
    return np.array(kept, dtype=np.int64)


def correlation(who: st.Who, first: int, second: int) -> st.Statistic:
    """Pearson's correlation of two columns among the people who have a value in both; nought where one is constant."""
    group = st.known(who, first, second)
    products = ((), (first,), (second,), (first, first), (second, second), (first, second))

    def value(n: np.ndarray, x: np.ndarray, y: np.ndarray, xx: np.ndarray, yy: np.ndarray, xy: np.ndarray):
        spread = np.maximum(n * xx - x**2, 0) * np.maximum(n * yy - y**2, 0)
        return np.where(spread > st.TINY, (n * xy - x * y) / np.sqrt(np.maximum(spread, st.TINY)), 0.0)

    return st.Statistic(tuple(st.Term(group, product) for product in products), value, CORRELATION, (group,))


def unprinted(sought: Sought) -> dict[str, st.Statistic]:
    """Address → what the declared rows and groups give, and the report neither prints nor the declaration assumes.

    Shares or means with their standard deviation by group, differences with their p-value, and correlations of any two
    numbers or yes-or-no columns among all who have both.
    """
    known = {target.address for target in sought.targets}
    found = {**dict(_of_rows(sought.reading)), **dict(_correlations(sought.reading))}
    return {address: statistic for address, statistic in found.items() if address not in known}


def _of_rows(reading: Reading) -> Iterator[tuple[str, st.Statistic]]:
    for source, rows in reading.declared.measures.items():
        for row, measure in rows.items():
            measured = measured_of(measure)
            if measured.of:  # the share of everybody is one
                for column, group in reading.declared.groups.items():
                    for name, statistic in _of_group(reading, measured, group).items():
                        yield f"{source}/{row}/{column}/{name}", statistic


def _of_group(reading: Reading, measured: Measured, group: object) -> dict[str, st.Statistic]:
    for names in OF_TWO if isinstance(group, tuple) else OF_ONE:
        found = {name: reading.statistic(measured, group, name) for name in names}
        if all(found.values()):
            return found
    return {}


def _correlations(reading: Reading) -> Iterator[tuple[str, st.Statistic]]:
    columns, place = reading.declared.columns, reading.place
    names = [name for name, column in columns.items() if len(column.values) <= 2]
    for first, second in combinations(names, 2):
        if first != columns[second].given and second != columns[first].given:  # else it is a yes for all who count
            who = frozenset(reading.given(first) | reading.given(second))
            yield f"{CORRELATION}/{first}/{second}/r", correlation(who, place[first], place[second])


def world(number: int, sought: Sought, found: Values, seed: int, rounds: int = ROUNDS) -> World:
    """The world of a number: a search of its own, and a random walk from where it leads. World 0 is the people found.

    A walk alone does not get to worlds that no small steps join: where only the size of a correlation is settled, it
    keeps its sign. A search that misses a number which the people found have gives way to a walk from these.
    Raises RuntimeError should a number that held hold no longer.
    """
    puzzle, rng = puzzle_of(sought.held, sought.moves), np.random.default_rng([seed, number])
    values = found if number == 0 else walked(puzzle, _start(puzzle, sought, found, rng), rng, rounds)
    if (puzzle.missed(values) & ~puzzle.missed(found)).any():
        raise RuntimeError("the walk has broken a printed number")
    moved = list(sought.moves.columns)
    told = {address: statistic.of(values) for address, statistic in unprinted(sought).items()}
    return World(number, told, float((values[:, moved] != found[:, moved]).mean()))


def _start(puzzle: Puzzle, sought: Sought, found: Values, rng: np.random.Generator) -> Values:
    other = people_for(sought, sought.held, rng)
    return found if (puzzle.missed(other) & ~puzzle.missed(found)).any() else other


def ranges(worlds: Sequence[World], declared: Declaration) -> pd.DataFrame:
    """One row a quantity that is not printed: its address, its value `here` (in world 0), the lowest and highest of
    all worlds, their number, and whether they all say the same (`is_settled`): of a difference or correlation its
    sign, of a p-value its side of 0.05; missing for what compares nothing."""
    compared = {name for name, group in declared.groups.items() if isinstance(group, tuple)}
    rows = []
    for address, here in worlds[0].values.items():
        source, _, column, statistic = parts = address.split("/")
        values = np.array([each.values[address] for each in worlds])
        says = column in compared or source == CORRELATION
        is_settled = _is_settled(values - (LEVEL if statistic == "p" else 0.0)) if says else None
        rows.append((*parts, here, values.min(), values.max(), len(worlds), is_settled))
    return pd.DataFrame(rows, columns=RANGES).astype({"is_settled": "boolean"})


def _is_settled(values: np.ndarray) -> bool:
    return bool((values > 0).all() or (values < 0).all())


def is_same(left_open: pd.DataFrame) -> pd.Series:
    """For each row of `ranges`, whether the number is the same in all worlds, but for what adding up in another order
    changes."""
    return left_open["highest"] - left_open["lowest"] <= DRIFT * left_open["here"].abs()
