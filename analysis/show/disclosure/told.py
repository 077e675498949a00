"""What a result tells: each of its numbers with where it stands, what sort of number it is, and what stands beside it.

The same walk serves to record numbers and to hide some of them, so that nothing is told that was not recorded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.show.figures import Figure
from analysis.show.listing import Linked, Listing
from analysis.show.prose import Label, Number, Numerals, Sentence
from analysis.show.tables import FRACTIONS, Table

# What sorts of numbers there are. A count may be of people; an extreme is one person's; nobody's are times and tallies.
COUNT, SHARE, AMOUNT, EXTREME, QUANTILE, NOBODYS, TEXT, OTHER = (
    "count", "share", "amount", "extreme", "quantile", "nobodys", "text", "other",
)  # fmt: skip
_OF_STATISTIC = {
    **dict.fromkeys(("n", "count"), COUNT),
    **dict.fromkeys(("pct", "proportion"), SHARE),
    **dict.fromkeys(("nok", "million_nok"), AMOUNT),
    **dict.fromkeys(("min", "max", "range_low", "range_high"), EXTREME),
    **dict.fromkeys(("median", "iqr", "iqr_low", "iqr_high", "percentile"), QUANTILE),
    **dict.fromkeys(("year", "month", "months", "months_from", "months_to", "scale_min", "scale_max"), NOBODYS),
}
_OF_NUMBER = {"count": COUNT, "percent": SHARE, "nok": AMOUNT, "million_nok": AMOUNT,
              **dict.fromkeys(("tally", "month", "year"), NOBODYS)}  # fmt: skip
# Columns of a figure's frame that hold numbers of people; and all that hold results.
_COUNTS = ("count", "n", "n_treated", "n_control")
_AT_RISK = "at_risk"
_RESULTS = (*_COUNTS, _AT_RISK, "estimate", "conf_low", "conf_high", "p_value", "p_interaction", "start", "end")
_PER_CENT = ("pct",)

Address = tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """One number told.

    address: where: page, result, and place in it. sort: one of the sorts above. value: in its own unit, but a share as
    a fraction. base: how many people it is computed from, where the result says so. beside: addresses' beginning that
    it shares with the numbers it is printed with (a cell of a table, a row of a frame, a sentence). row: the same for
    those that it may be a comparison of. text: the words, for a text with digits in it. decimals: with which it is
    told, where a column of that name says so.
    """

    address: Address
    sort: str
    value: float
    base: float = float("nan")
    beside: Address = ()
    row: Address = ()
    text: str = ""
    decimals: int | None = None


# Given what is told at a place, the value to tell there instead; the same one, unless it is to be hidden.
Put = Callable[[Told, Any], Any]


def of_table(table: Table, page: str) -> list[Told]:
    """The numbers of a table's cells, in their order, and how many people it says that it is about."""
    where = (page, "table", table.key)
    cells = table.cells
    bases = cells["count"] if "count" in cells else pd.Series(float("nan"), index=cells.index)
    usual = float(table.n or table.fewest or "nan")
    told = [
        Told((*where, row, column, statistic), *_of_cell(statistic, float(value), table),
             float(base) if pd.notna(base) else usual, (*where, row, column), (*where, row))
        for row, column, statistic, value, base in zip(
            cells["row"], cells["column"], cells["statistic"], cells["value"], bases, strict=True)
    ]  # fmt: skip
    return told if table.n is None else [*told, Told((*where, "n"), COUNT, float(table.n), beside=(*where, "n"))]


def _of_cell(statistic: str, value: float, table: Table) -> tuple[str, float]:
    sort = _OF_STATISTIC.get(statistic, OTHER) if table.of_people else NOBODYS
    if table.of_people and statistic in table.fractions and statistic not in FRACTIONS[1:]:
        sort = SHARE if statistic == "proportion" else sort
    return sort, value / 100 if statistic in _PER_CENT else value


def of_figure(figure: Figure, page: str) -> list[list[Told]]:
    """The numbers of each row of a figure's frame, results alone: not the times and places where they are drawn."""
    results = [name for name in _RESULTS if name in figure.frame.columns and name not in (figure.x, figure.row)]
    where, fewest = (page, "figure", figure.name), float(figure.fewest or "nan")
    rows = _of_rows(figure.frame, results, where, bool(figure.options.get("percent")), fewest)
    return rows if figure.of_people else [[replace(each, sort=NOBODYS) for each in row] for row in rows]


def of_frame(frame: pd.DataFrame, page: str, name: str, keys: Sequence[str] = ()) -> list[list[Told]]:
    """The numbers of each row of a frame, a row being known by its key, or by what is not a number in it."""
    numbers = list(frame.select_dtypes("number").columns)
    return _of_rows(frame, numbers, (page, "frame", name), False, float("nan"), keys)


