"""Figures of the chapter: the parts of the net present value, and how it depends on effect and duration."""

from collections.abc import Sequence
from dataclasses import replace
from math import isnan

import numpy as np
import pandas as pd

from analysis.chapters._shown_from import shown_from
from analysis.chapters.cost_benefit.evaluation import (
    EVALUATION,
    PROGRAMME_COSTS,
    Evaluation,
    counted_costs,
    evaluate,
    evaluations,
)
from analysis.chapters.cost_benefit.scenarios import discount_steps
from analysis.chapters.cost_benefit.sentences import break_even_years
from analysis.chapters.cost_benefit.wording import duration, rounding
from analysis.frames.needs import Absent, needs
from analysis.frames.resources import priced_measures, priced_services
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import Scenario, break_even_effect, net_present_value
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, Sentence, decimal, nok

_OTHER_EFFECTS = (0.02, 0.06, 0.08)
_LONGEST_YEARS = 5.0


@needs(*EVALUATION)
@shown_from(found=evaluations)
def npv_components(trial: Trial, found: Sequence[Evaluation]) -> Figure | Absent:
    """Gains and costs per person that add up to the net present value, for every population where it is known."""
    if found[0].lacking:
        return Absent(found[0].lacking)
    rows = [
        (each.population, part, value)
        for each in found
        if not each.lacking
        for part, value in _components(each, trial).items()
    ]
    frame = pd.DataFrame(rows, columns=["population", "row", "estimate"])
    reach = frame["estimate"].agg(["min", "max"])
    axis = (1.6 * min(reach["min"], 0), 1.4 * max(reach["max"], 0))
    figure = Figure("npv_components", "bars", frame, options={"series": "population", "decimals": 0, "axis": axis})
    return titled(figure, _adding_up(_components(found[0], trial), found[0].population))


def _adding_up(parts: dict[str, float], population: str) -> Sentence:
    """Gains from work, or what lost work is worth, what is taken off them or saved, and what is left."""
    net = parts["net_present_value"]
    gains = parts["gain_full_job"] + parts["gain_partial_job"]
    costs, places = gains - net, rounding(gains, gains - net, net)
    work, spent = "lost" if gains < 0 else "gains", "saved" if costs < 0 else "costs"
    values = {"net": nok(net, places), work: nok(abs(gains), places), spent: nok(abs(costs), places)}
    return Sentence(f"components_{work}_{spent}", {**values, "population": Label("populations", population)})


def _components(found: Evaluation, trial: Trial) -> dict[str, float]:
    """Amounts per person, costs negative; all but the last add up to the last. Parts without a price are left out."""
    study, result, costs = trial.study, found.result, found.costs
    sums = counted_costs(costs, study)
    programme = float(costs.loc[costs.index.isin(PROGRAMME_COSTS), study.treatment].sum())
    extra = float(sums[study.treatment] - sums[study.control])
    measures = _extra_measures(found, trial)
    parts = {"gain_full_job": result.gain_full, "gain_partial_job": result.gain_partial, "programme": -programme}
    if priced_measures(study):
        parts["other_measures"] = -measures
    if priced_services(study):
        parts["consultations"] = -(extra - programme - measures)
    parts["tax_financing"] = -(result.weighted_extra_cost - extra)
    return parts | {"net_present_value": result.per_person}


def _extra_measures(found: Evaluation, trial: Trial) -> float:
    """Cost of other measures that counts, treatment minus control."""
    study = trial.study
    if not priced_measures(study):
        return 0.0
    own, others = (float(found.costs.loc["other_measures", arm]) for arm in (study.treatment, study.control))
    return (0.0 if "other_measures" in study.economics.not_counted_for_treatment else own) - others


@needs(*EVALUATION)
def npv_by_effect_and_duration(trial: Trial) -> Figure | Absent:
    """Net present value per person against the years the effect lasts, for several effects on full work.

    The partial effect is none in all lines but “observed”, which has both observed effects. With `discount_rate_steps`
    the rates step down with the years.
    """
    found = evaluate(trial)
    if found.lacking:
        return Absent(found.lacking)
    base = replace(found.scenario, rate_from_year=discount_steps(trial.study))
    lines = {"observed": base} | {
        f"effect_{round(100 * effect)}": replace(base, effect_full=effect, effect_partial=0.0)
        for effect in _OTHER_EFFECTS
    }
    years = np.arange(1.0, _LONGEST_YEARS + 0.25, 0.25)
    rows = [
        (name, year, net_present_value(replace(scenario, duration=year)).per_person)
        for name, scenario in lines.items()
        for year in years
    ]
    figure = Figure(
        "npv_by_effect_and_duration",
        "lines",
        pd.DataFrame(rows, columns=["effect", "years", "estimate"]),
        values={"break_even": _break_even(found.scenario)},
        options={"x": "years", "series": "effect", "decimals": 0, "ticks": tuple(range(1, int(_LONGEST_YEARS) + 1))},
    )
    return titled(figure, break_even_years(trial))


def _break_even(scenario: Scenario) -> Sentence:
    even = break_even_effect(scenario)
    if isnan(even):
        return Sentence("no_effect_pays")
    return Sentence("break_even_in_figure", {"even": decimal(100 * even), "duration": duration(scenario.duration)})
