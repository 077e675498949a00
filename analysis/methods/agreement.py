"""Agreement of coders beyond chance: Cohen's and Fleiss' kappa and Krippendorff's alpha, with bootstrap intervals.

A table of ratings has one row a unit (an answer and category, an interview and theme) and one column a coder; a missing
value says that this coder did not code this unit. All three coefficients are sums over units put into one formula, so
that a bootstrap only weighs units anew.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.methods import resampling
from analysis.methods.estimates import Estimate, estimate_frame

# What Krippendorff (2004, page 241) asks of alpha: from here on to be relied on, below this not even tentatively.
RELIABLE, TENTATIVE = 0.8, 2 / 3
# A larger share of draws without a coefficient leaves no interval.
MOST_UNDEFINED = 0.05


@dataclass(frozen=True, eq=False)
class _Parts:
    """What the units add to a coefficient, units × parts; coefficient and agreement take sums, draws × parts."""

    units: pd.Index
    sums: np.ndarray
    coefficient: Callable[[np.ndarray], np.ndarray]
    agreement: Callable[[np.ndarray], np.ndarray]


def agreement(
    ratings: pd.DataFrame,
    *,
    outcome: str,
    population: str,
    rng: np.random.Generator,
    clusters: pd.Series | None = None,
    draws: int = 2000,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """How far coders agree on nominal codes: one estimate row a coefficient, with the interval of a bootstrap.

    `ratings`: units × coders, any codes, missing where a coder did not code a unit. `clusters`: what each unit belongs
    to (the person who answered, the interview), by which units are drawn; without it each unit is drawn alone.

    cohens_kappa (Cohen 1960), of exactly two coders, units that both coded: (p_o − p_e)/(1 − p_e), p_e from each
    coder's own shares of codes. fleiss_kappa (Fleiss 1971), units that every coder coded: p_o the mean share of pairs
    that agree, p_e from the shares of codes over all coders. krippendorff_alpha (Krippendorff 2011), of units with two
    codes or more: 1 − D_o/D_e = 1 − (n − 1) Σ_{c≠k} o_ck / Σ_{c≠k} n_c n_k, o_ck the coincidences of codes c and k,
    each unit's pairs weighted by 1/(m_u − 1).

    The interval is the percentile one over `draws` draws of clusters with replacement from `rng`; std_error is the
    standard deviation of the draws, `statistic_value` the share of equal pairs of codes, `df` the number of units.
    Monte Carlo error of an end: about 1.3% of the interval's length at 2,000 draws. A coefficient is NaN where
    every code is the same, the interval where fewer than two clusters or more than one draw in twenty lack one.

    Checked against R (tests/reference/agreement.R) to 1e-9, statsmodels, and the worked examples of Fleiss (1971) and
    Krippendorff (2011).
    """
    groups = pd.Series(range(len(ratings)), ratings.index) if clusters is None else clusters
    known = {"outcome": outcome, "population": population, "contrast": "coders", "unit": "kappa"}
    rows = []
    for method, parts in _coefficients(ratings).items():
        found = _interval(parts, groups, rng, draws, conf_level)
        rows.append(Estimate(**known, method=method, conf_level=conf_level, df=len(parts.units), **found))
    return estimate_frame(rows)


def _coefficients(ratings: pd.DataFrame) -> dict[str, _Parts]:
    codes = pd.unique(ratings.to_numpy().ravel())
    codes = [code for code in codes if not pd.isna(code)]
    pair = {"cohens_kappa": _cohen(ratings, codes)} if ratings.shape[1] == 2 else {}
    return pair | {"fleiss_kappa": _fleiss(ratings, codes), "krippendorff_alpha": _krippendorff(ratings, codes)}


def _counts(ratings: pd.DataFrame, codes: list[Hashable]) -> np.ndarray:
    """How many coders gave each code to each unit."""
    return np.stack([(ratings == code).sum(axis=1).to_numpy() for code in codes], axis=1).astype(float) if codes else (
        np.zeros((len(ratings), 1)))  # fmt: skip


def _cohen(ratings: pd.DataFrame, codes: list[Hashable]) -> _Parts:
    both = ratings.dropna()
    first, second = (np.stack([(both.iloc[:, side] == code).to_numpy() for code in codes or [None]], axis=1)
                     for side in (0, 1))  # fmt: skip
    size = first.shape[1]
    table = (first[:, :, None] & second[:, None, :]).astype(float)

    def equal(sums: np.ndarray) -> np.ndarray:
        crossed = sums.reshape(-1, size, size)
        return _ratio(np.trace(crossed, axis1=1, axis2=2), crossed.sum(axis=(1, 2)))

    def kappa(sums: np.ndarray) -> np.ndarray:
        crossed = sums.reshape(-1, size, size)
        chance = _ratio((crossed.sum(axis=1) * crossed.sum(axis=2)).sum(axis=1), crossed.sum(axis=(1, 2)) ** 2)
        return _beyond_chance(equal(sums), chance)

    return _Parts(both.index, table.reshape(len(both), size**2), kappa, equal)


def _fleiss(ratings: pd.DataFrame, codes: list[Hashable]) -> _Parts:
    whole, coders = ratings.dropna(), ratings.shape[1]
    counts = _counts(whole, codes)
    pairs = (counts * (counts - 1)).sum(axis=1) / (coders * (coders - 1)) if coders > 1 else np.zeros(len(whole))
    sums = np.column_stack([np.ones(len(whole)), pairs, counts])

    def equal(sums: np.ndarray) -> np.ndarray:
        return _ratio(sums[:, 1], sums[:, 0])

    def kappa(sums: np.ndarray) -> np.ndarray:
        shares = _ratio(sums[:, 2:], coders * sums[:, :1])
        return _beyond_chance(equal(sums), (shares**2).sum(axis=1))

    return _Parts(whole.index, sums, kappa, equal)


def _krippendorff(ratings: pd.DataFrame, codes: list[Hashable]) -> _Parts:
    paired = ratings[ratings.notna().sum(axis=1) >= 2]
    counts = _counts(paired, codes)
    given = counts.sum(axis=1, keepdims=True)
    alike = _ratio((counts * (counts - 1)).sum(axis=1, keepdims=True), given - 1)
    sums = np.column_stack([given, alike, counts])

    def equal(sums: np.ndarray) -> np.ndarray:
        return _ratio(sums[:, 1], sums[:, 0])

    def alpha(sums: np.ndarray) -> np.ndarray:
        values = sums[:, 0]
        expected = values**2 - (sums[:, 2:] ** 2).sum(axis=1)
        return 1 - _ratio((values - 1) * (values - sums[:, 1]), expected)

    return _Parts(paired.index, sums, alpha, equal)


def _interval(
    parts: _Parts, clusters: pd.Series, rng: np.random.Generator, draws: int, conf_level: float
) -> dict[str, float]:
    whole = parts.sums.sum(axis=0, keepdims=True)
    found = {"estimate": float(parts.coefficient(whole)[0]), "statistic_value": float(parts.agreement(whole)[0])}
    by_cluster = pd.DataFrame(parts.sums).groupby(clusters.reindex(parts.units).to_numpy()).sum().to_numpy()
    size = len(by_cluster)
    if size < 2:
        return found
    drawn = resampling.drawn(
        lambda many, stream: parts.coefficient(resampling.weights_of(size, many, stream) @ by_cluster), draws, rng
    )
    if np.isnan(found["estimate"]) or np.isnan(drawn).mean() > MOST_UNDEFINED:
        return found
    low, high = np.nanquantile(drawn, [(1 - conf_level) / 2, (1 + conf_level) / 2])
    return {**found, "std_error": float(np.nanstd(drawn, ddof=1)), "conf_low": float(low), "conf_high": float(high)}


def _beyond_chance(observed: np.ndarray, chance: np.ndarray) -> np.ndarray:
    return _ratio(observed - chance, 1 - chance)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Part by whole; NaN where the whole is nought."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=np.abs(whole) > 1e-12)
