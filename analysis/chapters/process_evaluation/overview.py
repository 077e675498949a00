"""The chapter's answer in one sentence, and its key numbers."""

from analysis.chapters.process_evaluation.dose import dose_by_person
from analysis.chapters.process_evaluation.model_fidelity import correlation, scores_by_centre
from analysis.frames.trial import Trial
from analysis.show.prose import Sentence, count, percent
from analysis.study.settings import Study


def title(trial: Trial) -> Sentence:
    """Was the model delivered as meant? Turns with the number of centres at good fidelity or better."""
    scores = scores_by_centre(trial)
    if scores.empty:
        return Sentence("title_unknown", finding=True)
    good = int(scores["band"].isin(["good", "exemplary"]).sum())
    people = dose_by_person(trial)
    helped = (people["job_consultant_hours"] > 0).mean()
    return Sentence(
        "title",
        {"good": count(good), "centres": count(len(scores)), "share": percent(100 * helped, 0)},
        _direction(good, len(scores), trial.study),
        finding=True,
    )


def _direction(good: int, centres: int, study: Study) -> str:
    """higher: every reviewed centre is at good fidelity; lower: none; unclear: some."""
    if good == centres == len(study.centre_codes):
        return "higher"
    return "lower" if good == 0 else "unclear"


def key_numbers(trial: Trial) -> dict[str, float]:
    """The numbers a test compares, by name."""
    people, scores, found = dose_by_person(trial), scores_by_centre(trial), correlation(trial).iloc[0]
    helped = people.loc[people["job_consultant_hours"] > 0, "job_consultant_hours"]
    return {
        "guidance_hours_mean": float(people.loc[people["guidance_hours"] > 0, "guidance_hours"].mean()),
        "received_job_consultant": len(helped) / len(people),
        "job_consultant_hours_mean": float(helped.mean()),
        "fidelity_lowest": float(scores["total"].min()),
        "fidelity_highest": float(scores["total"].max()),
        "fidelity_adjusted_highest": float(scores["total_adjusted"].max()),
        "fidelity_and_effect_rho": float(found["estimate"]),
        "fidelity_and_effect_p": float(found["p_value"]),
    }
