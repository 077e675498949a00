"""The mixed model for repeated measures by hand: person for person, by another search than the method's.

The method counts patterns of known scores and searches over logarithms of a root of Σ. Here each person has a block of
their own, and the elements of Σ are found by Fisher's and Newton's steps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import repeated_measures
from analysis.methods.worked.example import Example, Worked

# Six of ten in the programme, with a score at inclusion and at two later questionnaires.
TEN = pd.DataFrame({
    "treated": [True] * 6 + [False] * 4,
    "first": [12.0, 9, 14, 8, 11, 10, 13, 9, 7, 12],
    "middle": [9.0, 8, 10, 5, None, 8, 13, 7, 9, 11],
    "last": [7.0, 8, None, 5, None, 9, 11, 9, None, 12],
})  # fmt: skip
WAVES = ("first", "middle", "last")
# Σ is a sum of its elements times these: a variance for each wave and a covariance for each pair.
PLACES = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
FREE = np.stack([np.maximum(unit, unit.T) for unit in (np.eye(3)[[a]].T @ np.eye(3)[[b]] for a, b in PLACES)])
# The random intercept has one variance between people and one within them.
MODEL_STEPS = ("s11", "s12", "s13", "s22", "s23", "s33", "slope", "mu1", "mu2", "mu3", "b2", "b3", "v", "se", "df",
               "quantile", "low", "high", "p_value")  # fmt: skip
TEST_STEPS = ("between", "within", "simple", "free", "ratio", "df", "p_value")
INTERCEPT = np.stack([np.ones((3, 3)), np.eye(3)])


@dataclass(frozen=True)
class _Fit:
    """What hangs on Σ: coefficients, their covariance, residuals, −2ℓ but for its constant, and its slopes."""

    beta: np.ndarray
    covariance: np.ndarray
    inverses: np.ndarray
    residuals: np.ndarray
    deviance: float
    slopes: np.ndarray


def _known(people: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores with nought for what is not known, what is known, and the design of everybody with any score."""
    scores = people[list(WAVES)].to_numpy(float)
    known = ~np.isnan(scores)
    own = known.any(axis=1)
    scores, known, treated = np.where(known, scores, 0.0)[own], known[own], people["treated"].to_numpy(float)[own]
    means = np.broadcast_to(np.eye(3), (len(scores), 3, 3))  # a mean for each wave
    effects = treated[:, None, None] * np.eye(3)[:, 1:]  # and a difference at each but the first
    return scores, known, known[:, :, None] * np.concatenate([means, effects], axis=2)


def _fit(theta: np.ndarray, bases: np.ndarray, scores: np.ndarray, known: np.ndarray, design: np.ndarray) -> _Fit:
    """Generalised least squares with Σ = Σ θ_k B_k, and how −2ℓ changes with each θ."""
    sigma = np.einsum("k,kab->ab", theta, bases)
    both = known[:, :, None] & known[:, None, :]
    blocks = np.where(both, sigma, np.eye(3))  # V of each person, filled up so that it can be turned round
    inverses = np.where(both, np.linalg.inv(blocks), 0.0)
    weighted = np.einsum("iab,ibk->iak", inverses, design)  # V⁻¹X
    covariance = np.linalg.inv(np.einsum("iak,ial->kl", design, weighted))
    beta = covariance @ np.einsum("iak,ia->k", weighted, scores)
    residuals = known * (scores - design @ beta)
    pulled = np.einsum("iab,ib->ia", inverses, residuals)  # V⁻¹r
    determinants = np.log(np.linalg.det(blocks)).sum()
    deviance = determinants + (residuals * pulled).sum() - np.log(np.linalg.det(covariance))
    by_person = inverses - np.einsum("ia,ib->iab", pulled, pulled) - np.einsum(
        "iak,kl,ibl->iab", weighted, covariance, weighted)  # fmt: skip
    return _Fit(beta, covariance, inverses, residuals, deviance, np.einsum("iab,kab->k", by_person, bases))


def _bends(theta: np.ndarray, bases: np.ndarray, *data: np.ndarray) -> np.ndarray:
    """Second derivatives of −2ℓ: its slopes at θ with a small imaginary part, which loses no digits."""
    steps = 1e-20j * np.eye(len(theta))
    return np.stack([_fit(theta + step, bases, *data).slopes.imag / 1e-20 for step in steps])


