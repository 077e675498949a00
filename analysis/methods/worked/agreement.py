"""Agreement of several coders by hand: Fleiss' kappa and Krippendorff's alpha, pair of codes by pair of codes."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.methods import agreement
from analysis.methods.worked.arithmetic import ratio
from analysis.methods.worked.example import Example, Worked

# Eight decisions of three coders: whether each gave the category; nothing where a coder did not code it.
DECISIONS = pd.DataFrame({
    "one": [1, 1, 0, 0, 1, 0, 0, 1],
    "two": [1, 1, 0, 0, 0, 0, None, 1],
    "three": [1, 0, 0, 0, 1, None, None, None],
}, dtype="float64")  # fmt: skip


def _codes(row: pd.Series) -> list[float]:
    return [code for code in row if not np.isnan(code)]


def _alike(codes: list[float]) -> float:
    """Share of the pairs of codes that are equal."""
    pairs = list(combinations(codes, 2))
    return ratio(sum(one == two for one, two in pairs), len(pairs))


def fleiss_by_hand(people: pd.DataFrame) -> Worked:
    """Fleiss' kappa of the decisions that every coder made."""
    codes = people.apply(_codes, axis=1)
    alike = codes.map(_alike).where(codes.map(len) == people.shape[1])
    whole = [code for each in codes[alike.notna()] for code in each]
    yes = float(np.mean(whole)) if whole else np.nan
    observed, chance = alike.mean(), yes**2 + (1 - yes) ** 2
    steps = {"n": int(alike.notna().sum()), "observed": observed, "yes": yes, "chance": chance,
             "kappa": ratio(observed - chance, 1 - chance)}  # fmt: skip
    return Worked(people.assign(alike=alike), steps)


def alpha_by_hand(people: pd.DataFrame) -> Worked:
    """Krippendorff's alpha of the decisions that two coders or more made."""
    codes = people.apply(_codes, axis=1)
    paired = codes[codes.map(len) >= 2]
    unequal = codes.map(lambda each: len(each) * (1 - _alike(each)) if len(each) >= 2 else np.nan)
    values = [code for each in paired for code in each]
    n, yes = len(values), int(sum(values))
    expected = 2 * yes * (n - yes)
    steps = {"units": len(paired), "n": n, "yes": yes, "no": n - yes, "unequal": unequal.sum(), "expected": expected,
             "alpha": 1 - ratio((n - 1) * unequal.sum(), expected)}  # fmt: skip
    return Worked(people.assign(unequal=unequal), steps)


def _found(people: pd.DataFrame, method: str) -> pd.Series:
    rows = agreement.agreement(
        people, outcome="it", population="decisions", rng=np.random.default_rng(1), draws=2
    ).set_index("method")  # fmt: skip
    return rows.loc[method]


def _fleiss(people: pd.DataFrame) -> Mapping[str, float]:
    found = _found(people, "fleiss_kappa")
    return {"n": found["df"], "observed": found["statistic_value"], "kappa": found["estimate"]}


def _alpha(people: pd.DataFrame) -> Mapping[str, float]:
    found = _found(people, "krippendorff_alpha")
    return {"units": found["df"], "alpha": found["estimate"]}


EXAMPLES: Mapping[str, Example] = {
    "fleiss_kappa": Example((agreement.agreement, agreement._fleiss, agreement._interval), DECISIONS, fleiss_by_hand,
                            _fleiss),
    "krippendorff_alpha": Example((agreement.agreement, agreement._krippendorff, agreement._interval), DECISIONS,
                                  alpha_by_hand, _alpha),
}  # fmt: skip
