"""Checks of intervals, tests and p-values. Each takes a Relation and returns an Outcome."""

from collections.abc import Callable

import numpy as np
from scipy import stats

from analysis.methods.proportions import INTERVALS, proportion_intervals
from analysis.published.audit.arithmetic import computed, possible_bases
from analysis.published.audit.cells import Cell
from analysis.published.audit.checks import FEWER, FORMULA, NUMBER, ONCE, SPARE, takes
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, UNDECIDABLE, Outcome, compare, show
from analysis.published.audit.ranges import SLACK, Range, exactly, square_root
from analysis.published.audit.relations import Relation

LEVEL = 0.95
NORMAL = float(stats.norm.ppf(0.5 + LEVEL / 2))


@takes(
    cells={"pct": "the percentage", "ci_low": "lower end", "ci_high": "upper end", "base": "all people"},
    optional={"n": "the count, if it is printed"},
    added=("base",),
    options=FEWER | SPARE,
)
def proportion_interval_method(relation: Relation) -> Outcome:
    """A printed interval of a percentage is one of the usual ones.

    They are those of Wald, Wilson, Clopper and Pearson, Agresti and Coull, and the logit. Every
    method is tried at every number of people that the answers allow, about every percentage that is printed alike; so
    an interval about the rounded percentage counts as right. The finding names the nearest method, or says that the
    interval does not contain its own estimate.
    """
    pct, low, high = (relation.cells[name] for name in ("pct", "ci_low", "ci_high"))
    printed = f"{low.text}–{high.text}"
    if pct.range.high < low.range.low or pct.range.low > high.range.high:
        return Outcome(FAILS, "interval_excludes_estimate", printed, pct.text)
    if fits := _fitting(relation, low.range, high.range):
        return Outcome(HOLDS, "holds_method", printed, printed, details={"method": fits[0], "base": fits[1]})
    base = possible_bases(relation)[:1]
    tried = [(method, *np.ravel(_ends(_shares(relation, base), base, method))) for method in INTERVALS]
    known = [one for one in tried if not np.isnan(one[1:]).any()]
    method, a, b = min(known, key=lambda one: abs(one[1] - low.value) + abs(one[2] - high.value))
    recomputed = f"{a:.{low.decimals}f}–{b:.{high.decimals}f}"
    corrects = {low.address: exactly(float(a)), high.address: exactly(float(b))}
    return Outcome(FAILS, "interval_other", printed, recomputed, LIKELY, {"method": method, "base": base[0]}, corrects)


def _fitting(relation: Relation, low: Range, high: Range) -> tuple[str, int] | None:
    """Method and people of an interval as printed, about the percentage of the count or about any printed alike."""
    pct, bases = relation.cells["pct"].range, possible_bases(relation)
    shares = _shares(relation, bases)
    ends = (np.full(len(bases), max(0.0, pct.low)), np.full(len(bases), min(100.0, pct.high)))
    for method in INTERVALS:
        for below, above in ((shares, shares), ends):
            (a, b), (c, d) = _ends(below, bases, method), _ends(above, bases, method)
            fits = (a <= low.high + SLACK) & (c >= low.low - SLACK) & (b <= high.high + SLACK) & (d >= high.low - SLACK)
            if fits.any():
                return method, bases[int(np.argmax(fits))]
    return None


def _shares(relation: Relation, bases: list[int]) -> np.ndarray:
    """Percentage of the count, or else the printed one, for each number of people."""
    if "n" in relation.cells:
        return np.minimum(100.0, 100 * relation.cells["n"].value / np.array(bases))
    return np.full(len(bases), relation.cells["pct"].value)


def _ends(shares: np.ndarray, bases: list[int], method: str) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the intervals about percentages of so many people, in per cent."""
    low, high = proportion_intervals(shares * np.array(bases) / 100, np.array(bases), method)
    return 100 * low, 100 * high


@takes(
    cells={"mean": "the mean, or a coefficient", "ci_low": "lower end", "ci_high": "upper end"},
    optional={"se": "its standard error", "sd": "standard deviation of the values", "n": "number of values"},
)
def mean_interval(relation: Relation) -> Outcome:
    """Both ends of an interval lie at the mean ± t standard errors, which `se` gives, or `sd` and `n`.

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


@takes(
    cells={"df": "degrees of freedom", "n1": "people of one group", "n2": "people of the other"},
    optional={"sd1": "standard deviation of one group", "sd2": "of the other, to recognise Welch's test"},
)
def degrees_of_freedom(relation: Relation) -> Outcome:
    """A t-test of two groups has n₁ + n₂ − 2 degrees of freedom; Welch's, for unequal variances, are recognised."""
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


