"""Uncertainty of a net present value: participants drawn anew within their arm (percentile bootstrap)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.methods.cost_benefit import Scenario
from analysis.methods.estimates import Estimate, estimate_frame


@dataclass(frozen=True)
class ArmSample:
    """What the bootstrap needs of one arm, one row per participant.

    `work` (n × months): 1 full, `partial_weight` partial, 0 not at work, NaN not observed. `measure_cost` (n): NOK.
    `service_cost` (n × services and waves): NOK of consultations, NaN where the block was not answered.
    """

    work: np.ndarray
    measure_cost: np.ndarray
    service_cost: np.ndarray


def bootstrap_net_value(
    treated: ArmSample,
    control: ArmSample,
    programme_cost: float,
    scenario: Scenario,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Net present values per person (NOK) over bootstrap draws of participants within arm, length `draws`.

    Each draw recomputes the effect on weighted work, the mean cost of other measures and the mean cost of
    consultations in both arms; `programme_cost` and the prices in `scenario` are taken as known. Missing months and
    unanswered blocks are left out of the means they belong to, as in the point estimate. Its spread was checked against
    R's boot package (tests/reference/economics.R).
    """
    resampled = [_resampled_means(sample, draws, rng) for sample in (treated, control)]
    (work_t, cost_t), (work_c, cost_c) = resampled
    extra_cost = programme_cost + cost_t - cost_c
    return (work_t - work_c) * scenario.value_of_full_effect - (1 + scenario.cost_of_funds) * extra_cost


def _resampled_means(sample: ArmSample, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    n = len(sample.measure_cost)
    if not n:
        return np.full(draws, np.nan), np.full(draws, np.nan)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=draws)
    work = _weighted_means(weights, sample.work).mean(axis=1)
    cost = weights @ sample.measure_cost / n
    return work, cost + _weighted_means(weights, sample.service_cost).sum(axis=1)


def _weighted_means(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    observed = ~np.isnan(values)
    with np.errstate(invalid="ignore"):  # a draw without any observed value has no mean
        return (weights @ np.where(observed, values, 0.0)) / (weights @ observed)


def net_value_estimate(
    draws: np.ndarray,
    estimate: float,
    contrast: str,
    n_treated: int,
    n_control: int,
    conf_level: float = 0.95,
    population: str = "all",
) -> pd.DataFrame:
    """The point estimate with the bootstrap's standard error and percentile interval, as one estimate row (NOK)."""
    tail = (1 - conf_level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return estimate_frame(
        [
            Estimate(
                "net_present_value",
                population,
                contrast,
                "bootstrap_percentile",
                estimate,
                float(np.std(draws, ddof=1)),
                float(low),
                float(high),
                conf_level,
                n_treated=n_treated,
                n_control=n_control,
                unit="nok",
            )
        ]
    )
