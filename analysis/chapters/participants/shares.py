"""How the chapter turns answers into cells: counts and shares with their interval, means with theirs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.frames.trial import Trial
from analysis.methods.means import mean_estimate, standard_deviation
from analysis.methods.proportions import proportion_estimate
from analysis.show.prose import Sentence, count
from analysis.show.tables import CELL_COLUMNS

ROW_PREFIX = {
    "country_of_birth": "country_of_birth",
    "sex": "sex",
    "age_group": "age",
    "marital_status": "marital",
    "education": "education",
    "self_rated_health": "self_rated_health",
    "self_reported_status": "self_reported_status",
    "expects_return_within_weeks": "expects_return_within_weeks",
}


@dataclass(frozen=True)
class Question:
    """One question of a table of shares: its variable and the answers shown, in order.

    of_everyone: the share is taken of all people in the column, an unanswered question counting as no; otherwise of
    those who answered. wilson: (row, column) pairs, or a row for all columns, with the Wilson interval; all others have
    Wald's. of_answered: pairs, or rows, that are shares of those who answered although of_everyone is set. not_redone:
    pairs, or rows, that belong to the first run although their formula is not the question's.
    """

    variable: str
    answers: tuple[str, ...]
    of_everyone: bool = False
    of_answered: frozenset = field(default_factory=frozenset)
    wilson: frozenset = field(default_factory=frozenset)
    not_redone: frozenset = field(default_factory=frozenset)

    def row(self, answer: str) -> str:
        """Key of an answer's row in the published tables."""
        return f"{ROW_PREFIX[self.variable]}_{answer}"

    def interval(self, row: str, column: str) -> str:
        """Name of the interval of one cell."""
        return "wilson" if {row, (row, column)} & self.wilson else "wald"

    def counts_everyone(self, row: str, column: str) -> bool:
        """Whether one cell is a share of everybody in the column."""
        return self.of_everyone and not {row, (row, column)} & self.of_answered

    def was_redone(self, row: str, column: str) -> bool:
        """Whether one cell differs from the rest of its question, which shows that it was computed anew."""
        names = {row, (row, column)}
        return bool(names & (self.wilson | self.of_answered)) and not names & self.not_redone


def question_cells(
    people: pd.DataFrame, question: Question, column: str, conf_level: float, first_run: pd.DataFrame | None = None
) -> list[dict]:
    """Cells of all answers to one question in one column; cells that were not redone come from `first_run` if given."""
    rows = []
    for answer in question.answers:
        row = question.row(answer)
        source = people if first_run is None or question.was_redone(row, column) else first_run
        answered = source[question.variable]
        held = answered.eq(answer).astype("boolean").mask(answered.isna())
        shares = held.fillna(False) if question.counts_everyone(row, column) else held
        rows += share_cells(shares, row, column, question.interval(row, column), conf_level)
    return rows


def share_cells(held: pd.Series, row: str, column: str, interval: str, conf_level: float) -> list[dict]:
    """n, pct, ci_low and ci_high of one cell; nobody counted gives no share."""
    found = proportion_estimate(
        held, outcome=row, population=column, contrast=column, interval=interval, conf_level=conf_level
    )
    size = int(held.fillna(False).sum())
    shown = size > 0
    values = {"n": size, "pct": found.estimate, "ci_low": found.conf_low, "ci_high": found.conf_high}
    return [
        cell(row, column, name, value if name == "n" else 100 * value if shown else float("nan"), size)
        for name, value in values.items()
    ]


def mean_cells(values: pd.Series, row: str, column: str, conf_level: float) -> list[dict]:
    """mean, ci_low and ci_high of one cell."""
    found = mean_estimate(values.astype(float), outcome=row, population=column, contrast=column, conf_level=conf_level)
    parts = {"mean": found.estimate, "ci_low": found.conf_low, "ci_high": found.conf_high}
    return [cell(row, column, name, value, found.n_treated) for name, value in parts.items()]


def spread_cells(values: pd.Series, row: str, column: str) -> list[dict]:
    """mean and sd of one cell; sd with n − 1 in the denominator."""
    found = mean_estimate(values.astype(float), outcome=row, population=column, contrast=column)
    spread = standard_deviation({"std_error": found.std_error, "n_treated": found.n_treated})
    return [
        cell(row, column, name, value, found.n_treated) for name, value in (("mean", found.estimate), ("sd", spread))
    ]


def cell(row: str, column: str, statistic: str, value: float, count: int | None = None) -> dict:
    """One cell of a result table; count is the number of people behind it."""
    return {
        "row": row,
        "column": column,
        "statistic": statistic,
        "value": float(value),
        "count": float("nan") if count is None else float(count),
    }


def cell_frame(cells: Iterable[Mapping]) -> pd.DataFrame:
    """Cells as the frame a result table takes."""
    return pd.DataFrame(list(cells), columns=[*CELL_COLUMNS, "count"])


def by_arm(frame: pd.DataFrame, arms: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """The whole frame under `total`, then each arm's rows under its code."""
    return {"total": frame, **{arm: frame[frame["arm"] == arm] for arm in arms}}


def extract_notes(trial: Trial, *names: str) -> tuple[Sentence, ...]:
    """A note on people whose data differ in the extracts behind a table; none when the extracts do not differ."""
    rows = trial.tables["extract_differences"]
    affected = rows.loc[rows["extract"].isin(names), "participant_id"].nunique()
    return (Sentence("extract", {"n": count(affected)}),) if affected else ()


def baseline(trial: Trial) -> pd.DataFrame:
    """One row per participant: background, derived covariates and the scores of the questionnaire at inclusion."""
    scores = trial.scores[trial.scores["wave"] == 0].drop(columns="wave")
    return trial.people.merge(scores, on="participant_id", how="left", validate="1:1")
