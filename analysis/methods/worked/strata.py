"""Differences within strata, and what leaving the strata out does, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.methods import strata
from analysis.methods.worked.arithmetic import NAN, Z, mean, numbers, ratio, two_sided, variance
from analysis.methods.worked.example import Example, Worked

# Three of four were offered the programme in the first stratum, two of six in the second.
TEN = pd.DataFrame({
    "treated": [True] * 3 + [False] + [True] * 2 + [False] * 4,
    "stratum": ["first"] * 4 + ["second"] * 6,
    "outcome": pd.array([True, True, False, False, True, False, True, False, False, False], dtype="boolean"),
})  # fmt: skip
ARMS = {"treatment": "new", "control": "usual"}
STEP = 0.1  # how far the outcome moves from one phase to the next where that is asked


def _own(people: pd.DataFrame) -> tuple[np.ndarray, dict[str, list[np.ndarray]]]:
    """Who has outcome and stratum, and the outcomes of each stratum with people in both arms, treated first."""
    value, treated = numbers(people, "outcome", "treated")
    stratum = people["stratum"].to_numpy(object)
    known = ~np.isnan(value) & people["stratum"].notna().to_numpy()
    found = {name: [value[known & (stratum == name) & (treated == arm)] for arm in (1, 0)]
             for name in sorted(set(stratum[known]), key=str)}  # fmt: skip
    return known, {name: arms for name, arms in found.items() if len(arms[0]) and len(arms[1])}


def _at_people(people: pd.DataFrame, told: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """What is told of each stratum, at everybody in it."""
    names = list(next(iter(told.values()), {}))
    return people.assign(**{name: [told.get(own, {}).get(name, NAN) for own in people["stratum"]] for name in names})


def _spread(values: np.ndarray) -> float:
    """The variance of a mean; of one person alone it is taken as nought."""
    return variance(values) / len(values) if len(values) > 1 else 0.0


def within_by_hand(people: pd.DataFrame) -> Worked:
    """The difference of each stratum, averaged with weights of Mantel and Haenszel, and by people."""
    _, own = _own(people)
    told = {name: {"n1": len(x), "n0": len(y), "gap": mean(x) - mean(y), "weight": len(x) * len(y) / (len(x) + len(y)),
                   "spread": _spread(x) + _spread(y)} for name, (x, y) in own.items()}  # fmt: skip
    rows = [list(each.values()) for each in told.values()]
    n1, n0, gap, weight, spread = np.array(rows).T if rows else np.full((5, 0), NAN)
    n = n1 + n0
    d = ratio(float((weight * gap).sum()), float(weight.sum()))
    error = ratio(float(np.sqrt((weight**2 * spread).sum())), float(weight.sum()))
    by_people = ratio(float((n * gap).sum()), float(n.sum()))
    inside = ratio(float((n**2 * spread).sum()), float(n.sum()) ** 2)
    between = ratio(float((n * (gap - by_people) ** 2).sum()), float(n.sum()) ** 2)
    z = ratio(d, error)
    steps = {"strata": len(told), "n": float(n.sum()), "weights": float(weight.sum()),
             "products": float((weight * gap).sum()), "d": d, "spreads": float((weight**2 * spread).sum()),
             "error": error, "low": d - Z * error, "high": d + Z * error, "z": z, "p_value": two_sided(z),
             "by_people": by_people, "inside": inside, "between": between,
             "people_error": np.sqrt(inside + between)}  # fmt: skip
    return Worked(_at_people(people, told), steps)


def _frame(people: pd.DataFrame) -> pd.DataFrame:
    return people.assign(arm=people["treated"].map({True: "new", False: "usual"}))


def _within(people: pd.DataFrame) -> Mapping[str, float]:
    found = strata.stratified_difference(_frame(people), "outcome", ["stratum"], **ARMS)
    whole = strata.stratified_difference(_frame(people), "outcome", ["stratum"], weights="people",
                                         variance="unconditional", **ARMS)  # fmt: skip
    return {"n": found.n_treated + found.n_control, "d": found.estimate, "error": found.std_error,
            "low": found.conf_low, "high": found.conf_high, "z": found.statistic_value, "p_value": found.p_value,
            "by_people": whole.estimate, "people_error": whole.std_error}  # fmt: skip


def pooling_by_hand(people: pd.DataFrame) -> Worked:
    """The difference of pooled shares, the one standardised over phases, and what the first is off by."""
    _, own = _own(people)
    n1, n0 = (sum(len(arms[place]) for arms in own.values()) for place in (0, 1))
    n, told = n1 + n0, {}
    for name, (x, y) in own.items():
        of = {"of_treated": len(x) / n1, "of_control": len(y) / n0, "of_all": (len(x) + len(y)) / n}
        part = (of["of_treated"] - of["of_all"]) * mean(x) - (of["of_control"] - of["of_all"]) * mean(y)
        told[name] = {**of, "part": part}
    pooled1, pooled0 = (ratio(sum(float(arms[place].sum()) for arms in own.values()), many)
                        for place, many in ((0, n1), (1, n0)))  # fmt: skip
    level1, level0 = (sum(told[name]["of_all"] * mean(arms[place]) for name, arms in own.items()) for place in (0, 1))
    trend = sum((each["of_treated"] - each["of_control"]) * STEP * place for place, each in enumerate(told.values()))
    steps = {"n1": n1, "n0": n0, "pooled1": pooled1, "pooled0": pooled0, "pooled": pooled1 - pooled0,
             "level1": level1, "level0": level0, "standardised": level1 - level0,
             "bias": pooled1 - pooled0 - (level1 - level0), "parts": sum(each["part"] for each in told.values()),
             "trend": trend}  # fmt: skip
    return Worked(_at_people(people, told), steps)


def _pooling(people: pd.DataFrame) -> Mapping[str, float]:
    parts = strata.pooling_bias(_frame(people), "outcome", ["stratum"], **ARMS)
    whole = strata.stratified_difference(_frame(people), "outcome", ["stratum"], weights="people", **ARMS)
    trend = strata.trend_bias(parts, [STEP * place for place in range(len(parts))])
    return {"n1": parts["n_treated"].sum(), "n0": parts["n_control"].sum(), "standardised": whole.estimate,
            "bias": parts["bias"].sum(), "parts": parts["bias"].sum(), "trend": trend}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "within_strata": Example(
        (strata.stratified_difference, strata.stratum_sums, strata._weighted), TEN, within_by_hand, _within, "strata"
    ),
    "pooling": Example((strata.pooling_bias, strata.trend_bias), TEN, pooling_by_hand, _pooling, "phases"),
}
