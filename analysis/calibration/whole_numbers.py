"""Whole people: integer tables with given margins, and their assignment to persons."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from .programmes import cheapest_whole

Margin = tuple[Mapping[str, str], int]


def table_cells(axes: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """All combinations of the axes' values, one row a cell."""
    return pd.DataFrame(list(product(*axes.values())), columns=list(axes))


def integer_table(cells: pd.DataFrame, expected: np.ndarray, margins: Sequence[Margin]) -> np.ndarray:
    """Whole numbers of people per cell that meet every margin and stay close to what is expected.

    `cells` is one row a cell; each margin is (column values that select cells, total). Minimises
    Σ |count − expected| / √(expected + 1) as a mixed-integer programme. Raises ValueError when the margins contradict
    each other: then the print, or the reading of it, is at fault.
    """
    size = len(cells)
    selectors = np.array([_selector(cells, keys) for keys, _ in margins], dtype=float)
    totals = np.array([total for _, total in margins], dtype=float)
    weights = 1 / np.sqrt(expected + 1)
    eye = np.eye(size)
    # Variables: the counts, then how far each lies from what is expected.
    rows = [
        (np.hstack([selectors, np.zeros_like(selectors)]), totals, totals),
        (np.hstack([eye, -eye]), -np.inf, expected),
        (np.hstack([eye, eye]), expected, np.inf),
    ]
    price, whole = np.concatenate([np.zeros(size), weights]), np.repeat([1, 0], size)
    counts, _ = cheapest_whole(price, rows, 0, np.inf, whole, mip_rel_gap=1e-6, node_limit=100_000)
    if counts is None:
        raise ValueError("No whole-number table meets these margins")
    return np.rint(counts[:size]).astype(int)


def _selector(cells: pd.DataFrame, keys: Mapping[str, str]) -> np.ndarray:
    chosen = np.ones(len(cells), dtype=bool)
    for column, value in keys.items():
        chosen &= (cells[column] == value).to_numpy()
    return chosen


def independent(cells: pd.DataFrame, shares: Sequence[Mapping[str, float]], columns: Sequence[str]) -> np.ndarray:
    """The product of one-way shares, one per column of the cells."""
    weight = np.ones(len(cells))
    for column, share in zip(columns, shares, strict=True):
        weight = weight * cells[column].map(share).to_numpy(dtype=float)
    return weight


def deal(
    people: pd.DataFrame,
    by: Sequence[str],
    cells: pd.DataFrame,
    counts: np.ndarray,
    name: str,
    rng: np.random.Generator,
) -> pd.Series:
    """Deal the counted categories of column `name` to the people of each group, in random order."""
    dealt = pd.Series(index=people.index, dtype="object")
    counted = cells.assign(count=counts)
    for keys, group in people.groupby(list(by), sort=True):
        chosen = counted.loc[_selector(counted, dict(zip(by, keys, strict=True)))]
        values = np.repeat(chosen[name].to_numpy(dtype=object), chosen["count"].to_numpy())
        if len(values) != len(group):
            raise ValueError(f"{name}: {len(values)} values for {len(group)} people of {keys}")
        dealt.loc[group.index] = rng.permutation(values)
    return dealt
