"""Where the effect of a centre is expected, when the spread between centres is itself hardly known."""

from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev, hermite_e, legendre
from scipy import optimize, special

# Each integrand is smooth in the variable chosen; twice as many nodes move an end by less than 1e-4 of its length.
_NODES = 64
_SHARE_NODES, _SHARE_WEIGHTS = legendre.leggauss(_NODES)  # of a share between −1 and 1
_NORMAL_NODES, _NORMAL_WEIGHTS = hermite_e.hermegauss(_NODES)


@lru_cache(maxsize=64)
def centre_interval(
    effects: tuple[float, ...],
    variances: tuple[float, ...],
    of: int | None = None,
    *,
    modified: bool = True,
    conf_level: float = 0.95,
) -> tuple[float, float]:
    """Where the effect of one of at least two centres is expected, by its place, or that of a further one (None).

    Not one value of τ² but all are taken, each as far as the data bear it out: P(τ² ≤ t) = 1 − F(Q; t), where F is the
    distribution of Cochran's Q if the spread is t (Nagashima, Noma and Furukawa 2019). Given τ², the effect of the
    centre is λy + (1 − λ)(μ̂ − T se) + Z √(λv), λ = τ²/(τ² + v), with its own y and v, μ̂ and Hartung and Knapp's
    standard error at that τ² (`modified` as in `pooled_effect`; theirs is not), T with k − 1 degrees of freedom, Z
    normal. A further centre says nothing of itself: with v without end that is their prediction, μ̂ − T se + Z τ. The
    interval holds the middle `conf_level` of that mixture. Where theirs draws at random, this one integrates. Checked
    against the formula in R, and against their own program pimeta to the error of its draws
    (tests/reference/prediction.R).
    """
    y, v = np.array(effects), np.array(variances)
    tau, mass = _spreads(effects, variances)
    w = 1 / (v + tau[:, None] ** 2)
    mean = (w * y).sum(axis=1) / w.sum(axis=1)
    q = (w * (y - mean[:, None]) ** 2).sum(axis=1) / (len(y) - 1)
    error, spread = np.sqrt((np.maximum(1, q) if modified else q) / w.sum(axis=1)), tau
    if of is not None:
        kept = tau**2 / (tau**2 + v[of])
        mean, error, spread = kept * y[of] + (1 - kept) * mean, (1 - kept) * error, np.sqrt(kept * v[of])
    wide = 10 * (y.std() + np.sqrt(v.max())) * np.sqrt(len(y))

    def at(share: float) -> float:
        def above(value: float) -> float:
            return float(mass @ _below(value - mean, spread, error, len(y) - 1)) - share

        reach = wide
        while above(mean[0] - reach) > 0 or above(mean[0] + reach) < 0:
            reach *= 4
        return float(optimize.brentq(above, mean[0] - reach, mean[0] + reach, xtol=1e-12 * wide))

    return at(0.5 - conf_level / 2), at(0.5 + conf_level / 2)


@lru_cache(maxsize=64)
def _spreads(effects: tuple[float, ...], variances: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Values of τ, nought first, and how probable each is by the confidence distribution of τ²."""
    y, v = np.array(effects), np.array(variances)
    w = 1 / v
    q = float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())
    typical = np.sqrt(v.mean())

    def probable(place: np.ndarray) -> np.ndarray:  # of a τ up to this; −1 is nought, 1 is without end
        return 1 - np.array([q_distribution(q, v, tau**2) for tau in typical * (1 + place) / (1 - place)])

    density = chebyshev.chebder(chebyshev.chebinterpolate(probable, _NODES))
    mass = _SHARE_WEIGHTS * chebyshev.chebval(_SHARE_NODES, density)
    none = float(probable(np.array([-1.0]))[0])
    tau = np.concatenate([[0.0], typical * (1 + _SHARE_NODES) / (1 - _SHARE_NODES)])
    return tau, np.concatenate([[none], mass])


def q_distribution(q: float, v: np.ndarray, tau2: float) -> float:
    """P(Q ≤ q) of Cochran's Q, weights 1/v, when the effects spread by τ²: a sum of χ² on one degree of freedom each,
    weighted, as Ruben's (1962) series of χ² distributions."""
    w, scale = 1 / v, np.sqrt(v + tau2)
    form = scale[:, None] * (np.diag(w) - np.outer(w, w) / w.sum()) * scale
    weights = np.linalg.eigvalsh(form)[1:]
    least = weights.min()
    rest = 1 - least / weights
    terms = np.array([np.sqrt(least / weights).prod()])
    powers = np.empty(0)
    while terms.sum() < 1 - 1e-13 and len(terms) < 20_000:
        powers = np.append(powers, (rest ** (len(powers) + 1)).sum())
        terms = np.append(terms, powers[::-1] @ terms / (2 * len(terms)))
    degrees = len(weights) + 2 * np.arange(len(terms))
    return float(terms @ special.gammainc(degrees / 2, q / least / 2))


def _below(distance: np.ndarray, spread: np.ndarray, error: np.ndarray, degrees: int) -> np.ndarray:
    """P(Z spread − T error ≤ distance): the wider one's distribution function, averaged over the narrower one."""
    found = np.empty(len(spread))
    by_t = spread > error
    t = special.stdtrit(degrees, (1 + _SHARE_NODES) / 2)
    d, z, se = (each[by_t, None] for each in (distance, spread, error))
    found[by_t] = special.ndtr((d + se * t) / z) @ _SHARE_WEIGHTS / 2
    d, z, se = (each[~by_t, None] for each in (distance, spread, error))
    found[~by_t] = special.stdtr(degrees, (d + z * _NORMAL_NODES) / se) @ _NORMAL_WEIGHTS / np.sqrt(2 * np.pi)
    return found
