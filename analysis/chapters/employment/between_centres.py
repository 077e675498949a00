"""How far the effect differs between the centres: observed, shrunken towards all, their spread, and a new centre."""

from dataclasses import replace
from math import isnan, sqrt

import pandas as pd

from analysis.chapters.employment.populations import (
    chosen_outcome,
    chosen_time,
    compare,
    outcomes_at,
)
from analysis.chapters.employment.shares import outcome_label, percent_cells
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.methods.estimates import concat_estimates
from analysis.methods.heterogeneity import METHODS, Pooled, pooled_effect, pooled_frame, shrunken_effects
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, Number, Sentence, decimal, labels, month, p_value, percent, tally
from analysis.show.tables import Table, cells

NEEDS = ("arms", "registers", "several_centres")
OBSERVED, SHRUNKEN = "observed", "shrunken"


@needs(*NEEDS)
def centre_effects(
    trial: Trial, outcome: str | None = None, month: int | None = None, conf_level: float = 0.95
) -> pd.DataFrame:
    """Estimate frame: shares by arm and the difference at each centre with people observed; population is the centre.

    The difference at a centre that lacks an arm is missing.
    """
    at, code = chosen_time(trial, month), chosen_outcome(trial, outcome)
    people, parts = outcomes_at(trial, at), []
    for centre in trial.study.centre_codes:
        own = people[people["centre"] == centre]
        if len(own):
            parts.append(compare(own, trial, [code], conf_level=conf_level).assign(population=centre))
    return concat_estimates(parts)


def _gaps(trial: Trial, effects: pd.DataFrame) -> pd.DataFrame:
    return effects[effects["contrast"] == trial.study.contrast].reset_index(drop=True)


def _values(trial: Trial, outcome: str | None, at: int | None) -> dict:
    return {"outcome": outcome_label(chosen_outcome(trial, outcome)), "at": month(chosen_time(trial, at))}


@needs()
def centre_table(
    effects: pd.DataFrame, trial: Trial, outcome: str | None = None, month: int | None = None
) -> Table | Absent:
    """People, shares and difference at each centre, and its effect shrunken towards all, of `centre_effects`."""
    gaps = _gaps(trial, effects)
    if gaps.empty:
        return Absent("observed")
    level = float(gaps["conf_level"].iloc[0])
    shrunken, found = shrunken_effects(gaps, pooled_effect(gaps, conf_level=level)), []
    for centre, own in effects.groupby("population", sort=False):
        found += percent_cells(str(centre), own, trial)
    for row in shrunken.to_dict("records"):
        found += _points(row["population"], SHRUNKEN, row, row["n_treated"] + row["n_control"])
    study = trial.study
    columns = [study.control, study.treatment, f"{study.treatment}_minus_{study.control}", SHRUNKEN]
    decimals = dict.fromkeys(("difference", "ci_low", "ci_high"), 1)
    return Table("centre_effects", cells(found), decimals, columns if len(shrunken) else columns[:3],
                 conf_level=level, values=_values(trial, outcome, month))  # fmt: skip


def _points(row: str, column: str, found: dict, people: float) -> list[tuple]:
    """Cells of a difference in percentage points with its interval."""
    names = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
    return [(row, column, statistic, 100 * found[name], people) for statistic, name in names.items()]


@needs()
def centre_spread_table(
    effects: pd.DataFrame, trial: Trial, outcome: str | None = None, month: int | None = None
) -> Table | Absent:
    """Mean over centres, spread between them and a new centre's effect, by two estimators of the spread."""
    gaps = _gaps(trial, effects)
    level = float(gaps["conf_level"].iloc[0]) if len(gaps) else 0.95
    people, found = int(gaps[["n_treated", "n_control"]].sum().sum()), []
    for method in METHODS:
        pooled = pooled_effect(gaps, method=method, conf_level=level)
        if not pooled.is_known:
            return Absent("several_centres")
        found += [(row, method.lower(), statistic, value, people) for row, statistic, value in _spread(pooled)]
    decimals = dict.fromkeys(("estimate", "ci_low", "ci_high"), 1)
    return Table("centre_spread", cells(found), decimals, conf_level=level,
                 values={**_values(trial, outcome, month), "centres": tally(pooled.k)})  # fmt: skip


def _spread(pooled: Pooled) -> list[tuple[str, str, float]]:
    """Row, statistic and value of what one estimator gives; the spread is τ, its interval the roots of that of τ²."""
    rows = {
        "mean": (pooled.mean, pooled.conf_low, pooled.conf_high),
        "spread": tuple(map(sqrt, (pooled.tau2, pooled.tau2_low, pooled.tau2_high))),
        "new": (pooled.mean, pooled.new_low, pooled.new_high),
    }
    numbers = [(row, name, 100 * value) for row, three in rows.items()
               for name, value in zip(("estimate", "ci_low", "ci_high"), three, strict=True)]  # fmt: skip
    return [*numbers, ("i2", "pct", 100 * pooled.i2), ("same_effect", "p", pooled.test.p_value)]


