"""Checks for columns and rows that stand in the wrong place: they fit only when moved."""

from itertools import permutations

from analysis.published.audit.cells import Cell
from analysis.published.audit.checks import FEWER, LIST, SPARE, takes
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, Outcome
from analysis.published.audit.relations import Relation


@takes(
    cells={"bases": "the people of each column"},
    several=("bases",),
    any_cells="the counts of each column, a list named as `columns` has it",
    options={"columns": (LIST, "names of the columns, in the order of `bases`")} | FEWER | SPARE,
    required=("columns",),
)
def columns_in_place(relation: Relation) -> Outcome:
    """The counts of each column add up to that column's people.

    If the columns do not fit where they stand but do in another order, they were moved.
    """
    names = list(relation.options["columns"])
    bases = [int(cell.value) for cell in relation.cells["bases"]]
    sums = [int(sum(cell.value for cell in relation.cells[name])) for name in names]
    printed = ", ".join(f"{name} {total}" for name, total in zip(names, sums, strict=True))
    if _fit(sums, bases, relation):
        return Outcome(HOLDS, "holds", printed, printed)
    for order in permutations(range(len(names))):
        if _fit([sums[place] for place in order], bases, relation):
            moved = ", ".join(f"{name} {sums[place]}" for name, place in zip(names, order, strict=True))
            return Outcome(FAILS, "columns_moved", printed, moved)
    wanted = ", ".join(f"{name} {base}" for name, base in zip(names, bases, strict=True))
    return Outcome(FAILS, "column_sums", printed, wanted)


def _fit(sums: list[int], bases: list[int], relation: Relation) -> bool:
    fewer, spare = float(relation.options.get("fewer_answers", 0)), int(relation.options.get("spare", 0))
    return all(base * (1 - fewer) <= total <= base + spare for total, base in zip(sums, bases, strict=True))


@takes(
    cells={"column": "the counts in printed order", "evidence": "counts stated elsewhere"},
    several=("column", "evidence"),
    options={"rows": (LIST, "the row of each count of `evidence`"), "exact": (
        LIST, "rows whose evidence is the whole count; of the others it is a part")},
    required=("rows",),
)  # fmt: skip
def rows_in_place(relation: Relation) -> Outcome:
    """The counts of a column agree, row by row, with counts stated elsewhere.

    If they do not where the rows stand, but do with the numbers one or two places below from some row on, the rows were
    moved; the fewest rows that explain it are reported. Evidence may also be about a row that is not printed: then its
    count stands where the moved rows begin.
    """
    column = relation.cells["column"]
    printed = _mismatches(column, 0, len(column), relation)
    if not printed:
        return Outcome(HOLDS, "holds", "", "")
    for shift in (1, 2, -1, -2):
        for start in reversed(range(len(column))):
            if not _mismatches(column, shift, start, relation):
                first = column[start].row
                details = {"shift": abs(shift), "first_row": first}
                return Outcome(FAILS, "rows_moved", "; ".join(printed), _moved(relation, shift, start), LIKELY, details)
    about = tuple(cell.address for cell in column if any(cell.row == wrong.split(" ")[0] for wrong in printed))
    return Outcome(FAILS, "rows_disagree", "; ".join(printed), "–", about=about)


def _place(index: int, shift: int, start: int) -> int:
    return index + shift if index >= start else index


def _mismatches(column: tuple[Cell, ...], shift: int, start: int, relation: Relation) -> list[str]:
    """Statements that the column contradicts when its numbers from `start` on are read `shift` rows further down."""
    names = [cell.row for cell in column]
    wrong = []
    for row, amount, exact in _evidence(relation):
        if row not in names:
            wrong += [row] if shift and column[start].value != amount else []
            continue
        place = _place(names.index(row), shift, start)
        value = column[place].value if 0 <= place < len(column) else None
        if value is None or (value != amount if exact else value < amount):
            wrong.append(f"{row} {'–' if value is None else int(value)} ({'=' if exact else '≥'} {int(amount)})")
    return wrong


def _evidence(relation: Relation) -> list[tuple[str, float, bool]]:
    """(row, stated count, whether it is the whole count), the waves of one row added."""
    amounts: dict[str, float] = {}
    for row, cell in zip(relation.options["rows"], relation.cells["evidence"], strict=True):
        amounts[row] = amounts.get(row, 0) + cell.value
    whole = set(relation.options.get("exact", []))
    return [(row, amount, row in whole) for row, amount in amounts.items()]


def _moved(relation: Relation, shift: int, start: int) -> str:
    """The numbers of the rows whose whole count is stated, where the moved rows have them; of all rows without such."""
    column, whole = relation.cells["column"], set(relation.options.get("exact", []))
    names = [cell.row for cell in column]
    places = [(name, _place(index, shift, start)) for index, name in enumerate(names) if name in whole or not whole]
    return "; ".join(f"{name} {column[place].text}" for name, place in places if 0 <= place < len(column))
