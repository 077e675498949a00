"""What would explain a failure in plain words: a digit, two digits exchanged, another number used in a formula."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from analysis.published.audit.arithmetic import computed
from analysis.published.audit.cells import Cell
from analysis.published.audit.outcome import FAILS, Outcome
from analysis.published.audit.ranges import Range
from analysis.published.audit.relations import Relation

ONE_DIGIT, EXCHANGED, OTHER_NUMBER, NONE = "one_digit", "digits_exchanged", "other_number", ""
# Fewer digits agree by chance too often.
DIGITS = 4
# Here what is recomputed is the nearest of many numbers, and not the one that should stand there.
NEAREST_OF_MANY = ("no_whole_number", "other_people", "no_whole_sum")


def cause_of(relation: Relation, found: Outcome, cells: Mapping[str, Cell]) -> tuple[str, dict[str, str]]:
    """The cause that would explain a failure, or NONE, and for `other_number` the rows `used` and `meant`.

    Another number is looked for in a formula only, among the numbers of the same kind in the same column of the same
    place, and only where the result has four digits or more.
    """
    if found.verdict != FAILS or found.kind in NEAREST_OF_MANY:
        return NONE, {}
    subject = next((cell for cell in relation.all_cells() if cell.address in found.corrects), None)
    if subject is None or _digits(subject.text) < DIGITS:
        return NONE, {}
    for used, meant in _exchanges(relation, subject, cells):
        return OTHER_NUMBER, {"used": used.row, "meant": meant.row}
    wanted = found.corrects[subject.address]
    texts = {f"{end:.{subject.places}f}" for end in (wanted.low, wanted.middle, wanted.high)}
    if any(_one_digit(subject.text, text) for text in texts):
        return ONE_DIGIT, {}
    return (EXCHANGED, {}) if any(_exchanged(subject.text, text) for text in texts) else (NONE, {})


def _exchanges(relation: Relation, subject: Cell, cells: Mapping[str, Cell]) -> Iterator[tuple[Cell, Cell]]:
    """(number used, number meant) with which the formula gives what is printed."""
    if relation.check != "formula":
        return
    for name, meant in relation.cells.items():
        if not isinstance(meant, Cell) or meant.address == subject.address or name in relation.options.get("exact", []):
            continue
        for used in _neighbours(meant, cells):
            if used.address != subject.address and subject.range.meets(_with(relation, name, used)):
                yield used, meant


def _neighbours(cell: Cell, cells: Mapping[str, Cell]) -> Iterator[Cell]:
    place, _, column, statistic = cell.address.split("/")
    for other in cells.values():
        source, _, other_column, other_statistic = other.address.split("/")
        if (source, other_column, other_statistic) == (place, column, statistic) and other.address != cell.address:
            yield other


def _with(relation: Relation, name: str, used: Cell) -> Range:
    return computed(replace(relation, cells={**relation.cells, name: used}))


def _digits(text: str) -> int:
    return sum(sign.isdigit() for sign in text)


def _one_digit(printed: str, wanted: str) -> bool:
    """Whether one digit differs, other than the last, which rounding may turn."""
    places = [place for place, (a, b) in enumerate(zip(printed, wanted, strict=False)) if a != b]
    return len(printed) == len(wanted) and len(places) == 1 and places[0] < len(printed) - 1


def _exchanged(printed: str, wanted: str) -> bool:
    places = [place for place, (a, b) in enumerate(zip(printed, wanted, strict=False)) if a != b]
    return len(printed) == len(wanted) and len(places) == 2 and sorted(printed) == sorted(wanted)
