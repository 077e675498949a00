"""The evaluation as a form: what a reader may change, where each number starts, and how sure the trial is of it."""

from math import isnan

import numpy as np

from analysis.chapters.cost_benefit.answer import title
from analysis.chapters.cost_benefit.evaluation import DRAWS, EVALUATION, SEED, Evaluation, evaluate, populations
from analysis.chapters.cost_benefit.resampling import drawn_scenario, resampled
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import Scenario
from analysis.show.calculator import Calculator, Field, Group
from analysis.show.prose import Sentence

FIELDS = (
    Field("effect_full", 100, 1, -100, 100),
    Field("effect_partial", 100, 1, -100, 100),
    Field("duration", 1, 1, 0, 60),
    Field("decay", 100, 1, 0, 100),
    Field("extra_cost", 1, 0, -10_000_000, 10_000_000),
    Field("participants", 1, 0, 0, 1_000_000),
    Field("discount_rate", 100, 1, 0, 50),
    Field("cost_of_funds", 1, 2, 0, 2),
    Field("partial_weight", 1, 2, 0, 1),
)  # fmt: skip


@needs(*EVALUATION)
def calculator(trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95) -> Calculator | Absent:
    """The form with every population whose net present value is known; without a caseload it asks for none."""
    main = evaluate(trial, None, conf_level)
    if main.lacking:
        return Absent(main.lacking)
    found = (evaluate(trial, name, conf_level) for name in populations(trial.study))
    every = [_group(trial, each, draws, seed) for each in found if not each.lacking]
    groups = [group for group in every if not any(np.isnan(values).any() for values in group.draws.values())]
    if not groups or groups[0].code != main.population:
        return Absent("enough_answers")
    fields = [field for field in FIELDS if not isnan(groups[0].start[field.name])]
    case = [each for each in title(trial, draws, seed, conf_level) if isinstance(each, Sentence)]
    return Calculator("net_present_value", fields, groups, main.scenario.first_year, conf_level, case)


def _group(trial: Trial, found: Evaluation, draws: int, seed: int) -> Group:
    scenario, value = found.scenario, found.value
    drawn = drawn_scenario(trial.study, scenario, resampled(trial, found.population, draws, seed))
    start = {
        **_measured(scenario), "duration": scenario.duration, "decay": scenario.decay,
        "participants": scenario.participants, "discount_rate": scenario.rate_from_year[1],
        "cost_of_funds": scenario.cost_of_funds, "partial_weight": scenario.partial_weight,
    }  # fmt: skip
    worth = {"production": value.production, "leisure": value.leisure, "public_savings": value.public_savings}
    return Group(found.population, {name: float(each) for name, each in start.items()},
                 {name: float(each) for name, each in worth.items()}, _measured(drawn))  # fmt: skip


def _measured(scenario: Scenario) -> dict:
    """What the trial measured: effects as shares, and the extra cost per person in NOK."""
    return {"effect_full": scenario.effect_full, "effect_partial": scenario.effect_partial,
            "extra_cost": scenario.cost_programme - scenario.cost_control}  # fmt: skip
