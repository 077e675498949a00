"""The audit: what a report prints, re-derived from what it prints elsewhere.

Relations between printed numbers are declared in YAML (`relations`), each with the check that applies to it; checks
compute with what rounding leaves open (`ranges`), so that rounding is never reported as an error; `audit` applies them
and returns one row per relation, passed or failed, with the place, the printed and the recomputed number, how sure the
finding is and what it bears on. Nothing here knows this report: another report's cells and relations work as well.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from analysis.published.audit import arithmetic, claims, form, groups, inference, order, people, repeats, spread
from analysis.published.audit.outcome import Outcome
from analysis.published.audit.relations import BEARS_ON, NO_WORDS, Cell, Relation, RelationError, read_relations

CHECKS: dict[str, Callable[[Relation], Outcome]] = {
    "formula": arithmetic.formula,
    "at_least": arithmetic.at_least,
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
    "counts_behind_shares": people.counts_behind_shares,
    "same_people": people.same_people,
    "one_question": people.one_question,
    "one_method": people.one_method,
    "implied": inference.implied_share,
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
}
COLUMNS = (
    "relation", "instance", "check", "about", "source", "lines", "verdict", "kind", "printed", "recomputed", "sure",
    "bears_on", "details", "corrects", "addresses", "blames", "explained_by",
)  # fmt: skip
# Kinds of failure that account for other failures about the same cells.
EXPLAINING = ("columns_moved", "column_sums", "average_of_waves")
NEVER_EXPLAINED = (*EXPLAINING, "rows_moved")
# Names of cells that only say over how many people something was computed: a failure is not about them.
_BASES = ("wave_base", "counts", "percentages")
# The cell a finding is about: the first of these that a relation names, else its first cell.
_SUBJECTS = ("b", "pct", "t", "df", "p", "p_lt", "z", "ci_low", "mean", "share1", "said", "column", "total")
_SURENESS = ("certain", "likely", "undecidable")


def audit(published: pd.DataFrame, relations_file: Path, words: Mapping[str, str] = NO_WORDS) -> pd.DataFrame:
    """Every declared relation checked against the printed numbers; `words` has what to call codes in sentences.

    One row is one relation for one set of cells: relation, instance, check, about (what should hold), source and lines
    (where the numbers stand, the one the outcome is about first), verdict (holds, fails), kind (which explanation),
    printed, recomputed, sure (certain, likely, undecidable), bears_on, details, corrects (address → lowest and
    highest value that the other numbers allow), addresses, blames (those of the
    addresses that the failure is about), explained_by (the relation whose failure already accounts for this one, else
    empty). Failures come first, ranked by what they bear on and how
    sure they are. Raises RelationError for a declaration that cannot be used.
    """
    rows = [(*_check(relation), "") for relation in read_relations(relations_file, published, words)]
    return _ranked(_explained(pd.DataFrame(rows, columns=list(COLUMNS))))


def _explained(findings: pd.DataFrame) -> pd.DataFrame:
    """Failures about cells of a moved column, or of a percentage averaged over waves, refer to that finding."""
    findings = findings.copy()
    failed = findings["verdict"] == "fails"
    for kind in EXPLAINING:
        for place in findings.index[failed & (findings["kind"] == kind)]:
            cells = set(findings.at[place, "blames"])
            shares_a_cell = findings["blames"].map(lambda addresses, cells=cells: not cells.isdisjoint(addresses))
            open_ = failed & shares_a_cell & (findings["explained_by"] == "") & ~findings["kind"].isin(NEVER_EXPLAINED)
            findings.loc[open_, "explained_by"] = findings.at[place, "relation"]
    return findings


def check_one(relation: Relation) -> Outcome:
    """The outcome of one relation. Raises RelationError if no check is called what it names."""
    if relation.check not in CHECKS:
        raise RelationError(f"relation {relation.name}: no check is called {relation.check!r}")
    return CHECKS[relation.check](relation)


def _check(relation: Relation) -> tuple:
    found = check_one(relation)
    cells = [_subject(relation), *_cells(relation)]
    bases = {cell.address for cell in _cells(relation, lambda name: name in _BASES or name.startswith("base"))}
    sources = list(dict.fromkeys(cell.address.split("/")[0] for cell in cells))
    lines = list(dict.fromkeys(cell.line for cell in cells))
    return (
        relation.name, relation.instance, relation.check, relation.about, ", ".join(sources), lines, found.verdict,
        found.kind, found.printed, found.recomputed, found.sure, relation.bears_on, dict(found.details),
        {address: (wanted.low, wanted.high) for address, wanted in found.corrects.items()},
        tuple(dict.fromkeys(cell.address for cell in cells)),
        tuple(dict.fromkeys(cell.address for cell in cells if cell is cells[0] or cell.address not in bases)),
    )  # fmt: skip


def _subject(relation: Relation) -> Cell:
    named = [str(relation.options.get("result", "")), *map(str, relation.options.get("columns", [])), *_SUBJECTS]
    chosen = next((name for name in named if name in relation.cells), next(iter(relation.cells)))
    cell = relation.cells[chosen]
    return cell[0] if isinstance(cell, tuple) else cell


def _cells(relation: Relation, chosen: Callable[[str], bool] = lambda name: True) -> list[Cell]:
    """All cells of a relation, or those under the chosen names."""
    groups = [group for name, group in relation.cells.items() if chosen(name)]
    return [cell for group in groups for cell in (group if isinstance(group, tuple) else (group,))]


def _ranked(findings: pd.DataFrame) -> pd.DataFrame:
    order_of = {
        "verdict": {"fails": 0, "holds": 1},
        "rounding": {True: 1, False: 0},
        "bears_on": {name: place for place, name in enumerate(BEARS_ON)},
        "sure": {name: place for place, name in enumerate(_SURENESS)},
    }
    keys = findings.assign(rounding=findings["kind"] == "rounding")
    places = pd.DataFrame({name: keys[name].map(order) for name, order in order_of.items()})
    return findings.loc[places.sort_values(list(order_of), kind="stable").index].reset_index(drop=True)
