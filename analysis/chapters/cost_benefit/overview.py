"""Key numbers of the chapter, for comparison between runs."""

from analysis.chapters.cost_benefit.evaluation import (
    DRAWS,
    EVALUATION,
    SEED,
    evaluate,
    populations,
)
from analysis.chapters.cost_benefit.resampling import net_value_interval
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import break_even_duration, break_even_effect
from analysis.published.keys import printed_rule


@needs(*EVALUATION)
def key_numbers(trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95) -> dict[str, float]:
    """The numbers a test compares, by name; amounts, shares and years."""
    main, *others = (evaluate(trial, population, conf_level) for population in populations(trial.study))
    interval = net_value_interval(trial, None, draws, seed, conf_level).iloc[0]
    names = printed_rule(trial, "cost_benefit.names", {})
    parts = {names.get(found.population, found.population): found.result.per_person for found in others}
    return {
        "effect_full_job": main.scenario.effect_full,
        "effect_partial_job": main.scenario.effect_partial,
        "cost_programme": main.scenario.cost_programme,
        "cost_control": main.scenario.cost_control,
        "npv_per_person": main.result.per_person,
        "npv_conf_low": float(interval["conf_low"]),
        "npv_conf_high": float(interval["conf_high"]),
        **{f"npv_per_person_{name}": value for name, value in parts.items()},
        "break_even_effect": break_even_effect(main.scenario),
        "break_even_years": break_even_duration(main.scenario),
    }
