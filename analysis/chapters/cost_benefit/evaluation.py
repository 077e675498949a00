"""One evaluation: a population's effects, what work is worth, costs per person, and the net present value.

Who an evaluation is about, what is priced and over which months effects are averaged are settings of the study
(`economics` in study.yml).
"""

from dataclasses import dataclass
from math import isnan, nan

import numpy as np
import pandas as pd

from analysis.frames.needs import needs
from analysis.frames.resources import (
    PRICED_SERVICES,
    cases_per_year,
    economic_input,
    participant_resources,
    priced_measures,
    priced_services,
    programme_cost_per_case,
)
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import (
    NetPresentValue,
    Scenario,
    ValueOfWork,
    WageRates,
    net_present_value,
    value_of_work,
    window_effects,
)
from analysis.methods.cost_benefit_bootstrap import ArmSample, bootstrap_net_value, net_value_estimate
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
DRAWS, SEED = 2000, 2013  # of the bootstrap, unless the notebook sets others
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
    trial: Trial, members: pd.Index, population: str, conf_level: float = 0.95, under: Study | None = None
) -> pd.DataFrame:
    """Mean monthly differences over the effect window among the members."""
    study = under or trial.study
    outcomes = trial.extract_for("cost_benefit.effects").outcomes
    outcomes = outcomes[outcomes["participant_id"].isin(members)]
    chosen = study.economics.work_outcomes
    return window_effects(
        outcomes.merge(trial.people[["participant_id", "arm"]], on="participant_id"),
        study.treatment,
        study.control,
        effect_months(study),
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


def counted_costs(costs: pd.DataFrame, study: Study, left_out: tuple[str, ...] | None = None) -> pd.Series:
    """Sum per arm of what counts; missing where a part of it is.

    `left_out`: costs of the treatment arm that do not count, by default those that the study leaves out
    (`not_counted_for_treatment`), for example consultations that the programme itself may have held.
    """
    names = study.economics.not_counted_for_treatment if left_out is None else left_out
    without = {name if name == "other_measures" else f"consultations_{name}" for name in names}
    treated = costs.loc[~costs.index.isin(without), study.treatment]
    others = costs.loc[~costs.index.isin(PROGRAMME_COSTS), study.control]
    return pd.Series({study.treatment: treated.sum(skipna=False), study.control: others.sum(skipna=False)})


def scenario_of(study: Study, income: float, effects: pd.DataFrame, costs: pd.DataFrame) -> Scenario:
    """The study's assumptions for one population. Without incomes the value of work is missing."""
    estimates, sums = effects.set_index("outcome")["estimate"], counted_costs(costs, study)
    return Scenario(
        effect_full=float(estimates["full_job"]),
        effect_partial=float(estimates["partial_job"]),
        value=_UNKNOWN if isnan(income) else value_of_work(income, wage_rates(study)),
        cost_programme=float(sums[study.treatment]),
        cost_control=float(sums[study.control]),
        participants=cases_per_year(study),
        cost_of_funds=economic_input(study, "marginal_cost_of_public_funds"),
        partial_weight=economic_input(study, "partial_work_weight"),
        duration=economic_input(study, "effect_duration_years"),
        rate_from_year={1: economic_input(study, "discount_rate")},
        first_year=int(economic_input(study, "gain_year") - economic_input(study, "cost_year")),
    )


@needs(*EVALUATION)
def net_value_interval(
    trial: Trial, population: str | None = None, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95
) -> pd.DataFrame:
    """Net present value per person with its bootstrap interval, as one estimate row; see `bootstrap_net_value`."""
    population = population or main_population(trial.study)
    key = ("net_value_interval", population, draws, seed, conf_level)
    return trial.once(key, lambda: _interval(trial, population, draws, seed, conf_level))


def _interval(trial: Trial, population: str, draws: int, seed: int, conf_level: float) -> pd.DataFrame:
    found = evaluate(trial, population, conf_level)
    treated, control = (arm_sample(trial, found, arm) for arm in (trial.study.treatment, trial.study.control))
    programme, rng = sum(programme_cost_per_case(trial.study).values()), np.random.default_rng(seed)
    drawn = bootstrap_net_value(treated, control, programme, found.scenario, draws, rng)
    sizes = len(treated.measure_cost), len(control.measure_cost)
    return net_value_estimate(drawn, found.result.per_person, trial.study.contrast, *sizes, conf_level, population)


def arm_sample(trial: Trial, found: Evaluation, arm: str) -> ArmSample:
    """What the bootstrap resamples of one arm, in the order of participants."""
    study = trial.study
    resources = resources_of(trial, found.members, study)
    own = resources[resources["arm"] == arm]
    left_out = study.economics.not_counted_for_treatment if arm == study.treatment else ()
    services = [service for service in PRICED_SERVICES if service in priced_services(study) and service not in left_out]
    columns = [f"cost_{service}_m{wave:02d}_nok" for wave in study.follow_up_waves for service in services]
    measured = priced_measures(study) and "other_measures" not in left_out
    measure_cost = own["measure_cost_nok"].to_numpy(float) if measured else np.zeros(len(own))
    return ArmSample(_work(trial, own.index), measure_cost, own[columns].to_numpy(float))


def _work(trial: Trial, people: pd.Index) -> np.ndarray:
    """People × months of the effect window: 1 in full work, the weight of partial work, 0, NaN not observed."""
    study, outcomes = trial.study, trial.extract_for("cost_benefit.effects").outcomes
    months, chosen = list(effect_months(study)), study.economics.work_outcomes
    wide = outcomes[outcomes[study.unit].isin(months)].pivot(index="participant_id", columns=study.unit)
    full, any_work = (
        wide[name].astype(float).reindex(people, columns=months) for name in (chosen.full, chosen.full_or_partial)
    )
    return (full + economic_input(study, "partial_work_weight") * (any_work - full)).to_numpy()
