"""What the chapter says of outcomes over the whole follow-up and of the time to a first event."""

import pandas as pd

from analysis.chapters.employment.follow_up import (
    curves_of,
    first_outcomes,
    first_test,
    first_times,
    summed_outcomes,
)
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.survival import at_time
from analysis.show.prose import (
    Label,
    Number,
    Sentence,
    decimal,
    direction_by_p,
    direction_of,
    month,
    p_value,
    percent,
    points,
    tally,
)


@needs("arms", "registers", "follow_up_outcomes")
def follow_up_results(found: pd.DataFrame, trial: Trial) -> list[Sentence]:
    """One sentence per outcome over the follow-up, from the estimate frame of `compare_follow_up`."""
    return [_follow_up(code, found[found["outcome"] == code].set_index("contrast"), trial)
            for code in summed_outcomes(trial)]  # fmt: skip


def _follow_up(code: str, found: pd.DataFrame, trial: Trial) -> Sentence:
    study, gap = trial.study, found.loc[trial.study.contrast]
    said = {"outcome": Label("outcomes", code), "last": month(study.horizon.after)}
    if pd.isna(gap["conf_low"]):
        return Sentence("follow_up_unknown", said)
    share = study.outcome(code).is_yes_or_no
    arms = {"treated": found.loc[study.treatment, "estimate"], "control": found.loc[study.control, "estimate"]}
    size = max(map(abs, arms.values()))
    values = {
        **said,
        "arm": Label("arms", study.treatment),
        "level": tally(100 * gap["conf_level"]),
        "p": p_value(gap["p_value"]),
        **{name: percent(100 * value) if share else sized(value, size) for name, value in arms.items()},
    }
    ends = {"difference": gap["estimate"], "low": gap["conf_low"], "high": gap["conf_high"]}
    values |= {name: decimal(100 * value) if share else sized(value, size) for name, value in ends.items()}
    values["points"] = points(100 * gap["estimate"]) if share else sized(abs(gap["estimate"]), size)
    clear = gap["p_value"] < 1 - gap["conf_level"]
    direction = direction_of(gap) if clear else "unclear"
    return Sentence("follow_up_share" if share else "follow_up_mean", values, direction, finding=True)


def sized(value: float, size: float) -> Number:
    """A number with as many decimals as numbers of the size need: none for thousands, two below ten."""
    return decimal(value, 0 if size >= 1000 else 1 if size >= 10 else 2)


@needs("arms", "registers", "first_events")
def first_results(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """For each time to a first event, how many had it by the primary time, and the log-rank test."""
    return [first_result(trial, code, conf_level) for code in first_outcomes(trial)]


def first_result(trial: Trial, code: str, conf_level: float) -> Sentence:
    """How many had one event by the primary time, and the log-rank test."""
    study, at, test = trial.study, trial.study.primary_at, first_test(trial, code)
    said = {"outcome": Label("outcomes", code), "at": month(at)}
    if pd.isna(test.p_value):
        return Sentence("first_unknown", said)
    curves, people = curves_of(trial, [code], conf_level), first_times(trial, code)
    share = {arm: at_time(curves[curves["arm"] == arm], at)["estimate"] for arm in study.arm_codes}
    events = people["happened"].groupby(people["arm"]).sum()
    expected = events.sum() * _time_share(people, study.treatment)
    values = {
        **said,
        "arm": Label("arms", study.treatment),
        "treated": percent(100 * share[study.treatment]),
        "control": percent(100 * share[study.control]),
        "p": p_value(test.p_value),
    }
    direction = direction_by_p(events[study.treatment] - expected, test.p_value, 1 - conf_level)
    return Sentence("first", values, direction)


def _time_share(people: pd.DataFrame, arm: str) -> float:
    """The arm's share of all time at risk, and so of the events if they came at the same pace in both."""
    return people.loc[people["arm"] == arm, "time"].sum() / people["time"].sum()
