"""Logits fitted fast, and what every person adds to each printed statistic.

The statistics are those of `methods.regression`: marginal effects at the means (discrete change for zeros and ones),
their delta-method z, and McFadden's R². The printed effects fix the coefficients β at which a fit has to arrive, and a
fit arrives there when the scores Σ x(y − p) vanish. With β held, everything is a sum over people:

    effect − printed = g′H⁻¹ Σ x(y − p),    H = Σ p(1−p)xx′,    log likelihood = Σ yη − log(1 + e^η),

g the gradient of the effect; z = effect/√(g′H⁻¹g) moves by (g′H⁻¹x)²p(1−p) a row. So the effect of exchanging rows is a
difference of contributions: exact for effects and R² as long as means and H stay, and near enough to choose among
thousands of exchanges without fitting anything.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

STEP = 1e-5


class PrintedLogit(Protocol):
    """A printed logit: names, terms, and for each term the printed effect, its decimals, its z, and R².

    design(base): ones and the terms, one row a person; dummies: which terms are zeros and ones.
    """

    source: str
    column: str
    terms: tuple[str, ...]
    effects: np.ndarray
    effect_places: np.ndarray
    z: np.ndarray
    r2: float
    dummies: np.ndarray

    def design(self, base: np.ndarray) -> np.ndarray:
        """Ones, then the terms, one row a person."""


class NotConverged(ValueError):
    """Newton's method finds no finite maximum from its start."""


@dataclass(frozen=True)
class Fitted:
    """A logit at its maximum."""

    model: PrintedLogit
    x: np.ndarray
    y: np.ndarray
    beta: np.ndarray
    covariance: np.ndarray
    means: np.ndarray
    log_likelihood: float
    null_log_likelihood: float


def fitted_logit(model: PrintedLogit, base: np.ndarray, y: np.ndarray, start: np.ndarray | None = None) -> Fitted:
    """Newton's method from `start`, on standardised steps; raises NotConverged when it does not settle."""
    x = model.design(base)
    beta = np.zeros(x.shape[1]) if start is None else start
    for _ in range(30):
        p = expit(x @ beta)
        hessian = (x * (p * (1 - p))[:, None]).T @ x
        step = np.linalg.solve(hessian, x.T @ (y - p))
        beta = beta + step * min(1.0, 5.0 / np.sqrt(max(step @ hessian @ step, 1e-300)))
        if np.abs(step @ hessian @ step) < 1e-13:
            break
    else:
        raise NotConverged(f"{model.source} {model.column}: the logit does not converge")
    eta = x @ beta
    p = expit(eta)
    hessian = (x * (p * (1 - p))[:, None]).T @ x
    share = y.mean()
    null = len(y) * (share * np.log(share) + (1 - share) * np.log(1 - share))
    likelihood = float(y @ eta - np.logaddexp(0, eta).sum())
    return Fitted(model, x, y, beta, np.linalg.inv(hessian), x.mean(axis=0), likelihood, float(null))


def _slope(eta: np.ndarray | float) -> np.ndarray:
    p = expit(eta)
    return p * (1 - p)


