"""Checks of intervals, tests and p-values. Each takes a Relation and returns an Outcome."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy import stats

from analysis.methods.proportions import INTERVALS, proportion_intervals
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, Outcome, compare, show
from analysis.published.audit.ranges import Range, evaluate, exactly, square_root
from analysis.published.audit.relations import Cell, Relation

LEVEL = 0.95
NORMAL = float(stats.norm.ppf(0.5 + LEVEL / 2))


def proportion_interval_method(relation: Relation) -> Outcome:
    """A printed interval of a percentage is one of the usual intervals. Cells: n, base, pct, ci_low, ci_high.

    Every method is tried at every base that the answers allow (option fewer_answers); the finding names the method, or
    which end none of them gives, or that the interval does not contain its own estimate.
    """
    n, pct = int(relation.cells["n"].value), relation.cells["pct"]
    low, high = relation.cells["ci_low"], relation.cells["ci_high"]
    printed = f"{low.text}–{high.text}"
    if pct.range.high < low.range.low or pct.range.low > high.range.high:
        return Outcome(FAILS, "interval_excludes_estimate", printed, pct.text)
    ends = list(_candidate_ends(n, relation))
    both = [(method, base) for method, base, a, b in ends if low.range.holds(a) and high.range.holds(b)]
    if both:
        return Outcome(HOLDS, "holds_method", printed, printed, details={"method": both[0][0], "base": both[0][1]})
    method, base, a, b = min(ends, key=lambda end: abs(end[2] - low.value) + abs(end[3] - high.value))
    recomputed = f"{a:.{low.decimals}f}–{b:.{high.decimals}f}"
    miss = max(abs(a - low.value), abs(b - high.value)) * 10 ** max(low.decimals, high.decimals)
    kind = "rounding" if miss <= 1.5 else "interval_other"
    corrects = {low.address: exactly(a), high.address: exactly(b)}
    return Outcome(FAILS, kind, printed, recomputed, LIKELY, {"method": method, "base": base}, corrects)


def _candidate_ends(n: int, relation: Relation) -> Iterator[tuple[str, int, float, float]]:
    whole = int(relation.cells["base"].value)
    least = max(n, round(whole * (1 - float(relation.options.get("fewer_answers", 0)))), 1)
    bases = np.arange(whole, least - 1, -1)
    for method in INTERVALS:
        low, high = proportion_intervals(np.array(n), bases, method)
        ends = zip(bases.tolist(), (100 * low).tolist(), (100 * high).tolist(), strict=True)
        yield from ((method, base, a, b) for base, a, b in ends if not np.isnan(a))


def mean_interval(relation: Relation) -> Outcome:
    """Both ends of an interval lie mean ± t·SE. Cells: mean, ci_low, ci_high, and either se, or sd and n, or neither.

    With n the quantile is Student's t at n − 1 degrees of freedom, else the normal one; without a spread the interval
    must be symmetric about its mean.
    """
    cells = relation.cells
    mean, low, high = cells["mean"], cells["ci_low"], cells["ci_high"]
    half = _half_width(relation)
    if half is None:
        half = (high.range - low.range) / exactly(2.0)
    outcomes = [
        compare(low, mean.range - half, "interval_of_mean"),
        compare(high, mean.range + half, "interval_of_mean"),
    ]
    wrong = [outcome for outcome in outcomes if outcome.verdict == FAILS]
    return wrong[0] if wrong else Outcome(HOLDS, "holds", f"{low.text}–{high.text}", f"{low.text}–{high.text}")


def _half_width(relation: Relation) -> Range | None:
    cells = relation.cells
    n = cells["n"].value if "n" in cells else None
    quantile = exactly(float(stats.t.ppf(0.5 + LEVEL / 2, n - 1)) if n else NORMAL)
    if "se" in cells:
        return cells["se"].range * quantile
    if "sd" in cells:
        return cells["sd"].range / exactly(n**0.5) * quantile
    return None


def degrees_of_freedom(relation: Relation) -> Outcome:
    """df = n₁ + n₂ − 2, or Welch's degrees of freedom. Cells: df, n1, n2; sd1 and sd2 to recognise Welch's."""
    df, n1, n2 = (relation.cells[name] for name in ("df", "n1", "n2"))
    pooled = exactly(n1.value + n2.value - 2)
    if df.range.meets(pooled):
        return Outcome(HOLDS, "holds", df.text, show(pooled, df.decimals))
    if "sd1" in relation.cells and df.range.meets(_welch(relation)):
        return Outcome(FAILS, "unequal_variances", df.text, show(pooled, df.decimals), LIKELY)
    return compare(df, pooled, "degrees_of_freedom")


def _welch(relation: Relation) -> Range:
    """Welch–Satterthwaite degrees of freedom over the corners of the two standard deviations' ranges."""
    sd1, sd2 = relation.cells["sd1"].range, relation.cells["sd2"].range
    n1, n2 = relation.cells["n1"].value, relation.cells["n2"].value
    found = []
    for a in (sd1.low**2 / n1, sd1.high**2 / n1):
        for b in (sd2.low**2 / n2, sd2.high**2 / n2):
            found.append((a + b) ** 2 / (a**2 / (n1 - 1) + b**2 / (n2 - 1)))
    # Programs print whole degrees of freedom rounded up, down or to the nearest.
    return Range(min(found) - 1, max(found) + 1)


