"""Logistic regression with marginal effects, as the evaluation reports it and as one would standardise it today."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit
from statsmodels.discrete.discrete_model import BinaryResultsWrapper, Logit
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

from analysis.methods.estimates import Estimate, estimate_frame

CONSTANT = "constant"
AT = {"means": "mean", "average": "overall"}
DUMMY_CHANGES = {"discrete": True, "derivative": False}


class NotEstimable(ValueError):
    """The data cannot identify the model: a term that never varies, terms that repeat one another, or separation."""


@dataclass(frozen=True)
class LogitFit:
    """A fitted logit. `design` is what was fitted: one row per person, a leading column of ones, then the terms."""

    outcome: str
    terms: tuple[str, ...]
    design: pd.DataFrame
    results: BinaryResultsWrapper

    @property
    def n(self) -> int:
        """People in the model."""
        return len(self.design)

    @property
    def pseudo_r2(self) -> float:
        """McFadden's R²: 1 − log-likelihood of the model / log-likelihood with only a constant."""
        return float(1 - self.results.llf / self.results.llnull)

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """One row per term, the constant first: estimate and std_error on the log-odds scale, z and p_value."""
        params, errors = np.asarray(self.results.params), np.asarray(self.results.bse)
        z = params / errors
        return pd.DataFrame(
            {
                "term": [CONSTANT, *self.terms],
                "estimate": params,
                "std_error": errors,
                "z": z,
                "p_value": 2 * stats.norm.sf(np.abs(z)),
            }
        )


def with_products(frame: pd.DataFrame, indicator: str, products: Mapping[str, str]) -> pd.DataFrame:
    """The frame with product terms added: `products` maps the new column to the one multiplied by `indicator`."""
    added = {name: frame[indicator].astype(float) * frame[column].astype(float) for name, column in products.items()}
    return frame.assign(**added)


def fit_logit(frame: pd.DataFrame, outcome: str, terms: Sequence[str]) -> LogitFit:
    """Maximum-likelihood logit of a bool outcome on the terms and a constant.

    `frame` has one row per person; bools count as 0 and 1. People who lack the outcome or a term are left out. Raises
    NotEstimable, naming the terms where it can, when a term does not vary, terms are collinear, or the outcome is
    perfectly separated. Checked against R 4 `glm(family = binomial)` (tests/reference/employment.R).
    """
    rows = frame[[outcome, *terms]].dropna().astype(float)
    constant = [term for term in terms if rows[term].nunique() < 2]
    if constant or rows[outcome].nunique() < 2:
        raise NotEstimable(f"no variation in: {', '.join(constant or [outcome])}")
    design = rows[list(terms)].copy()
    design.insert(0, CONSTANT, 1.0)
    # Columns differ in size (kroner, years, dummies): compare them on one scale before calling them collinear.
    scaled = (design / np.sqrt((design**2).mean())).to_numpy()
    if np.linalg.matrix_rank(np.linalg.qr(scaled, mode="r")) < design.shape[1]:
        raise NotEstimable(f"terms repeat one another among: {', '.join(terms)}")
    return LogitFit(outcome, tuple(terms), design, _maximise(rows[outcome], design))


