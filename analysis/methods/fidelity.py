"""How closely the centres follow the model (IPS-25), and whether fidelity goes with the employment effect.

With six centres nothing but a near-perfect ranking can be told from chance; the functions say so in their numbers.
"""

import itertools
import math

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.recording import recorded

LARGEST_EXACT = 9  # 9! = 362,880 orderings are quick to go through


def latest_review(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores of each centre's latest review: one row per centre and item.

    `scores` has one row per centre, item and review (centre, item, score, reviewed_on). A review without a date counts
    as older than any dated one.
    """
    reviewed_on = scores["reviewed_on"].fillna(pd.Timestamp.min)
    latest = reviewed_on.groupby(scores["centre"]).transform("max")
    return scores[reviewed_on == latest].reset_index(drop=True)


@recorded
def item_spread(scores: pd.DataFrame) -> pd.DataFrame:
    """One row per item: mean, lowest and highest score and range over the centres, widest range first.

    `scores` has one row per centre and item. Missing scores are left out. Ties keep the order of the items.
    """
    by_item = scores.groupby("item")["score"].agg(mean="mean", lowest="min", highest="max").reset_index()
    spread = by_item.assign(range=by_item["highest"] - by_item["lowest"])
    return spread.sort_values(["range", "item"], ascending=[False, True], ignore_index=True)


def split_by_score(scores: pd.DataFrame, item: int, high_from: int, low_to: int) -> pd.DataFrame:
    """One row per centre: its score on one item and whether that is high (≥ high_from), low (≤ low_to) or between."""
    of_item = scores[scores["item"] == item].sort_values("centre", ignore_index=True)
    level = np.select([of_item["score"] >= high_from, of_item["score"] <= low_to], ["high", "low"], "between")
    return of_item[["centre", "score"]].assign(level=level)


@recorded
def rank_correlation(
    x: pd.Series, y: pd.Series, outcome: str = "fidelity_and_effect", conf_level: float = 0.95
) -> pd.DataFrame:
    """Spearman's rank correlation between two centre-level numbers with an exact two-sided p-value.

    `x` and `y` share an index (centre); pairs with a missing value are left out. The p-value is the share of all n!
    orderings with a correlation at least as far from zero (mid-ranks for ties), for more than nine centres the usual t
    approximation (method "spearman_t"). No interval is given: for so few centres approximations do not hold.
    `n_treated` and `n_control` are empty; `df` holds the number of centres. NaN with fewer than three centres or when
    either side has no spread.

    Checked against R's cor.test (tests/reference/economics.R) and, for n = 5, the tables of Kendall (1970).
    """
    pairs = pd.concat([x.rename("x"), y.rename("y")], axis=1, join="inner").dropna()
    n = len(pairs)
    exact = n <= LARGEST_EXACT
    rho, p = math.nan, math.nan
    if n >= 3 and pairs["x"].nunique() > 1 and pairs["y"].nunique() > 1:
        rho, p = (float(number) for number in stats.spearmanr(pairs["x"], pairs["y"]))
        if exact:
            p = _share_as_extreme(stats.rankdata(pairs["x"]), stats.rankdata(pairs["y"]), rho)
    return estimate_frame(
        [
            Estimate(
                outcome,
                "centres",
                "total",
                "spearman_exact" if exact else "spearman_t",
                rho,
                conf_level=conf_level,
                p_value=p,
                unit="correlation",
                statistic_value=rho,
                df=n,
            )
        ]
    )


def _share_as_extreme(ranks_x: np.ndarray, ranks_y: np.ndarray, rho: float) -> float:
    orderings = np.array(list(itertools.permutations(ranks_y)))
    centred = ranks_x - ranks_x.mean()
    scale = math.sqrt((centred**2).sum() * ((ranks_y - ranks_y.mean()) ** 2).sum())
    return float(np.mean(np.abs(orderings @ centred / scale) >= abs(rho) - 1e-9))


@recorded
def smallest_significant_correlation(n: int, alpha: float = 0.05) -> float:
    """The weakest rank correlation (without ties) that `n` centres can tell from zero at level `alpha`, two-sided.

    NaN when no ordering reaches the level (n ≤ 4 at 5 %), or with more centres than are gone through one by one (9).
    For n = 6 at 5 % it is 0.886, the tabled critical value.
    """
    if not 3 <= n <= LARGEST_EXACT:
        return math.nan
    ranks = np.arange(1.0, n + 1)
    squared = ((np.array(list(itertools.permutations(ranks))) - ranks) ** 2).sum(axis=1)
    correlations = np.abs(1 - 6 * squared / (n * (n**2 - 1)))
    levels = np.unique(correlations.round(12))
    reached = [level for level in levels if np.mean(correlations >= level - 1e-9) <= alpha]
    return float(reached[0]) if reached else math.nan
