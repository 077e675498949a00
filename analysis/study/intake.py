"""From the files of a study folder to validated tables, or to a list of everything that is wrong with them.

Each table is a file of any format that `table_files` reads, or a part of one; its plain form is CSV: UTF-8, comma,
header in the first line, dates as YYYY-MM-DD, true or false, an empty cell for a missing value. A column that may be
empty may be left out. Types in memory are those of `contract.columns`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from analysis.study import as_printed, checklists
from analysis.study.contract import TABLES, empty_table, is_required, tables_of
from analysis.study.contract.applying import OF_THE_HEADER, apply_rules
from analysis.study.mapping.reading import Mapped, mapped_files, read_mapping
from analysis.study.mapping.settings import FILE as MAPPING
from analysis.study.problems import Problem, StudyProblems, Unchecked, group_problems, spans
from analysis.study.reading import check_settings
from analysis.study.settings import FILE, Study
from analysis.study.table_files import RawTable
from analysis.study.table_files.folder import Source, Sources, file_named, sources_in
from analysis.study.typed_cells import typed_and_checked

# The tables whose further columns the settings declare: which they have, nobody can tell while these cannot be read.
OPEN_TABLES = ("background",)
# What else is read of a study folder, by name: files of settings, and folders.
_OTHER_FILES = (FILE, as_printed.FILE, MAPPING, checklists.FILE)
_OTHER_FOLDERS = ("published", "words", "pages")
# The settings that say whether a study needs its participants.
_LISTED = frozenset({"arms", "horizon"})


@dataclass(frozen=True)
class Rows:
    """How many rows a table has, and in how many of them a problem lies; rows is None for a file that cannot be read.

    A row without a problem is used.
    """

    file: str
    rows: int | None
    with_problem: int


@dataclass(frozen=True)
class Checked:
    """What a check of a study folder found. study and tables are complete only when there are no problems."""

    study: Study | None
    tables: Mapping[str, pd.DataFrame]
    problems: tuple[Problem, ...]
    unchecked: tuple[Unchecked, ...] = ()
    rows: tuple[Rows, ...] = ()


def read_study(folder: Path | str) -> tuple[Study, dict[str, pd.DataFrame]]:
    """Read a study folder and check it against the contract.

    Returns the settings and one frame per table of the contract, columns in the order of the contract; a table without
    a file is an empty frame. Missing values stay missing. Raises StudyProblems holding every problem of the folder.
    """
    return usable(folder, check_folder(folder))


def usable(folder: Path | str, checked: Checked) -> tuple[Study, dict[str, pd.DataFrame]]:
    """Settings and tables of a folder without problems; raises StudyProblems otherwise.

    The settings are without the outcomes that rest on a register without rows (`Study.told_by`).
    """
    if checked.problems or checked.study is None:
        raise StudyProblems(folder, checked.problems, checked.unchecked)
    tables = {name: frame.reset_index(drop=True) for name, frame in checked.tables.items()}
    return checked.study.told_by({name for name, frame in tables.items() if len(frame)}), tables


def check_study(folder: Path | str) -> list[Problem]:
    """Every problem of a study folder, at once; an empty list when it can be used.

    Faults of one kind in one column are folded into the first row and the further rows.
    """
    return list(check_folder(folder).problems)


def check_folder(folder: Path | str) -> Checked:
    """Everything that can be said of a study folder: its problems, what could not be checked, what can be used."""
    folder = Path(folder)
    if not folder.is_dir():
        cause, remedy = "The study folder does not exist.", "Check the path."
        problem = Problem(folder.name, None, None, "missing_folder", cause, remedy)
        return Checked(None, {}, (problem,))
    settings = check_settings(folder)
    study, problems = settings.study, [*settings.problems, *_misnamed(folder)]
    declared = study is None or "columns" in settings.faulty
    mapped = mapped_tables(folder, study, OPEN_TABLES if declared else ())
    sources = sources_in(folder, TABLES, mapped.files)
    tables: dict[str, pd.DataFrame] = {}
    for name, schema in tables_of(study).items():
        if name in sources.refused:
            continue
        if name in mapped.names:
            frame, found = _mapped_table(mapped, schema)
        else:
            needed = is_required(name, study) and not _LISTED & settings.faulty
            frame, found = _read_table(sources.tables.get(name), schema, needed)
        problems += [problem for problem in found if not (declared and _may_be_declared(problem))]
        if frame is not None:
            tables[name] = frame
    problems = _certain([*problems, *sources.problems, *mapped.twice(sources.tables)], mapped)
    broken, unchecked = [], []
    if len(tables) < len(TABLES) or any(len(frame) for frame in tables.values()):
        broken, unchecked = apply_rules(tables, study, settings.faulty, [*problems, *mapped.in_tables])
    found = _at_files([*problems, *broken], mapped, sources)
    own = [(name, source) for name, source in sources.tables.items() if name not in mapped.names]
    rows = tuple(_counted(source.name, tables.get(name), found) for name, source in own)
    return Checked(study, tables, tuple(found), (*settings.unchecked, *mapped.unchecked, *unchecked), rows)


def _misnamed(folder: Path) -> Iterator[Problem]:
    """Files of settings and folders that nobody would read or miss, since their names are not quite right."""
    there = {path.name for path in folder.iterdir()}
    for path in sorted(folder.iterdir()):
        known = _OTHER_FOLDERS if path.is_dir() else _OTHER_FILES
        if path.name in known or path.suffix.lower() not in ("", ".yml", ".yaml"):
            continue
        for meant in get_close_matches(path.name.lower(), [name for name in known if name not in there], 1, 0.8):
            cause, remedy = f"Nothing of this name is read; {meant} is.", f"Call it {meant} or move it elsewhere."
            yield Problem(path.name, None, None, "misnamed_file", cause, remedy)


def _certain(problems: list[Problem], mapped: Mapped) -> list[Problem]:
    """The problems without those of unknown and missing files, while nobody can tell what a mapping makes of which."""
    return [each for each in problems if not (mapped.untold and each.kind in ("unknown_file", "missing_file"))]


def _at_files(problems: list[Problem], mapped: Mapped, sources: Sources) -> list[Problem]:
    """The problems of tables, and those of a mapping, as ones of the files in which they can be mended, in order."""
    at_source = [*mapped.problems, *mapped.at_source(problems)]
    named = [replace(problem, file=sources.name(problem.file)) for problem in at_source]
    return sorted(group_problems(named), key=lambda problem: _place(problem, sources))


def recognised(folder: Path | str) -> list[str]:
    """One line a table, or file that a mapping reads: its rows, and how it is written if not in the plain form."""
    folder = Path(folder)
    files = mapped_files(folder)
    tables = sources_in(folder, TABLES, files).tables if folder.is_dir() else {}
    return [
        *(source.read(name).told for name, source in tables.items()),
        *(replace(file_named(folder, file), file=file).told for file in files),
    ]


def mapped_tables(folder: Path, study: Study | None, open_tables: Collection[str]) -> Mapped:
    """The tables that the folder's `mapping.yml` makes of other files, but for those that are open; none without it."""
    return read_mapping(folder, tables_of(study), partial(file_named, folder), open_tables)


