"""Adjusted differences of very many people, from cells of those who are alike: exact, and as small as there are cells.

A cell is a row with `arm`, outcome, covariates, and `people`, how many share them. A likelihood, a gradient and a
robust variance are sums over people, so that each cell counts as often as it has people, and nothing is lost.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.methods.estimates import Estimate
from analysis.methods.proportions import PEOPLE
from analysis.methods.recording import recorded
from analysis.methods.strata import NAN

_ROUNDS, _NEAR = 50, 1e-10  # of Newton's method


@recorded
def linear_difference(
    cells: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str],
    *,
    treatment: str,
    control: str,
    population: str = "all",
    conf_level: float = 0.95,
) -> Estimate:
    """Difference between the arms in a share at equal covariates by least squares, with HC1 standard error.

    `cells` as the module says; covariates are numbers, or codes, which get a dummy each but the first. b = (X′WX)⁻¹X′Wy
    with W the people of each cell; variance n/(n − k) (X′WX)⁻¹ (Σ wᵢeᵢ²xᵢxᵢ′) (X′WX)⁻¹ (MacKinnon and White 1985).
    Cells that lack something are left out; NaN where terms repeat one another. Held against statsmodels' OLS on the
    people themselves (tests/test_compressed.py).
    """
    rows = _Rows(cells, outcome, covariates, treatment, control)
    names = (outcome, population, f"{treatment}_vs_{control}", "least squares, HC1")
    if not rows.is_estimable:
        return Estimate.normal(*names, NAN, NAN, conf_level, *rows.sizes)
    x, y, w = rows.design, rows.value, rows.people
    bread = np.linalg.inv(x.T @ (x * w[:, None]))
    params = bread @ (x.T @ (w * y))
    scores = x * (y - x @ params)[:, None]
    n, k = w.sum(), x.shape[1]
    covariance = bread @ (scores.T @ (scores * w[:, None])) @ bread * n / (n - k)
    return Estimate.normal(*names, float(params[1]), float(np.sqrt(covariance[1, 1])), conf_level, *rows.sizes)


@recorded
def standardised_risk_difference(
    cells: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str],
    *,
    treatment: str,
    control: str,
    population: str = "all",
    conf_level: float = 0.95,
) -> Estimate:
    """Everybody treated minus nobody by a logit with treatment and covariates, covariates held fixed.

    `cells` and covariates as `linear_difference`. Estimate (1/n)Σ wᵢ[Λ(x₁ᵢβ) − Λ(x₀ᵢβ)], variance gVg′ with V the
    sandwich (HC0) and g the gradient, as `standardisation.standardised_risk_difference` with variance "robust". β by
    Newton's method; NaN where there is no single finite one. Held against that function on the people themselves
    (tests/test_compressed.py).
    """
    rows = _Rows(cells, outcome, covariates, treatment, control)
    names = (outcome, population, f"{treatment}_vs_{control}", "logit standardised, robust variance")
    params = _logit(rows.design, rows.value, rows.people) if rows.is_estimable else None
    if params is None:
        return Estimate.normal(*names, NAN, NAN, conf_level, *rows.sizes)
    x, w = rows.design, rows.people
    shares = {}
    for arm in (1, 0):
        own = x.copy()
        own[:, 1] = arm
        share = expit(own @ params)
        shares[arm] = (w @ share / w.sum(), (w * share * (1 - share)) @ own / w.sum())
    gap, gradient = (shares[1][place] - shares[0][place] for place in (0, 1))
    fitted = expit(x @ params)
    bread = np.linalg.inv(x.T @ (x * (w * fitted * (1 - fitted))[:, None]))
    scores = x * (rows.value - fitted)[:, None]
    covariance = bread @ (scores.T @ (scores * w[:, None])) @ bread
    error = float(np.sqrt(gradient @ covariance @ gradient))
    return Estimate.normal(*names, float(gap), error, conf_level, *rows.sizes)


class _Rows:
    """Cells that have all that is needed, as arrays: design (a constant, treated, covariates), value, people."""

    def __init__(self, cells: pd.DataFrame, outcome: str, covariates: Sequence[str], treatment: str, control: str):
        known = cells.loc[cells["arm"].isin([treatment, control])].dropna(subset=[outcome, *covariates])
        known = known.groupby(["arm", outcome, *covariates], observed=True)[PEOPLE].sum().reset_index()
        codes = [name for name in covariates if not pd.api.types.is_numeric_dtype(known[name])]
        terms = pd.get_dummies(known[list(covariates)], columns=codes, drop_first=True, dtype=float)
        self.people = known[PEOPLE].to_numpy(float)
        self.value = known[outcome].to_numpy(float)
        treated = (known["arm"] == treatment).to_numpy(float)
        self.design = np.column_stack([np.ones(len(known)), treated, self._on_one_scale(terms.to_numpy(float))])
        self.sizes = tuple(int(self.people[treated == arm].sum()) for arm in (1, 0))

    def _on_one_scale(self, terms: np.ndarray) -> np.ndarray:
        """Terms less their mean over their spread, which changes no difference between arms."""
        if not len(terms) or not terms.shape[1]:
            return terms
        mean = self.people @ terms / self.people.sum()
        spread = np.sqrt(self.people @ (terms - mean) ** 2 / self.people.sum())
        return (terms - mean) / np.where(spread > 0, spread, 1)

    @property
    def is_estimable(self) -> bool:
        """Whether both arms and both values have people, and no term repeats others."""
        terms = self.design.shape[1]
        varies = len(self.value) > 1 and self.value.min() < self.value.max() and min(self.sizes) > 0
        enough = self.people.sum() > terms and len(self.design) >= terms
        return varies and enough and np.linalg.matrix_rank(np.linalg.qr(self.design, mode="r")) == terms


def _logit(design: np.ndarray, value: np.ndarray, people: np.ndarray) -> np.ndarray | None:
    """Coefficients of highest likelihood; None where Newton's method finds none."""
    params = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        fitted = expit(design @ params)
        curvature = design.T @ (design * (people * fitted * (1 - fitted))[:, None])
        try:
            step = np.linalg.solve(curvature, design.T @ (people * (value - fitted)))
        except np.linalg.LinAlgError:
            return None
        params = params + step
        if not np.isfinite(params).all() or np.abs(params).max() > 1e3:
            return None
        if np.abs(step).max() < _NEAR:
            return params
    return None
