"""The tests that what changed since the last commit can have touched, nearest first, for a minute: `make test-quick`.

A test depends on what it imports, on what that imports, and on files that either names. Where that says nothing of a
changed file, every test may depend on it. What is left out is listed: `make test` alone says that nothing broke.
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
# No test begins later than after so many seconds, so that the last ones end within a minute.
LAST_START = 40
UNTIL = "TESTS_QUICK_UNTIL"
# More files than these take too long to be read, let alone run.
MOST = 24
# File → how many of its tests were left out.
LEFT: dict[str, int] = {}
# What reads all code or all words as text.
READ_ALL = ("tests/test_layout.py", "tests/test_prose.py", "tests/test_catalogue.py")
# What takes longer than there is time: all that needs the whole book, and the synthesis run anew.
TOO_LONG = re.compile(r"\(built_book|\bpytest\.mark\.browser\b|tests\.reduced_generation")


def changed() -> list[str]:
    """Files that differ from the last commit, and new ones."""
    asked = (["diff", "--name-only", "HEAD"], ["ls-files", "--others", "--exclude-standard"])
    told = [subprocess.run(["git", *each], cwd=ROOT, capture_output=True, text=True, check=True) for each in asked]
    return sorted({line for each in told for line in each.stdout.splitlines()})


def sources() -> dict[str, str]:
    """Path → text of every module, test and notebook."""
    paths = [*(ROOT / "analysis").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "notebooks").glob("*.ipynb")]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}


def is_test(path: str) -> bool:
    """Whether pytest finds tests in it."""
    return Path(path).name.startswith("test_") or path.endswith(".ipynb")


def names_in(path: str, text: str) -> Iterator[str]:
    """Dotted names that a file imports, or names as text, as what is imported or run by name."""
    if path.endswith(".ipynb"):
        yield from (f"{module}.{name}" for module, names in re.findall(r"from (analysis[\w.]*) import ([\w, ]+)", text)
                    for name in names.split(", "))  # fmt: skip
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inside = ".".join(Path(path).parts[: -node.level]) if node.level else ""
            yield from (".".join(filter(None, (inside, node.module, alias.name))) for alias in node.names)
        elif isinstance(node, ast.Constant) and re.fullmatch(r"(?:analysis|tests)\.[\w.]*", str(node.value)):
            yield from (f"{str(node.value).rstrip('.')}.{end}" for end in ("*", "__main__"))
    if '"-m", "analysis"' in text:
        yield "analysis.__main__"
    if is_test(path) and '"notebooks"' in text:
        yield "analysis.chapters.*"


def files_of(name: str, known: dict[str, str]) -> Iterator[str]:
    """The files behind a dotted name: the module, its packages, or all of a package."""
    parts = name.split(".")
    if parts[-1] == "*":
        yield from (path for path in known if path.startswith("/".join(parts[:-1]) + "/"))
    for end in range(1, len(parts) + 1):
        place = "/".join(parts[:end])
        yield from (path for path in (f"{place}.py", f"{place}/__init__.py") if path in known)


def readers(path: str, known: dict[str, str]) -> set[str]:
    """The files that a change of this one counts as a change of."""
    place = Path(path)
    chapter = [each for each in known if each.startswith(f"analysis/chapters/{place.stem}")]
    if path in known or place.match("analysis/show/words/*/*.yml"):
        return {path, *READ_ALL, *(chapter if place.suffix != ".py" else ())} & known.keys()
    stem = re.sub(r"_(?:data|answers)$|^test_", "", place.stem)
    found = {each for each, text in known.items() if stem in text or (place.parts[0] == "tests" and
             re.search(rf"\b{place.parent.name}\b", text) and place.parent.name != "reference")}  # fmt: skip
    if place.parts[0] == "tests":
        found = set(filter(lambda each: each.startswith("tests/"), found))
    if place.parts[0] == "data":
        found.add("analysis/study/finding.py")
    return found or set(filter(is_test, known))


def touched(files: list[str], known: dict[str, str]) -> list[str]:
    """The tests that a change of these files can have touched: those with the fewest imports in between first."""
    users: dict[str, set[str]] = {}
    for path, text in known.items():
        for used in (used for name in names_in(path, text) for used in files_of(name, known)):
            users.setdefault(used, set()).add(path)
    near = {path for file in files for path in readers(file, known)}
    if "tests/conftest.py" in near:
        near |= set(filter(is_test, known))
    found: dict[str, int] = {}
    while near:
        found |= dict.fromkeys(near, len(set(found.values())))
        near = {user for path in near for user in users.get(path, ())} - found.keys()
    alike = {path for path in found for file in files if Path(path).stem.removeprefix("test_") in file}
    return sorted(filter(is_test, found), key=lambda path: (path not in alike, found[path], len(known[path])))


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
    """What a worker has left out."""
    for file, tests in getattr(node, "workeroutput", {}).get("left", {}).items():
        LEFT[file] = LEFT.get(file, 0) + tests


def main() -> int:
    """Run what can be run in time, and say what was not."""
    os.environ[UNTIL] = str(time.time() + LAST_START)
    known, files = sources(), changed()
    wanted = touched(files, known)
    run = [path for path in wanted if not TOO_LONG.search(known[path])][:MOST]
    print(f"{len(files)} changed files touch {len(wanted)} of {sum(map(is_test, known))} files of tests.", flush=True)
    how = ["-q", "-p", "tests.quick", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    ran = pytest.main([*how, "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", *run]) if run else 0
    left = [f"{path}: {number} tests" for path, number in LEFT.items()]
    left += [f"{path}: all of it" for path in wanted if path not in run]
    print("\nNot run for want of time, but by `make test`:" if left else "\nAll of them were run.", *left, sep="\n  ")
    return int(ran)


if __name__ == "__main__":
    from tests import quick  # the module that pytest knows, whose counts are told

    sys.exit(quick.main())
