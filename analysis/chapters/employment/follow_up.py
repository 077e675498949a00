"""Outcomes over the whole follow-up, one value a person, and how soon a first event comes."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.employment.populations import (
    EVERYBODY,
    arm_columns,
    compare,
    compared,
    compares,
    gap_column,
    main_times,
    outcomes_at,
    with_arm,
)
from analysis.frames.needs import needs
from analysis.frames.outcomes import follow_up_outcomes
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import concat_estimates, estimate_frame
from analysis.methods.means import compare_means, mean_estimate
from analysis.methods.survival import at_time, cumulative_share, log_rank_test, median_time
from analysis.show.prose import month
from analysis.show.tables import Table, cells

OBSERVED = "units_observed"


@needs("registers", "follow_up_outcomes")
def people_followed(trial: Trial) -> pd.DataFrame:
    """One row per compared person observed after inclusion: the outcomes over the follow-up, arm and subgroups."""
    trial = compared(trial)
    people = with_arm(trial)
    groups = [f"group_{subgroup.code}" for subgroup in trial.study.subgroups]
    return trial.follow_up.merge(people[["participant_id", "arm", *groups]], on="participant_id", validate="1:1")


def summed_outcomes(trial: Trial) -> list[str]:
    """Codes of the outcomes over the follow-up whose share or mean can be told: all but the time to an event."""
    return [rule.code for rule in trial.study.outcomes
            if rule.code not in trial.study.monthly_outcomes and not rule.is_event]  # fmt: skip


@needs()
def compare_follow_up(people: pd.DataFrame, trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: the units observed and each outcome over the follow-up, by arm with the difference.

    A yes or no gets Newcombe's interval, a number Welch's t. A study without two arms gets the share or mean of all.
    """
    rules = {code: trial.study.outcome(code) for code in summed_outcomes(trial)}
    parts = [_means(people, OBSERVED, trial, conf_level)]
    for code, rule in rules.items():
        parts.append(compare(people, trial, [code], conf_level=conf_level) if rule.is_yes_or_no
                     else _means(people, code, trial, conf_level))  # fmt: skip
    return concat_estimates(parts)


def _means(people: pd.DataFrame, code: str, trial: Trial, conf_level: float) -> pd.DataFrame:
    settings = {"unit": "value", "conf_level": conf_level}
    if not compares(trial):
        names = {"outcome": code, "population": "all", "contrast": EVERYBODY}
        return estimate_frame([mean_estimate(people[code], **names, **settings)])
    arms = {"treatment": trial.study.treatment, "control": trial.study.control}
    return compare_means(people, code, **arms, variances="unequal", **settings)


@needs("registers", "follow_up_outcomes")
def follow_up_tables(trial: Trial, conf_level: float = 0.95) -> list[Table]:
    """Outcomes over the whole follow-up by arm, with difference and interval, and for how long people were observed.

    One table of shares and one of means, each only with outcomes of its kind.
    """
    return whole_follow_up(compare_follow_up(people_followed(trial), trial, conf_level), trial)


@needs()
def whole_follow_up(found: pd.DataFrame, trial: Trial) -> list[Table]:
    """The tables of `follow_up_tables` from the estimate frame of their comparison."""
    shares = [code for code in summed_outcomes(trial) if code in _shares(trial)]
    means = [OBSERVED, *(code for code in summed_outcomes(trial) if code not in shares)]
    wanted = {"follow_up_shares": shares, "follow_up_means": means}
    return [_whole(name, codes, found, trial) for name, codes in wanted.items() if codes]


def _whole(name: str, codes: list[str], found: pd.DataFrame, trial: Trial) -> Table:
    own = found[found["outcome"].isin(codes)]
    rows = [cell for record in own.to_dict("records") for cell in _follow_up_cells(record, trial)]
    places = {"pct": 1, "mean": 2, "difference": 1 if name == "follow_up_shares" else 2}
    columns = [*arm_columns(trial), *([gap_column(trial)] if compares(trial) else [])]
    level, values = float(own["conf_level"].iloc[0]), {"last": month(trial.study.horizon.after)}
    return Table(name, cells(rows), decimals=places, rows=codes, columns=columns, conf_level=level, values=values)


