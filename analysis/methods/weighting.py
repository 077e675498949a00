"""Attrition weighting: those who answered stand for those like them who did not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.methods.estimates import Estimate
from analysis.methods.recording import recorded
from analysis.methods.regression import NotEstimable, fit_logit

VARIANCES = ("unconditional", "robust")
_ANSWERED = "answered"


@dataclass(frozen=True)
class Answering:
    """One arm's logit of answering: people × terms, the probabilities, and the inverse of the information."""

    design: np.ndarray
    probability: np.ndarray
    inverse: np.ndarray


def filled(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The columns as numbers, what is missing at the mean of everybody; all were measured before the arms were drawn.

    A column that nobody answered is left out. Filling in the mean keeps everybody without opening a gap between arms
    that were drawn by lot (White and Thompson 2005).
    """
    numbers = frame[list(columns)].astype(float)
    return numbers.fillna(numbers.mean()).dropna(axis=1)


def answering(answered: pd.Series, predictors: pd.DataFrame) -> Answering:
    """The logit of answering on the predictors that vary among these people; NotEstimable where it has no maximum."""
    varying = predictors.loc[:, predictors.nunique() > 1]
    fit = fit_logit(varying.assign(**{_ANSWERED: answered}), _ANSWERED, list(varying))
    design = fit.design.to_numpy()
    return Answering(design, expit(design @ fit.params), fit.covariance)


@recorded
def answer_weights(
    frame: pd.DataFrame, outcome: str, predictors: Sequence[str], *, treatment: str, control: str
) -> pd.Series:
    """Weight of everybody with the outcome, 1/π̂, π̂ the probability of having it by a logit within the arm.

    Raises NotEstimable where the logit of an arm has no maximum.
    """
    known, terms = frame[outcome].notna(), filled(frame, predictors)
    weights = pd.Series(np.nan, index=frame.index)
    for arm in (treatment, control):
        own = (frame["arm"] == arm).to_numpy()
        weights[own] = 1 / answering(known[own], terms[own]).probability
    return weights[known].dropna()


@recorded
def weighted_difference(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str],
    predictors: Sequence[str],
    *,
    treatment: str,
    control: str,
    variance: str = "unconditional",
    population: str = "all",
    unit: str = "score",
    conf_level: float = 0.95,
) -> Estimate:
    """Adjusted difference, treated minus control, among those with the outcome, weighted by the inverse of the
    probability of having it: what everybody's would be if answering depended on the predictors alone.

    `frame` has one row a person: arm, `outcome` (missing where silent), `covariates` of the comparison and `predictors`
    of answering, all measured at inclusion; missing ones as in `filled`. Least squares on arm and covariates with the
    weights of `answer_weights`. Variance by influence: uᵢ = A⁻¹(xᵢwᵢeᵢ + D I⁻¹sᵢ), A = Σ wᵢxᵢxᵢ′, D the derivative of
    Σ xᵢwᵢeᵢ by the coefficients of the logits, I their information and sᵢ a person's score, Σ uᵢuᵢ′ · n/(n − 1) over
    everybody (unconditional: weights are estimated); robust takes the weights as known, D = 0, n those who answered.
    Normal interval and test. NaN where a logit has no maximum. Checked against R to 1e-6: survey::svyglm (robust),
    stacked estimating equations differentiated numerically (unconditional; tests/reference/missing.R).
    """
    if variance not in VARIANCES:
        raise ValueError(f"unknown variance {variance!r}; choose of {VARIANCES}")
    rows = frame[frame["arm"].isin([treatment, control])].reset_index(drop=True)
    known, treated = rows[outcome].notna().to_numpy(), (rows["arm"] == treatment).to_numpy()
    try:
        estimate, error = _fitted(rows, outcome, covariates, predictors, known, treated, variance)
    except (NotEstimable, np.linalg.LinAlgError):
        estimate = error = float("nan")
    found = Estimate.normal(
        outcome, population, f"{treatment}_vs_{control}", f"inverse probability of answering, {variance} variance",
        estimate, error, conf_level, int((known & treated).sum()), int((known & ~treated).sum()),
    )  # fmt: skip
    return replace(found, unit=unit)


def _fitted(
    rows: pd.DataFrame, outcome: str, covariates: Sequence[str], predictors: Sequence[str], known: np.ndarray,
    treated: np.ndarray, variance: str,
) -> tuple[float, float]:  # fmt: skip
    """Estimate and standard error."""
    design = np.column_stack([np.ones(len(rows)), treated, filled(rows, covariates)])
    value = rows[outcome].to_numpy(dtype=float, na_value=0.0) * known
    terms, arms = filled(rows, predictors), []
    weight = np.zeros(len(rows))
    for own in (treated, ~treated):
        arms.append((own, answering(pd.Series(known[own], index=terms.index[own]), terms[own])))
        weight[own] = known[own] / arms[-1][1].probability
    cross = np.linalg.inv((design * weight[:, None]).T @ design)
    coefficients = cross @ (design * weight[:, None]).T @ value
    moments = design * (weight * (value - design @ coefficients))[:, None]
    if variance == "robust":
        n = int(known.sum())
    else:
        n = len(rows)
        for own, logit in arms:
            moments[own] += _of_the_weights(logit, moments[own], known[own])
    influence = moments @ cross
    return float(coefficients[1]), float(np.sqrt(n / (n - 1) * (influence[:, 1] ** 2).sum()))


def _of_the_weights(logit: Answering, moments: np.ndarray, known: np.ndarray) -> np.ndarray:
    """What estimating the weights adds to each person's moments: D I⁻¹sᵢ, with ∂w/∂γ = −w(1 − π)z."""
    slope = -(moments * (1 - logit.probability)[:, None]).T @ logit.design
    scores = logit.design * (known - logit.probability)[:, None]
    return scores @ logit.inverse @ slope.T
