"""How closely centres follow the model, and whether that goes with their effects, by hand."""

import math
from collections.abc import Mapping
from itertools import permutations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.frames.instruments import ips25
from analysis.methods import fidelity
from analysis.methods.worked.arithmetic import ratio
from analysis.methods.worked.example import Example, Worked

# Six centres: sums of the items on staffing, organisation and services, and the three items that suit less.
CENTRES = pd.DataFrame({
    "staffing": [9, 11, 12, 8, 13, 15],
    "organisation": [22, 26, 29, 20, 31, 38],
    "services": [41, 49, 52, 39, 55, 63],
    "item_6": [2, 3, 4, 2, 3, 5],
    "item_24": [2, 3, 3, 1, 4, 4],
    "item_25": [3, 2, 3, 2, 3, 5],
})  # fmt: skip
# The lowest total of each band but the first, and the highest score of an item.
CENTRES.attrs |= {"bands": {"fair": 74, "good": 100, "exemplary": 115}, "top": 5}
EFFECTS = pd.DataFrame({"fidelity": [72.0, 86, 93, 67, 99, 116], "effect": [0.02, 0.09, 0.05, -0.03, 0.11, 0.08]})
# What the squared differences of the ranks may add up to, without ties, from nought up.
SUMS = pd.DataFrame({"squares": [0, 2, 4, 6, 8, 10]})
SUMS.attrs |= {"centres": 6}
LESS_SUITABLE = ("item_6", "item_24", "item_25")
ALPHA = 0.05


def totals_by_hand(people: pd.DataFrame) -> Worked:
    """Total and band of each centre, as rated and with the items that suit less at the top score."""
    bands, top = sorted(people.attrs["bands"].values()), people.attrs["top"]
    total = people["staffing"] + people["organisation"] + people["services"]
    adjusted = total + sum(top - people[item] for item in LESS_SUITABLE)
    band, band_adjusted = (1 + sum((scores >= limit).astype(int) for limit in bands) for scores in (total, adjusted))
    counts = {f"in_{place}": int((band == place).sum()) for place in range(1, len(bands) + 2)}
    steps = {"lowest": total.min(), "highest": total.max(), **counts, "lowest_adjusted": adjusted.min(),
             "highest_adjusted": adjusted.max(), "moved": int((band_adjusted > band).sum())}  # fmt: skip
    return Worked(people.assign(total=total, band=band, adjusted=adjusted, band_adjusted=band_adjusted), steps)


def _totals(people: pd.DataFrame) -> Mapping[str, float]:
    rows = [(centre, item, score) for centre, own in enumerate(people.to_dict("records"))
            for item, score in _items(own).items()]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["centre", "item", "score"])
    found = ips25.score_ips25(frame, {"not_ips": 25, **people.attrs["bands"]})
    codes = {name: found[name].cat.codes + 1 for name in ("band", "band_adjusted")}
    counts = {f"in_{place}": int((codes["band"] == place).sum()) for place in range(1, len(people.attrs["bands"]) + 2)}
    return {"lowest": found["total"].min(), "highest": found["total"].max(), **counts,
            "lowest_adjusted": found["total_adjusted"].min(), "highest_adjusted": found["total_adjusted"].max(),
            "moved": int((codes["band_adjusted"] > codes["band"]).sum())}  # fmt: skip


def _items(centre: Mapping[str, int]) -> dict[int, int]:
    """Twenty-five scores with these sums; which of the other items has how much makes no difference."""
    given = {6: centre["item_6"], 24: centre["item_24"], 25: centre["item_25"]}
    scores = dict(given)
    for name, items in {"staffing": range(1, 4), "organisation": range(4, 12), "services": range(12, 26)}.items():
        others = [item for item in items if item not in given]
        left = centre[name] - sum(score for item, score in given.items() if item in items)
        scores |= {item: int(part) for item, part in zip(others, _spread(int(left), len(others)), strict=True)}
    return scores


def _spread(total: int, items: int) -> np.ndarray:
    return total // items + (np.arange(items) < total % items)


def _ranks(values: pd.Series) -> np.ndarray:
    """One for the lowest; those that are equal share the mean of their places."""
    numbers = values.to_numpy(float)
    below = (numbers[:, None] > numbers).sum(axis=1)
    equal = (numbers[:, None] == numbers).sum(axis=1)
    return below + (equal + 1) / 2


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(), y - y.mean()
    return ratio(float((x * y).sum()), float(np.sqrt((x**2).sum() * (y**2).sum())))


def rank_by_hand(people: pd.DataFrame) -> Worked:
    """Spearman's correlation, and how many of all orders of the effects have one at least as far from nought."""
    x, y = _ranks(people["fidelity"]), _ranks(people["effect"])
    n, squares = len(people), (x - y) ** 2
    rho = _correlation(x, y)
    steps = {"n": n, "squares": squares.sum(), "rho": rho}
    if math.isnan(rho):
        steps |= {"orders": math.nan, "as_far": math.nan, "p_value": math.nan}
    elif n <= 9:
        as_far = sum(abs(_correlation(x, np.array(order))) >= abs(rho) - 1e-9 for order in permutations(y))
        steps |= {"orders": math.factorial(n), "as_far": as_far, "p_value": as_far / math.factorial(n)}
    else:
        t = rho * np.sqrt(ratio(n - 2, 1 - rho**2))
        steps |= {"orders": math.nan, "as_far": math.nan, "p_value": 2 * stats.t.sf(abs(t), n - 2)}
    return Worked(people.assign(rank_fidelity=x, rank_effect=y, square=squares), steps)


def _rank(people: pd.DataFrame) -> Mapping[str, float]:
    found = fidelity.rank_correlation(people["fidelity"], people["effect"]).iloc[0]
    return {"n": found["df"], "rho": found["estimate"], "p_value": found["p_value"]}


def smallest_by_hand(people: pd.DataFrame) -> Worked:
    """The weakest correlation that few enough orders reach, on either side of nought."""
    n = people.attrs["centres"]
    orders, whole = math.factorial(n), n * (n**2 - 1)
    found = [sum((rank - place) ** 2 for place, rank in enumerate(order)) for order in permutations(range(n))]
    reached = {total: sum(other <= total for other in found) for total in sorted(set(found)) if total < whole / 6}
    either = {total: 2 * number for total, number in reached.items()}  # turned round, each order is as far off
    allowed = [total for total, number in either.items() if number <= ALPHA * orders]
    columns = {"rho": 1 - 6 * people["squares"] / whole, "as_far": people["squares"].map(either)}
    steps = {"n": n, "orders": orders, "allowed": ALPHA * orders, "squares": allowed[-1] if allowed else math.nan,
             "as_far": either[allowed[-1]] if allowed else math.nan,
             "rho": 1 - 6 * allowed[-1] / whole if allowed else math.nan}  # fmt: skip
    return Worked(people.assign(**columns, share=columns["as_far"] / orders), steps)


def _smallest(people: pd.DataFrame) -> Mapping[str, float]:
    return {"rho": fidelity.smallest_significant_correlation(people.attrs["centres"])}


EXAMPLES: Mapping[str, Example] = {
    "fidelity_totals": Example((ips25.score_ips25, ips25.fidelity_band, fidelity.latest_review), CENTRES,
                               totals_by_hand, _totals, "reviewed_centres"),
    "rank_correlation": Example((fidelity.rank_correlation, fidelity._share_as_extreme), EFFECTS, rank_by_hand, _rank,
                                "effects_of_centres"),
    "smallest_correlation": Example((fidelity.smallest_significant_correlation,), SUMS, smallest_by_hand, _smallest),
}  # fmt: skip
