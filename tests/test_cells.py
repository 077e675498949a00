"""A cell of a chapter shows the estimator with its options, then the display."""

import ast
import importlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
OPTIONS = {"conf_level", "draws", "seed", "interval", "test", "variances"}
LONGEST = 8  # lines


def cells(path: Path) -> list[ast.Module]:
    """The code of a notebook, a tree a cell, but for its parameters."""
    found = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    own = (cell for cell in found if "parameters" not in cell["metadata"].get("tags", ()))
    return [ast.parse("".join(cell["source"])) for cell in own]


def shown(cell: ast.Module) -> Iterator[ast.Call]:
    """The calls that make what a cell shows: the arguments of `page.show` and `page.show_all`."""
    for call in (node for node in ast.walk(cell) if isinstance(node, ast.Call)):
        if ast.unparse(call.func) in ("page.show", "page.show_all"):
            arguments = (each.value if isinstance(each, ast.Starred) else each for each in call.args)
            yield from (each for each in arguments if isinstance(each, ast.Call))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_shown_is_handed_its_estimates(path):
    """No option of an estimator stands within a display; a table or figure that is made of estimates is handed them,
    under a name that a line before gave them."""
    known = set()
    for cell in cells(path):
        known |= {name.id for name in ast.walk(cell) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
        for call in shown(cell):
            names = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
            assert not names & OPTIONS and not {each.arg for each in call.keywords} & OPTIONS, ast.unparse(call)
            function = made_with(call, path.stem)
            handed = names & known - {"trial", "page"}
            assert len(handed) >= len(getattr(function, "shown_from", ())), ast.unparse(call)


def made_with(call: ast.Call, chapter: str):
    """The function of the chapter that a display calls; None for one of another module."""
    module = importlib.import_module(f"analysis.chapters.{chapter}")
    return getattr(module, ast.unparse(call.func).removeprefix(f"{chapter}."), None)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short_and_plain(path):
    """Eight lines at most, no loops, no functions."""
    plain = (ast.For, ast.While, ast.FunctionDef, ast.Lambda, ast.comprehension, ast.If, ast.Try)
    for cell in cells(path):
        assert not [node for node in ast.walk(cell) if isinstance(node, plain)], ast.unparse(cell)
        lines = [node.end_lineno for node in cell.body]
        assert not lines or max(lines) - cell.body[0].lineno < LONGEST or ast.unparse(cell).startswith("from "), (
            ast.unparse(cell))  # fmt: skip
