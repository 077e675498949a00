"""Attack a finished report: what an outsider can work out from all that its files tell, and earlier releases told.

What is told is read from the files that would leave: downloads, key numbers and sentences. How the counts hang together
is found anew, by running the code of the executed notebooks on the study and on random halves of its people; nothing of
what the build knew is used. Then the least and the greatest value of each count that must not be told is worked out.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd

from analysis.book import releases
from analysis.book.failures import Failure, ReportFailed
from analysis.book.packing import record
from analysis.book.parameters import with_values
from analysis.book.rehearsal import HALVES, rehearsed
from analysis.frames.trial import Trial
from analysis.show.disclosure.attack import exposed, ranges
from analysis.show.disclosure.in_halves import Heard, nobodys_of
from analysis.show.disclosure.plan import system_of
from analysis.show.disclosure.policy import FILE
from analysis.show.disclosure.told import NOBODYS, Address, is_in_words
from analysis.show.files import public_name
from analysis.show.kept import IN_WORDS
from analysis.show.prose import HIDDEN
from analysis.study.settings import Study


@dataclass(frozen=True)
class Attacked:
    """counts: of people that the report can tell; told: those that its files or earlier releases tell.

    bounds: for each count of a few people a place where it would stand, and the least and greatest value that it can
    have; None for no greatest. found_out: places of what can be worked out. nobodys: cells of downloads that are about
    nobody, as file, row and column; no row for a whole file.
    """

    counts: int
    told: int
    bounds: tuple[tuple[str, int, int | None], ...]
    found_out: tuple[str, ...]
    nobodys: frozenset[tuple[Path, int | None, str]] = field(default=frozenset(), repr=False)


def attack(out: Path, trial: Trial, halves: int = HALVES) -> Attacked:
    """Attack the report of a study in a folder given to `report --out`; ReportFailed without its executed notebooks."""
    if not (programs := list(_programs(out, trial))):
        raise ReportFailed([Failure(str(out / "executed"), "no executed notebooks of this study: nothing to attack")])
    everybody, parts = rehearsed(trial, programs, halves)
    smallest = trial.study.smallest_group
    counts, rows = system_of(everybody, parts, smallest, releases.earlier(trial, halves))
    files = Files(out / "html" / "results", trial.study, everybody)
    told = np.zeros(len(counts.values), bool)
    places: dict[int, Address] = {}
    for address, own in rows.items():
        told[own] |= files.tell(address)
        places |= {row: address for row in own if row not in places}
    hidden = counts.shown & ~told & ~counts.known
    few = np.flatnonzero(counts.sensitive(smallest) & ~counts.known)
    low, high = ranges(counts, hidden, few.tolist())
    bounds = tuple((_place(places, row), int(low[row]), int(high[row]) if high[row] < np.inf else None) for row in few)
    found = tuple(_place(places, row) for row in exposed(counts, hidden, smallest))
    nobodys = files.cells(everybody, nobodys_of(everybody, parts))
    return Attacked(int(counts.shown.sum()), int((counts.shown & ~hidden).sum()), bounds, found, nobodys)


def _place(places: Mapping[int, Address], row: int) -> str:
    return " / ".join(filter(None, places.get(int(row), ("a difference of numbers that are told",))))


def _programs(out: Path, trial: Trial) -> Iterator[list[str]]:
    """The code of the executed notebooks of the study, with the parameters that they ran with."""
    for path in sorted((out / "executed").glob(f"*/*/{FILE}")):
        plan = json.loads(path.read_bytes())
        if plan["study"] == trial.study.name:
            read = nbformat.read(path.with_name(f"{plan['page']}.ipynb"), as_version=4)
            notebook = with_values(read, {"study": str(trial.folder), "results": None})
            yield [cell.source for cell in notebook.cells if cell.cell_type == "code"]


class Files:
    """What the downloads, key numbers and words of a report tell, by the addresses of a rehearsal.

    What stands in no file is not told. What should stand in one, but is not found there, counts as told.
    """

    def __init__(self, results: Path, study: Study, heard: Iterable[Address]) -> None:
        self.results, self.study = results, study
        self.rows: dict[Address, dict[Address, int]] = {}
        for address in heard:
            of_result = self.rows.setdefault(address[:3], {})
            if address[1] == "listing" or not is_in_words(address):
                of_result.setdefault(_row_and_column(address)[0], len(of_result))
        self.json = cache(self._json)
        self.frame = cache(self._frame)
        self.in_words = cache(self._in_words)

    def tell(self, address: Address) -> bool:
        """Whether the files tell the number at an address."""
        page, sort, name = address[:3]
        if sort == "number":
            return self.json(page, "numbers.json").get("numbers", {}).get(name) is not None
        if is_in_words(address) and (address in self.in_words(page) or not self.in_words(page)):
            return (self.results / page).is_dir()
        frame = self.frame(page, name) if _is_cell(address) else None
        return frame is not None and self._in_frame(frame, address)

    def _in_words(self, page: str) -> frozenset[Address]:
        """The numbers that the words of a page tell: those of sentences, captions, notes and cells with words."""
        return frozenset(tuple(told["at"]) for told in self.json(page, IN_WORDS))

    def _in_frame(self, frame: pd.DataFrame, address: Address) -> bool:
        rows, (place, column) = self.rows[address[:3]], _row_and_column(address)
        if address[1] == "listing" and column not in frame:  # the download calls it otherwise: a frame of its own
            return False
        if len(rows) != len(frame) or column not in frame:
            return True
        cell = frame[column].iloc[rows[place]]
        return cell not in ("", HIDDEN) and any(map(str.isdigit, cell))

    def cells(self, heard: Heard, addresses: Collection[Address]) -> frozenset[tuple[Path, int | None, str]]:
        """The cells of downloads that hold the numbers at some addresses; all of a file that tells tallies alone."""
        sorts: dict[Address, set[str]] = {}
        for address, told in heard.items():
            sorts.setdefault(address[:3], set()).update(each.sort for each in told)
        found: set[tuple[Path, int | None, str]] = set()
        for address in addresses:
            page, sort, name = address[:3]
            path = self.file(page, name) if sort not in ("number", "says") else None
            if path is None or not _is_cell(address):
                continue
            if sorts[address[:3]] == {NOBODYS}:
                found.add((path, None, ""))
                continue
            rows, (place, column) = self.rows[address[:3]], _row_and_column(address)
            frame = self.frame(page, name)
            if len(rows) == len(frame) and column in frame:  # a listing shows what its download calls otherwise
                found.add((path, rows[place], column))
        return frozenset(found)

    def file(self, page: str, name: str) -> Path | None:
        """The download of a result; one of several parts is called as the whole and the part."""
        parts = name.split("_")
        called = [(name, ""), *(("_".join(parts[:at]), "_".join(parts[at:])) for at in range(len(parts) - 1, 0, -1))]
        paths = (self.results / page / f"{public_name(self.study, page, *each)}.csv" for each in called)
        return next(filter(Path.is_file, paths), None)

    def _frame(self, page: str, name: str) -> pd.DataFrame | None:
        path = self.file(page, name)
        return path and pd.read_csv(path, dtype=str, keep_default_na=False)

    def _json(self, page: str, name: str) -> Any:
        return json.loads(record(self.results / page, name) or b"{}")


def _is_cell(address: Address) -> bool:
    """Whether a number is all that a cell of a download holds."""
    if address[1] == "listing":
        return len(address) == len(_row_and_column(address)[0]) + 1
    return not is_in_words(address)


def _row_and_column(address: Address) -> tuple[Address, str]:
    """What a row of a download is known by, and the column of the number in it."""
    if address[1] == "table":
        return address, "value"
    if address[1] != "listing":
        return address[:-1], address[-1]
    known_by = 5 if address[4].isdigit() else 4  # the second, third row of the same words has its number behind them
    return address[:known_by], address[known_by]
