"""The people as the regressions see them: covariates that may be exchanged, and outcomes."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .ages import DAYS_PER_YEAR
from .logit_models import BASE, OUTCOMES

# Column of `people` that carries each covariate of the regressions, and within which cells people may exchange it
# without any printed count changing: tables 1, 2 and A.1 fix some covariates by arm and status, others by one of them.
CARRIERS = {
    "sex": ("woman",),
    "age_days": ("age",),
    "marital_status": ("married",),
    "education": ("education_primary", "education_higher"),
    "country_of_birth": ("born_outside_norway",),
    "income": ("income_year_before_inclusion_1000nok", "income_below_G_year_before_inclusion"),
    "self_rated_health": ("good_self_rated_health",),
    "expects_return_within_weeks": ("positive_expectation_of_work",),
}
CELLS = {
    "sex": ("arm", "status_group"),
    "age_days": ("arm", "status_group"),
    "marital_status": ("arm", "status_group"),
    "education": ("arm", "status_group"),
    "country_of_birth": ("arm",),
    "income": ("status_group",),
    "self_rated_health": ("arm", "status_group"),
    "expects_return_within_weeks": ("status_group",),
}
# Thousand NOK between the incomes drawn below and above the basic amount: see `income`.
BASIC_AMOUNT_GAP = 78.0


@dataclass(frozen=True)
class RegressionState:
    """Everyone's covariates and outcomes. `people` has one row a participant, with `income` and the three outcomes;
    `in_models` marks who is in the regressions at 12 months, `observed_18` who is also observed at 18."""

    people: pd.DataFrame
    in_models: np.ndarray
    observed_18: np.ndarray

    def base(self) -> np.ndarray:
        """Matrix of the covariates in BASE, one row a participant."""
        return base_matrix(self.people)

    def outcome(self, name: str) -> np.ndarray:
        """An outcome as zeros and ones."""
        return self.people[name].to_numpy(dtype=float)

    def rows(self, outcome: str) -> np.ndarray:
        """Who is in the models of an outcome."""
        return self.observed_18 if outcome == OUTCOMES[2] else self.in_models

    def with_people(self, people: pd.DataFrame) -> "RegressionState":
        """The same with other values."""
        return replace(self, people=people)


def base_matrix(people: pd.DataFrame) -> np.ndarray:
    """Covariates in the order of BASE; unanswered questions count as no (those without education are in no model)."""
    columns = {
        "woman": people["sex"] == "woman",
        "age": people["age_days"] / DAYS_PER_YEAR,
        "married": people["marital_status"] == "married_partner",
        "education_primary": people["education"] == "primary",
        "education_higher": people["education"].isin(["university_1_4_years", "university_over_4_years"]),
        "born_outside_norway": people["country_of_birth"].isin(["nordic", "outside_nordic"]),
        "income_year_before_inclusion_1000nok": people["income"],
        "income_below_G_year_before_inclusion": people["income"] < BASIC_AMOUNT_GAP,
        "good_self_rated_health": people["self_rated_health"].isin(["very_good", "good"]),
        "positive_expectation_of_work": people["expects_return_within_weeks"].isin(["fits_very_well", "fits_well"]),
        "in_work_at_inclusion": people["status_group"] == "in_work",
        "aap_at_inclusion": people["status_group"] == "aap",
        "other_status_at_inclusion": people["status_group"] == "other",
        "sfj_vs_control": people["arm"] == "sfj",
    }
    return np.column_stack([columns[name].to_numpy(dtype=float) for name in BASE])
