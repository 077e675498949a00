"""Does the effect among those out of work at inclusion depend on how long they had been so?"""

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.employment.covariates import covariates, regression_frame
from analysis.chapters.employment.populations import base_status, chosen_time, compared
from analysis.frames.needs import needs
from analysis.frames.registers import time_out_of_work
from analysis.frames.trial import Trial
from analysis.methods import durations
from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.regression import NotEstimable
from analysis.show.prose import Label, tally
from analysis.show.prose import month as month_number
from analysis.show.tables import Table, cells

NEEDS = ("arms", "before_inclusion", "several_statuses")


def duration_of(trial: Trial) -> str:
    """The column of the time out of work before inclusion."""
    return f"{trial.study.unit}s_out_of_work"


def short_absence(trial: Trial) -> int:
    """The longest absence that counts as short: a sixth of the time shown before inclusion."""
    return max(1, trial.study.horizon.before // 6)


def shown_durations(trial: Trial) -> list[int]:
    """Times out of work at which the effect is drawn, closer together where most people are."""
    before = trial.study.horizon.before
    return sorted({round(before * part / 12) for part in (0, 1, 2, 4, 6, 8, 10, 12)})


def duration_frame(trial: Trial, at: int | None = None) -> pd.DataFrame:
    """The base group by status at inclusion, one row per participant: outcomes, covariates, time out of work before."""
    frame = regression_frame(trial, chosen_time(trial, at))
    own = frame.loc[frame["status_group"] == base_status(trial)]
    times = time_out_of_work(compared(trial).panel, trial.study.unit)
    return own.merge(times, on="participant_id", how="left", validate="1:1")


@needs(*NEEDS)
def duration_tests(trial: Trial, at: int | None = None, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame of the models with treatment × time out of work, linear and quadratic."""
    frame, parts = duration_frame(trial, at), []
    for shape in durations.SHAPES:
        try:
            found = durations.duration_interaction(frame, shape=shape, conf_level=conf_level, **_settings(trial))
        except NotEstimable:
            test = Estimate(trial.study.primary_outcome, str(base_status(trial)), _product(trial),
                            "likelihood ratio test", float("nan"), unit="test")  # fmt: skip
            found = estimate_frame([test])
        parts.append(found.assign(shape=shape))
    return pd.concat(parts, ignore_index=True)


def _settings(trial: Trial) -> dict:
    return {
        "outcome": trial.study.primary_outcome,
        "indicator": trial.study.contrast,
        "duration": duration_of(trial),
        "covariates": covariates(trial),
        "population": base_status(trial),
    }


def _product(trial: Trial) -> str:
    return f"{trial.study.contrast}_x_{duration_of(trial)}"


def words_of(trial: Trial, at: int | None) -> dict:
    study = trial.study
    return {"group": Label("status_groups", str(base_status(trial))), "at": month_number(chosen_time(trial, at)),
            "outcome": Label("outcomes_in_text", study.primary_outcome)}  # fmt: skip


def joint_tests(trial: Trial, at: int | None = None) -> pd.DataFrame:
    """The likelihood ratio test of each shape: shape, statistic_value, df, p_value."""
    found = duration_tests(trial, at)
    return found.loc[found["unit"] == "test", ["shape", "statistic_value", "df", "p_value"]].reset_index(drop=True)


@needs(*NEEDS)
@shown_from(found=duration_tests)
def duration_table(trial: Trial, found: pd.DataFrame, month: int | None = None) -> Table:
    """Marginal effects of treatment, duration and their product, and the joint test, by shape of the duration."""
    duration = duration_of(trial)
    names = {trial.study.contrast: "treatment", duration: "duration", f"{duration}_squared": "duration_squared",
             _product(trial): "product", f"{_product(trial)}_squared": "product_squared"}  # fmt: skip
    rows = []
    for record in found.to_dict("records"):
        if record["unit"] == "test":
            rows.append(("joint_test", record["shape"], "p", record["p_value"]))
        else:
            row = names[record["contrast"]]
            rows.append((row, record["shape"], "marginal_effect", record["estimate"]))
            rows.append((row, record["shape"], "z", record["statistic_value"]))
    order, n = [*names.values(), "joint_test"], len(duration_frame(trial, month))
    return Table("durations", cells(rows), rows=order, columns=list(durations.SHAPES), n=n, conf_level=level_of(found),
                 values=words_of(trial, month))  # fmt: skip


@needs(*NEEDS)
def duration_effects(trial: Trial, month: int | None = None, conf_level: float = 0.95) -> pd.DataFrame:
    """Difference between the arms had everybody in the base group been out of work for so long, by `shape`.

    NaN for a shape that the data cannot identify; see `durations.effect_by_duration`.
    """
    frame, duration, parts = duration_frame(trial, month), duration_of(trial), []
    settings = _settings(trial) | {"months": shown_durations(trial), "conf_level": conf_level}
    for shape in durations.SHAPES:
        try:
            found = durations.effect_by_duration(frame, shape=shape, **settings)
        except NotEstimable:
            found = pd.DataFrame({duration: settings["months"], "estimate": float("nan")})
        parts.append(found.assign(shape=shape))
    found = pd.concat(parts, ignore_index=True)
    return found.reindex(columns=[*found.columns.union(["conf_low", "conf_high"], sort=False)])


@needs(*NEEDS)
def spread_table(trial: Trial) -> Table:
    """Time out of work before inclusion in the base group by status, by arm."""
    frame, rows, duration = duration_frame(trial, 0), [], duration_of(trial)
    short, last = short_absence(trial), trial.study.horizon.before
    groups = {"none": (0, 0), "short": (1, short), "longer": (short + 1, last - 1), "whole_window": (last, last)}
    for treated, arm in ((0, trial.study.control), (1, trial.study.treatment)):
        times = frame.loc[frame[trial.study.contrast] == treated, duration].dropna()
        for row, (first, until) in groups.items():
            inside = times.between(first, until)
            rows += [(row, arm, "n", inside.sum(), inside.sum()), (row, arm, "pct", 100 * inside.mean(), inside.sum())]
    values = words_of(trial, None) | {"short": tally(short), "window": tally(last)}
    return Table("durations_spread", cells(rows), columns=[trial.study.control, trial.study.treatment], values=values)
