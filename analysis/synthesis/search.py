"""Small moves on people's answers until the printed figures hold.

Every printed mean, standard deviation or regression coefficient is a smooth function of sums over people. Changing one
person's answers changes those sums exactly, so thousands of candidate changes can be judged at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Values = np.ndarray
Sums = np.ndarray
Moves = tuple[np.ndarray, Values]


@dataclass(frozen=True)
class Puzzle:
    """What a search may change and what it must reach.

    features(rows, values): one row a person, the person's share of every sum. cost(sums): one number for each row of
    sums, zero when every target holds. propose(rng, values, size): rows of people and their new values. swap(rng,
    values, size), optional: two such proposals that belong together, pair by pair, for exchanges between people.
    """

    features: Callable[[np.ndarray, Values], Sums]
    cost: Callable[[Sums], np.ndarray]
    propose: Callable[[np.random.Generator, Values, int], Moves]
    swap: Callable[[np.random.Generator, Values, int], tuple[Moves, Moves]] | None = None


def solve(
    puzzle: Puzzle, values: Values, rng: np.random.Generator, rounds: int = 2000, size: int = 150, patience: int = 300
) -> tuple[Values, float]:
    """Values after at most `rounds` improving moves, and the cost that remains.

    Each round judges `size` single changes, as many pairs of changes to two different people and as many exchanges, and
    makes the best one if it lowers the cost. Stops at cost zero or after `patience` rounds without an improvement.
    """
    values = values.copy()
    sums = puzzle.features(np.arange(len(values)), values).sum(axis=0)
    cost = float(puzzle.cost(sums[None, :])[0])
    idle = 0
    for _ in range(rounds):
        if cost <= 0 or idle >= patience:
            break
        candidates, moves = _candidates(puzzle, values, sums, rng, size)
        costs = puzzle.cost(candidates)
        best = int(np.argmin(costs))
        if costs[best] >= cost - 1e-9:
            idle += 1
            continue
        idle = 0
        for row, new in moves(best):
            values[row] = new
        sums, cost = candidates[best], float(costs[best])
    return values, cost


def _candidates(puzzle: Puzzle, values: Values, sums: Sums, rng: np.random.Generator, size: int):
    """Sums after each candidate change, and a function that lists the (row, new values) of candidate k."""
    rows, new = puzzle.propose(rng, values, size)
    partner = rng.permutation(size)
    first, second = np.arange(size), np.where(rows != rows[partner], partner, -1)
    if puzzle.swap is not None:
        (rows_a, new_a), (rows_b, new_b) = puzzle.swap(rng, values, size)
        count = len(rows)
        rows, new = np.concatenate([rows, rows_a, rows_b]), np.concatenate([new, new_a, new_b])
        first = np.concatenate([first, count + np.arange(len(rows_a))])
        second = np.concatenate([second, np.where(rows_a != rows_b, count + len(rows_a) + np.arange(len(rows_b)), -1)])
    change = puzzle.features(rows, new) - puzzle.features(rows, values[rows])
    paired = change[first] + np.where((second >= 0)[:, None], change[second], 0.0)

    def moves(k: int) -> list[tuple[int, np.ndarray]]:
        chosen = [k] if k < size else [int(i) for i in (first[k - size], second[k - size]) if i >= 0]
        return [(int(rows[i]), new[i]) for i in chosen]

    return np.vstack([sums + change[:size], sums + paired]), moves


def excess(cells: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How far each cell lies outside its rounding interval, in half widths of that interval; zero inside."""
    half = np.maximum((high - low) / 2, 1e-12)
    return np.maximum(0.0, np.maximum(low - cells, cells - high)) / half
