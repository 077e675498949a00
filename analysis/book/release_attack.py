"""Attack a finished report: what an outsider can work out from all that its files tell, and earlier releases told.

What is told is read from the files that would leave: downloads, key numbers and sentences. How the counts hang together
is found anew, by running the code of the executed notebooks on the study and on random halves of its people; nothing of
what the build knew is used. Then the least and the greatest value of each count that must not be told is worked out.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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
from analysis.show.disclosure.plan import system_of
from analysis.show.disclosure.policy import FILE
from analysis.show.disclosure.told import Address
from analysis.show.files import public_name
from analysis.show.kept import SENTENCES
from analysis.show.prose import HIDDEN
from analysis.study.settings import Study


@dataclass(frozen=True)
class Attacked:
    """counts: of people that the report can tell; told: those that its files or earlier releases tell.

    bounds: for each count of a few people a place where it would stand, and the least and greatest value that it can
    have; None for no greatest. found_out: places of what can be worked out.
    """

    counts: int
    told: int
    bounds: tuple[tuple[str, int, int | None], ...]
    found_out: tuple[str, ...]


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
    return Attacked(int(counts.shown.sum()), int((counts.shown & ~hidden).sum()), bounds, found)


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
    """What the downloads, key numbers and sentences of a report tell, by the addresses of a rehearsal.

    What stands in no file is not told. What should stand in one, but is not found there, counts as told.
    """

    def __init__(self, results: Path, study: Study, heard: Iterable[Address]) -> None:
        self.results, self.study = results, study
        self.rows: dict[Address, dict[Address, int]] = {}
        for address in heard:
            of_result = self.rows.setdefault(address[:3], {})
            if address[3:4] not in (("words",), ("n",)):
                place = address if address[1] == "table" else address[:-1]
                of_result.setdefault(place, len(of_result))
        self.json = cache(self._json)
        self.frame = cache(self._frame)

    def tell(self, address: Address) -> bool:
        """Whether the files tell the number at an address."""
        page, sort, name = address[:3]
        if sort == "number":
            return self.json(page, "numbers.json").get("numbers", {}).get(name) is not None
        if sort == "says":
            return any(_said(sentence, address) for sentence in self.json(page, SENTENCES))
        if (frame := self.frame(page, name)) is None:
            return False
        if address[3:4] in (("words",), ("n",)):
            return True
        return self._in_frame(frame, address)

    def _in_frame(self, frame: pd.DataFrame, address: Address) -> bool:
        rows = self.rows[address[:3]]
        place, column = (address, "value") if address[1] == "table" else (address[:-1], address[-1])
        if len(rows) != len(frame) or column not in frame:
            return True
        cell = frame[column].iloc[rows[place]]
        return cell not in ("", HIDDEN) and any(map(str.isdigit, cell))

    def _frame(self, page: str, name: str) -> pd.DataFrame | None:
        path = self.results / page / f"{public_name(self.study, page, name)}.csv"
        return pd.read_csv(path, dtype=str, keep_default_na=False) if path.is_file() else None

    def _json(self, page: str, name: str) -> Any:
        return json.loads(record(self.results / page, name) or b"{}")


def _said(sentence: Mapping[str, Any], address: Address) -> bool:
    """Whether a sentence of the files tells the number: one of its key holds a number under the last of its names."""
    if sentence["key"] != address[3]:
        return False
    values = list(_values(sentence["values"], address[-1]))
    return not values or any(isinstance(value, int | float) for value in values)


def _values(values: Any, name: str) -> Iterator[Any]:
    if isinstance(values, Mapping):
        for key, value in values.items():
            if key == name:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from _values(value, name)
    elif isinstance(values, list):
        for place, value in enumerate(values):
            if str(place) == name and not isinstance(value, Mapping | list):
                yield value
            yield from _values(value, name)