_GROUPS = {"mean1": "mean of one group", "n1": "its people", "mean2": "mean of the other", "n2": "its people"}
_SPREADS = {"se1": "standard error of one mean", "se2": "of the other",
            "sd1": "or standard deviation of one group", "sd2": "of the other"}  # fmt: skip
_BY_ERRORS, _BY_DEVIATIONS = ("mean1", "n1", "mean2", "n2", "se1", "se2"), ("mean1", "n1", "mean2", "n2", "sd1", "sd2")


@takes(cells={"t": "the statistic"}, optional=_GROUPS | _SPREADS, either=((_BY_ERRORS, _BY_DEVIATIONS),))
def t_statistic(relation: Relation) -> Outcome:
    """t follows from two means and their spread, with equal variances; it may have either sign."""
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


@takes(
    optional={"p": "the p-value", "p_lt": "or the bound below which it lies",
              "t": "t,", "df": "and its degrees of freedom", "z": "or z", "b": "or a coefficient,",
              "ci_low": "with the lower end", "ci_high": "and the upper end of its interval", **_GROUPS, **_SPREADS},
    either=(
        (("p",), ("p_lt",)),
        (("t", "df"), ("z",), ("b", "ci_low", "ci_high"), _BY_ERRORS, _BY_DEVIATIONS),
    ),
    options=ONCE,
)  # fmt: skip
def p_value(relation: Relation) -> Outcome:
    """A p-value, or a bound on it, follows from t, z, the interval of a coefficient, or two means (t-test)."""
    statistic, tail = _statistic(relation)
    size = _absolute(statistic)
    found = Range(2 * tail(size.high), 2 * tail(size.low))
    if "p_lt" in relation.cells:
        bound = relation.cells["p_lt"]
        fine = found.low < bound.value
        return Outcome(HOLDS if fine else FAILS, "holds" if fine else "p_value", f"<{bound.text}", _p(found))
    p = relation.cells["p"]
    outcome = compare(p, found, "p_value")
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


@takes(
    cells={"w1": "rank sum of one group", "n1": "its people", "w2": "rank sum of the other", "n2": "its people"},
    optional={"z": "the statistic of the test"},
)
def rank_sum(relation: Relation) -> Outcome:
    """Rank sums of two groups add up to N(N+1)/2, and |z| is at least the value without ties.

    Ties only make the variance smaller, hence |z| larger.
    """
    cells = relation.cells
    n1, n2 = cells["n1"].value, cells["n2"].value
    total = n1 + n2
    sums = cells["w1"].range + cells["w2"].range
    whole = exactly(total * (total + 1) / 2)
    if not sums.meets(whole):
        return Outcome(FAILS, "rank_sum", show(sums, 1), show(whole, 1))
    if "z" in cells:
        away = cells["w1"].range - exactly(n1 * (total + 1) / 2)
        least = _absolute(away).low / (n1 * n2 * (total + 1) / 12) ** 0.5
        if _absolute(cells["z"].range).high < least:
            return Outcome(FAILS, "rank_sum_z", cells["z"].text, f"≥ {least:.{cells['z'].decimals}f}")
    return Outcome(HOLDS, "holds", cells["w1"].text, cells["w1"].text)


@takes(
    any_cells="the numbers of the formula; a list is added",
    options={name: FORMULA[name] for name in ("formula", "constants", "exact")} | {
        "low": (NUMBER, "the least that makes sense"), "high": (NUMBER, "the most")},
    required=("formula", "low", "high"),
)  # fmt: skip
def implied(relation: Relation) -> Outcome:
    """A quantity that is not printed, but follows from what is by a formula, lies where it makes sense."""
    found = computed(relation)
    low, high = float(relation.options["low"]), float(relation.options["high"])
    bounds = f"{low:g} to {high:g}"
    if found.meets(Range(low, high)):
        return Outcome(HOLDS, "holds", show(found, 2), bounds, LIKELY)
    return Outcome(FAILS, "implausible", show(found, 2), bounds, LIKELY)


@takes(cells={"effect": "an effect, difference or coefficient", "statistic": "its t or z"})
def same_sign(relation: Relation) -> Outcome:
    """An effect and its test statistic have the same sign."""
    effect, statistic = relation.cells["effect"], relation.cells["statistic"]
    if (effect.range * statistic.range).high >= 0:
        return Outcome(HOLDS, "holds", statistic.text, statistic.text)
    corrects = {statistic.address: -statistic.range, effect.address: -effect.range}
    return Outcome(FAILS, "signs_differ", statistic.text, effect.text, UNDECIDABLE, corrects=corrects)
