"""Figures over time: each outcome by arm, by status at inclusion, the statuses, and the difference."""

from dataclasses import replace

import pandas as pd

from analysis.chapters.employment.populations import (
    EVERYBODY,
    arm_columns,
    base_status,
    best_centre_rows,
    compare,
    compares,
    monthly_outcomes,
    status_groups,
    two_times,
)
from analysis.chapters.employment.sentences import result
from analysis.chapters.employment.shares import outcome_label
from analysis.chapters.employment.states import grouped_states, known_states
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.estimates import fewest_people
from analysis.show.figures import Figure
from analysis.show.prose import Label, Number, Sentence, count, month, percent


@needs("registers")
def outcome_figures(trial: Trial, conf_level: float = 0.95) -> list[Figure]:
    """Each outcome by time and arm, one figure each."""
    rows = monthly_outcomes(trial)
    return [_trajectory(f"over_time_{outcome}", "over_time", rows, outcome, trial, conf_level)
            for outcome in trial.study.monthly_outcomes]  # fmt: skip


@needs("several_statuses")
def status_figures(trial: Trial, conf_level: float = 0.95) -> list[Figure]:
    """The primary outcome by time and arm among those with one status at inclusion, one figure a group with people.

    One axis for all groups, so that they can be read against each other.
    """
    rows, figures = monthly_outcomes(trial), []
    for group in status_groups(trial):
        own, outcome = rows.loc[rows["status_group"] == group], trial.study.primary_outcome
        figure = _trajectory(f"status_{group}", "by_status", own, outcome, trial, conf_level)
        values = {**figure.values, "group": Label("status_groups", group)}
        figures.append(replace(figure, options={**figure.options, "axis": (0, 1)}, values=values,
                               finding=_among(figure.finding, group)))  # fmt: skip
    return figures


def _among(finding: Sentence | None, group: str) -> Sentence | None:
    """The finding as one about the people of a group."""
    if finding is None:
        return None
    return replace(finding, values={**finding.values, "group": Label("status_groups", group)})


@needs("arms", "registers", "several_centres")
def best_centre_figure(trial: Trial, n_best_centres: int = 3, conf_level: float = 0.95) -> Figure:
    """The primary outcome in the base group by status of the centres with the largest observed differences."""
    own, outcome = best_centre_rows(trial, n_best_centres), trial.study.primary_outcome
    figure = _trajectory("best_centres", "best_centres", own, outcome, trial, conf_level)
    values = {"centres": count(n_best_centres), "group": Label("status_groups", str(base_status(trial)))}
    return replace(figure, values={**figure.values, **values}, finding=None)


def _trajectory(name: str, entry: str, rows: pd.DataFrame, outcome: str, trial: Trial, conf_level: float) -> Figure:
    unit = trial.study.unit
    estimates = compare(rows, trial, [outcome], by=unit, conf_level=conf_level)
    shares = estimates.loc[estimates["contrast"].isin(arm_columns(trial))]
    frame = shares.rename(columns={"contrast": "arm"})[[unit, "arm", "estimate", "conf_low", "conf_high"]]
    people = shares["n_treated"].fillna(shares["n_control"]).astype("float64")
    frame = frame.assign(n=people).reset_index(drop=True)
    options = {"percent": True, "x": unit} | ({"treatment": trial.study.treatment} if compares(trial) else {})
    values = {"outcome": outcome_label(outcome), **_values_at(frame, trial)}
    finding = figure_finding(rows, outcome, trial, conf_level) if compares(trial) else None
    return Figure(name, "lines", frame, options, values, entry, finding)


def figure_finding(rows: pd.DataFrame, outcome: str, trial: Trial, conf_level: float) -> Sentence | None:
    """What a figure over time shows at the primary time; None where nobody is observed or all have the same."""
    at = trial.study.primary_at
    now = rows.loc[rows[trial.study.unit] == at]
    if now["arm"].nunique() < 2 or now[outcome].nunique() < 2:
        return None
    found = result("figure_finding", now, outcome, trial, at, conf_level)
    return found if found.direction else None


