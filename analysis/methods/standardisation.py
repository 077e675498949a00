"""The effect on a share at equal covariates without trusting the model: g-computation and its augmented relative."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from analysis.methods.estimates import Estimate
from analysis.methods.regression import LogitFit, NotEstimable, fit_logit
from analysis.methods.strata import NAN, arm_rows, normal_estimate

VARIANCES = ("robust", "unconditional")
_TREATED = "treated"


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
) -> Estimate:
    """Everybody treated minus nobody, by a logit with treatment, covariates and a dummy for each stratum but one.

    As the FDA's guidance of 2023 asks: the model serves to gain precision and need not be true. Estimate
    (1/n)Σ[μ₁(xᵢ) − μ₀(xᵢ)], μₐ the fitted share had all been in arm a. Variance: robust, gVg′ with V the sandwich
    (HC0) and g the gradient, holds the covariates fixed (Ge and others 2011); unconditional also counts that the people
    are a sample, from the covariances of observed and fitted outcomes (Ye and others 2023), less what randomising
    within strata saves. The latter takes one ratio of the arms to hold everywhere; where it moved between strata,
    `augmented_difference` is right without that.

    `frame` has one row per person: `arm`, a yes or no (or number from 0 to 1) named by `outcome`, numeric or bool
    covariates, columns that make the strata. People who lack one of them are left out; NaN where the data cannot
    identify the logit. ValueError for an unknown variance. Checked against R's beeca 0.2.0, both variances, with and
    without strata (tests/reference/strata.R).
    """
    if variance not in VARIANCES:
        raise ValueError(f"unknown variance {variance!r}; choose one of {', '.join(VARIANCES)}")
    rows, terms = _design_rows(frame, outcome, covariates, strata, treatment, control)
    settings = (outcome, population, f"{treatment}_vs_{control}")
    try:
        fit = fit_logit(rows, "value", [_TREATED, *terms])
    except NotEstimable:
        return _not_estimable(*settings, rows, conf_level)
    shares = {arm: _shares(fit, fit.design.assign(**{_TREATED: float(arm)})) for arm in (1, 0)}
    covariance = _sandwiched(fit, rows) if variance == "robust" else _unconditional(rows, shares, bool(strata))
    error = float(np.sqrt(np.array([1, -1]) @ covariance @ np.array([1, -1])))
    return _estimate(*settings, f"logit standardised, {variance} variance",
                     float((shares[1] - shares[0]).mean()), error, rows, conf_level)  # fmt: skip


def _design_rows(
    frame: pd.DataFrame, outcome: str, covariates: Sequence[str], strata: Sequence[str], treatment: str, control: str
) -> tuple[pd.DataFrame, list[str]]:
    """One row per person with all that is needed: value, treated, stratum, covariates, dummies; names of the terms."""
    rows = arm_rows(frame, outcome, strata, treatment, control)
    rows = rows.join(frame[list(covariates)].astype("Float64")).dropna().astype(dict.fromkeys(covariates, float))
    dummies = pd.get_dummies(rows["stratum"], prefix="stratum", dtype=float).iloc[:, 1:]
    varying = [name for name in covariates if rows[name].nunique() > 1]
    return rows.astype({_TREATED: float}).join(dummies), [*varying, *dummies.columns]


def _shares(fit: LogitFit, design: pd.DataFrame) -> np.ndarray:
    return 1 / (1 + np.exp(-(design.to_numpy() @ fit.params)))


def _sandwiched(fit: LogitFit, rows: pd.DataFrame) -> np.ndarray:
    """Covariance of the two mean fitted shares by the sandwich, covariates held fixed."""
    residual = rows["value"].to_numpy() - _shares(fit, fit.design)
    scores = fit.design.to_numpy() * residual[:, None]
    robust = fit.covariance @ (scores.T @ scores) @ fit.covariance
    gradient = np.vstack([_gradient(fit, fit.design.assign(**{_TREATED: arm})) for arm in (1.0, 0.0)])
    return gradient @ robust @ gradient.T


def _gradient(fit: LogitFit, design: pd.DataFrame) -> np.ndarray:
    share = _shares(fit, design)
    return (design.to_numpy() * (share * (1 - share))[:, None]).mean(axis=0)


def _unconditional(rows: pd.DataFrame, shares: dict[int, np.ndarray], stratified: bool) -> np.ndarray:
    """Covariance of the two standardised shares among people who are a sample (Ye and others 2023, as RobinCar)."""
    value, arm = rows["value"].to_numpy(), rows[_TREATED].to_numpy().astype(int)
    matrix = np.empty((2, 2))
    for place, other in product((0, 1), repeat=2):
        a, b = 1 - place, 1 - other
        own, opposite = arm == a, arm == b
        seen = _cov(value[own], shares[b][own]) + _cov(value[opposite], shares[a][opposite])
        matrix[place, other] = seen - _cov(shares[a], shares[b])
        if a == b:
            residual = value[own].var(ddof=1) - 2 * _cov(value[own], shares[a][own]) + shares[a].var(ddof=1)
            matrix[place, other] += residual / own.mean()
    saved = _saved_by_strata(rows, shares) if stratified else 0.0
    return (matrix - saved) / len(rows)


def _cov(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.cov(x, y)[0, 1])


def _saved_by_strata(rows: pd.DataFrame, shares: dict[int, np.ndarray]) -> np.ndarray:
    """What drawing within strata takes off the covariance: E[R(Ω)R], Ω = diag(π) − ππ′, one ratio for all strata."""
    treated = rows[_TREATED].to_numpy() == 1
    residual = pd.Series(rows["value"].to_numpy() - np.where(treated, shares[1], shares[0]), index=rows.index)
    ratio = np.array([treated.mean(), 1 - treated.mean()])
    means = residual.groupby([rows["stratum"], rows[_TREATED]]).mean().unstack()[[1.0, 0.0]].fillna(0.0)
    scaled = means.to_numpy() / ratio
    people = rows["stratum"].value_counts(normalize=True).reindex(means.index).to_numpy()
    return np.einsum("s,si,ij,sj->ij", people, scaled, np.diag(ratio) - np.outer(ratio, ratio), scaled)


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
) -> Estimate:
    """Augmented inverse-probability weighting with the share of each stratum that was treated as its probability.

    A logit in each arm foretells μₐ(xᵢ) for everybody; what it misses is added back within strata:
    d = (1/n)Σφᵢ, φᵢ = μ₁ − μ₀ + Aᵢ(yᵢ − μ₁)/πₛ − (1 − Aᵢ)(yᵢ − μ₀)/(1 − πₛ). Since πₛ is the observed share, μₐ is
    first moved by the mean of what it misses in each stratum and arm, which leaves d as it is and makes φ the
    influence of a person; variance Σ(φᵢ − d)²/(n(n − 1)) (Robins, Rotnitzky and Zhao 1994; Ye and others 2023). Right
    whatever the logit, also where the ratio of the arms differs between strata. Without covariates it is the
    difference standardised over strata.

    `frame` and missing data as in `standardised_risk_difference`; a stratum without people in both arms is left out.
    NaN where a logit cannot be identified. Checked against R 4 with `glm` in each arm and the first of the two formulas
    written out (tests/reference/strata.R).
    """
    rows, _ = _design_rows(frame, outcome, covariates, strata, treatment, control)
    both = rows.groupby("stratum")[_TREATED].transform("nunique") == 2
    rows, settings = rows[both], (outcome, population, f"{treatment}_vs_{control}")
    try:
        foretold = {arm: _foretold(rows, covariates, arm) for arm in (1, 0)}
    except NotEstimable:
        return _not_estimable(*settings, rows, conf_level)
    influence = _influence(rows, foretold)
    error = float(np.std(influence, ddof=1) / np.sqrt(len(rows))) if len(rows) > 1 else NAN
    estimate = float(influence.mean()) if len(rows) else NAN
    return _estimate(*settings, "augmented inverse-probability weighting", estimate, error, rows, conf_level)


def _foretold(rows: pd.DataFrame, covariates: Sequence[str], arm: int) -> np.ndarray:
    """The share of everybody as a logit among the people of one arm has it; their mean without covariates."""
    own = rows[rows[_TREATED] == arm]
    terms = [name for name in covariates if own[name].nunique() > 1]
    if not terms or own["value"].nunique() < 2:
        return np.full(len(rows), own["value"].mean() if len(own) else NAN)
    fit = fit_logit(own, "value", terms)
    return _shares(fit, rows[terms].assign(constant=1.0)[["constant", *terms]])


def _influence(rows: pd.DataFrame, foretold: dict[int, np.ndarray]) -> np.ndarray:
    """φ of each person, the foretold shares first moved by what they miss on average in each stratum and arm."""
    value, by = rows["value"], rows["stratum"]
    ratio = rows.groupby(by)[_TREATED].transform("mean")
    parts = {}
    for arm, chance in ((1, ratio), (0, 1 - ratio)):
        own = (rows[_TREATED] == arm).astype(float)
        missed = own * (value - foretold[arm])
        moved = foretold[arm] + missed.groupby(by).transform("sum") / own.groupby(by).transform("sum")
        parts[arm] = moved + own * (value - moved) / chance
    return (parts[1] - parts[0]).to_numpy()


def _estimate(
    outcome: str, population: str, contrast: str, method: str, estimate: float, error: float, rows: pd.DataFrame,
    conf_level: float,
) -> Estimate:  # fmt: skip
    treated = int((rows[_TREATED] == 1).sum())
    return normal_estimate(outcome, population, contrast, method, estimate, error, conf_level, treated,
                           len(rows) - treated)  # fmt: skip


def _not_estimable(outcome: str, population: str, contrast: str, rows: pd.DataFrame, conf_level: float) -> Estimate:
    return _estimate(outcome, population, contrast, "logit, not estimable", NAN, NAN, rows, conf_level)


