"""Figures with the verdict of a test above them: how soon events come, and effects by the time out of work."""

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.employment.durations import NEEDS, duration_effects, duration_of, words_of
from analysis.chapters.employment.follow_up import OBSERVED, first_curves, first_outcomes, first_times
from analysis.chapters.employment.populations import arm_columns, compares
from analysis.chapters.employment.sentences_follow_up import first_result
from analysis.chapters.employment.sentences_models import duration
from analysis.chapters.employment.time_in_work import later_curves
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.survival import at_time
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, Sentence


@needs("registers", "first_events")
@shown_from(curves=first_curves)
def first_figures(trial: Trial, curves: pd.DataFrame) -> list[Figure]:
    """How soon a first event comes, by arm: one figure of cumulative shares for each such outcome."""
    return [_first_figure(trial, curves, code) for code in first_outcomes(trial)]


@needs("registers", "events")
@shown_from(curves=later_curves)
def later_figures(trial: Trial, curves: pd.DataFrame) -> list[Figure]:
    """How soon an event comes, by arm: a figure for each that stands beside the declared outcomes."""
    return [_first_figure(trial, curves, code) for code in curves["outcome"].unique()]


def _first_figure(trial: Trial, curves: pd.DataFrame, code: str) -> Figure:
    """How soon one event comes, by arm."""
    own, unit = curves[curves["outcome"] == code].drop(columns=["outcome", "conf_level"]), trial.study.unit
    people = first_times(trial, code)
    last = people.groupby("arm")[OBSERVED].max()
    ends = pd.DataFrame([at_time(curve, last[arm]).to_dict() | {"time": last[arm], "arm": arm, "events": 0}
                         for arm, curve in own.groupby("arm", sort=False) if arm in last])  # fmt: skip
    drawn = pd.concat([own, ends]).drop_duplicates(["arm", "time"]).sort_values(["arm", "time"])
    frame = drawn.rename(columns={"time": unit})[[unit, "arm", "estimate", "conf_low", "conf_high", "at_risk"]]
    order = frame["arm"].map(list(arm_columns(trial)).index)
    frame = frame.assign(order=order).sort_values(["order", unit]).drop(columns="order").reset_index(drop=True)
    options = {"percent": True, "x": unit} | ({"treatment": trial.study.treatment} if compares(trial) else {})
    figure = Figure(f"first_{code}", "cumulative", frame, options, {"outcome": Label("outcomes", code)}, "first")
    return titled(figure, _if_known(first_result(trial, code, level_of(curves)) if compares(trial) else None))


def _if_known(verdict: Sentence | None) -> Sentence | None:
    """Nothing where the verdict is that it cannot be told."""
    return None if verdict is None or verdict.key.endswith("_unknown") else verdict


@needs(*NEEDS)
@shown_from(found=duration_effects)
def duration_figure(trial: Trial, found: pd.DataFrame, month: int | None = None) -> Figure:
    """Difference between the arms had everybody in the base group been out of work for so long, by shape.

    Without points for a shape that the data cannot identify. Above it stands the test of the straight line.
    """
    time = duration_of(trial)
    points = found.assign(**{name: 100 * found[name] for name in ("estimate", "conf_low", "conf_high")})
    columns = ["shape", time, "estimate", "conf_low", "conf_high"]
    options = {"x": time, "series": "shape", "zero": False}
    figure = Figure("duration_effects", "lines", points[columns], options, words_of(trial, month))
    return titled(figure, _if_known(duration(trial, at=month)[0]))
