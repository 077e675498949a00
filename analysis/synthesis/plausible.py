"""Answers that no printed figure ties to age, given to people of a fitting age."""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm

from .ages import DAYS_PER_YEAR

# Years. Nobody younger is married or has been at university, as far as exchanges decide it.
GROWN_UP = 20.0
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


def too_young(years: np.ndarray, married_or_student: np.ndarray) -> np.ndarray:
    """Who is married or has been at university before GROWN_UP."""
    return (years < GROWN_UP) & married_or_student


def with_grown_ups(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The people after those who are too young for their answers have exchanged ages with somebody who is not, of the
    same arm, status and age group."""
    people = people.copy()
    while True:
        years = people["age_days"] / DAYS_PER_YEAR
        student = people["education"].str.startswith("university")
        bound = (people["marital_status"] == "married_partner") | student
        wrong = people.index[too_young(years, bound)]
        if not len(wrong):
            return people
        one = wrong[0]
        keys = ["arm", "status_group", "age_group"]
        alike = (people[keys] == people.loc[one, keys]).all(axis=1)
        other = rng.choice(people.index[alike & ~bound & (years >= GROWN_UP)])
        people.loc[[one, other], "age_days"] = people.loc[[other, one], "age_days"].to_numpy()
