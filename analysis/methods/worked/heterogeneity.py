"""Partial pooling of centres by hand: the spread between them by turns, and each drawn towards all."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import heterogeneity, prediction
from analysis.methods.worked.arithmetic import NAN, numbers
from analysis.methods.worked.example import Example, Worked

# Six centres, each with its own difference between the arms.
SIX = pd.DataFrame({"estimate": [0.26, 0.02, 0.09, -0.14, 0.19, 0.05],
                    "std_error": [0.07, 0.05, 0.09, 0.08, 0.06, 0.10]})  # fmt: skip


def _pooled(y: np.ndarray, v: np.ndarray, tau2: float) -> tuple[np.ndarray, float, float]:
    """Weights, the mean of all, and the squares about it in units of what makes the centres vary."""
    w = 1 / (v + tau2)
    mean = float((w * y).sum() / w.sum())
    return w, mean, float((w * (y - mean) ** 2).sum())


def _restricted(y: np.ndarray, v: np.ndarray) -> float:
    """τ² by turns: what the squares leave beyond chance at the weights of the last turn, never below nought."""
    tau2 = float(y.var())
    for _ in range(20_000):
        w, mean, _ = _pooled(y, v, tau2)
        found = max(0.0, float((w**2 * ((y - mean) ** 2 - v)).sum() / (w**2).sum() + 1 / w.sum()))
        if abs(found - tau2) < 1e-16:
            break
        tau2 = found
    return found


def _where(y: np.ndarray, v: np.ndarray, quantile: float) -> float:
    """The τ² at which the squares, which fall with it, are that quantile: by halving."""
    low, high = 0.0, 1000 * float(y.var() + v.max())
    if _pooled(y, v, 0.0)[2] <= quantile:
        return 0.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _pooled(y, v, middle)[2] > quantile else (low, middle)
    return low


def _known(centres: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    y, error = numbers(centres, "estimate", "std_error")
    return y, error**2


def pooling_by_hand(centres: pd.DataFrame) -> Worked:
    """The mean of the centres' effects, their spread by two estimators, and where a further centre is expected."""
    y, v = _known(centres)
    w, even, q = _pooled(y, v, 0.0)
    df, kept = len(y) - 1, float(w.sum() - (w**2).sum() / w.sum())
    moments, tau2 = max(0.0, (q - df) / kept), _restricted(y, v)
    weight, mean, squares = _pooled(y, v, tau2)
    error, t = float(np.sqrt(max(1.0, squares / df) / weight.sum())), float(stats.t.ppf(0.975, df))
    typical = df / kept
    low2, high2 = (_where(y, v, float(stats.chi2.ppf(tail, df))) for tail in (0.975, 0.025))
    steps = {"centres": len(y), "even": even, "q": q, "p_value": float(stats.chi2.sf(q, df)), "kept": kept,
             "moments": moments, "tau2": tau2, "tau2_low": low2, "tau2_high": high2, "typical": typical,
             "i2": tau2 / (tau2 + typical), "weights": float(weight.sum()), "mean": mean, "ratio": squares / df,
             "error": error, "quantile": t, "low": mean - t * error, "high": mean + t * error}  # fmt: skip
    return Worked(centres.assign(weight=weight), steps)


def _pooling(centres: pd.DataFrame) -> Mapping[str, float]:
    found = heterogeneity.pooled_effect(centres)
    moments = heterogeneity.pooled_effect(centres, method="DL")
    return {"centres": found.k, "q": found.test.statistic_value, "p_value": found.test.p_value, "moments": moments.tau2,
            "tau2": found.tau2, "tau2_low": found.tau2_low, "tau2_high": found.tau2_high, "i2": found.i2,
            "mean": found.mean, "error": found.std_error, "low": found.conf_low, "high": found.conf_high}  # fmt: skip


def shrinking_by_hand(centres: pd.DataFrame) -> Worked:
    """Each centre's effect between its own and the mean of all, by how much it says of itself."""
    y, v = _known(centres)
    pooled = pooling_by_hand(centres).steps
    tau2, mean, error = pooled["tau2"], pooled["mean"], pooled["error"]
    kept = tau2 / (tau2 + v)
    drawn = mean + kept * (y - mean)
    errors = np.sqrt(kept * v + (1 - kept) ** 2 * error**2)
    steps = {"centres": len(y), "tau2": tau2, "mean": mean, "error": error, "observed_least": float(y.min()),
             "observed_most": float(y.max()), "kept_least": float(kept.min()), "kept_most": float(kept.max()),
             "least": float(drawn.min()), "most": float(drawn.max()), "first": float(drawn[0]),
             "first_error": float(errors[0]), "alike": pooled["p_value"]}  # fmt: skip
    return Worked(centres.assign(kept=kept, shrunken=drawn, error=errors), steps)


def _shrinking(centres: pd.DataFrame) -> Mapping[str, float]:
    pooled = heterogeneity.pooled_effect(centres)
    found = heterogeneity.shrunken_effects(centres, pooled)
    first = found.iloc[0] if len(found) else dict.fromkeys(("estimate", "std_error"), NAN)
    y, v = _known(heterogeneity.usable(centres))
    _, probable = prediction._spreads(tuple(y), tuple(v))
    return {"tau2": pooled.tau2, "mean": pooled.mean, "error": pooled.std_error, "least": found["estimate"].min(),
            "most": found["estimate"].max(), "first": first["estimate"], "first_error": first["std_error"],
            "alike": probable[0]}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "partial_pooling": Example(
        (heterogeneity.pooled_effect, heterogeneity._restricted, heterogeneity._score, heterogeneity._dersimonian_laird,
         heterogeneity._meets, prediction.centre_interval, prediction._spreads, prediction.q_distribution),
        SIX, pooling_by_hand, _pooling, "effects_between_centres",
    ),
    "shrunken_effects": Example((heterogeneity.shrunken_effects, heterogeneity.usable, prediction.centre_interval),
                                SIX, shrinking_by_hand, _shrinking, "effects_between_centres"),
}  # fmt: skip
