"""Which file of a study folder holds which table, and which files look like tables and are none."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.study.problems import Problem
from analysis.study.table_files.databases import read_database
from analysis.study.table_files.raw import RawTable
from analysis.study.table_files.reading import ending_of, name_of, parts_of, read_table_file, reader_of

# Formats of tables that are not read.
_UNREAD = (
    ".xls", ".xlsb", ".ods", ".numbers", ".rds", ".rda", ".rdata", ".por", ".feather", ".arrow", ".orc", ".mdb",
    ".accdb", ".dbf", ".tab", ".psv", ".pq", ".fst",
)  # fmt: skip
# What may be about a table and have its name. Whatever else has a table's name is meant as one.
_ABOUT_A_TABLE = (
    ".md", ".rst", ".pdf", ".doc", ".docx", ".rtf", ".odt", ".tex", ".log", ".yml", ".yaml", ".toml", ".png", ".jpg",
    ".jpeg", ".svg", ".py", ".ipynb", ".r", ".rmd", ".qmd", ".do", ".ado", ".sas", ".sps", ".sql", ".sh", ".js", ".css",
)  # fmt: skip
# What programs leave beside an open file, or in any folder.
_NO_TABLE = re.compile(r"\.|~\$|.*(-wal|-shm|-journal|\.wal)$|thumbs\.db$", re.IGNORECASE)
_MOVE = "or move it out of the study folder."


@dataclass(frozen=True)
class Source:
    """Where a table is: a file, and the sheet or table inside one that holds several."""

    path: Path
    part: str | None = None

    @property
    def name(self) -> str:
        """What problems call it."""
        return name_of(self.path, self.part)

    def read(self, table: str) -> RawTable:
        """The table as text."""
        return read_table_file(self.path, self.part or table)


@dataclass(frozen=True)
class Sources:
    """The tables of a study folder by name, problems of files that give none, and tables that stand in two files."""

    tables: Mapping[str, Source]
    problems: tuple[Problem, ...]
    refused: frozenset[str]

    def name(self, file: str) -> str:
        """The file in which the table `<table>.csv` of the contract really is."""
        source = self.tables.get(file.removesuffix(".csv")) if file.endswith(".csv") else None
        return source.name if source else file


def file_named(folder: Path, name: str) -> RawTable:
    """A file below a study folder by what problems call it: `jobs.csv`, or `extract.xlsx (jobs)` for a part of one."""
    part = re.fullmatch(r"(.+\.\w+) \((.+)\)", name)
    if part is None or (folder / name).is_file():
        return read_table_file(folder / name)
    return read_table_file(folder / part[1], part[2])


def sources_in(folder: Path, names: Collection[str], apart: Collection[str] = ()) -> Sources:
    """Where each table of the contract is: in the file of its name, or under its name inside a workbook or database.

    names: of the tables of the contract. apart: what else is read of the folder. A table in two places is a problem of
    both, and read from neither.
    """
    found: dict[str, list[Source]] = {name: [] for name in names}
    problems = []
    read_apart = {name.partition(" (")[0] for name in apart} | set(apart)
    for path in sorted(path for path in folder.iterdir() if path.name not in read_apart):
        sources, others = _tables_of(path, names)
        for name, source in sources:
            found[name].append(source)
        problems += others
    twice = {name for name in names if len(found[name]) > 1}
    problems += [_twice(name, source) for name in names if name in twice for source in found[name]]
    tables = {name: found[name][0] for name in names if len(found[name]) == 1}
    return Sources(tables, tuple(problems), frozenset(twice))


def _tables_of(path: Path, names: Collection[str]) -> tuple[list[tuple[str, Source]], list[Problem]]:
    """The tables that a file holds, by name, and what is wrong with it."""
    if _NO_TABLE.match(path.name):
        return [], []
    reader, stem = reader_of(path), path.name.lower().removesuffix(ending_of(path))
    if reader is None:
        return [], [_unread(path)] if _is_unread(path, names) else []
    if stem in names and reader is not read_database:
        return [(stem, Source(path))], []
    parts = [(part.strip().lower(), part) for part in parts_of(path)]
    known = [(name, Source(path, part)) for name, part in parts if name in names]
    if not known:
        return [], _no_table(path)
    return known, [_unknown_part(Source(path, part)) for name, part in parts if name not in names]


def _is_unread(path: Path, names: Collection[str]) -> bool:
    named = path.name.lower().partition(".")[0] in names and not path.is_dir()
    return ending_of(path) in _UNREAD or (named and path.suffix.lower() not in _ABOUT_A_TABLE)


def _no_table(path: Path) -> list[Problem]:
    """Why a file of a known format holds no table. Text without cells, such as notes, is not meant as one."""
    if path.is_dir() or reader_of(path) is read_database:
        return list(read_table_file(path).problems) or [_unknown(path.name)]
    notes = ending_of(path).startswith(".txt") and len(read_table_file(path).header) < 2
    return [] if notes else [_unknown(path.name)]


def _unknown(file: str) -> Problem:
    cause, remedy = "The contract has no table of this name.", f"Correct the name of the file {_MOVE}"
    return Problem(file, None, None, "unknown_file", cause, remedy)


def _unknown_part(source: Source) -> Problem:
    cause = "The contract has no table of this name."
    return Problem(source.name, None, None, "unknown_file", cause, "Correct its name or take it out of the file.")


def _unread(path: Path) -> Problem:
    remedy = f"Save the table as CSV, .xlsx or Parquet, {_MOVE}"
    return Problem(path.name, None, None, "unreadable_format", "Files of this format are not read.", remedy)


def _twice(table: str, source: Source) -> Problem:
    cause = f"Another file holds the table {table}, too."
    return Problem(source.name, None, None, "table_twice", cause, f"Keep one of them, {_MOVE}")
