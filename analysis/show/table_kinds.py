"""Where the marks of a table stand: at a column or a row whose numbers are all of a kind, else at single numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.show.catalogue import Catalogue
from analysis.show.kinds import COLUMN, found_in, mark
from analysis.show.tables import Formatter, Grid, Table, by_cell, slots_of
from analysis.study.kinds import NOT_IN_REPORT, REPRODUCED

# The kinds of a text's parts: of what stands before its bracket and, if it has one, of what stands in it.
Parts = tuple[str, ...]
UNMARKED = ("", REPRODUCED)


@dataclass(frozen=True)
class TableMarks:
    """The kinds to mark: by (column, slot) at its heading, by row at its heading, by (row, column, slot) at a text."""

    columns: Mapping[tuple[str, str], Parts] = field(default_factory=dict)
    rows: Mapping[str, Parts] = field(default_factory=dict)
    cells: Mapping[tuple[str, str, str], Parts] = field(default_factory=dict)


def marks_of(table: Table, grid: Grid, formatter: Formatter) -> TableMarks:
    """Where marks stand; nowhere in a table whose numbers are all of one kind, which the legend below it says."""
    if len(found_in(table)) < 2:
        return TableMarks()
    parts = _parts(table)
    columns = {
        (column, slot): found[0]
        for _, column, slots in grid.columns
        for slot in slots
        if formatter.heading(slot) and len(found := _alike(parts, column, slot)) == 1
    }
    single = {place: kinds for place, kinds in parts.items() if place[1:] not in columns}
    rows = {row: (NOT_IN_REPORT,) for row in {place[0] for place in single} if _all_invented(row, parts)}
    return TableMarks(columns, rows, {place: kinds for place, kinds in single.items() if place[0] not in rows})


def _alike(parts: Mapping[tuple[str, str, str], Parts], column: str, slot: str) -> list[Parts]:
    """What the texts below a heading are, each once; nothing of a single text, which has its own mark."""
    found = [kinds for (_, *place), kinds in parts.items() if place == [column, slot]]
    return list(dict.fromkeys(found)) if len(found) > 1 else []


def _all_invented(row: str, parts: Mapping[tuple[str, str, str], Parts]) -> bool:
    found = [kinds for (other, *_), kinds in parts.items() if other == row]
    return len(found) > 1 and {kind for kinds in found for kind in kinds} == {NOT_IN_REPORT}


def _parts(table: Table) -> dict[tuple[str, str, str], Parts]:
    """(row, column, slot) → the kinds of the text's parts."""
    parts = {}
    for (row, column), records in by_cell(table).items():
        kinds = {record["statistic"]: record[COLUMN] for record in records}
        for slot, (_, used) in slots_of(kinds).items():
            parts[row, column, slot] = tuple(kinds[name] for name in used[:2])
    return parts


def with_marks(before: str, bracket: str, kinds: Parts, catalogue: Catalogue) -> str:
    """A text, given as HTML up to its bracket and from there on, with the marks of its parts: one if they are alike."""
    marks = [mark(kind, catalogue) if kind not in UNMARKED else "" for kind in kinds] or [""]
    if not bracket or len(marks) == 1 or marks[0] == marks[1]:
        return before + bracket + marks[0]
    head, close, tail = bracket.rpartition(")")
    return before + marks[0] + head + marks[1] + close + tail
