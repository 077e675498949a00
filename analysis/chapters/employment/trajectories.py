"""Figures over time: each outcome by arm, by status at inclusion, the statuses, and the difference."""

from dataclasses import replace

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
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
from analysis.chapters.employment.sentences import result, times_that_differ
from analysis.chapters.employment.sentences_models import interaction
from analysis.chapters.employment.shares import outcome_label, status_effects
from analysis.chapters.employment.states import grouped_states, known_states
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.estimates import concat_estimates
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, Number, Sentence, count, month, percent, tally


@needs("registers")
def compare_over_time(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: every outcome in each time unit, by arm and the difference; see `compare`."""
    return compare(monthly_outcomes(trial), trial, by=trial.study.unit, conf_level=conf_level)


@needs("registers")
@shown_from(found=compare_over_time)
def outcome_figures(trial: Trial, found: pd.DataFrame) -> list[Figure]:
    """Each outcome by time and arm, one figure each."""
    rows = monthly_outcomes(trial)
    return [_trajectory(f"over_time_{outcome}", "over_time", rows, outcome, found[found["outcome"] == outcome], trial)
            for outcome in trial.study.monthly_outcomes]  # fmt: skip


@needs("several_statuses")
def compare_within_statuses(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: the primary outcome in each time unit among those with one status at inclusion (`population`)."""
    rows, parts = monthly_outcomes(trial), []
    for group in status_groups(trial):
        own = rows.loc[rows["status_group"] == group]
        found = compare(own, trial, [trial.study.primary_outcome], by=trial.study.unit, conf_level=conf_level)
        parts.append(found.assign(population=group))
    return concat_estimates(parts)


@needs("several_statuses")
@shown_from(found=compare_within_statuses)
def status_figures(trial: Trial, found: pd.DataFrame) -> list[Figure]:
    """The primary outcome by time and arm among those with one status at inclusion, one figure a group with people.

    One axis for all groups, so that they can be read against each other.
    """
    rows, figures = monthly_outcomes(trial), []
    for group in status_groups(trial):
        own, shares = rows.loc[rows["status_group"] == group], found[found["population"] == group]
        figure = _trajectory(f"status_{group}", "by_status", own, trial.study.primary_outcome, shares, trial)
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
def compare_best_centres(trial: Trial, n_best_centres: int = 3, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: the primary outcome by time unit in `best_centre_rows`, by arm and the difference."""
    own, study = best_centre_rows(trial, n_best_centres), trial.study
    return compare(own, trial, [study.primary_outcome], by=study.unit, conf_level=conf_level)


@needs("arms", "registers", "several_centres")
@shown_from(found=compare_best_centres)
def best_centre_figure(trial: Trial, found: pd.DataFrame, n_best_centres: int = 3) -> Figure:
    """The primary outcome in the base group by status of the centres with the largest observed differences."""
    own, outcome = best_centre_rows(trial, n_best_centres), trial.study.primary_outcome
    figure = _trajectory("best_centres", "best_centres", own, outcome, found, trial)
    values = {"centres": tally(n_best_centres), "group": Label("status_groups", str(base_status(trial)))}
    picked = figure.finding and replace(figure.finding, key="picked_finding")
    return replace(figure, values={**figure.values, **values}, finding=picked)


def _trajectory(
    name: str, entry: str, rows: pd.DataFrame, outcome: str, estimates: pd.DataFrame, trial: Trial
) -> Figure:
    """The figure of one outcome's estimates, and what its rows show."""
    unit, conf_level = trial.study.unit, level_of(estimates)
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
    figure = Figure("states", "stack", frame.astype(dict.fromkeys(order, "str")), {"percent": True, "x": unit})
    return titled(figure, _first_state(figure.frame, trial))


def _first_state(frame: pd.DataFrame, trial: Trial) -> Sentence | None:
    """The share with the state that is drawn first, at the primary time; None where nobody of an arm is observed."""
    arms, state = list(arm_columns(trial)), frame["category"].iloc[0]
    now = frame[frame[trial.study.unit] == trial.study.primary_at]
    people = now.groupby("panel")["n"].sum().reindex(arms)
    shares = now[now["category"] == state].set_index("panel")["estimate"].reindex(arms)
    if shares.isna().any():
        return None
    values: dict = {"state": Label("categories", state), "at": month(trial.study.primary_at)}
    for role, arm in zip(("control", "treated"), arms, strict=False):
        values |= {role: percent(100 * shares[arm]), f"n_{role}": count(people[arm])}
    return Sentence("state_of_arms" if compares(trial) else "state_of_all", values)


@needs("arms", "registers")
@shown_from(found=compare_over_time)
def difference_figure(trial: Trial, found: pd.DataFrame) -> Figure:
    """Difference between the arms in each outcome by time, with intervals."""
    unit = trial.study.unit
    frame = found.loc[found["contrast"] == trial.study.contrast].reset_index(drop=True)
    frame = frame[["outcome", unit, "estimate", "conf_low", "conf_high", "n_treated", "n_control"]]
    points = frame.assign(**{name: 100 * frame[name] for name in ("estimate", "conf_low", "conf_high")})
    figure = Figure("differences", "lines", points, {"series": "outcome", "zero": False, "x": unit})
    after = found[found[unit].between(1, trial.study.horizon.after) & found["p_value"].notna()]
    main = after[(after["outcome"] == trial.study.primary_outcome) & (after["contrast"] == trial.study.contrast)]
    return titled(figure, None if main.empty else times_that_differ(main, trial.study.primary_outcome, trial))


@needs("arms", "several_statuses")
def status_effects_at_both_times(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """`status_effects` of the primary outcome, at both main times."""
    return concat_estimates(status_effects(trial, at, conf_level=conf_level) for at in two_times(trial))


@needs("arms", "several_statuses")
@shown_from(found=status_effects_at_both_times)
def group_figure(trial: Trial, found: pd.DataFrame) -> Figure:
    """Difference in the primary outcome by status at inclusion, in percentage points, at both main times."""
    study = trial.study
    gaps = found.loc[found["contrast"] == study.contrast]
    group = gaps[study.unit].map(lambda at: f"{study.unit}_{at}")
    frame = gaps.assign(group=group, row=group + "_" + gaps["population"]).reset_index(drop=True)
    points = frame.assign(**{name: 100 * frame[name] for name in ("estimate", "conf_low", "conf_high")})
    columns = ["group", "row", "estimate", "conf_low", "conf_high", "n_treated", "n_control"]
    first, last = two_times(trial)[0], two_times(trial)[-1]
    values = {"outcome": outcome_label(study.primary_outcome), "at": month(first), "last": month(last)}
    figure = Figure("status_group_effects", "forest", points[columns], {"reference": 0.0}, values)
    told = interaction(trial, level_of(found))
    return titled(figure, told[0] if isinstance(told, list) and told[0].key != "interaction_unknown" else None)
