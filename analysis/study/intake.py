"""From the files of a study folder to validated tables, or to a list of everything that is wrong with them.

Each table is a file of any format that `table_files` reads, or a part of one; its plain form is CSV: UTF-8, comma,
header in the first line, dates as YYYY-MM-DD, true or false, an empty cell for a missing value. A column that may be
empty may be left out. Types in memory are those of `contract.columns`.
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from analysis.study.contract import TABLES, empty_table, is_required, tables_of
from analysis.study.contract.rules import RULES
from analysis.study.problems import Problem, StudyProblems, group_problems
from analysis.study.reading import read_settings
from analysis.study.settings import FILE, Study
from analysis.study.table_files import RawTable
from analysis.study.table_files.folder import Source, Sources, sources_in
from analysis.study.typed_cells import typed_and_checked


def read_study(folder: Path | str) -> tuple[Study, dict[str, pd.DataFrame]]:
    """Read a study folder and check it against the contract.

    Returns the settings and one frame per table of the contract, columns in the order of the contract; a table without
    a file is an empty frame. Missing values stay missing. Raises StudyProblems holding every problem of the folder.
    """
    study, tables, problems = _read(Path(folder))
    if problems or study is None:
        raise StudyProblems(folder, problems)
    return study, {name: frame.reset_index(drop=True) for name, frame in tables.items()}


def check_study(folder: Path | str) -> list[Problem]:
    """Every problem of a study folder, at once; an empty list when it can be used.

    Faults of one kind in one column are folded into the first row and the number of further rows.
    """
    return _read(Path(folder))[2]


def _read(folder: Path) -> tuple[Study | None, dict[str, pd.DataFrame], list[Problem]]:
    if not folder.is_dir():
        problem = Problem(
            folder.name, None, None, "missing_folder", "The study folder does not exist.", "Check the path."
        )
        return None, {}, [problem]
    study, problems = _settings(folder)
    sources = sources_in(folder, TABLES)
    tables: dict[str, pd.DataFrame] = {}
    for name, schema in tables_of(study).items():
        if name in sources.refused:
            continue
        frame, found = _read_table(sources.tables.get(name), schema, is_required(name, study))
        problems += [problem for problem in found if study or not _may_be_declared(problem)]
        if frame is not None:
            tables[name] = frame
    problems += sources.problems
    problems += [
        problem
        for rule in RULES
        if set(rule.tables) <= tables.keys() and (study or not rule.uses_study)
        for problem in rule.check(tables, study)
    ]
    named = [replace(problem, file=sources.name(problem.file)) for problem in problems]
    return study, tables, sorted(group_problems(named), key=lambda problem: _place(problem, sources))


def recognised(folder: Path | str) -> list[str]:
    """One line a table: its file, its rows, and how the file is written where that is not the plain form."""
    tables = sources_in(Path(folder), TABLES).tables if Path(folder).is_dir() else {}
    return [source.read(name).told for name, source in tables.items()]


def _may_be_declared(problem: Problem) -> bool:
    """Whether it is about a column that the settings may declare; nobody can tell while they cannot be read."""
    return problem.kind == "unknown_column" and problem.file == "background.csv"


def _place(problem: Problem, sources: Sources) -> tuple[int, int]:
    """Order of the report: settings, tables in the order of the contract, other files; by line inside a file."""
    files = [FILE, *(sources.name(f"{name}.csv") for name in TABLES)]
    return (files.index(problem.file) if problem.file in files else len(files), problem.row or 0)


def _settings(folder: Path) -> tuple[Study | None, list[Problem]]:
    try:
        return read_settings(folder), []
    except StudyProblems as error:
        return None, list(error.problems)


def _read_table(
    source: Source | None, schema: pa.DataFrameSchema, required: bool
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Frame indexed by line or row in the file, or None when the file cannot be laid out as the table."""
    if source is None:
        if not required:
            return empty_table(schema), []
        cause = "A study with arms or a horizon needs this table."
        return None, [Problem(f"{schema.name}.csv", None, None, "missing_file", cause, "Add the file.")]
    raw = source.read(schema.name)
    problems = list(raw.problems) or _header_problems(raw, schema)
    return (None, problems) if problems else typed_and_checked(raw, schema)


def _header_problems(raw: RawTable, schema: pa.DataFrameSchema) -> list[Problem]:
    file, line, header = f"{schema.name}.csv", raw.header_row, raw.header
    wanted = list(schema.columns)
    missing = [
        Problem(file, line, column, "missing_column", "The header lacks this column.", "Add the column.")
        for column in wanted
        if column not in header and not schema.columns[column].nullable
    ]
    unknown = [
        Problem(
            file,
            line,
            None,
            "unknown_column",
            f"The header has a column, number {number}, that the table does not know.",
            "Remove the column or correct its name.",
        )
        for number, column in enumerate(header, 1)
        if column not in wanted
    ]
    repeated = [
        Problem(
            file, line, column, "repeated_column", "The header names this column more than once.", "Keep one of them."
        )
        for column in wanted
        if header.count(column) > 1
    ]
    return missing + unknown + repeated
