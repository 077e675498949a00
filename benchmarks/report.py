"""Time and memory of the report, as ratios to Jupyter Book executing the same notebooks itself.

Works on a copy of the project: a cold build, a second one with nothing changed, one after an edit of a notebook and one
after an edit of a chapter's module; then `jupyter-book build --all` on the same source, which runs every notebook in a
kernel. Prints one line a build: wall seconds, processor seconds of the driver with all that it started, and the highest
memory of these together, shared pages counted once (proportional set size, read from /proc ten times a second; Linux
only). Processor seconds are what compares on a busy machine. `--without-jupyter-book` leaves out the last, longest one.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import nbformat
import yaml

from analysis.book import inputs, kept, runs
from analysis.book.execution import chosen_cells
from analysis.book.parameters import with_values
from analysis.book.parts import open_parts
from analysis.book.request import Request

ROOT = Path(__file__).resolve().parent.parent
INTERVAL = 0.1
EDITED = "participants"


class Measured(NamedTuple):
    """One build: wall seconds, processor seconds, peak memory in MiB."""

    label: str
    seconds: float
    processor: float
    memory: float


def descendants(pid: int) -> list[int]:
    """A process and all processes started by it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:  # the process ended meanwhile
            continue
        for child in children:
            found += descendants(child)
    return found


def memory(pid: int) -> int:
    """Memory of one process in bytes; nothing if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def measured(label: str, command: Sequence[str], folder: Path) -> Measured:
    """A command with everything it starts."""
    peak = 0
    started, before = time.perf_counter(), _processor()
    environ = os.environ | {"PYTHONPATH": str(folder)}
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environ)
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(INTERVAL):
            peak = max(peak, sum(memory(pid) for pid in descendants(process.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    if code:
        sys.exit(f"{' '.join(command)} ended with exit code {code}")
    return Measured(label, seconds, _processor() - before, peak / 2**20)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def edit_notebook(project: Path) -> None:
    """Another remark in a chapter's first code."""
    path = project / "notebooks" / f"{EDITED}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[1].source += "\n# A remark."
    nbformat.write(notebook, path)


def edit_module(project: Path) -> None:
    """Another remark in one of the chapter's modules."""
    with (project / "analysis" / "chapters" / EDITED / "background.py").open("a", encoding="utf-8") as file:
        file.write("# A remark.\n")


def unexecuted(project: Path, out: Path, stage: Path) -> None:
    """The source of the report as Jupyter Book takes it, with notebooks that it has to execute."""
    shutil.copytree(out / "executed" / "en" / kept.FOLDER / "book", stage, ignore=shutil.ignore_patterns("_build"))
    request = Request(project / "data" / "sfj", out, root=project).absolute()
    program = {place: inputs.seen(place) for place in (*runs.PROGRAM, *request.sources)}
    for run in runs.planned(request, open_parts(request.study, "en"), program)[0]:
        notebook = with_values(chosen_cells(run.task(out)), {"study": str(run.part.folder)})
        nbformat.write(notebook, stage / run.part.place / f"{run.chapter}.ipynb")
    settings = yaml.safe_load((stage / "_config.yml").read_text(encoding="utf-8"))
    settings["execute"] = {"execute_notebooks": "force", "timeout": -1}
    (stage / "_config.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")


def main() -> None:
    """Measure the builds in a folder that is removed afterwards."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--without-jupyter-book", action="store_true")
    without = asked.parse_args().without_jupyter_book
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        project, out, stage = (Path(folder, name) for name in ("project", "out", "stage"))
        shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(".*", "_build", "tests", "__pycache__"))
        report = [sys.executable, "-m", "analysis", "report", "--out", str(out)]
        rows = []
        for label, edit in (("full", None), ("nothing changed", None), ("a notebook changed", edit_notebook),
                            ("a module changed", edit_module)):  # fmt: skip
            if edit:
                edit(project)
            rows.append(measured(label, report, project))
            print(f"{label:<20} {rows[-1].seconds:7.1f} s {rows[-1].processor:7.1f} CPU s {rows[-1].memory:6.0f} MiB",
                  flush=True)  # fmt: skip
        if without:
            return
        unexecuted(project, out, stage)
        program = Path(sys.executable).with_name("jupyter-book")
        whole = measured("jupyter-book", [str(program), "build", "--all", str(stage)], project)
        print(f"{'jupyter-book --all':<20} {whole.seconds:7.1f} s {whole.processor:7.1f} CPU s {whole.memory:6.0f} MiB")
        for row in rows:
            print(f"{row.label:<20} {row.seconds / whole.seconds:.3f} of its time, "
                  f"{row.processor / whole.processor:.3f} of its processor time")  # fmt: skip


if __name__ == "__main__":
    main()
