"""Tables as grids of counts: which of their cells stand side by side, and what their margins are.

A grid has an axis for each heading that its cells stand under. What an outsider adds up are its lines, its slices (what
stands under one heading, or several) and the same of its margins, whether a table prints these or not.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

import numpy as np

from analysis.show.disclosure.sets import Rows

Key = TypeVar("Key")

NOTHING = -1  # no count is told there
_SPARSE = 4  # cells of a grid for each that is told, above which headings are no axes of their own


def gridded(cells: Mapping[Sequence[Key], int]) -> np.ndarray:
    """A grid of rows of counts by the headings of each, as many for each; in the order in which headings come first.

    Headings that hardly ever cross, such as those that number the rows of a list, are joined to one but for the last.
    """
    axes = [list(dict.fromkeys(names)) for names in zip(*cells, strict=True)]
    if len(axes) > 2 and np.prod([len(axis) for axis in axes]) > _SPARSE * len(cells):
        return gridded({(tuple(names[:-1]), names[-1]): row for names, row in cells.items()})
    grid = np.full([len(axis) for axis in axes], NOTHING)
    places = [{name: place for place, name in enumerate(axis)} for axis in axes]
    for names, row in cells.items():
        grid[tuple(place[name] for place, name in zip(places, names, strict=True))] = row
    return grid


def slices(grid: np.ndarray) -> Iterator[tuple[int, ...]]:
    """The cells of the grid, of each slice of it, and of each line, those that stand there, in their order."""
    axes = range(grid.ndim)
    for depth in axes:
        for fixed in combinations(axes, depth):
            first = np.moveaxis(grid, fixed, range(depth)).reshape(*(grid.shape[axis] for axis in fixed), -1)
            for line in first.reshape(-1, first.shape[-1]):
                yield tuple(line[line != NOTHING].tolist())


def with_margins(grid: np.ndarray, rows: Rows) -> Iterator[np.ndarray]:
    """The grid without what it tells again, then its margins, in the end the one number that is the sum of all.

    A margin that nothing tells is a count that an outsider derives, and gets a row of its own.
    """
    grid = _parts_alone(grid, rows.array())
    yield grid
    told = _told(grid, rows.array())
    for depth in range(1, grid.ndim + 1):
        for axes in combinations(range(grid.ndim), depth):
            sums = told.sum(axis=axes)
            found = [rows.row(vector) for vector in sums.reshape(-1, sums.shape[-1])]
            yield np.array([NOTHING if row is None else row for row in found]).reshape(sums.shape[:-1])


def _parts_alone(grid: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """The grid without lines that count the people of others again: the same people, or those of all together."""
    for axis in range(grid.ndim):
        across = _told(np.moveaxis(grid, axis, 0), vectors).reshape(grid.shape[axis], -1)
        _, first = np.unique(across, axis=0, return_index=True)
        again = (2 * across == across[first].sum(axis=0)).all(axis=1) & across.any(axis=1)
        grid = grid.take([place for place in sorted(first) if not again[place]], axis)
    return grid


def _told(grid: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """The vectors of a grid, along a last axis; nobody where nothing is told."""
    return np.where((grid == NOTHING)[..., None], 0, vectors[grid])
