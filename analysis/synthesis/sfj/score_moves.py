"""Exchanges between people that leave sums of scores as they are, as the search proposes them."""

import numpy as np

from .families import Family
from .health_states import step_state
from .score_goals import Goals
from .score_search import Proposals, Propose
from .score_sums import Roles

# Points that one person gives another.
GIFTS = {
    "hads": (1, 1, 1, 2, 2, 3),
    "shc": (1, 1, 2, 3, 5),
    "health_ladder": (5, 5, 5, 10, 10),
    "fatigue": (1, 1, 2, 3),
}
SHARE_OF_GIFTS = 0.35
NEW_GRAIN = 0.01  # share of gifts on the health ladder that need not keep to fives and tens
WAVES = 3


def keeping_sums(goals: Goals, roles: Roles) -> Propose:
    """Proposals for scores of whole points, each about two people who count for the same sums.

    They exchange an answer, or all answers of one wave, or one gives the other some points.
    """
    family = goals.family
    single = [members for members in roles.members if len(members) > 1]
    whole_waves = _same_waves(roles, len(family.members)) if len(family.members) > 1 else []
    chance = np.array([len(members) for members in single], dtype=float)

    def propose(rng: np.random.Generator, values: np.ndarray, size: int) -> Proposals:
        gifts = int(size * SHARE_OF_GIFTS)
        waves = (size - gifts) // 2 if whole_waves else 0
        parts = [_gifts(rng, values, single, chance, gifts, family)]
        parts.append(_exchanges(rng, values, single, chance, size - gifts - waves, 1))
        if waves:
            counts = np.array([len(members) for members in whole_waves], dtype=float)
            parts.append(_exchanges(rng, values, whole_waves, counts, waves, len(family.members)))
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    return propose


def _same_waves(roles: Roles, scores: int) -> list[np.ndarray]:
    """Groups of (person, first column of a wave) whose scores of the wave have the same roles, in whole points."""
    groups = []
    for wave in range(WAVES):
        own = wave + WAVES * np.arange(scores)
        fit = np.flatnonzero((roles.role[:, own] >= 0).all(axis=1) & ~roles.single[:, own].any(axis=1))
        kinds = np.unique(roles.role[np.ix_(fit, own)], axis=0, return_inverse=True)[1]
        for kind in range(kinds.max(initial=-1) + 1):
            people = fit[kinds == kind]
            if len(people) > 1:
                groups.append(np.column_stack([people, np.full(len(people), wave)]))
    return groups


def _pairs(rng: np.random.Generator, groups: list, chance: np.ndarray, size: int) -> tuple[np.ndarray, ...]:
    """Two different people of one group each, and the answer column of the group."""
    which = rng.choice(len(groups), size=size, p=chance / chance.sum())
    lengths = np.array([len(group) for group in groups])[which]
    first = (rng.random(size) * lengths).astype(int)
    second = (first + 1 + (rng.random(size) * (lengths - 1)).astype(int)) % lengths
    members = [groups[place] for place in which]
    found = zip(members, first, second, strict=True)
    pairs = np.array([(group[one, 0], group[other, 0], group[one, 1]) for group, one, other in found])
    return tuple(pairs.reshape(size, 3).T)


def _gifts(rng, values, groups, chance, size: int, family: Family) -> Proposals:
    first, second, column = _pairs(rng, groups, chance, size)
    gift = rng.choice(GIFTS[family.block], size=size)
    at = np.arange(size)
    new_first, new_second = values[first].copy(), values[second].copy()
    if family.grain > 1:
        # People who answer on fives or tens keep to them.
        odd = (new_first[at, column] % family.grain != 0) & (new_second[at, column] % family.grain != 0)
        gift = np.where(odd | (rng.random(size) < NEW_GRAIN), rng.integers(1, family.grain, size), gift)
    more, less = new_first[at, column] + gift, new_second[at, column] - gift
    fine = (more <= family.tops[column]) & (less >= 0)
    new_first[at, column] = np.where(fine, more, new_first[at, column])
    new_second[at, column] = np.where(fine, less, new_second[at, column])
    return first, second, new_first, new_second


def _exchanges(rng, values, groups, chance, size: int, scores: int) -> Proposals:
    first, second, column = _pairs(rng, groups, chance, size)
    at, own = np.arange(size)[:, None], column[:, None] + WAVES * np.arange(scores)
    new_first, new_second = values[first].copy(), values[second].copy()
    new_first[at, own], new_second[at, own] = values[second[:, None], own], values[first[:, None], own]
    return first, second, new_first, new_second


def changing_states(goals: Goals) -> Propose:
    """Proposals for EQ-5D.

    One or two people move a step in one dimension, or two of one arm and response group exchange the states of a wave.
    """
    panel = goals.panel
    known = np.argwhere(panel.valid)
    kind = 2 * panel.control + panel.responder
    groups = [known[(kind[known[:, 0]] == code) & (known[:, 1] == wave)] for code in range(4) for wave in range(WAVES)]
    groups = [group for group in groups if len(group) > 1]
    chance = np.array([len(group) for group in groups], dtype=float)

    def propose(rng: np.random.Generator, values: np.ndarray, size: int) -> Proposals:
        parts = [_exchanges(rng, values, groups, chance, size // 10, 1), _steps(rng, values, known, size - size // 10)]
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    return propose


def _steps(rng: np.random.Generator, values: np.ndarray, known: np.ndarray, size: int) -> Proposals:
    """A step of one person's state, and for every other proposal a step of another person's too."""
    first, second = known[rng.integers(len(known), size=size)], known[rng.integers(len(known), size=size)]
    changed = []
    for answers, moves in ((first, np.ones(size, dtype=bool)), (second, np.arange(size) % 2 == 0)):
        new, at = values[answers[:, 0]].copy(), np.arange(size)
        now = new[at, answers[:, 1]].astype(int)
        moves = moves & (first[:, 0] != second[:, 0]) if answers is second else moves
        new[at, answers[:, 1]] = np.where(moves, step_state(now, rng), now)
        changed.append(new)
    return first[:, 0], second[:, 0], *changed
