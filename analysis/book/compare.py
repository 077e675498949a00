"""Two built reports side by side: what they were made from, each number of their downloads, what their sentences say.

Numbers are compared as they stand in the files. A cell that is no number in one of them, such as a suppressed one, is
compared as the text that it is.
"""

import csv
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from analysis.book.packing import folders_with, record
from analysis.show.kept import SENTENCES, TEXTS

MANIFEST, NUMBERS = "provenance.json", "numbers.json"
# Columns that hold results; all others but what is only said of a row are its key.
_RESULTS = ("value", "estimate", "conf_low", "conf_high", "p_value", "std_error", "count", "n", "n_treated",
            "n_control", "start", "end", "printed")  # fmt: skip
_SAID = ("data", "kind", "row_label", "column_label", "text")
_ENDS = {"conf_low": 0, "ci_low": 0, "conf_high": 1, "ci_high": 1}
# Statistics that tell how sure or how many, not what was found.
_BESIDE = {*_ENDS, "p_value", "p", "std_error", "count", "n", "n_treated", "n_control", "printed"}

Key = tuple[str, ...]


class NoReport(ValueError):
    """A folder in which no report was built."""


@dataclass(frozen=True)
class Change:
    """One number that two reports tell differently.

    place: its download, the key of its row and its statistic. old, new: as the files have them. difference: new minus
    old, None where one is no number. weight: the difference measured by half the width of the old interval; without an
    interval by the larger of the two numbers; infinite where there is no difference to measure. is_estimate: whether it
    is what was found, rather than how sure or how many.
    """

    place: Key
    old: str
    new: str
    difference: float | None
    weight: float
    is_estimate: bool


@dataclass(frozen=True)
class Turn:
    """A sentence that says something else: place, directions and texts; a text is empty where one report lacks it."""

    place: Key
    old: str
    new: str
    old_direction: str = ""
    new_direction: str = ""

    @property
    def has_turned(self) -> bool:
        """Whether it is said in both, the other way round or by other rules."""
        return bool(self.old and self.new) and self.old_direction != self.new_direction


@dataclass(frozen=True)
class Report:
    """What one built report tells, read from its folder of pages."""

    html: Path

    @classmethod
    def of(cls, folder: Path) -> "Report":
        """The report in a folder given to `report --out`, or in its `html`. Raises NoReport if there is none."""
        html = folder / "html" if (folder / "html").is_dir() else folder
        if not (html / "results").is_dir():
            raise NoReport(f"{folder}: no built report here. Name the folder given to `report --out`.")
        return cls(html)

    @cached_property
    def made_from(self) -> dict[Key, str] | None:
        """Path → value of everything that the report says of data, parameters, code; None if it does not say it."""
        path = self.html / MANIFEST
        return dict(_flat(json.loads(path.read_text(encoding="utf-8")))) if path.is_file() else None

    @cached_property
    def chapters(self) -> set[str]:
        """Names of the chapters with results, those of a companion behind its folder."""
        results = self.html / "results"
        return {_name(folder, self.html) for name in (SENTENCES, TEXTS, NUMBERS)
                for folder in folders_with(results, name)}  # fmt: skip

    @cached_property
    def tables(self) -> dict[str, dict[Key, str]]:
        """Download → (key of a row and statistic) → the cell as it is written."""
        found = {_name(path.with_suffix(""), self.html): _cells(path)
                 for path in sorted((self.html / "results").rglob("*.csv"))}  # fmt: skip
        for path in sorted((self.html / "results").rglob(NUMBERS)):
            numbers = json.loads(path.read_text(encoding="utf-8"))["numbers"]
            found[_name(path.with_suffix(""), self.html)] = {(name,): str(value) for name, value in numbers.items()}
        return found

    def cell(self, place: Key) -> str:
        """The cell at a download, the key of a row and a statistic."""
        return self.tables[place[0]][place[1:]]

    @cached_property
    def sentences(self) -> dict[Key, Mapping]:
        """(chapter, key and number of the sentence among those of its key) → its record."""
        found: dict[Key, Mapping] = {}
        for folder in folders_with(self.html / "results", SENTENCES):
            seen: Counter[str] = Counter()
            for said in json.loads(record(folder, SENTENCES)):
                name = f"{said['chapter']}.{said['key']}"
                seen[name] += 1
                found[_name(folder, self.html), name, str(seen[name])] = said
        return found


def _name(path: Path, html: Path) -> str:
    return path.relative_to(html / "results").as_posix()


def _flat(node: object, path: Key = ()) -> Iterator[tuple[Key, str]]:
    if isinstance(node, Mapping):
        for name, below in node.items():
            yield from _flat(below, (*path, str(name)))
    elif isinstance(node, list):
        yield path, ", ".join(map(str, node))
    else:
        yield path, "" if node is None else str(node)


