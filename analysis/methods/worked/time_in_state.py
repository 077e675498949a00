"""Mean time in a state, how often it is entered, and moves from state to state, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import time_in_state
from analysis.methods.worked.arithmetic import NAN, mean, numbers, ratio
from analysis.methods.worked.example import Example, Worked

_YES, _NO = True, False
# Whether in work in each month after inclusion; not known where no longer observed.
TEN = pd.DataFrame({
    "treated": [True] * 6 + [False] * 4,
    "month_1": [_NO, _NO, _YES, _NO, _NO, _YES, _NO, _NO, _YES, _NO],
    "month_2": [_NO, _YES, _YES, _NO, _YES, _YES, _NO, _YES, _NO, _NO],
    "month_3": [_YES, _YES, _YES, _NO, None, _NO, _NO, _YES, _NO, _NO],
    "month_4": [_YES, _YES, None, _NO, None, _YES, _NO, _YES, _YES, None],
}).astype(dict.fromkeys([f"month_{number}" for number in range(1, 5)], "boolean"))  # fmt: skip
# Whether in a first state at inclusion, and in a second one later.
MOVED = pd.DataFrame({
    "treated": [True] * 6 + [False] * 5,
    "before": [_YES, _YES, _YES, _YES, _NO, _YES, _YES, _YES, _NO, _YES, _YES],
    "after": pd.array([_YES, _NO, _YES, None, _YES, _NO, _NO, _YES, _NO, None, _NO], dtype="boolean"),
})  # fmt: skip
_ARMS = {"treatment": "new", "control": "usual"}


def _courses(people: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """People × months of a yes or no, NaN where not observed; and whether treated."""
    months = people.filter(like="month_")
    return months.astype("Float64").to_numpy(float, na_value=NAN), people["treated"].to_numpy(bool)


def _compared(first: np.ndarray, other: np.ndarray, d: float) -> dict[str, float]:
    """What both arms' contributions say of a difference: errors, degrees of freedom, interval, test."""
    (n1, v1), (n0, v0) = ((len(u), ratio(len(u), len(u) - 1) * float((u**2).sum())) for u in (first, other))
    error = np.sqrt(v1 + v0)
    df = ratio((v1 + v0) ** 2, ratio(v1**2, n1 - 1) + ratio(v0**2, n0 - 1))
    quantile = float(stats.t.ppf(0.975, df)) if df > 0 else NAN
    t = ratio(d, error)
    return {"error1": np.sqrt(v1), "error0": np.sqrt(v0), "d": d, "error": error, "df": df, "quantile": quantile,
            "low": d - quantile * error, "high": d + quantile * error, "t": t,
            "p_value": float(2 * stats.t.sf(abs(t), df)) if df > 0 else NAN}  # fmt: skip


def time_by_hand(people: pd.DataFrame) -> Worked:
    """The mean number of months in the state in either arm, with what each person contributes to it."""
    courses, treated = _courses(people)
    contributed = np.full(len(people), NAN)
    means = []
    for arm in (True, False):
        own = (treated == arm) & ~np.isnan(courses).all(axis=1)
        total, parts = 0.0, np.zeros(own.sum())
        for values in courses[own].T:
            seen = ~np.isnan(values)
            share = mean(values[seen])
            total += share
            parts[seen] += (values[seen] - share) / seen.sum()
        means.append(total)
        contributed[own] = parts
    first, other = (contributed[(treated == arm) & ~np.isnan(contributed)] for arm in (True, False))
    steps = {"months": courses.shape[1], "n1": len(first), "n0": len(other), "mean1": means[0], "mean0": means[1],
             **_compared(first, other, means[0] - means[1])}  # fmt: skip
    in_state = np.nansum(courses, axis=1)
    return Worked(people.assign(in_state=in_state, contributed=contributed), steps)


def _long(people: pd.DataFrame) -> pd.DataFrame:
    """One row a person and observed month."""
    months = people.filter(like="month_").rename(columns=lambda name: int(name.removeprefix("month_")))
    wide = months.assign(
        participant_id=range(len(people)), arm=np.where(people["treated"].astype(bool), "new", "usual")
    )
    long = wide.melt(["participant_id", "arm"], var_name="month", value_name="state").dropna()
    return long.astype({"month": int, "state": bool})


def _arm_steps(found: pd.DataFrame) -> dict[str, float]:
    """The numbers of an estimate frame of both arms and their difference, under the names of the steps."""
    first, other, gap = found.to_dict("records")
    return {"n1": first["n_treated"], "n0": other["n_control"], "error1": first["std_error"],
            "error0": other["std_error"], "d": gap["estimate"], "error": gap["std_error"], "df": gap["df"],
            "low": gap["conf_low"], "high": gap["conf_high"], "t": gap["statistic_value"],
            "p_value": gap["p_value"]}  # fmt: skip


