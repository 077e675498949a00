"""The chapter's answer in one sentence, and its key numbers."""

import math

from analysis.chapters.user_survey.coding_agreement import agreement
from analysis.chapters.user_survey.experience import (
    RATINGS,
    compare_ratings,
    last_rated,
    rating_sentence,
    ratings,
)
from analysis.chapters.user_survey.informants import success_and_wishes, users
from analysis.chapters.user_survey.open_answers import answers_of, coordination_answers
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.show.prose import Sentence


@needs("users")
def title(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """Were those offered the programme more satisfied? Turns with the last follow-up.

    Without ratings it is what users said in interviews.
    """
    if unmet(trial, "ratings:satisfaction") is None:
        estimates = compare_ratings(trial, ratings(trial), conf_level=conf_level)
        return rating_sentence(trial, estimates, "satisfaction", last_rated(trial), key="title")
    said = success_and_wishes(trial)
    return said if isinstance(said, Absent) else Sentence("title_interviews", {"said": said}, finding=True)


# Parts of the opening sentence, and what a study needs to have for each.
_PARTS = {
    "part_treated": "earlier_treatment",
    "part_satisfied": "ratings:satisfaction",
    "part_answers": "open_answers",
    "part_coordination": "coordination",
    "part_interviews": "users_interviewed",
}


@needs("users")
def opening(trial: Trial) -> Sentence:
    """What the page tells: only what the study has."""
    parts = tuple(Sentence(part) for part, need in _PARTS.items() if not unmet(trial, need))
    return Sentence("opening", {"parts": parts})


def key_numbers(trial: Trial) -> dict[str, float]:
    """The numbers a test compares, by name; those that the study has."""
    found = {
        "open_answers": _size(answers_of(trial)),
        "kappa_all_categories": _kappa(trial),
        "coordination_positive": _positive(trial),
        "users_interviewed": _size(users(trial)),
    }
    return _rating_means(trial) | {name: value for name, value in found.items() if not math.isnan(value)}


def _size(rows) -> float:
    return math.nan if isinstance(rows, Absent) else float(len(rows))


def _rating_means(trial: Trial) -> dict[str, float]:
    answers = ratings(trial)
    if isinstance(answers, Absent):
        return {}
    return {
        f"{rating}_{arm}_{wave}m": float(mean)
        for rating in RATINGS
        for (arm, wave), mean in answers.groupby(["arm", "wave"], observed=True)[rating].mean().items()
    }


def _kappa(trial: Trial) -> float:
    found = agreement(trial)
    if isinstance(found, Absent):
        return math.nan
    return float(found.set_index("outcome").loc["all_categories", "estimate"])


def _positive(trial: Trial) -> float:
    answers = coordination_answers(trial)
    return math.nan if isinstance(answers, Absent) else float((answers["experience"] == "positive").mean())
