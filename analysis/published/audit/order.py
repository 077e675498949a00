"""Checks for columns and rows that stand in the wrong place: they fit only when moved."""

from itertools import permutations

from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, Outcome
from analysis.published.audit.relations import Cell, Relation


def columns_in_place(relation: Relation) -> Outcome:
    """The counts of each column add up to that column's people.

    Cells: `bases`, one per column, and one tuple of counts per column, named as option `columns` lists them. Option
    fewer_answers: the share of a column's people that may not have answered; option spare: people a column may have
    too many (a person counted in the other arm). If the columns do not fit where they stand but do in another order,
    they were moved.
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


def rows_in_place(relation: Relation) -> Outcome:
    """The counts of a column agree, row by row, with counts stated elsewhere.

    Cells: `column`, the counts in printed order; `evidence`, counts stated in the text. Options: rows, the row of each
    evidence cell; exact, whether the row's evidence is the whole count (both waves named) or a part of it. If the
    evidence is violated where the rows stand but satisfied by the numbers one or two places below from some row on,
    the rows were moved; the fewest rows that explain it are reported.
    """
    column = relation.cells["column"]
    printed = _mismatches(column, 0, len(column), relation)
    if not printed:
        return Outcome(HOLDS, "holds", "", "")
    for shift in (1, 2, -1, -2):
        for start in reversed(range(len(column))):
            if not _mismatches(column, shift, start, relation):
                first = column[start].address.split("/")[1]
                details = {"shift": abs(shift), "first_row": first}
                return Outcome(FAILS, "rows_moved", "; ".join(printed), _moved(column, shift, start), LIKELY, details)
    return Outcome(FAILS, "rows_disagree", "; ".join(printed), "–", details={})


def _place(index: int, shift: int, start: int) -> int:
    return index + shift if index >= start else index


def _mismatches(column: tuple[Cell, ...], shift: int, start: int, relation: Relation) -> list[str]:
    """Statements that the column contradicts when its numbers from `start` on are read `shift` rows further down."""
    names = [cell.address.split("/")[1] for cell in column]
    wrong = []
    for row, amount, exact in _evidence(relation):
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


def _moved(column: tuple[Cell, ...], shift: int, start: int) -> str:
    names = [cell.address.split("/")[1] for cell in column]
    places = [(name, _place(index, shift, start)) for index, name in enumerate(names)]
    return "; ".join(f"{name} {column[place].text}" for name, place in places if 0 <= place < len(column))
