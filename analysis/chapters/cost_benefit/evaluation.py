"""One evaluation: a population's effects, what work is worth, costs per person, and the net present value.

Who an evaluation is about, what is priced and over which months effects are averaged are settings of the study
(`economics` in study.yml).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
import pandas as pd

from analysis.frames.needs import needs
from analysis.frames.resources import (
    PRICED_SERVICES,
    cases_per_year,
    economic_input,
    input_values,
    participant_resources,
    priced_measures,
    priced_services,
    programme_cost_per_case,
)
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import (
    Amount,
    NetPresentValue,
    Scenario,
    ValueOfWork,
    WageRates,
    net_present_value,
    value_of_work,
    window_effects,
)
from analysis.study.economics import Population
from analysis.study.settings import Study

WAGE_RATES = ("employer_contribution_rate", "pension_cost_rate", "injury_insurance", "income_tax_rate",
              "leisure_share_of_net_wage", "disability_pension_rate", "disability_pension_tax_rate")  # fmt: skip
RESOURCE_INPUTS = ("consultation_fee", "measure_monthly_rate", "measure_window", "supported_employment_from_month")
INPUTS = (*WAGE_RATES, "marginal_cost_of_public_funds", "discount_rate", "partial_work_weight", "effect_window",
          "effect_duration_years", "cost_year", "gain_year", "income_price_year")  # fmt: skip
# What a net present value needs of a study.
EVALUATION = ("arms", "months", "economics:" + ":".join(INPUTS), "programme_cost", "effect_window")
EVERYBODY = Population(label={"en": "All participants"})
DRAWS, SEED = 2000, 2013  # of the bootstrap and the probabilistic analysis, unless the notebook sets others
PROGRAMME_COSTS = ("programme", "centre", "job_consultant")
_UNKNOWN = ValueOfWork(nan, nan, nan)  # a study without incomes


@dataclass(frozen=True)
class Evaluation:
    """Everything behind the net present value of one population.

    members: participant ids. income: mean pensionable income the year before inclusion, in prices of the income price
    year. effects: estimate frame with outcomes full_job, partial_job, weighted_job. costs: per person, one row per cost
    and one column per arm, missing where the arm does not have the cost or it is not known. scenario and result: see
    `analysis.methods.cost_benefit`.
    """

    population: str
    members: pd.Index
    income: float
    effects: pd.DataFrame
    costs: pd.DataFrame
    scenario: Scenario
    result: NetPresentValue

    @property
    def value(self) -> ValueOfWork:
        """W, F and U of the population."""
        return self.scenario.value

    def effect(self, outcome: str) -> pd.Series:
        """The estimate row of one effect."""
        return self.effects.set_index("outcome").loc[outcome]

    @property
    def lacking(self) -> str | None:
        """The need (see `frames.needs`) that keeps the net present value from being known; None where it is known."""
        if not isnan(self.result.per_person):
            return None
        if self.effects["estimate"].isna().any():
            return "effect_window"
        if isnan(self.income):
            return "table:income"
        unknown = self.costs.index[self.costs.isna().all(axis=1)]
        return "table:measures" if "other_measures" in unknown else "table:health_services"


def populations(study: Study) -> dict[str, Population]:
    """The populations that a study evaluates, the main one first; everybody where it names none."""
    return dict(study.economics.populations) or {"all": EVERYBODY}


def main_population(study: Study) -> str:
    """Code of the population that the chapter's main result is about."""
    return next(iter(populations(study)))


@needs(*EVALUATION)
def evaluate(
    trial: Trial, population: str | None = None, conf_level: float = 0.95, under: Study | None = None
) -> Evaluation:
    """The evaluation of one population, the main one if none is named; `under` the settings of a scenario, if given."""
    study, population = under or trial.study, population or main_population(trial.study)
    if study is trial.study:
        key = ("evaluation", population, conf_level)
        return trial.once(key, lambda: _evaluated(trial, study, population, conf_level))
    return _evaluated(trial, study, population, conf_level)


@needs(*EVALUATION)
def evaluations(trial: Trial, conf_level: float = 0.95) -> list[Evaluation]:
    """The evaluation of every population, the main one first."""
    return [evaluate(trial, population, conf_level) for population in populations(trial.study)]


def _evaluated(trial: Trial, study: Study, population: str, conf_level: float) -> Evaluation:
    members = members_of(trial, population)
    effects = effects_of(trial, members, population, conf_level, study)
    income = trial.people.set_index("participant_id").loc[members, "income_year_before_inclusion_1000nok"]
    income = 1000 * float(income.mean())
    costs = costs_per_person(resources_of(trial, members, study), study)
    scenario = scenario_of(study, income, effects, costs)
    return Evaluation(population, members, income, effects, costs, scenario, net_present_value(scenario))


def members_of(trial: Trial, population: str) -> pd.Index:
    """Participant ids of a population."""
    people, chosen = trial.people, populations(trial.study)[population]
    if chosen.statuses:
        people = people[people["status_at_inclusion"].isin(chosen.statuses)]
    if chosen.subgroup:
        people = people[people[f"group_{chosen.subgroup}"].isin(chosen.groups)]
    return pd.Index(people["participant_id"], name="participant_id")


