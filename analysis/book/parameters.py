"""The parameters cell of a notebook: what it holds, and the same cell with the values that were used."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from analysis.show.parameters import assigned

TAG = "parameters"
_NOT_THERE = object()


def known_parameters(template: Path) -> dict[str, Any]:
    """Names assigned in the parameters cell of a notebook template, each with its usual value."""
    cells = nbformat.read(template, as_version=4).cells
    return assigned("\n".join(cell.source for cell in cells if is_parameters(cell)))


def is_parameters(cell: NotebookNode) -> bool:
    """Whether this is the cell of parameters."""
    return TAG in cell.metadata.get("tags", [])


def with_values(notebook: NotebookNode, values: Mapping[str, Any]) -> NotebookNode:
    """A copy of the notebook whose parameters cell assigns these values; everything else in the cell stays as it is."""
    changed = nbformat.from_dict(notebook)
    for cell in changed.cells:
        if is_parameters(cell):
            cell.source = rewritten(cell.source, values)
    return changed


def rewritten(source: str, values: Mapping[str, Any]) -> str:
    """The source of a parameters cell with other values in place, its comments and its layout kept.

    Raises ValueError for a value that found no place: the cell must assign each parameter once, on one line.
    """
    lines = source.splitlines(keepends=True)
    for node in reversed(ast.parse(source).body):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id in values and node.end_lineno == node.lineno:
            lines[node.lineno - 1] = _replaced(lines[node.lineno - 1], node.value, values[target.id])
    changed = "".join(lines)
    if lost := sorted(name for name, value in values.items() if assigned(changed).get(name, _NOT_THERE) != value):
        raise ValueError(f"the parameters cell has no line of its own for {', '.join(lost)}")
    return changed


def _replaced(line: str, old: ast.expr, value: Any) -> str:
    """The line with the value put in; a comment behind it keeps its column where there is room."""
    text = line.encode()
    written = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    before, behind = text[: old.col_offset].decode(), text[old.end_col_offset :].decode()
    grown = len(written) - (old.end_col_offset - old.col_offset)
    room = len(behind) - len(behind.lstrip(" "))
    if behind.lstrip(" ").startswith("#"):
        behind = " " * max(2, room - grown) + behind.lstrip(" ")
    return before + written + behind
