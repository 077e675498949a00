"""Randomisation inference: the difference between two arms against all the ways people could have been drawn."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.methods import resampling
from analysis.methods.estimates import Estimate
from analysis.methods.recording import recorded
from analysis.methods.strata import NAN, arm_rows, stratified_difference, stratum_sums

# Statistics that agree so closely are ties: the observed draw must count as one of its own.
_TIE = 1e-9


@recorded
def randomisation_test(
    frame: pd.DataFrame,
    outcome: str,
    strata: Sequence[str],
    *,
    treatment: str,
    control: str,
    rng: np.random.Generator,
    draws: int = 2000,
    population: str = "all",
    conf_level: float = 0.95,
) -> Estimate:
    """The Mantel–Haenszel difference with a p-value from drawing the arms anew within each stratum.

    Each draw keeps how many of a stratum were treated, and with them the ratio that held there. The statistic is
    studentised, difference over its standard error within strata, so that the test is exact where nobody is affected
    and right in large trials where only the mean effect is nought (Wu and Ding 2021). p = (1 + draws with |t| at least
    as large)/(1 + draws); the interval is d ± q·se, q the conf_level quantile of |t| over the draws. Draws come from
    `rng`: the same generator gives the same numbers. Monte Carlo error of p: √(p(1 − p)/draws).

    `frame`, missing data and strata without both arms as in `strata.stratified_difference`; NaN where it has no
    standard error. Checked against R: every possible draw of a small trial, and the statistic
    (tests/reference/strata.R).
    """
    arms = {"treatment": treatment, "control": control}
    found = stratified_difference(frame, outcome, strata, **arms, population=population, conf_level=conf_level)
    named = replace(found, method=f"randomisation within strata, {draws} draws")
    if not found.std_error > 0:
        return replace(named, p_value=NAN, conf_low=NAN, conf_high=NAN)
    rows = arm_rows(frame, outcome, strata, treatment, control)
    drawn = np.abs(resampling.drawn(lambda size, stream: _drawn_statistics(rows, size, stream), draws, rng))
    extreme = int((drawn >= abs(found.statistic_value) - _TIE).sum())
    half = float(np.quantile(drawn, conf_level)) * found.std_error
    ends = {"conf_low": found.estimate - half, "conf_high": found.estimate + half}
    return replace(named, p_value=(1 + extreme) / (1 + draws), **ends)


def _drawn_statistics(rows: pd.DataFrame, draws: int, rng: np.random.Generator) -> np.ndarray:
    """The studentised difference of each draw; infinite where a draw leaves no spread within arms."""
    both = stratum_sums(rows)
    gap, variance = np.zeros(draws), np.zeros(draws)
    for stratum, n1, n0 in zip(both.index, both["n_treated"], both["n_control"], strict=True):
        values = rows.loc[rows["stratum"] == stratum, "value"].to_numpy()
        weight = n1 * n0 / (n1 + n0)
        own_gap, own_variance = _drawn_stratum(values, int(n1), draws, rng)
        gap += weight * own_gap
        variance += weight**2 * own_variance
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance > 0, gap / np.sqrt(variance), np.where(np.abs(gap) > _TIE, np.inf, 0.0))


def _drawn_stratum(values: np.ndarray, n1: int, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Difference in means and its variance for each draw of n1 treated: how many people of each value they are."""
    distinct, people = np.unique(values, return_counts=True)
    treated = rng.multivariate_hypergeometric(people, n1, size=draws, method="marginals")
    n0 = len(values) - n1
    mean1, spread1 = _moments(treated, distinct, n1)
    mean0, spread0 = _moments(people - treated, distinct, n0)
    return mean1 - mean0, spread1 / n1 + spread0 / n0


def _moments(counts: np.ndarray, distinct: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    mean = counts @ distinct / n
    squares = np.maximum(counts @ distinct**2 - n * mean**2, 0.0)
    squares[squares < _TIE] = 0.0
    return mean, squares / (n - 1) if n > 1 else np.zeros_like(mean)
