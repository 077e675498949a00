"""The solver: linear programmes over many changes, greedy steps, an annealed walk, then the best pairs of changes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .puzzle import Puzzle, Values, candidates
from .relaxation import programme

Report = Callable[[str], None]
# How much more a figure counts in the next round of pairs when this one missed it.
HARDER = 4.0


def solve(
    puzzle: Puzzle,
    values: Values,
    rng: np.random.Generator,
    cycles: int = 2,
    attempts: int = 2,
    renewals: int = 4,
    report: Report = lambda line: None,
) -> tuple[Values, int]:
    """Values that meet the targets as far as found, and the number of targets that they miss.

    First linear programmes over many changes at once with greedy steps after each, then annealing, then the best pairs
    among all pairs of many changes, up to the very edges; figures still missed count for more in each renewal of that.
    `report` is told how many figures are missed after each part.
    """
    for _ in range(cycles):
        values, _ = descend(puzzle, programme(puzzle, values, rng), rng)
        report(f"linear programme: {puzzle.missed(values).sum()} of {len(puzzle.low)} missed")
    for _ in range(attempts):
        if puzzle.missed(values).any():
            values, _ = anneal(puzzle, values, rng)
            report(f"walk: {puzzle.missed(values).sum()} missed")
    return _by_pairs(puzzle, values, rng, renewals, report)


def _by_pairs(
    puzzle: Puzzle, values: Values, rng: np.random.Generator, renewals: int, report: Report
) -> tuple[Values, int]:
    """The best values met in rounds of best pairs, each of which weighs what the last one missed more."""
    best, best_count = values, int(puzzle.missed(values).sum())
    weighted = replace(puzzle, inner=0.02)
    for _ in range(renewals):
        if best_count == 0:
            break
        values = _best_pairs(weighted, values, rng)
        missed = puzzle.missed(values)
        if missed.sum() < best_count:
            best, best_count = values, int(missed.sum())
        weighted = replace(weighted, weight=weighted.weight * np.where(missed, HARDER, 1.0))
        report(f"best pairs: {best_count} missed")
    return best, best_count


def _best_pairs(puzzle: Puzzle, values: Values, rng: np.random.Generator, most: int = 60, patience: int = 5) -> Values:
    idle, cost = 0, np.inf
    for _ in range(most):
        if idle >= patience or not puzzle.missed(values).any():
            break
        values, new_cost = best_pair(puzzle, values, rng)
        idle = 0 if new_cost < cost - 1e-3 else idle + 1
        cost = new_cost
    return values


def best_pair(
    puzzle: Puzzle, values: Values, rng: np.random.Generator, size: int = 350, checked: int = 60
) -> tuple[Values, float]:
    """Values after the best pair among all pairs of three times `size` candidate changes, if it helps; and the cost.

    Effects of two changes are added to rank the pairs; the best ones are then judged exactly.
    """
    sums = puzzle.sums(values)
    cost = float(puzzle.cost(sums[None, :])[0])
    found = candidates(puzzle, values, rng, size)
    now, half = puzzle.cells(sums[None, :])[0], (puzzle.high - puzzle.low) / 2
    effect = ((puzzle.cells(sums + found.change) - now) / half).astype(np.float32)
    low = ((puzzle.low - now) / half + puzzle.inner).astype(np.float32)
    high = ((puzzle.high - now) / half - puzzle.inner).astype(np.float32)
    # Changes that do harm out of all proportion are no part of a good pair.
    weight = puzzle.weight.astype(np.float32)
    kept = np.argsort(_gap(effect, low, high, weight))[: 2 * size]
    ranked = np.array([_gap(effect[place] + effect[kept], low, high, weight) for place in kept])
    order = np.argsort(ranked, axis=None)[: 6 * checked]
    pairs = kept[np.column_stack(np.unravel_index(order, ranked.shape))]
    pairs = pairs[[found.apart(a, b) for a, b in pairs]][:checked]
    if not len(pairs):
        return values, cost
    costs = puzzle.cost(sums + found.change[pairs[:, 0]] + found.change[pairs[:, 1]])
    best = int(np.argmin(costs))
    return (found.apply(values, pairs[best]), float(costs[best])) if costs[best] < cost else (values, cost)


def _gap(cells: np.ndarray, low: np.ndarray, high: np.ndarray, weight: np.ndarray) -> np.ndarray:
    beyond = np.maximum(low - cells, 0) + np.maximum(cells - high, 0)
    return np.square(beyond) @ weight


def drawn(costs: np.ndarray, heat: float, rng: np.random.Generator) -> int:
    """The number of one of the changes, drawn with probability proportional to exp(−cost / heat)."""
    weights = np.exp(-(costs - costs.min()) / heat)
    return int(rng.choice(len(costs), p=weights / weights.sum()))


def anneal(
    puzzle: Puzzle,
    values: Values,
    rng: np.random.Generator,
    rounds: int = 1500,
    size: int = 60,
    heat: tuple[float, float] = (1.5, 0.03),
) -> tuple[Values, float]:
    """The best values met on a walk that prefers changes for the better, ever more strictly.

    Each round draws one of 3 × `size` candidate changes, the better the likelier (`drawn`).
    """
    sums = puzzle.sums(values)
    best, best_cost, cost = values, float(puzzle.cost(sums[None, :])[0]), np.inf
    for temperature in np.geomspace(*heat, rounds):
        found = candidates(puzzle, values, rng, size)
        costs = puzzle.cost(sums + found.change)
        chosen = drawn(costs, temperature, rng)
        values, sums, cost = found.apply(values, np.array([chosen])), sums + found.change[chosen], float(costs[chosen])
        if cost < best_cost:
            best, best_cost = values, cost
        if not puzzle.outside(sums).any():
            return values, cost
    return best, best_cost


def descend(
    puzzle: Puzzle, values: Values, rng: np.random.Generator, rounds: int = 1500, size: int = 120, patience: int = 40
) -> tuple[Values, float]:
    """Make the best of some hundred random changes as long as one lowers the cost within `patience` rounds."""
    sums = puzzle.sums(values)
    cost, idle = float(puzzle.cost(sums[None, :])[0]), 0
    for _ in range(rounds):
        if idle >= patience or not puzzle.outside(sums).any():
            break
        found = candidates(puzzle, values, rng, size)
        costs = puzzle.cost(sums + found.change)
        best = int(np.argmin(costs))
        idle = idle + 1 if costs[best] >= cost - 1e-9 else 0
        if idle == 0:
            values = found.apply(values, np.array([best]))
            sums, cost = sums + found.change[best], float(costs[best])
    return values, cost
