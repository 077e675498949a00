"""How results are written in files: what these are called, and numbers so that two machines write the same bytes."""

import json
import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from analysis.show.prose import HIDDEN
from analysis.study.escaping import cells
from analysis.study.settings import Study

SIGNIFICANT_DIGITS = 10


def json_bytes(content: Any) -> bytes:
    """Content as the bytes of a JSON file."""
    return f"{_json(content)}\n".encode()


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


class JsonList:
    """A list that grows, one entry a key, and can be had as `json_bytes` at any time without encoding an entry anew."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, str] = {}

    def put(self, key: Hashable, content: Any) -> None:
        """Add the entry, or replace the one of that key in its place."""
        self._entries[key] = _json(content).replace("\n", "\n ")

    def __bytes__(self) -> bytes:
        return ("[\n " + ",\n ".join(self._entries.values()) + "\n]\n").encode()


def rounded(content: Any) -> Any:
    """Plain content whose numbers are rounded as in other files, missing ones null."""
    if isinstance(content, float):
        return None if math.isnan(content) else significant(content)
    if isinstance(content, Mapping):
        return {name: rounded(value) for name, value in content.items()}
    return [rounded(value) for value in content] if isinstance(content, list) else content


def significant(value: float) -> float:
    """Rounded to ten significant digits, so that the last bits of a machine do not show in files."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def as_written(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with its numbers as files have them, and its texts as a spreadsheet takes them for texts."""
    return cells(frame.assign(**{column: frame[column].map(significant) for column in frame.select_dtypes("floating")}))


def with_hidden(frame: pd.DataFrame, hidden: pd.DataFrame | None) -> pd.DataFrame:
    """The frame with `prose.HIDDEN` for each number that must not be told."""
    if hidden is None:
        return frame
    marked = {name: frame[name].astype(object).mask(hidden[name], HIDDEN) for name in hidden if hidden[name].any()}
    return frame.assign(**marked)


def public_name(study: Study, chapter: str, name: str, part: str = "") -> str:
    """What a table or figure is called in downloads and links: as the study's published report calls it, if so."""
    printed = study.as_printed.tables if study.as_printed else {}
    whole = f"{name}_{part}" if part else name
    for known, suffix in ((whole, ""), (name, f"_{part}" if part else "")):
        if f"{chapter}.{known}" in printed:
            return printed[f"{chapter}.{known}"] + suffix
    return whole
