"""Scores of all questionnaires: drawn, fitted to the printed figures, with the figures they miss."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .families import FAMILIES
from .score_fitting import fit_family
from .score_goals import Goals, panel_of
from .score_start import draw_gaps, draw_start
from .targets import Targets


@dataclass(frozen=True)
class Scores:
    """Fitted scores.

    values: score → persons × waves (0, 6, 12); EQ-5D as the number of the health state; a value also where the score is
    unknown. gaps: persons × (anxiety 0, 6, 12, depression 0, 6, 12), where one HADS item is unanswered. misses: printed
    cells that the scores do not give, one row a cell: source, row, column, statistic, printed, reached.
    """

    values: dict[str, np.ndarray]
    gaps: np.ndarray
    misses: pd.DataFrame


def fit_scores(people: pd.DataFrame, response: pd.DataFrame, rng: np.random.Generator, targets: Targets) -> Scores:
    """Scores of everybody at every wave. `people` and `response` have one row a participant in the same order."""
    people = people.reset_index(drop=True)
    first, second, *generators = rng.spawn(len(FAMILIES) + 2)
    start = draw_start(people, response.assign(arm=people["arm"]), first, targets)
    gaps = draw_gaps(people, response, second)
    values, misses = {}, []
    for family, generator in zip(FAMILIES, generators, strict=True):
        block = np.hstack([start[member] for member in family.members])
        units = np.where(gaps, 7 / 6, 1.0) if family.block == "hads" else np.ones_like(block)
        block = np.where(units == 1, block, np.rint(block / units) * units)
        goals = Goals(family, panel_of(people, response, family.block), people["status_group"].to_numpy(), targets)
        fit = fit_family(goals, block, units, generator)
        values |= {member: fit.values[:, 3 * i : 3 * i + 3] for i, member in enumerate(family.members)}
        misses.append(fit.misses)
    return Scores(values, gaps, pd.concat(misses, ignore_index=True))
