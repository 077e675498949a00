"""The nine published logits as targets: which terms each has, and the numbers printed for them."""

from dataclasses import dataclass

import numpy as np

from .targets import Targets

COVARIATES = (
    "woman",
    "age",
    "married",
    "education_primary",
    "education_higher",
    "born_outside_norway",
    "income_year_before_inclusion_1000nok",
    "income_below_G_year_before_inclusion",
    "good_self_rated_health",
    "positive_expectation_of_work",
)
STATUS_TERMS = ("in_work_at_inclusion", "aap_at_inclusion", "other_status_at_inclusion")
TREATMENT = "sfj_vs_control"
# Columns of the people matrix, in this order.
BASE = (*COVARIATES, *STATUS_TERMS, TREATMENT)
CONTINUOUS = ("age", "income_year_before_inclusion_1000nok")
PRODUCTS = {
    "sfj_x_woman": "woman",
    "sfj_x_age": "age",
    "sfj_x_married": "married",
    "sfj_x_education_primary": "education_primary",
    "sfj_x_education_higher": "education_higher",
    "sfj_x_born_outside_norway": "born_outside_norway",
    "sfj_x_income": "income_year_before_inclusion_1000nok",
    "sfj_x_income_below_G": "income_below_G_year_before_inclusion",
    "sfj_x_good_health": "good_self_rated_health",
    "sfj_x_positive_expectation": "positive_expectation_of_work",
    "sfj_x_in_work_at_inclusion": "in_work_at_inclusion",
    "sfj_x_aap_at_inclusion": "aap_at_inclusion",
    "sfj_x_other_status_at_inclusion": "other_status_at_inclusion",
}
OUTCOMES = ("in_work_m12", "partly_m12", "partly_m18")
# Printed column → outcome.
COLUMNS = {
    ("table_09", "m1_in_work_no_benefits_12m_no_interactions"): "in_work_m12",
    ("table_09", "m2_in_work_no_benefits_12m_interactions"): "in_work_m12",
    ("table_09", "m3_fully_or_partly_12m_no_interactions"): "partly_m12",
    ("table_09", "m4_fully_or_partly_12m_interactions"): "partly_m12",
    ("table_09", "m5_fully_or_partly_18m_interactions"): "partly_m18",
    ("table_A2", "m1_in_work_no_benefits_no_interactions"): "in_work_m12",
    ("table_A2", "m2_in_work_no_benefits_interactions"): "in_work_m12",
    ("table_A2", "m3_fully_or_partly_no_interactions"): "partly_m12",
    ("table_A2", "m4_fully_or_partly_interactions"): "partly_m12",
}


@dataclass(frozen=True)
class LogitModel:
    """One printed column: `mains` and `products` are positions in BASE; printed values follow the terms, then R²."""

    source: str
    column: str
    outcome: str
    terms: tuple[str, ...]
    mains: tuple[int, ...]
    products: tuple[int, ...]
    effects: np.ndarray
    effect_places: np.ndarray
    z: np.ndarray
    z_places: np.ndarray
    r2: float
    people: int

    def design(self, base: np.ndarray) -> np.ndarray:
        """Ones, the terms of BASE, and their products with treatment; one row a row of `base`."""
        treated = base[:, [BASE.index(TREATMENT)]]
        return np.hstack([np.ones((len(base), 1)), base[:, self.mains], base[:, self.products] * treated])

    @property
    def dummies(self) -> np.ndarray:
        """Which terms are zeros and ones."""
        smooth = [PRODUCTS.get(term, term) in CONTINUOUS for term in self.terms]
        return ~np.array(smooth)


def published_models(targets: Targets) -> list[LogitModel]:
    """The nine columns of tables 9 and A.2."""
    return [_model(targets, source, column, outcome) for (source, column), outcome in COLUMNS.items()]


def _model(targets: Targets, source: str, column: str, outcome: str) -> LogitModel:
    printed = targets.where(source, column=column)
    rows = set(printed["row"])
    mains = [term for term in BASE if term in rows]
    products = [product for product in PRODUCTS if product in rows]
    terms = (*mains, *products)
    by_key = printed.set_index(["row", "statistic"])
    effects = np.array([by_key.loc[(term, "marginal_effect"), "value"] for term in terms])
    z = np.array([by_key.loc[(term, "z"), "value"] for term in terms])
    return LogitModel(
        source,
        column,
        outcome,
        terms,
        tuple(BASE.index(term) for term in mains),
        tuple(BASE.index(PRODUCTS[product]) for product in products),
        effects,
        np.array([by_key.loc[(term, "marginal_effect"), "decimals"] for term in terms]),
        # A z whose sign contradicts its effect is a slip of the pen: the sign of the effect is taken.
        np.copysign(z, effects),
        np.array([by_key.loc[(term, "z"), "decimals"] for term in terms]),
        float(by_key.loc[("pseudo_r2", "r2"), "value"]),
        int(by_key.loc[("number", "n"), "value"]),
    )
