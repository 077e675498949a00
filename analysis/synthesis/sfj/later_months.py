"""Months 13 and later: courses to the outcome at 18 months with all printed numbers on the way, then a free end."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from .aap_effects import FITTED_MONTHS, Interactions
from .courses import chosen_courses, statuses_of
from .paths import AAP, AAP_JOB, FULL, GRADED, JOB, NONE, SICK, SICK_MONTHS_MAX, sick_months_running
from .register_counts import FIRST_MONTH, LAST_MONTH
from .smooth_plan import VARIABLES, Known, foretold_effects
from .targets import Targets
from .work_plan import GROUPS, Numbers, known_numbers, planned_numbers

# Plans tried at the most.
PLANS = 25


def later_months(
    people: pd.DataFrame,
    months: pd.DataFrame,
    last: pd.Series,
    counts: pd.DataFrame,
    targets: Targets,
    worth: Mapping[str, float],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Append the months after 12 to `months`.

    `people` needs class_m12 and the fitted outcomes, `last` is each person's last observed month, `counts` table 8's
    whole numbers, `worth` the NOK of an effect of one on full and partly work in the subgroup of table 22. Raises
    ValueError when other people are observed than table 8 has.
    """
    _check_observed(people, last, counts)
    paths = dict(zip(people.index, months.to_numpy().tolist(), strict=True))
    known = known_numbers(people, last, counts, targets, worth)
    courses = _courses(people, paths, last, known, targets, rng)
    starts = people["status_at_inclusion"]
    whole = {who: path + (statuses_of(courses[who], starts[who], path) or []) for who, path in paths.items()}
    rows = [_continued(whole[who], last[who] - months.columns[0] + 1, rng) for who in people.index]
    columns = range(months.columns[0], int(last.max()) + 1)
    return pd.DataFrame([row + [None] * (len(columns) - len(row)) for row in rows], people.index, columns, dtype=object)


def _courses(
    people: pd.DataFrame, paths: Mapping, last: pd.Series, known: Known, targets: Targets, rng: np.random.Generator
) -> dict:
    """Person → course that meets everything printed.

    The plan foretells the effects of treatment with AAP only roughly: while exchanges between people cannot bring them
    to what is printed, it is made again, put right by what it foretold wrongly, and other people are drawn for it.
    """
    aims = known.interactions
    for draw in rng.spawn(PLANS):
        numbers = planned_numbers(replace(known, interactions=aims))
        fitting = Interactions.of(people, _drawn(people, paths, last, numbers, draw), paths, targets)
        found = dict(zip(FITTED_MONTHS, fitting.effects(), strict=True))
        if fitting.fitted():
            return dict(zip(people.index, fitting.courses, strict=True))
        foretold = foretold_effects(known, np.array([float(numbers[key]) for key in VARIABLES]))
        aims = aims | {month: known.interactions[month] - effect + foretold[month] for month, effect in found.items()}
    raise ValueError("text_4.1, footnote 4: no plan comes near the printed effects of treatment with AAP")


def _drawn(people: pd.DataFrame, paths: Mapping, last: pd.Series, numbers: Numbers, rng: np.random.Generator) -> dict:
    """Person → course with the planned numbers; who is not in the registers stays as after 12 months."""
    courses: dict = {}
    for arm, group in dict.fromkeys((arm, group) for arm, group, _, _ in numbers):
        own = people["in_registers"] & (people["arm"] == arm) & (people["status_at_inclusion"].map(GROUPS) == group)
        wanted = {(kind, month): n for (a, g, kind, month), n in numbers.items() if (a, g) == (arm, group)}
        courses |= chosen_courses(people.loc[own], paths, last, wanted, rng)
    for person in people.index[~people["in_registers"]]:
        courses[person] = (people.at[person, "class_m12"],) * (min(last[person], LAST_MONTH) - FIRST_MONTH)
    return courses


def _check_observed(people: pd.DataFrame, last: pd.Series, counts: pd.DataFrame) -> None:
    for row in counts.itertuples():
        observed = int((people["in_registers"] & (people["arm"] == row.arm) & (last >= row.month)).sum())
        if observed != row.observed:
            raise ValueError(f"month {row.month}, {row.arm}: {observed} observed, table 8 has {row.observed}")


# Chance to stay in a status from one month to the next after month 18; 0.96 in any other.
STAY = {JOB: 0.96, FULL: 0.88, GRADED: 0.85, AAP: 0.985, AAP_JOB: 0.93}
FOLLOWING = {FULL: [JOB, GRADED], GRADED: [JOB, FULL], AAP: [AAP_JOB, JOB], AAP_JOB: [AAP, JOB]}


def _continued(path: list[str], length: int, rng: np.random.Generator) -> list[str]:
    """The path up to a length, by chance."""
    path = list(path)
    while len(path) < length:
        path.append(_next(path, rng))
    return path


def _next(path: list[str], rng: np.random.Generator) -> str:
    now = path[-1]
    spent = sick_months_running(path) >= SICK_MONTHS_MAX - 1
    if now in SICK and spent:
        return AAP if rng.random() < 0.8 else JOB
    if rng.random() < STAY.get(now, 0.96):
        return now
    if now == JOB:
        return NONE if spent else FULL
    return str(rng.choice(FOLLOWING.get(now, [JOB, now])))
