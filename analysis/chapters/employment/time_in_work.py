"""Restricted mean times to the end of the follow-up: in an outcome or status, before a first or lasting event."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.chapters.employment.follow_up import (
    curves_of,
    first_outcomes,
    first_times,
    later_outcomes,
)
from analysis.chapters.employment.populations import arm_columns, compared, compares, gap_column, with_arm
from analysis.chapters.employment.states import arms_of, grouped_states, known_states
from analysis.frames.needs import Absent, needs
from analysis.frames.outcomes import work_outcomes
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import concat_estimates
from analysis.methods.multiplicity import holm
from analysis.methods.survival import compare_restricted_means, horizon_of
from analysis.methods.time_in_state import mean_time_in
from analysis.show.figures import Figure, titled
from analysis.show.prose import Sentence, month, tally
from analysis.show.tables import Table, cells
from analysis.study.outcome_rules import AT_A_TIME

# With fewer people of an arm no standard error is known.
FEWEST = 2


def states_at_a_time(trial: Trial) -> dict[str, list[str]]:
    """Codes of the outcomes at a time: those that the study declares, and those added beside them."""
    rules = {"declared": trial.study.outcomes, "post_hoc": trial.study.alternative_outcomes}
    found = {name: [rule.code for rule in own if rule.measure == AT_A_TIME] for name, own in rules.items()}
    return {name: codes for name, codes in found.items() if codes}


@once_a_trial
def outcomes_in_time(trial: Trial) -> pd.DataFrame:
    """One row per compared person and observed time unit: arm and every outcome of `states_at_a_time`."""
    own = compared(trial)
    study = replace(own.study, outcomes=(*own.study.outcomes, *own.study.alternative_outcomes))
    arms = with_arm(own)[["participant_id", "arm"]]
    return work_outcomes(own.panel, study).merge(arms, on="participant_id", how="inner", validate="m:1")


def last_followed(trial: Trial) -> int:
    """The last unit after inclusion up to which every unit has at least two people of each arm; 0 without any."""
    rows, unit = outcomes_in_time(trial), trial.study.unit
    counts = rows.groupby([unit, "arm"]).size().unstack("arm").reindex(columns=list(arm_columns(trial)))
    enough = (counts.reindex(range(1, trial.study.horizon.after + 1)).fillna(0) >= FEWEST).all(axis=1)
    return int(enough.cummin().sum())


def _units(trial: Trial) -> range | None:
    return range(1, last_followed(trial) + 1) or None


@needs("registers")
def mean_times(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame | Absent:
    """Estimate frame: mean time with each outcome from inclusion to the end of the follow-up, and the difference."""
    rows, codes = outcomes_in_time(trial), [code for own in states_at_a_time(trial).values() for code in own]
    return _mean_times(rows, codes, trial, conf_level)


def _mean_times(rows: pd.DataFrame, states: Sequence[str], trial: Trial, conf_level: float) -> pd.DataFrame | Absent:
    if not (units := _units(trial)):
        return Absent("observed")
    settings = {"unit": trial.study.unit, "units": units, **arms_of(trial), "conf_level": conf_level}
    return concat_estimates(mean_time_in(rows, state, **settings) for state in states)


@needs()
def mean_time_table(found: pd.DataFrame, trial: Trial) -> Table:
    """Mean time with each outcome by arm, with interval, and the difference; from the frame of `mean_times`."""
    groups = states_at_a_time(trial)
    rows = groups if len(groups) > 1 else next(iter(groups.values()))
    return _table("mean_time", found, rows, trial, {"names": {"rows": "outcomes"}})


@needs("benefits")
def times_by_status(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame | Absent:
    """Estimate frame: as `mean_times`, for the groups of statuses, whose times add up to the whole follow-up."""
    rows, known = grouped_states(trial), known_states(trial)
    rows = rows.assign(**{state: rows["category"] == state for state in known})
    return _mean_times(rows, known, trial, conf_level)


@needs()
def time_by_status_table(found: pd.DataFrame, trial: Trial) -> Table:
    """Mean time in each group of statuses by arm, and the difference; from the frame of `times_by_status`."""
    return _table("time_by_status", found, list(known_states(trial)), trial)


@needs("arms")
def time_by_status_figure(found: pd.DataFrame, trial: Trial) -> Figure:
    """Where time was gained and where less was spent: the differences of `times_by_status`, with intervals."""
    gaps = found[found["contrast"] == trial.study.contrast].rename(columns={"outcome": "row"})
    frame = gaps[["row", "estimate", "conf_low", "conf_high", "n_treated", "n_control"]].reset_index(drop=True)
    values = {"last": month(last_followed(trial))}
    figure = Figure("time_gained", "forest", frame, {"reference": 0.0, "decimals": 2}, values)
    return titled(figure, _times_that_differ(gaps.dropna(subset=["p_value"])))


def _times_that_differ(gaps: pd.DataFrame) -> Sentence | None:
    """In how many states the time differs clearly, each on its own and after Holm; None where nothing is tested."""
    if gaps.empty:
        return None
    level = 1 - gaps["conf_level"].iloc[0]
    clear = (gaps["p_value"] < level) & ((gaps["conf_low"] > 0) | (gaps["conf_high"] < 0))
    left = clear & (holm(gaps["p_value"].astype(float)) < level)
    values = {"clear": tally(clear.sum()), "left": tally(left.sum()), "all": tally(len(gaps))}
    return Sentence("times_differ" if clear.any() else "times_alike", values)


def _table(
    name: str, found: pd.DataFrame, rows: Sequence[str] | dict, trial: Trial, options: dict | None = None
) -> Table:  # fmt: skip
    made = [cell for record in found.to_dict("records") for cell in time_cells(record, trial)]
    columns = [*arm_columns(trial), *([gap_column(trial)] if compares(trial) else [])]
    return Table(name, cells(made), rows=rows, columns=columns, decimals={"mean": 2, "difference": 2},
                 conf_level=float(found["conf_level"].iloc[0]),
                 **{"values": {"last": month(last_followed(trial))}, **(options or {})})  # fmt: skip


def time_cells(record: dict, trial: Trial) -> list[tuple]:
    """People and mean time of an arm with its interval, or the difference with interval and p."""
    row, contrast = record["outcome"], record["contrast"]
    n = sum(int(record[key]) for key in ("n_treated", "n_control") if pd.notna(record[key]))
    ends = [("ci_low", record["conf_low"]), ("ci_high", record["conf_high"])]
    if contrast in arm_columns(trial):
        numbers = [("n", n), ("mean", record["estimate"]), *ends]
        return [(row, contrast, name, value, n) for name, value in numbers]
    numbers = [("difference", record["estimate"]), *ends, ("p", record["p_value"])]
    return [(row, gap_column(trial), name, value, n) for name, value in numbers]


def event_outcomes(trial: Trial) -> list[str]:
    """Codes of the times to an event, declared and added."""
    return [*first_outcomes(trial), *later_outcomes(trial)]


@needs("registers", "events")
def later_curves(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """As `first_curves`, of the events beside the declared outcomes; without rows where nobody is observed."""
    codes = [code for code in later_outcomes(trial) if len(first_times(trial, code))]
    return curves_of(trial, codes, conf_level) if codes else pd.DataFrame({"outcome": []})


@needs("registers", "events")
def mean_waits(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame | Absent:
    """Estimate frame: restricted mean time to each event, by arm, with the difference.

    The horizon, `last`, is one for all events: the last unit until which somebody of either arm waits for each.
    """
    people = {code: first_times(trial, code) for code in event_outcomes(trial)}
    last = min(horizon_of(own["time"], own["arm"], last_followed(trial)) for own in people.values())
    if not last > 0 or any(set(arm_columns(trial)) - set(own["arm"]) for own in people.values()):
        return Absent("observed")
    settings = {"last": last, **arms_of(trial), "conf_level": conf_level}
    found = [compare_restricted_means(own, outcome=code, **settings) for code, own in people.items()]
    return concat_estimates(found).assign(last=last)


@needs()
def mean_wait_table(found: pd.DataFrame, trial: Trial) -> Table:
    """The table of `mean_waits`: of the time units followed, how many passed before the event, on average."""
    last = {"last": month(found["last"].iloc[0])}
    return _table("mean_wait", found, event_outcomes(trial), trial, {"names": {"rows": "outcomes"}, "values": last})
