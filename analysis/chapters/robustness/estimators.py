"""The estimators that stand beside each other: as published, and as one would do it today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from analysis.chapters.robustness.people import background, strata
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.means import difference_in_means
from analysis.methods.proportions import difference_in_proportions
from analysis.methods.randomisation import randomisation_test
from analysis.methods.standardisation import augmented_difference, standardised_risk_difference
from analysis.methods.strata import stratified_difference

POOLED, MANTEL_HAENSZEL, BY_PEOPLE, STANDARDISED, AUGMENTED, DRAWN = (
    "pooled", "mantel_haenszel", "by_people", "standardised", "augmented", "drawn_anew",
)  # fmt: skip
NOTHING, STRATA, BACKGROUND, BOTH = "nothing", "strata", "background", "strata_and_background"
AS_PUBLISHED, TODAY = "as_published", "today"


@dataclass(frozen=True)
class Way:
    """An estimator and what it takes into account."""

    estimator: str
    adjustment: str

    @property
    def name(self) -> str:
        return self.estimator if self.adjustment == NOTHING else f"{self.estimator}_{self.adjustment}"


def pooled_difference(frame: pd.DataFrame, outcome: str, treatment: str, control: str, **settings) -> Estimate:
    """Treated minus control without strata or covariates: of shares with Newcombe's interval, of parts with Welch's."""
    arms = [frame.loc[frame["arm"] == arm, outcome].dropna() for arm in (treatment, control)]
    settings = {"outcome": outcome, "population": "all", "contrast": f"{treatment}_vs_{control}"} | settings
    if frame[outcome].dropna().isin([0.0, 1.0]).all():
        return difference_in_proportions(*arms, **settings)
    return difference_in_means(*arms, variances="unequal", unit="proportion", **settings)


def ways(trial: Trial) -> tuple[Way, ...]:
    """What a specification may do, the published way first; without strata or covariates those ways fall away."""
    drawn, covariates = bool(strata(trial)), bool(background(trial))
    found = [Way(POOLED, NOTHING)]
    found += [Way(MANTEL_HAENSZEL, STRATA), Way(STANDARDISED, STRATA)] if drawn else []
    adjusted = BOTH if drawn else BACKGROUND
    return (*found, *([Way(STANDARDISED, adjusted), Way(AUGMENTED, adjusted)] if covariates else []))


def estimate(trial: Trial, frame: pd.DataFrame, outcome: str, way: Way, conf_level: float = 0.95) -> Estimate:
    """The difference in one outcome among the people of a frame of `people_in`, one way."""
    arms = {"treatment": trial.study.treatment, "control": trial.study.control, "conf_level": conf_level}
    drawn = strata(trial) if way.adjustment in (STRATA, BOTH) else []
    covariates = background(trial) if way.adjustment in (BACKGROUND, BOTH) else []
    return _METHODS[way.estimator](frame, outcome, strata=drawn, covariates=covariates, **arms)


def _by_strata(frame: pd.DataFrame, outcome: str, *, covariates: Sequence[str], strata: Sequence[str], **settings):
    return stratified_difference(frame, outcome, strata, **settings)


def _pooled(frame: pd.DataFrame, outcome: str, *, covariates: Sequence[str], strata: Sequence[str], **settings):
    return pooled_difference(frame, outcome, **settings)


_METHODS: Mapping[str, Callable[..., Estimate]] = {
    POOLED: _pooled,
    MANTEL_HAENSZEL: _by_strata,
    BY_PEOPLE: partial(_by_strata, weights="people", variance="unconditional"),
    STANDARDISED: standardised_risk_difference,
    AUGMENTED: augmented_difference,
}


@needs("arms", "registers")
def side_by_side(
    people: pd.DataFrame, trial: Trial, draws: int = 10_000, seed: int = 1, conf_level: float = 0.95
) -> pd.DataFrame:
    """Estimate frame: the primary outcome as published and as one would do it today, one row an estimator.

    `people` is a frame of `people_in`.
    Further columns: `way`, the estimator with what it takes into account, and `approach`, as_published or today. All
    but the first stand for the same people and the same effect among them. `draws` and `seed` are of the
    randomisation test.
    """
    outcome = trial.study.primary_outcome
    more = [Way(BY_PEOPLE, STRATA)] if strata(trial) else []
    listed = [*ways(trial), *more]
    found = [estimate(trial, people, outcome, way, conf_level) for way in listed]
    arms = {"treatment": trial.study.treatment, "control": trial.study.control, "conf_level": conf_level}
    rng = np.random.default_rng(seed)
    drawn = randomisation_test(people, outcome, strata(trial), rng=rng, draws=draws, **arms)
    names = [way.name for way in listed]
    approach = [AS_PUBLISHED if way.estimator == POOLED else TODAY for way in listed]
    return estimate_frame([*found, drawn]).assign(way=[*names, DRAWN], approach=[*approach, TODAY])
