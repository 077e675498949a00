"""Small moves on people's answers until the printed figures hold.

Every printed mean, standard deviation or regression coefficient is a smooth function of sums over people. Changing one
person's answers changes those sums exactly, so thousands of candidate changes can be judged at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Values = np.ndarray
Sums = np.ndarray


@dataclass(frozen=True)
class Puzzle:
    """What a search may change and what it must reach.

    features(rows, values): one row a person, the person's share of every sum. cost(sums): one number for each row of
    sums, zero when every target holds. propose(rng, values, size): rows of people and their new values, `size` of each.
    """

    features: Callable[[np.ndarray, Values], Sums]
    cost: Callable[[Sums], np.ndarray]
    propose: Callable[[np.random.Generator, Values, int], tuple[np.ndarray, Values]]


def solve(
    puzzle: Puzzle, values: Values, rng: np.random.Generator, rounds: int = 2000, size: int = 200, patience: int = 300
) -> tuple[Values, float]:
    """Values after at most `rounds` improving moves, and the cost that remains.

    Each round judges `size` single changes and as many pairs of changes to two different people, and makes the best one
    if it lowers the cost. Stops when the cost is zero or after `patience` rounds without an improvement.
    """
    values = values.copy()
    sums = puzzle.features(np.arange(len(values)), values).sum(axis=0)
    cost = float(puzzle.cost(sums[None, :])[0])
    idle = 0
    for _ in range(rounds):
        if cost <= 0 or idle >= patience:
            break
        rows, new = puzzle.propose(rng, values, size)
        change = puzzle.features(rows, new) - puzzle.features(rows, values[rows])
        partner = rng.permutation(size)
        apart = rows != rows[partner]
        candidates = np.vstack([sums + change, sums + change + np.where(apart[:, None], change[partner], 0.0)])
        costs = puzzle.cost(candidates)
        best = int(np.argmin(costs))
        if costs[best] >= cost - 1e-9:
            idle += 1
            continue
        idle = 0
        chosen = [best] if best < size else [best - size, int(partner[best - size])]
        chosen = chosen if len(chosen) == 1 or apart[chosen[0]] else chosen[:1]
        values[rows[chosen]] = new[chosen]
        sums, cost = candidates[best], float(costs[best])
    return values, cost


def excess(cells: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How far each cell lies outside its rounding interval, in half widths of that interval; zero inside."""
    half = np.maximum((high - low) / 2, 1e-12)
    return np.maximum(0.0, np.maximum(low - cells, cells - high)) / half
