"""Uncertainty of the trial in a net present value: participants drawn anew within their arm (bootstrap)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from analysis.methods import resampling
from analysis.methods.cost_benefit import Amount, Scenario
from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.recording import recorded

Means = Mapping[str, np.ndarray]  # what a mean is of → one value a draw


@dataclass(frozen=True)
class ArmSample:
    """What the bootstrap needs of one arm: blocks of participants × columns, NaN where nothing was observed.

    averaged: blocks whose columns count equally, such as the months of `full` and `partial` work (1 or 0). added:
    blocks whose columns add up, such as the waves of a cost in NOK, by name. All have the same participants.
    """

    averaged: Mapping[str, np.ndarray]
    added: Mapping[str, np.ndarray]

    @property
    def n(self) -> int:
        """Participants of the arm."""
        return len(next(iter(self.averaged.values())))


def resampled_means(sample: ArmSample, draws: int, rng: np.random.Generator) -> Means:
    """The mean of every block over bootstrap draws of the arm's participants, each of length `draws`.

    Every draw takes the same participants for all blocks, so that what goes together stays together. Missing values
    are left out of the mean of their column, as in the point estimate; a draw without any has no mean.
    """
    weights = resampling.drawn(partial(resampling.weights_of, sample.n), draws, rng)
    return _weighted(sample, weights.astype(float))


@recorded
def observed_means(sample: ArmSample) -> dict[str, float]:
    """The mean of every block with everybody counted once."""
    return {name: float(mean[0]) for name, mean in _weighted(sample, np.ones((1, sample.n))).items()}


def _weighted(sample: ArmSample, weights: np.ndarray) -> Means:
    averaged = {name: _column_means(weights, block).mean(axis=1) for name, block in sample.averaged.items()}
    added = {name: _column_means(weights, block).sum(axis=1) for name, block in sample.added.items()}
    return averaged | added


def _column_means(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Draws × columns; one column of missing values where there is none, since nothing is known of it."""
    if not values.shape[1]:
        return np.full((len(weights), 1), np.nan)
    observed = ~np.isnan(values)
    with np.errstate(invalid="ignore"):  # nobody observed: no mean
        return (weights @ np.where(observed, values, 0.0)) / (weights @ observed)


def with_resampled_means(
    scenario: Scenario,
    treated: Means,
    control: Means,
    programme_cost: Amount,
    costs: Collection[str],
    left_out: Collection[str] = (),
) -> Scenario:
    """The scenario with effects and costs of every draw in the place of the estimates.

    `costs` names the blocks that are costs in both arms, `left_out` those of them that do not count in the treatment
    arm. Prices stay those of the scenario. The spread of the net present value over the draws was checked against R's
    boot package (tests/reference/economics.R).
    """
    own, others = (sum(arm[name] for name in names) for arm, names in
                   ((treated, [name for name in costs if name not in left_out]), (control, costs)))  # fmt: skip
    return replace(
        scenario,
        effect_full=treated["full"] - control["full"],
        effect_partial=treated["partial"] - control["partial"],
        cost_programme=programme_cost + own,
        cost_control=others,
    )


@recorded
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
