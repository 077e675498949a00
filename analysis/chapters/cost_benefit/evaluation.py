"""One evaluation: a population's effects, what work is worth, costs per person, and the net present value.

The external evaluation covers all participants; the internal one those who at inclusion received AAP, unemployment
benefit or individual allowance, or had neither job nor benefit (report, section 5.1).
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.frames.resources import (
    PRICED_SERVICES,
    cases_per_year,
    economic_input,
    participant_resources,
    programme_cost_per_case,
)
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import (
    ArmSample,
    NetPresentValue,
    Scenario,
    ValueOfWork,
    WageRates,
    bootstrap_net_value,
    net_present_value,
    net_value_estimate,
    value_of_work,
    window_effects,
)
from analysis.study.settings import Study

EXTERNAL, INTERNAL = "external_all_participants", "internal_subgroup_aap_plus"
POPULATIONS = (EXTERNAL, INTERNAL)
# Rows of the report's Table 7. People followed up by NAV without benefits are a row of their own there and not named in
# the definition; with them the printed mean income of the group could not hold beside Table A.1.
INTERNAL_STATUSES = ("aap", "aap_and_job", "unemployment_benefit_individual_allowance", "no_job_no_benefit")
COST_ROWS = (
    "sfj_centre",
    "job_consultant",
    "other_nav_measures",
    "consultations_gp",
    "consultations_psychologist",
    "consultations_physiotherapist",
    "consultations_chiropractor",
)
DRAWS, SEED = 2000, 2013  # of the bootstrap, unless the notebook sets others
_SERVICE_OF_ROW = {
    "consultations_gp": "general_practitioner",
    "consultations_psychologist": "psychologist",
    "consultations_physiotherapist": "physiotherapist",
    "consultations_chiropractor": "chiropractor",
}


_UNKNOWN = ValueOfWork(np.nan, np.nan, np.nan)  # a study without incomes


@dataclass(frozen=True)
class Evaluation:
    """Everything behind one column of Table 22.

    members: participant ids. income: mean pensionable income the year before inclusion, NOK of the income price year.
    effects: estimate frame with outcomes full_job, partial_job, weighted_job. costs: NOK per person, one row per cost
    and one column per arm, missing where the arm does not have the cost. scenario and result: see
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


@lru_cache(maxsize=8)
def resources_of(trial: Trial) -> pd.DataFrame:
    """One row per participant with what was used and what it cost, computed once a trial."""
    return participant_resources(trial.tables, trial.study)


@lru_cache(maxsize=32)
def evaluate(trial: Trial, population: str = EXTERNAL, conf_level: float = 0.95) -> Evaluation:
    """The evaluation of one population under the report's assumptions."""
    members = members_of(trial, population)
    effects = effects_of(trial, members, population, conf_level)
    people = trial.people.set_index("participant_id")
    income = 1000 * float(people.loc[members, "income_year_before_inclusion_1000nok"].mean())
    resources = resources_of(trial).set_index("participant_id").loc[members]
    costs = costs_per_person(resources, trial.study)
    scenario = scenario_of(trial.study, income, effects, costs)
    return Evaluation(population, members, income, effects, costs, scenario, net_present_value(scenario))


def members_of(trial: Trial, population: str) -> pd.Index:
    """Participant ids of a population."""
    people = trial.people
    if population == INTERNAL:
        people = people[people["status_at_inclusion"].isin(INTERNAL_STATUSES)]
    return pd.Index(people["participant_id"], name="participant_id")


def effects_of(trial: Trial, members: pd.Index, population: str, conf_level: float) -> pd.DataFrame:
    """Mean monthly differences over the effect window among the members."""
    study = trial.study
    outcomes = outcomes_behind_table_08(trial)
    outcomes = outcomes[outcomes["participant_id"].isin(members)]
    arms = trial.people[["participant_id", "arm"]]
    return window_effects(
        outcomes.merge(arms, on="participant_id"),
        study.treatment,
        study.control,
        effect_months(study),
        economic_input(study, "partial_work_weight"),
        conf_level,
        population,
    )


