"""Shares by status, time and arm: statuses, the late window, who is observed, and effects by status at inclusion."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.employment.populations import (
    EVERYBODY,
    arm_columns,
    chosen_outcome,
    chosen_time,
    compare,
    compared,
    compares,
    gap_column,
    late_outcomes,
    late_times,
    monthly_outcomes,
    outcomes_at,
    status_groups,
    with_arm,
)
from analysis.frames.needs import needs, unmet
from analysis.frames.registers import STATUSES
from analysis.frames.trial import Trial
from analysis.methods.estimates import concat_estimates
from analysis.show.prose import Label, Sentence, month
from analysis.show.tables import FRACTIONS, Table, cells

# What can be known of a status where the study holds no benefits.
JOB_ONLY = ("with_job", "without_job")


def known_statuses(trial: Trial) -> tuple[str, ...]:
    """The statuses that the study's registers can tell apart: without benefits, only a job or none."""
    return JOB_ONLY if unmet(trial, "benefits") else STATUSES


def statuses_by_time(trial: Trial) -> pd.DataFrame:
    """One row per participant and observed time unit: arm and status, as far as the registers can tell."""
    trial = compared(trial)
    panel = trial.panel.merge(with_arm(trial)[["participant_id", "arm"]], on="participant_id", validate="m:1")
    if known_statuses(trial) == JOB_ONLY:
        panel = panel.assign(status=np.where(panel["has_job"], *JOB_ONLY))
    return panel


@needs("registers")
def statuses_table(trial: Trial, month: int | None = None) -> Table:
    """Status at inclusion and at the primary time, per cent of those observed, by arm."""
    extract, at = trial.extract_for("employment.statuses"), chosen_time(trial, month)
    people = statuses_by_time(extract).value_counts([trial.study.unit, "arm", "status"])
    return statuses_counted(people, trial, at)


@needs()
def statuses_counted(people: pd.Series, trial: Trial, at: int) -> Table:
    """The table of `statuses_table` from how many people have each status, by time unit, arm and status."""
    unit = trial.study.unit
    times, rows, columns = {"inclusion": 0, f"{unit}{at}": at}, [], {}
    for label, time in times.items():
        columns[label] = [f"{label}_{arm}" for arm in arm_columns(trial)]
        for arm, column in zip(arm_columns(trial), columns[label], strict=True):
            rows += _status_cells(_of(people, time, arm), column, known_statuses(trial))
    order = [*known_statuses(trial), "number"]
    return Table("statuses", cells(rows), rows=order, columns=columns, unit="percent",
                 values=_time(at))  # fmt: skip


def _of(people: pd.Series, time: int, arm: str) -> pd.Series:
    """How many of an arm have each status in one time unit."""
    times, arms, statuses = (people.index.get_level_values(level) for level in range(3))
    there = (times == time) & (arms == arm)
    return people[there].set_axis(statuses[there].astype("str"))


def _time(at: int) -> dict:
    return {"at": month(at)}


def _status_cells(counts: pd.Series, column: str, known: tuple[str, ...]) -> list[tuple]:
    counts, n = counts.reindex(known, fill_value=0), int(counts.sum())
    shares = [(status, column, "pct", 100 * count / n if n else np.nan, count) for status, count in counts.items()]
    return [*shares, ("number", column, "n", n, n)]


