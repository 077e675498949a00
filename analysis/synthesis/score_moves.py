"""Changes to single answers and exchanges between people, as the search proposes them."""

import numpy as np

from .families import Family
from .health_states import step_state
from .score_targets import Panel

STEPS = {
    "hads": (-4, -2, -1, -1, -1, 1, 1, 1, 2, 4),
    "shc": (-10, -5, -2, -1, -1, 1, 1, 2, 5, 10),
    "health_ladder": (-20, -10, -5, -5, -1, 1, 5, 5, 10, 20),
    "fatigue": (-4, -2, -1, -1, 1, 1, 2, 4),
}


def mover(panel: Panel, family: Family, units: np.ndarray):
    """Proposals that change one known answer of one person by a step times its unit."""
    open_answers = np.argwhere(np.tile(panel.valid, (1, len(family.members))))
    tops = family.tops

    def propose(rng: np.random.Generator, values: np.ndarray, size: int):
        rows, places = open_answers[rng.integers(len(open_answers), size=size)].T
        new, at = values[rows].copy(), np.arange(size)
        now = new[at, places]
        if family.block == "eq5d":
            new[at, places] = step_state(now.astype(int), rng)
            return rows, new
        step = rng.choice(STEPS[family.block], size=size) * units[rows, places]
        if family.block == "health_ladder":
            # People who answer on fives or tens keep to them.
            step = np.where((np.abs(step) == 1) & (now % 5 == 0), 5 * step, step)
        moved = now + step
        new[at, places] = np.where((moved >= 0) & (moved <= tops[places]), moved, now)
        return rows, new

    return propose


def exchanger(panel: Panel, family: Family, units: np.ndarray, status: np.ndarray, start: np.ndarray):
    """Proposals that concern two people at once, half of each kind.

    An exchange: two people of one arm and response group with like answers swap those of the first or last wave, which
    changes nothing but how answers go together with other things. A transfer: one person gives points of an answer to
    another of the same arm and response group, or of the same status, or both, which leaves the sums of that group.
    """
    exchange = _exchange(panel, family, units, start)
    if family.block == "eq5d":
        return exchange
    transfer = _transfer(panel, family, units, status)

    def both(rng: np.random.Generator, values: np.ndarray, size: int):
        parts = zip(exchange(rng, values, size // 2), transfer(rng, values, size - size // 2), strict=True)
        return tuple((np.concatenate([a[0], b[0]]), np.concatenate([a[1], b[1]])) for a, b in parts)

    return both


def _exchange(panel: Panel, family: Family, units: np.ndarray, start: np.ndarray):
    group = panel.control * 2 + panel.responder
    pools, columns = [], []
    for place in (0, 2):
        own = 3 * np.arange(len(family.members)) + place
        whole = (units[:, own] == 1).all(axis=1)
        for code in range(4):
            pool = np.flatnonzero((group == code) & panel.valid[:, place] & whole)
            if len(pool) > 1:
                load = sum(score[pool, place] for score in family.scores(start)[: len(own)])
                pools.append(pool[np.argsort(load, kind="stable")])
                columns.append(own)
    columns = np.array(columns)

    def swap(rng: np.random.Generator, values: np.ndarray, size: int):
        which = rng.integers(len(pools), size=size)
        pairs = np.array([_neighbours(pools[w], rng) for w in which])
        first, second = values[pairs[:, 0]].copy(), values[pairs[:, 1]].copy()
        at = np.arange(size)[:, None]
        first[at, columns[which]], second[at, columns[which]] = second[at, columns[which]], first[at, columns[which]]
        return (pairs[:, 0], first), (pairs[:, 1], second)

    return swap


def _transfer(panel: Panel, family: Family, units: np.ndarray, status: np.ndarray):
    pools, columns = _pools_of_givers(panel, family, status)
    share = np.array([len(pool) for pool in pools]) / sum(len(pool) for pool in pools)

    def give(rng: np.random.Generator, values: np.ndarray, size: int):
        which = rng.choice(len(pools), size=size, p=share)
        pairs = np.array([_two_of(pools[w], rng) for w in which])
        step = np.abs(rng.choice(STEPS[family.block], size=size))
        at, column = np.arange(size), columns[which]
        first, second = values[pairs[:, 0]].copy(), values[pairs[:, 1]].copy()
        if family.block == "health_ladder":
            on_fives = (first[at, column] % 5 == 0) | (second[at, column] % 5 == 0)
            step = np.where(on_fives & (step == 1), 5, step)
        more = first[at, column] + step * units[pairs[:, 0], column]
        less = second[at, column] - step * units[pairs[:, 1], column]
        fine = (more <= family.tops[column]) & (less >= 0)
        first[at, column] = np.where(fine, more, first[at, column])
        second[at, column] = np.where(fine, less, second[at, column])
        return (pairs[:, 0], first), (pairs[:, 1], second)

    return give


def _pools_of_givers(panel: Panel, family: Family, status: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """People who may give points to each other, and the answer column: by arm, response and status, by one or two."""
    labels = np.column_stack([panel.control, panel.responder, status.astype(str)])
    pools, columns = [], []
    for kept in ([0, 1, 2], [2], [0, 1]):
        stratum = np.unique(labels[:, kept], axis=0, return_inverse=True)[1]
        for column in range(3 * len(family.members)):
            for code in range(stratum.max() + 1):
                pool = np.flatnonzero((stratum == code) & panel.valid[:, column % 3])
                if len(pool) > 1:
                    pools.append(pool)
                    columns.append(column)
    return pools, np.array(columns)


def _neighbours(pool: np.ndarray, rng: np.random.Generator) -> tuple[int, int]:
    """Two different people who began with like answers, so that a person's scores go on going together."""
    first = int(rng.integers(len(pool)))
    reach = max(1, len(pool) // 12)
    second = first + int(rng.integers(1, reach + 1))
    return (pool[first], pool[second]) if second < len(pool) else (pool[first], pool[first - 1])


def _two_of(pool: np.ndarray, rng: np.random.Generator) -> tuple[int, int]:
    """Two different people."""
    first, gap = rng.integers(len(pool)), rng.integers(1, len(pool))
    return pool[first], pool[(first + gap) % len(pool)]
