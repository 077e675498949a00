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
SMALLEST_FOR_INTERVAL = 10  # with fewer centres no approximate interval of a rank correlation holds its level


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
    approximation (method "spearman_t"). From ten centres on there is an interval,
    tanh(artanh ρ ± z √((1 + ρ²/2)/(n − 3))) (Bonett and Wright 2000); with fewer none is given, since approximations do
    not hold and nothing exact is known.
    `n_treated` and `n_control` are empty; `df` holds the number of centres. NaN with fewer than three centres or when
    either side has no spread.

    Checked against R's cor.test (tests/reference/economics.R) and, for n = 5, the tables of Kendall (1970).
    """
    pairs = pd.concat([x.rename("x"), y.rename("y")], axis=1, join="inner").dropna()
    n = len(pairs)
    exact = n <= LARGEST_EXACT
    rho, p, low, high = (math.nan,) * 4
    if n >= 3 and pairs["x"].nunique() > 1 and pairs["y"].nunique() > 1:
        rho, p = (float(number) for number in stats.spearmanr(pairs["x"], pairs["y"]))
        if n >= SMALLEST_FOR_INTERVAL:
            low, high = _interval_of_rho(rho, n, conf_level)
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
                conf_low=low,
                conf_high=high,
                conf_level=conf_level,
                p_value=p,
                unit="correlation",
                statistic_value=rho,
                df=n,
            )
        ]
    )


def _interval_of_rho(rho: float, n: int, conf_level: float) -> tuple[float, float]:
    half = stats.norm.ppf(0.5 + conf_level / 2) * math.sqrt((1 + rho**2 / 2) / (n - 3))
    middle = np.arctanh(np.clip(rho, -1 + 1e-12, 1 - 1e-12))
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))


def _share_as_extreme(ranks_x: np.ndarray, ranks_y: np.ndarray, rho: float) -> float:
    orderings = np.array(list(itertools.permutations(ranks_y)))
    centred = ranks_x - ranks_x.mean()
    scale = math.sqrt((centred**2).sum() * ((ranks_y - ranks_y.mean()) ** 2).sum())
    return float(np.mean(np.abs(orderings @ centred / scale) >= abs(rho) - 1e-9))


@recorded
def smallest_significant_correlation(n: int, alpha: float = 0.05) -> float:
    """The weakest rank correlation (without ties) that `n` centres can tell from zero at level `alpha`, two-sided.

    NaN when no ordering reaches the level (n ≤ 4 at 5 %). For n = 6 at 5 % it is 0.886, the tabled critical value. With
    more centres than are gone through one by one (9) it is that of the t approximation, t/√(n − 2 + t²).
    """
    if n < 3:
        return math.nan
    if n > LARGEST_EXACT:
        quantile = float(stats.t.ppf(1 - alpha / 2, n - 2))
        return quantile / math.sqrt(n - 2 + quantile**2)
    ranks = np.arange(1.0, n + 1)
    squared = ((np.array(list(itertools.permutations(ranks))) - ranks) ** 2).sum(axis=1)
    correlations = np.abs(1 - 6 * squared / (n * (n**2 - 1)))
    levels = np.unique(correlations.round(12))
    reached = [level for level in levels if np.mean(correlations >= level - 1e-9) <= alpha]
    return float(reached[0]) if reached else math.nan


def smallest_p_value(n: int) -> float:
    """The smallest two-sided p-value that an exact test over all orderings of `n` centres can give: 2/n!, without ties.

    NaN with fewer than two centres, or with more than are gone through one by one.
    """
    return 2 / math.factorial(n) if 2 <= n <= LARGEST_EXACT else math.nan


def detectable_correlation(
    n: int, rng: np.random.Generator, power: float = 0.8, alpha: float = 0.05, draws: int = 4000
) -> float:
    """The weakest true correlation that `n` centres tell from zero with a chance of `power`, two-sided at `alpha`.

    True correlations are those of two normal numbers a centre, tried in steps of 0.01 on the same `draws` samples from
    `rng`; the chance is that Spearman's ρ reaches `smallest_significant_correlation`. NaN where no ordering reaches the
    level, or no correlation below 1 has that chance. Monte Carlo error: about 0.01.
    """
    needed = smallest_significant_correlation(n, alpha)
    if math.isnan(needed):
        return math.nan
    first, noise = rng.standard_normal((2, draws, n))
    ranks = first.argsort(axis=1).argsort(axis=1)
    for rho in np.arange(0.01, 1, 0.01):
        others = (rho * first + math.sqrt(1 - rho**2) * noise).argsort(axis=1).argsort(axis=1)
        found = 1 - 6 * ((ranks - others) ** 2).sum(axis=1) / (n * (n**2 - 1))
        if np.mean(np.abs(found) >= needed - 1e-9) >= power:
            return float(round(rho, 2))
    return math.nan
