"""From the files of a study folder to validated tables, or to a list of everything that is wrong with them.

Each table is a CSV file: UTF-8, comma, header in the first line, dates as YYYY-MM-DD, true or false, an empty cell for
a missing value. A column that may be empty may be left out. Types in memory are those of `contract.columns`.
"""

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from analysis.study.cells import checked_cells, repeated_keys
from analysis.study.contract import TABLES, empty_table, is_required, tables_of
from analysis.study.contract.applying import HEADER, apply_rules
from analysis.study.contract.columns import kind_of
from analysis.study.problems import Problem, StudyProblems, Unchecked, group_problems
from analysis.study.reading import check_settings
from analysis.study.settings import FILE, Study

# The settings that say whether a study needs its participants.
_LISTED = frozenset({"arms", "horizon"})
_NUMBER = r"[+-]?\d+(\.\d+)?"


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
    """Settings and tables of a folder without problems; raises StudyProblems otherwise."""
    if checked.problems or checked.study is None:
        raise StudyProblems(folder, checked.problems, checked.unchecked)
    return checked.study, {name: frame.reset_index(drop=True) for name, frame in checked.tables.items()}


def check_study(folder: Path | str) -> list[Problem]:
    """Every problem of a study folder, at once; an empty list when it can be used.

    Faults of one kind in one column are folded into the first row and the further rows.
    """
    return list(check_folder(folder).problems)


def check_folder(folder: Path | str) -> Checked:
    """Everything that can be said of a study folder: its problems, what could not be checked, what can be used."""
    folder = Path(folder)
    if not folder.is_dir():
        problem = Problem(
            folder.name, None, None, "missing_folder", "The study folder does not exist.", "Check the path."
        )
        return Checked(None, {}, (problem,))
    settings = check_settings(folder)
    study, problems = settings.study, list(settings.problems)
    tables: dict[str, pd.DataFrame] = {}
    for name, schema in tables_of(study).items():
        frame, found = _read_table(folder, schema, is_required(name, study) and not _LISTED & settings.faulty)
        declared = study is None or "columns" in settings.faulty
        problems += [problem for problem in found if not (declared and _may_be_declared(problem))]
        if frame is not None:
            tables[name] = frame
    problems += [*_unknown_files(folder), *_no_files(folder)]
    broken, unchecked = [], []
    if len(tables) < len(TABLES) or any(len(frame) for frame in tables.values()):
        broken, unchecked = apply_rules(tables, study, settings.faulty, problems)
    problems = sorted(group_problems([*problems, *broken]), key=_place)
    rows = tuple(_counted(folder, name, tables.get(name), problems) for name in TABLES)
    return Checked(
        study, tables, tuple(problems), (*settings.unchecked, *unchecked), tuple(each for each in rows if each)
    )


def _counted(folder: Path, name: str, frame: pd.DataFrame | None, problems: list[Problem]) -> Rows | None:
    file = f"{name}.csv"
    if not (folder / file).is_file():
        return None
    of_file = [problem for problem in problems if problem.file == file]
    lines = {line for problem in of_file for line in (problem.row, *problem.others)} - {None, HEADER}
    if frame is None or any(problem.kind == "unreadable_row" for problem in of_file):
        return Rows(file, None, len(lines))
    return Rows(file, len(lines | set(frame.index)), len(lines))


def _may_be_declared(problem: Problem) -> bool:
    """Whether it is about a column that the settings may declare; nobody can tell while they cannot be read."""
    return problem.kind == "unknown_column" and problem.file == "background.csv"


def _place(problem: Problem) -> tuple[int, int]:
    """Order of the report: settings, tables in the order of the contract, other files; by line inside a file."""
    files = [FILE, *(f"{name}.csv" for name in TABLES)]
    return (files.index(problem.file) if problem.file in files else len(files), problem.row or 0)


def _unknown_files(folder: Path) -> Iterator[Problem]:
    known = {f"{name}.csv" for name in TABLES}
    for path in sorted(folder.glob("*.csv")):
        if path.name not in known:
            yield Problem(
                path.name,
                None,
                None,
                "unknown_file",
                "The contract has no table of this name.",
                "Correct the name of the file or move it out of the study folder.",
            )


def _no_files(folder: Path) -> Iterator[Problem]:
    """What has the name of a table and cannot be opened, a folder or a link to nowhere: it is no absent table."""
    for path in (folder / f"{name}.csv" for name in TABLES):
        if os.path.lexists(path) and not path.is_file():
            cause = "This is a folder, or a link to a file that is not there."
            yield Problem(path.name, None, None, "not_a_file", cause, "Put the file in its place, or remove it.")


