"""Columns of a report with numbers printed in another row, from `moved.yml` beside its printed numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.study.problems import Problem
from analysis.study.yaml_files import YamlProblems, read_document

FILE = "moved.yml"
KNOWN_BY = COUNTS, ORDER, ASSUMED = ("counts", "order", "assumed")
_KEYS = ("counts", "known_by", "from")


@dataclass(frozen=True)
class MovedRow:
    """One row of one column of a printed table, and whose numbers stand there.

    printed: the row of the print. counts: the row whose numbers these are. known_by: counts, order or assumed, as the
    head of the file explains. evidence: addresses of the counts elsewhere in the report that say so.
    """

    source: str
    column: str
    printed: str
    counts: str
    known_by: str
    evidence: tuple[str, ...] = ()


def read_moved(path: Path, printed: frozenset[str] | None = None) -> tuple[MovedRow, ...]:
    """The moved rows of a report, in the order of the file; none without the file.

    `printed`: addresses of the report's numbers, to refuse a row or a piece of evidence that it does not print. Raises
    YamlProblems with every fault of the file and its line.
    """
    if not path.is_file():
        return ()
    document = read_document(path)
    content = document.content or {}
    found = [*document.repeated]
    for column, place, cause in _faults(content, printed):
        line = document.line((column, *place))
        found.append(Problem(path.name, line, ".".join((column, *place)), "moved_row", cause, "Correct this line."))
    if found:
        raise YamlProblems(tuple(found))
    return tuple(
        MovedRow(*address.split("/"), row, entry["counts"], entry["known_by"], tuple(entry.get("from", ())))
        for address, rows in content.items()
        for row, entry in rows.items()
    )


def _faults(content: Mapping, printed: frozenset[str] | None) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for column, rows in content.items():
        source, _, name = str(column).partition("/")
        seen: set[str] = set()
        for row, entry in rows.items():
            for key, cause in _faults_of(entry, seen):
                yield column, (row, key), cause
            addresses = [f"{source}/{row}/{name}/n", *entry.get("from", ())]
            for address in addresses if printed is not None else ():
                if address not in printed:
                    yield column, (row,), f"The report prints no {address}."
            seen.add(entry.get("counts", ""))


def _faults_of(entry: Mapping, seen: set[str]) -> Iterator[tuple[str, str]]:
    yield from ((key, f"No such key; allowed are {', '.join(_KEYS)}.") for key in entry if key not in _KEYS)
    yield from ((key, f"The key {key} is missing.") for key in _KEYS[:2] if key not in entry)
    if entry.get("known_by", COUNTS) not in KNOWN_BY:
        yield "known_by", f"It is one of {', '.join(KNOWN_BY)}."
    if entry.get("counts") in seen:
        yield "counts", f"The numbers of {entry['counts']} cannot stand in two rows."


def printed_row(moved: Sequence[MovedRow], source: str, column: str, row: str) -> str | None:
    """The row of the print in which the numbers of a row stand; None when they are not printed at all."""
    own = [each for each in moved if (each.source, each.column) == (source, column)]
    for each in own:
        if each.counts == row:
            return each.printed
    return None if any(each.printed == row for each in own) else row


def with_moved(card: pd.DataFrame, computed: pd.DataFrame, moved: Sequence[MovedRow]) -> pd.DataFrame:
    """The scorecard with three more columns about numbers that were printed in another row.

    counts: the row whose number it is, empty where it stands in its own. known_by: how that is known. computed_there:
    the computed number of that row, NaN where there is none. `computed` has source, row, column, statistic and value.
    """
    rows = {(each.source, each.column, each.printed): each for each in moved if each.counts != each.printed}
    found = [rows.get(key) for key in card[["source", "column", "row"]].itertuples(index=False, name=None)]
    card = card.assign(
        counts=[each.counts if each else "" for each in found],
        known_by=[each.known_by if each else "" for each in found],
    )
    keys = ["source", "counts", "column", "statistic"]
    there = computed.rename(columns={"row": "counts", "value": "computed_there"})[[*keys, "computed_there"]]
    return card.merge(there.drop_duplicates(keys), on=keys, how="left")
