"""What the chapter says of shares, people and time: sentences whose words turn with the estimates."""

import pandas as pd

from analysis.chapters.employment.populations import (
    base_status,
    best_centre_rows,
    compare,
    compared,
    compares,
    monthly_outcomes,
    outcomes_at,
    plain_outcome,
    printed_rule,
    status_groups,
)
from analysis.chapters.employment.shares import JOB_ONLY, known_statuses, outcome_label, statuses_table
from analysis.frames.needs import Absent, needs
from analysis.frames.outcomes import first_day
from analysis.frames.trial import Trial
from analysis.methods.multiplicity import holm
from analysis.show.prose import (
    Label,
    Number,
    Sentence,
    count,
    decimal,
    direction_by_p,
    direction_of,
    month,
    p_value,
    percent,
    points,
    tally,
)
from analysis.show.tables import Table


def comparison(rows: pd.DataFrame, outcome: str, trial: Trial, conf_level: float) -> dict:
    """The two shares and the difference of one comparison, ready for a sentence: values and direction."""
    found = compare(rows, trial, [outcome], conf_level=conf_level).set_index("contrast")
    difference = found.loc[trial.study.contrast]
    values = {
        "treated": percent(100 * found.loc[trial.study.treatment, "estimate"]),
        "control": percent(100 * found.loc[trial.study.control, "estimate"]),
        "points": points(100 * difference["estimate"]),
        "difference": decimal(100 * difference["estimate"]),
        "low": decimal(100 * difference["conf_low"]),
        "high": decimal(100 * difference["conf_high"]),
        "p": p_value(difference["p_value"]),
        "n_treated": count(difference["n_treated"]),
        "n_control": count(difference["n_control"]),
        "level": tally(100 * conf_level),
        "arm": Label("arms", trial.study.treatment),
        "other_arm": Label("arms", trial.study.control),
        "outcome": outcome_label(outcome),
    }
    # A clear difference needs both: an interval without nought and a p-value below the level.
    clear = difference["p_value"] < 1 - conf_level
    return {"values": values, "direction": direction_of(difference) if clear else "unclear"}


def result(key: str, rows: pd.DataFrame, outcome: str, trial: Trial, at: int, conf_level: float, **more) -> Sentence:
    """The sentence under `key` about one comparison; of everybody's share without two arms; or that nobody is observed.

    Where the shares are nought or one in both arms there is no test, and the sentence gives the shares alone.
    """
    said = {"outcome": outcome_label(outcome), "at": month(at)}
    if rows.empty or (compares(trial) and rows["arm"].nunique() < 2):
        return Sentence("nobody_observed", said)
    if not compares(trial):
        alone = compare(rows, trial, [outcome], conf_level=conf_level).iloc[0]
        numbers = {"share": "estimate", "low": "conf_low", "high": "conf_high"}
        shares = {name: percent(100 * alone[column]) for name, column in numbers.items()}
        n = {"n": count(alone["n_treated"]), "level": tally(100 * conf_level)}
        return Sentence("share_of_all", {**said, **shares, **n}, finding=more.get("finding", False))
    found = comparison(rows, outcome, trial, conf_level)
    if rows[outcome].nunique() < 2:
        same = {"share": found["values"]["treated"], "n": count(len(rows))}
        return Sentence("same_for_all", {**said, **same}, finding=more.get("finding", False))
    return Sentence(key, {**found["values"], **said}, found["direction"], **more)


