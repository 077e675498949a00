"""From answers and scores to estimates, and from estimates to the cells of a table."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from analysis.chapters.participants.questions import Question
from analysis.chapters.participants.ways import Way, is_as_printed, rules_of, way_of, with_printed_columns
from analysis.frames.needs import needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.means import mean_estimate
from analysis.methods.proportions import proportion_estimate, proportion_interval
from analysis.show.tables import CELL_COLUMNS, TOTAL
from analysis.study.settings import Study


@once_a_trial
def baseline(trial: Trial) -> pd.DataFrame:
    """One row per participant: background, derived covariates, and scores of the questionnaire at inclusion, if any."""
    if not trial.tables["questionnaires"]["wave"].eq(0).any():
        return trial.people
    scores = trial.scores[trial.scores["wave"] == 0].drop(columns="wave")
    return trial.people.merge(scores, on="participant_id", how="left", validate="1:1")


def by_arm(people: pd.DataFrame, study: Study) -> dict[str, pd.DataFrame]:
    """Everybody under `total`, then the control and the treatment arm under their codes; without two arms only all."""
    arms = (study.control, study.treatment) if study.has_arms else ()
    return {TOTAL: people, **{arm: people[people["arm"] == arm] for arm in arms}}


def answers(
    trial: Trial,
    table: str,
    asked: Iterable[tuple[str, Question]],
    people_of: Callable[[str], Mapping[str, pd.DataFrame]],
) -> pd.DataFrame:
    """The answers behind a table of shares: one row a person, column of the table and possible answer.

    asked: columns with questions, in the order of the cells. people_of: from the name of an extract to the people of
    each column. Columns: row and column (keys of the cell), held (whether the person gave the answer; missing for those
    who are not counted), interval and rounded_to where a published report had its own (see `ways.Way`).
    """
    rules, general = rules_of(trial, table).get("cells", ()), Way(extract=f"participants.{table}")
    roles = {trial.study.treatment: "treatment", trial.study.control: "control"} if trial.study.has_arms else {}
    keys, parts = [], []
    for column, question in asked:
        for row, answer in question.rows:
            cell = {"questions": question.variable, "rows": row, "columns": roles.get(column, column)}
            way = way_of(rules, general, **cell)
            held = question.held(people_of(way.extract)[column], answer)
            parts.append(held.fillna(False) if way.of == "everyone" else held)
            keys.append((row, column, way.interval, way.rounded_to))
    frame = pd.DataFrame(keys, columns=["row", "column", "interval", "rounded_to"])
    frame = frame.loc[frame.index.repeat([len(part) for part in parts])].reset_index(drop=True)
    return frame.assign(held=pd.concat(parts, ignore_index=True) if parts else pd.Series(dtype="boolean"))


@needs()
def answer_shares(answers: pd.DataFrame, interval: str = "wilson", conf_level: float = 0.95) -> pd.DataFrame:
    """Share of those who answered who gave each answer, with its interval: an estimate frame, one row an answer and
    column.

    `interval` names the formula (see `proportion_interval`) wherever the published report had none of its own. outcome
    is the key of the row, contrast that of the column, n_treated the number of people who answered.
    """
    rows = []
    for (row, column), part in answers.groupby(["row", "column"], sort=False):
        own = part["interval"].iloc[0]
        formula = interval if pd.isna(own) else own
        names = {"outcome": row, "population": "all", "contrast": column, "conf_level": conf_level}
        found = proportion_estimate(part["held"], interval=formula, **names)
        rows.append(vars(found) | _around_rounded(found, part["rounded_to"].iloc[0], formula))
    return estimate_frame(rows)


def _around_rounded(found: Estimate, decimals: float, formula: str) -> dict[str, float]:
    """The ends of the interval around the rounded percentage, where the percentage was rounded first."""
    if np.isnan(decimals) or not found.n_treated:
        return {}
    shown = round(100 * found.estimate, int(decimals)) / 100
    low, high = proportion_interval(shown * found.n_treated, found.n_treated, formula, found.conf_level)
    return {"conf_low": low, "conf_high": high}


@needs()
def measure_means(measures: pd.DataFrame, conf_level: float = 0.95) -> pd.DataFrame:
    """Mean of the known values of each measure and column with its t interval: an estimate frame.

    `measures` has one row a person, measure and column of the table: row, column, value. outcome is the key of the row,
    contrast that of the column, n_treated the number of people with a value.
    """
    return estimate_frame(
        mean_estimate(part["value"], outcome=row, population="all", contrast=column, conf_level=conf_level)
        for (row, column), part in measures.groupby(["row", "column"], sort=False)
    )


def measures_frame(values: Iterable[tuple[str, str, pd.Series]]) -> pd.DataFrame:
    """Measures as `measure_means` takes them, from (row, column, values)."""
    parts = [pd.DataFrame({"row": row, "column": column, "value": own.astype(float)}) for row, column, own in values]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def share_cells(trial: Trial, table: str, shares: pd.DataFrame) -> pd.DataFrame:
    """The cells of a table of shares: number of people, number who answered, per cent and interval.

    A table that the study's published report has is laid out as printed: without the number who answered, and without a
    share where nobody gave the answer.
    """
    printed, cells = is_as_printed(trial, table), []
    for found in shares.to_dict("records"):
        size = people_with(found)
        percentages = {"pct": found["estimate"], "ci_low": found["conf_low"], "ci_high": found["conf_high"]}
        numbers = {"n": size} if printed else {"n": size, "answered": found["n_treated"]}
        numbers |= {name: 100 * share if size or not printed else np.nan for name, share in percentages.items()}
        cells += [cell(found["outcome"], found["contrast"], name, value, size) for name, value in numbers.items()]
    return cell_frame(cells, trial, table)


def people_with(share: Mapping) -> int:
    """How many people a share of `answer_shares` counts."""
    return round(share["estimate"] * share["n_treated"]) if share["n_treated"] else 0


def mean_cells(trial: Trial, table: str, means: pd.DataFrame) -> pd.DataFrame:
    """The cells of a table of means: number with a value (not in a table laid out as printed), mean and interval."""
    cells = []
    for found in means.to_dict("records"):
        numbers = {"mean": found["estimate"], "ci_low": found["conf_low"], "ci_high": found["conf_high"]}
        numbers = numbers if is_as_printed(trial, table) else {"n": found["n_treated"]} | numbers
        cells += [
            cell(found["outcome"], found["contrast"], name, value, found["n_treated"])
            for name, value in numbers.items()
        ]
    return cell_frame(cells, trial, table)


def level_of(estimates: pd.DataFrame) -> float:
    """The confidence level of the intervals of an estimate frame."""
    return float(estimates["conf_level"].iloc[0]) if len(estimates) else 0.95


def cell(row: str, column: str, statistic: str, value: float, count: float | None = None) -> dict:
    """One cell of a result table; count is the number of people behind it."""
    return {
        "row": row,
        "column": column,
        "statistic": statistic,
        "value": float(value),
        "count": float("nan") if count is None else float(count),
    }


def cell_frame(cells: Iterable[Mapping], trial: Trial | None = None, table: str = "") -> pd.DataFrame:
    """Cells as the frame a result table takes, columns under the published report's own keys where it has any."""
    frame = pd.DataFrame(list(cells), columns=[*CELL_COLUMNS, "count"])
    return frame.assign(column=with_printed_columns(trial, table, frame["column"])) if trial else frame


def percent_cells(held: Mapping[str, pd.Series]) -> list[dict]:
    """People who said yes, and their per cent of those who answered, for each row."""
    cells = []
    for row, own in held.items():
        count = int(own.fillna(False).sum())
        cells += [cell(row, TOTAL, "n", count, count), cell(row, TOTAL, "pct", percent_of(own), count)]
    return cells


def percent_of(held: pd.Series) -> float:
    """Per cent of those who answered; NaN when nobody did."""
    return float(100 * held.dropna().astype(float).mean())
