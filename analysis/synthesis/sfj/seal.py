"""The seal of the bundled trial: digests of its tables and of everything they are made from.

`python -m analysis.synthesis.sfj` writes the seal beside the tables. So it shows at once when a table was changed by
hand, or when the program or the published numbers have changed since the tables were made. That a new run gives the
same bytes is what `python -m analysis.synthesis.sfj --check` finds out, which makes everything anew.
"""

import ast
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import analysis

from .open_answers import MOVED
from .pipeline import inputs
from .targets import PUBLISHED

ROOT = Path(analysis.__file__).resolve().parents[1]
NAME = "seal.json"


def write_seal(folder: Path, seed: int) -> None:
    """Write the seal of the tables in `folder`, made from this seed by the program as it is."""
    seal = {"seed": seed, "made_from": sources(), "tables": tables(folder)}
    (folder / NAME).write_text(json.dumps(seal, indent=1) + "\n", encoding="utf-8")


def read_seal(folder: Path) -> dict:
    """The seal of a study folder: seed, made_from and tables (name → digest)."""
    return json.loads((folder / NAME).read_text(encoding="utf-8"))


def tables(folder: Path) -> dict[str, str]:
    """SHA-256 of every table of a study folder, by name of its file."""
    return {path.name: _digest(path) for path in sorted(folder.glob("*.csv"))}


def sources() -> dict[str, str]:
    """SHA-256 of all that decides the bytes of the tables: programs, assumptions, published numbers, settings."""
    package = Path(__file__).parent
    files = {*package.glob("*.py"), *package.glob("assumptions*.yml"), PUBLISHED, MOVED}
    waiting = list(package.glob("*.py"))
    while waiting:
        new = set(_imported(waiting.pop())) - files
        files |= new
        waiting += new
    named = {path.resolve().relative_to(ROOT).as_posix(): _digest(path) for path in files}
    return dict(sorted({**named, "settings": _of_text(json.dumps(inputs(), sort_keys=True))}.items()))


def differences(one: Path, other: Path) -> list[str]:
    """Names of the tables that one folder lacks or that differ in any byte."""
    first, second = tables(one), tables(other)
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def _imported(path: Path) -> Iterator[Path]:
    """Files of the package that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.module or not node.module.startswith("analysis"):
            continue
        for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
            place = ROOT.joinpath(*name.split("."))
            yield from (file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file())


def _digest(path: Path) -> str:
    """SHA-256 of a file; of a program only what it does, so that comments, docstrings and layout may change."""
    if path.suffix == ".py":
        return _of_text(_without_words(path.read_text(encoding="utf-8")))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _without_words(program: str) -> str:
    """A program as a syntax tree without comments and docstrings."""
    tree = ast.parse(program)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)


def _of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