@needs("registers")
def title(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """The chapter's question and its answer at the time of the primary outcome."""
    study = trial.study
    rows = outcomes_at(trial, study.primary_at)
    return result("title", rows, study.primary_outcome, trial, study.primary_at, conf_level)


@needs("arms", "registers")
def main_result(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """The primary outcome at its time."""
    study = trial.study
    rows = outcomes_at(trial, study.primary_at)
    return result("main_result", rows, study.primary_outcome, trial, study.primary_at, conf_level, finding=True)


@needs("registers")
def other_results(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """The other outcomes at the time of the primary one."""
    study = trial.study
    rows = outcomes_at(trial, study.primary_at)
    return [result("narrow_result", rows, outcome, trial, study.primary_at, conf_level, finding=True)
            for outcome in study.monthly_outcomes if outcome != study.primary_outcome]  # fmt: skip


@needs("registers")
def last_month(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """The primary outcome in the last time unit of the late window, among those observed so long."""
    study, last = trial.study, trial.study.late.last
    if last == study.primary_at:
        return Absent("late_window")
    found = result("last_month", outcomes_at(trial, last), study.primary_outcome, trial, last,
                   conf_level, finding=True)  # fmt: skip
    return Sentence(found.key, {**found.values, "month": month(last)}, found.direction, found.finding)


@needs("arms", "registers")
def later_months(shares: pd.DataFrame, trial: Trial) -> list[Sentence]:
    """For each outcome, in how many time units of the late window the arms differ clearly.

    `shares` is the estimate frame of `compare` by time.
    """
    return [times_that_differ(shares.loc[shares["outcome"] == outcome], outcome, trial)
            for outcome in trial.study.monthly_outcomes if (shares["outcome"] == outcome).any()]  # fmt: skip


def times_that_differ(shares: pd.DataFrame, outcome: str, trial: Trial) -> Sentence:
    """In how many of the time units of an estimate frame the arms differ clearly in one outcome."""
    own, level = shares.loc[shares["contrast"] == trial.study.contrast], 1 - shares["conf_level"].iloc[0]
    apart = (own["conf_low"] > 0) | (own["conf_high"] < 0)
    clear, times = (own["p_value"] < level) & apart, own[trial.study.unit]
    values = {
        "outcome": outcome_label(outcome),
        "arm": Label("arms", trial.study.treatment),
        "months": tally(len(own)),
        "first": month(times.min()),
        "last": month(times.max()),
        "higher": _how_many(clear & (own["estimate"] > 0)),
        "lower": _how_many(clear & (own["estimate"] < 0)),
        "left": _how_many(clear & (holm(own["p_value"].astype(float)) < level)),
        "level": tally(100 * level),
    }
    if len(own) == 1:
        return _one_later(own.iloc[0], values, level)
    return Sentence("later_months", values)


def _one_later(row: pd.Series, values: dict, level: float) -> Sentence:
    ends = {"low": decimal(100 * row["conf_low"]), "high": decimal(100 * row["conf_high"])}
    return Sentence("later_month", {**values, **ends}, direction_by_p(row["estimate"], row["p_value"], level))


def _how_many(which: pd.Series) -> Number | Sentence:
    return tally(which.sum()) if which.any() else Sentence("none")


def followed_to(trial: Trial) -> float:
    """The last time unit up to which every participant is observed from inclusion on; missing without any."""
    rows = monthly_outcomes(trial)
    counts = rows.loc[rows[trial.study.unit] >= 0].groupby(trial.study.unit).size()
    whole = counts.reindex(range(trial.study.horizon.after + 1), fill_value=0) == len(compared(trial).people)
    return float(whole.cummin().sum() - 1) if whole.iloc[0] else float("nan")


@needs("registers")
def observed(trial: Trial) -> Sentence:
    """Who can be followed how long."""
    study, last, full = trial.study, trial.study.horizon.after, followed_to(trial)
    at_end = outcomes_at(trial, last)["arm"].value_counts()
    values = {"n": count(len(compared(trial).people)), "last_month": month(last)}
    if full == last:
        return Sentence("observed_all", values)
    values |= {"left": count(at_end.sum())}
    if pd.isna(full):
        return Sentence("observed_some", values)
    values |= {"full_month": month(full)}
    if not at_end.sum():
        return Sentence("observed_nobody", values)
    if not compares(trial):
        return Sentence("observed_of_all", values)
    arms = {"arm": Label("arms", study.treatment), "other_arm": Label("arms", study.control)}
    ends = {"n_treated": count(at_end.get(study.treatment, 0)), "n_control": count(at_end.get(study.control, 0))}
    return Sentence("observed" if registers_end_first(trial) else "observed_each", {**values, **arms, **ends})


def registers_end_first(trial: Trial) -> bool:
    """Whether the registers end within the follow-up of somebody."""
    people, study = trial.people["included_on"], trial.study
    after = first_day(people, pd.Series(study.horizon.after + 1, index=people.index), study.unit)
    return bool((after > pd.Timestamp(study.dates.register_end) + pd.Timedelta(days=1)).any())


@needs("arms", "before_inclusion")
def before_inclusion(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """Were the arms alike in the first time unit shown?"""
    first, outcome = int(monthly_outcomes(trial)[trial.study.unit].min()), plain_outcome(trial)
    rows = outcomes_at(trial, first)
    if first >= 0 or rows["arm"].nunique() < 2:
        return Absent("before_inclusion")
    found = result("before_inclusion", rows, outcome, trial, first, conf_level)
    return Sentence(found.key, {**found.values, "month": tally(abs(first))}, found.direction)


@needs("arms", "before_inclusion")
def at_inclusion(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """Work at inclusion, and whether it had fallen since the first time unit shown."""
    now, outcome = outcomes_at(trial, 0), plain_outcome(trial)
    first = outcomes_at(trial, int(monthly_outcomes(trial)[trial.study.unit].min()))
    if now["arm"].nunique() < 2:
        return Absent("observed")
    if not now[outcome].any():
        return Sentence("none_at_inclusion", {"outcome": outcome_label(outcome)})
    found = comparison(now, outcome, trial, conf_level)
    change = now[outcome].mean() - first[outcome].mean()
    return Sentence("at_inclusion", found["values"], "lower" if change < 0 else "unclear")


@needs("arms", "registers")
def largest_shifts(trial: Trial, month: int | None = None) -> Sentence | Absent:
    """The statuses in which the arms differ most at the primary time, one each way."""
    table, study = statuses_table(trial, month), trial.study
    found = table.cells[table.cells["statistic"] == "pct"]
    shares = found.pivot(index="row", columns="column", values="value").loc[list(known_statuses(trial))]
    time = next(reversed(table.columns))
    gaps = shares[f"{time}_{study.treatment}"] - shares[f"{time}_{study.control}"]
    if gaps.isna().any() or (gaps == 0).all():
        return Absent("observed")
    most, least = gaps.idxmax(), gaps.idxmin()
    values = {
        "arm": Label("arms", study.treatment),
        "other_arm": Label("arms", study.control),
        "more": Label("statuses", most),
        "more_points": points(gaps[most]),
        "fewer": Label("statuses", least),
        "fewer_points": points(gaps[least]),
        "at": table.values["at"],
        "looked_at": tally(len(gaps)),
    }
    return Sentence("job_shift" if known_statuses(trial) == JOB_ONLY else "largest_shifts", values)


@needs("arms", "several_statuses")
def by_status(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """The primary outcome at its time, one sentence per status at inclusion that has people."""
    study, rows, sentences = trial.study, outcomes_at(trial, trial.study.primary_at), []
    for group in status_groups(trial):
        own, finding = rows.loc[rows["status_group"] == group], group in printed_rule(trial, "status_findings", ())
        found = result("by_status", own, study.primary_outcome, trial, study.primary_at, conf_level, finding=finding)
        kept = {"nobody_observed": "group_too_small", "same_for_all": "group_same"}.get(found.key, found.key)
        values = {**found.values, "group": Label("status_groups", group)}
        sentences.append(Sentence(kept, values, found.direction, finding and found.direction is not None))
    return sentences


@needs("arms", "registers", "several_centres")
def centres_sick_listed(trial: Trial, n_best_centres: int = 3, conf_level: float = 0.95) -> Sentence:
    """The base group by status at the centres with the largest differences, at the primary time."""
    study, rows = trial.study, best_centre_rows(trial, n_best_centres)
    own = rows.loc[rows[study.unit] == study.primary_at]
    found = result("centres_sick_listed", own, study.primary_outcome, trial, study.primary_at, conf_level)
    people = {"group": Label("status_groups", str(base_status(trial))), "place": "best_centres"}
    return Sentence(found.key, {**found.values, **people}, found.direction)


@needs()
def work_share(table: Table) -> Sentence | Absent:
    """How far the main result moves with the limit of AAP with work, read from `sensitivity.work_share_table`."""
    differences = table.cells.loc[table.cells["statistic"] == "difference"]
    if differences["value"].isna().any():
        return Absent("observed")
    limits = differences["row"].str.removeprefix("share_").astype(int)
    least, most = (differences.loc[differences["value"].agg(end), "row"] for end in ("idxmin", "idxmax"))
    tests = table.cells[table.cells["statistic"] == "p"].set_index("row")["value"]
    values = {
        "lowest_share": percent(limits.min(), 0),
        "highest_share": percent(limits.max(), 0),
        "p_lowest": p_value(tests[least]),
        "p_highest": p_value(tests[most]),
        "lowest": decimal(differences["value"].min()),
        "highest": decimal(differences["value"].max()),
        **table.values,
    }
    tested = tests[[least, most]].notna().all()
    return Sentence("work_share" if tested else "work_share_untested", values)
