"""Shares, their difference, and questions with several answers, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import proportions
from analysis.methods.worked.arithmetic import NAN, Z, numbers, ratio
from analysis.methods.worked.example import Example, Worked

# Six of ten were offered the programme; four of them and one of the others work, and of one nothing is known.
TEN = pd.DataFrame({
    "treated": [True] * 6 + [False] * 4,
    "outcome": pd.array([True, True, False, True, None, True, False, True, False, False], dtype="boolean"),
})  # fmt: skip
# The same two groups on a question with three answers, which one of them did not answer.
ANSWERS = pd.DataFrame({
    "treated": [True] * 6 + [False] * 4,
    "answer": ["a", "a", "b", "a", "c", None, "b", "b", "a", "c"],
})  # fmt: skip


def _counted(people: pd.DataFrame) -> tuple[int, int, int, int]:
    """People with the outcome and people of whom it is known, among the treated and among the others."""
    known = people[people["outcome"].notna()]
    treated = known["treated"].to_numpy(bool)
    yes = known["outcome"].to_numpy(bool)
    return int(yes[treated].sum()), int(treated.sum()), int(yes[~treated].sum()), int((~treated).sum())


def _wilson(yes: int, n: int) -> tuple[float, float, float, float]:
    """Middle, half width and ends of Wilson's interval."""
    if not n:
        return NAN, NAN, NAN, NAN
    p = yes / n
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return middle, half, middle - half, middle + half


def share_by_hand(people: pd.DataFrame) -> Worked:
    """The share of the treated, with Wilson's interval."""
    yes, n, _, _ = _counted(people)
    middle, half, low, high = _wilson(yes, n)
    steps = {"x": yes, "n": n, "p": ratio(yes, n), "middle": middle, "half": half, "low": low, "high": high}
    return Worked(people, steps)


def _share(people: pd.DataFrame) -> Mapping[str, float]:
    names = {"outcome": "outcome", "population": "all", "contrast": "treated"}
    found = proportions.proportion_estimate(people.loc[people["treated"], "outcome"], **names)
    return {"n": found.n_treated, "p": found.estimate, "low": found.conf_low, "high": found.conf_high}


def difference_by_hand(people: pd.DataFrame) -> Worked:
    """The difference of two shares with Newcombe's interval and the pooled test."""
    x1, n1, x0, n0 = _counted(people)
    p1, p0, p = ratio(x1, n1), ratio(x0, n0), ratio(x1 + x0, n1 + n0)
    (*_, l1, u1), (*_, l0, u0) = _wilson(x1, n1), _wilson(x0, n0)
    d = p1 - p0
    z = ratio(d, np.sqrt(p * (1 - p) * (ratio(1, n1) + ratio(1, n0))))
    low, high = d - np.hypot(p1 - l1, u0 - p0), d + np.hypot(u1 - p1, p0 - l0)
    steps = {"x1": x1, "n1": n1, "x0": x0, "n0": n0, "p1": p1, "p0": p0, "d": d, "l1": l1, "u1": u1, "l0": l0,
             "u0": u0, "low": low, "high": high, "p": p, "z": z, "p_value": 2 * stats.norm.sf(abs(z))}  # fmt: skip
    return Worked(people, steps)


def _difference(people: pd.DataFrame) -> Mapping[str, float]:
    names = {"outcome": "outcome", "population": "all", "contrast": "treated_vs_others"}
    arms = [people.loc[people["treated"] == arm, "outcome"] for arm in (True, False)]
    found = proportions.difference_in_proportions(*arms, **names)
    return {"d": found.estimate, "low": found.conf_low, "high": found.conf_high, "z": found.statistic_value,
            "p_value": found.p_value}  # fmt: skip


def independence_by_hand(people: pd.DataFrame) -> Worked:
    """Pearson's χ² from the people: each has the number who are in the same cell, and the number to be expected there.

    Σ(O − E)²/E over the cells is ΣO²/E − n, and ΣO²/E is the sum of O/E over the people.
    """
    known = people["answer"].notna().to_numpy()
    answer, treated = people["answer"].to_numpy(object), numbers(people, "treated")
    observed, expected = np.full(len(people), NAN), np.full(len(people), NAN)
    n = int(known.sum())
    for person in np.flatnonzero(known):
        alike, same = known & (answer == answer[person]), known & (treated == treated[person])
        observed[person], expected[person] = (alike & same).sum(), alike.sum() * same.sum() / n
    n1 = int((known & (treated == 1)).sum())
    answers = len(set(answer[known]))
    both = answers > 1 and 0 < n1 < n
    total = float((observed[known] / expected[known]).sum()) if both else NAN
    steps = {"n1": n1, "n0": n - n1, "n": n, "answers": answers, "total": total, "chi2": total - n, "df": answers - 1,
             "p_value": float(stats.chi2.sf(total - n, answers - 1)), "v": float(np.sqrt((total - n) / n))}  # fmt: skip
    return Worked(people.assign(observed=observed, expected=expected, ratio=observed / expected), steps)


def _independence(people: pd.DataFrame) -> Mapping[str, float]:
    names = {"outcome": "answer", "population": "all", "contrast": "treated_vs_others"}
    groups = [people.loc[people["treated"] == arm, "answer"] for arm in (True, False)]
    found = proportions.independence_test(*groups, **names)
    return {"n1": found.n_treated, "n0": found.n_control, "chi2": found.statistic_value, "df": found.df,
            "p_value": found.p_value, "v": found.estimate}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "share": Example(
        (proportions.proportion_estimate, proportions.proportion_interval, proportions.proportion_intervals), TEN,
        share_by_hand, _share, "outcome"
    ),
    "difference_in_shares": Example(
        (proportions.difference_in_proportions,), TEN, difference_by_hand, _difference, "outcome"
    ),
    "several_answers": Example(
        (proportions.independence_test,), ANSWERS, independence_by_hand, _independence, "answers_beside_others"
    ),
}