def _cells(path: Path) -> dict[Key, str]:
    """Each result of a download under the key of its row; rows of one key are told apart by their number."""
    found: dict[Key, str] = {}
    seen: Counter[Key] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            results = [name for name in _RESULTS if name in row and not (name == "value" and "estimate" in row)]
            key = tuple(text for name, text in row.items() if name not in (*results, *_SAID, "table"))
            seen[key] += 1
            which = key if seen[key] == 1 else (*key, str(seen[key]))
            told = {name: row[name] for name in results if row[name]} if results else {"": " · ".join(key)}
            found.update({which if name in ("value", "") else (*which, name): cell for name, cell in told.items()})
    return found


@dataclass(frozen=True)
class Comparison:
    """What differs between an old and a new report."""

    old: Report
    new: Report
    changes: list[Change] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs in anything that is compared."""
        alike = self.old.chapters == self.new.chapters and self.old.tables.keys() == self.new.tables.keys()
        return alike and not any((self.made_from, self.changes, self.new_rows, self.lost_rows, self.turns))

    @cached_property
    def made_from(self) -> list[tuple[Key, str, str]]:
        """(path, old, new) of what the reports were made from; nothing where one of them does not say it."""
        old, new = self.old.made_from, self.new.made_from
        if old is None or new is None:
            return []
        told = [(path, old.get(path, ""), new.get(path, "")) for path in {**old, **new}]
        return [(path, was, now) for path, was, now in told if was != now]

    @cached_property
    def numbers(self) -> int:
        """How many numbers both reports tell."""
        return sum(len(self.old.tables[name].keys() & self.new.tables[name].keys()) for name in self.shared)

    @cached_property
    def shared(self) -> list[str]:
        """The downloads that both have."""
        return [name for name in self.old.tables if name in self.new.tables]

    @cached_property
    def new_rows(self) -> list[Key]:
        """Places of numbers that only the new report has, in downloads that both have."""
        return [place for place in _places(self.new, self.shared) if place[1:] not in self.old.tables[place[0]]]

    @cached_property
    def lost_rows(self) -> list[Key]:
        """Places of numbers that only the old report has, in downloads that both have."""
        return [place for place in _places(self.old, self.shared) if place[1:] not in self.new.tables[place[0]]]

    @cached_property
    def turns(self) -> list[Turn]:
        """Sentences that only one has, or that differ in more than their numbers; those that turned come first."""
        old, new = self.old.sentences, self.new.sentences
        shared = [place for place in {**old, **new} if _words(old.get(place)) != _words(new.get(place))]
        turns = [Turn(place, _text(old, place), _text(new, place), _direction(old, place), _direction(new, place))
                 for place in shared]  # fmt: skip
        return sorted(turns, key=lambda turn: not turn.has_turned)


def compare(old: Path, new: Path) -> Comparison:
    """Both reports side by side; the changes that matter most come first. Raises NoReport for a folder without one, or
    with one whose files cannot be read."""
    found = Comparison(Report.of(old), Report.of(new))
    try:
        pairs = [(name, found.old.tables[name], found.new.tables[name]) for name in found.shared]
        _ = found.is_equal  # reads all there is
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise NoReport(
            f"{old} or {new}: a file is not as a build writes it ({error}). Build the report again."
        ) from error
    changes = [change for pair in pairs for change in _changes(*pair)]
    found.changes.extend(sorted(changes, key=lambda change: (not change.is_estimate, -change.weight, change.place)))
    return found


def _places(report: Report, names: Iterable[str]) -> Iterator[Key]:
    return ((name, *key) for name in names for key in report.tables[name])


def _changes(name: str, old: Mapping[Key, str], new: Mapping[Key, str]) -> Iterator[Change]:
    for key in old.keys() & new.keys():
        if old[key] != new[key]:
            numbers = _number(old[key]), _number(new[key])
            gap = None if None in numbers else numbers[1] - numbers[0]
            yield Change((name, *key), old[key], new[key], gap, _weight(gap, numbers, _half_width(key, old)),
                         key[-1] not in _BESIDE)  # fmt: skip


def _weight(gap: float | None, numbers: tuple, half_width: float | None) -> float:
    if gap is None:
        return math.inf
    scale = half_width or max(map(abs, numbers))
    return abs(gap) / scale if scale else 0.0


def _half_width(key: Key, cells: Mapping[Key, str]) -> float | None:
    """Half the width of the interval that stands in the row of a number, or beside a number of a table."""
    for low, high in (("conf_low", "conf_high"), ("ci_low", "ci_high")):
        ends = [_number(cells.get((*key[:-1], end), "")) for end in (low, high)]
        if None not in ends:
            return (ends[1] - ends[0]) / 2
    return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _words(record: Mapping | None) -> tuple | None:
    """What a sentence says without its numbers: its direction, its outline, and the words put in."""
    if record is None:
        return None
    words = {name: value for name, value in record.get("values", {}).items() if isinstance(value, str)}
    return record.get("direction"), record.get("outline", record["text"]), words


def _text(sentences: Mapping[Key, Mapping], place: Key) -> str:
    return sentences[place]["text"] if place in sentences else ""


def _direction(sentences: Mapping[Key, Mapping], place: Key) -> str:
    return str(sentences.get(place, {}).get("direction") or "")
