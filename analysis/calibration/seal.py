"""The same bytes every time: digests of tables and of the programs behind them, and arithmetic alike everywhere.

A seal tells at once when a table was changed by hand, or when the program has changed since the tables were made. Of a
program only what it does counts: comments, docstrings and layout may change.
"""

import ast
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import analysis

ROOT = Path(analysis.__file__).resolve().parents[1]
# What could tip an exchange between people, and with it the bytes: the order in which threads add numbers up, and
# instructions that only some processors have. Every processor with AVX2 computes alike.
SAME_EVERYWHERE = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "PYTHONHASHSEED": "0",
}


def with_same_arithmetic(module: str) -> None:
    """Start the program anew with arithmetic that is the same everywhere, unless it is so already."""
    if any(os.environ.get(name) != value for name, value in SAME_EVERYWHERE.items()):
        os.environ.update(SAME_EVERYWHERE)
        os.execv(sys.executable, [sys.executable, "-m", module, *sys.argv[1:]])


def table_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every table of a study folder, by name of its file."""
    return {path.name: digest(path) for path in sorted(folder.glob("*.csv"))}


def differences(one: Path, other: Path) -> list[str]:
    """Names of the tables that one folder lacks or that differ in any byte."""
    first, second = table_digests(one), table_digests(other)
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def renewed(folder: Path, made: dict[str, str], check: bool) -> list[str]:
    """Names of the tables whose stored bytes differ from what was `made` (name → text); written unless `check`."""
    paths = {folder / f"{name}.csv": text.encode() for name, text in made.items()}
    differing = [path for path, content in paths.items() if not path.is_file() or path.read_bytes() != content]
    for path in [] if check else differing:
        path.write_bytes(paths[path])
    return [path.name for path in differing]


def source_digests(programs: Iterable[Path], others: Iterable[Path] = ()) -> dict[str, str]:
    """SHA-256 of programs, of all of the package that they import, and of other files, by path in the project."""
    waiting = list(programs)
    files = {*waiting, *others}
    while waiting:
        new = set(_imported(waiting.pop())) - files
        files |= new
        waiting += new
    return {path.resolve().relative_to(ROOT).as_posix(): digest(path) for path in sorted(files)}


def _imported(path: Path) -> Iterator[Path]:
    """Files of the package that a file imports. A name that a room's door passes on leads to where it is made."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (folder := _folder(node, path)):
            for name in (None, *(alias.name for alias in node.names)):
                yield from _file(folder, name)


def _folder(node: ast.ImportFrom, path: Path) -> Path | None:
    """The module or room that an import is from, if it is of the package."""
    parts = (node.module or "").split(".") if node.module else []
    if node.level:
        return path.parents[node.level - 1].joinpath(*parts)
    return ROOT.joinpath(*parts) if parts[:1] == ["analysis"] else None


def _file(place: Path, name: str | None) -> Iterator[Path]:
    if name is not None and (module := _behind_door(place / "__init__.py", name)):
        yield module
        return
    target = place if name is None else place / name
    door = target / "__init__.py"
    yield from (file for file in (target.with_suffix(".py"), door) if file.is_file() and not _only_passes_on(file))


def _behind_door(door: Path, name: str) -> Path | None:
    """The module from which a room's `__init__.py` has a name."""
    if not door.is_file():
        return None
    for node in ast.parse(door.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and name in {alias.name for alias in node.names}:
            module = door.parent.joinpath(*(node.module or name).split(".")).with_suffix(".py")
            return module if module.is_file() else None
    return None


def _only_passes_on(path: Path) -> bool:
    """Whether a file is a door that does nothing itself, but to pass on names of its room."""
    if path.name != "__init__.py":
        return False
    body = ast.parse(path.read_text(encoding="utf-8")).body
    passed = [node for node in body if isinstance(node, ast.ImportFrom) and node.level == 1]
    others = [node for node in body if not isinstance(node, (ast.ImportFrom, ast.Assign, ast.Expr))]
    return bool(passed) and not others


def digest(path: Path) -> str:
    """SHA-256 of a file; of a program only what it does."""
    if path.suffix == ".py":
        return of_text(_without_words(path.read_text(encoding="utf-8")))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _without_words(program: str) -> str:
    """A program as a syntax tree without comments and docstrings."""
    tree = ast.parse(program)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)


def of_text(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
