"""From the files of one source to its records: appended, joined by key, one record a row or a row and time unit.

Every cell keeps the file, line and column it was read from, so that a fault is named where it can be mended.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

import numpy as np
import pandas as pd

from analysis.study.mapping.cells import days
from analysis.study.mapping.settings import FILE, FIRST_DAY, LAST_DAY, LINE, UNIT, Join, Source, Wide, as_day
from analysis.study.problems import Problem, StudyProblems
from analysis.study.table_files import RawTable
from analysis.study.yaml_files import Document, Location

# A file of the extract by its name.
Reader = Callable[[str], RawTable]
_NUMPY_UNITS = {"month": "M", "year": "Y"}
EMPTY_UNIT = "no value in the unit"


@dataclass(frozen=True)
class Records:
    """Records of one source.

    cells: one row per record, columns as in the files, text, missing where empty. files and lines: where each record
    was read, one column per file joined, the file of the rows itself being 0. origin: column → which of these.
    named: column → what each record's file calls it, where that differs. left_out: rows left out so far by the name of
    the reason. lines_read: rows of the files below the header. unreadable: those records that are named as problems
    and left out for it. without_partner: rows of each joined file that belong to no record. labels and plain: as in
    `RawTable`.
    """

    cells: pd.DataFrame
    files: pd.DataFrame
    lines: pd.DataFrame
    origin: Mapping[str, int]
    named: Mapping[str, pd.Series] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    lines_read: int = 0
    unreadable: int = 0
    without_partner: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    plain: bool = True

    def place(self, record: int, column: str) -> tuple[str, int, str]:
        """File, line and column in which a cell of a record was read; the record's own line for one without."""
        file, line = self._read_at[self.origin.get(column, 0)][record]
        if pd.isna(line):
            file, line = self._read_at[0][record]
        name = self.named[column].at[record] if column in self.named else column
        return file, int(line), name

    @cached_property
    def _read_at(self) -> dict[int, dict[int, tuple[str, float]]]:
        """File joined → record → file and line."""
        return {
            origin: dict(zip(self.lines.index, zip(self.files[origin], self.lines[origin], strict=True), strict=True))
            for origin in self.lines.columns
        }

    def kept(self, where: pd.Series, reason: str) -> "Records":
        """The records that hold; the others counted under a reason."""
        rest = int((~where).sum())
        left_out = {**self.left_out, reason: self.left_out.get(reason, 0) + rest}
        return self.at(where[where].index, left_out=left_out)

    def at(self, chosen: pd.Index, **changes: object) -> "Records":
        """The records of some numbers."""
        parts = {name: getattr(self, name).loc[chosen] for name in ("cells", "files", "lines")}
        named = {column: values.loc[chosen] for column, values in self.named.items()}
        return replace(self, **{**parts, "named": named, **changes})


def read_records(
    source: Source, read: Reader, document: Document, place: Location, dates: str
) -> tuple[Records, list[Problem]]:
    """The records of a source, before any filter of its own, and the problems of single rows.

    Raises StudyProblems when a file holds no table or a column is missing.
    """
    records, problems = _appended(source, read, document, place)
    for number, join in enumerate(source.join, 1):
        records, found = _joined(records, join, number, read, document, (*place, "join", number - 1))
        problems += found
    missing = list(_missing_columns(source, records, document, place))
    if missing:
        raise StudyProblems(place, [*problems, *missing])
    if source.wide:
        records, found = _long(records, source.wide, dates)
        problems += found
    return records, problems


def _appended(source: Source, read: Reader, document: Document, place: Location) -> tuple[Records, list[Problem]]:
    read_from = [_read(name, read, document, (*place, "file", number)) for number, name in enumerate(source.file)]
    problems = [problem for raw in read_from for problem in raw.problems]
    shared = set.intersection(*(set(raw.header) for raw in read_from))
    columns = [column for column in read_from[0].header if column in shared]
    cells = pd.concat([raw.cells[columns] for raw in read_from], ignore_index=True)
    lines = np.concatenate([raw.cells.index.to_numpy() for raw in read_from])
    files = np.repeat(list(source.file), [len(raw.cells) for raw in read_from])
    cells = cells.assign(**{LINE: pd.Series(lines).astype("str")})
    return Records(
        cells, pd.DataFrame({0: pd.Series(files, dtype="str")}), pd.DataFrame({0: lines}),
        dict.fromkeys(cells.columns, 0), lines_read=len(cells) + len(problems), unreadable=len(problems),
        labels=dict(read_from[0].labels), plain=all(raw.plain for raw in read_from),
    ), problems  # fmt: skip


