"""Does the effect among the fully sick-listed depend on how long they had been out of work?"""

import pandas as pd

from analysis.chapters.employment.populations import COVARIATES, regression_frame
from analysis.frames.registers import time_out_of_work
from analysis.frames.trial import Trial
from analysis.methods import durations
from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.regression import NotEstimable
from analysis.show.figures import Figure
from analysis.show.tables import Table, cells

DURATION = "months_out_of_work"
# What the report calls a short absence, in months.
SHORT_ABSENCE = (1, 2)
SHOWN_MONTHS = (0, 1, 2, 4, 6, 8, 10, 12)


def duration_frame(trial: Trial, month: int = 12) -> pd.DataFrame:
    """Fully sick-listed at inclusion, one row per participant: outcomes, covariates, months out of work before it."""
    frame = regression_frame(trial, month)
    sick = frame.loc[frame["status_group"] == "sick_listed_full"]
    return sick.merge(time_out_of_work(trial.panel), on="participant_id", how="left", validate="1:1")


def duration_tests(trial: Trial, month: int = 12, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame of the models with treatment × months out of work, linear and quadratic."""
    frame = duration_frame(trial, month)
    parts = []
    for shape in durations.SHAPES:
        try:
            found = durations.duration_interaction(frame, shape=shape, conf_level=conf_level, **_settings(trial))
        except NotEstimable:
            test = Estimate("fully_or_partly_in_work", "sick_listed_full", _product(trial), "likelihood ratio test",
                            float("nan"), unit="test")  # fmt: skip
            found = estimate_frame([test])
        parts.append(found.assign(shape=shape))
    return pd.concat(parts, ignore_index=True)


def _settings(trial: Trial) -> dict:
    return {
        "outcome": "fully_or_partly_in_work",
        "indicator": trial.study.contrast,
        "duration": DURATION,
        "covariates": COVARIATES,
        "population": "sick_listed_full",
    }


def _product(trial: Trial) -> str:
    return f"{trial.study.contrast}_x_{DURATION}"


def joint_tests(trial: Trial, month: int = 12) -> pd.DataFrame:
    """The likelihood ratio test of each shape: shape, statistic_value, df, p_value."""
    found = duration_tests(trial, month)
    return found.loc[found["unit"] == "test", ["shape", "statistic_value", "df", "p_value"]].reset_index(drop=True)


def duration_table(trial: Trial, month: int = 12, conf_level: float = 0.95) -> Table:
    """Marginal effects of treatment, duration and their product, and the joint test, by shape of the duration."""
    found = duration_tests(trial, month, conf_level)
    names = {trial.study.contrast: "treatment", DURATION: "duration", f"{DURATION}_squared": "duration_squared",
             _product(trial): "product", f"{_product(trial)}_squared": "product_squared"}  # fmt: skip
    rows = []
    for record in found.to_dict("records"):
        if record["unit"] == "test":
            rows.append(("joint_test", record["shape"], "p", record["p_value"]))
        else:
            row = names[record["contrast"]]
            rows.append((row, record["shape"], "marginal_effect", record["estimate"]))
            rows.append((row, record["shape"], "z", record["statistic_value"]))
    order = [*names.values(), "joint_test"]
    n = len(duration_frame(trial, month))
    return Table("durations", cells(rows), rows=order, columns=list(durations.SHAPES), n=n, conf_level=conf_level)


def duration_figure(trial: Trial, month: int = 12, conf_level: float = 0.95) -> Figure:
    """Difference between the arms had all fully sick-listed been out of work for so many months, by shape.

    Without points for a shape that the data cannot identify.
    """
    frame, parts = duration_frame(trial, month), []
    settings = _settings(trial) | {"months": SHOWN_MONTHS, "conf_level": conf_level}
    for shape in durations.SHAPES:
        try:
            found = durations.effect_by_duration(frame, shape=shape, **settings)
        except NotEstimable:
            found = pd.DataFrame({DURATION: SHOWN_MONTHS, "estimate": float("nan")})
        parts.append(found.assign(shape=shape))
    found = pd.concat(parts, ignore_index=True)
    found = found.reindex(columns=[*found.columns.union(["conf_low", "conf_high"], sort=False)])
    points = found.assign(**{name: 100 * found[name] for name in ("estimate", "conf_low", "conf_high")})
    columns = ["shape", DURATION, "estimate", "conf_low", "conf_high"]
    options = {"x": DURATION, "series": "shape", "zero": False}
    return Figure("duration_effects", "lines", points[columns], options)


def spread_table(trial: Trial) -> Table:
    """Months out of work before inclusion among the fully sick-listed, by arm."""
    frame, rows = duration_frame(trial, 0), []
    low, high = SHORT_ABSENCE
    last = trial.study.horizon.before
    groups = {"none": (0, 0), "short": (low, high), "longer": (high + 1, last - 1), "whole_window": (last, last)}
    for treated, arm in ((0, trial.study.control), (1, trial.study.treatment)):
        months = frame.loc[frame[trial.study.contrast] == treated, DURATION].dropna()
        for row, (first, until) in groups.items():
            inside = months.between(first, until)
            rows += [(row, arm, "n", inside.sum(), inside.sum()), (row, arm, "pct", 100 * inside.mean(), inside.sum())]
    return Table("durations_spread", cells(rows), columns=[trial.study.control, trial.study.treatment])
