"""Answers that no printed figure ties to age, given to people of a fitting age."""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm

from .ages import DAYS_PER_YEAR
from .regression_state import AT, NAMES, RegressionState

# Years. Nobody younger is married or has been at university; those who take their places are older by so much that
# later shifts do not make them younger again, and belong to the youngest age group.
GROWN_UP, LEEWAY, LIMIT = 20.0, 0.5, 30.0
# Typical age and spread of those who give an answer, and the age below which nobody does. Tables 2 and A.1 and the
# regressions do not tell the answers of one line apart by age or status.
ALIKE = {
    "marital_status": {
        "unmarried": (35.0, 9.0, 18.0),
        "cohabiting": (37.0, 9.0, 20.0),
        "divorced_separated": (46.0, 8.0, 25.0),
        "widowed": (52.0, 7.0, 32.0),
    },
    "education": {"university_1_4_years": (40.0, 10.0, 18.0), "university_over_4_years": (43.0, 9.0, 25.0)},
}
# Cost of an answer below its least age: given only if there is nobody else.
TOO_YOUNG = 1e3


def with_answers_by_age(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The people with the answers of ALIKE dealt anew within each arm: as many of each, by ages that fit.

    The likeliest assignment after Gumbel noise on every log likelihood, which makes it a draw.
    """
    years = people["age_days"].to_numpy() / DAYS_PER_YEAR
    changed = {}
    for column, kinds in ALIKE.items():
        answers = people[column].to_numpy(dtype=object).copy()
        for arm in sorted(set(people["arm"])):
            members = np.flatnonzero((people["arm"] == arm).to_numpy() & np.isin(answers, list(kinds)))
            given = answers[members]
            typical, spread, least = np.array([kinds[answer] for answer in given]).T
            fit = norm.logpdf(years[members][:, None], typical, spread) + rng.gumbel(size=(len(members), len(members)))
            fit -= TOO_YOUNG * (years[members][:, None] < least)
            person, answer = linear_sum_assignment(-fit)
            answers[members[person]] = given[answer]
        changed[column] = answers
    return people.assign(**changed)


def too_young(state: RegressionState) -> np.ndarray:
    """Who is in the models and is married or has been at university before GROWN_UP."""
    rows = state.rows
    bound = (rows[:, AT["married"]] > 0) | (rows[:, AT["education_higher"]] > 0)
    return (rows[:, AT["age"]] < GROWN_UP) & bound & (rows[:, AT["in_models"]] > 0)


def with_grown_ups(state: RegressionState) -> RegressionState:
    """The state after those who are too young for their answers have exchanged ages with the next older one of their
    arm, status and age group whose answers suit any age."""
    keys = ["arm", "status_group"]
    cells = state.first[keys].agg("|".join, axis=1).to_numpy()
    for person in np.flatnonzero(too_young(state)):
        rows = state.rows
        free = (rows[:, AT["married"]] == 0) & (rows[:, AT["education_higher"]] == 0) & (rows[:, AT["in_models"]] > 0)
        age = np.where(free & (cells == cells[person]), rows[:, AT["age"]], np.inf)
        other = int(np.where(age < GROWN_UP + LEEWAY, np.inf, age).argmin())
        if age[other] < LIMIT:
            state = state.exchanged(NAMES.index("age"), np.array([[person, other]]))
    return state
