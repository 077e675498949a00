"""What the chapter says of time in work, of the time until it lasts, and of how often people came and went."""

import pandas as pd

from analysis.chapters.employment.populations import EVERYBODY, compares
from analysis.chapters.employment.sentences_follow_up import sized
from analysis.chapters.employment.time_in_work import last_followed
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.show.prose import Label, Sentence, decimal, direction_of, month, p_value, percent, points, tally


@needs("registers")
def mean_time_results(found: pd.DataFrame, trial: Trial) -> list[Sentence]:
    """One sentence for each declared outcome at a time, the primary one first, from the frame of `mean_times`."""
    study, last = trial.study, last_followed(trial)
    codes = sorted(study.monthly_outcomes, key=lambda code: code != study.primary_outcome)
    return [_compared("mean_time", found[found["outcome"] == code], Label("outcomes_in_text", code), last, trial)
            for code in codes]  # fmt: skip


@needs("registers", "events")
def mean_wait_results(found: pd.DataFrame, trial: Trial) -> list[Sentence]:
    """One sentence for each time to an event, from the frame of `mean_waits`."""
    said = []
    for code in dict.fromkeys(found["outcome"]):
        own = found[found["outcome"] == code]
        said.append(_compared("mean_wait", own, Label("outcomes", code), own["last"].iloc[0], trial))
    return said


@needs("registers")
def rate_results(found: pd.DataFrame, trial: Trial) -> list[Sentence]:
    """How often people came to have the primary outcome, and how often they lost it, from `comings_and_goings`."""
    outcome = Label("outcomes_in_text", trial.study.primary_outcome)
    return [_rate(name, found[found["outcome"] == name].set_index("contrast"), outcome, trial)
            for name in ("entering", "leaving")]  # fmt: skip


def _rate(name: str, rows: pd.DataFrame, outcome: Label, trial: Trial) -> Sentence:
    study, row = trial.study, rows.loc[trial.study.contrast if compares(trial) else EVERYBODY]
    if pd.isna(row["conf_low"]):
        return Sentence(f"{name}_unknown", {"outcome": outcome})
    ends = {"low": decimal(100 * row["conf_low"]), "high": decimal(100 * row["conf_high"])}
    said = {"outcome": outcome, "level": tally(100 * row["conf_level"]), **ends}
    if not compares(trial):
        return Sentence(f"{name}_all", {**said, "mean": percent(100 * row["estimate"])})
    arms = {"treated": study.treatment, "control": study.control}
    shares = {role: percent(100 * rows.loc[arm, "estimate"]) for role, arm in arms.items()}
    gap = {"difference": decimal(100 * row["estimate"]), "points": points(100 * row["estimate"])}
    return Sentence(name, {**said, **shares, **gap, "p": p_value(row["p_value"])}, direction_of(row))


def _compared(key: str, found: pd.DataFrame, outcome: Label, last: float, trial: Trial) -> Sentence:
    """Both arms and their difference, or everybody's mean; not known where there is no interval."""
    study, rows = trial.study, found.set_index("contrast")
    row = rows.loc[study.contrast if compares(trial) else EVERYBODY]
    said = {"outcome": outcome, "last": month(last)}
    if pd.isna(row["conf_low"]):
        return Sentence(f"{key}_unknown", said)
    means = rows.loc[[study.treatment, study.control], "estimate"] if compares(trial) else row[["estimate"]]
    size = max(means.abs())
    direction, low, high = direction_of(row), row["conf_low"], row["conf_high"]
    if compares(trial) and direction == "lower":  # "1.2 months less (0.5 to 1.8)"
        low, high = -high, -low
    said |= {"level": tally(100 * row["conf_level"]), "low": sized(low, size), "high": sized(high, size)}
    if not compares(trial):
        return Sentence(f"{key}_all", {**said, "mean": sized(row["estimate"], size)})
    arms = {"treated": sized(means[study.treatment], size), "control": sized(means[study.control], size)}
    gap = {"difference": sized(row["estimate"], size), "points": sized(abs(row["estimate"]), size)}
    return Sentence(key, {**said, **arms, **gap, "p": p_value(row["p_value"])}, direction)
