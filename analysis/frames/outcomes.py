"""Statuses, jobs and incomes → the outcomes that a study declares, by their rules in `study.yml`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.study.outcome_rules import AT_A_TIME, Outcome, Step, Window

if TYPE_CHECKING:
    from analysis.study.settings import Study

# Columns by name: a frame of pandas, a table of Ibis, or some columns of one.
Columns = pd.DataFrame | Mapping[str, Any]


def work_outcomes(panel: pd.DataFrame, study: "Study") -> pd.DataFrame:
    """Every outcome of the study that is a yes or no at each time unit.

    One row is one participant and time unit of `panel` (see `registers.status_panel`), in the panel's order; one bool
    column per outcome of measure `at_a_time`, by its rule (see `outcome_rules.Outcome`). Before inclusion the same
    comparison with the status at inclusion is made, so that two arms are treated alike in every unit.

    Missing data: a participant without an observed unit of inclusion has nothing to compare with, and only what needs
    no comparison counts. A job without registered hours counts as fewer hours than any limit.
    Checked against ten people worked by hand (tests/handmade).
    """
    then = _at_inclusion(panel, study.unit)
    now = panel.reset_index(drop=True)
    rules = [outcome for outcome in study.outcomes if outcome.measure == AT_A_TIME]
    held = {outcome.code: holds(outcome, now, then) for outcome in rules}
    return now[["participant_id", study.unit]].assign(**held)


def _at_inclusion(panel: pd.DataFrame, unit: str) -> pd.DataFrame:
    """The row of the unit of inclusion for every row of the panel, missing where it was not observed."""
    inclusion = panel.loc[panel[unit] == 0].set_index("participant_id")
    return inclusion.reindex(panel["participant_id"]).reset_index(drop=True)


def holds(outcome: Outcome, now: Columns, then: Columns) -> Any:
    """Whether the rule of an outcome holds in each row of `now`; `then` has the same people's unit of inclusion.

    Columns of either are of pandas or of Ibis: one rule for a trial and for a nation (`spells.cells`). With Ibis what
    cannot be known is missing, with pandas it is false.
    """
    held = now["status"].isin(outcome.statuses)
    if outcome.has_job:
        held = held | now["has_job"]
    if outcome.weekly_hours_min:
        held = held | (now["weekly_hours"] >= outcome.weekly_hours_min)
    for step in outcome.steps:
        held = held | _took(step, now, then)
    return held


def _took(step: Step, now: Columns, then: Columns) -> Any:
    took = then["status"].isin(step.before) & now["status"].isin(step.after)
    if step.beside_graded_pension:
        took = took & (then["disability_degree"] > 0) & (then["disability_degree"] < 100)
    return took & now["has_job"] if step.with_job else took


def follow_up_outcomes(tables: Mapping[str, pd.DataFrame], panel: pd.DataFrame, study: "Study") -> pd.DataFrame:
    """Every outcome of the study that has one value a person over a window after inclusion.

    One row is one participant with at least one observed unit in the follow-up. One column per outcome whose measure is
    not `at_a_time`: `any_time` bool; `time_in` units; `time_to_first` units from inclusion to the first in which the
    rule holds, `time_to_sustained` to the last of the first `units` in a row in which it does, both missing if it never
    does; `full_time_equivalents` units; `jobs` and `employers` numbers; `amount` NOK a year. `units_observed` is how
    many units of the follow-up were observed; sums are over those, so someone observed for a shorter time can only
    have less: say so beside the result.

    Missing data: a job without registered hours counts as no hours, one without an employer as no employer; a person
    without an income row has no amount. Jobs count as for `has_job`: on the last day of a unit.
    Checked against ten people worked by hand (tests/test_follow_up.py).
    """
    unit = study.unit
    followed = panel.loc[panel[unit].between(1, study.horizon.after)]
    people = followed.groupby("participant_id")[unit].size().rename("units_observed").to_frame()
    rules = [outcome for outcome in study.outcomes if outcome.measure != AT_A_TIME]
    values = {outcome.code: _value(outcome, tables, panel, study).reindex(people.index) for outcome in rules}
    for outcome in rules:
        if not (outcome.is_event or outcome.measure == "amount"):
            values[outcome.code] = values[outcome.code].fillna(0)
        if outcome.measure == "any_time":
            values[outcome.code] = values[outcome.code].astype(bool)
    return people.assign(**values).reset_index()


def person_shares(
    tables: Mapping[str, pd.DataFrame], panel: pd.DataFrame, study: "Study", rules: Sequence[Outcome], at: int
) -> pd.DataFrame:
    """What each person has of several outcomes, all from nought to one, so that they stand on one axis.

    One row is one participant of `panel`; one column per rule (each of `outcome_rules.SHARES`): a yes or no at the time
    unit `at`, or at any time of the window, as 1 or 0; time in a status, and full-time equivalents, as a part of the
    window. Missing: who was not observed at `at`, or not in every unit of the window, so that nobody's sum is small
    for want of data. Checked against ten people worked by hand (tests/test_robustness.py).
    """
    unit, own = study.unit, replace(study, outcomes=tuple(rules))
    people = pd.Index(panel["participant_id"].unique(), name="participant_id")
    now = work_outcomes(panel[panel[unit].isin([0, at])], own)
    now = now[now[unit] == at].set_index("participant_id").reindex(people)
    whole = follow_up_outcomes(tables, panel, own).set_index("participant_id").reindex(people)
    shares = {}
    for rule in rules:
        if rule.measure == AT_A_TIME:
            shares[rule.code] = now[rule.code].astype("Float64")
            continue
        window = rule.window or Window(first=1, last=study.horizon.after)
        followed = panel[panel[unit].between(window.first, window.last)].groupby("participant_id").size()
        parts = 1 if rule.measure == "any_time" else len(window.units)
        seen = followed.reindex(people, fill_value=0) == len(window.units)
        shares[rule.code] = (whole[rule.code].astype("Float64") / parts).where(seen)
    return pd.DataFrame(shares, index=people).astype(float).reset_index()


def _value(outcome: Outcome, tables: Mapping[str, pd.DataFrame], panel: pd.DataFrame, study: "Study") -> pd.Series:
    """The outcome by participant id, only for people who have one."""
    window = outcome.window or Window(first=1, last=study.horizon.after)
    if outcome.measure == "amount":
        return _mean_income(tables, study)
    if outcome.measure in ("jobs", "employers"):
        return _different_jobs(outcome.measure, tables["job_spells"], tables["participants"], panel, window, study)
    inside = panel[study.unit].between(window.first, window.last)
    now = panel[inside].reset_index(drop=True)
    if outcome.measure == "full_time_equivalents":
        part = (now["weekly_hours"].fillna(0) / study.registers.full_time_weekly_hours).clip(upper=1)
        return part.groupby(now["participant_id"]).sum()
    then = _at_inclusion(panel, study.unit)[inside.to_numpy()].reset_index(drop=True)
    held = holds(outcome, now, then)
    if outcome.is_event:
        reached = _run_lengths(now, held, study.unit) >= (outcome.units or 1)
        return now.loc[reached].groupby("participant_id")[study.unit].min().astype(float)
    by_person = held.groupby(now["participant_id"])
    return by_person.any() if outcome.measure == "any_time" else by_person.sum()


def _run_lengths(now: pd.DataFrame, held: pd.Series, unit: str) -> pd.Series:
    """For how many units in a row, up to each row's own, the rule has held; 0 where it does not.

    Rows are in order of person and unit. A unit without a row ends a run, as does another person.
    """
    same_person = now["participant_id"].eq(now["participant_id"].shift()).fillna(False).astype(bool)
    goes_on = held & held.shift(fill_value=False) & same_person & now[unit].diff().eq(1)
    run = (~goes_on).cumsum()
    return held.groupby(run).cumcount().add(1).where(held, 0)


def _different_jobs(
    measure: str, jobs: pd.DataFrame, people: pd.DataFrame, panel: pd.DataFrame, window: Window, study: "Study"
) -> pd.Series:
    """How many jobs, or employers, a person had that ran on the last day of an observed unit of the window."""
    observed = panel.loc[panel[study.unit].between(window.first, window.last), ["participant_id", study.unit]]
    included = people.set_index("participant_id")["included_on"].reindex(observed["participant_id"])
    after = first_day(included.reset_index(drop=True), observed[study.unit].reset_index(drop=True) + 1, study.unit)
    ends = observed.assign(last_day=after.to_numpy() - np.timedelta64(1, "D"))
    own = ends.merge(jobs.reset_index(names="job"), on="participant_id")
    ran = own[(own["from_date"] <= own["last_day"]) & (own["to_date"].isna() | (own["to_date"] >= own["last_day"]))]
    return ran.groupby("participant_id")["job" if measure == "jobs" else "employer_id"].nunique()


def first_day(included_on: pd.Series, offset: pd.Series, unit: str) -> pd.Series:
    """First day of the time unit so many units after the one of inclusion, for each person."""
    if unit == "week":
        monday = included_on - pd.to_timedelta(included_on.dt.day_of_week, unit="D")
        return monday + pd.to_timedelta(7 * offset, unit="D")
    step = 1 if unit == "month" else 12
    month = included_on.dt.year * 12 + (included_on.dt.month - 1 if unit == "month" else 0) + step * offset
    return pd.to_datetime(pd.DataFrame({"year": month // 12, "month": month % 12 + 1, "day": 1}))


def _mean_income(tables: Mapping[str, pd.DataFrame], study: "Study") -> pd.Series:
    """Mean pensionable income of the calendar years after the one of inclusion that the registers hold whole, NOK."""
    people = tables["participants"][["participant_id", "included_on"]]
    rows = tables["income"].merge(people, on="participant_id")
    last = study.dates.register_end
    whole = last.year if (last.month, last.day) == (12, 31) else last.year - 1
    after = rows[(rows["year"] > rows["included_on"].dt.year) & (rows["year"] <= whole)]
    return after.groupby("participant_id")["pensionable_income_nok"].mean().astype(np.float64)
