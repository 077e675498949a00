"""P-values of several outcomes corrected for their number, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.methods import multiplicity
from analysis.methods.worked.arithmetic import numbers
from analysis.methods.worked.example import Example, Worked
from analysis.methods.worked.randomisation import ways_to_draw

# Seven tests of one trial.
SEVEN = pd.DataFrame({"p_value": [0.018, 0.004, 0.36, 0.041, 0.74, 0.009, 0.12]})
# Ten people drawn in two strata, with a score at inclusion and two others later; one of the last is not known.
TEN = pd.DataFrame({
    "treated": [True, False, True, False, True, False, True, False, True, False],
    "stratum": ["a"] * 6 + ["b"] * 4,
    "start": [12.0, 9, 14, 11, 8, 13, 10, 12, 9, 14],
    "one": [8.0, 9, 9, 12, 6, 12, 9, 12, 6, 15],
    "other": [5.0, 6, 4, 7, None, 5, 6, 6, 3, 7],
})  # fmt: skip
OUTCOMES = ("one", "other")
TIE = 1e-9


def holm_by_hand(tests: pd.DataFrame) -> Worked:
    """From the smallest p-value on, each times the number of those not yet passed, and never below one before it."""
    p = numbers(tests, "p_value")
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    times, corrected, so_far = (np.full(len(p), np.nan), np.full(len(p), np.nan), 0.0)
    for place, own in enumerate(order):
        times[own] = len(order) - place
        so_far = max(so_far, min(1.0, times[own] * p[own]))
        corrected[own] = so_far
    told = corrected[order]
    steps = {"tests": len(order), "below": int((p[order] < 0.05).sum()), "least": p[order[0]], "least_holm": told[0],
             "second": p[order[1]], "second_holm": told[1], "most_holm": told[-1],
             "left": int((told < 0.05).sum())}  # fmt: skip
    return Worked(tests.assign(times=times, corrected=corrected), steps)


def _holm(tests: pd.DataFrame) -> Mapping[str, float]:
    found = multiplicity.holm(tests["p_value"].astype(float)).dropna().sort_values()
    return {"tests": len(found), "least_holm": found.iloc[0], "second_holm": found.iloc[1],
            "most_holm": found.iloc[-1], "left": int((found < 0.05).sum())}  # fmt: skip


def draws_by_hand(people: pd.DataFrame) -> Worked:
    """Both outcomes' |t|, as drawn and in every other way to draw the arms; the larger is held to the largest."""
    treated, strata = people["treated"].to_numpy(bool), people["stratum"].to_numpy()
    places = [np.flatnonzero(strata == name) for name in sorted(set(strata))]
    ways = np.array([[abs(_t(people, outcome, drawn)) for outcome in OUTCOMES]
                     for drawn in ways_to_draw(treated, places)])  # fmt: skip
    t = {outcome: _t(people, outcome, treated) for outcome in OUTCOMES}
    first, last = sorted(OUTCOMES, key=lambda outcome: -abs(t[outcome]))
    own = {outcome: int((ways[:, place] >= abs(t[outcome]) - TIE).sum()) for place, outcome in enumerate(OUTCOMES)}
    largest = int((ways.max(axis=1) >= abs(t[first]) - TIE).sum())
    p_first = largest / len(ways)
    steps = {"t_one": t["one"], "t_other": t["other"], "ways": len(ways), "alone_one": own["one"] / len(ways),
             "alone_other": own["other"] / len(ways), "largest": largest, "p_first": p_first, "last": own[last],
             "p_last": max(p_first, own[last] / len(ways))}  # fmt: skip
    return Worked(people, steps)


def _t(people: pd.DataFrame, outcome: str, treated: np.ndarray) -> float:
    """t of the arm by least squares on a constant, the arm and the score at inclusion."""
    known = people[[outcome, "start"]].notna().all(axis=1).to_numpy()
    x = np.column_stack([np.ones(known.sum()), treated[known], people["start"].to_numpy(float)[known]]).astype(float)
    y = people[outcome].to_numpy(float)[known]
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ x.T @ y
    s2 = ((y - x @ b) ** 2).sum() / (len(y) - 3)
    return float(b[1] / np.sqrt(s2 * inverse[1, 1]))


def _draws(people: pd.DataFrame) -> Mapping[str, float]:
    """The method's statistics and steps on every way to draw the arms, of which the observed one is the first."""
    treated, strata = people["treated"].to_numpy(bool), people["stratum"].to_numpy()
    ways = list(ways_to_draw(treated, [np.flatnonzero(strata == name) for name in sorted(set(strata))]))
    others = [each for each in ways if (each != treated).any()]
    arms = np.column_stack([treated, *others]).astype(float)
    t = np.column_stack([multiplicity.arm_statistics(people[name].to_numpy(float), people[["start"]].to_numpy(float),
                                                     arms) for name in OUTCOMES])  # fmt: skip
    p = np.sort(multiplicity.step_down(t[0], t[1:]))
    alone = [float(multiplicity.step_down(t[:1, place], t[1:, [place]])[0]) for place in range(2)]
    return {"t_one": t[0, 0], "t_other": t[0, 1], "alone_one": alone[0], "alone_other": alone[1], "p_first": p[0],
            "p_last": p[1]}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "holm": Example((multiplicity.holm,), SEVEN, holm_by_hand, _holm, "tests_of_scores"),
    "max_t": Example((multiplicity.max_t, multiplicity.redrawn_arms, multiplicity.arm_statistics,
                      multiplicity.step_down), TEN, draws_by_hand, _draws),
}  # fmt: skip
