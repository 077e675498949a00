"""The main population under other assumptions: the scenarios of the study, and the effects of its best centres."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.chapters.cost_benefit.evaluation import EVALUATION, counted_costs, effects_of, evaluate
from analysis.frames.needs import needs
from analysis.frames.resources import economic_input
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import Scenario
from analysis.study.economics import ScenarioSetting, changed_input
from analysis.study.settings import Study


@needs(*EVALUATION, "scenarios")
def scenarios(trial: Trial, conf_level: float = 0.95) -> dict[str, Scenario]:
    """Code of each scenario that the study declares → its assumptions."""
    declared = trial.study.economics.scenarios
    return {code: scenario_under(trial, setting, conf_level) for code, setting in declared.items()}


def scenario_under(trial: Trial, setting: ScenarioSetting, conf_level: float = 0.95) -> Scenario:
    """The main population's evaluation with what a scenario changes."""
    study = _study_under(trial.study, setting)
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


def _study_under(study: Study, setting: ScenarioSetting) -> Study:
    if not setting.inputs:
        return study
    inputs = {name: changed_input(study.economics, name, value) for name, value in setting.inputs.items()}
    return replace(study, economics=replace(study.economics, **inputs))


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
