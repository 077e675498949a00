"""The published numbers as targets: the synthesis types in no figure that the report prints."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

PUBLISHED = Path(__file__).parents[3] / "data" / "sfj" / "published" / "cells.csv"


@dataclass(frozen=True)
class Targets:
    """Every printed number: one row a number, looked up by source, row, column and statistic."""

    cells: pd.DataFrame

    def value(self, source: str, row: str, column: str, statistic: str) -> float:
        """One printed number. Raises KeyError when the report prints no such number."""
        found = self._numbers.get((source, row, column, statistic), [])
        if len(found) != 1:
            raise KeyError(f"{source}: {len(found)} numbers for {row} / {column} / {statistic}")
        return float(found[0][0])

    def count(self, source: str, row: str, column: str) -> int:
        """One printed number of people."""
        return int(self.value(source, row, column, "n"))

    def where(self, source: str, **keys: str) -> pd.DataFrame:
        """The printed numbers of one source that match the keys."""
        found = self._sources.get(source, self.cells.iloc[:0])
        for key, value in keys.items():
            found = found.loc[found[key] == value]
        return found

    def half_unit(self, source: str, row: str, column: str, statistic: str) -> float:
        """Half a unit in the last printed place: what rounding may hide."""
        return 0.5 * 10.0 ** -int(self._numbers[source, row, column, statistic][0][1])

    @cached_property
    def _sources(self) -> dict[str, pd.DataFrame]:
        return dict(iter(self.cells.groupby("source")))

    @cached_property
    def _numbers(self) -> dict[tuple[str, str, str, str], list[tuple[float, int]]]:
        """Value and decimals of all numbers printed under one address."""
        numbers: dict[tuple, list[tuple[float, int]]] = {}
        columns = ["source", "row", "column", "statistic", "value", "decimals"]
        for *address, value, decimals in self.cells[columns].itertuples(index=False, name=None):
            numbers.setdefault(tuple(address), []).append((value, decimals))
        return numbers


def read_targets(path: Path = PUBLISHED) -> Targets:
    """Read the published numbers (`data/sfj/published/cells.csv`)."""
    cells = pd.read_csv(path)
    return Targets(cells[["id", "source", "row", "column", "statistic", "value", "decimals"]])
