"""Draw answers with exact numbers of people, more often where they are likelier."""

from collections.abc import Mapping

import numpy as np


def pick(rng: np.random.Generator, likelihood: np.ndarray, count: int) -> np.ndarray:
    """Mark exactly `count` people; `likelihood` is on the logit scale, and −inf never picks."""
    if count > np.isfinite(likelihood).sum():
        raise ValueError(f"{count} people wanted, {np.isfinite(likelihood).sum()} may be picked")
    noisy = likelihood + rng.logistic(size=len(likelihood))
    marked = np.zeros(len(likelihood), dtype=bool)
    marked[np.argsort(-noisy, kind="stable")[:count]] = True
    return marked


def divide(rng: np.random.Generator, likelihoods: Mapping[str, np.ndarray], counts: Mapping[str, int]) -> np.ndarray:
    """Give each person at most one category, exactly `counts[category]` people each; the rest have none (NaN)."""
    chosen = np.full(len(next(iter(likelihoods.values()))), np.nan, dtype=object)
    free = np.ones(len(chosen), dtype=bool)
    for category in sorted(counts, key=counts.get):
        marked = pick(rng, np.where(free, likelihoods[category], -np.inf), counts[category])
        chosen[marked] = category
        free &= ~marked
    return chosen
