"""A table as its file has it: cells as text by line or row, and the text that stands for a value of another program."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from analysis.study.problems import Problem
from analysis.study.table_files.forms import told_forms

MIDNIGHT = time()


@dataclass(frozen=True)
class RawTable:
    """A table before anything of the contract.

    file: the name that problems give it. cells: text, one row a row of the table, indexed by its line (text files,
    where the header has one, too) or its number; missing where the cell is empty. Dates are YYYY-MM-DD, flags true or
    false and numbers have a decimal point where the file has them as such; a text file has its cells as they are. Its
    columns are named as in the file, where names may repeat. problems: of rows that could not be laid out, which are
    not among the cells, or why there is no table: then there are no columns. labels: value labels, by column and by
    text of the value. header_row: line or row of the header, None where the format has none. plain: a point in a number
    begins decimals whatever the other numbers look like. seen: the format.
    """

    file: str
    cells: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    header_row: int | None = None
    plain: bool = True
    seen: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.cells.columns)

    @property
    def told(self) -> str:
        """One line that says what was recognised: rows, format, and how dates, numbers and gaps are written."""
        rows = f"{len(self.cells):,} row{'' if len(self.cells) == 1 else 's'}"
        return f"{self.file}: " + (
            "not read" if self.problems else ", ".join([rows, *self.seen, *told_forms(self.cells)])
        )


@dataclass(frozen=True)
class Content:
    """What a reader of one format gives: names, columns of text, the line or number of each row, and what it saw.

    flaws: of rows that are left out.
    """

    header: Sequence[str]
    columns: Sequence[Sequence[str | None]]
    rows: Sequence[int]
    seen: Sequence[str] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    header_row: int | None = None
    plain: bool = True
    flaws: Sequence["Flaw"] = ()


@dataclass(frozen=True)
class Flaw:
    """Why a file cannot be read: a problem without its file."""

    kind: str
    cause: str
    remedy: str
    row: int | None = None
    column: str | None = None


class Unreadable(Exception):
    """A file is no table; holds each flaw."""

    def __init__(self, *flaws: Flaw):
        self.flaws = flaws
        super().__init__(flaws)


def cell_texts(values: Iterable[Any]) -> list[str | None]:
    """The text of each value of a column; None where there is none."""
    known: dict[tuple[type, Any], str | None] = {}
    return [_known_text(value, known) for value in values]


def _known_text(value: Any, known: dict[tuple[type, Any], str | None]) -> str | None:
    """Values repeat within a column. The type belongs to the key, since True is equal to 1."""
    try:
        key = (type(value), value)
        if key not in known:
            known[key] = cell_text(value)
        return known[key]
    except TypeError:  # a list or another value that cannot be a key
        return cell_text(value)


def cell_text(value: Any) -> str | None:
    """How a value of another program is written in a study file; None for a missing one."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return _number_text(value)
    if isinstance(value, datetime):
        midnight = value.time() == MIDNIGHT and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value.is_finite() else None
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return str(value).strip() or None


def _number_text(value: float | np.floating) -> str | None:
    """The shortest digits that give the same number again, never with an exponent."""
    if math.isnan(value):
        return None
    return np.format_float_positional(value, trim="-")
