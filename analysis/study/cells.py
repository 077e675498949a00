"""What is wrong with the cells of one column, each located by the line in its file; never with what it holds."""

import pandas as pd
import pandera.pandas as pa

from analysis.study.contract.columns import allowed_in, kind_of
from analysis.study.problems import Problem
from analysis.study.table_files import forms
from analysis.study.table_files.forms import Forms

_KIND_OF_FAULT = {
    "identifier": "bad_identifier",
    "code": "unknown_code",
    "integer": "out_of_range",
    "decimal": "out_of_range",
}
_UNREADABLE = {"date": "unreadable_date", "integer": "not_a_number", "decimal": "not_a_number", "flag": "not_a_flag"}

# What is said of cells that could be meant in two ways; of all others, what is allowed.
_OF_TWO_MEANINGS = {
    "ambiguous_date": (
        "Nothing in the file settles whether the day or the month comes first in its dates.",
        "Write dates as YYYY-MM-DD.",
    ),
    "time_of_day": ("The date has a time of day.", "Write the day alone."),
    "ambiguous_number": (
        "Nothing in the file settles whether the sign in the number begins decimals or parts thousands.",
        "Write numbers without a sign between thousands and with a decimal point.",
    ),
    "mixed_decimals": (
        "Decimals begin with a comma in some numbers of the file and with a point in others.",
        "Write all with a decimal point.",
    ),
}
_NUMBERS = ("integer", "decimal")


def checked_cells(
    raw: pd.Series, values: pd.Series, column: pa.Column, file: str, written: Forms
) -> tuple[pd.Series, list[Problem]]:
    """One column in its type, and its faults; a cell with a fault is missing in the result.

    raw: the cells as text, by line of the file. values: what they were read as, missing where they could not be read.
    written: how the file writes dates and numbers.
    """
    unreadable = raw.notna() & values.isna()
    problems = [
        _cell_problem(file, line, column, _unreadable(cell, column, written)) for line, cell in raw[unreadable].items()
    ]
    if not column.nullable:
        problems += [
            Problem(
                file,
                int(line),
                column.name,
                "missing_value",
                "The cell is empty but a value is needed.",
                f"Fill in {allowed_in(column)}.",
            )
            for line in raw.index[raw.isna()]
        ]
    wrong = outside(values[values.notna()], column)
    problems += [_cell_problem(file, line, column, _KIND_OF_FAULT[kind_of(column)]) for line in wrong]
    values = values.mask(values.index.isin(wrong)) if wrong else values
    return values if values.isna().any() and not column.nullable else values.astype(_dtype(column)), problems


def outside(values: pd.Series, column: pa.Column) -> list[int]:
    """Lines whose value breaks a check of the column. Numbers are checked before they become whole numbers."""
    if not column.checks or values.empty:
        return []
    try:
        pa.SeriesSchema(checks=column.checks, name=column.name).validate(values.rename(column.name), lazy=True)
    except pa.errors.SchemaErrors as error:
        return sorted(set(error.failure_cases["index"]))
    return []


def _unreadable(cell: str, column: pa.Column, written: Forms) -> str:
    kind = kind_of(column)
    if kind == "date":
        return forms.fault_of_date(cell) or _UNREADABLE[kind]
    return (kind in _NUMBERS and forms.fault_of_number(cell, written)) or _UNREADABLE.get(kind, "unreadable")


def _cell_problem(file: str, line: int, column: pa.Column, kind: str) -> Problem:
    cause, remedy = _OF_TWO_MEANINGS.get(kind) or (
        f"The value cannot be used. Allowed is {allowed_in(column)}.",
        "Correct the cell" + (", or leave it empty if unknown." if column.nullable else "."),
    )
    return Problem(file, int(line), column.name, kind, cause, remedy)


def repeated_keys(frame: pd.DataFrame, key: list[str], file: str) -> list[Problem]:
    """One problem for each row whose key stands in an earlier row."""
    complete = frame[key].notna().any(axis=1)
    repeated = frame.index[complete & frame.duplicated(key)]
    return [
        Problem(
            file,
            int(line),
            key[0],
            "duplicate_key",
            f"An earlier row has the same {', '.join(key)}.",
            "Keep one of the rows.",
        )
        for line in repeated
    ]


def _dtype(column: pa.Column) -> object:
    return column.dtype.type
