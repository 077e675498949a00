"""Reading a table file of any format, so that whatever is wrong with it becomes a problem with its place."""

from collections.abc import Callable, Sequence
from errno import ELOOP
from pathlib import Path

import pandas as pd

from analysis.study.problems import Problem
from analysis.study.table_files.databases import read_database, tables_of
from analysis.study.table_files.other_programs import (
    read_excel,
    read_parquet,
    read_sas,
    read_sas_transport,
    read_spss,
    read_stata,
    sheets_of,
)
from analysis.study.table_files.raw import Content, Flaw, RawTable, Unreadable
from analysis.study.table_files.text import read_text

Reader = Callable[[Path, str | None], Content]
TEXT_ENDINGS = (".csv", ".tsv", ".txt")
READERS: dict[str, tuple[Reader, str]] = {
    **dict.fromkeys((*TEXT_ENDINGS, *(f"{ending}.gz" for ending in TEXT_ENDINGS)), (read_text, "a text file")),
    **dict.fromkeys((".xlsx", ".xlsm"), (read_excel, "an Excel workbook")),
    ".parquet": (read_parquet, "a Parquet file"),
    ".dta": (read_stata, "a Stata file"),
    **dict.fromkeys((".sav", ".zsav"), (read_spss, "an SPSS file")),
    ".sas7bdat": (read_sas, "a SAS file"),
    ".xpt": (read_sas_transport, "a SAS transport file"),
    **dict.fromkeys((".duckdb", ".ddb", ".sqlite", ".sqlite3", ".db"), (read_database, "a DuckDB or SQLite file")),
}
# Formats in which one file may hold many tables.
_PARTS: dict[Reader, Callable[[Path], list[str]]] = {read_excel: sheets_of, read_database: tables_of}


def ending_of(path: Path) -> str:
    """The ending of a file's name in small letters, with `.gz` as part of it: `.csv.gz`."""
    endings = [ending.lower() for ending in path.suffixes[-2:]]
    return "".join(endings) if endings[-1:] == [".gz"] else "".join(endings[-1:])


def read_table_file(path: Path | str, table: str | None = None) -> RawTable:
    """One table of a file, as text.

    table: name of the sheet or of the table inside a workbook or database; may be None where there is only one.
    Never raises for what is in the file, or that it is none: the result then has problems and no columns.
    """
    path = Path(path)
    name = name_of(path, table)
    try:
        content = _content(path, table)
        _refuse_nothing(content)
    except Unreadable as error:
        return RawTable(name, pd.DataFrame(dtype="str"), _problems(name, error.flaws))
    return RawTable(
        name,
        _cells(content),
        _problems(name, content.flaws),
        content.labels,
        content.header_row,
        content.plain,
        tuple(content.seen),
    )


def _refuse_nothing(content: Content) -> None:
    """Without a column nothing could be missed, so that such a table would be absent without a word."""
    if not any(content.header) and not content.flaws:
        cause = "The table has no columns."
        raise Unreadable(Flaw("missing_header", cause, "Export it again with its header.", content.header_row))


def name_of(path: Path, table: str | None) -> str:
    """What problems call a table: its file, and its name in a file that may hold others."""
    several = table and reader_of(path) in _PARTS and not path.name.lower().startswith(f"{table.lower()}.")
    return f"{path.name} ({table})" if several else path.name


def _problems(name: str, flaws: Sequence[Flaw]) -> tuple[Problem, ...]:
    return tuple(Problem(name, flaw.row, flaw.column, flaw.kind, flaw.cause, flaw.remedy) for flaw in flaws)


def parts_of(path: Path | str) -> list[str]:
    """Names of the sheets or tables in a workbook or database; none for a file of one table, or that cannot be read."""
    try:
        return _PARTS[reader_of(path)](Path(path)) if reader_of(path) in _PARTS and Path(path).is_file() else []
    except Exception:  # whoever reads the file is told why
        return []


def reader_of(path: Path | str) -> Reader | None:
    """The reader of the format that the ending names; None where there is none."""
    return READERS.get(ending_of(Path(path)), (None,))[0]


def _content(path: Path, table: str | None) -> Content:
    read, what = READERS.get(ending_of(path), (None, ""))
    if read is None:
        raise Unreadable(Flaw("unreadable_format", "Files of this format are not read.", "Save the table as CSV."))
    if path.is_fifo():  # it would be waited for without end
        raise Unreadable(Flaw("not_a_file", "This is a pipe, not a file.", "Put the file there."))
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
        if empty and read is not read_text:
            raise Unreadable(Flaw("empty_file", "The file is empty.", "Copy or export it again."))
        return read(path, table)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(_flaw_of(error, what)) from error


def _flaw_of(error: Exception, what: str) -> Flaw:
    """Libraries have errors of their own by the dozen, and some quote what they could not read: none is repeated."""
    if isinstance(error, IsADirectoryError):
        return Flaw("not_a_file", "This is a folder, not a file.", "Put the file there, or rename the folder.")
    if isinstance(error, FileNotFoundError) or getattr(error, "errno", None) == ELOOP:
        return Flaw("not_a_file", "There is no such file, or it is a link to nowhere.", "Put the file there.")
    if isinstance(error, PermissionError):
        return Flaw("no_permission", "You have no permission to read the file.", "Ask for it, or copy the file.")
    if isinstance(error, MemoryError):
        cause = "The file, unpacked, needs more memory than there is."
        return Flaw("too_large", cause, "Look what is in it; keep the rows of the study, or take a larger machine.")
    cause = f"The file cannot be read as {what}: it is damaged, cut short, protected, or of another format."
    return Flaw("unreadable_file", cause, "Export it again, or save the table as CSV.")


def _cells(content: Content) -> pd.DataFrame:
    """Columns without a name and without a value, which spreadsheets leave at the edge, are no columns."""
    kept = [place for place, name in enumerate(content.header) if name or any(content.columns[place])]
    frame = pd.DataFrame({place: content.columns[place] for place in kept}, index=list(content.rows), dtype="str")
    return frame.set_axis([content.header[place] for place in kept], axis="columns")
