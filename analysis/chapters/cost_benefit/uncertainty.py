"""The evaluation with its assumptions uncertain: drawn from their distributions, and changed one by one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.chapters.cost_benefit.evaluation import (
    DRAWS,
    EVALUATION,
    PROGRAMME_COSTS,
    SEED,
    assumed,
    counted_costs,
    evaluate,
    main_population,
    not_counted,
)
from analysis.chapters.cost_benefit.resampling import counted_rows, drawn_scenario, resampled
from analysis.frames.needs import Absent, needs
from analysis.frames.resources import input_values, programme_cost_per_case
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.cost_benefit import Amount, Scenario, net_present_value
from analysis.methods.cost_benefit_uncertainty import Assumption, value_of_knowing
from analysis.study.settings import Study

# What the trial measured, beside the inputs that study.yml declares uncertain.
OF_TRIAL = ("effect_full", "effect_partial", "other_extra_cost", "gross_wage")
UNCERTAIN = (*EVALUATION, "uncertainty")


@dataclass(frozen=True, eq=False)
class Draws:
    """A probabilistic analysis: one value a draw of everything that is uncertain, and what comes of it.

    numbers: name of an uncertain input, or of what the trial measured → its values. fixed: the scenario with the trial
    alone uncertain, effects and costs drawn anew. free: with the inputs uncertain, too.
    """

    numbers: Mapping[str, np.ndarray]
    fixed: Scenario
    free: Scenario

    @property
    def net(self) -> np.ndarray:
        """Net present values per person with everything uncertain."""
        return net_present_value(self.free).per_person

    def value_of_knowing(self, name: str) -> float:
        """NOK per person that knowing this number would be worth."""
        return value_of_knowing(self.net, self.numbers[name])


def assumptions(study: Study) -> dict[str, Assumption]:
    """Uncertain inputs of a study, each with its value and spread."""
    return {
        name: Assumption(spread.distribution, study.economics[name].value, spread.low, spread.high)
        for name, spread in study.economics.uncertainty.items()
    }


@needs(*UNCERTAIN)
def probabilistic(trial: Trial, draws: int = DRAWS, seed: int = SEED) -> Draws | Absent:
    """The main population's evaluation over draws of participants and, apart from them, of the uncertain inputs.

    Absent where some draw of participants has nobody observed in a month or wave that counts.
    """
    if lacking := evaluate(trial).lacking:
        return Absent(lacking)
    found = _probabilistic(trial, draws, seed)
    return Absent("enough_answers") if np.isnan(found.net).any() else found


@once_a_trial
def _probabilistic(trial: Trial, draws: int, seed: int) -> Draws:
    study, rng = trial.study, np.random.default_rng((seed, 1))  # other random numbers than those that draw people
    inputs = {name: spread.draw(draws, rng) for name, spread in assumptions(study).items()}
    arms = resampled(trial, main_population(study), draws, seed)
    fixed = drawn_scenario(study, evaluate(trial).scenario, arms)
    numbers = inputs | _of_trial(trial, *arms)
    return Draws(numbers, fixed, _scenario(study, numbers))


def _of_trial(trial: Trial, treated: Mapping, control: Mapping) -> dict[str, np.ndarray]:
    study, people = trial.study, trial.people.set_index("participant_id").loc[evaluate(trial).members]
    left_out, costs = not_counted(study), counted_rows(study)
    own = sum(treated[name] for name in costs if name not in left_out)
    known = people.groupby("arm", observed=True)["income_year_before_inclusion_1000nok"].count()
    shares = known[study.treatment] / known.sum(), known[study.control] / known.sum()
    return {
        "effect_full": treated["full"] - control["full"],
        "effect_partial": treated["partial"] - control["partial"],
        "other_extra_cost": own - sum(control[name] for name in costs),
        "gross_wage": shares[0] * treated["income"] + shares[1] * control["income"],
    }


def _as_observed(trial: Trial) -> dict[str, Amount]:
    """Every number of the evaluation by name: the inputs as they are, and what the trial measured."""
    found, study = evaluate(trial), trial.study
    sums, programme = counted_costs(found.costs, study), found.costs.index.isin(PROGRAMME_COSTS)
    other = sums[study.treatment] - found.costs.loc[programme, study.treatment].sum() - sums[study.control]
    measured = (found.scenario.effect_full, found.scenario.effect_partial, float(other), found.income)
    return input_values(study) | dict(zip(OF_TRIAL, measured, strict=True))


def _scenario(study: Study, changed: Mapping[str, Amount]) -> Scenario:
    """The model with numbers by name; the control arm's costs are counted in the difference."""
    numbers = input_values(study) | changed
    effects = {"full": numbers["effect_full"], "partial": numbers["effect_partial"]}
    programme = sum(programme_cost_per_case(study, numbers).values()) + numbers["other_extra_cost"]
    return assumed(study, numbers, numbers["gross_wage"], effects, {"programme": programme, "control": 0.0})


@dataclass(frozen=True)
class OneWay:
    """One number alone at the ends of its range: low and high, and the net present value per person at each.

    conf_level: of the intervals that are the ranges of what the trial measured.
    """

    value: float
    low: float
    high: float
    net_low: float
    net_high: float
    conf_level: float


@needs(*UNCERTAIN)
def one_by_one(trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95) -> dict | Absent:
    """Name of each uncertain number → what it does alone (`OneWay`).

    Inputs go to the ends that study.yml gives, what the trial measured to the ends of its bootstrap interval.
    """
    found = probabilistic(trial, draws, seed)
    if isinstance(found, Absent):
        return found
    usual, tail = _as_observed(trial), (1 - conf_level) / 2
    ends = {name: tuple(np.quantile(found.numbers[name], [tail, 1 - tail])) for name in OF_TRIAL}
    ends |= {name: (spread.low, spread.high) for name, spread in assumptions(trial.study).items()}
    return {
        name: OneWay(float(usual[name]), *map(float, pair), *(_net(trial, usual | {name: end}) for end in pair),
                     conf_level)
        for name, pair in ends.items()
    }


def _net(trial: Trial, numbers: Mapping[str, Amount]) -> float:
    return float(net_present_value(_scenario(trial.study, numbers)).per_person)
