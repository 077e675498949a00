"""Figures of the chapter: the parts of the net present value, and how it depends on effect and duration."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.chapters.cost_benefit.evaluation import EXTERNAL, POPULATIONS, Evaluation, counted_costs, evaluate
from analysis.frames.resources import economic_input
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import break_even_effect, net_present_value
from analysis.show.figures import Figure
from analysis.show.prose import decimal

_OTHER_EFFECTS = (0.02, 0.06, 0.08)
_LONGEST_YEARS = 5.0


def npv_components(trial: Trial) -> Figure:
    """Gains and costs per person that add up to the net present value, for both evaluations."""
    rows = [
        (population, part, value)
        for population in POPULATIONS
        for part, value in _components(evaluate(trial, population), trial).items()
    ]
    frame = pd.DataFrame(rows, columns=["population", "row", "estimate"])
    reach = frame["estimate"].agg(["min", "max"])
    return Figure(
        "npv_components",
        "bars",
        frame,
        options={
            "series": "population",
            "decimals": 0,
            "axis": (1.6 * min(reach["min"], 0), 1.4 * max(reach["max"], 0)),
        },
    )


def _components(found: Evaluation, trial: Trial) -> dict[str, float]:
    """NOK per person, costs negative; all but the last add up to the last."""
    study, result, costs = trial.study, found.result, found.costs
    sums = counted_costs(costs, study)
    programme = float(costs.loc[["sfj_centre", "job_consultant"], study.treatment].sum())
    measures = float(costs.loc["other_nav_measures", study.treatment] - costs.loc["other_nav_measures", study.control])
    extra = float(sums[study.treatment] - sums[study.control])
    return {
        "gain_full_job": result.gain_full,
        "gain_partial_job": result.gain_partial,
        "programme": -programme,
        "other_measures": -measures,
        "consultations": -(extra - programme - measures),
        "tax_financing": -(result.weighted_extra_cost - extra),
        "net_present_value": result.per_person,
    }


def npv_by_effect_and_duration(trial: Trial) -> Figure:
    """Net present value per person against the years the effect lasts, for several effects on full work.

    The partial effect is none in all lines but “observed”, which has both observed effects. Rates step down with the
    years as in circular R-109/2014.
    """
    steps = {int(year): rate for year, rate in economic_input(trial.study, "discount_rate_steps").items()}
    base = replace(evaluate(trial, EXTERNAL).scenario, rate_from_year=steps)
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
    frame = pd.DataFrame(rows, columns=["effect", "years", "estimate"])
    even = break_even_effect(evaluate(trial, EXTERNAL).scenario)
    return Figure(
        "npv_by_effect_and_duration",
        "lines",
        frame,
        values={"break_even": decimal(100 * even)},
        options={"x": "years", "series": "effect", "ticks": tuple(range(1, int(_LONGEST_YEARS) + 1))},
    )
