"""A chapter is run again for each file that it uses, and comes out the same whatever becomes of all others."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from analysis.book import inputs, pages, parts
from analysis.book.execution import ChapterTask, run_chapters
from analysis.book.report import ROOT
from analysis.book.runs import PACKAGE
from analysis.book.used import ENGINE, Package
from analysis.study.finding import DATA

FILES = {
    "__init__.py": "",
    "book/__init__.py": "",
    "book/pages.py": "",
    **{f"book/{name}.py": "" for name in ENGINE},
    "chapters/__init__.py": "",
    "chapters/one.py": "def f():\n    from analysis.methods import (  # (in time)\n        mean, first,\n    )\n",
    "chapters/two/__init__.py": "from analysis.chapters.two.table import x\nfrom analysis.published import registry\n",
    "chapters/two/table.py": "import analysis.methods.sum as s; x = 'one.title'\n",
    "chapters/all.py": "from analysis.published.computed import computed\n",
    "methods/__init__.py": "",
    "methods/mean.py": "from .parts import half\n",
    "methods/parts.py": "",
    "methods/sum.py": "",
    "methods/lost.py": "",
    "methods/known.csv": "",
    "published/__init__.py": "",
    "published/registry.py": "",
    "published/computed.py": "from analysis.published import registry\n",
    "as_printed/__init__.py": "",
    "as_printed/x/__init__.py": "",
    "as_printed/x/tables.py": "CHAPTER = 'two'\n",
    "as_printed/x/others.py": "CHAPTER = 'three'\n",
    "as_printed/y/__init__.py": "",
    "show/__init__.py": "",
    "show/words/en/common.yml": "",
    "show/words/en/one.yml": "",
    "show/words/en/two.yml": "",
    "synthesis/__init__.py": "",
    "synthesis/make.py": "",
}
CODE = {
    "one": "from analysis.chapters import one\nfrom analysis import show",
    "two": "from analysis.chapters import two\nimport analysis.show",
    "all": "if True:\n    from analysis.chapters import all\nfrom analysis import show",
    "three": "name = 'analysis.chapters.one'\n__import__(name)",
}
ONE = {"chapters/one.py", "methods/mean.py", "methods/parts.py", "methods/known.csv", "show/words/en/one.yml"}
TWO = {"chapters/two/__init__.py", "chapters/two/table.py", "methods/sum.py", "methods/known.csv",
       "show/words/en/one.yml", "show/words/en/two.yml", "published/registry.py", "as_printed/x/tables.py"}  # fmt: skip
ALL = {"chapters/all.py", "published/computed.py", "published/registry.py", "as_printed/x/tables.py",
       "as_printed/x/others.py"}  # fmt: skip
EVERYONE = {"show/words/en/common.yml", *(f"book/{name}.py" for name in ENGINE)}


@pytest.fixture
def folder(tmp_path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "analysis" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, source in CODE.items():
        cell = nbformat.v4.new_code_cell(source)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / f"{name}.ipynb")
    return tmp_path


def package(folder: Path) -> Package:
    return Package(folder / "analysis", inputs.seen(folder / "analysis"), list(CODE))


def used(folder: Path, chapter: str, printed: str | None = "x") -> set[str]:
    """Without the packages' own files, which say nothing."""
    files = package(folder).used_by(folder / f"{chapter}.ipynb", printed)
    names = {path.relative_to(folder / "analysis").as_posix() for path in files}
    return {name for name in names if FILES[name] or not name.endswith("__init__.py")}


@pytest.mark.parametrize(("chapter", "expected"), [("one", ONE), ("two", TWO), ("all", ALL)])
def test_a_chapter_uses_what_its_imports_import_and_the_words_that_these_ask_for(folder, chapter, expected):
    """Also in functions; a chapter with numbers in print uses what computes them, and one that compares uses all."""
    assert used(folder, chapter) == expected | EVERYONE


def test_a_study_without_a_print_uses_nothing_of_another_ones(folder):
    assert used(folder, "two", None) == (TWO | EVERYONE) - {"as_printed/x/tables.py"}


def test_a_notebook_that_imports_by_a_computed_name_uses_everything(folder):
    assert package(folder).used_by(folder / "three.ipynb", None).keys() == package(folder).files.keys()


