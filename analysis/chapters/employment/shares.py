"""Shares by status, month and arm: Tables 7 and 8, who is observed, and effects by status at inclusion."""

import numpy as np
import pandas as pd

from analysis.chapters.employment.populations import OUTCOMES, PEOPLE, monthly_outcomes, outcomes_at, status_groups
from analysis.frames.registers import STATUSES
from analysis.frames.trial import Trial
from analysis.methods.proportions import compare_arms, compare_arms_by
from analysis.show.tables import Table, cells

LATE_MONTHS = range(12, 19)


def arms_of(trial: Trial) -> dict[str, str]:
    """The two arms as the methods want them, and the interval of this chapter's differences.

    Newcombe's interval stays honest in small groups, where Wald's can shrink to a point.
    """
    return {"treatment": trial.study.treatment, "control": trial.study.control, "difference_interval": "newcombe"}


def table_07(trial: Trial) -> Table:
    """Status in the month of inclusion and twelve months later, per cent of those observed, by arm.

    Taken from the extract the published table was made of, in which single people have another status.
    """
    extract = trial.in_extract("table_07")
    panel = extract.panel.merge(extract.people[["participant_id", "arm"]], on="participant_id", validate="m:1")
    arms, rows, columns = (trial.study.control, trial.study.treatment), [], {}
    for label, month in (("inclusion", 0), ("month12", 12)):
        columns[label] = [f"{label}_{arm}" for arm in arms]
        for arm, column in zip(arms, columns[label], strict=True):
            statuses = panel.loc[(panel["month"] == month) & (panel["arm"] == arm), "status"]
            rows += _status_cells(statuses, column)
    order = [*STATUSES, "number"]
    return Table("table_07", cells(rows), decimals={"pct": 2}, rows=order, columns=columns, unit="percent")


def _status_cells(statuses: pd.Series, column: str) -> list[tuple]:
    counts = statuses.value_counts().reindex(STATUSES, fill_value=0)
    n = len(statuses)
    shares = [(status, column, "pct", 100 * count / n if n else np.nan, count) for status, count in counts.items()]
    return [*shares, ("number", column, "n", n, n)]


def late_estimates(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame with both outcomes in months 12 to 18 by arm, and the differences; extract of Table 8."""
    rows = monthly_outcomes(trial.in_extract(PEOPLE))
    late = rows.loc[rows["month"].isin(LATE_MONTHS)]
    settings = arms_of(trial) | {"conf_level": conf_level}
    return pd.concat([compare_arms_by(late, outcome, "month", **settings) for outcome in OUTCOMES], ignore_index=True)


def table_08(trial: Trial, conf_level: float = 0.95) -> Table:
    """Shares in work in months 12 to 18, differences and p-values of the pooled z test."""
    estimates, study = late_estimates(trial, conf_level), trial.study
    rows = []
    for record in estimates.to_dict("records"):
        row = f"month_{record['month']}_{record['outcome']}"
        if record["contrast"] in study.arm_codes:
            n = record["n_treated"] if record["contrast"] == study.treatment else record["n_control"]
            rows.append((row, record["contrast"], "proportion", record["estimate"], n))
        else:
            both = record["n_treated"] + record["n_control"]
            difference = f"{study.treatment}_minus_{study.control}"
            rows += [
                (row, difference, "difference", record["estimate"], both),
                (row, difference, "ci_low", record["conf_low"], both),
                (row, difference, "ci_high", record["conf_high"], both),
                (row, study.contrast, "p", record["p_value"], both),
            ]
    return Table(
        "table_08",
        cells(rows),
        decimals={"proportion": 4, "difference": 4, "ci_low": 4, "ci_high": 4, "p": 3},
        rows={outcome: [f"month_{month}_{outcome}" for month in LATE_MONTHS] for outcome in OUTCOMES},
        columns=[study.control, study.treatment, f"{study.treatment}_minus_{study.control}", study.contrast],
        conf_level=conf_level,
    )


def observed_table(trial: Trial) -> Table:
    """Participants observed in selected months, by arm: the denominators that shrink after month 12."""
    counts = monthly_outcomes(trial).groupby(["month", "arm"]).size().unstack("arm", fill_value=0)
    months = {"first_month": -trial.study.horizon.before} | {f"month_{month}": month for month in (0, *LATE_MONTHS)}
    rows = []
    for row, month in months.items():
        own = counts.reindex(index=[month], columns=list(trial.study.arm_codes), fill_value=0).loc[month]
        rows += [(row, arm, "n", own[arm], own[arm]) for arm in own.index]
        rows.append((row, "total", "n", own.sum(), own.sum()))
    return Table("observed", cells(rows), columns=["total", trial.study.control, trial.study.treatment], unit="people")


def baseline_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """Work in the first month shown, by arm, with the difference: were the arms alike long before inclusion?"""
    month = -trial.study.horizon.before
    frame = outcomes_at(trial, month)
    return _difference_table("baseline", {"all": frame}, trial, conf_level)


def group_table(trial: Trial, month: int = 12, conf_level: float = 0.95) -> Table:
    """Fully or partly in work by status at inclusion: shares, difference in percentage points, interval and p."""
    frame = outcomes_at(trial, month)
    groups = {group: frame.loc[frame["status_group"] == group] for group in status_groups()}
    return _difference_table("status_groups", groups | {"all": frame}, trial, conf_level, OUTCOMES[1:])


def _difference_table(name: str, groups: dict, trial: Trial, conf_level: float, outcomes=OUTCOMES) -> Table:
    study, rows = trial.study, []
    for group, frame in groups.items():
        for outcome in outcomes:
            row = outcome if len(groups) == 1 else group
            found = compare_arms(frame, outcome, **arms_of(trial), conf_level=conf_level).set_index("contrast")
            for arm, n in ((study.control, "n_control"), (study.treatment, "n_treated")):
                count = found.loc[study.contrast, n]
                rows += [(row, arm, "n", count, count), (row, arm, "pct", 100 * found.loc[arm, "estimate"], count)]
            rows += _points(row, f"{study.treatment}_minus_{study.control}", found.loc[study.contrast])
    columns = [study.control, study.treatment, f"{study.treatment}_minus_{study.control}"]
    decimals = {"difference": 1, "ci_low": 1, "ci_high": 1}
    return Table(name, cells(rows), decimals=decimals, columns=columns, conf_level=conf_level)


def _points(row: str, column: str, estimate: pd.Series) -> list[tuple]:
    """Difference with interval in percentage points, and the p-value."""
    both = estimate["n_treated"] + estimate["n_control"]
    scaled = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
    found = [(row, column, statistic, 100 * estimate[name], both) for statistic, name in scaled.items()]
    return [*found, (row, column, "p", estimate["p_value"], both)]
