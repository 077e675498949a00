"""From cells as text to columns in the types of the contract.

Dates, numbers and flags are read in every form of `table_files.forms`; codes, identifiers and texts as they stand. A
mark for a missing value is one wherever the contract does not allow it as a value. The cells of a column repeat, so
each different text is read and checked once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd
import pandera.pandas as pa

from analysis.study.cells import Cells, checked_cells, outside, repeated_keys
from analysis.study.contract.columns import kind_of
from analysis.study.problems import Problem
from analysis.study.table_files import RawTable, forms
from analysis.study.table_files.forms import Forms

_NUMBERS = ("integer", "decimal")
# The days that the type of dates in memory can hold.
_YEARS = range(1678, 2262)


def typed_and_checked(raw: RawTable, schema: pa.DataFrameSchema) -> tuple[pd.DataFrame, list[Problem]]:
    """The columns of a table in their types, indexed by line or row of the file.

    Problems name the file as the contract does, `<table>.csv`. A cell with a fault is missing in the result.
    """
    file = f"{schema.name}.csv"
    columns = {name: schema.columns[name] for name in raw.cells}
    cells = {name: _meant(Cells.of(raw.cells[name]), column, raw.labels) for name, column in columns.items()}
    written = _forms(cells, columns, plain=raw.plain)
    problems: list[Problem] = []
    typed = {}
    for name, column in columns.items():
        values = _converted(cells[name].texts, column, written)
        typed[name], found = checked_cells(cells[name], values, column, file, written)
        problems += found
    frame = pd.DataFrame(typed, index=raw.cells.index)
    key = list(schema.metadata["key"])
    return frame, problems + (repeated_keys(frame, key, file) if key and set(key) <= set(typed) else [])


def typed_text(raw: pd.Series, column: pa.Column) -> pd.Series:
    """Cells written as in a study file, in the type of a column of the contract; what cannot be read is missing."""
    cells = Cells.of(raw)
    return cells.filled(_converted(cells.texts, column, Forms()))


def _meant(cells: Cells, column: pa.Column, labels: Mapping[str, Mapping[str, str]]) -> Cells:
    """The cells without marks for missing values, and with value labels where the contract is about these."""
    texts, here = cells.texts, labels.get(column.name, {})
    if here and _is_labelled(texts, column, here):
        texts = [here.get(text, text) for text in texts]
    marks = set(_not_allowed(forms.MISSING_MARKS.intersection(texts), column))
    return cells._replace(texts=[None if text in marks else text for text in texts])


def _is_labelled(texts: Sequence[str], column: pa.Column, labels: Mapping[str, str]) -> bool:
    """Whether a column means the labels of its values: texts do, codes that are not allowed as they are, and flags.

    A flag may be stored as 1 for no and 2 for yes, so that its words decide where there are such.
    """
    kind = kind_of(column)
    if kind == "flag":
        return any(label.lower() in forms.FLAGS for label in labels.values())
    return kind == "text" or (kind == "code" and bool(outside(pd.Series(texts, dtype="str"), column)))


def _not_allowed(marks: Collection[str], column: pa.Column) -> list[str]:
    """Those marks for a missing value that are no values of the column."""
    kind, listed = kind_of(column), sorted(marks)
    if kind in ("code", "identifier") and marks:
        return [listed[place] for place in outside(pd.Series(listed, dtype="str"), column)]
    return [] if kind == "text" else listed


def _forms(cells: Mapping[str, Cells], columns: Mapping[str, pa.Column], *, plain: bool) -> Forms:
    """How the file writes numbers and dates, from all of them."""

    def texts(*wanted: str) -> Iterator[str]:
        named = (name for name, column in columns.items() if kind_of(column) in wanted)
        return (text for name in named for text in cells[name].texts if text is not None)

    return forms.forms_of(texts(*_NUMBERS), texts("date"), plain=plain)


def _converted(texts: Sequence[str | None], column: pa.Column, written: Forms) -> pd.Series:
    """What each text is read as; missing where it cannot be read."""
    kind = kind_of(column)
    if kind == "date":
        return _days([text and _in_memory(forms.iso_date(text, written)) for text in texts])
    if kind in _NUMBERS:
        return _numbers([text and forms.number_text(text, written) for text in texts])
    if kind == "flag":
        return pd.Series([text and forms.FLAGS.get(text.lower()) for text in texts], dtype="boolean")
    return pd.Series(texts, dtype="str")


def _in_memory(day: str | None) -> str | None:
    return day if day and int(day[:4]) in _YEARS else None


def _days(texts: Sequence[str | None]) -> pd.Series:
    days = pd.Series(texts, dtype="str")
    return pd.to_datetime(days, format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")


def _numbers(texts: Sequence[str | None]) -> pd.Series:
    numbers = pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce").astype(float)
    return numbers.mask(numbers.abs() == float("inf"))
