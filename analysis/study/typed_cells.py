"""From cells as text to columns in the types of the contract, and a problem for each cell that cannot be one.

Dates, numbers and flags are read in every form of `table_files.forms`; codes, identifiers and texts as they stand. A
mark for a missing value is one wherever the contract does not allow it as a value.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping

import pandas as pd
import pandera.pandas as pa

from analysis.study.contract.columns import allowed_in, kind_of
from analysis.study.problems import Problem
from analysis.study.table_files import RawTable, forms
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
# The days that the type of dates in memory can hold.
_YEARS = re.compile(r"(1[7-9]|20|21)\d\d-.*|16(7[89]|[89]\d)-.*|22([0-5]\d|6[01])-.*")


def typed_and_checked(raw: RawTable, schema: pa.DataFrameSchema) -> tuple[pd.DataFrame, list[Problem]]:
    """The table in its types, indexed by line or row of the file; columns that the file lacks are without values.

    Problems name the file as the contract does, `<table>.csv`. A cell with a fault is missing in the result.
    """
    file = f"{schema.name}.csv"
    cells = raw.cells.reindex(columns=list(schema.columns)).astype("str")
    cells = pd.DataFrame({name: _meant(cells[name], column, raw.labels) for name, column in schema.columns.items()})
    written = _forms(cells, schema, plain=raw.plain)
    problems: list[Problem] = []
    typed = {}
    for name, column in schema.columns.items():
        values, found = _typed(cells[name], column, file, written)
        typed[name] = values
        problems += found
    frame = pd.DataFrame(typed, index=cells.index)
    key = list(schema.metadata["key"])
    return frame, problems + (_duplicates(frame, key, file) if key else [])


def typed_text(raw: pd.Series, column: pa.Column) -> pd.Series:
    """Cells written as in a study file, in the type of a column of the contract; what cannot be read is missing."""
    return _converted(raw, column, Forms())


def _meant(cells: pd.Series, column: pa.Column, labels: Mapping[str, Mapping[str, str]]) -> pd.Series:
    """The cells without marks for missing values, and with value labels where the contract is about these."""
    here = labels.get(column.name, {})
    if here and _is_labelled(cells, column, here):
        cells = cells.map(lambda cell: here.get(cell, cell), na_action="ignore").astype("str")
    marks = forms.MISSING_MARKS.intersection(cells.unique())
    return cells.mask(cells.isin(_not_allowed(marks, column))) if marks else cells


def _is_labelled(cells: pd.Series, column: pa.Column, labels: Mapping[str, str]) -> bool:
    """Whether a column means the labels of its values: texts do, codes that are not allowed as they are, and flags.

    A flag may be stored as 1 for no and 2 for yes, so that its words decide.
    """
    kind = kind_of(column)
    if kind == "flag":
        return all(label.lower() in forms.FLAGS for label in labels.values())
    return kind == "text" or (kind == "code" and bool(_outside(cells.dropna(), column)))


def _not_allowed(marks: Collection[str], column: pa.Column) -> list[str]:
    """Those marks for a missing value that are no values of the column."""
    listed = pd.Series(sorted(marks), dtype="str")
    if kind_of(column) in ("code", "identifier"):
        return list(listed[_outside(listed, column)])
    return [] if kind_of(column) == "text" else list(listed)


def _forms(cells: pd.DataFrame, schema: pa.DataFrameSchema, *, plain: bool) -> Forms:
    """How the file writes numbers and dates, from all of them."""
    kinds = {name: kind_of(column) for name, column in schema.columns.items()}

    def texts(*wanted: str) -> Iterator[str]:
        return (text for name in cells if kinds[name] in wanted for text in cells[name].dropna().unique())

    return forms.forms_of(texts(*_NUMBERS), texts("date"), plain=plain)


def _typed(raw: pd.Series, column: pa.Column, file: str, written: Forms) -> tuple[pd.Series, list[Problem]]:
    """One column in its type, and its faults; a cell with a fault is missing in the result."""
    values = _converted(raw, column, written)
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
    wrong = _outside(values[values.notna()], column)
    problems += [_cell_problem(file, line, column, _KIND_OF_FAULT[kind_of(column)]) for line in wrong]
    values = values.mask(values.index.isin(wrong)) if wrong else values
    return values if values.isna().any() and not column.nullable else values.astype(_dtype(column)), problems


def _outside(values: pd.Series, column: pa.Column) -> list[int]:
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


def _duplicates(frame: pd.DataFrame, key: list[str], file: str) -> list[Problem]:
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


def _converted(raw: pd.Series, column: pa.Column, written: Forms) -> pd.Series:
    kind = kind_of(column)
    if kind == "date":
        return _as_date(raw, written)
    if kind in _NUMBERS:
        return _as_number(raw, written)
    return raw.str.lower().map(forms.FLAGS).astype("boolean") if kind == "flag" else raw


def _as_date(raw: pd.Series, written: Forms) -> pd.Series:
    return _by_text(raw, lambda text: _in_memory(forms.iso_date(text, written)), _days).astype("datetime64[ns]")


def _in_memory(day: str | None) -> str | None:
    return day if day and _YEARS.fullmatch(day) else None


def _days(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")


def _as_number(raw: pd.Series, written: Forms) -> pd.Series:
    return _by_text(raw, lambda text: forms.number_text(text, written), _numbers)


def _numbers(texts: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(texts, errors="coerce").astype(float)
    return numbers.mask(numbers.abs() == float("inf"))


def _by_text(
    raw: pd.Series, rewritten: Callable[[str], str | None], read: Callable[[pd.Series], pd.Series]
) -> pd.Series:
    """Each different text is read once, since the cells of a column repeat; the last value stands for missing cells."""
    places, texts = pd.factorize(raw)
    values = read(pd.Series([*map(rewritten, texts), None], dtype="str"))
    return pd.Series(values.to_numpy()[places], index=raw.index, name=raw.name)
