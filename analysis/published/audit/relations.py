"""The relations that should hold between printed numbers, declared in YAML beside the cells.

A relation names the check to apply, the cells it is about and what its outcome bears on. Cells are addressed as
`source/row/column/statistic`; a name in braces stands for each value listed under `for`, so one entry can speak of a
whole table. `"*"` stands for every value for which the report prints all the cells the entry names. Under `each` stand
values that go together, one set a relation. What else has to be
true for the relation to hold, beside the numbers, is said in a sentence under `assumes`.

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
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from analysis.published.audit.cells import Cell, Cells, flat, rounded
from analysis.published.audit.ranges import Way

NEEDED = ("name", "check", "about", "cells", "bears_on")
KEYS = {*NEEDED, "for", "each", "assumes", "asks"}
BEARS_ON = ("conclusion", "economics", "effect", "description", "context")
EVERY = "*"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Relation:
    """One relation for one set of cells.

    name, about, bears_on: as declared. instance: the values of the placeholders, joined. cells: by the names the
    declaration gives them; a list of addresses is a tuple. options: everything else the check needs. assumes: what else
    has to be true for it to hold, a sentence. asks: a question of `trust.ITEMS` that it answers beside its check's.
    """

    name: str
    check: str
    about: str
    bears_on: str
    instance: str
    cells: Mapping[str, Cells]
    options: Mapping[str, object] = field(default_factory=dict)
    assumes: str = ""
    asks: str = ""

    def all_cells(self) -> list[Cell]:
        """Every cell, in the order of the declaration."""
        return [cell for group in self.cells.values() for cell in flat(group)]

    def rounded(self, ways: Mapping[str, Way] | Way) -> "Relation":
        """The relation between the same numbers, rounded in another way: all of them, or those of the addresses."""
        return replace(self, cells={name: rounded(cells, ways) for name, cells in self.cells.items()})


def expand(entry: Mapping, cells: Mapping[str, Cell], words: Mapping[str, str]) -> Iterator[Relation]:
    """The relations of one declaration without faults, one for each set of values of its placeholders."""
    options = MappingProxyType({key: value for key, value in entry.items() if key not in KEYS})
    for values in instances(entry, cells):
        chosen = {key: _find(fill(address, values), cells) for key, address in entry["cells"].items()}
        settings = {key: fill(value, values) if isinstance(value, str) else value for key, value in options.items()}
        yield Relation(
            entry["name"], entry["check"], _sentence(entry["about"], values, words), entry["bears_on"],
            _name(values), MappingProxyType(chosen), MappingProxyType(settings),
            _sentence(entry.get("assumes", ""), values, words), entry.get("asks", ""),
        )  # fmt: skip


def instances(entry: Mapping, cells: Mapping[str, Cell]) -> Iterator[dict[str, str]]:
    """The values of the placeholders, one set per relation."""
    wanted = entry.get("for") or {}
    listed = {key: values for key, values in wanted.items() if values != EVERY}
    open_keys = [key for key in wanted if key not in listed]
    for together in entry.get("each") or [{}]:
        given = {key: str(value) for key, value in together.items()}
        for combination in itertools.product(*listed.values()):
            values = {**given, **dict(zip(listed, map(str, combination), strict=True))}
            if not open_keys:
                yield values
                continue
            for found in _matches(entry["cells"], values, open_keys, cells):
                yield {**given, **{key: {**values, **found}[key] for key in wanted}}


def _name(values: Mapping[str, str]) -> str:
    """What tells one relation of a declaration from another: the values that are no addresses, or else the last one."""
    short = [value for value in values.values() if value.count("/") < 3]
    return ", ".join(short or list(values.values())[-1:])


def _matches(declared: Mapping, values: Mapping, open_keys: list[str], cells: Mapping[str, Cell]) -> Iterator[dict]:
    """Values of the open placeholders for which every declared cell is printed, in the order of the report."""
    wanted = list(addresses(declared))
    first = next((each for each in wanted if all(f"{{{key}}}" in each for key in open_keys)), None)
    if first is None:
        return
    pattern, seen = _pattern(first, values), set()
    for address in cells:
        if not (match := pattern.fullmatch(address)):
            continue
        found = {**values, **match.groupdict()}
        key = tuple(found.values())
        if key not in seen and all(fill(each, found) in cells for each in wanted):
            seen.add(key)
            yield match.groupdict()


def _pattern(address: str, values: Mapping[str, str]) -> re.Pattern:
    parts = PLACEHOLDER.split(fill(address, values))
    seen: set[str] = set()
    text = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            text += re.escape(part)
        else:
            text += f"(?P={part})" if part in seen else f"(?P<{part}>[^/]+?)"
            seen.add(part)
    return re.compile(text)


def addresses(declared: object) -> Iterator[str]:
    """Every address of the cells of a declaration, lists of lists included."""
    if isinstance(declared, str):
        yield declared
    elif isinstance(declared, Mapping | list):
        for each in declared.values() if isinstance(declared, Mapping) else declared:
            yield from addresses(each)


def fill(text, values: Mapping[str, str]):
    """Text, or lists of texts, with the values of the placeholders in their places."""
    if isinstance(text, list):
        return [fill(each, values) for each in text]
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


def _sentence(about: str, values: Mapping[str, str], words: Mapping[str, str]) -> str:
    codes = {key: value.rsplit("/", 1)[-1] for key, value in values.items()}
    text = fill(about, {key: words.get(code, code.replace("_", " ")) for key, code in codes.items()})
    return text[:1].upper() + text[1:]


def _find(address, cells: Mapping[str, Cell]) -> Cells:
    return tuple(_find(each, cells) for each in address) if isinstance(address, list) else cells[address]
