"""Where every number of a page comes from: a method that gave it, a setting, the print, a count, or the chapter itself.

A number is led back by its value: methods keep what they give (`methods.recording`). What no method gave is a number of
the study's settings, of its published report, a whole number of people or things counted, or was worked out by the
function of the chapter that made the result; that function is named for every result.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.frames.needs import unmet
from analysis.frames.trial import Trial, watch_what_is_made_once
from analysis.methods import recording
from analysis.methods.recording import Origin, first, known_as, origins_of
from analysis.published.prints import report_of

FILE = "trace.jsonl"
METHOD, SETTING, PRINT, COUNT, CHAPTER = KINDS = ("method", "setting", "print", "count", "chapter")
# Columns of frames that say where a number stands, if they are there; a figure names its own.
_PLACES = ("table", "row", "column", "statistic", "row_label", "column_label", "data", "kind")
_COUNTS = ("n", "count", "people")
# Numbers of a text that say when.
_TIMES = ("month", "year")
_LABELS = ("row", "column", "statistic", "panel", "group", "series", "arm", "category", "box", "wave", "month")


def anchor_of(kind: str, item: str) -> str:
    """Where a result stands on the page that leads its numbers back."""
    if kind in ("sentence", "text"):
        return f"text-{hashlib.sha256(item.encode()).hexdigest()[:10]}"
    return f"{kind}-{item}".replace(".", "-").replace("_", "-").lower()


def start() -> None:
    """Keep what methods give from now on, also for what is made once and used again."""
    recording.start()
    watch_what_is_made_once(recording.apart, recording.take_up)


def trace_of(trial: Trial, parameters: Mapping[str, Any], folder: Path | None, data: str) -> "Trace":
    """What leads the numbers of a page back, kept in its folder; without one nothing is kept."""
    if folder is None:
        return Trace(None)
    printed = report_of(trial).cells["value"] if unmet(trial, "published") is None else ()
    return Trace(folder / FILE, [trial.study, parameters], printed, parameters.get("conf_level", 0.95), data)


class Trace:
    """The numbers of one page, each result with where its numbers come from, one line each of a file; of none, nothing.

    settings: what the study and the page's parameters say. printed: numbers of the published report. level: that of the
    page's intervals. data: what data the page shows.
    """

    def __init__(
        self, path: Path | None, settings: Iterable[Any] = (), printed: Iterable[float] = (), level: float = 0.95,
        data: str = "",
    ) -> None:  # fmt: skip
        self._path, self._data = path, data
        self._settings = {known_as(number) for each in settings for number in _leaves(each)}
        self._level = known_as(100 * level)
        self._printed = {known_as(number) for number in printed}
        self._anchors: dict[str, str] = {}
        if path is not None:
            start()
            path.write_text("", encoding="utf-8")

    def of_frame(self, name: str, frame: pd.DataFrame, result: Any, places: Iterable[str] = ()) -> None:
        """Trace the numbers of a table, figure or listing as its download holds them."""
        if self._path is None:
            return
        numbers = [name for name in frame.select_dtypes("number") if name not in (*_PLACES, *places)]
        labels = [name for name in _LABELS if name in frame and name not in numbers]
        told = ((" · ".join(_label(row[label]) for label in labels), name, "count" if _counts(name) else "", row[name])
                for row in frame.to_dict("records") for name in numbers)  # fmt: skip
        self._item(type(result).__name__.lower(), name, result, told)

    def link(self, *items: str) -> str:
        """Where the numbers of the first of these that has any are led back; empty without one."""
        anchors = [self._anchors[item] for item in items if item in self._anchors]
        return f"../trace/{self._path.parent.name}.html#{anchors[0]}" if self._path and anchors else ""

    def of_text(self, kind: str, text: str, result: Any, numbers: Iterable[Any]) -> None:
        """Trace the numbers (`prose.Number`) of a sentence, a caption, a note or an alt text; the same text once."""
        if self._path is not None and text not in self._anchors:
            self._item(kind, text, result, (("", "", number.kind, number.value) for number in numbers))

    def _item(self, kind: str, name: str, result: Any, told: Iterable[tuple[str, str, str, float]]) -> None:
        origins: dict[tuple, int] = {}
        from_print = getattr(result, "from_print", False)
        numbers = [self._number(*each, from_print, origins) for each in told if pd.notna(each[3])]
        if numbers:
            self._anchors[name] = anchor_of(kind, name)
            made_by = getattr(result, "made_by", "")
            line = {"data": self._data, "kind": kind, "item": name, "made_by": made_by, "numbers": numbers,
                    "origins": [_as_json(*each) for each in origins]}  # fmt: skip
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}\n")

    def _number(
        self, place: str, name: str, counted: str, value: float, from_print: bool, origins: dict[tuple, int]
    ) -> list:
        """Place, name, value, kind of its origin and, where a method gave it, which and what it calls the number."""
        value = float(value)
        kind, origin = (PRINT, None) if from_print else self._origin(place, counted, value)
        if origin is None:
            return [place, name, float(f"{value:.10g}"), kind]
        answer = (origin.calls, origin.uses, origin.options, origin.about)
        return [place, name, float(f"{value:.10g}"), kind, origins.setdefault(answer, len(origins)), origin.name]

    def _origin(self, place: str, counted: str, value: float) -> tuple[str, Origin | None]:
        """Many answers hold the same whole number: one of them gave it only where it says the same of itself."""
        known, is_whole = known_as(value), value.is_integer()
        if counted in _TIMES or (counted and known == self._level):
            return SETTING, None
        likest, found = _likest(_of_methods(value) if counted != "count" else (), place)
        if found and (not is_whole or likest > 1):
            return METHOD, first(found)
        if is_whole:
            return COUNT, None
        return (SETTING if known in self._settings else PRINT if known in self._printed else CHAPTER), None


def _counts(name: str) -> bool:
    return name in _COUNTS or name.startswith("n_")


def _of_methods(value: float) -> list[Origin]:
    """The answers that hold the number, as it is, as a share of one or in millions, but for numbers of people."""
    for scale in (1.0,) if value.is_integer() else (1.0, 0.01, 100.0, 1e6):
        if found := [origin for origin in origins_of(value * scale) if not _counts(origin.name)]:
            return found
    return []


def _likest(origins: Collection[Origin], place: str) -> tuple[int, list[Origin]]:
    """The answers most of whose words about themselves stand where the number does, and how many words these are."""
    alike = {about: sum(word in place for _, word in about) for about in {origin.about for origin in origins}}
    most = max(alike.values(), default=0)
    return most, [origin for origin in origins if alike[origin.about] == most]


def _label(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _as_json(calls: tuple, uses: tuple, options: tuple, about: tuple) -> Mapping:
    return {"calls": calls, "uses": uses, "options": dict(options), "about": dict(about)}


def _leaves(setting: Any) -> Iterator[float]:
    """Every number of a setting, however deep."""
    if isinstance(setting, bool) or setting is None or isinstance(setting, str):
        return
    if isinstance(setting, (int, float)):
        yield float(setting)
        yield 100 * float(setting)
    elif is_dataclass(setting):
        for each in fields(setting):
            yield from _leaves(getattr(setting, each.name))
    elif isinstance(setting, Mapping):
        for each in (*setting.keys(), *setting.values()):
            yield from _leaves(each)
    elif isinstance(setting, (list, tuple, set, frozenset)):
        for each in setting:
            yield from _leaves(each)
