"""Logits fitted fast, and how far each printed statistic would move if one person's row were another.

The statistics are those of `analysis.regression`: marginal effects at the means (discrete change for zeros and ones),
their delta-method z, and McFadden's R². A statistic T is a smooth function of the coefficients β, the means x̄ and the
information H = Σ p(1−p)xx′. Its influence function, the derivative with respect to the weight of a row (x, y), is

    ∂T/∂β · H⁻¹x(y−p) + ∂T/∂x̄ · (x−x̄)/n + ∂T/∂H · p(1−p)xx′,

with the dependence of H on β inside the first part. Exchanging rows has the effect of the difference of influences,
exact to the second order in 1/n: enough to choose among thousands of exchanges without refitting.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from .logit_models import LogitModel

STEP = 1e-5


class NotConverged(ValueError):
    """Newton's method finds no finite maximum from its start."""


@dataclass(frozen=True)
class Fitted:
    """A logit at its maximum."""

    model: LogitModel
    x: np.ndarray
    y: np.ndarray
    beta: np.ndarray
    covariance: np.ndarray
    means: np.ndarray
    log_likelihood: float
    null_log_likelihood: float


def fit(model: LogitModel, base: np.ndarray, y: np.ndarray, start: np.ndarray | None = None) -> Fitted:
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


def effects_and_gradients(model: LogitModel, beta: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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


def statistics(fitted: Fitted) -> np.ndarray:
    """Effects, z values and R², in that order."""
    effects, z = _effects_and_z(fitted.model, fitted.beta, fitted.means, fitted.covariance)
    return np.concatenate([effects, z, [1 - fitted.log_likelihood / fitted.null_log_likelihood]])


def _effects_and_z(model: LogitModel, beta: np.ndarray, means: np.ndarray, covariance: np.ndarray) -> tuple:
    effects, gradients = effects_and_gradients(model, beta, means)
    errors = np.sqrt(np.einsum("kp,pq,kq->k", gradients, covariance, gradients))
    return effects, effects / errors


class Influence:
    """Influence of any row on the statistics of one fitted logit."""

    def __init__(self, fitted: Fitted) -> None:
        self.fitted = fitted
        model, beta, means, covariance = fitted.model, fitted.beta, fitted.means, fitted.covariance
        effects, gradients = effects_and_gradients(model, beta, means)
        errors = np.sqrt(np.einsum("kp,pq,kq->k", gradients, covariance, gradients))
        self.directions = gradients @ covariance
        # ∂z/∂H · A = effect / (2 se³) · v′Av with v = Vg.
        self.curvature = effects / (2 * errors**3)
        eta = fitted.x @ beta
        third = _slope(eta) * (1 - 2 * expit(eta))
        along = (fitted.x @ self.directions.T) ** 2
        through_information = self.curvature[:, None] * ((along * third[:, None]).T @ fitted.x)
        by_beta, by_means = self._numerical(model, beta, means, covariance)
        terms = len(effects)
        by_beta[terms:] += through_information
        self.by_score = by_beta @ covariance
        self.by_means = by_means / len(fitted.y)

    @staticmethod
    def _numerical(model: LogitModel, beta: np.ndarray, means: np.ndarray, covariance: np.ndarray) -> tuple:
        """Derivatives of effects and z with respect to β and x̄, by central differences."""
        size = len(beta)
        by_beta, by_means = np.empty((2 * (size - 1), size)), np.zeros((2 * (size - 1), size))
        scale = STEP / np.maximum(np.abs(means), 1e-3)
        for k in range(size):
            step = np.zeros(size)
            step[k] = scale[k]
            high = np.concatenate(_effects_and_z(model, beta + step, means, covariance))
            low = np.concatenate(_effects_and_z(model, beta - step, means, covariance))
            by_beta[:, k] = (high - low) / (2 * scale[k])
            if k > 0:
                step[k] = STEP * max(abs(means[k]), 1e-3)
                high = np.concatenate(_effects_and_z(model, beta, means + step, covariance))
                low = np.concatenate(_effects_and_z(model, beta, means - step, covariance))
                by_means[:, k] = (high - low) / (2 * step[k])
        return by_beta, by_means

    def of(self, base: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Influence of each row (people matrix and outcome): rows × statistics."""
        fitted = self.fitted
        x = fitted.model.design(base)
        eta = x @ fitted.beta
        p = expit(eta)
        moved = (x * (y - p)[:, None]) @ self.by_score.T + (x - fitted.means) @ self.by_means.T
        terms = len(self.curvature)
        moved[:, terms:] += (x @ self.directions.T) ** 2 * (p * (1 - p))[:, None] * self.curvature
        share = fitted.y.mean()
        likelihood = y * eta - np.logaddexp(0, eta)
        null = y * np.log(share / (1 - share)) + np.log(1 - share)
        ratio = fitted.log_likelihood / fitted.null_log_likelihood
        r2 = (-likelihood + ratio * null) / fitted.null_log_likelihood
        return np.hstack([moved, r2[:, None]])
