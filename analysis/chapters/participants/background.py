"""Background of the participants at inclusion, by arm and beside ordinary users of the service."""

import pandas as pd

from analysis.chapters.participants.questions import questions_of, row_groups
from analysis.chapters.participants.shares import answer_shares, answers, by_arm, level_of, share_cells
from analysis.chapters.participants.ways import beside_extract_notes, extract_notes, rules_of, with_printed_columns
from analysis.frames.needs import needs
from analysis.frames.people import age_groups
from analysis.frames.trial import Trial, once_a_trial
from analysis.show.tables import Table

STUDY, REFERENCE = "study_population", "reference_group"


@needs("participants")
@once_a_trial
def background_answers(trial: Trial) -> pd.DataFrame:
    """What the participants answered about themselves, of everybody and by arm (see `shares.answers`).

    Questions: the standard ones, the study's own columns and its subgroups; those that nobody answered are left out.
    """
    people = {}

    def of_extract(name: str) -> dict[str, pd.DataFrame]:
        if name not in people:
            people[name] = by_arm(trial.extract_for(name).people, trial.study)
        return people[name]

    questions = questions_of(trial, "background", trial.people)
    asked = [(column, question) for column in by_arm(trial.people, trial.study) for question in questions]
    return answers(trial, "background", asked, of_extract)


@needs("participants")
@once_a_trial
def background_shares(trial: Trial, interval: str = "wilson", conf_level: float = 0.95) -> pd.DataFrame:
    """Share of each background answer with its interval (see `shares.answer_shares`)."""
    return answer_shares(background_answers(trial), interval, conf_level)


@needs("participants")
def background_table(trial: Trial, shares: pd.DataFrame | None = None) -> Table:
    """Background at inclusion, all participants and by arm: number, per cent and interval of `background_shares`."""
    shares = background_shares(trial) if shares is None else shares
    people = trial.extract_for("participants.background").people
    extracts = {rule["extract"] for rule in rules_of(trial, "background").get("cells", ()) if "extract" in rule}
    return Table(
        "background",
        share_cells(trial, "background", shares),
        rows=row_groups(questions_of(trial, "background", trial.people)),
        columns=list(by_arm(people, trial.study)),
        decimals={"answered": 0},
        n=len(people),
        conf_level=level_of(shares),
        notes=extract_notes(trial, "participants.background", *sorted(extracts)),
    )


@needs("participants", "table:reference_group")
@once_a_trial
def reference_answers(trial: Trial) -> pd.DataFrame:
    """Background answers of participants and ordinary users, those known in both groups (see `shares.answers`)."""
    reference = reference_people(trial)
    questions = questions_of(trial, "reference_background", trial.people, reference)
    asked = [(column, question) for question in questions for column in (STUDY, REFERENCE)]
    return answers(
        trial,
        "reference_background",
        asked,
        lambda extract: {STUDY: trial.extract_for(extract).people, REFERENCE: reference},
    )


@needs("participants", "table:reference_group")
@once_a_trial
def reference_shares(trial: Trial, interval: str = "wilson", conf_level: float = 0.95) -> pd.DataFrame:
    """Share of each answer among participants and among ordinary users (see `shares.answer_shares`)."""
    return answer_shares(reference_answers(trial), interval, conf_level)


@needs("participants", "table:reference_group")
def reference_background_table(trial: Trial, shares: pd.DataFrame | None = None) -> Table:
    """Background of the participants beside ordinary users of the service: number, per cent and interval."""
    shares = reference_shares(trial) if shares is None else shares
    return Table(
        "reference_background",
        share_cells(trial, "reference_background", shares),
        rows=row_groups(questions_of(trial, "reference_background", trial.people, reference_people(trial))),
        columns=with_printed_columns(trial, "reference_background", (STUDY, REFERENCE)),
        notes=beside_extract_notes(trial, "participants.background"),
        decimals={"answered": 0},
        conf_level=level_of(shares),
    )


def reference_people(trial: Trial) -> pd.DataFrame:
    """Ordinary users of the service, one row per person, with their age group."""
    reference = trial.tables["reference_group"]
    return reference.assign(age_group=age_groups(reference["age"]))


@needs("rule:participants.background")
def largest_shift(trial: Trial, conf_level: float = 0.95) -> float:
    """Largest distance, in percentage points, between a limit of the background table and Wilson's of the same share.

    0.0 when every limit is Wilson's already.
    """
    answered = background_answers(trial)
    printed = answer_shares(answered, conf_level=conf_level)
    wilson = answer_shares(answered.assign(interval=None, rounded_to=float("nan")), "wilson", conf_level)
    ends = ["conf_low", "conf_high"]
    return float(100 * (printed[ends] - wilson[ends])[printed["estimate"] > 0].abs().max().max())
