"""Sums of scores that let every printed mean hold, and the answers that add up to them.

A printed mean leaves a few whole numbers for its sum, and many means share their people. So the sums are settled
first, by a mixed-integer programme in which all square sums and products may still be anything near; then single
answers move by single steps until they add up to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from scipy import sparse

from analysis.calibration import cheapest_whole

from .score_goals import Goals
from .score_targets import PER_ARM, WHOLE

# Cells keep this share of their half interval for rounding the sums, for the means and for what is fitted later.
MARGINS = (0.85, 0.92, 0.96)
# How far one person's answer and a role's answers on average may move, in shares of the scale; the other sums, in their
# long steps.
MOST, ON_AVERAGE, FREE = 1 / 5, 1 / 20, 0.3
WIDER = (1, 2, 4)  # and so much further where nothing else does
# A HADS subscale with one of seven items unanswered counts 7/6 a point, so its sums are sixths.
STEP, SIXTHS, MOST_STEPS = 7 / 6, 6, 4
# Branching ends after so many nodes: a count, not a time, so that every machine ends alike.
NODES = 4000


@dataclass(frozen=True)
class Roles:
    """Answers by what they count for.

    shares: what one point more of an answer of each role adds to the sums of scores (roles × whole columns of goals).
    role: role of every answer, persons × answers, −1 where it counts for no sum. single: whether the answer is scored
    with an unanswered item, in steps of 7/6.
    """

    shares: np.ndarray
    role: np.ndarray
    single: np.ndarray

    @cached_property
    def members(self) -> list[np.ndarray]:
        """For each role the answers (person, column) scored in whole points."""
        return [np.argwhere((self.role == role) & ~self.single) for role in range(len(self.shares))]


def roles_of(goals: Goals, units: np.ndarray) -> Roles:
    """Roles of all answers of a family; two answers of one role can give each other points and leave every sum."""
    people, columns = units.shape
    shares, places = [], []
    for column in range(columns):
        point = np.zeros((people, columns))
        point[:, column] = 1.0
        own = goals.sums_of(np.arange(people), point)[:, goals.whole]
        counted = np.flatnonzero(own.any(axis=1))
        shares.append(np.column_stack([np.full(len(counted), column), own[counted]]))
        places.append(np.column_stack([counted, np.full(len(counted), column)]))
    kinds, role = np.unique(np.vstack(shares), axis=0, return_inverse=True)
    found = np.full(units.shape, -1)
    found[tuple(np.vstack(places).T)] = role
    return Roles(kinds[:, 1:], found, units != 1)


def settle_sums(
    goals: Goals, roles: Roles, values: np.ndarray, near: np.ndarray, scale: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """The answers after single steps that give sums for which every cell can hold, as far as they go.

    `near`: sums near which to look, from `centre`; `scale` as there. Raises ValueError when no sums are found.
    """
    now = goals.sums_of(np.arange(len(values)), values).sum(axis=0)
    for room, margin in product(_rooms(roles, values, goals.family.tops), MARGINS):
        steps = _steps(goals, roles, values, now, near, scale, margin, room)
        if steps is not None:
            return _dealt(roles, values, *steps, goals.family.tops, goals.family.grain, rng)
    raise ValueError(f"{goals.family.block}: no sums of whole answers for which all printed figures can hold")


def _steps(
    goals: Goals,
    roles: Roles,
    values: np.ndarray,
    now: np.ndarray,
    near: np.ndarray,
    scale: np.ndarray,
    margin: float,
    room: np.ndarray,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Points more for each role, and steps of 7/6 more for each answer in `roles.single`; few, and all cells inside."""
    more = _more(goals, roles, now, near, scale, margin, room)
    return None if more is None else _realised(roles, values, more, goals.family.tops, room)


def _rooms(roles: Roles, values: np.ndarray, tops: np.ndarray) -> Iterator[np.ndarray]:
    """Most points that the whole answers of each role can take (first row) and lose (second); then more, then more."""
    for wider in WIDER:
        rooms = []
        for members in roles.members:
            own, top = values[tuple(members.T)], tops[members[:, 1]]
            most = wider * top[:1].sum() * (ON_AVERAGE * len(members) + MOST)
            rooms.append([min(most, np.minimum(space, wider * MOST * top).sum()) for space in (top - own, own)])
        yield np.floor(np.array(rooms).T)


