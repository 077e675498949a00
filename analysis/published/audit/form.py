"""Checks of how numbers are printed: their decimals, their order, what a scale or a whole allows."""

from itertools import pairwise

from scipy import stats

from analysis.published.audit.cells import total
from analysis.published.audit.checks import NUMBER, TEXT, YES_NO, takes
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, Outcome, compare, show
from analysis.published.audit.ranges import Range, exactly
from analysis.published.audit.relations import Relation

# The bounds that p-values are printed against.
BOUNDS = (0.1, 0.05, 0.01, 0.005, 0.001, 0.0005, 0.0001)


@takes(
    cells={"number": "a number of the column"},
    options={
        "noughts": (TEXT, "padded: every number has all decimals, the last a nought; dropped: no number ends in one"),
        "decimals": (NUMBER, "the most decimals that the column prints"),
    },
    required=("noughts", "decimals"),
    about_words=True,
)
def trailing_noughts(relation: Relation) -> Outcome:
    """A number has the trailing noughts that the rest of its column has, or lacks those that the rest lacks."""
    number, decimals = relation.cells["number"], int(relation.options["decimals"])
    padded = relation.options["noughts"] == "padded"
    text = f"{number.value:.{number.decimals}f}"
    ends_in_nought = number.decimals > 0 and text.endswith("0")
    if ends_in_nought and number.decimals == decimals if padded else not ends_in_nought:
        return Outcome(HOLDS, "holds", text, text)
    expected = f"{number.value:.{decimals - 1}f}" + ("0" if padded else "")
    return Outcome(FAILS, f"{relation.options['noughts']}_noughts", text, expected, LIKELY)


@takes(cells={"p_lt": "the bound"}, about_words=True)
def usual_bound(relation: Relation) -> Outcome:
    """A p-value that is printed as smaller than a bound has one of the usual bounds."""
    bound = relation.cells["p_lt"]
    nearest = min(BOUNDS, key=lambda usual: abs(usual - bound.value))
    if abs(nearest - bound.value) < 1e-9:
        return Outcome(HOLDS, "holds", bound.text, bound.text)
    return Outcome(FAILS, "unusual_bound", f"<{bound.text}", f"<{nearest:g}", LIKELY)


@takes(
    cells={"mean": "mean of answers on a scale", "low": "lowest answer", "high": "highest answer"},
    optional={"sd": "their standard deviation", "n": "the people"},
)
def on_scale(relation: Relation) -> Outcome:
    """A mean lies on its scale, and its standard deviation is one that answers on that scale can have.

    The largest is that of answers at the two ends only: √((mean − low)(high − mean)·n/(n − 1)), for two people if their
    number is not printed.
    """
    cells = relation.cells
    mean, scale = cells["mean"].range, Range(*sorted((cells["low"].value, cells["high"].value)))
    if not mean.meets(scale):
        return Outcome(FAILS, "off_scale", cells["mean"].text, show(scale, 0))
    if "sd" not in cells:
        return Outcome(HOLDS, "holds", cells["mean"].text, cells["mean"].text)
    n = cells["n"].value if "n" in cells else 2.0
    nearest = min(max(scale.middle, mean.low), mean.high)
    largest = (max(0.0, (nearest - scale.low) * (scale.high - nearest)) * n / max(n - 1, 1)) ** 0.5
    fine = cells["sd"].range.low <= largest and cells["sd"].range.high >= 0
    text = f"≤ {largest:.{cells['sd'].decimals}f}"
    return Outcome(HOLDS if fine else FAILS, "holds" if fine else "spread_off_scale", cells["sd"].text, text)


@takes(
    cells={"ordered": "the numbers"},
    several=("ordered",),
    options={"strict": (YES_NO, "whether none may equal the next (default false)")},
)
def in_order(relation: Relation) -> Outcome:
    """Numbers stand in order: each is at most the next."""
    ordered, strict = relation.cells["ordered"], bool(relation.options.get("strict"))
    texts = ", ".join(cell.text for cell in ordered)
    for before, after in pairwise(ordered):
        if before.range.low > after.range.high or (strict and before.value >= after.value):
            return Outcome(FAILS, "out_of_order", texts, f"{before.text}, {after.text}")
    return Outcome(HOLDS, "holds", texts, texts)


@takes(
    cells={"parts": "the shares, in per cent"},
    several=("parts",),
    options={"exhaustive": (YES_NO, "whether they make all of the whole (default false)")},
)
def parts_of_whole(relation: Relation) -> Outcome:
    """Shares of one whole make at most 100%, or all of it."""
    parts = total(relation.cells["parts"])
    texts = " + ".join(cell.text for cell in relation.cells["parts"])
    fits = parts.meets(exactly(100.0)) if relation.options.get("exhaustive") else parts.low <= 100.0
    return Outcome(HOLDS if fits else FAILS, "holds" if fits else "parts_exceed_whole", texts, show(parts, 0))


@takes(cells={"z": "the critical value"}, options={"level": (NUMBER, "its level of significance")}, required=("level",))
def critical_value(relation: Relation) -> Outcome:
    """A critical value is the two-sided quantile of the normal distribution."""
    found = exactly(float(stats.norm.isf(float(relation.options["level"]) / 2)))
    return compare(relation.cells["z"], found, "p_value")
