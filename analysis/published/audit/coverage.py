"""Which printed numbers a check bears on, and why none bears on the rest."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from analysis.published.audit.cells import cells_by_address
from analysis.published.audit.relations import Relation
from analysis.study.problems import Problem, StudyProblems
from analysis.study.yaml_files import read_document

CHECKED = "checked"
# Why no other printed number can bear on a number.
REASONS = {
    "stated_once": "stated in one place; no other printed number follows from it or bounds it",
    "taken_over": "taken over from a law, a rate or another publication",
    "definition": "part of the definition of an instrument or a measure",
    "quotation": "said by somebody the report quotes",
}


def coverage(published: pd.DataFrame, relations: Sequence[Relation], reasons: Path) -> pd.DataFrame:
    """Every printed number and what answers for it.

    One row is one printed number, in the report's order: address, line, checks (the names of the checks about it),
    why (`checked`, a key of REASONS, or empty where there is neither). `reasons` lists the addresses of numbers without
    a check by reason; a report may have no such file. Raises StudyProblems with every entry that is no reason or no
    printed number, stands twice, or has a check after all.
    """
    cells = cells_by_address(published)
    checks: dict[str, set[str]] = {address: set() for address in cells}
    for relation in relations:
        for cell in relation.all_cells():
            checks[cell.address].add(relation.check)
    why = _reasons(reasons, checks) if reasons.is_file() else {}
    rows = [
        (address, cell.line, tuple(sorted(checks[address])), CHECKED if checks[address] else why.get(address, ""))
        for address, cell in cells.items()
    ]
    return pd.DataFrame(rows, columns=["address", "line", "checks", "why"])


def _reasons(path: Path, checks: Mapping[str, set[str]]) -> dict[str, str]:
    document = read_document(path)
    problems, why = list(document.repeated), {}
    for reason, addresses in (document.content or {}).items():
        for place, address in enumerate(addresses or ()):
            if fault := _fault(reason, address, checks, why):
                problems.append(Problem(path.name, document.line((reason, place)), str(reason), *fault))
            why[address] = reason
    if problems:
        raise StudyProblems(path.parent, problems)
    return why


def _fault(reason: str, address: str, checks: Mapping[str, set[str]], seen: Mapping) -> tuple[str, str, str] | None:
    """Kind, cause and remedy of what is wrong with one entry, if anything is."""
    if reason not in REASONS:
        return "unknown_value", f"{reason!r} is no reason.", f"Choose one of {', '.join(REASONS)}."
    if address not in checks:
        return "not_printed", f"The report prints no {address}.", "Correct the address."
    if checks[address]:
        by = ", ".join(sorted(checks[address]))
        return "has_a_check", f"{address} has a check ({by}).", "A number with a check needs no reason: delete it here."
    return ("repeated", f"{address} stands here twice.", "Delete one.") if address in seen else None


def by_source(covered: pd.DataFrame) -> pd.DataFrame:
    """Numbers by place in the report: all, checked, one column a reason, and `neither`; one row a place."""
    source = covered["address"].str.split("/").str[0]
    counts = pd.crosstab(source, covered["why"].replace("", "neither"), dropna=False)
    counts = counts.reindex(index=source.unique(), columns=[CHECKED, *REASONS, "neither"], fill_value=0)
    return counts.assign(numbers=counts.sum(axis=1))


def report(covered: pd.DataFrame) -> list[str]:
    """Numbers by place, those that have neither check nor reason one by one, and the sum, as lines to print."""
    open_ = covered[covered["why"] == ""]
    checked = int((covered["why"] == CHECKED).sum())
    rest = len(covered) - checked - len(open_)
    return [
        by_source(covered).to_string(),
        *(f"line {row['line']}: {row['address']} has neither a check nor a reason" for _, row in open_.iterrows()),
        f"{len(covered)} numbers: {checked} with a check, {rest} with a reason for none, {len(open_)} with neither",
    ]
