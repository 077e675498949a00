"""Scores of every questionnaire, fitted to the printed figures: anxiety and depression together, the others singly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .score_goals import Goals, centre
from .score_moves import changing_states, keeping_sums
from .score_search import WALKS, outside, search
from .score_sums import roles_of, settle_sums

ATTEMPTS = 3
SETTLINGS = 2  # the second corrects what the first took as linear


@dataclass(frozen=True)
class Fit:
    """Fitted values of one family (persons × answers) and the printed cells that they miss, one row a cell."""

    values: np.ndarray
    misses: pd.DataFrame


def fit_family(
    goals: Goals,
    start: np.ndarray,
    units: np.ndarray,
    rng: np.random.Generator,
    attempts: int = ATTEMPTS,
    walks: int = WALKS,
) -> Fit:
    """Move the answers of one family from where they start until the printed figures hold.

    `start`: answers, one row a person, for each score of the family at 0, 6 and 12 months (EQ-5D: number of the health
    state). `units`: the smallest step of every answer, 7/6 where a HADS subscale has an unanswered item, else 1.
    First the sums of scores are settled, then people exchange answers, which leaves these sums as they are. A new
    attempt starts afresh with other random numbers.
    """
    fits = []
    for generator in rng.spawn(attempts):
        fits.append(_attempt(goals, start, units, generator, walks))
        if fits[-1].misses.empty:
            break
    return min(fits, key=lambda fit: len(fit.misses))


def _attempt(goals: Goals, start: np.ndarray, units: np.ndarray, rng: np.random.Generator, walks: int) -> Fit:
    if goals.family.block == "eq5d":
        values, misses = search(goals, changing_states(goals), start, rng, walks)
        return Fit(values, missed_cells(goals, misses))
    settled, roles = start, roles_of(goals, units)
    for _ in range(SETTLINGS):
        shares = goals.sums_of(np.arange(len(start)), settled)
        near, _ = centre(goals, shares.sum(axis=0), goals.scale(shares))
        settled = settle_sums(goals, roles, settled, near, goals.scale(shares), rng)
    values, misses = search(goals, keeping_sums(goals, roles), settled, rng, walks)
    return Fit(values, missed_cells(goals, misses))


def missed_cells(goals: Goals, misses: np.ndarray) -> pd.DataFrame:
    """The printed cells outside their rounding intervals: source, row, column, statistic, printed, reached."""
    rows = []
    for place in np.flatnonzero(outside(misses)):
        printed, half = goals.intervals[goals.keys[place]]
        rows.append((*goals.keys[place], printed, printed + half * misses[place]))
    return pd.DataFrame(rows, columns=["source", "row", "column", "statistic", "printed", "reached"])
