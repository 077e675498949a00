"""The audit: what a report prints, re-derived from what it prints elsewhere.

Relations between printed numbers are declared in YAML (`relations`), each with the check that applies to it; checks
compute with what rounding leaves open (`ranges`), so that rounding is never reported as an error; `audit` applies them
and returns one row per relation, passed or failed, with the place, the printed and the recomputed number, how sure the
finding is and what it bears on. Nothing here knows this report: another report's cells and relations work as well.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.published.audit import arithmetic, claims, form, groups, inference, order, people, repeats, spread
from analysis.published.audit.causes import cause_of
from analysis.published.audit.cells import Cell, cells_by_address, flat
from analysis.published.audit.outcome import CERTAIN, FAILS, HOLDS, LAST_DIGIT, LIKELY, ROUNDING, Outcome
from analysis.published.audit.ranges import SLIPPED, TWICE, UNUSUAL
from analysis.published.audit.reading import NO_WORDS, read_relations
from analysis.published.audit.relations import BEARS_ON, Relation

CHECKS: dict[str, Callable[[Relation], Outcome]] = {
    "formula": arithmetic.formula,
    "at_least": arithmetic.at_least,
    "at_most": arithmetic.at_most,
    "nearer_nought": arithmetic.nearer_nought,
    "equal": arithmetic.equal,
    "share": arithmetic.share,
    "whole_people": arithmetic.whole_people,
    "whole_number_mean": arithmetic.whole_number_mean,
    "binary_sd": arithmetic.binary_sd,
    "proportion_interval": inference.proportion_interval_method,
    "mean_interval": inference.mean_interval,
    "degrees_of_freedom": inference.degrees_of_freedom,
    "t_statistic": inference.t_statistic,
    "p_value": inference.p_value,
    "rank_sum": inference.rank_sum,
    "same_sign": inference.same_sign,
    "counts_behind_shares": people.counts_behind_shares,
    "same_people": people.same_people,
    "one_question": people.one_question,
    "drawn_by_lot": people.drawn_by_lot,
    "implied": inference.implied,
    "columns_in_place": order.columns_in_place,
    "rows_in_place": order.rows_in_place,
    "significance": claims.significance,
    "wording": claims.wording,
    "same_statement": claims.same_statement,
    "stated_alike": repeats.stated_alike,
    "same_row": repeats.same_row,
    "roughly": repeats.roughly,
    "in_order": form.in_order,
    "parts_of_whole": form.parts_of_whole,
    "on_scale": form.on_scale,
    "trailing_noughts": form.trailing_noughts,
    "usual_bound": form.usual_bound,
    "critical_value": form.critical_value,
    "symmetric_interval": spread.symmetric_interval,
    "t_of_interval": spread.t_of_interval,
    "interval_excludes": spread.interval_excludes,
    "difference_of_intervals": spread.difference_of_intervals,
    "chi_square": spread.chi_square,
    "same_error": spread.same_error,
    "whole_people_in_groups": groups.whole_people_in_groups,
    "one_base": groups.one_base,
    "interval_of_answer": groups.interval_of_answer,
}
COLUMNS = (
    "relation", "instance", "check", "about", "source", "lines", "verdict", "kind", "printed", "recomputed", "sure",
    "assumes", "cause", "bears_on", "asks", "details", "corrects", "addresses", "blames", "explained_by",
)  # fmt: skip
# Kinds of failure that account for other failures about the same cells.
EXPLAINING = ("columns_moved", "column_sums", "rows_moved", "average_of_waves")
# A failure that only says less about the same cells than any other.
LEAST_TELLING = "rows_disagree"
# Names of cells that only say over how many people something was computed: a failure is not about them.
_BASES = ("wave_base", "counts", "percentages")
# The cell a finding is about: the first of these that a relation names, else its first cell.
_SUBJECTS = ("b", "pct", "t", "df", "p", "p_lt", "z", "ci_low", "mean", "share1", "said", "column", "total")
_SURENESS = ("certain", "likely", "undecidable")


def audit(published: pd.DataFrame, relations_file: Path, words: Mapping[str, str] = NO_WORDS) -> pd.DataFrame:
    """Every declared relation checked against the printed numbers; `words` has what to call codes in sentences.

    One row is one relation for one set of cells: relation, instance, check, about (what should hold), source and lines
    (where the numbers stand, the one the outcome is about first), verdict (holds, fails), kind (which explanation),
    printed, recomputed, sure (certain, likely, undecidable), assumes (what else has to be true), cause (what would
    explain a failure, see `causes`, or empty), bears_on, asks (a question of `trust.ITEMS`, or empty), details,
    corrects (address → lowest and highest value that the other numbers allow), addresses, blames (those of the
    addresses that the failure is about), explained_by (the relation whose failure already accounts for this one, else
    empty). Failures come first, ranked by what they bear on and how sure they are. Raises StudyProblems for
    declarations that cannot be used.
    """
    cells = cells_by_address(published)
    rows = [(*_row(relation, cells), "") for relation in read_relations(relations_file, published, CHECKS, words)]
    return _ranked(_explained(pd.DataFrame(rows, columns=list(COLUMNS))))


def outcome_of(relation: Relation) -> Outcome:
    """What the check of a relation finds; what rounding can explain, also in two steps, is no failure.

    A failure that rests on the last digit of one number, or on decimals that were cut off, is of the kind `last_digit`.
    Where the relation assumes something beside the numbers, a failure is at most likely.
    """
    check = CHECKS[relation.check]
    found = check(relation)
    if found.verdict == HOLDS:
        return found
    if relation.assumes and found.sure == CERTAIN:
        found = replace(found, sure=LIKELY)
    if check.takes.about_words:
        return found
    if not relation.options.get("rounded_once") and check(relation.rounded(TWICE)).verdict == HOLDS:
        return Outcome(HOLDS, ROUNDING, found.printed, found.recomputed)
    slips = [dict.fromkeys(group, SLIPPED) for group in _slipping(relation, check.takes.several)]
    if any(check(relation.rounded(ways)).verdict == HOLDS for ways in (*UNUSUAL, *slips)):
        return replace(found, kind=LAST_DIGIT)
    return found


def _slipping(relation: Relation, rowwise: Sequence[str]) -> Iterator[list[str]]:
    """Addresses whose last digit may have slipped together: each number alone, and the numbers of a list row by row."""
    for name, group in relation.cells.items():
        rounded = [cell.address for cell in flat(group) if cell.has_fine_digit]
        yield from [rounded] if name in rowwise else ([address] for address in rounded)


def findings_of(found: pd.DataFrame) -> pd.DataFrame:
    """The failures that are more than a slip in a last digit and not already accounted for by another finding."""
    failed = (found["verdict"] == FAILS) & (found["kind"] != LAST_DIGIT)
    return found[failed & (found["explained_by"] == "")]


def _explained(findings: pd.DataFrame) -> pd.DataFrame:
    """Failures about cells of moved rows or columns, or of a percentage averaged over waves, refer to that finding."""
    findings = findings.copy()
    failed = findings["verdict"] == FAILS
    for kind in EXPLAINING:
        for place in findings.index[failed & (findings["kind"] == kind)]:
            cells = set(findings.at[place, "blames"])
            shares_a_cell = findings["blames"].map(lambda addresses, cells=cells: not cells.isdisjoint(addresses))
            open_ = failed & shares_a_cell & (findings["explained_by"] == "") & ~findings["kind"].isin(EXPLAINING)
            findings.loc[open_, "explained_by"] = findings.at[place, "relation"]
    for place in findings.index[failed & (findings["kind"] == LEAST_TELLING)]:
        cells = set(findings.at[place, "blames"])
        same = failed & findings["blames"].map(lambda addresses, cells=cells: cells <= set(addresses))
        if (others := findings.index[same].drop(place)).any():
            findings.loc[place, "explained_by"] = findings.at[others[0], "relation"]
    return findings


def _row(relation: Relation, printed: Mapping[str, Cell]) -> tuple:
    found = outcome_of(relation)
    cause, because = cause_of(relation, found, printed)
    cells = [_subject(relation), *relation.all_cells()]
    bases = {
        cell.address
        for name, group in relation.cells.items()
        if name in _BASES or name.startswith("base")
        for cell in flat(group)
    }
    sources = list(dict.fromkeys(cell.source for cell in cells))
    lines = [line for line in dict.fromkeys(cell.line for cell in cells) if line is not None]
    blames = found.about or [cell.address for cell in cells if cell is cells[0] or cell.address not in bases]
    return (
        relation.name, relation.instance, relation.check, relation.about, ", ".join(sources), lines, found.verdict,
        found.kind, found.printed, found.recomputed, found.sure, relation.assumes, cause, relation.bears_on,
        relation.asks, {**found.details, **because},
        {address: (right.low, right.high) for address, right in found.corrects.items()},
        tuple(dict.fromkeys(cell.address for cell in cells)), tuple(dict.fromkeys(blames)),
    )  # fmt: skip


def _subject(relation: Relation) -> Cell:
    options = relation.options
    named = [str(options.get("result", "")), *map(str, options.get("columns", [])), *_SUBJECTS]
    chosen = next((name for name in named if name in relation.cells), next(iter(relation.cells)))
    return next(flat(relation.cells[chosen]))


def _ranked(findings: pd.DataFrame) -> pd.DataFrame:
    order_of = {
        "verdict": {FAILS: 0, HOLDS: 1},
        "last": {True: 1, False: 0},
        "bears_on": {name: place for place, name in enumerate(BEARS_ON)},
        "sure": {name: place for place, name in enumerate(_SURENESS)},
    }
    keys = findings.assign(last=findings["kind"] == LAST_DIGIT)
    places = pd.DataFrame({name: keys[name].map(order) for name, order in order_of.items()})
    return findings.loc[places.sort_values(list(order_of), kind="stable").index].reset_index(drop=True)
