"""From the files of a study folder to validated tables, or to a list of everything that is wrong with them.

Each table is a CSV file: UTF-8, comma, header in the first line, dates as YYYY-MM-DD, true or false, an empty cell for
a missing value. A column that may be empty may be left out. Types in memory are those of `contract.columns`.
"""

import csv
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from analysis.study.contract import TABLES, empty_table, is_required, tables_of
from analysis.study.contract.columns import allowed_in, kind_of
from analysis.study.contract.rules import RULES
from analysis.study.mapping.reading import Mapped, read_mapping
from analysis.study.problems import Problem, StudyProblems, group_problems
from analysis.study.reading import read_settings
from analysis.study.settings import FILE, Study

# The table whose further columns the settings declare.
_WITH_OWN_COLUMNS = "background"
_NUMBER = r"[+-]?\d+(\.\d+)?"
_KIND_OF_FAULT = {
    "identifier": "bad_identifier",
    "code": "unknown_code",
    "integer": "out_of_range",
    "decimal": "out_of_range",
}
_UNREADABLE = {"date": "unreadable_date", "integer": "not_a_number", "decimal": "not_a_number", "flag": "not_a_flag"}


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
    tables: dict[str, pd.DataFrame] = {}
    mapped = mapped_tables(folder, study)
    for name, schema in tables_of(study).items():
        if name in mapped.names:
            frame, found = _mapped_table(mapped, schema)
        else:
            frame, found = _read_table(folder, schema, is_required(name, study))
        problems += [problem for problem in found if study or not _may_be_declared(problem)]
        if frame is not None:
            tables[name] = frame
    problems += _unknown_files(folder, mapped.files)
    problems += [
        problem
        for rule in RULES
        if set(rule.tables) <= tables.keys() and (study or not rule.uses_study)
        for problem in rule.check(tables, study)
    ]
    problems = [*mapped.problems, *mapped.at_source(problems)]
    return study, tables, sorted(group_problems(problems), key=_place)


def mapped_tables(folder: Path, study: Study | None) -> Mapped:
    """The tables that the folder's `mapping.yml` makes of other files; none without it."""
    read = partial(read_table_file, folder)
    return read_mapping(folder, tables_of(study), read, () if study else (_WITH_OWN_COLUMNS,))


def read_table_file(folder: Path, name: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    """The cells of a file below a study folder as text, missing where empty, indexed by line, and its faults.

    A file that holds no table gives None.
    """
    path = folder / name
    if not path.is_file():
        return None, [Problem(name, None, None, "missing_file", "The file does not exist.", "Add the file.")]
    header, rows, problems = _records(path)
    if len(header) == 1 and ";" in header[0]:
        return None, [_semicolons(name)]
    cause = "The header names this column more than once."
    repeated = [Problem(name, 1, column, "repeated_column", cause, "Keep one of them.")
                for column in dict.fromkeys(header) if header.count(column) > 1]  # fmt: skip
    if repeated or any(problem.row in (None, 1) for problem in problems):
        return None, [*problems, *repeated]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=header, dtype=str).replace("", None).astype("str")
    return frame, [replace(problem, file=name) for problem in problems]


def _mapped_table(mapped: Mapped, schema: pa.DataFrameSchema) -> tuple[pd.DataFrame | None, list[Problem]]:
    table = mapped.tables.get(schema.name)
    return (None, []) if table is None else _typed_and_checked(table.rows.astype("str"), schema)


def _may_be_declared(problem: Problem) -> bool:
    """Whether it is about a column that the settings may declare; nobody can tell while they cannot be read."""
    return problem.kind == "unknown_column" and problem.file == f"{_WITH_OWN_COLUMNS}.csv"


def _place(problem: Problem) -> tuple[int, int]:
    """Order of the report: settings, tables in the order of the contract, other files; by line inside a file."""
    files = [FILE, *(f"{name}.csv" for name in TABLES)]
    return (files.index(problem.file) if problem.file in files else len(files), problem.row or 0)


def _settings(folder: Path) -> tuple[Study | None, list[Problem]]:
    try:
        return read_settings(folder), []
    except StudyProblems as error:
        return None, list(error.problems)


def _unknown_files(folder: Path, mapped: Collection[str]) -> Iterator[Problem]:
    known = {*mapped, *(f"{name}.csv" for name in TABLES)}
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
    problems += _header_problems(path.name, header, schema) if header else []
    if problems:
        return None, problems
    raw = pd.DataFrame.from_dict(rows, orient="index", columns=header, dtype=str).replace("", None)
    return _typed_and_checked(raw.reindex(columns=list(schema.columns)).astype("str"), schema)


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
    for name, column in schema.columns.items():
        values, found = _typed(raw[name], column, f"{schema.name}.csv")
        typed[name] = values
        problems += found
    frame = pd.DataFrame(typed, index=raw.index)
    key = list(schema.metadata["key"])
    return frame, problems + (_duplicates(frame, key, f"{schema.name}.csv") if key else [])


def _typed(raw: pd.Series, column: pa.Column, file: str) -> tuple[pd.Series, list[Problem]]:
    """One column in its type, and its faults; a cell with a fault is missing in the result."""
    values = _CONVERTERS[kind_of(column)](raw)
    unreadable = raw.notna() & values.isna()
    problems = [
        _cell_problem(file, line, column, _UNREADABLE.get(kind_of(column), "unreadable"))
        for line in raw.index[unreadable]
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


def typed_text(raw: pd.Series, column: pa.Column) -> pd.Series:
    """Cells written as in a study file, in the type of a column of the contract; what cannot be read is missing."""
    return _CONVERTERS[kind_of(column)](raw)


def _outside(values: pd.Series, column: pa.Column) -> list[int]:
    """Lines whose value breaks a check of the column. Numbers are checked before they become whole numbers."""
    if not column.checks or values.empty:
        return []
    try:
        pa.SeriesSchema(checks=column.checks, name=column.name).validate(values.rename(column.name), lazy=True)
    except pa.errors.SchemaErrors as error:
        return sorted(set(error.failure_cases["index"]))
    return []


def _cell_problem(file: str, line: int, column: pa.Column, kind: str) -> Problem:
    return Problem(
        file,
        int(line),
        column.name,
        kind,
        f"The value cannot be used. Allowed is {allowed_in(column)}.",
        "Correct the cell" + (", or leave it empty if unknown." if column.nullable else "."),
    )


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


def _as_date(raw: pd.Series) -> pd.Series:
    exact = raw.where(raw.str.fullmatch(r"\d{4}-\d{2}-\d{2}").fillna(False).astype(bool))
    return pd.to_datetime(exact, format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")


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