def _read(name: str, read: Reader, document: Document, place: Location) -> RawTable:
    """A file with the problems of its rows; raises StudyProblems when it holds no table."""
    raw = read(name)
    problems = [_of_file(problem, name, document, place) for problem in raw.problems]
    repeated = [column for column in dict.fromkeys(raw.header) if raw.header.count(column) > 1]
    if repeated:
        cause, remedy = "The header names a column more than once.", "Rename one of them."
        problems.append(Problem(name, raw.header_row, None, "repeated_column", cause, remedy))
    if repeated or not raw.header:
        raise StudyProblems(name, problems)
    return replace(raw, problems=tuple(problems))


def _of_file(problem: Problem, name: str, document: Document, place: Location) -> Problem:
    """A problem of a file under the name that the mapping gives it, or of the mapping that names no file."""
    if problem.kind != "missing_file":
        return replace(problem, file=name)
    cause = "The study folder has no file of this name."
    at = ".".join(map(str, place))
    return Problem(FILE, document.line(place), at, "missing_file", cause, "Add the file or correct the name.")


def _joined(
    records: Records, join: Join, number: int, read: Reader, document: Document, place: Location
) -> tuple[Records, list[Problem]]:
    raw = _read(join.file, read, document, (*place, "file"))
    other = raw.cells
    lacking = [
        _no_column(document, (*place, name), file)
        for name, columns, key, file in (
            ("by", records.cells.columns, join.by, "the file"),
            ("other" if join.other else "by", other.columns, join.key, join.file),
        )
        if key not in columns
    ]
    if lacking:
        raise StudyProblems(join.file, lacking)
    key = other[join.key]
    problems = [*raw.problems]
    problems += [_repeated_key(join, line) for line in other.index[key.notna() & key.duplicated()]]
    partner = other[key.notna() & ~key.duplicated()].rename_axis("line").reset_index().set_index(join.key, drop=False)
    found = partner.reindex(records.cells[join.by]).set_axis(records.cells.index)
    new = [column for column in other.columns if column not in records.cells.columns]
    used = set(records.cells[join.by].dropna())
    return replace(
        records,
        cells=pd.concat([records.cells, found[new]], axis=1),
        files=records.files.assign(**{"other": join.file}).rename(columns={"other": number}),
        lines=records.lines.assign(**{"other": found["line"]}).rename(columns={"other": number}),
        origin={**records.origin, **dict.fromkeys(new, number)},
        labels={**raw.labels, **records.labels},
        without_partner={**records.without_partner, join.file: int((~key.isin(used)).sum())},
    ), problems


def _repeated_key(join: Join, line: int) -> Problem:
    cause = f"An earlier row has the same {join.key}, so that nobody can tell which one is meant."
    return Problem(join.file, int(line), join.key, "duplicate_key", cause, "Keep one of the rows.")


def _missing_columns(source: Source, records: Records, document: Document, place: Location) -> Iterator[Problem]:
    made = {LINE} | ({UNIT, FIRST_DAY, LAST_DAY, *source.wide.columns} if source.wide else set())
    known = made | set(records.cells.columns)
    for where, column in chain(_named_columns(source), _wide_columns(source.wide) if source.wide else ()):
        if column not in (set(records.cells.columns) if where[0] == "wide" else known):
            yield _no_column(document, (*place, *where), ", ".join(source.files))


