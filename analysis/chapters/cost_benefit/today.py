"""The evaluation as one would do it today: other choices, uncertain assumptions, what each of them moves."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.cost_benefit.evaluation import DRAWS, EVALUATION, SEED, evaluate
from analysis.chapters.cost_benefit.resampling import net_value_interval, sizes_of
from analysis.chapters.cost_benefit.scenarios import net_value_under, net_values_under
from analysis.chapters.cost_benefit.uncertainty import (
    UNCERTAIN,
    Draws,
    OneWay,
    assumptions,
    one_by_one,
    probabilistic,
)
from analysis.chapters.cost_benefit.wording import HUNDREDS, rounding
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.cost_benefit import net_present_value
from analysis.methods.cost_benefit_bootstrap import net_value_estimate
from analysis.methods.cost_benefit_uncertainty import (
    acceptability,
    one_way,
    probability_of_gain,
    value_of_perfect_information,
)
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, Sentence, direction_of, nok, percent, tally
from analysis.show.tables import Table, cells

FIXED, FREE = "assumptions_fixed", "assumptions_uncertain"
TODAY = (*EVALUATION, "added_scenarios", "uncertainty")
# What the two-way figure crosses: years the effect lasts, and the share of it that is lost each year.
_YEARS = {f"years_{years}": years for years in (1, 2, 3, 5, 10)}
_LOSSES = {f"loss_{loss}": loss / 100 for loss in (0, 10, 25, 50)}
_STEPS = 61  # points of the acceptability curve
# Uncertain number → factor from its unit to the one it is shown in, and decimals.
_SHOWN = {
    "effect_full": (100, 1), "effect_partial": (100, 1), "other_extra_cost": (1, 0), "gross_wage": (1, 0),
    "effect_duration_years": (1, 1), "partial_work_weight": (1, 2),
}  # fmt: skip


def added_scenarios(trial: Trial) -> dict:
    """Code → scenario beyond the published report."""
    return {code: each for code, each in trial.study.economics.scenarios.items() if each.added}


@needs(*TODAY)
@once_a_trial
def estimates_today(
    trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95
) -> pd.DataFrame | Absent:
    """The evaluation, the same with uncertain assumptions, and the added scenarios: one estimate frame.

    One row each, its name in `population`; probability: share of the draws with a gain; knowing: expected value of
    perfect information, NOK per person, where assumptions are uncertain.
    """
    found = probabilistic(trial, draws, seed)
    if isinstance(found, Absent):
        return found
    fixed = net_value_interval(trial, None, draws, seed, conf_level).assign(population=FIXED)
    sizes = sizes_of(trial, evaluate(trial).members)
    free = net_value_estimate(found.net, float(found.net.mean()), trial.study.contrast, *sizes, conf_level, FREE)
    more = added_scenarios(trial)
    drawn = {code: net_values_under(trial, each, draws, seed) for code, each in more.items()}
    added = [net_value_under(trial, each, code, drawn[code], conf_level) for code, each in more.items()]
    nets = (net_present_value(found.fixed).per_person, found.net, *drawn.values())
    free = free.assign(method="probabilistic", knowing=value_of_perfect_information(found.net))
    return pd.concat([fixed, free, *added], ignore_index=True).assign(probability=list(map(probability_of_gain, nets)))


@needs(*TODAY)
@shown_from(found=estimates_today)
def today_table(trial: Trial, found: pd.DataFrame) -> Table:
    """Net present value per person, how likely a gain is, and what knowing would be worth."""
    rows, decimals = [], {"nok": HUNDREDS}
    for row in found.to_dict("records"):
        name, n = row["population"], row["n_treated"] + row["n_control"]
        places = rounding(row["estimate"], row["conf_low"], row["conf_high"])
        decimals |= {(name, statistic): places for statistic in ("nok", "ci_low", "ci_high")}
        rows += [(name, "npv_per_person", key, row[column], n) for key, column in
                 (("nok", "estimate"), ("ci_low", "conf_low"), ("ci_high", "conf_high"))]  # fmt: skip
        rows.append((name, "probability", "pct", 100 * row["probability"], n))
    rows.append((FREE, "knowing", "nok", found.loc[found["population"] == FREE, "knowing"].item()))
    groups = {"evaluation": [FIXED], "uncertain": [FREE], "choices": list(added_scenarios(trial))}
    return Table("today", cells(rows), decimals=decimals, rows=groups, conf_level=level_of(found),
                 n=len(evaluate(trial).members))  # fmt: skip


@needs(*TODAY)
@shown_from(found=estimates_today)
def today_figure(trial: Trial, found: pd.DataFrame) -> Figure:
    """The same results with their intervals, in one forest plot."""
    groups = {FIXED: "evaluation", FREE: "uncertain"}
    frame = found.rename(columns={"population": "row"}).drop(columns=["knowing", "n_treated", "n_control"])
    frame.insert(0, "group", [groups.get(row, "choices") for row in frame["row"]])
    options = {"decimals": rounding(*frame[["estimate", "conf_low", "conf_high"]].to_numpy(float).ravel())}
    figure = Figure("net_values_today", "forest", frame, options=options, fewest=len(evaluate(trial).members))
    return titled(figure, _sides(frame.dropna(subset=["conf_low", "conf_high"])))


def _sides(frame: pd.DataFrame) -> Sentence | None:
    """How many of the analyses have an interval on one side of nought; None without any."""
    ways = [direction_of(row) for row in frame.to_dict("records")]
    names = {"higher": "above", "lower": "below", "unclear": "open"}
    values = {name: tally(ways.count(way)) for way, name in names.items()}
    return Sentence("intervals_today", {**values, "all": tally(len(ways))}) if ways else None


@needs(*UNCERTAIN)
@shown_from(alone=one_by_one)
def moves_most(trial: Trial, alone: Mapping[str, OneWay]) -> Sentence:
    """The uncertain number that moves the result most on its own, and whether it crosses nought on the way."""
    name = max(alone, key=lambda each: abs(alone[each].net_high - alone[each].net_low))
    ends = sorted((alone[name].net_low, alone[name].net_high))
    places = rounding(*ends)
    values = {"what": Label("rows", name), "low": nok(ends[0], places), "high": nok(ends[1], places)}
    return Sentence("moves_most_across" if ends[0] < 0 < ends[1] else "moves_most", values)


@needs(*UNCERTAIN)
@shown_from(alone=one_by_one)
def tornado(trial: Trial, alone: Mapping[str, OneWay]) -> Figure | Absent:
    """What each uncertain number does on its own to the net present value per person, the widest on top."""
    ends = {name: (each.net_low, each.net_high) for name, each in alone.items() if each.net_low != each.net_high}
    if not ends:
        return Absent("uncertainty")
    frame = one_way(ends, float(evaluate(trial).result.per_person)).rename(columns={"end": "series"})
    options = {"decimals": rounding(*frame["estimate"])}
    figure = Figure("tornado", "tornado", frame, options=options, fewest=len(evaluate(trial).members))
    return titled(figure, moves_most(trial, alone))


@needs(*UNCERTAIN)
@shown_from(alone=one_by_one, drawn=probabilistic)
def assumptions_table(trial: Trial, alone: Mapping[str, OneWay], drawn: Draws) -> Table:
    """Every uncertain number: its value, range and spread, the result at its ends, and what knowing it is worth."""
    conf_level = next(iter(alone.values())).conf_level
    rows, decimals = [], {"value": 2, "low": 2, "high": 2, "nok": 0}
    spreads = {name: each.distribution for name, each in assumptions(trial.study).items()}
    for name in sorted(alone, key=lambda each: -abs(alone[each].net_high - alone[each].net_low)):
        each, (factor, places) = alone[name], _shown(trial, name)
        rows += [(name, column, "value", factor * value, None) for column, value in
                 (("amount", each.value), ("range_low", each.low), ("range_high", each.high))]  # fmt: skip
        decimals[name, "value"] = places
        rows.append((name, "spread", "value", np.nan, spreads.get(name, "bootstrap")))
        rows += [(name, "npv_low", "nok", each.net_low, None), (name, "npv_high", "nok", each.net_high, None),
                 (name, "knowing", "nok", drawn.value_of_knowing(name), None)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["row", "column", "statistic", "value", "text"]).astype({"value": float})
    return Table("assumptions", frame, decimals=decimals, conf_level=conf_level,
                 values={"level": tally(100 * conf_level)}, fewest=len(evaluate(trial).members))  # fmt: skip


def _shown(trial: Trial, name: str) -> tuple[float, int]:
    """Factor from a number's unit to the one it is shown in (shares in per cent), and decimals."""
    if name in _SHOWN:
        return _SHOWN[name]
    unit = trial.study.economics[name].unit
    return (100, 0) if unit.startswith("share") else (1, 1 if trial.study.economics[name].value < 10 else 0)