def resources_of(trial: Trial, members: pd.Index, study: Study) -> pd.DataFrame:
    """What the members used and what it cost, index participant_id; anew where a scenario changes a price or window."""
    given, usual = study.economics, trial.study.economics
    same = all(given.get(name) == usual.get(name) for name in RESOURCE_INPUTS)
    resources = trial.resources if same else participant_resources(trial.tables, study)
    return resources.set_index("participant_id").loc[members]


def effects_of(
    trial: Trial, members: pd.Index, population: str, conf_level: float = 0.95, under: Study | None = None,
    months: range | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Mean monthly differences over the effect window, or other months, among the members."""
    study = under or trial.study
    outcomes = trial.extract_for("cost_benefit.effects").outcomes
    outcomes = outcomes[outcomes["participant_id"].isin(members)]
    chosen = study.economics.work_outcomes
    return window_effects(
        outcomes.merge(trial.people[["participant_id", "arm"]], on="participant_id"),
        study.treatment,
        study.control,
        months or effect_months(study),
        economic_input(study, "partial_work_weight"),
        conf_level,
        population,
        full_work=chosen.full,
        any_work=chosen.full_or_partial,
    )


def effect_months(study: Study) -> range:
    """The months whose differences are averaged."""
    window = economic_input(study, "effect_window")
    return range(int(window["from"]), int(window["to"]) + 1)


def wage_rates(study: Study) -> WageRates:
    """The rates behind W, F and U from the study's economic inputs."""
    return WageRates(*(economic_input(study, name) for name in WAGE_RATES))


def earlier_months(study: Study) -> range:
    """The months after that of inclusion that lie before the effect window."""
    return range(1, effect_months(study)[0])


def cost_rows(study: Study) -> list[str]:
    """The costs that a study prices: parts of the programme, other measures, consultations by service."""
    services = [f"consultations_{service}" for service in PRICED_SERVICES if service in priced_services(study)]
    return [*programme_cost_per_case(study), *(["other_measures"] if priced_measures(study) else []), *services]


def costs_per_person(resources: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Cost per person by cost and arm: the programme, other measures, and consultations over all follow-up waves.

    Consultations are means among those who answered the services block of a wave, added over the waves. The cost of
    measures is missing where a single one is.
    """
    programme = programme_cost_per_case(study)
    costs = pd.DataFrame(index=cost_rows(study), columns=list(study.arm_codes), dtype=float)
    for arm in study.arm_codes:
        own = resources[resources["arm"] == arm]
        for row in costs.index[len(programme) :]:
            costs.loc[row, arm] = _mean_cost(own, row, study)
    costs.loc[list(programme), study.treatment] = list(programme.values())
    return costs


def _mean_cost(own: pd.DataFrame, row: str, study: Study) -> float:
    if row == "other_measures":
        return own["measure_cost_nok"].mean(skipna=False)
    service = row.removeprefix("consultations_")
    means = [own[f"cost_{service}_m{wave:02d}_nok"].mean() for wave in study.follow_up_waves]
    return sum(means) if means else nan


def not_counted(study: Study, left_out: tuple[str, ...] | None = None) -> set[str]:
    """Rows of the costs that do not count in the treatment arm: those named, or those that the study leaves out
    (`not_counted_for_treatment`), for example consultations that the programme itself may have held."""
    names = study.economics.not_counted_for_treatment if left_out is None else left_out
    return {name if name == "other_measures" else f"consultations_{name}" for name in names}


def counted_costs(costs: pd.DataFrame, study: Study, left_out: tuple[str, ...] | None = None) -> pd.Series:
    """Sum per arm of what counts (see `not_counted`); missing where a part of it is."""
    treated = costs.loc[~costs.index.isin(not_counted(study, left_out)), study.treatment]
    others = costs.loc[~costs.index.isin(PROGRAMME_COSTS), study.control]
    return pd.Series({study.treatment: treated.sum(skipna=False), study.control: others.sum(skipna=False)})


def scenario_of(study: Study, income: float, effects: pd.DataFrame, costs: pd.DataFrame) -> Scenario:
    """The study's assumptions for one population. Without incomes the value of work is missing."""
    estimates, sums = effects.set_index("outcome")["estimate"], counted_costs(costs, study)
    sizes = {name: float(estimates[f"{name}_job"]) for name in ("full", "partial")}
    costs_by_arm = {"programme": float(sums[study.treatment]), "control": float(sums[study.control])}
    return assumed(study, input_values(study), income, sizes, costs_by_arm)


def assumed(study: Study, inputs: Mapping, income: Amount, effects: Mapping, costs: Mapping) -> Scenario:
    """The model with given inputs, wage, effects (full, partial) and costs per person (programme, control).

    Each may be a number, or an array with one value a draw.
    """
    rates = WageRates(*(inputs[name] for name in WAGE_RATES))
    return Scenario(
        effect_full=effects["full"],
        effect_partial=effects["partial"],
        value=_UNKNOWN if np.isnan(income).any() else value_of_work(income, rates),
        cost_programme=costs["programme"],
        cost_control=costs["control"],
        participants=cases_per_year(study, inputs),
        cost_of_funds=inputs["marginal_cost_of_public_funds"],
        partial_weight=inputs["partial_work_weight"],
        duration=inputs["effect_duration_years"],
        rate_from_year={1: inputs["discount_rate"]},
        first_year=int(inputs["gain_year"] - inputs["cost_year"]),
        decay=inputs.get("effect_decay", 0.0),
    )