def _mapped_table(mapped: Mapped, schema: pa.DataFrameSchema) -> tuple[pd.DataFrame | None, list[Problem]]:
    table = mapped.tables.get(schema.name)
    if table is None:
        return None, []
    return typed_and_checked(RawTable(f"{schema.name}.csv", table.rows.astype("str")), schema)


def _counted(file: str, frame: pd.DataFrame | None, problems: list[Problem]) -> Rows:
    of_file = [problem for problem in problems if problem.file == file and problem.kind not in OF_THE_HEADER]
    lines = {line for problem in of_file for line in (problem.row, *problem.others)} - {None}
    if frame is None or any(problem.kind == "unreadable_row" for problem in of_file):
        return Rows(file, None, len(lines))
    return Rows(file, len(lines | set(frame.index)), len(lines))


def _may_be_declared(problem: Problem) -> bool:
    """Whether it is about a column that the settings may declare; nobody can tell while they cannot be read."""
    return problem.kind == "unknown_column" and problem.file.removesuffix(".csv") in OPEN_TABLES


def _place(problem: Problem, sources: Sources) -> tuple[int, int]:
    """Order of the report: settings, tables in the order of the contract, other files; by line inside a file."""
    files = [FILE, *(sources.name(f"{name}.csv") for name in TABLES)]
    return (files.index(problem.file) if problem.file in files else len(files), problem.row or 0)


def _read_table(
    source: Source | None, schema: pa.DataFrameSchema, required: bool
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Frame indexed by line or row in the file, or None when the file cannot be laid out as the table."""
    file = f"{schema.name}.csv"
    if source is None:
        if not required:
            return empty_table(schema), []
        cause = "A study with arms or a horizon needs this table."
        return None, [Problem(file, None, None, "missing_file", cause, "Add the file.")]
    raw = source.read(schema.name)
    problems = [replace(problem, file=file) for problem in raw.problems]
    if not raw.header:
        return None, problems
    frame, found = typed_and_checked(laid_out(raw, schema), schema)
    return frame, problems + _header_problems(raw, schema) + found


def laid_out(raw: RawTable, schema: pa.DataFrameSchema) -> RawTable:
    """The columns of the table in their order. Those that may be absent have no values then.

    Left out are those that the header names twice, and, where it has a name that the table does not know, all that it
    lacks: one of them may be meant.
    """
    header = list(raw.header)
    places = {name: header.index(name) for name in schema.columns if header.count(name) == 1}
    unknown = any(name not in schema.columns for name in header)
    lacking = [] if unknown else [name for name, column in schema.columns.items()
                                  if column.nullable and name not in header]  # fmt: skip
    frame = raw.cells.iloc[:, list(places.values())].set_axis(list(places), axis="columns")
    frame = frame.reindex(columns=[*places, *lacking]).astype("str")
    return replace(raw, cells=frame[[name for name in schema.columns if name in frame.columns]])


def _header_problems(raw: RawTable, schema: pa.DataFrameSchema) -> list[Problem]:
    file, line, header = f"{schema.name}.csv", raw.header_row, raw.header
    wanted = list(schema.columns)
    missing = [
        Problem(file, line, column, "missing_column", "The header lacks this column.", "Add the column.")
        for column in wanted
        if column not in header and not schema.columns[column].nullable
    ]
    numbers = [number for number, column in enumerate(header, 1) if column not in wanted]
    unknown = [_unknown_columns(file, line, numbers)] if numbers else []
    repeated = [
        Problem(
            file, line, column, "repeated_column", "The header names this column more than once.", "Keep one of them."
        )
        for column in wanted
        if header.count(column) > 1
    ]
    return missing + unknown + repeated


def _unknown_columns(file: str, line: int | None, numbers: list[int]) -> Problem:
    """One problem, however many there are: a register's table may have thousands."""
    if len(numbers) == 1:
        cause = f"The header has a column, number {numbers[0]}, that the table does not know."
        return Problem(file, line, None, "unknown_column", cause, "Remove the column or correct its name.")
    told = ", ".join(spans(numbers))
    cause = f"The header has {len(numbers):,} columns that the table does not know: numbers {told}."
    return Problem(file, line, None, "unknown_column", cause, "Remove the columns or correct their names.")
