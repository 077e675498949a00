"""P-values of several outcomes of one trial, corrected for their number."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.methods import resampling
from analysis.methods.recording import recorded

# Statistics that agree so closely are ties: the observed draw must count as one of its own.
_TIE = 1e-9


@recorded
def holm(p_values: Sequence[float]) -> pd.Series:
    """P-values corrected after Holm (1979), whatever the tests have to do with each other.

    Of m, the i-th smallest becomes maxⱼ≤ᵢ min(1, (m − j + 1)pⱼ); the chance that any of those without a difference is
    called clear then stays below the level. Missing ones stay missing and do not count. Checked against statsmodels'
    multipletests, which collects all garbage of the process at each call, and R's p.adjust (tests/reference/missing.R
    and heterogeneity.R).
    """
    p = pd.Series(p_values, dtype=float, name="p_value")
    known = p.dropna().sort_values()
    corrected = np.maximum.accumulate(known * np.arange(len(known), 0, -1)).clip(upper=1)
    return corrected.reindex(p.index).rename("p_value")


def redrawn_arms(treated: np.ndarray, stratum: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """People × draws: who is treated when the arms are drawn anew within strata, as many of each as there were."""
    drawn = np.empty((len(treated), draws))
    for name in np.unique(stratum):
        own = np.flatnonzero(stratum == name)
        drawn[own] = rng.permuted(np.repeat(treated[own, None].astype(float), draws, axis=1), axis=0)
    return drawn


def arm_statistics(values: np.ndarray, covariates: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """t of the arm in the least-squares regression of `values` on arm and covariates, for each column of `treated`.

    `values` has one number a person, `covariates` people × any number; who lacks one of them is left out. By the
    theorem of Frisch, Waugh and Lovell: arm and values less what constant and covariates say of them. 0 where arm or
    values have no spread left.
    """
    known = np.isfinite(values) & np.isfinite(covariates).all(axis=1)
    basis = np.linalg.qr(np.column_stack([np.ones(known.sum()), covariates[known]]))[0]
    rest, arms = values[known], treated[known]
    rest, arms = rest - basis @ (basis.T @ rest), arms - basis @ (basis.T @ arms)
    spread, product = (arms**2).sum(axis=0), arms.T @ rest
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = (rest @ rest - product**2 / spread) / (known.sum() - basis.shape[1] - 1)
        t = product / np.sqrt(spread * residual)
    return np.where(np.isfinite(t), t, 0.0)


def step_down(observed: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """P-values of Westfall and Young's step-down max t: `observed` one |t| an outcome, `drawn` draws × outcomes.

    The outcomes are taken from the largest |t| on; each is held to the largest drawn |t| of it and of those that come
    after it, (1 + draws at least as large)/(1 + draws), and no p-value is below one before it.
    """
    order = np.argsort(-np.abs(observed), kind="stable")
    largest = np.maximum.accumulate(np.abs(drawn)[:, order[::-1]], axis=1)[:, ::-1]
    extreme = (largest >= np.abs(observed)[order] - _TIE).sum(axis=0)
    p = np.empty(len(observed))
    p[order] = np.maximum.accumulate((1 + extreme) / (1 + len(drawn)))
    return p


@recorded
def max_t(
    frame: pd.DataFrame,
    outcomes: Mapping[str, Sequence[str]],
    stratum: pd.Series,
    *,
    treatment: str,
    control: str,
    rng: np.random.Generator,
    draws: int = 2000,
) -> pd.Series:
    """P-values by outcome, corrected by drawing the arms anew (Westfall and Young 1993), index the outcomes.

    `frame` has one row a person: arm, the outcomes, and the covariates that `outcomes` gives for each; `stratum` says
    within which group people were drawn. Draws keep who answered, so that what is tested is that the arm changes
    neither scores nor answering; since outcomes of one person go together, this loses less than `holm`. People without
    a stratum are left out, and of an outcome who lacks it or a covariate. Monte Carlo error √(p(1 − p)/draws).
    Statistics and steps checked against R over all rotations of the arms (tests/reference/missing.R).
    """
    rows = frame[frame["arm"].isin([treatment, control]) & stratum.notna()]
    treated = (rows["arm"] == treatment).to_numpy()
    groups = stratum[rows.index].astype(str).to_numpy()
    arms = resampling.drawn(lambda size, stream: redrawn_arms(treated, groups, size, stream), draws, rng, axis=1)
    both = np.column_stack([treated.astype(float), arms])
    t = np.column_stack(
        [arm_statistics(rows[outcome].to_numpy(float), rows[list(own)].to_numpy(float), both)
         for outcome, own in outcomes.items()]
    )  # fmt: skip
    return pd.Series(step_down(t[0], t[1:]), index=list(outcomes), name="p_value")
