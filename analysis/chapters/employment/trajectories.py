"""Figures over the months: Figures 3–9, the ten states, and the difference by month."""

from dataclasses import replace

import pandas as pd

from analysis.chapters.employment.populations import PEOPLE, best_centres, monthly_outcomes, status_groups
from analysis.chapters.employment.shares import arms_of
from analysis.frames.trial import Trial
from analysis.methods.proportions import compare_arms, compare_arms_by
from analysis.show.figures import Figure
from analysis.show.prose import Number, count, percent

# Figures 5 to 8 of the report, by status at inclusion.
STATUS_FIGURES = {"in_work": "figure_05", "sick_listed_full": "figure_06", "aap": "figure_07", "other": "figure_08"}

STACKED = (
    "job_no_benefits",
    "sick_listed_graded",
    "aap_and_job",
    "sick_listed_full",
    "aap",
    "disability_pension_graded",
    "disability_pension_full",
    "unemployment_benefit_individual_allowance",
    "nav_follow_up_without_benefits",
    "no_job_no_benefit",
)


def figure_03(trial: Trial, conf_level: float = 0.95) -> Figure:
    """In work without benefits by month and arm."""
    rows = monthly_outcomes(trial.in_extract(PEOPLE))
    return _trajectory("figure_03", rows, "in_work_no_benefits", trial, conf_level)


def figure_04(trial: Trial, conf_level: float = 0.95) -> Figure:
    """Fully or partly in work by month and arm."""
    rows = monthly_outcomes(trial.in_extract(PEOPLE))
    return _trajectory("figure_04", rows, "fully_or_partly_in_work", trial, conf_level)


def status_figure(trial: Trial, group: str, conf_level: float = 0.95) -> Figure:
    """Fully or partly in work by month and arm among those with one status at inclusion: Figures 5 to 8."""
    if group not in STATUS_FIGURES:
        raise ValueError(f"unknown status group {group!r}; choose one of {', '.join(status_groups())}")
    rows = monthly_outcomes(trial)
    own = rows.loc[rows["status_group"] == group]
    figure = _trajectory(STATUS_FIGURES[group], own, "fully_or_partly_in_work", trial, conf_level)
    # One axis for the four groups, so that they can be read against each other.
    return replace(figure, options={**figure.options, "axis": (0, 1)})


def figure_09(trial: Trial, n_best_centres: int = 3, conf_level: float = 0.95) -> Figure:
    """Fully or partly in work among the fully sick-listed of the centres with the largest observed differences."""
    own = best_centre_rows(trial, n_best_centres)
    figure = _trajectory("figure_09", own, "fully_or_partly_in_work", trial, conf_level)
    return replace(figure, values={**figure.values, "centres": count(n_best_centres)})


def best_centre_rows(trial: Trial, n_best_centres: int) -> pd.DataFrame:
    """Monthly outcomes of the fully sick-listed at the centres with the largest observed differences."""
    rows = monthly_outcomes(trial)
    centres = best_centres(trial, n_best_centres)
    return rows.loc[rows["centre"].isin(centres) & (rows["status_group"] == "sick_listed_full")]


def _trajectory(name: str, rows: pd.DataFrame, outcome: str, trial: Trial, conf_level: float) -> Figure:
    settings = arms_of(trial) | {"conf_level": conf_level}
    estimates = compare_arms_by(rows, outcome, "month", **settings)
    shares = estimates.loc[estimates["contrast"].isin(trial.study.arm_codes)]
    frame = shares.rename(columns={"contrast": "arm"})[["month", "arm", "estimate", "conf_low", "conf_high"]]
    people = shares["n_treated"].fillna(shares["n_control"]).astype("float64")
    frame = frame.assign(n=people).reset_index(drop=True)
    options = {"percent": True, "treatment": trial.study.treatment}
    return Figure(name, "lines", frame, options, _twelve_month_values(frame, trial))


def _twelve_month_values(frame: pd.DataFrame, trial: Trial) -> dict[str, Number]:
    """Numbers for the caption and notes: shares and people behind them in month 12."""
    at_12 = frame.loc[frame["month"] == 12].set_index("arm").reindex(list(trial.study.arm_codes))
    treated, control = at_12.loc[trial.study.treatment], at_12.loc[trial.study.control]
    return {
        "treated": percent(100 * treated["estimate"], 0),
        "control": percent(100 * control["estimate"], 0),
        "n_treated": count(treated["n"]),
        "n_control": count(control["n"]),
    }


def states_figure(trial: Trial) -> Figure:
    """All ten states by month, one panel per arm: shares of those observed that sum to one."""
    panel = trial.panel.merge(trial.people[["participant_id", "arm"]], on="participant_id", validate="m:1")
    counts = panel.groupby(["arm", "month", "status"], observed=False).size().rename("n").reset_index()
    counts["estimate"] = counts["n"] / counts.groupby(["arm", "month"])["n"].transform("sum")
    frame = counts.rename(columns={"status": "category", "arm": "panel"})
    # Stacked from the bottom: work first, then partly in work, then benefits.
    order = {"panel": [trial.study.control, trial.study.treatment], "category": STACKED}
    frame = frame.assign(**{name: pd.Categorical(frame[name], keys, ordered=True) for name, keys in order.items()})
    frame = frame.sort_values(["panel", "category", "month"], ignore_index=True)
    return Figure("states", "stack", frame.astype(dict.fromkeys(order, "str")), {"percent": True})


def difference_figure(trial: Trial, conf_level: float = 0.95) -> Figure:
    """Difference between the arms in both outcomes by month, with intervals."""
    rows, settings = monthly_outcomes(trial.in_extract(PEOPLE)), arms_of(trial) | {"conf_level": conf_level}
    parts = []
    for outcome in ("in_work_no_benefits", "fully_or_partly_in_work"):
        estimates = compare_arms_by(rows, outcome, "month", **settings)
        differences = estimates.loc[estimates["contrast"] == trial.study.contrast]
        parts.append(differences)
    frame = pd.concat(parts, ignore_index=True)[["outcome", "month", "estimate", "conf_low", "conf_high"]]
    points = frame.assign(**{name: 100 * frame[name] for name in ("estimate", "conf_low", "conf_high")})
    return Figure("differences", "lines", points, {"series": "outcome", "zero": False})


def group_figure(trial: Trial, conf_level: float = 0.95, months: tuple[int, ...] = (12, 18)) -> Figure:
    """Difference in fully or partly in work by status at inclusion, in percentage points, at the given months."""
    rows, settings, parts = monthly_outcomes(trial), arms_of(trial) | {"conf_level": conf_level}, []
    for month in months:
        now = rows.loc[rows["month"] == month]
        for group in (*status_groups(), "all"):
            own = now if group == "all" else now.loc[now["status_group"] == group]
            found = compare_arms(own, "fully_or_partly_in_work", **settings)
            found = found.loc[found["contrast"] == trial.study.contrast]
            parts.append(found.assign(row=group, group=f"month_{month}"))
    frame = pd.concat(parts, ignore_index=True)
    frame["row"] = frame["group"] + "_" + frame["row"]
    points = frame.assign(**{name: 100 * frame[name] for name in ("estimate", "conf_low", "conf_high")})
    columns = ["group", "row", "estimate", "conf_low", "conf_high", "n_treated", "n_control"]
    return Figure("status_group_effects", "forest", points[columns], {"reference": 0.0})