def _values_at(frame: pd.DataFrame, trial: Trial) -> dict[str, Number | Sentence]:
    """Numbers for the caption and notes: shares and people behind them at the primary time."""
    at, arms = trial.study.primary_at, list(arm_columns(trial))
    now = frame.loc[frame[trial.study.unit] == at].set_index("arm").reindex(arms)
    numbers: dict[str, Number | Sentence] = {"at": month(at)}
    for role, arm in zip(("control", "treated"), arms, strict=False):
        numbers |= {role: percent(100 * now.loc[arm, "estimate"]), f"n_{role}": count(now.loc[arm, "n"])}
    kind = "note_unknown" if now["estimate"].isna().any() else "note_all" if arms == [EVERYBODY] else "note_arms"
    return {**numbers, "then": Sentence(kind, dict(numbers))}


@needs("registers")
def states_figure(trial: Trial) -> Figure:
    """The statuses in a few groups by time, one panel per arm: shares of those observed that sum to one."""
    unit, panel, known = trial.study.unit, grouped_states(trial), known_states(trial)
    counts = panel.groupby(["arm", unit])["category"].value_counts().unstack(fill_value=0).reindex(columns=known)
    counts = counts.fillna(0).rename_axis(columns="category").stack().rename("n").reset_index()
    counts["estimate"] = counts["n"] / counts.groupby(["arm", unit])["n"].transform("sum")
    frame = counts.rename(columns={"arm": "panel"})
    order = {"panel": list(arm_columns(trial)), "category": known}
    frame = frame.assign(**{name: pd.Categorical(frame[name], keys, ordered=True) for name, keys in order.items()})
    frame = frame.sort_values(["panel", "category", unit], ignore_index=True)
    return Figure("states", "stack", frame.astype(dict.fromkeys(order, "str")), {"percent": True, "x": unit})


@needs("arms", "registers")
def difference_figure(trial: Trial, conf_level: float = 0.95) -> Figure:
    """Difference between the arms in each outcome by time, with intervals."""
    unit, rows = trial.study.unit, monthly_outcomes(trial)
    estimates = compare(rows, trial, by=unit, conf_level=conf_level)
    frame = estimates.loc[estimates["contrast"] == trial.study.contrast].reset_index(drop=True)
    fewest = fewest_people(frame)
    frame = frame[["outcome", unit, "estimate", "conf_low", "conf_high"]]
    points = frame.assign(**{name: 100 * frame[name] for name in ("estimate", "conf_low", "conf_high")})
    return Figure("differences", "lines", points, {"series": "outcome", "zero": False, "x": unit}, fewest=fewest)


@needs("arms", "several_statuses")
def group_figure(trial: Trial, conf_level: float = 0.95) -> Figure:
    """Difference in the primary outcome by status at inclusion, in percentage points, at both main times."""
    rows, study, parts = monthly_outcomes(trial), trial.study, []
    for at in two_times(trial):
        now = rows.loc[rows[study.unit] == at]
        for group in (*status_groups(trial), "all"):
            own = now if group == "all" else now.loc[now["status_group"] == group]
            found = compare(own, trial, [study.primary_outcome], conf_level=conf_level)
            found = found.loc[found["contrast"] == study.contrast]
            parts.append(found.assign(row=group, group=f"{study.unit}_{at}"))
    frame = pd.concat(parts, ignore_index=True)
    frame["row"] = frame["group"] + "_" + frame["row"]
    points = frame.assign(**{name: 100 * frame[name] for name in ("estimate", "conf_low", "conf_high")})
    columns = ["group", "row", "estimate", "conf_low", "conf_high", "n_treated", "n_control"]
    first, last = two_times(trial)[0], two_times(trial)[-1]
    values = {"outcome": outcome_label(study.primary_outcome), "at": month(first), "last": month(last)}
    return Figure("status_group_effects", "forest", points[columns], {"reference": 0.0}, values)
