"""Printed numbers as the audit takes them: one cell each, with the numbers that would have been printed like it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from analysis.published.audit.ranges import NEAREST, Range, Way, exactly, printed

# Statistics that are printed as they were counted, without rounding.
COUNTS = {"n", "df", "year", "year_short", "month", "months", "months_from", "months_to", "scale_min", "scale_max"}
KEY = ["source", "row", "column", "statistic"]
# So many numbers in a row that end in a nought are no coincidence.
PADDED_FROM = 5
# From here on the last digit of a whole number is a hundredth of it at most.
FINE = 100
# How the sources of tables begin; whatever else a report prints is running text.
TABLE = "table_"


@dataclass(frozen=True)
class Cell:
    """One printed number: its address, what was printed and where (line of the source text, if that is known).

    unit: the unit that stands beside the number in print, empty if none does. padding: how many of the decimals are
    noughts that fill a column up. way: how it was rounded (`ranges.WAYS`).
    """

    address: str
    value: float
    decimals: int
    line: int | None = None
    unit: str = ""
    padding: int = 0
    way: Way = NEAREST

    @property
    def range(self) -> Range:
        """The numbers that would have been printed like this; a count is printed unrounded."""
        return exactly(self.value) if self.is_count else printed(self.value, self.decimals - self.padding, self.way)

    @property
    def is_count(self) -> bool:
        """Whether the number counts people or things and is therefore printed unrounded."""
        return self.statistic in COUNTS

    @property
    def source(self) -> str:
        """The table or section that prints it."""
        return self.address.split("/")[0]

    @property
    def row(self) -> str:
        """The row that prints it."""
        return self.address.split("/")[1]

    @property
    def statistic(self) -> str:
        """What kind of number it is."""
        return self.address.rsplit("/", 1)[1]

    @property
    def in_table(self) -> bool:
        """Whether a table prints it, rather than a sentence."""
        return self.source.startswith(TABLE)

    @property
    def has_fine_digit(self) -> bool:
        """Whether its last digit is of little weight: a decimal, or the last of three digits or more."""
        return not self.is_count and (self.decimals > self.padding or abs(self.value) >= FINE)

    @property
    def places(self) -> int:
        """Decimals to write it with; a whole count is written without those that fill up a column."""
        return 0 if self.is_count and float(self.value).is_integer() else self.decimals

    @property
    def text(self) -> str:
        """The number as printed."""
        return f"{self.value:.{self.places}f}"


# What a name of a relation stands for: one cell, or several, some of which may be groups of their own.
Cells = Cell | tuple["Cells", ...]


def flat(cells: Cells) -> Iterator[Cell]:
    """Every cell of a group of groups."""
    if isinstance(cells, Cell):
        yield cells
    else:
        for each in cells:
            yield from flat(each)


def total(cells: Cells) -> Range:
    """What the cells add up to."""
    found = exactly(0.0)
    for cell in flat(cells):
        found = found + cell.range
    return found


def precision(published: pd.DataFrame) -> pd.Series:
    """Decimals that carry information: the printed ones, less a padding nought.

    A table that prints the numbers of one statistic with so many decimals, five or more of them, and always with a
    nought as the last, prints one decimal less and pads it.
    """
    last = (published["value"].abs() * 10.0 ** published["decimals"]).round() % 10
    groups = published.assign(nought=last == 0).groupby(["source", "statistic", "decimals"])["nought"]
    padded = groups.transform("all") & (groups.transform("size") >= PADDED_FROM) & (published["decimals"] > 0)
    return published["decimals"] - padded


def cells_by_address(published: pd.DataFrame) -> dict[str, Cell]:
    """Address → cell, from a frame with one row per printed number (columns as `scorecard.read_published` has them)."""
    padding = published["decimals"] - precision(published)
    given = published.reindex(columns=[*KEY, "value", "decimals", "line", "unit"]).assign(padding=padding)
    given = given.astype({"unit": object}).fillna({"line": 0, "unit": ""})
    return {
        "/".join(key): Cell("/".join(key), float(value), int(decimals), int(line) or None, unit, int(padded))
        for *key, value, decimals, line, unit, padded in given.itertuples(index=False, name=None)
    }


def rounded(cells: Cells, ways: Mapping[str, Way] | Way) -> Cells:
    """The same cells, rounded in another way: all of them, or those of the addresses."""
    if not isinstance(cells, Cell):
        return tuple(rounded(each, ways) for each in cells)
    return replace(cells, way=ways.get(cells.address, cells.way) if isinstance(ways, Mapping) else ways)