def _read_table(folder: Path, schema: pa.DataFrameSchema, required: bool) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Frame indexed by line in the file, or None when the file cannot be laid out as the table."""
    path = folder / f"{schema.name}.csv"
    if not path.is_file():
        if not required:
            return empty_table(schema), []
        cause = "A study with arms or a horizon needs this table."
        return None, [Problem(path.name, None, None, "missing_file", cause, "Add the file.")]
    header, rows, problems = _records(path)
    if len(header) == 1 and ";" in header[0]:
        return None, [_semicolons(path.name)]
    if any(problem.row in (None, HEADER) for problem in problems):
        return None, problems
    problems += _header_problems(path.name, header, schema)
    raw = pd.DataFrame.from_dict(rows, orient="index", columns=range(len(header)), dtype=str).replace("", None)
    frame, found = _typed_and_checked(_laid_out(raw, header, schema), schema)
    return frame, problems + found


def _laid_out(raw: pd.DataFrame, header: list[str], schema: pa.DataFrameSchema) -> pd.DataFrame:
    """The columns of the table in their order. Those that may be absent have no values then.

    Left out are those that the header names twice, and, where it has a name that the table does not know, all that it
    lacks: one of them may be meant.
    """
    places = {name: header.index(name) for name in schema.columns if header.count(name) == 1}
    unknown = any(name not in schema.columns for name in header)
    lacking = [] if unknown else [name for name, column in schema.columns.items()
                                  if column.nullable and name not in header]  # fmt: skip
    frame = raw[list(places.values())].set_axis(list(places), axis="columns").reindex(columns=[*places, *lacking])
    return frame[[name for name in schema.columns if name in frame.columns]].astype("str")


def _records(path: Path) -> tuple[list[str], dict[int, list[str]], list[Problem]]:
    """Header and cells by line number. Blank lines are passed over."""
    rows, problems, header, before = {}, [], [], 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [cell.strip() for cell in next(reader, [])]
            before = reader.line_num
            for cells in reader:
                line, before = before + 1, reader.line_num
                if cells and len(cells) != len(header):
                    problems.append(_ragged(path.name, line))
                elif cells:
                    rows[line] = [cell.strip() for cell in cells]
    except UnicodeDecodeError:
        problems.append(Problem(path.name, None, None, "not_utf8", "The file is not UTF-8 text.", "Save it as UTF-8."))
    except csv.Error:
        problems.append(
            Problem(
                path.name,
                before + 1,
                None,
                "unreadable_row",
                "From here on the quotation marks do not match.",
                "Close every quoted cell, and double quotation marks inside a cell.",
            )
        )
    if not header and not problems:
        problems.append(Problem(path.name, 1, None, "missing_header", "The file is empty.", "Add the header line."))
    return header, rows, problems


def _semicolons(file: str) -> Problem:
    cause = "The columns are separated by semicolons."
    return Problem(file, 1, None, "wrong_separator", cause, "Save the file with commas between columns.")


def _ragged(file: str, line: int) -> Problem:
    return Problem(
        file,
        line,
        None,
        "wrong_number_of_cells",
        "The row has not as many cells as the header.",
        "Check for missing or extra commas; quote cells that contain a comma.",
    )


def _header_problems(file: str, header: list[str], schema: pa.DataFrameSchema) -> list[Problem]:
    wanted = list(schema.columns)
    missing = [
        Problem(file, 1, column, "missing_column", "The header lacks this column.", "Add the column.")
        for column in wanted
        if column not in header and not schema.columns[column].nullable
    ]
    unknown = [
        Problem(
            file,
            1,
            None,
            "unknown_column",
            f"The header has a column, number {number}, that the table does not know.",
            "Remove the column or correct its name.",
        )
        for number, column in enumerate(header, 1)
        if column not in wanted
    ]
    repeated = [
        Problem(file, 1, column, "repeated_column", "The header names this column more than once.", "Keep one of them.")
        for column in wanted
        if header.count(column) > 1
    ]
    return missing + unknown + repeated


def _typed_and_checked(raw: pd.DataFrame, schema: pa.DataFrameSchema) -> tuple[pd.DataFrame, list[Problem]]:
    problems: list[Problem] = []
    typed = {}
    for name in raw.columns:
        column = schema.columns[name]
        values = _CONVERTERS[kind_of(column)](raw[name])
        values, found = checked_cells(raw[name], values, column, f"{schema.name}.csv")
        typed[name] = values
        problems += found
    frame = pd.DataFrame(typed, index=raw.index)
    key = list(schema.metadata["key"])
    return frame, problems + (
        repeated_keys(frame, key, f"{schema.name}.csv") if key and set(key) <= set(frame.columns) else []
    )


def typed_text(raw: pd.Series, column: pa.Column) -> pd.Series:
    """Cells written as in a study file, in the type of a column of the contract; what cannot be read is missing."""
    return _CONVERTERS[kind_of(column)](raw)


def _as_date(raw: pd.Series) -> pd.Series:
    written = raw.str.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fillna(False).astype(bool)
    kept = raw.where(written & raw.between("1678", "2262"))  # what pandas can hold in nanoseconds
    return pd.to_datetime(kept, format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")


def _as_number(raw: pd.Series) -> pd.Series:
    exact = raw.where(raw.str.fullmatch(_NUMBER).fillna(False).astype(bool))
    return pd.to_numeric(exact, errors="coerce").astype(float)


def _as_flag(raw: pd.Series) -> pd.Series:
    return raw.map({"true": True, "false": False}).astype("boolean")


def _as_text(raw: pd.Series) -> pd.Series:
    return raw


_CONVERTERS = {
    "identifier": _as_text,
    "code": _as_text,
    "text": _as_text,
    "date": _as_date,
    "integer": _as_number,
    "decimal": _as_number,
    "flag": _as_flag,
}
