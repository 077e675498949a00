"""Warnings about single values: units, numbers that stand for missing, round numbers, rows that stand twice."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from analysis.frames.trial import Trial
from analysis.frames.warnings.saying import counted, warning
from analysis.study.contract import tables_of
from analysis.study.contract.columns import kind_of
from analysis.study.problems import Problem

# Incomes of a year above zero are rarely so low that half of them are below this many kroner.
LOW_INCOME = 2_000
# What people write for a missing number, and a day for a missing date.
_FOR_MISSING = (99, 999, 9999, 99999, -1, -9, -99, -999, -9999)
_DAY_FOR_MISSING = pd.Timestamp("1900-01-01")
# So many values, so large a share of them round, and so unlikely by chance: then they are said to heap.
_MANY, _MOST, _BY_CHANCE = 50, 0.5, 0.001
_MULTIPLE, _DAYS_OF_A_MONTH = 5, 30.4
# Days that a person or the project chose; benefits begin on the first of a month by law.
_CHOSEN_DAYS = (
    ("participants", "included_on"),
    ("participants", "birth_date"),
    ("questionnaires", "answered_on"),
    ("contacts", "contact_on"),
    ("screening", "referred_on"),
)
_COUNTED = (
    ("health_services", "consultations"),
    ("background", "years_in_occupation"),
    ("background", "years_with_mental_complaints"),
    ("questionnaires", "health_ladder"),
)
_AS_GIVEN = "The values are used as they stand."


def _units(trial: Trial) -> Iterator[Problem]:
    income = trial.tables["income"]["pensionable_income_nok"]
    if (income > 0).any() and income[income > 0].median() < LOW_INCOME:
        cause = "Half of the incomes above zero are so low that they look like thousands of kroner."
        yield warning("income_in_thousands", "income.csv", "pensionable_income_nok", cause, "They count as kroner.")
    hours = trial.tables["job_spells"]["agreed_hours"].dropna()
    if len(hours) and hours.gt(0).any() and hours.max() <= 1:
        cause = "No agreed hours are above 1: they look like shares of a full-time job."
        yield warning("hours_as_shares", "job_spells.csv", "agreed_hours", cause, "They count as hours a week.")


def _stand_ins(trial: Trial) -> Iterator[Problem]:
    for name, schema in tables_of(trial.study).items():
        frame = trial.tables[name]
        for column in (each for each in schema.columns.values() if not frame.empty):
            values = frame[column.name].dropna()
            if kind_of(column) == "date":
                count = int((values == _DAY_FOR_MISSING).sum())
            elif kind_of(column) in ("integer", "decimal"):
                numbers = values.to_numpy(dtype=float)
                count = sum(_standing_out(numbers, value) for value in np.intersect1d(numbers, _FOR_MISSING))
            else:
                continue
            if count:
                cause = f"Values that often stand for missing: {counted(count, 'rows', len(frame))}."
                yield warning("stands_for_missing", f"{name}.csv", column.name, cause,
                              "They count as values; only an empty cell is missing.")  # fmt: skip


def _standing_out(values: np.ndarray, value: float) -> int:
    """How often a number stands in a column, if it lies apart from the others or is far more frequent than they."""
    count, others = int((values == value).sum()), values[values != value]
    if not others.size:
        return 0
    apart = others.max() < value / 2 if value > 0 else others.min() >= 0
    near = int((np.abs(others - value) <= abs(value) / 10).sum())
    return count if apart or (count >= 3 and count > 4 * near) else 0


def _heaping(trial: Trial) -> Iterator[Problem]:
    for name, column in _COUNTED:
        values = trial.tables[name][column].dropna()
        values = values[values >= _MULTIPLE]
        if _heaps(values % _MULTIPLE == 0, 1 / _MULTIPLE, _MOST):
            cause = f"Most values from {_MULTIPLE} on are multiples of {_MULTIPLE}."
            yield warning("round_numbers", f"{name}.csv", column, cause, _AS_GIVEN)
    for name, column in _CHOSEN_DAYS:
        days = trial.tables[name][column].dropna().dt.day
        if _heaps(days == 1, 1 / _DAYS_OF_A_MONTH, 3 / _DAYS_OF_A_MONTH):
            cause = "Far more days than by chance are the first of a month."
            yield warning("first_of_month", f"{name}.csv", column, cause, _AS_GIVEN)


def _heaps(held: pd.Series, expected: float, most: float) -> bool:
    if len(held) < _MANY or held.mean() < most:
        return False
    return binomtest(int(held.sum()), len(held), expected, alternative="greater").pvalue < _BY_CHANCE


def _identical_rows(trial: Trial) -> Iterator[Problem]:
    for name, frame in trial.tables.items():
        again = int(frame.duplicated().sum())
        if again:
            cause = f"Rows like an earlier one in every cell: {counted(again, 'rows', len(frame))}."
            yield warning("identical_rows", f"{name}.csv", None, cause, "Each row counts.")


LOOKS = (_units, _stand_ins, _heaping, _identical_rows)
