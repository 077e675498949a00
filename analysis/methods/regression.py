"""Logistic regression with marginal effects, as the evaluation reports it and as one would standardise it today."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit
from statsmodels.discrete.discrete_model import BinaryResultsWrapper, Logit
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.recording import NO_ANSWER, recorded

CONSTANT = "constant"
AT = {"means": "mean", "average": "overall"}
DUMMY_CHANGES = {"discrete": True, "derivative": False}


class NotEstimable(ValueError):
    """The data cannot identify the model: a term that never varies, terms that repeat one another, or separation."""


@dataclass(frozen=True)
class LogitFit:
    """A fitted logit. `design` has one row per person: a leading column of ones, then the terms.

    `results` is the fit to the terms in units of their spread about their mean (see `_standardised`); `back` turns its
    coefficients into those of `design`.
    """

    outcome: str
    terms: tuple[str, ...]
    design: pd.DataFrame = field(metadata=NO_ANSWER)
    results: BinaryResultsWrapper
    back: np.ndarray

    @property
    def n(self) -> int:
        """People in the model."""
        return len(self.design)

    @property
    def pseudo_r2(self) -> float:
        """McFadden's R²: 1 − log-likelihood of the model / log-likelihood with only a constant."""
        return float(1 - self.results.llf / self.results.llnull)

    @cached_property
    def params(self) -> np.ndarray:
        """Coefficients on the log-odds scale, the constant first."""
        return self.back @ np.asarray(self.results.params)

    @cached_property
    def covariance(self) -> np.ndarray:
        """Covariance of `params`."""
        return self.back @ np.asarray(self.results.cov_params()) @ self.back.T

    @property
    def log_likelihood(self) -> float:
        return float(self.results.llf)

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """One row per term, the constant first: estimate and std_error on the log-odds scale, z and p_value."""
        errors = np.sqrt(np.diag(self.covariance))
        z = self.params / errors
        return pd.DataFrame(
            {
                "term": [CONSTANT, *self.terms],
                "estimate": self.params,
                "std_error": errors,
                "z": z,
                "p_value": 2 * stats.norm.sf(np.abs(z)),
            }
        )


def with_products(frame: pd.DataFrame, indicator: str, products: Mapping[str, str]) -> pd.DataFrame:
    """The frame with product terms added: `products` maps the new column to the one multiplied by `indicator`."""
    added = {name: frame[indicator].astype(float) * frame[column].astype(float) for name, column in products.items()}
    return frame.assign(**added)


@recorded
def fit_logit(frame: pd.DataFrame, outcome: str, terms: Sequence[str]) -> LogitFit:
    """Maximum-likelihood logit of a bool outcome on the terms and a constant.

    `frame` has one row per person; bools count as 0 and 1. People who lack the outcome or a term are left out. Raises
    NotEstimable, naming the terms where it can, when a term does not vary, terms are collinear, or the outcome is
    perfectly separated. Terms far from zero, such as a calendar year, are no reason. Checked against R 4 `glm(family =
    binomial)` (tests/reference/employment.R).
    """
    rows = frame[[outcome, *terms]].dropna().astype(float)
    constant = [term for term in terms if rows[term].nunique() < 2]
    if constant or rows[outcome].nunique() < 2:
        raise NotEstimable(f"no variation in: {', '.join(constant or [outcome])}")
    design = rows[list(terms)].copy()
    design.insert(0, CONSTANT, 1.0)
    scaled, back = _standardised(design)
    if np.linalg.matrix_rank(np.linalg.qr((scaled / np.sqrt((scaled**2).mean())).to_numpy(), mode="r")) < len(back):
        raise NotEstimable(f"terms repeat one another among: {', '.join(terms)}")
    return LogitFit(outcome, tuple(terms), design, _maximise(rows[outcome], scaled), back)


