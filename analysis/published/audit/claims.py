"""Checks of what the report's sentences say against the numbers they refer to."""

from scipy import stats

from analysis.published.audit.cells import Cell, flat
from analysis.published.audit.checks import NUMBER, YES_NO, takes
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, UNDECIDABLE, Outcome
from analysis.published.audit.ranges import Range, exactly
from analysis.published.audit.relations import Relation

# The unit of a change in a share that is worded rightly; the other is `PERCENT`.
POINTS, PERCENT = "points", "%"


@takes(
    any_cells="statistics p, p_lt (a bound) or z, one or several, all of which must agree",
    options={
        "significant": (YES_NO, "what the sentence says"),
        "level": (NUMBER, "level of significance (default 0.05)"),
    },
    required=("significant",),
    about_words=True,
)
def significance(relation: Relation) -> Outcome:
    """A sentence calls a result significant, or not significant, and its p-value or z says so, too."""
    says = bool(relation.options["significant"])
    level = float(relation.options.get("level", 0.05))
    cells = [cell for group in relation.cells.values() for cell in flat(group)]
    against = [cell for cell in cells if _significant(cell, level) not in (says, None)]
    printed = ", ".join(cell.text for cell in (against or cells))
    if not against:
        return Outcome(HOLDS, "holds", printed, printed)
    kind = "claimed_significant" if says else "claimed_not_significant"
    return Outcome(FAILS, kind, printed, _needed(against[0], level), details={"level": level})


def _significant(cell: Cell, level: float) -> bool | None:
    """Whether the printed statistic is significant; None when rounding leaves it open."""
    if cell.statistic == "p_lt":
        return True if cell.value <= level else None
    if cell.statistic == "p":
        return None if cell.range.holds(level) else cell.value < level
    size = Range(*sorted((abs(cell.range.low), abs(cell.range.high))))
    critical = _critical(level)
    return None if size.holds(critical) else size.low > critical


def _critical(level: float) -> float:
    return float(stats.norm.isf(level / 2))


def _needed(cell: Cell, level: float) -> str:
    return f"p < {level:g}" if cell.statistic in ("p", "p_lt") else f"|z| > {_critical(level):.2f}"


@takes(
    cells={
        "said": "the number in the sentence, with its unit",
        "refers_to": "the effect, as a difference of shares (0 to 1)",
    },
    about_words=True,
)
def wording(relation: Relation) -> Outcome:
    """A change of a share is worded in the unit it has: percentage points, not per cent.

    It fails where the sentence gives the effect × 100 and the unit printed beside it is per cent (column `unit` of the
    cells).
    """
    said, refers_to = relation.cells["said"], relation.cells["refers_to"]
    points = refers_to.range * exactly(100.0)
    quoted = points.meets(said.range) or (-points).meets(said.range)
    if said.unit != PERCENT or not quoted:
        return Outcome(HOLDS, "holds", said.text, said.text)
    return Outcome(FAILS, "points_as_percent", f"{said.text}%", f"{said.text} points", LIKELY)


@takes(cells={"a": "the count", "b": "the count again"})
def same_statement(relation: Relation) -> Outcome:
    """Two places of the text state the same count."""
    a, b = relation.cells["a"], relation.cells["b"]
    if a.range.meets(b.range):
        return Outcome(HOLDS, "holds", a.text, b.text)
    corrects = {a.address: b.range, b.address: a.range}
    return Outcome(FAILS, "text_against_text", a.text, b.text, UNDECIDABLE, corrects=corrects)
