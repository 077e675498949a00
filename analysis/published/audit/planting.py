"""Errors such as slip into a report, planted one at a time in printed numbers that agree."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.published.audit.cells import Cell

# The mistake by which the reach of the audit is measured; every other plant is of this kind.
LAST_UNITS = "three_last_units"
UNITS = 3


@dataclass(frozen=True)
class Plant:
    """One planted error: its kind, the source it stands in, and the numbers that are printed instead."""

    kind: str
    source: str
    changed: Mapping[str, Cell]


class Garden:
    """The places where each kind of error can be planted among some printed numbers."""

    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self.cells = {address: cell for address, cell in cells.items() if np.isfinite(cell.value)}

    @cached_property
    def kinds(self) -> dict[str, tuple[list, Callable]]:
        """Kind of error → its places and what to do at one; kinds that have no place are left out."""
        cells = list(self.cells.values())
        ends = [cell for cell in cells if _statistic(cell) in ("ci_low", "ci_high")]
        kinds = {
            "digit": (cells, _digit),
            "sign": (self._signed(), lambda cell, rng: [replace(cell, value=-cell.value)]),
            "count": ([cell for cell in cells if _statistic(cell) == "n" and cell.value > 0], _count),
            "interval_end": (ends, _interval_end),
            "swapped_columns": (self._lines(2, 2), _swapped),
            "shifted_rows": (self._lines(1, 3), _shifted),
            "wrong_unit": ([cell for cell in cells if _statistic(cell) in _UNITS and cell.value], _unit),
        }
        return {kind: place for kind, place in kinds.items() if place[0]}

    def _signed(self) -> list[Cell]:
        """Numbers whose sign could be lost: those of a statistic that its source prints below nought somewhere."""
        below = {(_source(cell), _statistic(cell)) for cell in self.cells.values() if cell.value < 0}
        return [cell for cell in self.cells.values() if cell.value and (_source(cell), _statistic(cell)) in below]

    def _lines(self, across: int, least: int) -> list[list[Cell]]:
        """Numbers of one statistic in a row of a table (across=2) or a column (across=1), in printed order."""
        lines: dict[tuple, list[Cell]] = {}
        for address, cell in self.cells.items():
            parts = address.split("/")
            if parts[0].startswith("table"):
                lines.setdefault(tuple(parts[:across] + parts[across + 1 :]), []).append(cell)
        return [line for line in lines.values() if len({cell.value for cell in line}) >= least]


def plants(cells: Mapping[str, Cell], number: int, rng: np.random.Generator) -> Iterator[Plant]:
    """So many errors, one after another, the same for the same generator.

    Every other one changes a number by three units of its last decimal, up or down, going through all numbers in a
    drawn order before any comes again; the rest are drawn from the other kinds alike.
    """
    garden = Garden(cells)
    everything, kinds = list(garden.cells.values()), list(garden.kinds)
    order = rng.permutation(len(everything))
    for place in range(number):
        if place % 2 == 0:
            cell = everything[order[place // 2 % len(everything)]]
            yield _plant(LAST_UNITS, [_moved(cell, UNITS * int(rng.choice((-1, 1))))])
            continue
        kind = kinds[(place // 2) % len(kinds)]
        places, change = garden.kinds[kind]
        yield _plant(kind, change(places[int(rng.integers(len(places)))], rng))


def _plant(kind: str, changed: list[Cell]) -> Plant:
    return Plant(kind, _source(changed[0]), {cell.address: cell for cell in changed})


def _source(cell: Cell) -> str:
    return cell.address.split("/")[0]


def _statistic(cell: Cell) -> str:
    return cell.address.rsplit("/", 1)[1]


def _moved(cell: Cell, units: int) -> Cell:
    """The number so many units of its last decimal away; a count that would fall below nought is moved up."""
    value = round(cell.value + units * 10.0**-cell.decimals, cell.decimals)
    return _moved(cell, -units) if cell.is_count and value < 0 <= cell.value else replace(cell, value=value)


def _digit(cell: Cell, rng: np.random.Generator) -> list[Cell]:
    """One digit read or typed as another."""
    text = cell.text
    place = int(rng.choice([index for index, sign in enumerate(text) if sign.isdigit()]))
    other = str(rng.choice([digit for digit in "0123456789" if digit != text[place]]))
    return [replace(cell, value=float(text[:place] + other + text[place + 1 :]))]


def _count(cell: Cell, rng: np.random.Generator) -> list[Cell]:
    """Up to a tenth more or fewer people, one at least."""
    return [_moved(cell, int(rng.choice((-1, 1)) * rng.integers(1, max(2, round(cell.value / 10) + 1))))]


def _interval_end(cell: Cell, rng: np.random.Generator) -> list[Cell]:
    return [_moved(cell, int(rng.choice((-1, 1)) * rng.integers(2, 11)))]


def _swapped(line: list[Cell], rng: np.random.Generator) -> list[Cell]:
    """Two unequal numbers of a row in each other's place."""
    first = line[int(rng.integers(len(line)))]
    second = rng.choice([place for place, cell in enumerate(line) if cell.value != first.value])
    return [_put(first, line[second]), _put(line[second], first)]


def _shifted(line: list[Cell], rng: np.random.Generator) -> list[Cell]:
    """From some row on, every number one row further down; the last takes the place of the first of them."""
    rows = line[int(rng.integers(len(line) - 1)) :]
    return [_put(cell, other) for cell, other in zip(rows, [rows[-1], *rows[:-1]], strict=True)]


def _put(cell: Cell, other: Cell) -> Cell:
    return replace(cell, value=other.value, decimals=other.decimals)


# Statistic → the power of ten between its unit and the one it is mistaken for.
_UNITS = {"pct": -2, "proportion": 2, "difference": 2, "marginal_effect": 2, "nok": -3, "million_nok": 3}


def _unit(cell: Cell, rng: np.random.Generator) -> list[Cell]:
    power = _UNITS[_statistic(cell)]
    return [replace(cell, value=cell.value * 10.0**power, decimals=max(0, cell.decimals - power))]
