"""The main population under other assumptions: the scenarios of the study, and the effects of its best centres."""

from dataclasses import replace
from math import nan

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from analysis.chapters.cost_benefit.evaluation import (
    DRAWS,
    EVALUATION,
    SEED,
    counted_costs,
    earlier_months,
    effects_of,
    evaluate,
    main_population,
    members_of,
)
from analysis.chapters.cost_benefit.resampling import Arms, arm_sample, drawn_scenario, resampled, sizes_of
from analysis.frames.needs import needs
from analysis.frames.resources import economic_input
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import Scenario, for_the_public_purse, net_present_value
from analysis.methods.cost_benefit_bootstrap import net_value_estimate, observed_means
from analysis.study.economics import EconomicInput, ScenarioSetting, changed_input
from analysis.study.settings import Study

_DAYS_A_YEAR = 365.25
_MONTHS_A_YEAR = 12


@needs(*EVALUATION, "scenarios")
def scenarios(trial: Trial, conf_level: float = 0.95) -> dict[str, Scenario]:
    """Code of each scenario that the study declares, those added to the report apart → its assumptions."""
    declared = trial.study.economics.scenarios
    return {code: scenario_under(trial, each, conf_level) for code, each in declared.items() if not each.added}


def scenario_under(trial: Trial, setting: ScenarioSetting, conf_level: float = 0.95) -> Scenario:
    """The main population's evaluation with what a scenario changes."""
    more = setting.before_window or setting.health
    arms = observed_arms(trial) if more else ({}, {})
    return with_more_gains(trial, setting, _on_work(trial, setting, conf_level), arms)


def _on_work(trial: Trial, setting: ScenarioSetting, conf_level: float = 0.95) -> Scenario:
    """A scenario with gains from work in the effect window alone, as society sees them."""
    study = study_under(trial, setting)
    found = evaluate(trial, None, conf_level, study)
    effects = found.effects
    if setting.best_centres:
        effects = best_centres(trial, setting.best_centres, conf_level)[1]
    size = effects.set_index("outcome")["estimate"]
    full, partial = (float(size[name]) if name in setting.effects else 0.0 for name in ("full_job", "partial_job"))
    sums = counted_costs(found.costs, study, setting.not_counted_for_treatment)
    rates = discount_steps(study) if setting.discount_by_steps else found.scenario.rate_from_year
    return replace(
        found.scenario,
        effect_full=full,
        effect_partial=partial,
        cost_programme=float(sums[study.treatment]),
        rate_from_year=rates,
    )


def study_under(trial: Trial, setting: ScenarioSetting) -> Study:
    """The study with the inputs that a scenario changes."""
    study = trial.study
    inputs = {name: changed_input(study.economics, name, value) for name, value in setting.inputs.items()}
    if setting.caseload_of_trial:
        inputs["cases_per_year"] = _cases_of_trial(trial)
    return replace(study, economics=replace(study.economics, **inputs)) if inputs else study


def _cases_of_trial(trial: Trial) -> EconomicInput:
    """People allocated to the treatment arm in a year of inclusion."""
    dates, treated = trial.study.dates, sizes_of(trial, pd.Index(trial.people["participant_id"]))[0]
    years = ((dates.inclusion_end - dates.inclusion_start).days + 1) / _DAYS_A_YEAR
    given = {"value": treated / years, "unit": "cases a year", "price_year": None, "source": "Computed from the trial"}
    return TypeAdapter(EconomicInput[float]).validate_python(given)


def observed_arms(trial: Trial) -> tuple[dict[str, float], dict[str, float]]:
    """What `resampled` draws of either arm of the main population, as it was observed."""
    study, population = trial.study, main_population(trial.study)

    def observed() -> tuple[dict[str, float], ...]:
        members = members_of(trial, population)
        return tuple(observed_means(arm_sample(trial, members, arm)) for arm in (study.treatment, study.control))

    return trial.once(("observed_arms", population), observed)


def resampled_arms(trial: Trial, draws: int = DRAWS, seed: int = SEED) -> Arms:
    """The same over draws of participants."""
    return resampled(trial, main_population(trial.study), draws, seed)