@lru_cache(maxsize=4)
def outcomes_behind_table_08(trial: Trial) -> pd.DataFrame:
    """Outcomes as the extract behind Table 8 saw them, since the report averages that table's differences."""
    return trial.in_extract("table_08").outcomes


def effect_months(study: Study) -> range:
    """The months whose differences are averaged."""
    window = economic_input(study, "effect_window")
    return range(int(window["from"]), int(window["to"]) + 1)


def wage_rates(study: Study) -> WageRates:
    """The rates behind W, F and U from the study's economic inputs."""
    names = (
        "employer_contribution_rate",
        "pension_cost_rate",
        "injury_insurance",
        "income_tax_rate",
        "leisure_share_of_net_wage",
        "disability_pension_rate",
        "disability_pension_tax_rate",
    )
    return WageRates(*(economic_input(study, name) for name in names))


def costs_per_person(resources: pd.DataFrame, study: Study) -> pd.DataFrame:
    """NOK per person by cost and arm: the programme, other measures, and consultations over all follow-up waves.

    Consultations are means among those who answered the services block of a wave, added over the waves.
    """
    programme = programme_cost_per_case(study)
    waves = [wave for wave in study.waves if wave > 0]
    costs = pd.DataFrame(index=list(COST_ROWS), columns=list(study.arm_codes), dtype=float)
    for arm in study.arm_codes:
        own = resources[resources["arm"] == arm]
        costs.loc["other_nav_measures", arm] = own["measure_cost_nok"].mean()
        for row, service in _SERVICE_OF_ROW.items():
            costs.loc[row, arm] = sum(own[f"cost_{service}_m{wave:02d}_nok"].mean() for wave in waves)
    costs.loc[["sfj_centre", "job_consultant"], study.treatment] = programme["centre"], programme["job_consultant"]
    return costs


def counted_costs(costs: pd.DataFrame, study: Study, psychologists_of_treated: bool = False) -> pd.Series:
    """Sum per arm. As in the report, psychologists outside the programme are left out for the treatment arm.

    The report does so because such consultations may be part of supported employment and counted there already.
    """
    counted = costs.copy()
    if not psychologists_of_treated:
        counted.loc["consultations_psychologist", study.treatment] = np.nan
    sums = counted.sum(min_count=1)
    missing = counted.drop(index=["sfj_centre", "job_consultant", "consultations_psychologist"]).isna().any()
    return sums.mask(missing)


def scenario_of(study: Study, income: float, effects: pd.DataFrame, costs: pd.DataFrame) -> Scenario:
    """The report's assumptions for one population. Without incomes the value of work is missing."""
    if economic_input(study, "gain_year") - economic_input(study, "cost_year") != 1:
        raise ValueError("study.yml: gain_year must be the year after cost_year, as the formula discounts gains by one")
    estimates = effects.set_index("outcome")["estimate"]
    sums = counted_costs(costs, study)
    return Scenario(
        effect_full=float(estimates["full_job"]),
        effect_partial=float(estimates["partial_job"]),
        value=_UNKNOWN if np.isnan(income) else value_of_work(income, wage_rates(study)),
        cost_programme=float(sums[study.treatment]),
        cost_control=float(sums[study.control]),
        participants=cases_per_year(study),
        cost_of_funds=economic_input(study, "marginal_cost_of_public_funds"),
        partial_weight=economic_input(study, "partial_work_weight"),
        duration=economic_input(study, "effect_duration_years"),
        rate_from_year={1: economic_input(study, "discount_rate")},
    )


def best_centres(trial: Trial, how_many: int = 3, conf_level: float = 0.95) -> tuple[list[str], pd.DataFrame]:
    """The centres with the largest observed effect on full work, and the effects among their participants together.

    Chosen by looking at the outcome, so their effect overstates what the same centres would show again.
    """
    people = trial.people
    by_centre = {}
    for centre in trial.study.centre_codes:
        members = pd.Index(people.loc[people["centre"] == centre, "participant_id"])
        effects = effects_of(trial, members, centre, conf_level).set_index("outcome")
        by_centre[centre] = effects.loc["full_job", "estimate"]
    known = [centre for centre, effect in by_centre.items() if not np.isnan(effect)]
    best = sorted(known, key=by_centre.get, reverse=True)[:how_many]
    members = pd.Index(people.loc[people["centre"].isin(best), "participant_id"])
    return best, effects_of(trial, members, "best_centres", conf_level)


