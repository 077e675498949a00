"""Small moves on people's answers until the printed figures hold.

Every printed mean, standard deviation or regression coefficient is a smooth function of sums over people. Changing one
person's answers changes those sums exactly, so thousands of candidate changes can be judged at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

Values = np.ndarray
Sums = np.ndarray
Moves = tuple[np.ndarray, Values]


INNER = 0.4  # share of a half interval that the search keeps clear of the edge


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
class _Candidates:
    """Changes to judge: change j alters person first[j] and, if not negative, person second[j]."""

    rows: np.ndarray
    new: Values
    first: np.ndarray
    second: np.ndarray
    change: Sums

    def apply(self, values: Values, chosen: np.ndarray) -> Values:
        values = values.copy()
        places = np.concatenate([self.first[chosen], self.second[chosen]])
        places = places[places >= 0]
        values[self.rows[places]] = self.new[places]
        return values


def excess(cells: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How far each cell lies outside its rounding interval, in half widths of that interval; zero inside."""
    half = np.maximum((high - low) / 2, 1e-12)
    return np.maximum(0.0, np.maximum(low - cells, cells - high)) / half


def solve(
    puzzle: Puzzle, values: Values, rng: np.random.Generator, cycles: int = 2, attempts: int = 2, renewals: int = 4
) -> tuple[Values, int]:
    """Values that meet the targets as far as found, and the number of targets that they miss.

    First linear programmes over many changes at once with greedy steps after each, then annealing, then the best pairs
    among all pairs of many changes, up to the very edges; figures still missed count for more in each renewal of that.
    """
    for _ in range(cycles):
        values, _ = descend(puzzle, programme(puzzle, values, rng), rng)
    for _ in range(attempts):
        if puzzle.missed(values).any():
            values, _ = anneal(puzzle, values, rng)
    best, best_count = values, int(puzzle.missed(values).sum())
    weighted = replace(puzzle, inner=0.02)
    for _ in range(renewals):
        if best_count == 0:
            break
        values = _best_pairs(weighted, values, rng)
        missed = puzzle.missed(values)
        if missed.sum() < best_count:
            best, best_count = values, int(missed.sum())
        weighted = replace(weighted, weight=weighted.weight * np.where(missed, 4.0, 1.0))
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
    found = _candidates(puzzle, values, rng, size)
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
    pairs = pairs[[_apart(found, a, b) for a, b in pairs]][:checked]
    if not len(pairs):
        return values, cost
    costs = puzzle.cost(sums + found.change[pairs[:, 0]] + found.change[pairs[:, 1]])
    best = int(np.argmin(costs))
    return (found.apply(values, pairs[best]), float(costs[best])) if costs[best] < cost else (values, cost)


def _gap(cells: np.ndarray, low: np.ndarray, high: np.ndarray, weight: np.ndarray) -> np.ndarray:
    beyond = np.maximum(low - cells, 0) + np.maximum(cells - high, 0)
    return np.square(beyond) @ weight


def _apart(found: _Candidates, a: int, b: int) -> bool:
    """Whether two candidate changes concern different people."""
    own = {int(found.rows[place]) for place in (found.first[a], found.second[a]) if place >= 0}
    return own.isdisjoint(int(found.rows[place]) for place in (found.first[b], found.second[b]) if place >= 0)


def anneal(
    puzzle: Puzzle,
    values: Values,
    rng: np.random.Generator,
    rounds: int = 1500,
    size: int = 60,
    heat: tuple[float, float] = (1.5, 0.03),
) -> tuple[Values, float]:
    """The best values met on a walk that prefers changes for the better, ever more strictly.

    Each round draws one of 3 × `size` candidate changes with probability proportional to exp(−change of cost / heat).
    """
    sums = puzzle.sums(values)
    best, best_cost, cost = values, float(puzzle.cost(sums[None, :])[0]), np.inf
    for temperature in np.geomspace(*heat, rounds):
        found = _candidates(puzzle, values, rng, size)
        costs = puzzle.cost(sums + found.change)
        weight = np.exp(-(costs - costs.min()) / temperature)
        chosen = int(rng.choice(len(costs), p=weight / weight.sum()))
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
        found = _candidates(puzzle, values, rng, size)
        costs = puzzle.cost(sums + found.change)
        best = int(np.argmin(costs))
        idle = idle + 1 if costs[best] >= cost - 1e-9 else 0
        if idle == 0:
            values = found.apply(values, np.array([best]))
            sums, cost = sums + found.change[best], float(costs[best])
    return values, cost


def _candidates(puzzle: Puzzle, values: Values, rng: np.random.Generator, size: int) -> _Candidates:
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
    return _Candidates(rows, new, first, second, paired)


def programme(puzzle: Puzzle, values: Values, rng: np.random.Generator, size: int = 900, margin: float = 0.3) -> Values:
    """Values after the best set of candidate changes, by a linear programme over their effects, rounded.

    Minimises the distances from the rounding intervals, drawn in by `margin` of their width, with each person in at
    most one change. The programme is linear because a small change moves every figure almost in proportion; its few
    fractional answers are rounded at random, and the best of many roundings is kept.
    """
    sums = puzzle.sums(values)
    found = _candidates(puzzle, values, rng, size)
    now = puzzle.cells(sums[None, :])[0]
    effect = puzzle.cells(sums + found.change) - now
    half = (puzzle.high - puzzle.low) / 2
    share = _relaxed(
        found, effect / half, (puzzle.low - now) / half + margin, (puzzle.high - now) / half - margin, len(values)
    )
    return _rounded(puzzle, values, sums, found, share, rng)


def _relaxed(found: _Candidates, effect: np.ndarray, low: np.ndarray, high: np.ndarray, people: int) -> np.ndarray:
    moves, cells = effect.shape
    matrix = sparse.csr_matrix(effect.T)
    slack = sparse.identity(cells, format="csr")
    places = np.concatenate([found.first, np.where(found.second >= 0, found.second, found.first)])
    once = sparse.csr_matrix(
        (np.ones(2 * moves), (found.rows[places], np.tile(np.arange(moves), 2))), shape=(people, moves)
    )
    once.data[:] = 1.0
    bounds = sparse.vstack([
        sparse.hstack([matrix, -slack]),
        sparse.hstack([-matrix, -slack]),
        sparse.hstack([once, sparse.csr_matrix((people, cells))]),
    ])  # fmt: skip
    limit = np.concatenate([high, -low, np.ones(people)])
    price = np.concatenate([np.full(moves, 1e-3), np.ones(cells)])
    upper = [(0, 1)] * moves + [(0, None)] * cells
    result = linprog(price, A_ub=bounds.tocsr(), b_ub=limit, bounds=upper, method="highs-ds")
    return np.clip(result.x[:moves], 0, 1) if result.x is not None else np.zeros(moves)


def _rounded(
    puzzle: Puzzle, values: Values, sums: Sums, found: _Candidates, share: np.ndarray, rng: np.random.Generator
) -> Values:
    options = rng.random((400, len(share))) < share
    owners = np.where(found.second >= 0, found.rows[found.second], -1)
    options = _one_change_each(options, found.rows[found.first], owners)
    costs = puzzle.cost(sums + options @ found.change)
    return found.apply(values, np.flatnonzero(options[int(np.argmin(costs))]))


def _one_change_each(options: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Drop from each rounding the changes that touch a person already changed."""
    options = options.copy()
    for option in options:
        taken: set[int] = set()
        for place in np.flatnonzero(option):
            people = {int(first[place]), int(second[place])} - {-1}
            if people & taken:
                option[place] = False
            taken |= people
    return options
