"""A mixed model for repeated measures fitted again without each person in turn, for the jackknife."""

from dataclasses import dataclass

import numpy as np

from analysis.methods.regression import NotEstimable
from analysis.methods.repeated_measures import RepeatedMeasuresFit

_STEP, _STILL = 1e-4, 1e-11
_SHARED_STEPS, _OWN_STEPS = 8, 30  # with the second derivatives of the whole; with those without the person
_BLOCK = 256  # people refitted at once
_UNTOLD = "without one person the covariance of the scores cannot be told from the data"


@dataclass(frozen=True)
class _Parts:
    """Everybody's columns (terms, last the score; nought where unknown) and their products summed by pattern.

    known: patterns × waves. kind: each person's pattern. people: number by pattern. products: one row a pattern and
    pair of waves, one column a pair of columns.
    """

    columns: np.ndarray
    known: np.ndarray
    kind: np.ndarray
    people: np.ndarray
    products: np.ndarray


def refit_without_each(
    fit: RepeatedMeasuresFit, outcome: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (people × terms) and covariance of the scores (people × waves × waves), each without one person.

    `outcome` and `design` are those that `repeated_measures.fit_repeated_measures` made the unstructured `fit` from,
    people without any known score left out. Newton's method from the whole fit, all refits of a block at once, with the
    second derivatives of the whole, so that each step shrinks the error by about the weight of one person; whoever
    weighs too much for that goes on with derivatives of their own. Raises NotEstimable where a refit does not settle.
    Checked against R: the restricted likelihood maximised again without each person (tests/reference/missing.R).
    """
    spread = float(np.nanstd(outcome))
    parts = _parts(outcome / spread, design)
    start = fit.of_scores / spread**2
    curvature = np.linalg.inv(_hessian(start, parts))
    blocks = np.array_split(np.arange(len(outcome)), -(-len(outcome) // _BLOCK))
    refits = [_refit(start, curvature, parts, left) for left in blocks]
    coefficients, covariances = (np.concatenate(found) for found in zip(*refits, strict=True))
    return spread * coefficients, spread**2 * covariances


def _parts(outcome: np.ndarray, design: np.ndarray) -> _Parts:
    known = np.isfinite(outcome)
    columns = np.where(known[:, :, None], np.concatenate([design, outcome[:, :, None]], axis=2), 0.0)
    kinds, kind, people = np.unique(known, axis=0, return_inverse=True, return_counts=True)
    kind = kind.ravel()
    sums = [np.tensordot(own, own, (0, 0)) for own in (columns[kind == number] for number in range(len(kinds)))]
    products = np.stack(sums).transpose(0, 1, 3, 2, 4)  # pattern, wave, wave, column, column
    return _Parts(columns, kinds, kind, people, products.reshape(-1, columns.shape[2] ** 2))


def _refit(start: np.ndarray, curvature: np.ndarray, parts: _Parts, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    try:
        coefficients, sigma, moved = _newton(np.repeat(start[None], len(left), axis=0), curvature, parts, left)
        for place in np.flatnonzero(moved > _STILL):
            coefficients[place], sigma[place] = _refit_alone(sigma[place], parts, left[[place]])
    except np.linalg.LinAlgError as error:
        raise NotEstimable(_UNTOLD) from error
    return coefficients, sigma


def _newton(
    sigma: np.ndarray, curvature: np.ndarray, parts: _Parts, left: np.ndarray, steps: int = _SHARED_STEPS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients and Σ after a number of steps, and how far the last one moved each."""
    for _ in range(steps):
        coefficients, slopes = _slopes(sigma, parts, left)
        step = _matrices(slopes @ curvature, sigma.shape[1])
        sigma = sigma - step
    return coefficients, sigma, np.abs(step).max(axis=(1, 2))


def _refit_alone(sigma: np.ndarray, parts: _Parts, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    for _ in range(_OWN_STEPS):
        curvature = np.linalg.inv(_hessian(sigma, parts, left))
        coefficients, found, moved = _newton(sigma[None], curvature, parts, left, steps=1)
        sigma = found[0]
        if moved[0] <= _STILL:
            return coefficients[0], sigma
    raise NotEstimable(_UNTOLD)


def _matrices(elements: np.ndarray, waves: int) -> np.ndarray:
    """Symmetric matrices from the elements on and below their diagonals, one row a matrix."""
    rows, columns = np.tril_indices(waves)
    full = np.zeros((len(elements), waves, waves))
    full[:, rows, columns] = full[:, columns, rows] = elements
    return full


def _hessian(sigma: np.ndarray, parts: _Parts, left: np.ndarray | None = None) -> np.ndarray:
    """Second derivatives of the deviance by the elements of Σ, of everybody or without one person: central differences
    of its gradient."""
    steps = _matrices(_STEP * np.eye(len(np.tril_indices(len(sigma))[0])), len(sigma))
    without = None if left is None else np.repeat(left, len(steps))
    up, down = (_slopes(sigma + side * steps, parts, without)[1] for side in (1, -1))
    hessian = (up - down) / (2 * _STEP)
    return (hessian + hessian.T) / 2


def _slopes(sigma: np.ndarray, parts: _Parts, left: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients, and the gradient of the restricted deviance by the elements of Σ, for each of several Σ.

    With `left`, the first Σ goes with all people but the first of `left`, and so on. By V the deviance changes as
    V⁻¹ − V⁻¹(rr′ + XCX′)V⁻¹, summed over people (see `repeated_measures`).
    """
    many, waves, terms = len(sigma), sigma.shape[1], parts.columns.shape[2]
    inverses = inverses_by_pattern(sigma, parts.known)
    information = (inverses.reshape(many, -1) @ parts.products).reshape(many, terms, terms)
    people = np.repeat(parts.people[None].astype(float), many, axis=0)
    if left is not None:
        each, kind, own = np.arange(many), parts.kind[left], parts.columns[left]
        information -= own.transpose(0, 2, 1) @ inverses[each, kind] @ own
        people[each, kind] -= 1
    covariance = np.linalg.inv(information[:, :-1, :-1])
    coefficients = (covariance @ information[:, :-1, -1:])[:, :, 0]
    residual = np.concatenate([-coefficients, np.ones((many, 1))], axis=1)
    middle = residual[:, :, None] * residual[:, None, :]
    middle[:, :-1, :-1] += covariance
    inner = (middle.reshape(many, -1) @ parts.products.T).reshape(many, -1, waves, waves)
    if left is not None:
        inner[each, kind] -= own @ middle @ own.transpose(0, 2, 1)
    changes = (people[:, :, None, None] * inverses - inverses @ inner @ inverses).sum(axis=1)
    rows, columns = np.tril_indices(waves)
    return coefficients, changes[:, rows, columns] * np.where(rows == columns, 1.0, 2.0)


def inverses_by_pattern(sigma: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Inverse of the part of each Σ that belongs to the known waves of each pattern, nought elsewhere.

    `sigma` is any number × waves × waves, `known` patterns × waves; the answer has both first.
    """
    both = known[:, :, None] & known[:, None, :]
    return np.where(both, np.linalg.inv(np.where(both, sigma[:, None], np.eye(sigma.shape[1]))), 0.0)