def with_more_gains(trial: Trial, setting: ScenarioSetting, scenario: Scenario, arms: Arms) -> Scenario:
    """The scenario with what else its setting counts: work before the window, health; as its view sees them."""
    treated, control = arms
    gained = {name: treated[name] - control.get(name, nan) for name in treated}
    if setting.before_window and earlier_months(trial.study):
        partial = scenario.partial_weight * gained["early_partial"] if "partial_job" in setting.effects else 0.0
        years = len(earlier_months(trial.study)) / _MONTHS_A_YEAR
        scenario = replace(scenario, early_work=years * (gained["early_full"] + partial))
    if setting.health:
        worth = economic_input(trial.study, "value_of_qaly", nan)
        scenario = replace(scenario, health_gain=worth * gained.get("qaly", nan))
    return for_the_public_purse(scenario) if setting.view == "public_purse" else scenario


def net_values_under(trial: Trial, setting: ScenarioSetting, draws: int = DRAWS, seed: int = SEED) -> np.ndarray:
    """Net present values per person of a scenario over draws of participants; missing for the best centres, which are
    not chosen anew in each draw."""
    if setting.best_centres:
        return np.full(draws, nan)
    study = study_under(trial, setting)
    arms = resampled(trial, main_population(trial.study), draws, seed, study)
    scenario = drawn_scenario(study, _on_work(trial, setting), arms, setting.not_counted_for_treatment)
    left_out = {f"effect_{name}": 0.0 for name in ("full", "partial") if f"{name}_job" not in setting.effects}
    return net_present_value(with_more_gains(trial, setting, replace(scenario, **left_out), arms)).per_person


def net_value_under(
    trial: Trial, setting: ScenarioSetting, name: str, drawn: np.ndarray, conf_level: float = 0.95
) -> pd.DataFrame:
    """A scenario's net present value per person as one estimate row called `name`; `drawn` see `net_values_under`."""
    value = net_present_value(scenario_under(trial, setting)).per_person
    sizes = sizes_of(trial, evaluate(trial).members)
    return net_value_estimate(drawn, float(value), trial.study.contrast, *sizes, conf_level, name)


def discount_steps(study: Study) -> dict[int, float]:
    """Discount rates from the year they hold from: the study's rate, and its steps in later years."""
    later = economic_input(study, "discount_rate_steps", {})
    return {int(year): rate for year, rate in later.items()} | {1: economic_input(study, "discount_rate")}


@needs(*EVALUATION, "several_centres")
def best_centres(trial: Trial, how_many: int, conf_level: float = 0.95) -> tuple[list[str], pd.DataFrame]:
    """The centres with the largest observed effect on full work, and the effects among their participants together.

    Chosen by looking at the outcome, so their effect overstates what the same centres would show again.
    """
    return trial.once(("best_centres", how_many, conf_level), lambda: _best_centres(trial, how_many, conf_level))


def _best_centres(trial: Trial, how_many: int, conf_level: float) -> tuple[list[str], pd.DataFrame]:
    best = list(_by_centre(trial, conf_level))[:how_many]
    members = pd.Index(trial.people.loc[trial.people["centre"].isin(best), "participant_id"])
    return best, effects_of(trial, members, "best_centres", conf_level)


def _by_centre(trial: Trial, conf_level: float = 0.95) -> dict[str, float]:
    """Centre → its observed effect on full work, the largest first, where it is known."""
    found, people = {}, trial.people
    for centre in trial.study.centre_codes:
        members = pd.Index(people.loc[people["centre"] == centre, "participant_id"])
        effects = effects_of(trial, members, centre, conf_level).set_index("outcome")
        found[centre] = effects.loc["full_job", "estimate"]
    known = [centre for centre, effect in found.items() if not np.isnan(effect)]
    return {centre: found[centre] for centre in sorted(known, key=found.get, reverse=True)}


def are_best(trial: Trial, how_many: int) -> bool:
    """Whether the centres with the largest observed effects can be told from the others: the last is no tie."""
    effects = list(trial.once(("effects_by_centre",), lambda: _by_centre(trial)).values())
    return len(effects) <= how_many or not np.isclose(effects[how_many - 1], effects[how_many])
