"""Exchanges between people until every printed cell lies inside its rounding interval."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .score_goals import INSIDE, Goals

# Two people of each proposal, and the answers they would have: (first, second, answers of the first, of the second).
Proposals = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Propose = Callable[[np.random.Generator, np.ndarray, int], Proposals]
BATCH, PAIRS, ROUNDS, WALKS = 500, 4000, 400, 12
# Tolerance for changes for the worse, at the start of a walk and at its end: the first walk hardly has any.
COOL, WARM = (1e-3, 1e-6), (0.05, 1e-5)
# The search aims a little further inside than it must get.
AIM = 0.95
NEW_SLOPES = 150  # accepted changes until the slopes are taken anew
HARDER = 1.5  # how much more a cell counts in the next walk when this one missed it


@dataclass
class _Walk:
    """Where a walk stands: answers, their sums, the misses, and how the misses move with the sums."""

    goals: Goals
    values: np.ndarray
    scale: np.ndarray
    accepted: int = 0

    def __post_init__(self) -> None:
        self.values = self.values.copy()
        self.sums = self.goals.sums_of(np.arange(len(self.values)), self.values).sum(axis=0)
        self._look()

    def _look(self) -> None:
        self.misses = self.goals.misses(self.sums[None])[0]
        if self.accepted % NEW_SLOPES == 0:
            self.slopes = self.goals.slopes(self.sums, self.scale).T

    def changes(self, found: Proposals) -> np.ndarray:
        first, second, new_first, new_second = found
        rows = np.concatenate([first, second])
        new = np.concatenate([new_first, new_second])
        change = self.goals.sums_of(rows, new) - self.goals.sums_of(rows, self.values[rows])
        return change[: len(first)] + change[len(first) :]

    def take(self, found: Proposals, chosen: int, change: np.ndarray) -> None:
        first, second, new_first, new_second = found
        self.values[first[chosen]], self.values[second[chosen]] = new_first[chosen], new_second[chosen]
        self.sums = self.sums + change
        self.accepted += 1
        self._look()


def outside(misses: np.ndarray) -> np.ndarray:
    """Which cells lie outside their rounding intervals, the very edges counted as outside."""
    return np.abs(misses) > INSIDE


def search(
    goals: Goals, propose: Propose, values: np.ndarray, rng: np.random.Generator, walks: int = WALKS
) -> tuple[np.ndarray, np.ndarray]:
    """The answers when every cell lies inside, or the best ones met; and their misses.

    Walks of ever smaller tolerance for changes for the worse; every new walk starts from the best answers so far and
    gives more weight to what the last one missed.
    """
    scale = np.sqrt((goals.sums_of(np.arange(len(values)), values) ** 2).sum(axis=0)) + 1e-6
    weight = np.ones(len(goals.keys))
    best, fewest = values, np.inf
    for number, generator in enumerate(rng.spawn(walks)):
        walk = _Walk(goals, best, scale)
        _anneal(walk, propose, weight, WARM if number else COOL, generator)
        missed = outside(walk.misses)
        if missed.sum() <= fewest:
            best, fewest = walk.values, missed.sum()
        if not fewest:
            break
        weight = weight * np.where(missed, HARDER, 1.0)
    sums = goals.sums_of(np.arange(len(best)), best).sum(axis=0)
    return best, goals.misses(sums[None])[0]


def _anneal(
    walk: _Walk, propose: Propose, weight: np.ndarray, heats: tuple[float, float], rng: np.random.Generator
) -> None:
    cost = _cost(walk.misses, weight)
    for heat in np.geomspace(*heats, ROUNDS):
        if not outside(walk.misses).any():
            return
        found = propose(rng, walk.values, BATCH)
        change = walk.changes(found)
        chosen, expected = _best(walk, found, change, weight, rng)
        if expected < cost + heat * rng.exponential():
            for place in chosen:
                walk.take(found, place, change[place])
            cost = _cost(walk.misses, weight)


def _best(
    walk: _Walk, found: Proposals, change: np.ndarray, weight: np.ndarray, rng: np.random.Generator
) -> tuple[list[int], float]:
    """The best of the proposals and of random pairs of them that concern four people, and the cost it would leave."""
    moves = np.flatnonzero(change.any(axis=1))
    if not len(moves):
        return [], np.inf
    effect = change[moves] @ walk.slopes
    pairs = rng.integers(len(moves), size=(PAIRS, 2))
    people = np.column_stack([found[0], found[1]])[moves]
    apart = (people[pairs[:, 0], :, None] != people[pairs[:, 1], None, :]).all(axis=(1, 2))
    pairs = np.vstack([np.column_stack([np.arange(len(moves)), np.full(len(moves), -1)]), pairs[apart]])
    both = effect[pairs[:, 0]] + np.where(pairs[:, 1:] >= 0, effect[pairs[:, 1]], 0.0)
    costs = _cost(walk.misses + both, weight)
    best = int(np.argmin(costs))
    return [int(moves[place]) for place in pairs[best] if place >= 0], float(costs[best])


def _cost(misses: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(misses) - AIM, 0) ** 2 @ weight
