"""Coded open answers by hand: shares of answers with a category, follow-ups joined, and how far two coders agree."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.methods import coding
from analysis.methods.worked.arithmetic import Z, ratio
from analysis.methods.worked.example import Example, Worked

# Ten answers of two follow-ups: whether the coder gave each of them the category.
ANSWERS = pd.DataFrame({
    "later": [False] * 6 + [True] * 4,
    "given": [True, False, True, True, False, False, True, False, False, False],
})  # fmt: skip
# Twelve answers that two coders coded, with whether each gave the category.
TWICE = pd.DataFrame({
    "one": [True, True, True, True, False, False, False, False, False, True, False, False],
    "two": [True, True, True, False, False, False, True, False, False, True, False, False],
})  # fmt: skip


def pooled_by_hand(people: pd.DataFrame) -> Worked:
    """The share of all answers with the category, with Wilson's interval."""
    n, x = len(people), int(people["given"].sum())
    p = x / n
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    steps = {"n": n, "x": x, "p": p, "middle": middle, "half": half, "low": middle - half, "high": middle + half}
    return Worked(people, steps)


def _coded(people: pd.DataFrame) -> pd.DataFrame:
    """The answers as the coding frame has them: the category, or another one."""
    frame = pd.DataFrame({"participant_id": range(len(people)), "question": "most_satisfied",
                          "wave": np.where(people["later"].astype(bool), 12, 6),
                          "category_1": np.where(people["given"].astype(bool), "it", "other")})  # fmt: skip
    return frame.assign(category_2=None, category_3=None)


def _shares(people: pd.DataFrame, *by: str) -> pd.DataFrame:
    shares = coding.category_shares(_coded(people), ["question", *by], ["it", "other"])
    return shares[shares["category"] == "it"]


def _pooled(people: pd.DataFrame) -> Mapping[str, float]:
    found = _shares(people).iloc[0]
    return {"n": found["answers"], "x": found["n"], "p": found["proportion"], "low": found["conf_low"],
            "high": found["conf_high"]}  # fmt: skip


def joined_by_hand(people: pd.DataFrame) -> Worked:
    """The plain mean of the shares of two follow-ups, each counting the same however many answered."""
    later, given = people["later"].to_numpy(bool), people["given"].to_numpy(bool)
    n1, n2, x1, x2 = (~later).sum(), later.sum(), given[~later].sum(), given[later].sum()
    p1, p2 = x1 / n1, x2 / n2
    v1, v2 = p1 * (1 - p1) / n1, p2 * (1 - p2) / n2
    p, half = (p1 + p2) / 2, Z * np.sqrt(v1 + v2) / 2
    ends = {"low": max(p - half, 0), "high": min(p + half, 1)}
    steps = {"x1": int(x1), "n1": int(n1), "p1": p1, "x2": int(x2), "n2": int(n2), "p2": p2, "p": p, "v1": v1, "v2": v2,
             "half": half, **ends, "pooled": (x1 + x2) / (n1 + n2)}  # fmt: skip
    return Worked(people, steps)


def _joined(people: pd.DataFrame) -> Mapping[str, float]:
    found = coding.mean_over_waves(_shares(people, "wave"), ["question", "category"]).iloc[0]
    return {"p": found["proportion"], "low": found["conf_low"], "high": found["conf_high"],
            "pooled": _shares(people)["proportion"].iloc[0]}  # fmt: skip


def kappa_by_hand(people: pd.DataFrame) -> Worked:
    """Cohen's kappa for one category, with the standard error of Fleiss, Cohen and Everitt."""
    one, two = people["one"].to_numpy(bool), people["two"].to_numpy(bool)
    n = len(people)
    counts = {"both": (one & two).sum(), "first": (one & ~two).sum(), "second": (~one & two).sum(),
              "neither": (~one & ~two).sum()}  # fmt: skip
    a, b, c, d = (int(count) / n for count in counts.values())
    yes, by_two = a + b, a + c
    observed, chance = a + d, (a + b) * (a + c) + (c + d) * (b + d)
    kappa = ratio(observed - chance, 1 - chance)
    # What equal and unequal decisions add to the variance, and what chance takes away.
    equal = a * (1 - (yes + by_two) * (1 - kappa)) ** 2 + d * (1 - (2 - yes - by_two) * (1 - kappa)) ** 2
    unequal = (1 - kappa) ** 2 * (b * (by_two + 1 - yes) ** 2 + c * (1 - by_two + yes) ** 2)
    taken = (kappa - chance * (1 - kappa)) ** 2
    se = ratio(np.sqrt((equal + unequal - taken) / n), 1 - chance)
    steps = {"n": n, **{name: int(count) for name, count in counts.items()}, "observed": observed, "yes1": yes,
             "yes2": by_two, "chance": chance, "kappa": kappa, "equal": equal, "unequal": unequal, "taken": taken,
             "se": se, "low": kappa - Z * se, "high": float(np.minimum(kappa + Z * se, 1))}  # fmt: skip
    return Worked(people.assign(alike=one == two), steps)


def _kappa(people: pd.DataFrame) -> Mapping[str, float]:
    coders = [_coded(pd.DataFrame({"later": False, "given": people[name]})).assign(coder=number)
              for number, name in ((1, "one"), (2, "two"))]  # fmt: skip
    found = coding.coder_agreement(pd.concat(coders), ["it", "other"]).iloc[0]
    return {"n": found["df"], "observed": found["statistic_value"], "kappa": found["estimate"],
            "se": found["std_error"], "low": found["conf_low"], "high": found["conf_high"]}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "category_shares": Example((coding.category_shares, coding.with_wilson, coding.categories_long), ANSWERS,
                               pooled_by_hand, _pooled, "category"),
    "mean_over_waves": Example((coding.mean_over_waves,), ANSWERS, joined_by_hand, _joined, "category"),
    "coder_agreement": Example((coding.coder_agreement, coding._kappa), TWICE, kappa_by_hand, _kappa, "coded_twice"),
}  # fmt: skip
