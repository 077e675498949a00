"""Sentences of the chapter; their words turn with the sign of a result and with its interval.

Nothing is said where a number is not known: the function then gives `Absent` with what would be needed.
"""

from math import isfinite, isnan

import pandas as pd

from analysis.chapters.cost_benefit.evaluation import (
    DRAWS,
    EVALUATION,
    SEED,
    Evaluation,
    effect_months,
    evaluate,
    main_population,
    members_of,
    populations,
)
from analysis.chapters.cost_benefit.resampling import net_value_interval
from analysis.chapters.cost_benefit.scenarios import are_best, best_centres, discount_steps, scenario_under
from analysis.chapters.cost_benefit.tables import window_months
from analysis.chapters.cost_benefit.use import MEASURES, USE
from analysis.chapters.cost_benefit.wording import duration, interval_words, sentence_key, sign
from analysis.chapters.employment.populations import compared
from analysis.frames.needs import Absent, needs
from analysis.frames.resources import priced_services
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import (
    Scenario,
    break_even_duration,
    break_even_effect,
    net_present_value,
    yearly_gain,
)
from analysis.methods.proportions import difference_in_proportions
from analysis.show.prose import Label, Sentence, count, decimal, direction_of, million_nok, nok, percent, points, tally
from analysis.study.economics import ScenarioSetting


@needs(*EVALUATION)
def people_in(trial: Trial) -> Sentence:
    """Who the evaluations are about: people of each population in either arm."""
    values, named = {}, []
    for population in populations(trial.study):
        treated, control = (count(number) for number in _sizes(trial, population))
        values |= {f"treated_{population}": treated, f"control_{population}": control}
        sizes = {"population": Label("populations", population), "treated": treated, "control": control}
        named.append(Sentence("population_size", sizes))
    key = sentence_key(trial, "people_in", *populations(trial.study))
    return Sentence(key, {**values, "populations": tuple(named)})


def _sizes(trial: Trial, population: str) -> tuple[int, int]:
    arms = trial.people.set_index("participant_id").loc[members_of(trial, population), "arm"].value_counts()
    return int(arms.get(trial.study.treatment, 0)), int(arms.get(trial.study.control, 0))


@needs(*EVALUATION)
def missing(trial: Trial) -> Sentence:
    """How many answered the block on health services at each follow-up, and for how many the last month was observed.

    The latter also in the records that the results on work follow (`seen_compared`).
    """
    study, last = trial.study, effect_months(trial.study)[-1]
    seen, seen_compared = (_seen(each, last) for each in (trial, compared(trial)))
    values = {"last": tally(last), "seen": count(seen), "all": count(len(trial.people))}
    values["seen_compared"] = count(seen_compared)
    if not priced_services(study) or not study.follow_up_waves or trial.tables["health_services"].empty:
        return Sentence("observed_months", values)
    answered = {wave: trial.resources.groupby("arm")[f"services_answered_m{wave:02d}"].mean()
                for wave in study.follow_up_waves}  # fmt: skip
    shares = {
        wave: {"treated": percent(100 * by_arm[study.treatment]), "control": percent(100 * by_arm[study.control])}
        for wave, by_arm in answered.items()
    }
    waves = tuple(Sentence("answered_wave", {**share, "wave": tally(wave)}) for wave, share in shares.items())
    each = {f"{role}_{wave}": number for wave, share in shares.items() for role, number in share.items()}
    return Sentence(sentence_key(trial, "observed", *study.follow_up_waves), {**values, **each, "waves": waves})


def _seen(trial: Trial, last: int) -> int:
    """People observed in this month."""
    outcomes = trial.outcomes
    return outcomes.loc[outcomes[trial.study.unit] == last, "participant_id"].nunique()


