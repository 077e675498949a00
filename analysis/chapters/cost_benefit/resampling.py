"""The trial drawn anew: what the bootstrap resamples of each arm, and the interval of the net present value."""

import numpy as np
import pandas as pd

from analysis.chapters.cost_benefit.evaluation import (
    DRAWS,
    EVALUATION,
    PROGRAMME_COSTS,
    RESOURCE_INPUTS,
    SEED,
    cost_rows,
    earlier_months,
    effect_months,
    evaluate,
    main_population,
    members_of,
    not_counted,
    resources_of,
)
from analysis.frames.needs import needs, unmet
from analysis.frames.resources import programme_cost_per_case
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import Scenario, net_present_value
from analysis.methods.cost_benefit_bootstrap import (
    ArmSample,
    Means,
    net_value_estimate,
    resampled_means,
    with_resampled_means,
)
from analysis.study.settings import Study

Arms = tuple[Means, Means]
_MONTHS_A_YEAR = 12
_QALY_SCORE = "eq5d_index"
HEALTH = ("instrument:eq5d", "baseline", "follow_up_waves")  # what quality-adjusted life years need


@needs(*EVALUATION)
def net_value_interval(
    trial: Trial, population: str | None = None, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95
) -> pd.DataFrame:
    """Net present value per person with its bootstrap interval, as one estimate row; see `with_resampled_means`."""
    population = population or main_population(trial.study)
    key = ("net_value_interval", population, draws, seed, conf_level)
    return trial.once(key, lambda: _interval(trial, population, draws, seed, conf_level))


def _interval(trial: Trial, population: str, draws: int, seed: int, conf_level: float) -> pd.DataFrame:
    found, arms = evaluate(trial, population, conf_level), resampled(trial, population, draws, seed)
    drawn = net_present_value(drawn_scenario(trial.study, found.scenario, arms)).per_person
    sizes = sizes_of(trial, found.members)
    return net_value_estimate(drawn, found.result.per_person, trial.study.contrast, *sizes, conf_level, population)


def sizes_of(trial: Trial, members: pd.Index) -> tuple[int, int]:
    """People of the treatment and of the control arm among the members."""
    arms = trial.people.set_index("participant_id").loc[members, "arm"]
    return int((arms == trial.study.treatment).sum()), int((arms == trial.study.control).sum())


def drawn_scenario(study: Study, scenario: Scenario, arms: Arms, left_out: tuple[str, ...] | None = None) -> Scenario:
    """A scenario with the effects and costs of every draw of people; prices and rates stay."""
    programme = sum(programme_cost_per_case(study).values())
    return with_resampled_means(scenario, *arms, programme, counted_rows(study), not_counted(study, left_out))


def counted_rows(study: Study) -> list[str]:
    """The costs that both arms may have."""
    return [row for row in cost_rows(study) if row not in PROGRAMME_COSTS]


def resampled(trial: Trial, population: str, draws: int, seed: int, under: Study | None = None) -> Arms:
    """Means over draws of participants of the treatment and of the control arm, made once."""
    study = under or trial.study
    if any(study.economics.get(name) != trial.study.economics.get(name) for name in RESOURCE_INPUTS):
        return _resampled(trial, population, draws, seed, study)
    return trial.once(("resampled", population, draws, seed), lambda: _resampled(trial, population, draws, seed, study))


def _resampled(trial: Trial, population: str, draws: int, seed: int, study: Study) -> Arms:
    rng, members = np.random.default_rng(seed), members_of(trial, population)
    samples = [arm_sample(trial, members, arm, study) for arm in (study.treatment, study.control)]
    return tuple(resampled_means(sample, draws, rng) for sample in samples)


def arm_sample(trial: Trial, members: pd.Index, arm: str, under: Study | None = None) -> ArmSample:
    """What the bootstrap resamples of one arm, in the order of participants.

    Averaged over their months: full and partial work in the effect window, and before it. Added over waves: each cost
    in NOK, and the quality-adjusted life years of the follow-up beyond those at the level of inclusion. income: NOK.
    """
    study = under or trial.study
    resources = resources_of(trial, members, study)
    own = resources[resources["arm"] == arm]
    work = _work(trial, own.index, effect_months(study), study)
    before = _work(trial, own.index, earlier_months(study), study)
    income = trial.people.set_index("participant_id").loc[own.index, "income_year_before_inclusion_1000nok"]
    averaged = {**work, **{f"early_{name}": block for name, block in before.items()},
                "income": 1000 * income.to_numpy(float)[:, None]}  # fmt: skip
    added = {row: _cost(own, row, study) for row in counted_rows(study)}
    if unmet(trial, *HEALTH) is None:
        added["qaly"] = _quality_adjusted_years(trial, own.index, study)
    return ArmSample(averaged, added)


def _cost(own: pd.DataFrame, row: str, study: Study) -> np.ndarray:
    """People × waves (one column for measures); nothing is known of measures where one has no price."""
    if row == "other_measures":
        cost = own[["measure_cost_nok"]].to_numpy(float)
        return np.full_like(cost, np.nan) if np.isnan(cost).any() else cost
    service = row.removeprefix("consultations_")
    return own[[f"cost_{service}_m{wave:02d}_nok" for wave in study.follow_up_waves]].to_numpy(float)


def _work(trial: Trial, people: pd.Index, months: range, study: Study) -> dict[str, np.ndarray]:
    """People × months: whether in full, and whether in partial work; NaN where not observed."""
    outcomes, chosen = trial.extract_for("cost_benefit.effects").outcomes, study.economics.work_outcomes
    wide = outcomes[outcomes[study.unit].isin(list(months))].pivot(index="participant_id", columns=study.unit)
    full, any_work = (
        wide[name].astype(float).reindex(people, columns=list(months)) for name in (chosen.full, chosen.full_or_partial)
    )
    return {"full": full.to_numpy(), "partial": (any_work - full).to_numpy()}


def _quality_adjusted_years(trial: Trial, people: pd.Index, study: Study) -> np.ndarray:
    """People × follow-up waves: what each wave adds to the area under the change of the EQ-5D index since inclusion.

    Between waves the index is taken as a straight line (trapezoids), and each wave is about those who answered it and
    at inclusion."""
    times, scores = [0, *study.follow_up_waves], trial.health.set_index("participant_id")
    names = [f"{_QALY_SCORE}_m{wave}" for wave in times]
    known = scores.reindex(index=people, columns=names).to_numpy(float)
    ends = [*times[1:], times[-1]]
    weights = [(after - before) / 2 / _MONTHS_A_YEAR for before, after in zip(times, ends[1:], strict=False)]
    return (known[:, 1:] - known[:, :1]) * weights
