"""Checks that whole numbers of people stand behind several printed numbers at once. Each takes a Relation."""

import numpy as np
from scipy import stats

from analysis.published.audit.arithmetic import possible_bases
from analysis.published.audit.cells import Cell, total
from analysis.published.audit.checks import FEWER, SPARE, YES_NO, takes
from analysis.published.audit.outcome import CERTAIN, FAILS, HOLDS, UNDECIDABLE, Outcome, show
from analysis.published.audit.ranges import Range, exactly
from analysis.published.audit.relations import Relation


@takes(
    cells={"counts": "the count of each answer", "percentages": "its percentage", "base": "all people"},
    several=("counts", "percentages"),
    added=("base",),
    options=SPARE
    | {
        "unlisted": (YES_NO, "whether some gave answers that are not listed (default false)"),
        "together": (YES_NO, "whether all percentages have to be of one number of people (default false)"),
    },
)
def one_question(relation: Relation) -> Outcome:
    """The answers to one question are shares of those who answered it, or of all.

    Those who answered are the sum of the counts, or, with `unlisted` answers, any number from that sum to all; both
    they and all may be up to `spare` people more or fewer. The finding is about the percentages that no such number
    gives; with `together`, about those that the number which comes nearest to all does not give.
    """
    bases = _asked(relation)
    if relation.options.get("together"):
        bases = [min(bases, key=lambda base: _distance(relation, base))]
    missed = _missed(relation, bases)
    if not missed:
        return Outcome(HOLDS, "holds", "", "")
    corrects = {pct.address: Range(100 * n.value / bases[-1], 100 * n.value / bases[0]) for n, pct in missed}
    recomputed = "; ".join(show(corrects[pct.address], pct.decimals) for _, pct in missed)
    printed = "; ".join(f"{pct.row} {pct.text}" for _, pct in missed)
    details = {"least": bases[0], "most": bases[-1]}
    kind = "mixed_bases" if relation.options.get("together") else "one_question"
    return Outcome(FAILS, kind, printed, recomputed, CERTAIN, details, corrects, tuple(corrects))


def _answers(relation: Relation) -> zip:
    return zip(relation.cells["counts"], relation.cells["percentages"], strict=True)


def _missed(relation: Relation, bases: list[int]) -> list[tuple[Cell, Cell]]:
    """Counts and percentages of the answers that are shares of none of these numbers of people."""
    return [(n, pct) for n, pct in _answers(relation) if not any(_is_share(n, pct, base) for base in bases)]


def _distance(relation: Relation, base: int) -> float:
    """How far the percentages of all answers lie outside what so many people give, in points."""
    return sum(pct.range.distance(100 * n.value / base) for n, pct in _answers(relation))


def _asked(relation: Relation) -> list[int]:
    answered, whole = (int(total(relation.cells[name]).middle) for name in ("counts", "base"))
    spare = int(relation.options.get("spare", 0))
    if relation.options.get("unlisted"):
        return list(range(answered, max(answered, whole) + spare + 1))
    near = {base + more for base in (answered, whole) for more in range(-spare, spare + 1)}
    return sorted(base for base in near if base >= answered)


def _is_share(n: Cell, pct: Cell, base: int) -> bool:
    return pct.range.holds(100 * n.value / base)


_SHARES = {"share1": "share of one group, 0 to 1", "share2": "of the other", "difference": "their difference (2 − 1)",
           "p": "p of the difference", "people1": "people of one group", "people2": "of the other"}  # fmt: skip


@takes(cells=_SHARES, added=("people1", "people2"), options=FEWER | SPARE)
def counts_behind_shares(relation: Relation) -> Outcome:
    """Two printed shares, their difference and its p-value come from whole numbers of people.

    All pairs of counts that print both shares are tried with the pooled z test; the finding says whether any gives the
    printed difference and p-value, too.
    """
    cells = relation.cells
    first, second = _candidates(relation, cells["share1"], 1), _candidates(relation, cells["share2"], 2)
    printed = f"{cells['share1'].text}, {cells['share2'].text}, {cells['difference'].text}, p {cells['p'].text}"
    if not len(first) or not len(second):
        return Outcome(FAILS, "no_counts", printed, "–")
    difference, p = _pooled_tests(first, second)
    fits = _gives(difference, cells["share1"], cells["share2"], cells["difference"])
    if not fits.any():
        return Outcome(FAILS, "difference_of_shares", printed, f"{difference.min():.4f} to {difference.max():.4f}")
    both = fits & _inside(p, cells["p"].range)
    if not both.any():
        near = f"p {p[fits].min():.3f} to {p[fits].max():.3f}"
        return Outcome(FAILS, "p_of_shares", printed, near, UNDECIDABLE)
    return Outcome(HOLDS, "holds", printed, printed, details=_people(both, first, second))


