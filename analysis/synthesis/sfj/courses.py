"""Which of a group's people work in the months 13 to 18, so that the planned numbers come out: one programme a group.

A course is a person's kind of work, fully, partly or not, month by month. Every person has the courses that their
history and their outcome at 18 months allow, each with a cost: changes are rare, and a random part makes people differ.
The cheapest courses that give the planned number in every month are chosen together.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from analysis.calibration import cheapest_whole

from .paths import AAP, AAP_JOB, FULL, GRADED, JOB, NONE, PENSION, SICK, SICK_MONTHS_MAX, sick_months_running
from .register_counts import FIRST_MONTH, LAST_MONTH
from .smooth_plan import OUT, PART, WORK

Course = tuple[str, ...]
# Most changes of kind within a course, with and without partly work among the kinds.
MOST_CHANGES = {True: 2, False: 3}
# Cost of a change, and of one that is undone the month after, against a random part of the order of one.
CHANGE, BRIEF = 2.5, 1.0


def statuses_of(course: Sequence[str], start: str, path: list[str]) -> list[str] | None:
    """Statuses from month 13 for someone with this path so far; None if the course cannot follow on it.

    Nobody is sick-listed for longer than the limit. People fully sick-listed at inclusion work partly on graded
    sickness benefit, which only a job or a running sick leave leads to, or beside a graded pension they have already.
    """
    so_far = list(path)
    for kind in course:
        following = _following(kind, start, so_far)
        if following is None:
            return None
        so_far.append(following)
    return so_far[len(path) :]


def _following(kind: str, start: str, path: list[str]) -> str | None:
    now, spent = path[-1], sick_months_running(path) >= SICK_MONTHS_MAX - 1
    if start == FULL and now == PENSION:
        return PENSION if kind == PART else None
    if kind == WORK:
        return JOB
    if kind == PART:
        if start == AAP:
            return AAP_JOB
        return GRADED if now in (JOB, *SICK) and not spent else None
    if now == JOB:
        return _out_of_work(start, spent)
    if now == GRADED and start == FULL:
        return AAP if spent else FULL
    if now in SICK:
        return AAP if spent else now
    return AAP if now == AAP_JOB and start == AAP else now


def _out_of_work(start: str, spent: bool) -> str:
    """Where a job is left for: sick leave unless it is used up, then AAP for those who had sickness benefit or AAP."""
    if not spent:
        return FULL
    return AAP if start in (AAP, AAP_JOB, *SICK) else NONE


@cache
def courses(first: str, length: int, partly: bool, ends: tuple[str, ...]) -> tuple[Course, ...]:
    """All courses of a length after the kind `first`, with few changes and one of the ends."""
    kinds = (WORK, PART, OUT) if partly else (WORK, OUT)
    found = []
    for changes in range(MOST_CHANGES[partly] + 1):
        for at in combinations(range(length), changes):
            for to in product(kinds, repeat=changes):
                steps = (first, *to)
                if any(a == b for a, b in pairwise(steps)):
                    continue
                which = np.searchsorted(at, range(length), side="right")
                found.append(tuple(steps[number] for number in which))
    return tuple(course for course in found if course[-1] in ends)


def cost(first: str, course: Course) -> float:
    """How unusual a course is: minus the logarithm of a chance, up to a constant."""
    kinds = (first, *course)
    changed = [a != b for a, b in pairwise(kinds)]
    brief = sum(a and b for a, b in pairwise(changed))
    return CHANGE * sum(changed) + BRIEF * brief


def chosen_courses(
    people: pd.DataFrame,
    paths: Mapping,
    last: pd.Series,
    numbers: Mapping[tuple[str, int], int],
    rng: np.random.Generator,
) -> dict:
    """Person (index of `people`, one group of one arm) → course, with `numbers` of people by (kind of work, month).

    `people` needs status_at_inclusion, class_m12 and partly_m18, `paths` has statuses to month 12, `last` the last
    observed month. Raises ValueError when the people cannot give the numbers.
    """
    options = [
        (person, course)
        for person in people.index
        for course in possible(people.loc[person], paths[person], last[person])
    ]
    costs = np.array([cost(people.at[person, "class_m12"], course) for person, course in options])
    costs = costs + rng.gumbel(size=len(costs))
    rows, wanted = _constraints(options, list(people.index), numbers)
    least = pd.Series(costs).groupby([person for person, _ in options]).transform("min").to_numpy()
    taken, _ = cheapest_whole(
        costs - least, [(rows, wanted, wanted)], 0, 1, np.ones(len(options)), mip_rel_gap=0.01
    )
    if taken is None:
        raise ValueError(f"no courses of {len(people)} people give the planned numbers")
    return {options[number][0]: options[number][1] for number in np.flatnonzero(taken > 0.5)}


def possible(person: pd.Series, path: list[str], last: int) -> Iterator[Course]:
    """Courses that someone's history and outcome at 18 months allow."""
    start, length = person["status_at_inclusion"], min(last, LAST_MONTH) - FIRST_MONTH
    ends = (WORK, PART, OUT) if last < LAST_MONTH else (WORK, PART) if person["partly_m18"] else (OUT,)
    for course in courses(person["class_m12"], length, start in (AAP, FULL), ends):
        if statuses_of(course, start, path) is not None:
            yield course


def _constraints(
    options: list[tuple], people: list, numbers: Mapping[tuple[str, int], int]
) -> tuple[csr_array, np.ndarray]:
    """One course for everybody, and the planned number for every kind of work and month."""
    place = {person: number for number, person in enumerate(people)}
    months = {key: len(people) + number for number, key in enumerate(numbers)}
    entries = [(place[person], column) for column, (person, _) in enumerate(options)]
    entries += [
        (months[kind, FIRST_MONTH + 1 + step], column)
        for column, (_, course) in enumerate(options)
        for step, kind in enumerate(course)
        if kind != OUT
    ]
    row, column = np.array(entries).T
    shape = (len(people) + len(numbers), len(options))
    wanted = np.array([1] * len(people) + list(numbers.values()))
    return csr_array((np.ones(len(row)), (row, column)), shape=shape), wanted