def _search(bases: np.ndarray, start: np.ndarray, *data: np.ndarray) -> np.ndarray:
    """θ where −2ℓ is smallest: Fisher's steps, halved where they go too far, and at the end Newton's.

    Raises LinAlgError where the scores do not tell it.
    """
    theta = start
    for _ in range(200):
        here = _fit(theta, bases, *data)
        expected = np.einsum("iab,kbc,icd,lda->kl", here.inverses, bases, here.inverses, bases, optimize=True)
        step = np.linalg.solve(expected, here.slopes)
        for _ in range(60):
            if _better(theta - step, here.deviance, bases, *data):
                break
            step = step / 2
        theta = theta - step
        if np.abs(step).max() < 1e-6 * np.abs(theta).max():
            break
    for _ in range(4):
        theta = theta - np.linalg.solve(_bends(theta, bases, *data), _fit(theta, bases, *data).slopes)
    bends = np.linalg.eigvalsh(_bends(theta, bases, *data))
    if not bends[0] > 1e-7 * bends[-1]:
        raise np.linalg.LinAlgError("no smallest −2ℓ")
    return theta


def _better(theta: np.ndarray, than: float, bases: np.ndarray, *data: np.ndarray) -> bool:
    if np.linalg.eigvalsh(np.einsum("k,kab->ab", theta, bases))[0] <= 0:
        return False
    return _fit(theta, bases, *data).deviance <= than + 1e-9 * abs(than)


