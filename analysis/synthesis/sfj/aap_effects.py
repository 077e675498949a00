"""Who of a group takes which course, so that footnote 4 of section 4.1 comes out: the effect of treatment with AAP.

People of one arm, status and outcome at 12 and at 18 months exchange their courses. No number of people in work changes
by that, only with which covariates the regressions of the months 13, 14, 16 and 17 see them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.calibration import effects_and_gradients, fitted_logit, logit_statistics

from .courses import Course, statuses_of
from .logit_models import LogitModel, published_models
from .register_counts import FIRST_MONTH
from .regression_state import base_matrix
from .smooth_plan import OUT
from .targets import Targets
from .work_plan import BETWEEN, FOOTNOTE, GREATEST, LEAST, PRODUCT

MODEL = "m5_fully_or_partly_18m_interactions"
FITTED_MONTHS = (LEAST, *BETWEEN, GREATEST)
# How far an effect may lie from a printed end; the months between keep this distance from the ends.
CLOSE, APART = 0.00004, 0.002
EXCHANGES = 400
# How many of the exchanges that look best are refitted before the search gives up.
REFITTED = 60


@dataclass
class Interactions:
    """People as arrays: regressors, courses (kinds of work from month 13) and which people may exchange them."""

    base: np.ndarray
    usable: np.ndarray
    model: LogitModel
    bounds: np.ndarray
    courses: list[Course]
    starts: list[str]
    paths: list[list[str]]
    pairs: np.ndarray

    @classmethod
    def of(cls, people: pd.DataFrame, courses: Mapping, paths: Mapping, targets: Targets) -> "Interactions":
        """From the frame of people, their courses and their paths to month 12."""
        own = [courses[person] for person in people.index]
        usable = (people["in_registers"] & (people["education"] != "missing")).to_numpy()
        keys = ["arm", "status_at_inclusion", "class_m12", "partly_m18"]
        cells = people.assign(length=[len(course) for course in own]).loc[usable].groupby([*keys, "length"]).indices
        positions = np.flatnonzero(usable)
        pairs = [positions[cell][np.stack(np.triu_indices(len(cell), 1), axis=1)] for cell in cells.values()]
        low, high = effect_bounds(targets)
        return cls(
            base_matrix(people),
            usable,
            next(model for model in published_models(targets) if model.column == MODEL),
            np.array([low, high]),
            own,
            people["status_at_inclusion"].tolist(),
            [paths[person] for person in people.index],
            np.concatenate(pairs),
        )

    def outcomes(self) -> np.ndarray:
        """Fully or partly in work, one row a fitted month; NaN where not observed or not in the regressions."""
        kinds = np.full((len(FITTED_MONTHS), len(self.courses)), np.nan)
        for row, month in enumerate(FITTED_MONTHS):
            step = month - FIRST_MONTH - 1
            kinds[row] = [float(course[step] != OUT) if step < len(course) else np.nan for course in self.courses]
        return np.where(self.usable, kinds, np.nan)

    def fitted(self) -> bool:
        """Exchange courses until the effects are as printed; whether that succeeds."""
        misses = self.misses()
        for _ in range(EXCHANGES):
            if not misses.any():
                return True
            better = self._exchange(misses)
            if better is None:
                return False
            misses = better
        return False

    def effects(self) -> np.ndarray:
        """The effect of treatment with AAP in each fitted month."""
        return self._effects(self.outcomes())

    def _effects(self, outcomes: np.ndarray) -> np.ndarray:
        place = self.model.terms.index(PRODUCT)
        seen = [~np.isnan(y) for y in outcomes]
        fits = (fitted_logit(self.model, self.base[rows], y[rows]) for rows, y in zip(seen, outcomes, strict=True))
        return np.array([logit_statistics(fitted)[place] for fitted in fits])

    def misses(self) -> np.ndarray:
        """How far each effect lies outside its bounds, below or above."""
        return self._outside(self.effects())

    def _outside(self, effects: np.ndarray) -> np.ndarray:
        low, high = self.bounds
        return np.maximum(effects - high, 0) + np.minimum(effects - low, 0)

    def _exchange(self, misses: np.ndarray) -> np.ndarray | None:
        """Make the exchange that the gradient of the effect finds best; the misses after it, None if nothing helps."""
        outcomes = self.outcomes()
        effects, gains = self._effects(outcomes), self._gains(outcomes)
        one, other = self.pairs.T
        moved = np.nan_to_num((outcomes[:, other] - outcomes[:, one]) * (gains[:, one] - gains[:, other]))
        foretold = (self._outside((effects[:, None] + moved).T) ** 2).sum(axis=1)
        for number in np.argsort(foretold, kind="stable")[:REFITTED]:
            pair = self.pairs[number]
            if not self._exchanged(*pair):
                continue
            found = self.misses()
            if found @ found < misses @ misses:
                return found
            self._exchanged(*pair)
        return None

    def _gains(self, outcomes: np.ndarray) -> np.ndarray:
        """What work of each person instead of no work does to the effect, one row a fitted month."""
        place = self.model.terms.index(PRODUCT)
        gains = np.zeros(outcomes.shape)
        for row, y in enumerate(outcomes):
            seen = ~np.isnan(y)
            fitted = fitted_logit(self.model, self.base[seen], y[seen])
            gradient = effects_and_gradients(self.model, fitted.beta, fitted.means)[1][place]
            gains[row] = self.model.design(self.base) @ (fitted.covariance @ gradient)
        return gains

    def _exchanged(self, one: int, other: int) -> bool:
        """Exchange the courses of two people if both histories allow it."""
        for person, course in ((one, self.courses[other]), (other, self.courses[one])):
            if statuses_of(course, self.starts[person], self.paths[person]) is None:
                return False
        self.courses[one], self.courses[other] = self.courses[other], self.courses[one]
        return True


def effect_bounds(targets: Targets) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest effect allowed in each fitted month: the printed ends, and well between them."""
    low, high = (targets.value("text_4.1", FOOTNOTE, end, "marginal_effect") for end in ("range_low", "range_high"))
    ends = {LEAST: (low - CLOSE, low + CLOSE), GREATEST: (high - CLOSE, high + CLOSE)}
    bounds = [ends.get(month, (low + APART, high - APART)) for month in FITTED_MONTHS]
    return tuple(np.array(bounds).T)
