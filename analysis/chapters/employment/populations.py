"""Who is compared: outcomes by time unit with arm, centre and status; the comparison itself; times and rules."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.frames.needs import needs, unmet
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import concat_estimates
from analysis.methods.proportions import compare_arms, compare_arms_by, share_of_all, share_of_all_by

# Stands for the arm where a study has no two arms to compare.
EVERYBODY = "total"
# The name of the extract behind the main results and the figures over time, in `extracts` of as_printed.yml.
PEOPLE = "employment.people"
# Units in a year, which long follow-ups are read by.
UNITS_A_YEAR = {"month": 12, "week": 52, "year": 1}


def compares(trial: Trial) -> bool:
    """Whether there are two arms with people to compare."""
    return unmet(trial, "arms") is None


def arm_columns(trial: Trial) -> tuple[str, ...]:
    """The columns of a table: control and treatment, or everybody in a study without two arms."""
    return (trial.study.control, trial.study.treatment) if compares(trial) else (EVERYBODY,)


def gap_column(trial: Trial) -> str:
    """The column that holds the difference between the arms."""
    return f"{trial.study.treatment}_minus_{trial.study.control}"


def printed_rule(trial: Trial, name: str, default: Any = None) -> Any:
    """What the study's published report did in its own way (`rules` of as_printed.yml), or the default."""
    printed = trial.study.as_printed
    return printed.rules.get(f"employment.{name}", default) if printed else default


def compared(trial: Trial) -> Trial:
    """The trial whose people every result of this chapter is about, so that one quantity has one value.

    In a study with a published report it is the extract behind the report's main results; an extract that was asked for
    by name, such as that of another printed table, stays as it is.
    """
    return trial if trial.master else trial.extract_for(PEOPLE)


def with_arm(trial: Trial) -> pd.DataFrame:
    """The people, one row each; without two arms to compare, `arm` is the same for all."""
    return trial.people if compares(trial) else trial.people.assign(arm=EVERYBODY)


@needs("registers")
@once_a_trial
def monthly_outcomes(trial: Trial) -> pd.DataFrame:
    """One row per compared person and observed time unit: the outcomes, arm, centre, status group, subgroups."""
    trial = compared(trial)
    people = with_arm(trial)
    groups = [f"group_{subgroup.code}" for subgroup in trial.study.subgroups]
    kept = people[["participant_id", "arm", "centre", "status_group", *groups]]
    return trial.outcomes.merge(kept, on="participant_id", how="inner", validate="m:1")


@needs("registers")
def outcomes_at(trial: Trial, at: int) -> pd.DataFrame:
    """One row per participant observed in the time unit."""
    rows = monthly_outcomes(trial)
    return rows.loc[rows[trial.study.unit] == at].reset_index(drop=True)


@needs("registers")
def late_outcomes(trial: Trial) -> pd.DataFrame:
    """The rows of `monthly_outcomes` in the late window of the study."""
    rows = monthly_outcomes(trial)
    return rows.loc[rows[trial.study.unit].isin(late_times(trial))]


