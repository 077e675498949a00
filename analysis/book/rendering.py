"""Render the staged book with Jupyter Book; every warning is a failure with its page and line."""

import errno
import os
import re
import sys
import tempfile
import traceback
import warnings
from importlib import import_module
from pathlib import Path

import nbformat

from analysis.book import surroundings
from analysis.book.chapter_pages import NUMBER
from analysis.book.failures import Failure, ReportFailed
from analysis.book.workers import in_workers

_QUIET = {"NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}
# What Jupyter Book imports in any case: a second builds on, once it is in the process that is forked.
_IMPORTED_BEFORE = ("jupyter_book.cli.main", "sphinx.application", "sphinx.builders.html", "myst_nb.sphinx_ext",
                    "sphinx_book_theme", "sphinx_comments", "sphinx_copybutton", "sphinx_design.extension",
                    "sphinx_external_toc.events", "sphinx_jupyterbook_latex.events", "sphinx_togglebutton",
                    "sphinxcontrib.bibtex")  # fmt: skip
_LOCATED = re.compile(r"^(?P<file>.+?)(?::(?P<line>\d+))?: (?P<level>WARNING|ERROR|CRITICAL|SEVERE): (?P<text>.*)$")
_UNLOCATED = re.compile(r"^(?P<level>WARNING|ERROR|CRITICAL): (?P<text>.*)$")
_FULL = re.compile(rf"(?:OSError\(|\[Errno )({errno.ENOSPC}|{errno.EDQUOT})\b")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Lines of a notebook are counted as cell number times this, plus the line in the cell.
_LINES_A_CELL = 10000


def render(stage: Path) -> Path:
    """Build the HTML of a staged book and return its folder; what was made of the last one there serves again.

    Raises ReportFailed with every warning (page and line) when Jupyter Book reports any, or with the end of its output
    when it stops for another reason; OSError for a full disk, of which there would be a warning for each file.
    """
    code, told = _in_a_worker(stage)
    if full := _FULL.search(told):
        raise OSError(int(full[1]), os.strerror(int(full[1])))
    failures = read_warnings(told, stage)
    html = stage / "_build" / "html"
    if failures or code != 0 or not (html / "book" / "index.html").is_file():
        raise ReportFailed(failures or [Failure("Jupyter Book", f"exit code {code}", _tail(told))])
    return html


def prepare() -> None:
    """Import here what rendering needs; worth its time whenever this process has nothing else to do."""
    for module in (*_IMPORTED_BEFORE, *import_module("sphinx.application").builtin_extensions):
        import_module(module)


def _in_a_worker(stage: Path) -> tuple[int | None, str]:
    """Exit code and output of Jupyter Book in a worker, which has nothing to import that this process has."""
    prepare()
    ((_, _, answer),) = in_workers(_build_here, [stage], at_most=1)
    return answer or (None, "its process ended early")


def _build_here(stage: Path) -> tuple[int, str]:
    """Run Jupyter Book in this process, a worker for this alone."""
    surroundings.enter(stage.with_name(".home-book"))
    os.environ |= _QUIET
    os.chdir(stage)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        for number in (1, 2):
            os.dup2(told.fileno(), number)
        sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        code = 0
        try:
            import_module("jupyter_book.cli.main").main(_arguments(stage))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except OSError:  # a full disk, say, which is told as such
            raise
        except Exception:  # as a program would end: told in its output, which says what to look at
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        told.seek(0)
        return code, told.read()


def _arguments(stage: Path) -> list[str]:
    return ["build", str(stage), "-W", "-n", "--keep-going", "-q"]


def read_warnings(output: str, stage: Path) -> list[Failure]:
    """Every warning or error in Sphinx's output, located in the files the author knows."""
    failures = []
    for line in _COLOUR.sub("", output).splitlines():
        located = _LOCATED.match(line)
        unlocated = _UNLOCATED.match(line)
        if located:
            failures.append(Failure(_place(located["file"], located["line"], stage), located["text"]))
        elif unlocated:
            failures.append(Failure("the book", unlocated["text"]))
    return list(dict.fromkeys(failures))


def _place(file: str, line: str | None, stage: Path) -> str:
    name = file.removeprefix(f"{stage.resolve()}/").removeprefix(f"{stage}/")
    number = int(line or 0)
    if name.endswith(".ipynb") and number >= _LINES_A_CELL:
        return f"{name}, cell {_cell(stage / name, number // _LINES_A_CELL)}, line {number % _LINES_A_CELL}"
    return f"{name}, line {number}" if line else name


def _cell(page: Path, place: int) -> int:
    """The number by which its author knows the cell at a place of a page."""
    cells = nbformat.read(page, as_version=4).cells if page.is_file() else []
    return cells[place - 1].metadata.get(NUMBER, place) if place <= len(cells) else place


def _tail(told: str, lines: int = 15) -> str:
    return _COLOUR.sub("", "\n".join(told.strip().splitlines()[-lines:]))
