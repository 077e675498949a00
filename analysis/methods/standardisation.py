"""The effect on a share at equal covariates without trusting the model: g-computation and its augmented relative."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import expit
from statsmodels.discrete.discrete_model import Logit
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

from analysis.methods.estimates import Estimate
from analysis.methods.recording import recorded
from analysis.methods.regression import NotEstimable
from analysis.methods.strata import NAN, arm_rows
from analysis.methods.weighted import error_of, usable

VARIANCES = ("robust", "unconditional")


@recorded
def standardised_risk_difference(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str],
    *,
    treatment: str,
    control: str,
    strata: Sequence[str] = (),
    variance: str = "unconditional",
    population: str = "all",
    conf_level: float = 0.95,
    weight: str | None = None,
) -> Estimate:
    """Everybody treated minus nobody, by a logit with treatment, covariates and a dummy for each stratum but one.

    As the FDA's guidance of 2023 asks: the model serves to gain precision and need not be true. Estimate
    (1/n)Σ[μ₁(xᵢ) − μ₀(xᵢ)], μₐ the fitted share had all been in arm a. Variance: robust, gVg′ with V the sandwich
    (HC0) and g the gradient, holds the covariates fixed (Ge and others 2011); unconditional also counts that the people
    are a sample, from the covariances of observed and fitted outcomes (Ye and others 2023), less what randomising
    within strata saves. The latter takes one ratio of the arms to hold everywhere; where it moved between strata,
    `augmented_difference` is right without that.

    `frame` has one row per person: `arm`, a yes or no (or number from 0 to 1) named by `outcome`, numeric or bool
    covariates, columns that make the strata. People who lack one of them are left out. In a stratum in which nobody
    or everybody has the outcome the fitted share is just that, as the likelihood has it in the end. NaN where the
    data cannot identify the logit. ValueError for an unknown variance. Checked against R's beeca 0.2.0, both
    variances, with and without strata (tests/reference/strata.R).

    weight: the column with people's weights, if any. Logit and mean are then weighted, and the variance is that of
    `weighted` with uᵢ = wᵢ(μ₁ − μ₀ − d)/Σw (robust: left out) + g′A⁻¹xᵢwᵢ(yᵢ − μ), A = Σwᵢμ(1 − μ)xᵢxᵢ′; strata save
    nothing. Checked against R, weights moved one by one (tests/reference/weights.R).
    """
    if variance not in VARIANCES:
        raise ValueError(f"unknown variance {variance!r}; choose one of {', '.join(VARIANCES)}")
    people = _people(frame, outcome, covariates, strata, treatment, control, weight)
    names = (outcome, population, f"{treatment}_vs_{control}")
    varies = people.varies_in_stratum
    fitted = people.of(varies)
    try:
        design = _design(fitted.treated, np.column_stack([fitted.covariates, fitted.dummies]))
        params, covariance = _fitted(fitted.value, design, fitted.weight)
    except NotEstimable:
        return _estimate(*names, "logit, not estimable", NAN, NAN, people, conf_level)
    designs = {arm: _design(np.full(len(design), arm), design[:, 2:]) for arm in (1, 0)}
    shares = {arm: people.value.copy() for arm in designs}
    for arm, own in designs.items():
        shares[arm][varies] = expit(own @ params)
    if weight is not None:
        influence = _weighted_influence(people, fitted, design, designs, shares, params, variance)
        gap = float(np.average(shares[1] - shares[0], weights=people.weight))
        method = f"weighted logit standardised, {variance} variance"
        return _estimate(*names, method, gap, error_of(influence), people, conf_level)
    if variance == "robust":
        spread = _sandwiched(fitted.value, design, designs, params, covariance) * varies.mean() ** 2
    else:
        spread = _unconditional(people, shares, bool(strata))
    error = float(np.sqrt(np.array([1, -1]) @ spread @ np.array([1, -1])))
    gap = float((shares[1] - shares[0]).mean())
    return _estimate(*names, f"logit standardised, {variance} variance", gap, error, people, conf_level)


@dataclass(frozen=True)
class _People:
    """Who has all that is needed, as arrays of one entry or row a person: outcome, whether treated, number of the
    stratum, covariates in units of their spread about their mean (those alone that vary), weight (1 without)."""

    value: np.ndarray
    treated: np.ndarray
    stratum: np.ndarray
    covariates: np.ndarray
    weight: np.ndarray

    @property
    def dummies(self) -> np.ndarray:
        """A column of 0 and 1 for each stratum that has people but the first."""
        return (self.stratum[:, None] == np.unique(self.stratum)[1:]).astype(float)

    @property
    def varies_in_stratum(self) -> np.ndarray:
        """Whether the outcome differs among those who share the person's stratum."""
        everybody = np.ones(len(self.value), dtype=bool)
        away = np.abs(self.value - self.mean_by_stratum(self.value, everybody))
        return self.mean_by_stratum(away, everybody) > 1e-12

    def of(self, those: np.ndarray) -> "_People":
        return _People(*(each[those] for each in vars(self).values()))

    def mean_by_stratum(self, values: np.ndarray, those: np.ndarray) -> np.ndarray:
        """For each person the mean of the values of those people who share the stratum; NaN where there are none."""
        sums, n = (np.bincount(self.stratum, each * self.weight) for each in (values * those, those.astype(float)))
        with np.errstate(invalid="ignore"):
            return (sums / n)[self.stratum]


