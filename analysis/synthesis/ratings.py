"""Ratings from 1 to 7: expectations, satisfaction and effect of the follow-up, with printed means, spreads and rank sums."""

import numpy as np
import pandas as pd

from .answers_drawing import divide
from .search import excess
from .targets import Targets

LEVELS = np.arange(1, 8)
EXPECTATIONS = {
    "expectation_work": ("table_12", "expectation_in_work_within_12m"),
    "expected_health_effect": ("table_13", "expected_health_effect_of_work"),
}
# At inclusion the ratings are not printed: assumed a little below those at 6 months.
AT_INCLUSION = {"expectation_work": (5.4, 1.75), "expected_health_effect": (5.1, 1.75)}
SATISFACTION = {6: "satisfaction_6m", 12: "satisfaction_12m"}
EFFECT = "effect_on_health"  # printed without its wave: made to hold at both


def expectation_counts(name: str, wave: int, rng: np.random.Generator, targets: Targets) -> dict[str, np.ndarray]:
    """People of each arm per rating 1-7 that give the printed means, spreads and, where printed, rank sums and z."""
    source, stem = EXPECTATIONS[name]
    row = f"{stem}_{wave}m"
    counts = np.array([_start(targets.value(source, row, arm, "mean"), targets.value(source, row, arm, "sd"), targets.count(source, row, arm)) for arm in ("sfj", "control")])
    keys, low, high = _expectation_targets(source, row, targets)
    cost = _cost(counts, keys, low, high)
    for _ in range(40000):
        if cost <= 0:
            break
        new = _moved(counts, rng)
        now = _cost(new, keys, low, high)
        if now < cost or rng.random() < 0.002:
            counts, cost = new, now
    return dict(zip(("sfj", "control"), counts, strict=True))


def rating_counts(mean: float, sd: float, half: float, size: int, rng: np.random.Generator) -> np.ndarray:
    """People per rating 1-7 with this mean and spread, each within `half`."""
    counts = _start(mean, sd, size)[None, :]
    low, high = np.array([mean, sd]) - 0.9 * half, np.array([mean, sd]) + 0.9 * half
    for _ in range(20000):
        found = np.array([_mean_sd(counts[0])])
        if excess(found, low, high).sum() <= 0:
            break
        new = _moved(counts, rng)
        if excess(np.array([_mean_sd(new[0])]), low, high).sum() <= excess(found, low, high).sum():
            counts = new
    return counts[0]


def _start(mean: float, sd: float, size: int) -> np.ndarray:
    share = np.exp(-0.5 * ((LEVELS - (mean + 0.25 * sd)) / (1.15 * sd)) ** 2) + 0.01
    share[-1] += 1.2 * share[-1]
    counts = np.floor(size * share / share.sum()).astype(int)
    counts[-1] += size - counts.sum()
    return counts


def _moved(counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One to three people of one arm change to a neighbouring rating, sometimes to a distant one."""
    new = counts.copy()
    for _ in range(int(rng.integers(1, 4))):
        arm, source = int(rng.integers(len(new))), int(rng.integers(7))
        goal = int(np.clip(source + rng.choice([-2, -1, 1, 2]), 0, 6))
        if new[arm, source] > 3 and goal != source:
            new[arm, source] -= 1
            new[arm, goal] += 1
    return new


def _mean_sd(counts: np.ndarray) -> tuple[float, float]:
    n = counts.sum()
    mean = (counts * LEVELS).sum() / n
    return mean, np.sqrt((counts * (LEVELS - mean) ** 2).sum() / (n - 1))


def rank_sum(counts: np.ndarray) -> tuple[float, float]:
    """Rank sum of the first arm and z with the tie correction; `counts` has one row an arm, one column a rating."""
    tied = counts.sum(axis=0)
    ranks = tied.cumsum() - tied + (tied + 1) / 2
    n, total = counts.sum(axis=1), counts.sum()
    observed = float((counts[0] * ranks).sum())
    variance = n[0] * n[1] / 12 * ((total + 1) - (tied**3 - tied).sum() / (total * (total - 1)))
    return observed, (observed - n[0] * (total + 1) / 2) / np.sqrt(variance)


def _expectation_targets(source: str, row: str, targets: Targets) -> tuple[list, np.ndarray, np.ndarray]:
    keys, low, high = [], [], []
    wanted = [(row, arm, statistic) for arm in ("sfj", "control") for statistic in ("mean", "sd", "ci_low", "ci_high")]
    wanted += [(f"ranksum_{row}", "sfj", "rank_sum"), (f"ranksum_{row}", "combined", "z"), (row, "sfj_vs_control", "p")]
    for key in wanted:
        if len(targets.where(source, row=key[0], column=key[1], statistic=key[2])):
            value, half = targets.value(source, *key), targets.half_unit(source, *key)
            half = 0.1 if key[2] == "rank_sum" else 0.96 * half
            keys.append(key[1:])
            low.append(value - half)
            high.append(value + half)
    return keys, np.array(low), np.array(high)


def _cost(counts: np.ndarray, keys: list, low: np.ndarray, high: np.ndarray) -> float:
    from scipy import stats

    found, moments = {}, []
    for arm, row in zip(("sfj", "control"), counts, strict=True):
        mean, sd = _mean_sd(row)
        n = row.sum()
        moments.append((mean, sd, n))
        reach = stats.t.ppf(0.975, n - 1) * sd / np.sqrt(n)
        found |= {(arm, "mean"): mean, (arm, "sd"): sd, (arm, "ci_low"): mean - reach, (arm, "ci_high"): mean + reach}
    found["sfj", "rank_sum"], found["combined", "z"] = rank_sum(counts)
    (m1, s1, n1), (m0, s0, n0) = moments
    pooled = ((n1 - 1) * s1**2 + (n0 - 1) * s0**2) / (n1 + n0 - 2)
    t = (m1 - m0) / np.sqrt(pooled * (1 / n1 + 1 / n0))
    found["sfj_vs_control", "p"] = 2 * stats.t.sf(abs(t), n1 + n0 - 2)
    gap = excess(np.array([[found[k] for k in keys]]), low, high)
    # A rank sum is exact to half a rank: weigh it by people, not by its own narrow interval.
    scale = np.array([0.1 / 50 if k[1] == "rank_sum" else 1.0 for k in keys])
    return float((gap * scale).sum())


def deal_ratings(counts: np.ndarray, lean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Deal the counted ratings to people (NaN where nobody's left to rate); higher `lean`, higher rating."""
    values = np.repeat(LEVELS, counts).astype(float)
    order = np.argsort(lean + rng.normal(scale=1.2, size=len(lean)), kind="stable")
    dealt = np.full(len(lean), np.nan)
    dealt[order] = np.sort(values)
    return dealt
