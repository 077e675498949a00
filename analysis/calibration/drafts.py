"""One of many drafts for each person: where a whole history is drawn, not a value, the search picks among histories."""

from collections.abc import Iterable

import numpy as np


def chosen_drafts(
    counts: np.ndarray, sides: np.ndarray, totals: np.ndarray, weights: Iterable[np.ndarray]
) -> np.ndarray:
    """For each person the draft that brings the sums nearest to the totals, given everybody else's.

    counts: people × drafts × quantities, whole numbers. sides: people × groups, 1 for who belongs to one. totals:
    groups × quantities. weights: of the squared distances, groups × quantities, for each round over all people; what
    must be exact weighs little at first, so that nothing else is stuck when it is met. Whole numbers alone are added
    and compared, so every machine chooses alike.
    """
    picked, off = np.zeros(len(counts), dtype=np.int64), np.einsum("ps,pq->sq", sides, counts[:, 0]) - totals
    for weight in weights:
        for person, side in enumerate(sides):
            change = side[:, None] * (counts[person] - counts[person, picked[person]])[:, None, :]
            picked[person] = (weight * (off + change) ** 2).sum(axis=(1, 2)).argmin()
            off = off + change[picked[person]]
    return picked
