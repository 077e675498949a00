"""From cells as text to columns in the types of the contract.

Dates, numbers and flags are read in every form of `table_files.forms`; codes, identifiers and texts as they stand. A
mark for a missing value is one wherever the contract does not allow it as a value.
"""

from collections.abc import Callable, Collection, Iterator, Mapping

import pandas as pd
import pandera.pandas as pa

from analysis.study.cells import checked_cells, outside, repeated_keys
from analysis.study.contract.columns import kind_of
from analysis.study.problems import Problem
from analysis.study.table_files import RawTable, forms
from analysis.study.table_files.forms import Forms

_NUMBERS = ("integer", "decimal")
# The days that the type of dates in memory can hold.
_YEARS = range(1678, 2262)


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
        values = _converted(cells[name], column, written)
        typed[name], found = checked_cells(cells[name], values, column, file, written)
        problems += found
    frame = pd.DataFrame(typed, index=cells.index)
    key = list(schema.metadata["key"])
    return frame, problems + (repeated_keys(frame, key, file) if key else [])


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

    A flag may be stored as 1 for no and 2 for yes, so that its words decide where there are such.
    """
    kind = kind_of(column)
    if kind == "flag":
        return any(label.lower() in forms.FLAGS for label in labels.values())
    return kind == "text" or (kind == "code" and bool(outside(cells.dropna(), column)))


def _not_allowed(marks: Collection[str], column: pa.Column) -> list[str]:
    """Those marks for a missing value that are no values of the column."""
    listed = pd.Series(sorted(marks), dtype="str")
    if kind_of(column) in ("code", "identifier"):
        return list(listed[outside(listed, column)])
    return [] if kind_of(column) == "text" else list(listed)


def _forms(cells: pd.DataFrame, schema: pa.DataFrameSchema, *, plain: bool) -> Forms:
    """How the file writes numbers and dates, from all of them."""
    kinds = {name: kind_of(column) for name, column in schema.columns.items()}

    def texts(*wanted: str) -> Iterator[str]:
        return (text for name in cells if kinds[name] in wanted for text in cells[name].dropna().unique())

    return forms.forms_of(texts(*_NUMBERS), texts("date"), plain=plain)


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
    return day if day and int(day[:4]) in _YEARS else None


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
