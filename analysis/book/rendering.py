"""Render the staged book with Jupyter Book; every warning is a failure with its page and line."""

import os
import re
import subprocess
import sys
from pathlib import Path

from analysis.book.failures import Failure, ReportFailed

# Not the console script: it need not be on the path of an environment that is called without being activated.
_JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
_LOCATED = re.compile(r"^(?P<file>.+?)(?::(?P<line>\d+))?: (?P<level>WARNING|ERROR|CRITICAL|SEVERE): (?P<text>.*)$")
_UNLOCATED = re.compile(r"^(?P<level>WARNING|ERROR|CRITICAL): (?P<text>.*)$")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Lines of a notebook are counted as cell number times this, plus the line in the cell.
_LINES_A_CELL = 10000


def render(stage: Path) -> Path:
    """Build the HTML of a staged book and return its folder.

    Raises ReportFailed with every warning (page and line) when Jupyter Book reports any, or with the end of its output
    when it stops for another reason.
    """
    command = [sys.executable, "-c", _JUPYTER_BOOK, "build", str(stage), "-W", "-n", "--keep-going", "--all", "-q"]
    settings = os.environ | {"NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, env=settings, cwd=stage)
    failures = read_warnings(done.stderr + "\n" + done.stdout, stage)
    html = stage / "_build" / "html"
    if failures or done.returncode != 0 or not (html / "book" / "index.html").is_file():
        raise ReportFailed(failures or [Failure("Jupyter Book", f"exit code {done.returncode}", _tail(done))])
    return html


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
        return f"{name}, cell {number // _LINES_A_CELL}, line {number % _LINES_A_CELL}"
    return f"{name}, line {number}" if line else name


def _tail(done: subprocess.CompletedProcess, lines: int = 15) -> str:
    return _COLOUR.sub("", "\n".join((done.stdout + done.stderr).strip().splitlines()[-lines:]))
