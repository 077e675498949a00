"""What several examples reckon with: values of the arms, means, and a logit by Newton's steps."""

import numpy as np
import pandas as pd
from scipy import stats

NAN = float("nan")
Z = float(stats.norm.ppf(0.975))


def numbers(people: pd.DataFrame, *columns: str) -> np.ndarray | tuple[np.ndarray, ...]:
    """Columns as numbers, a yes as 1 and a no as 0, what is not known as NaN."""
    found = tuple(people[column].to_numpy(float, na_value=NAN) for column in columns)
    return found[0] if len(columns) == 1 else found


def by_arm(people: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """The known values of the treated and of the others."""
    values, treated = numbers(people, column, "treated")
    known = ~np.isnan(values)
    return values[known & (treated == 1)], values[known & (treated == 0)]


def mean(values: np.ndarray) -> float:
    return float(values.sum() / len(values)) if len(values) else NAN


def variance(values: np.ndarray) -> float:
    """s², the squares of the distances from the mean over their number less one."""
    return float(((values - mean(values)) ** 2).sum() / (len(values) - 1)) if len(values) > 1 else NAN


def covariance(x: np.ndarray, y: np.ndarray) -> float:
    return float(((x - mean(x)) * (y - mean(y))).sum() / (len(x) - 1)) if len(x) > 1 else NAN


def two_sided(z: float) -> float:
    """How often a normal number lies as far from nought."""
    return float(2 * stats.norm.sf(abs(z)))


def ratio(x: float, y: float) -> float:
    return x / y if y else NAN


def share(index: np.ndarray | float) -> np.ndarray | float:
    """Λ, the probability at this value of the index."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-index))


def newton(value: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of a logit and their covariance; NaN where the likelihood has no single maximum.

    From β = 0, each step adds (X′WX)⁻¹X′(y − p), with p the shares at β and W = p(1 − p) on the diagonal.
    """
    beta, nothing = np.zeros(design.shape[1]), np.full(design.shape[1], NAN)
    try:
        for _ in range(40):
            p = share(design @ beta)
            information = design.T @ (design * (p * (1 - p))[:, None])
            step = np.linalg.solve(information, design.T @ (value - p))
            beta = beta + step
        inverse = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return nothing, np.outer(nothing, nothing)
    if not np.abs(step).max() <= 1e-8 * (1 + np.abs(beta).max()):
        return nothing, np.outer(nothing, nothing)
    return beta, inverse


def log_likelihood(value: np.ndarray, p: np.ndarray) -> float:
    """Σ log p over those with the outcome, plus Σ log(1 − p) over those without."""
    with np.errstate(divide="ignore"):
        return float(np.log(np.where(value == 1, p, 1 - p)).sum())


def for_all(people: pd.DataFrame, known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What was found for the people known, in the order of all people; NaN for the others."""
    found = np.full(len(people), NAN)
    found[known] = values
    return found
