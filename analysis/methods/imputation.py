"""Missing scores at the last wave imputed by their conditional mean: at random, or by reference to the control arm.

Conditional mean imputation with the jackknife (Wolbers and others 2022), one of the ways of R's rbmi, instead of draws
with Rubin's rules: it gives the same number each time, without error of a draw; it costs no more than some seconds; and
its standard error is that of the estimate over repeated trials, while Rubin's is too wide under reference-based
assumptions (Bartlett 2023). What Rubin's rules add there, that uncertainty should grow with the missing share, is
answered by the deltas of `Imputed.difference`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.leave_one_out import inverses_by_pattern, refit_without_each
from analysis.methods.recording import recorded
from analysis.methods.regression import NotEstimable
from analysis.methods.repeated_measures import arms_over_waves, fit_repeated_measures

AT_RANDOM, JUMP, INCREMENTS = ASSUMPTIONS = ("missing_at_random", "jump_to_reference", "copy_increments")
_TREATED, _CONTROL = len(ASSUMPTIONS), len(ASSUMPTIONS) + 1  # columns of what a delta adds
_COVARIATES = 3  # constant, treated, score at the first wave


@dataclass(frozen=True)
class Imputed:
    """What is needed for the difference between the arms under every assumption about those who are silent.

    whole: the coefficient of the arm for the outcome imputed under each of `ASSUMPTIONS` and, in two further places,
    for being a silent treated and a silent control person, which says what a point more for these adds. without: the
    same without each person in turn, one row a person. missing: shares (0–1) of the treated and of the controls whose
    score at the last wave is missing. n: people in the treatment and in the control arm.
    """

    whole: np.ndarray
    without: np.ndarray
    missing: tuple[float, float]
    n: tuple[int, int]

    def difference(self, assumption: str, treated: float = 0.0, control: float = 0.0) -> tuple[float, float]:
        """Treated minus control and its standard error, the silent of either arm a delta off what is imputed.

        Jackknife: √((n − 1)/n · Σ(dᵢ − d̄)²), dᵢ without person i.
        """
        weights = self.weights(assumption, treated, control)
        each = self.without @ weights
        n = len(each)
        return float(self.whole @ weights), float(np.sqrt((n - 1) / n * ((each - each.mean()) ** 2).sum()))

    def weights(self, assumption: str, treated: float, control: float) -> np.ndarray:
        """What each place of `whole` counts for under an assumption and the two deltas."""
        weights = np.zeros(len(self.whole))
        weights[ASSUMPTIONS.index(assumption)] = 1
        weights[[_TREATED, _CONTROL]] = treated, control
        return weights


@recorded
def impute(
    scores: pd.DataFrame, people: pd.DataFrame, score: str, waves: Sequence[int], *, treatment: str, control: str
) -> Imputed:
    """Everybody's difference at the last of `waves`, whoever is silent there imputed under each assumption.

    `scores` has one row a participant and wave, `people` one a participant with `arm`. An MMRM with a mean for each arm
    and wave (`repeated_measures.arms_over_waves`: one covariance, arms equal at the first wave) gives what is imputed:
    with a person's known waves O, last known wave j and own mean m,

        m*(last) + Σ(last, O) Σ(O, O)⁻¹ (y(O) − m(O)),

    m* the own arm's mean (missing at random), the control arm's (jump to reference), or the control arm's plus how far
    the own arm lay from it at j (copy increments in reference); these two change only the treated (Carpenter, Roger and
    Kenward 2013). A missing score at the first wave takes its conditional mean, too; people without any score count
    with the means. The completed scores are compared by least squares on arm and score at the first wave; the model,
    the imputation and the comparison are repeated without each person. Raises NotEstimable where the model is.

    Checked against R to 1e-6: nlme::gls fitted again without each person and the formula written out
    (tests/reference/missing.R).
    """
    rows, design = arms_over_waves(scores, people, score, waves, treatment=treatment, control=control)
    arms = people.loc[people["arm"].isin([treatment, control])].set_index("participant_id")["arm"].astype(str)
    everyone = rows[list(waves)].reindex(arms.index).to_numpy(dtype=float)
    outcome = rows[list(waves)].to_numpy(dtype=float)
    fit = fit_repeated_measures(outcome, design)
    coefficients, covariances = refit_without_each(fit, outcome, design)
    place = pd.Series(np.arange(len(rows)), index=rows.index).reindex(arms.index).to_numpy()
    told = ~np.isnan(place)
    of = np.where(told, place, len(rows)).astype(int)  # leaving out who told nothing leaves the model as it is
    coefficients = np.concatenate([coefficients, fit.coefficients[None]])
    covariances = np.concatenate([covariances, fit.of_scores[None]])
    groups = _groups(everyone, (arms == treatment).to_numpy(dtype=float))
    whole = _effects(groups, coefficients[-1:], covariances[-1:])[0]
    without = _effects(groups, coefficients[of], covariances[of], np.arange(len(arms)))
    if not (np.isfinite(whole).all() and np.isfinite(without).all()):
        raise NotEstimable("too few people to compare the completed scores")
    silent = pd.Series(np.isnan(everyone[:, -1]), index=arms.to_numpy())
    shares = tuple(float(silent[[arm]].mean()) for arm in (treatment, control))
    return Imputed(whole, without, shares, tuple(int((arms == arm).sum()) for arm in (treatment, control)))


@dataclass(frozen=True)
class _Groups:
    """People by pattern of known waves and arm, all that the comparison needs of them.

    rows: everybody's constant and scores, nought where unknown. group: each person's group. known: groups × waves.
    treated: of each group. sums: products of `rows` summed over each group.
    """

    rows: np.ndarray
    group: np.ndarray
    known: np.ndarray
    treated: np.ndarray
    sums: np.ndarray


def _groups(scores: np.ndarray, treated: np.ndarray) -> _Groups:
    known = np.isfinite(scores)
    kinds, group = np.unique(np.column_stack([known, treated]), axis=0, return_inverse=True)
    group = group.ravel()
    rows = np.column_stack([np.ones(len(scores)), np.where(known, scores, 0.0)])
    sums = np.stack([rows[group == number].T @ rows[group == number] for number in range(len(kinds))])
    return _Groups(rows, group, kinds[:, :-1].astype(bool), kinds[:, -1], sums)


def _effects(
    groups: _Groups, coefficients: np.ndarray, sigma: np.ndarray, left: np.ndarray | None = None
) -> np.ndarray:
    """Coefficient of the arm for each completed outcome, one row a model; with `left` each without one person."""
    maps = _completing(groups, coefficients, sigma)
    products = np.einsum("mgik,gkl,mgjl->mij", maps, groups.sums, maps, optimize=True)
    if left is not None:
        own = np.einsum("mik,mk->mi", maps[np.arange(len(left)), groups.group[left]], groups.rows[left])
        products -= own[:, :, None] * own[:, None, :]
    design, rest = products[:, :_COVARIATES, :_COVARIATES], products[:, :_COVARIATES, _COVARIATES:]
    try:
        return np.linalg.solve(design, rest)[:, 1]
    except np.linalg.LinAlgError:
        return np.full((len(products), rest.shape[2]), np.nan)


def _completing(groups: _Groups, coefficients: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """What turns constant and known scores into the completed columns, for each model and group.

    Models × groups × columns × (constant and waves). Columns: constant, treated, score at the first wave, outcome under
    each assumption, silent treated, silent control.
    """
    many, (count, waves) = len(sigma), groups.known.shape
    mean, gap = coefficients[:, None, :waves], np.pad(coefficients[:, None, waves:], ((0, 0), (0, 0), (1, 0)))
    treated, silent = groups.treated[None, :, None], ~groups.known[:, -1]
    own = mean + treated * gap
    inverses = inverses_by_pattern(sigma, groups.known)
    first, last = (sigma[:, None, place, :] for place in (0, -1))
    maps = np.zeros((many, count, _COVARIATES + len(ASSUMPTIONS) + 2, 1 + waves))
    maps[:, :, 0, 0] = 1
    maps[:, :, 1, 0] = groups.treated
    maps[:, :, 2, 1:] = np.einsum("mgi,mgij->mgj", np.broadcast_to(first, own.shape), inverses)
    maps[:, :, 2, 0] = own[:, :, 0] - np.einsum("mgi,mgi->mg", maps[:, :, 2, 1:], own)
    slopes = np.einsum("mgi,mgij->mgj", np.broadcast_to(last, own.shape), inverses)
    known = np.einsum("mgi,mgi->mg", slopes, own)
    for place, start in enumerate(_means_of_the_silent(groups, own, gap), start=_COVARIATES):
        maps[:, :, place, 1:] = slopes
        maps[:, :, place, 0] = start - known
    maps[:, :, -2, 0] = silent * groups.treated
    maps[:, :, -1, 0] = silent * (1 - groups.treated)
    return maps


def _means_of_the_silent(groups: _Groups, own: np.ndarray, gap: np.ndarray) -> tuple[np.ndarray, ...]:
    """The mean at the last wave that what is imputed starts from, by assumption, for each model and group.

    Who is known at the last wave keeps the own mean, which then falls out.
    """
    silent = (~groups.known[:, -1] * groups.treated)[None, :]
    jump = own[:, :, -1] - silent * gap[:, :, -1]
    waves = groups.known.shape[1]
    last = np.where(groups.known.any(axis=1), waves - 1 - groups.known[:, ::-1].argmax(axis=1), 0)
    return own[:, :, -1], jump, jump + silent * gap[:, 0, last]


@recorded
def imputed_differences(
    imputed: Imputed, outcome: str, contrast: str, *, population: str = "all", unit: str = "score",
    conf_level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """The difference under each assumption: an estimate frame, one row each in the order of `ASSUMPTIONS`.

    Normal intervals and tests, as with rbmi's jackknife; n counts everybody in the arms.
    """
    found = [
        Estimate.normal(
            outcome, population, contrast, f"conditional mean imputation, {name.replace('_', ' ')}, jackknife",
            *imputed.difference(name), conf_level, *imputed.n,
        )
        for name in ASSUMPTIONS
    ]  # fmt: skip
    return estimate_frame(replace(each, unit=unit) for each in found)


@recorded
def tipping_map(
    imputed: Imputed, treated: Sequence[float], control: Sequence[float], conf_level: float = 0.95
) -> pd.DataFrame:
    """The difference when the silent of either arm lie deltas off what is imputed at random: one row a pair of deltas.

    Columns: treated, control (the deltas, in points), estimate, std_error, conf_low, conf_high. The standard errors are
    those of the jackknife at the deltas, which are taken as given.
    """
    z = stats.norm.ppf(0.5 + conf_level / 2)
    rows = [(one, other, *imputed.difference(AT_RANDOM, one, other)) for one in treated for other in control]
    frame = pd.DataFrame(rows, columns=["treated", "control", "estimate", "std_error"])
    half = z * frame["std_error"]
    return frame.assign(conf_low=frame["estimate"] - half, conf_high=frame["estimate"] + half)


@recorded
def tipping_delta(imputed: Imputed, treated: float = 1.0, control: float = 0.0, conf_level: float = 0.95) -> float:
    """How far the silent must lie off what is imputed at random for the nearer end of the interval to be nought.

    The silent treated lie `treated` · δ off, silent controls `control` · δ; the answer is the δ nearest nought where a
    difference that is clear stops being so, or one that is not becomes so. It solves d(δ)² = z²·var(d(δ)), a square
    equation, since d is a line in δ and var a square. NaN where nobody is silent or no δ does it.
    """
    z = stats.norm.ppf(0.5 + conf_level / 2)
    start, slope = (imputed.weights(AT_RANDOM, *of) for of in ((0.0, 0.0), (treated, control)))
    slope[ASSUMPTIONS.index(AT_RANDOM)] = 0
    if not any(share * by for share, by in zip(imputed.missing, (treated, control), strict=True)):
        return float("nan")
    both = np.array([start, slope])
    v = z**2 * np.cov((imputed.without @ both.T).T) * (len(imputed.without) - 1) ** 2 / len(imputed.without)
    d, by = both @ imputed.whole
    roots = np.roots([by**2 - v[1, 1], 2 * (d * by - v[0, 1]), d**2 - v[0, 0]])
    real = roots[np.isreal(roots)].real
    return float(real[np.abs(real).argmin()]) if len(real) else float("nan")
