"""Warnings about answers and ratings: what contradicts itself, stands twice, lacks a part or is far from the study."""

from collections.abc import Iterator

import pandas as pd

from analysis.frames.trial import Trial
from analysis.frames.warnings.saying import counted, warning
from analysis.study.problems import Problem

# Whoever answers yes to one of the second has said yes to the first.
_IMPLIED = (("violence_any", "violence_"), ("bullied_at_work", "bullied_regularly"))
_YEARS = ("years_in_occupation", "years_with_mental_complaints")
# Items of the scale of model fidelity.
_RATED = 25
# Days that lie so far outside the years of inclusion and registers are hardly of the study.
_FAR = pd.Timedelta(days=366)
_OF_THE_STUDY = (("fidelity", "reviewed_on"), ("interviews", "conducted_on"), ("screening", "referred_on"))
_AS_GIVEN = "The values are used as they stand."


def _contradictions(trial: Trial) -> Iterator[Problem]:
    rows = trial.tables["background"]
    for general, special in _IMPLIED:
        parts = rows[[name for name in rows if name.startswith(special) and name != general]]
        count = int((rows[general].eq(False) & parts.eq(True).any(axis=1)).sum())
        if count:
            cause = f"No, but yes to a question about a part of it: {counted(count, 'rows', len(rows))}."
            yield warning("contradiction", "background.csv", general, cause, _AS_GIVEN)


def _longer_than_life(trial: Trial) -> Iterator[Problem]:
    rows, people = trial.tables["background"], trial.tables["participants"].set_index("participant_id")
    lived = (people["included_on"] - people["birth_date"]).dt.days / 365.25
    age = lived.reindex(rows["participant_id"]).set_axis(rows.index)
    for column in _YEARS:
        count = int((rows[column] > age).fillna(False).sum())
        if count:
            cause = f"More years than the person had lived at inclusion: {counted(count, 'rows', len(rows))}."
            yield warning("longer_than_life", "background.csv", column, cause, _AS_GIVEN)


def _categories_twice(trial: Trial) -> Iterator[Problem]:
    rows = trial.tables["open_answers"]
    given = rows[[name for name in rows if name.startswith("category_")]]
    count = int(given.apply(lambda row: row.dropna().duplicated().any(), axis=1).sum()) if len(rows) else 0
    if count:
        cause = f"An answer has the same category twice: {counted(count, 'rows', len(rows))}."
        yield warning("category_twice", "open_answers.csv", "category_2", cause, "It counts once.")


def _incomplete_reviews(trial: Trial) -> Iterator[Problem]:
    rows = trial.tables["fidelity"]
    day = rows["reviewed_on"].fillna(pd.Timestamp.min)
    latest = rows[day == day.groupby(rows["centre"]).transform("max")]
    rated = latest.dropna(subset="score").groupby("centre")["item"].nunique()
    count = int((rated < _RATED).sum())
    if count:
        cause = f"The latest review lacks items: {counted(count, 'centres', len(rated))}."
        rule = "Nothing is put in their place: such a centre has no total. Items of one review have one day."
        yield warning("incomplete_review", "fidelity.csv", "item", cause, rule)


def _far_days(trial: Trial) -> Iterator[Problem]:
    dates = trial.study.dates
    if not dates:
        return
    first, last = pd.Timestamp(dates.inclusion_start) - _FAR, pd.Timestamp(dates.register_end) + _FAR
    for name, column in _OF_THE_STUDY:
        days = trial.tables[name][column].dropna()
        count = int(((days < first) | (days > last)).sum())
        if count:
            far = "More than a year before inclusion began or after the registers end"
            cause = f"{far}: {counted(count, 'rows', len(days))}."
            yield warning("far_from_the_study", f"{name}.csv", column, cause, _AS_GIVEN)


LOOKS = (_contradictions, _longer_than_life, _categories_twice, _incomplete_reviews, _far_days)