def _named_columns(source: Source) -> Iterator[tuple[Location, str]]:
    """Every column that fields and filters name, with the setting that does."""
    for name, rule in source.fields.items():
        for setting in ("column", "age_on", "not_before", "not_after"):
            column = getattr(rule, setting)
            if column and column in rule.columns:
                yield ("fields", name, setting), column
    for number, kept in enumerate(source.keep):
        yield ("keep", number, "column"), kept.column


def _wide_columns(wide: Wide) -> Iterator[tuple[Location, str]]:
    for name, template in wide.columns.items():
        yield from ((("wide", "columns", name), wide.column(template, unit)) for unit in wide.units)
    if not as_day(wide.starts):
        yield ("wide", "starts"), wide.starts


def _no_column(document: Document, place: Location, files: str) -> Problem:
    cause = f"There is no such column in {files}."
    remedy = "Correct the name: python -m analysis map DIR lists the columns."
    return Problem(FILE, document.line(place), ".".join(map(str, place)), "missing_column", cause, remedy)


def _long(records: Records, wide: Wide, dates: str) -> tuple[Records, list[Problem]]:
    """One record a row and unit, in the order of the rows."""
    starts, problems = _starts(records, wide, dates)
    parts = [_unit(records, wide, starts, place) for place in range(len(wide.units))]
    order = np.argsort(np.tile(np.arange(len(records.cells)), len(parts)), kind="stable")

    def stacked(frames: list) -> pd.DataFrame | pd.Series:
        return pd.concat(frames, ignore_index=True).iloc[order].reset_index(drop=True)

    cells = stacked([part for part, _ in parts])
    named = {name: stacked([pd.Series([names[name]] * len(starts)) for _, names in parts]) for name in wide.columns}
    again = {name: stacked([getattr(records, name)] * len(parts)) for name in ("files", "lines")}
    long = replace(records, cells=cells, named=named, **again)
    long = long.kept(cells[list(wide.columns)].notna().any(axis=1), EMPTY_UNIT)
    begun = long.cells[FIRST_DAY].notna()
    lost = long.unreadable + int((~begun).sum())
    return long.at(begun[begun].index, unreadable=lost), problems


def _starts(records: Records, wide: Wide, dates: str) -> tuple[pd.Series, list[Problem]]:
    """A day in the first unit of each row, missing where it cannot be read, and the problems of those rows."""
    day = as_day(wide.starts)
    if day:
        return pd.Series(pd.Timestamp(day), index=records.cells.index).astype("datetime64[s]"), []
    found = days(records.cells[wide.starts], dates, "first")
    return found, [_no_start(*records.place(record, wide.starts)) for record in found.index[found.isna()]]


def _unit(records: Records, wide: Wide, starts: pd.Series, place: int) -> tuple[pd.DataFrame, dict[str, str]]:
    names = {name: wide.column(template, wide.units[place]) for name, template in wide.columns.items()}
    first = wide.units[place] - wide.units[0]
    begin = first // wide.every * wide.every
    made = {
        UNIT: str(wide.units[place]),
        FIRST_DAY: _text(_begin_of_unit(starts, begin, wide.unit)),
        LAST_DAY: _text(_begin_of_unit(starts, begin + wide.every, wide.unit) - pd.Timedelta(days=1)),
    }
    values = {name: records.cells[column] for name, column in names.items()}
    return records.cells.assign(**values, **made), names


def _begin_of_unit(day: pd.Series, shift: int, unit: str) -> pd.Series:
    """First day of the unit so many units after the one of a day."""
    if unit == "week":
        return day - pd.to_timedelta(day.dt.day_of_week, unit="D") + pd.Timedelta(days=7 * shift)
    begin = day.to_numpy().astype(f"datetime64[{_NUMPY_UNITS[unit]}]") + shift
    return pd.Series(begin.astype("datetime64[s]"), index=day.index)


def _text(day: pd.Series) -> pd.Series:
    return day.dt.strftime("%Y-%m-%d").astype("str")


def _no_start(file: str, line: int, column: str) -> Problem:
    cause = f"The units are counted from this day, and it is missing or not written as {FILE} says."
    return Problem(file, line, column, "unreadable_date", cause, "Correct the cell.")
