"""The one way YAML files are read: quickly, every key once, dates as text, and every fault with its line.

YAML itself lets a later key win over an earlier one without a word, so that a second `data:` would turn synthetic data
into real ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import yaml

from analysis.study.problems import Problem

Location = tuple[str | int, ...]
MERGE = "<<"
# More than any file of settings holds: bytes, levels of nesting, entries with all aliases written out.
LARGEST = 5_000_000
DEEPEST = 50
MOST_NODES = 300_000
# What PyYAML lets through when a value does not fit the tag written before it, such as `!!bool maybe`.
_OF_CONSTRUCTORS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError)


class YamlProblems(ValueError):
    """A YAML file that cannot be used; holds every problem found, in the order of the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@dataclass(frozen=True)
class Document:
    """What a YAML file holds. repeated: one problem for each key that stands more than once in its mapping."""

    content: Any
    root: yaml.Node | None
    repeated: tuple[Problem, ...]

    def line(self, location: Location) -> int | None:
        """Line of the deepest node of a path of keys and places that exists in the file; None in an empty file."""
        node = self.root
        line = node.start_mark.line + 1 if node else None
        for part in location:
            found = next((item for item in _children(node) if str(item[0]) == str(part)), None)
            if found is None:
                break
            _, line, node = found
        return line


def read_yaml(path: Path) -> Any:
    """The content of a YAML file; raises YamlProblems when it cannot be read or repeats a key."""
    return parse_yaml(_text(path), path.name)


def parse_yaml(text: str, name: str) -> Any:
    """The content of YAML text; raises YamlProblems, under this name of a file, when it is faulty or repeats a key."""
    document = _parsed(text, name)
    if document.repeated:
        raise YamlProblems(document.repeated)
    return document.content


def read_document(path: Path) -> Document:
    """A YAML file with its repeated keys and the lines of what it holds; raises YamlProblems when it cannot be read."""
    return _parsed(_text(path), path.name)


def _text(path: Path) -> str:
    try:
        if path.is_fifo():  # it would be waited for without end
            cause = "This is a pipe, not a file."
            raise YamlProblems((Problem(path.name, None, None, "not_a_file", cause, "Put the file there."),))
        if path.stat().st_size > LARGEST:
            cause = f"The file is larger than {LARGEST // 10**6} MB: no file of settings is."
            raise YamlProblems((Problem(path.name, None, None, "too_large", cause, "Look what is in it."),))
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = Problem(path.name, line, None, "not_utf8", "The file is not UTF-8 text.", "Save it as UTF-8.")
        raise YamlProblems((problem,)) from error
    except OSError as error:
        cause = f"The file cannot be read: {error.strerror}."
        problem = Problem(path.name, None, None, "unreadable_file", cause, "Look at its rights and where it lies.")
        raise YamlProblems((problem,)) from error


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Leaves dates as text, so that an impossible date is reported with its line like any other setting."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _parsed(text: str, name: str) -> Document:
    loader = None
    try:
        if problem := _overgrown(text, name):
            raise YamlProblems((problem,))
        loader = _Loader(text)
        root = loader.get_single_node()
        repeated = sorted(_repeated(root, loader, name, (), set()), key=lambda problem: problem.row) if root else []
        return Document(loader.construct_document(root) if root else None, root, tuple(repeated))
    except YamlProblems:
        raise
    except (yaml.YAMLError, *_OF_CONSTRUCTORS) as error:
        raise YamlProblems((_unreadable(name, error),)) from error
    finally:
        if loader:
            loader.dispose()


def _overgrown(text: str, name: str) -> Problem | None:
    """What is nested so deep, or grows so large through aliases, that reading it would take the machine down."""
    sizes: dict[str, float] = {}
    within: list[tuple[str | None, float]] = []  # anchor and size so far of everything that is open
    for event in yaml.parse(text, Loader=_Loader):
        size = 1.0
        if isinstance(event, yaml.CollectionStartEvent):
            within.append((event.anchor, size))
            sizes[event.anchor] = inf  # until it ends: what stands in itself never does
        elif isinstance(event, (yaml.CollectionEndEvent, yaml.NodeEvent)):
            anchor, size = within.pop() if isinstance(event, yaml.CollectionEndEvent) else (event.anchor, size)
            size = sizes.get(anchor, 1) if isinstance(event, yaml.AliasEvent) else size
            sizes[anchor] = size
            within[-1:] = [(open_, so_far + size) for open_, so_far in within[-1:]]
        if len(within) > DEEPEST or size > MOST_NODES:
            line, cause = event.start_mark.line + 1, "The file is nested too deep, or repeats itself through aliases."
            return Problem(name, line, None, "too_large", cause, "Write out what is meant.")
    return None


def _repeated(node: yaml.Node, loader: _Loader, name: str, path: Location, seen: set[int]) -> Iterator[Problem]:
    """Keys that stand more than once in a mapping, at any depth; what an alias repeats is looked at once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        lines: dict[Any, list[int]] = {}
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            meant = key.value if key.value == MERGE else loader.construct_object(key)
            lines.setdefault(meant, []).append(key.start_mark.line + 1)
        for key, places in lines.items():
            if len(places) > 1:
                yield _given_twice(name, (*path, key), places)
    for part, _, child in _children(node):
        yield from _repeated(child, loader, name, (*path, part), seen)


def _given_twice(name: str, path: Location, lines: list[int]) -> Problem:
    *first, last = dict.fromkeys(map(str, lines))
    where = f"lines {', '.join(first)} and {last}" if first else f"line {last}"
    cause = f"The same key stands more than once, in {where}."
    return Problem(name, lines[1], ".".join(map(str, path)), "repeated_key", cause, "Keep one of them.")


def _children(node: yaml.Node | None) -> Iterator[tuple[str | int, int, yaml.Node]]:
    """Key or place, line and node of everything directly below a node."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, key.start_mark.line + 1, value) for key, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        yield from ((place, item.start_mark.line + 1, item) for place, item in enumerate(node.value))


def _unreadable(name: str, error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else None
    remedy = "Check indentation, colons and quotation marks near this line."
    if isinstance(error, yaml.constructor.ConstructorError):
        remedy = "Take away what begins with an exclamation mark before a value: such tags are not read."
    return Problem(name, line, None, "unreadable_yaml", "The file is not valid YAML.", remedy)
