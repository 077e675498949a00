"""What the report's claims on costs, delivery and users are held to: sections 1 and 5 to 8."""

from dataclasses import replace

import pandas as pd

from analysis.chapters.cost_benefit.evaluation import EVALUATION, evaluate, populations
from analysis.chapters.cost_benefit.resampling import net_value_interval
from analysis.chapters.process_evaluation.model_fidelity import (
    GOOD,
    correlation,
    effect_by_centre,
    integration_levels,
    newly_good,
    scores_by_centre,
)
from analysis.chapters.user_survey.experience import compare_ratings, ratings
from analysis.chapters.user_survey.open_answers import TOO_SHORT, answers_of, shares_of
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.methods.coding import flag_shares, mean_over_waves
from analysis.methods.cost_benefit import net_present_value
from analysis.published.registry import answers
from analysis.show.prose import Label, Sentence, tally

COSTS, PROCESS, USERS = "cost_benefit", "process_evaluation", "user_survey"
LEAD = Label("answers", "lead")
# Not complaints of their own: too short is a part of the one, and the other is none.
COUNTED_ALONE = ("aspects_of_the_measure", "satisfied_with_all_or_most")


@answers("net_value_of_all", COSTS, unit="nok")
@needs(*EVALUATION)
def net_value_of_all(trial: Trial) -> pd.DataFrame:
    """Net present value per person of all participants, with its bootstrap interval."""
    return _net_value(trial, 0)


@answers("net_value_of_those_long_out", COSTS, unit="nok")
@needs(*EVALUATION)
def net_value_of_those_long_out(trial: Trial) -> pd.DataFrame | Absent:
    """The same for the population of the internal evaluation."""
    return _net_value(trial, 1) if len(populations(trial.study)) > 1 else Absent("scenarios")


def _net_value(trial: Trial, place: int) -> pd.DataFrame:
    return net_value_interval(trial, list(populations(trial.study))[place])


@answers("net_value_with_an_effect_of_eight_points", COSTS, unit="nok", counted=True)
@needs(*EVALUATION)
def net_value_with_eight_points(trial: Trial) -> list[dict]:
    """Net present value per person were the effect on work without benefits that of the best centres, 8 points."""
    scenario = evaluate(trial).scenario
    better = replace(scenario, effect_full=0.08, effect_partial=0.0)
    return [{"estimate": net_present_value(better).per_person}]


@answers("centres_out_of_the_fair_band", PROCESS, unit="count", counted=True)
@needs("reviewed_centres:1")
def centres_out_of_band(trial: Trial) -> list[dict]:
    """Centres whose total is not in the band fair."""
    return [{"estimate": float((scores_by_centre(trial)["band"] != "fair").sum())}]


@answers("centres_more_than_one_good_when_adjusted", PROCESS, unit="count", counted=True)
@needs("reviewed_centres:1")
def more_than_one_good(trial: Trial) -> list[dict]:
    """Centres that reach good or better only after the adjustment, less the one that the report names."""
    return [{"estimate": float(newly_good(scores_by_centre(trial)) - 1)}]


@answers("centres_of_high_fidelity", PROCESS, unit="count", counted=True)
@needs("reviewed_centres:1")
def high_fidelity(trial: Trial) -> list[dict]:
    """Centres in the band good or better."""
    return [{"estimate": float(scores_by_centre(trial)["band"].isin(GOOD).sum())}]


@answers("split_on_integration", PROCESS, unit="count", counted=True)
@needs("reviewed_centres:2")
def split_on_integration(trial: Trial) -> list[dict]:
    """Centres high and centres low on frequent team contact, each less the three that the report names."""
    levels = integration_levels(trial)["level"].value_counts()
    return [{"estimate": float(levels.get(level, 0) - 3)} for level in ("high", "low")]


@answers("fidelity_and_effect", PROCESS, unit="test")
@needs("reviewed_centres:2", "arms", "registers")
def fidelity_and_effect(trial: Trial) -> pd.DataFrame:
    """Rank correlation of fidelity and effect over the centres."""
    return correlation(effect_by_centre(trial))


def _lead(values: pd.Series, leading: list[str]) -> float:
    """The smallest value of some keys less the largest of the others."""
    return float(values.reindex(leading, fill_value=0).min() - values.drop(leading, errors="ignore").max())


@answers("satisfaction_at_both_waves", USERS, unit="score")
@needs("ratings:satisfaction")
def satisfaction(trial: Trial) -> pd.DataFrame:
    """Satisfaction with the follow-up at 6 and 12 months."""
    found = compare_ratings(trial, ratings(trial))
    own = found[(found["outcome"] == "satisfaction") & (found["contrast"] == trial.study.contrast)]
    return own.assign(part=[Sentence("after_months", {"wave": tally(wave)}, of="common") for wave in own["wave"]])


def _shares(trial: Trial, question: str, arm: str) -> pd.Series:
    """Per cent of the answers by category."""
    shares = shares_of(trial)
    own = shares[(shares["question"] == question) & (shares["arm"] == arm)]
    return 100 * own.set_index("category")["proportion"]


@answers("lead_of_the_adviser", USERS, counted=True)
@needs("open_answers")
def lead_of_the_adviser(trial: Trial) -> list[dict]:
    """Most satisfied, treatment arm: psychologist or adviser before all others, then tools before the rest."""
    shares = _shares(trial, "most_satisfied", trial.study.treatment)
    rest = shares.drop("psychologist")
    return [
        {"estimate": _lead(shares, ["psychologist"]), "part": LEAD},
        {"estimate": _lead(rest, ["tools"]), "part": LEAD},
    ]


@answers("lead_of_psychologist_and_doctor", USERS, counted=True)
@needs("open_answers")
def lead_of_psychologist_and_doctor(trial: Trial) -> list[dict]:
    """Most satisfied, control arm: psychologist and general practitioner before all others."""
    shares = _shares(trial, "most_satisfied", trial.study.control)
    return [{"estimate": _lead(shares, ["psychologist", "general_practitioner"]), "part": LEAD}]


@answers("lead_of_too_short", USERS, counted=True)
@needs("open_answers")
def lead_of_too_short(trial: Trial) -> list[dict]:
    """Least satisfied, treatment arm: too short before every other complaint, the category it is part of left out."""
    answers_, arm = answers_of(trial), trial.study.treatment
    own = answers_[(answers_["question"] == "least_satisfied") & (answers_["arm"] == arm)]
    short = mean_over_waves(flag_shares(own, TOO_SHORT, ["arm", "wave"]), ["arm"])["proportion"]
    others = _shares(trial, "least_satisfied", arm).drop(list(COUNTED_ALONE))
    return [{"estimate": 100 * float(short.iloc[0]) - others.max(), "part": Label("answers", "lead_of_too_short")}]


@answers("lead_of_nav", USERS, counted=True)
@needs("open_answers")
def lead_of_nav(trial: Trial) -> list[dict]:
    """Least satisfied, control arm: NAV before every other complaint."""
    shares = _shares(trial, "least_satisfied", trial.study.control).drop(list(COUNTED_ALONE))
    return [{"estimate": _lead(shares, ["nav"]), "part": LEAD}]
