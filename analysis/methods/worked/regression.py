"""Logits and what is read from them, by hand: the coefficients found by Newton's steps."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import regression
from analysis.methods.worked.arithmetic import (
    NAN,
    Z,
    for_all,
    log_likelihood,
    mean,
    newton,
    numbers,
    ratio,
    share,
    two_sided,
)
from analysis.methods.worked.example import Example, Worked

# Half of ten in the programme; whether they work, how old they are, whether on a long benefit at inclusion.
WORKS = {
    "treated": [True] * 5 + [False] * 5,
    "outcome": pd.array([True, True, False, True, False, False, True, False, True, False], dtype="boolean"),
}
AGED = pd.DataFrame({**WORKS, "age": [31.0, 44, 52, 28, 39, 35, 47, 58, 25, 41]})
SCORED = pd.DataFrame({**WORKS, "start": [7.0, 9, 4, 12, 8, 6, 11, 5, 7, 9]})
# Twelve, since each group must have both outcomes in both arms.
GROUPED = pd.DataFrame({
    "treated": [True] * 6 + [False] * 6,
    "outcome": pd.array([True, True, False, True, False, True, False, True, False, False, True, False],
                        dtype="boolean"),
    "group": [True] * 4 + [False] * 2 + [True] * 3 + [False] * 3,
})  # fmt: skip


def _known(people: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who has all that is needed; their outcome; and their terms: a one, whether treated, then all others."""
    others = [column for column in people if column not in ("outcome", "treated")]
    value, *terms = numbers(people, "outcome", "treated", *others)
    table = np.column_stack([np.ones(len(people)), *terms])
    known = ~np.isnan(value) & ~np.isnan(table).any(axis=1)
    return known, value[known], table[known]


def logit_by_hand(people: pd.DataFrame) -> Worked:
    """A logit, and its effect of the programme for somebody who is like the mean in all else."""
    known, y, terms = _known(people)
    beta, inverse = newton(y, terms)
    p = share(terms @ beta)
    treated = terms[:, 1] == 1
    middle = terms.mean(axis=0) if len(terms) else np.full(terms.shape[1], NAN)
    one, other = middle.copy(), middle.copy()
    one[1], other[1] = 1, 0
    rest = float(beta[2:] @ middle[2:])
    p1, p0 = float(share(beta[0] + beta[1] + rest)), float(share(beta[0] + rest))
    gradient = p1 * (1 - p1) * one - p0 * (1 - p0) * other
    error = float(np.sqrt(gradient @ inverse @ gradient))
    z, model, constant = ratio(p1 - p0, error), log_likelihood(y, p), log_likelihood(y, np.full(len(y), mean(y)))
    steps = {"n": len(y), "b0": float(beta[0]), "b1": float(beta[1]), "rest": rest, "seen": float(y[treated].sum()),
             "fitted": float(p[treated].sum()), "b1_error": float(np.sqrt(inverse[1, 1])), "p1": p1, "p0": p0,
             "effect": p1 - p0, "error": error, "z": z, "p_value": two_sided(z), "model": model, "constant": constant,
             "r2": 1 - ratio(model, constant)}  # fmt: skip
    return Worked(people.assign(fitted=for_all(people, known, p), weight=for_all(people, known, p * (1 - p))), steps)


def _fit(people: pd.DataFrame, *without: str) -> regression.LogitFit:
    terms = [column for column in people if column not in ("outcome", *without)]
    return regression.fit_logit(people.astype("Float64"), "outcome", terms)


def _logit(people: pd.DataFrame) -> Mapping[str, float]:
    fit = _fit(people)
    rows = regression.marginal_effects(fit).set_index("contrast")
    terms, effect = fit.coefficients.set_index("term"), rows.loc["treated"]
    return {"n": fit.n, "b0": terms.loc["constant", "estimate"], "b1": terms.loc["treated", "estimate"],
            "b1_error": terms.loc["treated", "std_error"], "effect": effect["estimate"], "error": effect["std_error"],
            "z": effect["statistic_value"], "p_value": effect["p_value"], "model": fit.log_likelihood,
            "r2": fit.pseudo_r2}  # fmt: skip


