"""The people of the study: one row a participant with everything the other stages need to know about them."""

import numpy as np
import pandas as pd

from .ages import ages_in_days
from .background import background
from .participants import inclusion_dates, inclusion_months, people_at_inclusion
from .register_counts import monthly_counts
from .targets import Targets


def people_stage(rng: np.random.Generator, targets: Targets, assumed: dict) -> pd.DataFrame:
    """One row a participant, ordered by day of inclusion.

    Columns: participant_id, arm, centre, included_on, birth_date, sex, the calibrated background answers ("missing"
    where not answered), age_group, age_days, status_at_inclusion (one of ten), status_group (in_work,
    sick_listed_full, aap, other).
    """
    counts = monthly_counts(targets)
    people = people_at_inclusion(targets, assumed, rng)
    people = people.join(background(people, targets, rng))
    people = people.join(ages_in_days(people, targets, assumed["age_group_of_moved_person"], rng))
    months = inclusion_months(counts, targets, assumed)
    without_registers = people["country_of_birth"] == "missing"
    people = people.assign(included_on=inclusion_dates(people, months, without_registers, rng))
    people = people.sort_values(["included_on", "arm", "centre", "age_days"], kind="stable").reset_index(drop=True)
    people["birth_date"] = people["included_on"] - pd.to_timedelta(people["age_days"], unit="D")
    people["participant_id"] = [f"P{number:04d}" for number in range(1, len(people) + 1)]
    return people.rename(columns={"status": "status_at_inclusion"})