def compare_late(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: every outcome in each unit of the late window, by arm and the difference; see `compare`."""
    return compare(late_outcomes(trial), trial, by=trial.study.unit, conf_level=conf_level)


@needs()
@shown_from(shares=compare_late)
def late_shares_table(trial: Trial, shares: pd.DataFrame) -> Table:
    """Shares with each outcome in the late window, differences and p-values of the pooled z test."""
    study, times = trial.study, late_times(trial)
    rows = []
    for record in shares.to_dict("records"):
        rows += share_cells(f"{study.unit}_{record[study.unit]}_{record['outcome']}", record, trial)
    return Table(
        "late_shares",
        cells(rows),
        fractions=(*FRACTIONS, "difference"),
        rows={outcome: [f"{study.unit}_{at}_{outcome}" for at in times] for outcome in study.monthly_outcomes},
        columns=[*arm_columns(trial), *([gap_column(trial), study.contrast] if compares(trial) else [])],
        values={"first": month(times[0]), "last": month(times[-1]), "times": span_in_words(times[0], times[-1])},
        names={"rows": "outcome_times"},
        conf_level=level_of(shares),
    )


def times_in_words(first: int, last: int) -> Sentence:
    """“month 12 and month 18”, or the one time."""
    return _in_words("one_time" if first == last else "two_times", first, last)


def span_in_words(first: int, last: int) -> Sentence:
    """“from month 12 to month 18”, or “in month 12”."""
    return _in_words("in_one_time" if first == last else "from_time_to_time", first, last)


def _in_words(key: str, first: int, last: int) -> Sentence:
    return Sentence(key, {"first": month(first), "last": month(last)}, of="employment")


def share_cells(row: str, record: Mapping, trial: Trial) -> list[tuple]:
    """Cells of one estimate of `compare`: a share as a proportion, or the difference with its interval and p."""
    study, column = trial.study, record["contrast"]
    known = [int(record[name]) for name in ("n_treated", "n_control") if pd.notna(record[name])]
    if column == EVERYBODY:
        ends = [("ci_low", record["conf_low"]), ("ci_high", record["conf_high"])]
        return [(row, column, name, value, sum(known)) for name, value in [("proportion", record["estimate"]), *ends]]
    if column != study.contrast:
        return [(row, column, "proportion", record["estimate"], sum(known))]
    numbers = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
    gap = [(row, gap_column(trial), statistic, record[name], sum(known)) for statistic, name in numbers.items()]
    return [*gap, (row, study.contrast, "p", record["p_value"], sum(known))]


@needs("registers")
def observed_table(trial: Trial) -> Table:
    """People observed in selected time units, by arm: the denominators that shrink."""
    study = trial.study
    counts = monthly_outcomes(trial).groupby([study.unit, "arm"]).size().unstack("arm", fill_value=0)
    times = {"first_month": -study.horizon.before} if study.horizon.before else {}
    times |= {f"{study.unit}_{at}": at for at in (0, *late_times(trial, most=12))}
    arms = [arm for arm in study.arm_codes if compares(trial)]
    rows = []
    for row, at in times.items():
        own = counts.reindex(index=[at], columns=arms or [EVERYBODY], fill_value=0).loc[at]
        rows += [(row, arm, "n", own[arm], own[arm]) for arm in arms]
        rows.append((row, EVERYBODY, "n", own.sum(), own.sum()))
    columns = [EVERYBODY, *(arm for arm in arm_columns(trial) if arm != EVERYBODY)]
    return Table("observed", cells(rows), columns=columns, unit="people")


@needs("arms", "before_inclusion")
def compare_at_first(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: every outcome in the first time unit shown, by arm and the difference."""
    return compare(outcomes_at(trial, -trial.study.horizon.before), trial, conf_level=conf_level)


@needs("arms", "before_inclusion")
@shown_from(found=compare_at_first)
def baseline_table(trial: Trial, found: pd.DataFrame) -> Table:
    """The outcomes in the first time unit shown, by arm, with the difference: were the arms alike long before?"""
    outcomes = found.groupby("outcome", sort=False)
    rows = [cell for outcome, own in outcomes for cell in percent_cells(str(outcome), own, trial)]
    values = {"at": month(trial.study.horizon.before)}
    return percent_table("baseline", rows, trial, level_of(found), values)


@needs("arms", "registers")
def status_effects(
    trial: Trial, month: int | None = None, outcome: str | None = None, conf_level: float = 0.95
) -> pd.DataFrame:
    """Estimate frame: one outcome at one time by arm and the difference, within each status at inclusion and in all.

    `population` is the group; the time stands in a column named as the unit.
    """
    at, code = chosen_time(trial, month), chosen_outcome(trial, outcome)
    frame, parts = outcomes_at(trial, at), []
    for group in (*status_groups(trial), "all"):
        own = frame if group == "all" else frame.loc[frame["status_group"] == group]
        parts.append(compare(own, trial, [code], conf_level=conf_level).assign(population=group))
    return concat_estimates(parts).assign(**{trial.study.unit: at})


@needs("arms", "registers")
@shown_from(found=status_effects)
def group_table(trial: Trial, found: pd.DataFrame) -> Table:
    """One outcome by status at inclusion: shares, difference in percentage points, interval and p."""
    groups = found.groupby("population", sort=False)
    rows = [cell for group, own in groups for cell in percent_cells(str(group), own, trial)]
    values = _time(int(found[trial.study.unit].iloc[0])) | {"outcome": outcome_label(found["outcome"].iloc[0])}
    return percent_table("status_groups", rows, trial, level_of(found), values)


def outcome_label(code: str) -> Label:
    """What a sentence calls an outcome."""
    return Label("outcomes_in_text", code)


def percent_cells(row: str, found: pd.DataFrame, trial: Trial) -> list[tuple]:
    """Cells of one comparison of two arms: people and per cent in each, the difference in points, interval and p."""
    study, found, rows = trial.study, found.set_index("contrast"), []
    gap = found.loc[study.contrast]
    for arm, n in ((study.control, "n_control"), (study.treatment, "n_treated")):
        rows += [(row, arm, "n", gap[n], gap[n]), (row, arm, "pct", 100 * found.loc[arm, "estimate"], gap[n])]
    both, column = gap["n_treated"] + gap["n_control"], gap_column(trial)
    scaled = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
    rows += [(row, column, statistic, 100 * gap[name], both) for statistic, name in scaled.items()]
    return [*rows, (row, column, "p", gap["p_value"], both)]


def percent_table(name: str, found: list[tuple], trial: Trial, conf_level: float, values: Mapping, **more) -> Table:
    """A table of `percent_cells`: both arms, then the difference."""
    columns = [trial.study.control, trial.study.treatment, gap_column(trial)]
    decimals = {"difference": 1, "ci_low": 1, "ci_high": 1}
    return Table(name, cells(found), decimals=decimals, columns=columns, conf_level=conf_level, values=values, **more)
