"""How far an effect differs between centres or groups: pooled with partial pooling, shrunken, tested."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from analysis.methods.estimates import Estimate, estimate_frame, heterogeneity_test
from analysis.methods.prediction import centre_interval
from analysis.methods.recording import recorded

METHODS = ("REML", "DL")
_GRID = 200  # points between which the restricted likelihood is searched for roots of its score


@dataclass(frozen=True)
class Pooled:
    """Effects of several centres as draws from one distribution.

    k: how many were pooled. mean with std_error and interval: the mean of the distribution. tau2: its variance, with an
    interval; i2: the share of the centres' variance that it makes up (0 to 1). new_low and new_high: where the effect
    of a further centre is expected. test: Cochran's Q. All but k is NaN with fewer than two effects.
    """

    k: int
    mean: float
    std_error: float
    conf_low: float
    conf_high: float
    tau2: float
    tau2_low: float
    tau2_high: float
    i2: float
    new_low: float
    new_high: float
    test: Estimate
    conf_level: float = 0.95

    @property
    def is_known(self) -> bool:
        """Whether there was anything to pool."""
        return self.k > 1


def usable(effects: pd.DataFrame) -> pd.DataFrame:
    """The rows that can be pooled: with an estimate and a standard error above nought.

    A centre without people in both arms has neither; one in which nobody or everybody of either arm has the outcome has
    a standard error of nought, which would give it all the weight.
    """
    known = effects["estimate"].notna() & (effects["std_error"].astype(float) > 0)
    return effects.loc[known].reset_index(drop=True)


@recorded
def pooled_effect(
    effects: pd.DataFrame, *, method: str = "REML", modified: bool = True, conf_level: float = 0.95
) -> Pooled:
    """What are the mean effect of centres and its spread between them, if they are draws from one distribution?

    `effects` is an estimate frame, one row a centre, in any unit; centres must not share people; rows that are not
    `usable` are left out. yᵢ ~ N(θᵢ, vᵢ), θᵢ ~ N(μ, τ²), wᵢ = 1/(vᵢ + τ²), μ = Σ wᵢyᵢ / Σ wᵢ. τ² by restricted
    likelihood, or by DerSimonian and Laird (1986); never below nought. Interval of τ²: Q-profile (Viechtbauer 2007),
    where Σ wᵢ(yᵢ − μ)² meets the quantiles of χ² on k − 1. I² = τ²/(τ² + ṽ) with the typical variance ṽ =
    (k − 1) Σ vᵢ⁻¹ / [(Σ vᵢ⁻¹)² − Σ vᵢ⁻²] (Higgins and Thompson 2002). Mean: Hartung and Knapp's t interval on k − 1
    with variance q/Σ wᵢ, q = Σ wᵢ(yᵢ − μ)²/(k − 1); `modified` takes max(1, q), so that centres which happen to be
    alike do not make it narrower than usual (Röver, Knapp and Friede 2015). With few centres τ² is hardly known, so a
    new centre's interval takes all that it may be, see `prediction`, whatever the method. Checked against R's metafor,
    `rma` and `confint`, to 1e-6 (tests/reference/heterogeneity.R). An unknown method raises ValueError.
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; choose one of {', '.join(METHODS)}")
    own = usable(effects)
    test = heterogeneity_test(own, outcome="", contrast="")
    k, nothing = len(own), float("nan")
    if k < 2:
        return Pooled(k, *[nothing] * 10, test, conf_level)
    y, v = own["estimate"].to_numpy(float), own["std_error"].to_numpy(float) ** 2
    tau2 = _restricted(y, v) if method == "REML" else _dersimonian_laird(y, v)
    mean, spread, weight = _weighted(tau2, y, v)
    q = spread / (k - 1)
    error = float(np.sqrt((max(1.0, q) if modified else q) / weight))
    t = stats.t.ppf(0.5 + conf_level / 2, k - 1)
    new = centre_interval(tuple(y), tuple(v), modified=modified, conf_level=conf_level)
    return Pooled(k, mean, error, mean - t * error, mean + t * error, tau2, *_profile(y, v, conf_level),
                  _share(tau2, v), *new, test, conf_level)  # fmt: skip


def _weighted(tau2: float, y: np.ndarray, v: np.ndarray) -> tuple[float, float, float]:
    """The weighted mean, the weighted sum of squares about it, and the sum of the weights."""
    w = 1 / (v + tau2)
    mean = (w * y).sum() / w.sum()
    return float(mean), float((w * (y - mean) ** 2).sum()), float(w.sum())