def _values(found: Draws) -> np.ndarray:
    """Values of a person-year in work along the acceptability curve: from nothing to twice what the evaluation has."""
    return np.linspace(0, 2 * float(np.mean(found.fixed.yearly_value)), _STEPS)


@needs(*UNCERTAIN)
@shown_from(drawn=probabilistic)
def acceptability_curve(trial: Trial, drawn: Draws) -> Figure:
    """How likely the programme is to pay by what a person-year in work is worth, assumptions fixed and uncertain."""
    curves = [
        acceptability(scenario.work_gained, scenario.weighted_extra_cost, _values(drawn)).assign(choice=name)
        for name, scenario in ((FIXED, drawn.fixed), (FREE, drawn.free))
    ]
    frame = pd.concat(curves, ignore_index=True).rename(columns={"probability": "estimate"})
    frame["value_1000"] = frame.pop("value") / 1000
    options = {"x": "value_1000", "series": "choice", "percent": True, "decimals": 0, "axis": (0.0, 1.0),
               "ticks": _ticks(frame["value_1000"].max())}  # fmt: skip
    frame = frame[["choice", "value_1000", "estimate", "loss"]]
    figure = Figure("acceptability", "lines", frame, options=options, fewest=len(evaluate(trial).members))
    return titled(figure, _chances(frame, drawn))


