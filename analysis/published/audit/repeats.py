"""Checks of what a report says in several places. Each takes a Relation and returns an Outcome."""

from collections.abc import Sequence
from itertools import combinations

from analysis.published.audit.arithmetic import total
from analysis.published.audit.outcome import FAILS, HOLDS, UNDECIDABLE, Outcome, show
from analysis.published.audit.ranges import Range, evaluate, exactly
from analysis.published.audit.relations import Cell, Relation


def stated_alike(relation: Relation) -> Outcome:
    """All places that state one quantity can mean the same number, each at its own precision. Cells: stated, a list."""
    stated = relation.cells["stated"]
    texts = " / ".join(cell.text for cell in stated)
    odd = _odd(stated)
    if not odd:
        return Outcome(HOLDS, "holds", texts, texts)
    rest = _common([cell for cell in stated if cell not in odd])
    corrects = {cell.address: rest for cell in odd} if len(odd) < len(stated) - len(odd) and rest else {}
    kind = "text_against_text" if all(cell.address.startswith("text") for cell in stated) else "statements_differ"
    return Outcome(FAILS, kind, texts, "–" if rest is None else show(rest, odd[0].decimals), UNDECIDABLE,
                   corrects=corrects)  # fmt: skip


def _common(cells: Sequence[Cell]) -> Range | None:
    """The numbers that all cells can stand for, if there are any."""
    low, high = max(cell.range.low for cell in cells), min(cell.range.high for cell in cells)
    return Range(min(low, high), max(low, high)) if Range(low, low).meets(Range(high, high)) or low <= high else None


def _odd(cells: Sequence[Cell]) -> list[Cell]:
    """The fewest cells without which the rest agree; of equally few, the later ones."""
    for leaving in range(len(cells)):
        for odd in combinations(reversed(cells), leaving):
            if _common([cell for cell in cells if cell not in odd]) is not None:
                return list(odd)
    return []


def same_row(relation: Relation) -> Outcome:
    """Two tables print the same numbers in a row. Cells: first, second, of one length; optionally n, the row's counts.

    Where the counts differ nothing follows about the rest: that they differ is for another relation to say.
    """
    cells = relation.cells
    first, second = cells["first"], cells["second"]
    texts = [", ".join(cell.text for cell in row) for row in (first, second)]
    different = [(a, b) for a, b in zip(first, second, strict=True) if not a.range.meets(b.range)]
    if not different or len({cell.value for cell in cells.get("n", ())}) > 1:
        return Outcome(HOLDS, "holds", texts[1], texts[0])
    corrects = {cell.address: other.range for a, b in different for cell, other in ((a, b), (b, a))}
    return Outcome(FAILS, "tables_differ", texts[1], texts[0], UNDECIDABLE, corrects=corrects)


def roughly(relation: Relation) -> Outcome:
    """A number that a sentence gives roughly is met by the formula of other cells.

    Options: formula, result (the cell with the rough number), said: about (half a unit of its first digit to either
    side) or a_good (above it only).
    """
    values = {name: total(cells) for name, cells in relation.cells.items()}
    stated = relation.cells[str(relation.options["result"])]
    found = evaluate(str(relation.options["formula"]), values)
    half = 0.5 * 10.0 ** (len(f"{abs(stated.value):.0f}") - 1)
    below = 0.0 if relation.options["said"] == "a_good" else half
    met = found.meets(exactly(stated.value) + Range(-below, half))
    return Outcome(HOLDS if met else FAILS, "holds" if met else "text_against_table", stated.text,
                   show(found, stated.decimals + 1))  # fmt: skip
