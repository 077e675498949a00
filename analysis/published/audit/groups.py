"""Checks that the shares of groups belong to whole numbers of people. Each takes a Relation and returns an Outcome."""

import math
from collections.abc import Iterator

import numpy as np

from analysis.methods.proportions import INTERVALS, proportion_intervals
from analysis.published.audit.arithmetic import possible_bases, whole_within
from analysis.published.audit.cells import Cell, total
from analysis.published.audit.checks import FEWER, LIST, NUMBER, SPARE, YES_NO, takes
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, Outcome, show
from analysis.published.audit.ranges import SLACK, Range, exactly
from analysis.published.audit.relations import Relation

_UNIT = {"unit": (NUMBER, "what the whole is (default 1; 100 for per cent)")}


@takes(
    cells={"shares": "the share in each group", "people": "the people of each", "total": "the count of all groups"},
    several=("shares", "people"),
    added=("total",),
    options=_UNIT | FEWER | SPARE,
)
def whole_people_in_groups(relation: Relation) -> Outcome:
    """The shares of several groups belong to whole numbers of people that add up to a printed count."""
    cells, printed = relation.cells, total(relation.cells["total"])
    spare = int(relation.options.get("spare", 0))
    sums = {0}
    for share, people in zip(cells["shares"], cells["people"], strict=True):
        sums = {before + n for before in sums for n in _counts_of(share, people, relation)}
    fits = any((printed + Range(0.0, float(spare))).holds(found) for found in sums)
    made = show(Range(float(min(sums)), float(max(sums))), 0) if sums else "–"
    return Outcome(HOLDS if fits else FAILS, "holds" if fits else "groups_make_other_total", show(printed, 0), made)


def _counts_of(share: Cell, people: Cell, relation: Relation) -> set[int]:
    """Whole numbers that are this share of a group, of whom some may not have answered."""
    unit, fewest = float(relation.options.get("unit", 1)), 1 - float(relation.options.get("fewer_answers", 0))
    most = people.value + int(relation.options.get("spare", 0))
    bases = np.arange(math.ceil(people.value * fewest - SLACK * people.value), int(most) + 1)
    least, upmost = (end / unit * bases for end in (share.range.low, share.range.high))
    ends = zip(np.ceil(least - SLACK * most), np.floor(upmost + SLACK * most), strict=True)
    return {n for low, high in ends for n in range(int(low), int(high) + 1)}


@takes(
    cells={"shares": "the shares of the question", "base": "the people of the group"},
    several=("shares",),
    added=("base",),
    options=_UNIT | FEWER | SPARE,
)
def one_base(relation: Relation) -> Outcome:
    """The shares of one question in a group, printed without counts, are whole numbers of one number of people."""
    shares, unit = relation.cells["shares"], float(relation.options.get("unit", 1))
    bases = possible_bases(relation)
    texts = ", ".join(cell.text for cell in shares)
    if any(all(whole_within(cell.range, base / unit) for cell in shares) for base in bases):
        return Outcome(HOLDS, "holds", texts, texts)
    nearest = ", ".join(f"{unit * round(cell.value * bases[0] / unit) / bases[0]:.{cell.decimals}f}" for cell in shares)
    return Outcome(FAILS, "no_one_base", texts, nearest, details={"whole": bases[0], "least": min(bases)})


