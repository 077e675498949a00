"""The questions that people answered about themselves at inclusion, and those that a study adds of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.chapters.participants.ways import rules_of
from analysis.frames.people import AGE_GROUPS
from analysis.frames.trial import Trial

POOR_SLEEP = ("poor", "very_poor")


@dataclass(frozen=True)
class Question:
    """One question of a table of shares: its column and the answers shown, in order; without answers, yes or no.

    prefix: what the keys of its rows begin with, if not the name of the column.
    """

    variable: str
    answers: tuple[str, ...] = ()
    prefix: str = ""

    @property
    def rows(self) -> list[tuple[str, str | None]]:
        """Key of each row with the answer it counts; a question of yes or no has one row."""
        start = self.prefix or self.variable
        return [(f"{start}_{answer}", answer) for answer in self.answers] or [(self.variable, None)]

    def held(self, people: pd.DataFrame, answer: str | None) -> pd.Series:
        """Whether each person gave the answer; missing for those who gave none."""
        given = people[self.variable]
        return given.astype("boolean") if answer is None else one_of(given, (answer,))


SEX = Question("sex", ("woman", "man"))
QUESTIONS = (
    Question("country_of_birth", ("norway", "nordic", "outside_nordic")),
    SEX,
    Question("age_group", AGE_GROUPS, "age"),
    Question(
        "marital_status", ("unmarried", "married_partner", "cohabiting", "widowed", "divorced_separated"), "marital"
    ),
    Question("reading_writing_difficulties"),
    Question("education", ("primary", "upper_secondary", "university_1_4_years", "university_over_4_years")),
    Question("self_rated_health", ("very_good", "good", "fair", "poor", "very_poor")),
    Question("self_reported_status", ("sick_listed_from_job", "in_work", "unemployed")),
    Question(
        "expects_return_within_weeks", ("fits_very_well", "fits_well", "neither", "fits_poorly", "fits_very_poorly")
    ),
)
VIOLENCE = tuple(
    Question(f"violence_{kind}")
    for kind in ("been_beaten", "robbery_assault", "sexual", "deprivation_of_liberty", "serious_threats")
)


def one_of(values: pd.Series, codes: Sequence[str]) -> pd.Series:
    """Whether each value is one of the codes; missing stays missing."""
    held = pd.arrays.BooleanArray(values.isin(codes).to_numpy(), values.isna().to_numpy())
    return pd.Series(held, index=values.index, name=values.name)


def is_known(frame: pd.DataFrame, *columns: str) -> bool:
    """Whether each of the columns is there and holds a value for somebody."""
    return all(column in frame and bool(frame[column].notna().any()) for column in columns)


def questions_of(trial: Trial, table: str, *groups: pd.DataFrame) -> list[Question]:
    """The questions of a table that somebody answered in each group of people, in the order of the cells.

    The standard questions come first, then the study's own columns of codes or of yes and no, then its subgroups where
    they group people otherwise than such a question does. A published report may have had fewer (`questions`).
    """
    known = {question.variable: question for question in (*QUESTIONS, *own_questions(trial))}
    wanted = rules_of(trial, table).get("questions", known)
    return [known[name] for name in wanted if all(is_known(people, name) for people in groups)]


def own_questions(trial: Trial) -> list[Question]:
    """Columns of `study.yml` that hold codes or yes and no, and its subgroups."""
    columns = {name: column for name, column in trial.study.columns.items() if column.kind != "number"}
    asked = {question.variable for question in QUESTIONS} | set(columns)
    own = [Question(name, tuple(column.values)) for name, column in columns.items()]
    return own + [
        Question(name, tuple(trial.people[name].cat.categories))
        for subgroup in trial.study.subgroups
        if (name := f"group_{subgroup.code}") in trial.people
        and (subgroup.cuts or subgroup.groups or subgroup.column not in asked)
    ]


def row_groups(questions: Sequence[Question]) -> dict[str | None, list[str]]:
    """The rows of a table by question, in the order of listing; questions of yes or no of a study have no heading."""
    order = {question.variable: number for number, question in enumerate(QUESTIONS)}
    groups: dict[str | None, list[str]] = {}
    for question in sorted(questions, key=lambda each: order.get(each.variable, len(order))):
        headed = question.answers or question in QUESTIONS
        groups.setdefault(question.variable if headed else None, []).extend(row for row, _ in question.rows)
    return groups
