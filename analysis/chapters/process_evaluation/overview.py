"""The chapter's answer in one sentence, and its key numbers."""

import math

from analysis.chapters.process_evaluation.dose import dose_by_person, share_helped
from analysis.chapters.process_evaluation.interview_material import commonest_themes
from analysis.chapters.process_evaluation.model_fidelity import (
    GOOD,
    correlation,
    effect_by_centre,
    scores_by_centre,
)
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.show.prose import Sentence, counted, percent, tally


@needs("process")
def title(trial: Trial) -> Sentence:
    """Was the model delivered as meant? Turns with the number of centres at good fidelity or better.

    Without a fidelity review it is what was raised most in the interviews; without these, that it is not known.
    """
    scores = scores_by_centre(trial)
    rated = None if isinstance(scores, Absent) else scores.dropna(subset=["total"])
    if rated is None or rated.empty:
        return _by_interviews(trial)
    good, centres = int(rated["band"].isin(GOOD).sum()), len(rated)
    values = {"good": tally(good), "centres": tally(centres), "helped": _helped(trial)}
    if centres == 1:
        return Sentence("title_one_good" if good else "title_one_not_good", values, finding=True)
    if good == centres < len(trial.study.centre_codes):
        return Sentence("title_as_far_as_reviewed", values, finding=True)
    direction = "higher" if good == centres else "lower" if good == 0 else "unclear"
    return Sentence("title", values, direction, finding=True)


# Parts of the opening sentence, and what a study needs to have for each.
_PARTS = {
    "part_staff": ("centre_facts",),
    "part_dose": ("table:contacts", "participants"),
    "part_fidelity": ("reviewed_centres:1",),
    "part_interviews": ("table:interviews",),
}


@needs("process")
def opening(trial: Trial) -> Sentence:
    """What the page tells: only what the study has."""
    parts = tuple(Sentence(part) for part, wanted in _PARTS.items() if not unmet(trial, *wanted))
    return Sentence("opening", {"parts": parts})


def _helped(trial: Trial) -> Sentence | str:
    people = dose_by_person(trial)
    if isinstance(people, Absent) or people.empty:
        return ""
    return Sentence("title_helped", {"share": percent(share_helped(people))})


def _by_interviews(trial: Trial) -> Sentence:
    said = commonest_themes(trial)
    if isinstance(said, Absent):
        return Sentence("title_unknown", finding=True)
    interviews = trial.tables["interviews"]
    values = {
        "interviews": counted(interviews["interview_id"].nunique(), "interviews"),
        "informants": counted(interviews["informant_id"].nunique(), "informants"),
        "themes": said,
    }
    return Sentence("title_interviews", values, finding=True)


def key_numbers(trial: Trial) -> dict[str, float]:
    """The numbers a test compares, by name: of dose and fidelity; without these, how many were interviewed."""
    return {**_dose_numbers(trial), **_fidelity_numbers(trial)} or _interview_numbers(trial)


def _interview_numbers(trial: Trial) -> dict[str, float]:
    interviews = trial.tables["interviews"]
    if interviews.empty:
        return {}
    return {
        "interviews": float(interviews["interview_id"].nunique()),
        "informants": float(interviews["informant_id"].nunique()),
    }


def _dose_numbers(trial: Trial) -> dict[str, float]:
    people = dose_by_person(trial)
    if isinstance(people, Absent):
        return {}
    helped = people.loc[people["job_consultant_hours"] > 0, "job_consultant_hours"]
    return {
        "guidance_hours_mean": float(people.loc[people["guidance_hours"] > 0, "guidance_hours"].mean()),
        "received_job_consultant": len(helped) / len(people) if len(people) else math.nan,
        "job_consultant_hours_mean": float(helped.mean()),
    }


def _fidelity_numbers(trial: Trial) -> dict[str, float]:
    scores, found = scores_by_centre(trial), correlation(effect_by_centre(trial))
    numbers = (
        {}
        if isinstance(scores, Absent)
        else {
            "fidelity_lowest": float(scores["total"].min()),
            "fidelity_highest": float(scores["total"].max()),
            "fidelity_adjusted_highest": float(scores["total_adjusted"].max()),
        }
    )
    if isinstance(found, Absent):
        return numbers
    row = found.iloc[0]
    return numbers | {
        "fidelity_and_effect_rho": float(row["estimate"]),
        "fidelity_and_effect_p": float(row["p_value"]),
    }
