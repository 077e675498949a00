"""The statuses in a few groups, as pictures and tables over time show them."""

import pandas as pd

from analysis.chapters.employment.populations import arm_columns
from analysis.chapters.employment.shares import JOB_ONLY, statuses_by_time
from analysis.frames.trial import Trial, once_a_trial

# Stacked from the bottom: work first, then partly in work, then benefits. Ten statuses are too many to tell apart in
# one picture; the table of statuses has them all.
STACKED = {
    "job_no_benefits": ("job_no_benefits",),
    "partly": ("sick_listed_graded", "aap_and_job", "disability_pension_graded"),
    "sick_listed_full": ("sick_listed_full",),
    "aap": ("aap",),
    "disability_pension_full": ("disability_pension_full",),
    "other": ("unemployment_benefit_individual_allowance", "nav_follow_up_without_benefits", "no_job_no_benefit"),
}
# Stands for a state where somebody is not observed.
UNOBSERVED = "unobserved"


@once_a_trial
def grouped_states(trial: Trial) -> pd.DataFrame:
    """One row per compared person and observed time unit: participant_id, arm, the unit, and the group `category`."""
    panel = statuses_by_time(trial)
    group_of = {status: group for group, statuses in STACKED.items() for status in statuses}
    category = panel["status"].astype("object").map(lambda status: group_of.get(status, status))
    return panel[["participant_id", "arm", trial.study.unit]].assign(category=category)


def known_states(trial: Trial) -> tuple[str, ...]:
    """The groups that the registers of the study can tell apart, work first."""
    rows = grouped_states(trial)
    return tuple(STACKED) if rows["category"].isin(STACKED).any() else JOB_ONLY


def in_order(frame: pd.DataFrame, column: str, keys: tuple[str, ...]) -> pd.DataFrame:
    """The rows in the order of the keys of a column, else as they were."""
    return frame.sort_values(column, key=lambda values: values.map(list(keys).index), kind="stable")


def arms_of(trial: Trial) -> dict[str, str | None]:
    """The codes of both arms as methods take them; none where a study compares nobody."""
    arms = arm_columns(trial)
    return dict(zip(("control", "treatment"), arms, strict=True)) if len(arms) == 2 else {}
