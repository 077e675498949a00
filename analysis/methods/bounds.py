"""Bounds for those who would answer in either arm, where more answered in one of them."""

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from analysis.methods.estimates import estimate_frame
from analysis.methods.recording import recorded

LOWER, UPPER = "lower", "upper"
NAN = float("nan")
_WHOLE = 1e-9  # so near a whole number of answers is one


@recorded
def lee_bounds(
    frame: pd.DataFrame,
    outcome: str,
    *,
    treatment: str,
    control: str,
    population: str = "would answer in either arm",
    unit: str = "score",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Lowest and highest difference in means among those who would answer whatever arm they were drawn to.

    `frame` has one row a person: arm, `outcome` (missing where silent). Holds if nobody answers in the arm with fewer
    answers who would not in the other. The arm with more answers has a share p = (q₁ − q₀)/q₁ too many, qₐ the shares
    that answered; who they are is unknown, so the lowest mean of the others drops the highest p of the answers and the
    highest mean the lowest p; a value at the limit counts in part (Lee 2009, with his variances). An estimate frame of
    two rows, the bounds, each with its own standard error; the interval of both is that of Imbens and Manski (2004),
    which holds the difference itself with conf_level: [L − cσ(L), U + cσ(U)], Φ(c + (U − L)/max σ) − Φ(−c) equal to it.
    n counts who answered. Treated minus control; NaN where an arm has fewer than two answers. Where the answers leave a
    gap just where the trimming falls, a bound is on average inwards of the truth: one answer too few cut off moves it
    more than one too many. Checked against R, the formulas written out and solved there (tests/reference/missing.R).
    """
    arms = [frame.loc[frame["arm"] == arm, outcome] for arm in (treatment, control)]
    shares = [own.notna().mean() if len(own) else 0.0 for own in arms]
    turn = 1 if shares[0] >= shares[1] else -1
    found = _bounds(*arms[::turn])
    ends = [found[0], found[1]] if turn == 1 else [(-found[1][0], found[1][1]), (-found[0][0], found[0][1])]
    (low, low_error), (high, high_error) = ends
    c = _critical(high - low, max(low_error, high_error), conf_level)
    names = {"outcome": outcome, "population": population, "contrast": f"{treatment}_vs_{control}", "unit": unit,
             "conf_level": conf_level, "conf_low": low - c * low_error, "conf_high": high + c * high_error,
             "n_treated": int(arms[0].notna().sum()), "n_control": int(arms[1].notna().sum())}  # fmt: skip
    return estimate_frame(
        {"method": f"Lee's {side} bound, interval of Imbens and Manski", "estimate": value, "std_error": error, **names}
        for side, (value, error) in zip((LOWER, UPPER), ends, strict=True)
    )


def at_equal_start(frame: pd.DataFrame, outcome: str, start: str, *, treatment: str, control: str) -> pd.DataFrame:
    """The frame with the outcome less what its value at inclusion says of it: y − γ(y₀ − mean of y₀).

    γ is the slope of least squares on arm and y₀ among those who have both, so that with everybody known the difference
    in means of what is left is that of the analysis of covariance. A missing y₀ takes everybody's mean. γ counts as
    given, which in arms drawn by lot costs nothing in large groups. NaN where γ cannot be told.
    """
    both = frame[frame["arm"].isin([treatment, control])].dropna(subset=[outcome, start])
    off = (frame[start] - frame[start].mean()).fillna(0.0)
    design = np.column_stack([np.ones(len(both)), both["arm"] == treatment, both[start]]).astype(float)
    solved = np.linalg.lstsq(design, both[outcome].to_numpy(float), rcond=None)
    slope = solved[0][2] if solved[2] == design.shape[1] else NAN
    return frame.assign(**{outcome: frame[outcome] - slope * off})


def _bounds(more: pd.Series, fewer: pd.Series) -> tuple[tuple[float, float], tuple[float, float]]:
    """Lowest and highest mean of the arm with more answers less the mean of the other, each with its standard error."""
    answers = np.sort(more.dropna().to_numpy(dtype=float))
    others = fewer.dropna().to_numpy(dtype=float)
    if min(len(answers), len(others)) < 2:
        return (NAN, NAN), (NAN, NAN)
    share, total = len(others) / len(fewer), len(more) + len(fewer)
    kept = share / (len(answers) / len(more))  # 1 − p
    of_share = kept**2 * ((1 - share / kept) / (len(more) / total * share / kept)
                          + (1 - share) / (len(fewer) / total * share))  # fmt: skip
    rest = others.var() / (len(others) / total)
    found = []
    for sign in (1, -1):
        mean, spread, limit = _lowest(np.sort(sign * answers), kept)
        near = limit - mean
        own = (spread + near**2 * (1 - kept)) / (len(answers) / total * kept) + (near / kept) ** 2 * of_share
        found.append((sign * mean - others.mean(), float(np.sqrt((own + rest) / total))))
    return found[0], found[1]


def _lowest(answers: np.ndarray, kept: float) -> tuple[float, float, float]:
    """Mean and variance of the lowest share `kept` of the sorted answers, and the value at its limit."""
    mass = kept * len(answers)
    weights = np.clip(mass - np.arange(len(answers)), 0.0, 1.0)
    weights = weights / weights.sum()
    mean, limit = float(weights @ answers), min(int(np.ceil(mass - _WHOLE)), len(answers)) - 1
    return mean, float(weights @ (answers - mean) ** 2), float(answers[limit])


def _critical(width: float, error: float, conf_level: float) -> float:
    if not error > 0:
        return NAN

    def off(c: float) -> float:
        return stats.norm.cdf(c + width / error) - stats.norm.cdf(-c) - conf_level

    return float(brentq(off, 0.0, stats.norm.ppf(0.5 + conf_level / 2) + 1, xtol=1e-13))
