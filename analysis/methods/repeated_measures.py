"""Mixed model for repeated measures (MMRM): differences at each wave from all known scores, by restricted likelihood.

The covariance of a person's scores over the waves has no structure: every wave has its own variance and every pair of
waves its own covariance. It is tested against a random intercept: one variance and one covariance for all.
statsmodels' MixedLM has random effects only, and no other Python package gives this covariance.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import minimize

from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.recording import recorded
from analysis.methods.regression import NotEstimable

UNSTRUCTURED, RANDOM_INTERCEPT = "unstructured", "random intercept"
METHOD = "MMRM, unstructured covariance, Satterthwaite"
# Of the gradient of the deviance at its minimum, scores in units of their spread; and of the Hessian's eigenvalues.
_FLAT, _SINGULAR = 1e-3, 1e-7
# Steps from where the search stops, so that the last digits do not hang on how a processor adds.
_NEWTON_STEPS = 3
_STEP = 1e-4

# A covariance from its parameters, with its derivative by each of them.
Covariance = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class RepeatedMeasuresFit:
    """A fitted model: `coefficients` and their covariance, and the covariance of one person's scores over the waves.

    log_likelihood is the restricted one; `parameters` counts those of the covariance of scores. `slopes` holds the
    derivative of the covariance of the coefficients by each of them, `spread` their own covariance.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    of_scores: np.ndarray
    log_likelihood: float
    slopes: np.ndarray
    spread: np.ndarray

    @property
    def parameters(self) -> int:
        return len(self.slopes)

    def contrast(self, weights: np.ndarray) -> tuple[float, float, float]:
        """Estimate, standard error and degrees of freedom of a weighted sum of coefficients.

        Satterthwaite: df = 2v²/(g′Ag), v the variance of the sum, g its derivative by the parameters of the covariance
        and A their covariance, the inverse of the observed information (Fai and Cornelius 1996).
        """
        variance = float(weights @ self.covariance @ weights)
        gradient = np.einsum("i,pij,j->p", weights, self.slopes, weights)
        df = 2 * variance**2 / float(gradient @ self.spread @ gradient)
        return float(weights @ self.coefficients), float(np.sqrt(variance)), df


@recorded
def fit_repeated_measures(
    outcome: np.ndarray, design: np.ndarray, structure: str = UNSTRUCTURED
) -> RepeatedMeasuresFit:
    """Linear model of scores that are correlated within a person, by restricted maximum likelihood (REML).

    `outcome` has one row a person and one column a wave, NaN where unknown; `design` is people × waves × terms. A
    person's known scores are normal about their design times the coefficients, with the covariance `structure` over the
    waves; people without any known score do not count. The search runs over the log-Cholesky parameters (Pinheiro and
    Bates 1996) or the log standard deviations of a random intercept and residual, with the analytic gradient. Raises
    NotEstimable where the data cannot identify the model. Checked against R's mmrm (tests/reference/mmrm_published.csv)
    and nlme::gls and nlme::lme (tests/reference/mmrm.R, tests/reference/health.R).
    """
    spread = float(np.nanstd(outcome)) if np.isfinite(outcome).any() else 0.0
    rows = design[np.isfinite(outcome)]
    if spread <= 0 or len(rows) <= rows.shape[1] or np.linalg.matrix_rank(rows) < rows.shape[1]:
        raise NotEstimable("too few scores for the terms of the model, or terms that repeat one another")
    sums = _sums(outcome / spread, design)
    covariance, start = _STRUCTURES[structure](outcome.shape[1])
    best = minimize(_deviance, start, args=(covariance, sums), jac=True, method="BFGS", options={"gtol": 1e-7})
    hessian = _hessian(best.x, covariance, sums)
    eigenvalues = np.linalg.eigvalsh(hessian) if np.isfinite(hessian).all() else np.zeros(1)
    if not np.isfinite(best.fun) or abs(best.jac).max() > _FLAT or eigenvalues[0] <= _SINGULAR * eigenvalues[-1]:
        raise NotEstimable(f"the {structure} covariance of the scores cannot be told from the data")
    top = best.x
    for _ in range(_NEWTON_STEPS):
        top = top - np.linalg.solve(hessian, _deviance(top, covariance, sums)[1])
    return _result(top, _hessian(top, covariance, sums), covariance, sums, spread)


@dataclass(frozen=True)
class _Sums:
    """All that the likelihood needs, by pattern of known waves: nothing in it grows with the number of people.

    known: patterns × waves. people: number by pattern. products: patterns × waves × columns × waves × columns, the
    products of the columns (terms, last the score) of every two known waves, summed over people.
    """

    known: np.ndarray
    people: np.ndarray
    products: np.ndarray

    @property
    def answers(self) -> int:
        return int(self.people @ self.known.sum(axis=1))