def _standardised(design: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The design with each term less its mean, over its standard deviation; and what turns coefficients back.

    Columns of ones and noughts stay as they are, so that a dummy is still seen to be one. On one scale the search
    converges and collinear terms are told from terms that are only large or far from zero (kroner, calendar years).
    """
    numbers = [column for column in design if not design[column].isin([0.0, 1.0]).all()]
    means, spreads = design[numbers].mean(), design[numbers].std(ddof=0)
    scaled, back = design.assign(**(design[numbers] - means) / spreads), np.eye(design.shape[1])
    places = design.columns.get_indexer(numbers)
    back[places, places] = 1 / spreads
    back[0, places] = -means / spreads
    return scaled, back


def _maximise(outcome: pd.Series, design: pd.DataFrame) -> BinaryResultsWrapper:
    """Newton's method; a fit that separates or does not converge is an error rather than a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", category=PerfectSeparationWarning)
        warnings.simplefilter("error", category=ConvergenceWarning)
        try:
            return Logit(outcome, design, check_rank=False).fit(disp=False, maxiter=100, tol=1e-12)
        except (PerfectSeparationWarning, ConvergenceWarning, np.linalg.LinAlgError) as error:
            raise NotEstimable(f"the logit of {outcome.name} has no finite maximum: {error}") from error


@recorded
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
    units = np.diag(fit.back)[1:]  # effects are per standard deviation of a term, and wanted per unit
    z_critical = stats.norm.ppf(0.5 + conf_level / 2)
    rows = []
    for term, effect, error in zip(fit.terms, effects.margeff * units, effects.margeff_se * units, strict=True):
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


@recorded
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
    (share_1, gradient_1), (share_0, gradient_0) = (
        _mean_probability(design, fit.terms, fit.params) for design in (treated_design, control_design)
    )
    difference, gradient = share_1 - share_0, gradient_1 - gradient_0
    error = float(np.sqrt(gradient @ fit.covariance @ gradient))
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


@recorded
def adjusted_difference_in_shares(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str],
    *,
    treatment: str,
    control: str,
    population: str = "all",
    conf_level: float = 0.95,
) -> Estimate:
    """Difference between the arms in a share at equal covariates: a logit, everybody treated against nobody.

    `frame` has one row per person: `arm`, the bool outcome, numeric or bool covariates; with the measure at inclusion
    as covariate, the arms are compared at an equal start. People who lack one of them are left out. Estimate and
    standard error as `average_contrast`; NaN where the data cannot identify the logit. Checked against R 4
    (tests/reference/health.R).
    """
    rows = frame.loc[frame["arm"].isin([treatment, control]), ["arm", outcome, *covariates]].dropna()
    rows = rows.assign(treated=(rows["arm"] == treatment).astype(float))
    sizes = {"n_treated": int(rows["treated"].sum()), "n_control": int((1 - rows["treated"]).sum())}
    names = {"population": population, "contrast": f"{treatment}_vs_{control}", "conf_level": conf_level}
    try:
        fit = fit_logit(rows, outcome, ["treated", *covariates])
    except NotEstimable:
        nothing = float("nan")
        return Estimate(outcome, method="logit, not estimable", estimate=nothing, **names, **sizes)
    designs = (fit.design.assign(treated=arm) for arm in (1.0, 0.0))
    return replace(average_contrast(fit, *designs, **names), **sizes)


def _mean_probability(design: pd.DataFrame, terms: Iterable[str], params: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean predicted probability and its gradient with respect to the parameters."""
    matrix = np.column_stack([np.ones(len(design)), design[list(terms)].astype(float).to_numpy()])
    probability = expit(matrix @ params)
    return float(probability.mean()), (matrix * (probability * (1 - probability))[:, None]).mean(axis=0)


@recorded
def likelihood_ratio_test(full: LogitFit, restricted: LogitFit, *, population: str = "all", contrast: str) -> Estimate:
    """Test that the terms of `full` beyond those of `restricted` are all zero: 2(ℓ_full − ℓ_restricted) ~ χ².

    Both must be fitted to the same people, else ValueError. The estimate itself is NaN: the row carries a test.
    """
    if not set(restricted.terms) < set(full.terms) or not restricted.design.index.equals(full.design.index):
        raise ValueError("the restricted model must drop terms of the full model and use the same people")
    statistic = 2 * (full.log_likelihood - restricted.log_likelihood)
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
