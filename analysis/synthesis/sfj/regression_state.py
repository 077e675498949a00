"""The people as the regressions see them: one row of numbers each, and what they may exchange with each other."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from .ages import DAYS_PER_YEAR
from .logit_models import BASE, OUTCOMES

# Columns of the matrix of people, in this order.
ROW = (*BASE, *OUTCOMES, "in_models", "observed_18")
AT = {name: number for number, name in enumerate(ROW)}
# Thousand NOK between the incomes drawn below and above the basic amount: see `income`.
BASIC_AMOUNT_GAP = 78.0
HIGHER = ("university_1_4_years", "university_over_4_years")


@dataclass(frozen=True)
class Carrier:
    """What two people exchange as one: fields of `people`, and the columns of the matrix that follow from them."""

    fields: tuple[str, ...]
    columns: tuple[str, ...]


CARRIERS = {
    "sex": Carrier(("sex",), ("woman",)),
    "marital": Carrier(("marital_status",), ("married",)),
    "education": Carrier(("education",), ("education_primary", "education_higher")),
    "health": Carrier(("self_rated_health",), ("good_self_rated_health",)),
    "country": Carrier(("country_of_birth",), ("born_outside_norway",)),
    "expectation": Carrier(("expects_return_within_weeks",), ("positive_expectation_of_work",)),
    "age": Carrier(("age_group",), ("age",)),
    "income": Carrier((), ("income_year_before_inclusion_1000nok", "income_below_G_year_before_inclusion")),
    "work_12": Carrier((), ("in_work_m12", "partly_m12")),
    "work_18": Carrier((), ("partly_m18",)),
    # The outcome at 18 months belongs to the day: only some days of inclusion let it be observed.
    "day": Carrier(("included_on",), ("partly_m18", "observed_18")),
}
NAMES = tuple(CARRIERS)
# Carriers × columns: what an exchange of each alters.
ALTERS = np.array([[name in carrier.columns for name in ROW] for carrier in CARRIERS.values()])


@dataclass(frozen=True)
class RegressionState:
    """Everyone's covariates and outcomes.

    `first` has one row a participant, as before the fit, with `income`, the three outcomes, `in_models` (in the
    regressions at 12 months) and `observed_18`. `rows` is the matrix now (columns ROW); `held[carrier]` says whose
    value of `first` each person has.
    """

    first: pd.DataFrame
    rows: np.ndarray
    held: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, people: pd.DataFrame) -> "RegressionState":
        """Everyone with their own values."""
        known = people[[*OUTCOMES, "in_models", "observed_18"]].to_numpy(dtype=float)
        rows = np.hstack([base_matrix(people), known])
        return cls(people, rows, np.tile(np.arange(len(people)), (len(NAMES), 1)))

    @property
    def people(self) -> pd.DataFrame:
        """The people with what they hold now; `age_days` need not be whole."""
        now = {}
        for carrier, held in zip(CARRIERS.values(), self.held, strict=True):
            now |= {name: self.first[name].to_numpy()[held] for name in carrier.fields}
        known = {name: self.rows[:, AT[name]] > 0 for name in (*OUTCOMES, "observed_18")}
        income = self.rows[:, AT["income_year_before_inclusion_1000nok"]]
        return self.first.assign(**now, **known, age_days=self.rows[:, AT["age"]] * DAYS_PER_YEAR, income=income)

    def base(self) -> np.ndarray:
        """Matrix of the covariates in BASE, one row a participant."""
        return self.rows[:, : len(BASE)]

    def outcome(self, name: str) -> np.ndarray:
        """An outcome as zeros and ones."""
        return self.rows[:, AT[name]]

    def used(self, outcome: str) -> np.ndarray:
        """Who is in the models of an outcome."""
        return used(self.rows, outcome)

    def exchanged(self, carrier: int, pairs: np.ndarray) -> "RegressionState":
        """The state after the people of each pair (rows of `pairs`) have exchanged a carrier."""
        rows, held = self.rows.copy(), self.held.copy()
        ours, theirs = pairs.ravel(), pairs[:, ::-1].ravel()
        columns = np.flatnonzero(ALTERS[carrier])
        rows[np.ix_(ours, columns)] = self.rows[np.ix_(theirs, columns)]
        held[carrier, ours] = self.held[carrier, theirs]
        return replace(self, rows=rows, held=held)

    def shifted(self, years: np.ndarray, income: np.ndarray) -> "RegressionState":
        """The state with ages and incomes (thousand NOK) changed by so much."""
        rows = self.rows.copy()
        rows[:, AT["age"]] += years
        rows[:, AT["income_year_before_inclusion_1000nok"]] += income
        return replace(self, rows=rows)


def used(rows: np.ndarray, outcome: str) -> np.ndarray:
    """Which rows are in the models of an outcome."""
    inside = rows[:, AT["in_models"]] > 0
    return inside & (rows[:, AT["observed_18"]] > 0) if outcome == OUTCOMES[2] else inside


def base_matrix(people: pd.DataFrame) -> np.ndarray:
    """Covariates in the order of BASE; unanswered questions count as no (those without education are in no model)."""
    columns = {
        "woman": people["sex"] == "woman",
        "age": people["age_days"] / DAYS_PER_YEAR,
        "married": people["marital_status"] == "married_partner",
        "education_primary": people["education"] == "primary",
        "education_higher": people["education"].isin(HIGHER),
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
