"""What is wrong with a file of relations: every fault with its line, relation and key, and what is allowed."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from numbers import Number

from analysis.published.audit.cells import Cell
from analysis.published.audit.checks import LIST, NUMBER, NUMBERS, TEXT, YES_NO, Takes
from analysis.published.audit.ranges import Range, evaluate
from analysis.published.audit.relations import BEARS_ON, EVERY, KEYS, NEEDED, PLACEHOLDER, addresses, fill, instances
from analysis.published.audit.trust import ITEMS
from analysis.study.problems import Problem
from analysis.study.yaml_files import Document

# So many of the addresses of one entry that are not printed are listed; more would hide the others.
SHOWN = 3
_KINDS = {TEXT: str, YES_NO: bool, LIST: list, NUMBER: int | float, NUMBERS: Mapping}
Found = Iterator[tuple[tuple, str, str, str]]


def faults_of(
    document: Document, name: str, cells: Mapping[str, Cell], checks: Mapping[str, Callable]
) -> list[Problem]:
    """The problems of a file of relations, in its order."""
    entries = document.content if document.content is not None else []
    if not isinstance(entries, list):
        cause = "The file is not a list of relations."
        return [Problem(name, 1, None, "not_a_list", cause, "Begin each with `- name:`.")]
    if not entries:
        return [Problem(name, None, None, "no_relations", "The file has no relation.", "Begin each with `- name:`.")]
    found, seen = [], set()
    for place, entry in enumerate(entries):
        for path, kind, cause, remedy in _entry(entry, cells, checks, seen):
            whole = isinstance(entry, Mapping) and entry.get("name")
            key = ".".join(map(str, (*([whole] if whole else []), *path))) or None
            found.append(Problem(name, document.line((place, *path)), key, kind, cause, remedy))
    return found


def _entry(entry: object, cells: Mapping[str, Cell], checks: Mapping[str, Callable], seen: set[str]) -> Found:
    if not isinstance(entry, Mapping):
        yield (), "not_a_mapping", "This is not a relation.", f"Give it {_listed(NEEDED)}."
        return
    yield from _head(entry, checks, seen)
    well_formed = isinstance(entry.get("cells"), Mapping) and entry["cells"]
    if "cells" in entry and not well_formed:
        yield ("cells",), "wrong_form", "These are not cells.", "Give each a name and its address."
    takes = getattr(checks.get(entry.get("check")), "takes", None)
    if takes:
        yield from _options(entry, takes)
    if not well_formed or (shape := list(_shape(entry["cells"], takes or Takes(any_cells="any")))):
        yield from shape if well_formed else ()
        return
    yield from _printed(entry, cells)


def _head(entry: Mapping, checks: Mapping, seen: set[str]) -> Found:
    if missing := [key for key in NEEDED if key not in entry]:
        yield (), "missing_key", f"The relation lacks {_listed(missing)}.", "Add what is missing."
    name, check = entry.get("name"), entry.get("check")
    if name in seen:
        yield ("name",), "repeated_name", "Another relation has this name.", "Give each a name of its own."
    seen.add(name)
    if "check" in entry and check not in checks:
        yield ("check",), "unknown_check", f"No check is called {check!r}.", _choose(check, checks)
    if "bears_on" in entry and entry["bears_on"] not in BEARS_ON:
        yield ("bears_on",), "unknown_value", f"{entry['bears_on']!r} is not allowed.", f"Choose {_either(BEARS_ON)}."
    if entry.get("asks", "") not in ("", *ITEMS):
        yield ("asks",), "unknown_value", f"{entry['asks']!r} is not allowed.", f"Choose {_either(tuple(ITEMS))}."
    for key in ("about", "assumes"):
        if not isinstance(entry.get(key, ""), str):
            yield (key,), "wrong_form", "This is not a sentence.", "Put it between quotation marks."


def _options(entry: Mapping, takes: Takes) -> Found:
    for key in (key for key in entry if key not in KEYS and key not in takes.options):
        allowed = f"It has {_listed(takes.options)}." if takes.options else "It has none."
        yield (key,), "unknown_option", f"The check {entry['check']} has no option {key!r}.", allowed
    for key in takes.required:
        if key not in entry:
            yield (), "missing_option", f"The check {entry['check']} needs {key!r}: {takes.options[key][1]}.", "Add it."
    for key, (kind, _) in takes.options.items():
        fits = isinstance(entry.get(key), _KINDS[kind]) and (kind == YES_NO or not isinstance(entry[key], bool))
        if key in entry and not fits:
            yield (key,), "wrong_form", f"This is not {kind}.", "Correct it."
    for key, allowed in takes.choices.items():
        wrong = [value for value in entry[key] if value not in allowed] if isinstance(entry.get(key), list) else []
        if wrong:
            yield (key,), "unknown_value", f"Not allowed: {_listed(wrong)}.", f"Choose {_either(allowed)}."
    yield from _formula(entry, takes)


def _formula(entry: Mapping, takes: Takes) -> Found:
    if "formula" not in takes.options or not isinstance(entry.get("formula"), str):
        return
    own, constants = (given if isinstance(given, Mapping) else {} for given in map(entry.get, ("cells", "constants")))
    names = [*own, *constants]
    if wrong := [name for name, value in constants.items() if isinstance(value, bool) or not isinstance(value, Number)]:
        yield ("constants", wrong[0]), "wrong_form", "This is not a number.", "Correct it."
    try:
        evaluate(entry["formula"], dict.fromkeys(names, Range(1.0, 2.0)))
    except (ValueError, SyntaxError) as error:
        remedy = "Use + - * /, sqrt(), min(), numbers, and the names under cells and constants."
        yield ("formula",), "wrong_formula", f"This cannot be computed ({error}).", remedy
    for key in ("result", "than"):
        if key in takes.options and key in entry and entry[key] not in names:
            yield (key,), "unknown_value", f"{entry[key]!r} is not among the cells.", f"Choose {_either(names)}."
    # A cell that nothing is done with would count as checked.
    used = {*takes.cells, *takes.optional, *re.findall(r"\w+", entry["formula"]), *map(entry.get, ("result", "than"))}
    if idle := [name for name in names if name not in used]:
        yield ("formula",), "not_used", f"The formula does not use {_listed(idle)}.", "Use it, or take it out."


def _shape(declared: Mapping, takes: Takes) -> Found:
    """Names of cells that the check does not know or lacks, and lists where one address belongs or the reverse."""
    known = [*takes.cells, *takes.optional]
    for name, address in declared.items():
        if not takes.any_cells and name not in known:
            yield ("cells", name), "unknown_cell", f"The check takes no cell {name!r}.", f"It takes {_listed(known)}."
            continue
        many, free = name in takes.several, name in takes.added or (takes.any_cells and name not in known)
        if not isinstance(address, str | list) or (not free and isinstance(address, list) != many):
            wanted = "a list of addresses" if many else "one address"
            remedy = "Write addresses as source/row/column/statistic."
            yield ("cells", name), "wrong_form", f"This is not {wanted}.", remedy
    for name in takes.cells:
        if name not in declared:
            yield ("cells",), "missing_cell", f"The check needs the cell {name!r} ({takes.cells[name]}).", "Add it."
    for choice in takes.either:
        if not any(all(name in declared for name in group) for group in choice):
            groups = "; or ".join(_listed(group) for group in choice)
            yield ("cells",), "missing_cell", "The check lacks the cells of one of its forms.", f"Give {groups}."


def _printed(entry: Mapping, cells: Mapping[str, Cell]) -> Found:
    """Placeholders without values, wildcards that match nothing, addresses that no printed number has."""
    wanted, every = entry.get("for") or {}, list(addresses(entry["cells"]))
    if not isinstance(wanted, Mapping):
        yield ("for",), "wrong_form", "This is not a set of placeholders.", 'Give each name its values, or "*".'
        return
    for name, values in wanted.items():
        if values != EVERY and not (isinstance(values, list) and values):
            yield ("for", name), "wrong_form", "These are not values.", 'Give a list, or "*" for every value.'
            return
    together = entry.get("each") or [{}]
    if not isinstance(together, list) or not _alike(together):
        yield ("each",), "wrong_form", "These are not sets of values.", "Give a list of mappings with the same names."
        return
    names = {name for address in every for name in PLACEHOLDER.findall(address)}
    if loose := sorted((names - set(wanted) - set(together[0])) | (set(wanted) - names)):
        cause = f"Not both in the cells and under `for` or `each`: {_listed(loose)}."
        yield ("for",), "loose_placeholder", cause, "Use each in both."
        return
    found = list(instances(entry, cells))
    if not found:
        remedy = "Check the addresses: all cells have to be printed for the same value."
        yield ("for",), "matches_nothing", "For no value does the report print all these cells.", remedy
    unprinted = dict.fromkeys(each for values in found for each in addresses(fill(every, values)) if each not in cells)
    for address in list(unprinted)[:SHOWN]:
        near = difflib.get_close_matches(address, list(cells), SHOWN, 0.6)
        remedy = f"Did you mean {_either(near)}?" if near else "Look it up in the file of printed numbers."
        yield ("cells",), "not_printed", f"The report prints no {address}.", remedy


def _alike(sets: list) -> bool:
    """Whether these are mappings with the same names."""
    return all(isinstance(one, Mapping) and set(one) == set(sets[0]) for one in sets)


def _choose(given: object, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(given), list(known), SHOWN, 0.6)
    return f"Did you mean {_either(near)}?" if near else f"There is {_either(list(known))}."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(str, names))


def _either(names: Iterable[str]) -> str:
    *first, last = map(str, names) if names else ("nothing",)
    return f"{', '.join(first)} or {last}" if first else last
