"""Means, their difference, rank sums and differences at an equal start, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import means
from analysis.methods.worked.arithmetic import (
    NAN,
    Z,
    by_arm,
    covariance,
    mean,
    numbers,
    ratio,
    two_sided,
    variance,
)
from analysis.methods.worked.example import Example, Worked

# Six of ten in the programme; a score later, of one person not known, and the same score at inclusion.
ARMS = [True] * 6 + [False] * 4
SCORES = pd.DataFrame({"treated": ARMS, "score": [4.0, 9, 6, 7, None, 5, 8, 11, 6, 10]})
STARTS = SCORES.assign(start=[8.0, 12, 7, 9, 10, 6, 9, 12, 7, 8])
ANSWERS = pd.DataFrame({"treated": ARMS, "score": [5.0, 6, 4, 7, 6, None, 3, 4, 6, 2]})
NAMES = {"outcome": "score", "population": "all", "contrast": "treated_vs_others"}


def _both(people: pd.DataFrame) -> list[pd.Series]:
    return [people.loc[people["treated"] == arm, "score"] for arm in (True, False)]


def _interval(middle: float, error: float, quantile: float) -> dict[str, float]:
    return {"low": middle - quantile * error, "high": middle + quantile * error}


def mean_by_hand(people: pd.DataFrame) -> Worked:
    """The mean score of the treated with its t interval."""
    score, treated = numbers(people, "score", "treated")
    own = np.where(treated == 1, score, NAN)
    x = by_arm(people, "score")[0]
    n, middle, squares = len(x), mean(x), (own - mean(x)) ** 2
    s = np.sqrt(ratio(float(np.nansum(squares)), n - 1))
    error, t = s / np.sqrt(n) if n else NAN, float(stats.t.ppf(0.975, n - 1))
    steps = {"n": n, "total": float(x.sum()), "mean": middle, "squares": float(np.nansum(squares)), "s": s,
             "error": error, "df": n - 1, "t": t, **_interval(middle, error, t)}  # fmt: skip
    return Worked(people.assign(square=squares), steps)


def _mean(people: pd.DataFrame) -> Mapping[str, float]:
    found = means.mean_estimate(_both(people)[0], **NAMES)
    return {"n": found.n_treated, "mean": found.estimate, "s": means.standard_deviation(vars(found)),
            "error": found.std_error, "df": found.df, "low": found.conf_low, "high": found.conf_high}  # fmt: skip


def difference_by_hand(people: pd.DataFrame) -> Worked:
    """The difference of two means, once with each arm's own variance and once with one for both."""
    x, y = by_arm(people, "score")
    n1, n0, v1, v0, d = len(x), len(y), variance(x), variance(y), mean(x) - mean(y)
    a, b = ratio(v1, n1), ratio(v0, n0)
    own = _tested(d, np.sqrt(a + b), ratio((a + b) ** 2, ratio(a**2, n1 - 1) + ratio(b**2, n0 - 1)))
    pooled = ratio((n1 - 1) * v1 + (n0 - 1) * v0, n1 + n0 - 2)
    both = _tested(d, np.sqrt(pooled * (ratio(1, n1) + ratio(1, n0))), n1 + n0 - 2)
    steps = {"n1": n1, "mean1": mean(x), "v1": v1, "n0": n0, "mean0": mean(y), "v0": v0, "d": d, **own,
             "pooled": pooled, **{f"pooled_{name}": value for name, value in both.items()}}  # fmt: skip
    return Worked(people, steps)


def _tested(d: float, error: float, df: float) -> dict[str, float]:
    t = ratio(d, error)
    ends = _interval(d, error, float(stats.t.ppf(0.975, df)))
    return {"error": error, "df": df, **ends, "t": t, "p_value": float(2 * stats.t.sf(abs(t), df))}


def _difference(people: pd.DataFrame) -> Mapping[str, float]:
    told = {}
    for lead, kind in (("", "unequal"), ("pooled_", "equal")):
        found = means.difference_in_means(*_both(people), variances=kind, **NAMES)
        told |= {"d": found.estimate, f"{lead}error": found.std_error, f"{lead}df": found.df,
                 f"{lead}low": found.conf_low, f"{lead}high": found.conf_high, f"{lead}t": found.statistic_value,
                 f"{lead}p_value": found.p_value}  # fmt: skip
    return told


def ranks_by_hand(people: pd.DataFrame) -> Worked:
    """Wilcoxon's test: everybody's rank from how many answered lower and how many the same."""
    score, treated = numbers(people, "score", "treated")
    lower = np.array([float((score < own).sum()) for own in score])
    same = np.array([float((score == own).sum()) for own in score])
    rank = np.where(same > 0, lower + (same + 1) / 2, NAN)
    n1, n0 = (len(arm) for arm in by_arm(people, "score"))
    n, w = n1 + n0, float(np.nansum(rank[treated == 1]))
    # Σ(t³ − t) over groups of equal answers is Σ(t² − 1) over the people in them
    ties = float((same[same > 0] ** 2 - 1).sum())
    spread = n1 * n0 / 12 * (n + 1 - ratio(ties, n * (n - 1)))
    expected = n1 * (n + 1) / 2
    z = ratio(w - expected, np.sqrt(spread))
    steps = {"n1": n1, "n0": n0, "n": n, "w": w, "expected": expected, "ties": ties, "spread": spread, "z": z,
             "p_value": two_sided(z), "wins": w - n1 * (n1 + 1) / 2,
             "chance": ratio(w - n1 * (n1 + 1) / 2, n1 * n0)}  # fmt: skip
    return Worked(people.assign(same=np.where(same > 0, same, NAN), rank=rank), steps)