def _more(
    goals: Goals,
    roles: Roles,
    now: np.ndarray,
    near: np.ndarray,
    scale: np.ndarray,
    margin: float,
    room: np.ndarray,
) -> np.ndarray | None:
    """What the sums of scores must gain for every cell to hold while the other sums stay free; None if nothing does.

    Variables: steps on the lattice of sums; the free sums; gains and losses of each role (for what people can carry).
    """
    whole, basis = goals.whole, _lattice(goals, roles)
    free = np.setdiff1d(np.flatnonzero(scale > 0), whole)
    slopes = goals.slopes(near, scale, complete=True)
    base = goals.misses(near[None])[0] + slopes[:, whole] @ (now - near)[whole]
    links = goals.links[~goals.links[:, whole].any(axis=1)][:, free] * scale[free]
    count, shares = len(roles.shares), roles.shares.T
    rows = [
        ([slopes[:, whole] @ basis, slopes[:, free] * scale[free], 0, 0], -margin - base, margin - base),
        ([0, links, 0, 0], np.zeros(len(links)), np.zeros(len(links))),
        ([basis, 0, -shares, shares], np.zeros(len(whole)), np.zeros(len(whole))),
    ]
    widths = (basis.shape[1], len(free), count, count)
    found, _ = cheapest_whole(
        np.concatenate([np.zeros(sum(widths[:2])), 1 / np.sqrt(room.ravel() + 1)]),
        [_constraint(parts, widths, low, high) for parts, low, high in rows],
        np.concatenate([np.full(widths[0], -np.inf), np.full(widths[1], -FREE), np.zeros(2 * count)]),
        np.concatenate([np.full(widths[0], np.inf), np.full(widths[1], FREE), room.ravel()]),
        np.repeat([1, 0], [widths[0], sum(widths[1:])]),
        node_limit=NODES,
        mip_rel_gap=0.3,
    )
    return None if found is None else basis @ np.rint(found[: widths[0]])


def _constraint(parts: list, widths: tuple[int, ...], low: np.ndarray, high: np.ndarray) -> tuple:
    """low ≤ parts · variables ≤ high; a part 0 is an empty block of its width."""
    sized = zip(parts, widths, strict=True)
    blocks = [np.zeros((len(low), width)) if np.isscalar(part) else part for part, width in sized]
    return sparse.csr_matrix(np.hstack(blocks)), low, high


def _lattice(goals: Goals, roles: Roles) -> np.ndarray:
    """Smallest steps that sums of scores can make (whole columns of goals × steps).

    An unanswered item makes sums of sixths. The few people with a score at inclusion or at 12 months only have none,
    so what they add is whole.
    """
    place = {column: at for at, column in enumerate(goals.whole)}
    fine = 1 / SIXTHS if roles.single.any() else 1.0
    scores, members = len(goals.family.printed_scores), len(goals.family.members)
    steps = []
    for score, arm in product(range(members), (0, 1)):
        for column in WHOLE:
            size = 1.0 if column in (0, 4) else fine
            total = [PER_ARM * (2 * (scores - 1) + arm) + column] if scores > members else []
            status = [goals.status_start + 6] if goals.status_start is not None and column in (0, 2, 8) else []
            own = PER_ARM * (2 * score + arm) + column
            steps.append(_step(place, size, dict.fromkeys([own, *total, *status], 1)))
    if goals.status_start is not None:
        for group in range(3):
            steps.append(_step(place, fine, {goals.status_start + 2 * group: 1, goals.status_start + 6: -1}))
    return np.column_stack(steps)


def _step(place: dict[int, int], size: float, entries: dict[int, int]) -> np.ndarray:
    step = np.zeros(len(place))
    for column, sign in entries.items():
        step[place[column]] = sign * size
    return step


def _realised(
    roles: Roles, values: np.ndarray, more: np.ndarray, tops: np.ndarray, room: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Whole points for each role, and steps for each answer in `roles.single`, that add up to `more`; few."""
    single = np.argwhere(roles.single & (roles.role >= 0))
    gains = np.vstack([roles.shares, roles.shares[roles.role[tuple(single.T)]] * STEP])
    size = len(gains)
    at = np.rint(values[tuple(single.T)] / STEP)
    gaps, sixths = np.full(len(single), 0.02), np.rint(more * SIXTHS)
    highest = np.floor(tops[single[:, 1]] / STEP + 1e-9)
    up = np.concatenate([room[0], np.minimum(highest - at, MOST_STEPS)])
    down = np.concatenate([room[1], np.minimum(at, MOST_STEPS)])
    found, _ = cheapest_whole(
        np.concatenate([1 / (room[0] + 1), gaps, 1 / (room[1] + 1), gaps]),
        [_constraint([gains.T * SIXTHS, -gains.T * SIXTHS], (size, size), sixths, sixths)],
        np.zeros(2 * size),
        np.floor(np.concatenate([up, down])),
        np.ones(2 * size),
        node_limit=NODES,
        mip_rel_gap=0.5,
    )
    if found is None:
        return None
    steps = np.rint(found[:size] - found[size:])
    return steps[: room.shape[1]], np.column_stack([single, steps[room.shape[1] :]])


def _dealt(
    roles: Roles,
    values: np.ndarray,
    points: np.ndarray,
    single: np.ndarray,
    tops: np.ndarray,
    grain: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """The values with each role's points dealt to people who can take them, `grain` points at a time if possible."""
    values = values.copy()
    for person, column, steps in single.astype(int):
        values[person, column] += steps * STEP
    for members, more in zip(roles.members, points.astype(int), strict=True):
        while more:
            size = int(np.sign(more)) * (grain if abs(more) >= grain else 1)
            own = values[tuple(members.T)]
            able = (own + size >= 0) & (own + size <= tops[members[:, 1]])
            # Single points go to people who do not answer on the grain, if there are any.
            free = able & (own % grain != 0) if abs(size) < grain else able
            person, column = rng.choice(members[free if free.any() else able])
            values[person, column] += size
            more -= size
    return values
