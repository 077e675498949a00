"""Ratings from 1 to 7 with the printed means, spreads and rank sums: expectations, satisfaction, effect on health."""

import numpy as np
from scipy import stats

from analysis.calibration import excess, rank_sum

from .targets import Targets

ARMS = ("sfj", "control")
LEVELS = np.arange(1, 8)
MOST_RESTARTS = 200
SOLUTIONS = 3
EXPECTATIONS = {
    "expectation_work": ("table_12", "expectation_in_work_within_12m"),
    "expected_health_effect": ("table_13", "expected_health_effect_of_work"),
}
# At inclusion the ratings are not printed: assumed a little below those at 6 months.
AT_INCLUSION = {"expectation_work": (5.4, 1.75), "expected_health_effect": (5.1, 1.75)}
SATISFACTION = {6: "satisfaction_6m", 12: "satisfaction_12m"}
EFFECT = "effect_on_health"  # printed without its wave: made to hold at both


def _steps() -> np.ndarray:
    """All changes of one or two people's ratings by one to three, each once: changes × arms × ratings."""
    changes = []
    for arm in range(2):
        for source in range(7):
            for goal in range(7):
                if 0 < abs(source - goal) <= 3:
                    change = np.zeros((2, 7), dtype=int)
                    change[arm, source], change[arm, goal] = -1, 1
                    changes.append(change)
    singles = np.array(changes)
    both = np.concatenate([singles, (singles[:, None] + singles[None, :]).reshape(-1, 2, 7)])
    _, first = np.unique(both.reshape(len(both), -1), axis=0, return_index=True)
    return both[np.sort(first)]


STEPS = _steps()


def expectation_counts(name: str, wave: int, rng: np.random.Generator, targets: Targets) -> dict[str, np.ndarray]:
    """People of each arm per rating 1-7 that give the printed means, spreads and, where printed, rank sums and z.

    The smoothest of some solutions, as answers of hundreds of people hardly jump between neighbouring ratings.
    """
    found = [_reach(name, wave, rng, targets) for _ in range(SOLUTIONS)]
    chosen = min(found, key=lambda solution: (solution[1], _roughness(solution[0])))
    return dict(zip(ARMS, chosen[0], strict=True))


def _roughness(counts: np.ndarray) -> float:
    """Squared second differences along the ratings 1-6 (most people choose 7)."""
    return float((np.diff(counts[:, :6], n=2, axis=1) ** 2).sum())


def _reach(name: str, wave: int, rng: np.random.Generator, targets: Targets) -> tuple[np.ndarray, float]:
    """Counts and what they miss: along the best single or double change, from a dead end on after some at random."""
    source, stem = EXPECTATIONS[name]
    row = f"{stem}_{wave}m"
    counts = np.array([_start(*(targets.value(source, row, arm, s) for s in ("mean", "sd", "n"))) for arm in ARMS])
    keys, low, high = _expectation_targets(source, row, targets)
    sizes = counts.sum(axis=1)
    best, best_cost = counts, np.inf
    for _ in range(MOST_RESTARTS):
        counts, cost = _descend(counts, sizes, keys, low, high)
        if cost < best_cost:
            best, best_cost = counts, cost
        if best_cost <= 0:
            break
        counts = best
        for _ in range(6):
            counts = _moved(counts, rng)
    return best, best_cost


def _descend(counts, sizes, keys, low, high) -> tuple[np.ndarray, float]:
    cost = _costs(counts[None], sizes, keys, low, high)[0]
    while cost > 0:
        options = counts + STEPS
        options = options[(options >= 2).all(axis=(1, 2))]
        costs = _costs(options, sizes, keys, low, high)
        if costs.min() >= cost - 1e-9:
            break
        counts, cost = options[int(np.argmin(costs))], float(costs.min())
    return counts, cost


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


def _start(mean: float, sd: float, size: float) -> np.ndarray:
    share = np.exp(-0.5 * ((LEVELS - (mean + 0.25 * sd)) / (1.15 * sd)) ** 2) + 0.01
    share[-1] += 1.2 * share[-1]
    counts = np.floor(size * share / share.sum()).astype(int)
    counts[-1] += int(size) - counts.sum()
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


def _expectation_targets(source: str, row: str, targets: Targets) -> tuple[list, np.ndarray, np.ndarray]:
    keys, low, high = [], [], []
    wanted = [(row, arm, statistic) for arm in ARMS for statistic in ("mean", "sd", "ci_low", "ci_high")]
    wanted += [(f"ranksum_{row}", "sfj", "rank_sum"), (f"ranksum_{row}", "combined", "z"), (row, "sfj_vs_control", "p")]
    people = sum(targets.count(source, row, arm) for arm in ARMS)
    if targets.value(source, row, "sfj_vs_control", "df") != people - 2:
        wanted.append((row, "sfj_vs_control", "df"))  # fewer degrees of freedom: a test for unequal variances
    for key in wanted:
        if len(targets.where(source, row=key[0], column=key[1], statistic=key[2])):
            value, half = targets.value(source, *key), targets.half_unit(source, *key)
            half = 0.1 if key[2] == "rank_sum" else 0.96 * half
            keys.append(key[1:])
            low.append(value - half)
            high.append(value + half)
    return keys, np.array(low), np.array(high)


def _costs(counts: np.ndarray, sizes: np.ndarray, keys: list, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How far each candidate (first axis) misses the targets; `counts` is candidates × arms × ratings."""
    mean = counts @ LEVELS / sizes
    spread = np.sqrt((counts @ LEVELS**2 - sizes * mean**2) / (sizes - 1))
    reach = stats.t.ppf(0.975, sizes - 1) * spread / np.sqrt(sizes)
    found = {}
    for place, arm in enumerate(ARMS):
        m, r = mean[:, place], reach[:, place]
        found |= {(arm, "mean"): m, (arm, "sd"): spread[:, place], (arm, "ci_low"): m - r, (arm, "ci_high"): m + r}
    found["sfj", "rank_sum"], found["combined", "z"] = rank_sum(counts)
    pooled = ((sizes - 1) * spread**2).sum(axis=1) / (sizes.sum() - 2)
    t = (mean[:, 0] - mean[:, 1]) / np.sqrt(pooled * (1 / sizes).sum())
    error = spread**2 / sizes
    found["sfj_vs_control", "df"] = error.sum(axis=1) ** 2 / (error**2 / (sizes - 1)).sum(axis=1)
    if ("sfj_vs_control", "p") in keys:
        found["sfj_vs_control", "p"] = 2 * stats.t.sf(np.abs(t), sizes.sum() - 2)
    gap = excess(np.column_stack([found[key] for key in keys]), low, high)
    # A rank sum is printed to half a rank: weigh it by people, not by its own narrow interval.
    return gap @ np.array([0.01 if key[1] == "rank_sum" else 1.0 for key in keys])


def deal_ratings(counts: np.ndarray, lean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Deal the counted ratings to people (NaN where nobody's left to rate); higher `lean`, higher rating."""
    values = np.repeat(LEVELS, counts).astype(float)
    order = np.argsort(lean + rng.normal(scale=1.2, size=len(lean)), kind="stable")
    dealt = np.full(len(lean), np.nan)
    dealt[order] = np.sort(values)
    return dealt