def average_by_hand(people: pd.DataFrame) -> Worked:
    """Everybody with the programme against everybody without it, by a logit with the start."""
    known, y, terms = _known(people)
    beta, inverse = newton(y, terms)
    one, other = terms.copy(), terms.copy()
    one[:, 1], other[:, 1] = 1, 0
    p1, p0 = share(one @ beta), share(other @ beta)
    gradient = ((p1 * (1 - p1))[:, None] * one - (p0 * (1 - p0))[:, None] * other).sum(axis=0) / max(len(y), 1)
    error = float(np.sqrt(gradient @ inverse @ gradient))
    d = mean(p1 - p0)
    z = ratio(d, error)
    steps = {"n": len(y), **{f"b{place}": float(value) for place, value in enumerate(beta)},
             "p1": mean(p1), "p0": mean(p0), "d": d, **{f"g{place}": float(g) for place, g in enumerate(gradient)},
             **{f"v{a}{b}": float(inverse[a, b]) for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))},
             "error": error, "low": d - Z * error, "high": d + Z * error, "p_value": two_sided(z)}  # fmt: skip
    columns = {"with": for_all(people, known, p1), "without": for_all(people, known, p0)}
    return Worked(people.assign(**columns, gain=columns["with"] - columns["without"]), steps)


def _average(people: pd.DataFrame) -> Mapping[str, float]:
    frame = people.assign(arm=people["treated"].map({True: "new", False: "usual"}))
    found = regression.adjusted_difference_in_shares(frame, "outcome", ["start"], treatment="new", control="usual")
    fit = _fit(people)
    coefficients = {f"b{place}": value for place, value in enumerate(fit.params)}
    spreads = {f"v{a}{b}": fit.covariance[a, b] for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))}
    return {"n": found.n_treated + found.n_control, "d": found.estimate, "error": found.std_error,
            "low": found.conf_low, "high": found.conf_high, "p_value": found.p_value, **coefficients,
            **spreads}  # fmt: skip


def _products(people: pd.DataFrame) -> list[str]:
    """The columns that are multiplied by the programme: those of the group."""
    return [column for column in people if column.startswith("group")]


def ratio_by_hand(people: pd.DataFrame) -> Worked:
    """Twice the difference of the log-likelihoods, with products of programme and group and without."""
    products = {f"product_{name}": people["treated"].astype(float) * people[name].astype("Float64")
                for name in _products(people)}  # fmt: skip
    known, y, terms = _known(people.assign(**products))
    without = terms[:, : terms.shape[1] - len(products)]
    plain, full = (share(each @ newton(y, each)[0]) for each in (without, terms))
    small, large = log_likelihood(y, plain), log_likelihood(y, full)
    statistic = 2 * (large - small)
    steps = {"n": len(y), "terms": without.shape[1], "more": len(products), "small": small, "large": large,
             "statistic": statistic, "p_value": float(stats.chi2.sf(statistic, len(products)))}  # fmt: skip
    columns = {"plain": for_all(people, known, plain), "full": for_all(people, known, full)}
    return Worked(people.assign(**columns), steps)


def _ratio(people: pd.DataFrame) -> Mapping[str, float]:
    products = {f"product_{name}": name for name in _products(people)}
    rows = regression.with_products(people.astype("Float64"), "treated", products)
    fits = _fit(rows), _fit(rows, *products)
    found = regression.likelihood_ratio_test(*fits, contrast="treated_x_group")
    return {"n": fits[0].n, "more": found.df, "small": fits[1].log_likelihood, "large": fits[0].log_likelihood,
            "statistic": found.statistic_value, "p_value": found.p_value}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "logit": Example(
        (regression.fit_logit, regression._maximise, regression.marginal_effects),
        AGED,
        logit_by_hand,
        _logit,
        "outcome_and_background",
    ),
    "average_difference": Example(
        (regression.average_contrast, regression._mean_probability, regression.adjusted_difference_in_shares),
        SCORED,
        average_by_hand,
        _average,
        "case_and_start",
    ),
    "likelihood_ratio": Example(
        (regression.likelihood_ratio_test,), GROUPED, ratio_by_hand, _ratio, "outcome_by_status"
    ),
}