def effects_and_gradients(model: PrintedLogit, beta: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Marginal effects at the means, and their gradients with respect to β, one row a term."""
    eta, slopes = means @ beta, beta[1:]
    slope = _slope(eta)
    bend = slope * (1 - 2 * expit(eta))
    terms = len(slopes)
    at_mean = np.tile(means, (terms, 1))
    units = np.eye(terms, terms + 1, 1)
    smooth_gradient = bend * slopes[:, None] * at_mean + slope * units
    off, on = eta - means[1:] * slopes, eta - means[1:] * slopes + slopes
    lower, upper = at_mean * (1 - units), at_mean * (1 - units) + units
    jump_gradient = _slope(on)[:, None] * upper - _slope(off)[:, None] * lower
    dummies = model.dummies
    effects = np.where(dummies, expit(on) - expit(off), slope * slopes)
    return effects, np.where(dummies[:, None], jump_gradient, smooth_gradient)


def logit_statistics(fitted: Fitted) -> np.ndarray:
    """Effects, z values and R², in that order."""
    effects, z = _effects_and_z(fitted.model, fitted.beta, fitted.means, fitted.covariance)
    return np.concatenate([effects, z, [1 - fitted.log_likelihood / fitted.null_log_likelihood]])


def _effects_and_z(model: PrintedLogit, beta: np.ndarray, means: np.ndarray, covariance: np.ndarray) -> tuple:
    effects, gradients = effects_and_gradients(model, beta, means)
    errors = np.sqrt(np.einsum("kp,pq,kq->k", gradients, covariance, gradients))
    return effects, effects / errors


# Share of what rounding hides that an effect may be moved to suit its z.
LEEWAY = 0.7


class Contributions:
    """What a person's row adds to the statistics of one model while the coefficients are those behind the print."""

    def __init__(self, model: PrintedLogit, base: np.ndarray, y: np.ndarray) -> None:
        x, share = model.design(base), float(y.mean())
        self.model, self.means, self.people = model, x.mean(axis=0), len(y)
        self._aim(model, base, x, share)
        # Effects of age and income are printed with one or two digits; z says more of where they lie.
        fine = LEEWAY * 0.5 * 10.0 ** -np.maximum(model.effect_places, 4)
        wanted = np.clip(model.z * self.errors, model.effects - fine, model.effects + fine)
        self._aim(replace(model, effects=np.where(model.dummies, model.effects, wanted)), base, x, share)
        self.by_means = self._by_means() / self.people
        self.null = self.people * (share * np.log(share) + (1 - share) * np.log(1 - share))
        eta = x @ self.beta
        by_score = (x.T @ (y - expit(eta))) @ self.directions
        r2 = 1 - float(y @ eta - np.logaddexp(0, eta).sum()) / self.null
        effects = self.effects - model.effects + by_score
        z = self.effects / self.errors - model.z + by_score / self.errors
        self.misses = np.concatenate([effects, z, [r2 - model.r2]])

    def _aim(self, model: PrintedLogit, base: np.ndarray, x: np.ndarray, share: float) -> None:
        self.beta = coefficients_behind_effects(model, base, share)
        p = expit(x @ self.beta)
        self.covariance = np.linalg.inv((x * (p * (1 - p))[:, None]).T @ x)
        self.effects, gradients = effects_and_gradients(model, self.beta, self.means)
        self.directions = self.covariance @ gradients.T
        variances = np.einsum("kp,pk->k", gradients, self.directions)
        self.errors = np.sqrt(variances)
        # ∂z/∂H · A = effect / (2 se³) · v′Av with v = H⁻¹g.
        self.curvature = self.effects / (2 * variances**1.5)

    def _by_means(self) -> np.ndarray:
        """Derivatives of effects and z with respect to x̄, by central differences."""
        size = len(self.means)
        derivatives = np.zeros((2 * (size - 1), size))
        for k in range(1, size):
            step = np.zeros(size)
            step[k] = STEP * max(abs(self.means[k]), 1e-3)
            high, low = (
                np.concatenate(_effects_and_z(self.model, self.beta, self.means + sign * step, self.covariance))
                for sign in (1, -1)
            )
            derivatives[:, k] = (high - low) / (2 * step[k])
        return derivatives

    def of(self, base: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Contribution of each row (people matrix and outcome): rows × (effects, z, R²)."""
        x = self.model.design(base)
        eta = x @ self.beta
        p = expit(eta)
        along = x @ self.directions
        by_means = (x - self.means) @ self.by_means.T
        effects = along * (y - p)[:, None]
        z = along**2 * (p * (1 - p))[:, None] * self.curvature + effects / self.errors
        r2 = (np.logaddexp(0, eta) - y * eta) / self.null
        terms = len(self.effects)
        return np.hstack([effects + by_means[:, :terms], z + by_means[:, terms:], r2[:, None]])


def coefficients_behind_effects(model: PrintedLogit, base: np.ndarray, share: float) -> np.ndarray:
    """Coefficients whose marginal effects at the means of `base` are the printed ones, at a given mean probability.

    For a term with effect m at η = x̄β: β = m / Λ′(η) if continuous, else the root of Λ(η₀+β) − Λ(η₀) = m. The constant
    gives the mean probability. Alternates between both until they settle.
    """
    x = model.design(base)
    means = x.mean(axis=0)
    centre = float(logit(share))
    for _ in range(200):
        slopes = np.array([_coefficient(m, mean, centre, dummy) for m, mean, dummy in
                           zip(model.effects, means[1:], model.dummies, strict=True)])  # fmt: skip
        linear = (x[:, 1:] - means[1:]) @ slopes
        new = brentq(lambda c, linear=linear: expit(c + linear).mean() - share, -10, 10)
        if abs(new - centre) < 1e-10:
            break
        centre = new
    return np.concatenate([[centre - means[1:] @ slopes], slopes])


def _coefficient(effect: float, mean: float, centre: float, dummy: bool) -> float:
    if not dummy:
        p = expit(centre)
        return effect / (p * (1 - p))
    return brentq(lambda b: expit(centre + b * (1 - mean)) - expit(centre - b * mean) - effect, -8, 8)