def _time(people: pd.DataFrame) -> Mapping[str, float]:
    rows = _long(people)
    found = time_in_state.mean_time_in(rows, "state", unit="month", units=sorted(rows["month"].unique()), **_ARMS)
    return {"mean1": found["estimate"].iloc[0], "mean0": found["estimate"].iloc[1], **_arm_steps(found)}


def rate_by_hand(people: pd.DataFrame) -> Worked:
    """How often the state is entered from one month to the next, and how often it is left."""
    courses, treated = _courses(people)
    now, then = courses[:, :-1], courses[:, 1:]
    at_risk = ((now == 0) & ~np.isnan(then)).sum(axis=1)
    entered = ((now == 0) & (then == 1)).sum(axis=1)
    could_leave, left = ((now == 1) & ~np.isnan(then)).sum(axis=1), ((now == 1) & (then == 0)).sum(axis=1)
    steps, parts = {}, []
    for name, arm in (("1", True), ("0", False)):
        own = (treated == arm) & (at_risk > 0)
        rate = ratio(entered[own].sum(), at_risk[own].sum())
        parts.append((entered[own] - rate * at_risk[own]) / max(1, at_risk[own].sum()))
        steps |= {f"n{name}": int(own.sum()), f"at_risk{name}": int(at_risk[own].sum()),
                  f"entered{name}": int(entered[own].sum()), f"rate{name}": rate}  # fmt: skip
    leaving = {f"left{name}": ratio(left[treated == arm].sum(), could_leave[treated == arm].sum())
               for name, arm in (("1", True), ("0", False))}  # fmt: skip
    steps |= {**_compared(*parts, steps["rate1"] - steps["rate0"]), **leaving}
    return Worked(people.assign(at_risk=at_risk, entered=entered), steps)


def _rate(people: pd.DataFrame) -> Mapping[str, float]:
    moves = time_in_state.next_steps(_long(people), "state", "month")
    found = time_in_state.rate_of_change(moves, outcome="o", entering=True, **_ARMS)
    leaving = time_in_state.rate_of_change(moves, outcome="o", entering=False, **_ARMS)["estimate"]
    return {"rate1": found["estimate"].iloc[0], "rate0": found["estimate"].iloc[1], **_arm_steps(found),
            "left1": leaving.iloc[0], "left0": leaving.iloc[1]}  # fmt: skip


def moves_by_hand(people: pd.DataFrame) -> Worked:
    """Of those in the first state at inclusion and observed later, the share in the second one then."""
    before, after, treated = numbers(people, "before", "after", "treated")
    steps, counted = {}, (before == 1) & ~np.isnan(after)
    for name, arm in (("1", 1), ("0", 0)):
        there = (before == 1) & (treated == arm)
        own = there & counted
        moved = int((after[own] == 1).sum())
        steps |= {f"before{name}": int(there.sum()), f"of{name}": int(own.sum()), f"moved{name}": moved,
                  f"share{name}": ratio(moved, own.sum())}  # fmt: skip
    return Worked(people.assign(counted=counted), steps)


def _moves(people: pd.DataFrame) -> Mapping[str, float]:
    before = np.where(people["before"].astype(bool), "first", "elsewhere")
    later = people["after"].map({True: "second", False: "elsewhere"}).astype("object")
    arms, persons = people["treated"].astype(bool).map({True: "new", False: "usual"}), range(len(people))
    rows = pd.concat([pd.DataFrame({"participant_id": persons, "arm": arms, "month": month, "state": states})
                      for month, states in ((0, before), (6, later))])  # fmt: skip
    steps = time_in_state.steps_between(rows, "state", "month", 0, 6)
    found = time_in_state.transition_matrix(steps, ["first", "second", "elsewhere"]).set_index(
        ["arm", "before", "after"]
    )
    told = {name: found.loc[arm, "first", "second"] for name, arm in (("1", "new"), ("0", "usual"))}
    return {f"{step}{name}": own[column] for name, own in told.items()
            for step, column in (("of", "of"), ("moved", "n"), ("share", "share"))}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "time_in_state": Example((time_in_state.mean_time_in, time_in_state._sum_of_shares, time_in_state._clustered), TEN,
                             time_by_hand, _time, "months_in_work"),
    "rate_of_change": Example((time_in_state.rate_of_change, time_in_state.next_steps, time_in_state._ratio), TEN,
                              rate_by_hand, _rate, "months_from_inclusion"),
    "transitions": Example((time_in_state.transition_matrix, time_in_state.steps_between), MOVED, moves_by_hand, _moves,
                           "moves"),
}  # fmt: skip