def _shares(trial: Trial) -> set[str]:
    return {rule.code for rule in trial.study.outcomes if rule.is_yes_or_no}


def _follow_up_cells(record: dict, trial: Trial) -> list[tuple]:
    """People and share or mean of an arm, or the difference with its interval and p."""
    row, column, share = record["outcome"], record["contrast"], record["outcome"] in _shares(trial)
    scale, name = (100, "pct") if share else (1, "mean")
    n = sum(int(record[key]) for key in ("n_treated", "n_control") if pd.notna(record[key]))
    is_gap = compares(trial) and column == trial.study.contrast
    place = gap_column(trial) if is_gap else column
    ends = [("ci_low", record["conf_low"]), ("ci_high", record["conf_high"])]
    numbers = [("difference" if is_gap else name, record["estimate"]), *(ends if is_gap or column == EVERYBODY else [])]
    known = [] if is_gap else [(row, place, "n", n, n)]
    known += [(row, place, statistic, scale * value, n) for statistic, value in numbers]
    return [*known, (row, place, "p", record["p_value"], n)] if is_gap else known


@needs("arms", "registers", "follow_up_outcomes")
def compare_at_main_times(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: every outcome at a time, at the main times (a column named as the unit)."""
    return concat_estimates(
        compare(outcomes_at(trial, at), trial, conf_level=conf_level).assign(**{trial.study.unit: at})
        for at in main_times(trial)
    )


@needs("arms", "registers", "follow_up_outcomes")
@shown_from(found=compare_at_main_times)
def at_times_table(trial: Trial, found: pd.DataFrame) -> Table:
    """Each outcome at a time by arm, at the primary time, after every full year and at the end of the late window."""
    study, rows = trial.study, []
    for (at, outcome), own in found.groupby([study.unit, "outcome"], sort=False):
        rows += _at_time_cells(f"{study.unit}_{at}_{outcome}", own.set_index("contrast"), trial)
    times, outcomes = main_times(trial), study.monthly_outcomes
    order = {outcome: [f"{study.unit}_{at}_{outcome}" for at in times] for outcome in outcomes}
    columns = [study.control, study.treatment, gap_column(trial)]
    return Table("at_times", cells(rows), decimals={"difference": 1, "ci_low": 1, "ci_high": 1}, rows=order,
                 columns=columns, names={"rows": "outcome_times"}, conf_level=level_of(found))  # fmt: skip


def _at_time_cells(row: str, found: pd.DataFrame, trial: Trial) -> list[tuple]:
    study, gap = trial.study, found.loc[trial.study.contrast]
    people = {study.control: gap["n_control"], study.treatment: gap["n_treated"]}
    rows = [cell for arm, n in people.items()
            for cell in ((row, arm, "n", n, n), (row, arm, "pct", 100 * found.loc[arm, "estimate"], n))]  # fmt: skip
    both, column = sum(people.values()), gap_column(trial)
    scaled = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
    rows += [(row, column, statistic, 100 * gap[name], both) for statistic, name in scaled.items()]
    return [*rows, (row, column, "p", gap["p_value"], both)]


def first_outcomes(trial: Trial) -> list[str]:
    """Codes of the declared outcomes that are a time to an event."""
    return [rule.code for rule in trial.study.outcomes if rule.is_event]


def later_outcomes(trial: Trial) -> list[str]:
    """Codes of those that were added beside the declared ones."""
    return [rule.code for rule in trial.study.alternative_outcomes if rule.is_event]


@once_a_trial
def _followed_beside(trial: Trial) -> pd.DataFrame:
    """As `people_followed`, with the times to an event that stand beside the declared outcomes."""
    trial, rules = compared(trial), tuple(rule for rule in trial.study.alternative_outcomes if rule.is_event)
    values = follow_up_outcomes(trial.tables, trial.panel, replace(trial.study, outcomes=rules))
    return values.merge(with_arm(trial)[["participant_id", "arm"]], on="participant_id", validate="1:1")


def first_times(trial: Trial, code: str) -> pd.DataFrame:
    """One row per participant observed after inclusion: arm, when the event first came or until when it had not."""
    people = _followed_beside(trial) if code in later_outcomes(trial) else people_followed(trial)
    window, happened = trial.study.outcome(code).window, people[code].notna()
    observed = people[OBSERVED].clip(upper=window.last) if window else people[OBSERVED]
    return people.assign(happened=happened, time=people[code].where(happened, observed))


def curves_of(trial: Trial, codes: Sequence[str], conf_level: float = 0.95) -> pd.DataFrame:
    """Cumulative shares with an event, one row per outcome, arm and time at which it came; see `cumulative_share`."""
    parts = []
    for code in codes:
        people = first_times(trial, code)
        for arm in arm_columns(trial):
            own = people[people["arm"] == arm]
            curve = cumulative_share(own["time"], own["happened"], conf_level)
            parts.append(curve.assign(arm=arm, outcome=code, conf_level=conf_level))
    return pd.concat(parts, ignore_index=True)


@needs("registers", "first_events")
def first_curves(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Kaplan and Meier's cumulative share with each first event that is declared; see `curves_of`."""
    return curves_of(trial, first_outcomes(trial), conf_level)


@needs("registers", "first_events")
def first_tests(trial: Trial) -> pd.DataFrame:
    """The log-rank test of each first event that is declared, as estimate rows; none without two arms."""
    return estimate_frame([first_test(trial, code) for code in first_outcomes(trial)] if compares(trial) else [])


@needs("registers", "first_events")
@shown_from(curves=first_curves, tests=first_tests)
def first_table(trial: Trial, curves: pd.DataFrame, tests: pd.DataFrame) -> Table:
    """Cumulative share with a first event and people still at risk, at the main times; median and log-rank test."""
    unit, rows, order = trial.study.unit, [], {}
    for code, own in curves.groupby("outcome", sort=False):
        people = first_times(trial, code)
        order[code] = [f"{unit}_{at}_{code}" for at in main_times(trial)] + [f"{code}_median", f"{code}_log_rank"]
        for arm, curve in own.groupby("arm", sort=False):
            times = people.loc[people["arm"] == arm, "time"]
            for at in main_times(trial):
                rows += _curve_cells(f"{unit}_{at}_{code}", arm, at_time(curve, at), int((times >= at).sum()))
            rows.append((f"{code}_median", arm, f"{unit}s", median_time(curve), len(times)))
        rows += [(f"{code}_log_rank", trial.study.contrast, "p", p, len(people))
                 for p in tests.loc[tests["outcome"] == code, "p_value"]]  # fmt: skip
    columns = [*arm_columns(trial), *([trial.study.contrast] if compares(trial) else [])]
    return Table("first_times", cells(rows), rows=order, columns=columns, conf_level=level_of(curves),
                 decimals={"pct": 1, "at_risk": 0}, names={"rows": "outcome_times"})  # fmt: skip


def _curve_cells(row: str, arm: str, point: pd.Series, at_risk: int) -> list[tuple]:
    scaled = {"pct": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
    return [(row, arm, "at_risk", at_risk, at_risk),
            *((row, arm, name, 100 * point[key], at_risk) for name, key in scaled.items())]  # fmt: skip


def first_test(trial: Trial, code: str):
    """The log-rank test of one time to a first event."""
    people, study = first_times(trial, code), trial.study
    treated = people["arm"] == study.treatment
    return log_rank_test(people["time"], people["happened"], treated, outcome=code, contrast=study.contrast)
