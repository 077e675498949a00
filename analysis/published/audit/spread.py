"""Checks of spread: intervals, standard errors and tests that other printed numbers imply."""

import math

import numpy as np
from scipy import stats

from analysis.published.audit.inference import NORMAL
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, Outcome, compare, show
from analysis.published.audit.ranges import SLACK, Range, exactly, square_root
from analysis.published.audit.ranges import printed as around
from analysis.published.audit.relations import Cell, Relation


def symmetric_interval(relation: Relation) -> Outcome:
    """An interval around an estimate is symmetric: its ends add up to twice the estimate, whatever the quantile.

    Cells: mean, ci_low, ci_high. What rounding leaves open is the sum of three half units; all three cannot be used up
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


def same_error(relation: Relation) -> Outcome:
    """The standard errors that an effect and its z imply agree between two models.

    Cells: b1, z1, b2, z2. Options: slack, by how large a share they may differ (from what adding terms can do); people,
    cells n1 and n2 scale the error by √n; decimals (of b, of z), where trailing noughts are dropped or padded.
    """
    cells, slack = relation.cells, float(relation.options["slack"])
    errors = [_error(cells[f"b{place}"], cells[f"z{place}"], relation.options.get("decimals")) for place in (1, 2)]
    if None in errors:
        return Outcome(HOLDS, "holds", cells["z1"].text, cells["z1"].text)
    if "n1" in cells:
        errors = [error * exactly(math.sqrt(max(cells[f"n{k}"].value, 1))) for k, error in enumerate(errors, 1)]
    ratio = errors[0] / errors[1]
    if ratio.meets(Range(1 - slack, 1 / (1 - slack))):
        return Outcome(HOLDS, "holds", show(ratio, 3), show(ratio, 3))
    text = f"{cells['b1'].text} (z {cells['z1'].text}); {cells['b2'].text} (z {cells['z2'].text})"
    return Outcome(FAILS, "errors_differ", text, show(ratio, 3), LIKELY, {"slack": 100 * slack})


def _error(b: Cell, z: Cell, decimals: list[int] | None) -> Range | None:
    """|effect| ÷ |z|; None where rounding leaves z, and so the error, open."""
    places = decimals or [b.decimals, z.decimals]
    effect, score = around(abs(b.value), places[0]), around(abs(z.value), places[1])
    if score.low <= 0:
        return None
    return Range(max(effect.low, 0.0), effect.high) / score


def t_of_interval(relation: Relation) -> Outcome:
    """A test statistic is its estimate over the standard error that the interval implies; it may have either sign.

    Cells: t, b, ci_low, ci_high, df.
    """
    cells = relation.cells
    quantile = float(stats.t.ppf(0.975, max(cells["df"].value, 1)))
    error = (cells["ci_high"].range - cells["ci_low"].range) / exactly(2 * quantile)
    found, t = cells["b"].range / error, cells["t"]
    return compare(t, found if found.middle * t.value >= 0 else -found, "t_statistic")


def interval_excludes(relation: Relation) -> Outcome:
    """An interval leaves out nought, or does not, as the mark of significance says. Cells: ci_low, ci_high.

    Option: significant, whether the print marks it.
    """
    low, high = relation.cells["ci_low"], relation.cells["ci_high"]
    text = f"{low.text}–{high.text}"
    says = bool(relation.options["significant"])
    possible = (low.range.high > 0 or high.range.low < 0) if says else low.range.low <= 0 <= high.range.high
    if possible:
        return Outcome(HOLDS, "holds", text, text)
    return Outcome(FAILS, "claimed_significant" if says else "claimed_not_significant", text, "0", LIKELY)


def difference_of_intervals(relation: Relation) -> Outcome:
    """Two means whose intervals are printed differ clearly, or do not, as the print says.

    Cells: mean1, ci_low1, ci_high1, mean2, ci_low2, ci_high2. Options: significant (what the print says), level. The
    standard errors are the half widths over the normal quantile.
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


def chi_square(relation: Relation) -> Outcome:
    """Answers of two groups to one question differ clearly, or do not, as the print says (Pearson's χ²).

    Cells: first and second, the counts of each answer in the two groups. Options: significant, level.
    """
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