def _of_rows(
    frame: pd.DataFrame, results: list[str], where: Address, fractions: bool, fewest: float, keys: Sequence[str] = ()
) -> list[list[Told]]:
    names = [name for name in frame.columns if name not in results]
    seen: dict[Address, int] = {}
    rows = []
    for at, record in enumerate(frame.to_dict("records")):
        place = _distinct((*where, *([keys[at]] if len(keys) else (str(record[name]) for name in names))), seen)
        bases = [float(record[name]) for name in _COUNTS if name in results and pd.notna(record[name])]
        base = sum(bases) if bases else fewest
        decimals = int(record["decimals"]) if "decimals" in results and pd.notna(record["decimals"]) else None
        rows.append([
            Told((*place, str(name)), _of_column(str(name), fractions), _number(record[name]), base, place, place,
                 decimals=decimals)
            for name in results
        ])  # fmt: skip
    return rows


def _number(value: object) -> float:
    return float(value) if pd.notna(value) else float("nan")


def _distinct(place: Address, seen: dict[Address, int]) -> Address:
    """The place, or with a number behind it if it has been before."""
    seen[place] = seen.get(place, 0) + 1
    return place if seen[place] == 1 else (*place, str(seen[place]))


def _of_column(name: str, fractions: bool) -> str:
    if name in (*_COUNTS, _AT_RISK):
        return COUNT
    if name == "estimate" and fractions:
        return SHARE
    return _OF_STATISTIC.get(name, OTHER)


def of_words(values: Mapping[str, object], where: Address, put: Put) -> tuple[dict[str, object], list[Told]]:
    """What is put into a text, each number as `put` gives it, and what was told."""
    told: list[Told] = []
    return {name: _walked(value, (*where, name), where, put, told) for name, value in values.items()}, told


def _walked(value: object, address: Address, beside: Address, put: Put, told: list[Told]) -> object:
    if isinstance(value, Number):
        sort = _OF_NUMBER.get(value.kind, OTHER)
        each = Told(address, sort, value.value / 100 if sort == SHARE else float(value.value), beside=beside,
                    row=beside)  # fmt: skip
        told.append(each)
        return put(each, value)
    if isinstance(value, Sentence):
        inside = {name: _walked(part, (*address, value.key, name), beside, put, told)
                  for name, part in value.values.items()}  # fmt: skip
        return replace(value, values=inside)
    if isinstance(value, tuple):
        return tuple(_walked(part, (*address, str(place)), beside, put, told) for place, part in enumerate(value))
    if isinstance(value, Linked):
        return replace(value, label=_walked(value.label, (*address, "label"), beside, put, told),
                       then=_walked(value.then, (*address, "then"), beside, put, told))  # fmt: skip
    if isinstance(value, str | Numerals) and any(map(str.isdigit, text := getattr(value, "text", value))):
        each = Told(address, TEXT, float("nan"), beside=beside, row=beside, text=str(text))
        told.append(each)
        return put(each, value)
    return value


def is_in_words(address: Address) -> bool:
    """Whether a number stands in words: in a sentence, a cell of a listing, or the words of a table or figure."""
    return address[1] in ("says", "listing") or address[3:4] == ("words",) or address[3:] == ("n",)


def place_of_sentence(sentence: Sentence, page: str) -> Address:
    """Where a sentence stands: its page, its key, and whom it speaks of."""
    return (page, "says", sentence.of or "", sentence.key, *_names(sentence.values))


def _names(values: Mapping[str, object]) -> Iterator[str]:
    for value in values.values():
        if isinstance(value, Label):
            yield value.key
        elif isinstance(value, Sentence):
            yield from (value.key, *_names(value.values))
        elif isinstance(value, tuple):
            yield from _names(dict(enumerate(value)))


def rows_of_listing(listing: Listing, page: str) -> list[Address]:
    """Where each row of a listing stands: known by its key, or by the first of its cells that holds no number."""
    seen: dict[Address, int] = {}
    places = []
    for at, record in enumerate(listing.frame.to_dict("records")):
        first = next((_plain_key(cell) for cell in record.values() if not isinstance(cell, Number)), "")
        key = listing.keys[at] if len(listing.keys) else first
        places.append(_distinct((page, "listing", listing.name, key), seen))
    return places


def listing_walked(listing: Listing, page: str, put: Put) -> tuple[pd.DataFrame, list[Told]]:
    """The listing's frame with each number as `put` gives it, and what was told."""
    told: list[Told] = []
    rows = []
    for place, record in zip(rows_of_listing(listing, page), listing.frame.to_dict("records"), strict=True):
        rows.append([_walked(cell, (*place, str(name)), place, put, told) for name, cell in record.items()])
    return pd.DataFrame(rows, columns=listing.frame.columns, index=listing.frame.index).astype(object), told


def _plain_key(cell: object) -> str:
    return str(getattr(cell, "key", getattr(cell, "label", cell)))