def _dersimonian_laird(y: np.ndarray, v: np.ndarray) -> float:
    _, q, weight = _weighted(0.0, y, v)
    return max(0.0, (q - (len(y) - 1)) / (weight - (v**-2).sum() / weight))


def _restricted(y: np.ndarray, v: np.ndarray) -> float:
    """The τ² at which the restricted likelihood is largest: nought, or a root of its score."""
    ceiling = 10 * (y.var(ddof=1) + v.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-9, 1, _GRID) * ceiling])
    scores = [_score(each, y, v) for each in grid]
    falls = [place for place in range(_GRID) if scores[place] > 0 >= scores[place + 1]]
    roots = [optimize.brentq(_score, grid[p], grid[p + 1], args=(y, v), xtol=1e-14 * ceiling) for p in falls]
    return max([0.0, *roots], key=lambda tau2: _likelihood(tau2, y, v))


def _score(tau2: float, y: np.ndarray, v: np.ndarray) -> float:
    w, (mean, _, weight) = 1 / (v + tau2), _weighted(tau2, y, v)
    return float((w**2 * (y - mean) ** 2).sum() - weight + (w**2).sum() / weight)


def _likelihood(tau2: float, y: np.ndarray, v: np.ndarray) -> float:
    _, spread, weight = _weighted(tau2, y, v)
    return float(-0.5 * (np.log(v + tau2).sum() + np.log(weight) + spread))


def _profile(y: np.ndarray, v: np.ndarray, conf_level: float) -> tuple[float, float]:
    """Where the generalised Q, which falls with τ², meets the quantiles of χ²; nought where it starts below."""
    tails = stats.chi2.ppf([0.5 + conf_level / 2, 0.5 - conf_level / 2], len(y) - 1)
    return tuple(_meets(tail, y, v) for tail in tails)


def _meets(quantile: float, y: np.ndarray, v: np.ndarray) -> float:
    def above(tau2: float) -> float:
        return _weighted(tau2, y, v)[1] - quantile

    if above(0.0) <= 0:
        return 0.0
    top = y.var(ddof=1) + v.max()
    while above(top) > 0:
        top *= 2
    return float(optimize.brentq(above, 0.0, top, xtol=1e-14 * top))


def _share(tau2: float, v: np.ndarray) -> float:
    w = 1 / v
    typical = (len(v) - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
    return float(tau2 / (tau2 + typical))


@recorded
def shrunken_effects(effects: pd.DataFrame, pooled: Pooled) -> pd.DataFrame:
    """What is the effect of each centre, once its own people and those of all others are counted?

    The usable rows of `effects` with other estimates: the empirical Bayes estimate λᵢyᵢ + (1 − λᵢ)μ with
    λᵢ = τ²/(τ² + vᵢ) and standard error √(λᵢvᵢ + (1 − λᵢ)²se(μ)²). A centre that says little of itself is drawn towards
    the mean; with τ² = 0 all are the mean. Estimate and standard error take τ² for known; the interval does not, but
    takes all that it may be, see `prediction`, since with few centres one that took it for known would hold the truth
    too rarely. Checked against R: metafor's `blup` to 1e-6 (tests/reference/heterogeneity.R), and the interval against
    its formula (tests/reference/prediction.R).
    """
    own = usable(effects)
    if not pooled.is_known:
        return own.iloc[:0]
    y, v = own["estimate"].to_numpy(float), own["std_error"].to_numpy(float) ** 2
    kept = pooled.tau2 / (pooled.tau2 + v)
    estimate = kept * y + (1 - kept) * pooled.mean
    error = np.sqrt(kept * v + (1 - kept) ** 2 * pooled.std_error**2)
    ends = [centre_interval(tuple(y), tuple(v), place, conf_level=pooled.conf_level) for place in range(len(y))]
    low, high = zip(*ends, strict=True)
    return own.assign(method="empirical Bayes", estimate=estimate, std_error=error, conf_low=low, conf_high=high,
                      p_value=np.nan)  # fmt: skip


@recorded
def pooled_frame(pooled: Pooled, *, outcome: str, contrast: str, unit: str = "proportion") -> pd.DataFrame:
    """Estimate frame of the mean over centres, and of where the effect of a new one is expected."""
    names = {"outcome": outcome, "contrast": contrast, "unit": unit, "conf_level": pooled.conf_level}
    mean = Estimate(population="mean", method="random effects", estimate=pooled.mean, std_error=pooled.std_error,
                    conf_low=pooled.conf_low, conf_high=pooled.conf_high, **names)  # fmt: skip
    new = Estimate(population="new", method="prediction interval", estimate=pooled.mean, conf_low=pooled.new_low,
                   conf_high=pooled.new_high, **names)  # fmt: skip
    return estimate_frame([mean, new])
