"""Checks of spread: intervals, standard errors and tests that other printed numbers imply."""

import math

import numpy as np
from scipy import stats

from analysis.published.audit.checks import NUMBER, ONCE, YES_NO, takes
from analysis.published.audit.inference import NORMAL
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, Outcome, compare, show
from analysis.published.audit.ranges import SLACK, Range, exactly, printed, square_root
from analysis.published.audit.relations import Relation

_ENDS = {"ci_low": "lower end", "ci_high": "upper end"}
_SAID = {"significant": (YES_NO, "what the print says"), "level": (NUMBER, "level of significance (default 0.05)")}


@takes(cells={"mean": "the estimate"} | _ENDS, options=ONCE)
def symmetric_interval(relation: Relation) -> Outcome:
    """An interval around an estimate is symmetric: its ends add up to twice the estimate, whatever the quantile.

    What rounding leaves open is the sum of three half units; all three cannot be used up
    at once, since an end, a quantile times a root, never lies just between two printable numbers.
    """
    mean, low, high = (relation.cells[name] for name in ("mean", "ci_low", "ci_high"))
    text = f"{low.text}–{high.text}"
    if low.value > high.value:
        return Outcome(FAILS, "interval_reversed", text, f"{high.text}–{low.text}")
    middle = (low.range + high.range) / exactly(2.0)
    if min(middle.high, mean.range.high) - max(middle.low, mean.range.low) > SLACK * max(1.0, abs(mean.value)):
        return Outcome(HOLDS, "holds", mean.text, show(middle, mean.decimals + 1))
    corrects = {mean.address: middle, low.address: mean.range * exactly(2.0) - high.range,
                high.address: mean.range * exactly(2.0) - low.range}  # fmt: skip
    return Outcome(FAILS, "interval_not_symmetric", f"{mean.text} ({text})", show(middle, mean.decimals),
                   corrects=corrects)  # fmt: skip


@takes(
    cells={"b1": "an effect", "z1": "its z", "b2": "the effect in another model", "z2": "its z"},
    optional={"n1": "the people of one model", "n2": "of the other"},
    options={
        "slack": (NUMBER, "by how large a share the errors may differ"),
        "b_decimals": (NUMBER, "decimals of the effects, where noughts are dropped (default: those printed)"),
        "z_decimals": (NUMBER, "decimals of the z, likewise"),
        **ONCE,
    },
    required=("slack",),
)
def same_error(relation: Relation) -> Outcome:
    """The standard errors that an effect and its z imply agree between two models, but for what terms added change.

    With the people of both models the errors are compared after scaling by their roots. Where rounding leaves a z open
    down to nought, nothing follows.
    """
    cells, slack = relation.cells, float(relation.options["slack"])
    errors = [_error(relation, place) for place in "12"]
    if None in errors:
        return Outcome(HOLDS, "holds", cells["z1"].text, cells["z1"].text)
    ratio = errors[0] / errors[1]
    if ratio.meets(Range(1 - slack, 1 / (1 - slack))):
        return Outcome(HOLDS, "holds", show(ratio, 3), show(ratio, 3))
    text = "; ".join(f"{cells[f'b{place}'].text} (z {cells[f'z{place}'].text})" for place in "12")
    return Outcome(FAILS, "errors_differ", text, show(ratio, 3), LIKELY, {"slack": 100 * slack})


def _error(relation: Relation, place: str) -> Range | None:
    """|effect| ÷ |z|, times the root of the people; None where rounding leaves it open."""
    effect, score = _size(relation, "b", place), _size(relation, "z", place)
    if score.low <= 0:
        return None
    people = relation.cells.get(f"n{place}")
    return Range(max(effect.low, 0.0), effect.high) / score * exactly(math.sqrt(people.value) if people else 1.0)


def _size(relation: Relation, name: str, place: str) -> Range:
    cell = relation.cells[name + place]
    decimals = int(relation.options.get(f"{name}_decimals", cell.decimals - cell.padding))
    return printed(abs(cell.value), decimals, cell.way)


