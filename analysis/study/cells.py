"""What is wrong with the cells of one column, each located by the line in its file; never with what it holds."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis.study.contract.columns import allowed_in, emptied_when, kind_of
from analysis.study.problems import Problem
from analysis.study.table_files import forms
from analysis.study.table_files.forms import Forms

_KIND_OF_FAULT = {
    "identifier": "bad_identifier",
    "code": "unknown_code",
    "integer": "out_of_range",
    "decimal": "out_of_range",
    "date": "out_of_range",
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


class Cells(NamedTuple):
    """The cells of one column by their different texts.

    places: for each cell which text it has, -1 for none. texts: the different ones; None for what means a missing
    value. lines: those of the file.
    """

    places: np.ndarray
    texts: Sequence[str | None]
    lines: pd.Index

    @classmethod
    def of(cls, column: pd.Series) -> "Cells":
        """A column of text."""
        places, texts = pd.factorize(column)
        return cls(places, list(texts), column.index)

    @property
    def empty(self) -> pd.Index:
        """Lines without a value."""
        none = [place for place, text in enumerate(self.texts) if text is None]
        return self.lines[np.isin(self.places, [-1, *none])]

    def having(self, texts: Collection[int]) -> list[tuple[int, int]]:
        """Line and text of the cells that have one of some texts, in order."""
        cells = np.flatnonzero(np.isin(self.places, list(texts))) if texts else []
        return [(int(self.lines[cell]), int(self.places[cell])) for cell in cells]

    def filled(self, values: pd.Series) -> pd.Series:
        """The column with a value in place of each text."""
        return pd.Series(values.array.take(self.places, allow_fill=True), index=self.lines)


def checked_cells(
    cells: Cells, values: pd.Series, column: pa.Column, file: str, written: Forms
) -> tuple[pd.Series, list[Problem]]:
    """One column in its type, and its faults; a cell with a fault is missing in the result.

    values: what each text was read as, missing where it could not be read. written: how the file writes dates and
    numbers.
    """
    known = values.notna().to_numpy()
    unreadable = [place for place, text in enumerate(cells.texts) if text is not None and not known[place]]
    problems = [
        _cell_problem(file, line, column, _unreadable(cells.texts[place], column, written))
        for line, place in cells.having(unreadable)
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
            for line in cells.empty
        ]
    wrong = outside(values[known], column)
    kind = _KIND_OF_FAULT.get(kind_of(column), "")
    problems += [_cell_problem(file, line, column, kind) for line, _ in cells.having(wrong)]
    filled = cells.filled(values.mask(values.index.isin(wrong)) if wrong else values)
    return filled if not column.nullable and filled.hasnans else filled.astype(_dtype(column)), problems


def outside(values: pd.Series, column: pa.Column) -> list[int]:
    """Labels of the values that break a check of the column. Numbers are checked before they become whole numbers."""
    if not column.checks or values.empty:
        return []
    passed = np.logical_and.reduce([check(values).check_output.to_numpy(dtype=bool) for check in column.checks])
    return list(values.index[~passed])


def _unreadable(cell: str, column: pa.Column, written: Forms) -> str:
    kind = kind_of(column)
    if kind == "date":
        return forms.fault_of_date(cell) or _UNREADABLE[kind]
    return (kind in _NUMBERS and forms.fault_of_number(cell, written)) or _UNREADABLE.get(kind, "unreadable")


def _cell_problem(file: str, line: int, column: pa.Column, kind: str) -> Problem:
    cause, remedy = _OF_TWO_MEANINGS.get(kind) or (
        f"The value cannot be used. Allowed is {allowed_in(column)}.",
        "Correct the cell" + (f", or leave it empty {emptied_when(column)}." if column.nullable else "."),
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
