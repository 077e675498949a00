"""Tables in the files of other programs: Excel, Parquet, Stata, SPSS, SAS. Their libraries are loaded when needed."""

import re
import zipfile
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from analysis.study.table_files.raw import Content, Flaw, Unreadable, cell_text, cell_texts

# Compound files: what Excel wrote before 2007, and what it wraps around a workbook with a password.
_OLD_OR_PROTECTED = b"\xd0\xcf\x11\xe0"
# Columns in which pandas keeps the row numbers of a frame that was filtered.
_OF_PANDAS = re.compile(r"__index_level_\d+__")
_FORMULA = re.compile(rb"<f[ >/]")


def read_excel(path: Path, table: str | None) -> Content:
    """The sheet named like the table, or the only one; the first row that holds anything is the header.

    Raises Unreadable when no sheet is the table, and for formulas whose value the file does not carry.
    """
    sheet = _sheet(path, table)
    rows = _sheet_rows(path, sheet)
    filled = {number: row for number, row in enumerate(rows, 1) if any(cell is not None for cell in row)}
    if _has_formulas(path):
        _refuse_formulas(_sheet_rows(path, sheet, formulas=True), rows)
    header_row = next(iter(filled), 1)
    header = [cell_text(name) or "" for name in filled.pop(header_row, [])]
    columns = list(zip_longest(header, *filled.values()))
    texts = [cell_texts(column[1:]) for column in columns]
    return Content(
        [column[0] or "" for column in columns], texts, list(filled), [f"sheet {sheet}"], header_row=header_row
    )


def sheets_of(path: Path) -> list[str]:
    """Names of the sheets that hold anything."""
    _refuse_protected(path)
    book = _book(path)
    return [sheet.title for sheet in book.worksheets if any(_rows_of(sheet))]


def _refuse_protected(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) == _OLD_OR_PROTECTED:
            cause = "The workbook is protected by a password, or of the format before 2007."
            raise Unreadable(Flaw("unreadable_file", cause, "Save it as .xlsx without a password, or as CSV."))


def _book(path: Path, *, formulas: bool = False) -> Any:
    import openpyxl

    return openpyxl.load_workbook(path, read_only=True, data_only=not formulas)


def _rows_of(sheet: Any) -> Iterable[tuple[Any, ...]]:
    sheet.reset_dimensions()  # what other writers say of the size of a sheet is not always so
    return sheet.iter_rows(values_only=True)


def _sheet_rows(path: Path, sheet: str, *, formulas: bool = False) -> list[tuple[Any, ...]]:
    rows = _rows_of(_book(path, formulas=formulas)[sheet])
    return [tuple(None if isinstance(cell, str) and not cell.strip() else cell for cell in row) for row in rows]


def _sheet(path: Path, table: str | None) -> str:
    names = sheets_of(path)
    if not names:
        raise Unreadable(Flaw("missing_header", "The workbook is empty.", "Add the header line.", 1))
    same = [name for name in names if table and name.strip().lower() == table.lower()]
    if len(same) == 1 or len(names) == 1:
        return (same or names)[0]
    called = f"is called {table}" if table else "is named as the table"
    cause = f"The workbook has {len(names)} sheets, and not one of them {called}."
    remedy = "Name the sheet like the table, or leave only this sheet in the workbook."
    raise Unreadable(Flaw("missing_sheet", cause, remedy))


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        return any(_FORMULA.search(parts.read(name)) for name in sheets)


def _refuse_formulas(written: Sequence[tuple[Any, ...]], computed: Sequence[tuple[Any, ...]]) -> None:
    """A program that never computed a formula has stored no value: the cell would look empty."""
    flaws = [
        Flaw("formula_without_value", f"Cell number {place} holds a formula without its value.", _COMPUTE, number)
        for number, (row, values) in enumerate(zip_longest(written, computed, fillvalue=()), 1)
        for place, (cell, value) in enumerate(zip_longest(row, values), 1)
        if value is None and isinstance(cell, str) and cell.startswith("=")
    ]
    if flaws:
        raise Unreadable(*flaws)


_COMPUTE = "Open the workbook in Excel, compute and save it, or paste the values."


def read_parquet(path: Path, table: str | None) -> Content:
    """Columns by their types, without the row numbers that pandas keeps; row numbers count from 1."""
    import pyarrow.parquet

    with path.open("rb") as file:
        read = pyarrow.parquet.read_table(file)
    read = read.select([place for place, name in enumerate(read.column_names) if not _OF_PANDAS.fullmatch(name)])
    return _content(read.column_names, [column.to_pylist() for column in read.columns], ["Parquet"])


def read_stata(path: Path, table: str | None) -> Content:
    """Values with their labels beside; missing values of any letter are missing."""
    import pyreadstat

    return _of_statistics(pyreadstat.read_dta, path, "Stata")


def read_spss(path: Path, table: str | None) -> Content:
    """Values with their labels beside; what the file declares as missing is missing."""
    import pyreadstat

    return _of_statistics(pyreadstat.read_sav, path, "SPSS")


def read_sas(path: Path, table: str | None) -> Content:
    """Values; dates by the format of the column."""
    import pyreadstat

    return _of_statistics(pyreadstat.read_sas7bdat, path, "SAS")


def read_sas_transport(path: Path, table: str | None) -> Content:
    """As `read_sas`, from a transport file."""
    import pyreadstat

    return _of_statistics(pyreadstat.read_xport, path, "SAS transport")


def _of_statistics(read: Any, path: Path, program: str) -> Content:
    import pyreadstat

    try:
        frame, about = read(str(path))
    except (pyreadstat.ReadstatError, UnicodeDecodeError):  # files from before these programs wrote UTF-8
        frame, about = read(str(path), encoding="WINDOWS-1252")
    single = {name for name, kind in about.readstat_variable_types.items() if kind == "float"}
    columns = [_in_its_precision(frame.iloc[:, place], name in single) for place, name in enumerate(frame.columns)]
    labels = {name: dict(_label_texts(pairs)) for name, pairs in about.variable_value_labels.items()}
    seen = [program, f"value labels of {len(labels)} column{'s' * (len(labels) > 1)}"] if labels else [program]
    return _content(list(frame.columns), columns, seen, labels)


def _in_its_precision(column: Any, single: bool) -> list[Any]:
    """Numbers stored in four bytes have about seven digits; the rest of the double is made up."""
    return list(column.to_numpy(np.float32)) if single else column.tolist()


def _label_texts(pairs: dict[Any, str]) -> Iterable[tuple[str, str]]:
    return ((cell_text(value) or "", label.strip()) for value, label in pairs.items())


def _content(
    names: Sequence[str], columns: Sequence[Sequence[Any]], seen: Sequence[str], labels: dict | None = None
) -> Content:
    texts = [cell_texts(column) for column in columns]
    rows = range(1, len(texts[0]) + 1) if texts else ()
    return Content([name.strip() for name in names], texts, rows, seen, labels or {})