@needs()
def centre_figure(
    effects: pd.DataFrame, trial: Trial, outcome: str | None = None, month: int | None = None
) -> Figure | Absent:
    """Observed and shrunken effect of each centre, the smallest first, above the mean and a new centre's effect."""
    gaps = _gaps(trial, effects).dropna(subset=["estimate"]).sort_values("estimate", kind="stable")
    if gaps.empty:
        return Absent("observed")
    pooled = pooled_effect(gaps, conf_level=float(gaps["conf_level"].iloc[0]))
    together = pooled_frame(pooled, outcome="", contrast=trial.study.contrast).dropna(subset=["estimate"])
    parts = {OBSERVED: gaps, SHRUNKEN: shrunken_effects(gaps, pooled)}
    frame = pd.concat([part.assign(series=name, group="centres") for name, part in parts.items()]
                      + [together.assign(series=SHRUNKEN, group="together")])  # fmt: skip
    points = frame.assign(**{name: 100 * frame[name] for name in ("estimate", "conf_low", "conf_high")})
    points = points.astype(dict.fromkeys(("n_treated", "n_control"), "float64"))
    columns = ["group", "row", "series", "estimate", "conf_low", "conf_high", "n_treated", "n_control"]
    order = {name: place for place, name in enumerate([*gaps["population"], "mean", "new"])}
    points = points.rename(columns={"population": "row"}).sort_values(
        "row", key=lambda own: own.map(order), kind="stable"
    )
    fewest = int(gaps[["n_treated", "n_control"]].min().min())
    figure = Figure("centre_effects_drawn", "forest", points[columns].reset_index(drop=True), {"reference": 0.0},
                    _values(trial, outcome, month), fewest=fewest)  # fmt: skip
    if not pooled.is_known or isnan(pooled.test.p_value):
        return figure
    told = _differ(pooled, {"centres": tally(pooled.k), "level": tally(100 * pooled.conf_level)})
    return titled(figure, replace(told, key=f"{told.key}_drawn"))


@needs()
def centre_verdicts(
    effects: pd.DataFrame, trial: Trial, outcome: str | None = None, month: int | None = None
) -> list[Sentence]:
    """Whether the effect differs between centres, what is left of their differences, and what a new one may expect."""
    gaps = _gaps(trial, effects)
    level = float(gaps["conf_level"].iloc[0]) if len(gaps) else 0.95
    pooled, said = pooled_effect(gaps, conf_level=level), _values(trial, outcome, month)
    left_out = tuple(Label("centres", code) for code in trial.study.centre_codes if code not in _pooled(gaps))
    omitted = [Sentence("centres_left_out", {"names": left_out})] if left_out else []
    if not pooled.is_known:
        return [Sentence("centres_not_pooled", said)]
    said |= {"centres": tally(pooled.k), "level": tally(100 * level)}
    return [*omitted, _differ(pooled, said), _shrunken(gaps, pooled, said), _new(pooled, said)]


def _pooled(gaps: pd.DataFrame) -> set[str]:
    return set(shrunken_effects(gaps, pooled_effect(gaps))["population"])


def _differ(pooled: Pooled, said: dict) -> Sentence:
    """Whether the centres' effects differ by more than chance explains, with the spread and its interval."""
    spread = {"spread": pooled.tau2, "low": pooled.tau2_low, "high": pooled.tau2_high}
    values = {name: decimal(100 * sqrt(value)) for name, value in spread.items()}
    found = pooled.test.p_value < 1 - pooled.conf_level
    key = "centres_differ" if found else "centres_no_clear_difference"
    return Sentence(key, {**said, **values, "p": p_value(pooled.test.p_value), "i2": percent(100 * pooled.i2, 0)})


def _shrunken(gaps: pd.DataFrame, pooled: Pooled, said: dict) -> Sentence:
    """The range of the observed effects and of the shrunken ones."""
    found = shrunken_effects(gaps, pooled)
    observed = gaps[gaps["population"].isin(found["population"])]
    ends = {"low": observed["estimate"].min(), "high": observed["estimate"].max()}
    places = {end: tuple(observed.loc[observed["estimate"] == value, "population"]) for end, value in ends.items()}
    values: dict[str, Number | tuple] = {end: decimal(100 * value) for end, value in ends.items()}
    values |= {f"{end}_centre": labels("centres", place) for end, place in places.items()}
    values |= {"least": decimal(100 * found["estimate"].min()), "most": decimal(100 * found["estimate"].max())}
    return Sentence("shrunken_alike" if pooled.tau2 == 0 else "shrunken", {**said, **values})


def _new(pooled: Pooled, said: dict) -> Sentence:
    """What the effect of a further centre may be, beside the mean over centres."""
    numbers = {"mean": pooled.mean, "low": pooled.conf_low, "high": pooled.conf_high, "new_low": pooled.new_low,
               "new_high": pooled.new_high}  # fmt: skip
    return Sentence("new_centre", {**said, **{name: decimal(100 * value) for name, value in numbers.items()}})
