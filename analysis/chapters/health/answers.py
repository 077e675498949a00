"""What the chapter says about answers: how many returned, who did not, and what missing answers could change.

Nothing is said where a number is not known: the function then gives `Absent` with what would be needed.
"""

from math import isnan

import pandas as pd

from analysis.chapters.health.cells import one_estimate, people_behind
from analysis.chapters.health.measures import (
    ANSWERED,
    FOLLOWED,
    arm_names,
    is_known,
    last_wave,
    scores_in,
)
from analysis.chapters.health.missing import USUAL, prefers_unstructured, ways_with_missing_answers
from analysis.chapters.health.tables import carried_scores, start_by_response
from analysis.chapters.health.wording import level
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.methods.missing_data import carried_from, response
from analysis.show.prose import (
    Label,
    Number,
    Sentence,
    count,
    decimal,
    direction_by_p,
    direction_of,
    month,
    p_value,
    percent,
    points,
    tally,
)


@needs(*ANSWERED)
def returned(trial: Trial, wave: int, conf_level: float = 0.95) -> Sentence | Absent:
    """How many returned the questionnaire of a wave, and whether that differs between the arms."""
    if lacking := unmet(trial, f"wave:{wave}"):
        return Absent(lacking)
    shares = response(trial.scores, trial.people, wave, **arm_names(trial), conf_level=conf_level)
    total, gap = (one_estimate(shares, contrast=contrast) for contrast in ("total", trial.study.contrast))
    n = people_behind(total)
    values = {
        "wave": month(wave),
        "returned": count(total["estimate"] * n),
        "n": count(n),
        "share": percent(100 * total["estimate"]),
        "treated": percent(100 * one_estimate(shares, contrast=trial.study.treatment)["estimate"]),
        "control": percent(100 * one_estimate(shares, contrast=trial.study.control)["estimate"]),
        **_difference(gap),
        "p": p_value(gap["p_value"]),
    }
    if isnan(gap["p_value"]):
        return Sentence("returned_by_all", values, finding=wave == last_wave(trial))
    direction = direction_by_p(gap["estimate"], gap["p_value"], 1 - conf_level)
    return Sentence("returned", values, direction, finding=wave == last_wave(trial))


def returned_by_wave(trial: Trial, conf_level: float = 0.95) -> list[Sentence | Absent]:
    """How many returned the questionnaire, one sentence a wave after inclusion."""
    return [returned(trial, wave, conf_level) for wave in trial.study.follow_up_waves]


@needs(*ANSWERED)
def loss_by_arm(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """What the difference in response at the last wave means for the comparison."""
    if lacking := unmet(trial, f"wave:{last_wave(trial)}"):
        return Absent(lacking)
    shares = response(trial.scores, trial.people, last_wave(trial), **arm_names(trial), conf_level=conf_level)
    gap = one_estimate(shares, contrast=trial.study.contrast)
    values = {"month": month(last_wave(trial)), **_difference(gap)}
    if one_estimate(shares, contrast="total")["estimate"] == 1:
        return Sentence("no_loss", values)
    return Sentence("loss_by_arm", values, direction_by_p(gap["estimate"], gap["p_value"], 1 - conf_level))


def _difference(gap: pd.Series) -> dict[str, Number]:
    """A difference of shares in percentage points, and its interval with its sign."""
    ends = {"difference": "estimate", "low": "conf_low", "high": "conf_high"}
    signed = {name: decimal(100 * gap[field], 1) for name, field in ends.items()}
    return {"points": points(100 * gap["estimate"]), "level": level(gap), **signed}


@needs(*FOLLOWED, "instrument:hads")
def non_responders(trial: Trial, arm: str, conf_level: float = 0.95) -> Sentence | Absent:
    """Baseline anxiety and depression of those who later did not answer, against those who did, in one arm."""
    means = start_by_response(trial, conf_level)
    own = means[(means["outcome"] == "hads_total_m0") & (means["population"] == arm)]
    gap = one_estimate(own, contrast="responders_vs_non_responders")
    if not is_known(gap, "conf_low", "p_value"):
        return Absent("enough_answers")
    values = {
        "arm": Label("arms", arm),
        "month": month(last_wave(trial)),
        "answered": decimal(one_estimate(own, contrast="responders")["estimate"], 2),
        "silent": decimal(one_estimate(own, contrast="non_responders")["estimate"], 2),
        "level": level(gap),
        "low": decimal(-gap["conf_high"], 2),
        "high": decimal(-gap["conf_low"], 2),
        "p": p_value(gap["p_value"]),
    }
    # the contrast is responders minus non-responders; the sentence is about the non-responders
    opposite = {"higher": "lower", "lower": "higher", "unclear": "unclear"}
    return Sentence("non_responders", values, opposite[direction_of(gap)])


@needs(*FOLLOWED)
def carried_shares(trial: Trial) -> Sentence | Absent:
    """How much of the carried values is not an answer at the last wave at all, but one from inclusion."""
    if not scores_in(trial):
        return Absent("instruments")
    seen = trial.extract_for("health.carried_forward")
    sources = carried_from(carried_scores(seen, scores_in(trial)[0]))
    if not {trial.study.treatment, trial.study.control} <= set(sources["arm"]):
        return Absent("enough_answers")
    first = sources[sources["from_wave"] == 0].set_index("arm")["share"]
    values = {
        "treated": percent(100 * first.get(trial.study.treatment, 0.0)),
        "control": percent(100 * first.get(trial.study.control, 0.0)),
        "month": month(last_wave(trial)),
    }
    return Sentence("carried_shares", values)


@needs(*FOLLOWED)
def ways(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """In how many of the scores the usual ways, and the model of all waves, find a clear difference."""
    found, known = (dict.fromkeys((*USUAL, "mmrm"), 0) for _ in range(2))
    for score in scores_in(trial):
        rows = ways_with_missing_answers(trial, score, conf_level)
        for row in rows[rows["way"].isin(list(found))].to_dict("records"):
            found[row["way"]] += direction_of(row) != "unclear"
            known[row["way"]] += is_known(row)
    if min(known.values()) < len(scores_in(trial)):
        return Absent("enough_answers")
    values = {way: tally(number) for way, number in found.items()}
    return Sentence("ways", values | {"all": tally(len(scores_in(trial)))})


@needs(*FOLLOWED)
def covariance(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """For how many of the scores a covariance without structure is preferred to a random intercept."""
    found = [prefers_unstructured(trial, score, 1 - conf_level) for score in scores_in(trial)]
    known = [each for each in found if each is not None]
    if not known:
        return Absent("enough_answers")
    values = {"preferred": tally(sum(known)), "all": tally(len(known)), "level": tally(1 - conf_level, 2)}
    return Sentence("covariance", values)