def _maximise(outcome: pd.Series, design: pd.DataFrame) -> BinaryResultsWrapper:
    """Newton's method; a fit that separates or does not converge is an error rather than a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", category=PerfectSeparationWarning)
        warnings.simplefilter("error", category=ConvergenceWarning)
        try:
            return Logit(outcome, design, check_rank=False).fit(disp=False, maxiter=100, tol=1e-12)
        except (PerfectSeparationWarning, ConvergenceWarning, np.linalg.LinAlgError) as error:
            raise NotEstimable(f"the logit of {outcome.name} has no finite maximum: {error}") from error


def marginal_effects(
    fit: LogitFit,
    *,
    population: str = "all",
    at: str = "means",
    dummies: str = "discrete",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Marginal effects of a logit: an estimate frame with one row per term, the term in `contrast`.

    at="means": the effect for one hypothetical person whose terms all have the sample mean, Λ(x̄β)(1−Λ(x̄β))β for a
    continuous term. at="average": the effect averaged over the people. dummies="discrete": a 0/1 term gets
    Λ(xβ | 1) − Λ(xβ | 0) instead of the slope. "means" with "discrete" is what Stata's `mfx` reports. Product terms
    count as terms of their own, so that their effect is not a difference of differences in percentage points; see
    `average_contrast` for that. Standard errors by the delta method, z and p from the normal distribution. Effects are
    on the probability scale per unit of the term. Raises ValueError for an unknown `at` or `dummies`.
    Checked against R 4 with the formulas written out (tests/reference/employment.R).
    """
    if at not in AT or dummies not in DUMMY_CHANGES:
        raise ValueError(f"unknown at={at!r} or dummies={dummies!r}; choose {tuple(AT)} and {tuple(DUMMY_CHANGES)}")
    effects = fit.results.get_margeff(at=AT[at], method="dydx", dummy=DUMMY_CHANGES[dummies])
    z_critical = stats.norm.ppf(0.5 + conf_level / 2)
    rows = []
    for term, effect, error in zip(fit.terms, effects.margeff, effects.margeff_se, strict=True):
        rows.append(
            Estimate(
                fit.outcome,
                population,
                term,
                f"logit, marginal effect ({at}, {dummies})",
                float(effect),
                std_error=float(error),
                conf_low=float(effect - z_critical * error),
                conf_high=float(effect + z_critical * error),
                conf_level=conf_level,
                p_value=float(2 * stats.norm.sf(abs(effect / error))),
                statistic_value=float(effect / error),
            )
        )
    return estimate_frame(rows)


def average_contrast(
    fit: LogitFit,
    treated_design: pd.DataFrame,
    control_design: pd.DataFrame,
    *,
    population: str,
    contrast: str,
    conf_level: float = 0.95,
) -> Estimate:
    """Difference in mean predicted probability when the same people are given one design and then the other.

    The two frames hold the model's terms for the same people, for example everybody treated and everybody in the
    control arm; product terms must follow. Estimate (1/n)Σ[Λ(x₁ᵢβ) − Λ(x₀ᵢβ)], its variance gVg′ with gradient
    g = (1/n)Σ[Λ′(x₁ᵢβ)x₁ᵢ − Λ′(x₀ᵢβ)x₀ᵢ] and V the covariance of β (delta method, covariates taken as given). On the
    probability scale. Checked against R 4 with the formulas written out (tests/reference/employment.R).
    """
    params, covariance = np.asarray(fit.results.params), np.asarray(fit.results.cov_params())
    (share_1, gradient_1), (share_0, gradient_0) = (
        _mean_probability(design, fit.terms, params) for design in (treated_design, control_design)
    )
    difference, gradient = share_1 - share_0, gradient_1 - gradient_0
    error = float(np.sqrt(gradient @ covariance @ gradient))
    z_critical = stats.norm.ppf(0.5 + conf_level / 2)
    return Estimate(
        fit.outcome,
        population,
        contrast,
        "logit, average difference in predicted probability",
        float(difference),
        std_error=error,
        conf_low=float(difference - z_critical * error),
        conf_high=float(difference + z_critical * error),
        conf_level=conf_level,
        p_value=float(2 * stats.norm.sf(abs(difference / error))) if error > 0 else float("nan"),
        statistic_value=float(difference / error) if error > 0 else float("nan"),
    )


def _mean_probability(design: pd.DataFrame, terms: Iterable[str], params: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean predicted probability and its gradient with respect to the parameters."""
    matrix = np.column_stack([np.ones(len(design)), design[list(terms)].astype(float).to_numpy()])
    probability = expit(matrix @ params)
    return float(probability.mean()), (matrix * (probability * (1 - probability))[:, None]).mean(axis=0)


def likelihood_ratio_test(full: LogitFit, restricted: LogitFit, *, population: str = "all", contrast: str) -> Estimate:
    """Test that the terms of `full` beyond those of `restricted` are all zero: 2(ℓ_full − ℓ_restricted) ~ χ².

    Both must be fitted to the same people, else ValueError. The estimate itself is NaN: the row carries a test.
    """
    if not set(restricted.terms) < set(full.terms) or not restricted.design.index.equals(full.design.index):
        raise ValueError("the restricted model must drop terms of the full model and use the same people")
    statistic = 2 * float(full.results.llf - restricted.results.llf)
    freedom = len(full.terms) - len(restricted.terms)
    return Estimate(
        full.outcome,
        population,
        contrast,
        "likelihood ratio test",
        float("nan"),
        p_value=float(stats.chi2.sf(statistic, freedom)),
        unit="test",
        statistic_value=statistic,
        df=float(freedom),
    )
