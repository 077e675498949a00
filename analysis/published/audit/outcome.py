"""What a check of one relation finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from analysis.published.audit.cells import Cell
from analysis.published.audit.ranges import Range

HOLDS, FAILS = "holds", "fails"
CERTAIN, LIKELY, UNDECIDABLE = "certain", "likely", "undecidable"
# Kinds that the audit itself decides, whatever the check: a relation that holds when the print was rounded in two
# steps, and one that would hold if decimals were cut off, or if the last digit of one number were one higher or lower.
ROUNDING, LAST_DIGIT = "rounding", "last_digit"


@dataclass(frozen=True)
class Outcome:
    """The outcome of one check.

    verdict: holds or fails. kind: which explanation applies (a key of the audit's catalogue). printed, recomputed: the
    number in question and what it should have been, as text. sure: certain when no unrounded numbers behind the print
    can satisfy the relation; likely when the relation itself rests on an inference about the method; undecidable when
    the print does not show which of two statements is right. details: values for the explanation. corrects: address of
    a printed number → what it would have to be if the other numbers are right.
    """

    verdict: str
    kind: str
    printed: str = ""
    recomputed: str = ""
    sure: str = CERTAIN
    details: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    corrects: Mapping[str, Range] = field(default_factory=lambda: MappingProxyType({}))
    about: tuple[str, ...] = ()


def show(found: Range, decimals: int) -> str:
    """A recomputed range at the precision of the print: one number, or from–to where rounding leaves room."""
    low, high = f"{found.low:.{decimals}f}", f"{found.high:.{decimals}f}"
    return low if low == high else f"{low} to {high}"


def compare(cell: Cell, found: Range, kind: str, **options) -> Outcome:
    """Whether the printed cell can be the recomputed range."""
    recomputed = show(found, cell.places)
    if cell.range.meets(found):
        return Outcome(HOLDS, "holds", cell.text, recomputed)
    return Outcome(FAILS, kind, cell.text, recomputed, corrects={cell.address: found}, **options)
