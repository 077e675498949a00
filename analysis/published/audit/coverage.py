"""Which printed numbers a check bears on, and why none bears on the rest."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from analysis.published.audit.rechecking import cells_of
from analysis.published.audit.relations import Relation, RelationError, cells_by_address
from analysis.study.yaml_files import read_yaml

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
    a check by reason; a report may have no such file. Raises RelationError listing every entry that is no reason, no
    printed number, listed twice or has a check after all.
    """
    cells = cells_by_address(published)
    checks: dict[str, set[str]] = {address: set() for address in cells}
    for relation in relations:
        for cell in cells_of(relation):
            checks[cell.address].add(relation.check)
    why = _reasons(reasons, checks)
    rows = [
        (address, cell.line, tuple(sorted(checks[address])), CHECKED if checks[address] else why.get(address, ""))
        for address, cell in cells.items()
    ]
    return pd.DataFrame(rows, columns=["address", "line", "checks", "why"])


def _reasons(path: Path, checks: Mapping[str, set[str]]) -> dict[str, str]:
    listed = (read_yaml(path) or {}) if path.is_file() else {}
    pairs = [(reason, address) for reason, addresses in listed.items() for address in addresses or ()]
    addresses = [address for _, address in pairs]
    problems = [f"{reason} is no reason; one of {', '.join(REASONS)}" for reason in listed if reason not in REASONS]
    problems += [f"the report prints no {address}" for address in addresses if address not in checks]
    problems += [f"{address} has a check ({', '.join(sorted(checks[address]))}), so it needs no reason"
                 for address in addresses if checks.get(address)]  # fmt: skip
    problems += [f"{address} is listed twice" for address in dict.fromkeys(addresses) if addresses.count(address) > 1]
    if problems:
        raise RelationError("\n".join(f"{path.name}: {problem}" for problem in problems))
    return {address: reason for reason, address in pairs}


def by_source(covered: pd.DataFrame) -> pd.DataFrame:
    """Numbers by place in the report: all, checked, one column a reason, and `neither`; one row a place."""
    source = covered["address"].str.split("/").str[0]
    counts = pd.crosstab(source, covered["why"].replace("", "neither"), dropna=False)
    counts = counts.reindex(index=source.unique(), columns=[CHECKED, *REASONS, "neither"], fill_value=0)
    return counts.assign(numbers=counts.sum(axis=1))