@takes(
    cells=_SHARES,
    several=("share1", "share2", "difference", "p"),
    added=("people1", "people2"),
    options=FEWER | SPARE,
)
def same_people(relation: Relation) -> Outcome:
    """Two outcomes are about the same people: some numbers of them give both outcomes' shares, differences and tests.

    Of shares, difference and p two are listed, one an outcome. The recomputed numbers are those of the second outcome
    with the only people that give the first, if there is one such pair of numbers.
    """
    outcomes = list(zip(*(relation.cells[name] for name in ("share1", "share2", "difference", "p")), strict=True))
    behind = [_people_behind(relation, *outcome) for outcome in outcomes]
    share1, share2, difference, p = outcomes[1]
    printed = f"{share1.text}, {share2.text}, {difference.text}, p {p.text}"
    if behind[0] & behind[1]:
        return Outcome(HOLDS, "holds", printed, printed)
    if len(behind[0]) != 1:
        return Outcome(FAILS, "no_common_people", printed, "–")
    ((people1, people2),) = behind[0]
    near = round(share1.value * people1) / people1, round(share2.value * people2) / people2
    corrects = {cell.address: exactly(value) for cell, value in ((share1, near[0]), (share2, near[1]))}
    corrects[difference.address] = exactly(near[1] - near[0])
    recomputed = ", ".join(f"{value.middle:.{share1.decimals}f}" for value in corrects.values())
    details = {"people1": people1, "people2": people2}
    return Outcome(FAILS, "other_common_people", printed, recomputed, details=details, corrects=corrects)


def _people_behind(relation: Relation, share1: Cell, share2: Cell, difference: Cell, p: Cell) -> set[tuple[int, int]]:
    """All (people of the first, of the second group) that give the printed shares, difference and p-value."""
    first, second = _candidates(relation, share1, 1), _candidates(relation, share2, 2)
    if not len(first) or not len(second):
        return set()
    differences, found = _pooled_tests(first, second)
    fits = _gives(differences, share1, share2, difference) & _inside(found, p.range)
    rows, columns = np.nonzero(fits)
    return {(int(a), int(b)) for a, b in zip(first[rows, 1], second[columns, 1], strict=True)}


def _candidates(relation: Relation, share: Cell, group: int) -> np.ndarray:
    """(count, people) that print as the share, one row each."""
    inside = share.range
    pairs = [
        (count, people)
        for people in possible_bases(relation, f"people{group}")
        for count in range(int(inside.low * people), int(inside.high * people) + 2)
        if inside.holds(count / people)
    ]
    return np.array(pairs, dtype=float).reshape(-1, 2)


def _pooled_tests(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Differences (second − first) and two-sided p of the pooled z test, for every pair of rows."""
    k1, n1 = first[:, 0][:, None], first[:, 1][:, None]
    k2, n2 = second[:, 0][None, :], second[:, 1][None, :]
    difference = k2 / n2 - k1 / n1
    pooled = np.clip((k1 + k2) / (n1 + n2), 0, 1)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    with np.errstate(divide="ignore", invalid="ignore"):  # nobody, or everybody, in both groups
        return difference, 2 * stats.norm.sf(np.abs(difference) / error)


def _gives(differences: np.ndarray, share1: Cell, share2: Cell, difference: Cell) -> np.ndarray:
    """Pairs that give the printed difference; it may also have been taken between the shares as they are printed."""
    from_print = (share2.range - share1.range).meets(difference.range)
    return _inside(differences, difference.range) | from_print


def _inside(values: np.ndarray, wanted: Range) -> np.ndarray:
    return (values >= wanted.low - 1e-9) & (values <= wanted.high + 1e-9)


def _people(fits: np.ndarray, first: np.ndarray, second: np.ndarray) -> dict[str, int]:
    """Fewest and most people, both groups together, behind the pairs of counts that fit."""
    rows, columns = np.nonzero(fits)
    together = first[rows, 1] + second[columns, 1]
    return {"pairs": len(rows), "fewest": int(together.min()), "most": int(together.max())}


@takes(
    cells={"first": "people of one arm", "second": "people of the other"},
    optional={"ratio": "how many were drawn to the first for one to the second, of some or all; else one to one"},
)
def drawn_by_lot(relation: Relation) -> Outcome:
    """The sizes of two arms are such as lots make them, one to one or at the printed ratio.

    How many were drawn at the ratio, and how many one to one, is left open. The finding is about sizes that lots would
    make less often than once in a thousand trials, as lots without blocks vary; blocks vary less. Nor can a number of
    people or a ratio be below nought.
    """
    below = next((cell for cell in relation.all_cells() if cell.value < 0), None)
    if below is not None:
        return Outcome(FAILS, "implausible", below.text, "nought or more")
    first, second = (relation.cells[name] for name in ("first", "second"))
    people, ratio = round(first.value + second.value), relation.cells.get("ratio")
    shares = sorted({0.5, 0.5 if ratio is None else ratio.value / (1 + ratio.value)})
    low, high = stats.binom.ppf(0.0005, people, shares[0]), stats.binom.ppf(0.9995, people, shares[-1])
    recomputed = f"{show(exactly(low), 0)} to {show(exactly(high), 0)}"
    if low <= first.value <= high:
        return Outcome(HOLDS, "holds", first.text, recomputed)
    return Outcome(FAILS, "not_by_lot", first.text, recomputed, UNDECIDABLE, {"people": people})