def scenarios(trial: Trial, conf_level: float = 0.95) -> dict[str, Scenario]:
    """The external evaluation under other assumptions, one scenario each; the first is the report's own."""
    study, base = trial.study, evaluate(trial, EXTERNAL, conf_level)
    given, costs = base.scenario, base.costs
    own_measures = float(costs.loc["other_nav_measures", study.treatment])
    with_psychologists = float(counted_costs(costs, study, psychologists_of_treated=True)[study.treatment])
    best = best_centres(trial, conf_level=conf_level)[1].set_index("outcome")["estimate"]
    steps = {int(year): rate for year, rate in economic_input(study, "discount_rate_steps").items()}
    return {
        "as_published": given,
        "full_job_only": replace(given, effect_partial=0.0),
        "no_other_measures": replace(given, cost_programme=given.cost_programme - own_measures),
        "no_other_measures_full_job_only": replace(
            given, cost_programme=given.cost_programme - own_measures, effect_partial=0.0
        ),
        "psychologists_of_sfj_counted": replace(given, cost_programme=with_psychologists),
        "three_best_centres": replace(
            given, effect_full=float(best["full_job"]), effect_partial=float(best["partial_job"])
        ),
        "two_years": replace(given, duration=2, rate_from_year=steps),
        "five_years": replace(given, duration=5, rate_from_year=steps),
    }


def net_value_interval(
    trial: Trial, population: str = EXTERNAL, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95
) -> pd.DataFrame:
    """Net present value per person with its bootstrap interval, as one estimate row; see `bootstrap_net_value`."""
    return net_value_estimate(
        net_value_draws(trial, population, draws, seed),
        evaluate(trial, population, conf_level).result.per_person,
        trial.study.contrast,
        *_arm_sizes(trial, population),
        conf_level,
        population,
    )


def _arm_sizes(trial: Trial, population: str) -> tuple[int, int]:
    arms = trial.people.set_index("participant_id").loc[members_of(trial, population), "arm"].value_counts()
    return int(arms[trial.study.treatment]), int(arms[trial.study.control])


@lru_cache(maxsize=8)
def net_value_draws(trial: Trial, population: str, draws: int, seed: int) -> np.ndarray:
    """Bootstrap draws of the net present value per person. Callers must not change the array."""
    study, given = trial.study, evaluate(trial, population).scenario
    treated, control = (arm_sample(trial, population, arm) for arm in (study.treatment, study.control))
    programme = sum(programme_cost_per_case(study).values())
    return bootstrap_net_value(treated, control, programme, given, draws, np.random.default_rng(seed))


def arm_sample(trial: Trial, population: str, arm: str) -> ArmSample:
    """What the bootstrap resamples of one arm, in the order of participants."""
    study = trial.study
    resources = resources_of(trial).set_index("participant_id").loc[members_of(trial, population)]
    own = resources[resources["arm"] == arm]
    outcomes = outcomes_behind_table_08(trial)
    seen = outcomes[outcomes["month"].isin(list(effect_months(study)))]
    full, any_work = (
        seen.pivot(index="participant_id", columns="month", values=name).astype(float).reindex(own.index)
        for name in ("in_work_no_benefits", "fully_or_partly_in_work")
    )
    weight = economic_input(study, "partial_work_weight")
    services = [service for service in PRICED_SERVICES if arm == study.control or service != "psychologist"]
    columns = [f"cost_{service}_m{wave:02d}_nok" for wave in study.waves if wave > 0 for service in services]
    return ArmSample(
        (full + weight * (any_work - full)).to_numpy(),
        own["measure_cost_nok"].to_numpy(float),
        own[columns].to_numpy(float),
    )
