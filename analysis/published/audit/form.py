"""Checks of how numbers are printed: trailing noughts, usual bounds, the least and largest a scale allows."""

from itertools import pairwise

from scipy import stats

from analysis.published.audit.arithmetic import total
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, Outcome, compare, show
from analysis.published.audit.ranges import Range, exactly
from analysis.published.audit.relations import Relation

# The bounds that p-values are printed against.
BOUNDS = (0.1, 0.05, 0.01, 0.005, 0.001, 0.0005, 0.0001)


def trailing_noughts(relation: Relation) -> Outcome:
    """A number has the noughts that the rest of its column has.

    Cell: number. Options: decimals, the most that the column prints; noughts: `padded`, every number has so many
    decimals, the last a nought, or `dropped`, no number ends in a nought after the point.
    """
    number, decimals = relation.cells["number"], int(relation.options["decimals"])
    padded = relation.options["noughts"] == "padded"
    ends_in_nought = number.decimals > 0 and number.text.endswith("0")
    if ends_in_nought and number.decimals == decimals if padded else not ends_in_nought:
        return Outcome(HOLDS, "holds", number.text, number.text)
    expected = f"{number.value:.{decimals - 1}f}" + ("0" if padded else "")
    return Outcome(FAILS, f"{relation.options['noughts']}_noughts", number.text, expected, LIKELY)


def usual_bound(relation: Relation) -> Outcome:
    """A p-value printed as smaller than a bound has one of the usual bounds. Cell: p_lt."""
    bound = relation.cells["p_lt"]
    if any(abs(bound.value - usual) < 1e-9 for usual in BOUNDS):
        return Outcome(HOLDS, "holds", bound.text, bound.text)
    nearest = min(BOUNDS, key=lambda usual: abs(usual - bound.value))
    return Outcome(FAILS, "unusual_bound", f"<{bound.text}", f"<{nearest:g}", LIKELY)


def on_scale(relation: Relation) -> Outcome:
    """A mean lies on its scale, and its standard deviation is one that answers on that scale can have.

    Cells: mean, low, high (ends of the scale) and, optionally, sd with n. Largest spread: everyone at one of the ends,
    √((mean − low)(high − mean)·n/(n − 1)); without n the largest for two people or more.
    """
    cells = relation.cells
    mean, scale = cells["mean"].range, Range(cells["low"].value, cells["high"].value)
    if not mean.meets(scale):
        return Outcome(FAILS, "off_scale", cells["mean"].text, show(scale, 0))
    if "sd" not in cells:
        return Outcome(HOLDS, "holds", cells["mean"].text, cells["mean"].text)
    n = cells["n"].value if "n" in cells else 2.0
    nearest = min(max((scale.low + scale.high) / 2, mean.low), mean.high)
    largest = (max(0.0, (nearest - scale.low) * (scale.high - nearest)) * n / max(n - 1, 1)) ** 0.5
    fine = cells["sd"].range.low <= largest and cells["sd"].range.high >= 0
    text = f"≤ {largest:.{cells['sd'].decimals}f}"
    return Outcome(HOLDS if fine else FAILS, "holds" if fine else "spread_off_scale", cells["sd"].text, text)


def in_order(relation: Relation) -> Outcome:
    """Numbers stand in order: each is at most the next. Cells: ordered. Option strict: none equals the next."""
    ordered, strict = relation.cells["ordered"], bool(relation.options.get("strict"))
    texts = ", ".join(cell.text for cell in ordered)
    for before, after in pairwise(ordered):
        if before.range.low > after.range.high or (strict and before.value >= after.value):
            return Outcome(FAILS, "out_of_order", texts, f"{before.text}, {after.text}")
    return Outcome(HOLDS, "holds", texts, texts)


def parts_of_whole(relation: Relation) -> Outcome:
    """Shares of one whole make at most 100 per cent. Cells: parts. Option exhaustive: they make all of it."""
    parts = total(relation.cells["parts"])
    texts = " + ".join(cell.text for cell in relation.cells["parts"])
    fits = parts.meets(exactly(100.0)) if relation.options.get("exhaustive") else parts.low <= 100.0
    return Outcome(HOLDS if fits else FAILS, "holds" if fits else "parts_exceed_whole", texts, show(parts, 0))


def critical_value(relation: Relation) -> Outcome:
    """A critical value is the two-sided quantile of the normal distribution. Cell: z. Option: level."""
    found = exactly(float(stats.norm.ppf(1 - float(relation.options["level"]) / 2)))
    return compare(relation.cells["z"], found, "p_value")
