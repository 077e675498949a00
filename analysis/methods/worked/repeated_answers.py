"""Answers of the same people by hand: one share of several follow-ups, with an interval that draws on people."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.methods import repeated_answers
from analysis.methods.worked.arithmetic import Z, ratio
from analysis.methods.worked.example import Example, Worked

# Ten answers of six people, four of whom answered at both follow-ups: whether each has the category.
ANSWERS = pd.DataFrame({
    "person": [1, 1, 2, 2, 3, 3, 4, 4, 5, 6],
    "given": [True, True, False, False, True, False, False, False, True, False],
})  # fmt: skip


def share_by_hand(people: pd.DataFrame) -> Worked:
    """The share of all answers; its variance from what each person's answers add up to; Wilson's interval with it."""
    given, n = people["given"].to_numpy(float), len(people)
    p = given.mean()
    error = (given - p) / n
    of_person = {person: error[people["person"] == person].sum() for person in sorted(set(people["person"]))}
    persons = len(of_person)
    variance = ratio(persons, persons - 1) * sum(total**2 for total in of_person.values())
    worth = ratio(p * (1 - p), variance)
    worth = min(persons if np.isnan(worth) or worth == 0 else worth, n)
    middle = (p + Z**2 / (2 * worth)) / (1 + Z**2 / worth)
    half = Z * np.sqrt(p * (1 - p) / worth + Z**2 / (4 * worth**2)) / (1 + Z**2 / worth)
    steps = {"n": n, "persons": persons, "p": p, "variance": variance, "worth": worth, "middle": middle, "half": half,
             "low": middle - half, "high": middle + half}  # fmt: skip
    return Worked(people.assign(error=error), steps)


def _share(people: pd.DataFrame) -> Mapping[str, float]:
    answers = pd.DataFrame({"participant_id": people["person"], "wave": 6, "group": "all"})
    found = repeated_answers.repeated_shares(answers, people[["given"]], ["group"], "category").iloc[0]
    return {"n": found["answers"], "persons": found["people"], "p": found["proportion"],
            "variance": found["std_error"] ** 2, "low": found["conf_low"], "high": found["conf_high"]}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "repeated_shares": Example(
        (repeated_answers.repeated_shares, repeated_answers._between, repeated_answers._wilson), ANSWERS, share_by_hand,
        _share,
    ),
}  # fmt: skip