def _chances(frame: pd.DataFrame, drawn: Draws) -> Sentence | None:
    """The chance of a gain at the value that the evaluation has, in the middle of the curves; None if not known."""
    middle = frame[["choice", "estimate"]].groupby("choice").nth(_STEPS // 2).set_index("choice")["estimate"]
    if middle.isna().any():
        return None
    chances = {"free": percent(100 * middle[FREE], 0), "fixed": percent(100 * middle[FIXED], 0)}
    return Sentence("chances_drawn", {**chances, "worth": nok(float(np.mean(drawn.fixed.yearly_value)), HUNDREDS)})


def _ticks(highest: float) -> tuple[float, ...]:
    """About five round marks up to the highest value."""
    step = 10.0 ** np.floor(np.log10(max(highest, 1.0) / 2))
    step *= next(factor for factor in (1, 2, 5, 10) if highest / (factor * step) <= 6)
    return tuple(np.arange(0, highest + 1e-9, step))


@needs(*EVALUATION)
def npv_by_duration_and_loss(trial: Trial) -> Figure | Absent:
    """Net present value per person by how long the effect lasts and how much of it is lost each year."""
    found = evaluate(trial)
    if found.lacking:
        return Absent(found.lacking)
    rows = [
        (row, column, net_present_value(replace(found.scenario, duration=float(years), decay=loss)).per_person)
        for row, years in _YEARS.items()
        for column, loss in _LOSSES.items()
    ]
    frame = pd.DataFrame(rows, columns=["row", "column", "estimate"])
    figure = Figure("npv_by_duration_and_loss", "heat", frame, options={"decimals": rounding(*frame["estimate"])},
                    fewest=len(found.members))  # fmt: skip
    values = {"pays": tally((frame["estimate"] > 0).sum()), "all": tally(len(frame))}
    return figure if frame["estimate"].isna().any() else titled(figure, Sentence("combinations_pay", values))