def late_times(trial: Trial, most: int = 40) -> list[int]:
    """The time units of the late window that are shown: all, or of a long window every so many, and the last."""
    units = trial.study.late.units
    step = -(-len(units) // most)
    return sorted({*units[::step], units[-1]})


def main_times(trial: Trial) -> list[int]:
    """The time of the primary outcome, every full year after it within the late window, and the window's end."""
    study = trial.study
    year = UNITS_A_YEAR[study.unit]
    first, last = study.primary_at, max(study.late.last, study.primary_at)
    return sorted({first, *(at for at in range(year, last, year) if at > first), last})


def two_times(trial: Trial) -> list[int]:
    """The time of the primary outcome and the end of the late window: one time where they are the same."""
    return list(dict.fromkeys((trial.study.primary_at, trial.study.late.last)))


def plain_outcome(trial: Trial) -> str:
    """The first outcome that does not look back at the status at inclusion, for times before it; else the first."""
    plain = [rule.code for rule in trial.study.outcomes if rule.code in trial.study.monthly_outcomes and not rule.steps]
    return next(iter(plain), trial.study.monthly_outcomes[0])


@needs()
def compare(
    rows: pd.DataFrame,
    trial: Trial,
    outcomes: Sequence[str] | None = None,
    *,
    by: str | None = None,
    interval: str = "newcombe",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate frame: the share with each outcome in each arm, and the difference; with `by`, for each of its values.

    Newcombe's interval of the difference stays honest in small groups, where Wald's can shrink to a point. A study
    without two arms gets the shares of everybody. `outcomes` are codes of yes-or-no columns; None is all at a time.
    """
    settings: dict[str, Any] = {"conf_level": conf_level}
    if compares(trial):
        arms = {"treatment": trial.study.treatment, "control": trial.study.control, "difference_interval": interval}
        one, each, settings = compare_arms, compare_arms_by, settings | arms
    else:
        one, each = share_of_all, share_of_all_by
    wanted = trial.study.monthly_outcomes if outcomes is None else outcomes
    if by is None:
        return concat_estimates(one(rows, outcome, **settings) for outcome in wanted)
    found = concat_estimates(each(rows, outcome, by, **settings) for outcome in wanted)
    return found if by in found else found.assign(**{by: pd.Series(dtype=rows[by].dtype)})


def status_groups(trial: Trial) -> tuple[str, ...]:
    """The groups by status at inclusion that have people, in the order of study.yml."""
    there = set(trial.people["status_group"].dropna())
    return tuple(group for group in trial.study.status_groups if group in there)


def base_status(trial: Trial) -> str | None:
    """The group by status that others are compared with: the report's own, or the largest; None without any."""
    there = status_groups(trial)
    sizes = trial.people["status_group"].value_counts()
    largest = max(there, key=lambda group: sizes[group], default=None)
    printed = printed_rule(trial, "base_status")
    return printed if printed in there else largest


def chosen_outcome(trial: Trial, outcome: str | None) -> str:
    """The outcome at a time that was asked for, or the primary one. Raises ValueError with the choices."""
    if outcome is not None and outcome not in trial.study.monthly_outcomes:
        raise ValueError(f"unknown outcome {outcome!r}; choose one of {', '.join(trial.study.monthly_outcomes)}")
    return outcome or trial.study.primary_outcome


def chosen_time(trial: Trial, at: int | None) -> int:
    """The time unit after inclusion that was asked for, or that of the primary outcome. Raises ValueError outside."""
    last = trial.study.horizon.after
    if at is not None and not 0 <= at <= last:
        raise ValueError(f"{trial.study.unit} {at} lies outside the follow-up, 0 to {last}")
    return trial.study.primary_at if at is None else at


def centre_outcome(trial: Trial) -> str:
    """The outcome by which centres are chosen: the primary one, unless the published report took another."""
    return printed_rule(trial, "centre_outcome", trial.study.primary_outcome)


@needs("arms", "registers", "several_centres")
def centre_differences(trial: Trial, outcome: str | None = None) -> pd.DataFrame:
    """Observed difference between the arms by centre, largest first.

    One row per centre: `difference` is the mean over the late window (as far as observed) of the difference in the
    share with the outcome (by default the primary one, unless the published report took another); `n` the participants
    of the centre. A centre that lacks an arm comes last.
    """
    study, rows = trial.study, monthly_outcomes(trial)
    outcome = outcome or centre_outcome(trial)
    late = rows.loc[rows[study.unit].isin(study.late.units)]
    shares = late.groupby(["centre", study.unit, "arm"])[outcome].mean().unstack("arm")
    shares = shares.reindex(columns=list(study.arm_codes))
    monthly = shares[study.treatment] - shares[study.control]
    people = compared(trial).people.groupby("centre")["participant_id"].size()
    frame = pd.DataFrame({"difference": monthly.groupby("centre").mean(), "n": people})
    return frame.sort_values(["difference", "n"], ascending=False).rename_axis("centre").reset_index()


def best_centres(trial: Trial, n_best_centres: int = 3, outcome: str | None = None) -> list[str]:
    """Codes of the centres with the largest observed differences. Chosen by the result: see the chapter's limits."""
    return centre_differences(trial, outcome)["centre"].head(n_best_centres).tolist()


@needs("arms", "registers", "several_centres")
def best_centre_rows(trial: Trial, n_best_centres: int) -> pd.DataFrame:
    """Outcomes by time unit of the base group by status at the centres with the largest observed differences."""
    rows, centres = monthly_outcomes(trial), best_centres(trial, n_best_centres)
    return rows.loc[rows["centre"].isin(centres) & (rows["status_group"] == base_status(trial))]
