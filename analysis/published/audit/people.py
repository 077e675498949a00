"""Checks that whole numbers of people stand behind several printed numbers at once. Each takes a Relation."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from analysis.methods.proportions import INTERVALS, proportion_interval
from analysis.published.audit.outcome import CERTAIN, FAILS, HOLDS, LIKELY, UNDECIDABLE, Outcome, show
from analysis.published.audit.ranges import Range, exactly
from analysis.published.audit.ranges import printed as around
from analysis.published.audit.relations import Cell, Relation


def one_question(relation: Relation) -> Outcome:
    """The rows of one question are shares of one number of people: of those who answered it, or of all.

    Cells: n, pct and, if printed, ci_low and ci_high of one row; counts and percentages, those of all rows of the
    question; base, all people of the column. Those who answered are the sum of the rows when they list every possible
    answer (option exhaustive), else any number from that sum to all. If the percentages of all rows agree on some of
    these numbers, only those remain. The row holds if at one of them its percentage, and by some usual formula its
    interval, come out as printed.
    """
    cells = relation.cells
    bases = _bases(relation)
    agreed = [base for base in bases if all(_is_share(n, pct, base) for n, pct in _rows(relation))]
    tried = list(_tried(relation, agreed or bases))
    printed = _as_text(cells["pct"].text, [cells[end].text for end in _ends(relation)])
    if any(missed == 0 for missed, *_ in tried):
        return Outcome(HOLDS, "holds", printed, printed)
    _, _, base, method, share, ends = min(tried)
    texts = [f"{end:.{cells[name].decimals}f}" for name, end in zip(_ends(relation), ends, strict=True)]
    recomputed = _as_text(f"{share:.{cells['pct'].decimals}f}", texts)
    details = {"n": int(cells["n"].value), "base": base, "least": bases[0], "whole": bases[-1], "method": method}
    kind = "one_question_agreed" if agreed or len(bases) == 1 else "one_question"
    possible = any(_is_share(cells["n"], cells["pct"], base) for base in agreed or bases)
    found = {"pct": share, **dict(zip(_ends(relation), ends, strict=True))}
    corrects = {cells[name].address: exactly(value) for name, value in found.items()}
    return Outcome(FAILS, kind, printed, recomputed, LIKELY if possible else CERTAIN, details, corrects)


def _bases(relation: Relation) -> list[int]:
    whole = int(relation.cells["base"].value)
    answered = min(whole, int(sum(cell.value for cell in relation.cells["counts"])))
    return sorted({answered, whole}) if relation.options.get("exhaustive") else list(range(answered, whole + 1))


def _rows(relation: Relation) -> Iterator[tuple[Cell, Cell]]:
    yield from zip(relation.cells["counts"], relation.cells["percentages"], strict=True)


def _is_share(n: Cell, pct: Cell, base: int) -> bool:
    return pct.range.holds(100 * n.value / base)


def _ends(relation: Relation) -> list[str]:
    return [name for name in ("ci_low", "ci_high") if name in relation.cells]


def _tried(relation: Relation, bases: list[int]) -> Iterator[tuple]:
    """(numbers missed, by how much, base, method, share, ends) for every number of people and every formula."""
    cells = relation.cells
    count, names = int(cells["n"].value), _ends(relation)
    for base in bases:
        share = 100 * count / base
        for method in INTERVALS:
            ends = [100 * end for end in proportion_interval(count, base, method)] if names else []
            if np.isnan(ends).any():
                continue
            pairs = [(cells["pct"], share), *((cells[name], end) for name, end in zip(names, ends, strict=True))]
            missed = sum(not cell.range.holds(value) for cell, value in pairs)
            yield missed, sum(abs(cell.value - value) for cell, value in pairs), base, method, share, ends


def _as_text(share: str, ends: list[str]) -> str:
    return f"{share} ({'–'.join(ends)})" if ends else share


def counts_behind_shares(relation: Relation) -> Outcome:
    """Two printed proportions, their difference and p-value come from whole numbers of people.

    Cells: share1, share2, difference, p, largest1, largest2 (the most people each can be about). Options: fewest, the
    least share of these that may be observed (1: exactly these people); p_decimals, when the column of p-values is
    padded with zeros. All pairs of counts that print both proportions are tried with the pooled z test; the finding
    says whether any gives the printed difference and p-value too.
    """
    cells = relation.cells
    first, second = _candidates(relation, cells["share1"], 1), _candidates(relation, cells["share2"], 2)
    printed = f"{cells['share1'].text}, {cells['share2'].text}, {cells['difference'].text}, p {cells['p'].text}"
    if not len(first) or not len(second):
        return Outcome(FAILS, "no_counts", printed, "–")
    difference, p = _pooled_tests(first, second)
    fits = _inside(difference, cells["difference"].range)
    if not fits.any():
        return Outcome(FAILS, "difference_of_shares", printed, f"{difference.min():.4f} to {difference.max():.4f}")
    both = fits & _inside(p, _wanted_p(relation, cells["p"]))
    if not both.any():
        near = f"p {p[fits].min():.3f} to {p[fits].max():.3f}"
        return Outcome(FAILS, "p_of_shares", printed, near, UNDECIDABLE)
    return Outcome(HOLDS, "holds", printed, printed, details=_people(both, first, second))


def same_people(relation: Relation) -> Outcome:
    """Two outcomes of one month are about the same people: some numbers of them give both outcomes' shares and tests.

    Cells: share1, share2, difference, p, each a pair with one cell an outcome; largest1, largest2. Options as for
    `counts_behind_shares`. The recomputed numbers are those of the second outcome with the only people that give the
    first, if there is one such pair of numbers.
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
    fits = _inside(differences, difference.range) & _inside(found, _wanted_p(relation, p))
    rows, columns = np.nonzero(fits)
    return {(int(a), int(b)) for a, b in zip(first[rows, 1], second[columns, 1], strict=True)}