def test_every_edit_of_a_used_file_is_seen_and_no_other(folder):
    before = package(folder).used_by(folder / "one.ipynb", "x")
    for name in FILES:
        path = folder / "analysis" / name
        text = path.read_text()
        path.write_text(text + "\n# again\n")
        after = package(folder).used_by(folder / "one.ipynb", "x")
        assert (after == before) == (path not in before), name
        path.write_text(text)
        before = package(folder).used_by(folder / "one.ipynb", "x")


STUDY = {"people.csv": True, "study.yml": True, "words/en/one.yml": True, "words/en/two.yml": False,
         "words/en/common.yml": True, "published/cells.csv": True, "pages/background.md": False,
         "README.md": False}  # fmt: skip


def test_a_chapter_uses_its_study_but_for_the_books_own_pages_and_other_chapters_words(folder, tmp_path):
    study = tmp_path / "study"
    for name in STUDY:
        (study / name).parent.mkdir(parents=True, exist_ok=True)
        (study / name).write_text("")
    own = package(folder)
    files = own.of_study(inputs.seen(study), study, own.used_by(folder / "one.ipynb", None))
    names = {path.relative_to(study).as_posix() for path in files}
    assert names == {name for name, is_used in STUDY.items() if is_used}


def by_syntax(path: Path, modules: dict) -> set[str]:
    """What a module imports by its syntax tree, as `Package.imports` gives it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parts_of = [name.split(".") for name in found]
    return {".".join(each[:size]) for each in parts_of for size in range(1, len(each) + 1)} & modules.keys()


def test_no_import_of_the_package_is_overlooked_and_only_the_registry_imports_by_computed_names():
    whole = Package(PACKAGE, inputs.seen(PACKAGE), pages.listed_chapters(ROOT))
    ours = {name: path for name, path in whole.modules.items() if not name.startswith("analysis.synthesis")}
    assert {name: lost for name, path in ours.items() if (lost := by_syntax(path, ours) - whole.imports(name))} == {}
    computed = [name for name, path in ours.items() if "import_module" in path.read_text(encoding="utf-8")]
    assert [name for name in computed if not name.startswith("analysis.book.")] == ["analysis.published.registry"]


RUN = """
import sys
from pathlib import Path
from analysis.book import parts
from analysis.book.execution import ChapterTask, run_chapter
study, template, folder = map(Path, sys.argv[1:])
cells = parts.open_parts(study, "en")[0].cells(template)
task = ChapterTask(template.stem, template, {"study": study.name}, folder, study, cells)
failure = run_chapter(task, "this-process").failure
folder.with_name("failure").write_text(str(failure))  # a chapter has what is printed for itself
"""


def test_a_chapter_comes_out_the_same_when_everything_that_it_does_not_use_is_broken(tmp_path):
    """Of the program as it is, and of the data beside it; the driver itself has to stand."""
    study, template = DATA / "ips", ROOT / "notebooks" / "employment.ipynb"
    copy = shutil.copytree(PACKAGE, tmp_path / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(study, tmp_path / "data" / "ips")
    shutil.copyfile(DATA / "studies.yml", tmp_path / "data" / "studies.yml")
    whole = Package(copy, inputs.seen(copy), pages.listed_chapters(ROOT))
    kept = whole.used_by(template, "ips")
    broken = [path for path in whole.files if path not in kept and path.parent.name not in ("book", "claims")]
    assert {"health", "synthesis", "sfj"} <= {part for path in broken for part in path.parts}
    for path in broken:
        path.write_text("raise RuntimeError('not used')\n")
    own = whole.of_study(inputs.seen(tmp_path / "data" / "ips"), tmp_path / "data" / "ips", kept)
    for path in inputs.seen(tmp_path / "data" / "ips").keys() - own.keys():
        path.unlink()
    command = [sys.executable, "-c", RUN, tmp_path / "data" / "ips", template, tmp_path / "run"]
    environ = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0 and (tmp_path / "failure").read_text() == "None", done.stderr
    cells = parts.open_parts(study, "en")[0].cells(template)
    (outcome,) = run_chapters([ChapterTask("employment", template, {"study": "ips"}, tmp_path / "here", study, cells)])
    assert outcome.failure is None
    assert outcome.task.notebook.read_bytes() == (tmp_path / "run" / "employment.ipynb").read_bytes()
    assert len(json.loads(outcome.task.notebook.read_text())["cells"]) > 10
