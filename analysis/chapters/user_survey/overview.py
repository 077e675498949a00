"""Key numbers of the chapter, for comparison between runs."""

import math

from analysis.chapters.user_survey.experience import RATINGS, ratings
from analysis.chapters.user_survey.informants import users
from analysis.chapters.user_survey.open_answers import agreement, answers_of, coded_twice, coordination_answers
from analysis.frames.trial import Trial


def key_numbers(trial: Trial) -> dict[str, float]:
    """The numbers a test compares, by name."""
    answers, means = ratings(trial), {}
    for rating in RATINGS:
        for (arm, wave), mean in answers.groupby(["arm", "wave"], observed=True)[rating].mean().items():
            means[f"{rating}_{arm}_{wave}m"] = float(mean)
    kappa = math.nan
    if coded_twice(trial):
        kappa = agreement(trial).set_index("outcome").loc["all_categories", "estimate"]
    experiences = coordination_answers(trial)["experience"]
    return means | {
        "open_answers": float(len(answers_of(trial))),
        "kappa_all_categories": float(kappa),
        "coordination_positive": float((experiences == "positive").mean()),
        "users_interviewed": float(len(users(trial))),
    }