@takes(cells={"t": "the test statistic", "df": "its degrees of freedom", "b": "the estimate"} | _ENDS, options=ONCE)
def t_of_interval(relation: Relation) -> Outcome:
    """A test statistic is its estimate over the standard error that the interval implies; it may have either sign."""
    cells = relation.cells
    quantile = float(stats.t.ppf(0.975, max(cells["df"].value, 1)))
    error = (cells["ci_high"].range - cells["ci_low"].range) / exactly(2 * quantile)
    found, t = cells["b"].range / error, cells["t"]
    return compare(t, found if found.middle * t.value >= 0 else -found, "t_statistic")


@takes(cells=_ENDS, options={"significant": _SAID["significant"]}, required=("significant",), about_words=True)
def interval_excludes(relation: Relation) -> Outcome:
    """An interval leaves out nought, or does not, as the mark of significance says."""
    low, high = relation.cells["ci_low"], relation.cells["ci_high"]
    text = f"{low.text}–{high.text}"
    says = bool(relation.options["significant"])
    possible = (low.range.high > 0 or high.range.low < 0) if says else low.range.low <= 0 <= high.range.high
    if possible:
        return Outcome(HOLDS, "holds", text, text)
    return Outcome(FAILS, "claimed_significant" if says else "claimed_not_significant", text, "0", LIKELY)


@takes(
    cells={"mean1": "mean of one group", "ci_low1": "its lower end", "ci_high1": "its upper end",
           "mean2": "mean of the other", "ci_low2": "its lower end", "ci_high2": "its upper end"},
    options=_SAID,
    required=("significant",),
    about_words=True,
)  # fmt: skip
def difference_of_intervals(relation: Relation) -> Outcome:
    """Two means whose intervals are printed differ clearly, or do not, as the print says.

    The standard errors are the half widths over the normal quantile.
    """
    cells, level = relation.cells, float(relation.options.get("level", 0.05))
    errors = [(cells[f"ci_high{k}"].range - cells[f"ci_low{k}"].range) / exactly(2 * NORMAL) for k in (1, 2)]
    together = square_root(errors[0] * errors[0] + errors[1] * errors[1])
    difference = cells["mean1"].range - cells["mean2"].range
    least = 0.0 if difference.low <= 0 <= difference.high else min(abs(difference.low), abs(difference.high))
    most = max(abs(difference.low), abs(difference.high))
    p = Range(*(float(2 * stats.norm.sf(size)) for size in (_over(most, together.low), _over(least, together.high))))
    return _said(relation, p, level, f"{cells['mean1'].text}, {cells['mean2'].text}")


def _over(size: float, error: float) -> float:
    return size / error if error > 0 else math.inf


@takes(
    cells={"first": "the count of each answer in one group", "second": "in the other"},
    several=("first", "second"),
    options=_SAID,
    required=("significant",),
    about_words=True,
)
def chi_square(relation: Relation) -> Outcome:
    """Answers of two groups to one question differ clearly, or do not, as the print says (Pearson's χ²)."""
    counts = np.array([[cell.value for cell in relation.cells[name]] for name in ("first", "second")])
    kept = np.clip(counts[:, counts.sum(axis=0) > 0], 0, None)
    expected = kept.sum(axis=1, keepdims=True) * kept.sum(axis=0) / kept.sum()
    p = float(stats.chi2.sf(((kept - expected) ** 2 / expected).sum(), kept.shape[1] - 1))
    text = " / ".join(", ".join(f"{value:g}" for value in row) for row in counts)
    return _said(relation, exactly(p), float(relation.options.get("level", 0.05)), text)


def _said(relation: Relation, p: Range, level: float, text: str) -> Outcome:
    says = bool(relation.options["significant"])
    if p.low < level if says else p.high >= level:
        return Outcome(HOLDS, "holds", text, f"p {p.low:.3f}")
    kind = "claimed_significant" if says else "claimed_not_significant"
    return Outcome(FAILS, kind, text, f"p {p.low:.3f}", LIKELY, {"level": level})
