"""Earlier treatment, answers to the open questions (codes only) and views on the coordination in NAV."""

import numpy as np
import pandas as pd

from .answers_drawing import divide, pick
from .targets import Targets

NAME = "process_answers"
TREATMENTS = ("psychologist", "other_talk_therapy", "medication", "alternative_treatment")
EFFECTS = ("improved", "no_effect", "worse")
EXPERIENCES = ("positive", "negative", "mixed", "unclassifiable")


def earlier_treatment(people: pd.DataFrame, rng: np.random.Generator, targets: Targets) -> pd.DataFrame:
    """One row per participant and kind of treatment received before the trial; per cents of section 7.2."""
    parts = []
    lean = rng.normal(size=len(people))
    for treatment in TREATMENTS:
        row = f"previous_treatment_{treatment}"
        count = round(targets.value("text_7.2", row, "total", "pct") / 100 * len(people))
        treated = people.loc[pick(rng, 0.8 * lean, count), ["participant_id"]]
        counts = {
            e: round(targets.value("text_7.2", f"{row}_{e}", "among_treated", "pct") / 100 * count) for e in EFFECTS
        }
        counts["improved"] += count - sum(counts.values())
        effect = divide(rng, dict.fromkeys(EFFECTS, np.zeros(count)), counts)
        parts.append(treated.assign(treatment=treatment, effect=effect))
    table = pd.concat(parts, ignore_index=True)
    order = {treatment: place for place, treatment in enumerate(TREATMENTS)}
    table = table.assign(place=table["treatment"].map(order)).sort_values(["participant_id", "place"])
    return table.drop(columns="place").reset_index(drop=True)


def coordination(
    people: pd.DataFrame, response: pd.DataFrame, rng: np.random.Generator, targets: Targets
) -> pd.DataFrame:
    """One row per answer about the coordination in NAV: participant_id, wave, experience; counts of section 7.5.

    The printed per cents of the control arm are the unweighted mean of the two waves' per cents, so the answers are
    split over the waves accordingly.
    """
    people = people.merge(response, on="participant_id")
    parts = []
    for arm in ("sfj", "control"):
        totals = {e: targets.count("text_7.5", f"coordination_{e}", arm) for e in EXPERIENCES}
        printed = {e: targets.value("text_7.5", f"coordination_{e}", arm, "pct") for e in EXPERIENCES}
        split = split_waves(totals, printed, (0.44, 0.56))
        for wave, counts in zip((6, 12), split, strict=True):
            group = people.loc[(people["arm"] == arm) & people[f"returned_{wave}"], ["participant_id"]]
            chosen = divide(rng, dict.fromkeys(EXPERIENCES, np.zeros(len(group))), counts)
            answered = group.assign(wave=wave, experience=chosen)
            parts.append(answered.dropna(subset="experience"))
    return pd.concat(parts).sort_values(["participant_id", "wave"]).reset_index(drop=True)


def split_waves(totals: dict[str, int], printed: dict[str, float], shares: tuple[float, float]) -> tuple[dict, dict]:
    """Split counts over two waves so that the mean of the waves' per cents comes nearest to the printed per cents.

    Tries first-wave sizes near `shares`; within a size each category's first-wave count follows from
    (x / n₁ + (total − x) / n₂) / 2 = printed.
    """
    size = sum(totals.values())
    best, best_miss = None, np.inf
    for first in range(round(size * (shares[0] - 0.08)), round(size * (shares[0] + 0.08))):
        counts, miss = _first_wave(totals, printed, first, size - first)
        if miss < best_miss:
            best, best_miss = counts, miss
    return best, {key: totals[key] - best[key] for key in totals}


def _first_wave(totals: dict[str, int], printed: dict[str, float], n_first: int, n_second: int) -> tuple[dict, float]:
    keys = list(totals)
    total = np.array([totals[k] for k in keys])
    wanted = np.array([printed[k] for k in keys])
    count = np.rint(total * n_first / (n_first + n_second)).astype(int)
    if n_first != n_second:
        exact = (2 * wanted / 100 - total / n_second) / (1 / n_first - 1 / n_second)
        count = np.clip(np.rint(exact), np.floor(0.15 * total), np.ceil(0.85 * total)).astype(int)
    while (gap := n_first - count.sum()) != 0:
        step = int(np.sign(gap))
        costs = [
            _miss(count + step * (np.arange(len(keys)) == k), total, wanted, n_first, n_second)
            for k in range(len(keys))
        ]
        count[int(np.argmin(costs))] += step
    return dict(zip(keys, count.tolist(), strict=True)), _miss(count, total, wanted, n_first, n_second)


def _miss(count: np.ndarray, total: np.ndarray, wanted: np.ndarray, n_first: int, n_second: int) -> float:
    if (count < 0).any() or (count > total).any():
        return np.inf
    mean_pct = 50 * (count / n_first + (total - count) / n_second)
    return float(np.maximum(np.abs(mean_pct - wanted) - 0.05, 0).sum())
