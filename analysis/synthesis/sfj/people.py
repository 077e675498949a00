"""The people of the study: one row a participant with everything the other stages need to know about them."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from .ages import ages_in_days
from .background import background
from .effects import effects_stage
from .extracts import without_registers
from .months import observed_until
from .participants import inclusion_dates, inclusion_months, people_at_inclusion
from .register_counts import LAST_MONTH, monthly_counts
from .targets import Targets


def first_people(rng: np.random.Generator, targets: Targets, assumed: dict) -> pd.DataFrame:
    """One row a participant, ordered by day of inclusion, with whole people in every printed group.

    Columns: participant_id, arm, centre, included_on, sex, the calibrated background answers ("missing" where not
    answered), age_group, age_days, status_at_inclusion (one of ten), status_group (in_work, sick_listed_full, aap,
    other), in_registers, observed_18 (whether the month 18 after inclusion lies inside the register window).
    """
    counts = monthly_counts(targets)
    people = people_at_inclusion(targets, assumed, rng)
    people = people.join(background(people, targets, rng))
    people = people.join(ages_in_days(people, targets, assumed["age_group_of_moved_person"], rng))
    months = inclusion_months(counts, targets, assumed)
    without_country = people["country_of_birth"] == "missing"
    people = people.assign(included_on=inclusion_dates(people, months, without_country, rng))
    people = _numbered(people)
    people = people.rename(columns={"status": "status_at_inclusion"})
    people["in_registers"] = ~without_registers(people)
    return people.assign(observed_18=observed_until(people) >= LAST_MONTH)


def _numbered(people: pd.DataFrame) -> pd.DataFrame:
    """In the order of inclusion, with `participant_id` numbered in that order."""
    people = people.sort_values(["included_on", "arm", "centre", "age_days"], kind="stable").reset_index(drop=True)
    return people.assign(participant_id=[f"P{number:04d}" for number in range(1, len(people) + 1)])


def people_stage(
    rng: np.random.Generator, targets: Targets, assumed: dict, report: Callable[[str], None] = lambda line: None
) -> pd.DataFrame:
    """`first_people` with covariates and outcomes fitted to the printed effects.

    Further columns: birth_date, income (thousand NOK of 2012, year before inclusion), in_work_m12, partly_m12 and
    partly_m18 (in work without benefits, fully or partly in work; False where not observed).
    """
    draw, effects = rng.spawn(2)
    people = first_people(draw, targets, assumed)
    report(f"people: {len(people)} participants")
    people = _numbered(effects_stage(people, targets, assumed, effects, report))
    birth_date = people["included_on"] - pd.to_timedelta(people["age_days"], unit="D")
    return people.assign(birth_date=birth_date)
