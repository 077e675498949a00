"""Sentences of the chapter; their words turn with the sign of a result and with its interval."""

import math

import pandas as pd

from analysis.chapters.cost_benefit.evaluation import (
    DRAWS,
    EXTERNAL,
    INTERNAL,
    SEED,
    best_centres,
    evaluate,
    members_of,
    net_value_interval,
    resources_of,
    scenarios,
)
from analysis.chapters.cost_benefit.printed_amounts import (
    amounts_that_do_not_follow,
    corrected_net_value,
    printed,
)
from analysis.frames.resources import economic_input
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import break_even_duration, break_even_effect, net_present_value
from analysis.methods.proportions import difference_in_proportions
from analysis.show.prose import Label, Sentence, count, decimal, direction_of, million_nok, nok, percent, points


def sign(value: float) -> str:
    """Direction of a number that has no interval: its sign."""
    if math.isnan(value) or value == 0:
        return "unclear"
    return "higher" if value > 0 else "lower"


def title(trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95) -> Sentence:
    """Does the programme pay? Turns with the bootstrap interval of the external net present value."""
    row = net_value_interval(trial, EXTERNAL, draws, seed, conf_level).iloc[0]
    if math.isnan(row["conf_low"]):
        return Sentence("title_unknown", finding=True)
    years = decimal(evaluate(trial).scenario.duration, 0)
    return Sentence("title", {**_interval_words(row), "years": years}, direction_of(row), finding=True)


def _interval_words(row: pd.Series) -> dict:
    return {
        "npv": nok(abs(row["estimate"])),
        "signed": nok(row["estimate"]),
        "low": nok(row["conf_low"]),
        "high": nok(row["conf_high"]),
        "level": count(100 * row["conf_level"]),
    }


def people_in(trial: Trial) -> Sentence:
    """Who the evaluations are about."""
    arms = trial.people["arm"].value_counts()
    inner = trial.people.set_index("participant_id").loc[members_of(trial, INTERNAL), "arm"].value_counts()
    return Sentence(
        "people_in",
        {
            "treated": count(arms[trial.study.treatment]),
            "control": count(arms[trial.study.control]),
            "inner_treated": count(inner[trial.study.treatment]),
            "inner_control": count(inner[trial.study.control]),
        },
    )


def missing(trial: Trial) -> Sentence:
    """How many answered the block on health services at each follow-up, and how many months were observed."""
    resources, values = resources_of(trial), {}
    for wave in (wave for wave in trial.study.waves if wave > 0):
        answered = resources.groupby("arm")[f"services_answered_m{wave:02d}"].mean()
        values |= {
            f"treated_{wave}": percent(100 * answered[trial.study.treatment], 0),
            f"control_{wave}": percent(100 * answered[trial.study.control], 0),
        }
    last = int(economic_input(trial.study, "effect_window")["to"])
    seen = trial.outcomes.loc[trial.outcomes["month"] == last, "participant_id"].nunique()
    return Sentence("missing", {**values, "last": count(last), "seen": count(seen), "all": count(len(resources))})


def net_value(trial: Trial, population: str = EXTERNAL) -> Sentence:
    """The expected net present value per person and in all."""
    found = evaluate(trial, population)
    key = "net_value" if population == EXTERNAL else "net_value_internal"
    return Sentence(
        key,
        {
            "npv": nok(abs(found.result.per_person)),
            "total": million_nok(abs(found.result.total), 2),
            "cases": count(found.scenario.participants),
            "years": decimal(found.scenario.duration, 0),
            "extra": nok(found.scenario.cost_programme - found.scenario.cost_control),
        },
        sign(found.result.per_person),
        finding=True,
    )


def as_printed(trial: Trial) -> Sentence:
    """What the published report prints for both evaluations, beside the effect on full work computed here."""
    values = {
        f"{name}_{short}": number
        for population, short in ((EXTERNAL, "all"), (INTERNAL, "subgroup"))
        for name, number in (
            ("npv", nok(printed("table_22", "gain_minus_weighted_extra_cost", population, "nok"))),
            ("effect", points(100 * printed("table_22", "delta_full_job", population, "proportion"))),
            ("here", points(100 * evaluate(trial, population).scenario.effect_full)),
        )
    }
    return Sentence("as_printed", values)


def interval(
    trial: Trial, population: str = EXTERNAL, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95
) -> Sentence:
    """What the bootstrap interval of the net present value allows to say."""
    row = net_value_interval(trial, population, draws, seed, conf_level).iloc[0]
    if math.isnan(row["conf_low"]):
        return Sentence("interval_unknown")
    key = "net_value_interval" if population == EXTERNAL else "net_value_interval_internal"
    return Sentence(key, _interval_words(row), direction_of(row))