@needs(*EVALUATION)
def net_value(
    trial: Trial, population: str | None = None, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95
) -> Sentence | Absent:
    """The expected net present value per person with its interval, and in all; of the main population by default."""
    found = evaluate(trial, population)
    row = net_value_interval(trial, population, draws, seed, conf_level).iloc[0]
    if found.lacking or isnan(row["conf_low"]):
        return Absent(found.lacking or "enough_answers")
    scenario, in_all = found.scenario, isfinite(found.result.total)
    key = "net_value" if found.population == main_population(trial.study) else "net_value_part"
    values = {
        **interval_words(row),
        "total": million_nok(abs(found.result.total)),
        "total_signed": million_nok(found.result.total),
        "cases": count(scenario.participants),
        "duration": duration(scenario.duration),
        "population": Label("populations", found.population),
    }
    key = sentence_key(trial, key, found.population) if in_all else f"{key}_per_person"
    return Sentence(key, values, direction_of(row), finding=True)


def net_values(trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95) -> list[Sentence | Absent]:
    """The net present value of every population, the main one first."""
    return [net_value(trial, population, draws, seed, conf_level) for population in populations(trial.study)]


@needs(*EVALUATION)
def effect(trial: Trial, outcome: str, conf_level: float = 0.95) -> Sentence | Absent:
    """Mean monthly difference between the arms over the effect window, for full_job or partial_job."""
    row = evaluate(trial, None, conf_level).effect(outcome)
    if isnan(row["conf_low"]):
        return Absent("effect_window")
    values = {
        "difference": points(100 * row["estimate"]),
        "signed": decimal(100 * row["estimate"]),
        "low": decimal(100 * row["conf_low"]),
        "high": decimal(100 * row["conf_high"]),
        "level": tally(100 * row["conf_level"]),
        **window_months(trial),
    }
    return Sentence(f"effect_{outcome}", values, direction_of(row))


@needs(*EVALUATION)
def extra_cost(trial: Trial) -> Sentence | Absent:
    """Cost per person in each arm and the difference."""
    found = evaluate(trial)
    scenario, difference = found.scenario, found.scenario.cost_programme - found.scenario.cost_control
    if isnan(difference):
        return Absent(found.lacking)
    return Sentence(
        "extra_cost",
        {
            "treated": nok(scenario.cost_programme),
            "control": nok(scenario.cost_control),
            "difference": nok(abs(difference)),
            "weighted": nok(abs(scenario.weighted_extra_cost)),
        },
        sign(difference),
    )


@needs(*EVALUATION)
def break_even(trial: Trial) -> Sentence | Absent:
    """The effect on full work that would pay, beside the observed one; direction = observed above it."""
    found = evaluate(trial)
    if found.lacking:
        return Absent(found.lacking)
    scenario, even = found.scenario, break_even_effect(found.scenario)
    if isnan(even):
        return Sentence("no_effect_pays")
    values = {
        "even": decimal(100 * even),
        "observed": decimal(100 * scenario.effect_full),
        "duration": duration(scenario.duration, written=True),
        **window_months(trial),
    }
    key = "break_even" if even > 0 else "break_even_cheaper"
    return Sentence(key, values, sign(scenario.effect_full - even))


@needs(*EVALUATION)
def break_even_years(trial: Trial) -> Sentence | Absent:
    """How long the observed effects must last to pay: from the start, some years, for a while only, or never."""
    found = evaluate(trial)
    if found.lacking:
        return Absent(found.lacking)
    scenario = _with_steps(trial, found)
    years = break_even_duration(scenario)
    if years == 0:
        return Sentence("pays_from_the_start")
    if not isfinite(years):
        return Sentence("break_even_years", {}, "lower")
    values = {"years": duration(years)}
    if yearly_gain(scenario) < 0:
        return Sentence("pays_for_a_while", values)
    return Sentence("break_even_years", values, "higher")


def _with_steps(trial: Trial, found: Evaluation) -> Scenario:
    """The evaluation's assumptions with discount rates that step down, where the study gives such."""
    every = ScenarioSetting(label={"en": "All years"}, discount_by_steps=True)
    return scenario_under(trial, every) if len(discount_steps(trial.study)) > 1 else found.scenario


