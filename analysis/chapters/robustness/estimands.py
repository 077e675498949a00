"""The estimands in the terms of ICH E9(R1): for whom, what, despite which events, summed up how, and chosen when."""

import pandas as pd

from analysis.chapters.employment.populations import compared
from analysis.chapters.robustness.estimators import ways
from analysis.chapters.robustness.people import chosen_as, family, last_time, people_in, strata
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.show.listing import Listing
from analysis.show.prose import Label, Sentence, count, month
from analysis.study.outcome_rules import AT_A_TIME, Outcome


@needs("arms", "registers")
def estimands(trial: Trial) -> Listing:
    """One row an estimand: variable, people, events after inclusion, summary, and whether it was planned.

    The primary outcome has two: as published, and standardised as one would do it today. Treatments are the same
    throughout and stand in the caption.
    """
    study = trial.study
    rows = [_row(trial, rule, today) for rule in family(trial)
            for today in ((False, True) if rule.code == study.primary_outcome else (False,))]  # fmt: skip
    return Listing("estimands", pd.DataFrame(rows), ["chosen"])


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
