"""First draw of the outcomes: by the printed logits, with the printed numbers in work."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit

from .logit_models import LogitModel


def coefficients_behind_effects(model: LogitModel, base: np.ndarray, share: float) -> np.ndarray:
    """Coefficients whose marginal effects at the means of `base` are the printed ones, at a given mean probability.

    For a term with effect m at η = x̄β: β = m / Λ′(η) if continuous, else the root of Λ(η₀+β) − Λ(η₀) = m. The constant
    gives the mean probability. Alternates between both until they settle.
    """
    x = model.design(base)
    means = x.mean(axis=0)
    centre = float(logit(share))
    for _ in range(200):
        slopes = np.array([_slope(m, mean, centre, dummy) for m, mean, dummy in
                           zip(model.effects, means[1:], model.dummies, strict=True)])  # fmt: skip
        linear = (x[:, 1:] - means[1:]) @ slopes
        new = brentq(lambda c, linear=linear: expit(c + linear).mean() - share, -10, 10)
        if abs(new - centre) < 1e-10:
            break
        centre = new
    return np.concatenate([[centre - means[1:] @ slopes], slopes])


def _slope(effect: float, mean: float, centre: float, dummy: bool) -> float:
    if not dummy:
        p = expit(centre)
        return effect / (p * (1 - p))
    return brentq(lambda b: expit(centre + b * (1 - mean)) - expit(centre - b * mean) - effect, -8, 8)


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
