"""First draw of the outcomes: by the printed logits, with the printed numbers in work."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import logit


def draw_with_count(probability: np.ndarray, able: np.ndarray, count: int, noise: np.ndarray) -> np.ndarray:
    """`count` of those able, the likelier first after adding logistic noise to the log odds."""
    score = np.where(able, logit(probability) + noise, -np.inf)
    chosen = np.zeros(len(score), dtype=bool)
    chosen[np.argsort(-score, kind="stable")[:count]] = True
    return chosen


def draw_outcomes(
    people: pd.DataFrame,
    probabilities: Mapping[str, np.ndarray],
    quotas: pd.DataFrame,
    observed_18: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """in_work_m12, partly_m12 and partly_m18 (fully or partly in work), as bools, for people in the registers.

    `quotas` has one row an arm and pool (on AAP at inclusion or not): work_m12 and part_m12 to be chosen, and
    partly_m18, a total of the arm. The noise is shared between the months: people who work at 12 months mostly work
    at 18.
    """
    noise = rng.logistic(size=len(people))
    later = 0.93 * noise + 0.35 * rng.logistic(size=len(people))
    known = people["in_registers"].to_numpy()
    work, part, partly_18 = (np.zeros(len(people), dtype=bool) for _ in range(3))
    on_aap = (people["status_group"] == "aap").to_numpy()
    # Only full AAP and full sickness benefit can be left in part.
    leavable = people["status_at_inclusion"].isin(["aap", "sick_listed_full"]).to_numpy()
    for quota in quotas.itertuples():
        able = (people["arm"] == quota.arm).to_numpy() & (on_aap == quota.on_aap) & known
        work |= draw_with_count(probabilities["in_work_m12"], able, quota.work_m12, noise)
        part |= draw_with_count(probabilities["partly_m12"], able & leavable & ~work, quota.part_m12, noise)
    for arm, quota in quotas.groupby("arm"):
        able = (people["arm"] == arm).to_numpy() & observed_18 & known
        partly_18 |= draw_with_count(probabilities["partly_m18"], able, int(quota["partly_m18"].iloc[0]), later)
    return pd.DataFrame({"in_work_m12": work, "partly_m12": work | part, "partly_m18": partly_18}, index=people.index)
