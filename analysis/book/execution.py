"""Run chapter notebooks with parameters, two at a time, each in a kernel of its own.

A chapter is written to a folder aside; the caller moves it into place once it is complete. `run_chapter` is the one
function that knows how a notebook is executed, so another engine needs a change here only.
"""

import ast
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from analysis.book.failures import Failure

PROCESSES = 2
# One thread a kernel: two kernels share two cores, and sums are then added in the same order on every machine.
KERNEL_SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
KERNEL_CONFIG = Config({"KernelManager": {"transport_encryption": "auto"}})
_ENGINE = {
    "kernel_name": "python3",
    "progress_bar": False,
    "log_output": False,
    "record_timing": False,
    "shutdown_kernel": "immediate",
    "config": KERNEL_CONFIG,
}
INJECTED = "injected-parameters"


@dataclass(frozen=True)
class ChapterTask:
    """One chapter to run: its template, its parameters, and the empty folder that receives notebook and results."""

    chapter: str
    template: Path
    parameters: Mapping[str, Any]
    folder: Path

    @property
    def notebook(self) -> Path:
        """The executed notebook, without the injected parameters."""
        return self.folder / f"{self.chapter}.ipynb"

    @property
    def results(self) -> Path:
        """Where the chapter writes its downloads."""
        return self.folder / "results"


@dataclass(frozen=True)
class ChapterOutcome:
    """How one chapter went: seconds used, and the failure if there was one."""

    task: ChapterTask
    seconds: float
    failure: Failure | None = None


def known_parameters(template: Path) -> dict[str, Any]:
    """Names assigned in the parameters cell of a notebook template, each with its usual value.

    Read as Python: papermill's own inspection passes over a line whose comment holds an equals sign.
    """
    cells = nbformat.read(template, as_version=4).cells
    source = "\n".join(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", []))
    assignments = [node for node in ast.parse(source).body if isinstance(node, ast.Assign | ast.AnnAssign)]
    pairs = [(target, node.value) for node in assignments for target in getattr(node, "targets", None) or [node.target]]
    return {target.id: ast.literal_eval(value) for target, value in pairs if isinstance(target, ast.Name)}


def run_chapters(tasks: Sequence[ChapterTask]) -> Iterator[ChapterOutcome]:
    """Run the chapters and yield each outcome when it is there; a failing chapter does not stop the others."""
    with ProcessPoolExecutor(max_workers=PROCESSES) as pool:
        for finished in as_completed([pool.submit(run_chapter, task) for task in tasks]):
            yield finished.result()


def run_chapter(task: ChapterTask) -> ChapterOutcome:
    """Execute one chapter into its folder and strip what papermill adds for its own use."""
    started = time.perf_counter()
    os.environ.update(KERNEL_SETTINGS, IPYTHONDIR=str(task.folder / ".ipython"))
    task.folder.mkdir(parents=True, exist_ok=True)
    parameters = {**task.parameters, "results": str(task.results)}
    raw = task.folder / f"{task.chapter}.raw.ipynb"
    try:
        _execute(task, raw, parameters)
    except PapermillExecutionError as error:
        return ChapterOutcome(task, time.perf_counter() - started, _failing_cell(task, error))
    except DeadKernelError:
        failure = Failure(f"notebooks/{task.template.name}", "its process ended early, perhaps for want of memory")
        return ChapterOutcome(task, time.perf_counter() - started, failure)
    nbformat.write(publishable(nbformat.read(raw, as_version=4)), task.notebook)
    raw.unlink()
    return ChapterOutcome(task, time.perf_counter() - started)


def _execute(task: ChapterTask, raw: Path, parameters: Mapping[str, Any]) -> None:
    """Run the notebook; once more if its process died before its first answer, since nothing had run by then."""
    settings = {**_ENGINE, "cwd": str(task.folder)}
    try:
        papermill.execute_notebook(str(task.template), str(raw), parameters, **settings)
    except DeadKernelError:
        raise
    except RuntimeError:
        papermill.execute_notebook(str(task.template), str(raw), parameters, **settings)


def publishable(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook as the book shows it: no injected cell, no run times, no paths of this machine.

    The injected cell is dropped altogether because it names folders; the provenance page states the parameters.
    """
    clean = nbformat.from_dict(notebook)
    clean.cells = [cell for cell in clean.cells if INJECTED not in cell.metadata.get("tags", [])]
    clean.metadata = {key: value for key, value in clean.metadata.items() if key in ("kernelspec", "language_info")}
    for cell in clean.cells:
        for noise in ("papermill", "execution"):
            cell.metadata.pop(noise, None)
    return clean


def _failing_cell(task: ChapterTask, error: PapermillExecutionError) -> Failure:
    """Name the cell by its number in the template, where the author will look for it."""
    source = error.source.strip()
    template = nbformat.read(task.template, as_version=4)
    numbers = [number for number, cell in enumerate(template.cells, 1) if cell.source.strip() == source]
    where = f"cell {numbers[0]}" if numbers else "the cell with the injected parameters"
    code = [line for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    place = f"notebooks/{task.template.name}, {where}" + (f" ({code[0].strip()})" if code else "")
    return Failure(place, f"{error.ename}: {error.evalue}")