@takes(
    cells={"pct": "the percentage", "ci_low": "lower end", "ci_high": "upper end", "base": "all people"},
    optional={"n": "the count, if it is printed", "counts": "the counts of all answers to the question"},
    several=("counts",),
    added=("base",),
    options=FEWER
    | SPARE
    | {
        "unlisted": (YES_NO, "whether some gave answers that are not listed (default false)"),
        "formulas": (LIST, f"those that the table uses, of {', '.join(INTERVALS)} (default: all)"),
    },
    choices={"formulas": INTERVALS},
)
def interval_of_answer(relation: Relation) -> Outcome:
    """A percentage and both ends of its interval come from one number of people, one formula and one centre.

    The people are those who answered the question (the sum of its counts) or all; without counts, all but those who may
    not have answered. The centre is the count over them, as it is or rounded as in print, for whoever computed from
    the print. An interval about the count over all, beside a percentage of those who answered, holds, too. Where a
    table uses some formulas throughout, an interval of another one fails, and it is told so.
    """
    pct, low, high = (relation.cells[name] for name in ("pct", "ci_low", "ci_high"))
    printed = f"{low.text}–{high.text}"
    if pct.range.high < low.range.low or pct.range.low > high.range.high:
        return Outcome(FAILS, "interval_excludes_estimate", printed, pct.text)
    tried, formulas = list(_tried(relation)), relation.options.get("formulas", INTERVALS)
    in_use = [one for one in tried if one[1] in formulas]
    miss, method, base, a, b = min(in_use, key=lambda one: (_ends_missed(one, low, high), one[0]))
    details = {"method": method, "base": base}
    if miss <= SLACK:
        return Outcome(HOLDS, "holds_method", printed, printed, details=details)
    recomputed = f"{a:.{low.decimals}f}–{b:.{high.decimals}f}"
    corrects = {low.address: exactly(a), high.address: exactly(b)}
    kind = "interval_other" if min(one[0] for one in tried) > SLACK else "other_formula"
    return Outcome(FAILS, kind, printed, recomputed, LIKELY, details, corrects)


def _ends_missed(one: tuple, low: Cell, high: Cell) -> int:
    """How many printed ends a way that was tried does not give: with one end as printed, the slip is in the other."""
    return sum(float(_off(cell.range, np.array(end))) > SLACK for cell, end in zip((low, high), one[3:], strict=True))


def _asked(relation: Relation) -> list[int]:
    """The numbers of people that an answer can be a share of."""
    if "counts" not in relation.cells:
        return possible_bases(relation)
    answered, whole = (int(total(relation.cells[name]).middle) for name in ("counts", "base"))
    spare = int(relation.options.get("spare", 0))
    if relation.options.get("unlisted"):
        return list(range(max(1, answered), max(answered, whole) + spare + 1))
    return sorted({max(1, base + more) for base in (answered, whole) for more in range(-spare, spare + 1)})


def _tried(relation: Relation) -> Iterator[tuple[float, str, int, float, float]]:
    """(by how much an end is missed, formula, people, lower, upper end) for every formula, with the nearest people."""
    pct, low, high = (relation.cells[name].range for name in ("pct", "ci_low", "ci_high"))
    bases, printed = np.array(_asked(relation)), min(relation.cells["pct"].value, 100.0)
    shares = np.full(len(bases), printed) if "n" not in relation.cells else 100 * relation.cells["n"].value / bases
    fits = (shares >= pct.low - SLACK) & (shares <= min(pct.high, 100.0) + SLACK)
    about = np.where(fits, shares, printed)
    as_printed = np.full(len(bases), printed)
    over_all = np.where(fits.any() & (bases >= total(relation.cells["base"]).middle), shares.clip(max=100.0), printed)
    centres = (about, about.round(relation.cells["pct"].decimals), as_printed, over_all)
    for method in INTERVALS:
        for centre in centres:
            ends = proportion_intervals(centre * bases / 100, bases, method)
            a, b = (np.nan_to_num(100 * end, nan=-np.inf) for end in ends)
            ends = np.array([_off(low, a), _off(high, b)])
            off = ends.max(axis=0)
            place = int(np.lexsort((off, (ends > SLACK).sum(axis=0)))[0])
            yield float(off[place]), method, int(bases[place]), float(a[place]), float(b[place])


def _off(wanted: Range, ends: np.ndarray) -> np.ndarray:
    return np.maximum(np.maximum(wanted.low - ends, ends - wanted.high), 0.0)