def t_statistic(relation: Relation) -> Outcome:
    """t of two means with equal variances. Cells: t, mean1, se1, n1, mean2, se2, n2; t may have either sign."""
    cells = relation.cells
    found = _pooled_t(relation)
    t = cells["t"]
    return compare(t, found if found.middle * t.value >= 0 else -found, "t_statistic")


def _pooled_t(relation: Relation) -> Range:
    cells = relation.cells
    n1, n2 = cells["n1"].value, cells["n2"].value
    variances = [_variance(relation, "1", n1), _variance(relation, "2", n2)]
    pooled = (variances[0] * exactly(n1 - 1) + variances[1] * exactly(n2 - 1)) / exactly(n1 + n2 - 2)
    error = square_root(pooled * exactly(1 / n1 + 1 / n2))
    return (cells["mean1"].range - cells["mean2"].range) / error


def _variance(relation: Relation, which: str, n: float) -> Range:
    """Variance of a group from its standard deviation or its standard error."""
    if f"sd{which}" in relation.cells:
        sd = relation.cells[f"sd{which}"].range
        return Range(sd.low**2, sd.high**2)
    se = relation.cells[f"se{which}"].range
    return Range(max(se.low, 0) ** 2 * n, se.high**2 * n)


def p_value(relation: Relation) -> Outcome:
    """A p-value follows from its test statistic. Cells: p (or p_lt, a bound), and one of

    t with df; z; mean1, sd1/se1, n1, mean2, sd2/se2, n2 (t-test of two means); b, ci_low, ci_high (and df).
    """
    statistic, tail = _statistic(relation)
    size = _absolute(statistic)
    found = Range(2 * tail(size.high), 2 * tail(size.low))
    if "p_lt" in relation.cells:
        bound = relation.cells["p_lt"]
        fine = found.low < bound.value
        return Outcome(HOLDS if fine else FAILS, "holds" if fine else "p_value", f"<{bound.text}", _p(found))
    p = relation.cells["p"]
    outcome = compare(p, found, "p_value", sure=str(relation.options.get("sure", "certain")))
    return Outcome(outcome.verdict, outcome.kind, outcome.printed, show(found, max(p.decimals, 3)), outcome.sure)


def _p(found: Range) -> str:
    return f"{found.low:.2g} to {found.high:.2g}"


def _absolute(found: Range) -> Range:
    low, high = sorted((abs(found.low), abs(found.high)))
    return Range(0.0 if found.low <= 0 <= found.high else low, high)


def _statistic(relation: Relation) -> tuple[Range, Callable[[float], float]]:
    cells = relation.cells
    if "z" in cells:
        return cells["z"].range, stats.norm.sf
    if "t" in cells:
        return cells["t"].range, _student(cells["df"])
    if "b" in cells:
        quantile = NORMAL if "df" not in cells else float(stats.t.ppf(0.5 + LEVEL / 2, cells["df"].value))
        error = (cells["ci_high"].range - cells["ci_low"].range) / exactly(2 * quantile)
        return cells["b"].range / error, _student(cells["df"]) if "df" in cells else stats.norm.sf
    df = cells["n1"].value + cells["n2"].value - 2
    return _pooled_t(relation), lambda size: float(stats.t.sf(size, df))


def _student(df: Cell) -> Callable[[float], float]:
    return lambda size: float(stats.t.sf(size, df.value))


def rank_sum(relation: Relation) -> Outcome:
    """Rank sums of two groups add up to N(N+1)/2, and |z| is at least the value without ties.

    Cells: w1, n1, w2, n2, and optionally z. Ties only make the variance smaller, hence |z| larger.
    """
    cells = relation.cells
    n1, n2 = cells["n1"].value, cells["n2"].value
    total = n1 + n2
    sums = cells["w1"].range + cells["w2"].range
    whole = exactly(total * (total + 1) / 2)
    if not sums.meets(whole):
        return Outcome(FAILS, "rank_sum", show(sums, 1), show(whole, 1))
    if "z" in cells:
        least = abs(cells["w1"].value - n1 * (total + 1) / 2) / (n1 * n2 * (total + 1) / 12) ** 0.5
        if abs(cells["z"].range.high) < least:
            return Outcome(FAILS, "rank_sum_z", cells["z"].text, f"≥ {least:.{cells['z'].decimals}f}")
    return Outcome(HOLDS, "holds", cells["w1"].text, cells["w1"].text)


def implied_share(relation: Relation) -> Outcome:
    """A quantity solved from a formula lies between two bounds (options formula, low, high, constants).

    Used for numbers that the report does not print but that its printed ones imply, such as the coefficient of a
    baseline score implied by an adjusted and an unadjusted difference.
    """
    values = {name: cell.range for name, cell in relation.cells.items()}
    found = evaluate(str(relation.options["formula"]), values)
    low, high = float(relation.options["low"]), float(relation.options["high"])
    fine = found.meets(Range(low, high))
    text = show(found, 2)
    return Outcome(HOLDS if fine else FAILS, "holds" if fine else "implausible", text, f"{low:g} to {high:g}", LIKELY)