def _candidates(relation: Relation, share: Cell, group: int) -> np.ndarray:
    """(count, people) that print as the share, one row each."""
    largest = int(relation.cells[f"largest{group}"].value)
    fewest = max(1, int(largest * float(relation.options.get("fewest", 0.8))))
    inside = share.range
    pairs = [
        (count, people)
        for people in range(fewest, largest + 1)
        for count in range(int(inside.low * people), int(inside.high * people) + 2)
        if inside.holds(count / people)
    ]
    return np.array(pairs, dtype=float).reshape(-1, 2)


def _wanted_p(relation: Relation, p: Cell) -> Range:
    return around(p.value, int(relation.options.get("p_decimals", p.decimals)))


def _pooled_tests(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Differences (second − first) and two-sided p of the pooled z test, for every pair of rows."""
    k1, n1 = first[:, 0][:, None], first[:, 1][:, None]
    k2, n2 = second[:, 0][None, :], second[:, 1][None, :]
    difference = k2 / n2 - k1 / n1
    pooled = (k1 + k2) / (n1 + n2)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return difference, 2 * stats.norm.sf(np.abs(difference) / error)


def _inside(values: np.ndarray, wanted: Range) -> np.ndarray:
    return (values >= wanted.low - 1e-9) & (values <= wanted.high + 1e-9)


def _people(fits: np.ndarray, first: np.ndarray, second: np.ndarray) -> dict[str, int]:
    """Fewest and most people, both groups together, behind the pairs of counts that fit."""
    rows, columns = np.nonzero(fits)
    together = first[rows, 1] + second[columns, 1]
    return {"pairs": len(rows), "fewest": int(together.min()), "most": int(together.max())}


def one_method(relation: Relation) -> Outcome:
    """The percentages of a column are all computed in one way: over both waves' answers, or averaged over the waves.

    Cells: column_n and column_pct, the rows of the column; base, the answers of both waves; wave_base, those of each.
    Optionally known, counts of the first wave that the text states, for the rows that the option `rows` lists in the
    same order. An average is possible if some split of the count over the waves gives it.
    """
    cells = relation.cells
    whole, bases = cells["base"].value, [cell.value for cell in cells["wave_base"]]
    stated = dict(zip(relation.options.get("rows", []), cells.get("known", ()), strict=True))
    by_whole, by_average = [], []
    for n, pct in zip(cells["column_n"], cells["column_pct"], strict=True):
        row = n.address.split("/")[1]
        splits = [stated[row].value] if row in stated else range(int(n.value) + 1)
        averages = [50 * (k / bases[0] + (n.value - k) / bases[1]) for k in splits]
        if not pct.range.holds(100 * n.value / whole):
            by_whole.append(row)
        if not any(pct.range.holds(average) for average in averages):
            by_average.append(f"{row} {show(exactly(averages[0]), 1)}" if row in stated else row)
    if not by_whole or not by_average:
        return Outcome(HOLDS, "holds", "", "")
    return Outcome(FAILS, "two_methods", "; ".join(by_whole), "; ".join(by_average), LIKELY)