def _sums(outcome: np.ndarray, design: np.ndarray) -> _Sums:
    known = np.isfinite(outcome)
    columns = np.where(known[:, :, None], np.concatenate([design, outcome[:, :, None]], axis=2), 0.0)
    kinds, kind, people = np.unique(known, axis=0, return_inverse=True, return_counts=True)
    groups = [columns[kind.ravel() == number] for number in range(len(kinds))]
    return _Sums(kinds, people, np.stack([np.tensordot(group, group, (0, 0)) for group in groups]))


def _unstructured(waves: int) -> tuple[Covariance, np.ndarray]:
    """Σ = LL′ with L lower triangular and the logarithms of its diagonal as parameters; the start is Σ = 1."""
    rows, columns = np.tril_indices(waves)
    diagonal = rows == columns
    places = np.zeros((len(rows), waves, waves))
    places[np.arange(len(rows)), rows, columns] = 1

    def covariance(parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values = np.where(diagonal, np.exp(np.where(diagonal, parameters, 0)), parameters)
        root = np.zeros((waves, waves))
        root[rows, columns] = values
        half = np.where(diagonal, values, 1.0)[:, None, None] * (places @ root.T)
        return root @ root.T, half + half.transpose(0, 2, 1)

    return covariance, np.zeros(len(rows))


def _random_intercept(waves: int) -> tuple[Covariance, np.ndarray]:
    """Σ = τ²11′ + σ²I with log τ and log σ as parameters; the start has half the variance between people."""
    parts = np.stack([np.ones((waves, waves)), np.eye(waves)])

    def covariance(parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        own = np.exp(2 * parameters)[:, None, None] * parts
        return own.sum(axis=0), 2 * own

    return covariance, np.full(2, np.log(0.5) / 2)


_STRUCTURES = {UNSTRUCTURED: _unstructured, RANDOM_INTERCEPT: _random_intercept}


def _solve(sigma: np.ndarray, sums: _Sums) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inverse covariances by pattern, nought at unknown waves; coefficients of generalised least squares and their
    covariance."""
    both = sums.known[:, :, None] & sums.known[:, None, :]
    inverses = np.where(both, np.linalg.inv(np.where(both, sigma, np.eye(len(sigma)))), 0.0)
    information = np.einsum("pakbl,pab->kl", sums.products, inverses)
    covariance = np.linalg.inv(information[:-1, :-1])
    return inverses, covariance @ information[:-1, -1], covariance


def _deviance(parameters: np.ndarray, of: Covariance, sums: _Sums) -> tuple[float, np.ndarray]:
    """−2 × restricted log-likelihood without its constant, and its gradient.

    Σᵢ log|Vᵢ| + rᵢ′Vᵢ⁻¹rᵢ + log|ΣᵢXᵢ′Vᵢ⁻¹Xᵢ|; by V it changes as V⁻¹ − V⁻¹(rr′ + XCX′)V⁻¹, C the covariance of the
    coefficients.
    """
    sigma, slopes = of(parameters)
    try:
        inverses, coefficients, covariance = _solve(sigma, sums)
    except np.linalg.LinAlgError:
        return np.inf, np.zeros_like(parameters)
    residual = np.append(-coefficients, 1.0)
    squares = np.einsum("pakbl,k,l->pab", sums.products, residual, residual)
    inner = squares + np.einsum("pakbl,kl->pab", sums.products[:, :, :-1, :, :-1], covariance)
    determinants = np.linalg.slogdet(inverses + np.eye(len(sigma)) * ~sums.known[:, None, :])[1]
    deviance = (inverses * squares).sum() - sums.people @ determinants - np.linalg.slogdet(covariance)[1]
    by_sigma = (sums.people[:, None, None] * inverses - inverses @ inner @ inverses).sum(axis=0)
    return float(deviance), np.einsum("ab,qab->q", by_sigma, slopes)


def _hessian(parameters: np.ndarray, of: Covariance, sums: _Sums) -> np.ndarray:
    """Second derivatives of the deviance: central differences of its gradient."""
    steps = _STEP * np.eye(len(parameters))
    rows = [_deviance(parameters + step, of, sums)[1] - _deviance(parameters - step, of, sums)[1] for step in steps]
    hessian = np.array(rows) / (2 * _STEP)
    return (hessian + hessian.T) / 2


def _result(
    parameters: np.ndarray, hessian: np.ndarray, of: Covariance, sums: _Sums, spread: float
) -> RepeatedMeasuresFit:
    """The fit in the scores' own units."""
    sigma, slopes = of(parameters)
    inverses, coefficients, covariance = _solve(sigma, sums)
    changes = np.einsum("pab,qbc,pcd->qpad", inverses, slopes, inverses, optimize=True)
    information = np.einsum("pakbl,qpab->qkl", sums.products[:, :, :-1, :, :-1], changes)
    constant = (sums.answers - len(coefficients)) * np.log(2 * np.pi * spread**2)
    return RepeatedMeasuresFit(
        spread * coefficients,
        spread**2 * covariance,
        spread**2 * sigma,
        -(_deviance(parameters, of, sums)[0] + constant) / 2,
        spread**2 * covariance @ information @ covariance,
        2 * np.linalg.inv(hessian),
    )


@recorded
def arms_over_waves(
    scores: pd.DataFrame, people: pd.DataFrame, score: str, waves: Sequence[int], *, treatment: str, control: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """Scores side by side and the design of the comparison of two arms that are equal at the first of `waves`.

    One row a person of either arm with any known score: `arm`, then one column a wave. Terms of the design: a mean for
    each wave, and the difference, treatment minus control, for each wave but the first, where the arms are held equal
    because they were allocated by lot (constrained longitudinal analysis; Liang and Zeger 2000).
    """
    known = scores.loc[scores[score].notna() & scores["wave"].isin(waves), ["participant_id", "wave", score]]
    wide = known.pivot(index="participant_id", columns="wave", values=score).reindex(columns=list(waves)).astype(float)
    arms = people.loc[people["arm"].isin([treatment, control])].set_index("participant_id")["arm"].astype(str)
    rows = arms.to_frame().join(wide, how="inner")
    treated = (rows["arm"] == treatment).to_numpy(dtype=float)
    each = np.eye(len(waves))
    design = np.concatenate([np.broadcast_to(each, (len(rows), *each.shape)),
                             treated[:, None, None] * each[:, 1:]], axis=2)  # fmt: skip
    return rows, design


@recorded
def repeated_measures_differences(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    score: str,
    waves: Sequence[int],
    *,
    treatment: str,
    control: str,
    population: str = "all",
    unit: str = "score",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Differences between the arms at each follow-up wave by an MMRM: an estimate frame of one row a follow-up wave.

    `scores` has one row a participant and wave, `people` one a participant with `arm`. The arms are held equal at the
    first wave (see `arms_over_waves`), the covariance over the waves is unstructured. Everyone with at least one known
    score counts; the estimates hold if whether someone answered depends only on arm and known scores (missing at
    random). Outcome "<score>_m<wave>"; t interval and test with Satterthwaite's degrees of freedom; n counts people
    with any known score. NaN where there are too few scores for the model. Checked as `fit_repeated_measures`.
    """
    rows, design = arms_over_waves(scores, people, score, waves, treatment=treatment, control=control)
    sizes = rows["arm"].value_counts()
    names = {
        "population": population, "contrast": f"{treatment}_vs_{control}", "method": METHOD, "unit": unit,
        "conf_level": conf_level, "n_treated": int(sizes.get(treatment, 0)), "n_control": int(sizes.get(control, 0)),
    }  # fmt: skip
    outcomes = [f"{score}_m{wave}" for wave in waves[1:]]
    try:
        fitted = fit_repeated_measures(rows[list(waves)].to_numpy(), design)
    except NotEstimable:
        return estimate_frame({"outcome": outcome, "estimate": float("nan"), **names} for outcome in outcomes)
    weights = np.eye(design.shape[2])[len(waves) :]
    return estimate_frame(
        {"outcome": outcome, **names, **_t_row(*fitted.contrast(own), conf_level)}
        for outcome, own in zip(outcomes, weights, strict=True)
    )


def _t_row(estimate: float, std_error: float, df: float, conf_level: float) -> dict[str, float]:
    half_width = stats.t.ppf(0.5 + conf_level / 2, df) * std_error
    return {
        "estimate": estimate,
        "std_error": std_error,
        "conf_low": estimate - half_width,
        "conf_high": estimate + half_width,
        "p_value": float(2 * stats.t.sf(abs(estimate / std_error), df)),
        "statistic_value": estimate / std_error,
        "df": df,
    }


@recorded
def covariance_test(
    scores: pd.DataFrame, people: pd.DataFrame, score: str, waves: Sequence[int], *, treatment: str, control: str
) -> Estimate:
    """Whether a random intercept describes the scores as well as a covariance without structure: likelihood ratio test.

    Both models have the terms of `arms_over_waves`, so that their restricted likelihoods can be compared;
    2(ℓ_unstructured − ℓ_intercept) ~ χ² on the difference in the number of covariance parameters. The estimate itself
    is NaN: the row carries a test, itself NaN where either model cannot be fitted.
    """
    rows, design = arms_over_waves(scores, people, score, waves, treatment=treatment, control=control)
    names = {"outcome": score, "population": "all", "contrast": f"{UNSTRUCTURED}_vs_{RANDOM_INTERCEPT}",
             "method": "likelihood ratio test", "unit": "test", "estimate": float("nan")}  # fmt: skip
    try:
        full, simple = (fit_repeated_measures(rows[list(waves)].to_numpy(), design, structure)
                        for structure in (UNSTRUCTURED, RANDOM_INTERCEPT))  # fmt: skip
    except NotEstimable:
        return Estimate(**names)
    statistic, df = 2 * (full.log_likelihood - simple.log_likelihood), full.parameters - simple.parameters
    return Estimate(**names, p_value=float(stats.chi2.sf(statistic, df)), statistic_value=statistic, df=float(df))
