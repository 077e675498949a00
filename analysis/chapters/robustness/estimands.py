"""The estimands in the terms of ICH E9(R1): for whom, what, despite which events, summed up how, and chosen when."""

import pandas as pd

from analysis.chapters.cost_benefit.evaluation import EVALUATION, main_population, members_of
from analysis.chapters.employment.populations import compared
from analysis.chapters.health.measures import FOLLOWED, last_wave, scores_in
from analysis.chapters.robustness.estimators import ways
from analysis.chapters.robustness.people import POST_HOC, chosen_as, family, last_time, people_in, strata
from analysis.frames.needs import needs, unmet
from analysis.frames.trial import Trial
from analysis.show.listing import Listing
from analysis.show.prose import Label, Sentence, count, month
from analysis.study.outcome_rules import AT_A_TIME, Outcome

# What is done about answers that are missing, by the ways of the chapter on health: of whom the estimand is.
SILENT = {
    "answered": "answered_then", "carried": "answered_once", "alike": "answered_once", "jump": "answered_once",
    "increments": "answered_once", "either": "would_answer",
}  # fmt: skip
USUAL = ("answered", "carried")  # of reports; each table of the chapter on health says whether it was planned


@needs("arms", "registers")
def estimands(trial: Trial) -> Listing:
    """One row an estimand: variable, people, events after inclusion, summary, and whether it was planned.

    The primary outcome has two: as published, and standardised as one would do it today. Scores of health have one for
    each way of treating those who did not answer, the net present value one. Treatments are the same throughout and
    stand in the caption.
    """
    study = trial.study
    rows = [_row(trial, rule, today) for rule in family(trial)
            for today in ((False, True) if rule.code == study.primary_outcome else (False,))]  # fmt: skip
    rows += _of_scores(trial) if unmet(trial, *FOLLOWED) is None else []
    rows += [_of_the_net_value(trial)] if unmet(trial, *EVALUATION) is None else []
    return Listing("estimands", pd.DataFrame(rows), ["chosen"])


def _of_scores(trial: Trial) -> list[dict]:
    """One row a way of treating missing answers; counts are of people with any score, at the last wave or at any."""
    columns, last = [score.column for score in scores_in(trial)], last_wave(trial)
    then = trial.health[[f"{column}_m{last}" for column in columns]].notna().any(axis=1)
    once = trial.health[[f"{column}_m{wave}" for column in columns for wave in trial.study.waves]].notna().any(axis=1)
    at = {"at": month(last), "all": count(len(trial.health))}
    counted = {"answered_then": {"n": count(then.sum())}, "answered_once": {"n": count(once.sum())}, "would_answer": {}}
    return [{
        "variable": Sentence("variable_scores", at),
        "people": Sentence(people, counted[people] | at),
        "events": Sentence(f"silent_{way}"),
        "summary": Sentence("summary_means"),
        "chosen": Label("chosen", "in_health" if way in USUAL else POST_HOC),
    } for way, people in SILENT.items()]  # fmt: skip


def _of_the_net_value(trial: Trial) -> dict:
    members = members_of(trial, main_population(trial.study))
    return {
        "variable": Sentence("variable_net_value"),
        "people": Sentence("evaluated", {"n": count(len(members))}),
        "events": Sentence("events_valued"),
        "summary": Sentence("summary_net_value"),
        "chosen": Label("chosen", POST_HOC),
    }


def _row(trial: Trial, rule: Outcome, today: bool) -> dict:
    known = count(people_in(trial)[rule.code].notna().sum())
    at = {"at": month(last_time(trial, rule))}
    kind = "at_a_time" if rule.measure == AT_A_TIME else "any_time" if rule.is_yes_or_no else "part"
    seen = "seen_then" if rule.measure == AT_A_TIME else "seen_throughout"
    events = "from_inclusion" if rule.steps else "whatever"
    plain = "summary_shares" if rule.is_yes_or_no else "summary_parts"
    adjusted = "summary_over_strata" if strata(trial) else "summary_over_people"
    outcome = Label("outcomes", rule.code)
    return {
        "variable": Sentence(f"variable_{kind}", {"outcome": outcome, **at}),
        "people": Sentence(seen, {"n": known, "all": count(len(compared(trial).people)), **at}),
        "events": Sentence(f"events_{events}"),
        "summary": Sentence(adjusted if today and len(ways(trial)) > 1 else plain),
        "chosen": Label("chosen", chosen_as(trial, rule.code)),
    }
