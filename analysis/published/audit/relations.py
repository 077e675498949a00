"""The relations that should hold between printed numbers, declared in YAML beside the cells.

A relation names the check to apply, the cells it is about and what its outcome bears on. Cells are addressed as
`source/row/column/statistic`; a name in braces stands for each value listed under `for`, so one entry can speak of a
whole table. `"*"` stands for every value for which the report prints all the cells the entry names.

    - name: centre_totals
      check: formula
      about: The two arms together make the centre's total.
      for: {centre: "*"}
      cells: {a: people/{centre}/usual/n, b: people/{centre}/new/n, total: people/{centre}/total/n}
      formula: a + b
      result: total
      bears_on: description
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from analysis.published.audit.ranges import Range, exactly, printed
from analysis.study.yaml_files import read_yaml

KEYS = {"name", "check", "about", "for", "cells", "bears_on"}
BEARS_ON = ("conclusion", "economics", "effect", "description", "context")
COUNTS = {"n", "df", "year", "months"}
NO_WORDS: Mapping[str, str] = MappingProxyType({})
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Cell:
    """One printed number: its address, what was printed and where (line of the source file)."""

    address: str
    value: float
    decimals: int
    line: int

    @property
    def range(self) -> Range:
        """The numbers that would have been printed like this; a count is printed unrounded."""
        return exactly(self.value) if self.is_count else printed(self.value, self.decimals)

    @property
    def is_count(self) -> bool:
        """Whether the number counts people or things and is therefore printed unrounded."""
        return self.address.rsplit("/", 1)[1] in COUNTS

    @property
    def text(self) -> str:
        """The number as printed."""
        return f"{self.value:.{self.decimals}f}"


@dataclass(frozen=True)
class Relation:
    """One relation for one set of cells.

    name, about, bears_on: as declared. instance: the values of the placeholders, joined. cells: by the names the
    declaration gives them; a list of addresses is a tuple. options: everything else the check needs.
    """

    name: str
    check: str
    about: str
    bears_on: str
    instance: str
    cells: Mapping[str, "Cell | tuple[Cell, ...]"]
    options: Mapping[str, object] = field(default_factory=dict)


class RelationError(ValueError):
    """A declaration of a relation that cannot be used, with its name and what is wrong."""


def cells_by_address(published: pd.DataFrame) -> dict[str, Cell]:
    """Address → cell, from a frame with one row per printed number (columns as `scorecard.read_published` has them)."""
    columns = ["source", "row", "column", "statistic", "value", "decimals", "line"]
    rows = published[columns].itertuples(index=False, name=None)
    cells = {}
    for source, row, column, statistic, value, decimals, line in rows:
        address = f"{source}/{row}/{column}/{statistic}"
        cells.setdefault(address, Cell(address, float(value), int(decimals), int(line)))
    return cells


def read_relations(path: Path, published: pd.DataFrame, words: Mapping[str, str] = NO_WORDS) -> list[Relation]:
    """All relations of a file, expanded to the cells of `published`; `words` has what to call codes in sentences.

    Raises RelationError for an unknown key, an unknown `bears_on` or an address that no printed number has, and
    YamlProblems for a file that cannot be read or repeats a key.
    """
    cells = cells_by_address(published)
    declared = read_yaml(path)
    if not isinstance(declared, list) or not all(isinstance(entry, Mapping) for entry in declared):
        raise RelationError(f"{path.name}: expected a list of relations, each with its name, check and cells")
    return [relation for entry in declared for relation in _expand(entry, cells, words)]


def _expand(entry: Mapping, cells: Mapping[str, Cell], words: Mapping[str, str]) -> Iterator[Relation]:
    name = entry.get("name", "?")
    if missing := {"name", "check", "about", "cells", "bears_on"} - set(entry):
        raise RelationError(f"relation {name}: lacks {', '.join(sorted(missing))}")
    if entry["bears_on"] not in BEARS_ON:
        raise RelationError(f"relation {name}: bears_on is one of {', '.join(BEARS_ON)}")
    options = MappingProxyType({key: value for key, value in entry.items() if key not in KEYS})
    for values in _instances(entry, cells):
        chosen = {key: _find(_fill(address, values), cells, name) for key, address in entry["cells"].items()}
        settings = {key: _fill(value, values) if isinstance(value, str) else value for key, value in options.items()}
        yield Relation(
            name, entry["check"], _sentence(entry["about"], values, words), entry["bears_on"],
            ", ".join(values.values()), MappingProxyType(chosen), MappingProxyType(settings),
        )  # fmt: skip


def _instances(entry: Mapping, cells: Mapping[str, Cell]) -> Iterator[dict[str, str]]:
    """The values of the placeholders, one set per relation."""
    wanted = entry.get("for", {})
    listed = {key: values for key, values in wanted.items() if values != "*"}
    open_keys = [key for key in wanted if key not in listed]
    for combination in itertools.product(*listed.values()):
        values = dict(zip(listed, map(str, combination), strict=True))
        if not open_keys:
            yield values
            continue
        for found in _matches(entry["cells"], values, open_keys, cells):
            yield {**values, **found}


def _matches(declared: Mapping, values: Mapping, open_keys: list[str], cells: Mapping[str, Cell]) -> Iterator[dict]:
    """Values of the open placeholders for which every declared cell is printed, in the order of the report."""
    addresses = list(_flat(declared))
    pattern = _pattern(next(a for a in addresses if all(f"{{{key}}}" in a for key in open_keys)), values)
    seen = set()
    for address in cells:
        if not (match := pattern.fullmatch(address)):
            continue
        found = {**values, **match.groupdict()}
        key = tuple(found.values())
        if key not in seen and all(_fill(each, found) in cells for each in addresses):
            seen.add(key)
            yield match.groupdict()


def _pattern(address: str, values: Mapping[str, str]) -> re.Pattern:
    parts = _PLACEHOLDER.split(_fill(address, values))
    seen: set[str] = set()
    text = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            text += re.escape(part)
        else:
            text += f"(?P={part})" if part in seen else f"(?P<{part}>[^/]+?)"
            seen.add(part)
    return re.compile(text)


def _flat(declared: Mapping) -> Iterator[str]:
    for address in declared.values():
        yield from [address] if isinstance(address, str) else address


def _fill(text, values: Mapping[str, str]):
    if isinstance(text, list):
        return [_fill(each, values) for each in text]
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


def _sentence(about: str, values: Mapping[str, str], words: Mapping[str, str]) -> str:
    codes = {key: value.rsplit("/", 1)[-1] for key, value in values.items()}
    text = _fill(about, {key: words.get(code, code.replace("_", " ")) for key, code in codes.items()})
    return text[:1].upper() + text[1:]


def _find(address, cells: Mapping[str, Cell], name: str):
    if isinstance(address, list):
        return tuple(_find(each, cells, name) for each in address)
    if address not in cells:
        raise RelationError(f"relation {name}: the report prints no {address}")
    return cells[address]
