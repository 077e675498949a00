"""Checks of what the report's sentences say against the numbers they refer to."""

from analysis.published.audit.inference import NORMAL
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, UNDECIDABLE, Outcome, show
from analysis.published.audit.ranges import Range
from analysis.published.audit.relations import Cell, Relation


def significance(relation: Relation) -> Outcome:
    """A sentence calls a result significant, or not, at a level. Cells: z, p or p_lt (one or several, all must agree).

    Options: significant (what the sentence says), level (default 0.05).
    """
    says = bool(relation.options["significant"])
    level = float(relation.options.get("level", 0.05))
    cells = [cell for group in relation.cells.values() for cell in (group if isinstance(group, tuple) else (group,))]
    against = [cell for cell in cells if _significant(cell, level) not in (says, None)]
    printed = ", ".join(cell.text for cell in (against or cells))
    if not against:
        return Outcome(HOLDS, "holds", printed, printed)
    kind = "claimed_significant" if says else "claimed_not_significant"
    return Outcome(FAILS, kind, printed, _needed(against[0], level), details={"level": level})


def _significant(cell: Cell, level: float) -> bool | None:
    """Whether the printed statistic is significant; None when rounding leaves it open."""
    statistic = cell.address.rsplit("/", 1)[1]
    if statistic == "p_lt":
        return True if cell.value <= level else None
    if statistic == "p":
        return None if cell.range.holds(level) else cell.value < level
    size = Range(*sorted((abs(cell.range.low), abs(cell.range.high))))
    critical = _critical(level)
    return None if size.holds(critical) else size.low > critical


def _critical(level: float) -> float:
    from scipy import stats

    return NORMAL if level == 0.05 else float(stats.norm.ppf(1 - level / 2))


def _needed(cell: Cell, level: float) -> str:
    if cell.address.endswith(("/p", "/p_lt")):
        return f"p < {level:g}"
    return f"|z| > {_critical(level):.2f}"


def wording(relation: Relation) -> Outcome:
    """A sentence gives a change of a share in per cent although the number is in percentage points.

    Cells: said, refers_to; optionally baseline (the share the change starts from). The sentence's number is the
    coefficient × 100: right as percentage points, wrong as per cent. With a baseline the relative change is shown.
    """
    said, refers_to = relation.cells["said"], relation.cells["refers_to"]
    points = refers_to.range * Range(100.0, 100.0)
    if not (points.meets(said.range) or (-points).meets(said.range)):
        return Outcome(HOLDS, "holds", said.text, said.text)
    if "baseline" not in relation.cells:
        return Outcome(FAILS, "points_as_percent", f"{said.text} %", f"{said.text} points", LIKELY)
    relative = points / relation.cells["baseline"].range
    relative = relative if "pct" not in relation.cells["baseline"].address else relative * Range(100.0, 100.0)
    return Outcome(FAILS, "points_as_percent", f"{said.text} %", f"{show(relative, 0)} %", LIKELY)


def same_statement(relation: Relation) -> Outcome:
    """Two places of the text state the same count. Cells: a, b."""
    a, b = relation.cells["a"], relation.cells["b"]
    if a.range.meets(b.range):
        return Outcome(HOLDS, "holds", a.text, b.text)
    corrects = {a.address: b.range, b.address: a.range}
    return Outcome(FAILS, "text_against_text", f"{a.text} / {b.text}", "–", UNDECIDABLE, corrects=corrects)