def effect(trial: Trial, outcome: str, conf_level: float = 0.95) -> Sentence:
    """Mean monthly difference between the arms over the effect window, for full_job or partial_job."""
    row = evaluate(trial, EXTERNAL, conf_level).effect(outcome)
    window = economic_input(trial.study, "effect_window")
    return Sentence(
        f"effect_{outcome}",
        {
            "difference": points(100 * row["estimate"]),
            "low": decimal(100 * row["conf_low"]),
            "high": decimal(100 * row["conf_high"]),
            "first": count(window["from"]),
            "last": count(window["to"]),
            "level": count(100 * row["conf_level"]),
        },
        direction_of(row),
    )


def extra_cost(trial: Trial) -> Sentence:
    """Cost per person in each arm and the difference."""
    scenario = evaluate(trial).scenario
    difference = scenario.cost_programme - scenario.cost_control
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


def break_even(trial: Trial) -> Sentence:
    """The effect on full work that would pay, beside the observed one; direction = observed above it."""
    scenario = evaluate(trial).scenario
    even = break_even_effect(scenario)
    return Sentence(
        "break_even",
        {"even": decimal(100 * even), "observed": decimal(100 * scenario.effect_full)},
        sign(scenario.effect_full - even),
    )


def break_even_years(trial: Trial) -> Sentence:
    """How long the observed effects must last to pay: some years, at once, or never."""
    years = break_even_duration(scenarios(trial)["two_years"])
    direction = "lower" if math.isinf(years) else "higher"
    return Sentence("break_even_years", {"years": decimal(years if math.isfinite(years) else math.nan, 1)}, direction)


def without_other_measures(trial: Trial) -> Sentence:
    """The case that nobody at the centres gets another measure; direction = sign with both effects."""
    found = scenarios(trial)
    both, full_only = (
        net_present_value(found[name]).per_person for name in ("no_other_measures", "no_other_measures_full_job_only")
    )
    return Sentence("without_other_measures", {"both": nok(both), "full_only": nok(full_only)}, sign(both))


def three_best_centres(trial: Trial) -> Sentence:
    """Effect and net present value if all centres did as the three with the largest observed effect."""
    names, effects = best_centres(trial)
    if len(names) < 3:
        return Sentence("three_best_centres", {}, "unclear")
    result = net_present_value(scenarios(trial)["three_best_centres"])
    full = effects.set_index("outcome").loc["full_job", "estimate"]
    labels = dict(zip(("first", "second", "third"), (Label("centres", name) for name in names), strict=True))
    return Sentence(
        "three_best_centres",
        {**labels, "effect": decimal(100 * full), "npv": nok(abs(result.per_person))},
        sign(result.per_person),
    )


def measures(trial: Trial) -> Sentence:
    """Share with at least one other measure, by arm."""
    started = resources_of(trial).assign(value=lambda frame: frame["measures_started"] > 0)
    return _comparison(trial, "measures", started, len(started))


def psychologists(trial: Trial, wave: int) -> Sentence:
    """Share that saw a psychologist outside the programme in the last six months, by arm."""
    resources = resources_of(trial)
    answered = resources[resources[f"services_answered_m{wave:02d}"]]
    seen = answered.assign(value=answered[f"used_psychologist_m{wave:02d}"].astype("boolean"))
    return _comparison(trial, "psychologists", seen, wave)


def _comparison(trial: Trial, key: str, people: pd.DataFrame, number: float) -> Sentence:
    arms = (trial.study.treatment, trial.study.control)
    treated, control = (people.loc[people["arm"] == arm, "value"] for arm in arms)
    row = difference_in_proportions(
        treated, control, outcome=key, population="all", contrast=trial.study.contrast, interval="newcombe"
    )
    return Sentence(
        key,
        {
            "treated": percent(100 * float(treated.astype(float).mean())),
            "control": percent(100 * float(control.astype(float).mean())),
            "difference": points(100 * row.estimate),
            "number": count(number),
        },
        direction_of({"conf_low": row.conf_low, "conf_high": row.conf_high}),
    )


def printed_slips(trial: Trial) -> Sentence:
    """How many of the report's derived amounts do not follow from its stated inputs, and what that changes."""
    corrected = corrected_net_value(trial)
    return Sentence(
        "printed_slips",
        {"slips": count(len(amounts_that_do_not_follow(trial))), "corrected": nok(corrected)},
        sign(corrected),
    )
