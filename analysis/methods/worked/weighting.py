"""Weights for answering by hand, with the equations of weights and difference in one system for the error."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.methods import weighting
from analysis.methods.worked.arithmetic import NAN, Z, for_all, newton, numbers, share, two_sided
from analysis.methods.worked.example import Example, Worked

# Seven of twelve in the programme; a score and the age at inclusion, and the score later of those who answered.
TWELVE = pd.DataFrame({
    "treated": [True] * 7 + [False] * 5,
    "start": [12.0, 9, 14, 8, 11, 10, 13, 13, 9, 7, 12, 10],
    "age": [34.0, 51, 29, 45, 38, 27, 49, 31, 44, 52, 40, 28],
    "score": [7.0, 8, None, 5, None, 9, 9, 11, None, 8, 12, 9],
})  # fmt: skip
OF_NO_TERM = ("treated", "score")
NAMES = ("n1", "n0", "answered1", "answered0", "least", "largest", "sum1", "sum0", "d", "known_error", "error", "low",
         "high", "z", "p_value")  # fmt: skip


def weights_by_hand(people: pd.DataFrame) -> Worked:
    """The weighted difference at an equal start, with its error from all equations at once."""
    treated, known = people["treated"].to_numpy(bool), people["score"].notna().to_numpy()
    terms, start = _filled(people.drop(columns=list(OF_NO_TERM))), _filled(people[["start"]])
    probability, blocks = np.full(len(people), NAN), []
    for arm in (True, False):
        own = terms[treated == arm]
        z = np.column_stack([np.ones(len(own)), own[:, own.std(axis=0) > 0]])
        z[:, 1:] = (z[:, 1:] - z[:, 1:].mean(axis=0)) / z[:, 1:].std(axis=0)  # changes no probability
        coefficients, _ = newton(known[treated == arm].astype(float), z)
        probability[treated == arm] = share(z @ coefficients)
        blocks.append((treated == arm, z))
    if np.isnan(probability).any():
        return Worked(people, dict.fromkeys(NAMES, NAN))
    weight = known / probability
    x, y = np.column_stack([np.ones(len(people)), treated, start]), np.where(known, numbers(people, "score"), 0.0)
    beta = np.linalg.solve(x.T @ (x * weight[:, None]), x.T @ (weight * y))
    d, error = float(beta[1]), _error(x, y - x @ beta, weight, probability, known, blocks)
    alone = _error(x, y - x @ beta, weight, probability, known, [])
    steps = {"n1": int(treated.sum()), "n0": int((~treated).sum()), "answered1": int((known & treated).sum()),
             "answered0": int((known & ~treated).sum()), "least": weight[known].min(), "largest": weight[known].max(),
             "sum1": weight[treated].sum(), "sum0": weight[~treated].sum(), "d": d, "known_error": alone,
             "error": error, "low": d - Z * error, "high": d + Z * error, "z": d / error,
             "p_value": two_sided(d / error)}  # fmt: skip
    columns = {"probability": probability, "weight": for_all(people, known, weight[known])}
    return Worked(people[["treated", "start", *_others(people), "score"]].assign(**columns), steps)


def _others(people: pd.DataFrame) -> list[str]:
    return [name for name in people if name not in (*OF_NO_TERM, "start")]


def _filled(columns: pd.DataFrame) -> np.ndarray:
    """Numbers, what is not known at the mean of everybody."""
    values = columns.astype(float).to_numpy()
    return np.where(np.isnan(values), np.nanmean(values, axis=0), values)


def _error(
    x: np.ndarray, missed: np.ndarray, weight: np.ndarray, probability: np.ndarray, known: np.ndarray, blocks: list
) -> float:
    """Root of the second element of H⁻¹ (Σ ψψ′) H⁻¹′, ψ all equations of a person: those of the difference, then those
    of each arm's logit. Without the latter the weights are taken as known, and only those who answered count."""
    moments, terms = x * (weight * missed)[:, None], x.shape[1]
    equations, size = [moments], terms + sum(z.shape[1] for _, z in blocks)
    slopes, at = np.zeros((size, size)), terms
    slopes[:terms, :terms] = x.T @ (x * weight[:, None])
    for own, z in blocks:
        place, p = slice(at, at + z.shape[1]), probability[own]
        mine = np.zeros((len(x), z.shape[1]))
        mine[own] = z * (known[own] - p)[:, None]
        equations.append(mine)
        slopes[place, place] = z.T @ (z * (p * (1 - p))[:, None])
        slopes[:terms, place] = moments[own].T @ (z * (1 - p)[:, None])  # a larger p, a smaller weight
        at = place.stop
    psi, inverse = np.column_stack(equations), np.linalg.inv(slopes)
    n = len(x) if blocks else known.sum()
    return float(np.sqrt(n / (n - 1) * (inverse @ psi.T @ psi @ inverse.T)[1, 1]))


def _weights(people: pd.DataFrame) -> Mapping[str, float]:
    frame = people.assign(arm=np.where(people["treated"].astype(bool), "new", "usual"))
    predictors, arms = ["start", *_others(people)], {"treatment": "new", "control": "usual"}
    found = weighting.weighted_difference(frame, "score", ["start"], predictors, **arms)
    robust = weighting.weighted_difference(frame, "score", ["start"], predictors, variance="robust", **arms)
    weights = weighting.answer_weights(frame, "score", predictors, **arms)
    sums = weights.groupby(frame["arm"]).sum()
    return {"answered1": found.n_treated, "answered0": found.n_control, "least": weights.min(),
            "largest": weights.max(), "sum1": sums["new"], "sum0": sums["usual"], "d": found.estimate,
            "known_error": robust.std_error, "error": found.std_error, "low": found.conf_low, "high": found.conf_high,
            "z": found.statistic_value, "p_value": found.p_value}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "answer_weights": Example((weighting.weighted_difference, weighting.answer_weights, weighting.answering,
                               weighting.filled, weighting._of_the_weights), TWELVE, weights_by_hand, _weights,
                              "answers_and_background"),
}  # fmt: skip
