"""From a mapping and the files of an extract to tables as the contract writes them, with the place each cell is from.

Pure: what is read comes through the reader that is handed in. Every row of a file ends in one of three ways, and is
counted there: it is used, a filter with a name leaves it out, or it is named in a problem.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis.study.mapping.cells import Faults, holds, made_field, written
from analysis.study.mapping.fitting import Schemas
from analysis.study.mapping.records import Reader, Records, read_records
from analysis.study.mapping.settings import FILE, Source, TableMapping, TableRule
from analysis.study.problems import Problem, StudyProblems
from analysis.study.table_files import RawTable
from analysis.study.yaml_files import Document

_SPELL = ("from_date", "to_date")
_NO_END = pd.Timestamp("9999-12-31")


@dataclass(frozen=True)
class Counted:
    """What became of the rows of one source. rows: of its files below the header. records: the same, or rows times
    units of a wide file. left_out: records by the name of the filter that left them out. faulty: records, and rows that
    could not be read, named in problems. used: records in the table. without_partner: rows of joined files that belong
    to no row."""

    files: tuple[str, ...]
    rows: int
    records: int
    left_out: Mapping[str, int]
    faulty: int
    used: int
    without_partner: Mapping[str, int]


@dataclass(frozen=True)
class MappedTable:
    """One table made by a mapping.

    rows: its cells as text, written as in a file of the contract, indexed from 1. carried: source and record of each
    record in the table, with the row that it is in. faulty: (row, field) of cells that problems name already.
    """

    name: str
    rows: pd.DataFrame
    carried: pd.DataFrame
    faulty: frozenset[tuple[int, str]]
    problems: tuple[Problem, ...]
    counted: tuple[Counted, ...]
    rule: TableRule
    records: tuple[Records, ...]
    document: Document

    def at_source(self, problem: Problem) -> Problem | None:
        """A problem of this table as one of the files it was made from; None if it is named there already."""
        if problem.kind == "missing_value" and (problem.row, problem.column) in self.faulty:
            return None
        if problem.row is None or problem.row not in self.rows.index:
            return self._moved(problem, ", ".join(self.rule.sources[0].files), None, self._column(0, problem.column))
        number, record = self._first[problem.row]
        rule = self.rule.sources[number].fields.get(problem.column)
        if rule is not None and rule.column is None:
            place = ("tables", self.name, "sources", number, "fields", problem.column)
            return self._moved(problem, FILE, self.document.line(place), ".".join(map(str, place)))
        file, line, column = self.records[number].place(record, self._column(number, problem.column) or "")
        return self._moved(problem, file, line, column or None)

    @cached_property
    def _first(self) -> dict[int, tuple[int, int]]:
        """Source and record that begin each row."""
        first = self.carried.drop_duplicates("row")
        return dict(zip(first["row"], zip(first["source"], first["record"], strict=True), strict=True))

    def _column(self, number: int, field: str | None) -> str | None:
        rule = self.rule.sources[number].fields.get(field)
        return rule.column if rule else None

    @staticmethod
    def _moved(problem: Problem, file: str, line: int | None, column: str | None) -> Problem:
        return replace(problem, file=file, row=line, column=column)


def map_tables(
    mapping: TableMapping, document: Document, read: Reader, schemas: Schemas
) -> tuple[dict[str, MappedTable], list[Problem]]:
    """Every table of a mapping, and the problems of those that could not be laid out."""
    reading = _Reading(read, mapping.missing)
    records: dict[str, list[Records]] = {}
    problems, found = [], {}
    for name, table in mapping.tables.items():
        try:
            read_from = [
                read_records(source, reading, document, ("tables", name, "sources", number), mapping.dates)
                for number, source in enumerate(table.sources)
            ]
        except StudyProblems as error:
            problems += error.problems
            continue
        records[name] = [each for each, _ in read_from]
        found[name] = [problem for _, own in read_from for problem in own]
    numbers = _numbers(mapping, records)
    tables = {
        name: _table(name, mapping, document, schemas[name], own, numbers, found[name]) for name, own in records.items()
    }
    return tables, problems


class _Reading:
    """A reader that reads every file once, without the values that mean that nothing is known."""

    def __init__(self, read: Reader, missing: tuple[str, ...]) -> None:
        self.read, self.missing, self.known = read, missing, {}

    def __call__(self, name: str) -> RawTable:
        if name not in self.known:
            raw = self.read(name)
            self.known[name] = replace(raw, cells=raw.cells.mask(raw.cells.isin(self.missing)))
        return self.known[name]


def _numbers(mapping: TableMapping, records: Mapping[str, list[Records]]) -> dict[str, dict[str, str]]:
    """Prefix → identifier of the extract → running number, by order of the identifiers: the same in all tables."""
    seen: dict[str, set[str]] = {}
    for name, own in records.items():
        for source, read in zip(mapping.tables[name].sources, own, strict=True):
            for rule in source.fields.values():
                if rule.numbered:
                    values = read.cells[rule.column].dropna()
                    seen.setdefault(rule.prefix, set()).update(values[~values.isin(rule.missing)])
    return {
        prefix: {value: f"{prefix}{place:04d}" for place, value in enumerate(sorted(values, key=_by_size), 1)}
        for prefix, values in seen.items()
    }


def _by_size(value: str) -> tuple[int, str]:
    return len(value), value


def _table(
    name: str,
    mapping: TableMapping,
    document: Document,
    schema: pa.DataFrameSchema,
    records: list[Records],
    numbers: Mapping[str, Mapping[str, str]],
    problems: list[Problem],
) -> MappedTable:
    table = mapping.tables[name]
    made = [
        _made(source, each, schema, mapping.dates, numbers) for source, each in zip(table.sources, records, strict=True)
    ]
    cells = pd.concat([part.cells for part in made], keys=range(len(made)), names=["source", "record"])
    faulty = pd.concat([part.faulty for part in made], keys=range(len(made)), names=["source", "record"])
    row = _rows_of(cells, table, faulty.any(axis=1))
    carried = pd.DataFrame({"row": row.to_numpy()}, index=cells.index).reset_index()
    rows = _put_together(cells, row, table)
    named = zip(*np.nonzero(faulty.to_numpy()), strict=True)
    return MappedTable(
        name,
        rows.reindex(columns=list(schema.columns)),
        carried,
        frozenset((int(row.iloc[record]), faulty.columns[column]) for record, column in named),
        (*problems, *(problem for part in made for problem in part.problems)),
        tuple(part.counted for part in made),
        table,
        tuple(part.records for part in made),
        document,
    )


@dataclass(frozen=True)
class _Made:
    cells: pd.DataFrame
    faulty: pd.DataFrame
    records: Records
    problems: list[Problem]
    counted: Counted


def _made(source: Source, records: Records, schema: pa.DataFrameSchema, dates: str, numbers: Mapping) -> _Made:
    everything, faults = len(records.cells) + sum(records.left_out.values()), []
    for kept in source.keep:
        held, unreadable = holds(kept, records, dates)
        faults += [unreadable] if unreadable else []
        records = records.kept(held, kept.name)
    cells, faulty = {}, {}
    for name, rule in source.fields.items():
        cells[name], found = made_field(rule, schema.columns[name], records, dates, numbers.get(rule.prefix or "", {}))
        faults += found
        faulty[name] = _anywhere(found, records.cells.index)
    frame = pd.DataFrame(cells, index=records.cells.index, columns=list(source.fields), dtype="str")
    named = _anywhere(faults, records.cells.index)
    wrong = int(named.sum())
    counted = Counted(
        source.files, records.lines_read, everything + records.unreadable, records.left_out,
        wrong + records.unreadable, len(frame) - wrong, records.without_partner,
    )  # fmt: skip
    faulty = pd.DataFrame(faulty, index=frame.index).assign(**{"": named})
    return _Made(frame, faulty, records, list(_problems(faults, records)), counted)


def _anywhere(faults: list[Faults], index: pd.Index) -> pd.Series:
    where = pd.Series(False, index=index)
    for fault in faults:
        where |= fault.where.reindex(index, fill_value=False)
    return where


def _problems(faults: list[Faults], records: Records) -> Iterator[Problem]:
    for fault in faults:
        for record in fault.where.index[fault.where].intersection(records.cells.index):
            yield Problem(*records.place(record, fault.column), fault.kind, fault.cause, fault.remedy)


def _rows_of(cells: pd.DataFrame, table: TableRule, faulty: pd.Series) -> pd.Series:
    """The row of the table that each record is in, from 1 in the order of the first record of each."""
    group = pd.Series(np.arange(len(cells)), index=cells.index)
    if table.sum and len(cells):
        same = cells.drop(columns=list(table.sum), errors="ignore").fillna("")
        group = group.where(faulty, same.groupby(list(same.columns), sort=False).ngroup() + len(cells))
    if table.merge and len(cells):
        group = _spell(cells, group, faulty)
    return pd.Series(pd.factorize(group)[0] + 1, index=cells.index)


def _spell(cells: pd.DataFrame, group: pd.Series, faulty: pd.Series) -> pd.Series:
    """Records of one unbroken spell get one number: the same in all but days, begun by the day after an earlier end."""
    begin, end = (pd.to_datetime(cells[name], format="%Y-%m-%d", errors="coerce") for name in _SPELL)
    whole = ~faulty & begin.notna() & (cells["to_date"].isna() | (end >= begin))
    others = cells.drop(columns=list(_SPELL)).fillna("")
    same = others.groupby(list(others.columns), sort=False).ngroup()
    sorted_ = pd.DataFrame({"same": same, "begin": begin, "end": end.fillna(_NO_END)})[whole]
    sorted_ = sorted_.sort_values(["same", "begin"], kind="stable")
    latest = sorted_.groupby("same")["end"].cummax().groupby(sorted_["same"]).shift()
    new = latest.isna() | ((sorted_["begin"] - latest) > pd.Timedelta(days=1))
    return group.where(~whole, (new.cumsum() + 2 * len(cells)).reindex(cells.index).fillna(0).astype(int))


def _put_together(cells: pd.DataFrame, row: pd.Series, table: TableRule) -> pd.DataFrame:
    together = cells.groupby(row.to_numpy())
    rows = cells[~row.duplicated()].set_axis(row[~row.duplicated()].to_numpy())
    if table.merge and len(cells):
        ends = cells["to_date"].fillna("9999-12-31").groupby(row.to_numpy()).max()
        merged = together.size() > 1
        rows["from_date"] = rows["from_date"].mask(merged, together["from_date"].min())
        rows["to_date"] = rows["to_date"].mask(merged, ends.mask(ends == "9999-12-31"))
    for name in table.sum:
        total = pd.to_numeric(cells[name], errors="coerce").groupby(row.to_numpy()).agg(_total)
        rows[name] = rows[name].mask(together.size() > 1, total.map(written, na_action="ignore").astype("str"))
    return rows.rename_axis(None)


def _total(values: pd.Series) -> float:
    return values.sum(skipna=False)
