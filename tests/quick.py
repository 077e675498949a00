"""`make test-quick`: for a minute the tests that a change since the last commit can have touched, nearest first.

A file hangs on what it imports, on what that imports, and on what it names. Where nothing names a changed file, every
test may hang on it. What is left out is listed: `make test` alone says that nothing broke.
"""

import ast
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# No test begins later than after so many seconds, and no more files are read, so that the last end within a minute.
LAST_START, MOST = 40, 24
UNTIL = "TESTS_QUICK_UNTIL"
# What reads all code or all words as text; and what takes too long: the whole book, and the synthesis run anew.
READ_ALL = {"tests/test_layout.py", "tests/test_prose.py", "tests/test_catalogue.py"}
# What all tests run in.
OF_ALL = {"conftest.py", "shared.py"}
IS_TEST = re.compile(r"/test_[^/]*$|\.ipynb$")
TOO_LONG = re.compile(r"\(built_book|\bpytest\.mark\.browser\b|tests\.reduced_generation")
# File → how many of its tests were left out.
LEFT: dict[str, int] = {}


def changed() -> set[str]:
    """Files that differ from the last commit, and new ones."""
    asked = "git diff --name-only HEAD", "git ls-files --others --exclude-standard"
    return {line for each in asked for line in subprocess.check_output(each.split(), cwd=ROOT, text=True).splitlines()}


def names_in(path: str, text: str) -> Iterator[str]:
    """Dotted names of modules that a file imports, or imports or runs by a name in quotes."""
    for module, names in re.findall(r"from (analysis[\w.]*) import ([\w, ]+)", text if path.endswith(".ipynb") else ""):
        yield from (f"{module}.{name}" for name in names.split(", "))
    for node in ast.walk(ast.parse(text)) if path.endswith(".py") else ():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inside = ".".join(Path(path).parts[: -node.level]) if node.level else ""
            yield from (".".join(filter(None, (inside, node.module, alias.name))) for alias in node.names)
        elif isinstance(node, ast.Constant) and re.fullmatch(r"(?:analysis|tests)\.[\w.]*", str(node.value)):
            yield f"{str(node.value).rstrip('.')}.*"
    by_name = {'"-m", "analysis"': "analysis.__main__", '"notebooks"': "analysis.chapters.*"}
    yield from (name for said, name in by_name.items() if said in text and path.startswith("tests/"))


def files_of(name: str, known: dict[str, str]) -> set[str]:
    """The files behind a dotted name: the module with its packages, or all of a package."""
    *parts, last = name.split(".")
    places = ["/".join([*parts, last][:end]) for end in range(1, len(parts) + 2)]
    inside = {path for path in known if path.startswith("/".join([*parts, ""]))} if last == "*" else set()
    return inside | ({f"{place}{end}" for place in places for end in (".py", "/__init__.py")} & known.keys())


def readers(path: str, known: dict[str, str]) -> set[str]:
    """The files that a change of this one counts as a change of."""
    place, room = Path(path), path.split("/")[0]
    if path in known or place.match("analysis/show/words/*/*.yml"):
        of_chapter = {each for each in known if each.startswith(f"analysis/chapters/{place.stem}")}
        more = of_chapter if place.suffix != ".py" else set(known) if place.name in OF_ALL else set()
        return (READ_ALL | {path} | more) & known.keys()
    is_own_folder = room == "tests" and place.parent.name not in ("tests", "reference")
    named = place.parent.name if is_own_folder else re.sub(r"_(?:data|answers)$", "", place.stem)
    found = {each for each, text in known.items() if named in text and (room != "tests" or each.startswith("tests/"))}
    return found | ({"analysis/study/finding.py"} if room == "data" else set()) or set(known)


def touched(files: set[str], known: dict[str, str]) -> list[str]:
    """The tests that a change of these files can have touched: those with the fewest imports in between first."""
    users: dict[str, set[str]] = {}
    for path, text in known.items():
        for name in set(names_in(path, text)):
            for used in files_of(name, known):
                users.setdefault(used, set()).add(path)
    near, found, step = {path for file in files for path in readers(file, known)}, {}, 0
    while near:
        found, step = found | dict.fromkeys(near, step), step + 1
        near = {user for path in near for user in users.get(path, ())} - found.keys()
    alike = {path for path in found for file in map(Path, files)
             if Path(path).stem.removeprefix("test_") in file.as_posix() or file.name in known[path]}  # fmt: skip
    return sorted(filter(IS_TEST.search, found), key=lambda path: (path not in alike, found[path], len(known[path])))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The nearest first, whatever is slow."""
    items.sort(key=lambda item: config.args.index(item.path.relative_to(ROOT).as_posix()))


def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """In a worker: a test that would begin too late is left out, and counted."""
    if time.time() < float(os.environ[UNTIL]):
        return None
    left, file = item.config.workeroutput.setdefault("left", {}), item.path.relative_to(ROOT).as_posix()
    left[file] = left.get(file, 0) + 1
    return True


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """What a worker has left out; a file is with one worker."""
    LEFT.update(getattr(node, "workeroutput", {}).get("left", {}))


def main() -> int:
    """Run what can be run in time, and say what was not."""
    os.environ[UNTIL] = str(time.time() + LAST_START)
    every = [path for kind in ("analysis/**/*.py", "tests/**/*.py", "notebooks/*.ipynb") for path in ROOT.glob(kind)]
    known = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(every)}
    wanted = touched(files := changed(), known)
    run = [path for path in wanted if not TOO_LONG.search(known[path])][:MOST]
    print(f"{len(files)} changed files touch {len(wanted)} files of tests.", flush=True)
    how = "-q -p tests.quick -W ignore::pytest.PytestAssertRewriteWarning -n 2 --dist loadfile --no-loadscope-reorder"
    ran = pytest.main([*how.split(), *run]) if run else 0
    left = [f"{path}: {number} tests" for path, number in LEFT.items()]
    left += [f"{path}: all of it" for path in wanted if path not in run]
    print("\nNot run for want of time, but by `make test`:" if left else "\nAll of them were run.", *left, sep="\n  ")
    return int(ran)


if __name__ == "__main__":
    from tests import quick  # the module that pytest knows, whose counts are told

    sys.exit(quick.main())
