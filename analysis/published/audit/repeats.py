"""Checks of what a report says in several places. Each takes a Relation and returns an Outcome."""

from collections.abc import Sequence
from itertools import combinations

from analysis.published.audit.arithmetic import computed
from analysis.published.audit.cells import Cell
from analysis.published.audit.checks import FORMULA, TEXT, takes
from analysis.published.audit.outcome import FAILS, HOLDS, UNDECIDABLE, Outcome, show
from analysis.published.audit.ranges import SLACK, Range, exactly
from analysis.published.audit.relations import Relation


@takes(cells={"stated": "the numbers that state it"}, several=("stated",))
def stated_alike(relation: Relation) -> Outcome:
    """All places that state one quantity can mean the same number, each at its own precision."""
    stated = relation.cells["stated"]
    texts = " / ".join(cell.text for cell in stated)
    odd = _odd(stated)
    if not odd:
        return Outcome(HOLDS, "holds", texts, texts)
    rest = _common([cell for cell in stated if cell not in odd])
    corrects = dict.fromkeys((cell.address for cell in odd), rest) if 2 * len(odd) < len(stated) else {}
    kind = "tables_differ" if all(cell.in_table for cell in stated) else "statements_differ"
    return Outcome(FAILS, kind, odd[0].text, show(rest, odd[0].places), UNDECIDABLE, corrects=corrects)


def _common(cells: Sequence[Cell]) -> Range | None:
    """The numbers that all cells can stand for, if there are any."""
    low, high = max(cell.range.low for cell in cells), min(cell.range.high for cell in cells)
    return Range(min(low, high), max(low, high)) if low <= high + SLACK * max(1.0, abs(low)) else None


def _odd(cells: Sequence[Cell]) -> list[Cell]:
    """The fewest cells without which the rest agree; of equally few, the later ones."""
    for leaving in range(len(cells)):
        for odd in combinations(reversed(cells), leaving):
            if _common([cell for cell in cells if cell not in odd]) is not None:
                return list(odd)
    return []


@takes(
    cells={"first": "numbers of a row", "second": "the same numbers in another table"},
    optional={"n": "the counts they are about"},
    several=("first", "second", "n"),
)
def same_row(relation: Relation) -> Outcome:
    """Two tables print the same numbers in a row.

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


@takes(
    any_cells="the numbers of the formula; a list is added",
    options=FORMULA | {"said": (TEXT, "how the sentence gives it: about, or a_good (that much and a little more)")},
    required=("formula", "result", "said"),
)
def roughly(relation: Relation) -> Outcome:
    """A number that a sentence gives roughly is met by the formula of other numbers.

    It may be half a unit of its first digit away; if the sentence says a little more, above only.
    """
    stated, found = relation.cells[str(relation.options["result"])], computed(relation)
    half = 0.5 * 10.0 ** (len(f"{abs(stated.value):.0f}") - 1)
    below = 0.0 if relation.options["said"] == "a_good" else half
    met = found.meets(exactly(stated.value) + Range(-below, half))
    return Outcome(HOLDS if met else FAILS, "holds" if met else "text_against_table", stated.text,
                   show(found, stated.places + 1))  # fmt: skip