def likeliest(people: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The means of either arm at the three waves, untreated first, and Σ. LinAlgError where the scores do not tell."""
    data = _known(people)
    theta = _search(FREE, _spread(*data[:2]) * np.array([1, 0.5, 0.5, 1, 0.5, 1]), *data)
    beta = _fit(theta, FREE, *data).beta
    return beta[:3], beta[:3] + np.array([0, beta[3], beta[4]]), np.einsum("k,kab->ab", theta, FREE)


def _spread(scores: np.ndarray, known: np.ndarray) -> float:
    return float(np.var(scores[known]))


def model_by_hand(people: pd.DataFrame) -> Worked:
    """The difference at the last wave, with the covariance of a person's scores at its likeliest."""
    return or_nothing(_model_by_hand, people, MODEL_STEPS)


def or_nothing(way: Callable[[pd.DataFrame], Worked], people: pd.DataFrame, steps: Sequence[str]) -> Worked:
    """The way through, or no number where the scores do not tell the covariance."""
    try:
        with np.errstate(invalid="ignore", divide="ignore"):  # steps that leave what a covariance can be
            return way(people)
    except np.linalg.LinAlgError:
        return Worked(people, dict.fromkeys(steps, float("nan")))


def _model_by_hand(people: pd.DataFrame) -> Worked:
    data = _known(people)
    start = _spread(*data[:2]) * np.array([1, 0.5, 0.5, 1, 0.5, 1])
    theta = _search(FREE, start, *data)
    best = _fit(theta, FREE, *data)
    v, change = best.covariance[4, 4], _change_of_variance(theta, *data)
    spread = 2 * np.linalg.inv(_bends(theta, FREE, *data))  # of the elements of Σ
    df = 2 * v**2 / float(change @ spread @ change)
    b, se, quantile = best.beta[4], np.sqrt(v), stats.t.ppf(0.975, df)
    elements = {f"s{a + 1}{c + 1}": value for (a, c), value in zip(PLACES, theta, strict=True)}
    steps = {**elements, "slope": round(float(np.abs(best.slopes).max()), 6), "mu1": best.beta[0], "mu2": best.beta[1],
             "mu3": best.beta[2], "b2": best.beta[3], "b3": b, "v": v, "se": se, "df": df, "quantile": quantile,
             "low": b - quantile * se, "high": b + quantile * se,
             "p_value": 2 * stats.t.sf(abs(b / se), df)}  # fmt: skip
    weights = _weights(people, best, *data)
    return Worked(people.assign(**weights, expected=_expected(people, theta, best)), steps)


def _weights(people: pd.DataFrame, best: _Fit, *data: np.ndarray) -> dict[str, np.ndarray]:
    """How each known score counts in the last difference, which is the sum of weight times score: CX′V⁻¹."""
    design = data[2]
    of_last = np.einsum("l,ibl,ibc->ic", best.covariance[4], design, best.inverses)
    weights = np.full((len(people), len(WAVES)), np.nan)
    weights[people[list(WAVES)].notna().any(axis=1)] = of_last
    weights[people[list(WAVES)].isna()] = np.nan
    return {f"weight_{wave}": own for wave, own in zip(WAVES, weights.round(12).T, strict=True)}


def _change_of_variance(theta: np.ndarray, *data: np.ndarray) -> np.ndarray:
    """How the variance of the last difference changes with each element of Σ."""
    steps = 1e-20j * np.eye(len(theta))
    return np.array([_fit(theta + step, FREE, *data).covariance[4, 4].imag / 1e-20 for step in steps])


def _expected(people: pd.DataFrame, theta: np.ndarray, best: _Fit) -> np.ndarray:
    """What the model expects of everybody's last score from the arm and the scores that are known of them."""
    scores = people[list(WAVES)].to_numpy(float)
    sigma, treated = np.einsum("k,kab->ab", theta, FREE), people["treated"].to_numpy(float)
    means = best.beta[:3] + treated[:, None] * np.array([0, best.beta[3], best.beta[4]])
    found = []
    for own, mean in zip(scores, means, strict=True):
        known = ~np.isnan(own)
        pull = np.linalg.solve(sigma[np.ix_(known, known)], (own - mean)[known]) if known.any() else np.zeros(0)
        found.append(mean[2] + sigma[2, known] @ pull)
    return np.array(found)


_ARMS = {"treatment": "treated", "control": "others"}


def _tables(people: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    persons = pd.DataFrame({"participant_id": range(len(people)),
                            "arm": np.where(people["treated"].astype(bool), *_ARMS.values())})  # fmt: skip
    waves = [persons[["participant_id"]].assign(wave=wave, score=people[name].to_numpy(float))
             for wave, name in enumerate(WAVES)]  # fmt: skip
    return pd.concat(waves, ignore_index=True), persons


def _model(people: pd.DataFrame) -> Mapping[str, float]:
    tables = _tables(people)
    rows, design = repeated_measures.arms_over_waves(*tables, "score", [0, 1, 2], **_ARMS)
    fit = repeated_measures.fit_repeated_measures(rows[[0, 1, 2]].to_numpy(), design)
    found = repeated_measures.repeated_measures_differences(*tables, "score", [0, 1, 2], **_ARMS)
    middle, last = found.to_dict("records")
    elements = {f"s{a + 1}{b + 1}": fit.of_scores[a, b] for a, b in PLACES}
    return {**elements, "mu1": fit.coefficients[0], "mu2": fit.coefficients[1], "mu3": fit.coefficients[2],
            "b2": middle["estimate"], "b3": last["estimate"], "se": last["std_error"], "df": last["df"],
            "low": last["conf_low"], "high": last["conf_high"], "p_value": last["p_value"]}  # fmt: skip


def test_by_hand(people: pd.DataFrame) -> Worked:
    """Whether one variance between people and one within would do, by the ratio of the likelihoods."""
    return or_nothing(_test_by_hand, people, TEST_STEPS)


def _test_by_hand(people: pd.DataFrame) -> Worked:
    data = _known(people)
    spread = _spread(*data[:2])
    free = _search(FREE, spread * np.array([1, 0.5, 0.5, 1, 0.5, 1]), *data)
    simple = _search(INTERCEPT, np.full(2, spread / 2), *data)
    without, within = (float(_fit(theta, bases, *data).deviance)
                       for theta, bases in ((simple, INTERCEPT), (free, FREE)))  # fmt: skip
    df = len(free) - len(simple)
    ratio = without - within
    steps = {"between": simple[0], "within": simple[1], "simple": without, "free": within, "ratio": ratio, "df": df,
             "p_value": float(stats.chi2.sf(ratio, df))}  # fmt: skip
    return Worked(people, steps)


def _test(people: pd.DataFrame) -> Mapping[str, float]:
    found = repeated_measures.covariance_test(*_tables(people), "score", [0, 1, 2], **_ARMS)
    return {"ratio": found.statistic_value, "df": found.df, "p_value": found.p_value}


EXAMPLES: Mapping[str, Example] = {
    "repeated_measures": Example(
        (repeated_measures.repeated_measures_differences, repeated_measures.arms_over_waves,
         repeated_measures.fit_repeated_measures, repeated_measures._deviance, repeated_measures._solve,
         repeated_measures.RepeatedMeasuresFit.contrast),
        TEN, model_by_hand, _model, "scores",
    ),
    "covariance_test": Example((repeated_measures.covariance_test,), TEN, test_by_hand, _test, "scores"),
}  # fmt: skip
