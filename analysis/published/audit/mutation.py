"""How many planted errors the audit finds, in a twin of the report whose numbers agree."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.published.audit.cells import Cell, cells_by_address
from analysis.published.audit.planting import LAST_UNITS, plants
from analysis.published.audit.rechecking import Recheck, with_cells
from analysis.published.audit.relations import Relation
from analysis.study.problems import Problem, StudyProblems
from analysis.study.yaml_files import read_yaml


@dataclass(frozen=True)
class Recall:
    """What was planted and found.

    planted: one row a planted error: kind, source, address (the first of the numbers changed), checked (the checks
    that are about a changed number), found_by (those of them that fail then), as_finding (whether one of these failures
    is more than a slip in the last digit of one number). relations: how many hold in the twin. left_out: names of
    relations that fail in it and were left out.
    """

    planted: pd.DataFrame
    relations: int
    left_out: tuple[str, ...]


def twin_of(published: pd.DataFrame, path: Path) -> dict[str, Cell]:
    """Address → number in a twin of the report that agrees with itself: as printed, but for the numbers of `path`.

    The file says of what contradicts other numbers how it would read without the contradiction (address: number);
    without a file the twin is the print. Raises StudyProblems naming addresses that the report does not print.
    """
    cells = cells_by_address(published)
    put_right = (read_yaml(path) or {}) if path.is_file() else {}
    if unknown := [str(address) for address in put_right if address not in cells]:
        fault = ("not_printed", "The report prints no such number.", "Correct the address.")
        raise StudyProblems(path.parent, [Problem(path.name, None, address, *fault) for address in unknown])
    return {**cells, **{address: _put_right(cells[address], value) for address, value in put_right.items()}}


def _put_right(cell: Cell, value: float) -> Cell:
    decimals = len(repr(float(value)).partition(".")[2].rstrip("0"))
    return replace(cell, value=float(value), decimals=max(cell.decimals, decimals))


def measure(
    relations: Iterable[Relation],
    twin: Mapping[str, Cell],
    outcome_of: Callable,
    number: int,
    seed: int,
    tell: Callable[[int], None] = lambda done: None,
) -> Recall:
    """Plant so many errors in the twin, one at a time, and check again what touches the changed numbers.

    `outcome_of` gives what a relation finds; `tell` hears how many are done. The same seed plants the same errors.
    """
    recheck = Recheck([with_cells(relation, twin) for relation in relations], outcome_of)
    rows = []
    for done, plant in enumerate(plants(twin, number, np.random.default_rng(seed)), 1):
        checked, failed = recheck.failures(plant.changed)
        address = next(iter(plant.changed))
        rows.append((plant.kind, plant.source, address, frozenset(checked), frozenset(failed), any(failed.values())))
        tell(done)
    left_out = dict.fromkeys(relation.name for relation in recheck.left_out)
    frame = pd.DataFrame(rows, columns=["kind", "source", "address", "checked", "found_by", "as_finding"])
    return Recall(frame, len(recheck.relations), tuple(left_out))


def by_kind(planted: pd.DataFrame) -> pd.DataFrame:
    """Planted and found by kind of error; one row a kind: planted, found, recall."""
    return _counted(planted, planted["kind"])


def by_table(planted: pd.DataFrame) -> pd.DataFrame:
    """Planted and found by place, one row a place: of every kind, and of three last units (`units_…`)."""
    units = planted[planted["kind"] == LAST_UNITS]
    return _counted(planted, planted["source"]).join(_counted(units, units["source"]).add_prefix("units_"))


def in_tables(planted: pd.DataFrame) -> tuple[float, float]:
    """Shares of planted changes of three last units in table cells: found, and as more than a slip; NaN without any."""
    units = planted[(planted["kind"] == LAST_UNITS) & planted["source"].str.startswith("table")]
    return float(_found(units).mean()), float(units["as_finding"].astype(float).mean())


def by_check(planted: pd.DataFrame) -> pd.DataFrame:
    """Recall by kind of check, one row a check: errors in numbers it is about, found by it, found by nothing else."""
    names = sorted({name for checks in planted["checked"] for name in checks})
    rows = []
    for name in names:
        about = planted[[name in checks for checks in planted["checked"]]]
        found = about[[name in checks for checks in about["found_by"]]]
        alone = int((found["found_by"].map(len) == 1).sum())
        rows.append((name, len(about), len(found), len(found) / len(about), alone))
    return pd.DataFrame(rows, columns=["check", "planted", "found", "recall", "alone"]).set_index("check")


def out_of_reach(planted: pd.DataFrame) -> tuple[float, float]:
    """Shares of planted errors that were missed: in numbers no other printed number bears on, and within rounding."""
    unchecked = planted["checked"].map(len) == 0
    return float(unchecked.mean()), float((~unchecked & ~_found(planted)).mean())


def report(recall: Recall, seed: int) -> list[str]:
    """What was measured, as lines to print."""
    planted, found = recall.planted, _found(recall.planted)
    unchecked, within = out_of_reach(planted)
    units = "{:.1%} found, {:.1%} as more than a slip in the last digit".format(*in_tables(planted))
    shares = {"recall": "{:.2f}".format, "units_recall": "{:.2f}".format}
    left_out = f"; {len(recall.left_out)} cannot hold with the others: {', '.join(recall.left_out) or 'none'}"
    return [
        f"{len(planted)} errors planted with seed {seed}: {found.mean():.1%} found, "
        f"{planted['as_finding'].mean():.1%} as more than a slip in the last digit",
        f"clean twin: {recall.relations} relations, none fails{left_out}",
        "", "By kind of error", by_kind(planted).to_string(formatters=shares),
        "", "By kind of check (alone: found by no other check)", by_check(planted).to_string(formatters=shares),
        "", "By place (units: changes of three last units)", by_table(planted).to_string(formatters=shares),
        "", f"Changes of three last units in table cells: {units}",
        f"Missed: {unchecked:.1%} of all in numbers that no printed number bears on, "
        f"{within:.1%} in numbers whose checks leave so much open",
    ]  # fmt: skip


def _found(planted: pd.DataFrame) -> pd.Series:
    return planted["found_by"].map(len) > 0


def _counted(planted: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    found = _found(planted).groupby(group, sort=False)
    counts = pd.DataFrame({"planted": found.size(), "found": found.sum().astype(int)})
    return counts.assign(recall=counts["found"] / counts["planted"]).sort_index()