@needs(*EVALUATION, "economics:measure_monthly_rate")
def without_other_measures(trial: Trial) -> Sentence | Absent:
    """The case that nobody in the programme gets another measure; direction = sign with both effects."""
    found = evaluate(trial)
    if found.lacking:
        return Absent(found.lacking)
    left_out = (*trial.study.economics.not_counted_for_treatment, "other_measures")
    both, full_only = (
        net_present_value(scenario_under(trial, _without(left_out, effects))).per_person
        for effects in (("full_job", "partial_job"), ("full_job",))
    )
    return Sentence("without_other_measures", {"both": nok(both), "full_only": nok(full_only)}, sign(both))


def _without(left_out: tuple[str, ...], effects: tuple[str, ...]) -> ScenarioSetting:
    return ScenarioSetting(label={"en": "Without"}, not_counted_for_treatment=left_out, effects=effects)


@needs(*EVALUATION, "several_centres", "scenarios")
def best_centres_result(trial: Trial) -> Sentence | Absent:
    """Effect and net present value if all centres did as those with the largest observed effect.

    How many these are is what a scenario of the study says (`best_centres`); Absent without such a scenario.
    """
    settings = [setting for setting in trial.study.economics.scenarios.values() if setting.best_centres]
    lacking = evaluate(trial).lacking or (None if settings else "scenarios")
    if lacking:
        return Absent(lacking)
    names, effects = best_centres(trial, settings[0].best_centres)
    result = net_present_value(scenario_under(trial, settings[0])).per_person
    if isnan(result) or len(names) < settings[0].best_centres:
        return Absent("effect_window")
    if not are_best(trial, settings[0].best_centres):
        return Absent("variation")
    values = {
        "number": tally(len(names)),
        "effect": decimal(100 * effects.set_index("outcome").loc["full_job", "estimate"]),
        "npv": nok(result),
    }
    return Sentence("best_centres", values, sign(result))


@needs(*MEASURES)
def measures(trial: Trial) -> Sentence | Absent:
    """Share with at least one other measure, by arm."""
    started = trial.resources.assign(value=lambda frame: frame["measures_started"] > 0)
    return _comparison(trial, "measures", started, len(started))


def psychologists(trial: Trial) -> list[Sentence | Absent]:
    """Share that saw a psychologist outside the programme in the last six months, by arm; one sentence a wave."""
    return [_psychologists_at(trial, wave) for wave in trial.study.follow_up_waves]


@needs(*USE)
def _psychologists_at(trial: Trial, wave: int) -> Sentence | Absent:
    answered = trial.resources[trial.resources[f"services_answered_m{wave:02d}"]]
    seen = answered.assign(value=answered[f"used_psychologist_m{wave:02d}"].astype("boolean"))
    return _comparison(trial, "psychologists", seen, wave)


def _comparison(trial: Trial, key: str, people: pd.DataFrame, number: float) -> Sentence | Absent:
    arms = (trial.study.treatment, trial.study.control)
    treated, control = (people.loc[people["arm"] == arm, "value"] for arm in arms)
    row = difference_in_proportions(
        treated, control, outcome=key, population="all", contrast=trial.study.contrast, interval="newcombe"
    )
    if isnan(row.conf_low):
        return Absent("enough_answers")
    values = {
        "treated": percent(100 * float(treated.astype(float).mean())),
        "control": percent(100 * float(control.astype(float).mean())),
        "difference": points(100 * row.estimate),
        "number": tally(number),
        "low": decimal(100 * row.conf_low),
        "high": decimal(100 * row.conf_high),
        "level": tally(100 * row.conf_level),
    }
    return Sentence(key, values, direction_of({"conf_low": row.conf_low, "conf_high": row.conf_high}))
