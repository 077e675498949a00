"""Holding tables to the rules: what can be checked is, and what faults of their own stand in the way of is named."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import pandas as pd

from analysis.study.contract.faults import Rule, Tables
from analysis.study.contract.rules import RULES
from analysis.study.problems import Problem, Unchecked
from analysis.study.settings import FILE, Study

# Faults of a cell that can be read all the same, so that rules can go by it.
_READABLE = frozenset({"duplicate_key"})
# Faults of a header, which may stand on any line, and on none where a file has no lines.
OF_THE_HEADER = frozenset({"missing_header", "missing_column", "unknown_column", "repeated_column"})
# File → column → lines of the cells that cannot be used; under None the rows that could not be read at all.
Faulty = Mapping[str, Mapping[str | None, Collection[int]]]


def apply_rules(
    tables: Tables, study: Study | None, settings: Collection[str], problems: Iterable[Problem]
) -> tuple[list[Problem], list[Unchecked]]:
    """The problems that the rules find, and what was not checked.

    tables: those that could be read, each indexed by line in its file, without the columns that could not be read.
    settings: those of study.yml with a fault. problems: those of single cells, rows and files. A row with a fault in a
    column that a rule reads is left out of that rule.
    """
    faulty = _faulty_cells(problems)
    found: list[Problem] = []
    hindered: dict[tuple[str, str], dict[str, None]] = {}  # what the same hinders is told once, with all its files
    for rule in RULES:
        if hindrance := _hindrance(rule, tables, study, settings, faulty):
            hindered.setdefault((rule.statement, hindrance), {}).update(dict.fromkeys(rule.reads))
        else:
            found += rule.check({name: _sound(tables[name], name, rule, faulty) for name in rule.reads}, study)
    rules = [Unchecked(f"{statement} In: {', '.join(f'{name}.csv' for name in names)}.", because)
             for (statement, because), names in hindered.items()]  # fmt: skip
    return found, [*dict.fromkeys(_rows_left_out(faulty)), *rules]


def _faulty_cells(problems: Iterable[Problem]) -> Faulty:
    cells: dict[str, dict[str | None, set[int]]] = {}
    for problem in problems:
        is_cell = problem.file.endswith(".csv") and problem.row is not None
        if is_cell and problem.kind not in _READABLE | OF_THE_HEADER:
            lines = cells.setdefault(problem.file, {}).setdefault(problem.column, set())
            lines.update((problem.row, *problem.others))
    return cells


def _sound(frame: pd.DataFrame, name: str, rule: Rule, faulty: Faulty) -> pd.DataFrame:
    """The columns that a rule reads, without the rows that have a fault in one of them."""
    cells = faulty.get(f"{name}.csv", {})
    lines = {line for column in rule.reads[name] for line in cells.get(column, ())}
    sound = frame[~frame.index.isin(lines)] if lines else frame
    return sound[list(rule.reads[name])]


def _hindrance(
    rule: Rule, tables: Tables, study: Study | None, settings: Collection[str], faulty: Faulty
) -> str | None:
    """Why a rule cannot be held to the tables, None when it can."""
    if rule.settings and study is None:
        return f"{FILE} cannot be read"
    if wrong := sorted(set(rule.settings) & set(settings)):
        return f"{FILE} has faults in {', '.join(wrong)}"
    for name, columns in rule.reads.items():
        if name not in tables:
            return f"{name}.csv cannot be read"
        if lacking := [column for column in columns if column not in tables[name].columns]:
            return f"{name}.csv lacks {', '.join(lacking)}"
        if name in rule.whole and any(faulty.get(f"{name}.csv", {}).get(column) for column in (None, *columns)):
            return f"rows of {name}.csv have faults of their own"
    return None


def _rows_left_out(faulty: Faulty) -> Iterator[Unchecked]:
    for file, cells in faulty.items():
        read = {column for rule in RULES for column in rule.reads.get(file.removesuffix(".csv"), ())} | {None}
        lines = {line for column, lines in cells.items() if column in read for line in lines}
        if lines:
            rows = "1 row" if len(lines) == 1 else f"{len(lines)} rows"
            yield Unchecked(f"What rules say of the faulty cells in {rows} of {file}.", "they have to be mended first")