def _people(
    frame: pd.DataFrame, outcome: str, covariates: Sequence[str], strata: Sequence[str], treatment: str, control: str,
    weight: str | None,
) -> _People:  # fmt: skip
    rows = arm_rows(frame, outcome, strata, treatment, control)
    values = frame.loc[rows.index, list(covariates)].astype(float).to_numpy().reshape(len(rows), len(covariates))
    known = ~np.isnan(values).any(axis=1)
    rows, values = rows[known], values[known]
    spread = values.std(axis=0) if len(values) else np.zeros(len(covariates))
    varying = spread > 0
    scaled = (values[:, varying] - values[:, varying].mean(axis=0)) / spread[varying] if len(values) else values
    stratum = pd.factorize(rows["stratum"], sort=True)[0]
    weights = np.ones(len(rows)) if weight is None else usable(frame.loc[rows.index, weight])
    return _People(rows["value"].to_numpy(), rows["treated"].to_numpy(), stratum, scaled, weights)


def _design(treated: np.ndarray, terms: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(treated)), treated.astype(float), terms])


def _fitted(value: np.ndarray, design: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and the inverse of the information by weighted maximum likelihood; NotEstimable where there is no
    single finite one."""
    terms = design.shape[1]
    varies = len(value) > terms and value.min() < value.max()
    if not varies or np.linalg.matrix_rank(np.linalg.qr(design, mode="r")) < terms:
        raise NotEstimable("the outcome does not vary or terms repeat one another")
    with warnings.catch_warnings():
        for kind in (PerfectSeparationWarning, ConvergenceWarning):
            warnings.simplefilter("error", category=kind)
        try:
            if (weight == 1).all():
                fit = Logit(value, design, check_rank=False).fit(disp=False, maxiter=100, tol=1e-12)
            else:
                fit = GLM(value, design, Binomial(), freq_weights=weight).fit(maxiter=100, tol=1e-12)
        except (PerfectSeparationWarning, ConvergenceWarning, np.linalg.LinAlgError) as error:
            raise NotEstimable(f"the logit has no finite maximum: {error}") from error
    return np.asarray(fit.params), np.asarray(fit.cov_params())


def _sandwiched(
    value: np.ndarray, design: np.ndarray, designs: dict[int, np.ndarray], params: np.ndarray, covariance: np.ndarray
) -> np.ndarray:
    """Covariance of the two mean fitted shares by the sandwich, covariates held fixed."""
    scores = design * (value - expit(design @ params))[:, None]
    robust = covariance @ (scores.T @ scores) @ covariance
    slopes = {arm: expit(own @ params) for arm, own in designs.items()}
    gradient = np.vstack([((slopes[arm] * (1 - slopes[arm]))[:, None] * designs[arm]).mean(axis=0) for arm in (1, 0)])
    return gradient @ robust @ gradient.T


def _weighted_influence(
    people: _People, fitted: _People, design: np.ndarray, designs: dict[int, np.ndarray],
    shares: dict[int, np.ndarray], params: np.ndarray, variance: str,
) -> np.ndarray:  # fmt: skip
    """What each person moves the standardised difference by: as one of those it is a mean of, and through the logit."""
    whole, foretold, gaps = people.weight.sum(), expit(design @ params), shares[1] - shares[0]
    own = people.weight * (gaps - people.weight @ gaps / whole) / whole * (variance == "unconditional")
    slopes = {arm: (p := expit(each @ params)) * (1 - p) * fitted.weight for arm, each in designs.items()}
    gradient = (slopes[1] @ designs[1] - slopes[0] @ designs[0]) / whole
    information = (design * (fitted.weight * foretold * (1 - foretold))[:, None]).T @ design
    scores = design * (fitted.weight * (fitted.value - foretold))[:, None]
    own[people.varies_in_stratum] += scores @ np.linalg.solve(information, gradient)
    return own


def _unconditional(people: _People, shares: dict[int, np.ndarray], stratified: bool) -> np.ndarray:
    """Covariance of the two standardised shares among people who are a sample (Ye and others 2023, as RobinCar)."""
    value, among = people.value, {1: people.treated, 0: ~people.treated}
    matrix = np.empty((2, 2))
    for a, b in product((1, 0), repeat=2):
        own, other = among[a], among[b]
        seen = _cov(value[own], shares[b][own]) + _cov(value[other], shares[a][other])
        matrix[1 - a, 1 - b] = seen - _cov(shares[a], shares[b])
        if a == b:
            missed = value[own].var(ddof=1) - 2 * _cov(value[own], shares[a][own]) + shares[a].var(ddof=1)
            matrix[1 - a, 1 - b] += missed / own.mean()
    saved = _saved_by_strata(people, shares) if stratified else 0.0
    return (matrix - saved) / len(value)


def _cov(x: np.ndarray, y: np.ndarray) -> float:
    return float((x - x.mean()) @ (y - y.mean()) / (len(x) - 1)) if len(x) > 1 else NAN


def _saved_by_strata(people: _People, shares: dict[int, np.ndarray]) -> np.ndarray:
    """What drawing within strata takes off the covariance: E[RΩR], Ω = diag(π) − ππ′, one ratio for all strata."""
    ratio = np.array([people.treated.mean(), 1 - people.treated.mean()])
    missed = people.value - np.where(people.treated, shares[1], shares[0])
    means = np.column_stack([people.mean_by_stratum(missed, those) for those in (people.treated, ~people.treated)])
    scaled = np.nan_to_num(means) / ratio
    return (np.diag(ratio) - np.outer(ratio, ratio)) * (scaled.T @ scaled) / len(scaled)


@recorded
def augmented_difference(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str],
    *,
    treatment: str,
    control: str,
    strata: Sequence[str] = (),
    population: str = "all",
    conf_level: float = 0.95,
    weight: str | None = None,
) -> Estimate:
    """Augmented inverse-probability weighting with the share of each stratum that was treated as its probability.

    A logit in each arm foretells μₐ(xᵢ) for everybody; what it misses is added back within strata:
    d = (1/n)Σφᵢ, φᵢ = μ₁ − μ₀ + Aᵢ(yᵢ − μ₁)/πₛ − (1 − Aᵢ)(yᵢ − μ₀)/(1 − πₛ). Since πₛ is the observed share, μₐ is
    first moved by the mean of what it misses in each stratum and arm, which leaves d as it is and makes φ the
    influence of a person; variance Σ(φᵢ − d)²/(n(n − 1)) (Robins, Rotnitzky and Zhao 1994; Ye and others 2023). Right
    whatever the logit, also where the ratio of the arms differs between strata. Without covariates it is the
    difference standardised over strata.

    `frame` and missing data as in `standardised_risk_difference`; a stratum without people in both arms is left out.
    NaN where a logit cannot be identified. weight: the column with people's weights, if any; logits, shares of the
    strata and means are then weighted, uᵢ = wᵢ(φᵢ − d)/Σw. Checked against R 4 with `glm` in each arm and the first of
    the two formulas written out (tests/reference/strata.R, weights.R).
    """
    people = _people(frame, outcome, covariates, strata, treatment, control, weight)
    ratio = people.mean_by_stratum(people.treated.astype(float), np.ones(len(people.value), dtype=bool))
    people, ratio = people.of((ratio > 0) & (ratio < 1)), ratio[(ratio > 0) & (ratio < 1)]
    names = (outcome, population, f"{treatment}_vs_{control}")
    try:
        foretold = {arm: _foretold(people, people.treated == bool(arm)) for arm in (1, 0)}
    except NotEstimable:
        return _estimate(*names, "logit, not estimable", NAN, NAN, people, conf_level)
    influence = _influence(people, foretold, ratio)
    n, method = len(influence), "augmented inverse-probability weighting"
    error = float(np.std(influence, ddof=1) / np.sqrt(n)) if n > 1 else NAN
    gap = float(influence.mean()) if n else NAN
    if weight is not None and n:
        gap = float(np.average(influence, weights=people.weight))
        error, method = error_of(people.weight * (influence - gap) / people.weight.sum()), f"weighted {method}"
    return _estimate(*names, method, gap, error, people, conf_level)


def _foretold(people: _People, own: np.ndarray) -> np.ndarray:
    """The share of everybody as a logit among some people has it; their mean without covariates or variation."""
    terms = people.covariates[:, people.covariates[own].std(axis=0) > 0] if own.any() else people.covariates[:, :0]
    value = people.value[own]
    if not terms.shape[1] or value.min() == value.max():
        return np.full(len(own), np.average(value, weights=people.weight[own]) if len(value) else NAN)
    design = np.column_stack([np.ones(len(own)), terms])
    return expit(design @ _fitted(value, design[own], people.weight[own])[0])


def _influence(people: _People, foretold: dict[int, np.ndarray], ratio: np.ndarray) -> np.ndarray:
    """φ of each person, the foretold shares first moved by what they miss on average in each stratum and arm."""
    parts = {}
    for arm, own, chance in ((1, people.treated, ratio), (0, ~people.treated, 1 - ratio)):
        moved = foretold[arm] + people.mean_by_stratum(people.value - foretold[arm], own)
        parts[arm] = moved + own * (people.value - moved) / chance
    return parts[1] - parts[0]


def _estimate(
    outcome: str, population: str, contrast: str, method: str, estimate: float, error: float, people: _People,
    conf_level: float,
) -> Estimate:  # fmt: skip
    treated, n = int(people.treated.sum()), len(people.value)
    return Estimate.normal(outcome, population, contrast, method, estimate, error, conf_level, treated, n - treated)