def _ranks(people: pd.DataFrame) -> Mapping[str, float]:
    found = means.rank_sum_test(*_both(people), outcome="score", population="all", arms=("treated", "others"))
    test = found.iloc[-1]
    sums = found[found["contrast"] == "treated"].set_index("method")["estimate"]
    return {"w": sums["rank sum"], "expected": sums["rank sum expected"], "z": test["statistic_value"],
            "p_value": test["p_value"], "chance": test["estimate"]}  # fmt: skip


def standardised_by_hand(people: pd.DataFrame) -> Worked:
    """A difference in units of the spread."""
    x, y = by_arm(people, "score")
    n1, n0, v1, v0 = len(x), len(y), variance(x), variance(y)
    spread = np.sqrt((v1 + v0) / 2)
    d = ratio(mean(x) - mean(y), spread)
    error = np.sqrt(ratio(n1 + n0, n1 * n0) + ratio(d**2, 2 * (n1 + n0)))
    steps = {"n1": n1, "mean1": mean(x), "v1": v1, "n0": n0, "mean0": mean(y), "v0": v0, "spread": spread, "d": d,
             "error": error, **_interval(d, error, Z)}  # fmt: skip
    return Worked(people, steps)


def _standardised(people: pd.DataFrame) -> Mapping[str, float]:
    found = means.standardised_difference(*_both(people), **NAMES)
    return {"n1": found.n_treated, "n0": found.n_control, "d": found.estimate, "error": found.std_error,
            "low": found.conf_low, "high": found.conf_high}  # fmt: skip


def adjusted_by_hand(people: pd.DataFrame) -> Worked:
    """Analysis of covariance: one slope within both arms, and the difference of the means less what it explains."""
    score, treated, start = numbers(people, "score", "treated", "start")
    known = ~np.isnan(score) & ~np.isnan(start)
    one, other = known & (treated == 1), known & (treated == 0)
    n1, n0 = int(one.sum()), int(other.sum())
    y1, y0, x1, x0 = mean(score[one]), mean(score[other]), mean(start[one]), mean(start[other])
    sxx = (n1 - 1) * variance(start[one]) + (n0 - 1) * variance(start[other])
    sxy = (n1 - 1) * covariance(start[one], score[one]) + (n0 - 1) * covariance(start[other], score[other])
    slope = ratio(sxy, sxx)
    gap = y1 - y0 - slope * (x1 - x0)
    expected = np.where(treated == 1, y1 + slope * (start - x1), y0 + slope * (start - x0))
    away = np.where(known, score - expected, NAN)
    rest, df = float(np.nansum(away**2)), n1 + n0 - 3
    error = np.sqrt(ratio(rest, df) * (ratio(1, n1) + ratio(1, n0) + ratio((x1 - x0) ** 2, sxx)))
    steps = {"n1": n1, "n0": n0, "y1": y1, "y0": y0, "plain": y1 - y0, "x1": x1, "x0": x0, "sxx": sxx, "sxy": sxy,
             "slope": slope, "gap": gap, "rest": rest, **_tested(gap, error, df)}  # fmt: skip
    return Worked(people.assign(expected=np.where(known, expected, NAN), away=away), steps)


def _adjusted(people: pd.DataFrame) -> Mapping[str, float]:
    frame = people.assign(arm=people["treated"].map({True: "new", False: "usual"}))
    found = means.adjusted_difference(frame, "score", ["start"], treatment="new", control="usual")
    return {"n1": found.n_treated, "n0": found.n_control, "gap": found.estimate, "error": found.std_error,
            "df": found.df, "low": found.conf_low, "high": found.conf_high, "t": found.statistic_value,
            "p_value": found.p_value}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "mean": Example((means.mean_estimate,), SCORES, mean_by_hand, _mean, "score"),
    "difference_in_means": Example(
        (means.difference_in_means, means._two_sample_error), SCORES, difference_by_hand, _difference, "score"
    ),
    "adjusted_difference": Example(
        (means.adjusted_difference, means._indicator_row), STARTS, adjusted_by_hand, _adjusted, "score_and_start"
    ),
    "rank_sums": Example((means.rank_sum_test, means._rank_sum_comparison), ANSWERS, ranks_by_hand, _ranks, "answer"),
    "standardised_difference": Example(
        (means.standardised_difference,), SCORES, standardised_by_hand, _standardised, "characteristic"
    ),
}
