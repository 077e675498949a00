"""Key numbers of the chapter, for comparison between runs."""

from analysis.chapters.cost_benefit.evaluation import DRAWS, EXTERNAL, INTERNAL, SEED, evaluate, net_value_interval
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import break_even_duration, break_even_effect


def key_numbers(trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95) -> dict[str, float]:
    """The numbers a test compares, by name; NOK, shares and years."""
    external, internal = evaluate(trial, EXTERNAL, conf_level), evaluate(trial, INTERNAL, conf_level)
    interval = net_value_interval(trial, EXTERNAL, draws, seed, conf_level).iloc[0]
    return {
        "effect_full_job": external.scenario.effect_full,
        "effect_partial_job": external.scenario.effect_partial,
        "cost_programme": external.scenario.cost_programme,
        "cost_control": external.scenario.cost_control,
        "npv_per_person": external.result.per_person,
        "npv_conf_low": float(interval["conf_low"]),
        "npv_conf_high": float(interval["conf_high"]),
        "npv_per_person_internal": internal.result.per_person,
        "break_even_effect": break_even_effect(external.scenario),
        "break_even_years": break_even_duration(external.scenario),
    }
