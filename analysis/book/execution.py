"""Run chapter notebooks with parameters, two at a time, each in a process of its own: a worker forked from this one,
which has the stack imported and the studies open, or an ordinary kernel.

A chapter is written to a folder aside; the caller moves it into place once it is complete. `run_chapter` is the one
function that knows how a notebook is executed, so another engine needs a change here only.
"""

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
import papermill
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from analysis.book import shell, surroundings, workbook
from analysis.book.failures import Failure
from analysis.book.parameters import is_parameters, with_values
from analysis.book.workers import CAN_FORK, PROCESSES, in_workers
from analysis.frames.needs import unmet
from analysis.frames.trial import Trial, share
from analysis.methods import recording
from analysis.show.disclosure.outputs import past_page
from analysis.show.disclosure.policy import FILE as PLAN

# No chapter takes so long; one that waits for something that never comes would else be waited for.
MINUTES_A_CHAPTER = 60
KERNEL_CONFIG = Config({"KernelManager": {"transport_encryption": "auto"}})


class OwnKernel(AsyncKernelManager):
    """A kernel of the Python that runs here, whatever kernels the machine knows under that name."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """What starts the kernel."""
        return KernelSpec(**get_kernel_dict())


_ENGINE = {
    "kernel_name": "python3",
    "progress_bar": False,
    "log_output": False,
    "record_timing": False,
    "request_save_on_cell_execute": False,
    "shutdown_kernel": "immediate",
    "config": KERNEL_CONFIG,
    "kernel_manager_class": OwnKernel,
}
_NO_ANSWER = "its process ended early, perhaps for want of memory"
# Errors whose first line is written for readers: it names files, columns and settings, never a participant's value.
TOLD_ERRORS = ("MissingText", "WrongParameter", "NoPlan", "PastPage")
# Added to the parameters of a protected study's notebook while it runs.
_GUARDED = """
from analysis.show import page as _page
from analysis.show.disclosure.outputs import refuse_others as _refuse_others
_refuse_others(_page.Page)
"""


@dataclass(frozen=True)
class ChapterTask:
    """One chapter to run: its template, its parameters, and the empty folder that receives notebook and results.

    study: the study's folder. parameters: name → value, as the executed notebook states them; the study by a name that
    `study.finding` resolves. cells: numbers of the template's cells that are run, None for all. part: what messages
    call the study, if it is not the one that the book is about.
    """

    chapter: str
    template: Path
    parameters: Mapping[str, Any]
    folder: Path
    study: Path | None = None
    cells: tuple[int, ...] | None = None
    part: str = ""

    @property
    def notebook(self) -> Path:
        """The executed notebook."""
        return self.folder / f"{self.chapter}.ipynb"

    @property
    def place(self) -> str:
        """The template as messages name it."""
        return f"{self.part}, notebooks/{self.template.name}" if self.part else f"notebooks/{self.template.name}"

    @property
    def on_this_machine(self) -> dict[str, Any]:
        """The parameters with the folders of this machine, with which the chapter is run."""
        place = {"study": str(self.study)} if self.study else {}
        return {**self.parameters, **place, "results": str(self.results)}

    @property
    def results(self) -> Path:
        """Where the chapter writes its downloads."""
        return self.folder / "results"


@dataclass(frozen=True)
class ChapterOutcome:
    """How one chapter went: seconds used, the failure if there was one, and what it wrote to standard error."""

    task: ChapterTask
    seconds: float
    failure: Failure | None = None
    remarks: str = ""


def run_chapters(
    tasks: Sequence[ChapterTask], trials: Sequence[Trial] = (), kernel: bool = False,
    idle: Callable[[], object] = list,
) -> Iterator[ChapterOutcome]:  # fmt: skip
    """Run the chapters and yield each outcome when it is there; a failing chapter does not stop the others.

    trials: opened studies, which chapters that run in workers do not open again. kernel: whether each runs in an
    ordinary kernel; so they do where processes cannot be forked. idle: what this process may do when it waits for the
    last chapters.
    """
    if CAN_FORK and not kernel:
        run, before = partial(_run_in_worker, trials, shell.ENGINE), _Preparing(tasks, trials)
        tasks = sorted(tasks, key=before.chapters_beside)
    else:
        run, before = partial(_run_in_worker, (), None), repr
    limit = 60 * MINUTES_A_CHAPTER
    for task, seconds, outcome in in_workers(run, tasks, PROCESSES, limit, before, idle):
        yield outcome or ChapterOutcome(task, seconds, _ended_early(task, is_late=seconds >= limit))


class _Preparing:
    """Prepares a study when its first chapter is about to run; small studies come first, and run in the meantime."""

    def __init__(self, tasks: Sequence[ChapterTask], trials: Sequence[Trial]) -> None:
        self._tasks, self._trials, self._ready = tasks, trials, set()

    def chapters_beside(self, task: ChapterTask) -> int:
        """How many chapters of the task's study are to run."""
        return sum(other.study == task.study for other in self._tasks)

    def __call__(self, task: ChapterTask) -> None:
        if task.study not in self._ready:
            self._ready.add(task.study)
            own = [other for other in self._tasks if other.study == task.study]
            _prepare(own, [trial for trial in self._trials if trial.folder == task.study])


def _prepare(tasks: Sequence[ChapterTask], trials: Sequence[Trial]) -> None:
    """Import and compute here what several chapters need."""
    for chapter in {task.chapter: task for task in tasks}:
        with contextlib.suppress(Exception):  # the cell that imports it says what is wrong
            import_module(f"analysis.chapters.{chapter}")
    for trial in trials:
        if unmet(trial, "registers") is None:
            _ = trial.people, trial.outcomes
        if sum(task.study == trial.folder for task in tasks) > PROCESSES:
            _hold_to_print(trial)


def _hold_to_print(trial: Trial) -> None:
    """Compute once what tells the kinds of numbers on every page; the cell that fails or warns then says so itself."""
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("error")
        import_module("analysis.chapters.reproduction").card(trial)


def _run_in_worker(trials: Sequence[Trial], engine: str | None, task: ChapterTask) -> ChapterOutcome:
    surroundings.enter(task.folder.with_name(f".home-{task.chapter}"))
    for trial in trials:
        share(trial)
    recording.forget()  # what was computed for all counts where it is used
    return run_chapter(task, engine)


def run_chapter(task: ChapterTask, engine: str | None = None) -> ChapterOutcome:
    """Execute one chapter into its folder, with papermill's engine of that name or in a kernel, and strip what
    papermill adds for its own use."""
    started = time.perf_counter()
    task.folder.mkdir(parents=True, exist_ok=True)
    prepared, raw = (task.folder / f"{task.chapter}.{name}.ipynb" for name in ("prepared", "raw"))
    is_protected = (task.folder / PLAN).is_file()
    nbformat.write(_prepared(task, is_protected), prepared)
    try:
        _execute(task, prepared, raw, engine)
    except PapermillExecutionError as error:
        return ChapterOutcome(task, time.perf_counter() - started, _failing_cell(task, error))
    except DeadKernelError:
        return ChapterOutcome(task, time.perf_counter() - started, _ended_early(task))
    executed = nbformat.read(raw, as_version=4)
    if is_protected and (past := _past_page(task, executed)):
        return ChapterOutcome(task, time.perf_counter() - started, past)
    as_shown = with_values(chosen_cells(task), {**task.parameters, "results": None})
    for cell, shown in zip(executed.cells, as_shown.cells, strict=True):
        cell.source = shown.source
    nbformat.write(publishable(executed), task.notebook)
    workbook.write_workbook(task.results, task.chapter)
    for path in (prepared, raw):
        path.unlink()
    return ChapterOutcome(task, time.perf_counter() - started, remarks=_remarks(executed))


def _prepared(task: ChapterTask, is_protected: bool) -> NotebookNode:
    """The notebook with its parameters; that of a protected study shows only what its page gives."""
    notebook = with_values(chosen_cells(task), task.on_this_machine)
    for cell in filter(is_parameters, notebook.cells if is_protected else ()):
        cell.source += _GUARDED
    return notebook


def _past_page(task: ChapterTask, executed: NotebookNode) -> Failure | None:
    """The first cell that printed something, or whose drawing was refused when the cell had ended."""
    for cell in executed.cells:
        kinds = {output.get("name") or output.output_type for output in cell.get("outputs", ())}
        if kinds & {"stdout", "error"}:
            cause = f"PastPage: {past_page('what it prints' if 'stdout' in kinds else 'a drawing')}"
            return Failure(_place_of(task, cell.source), cause, told=cause)
    return None


def _ended_early(task: ChapterTask, is_late: bool = False) -> Failure:
    cause = f"it was ended after {MINUTES_A_CHAPTER:g} minutes" if is_late else _NO_ANSWER
    return Failure(task.place, cause, told=cause)


def chosen_cells(task: ChapterTask) -> NotebookNode:
    """The template with the cells that are run, as they are in it but without stored outputs."""
    notebook = nbformat.read(task.template, as_version=4)
    numbers = range(len(notebook.cells)) if task.cells is None else task.cells
    notebook.cells = [notebook.cells[number] for number in numbers]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _execute(task: ChapterTask, prepared: Path, raw: Path, engine: str | None) -> None:
    """Run the notebook; once more if its process died before its first answer, since nothing had run by then."""
    settings = {**_ENGINE, "engine_name": engine, "cwd": str(task.folder)}
    try:
        papermill.execute_notebook(str(prepared), str(raw), **settings)
    except DeadKernelError:
        raise
    except RuntimeError:
        papermill.execute_notebook(str(prepared), str(raw), **settings)


def publishable(notebook: NotebookNode) -> NotebookNode:
    """The notebook as the book shows it: no run times, no paths of this machine, nothing from standard error."""
    clean = nbformat.from_dict(notebook)
    clean.metadata = {key: value for key, value in clean.metadata.items() if key in ("kernelspec", "language_info")}
    for cell in clean.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for noise in ("papermill", "execution"):
            cell.metadata.pop(noise, None)
    return clean


def _remarks(notebook: NotebookNode) -> str:
    """What the cells wrote to standard error, which is for whoever builds the report and not for its readers."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return "".join(output.text for output in outputs if output.get("name") == "stderr").strip()


def _failing_cell(task: ChapterTask, error: PapermillExecutionError) -> Failure:
    """Name the cell by its number in the template, where the author will look for it."""
    place = _place_of(task, error.source)
    told = error.ename if error.ename not in TOLD_ERRORS else f"{error.ename}: {error.evalue.splitlines()[0]}"
    return Failure(place, f"{error.ename}: {error.evalue}", told=told)


def _place_of(task: ChapterTask, source: str) -> str:
    """A cell by its number in the template and its first line of code."""
    template = nbformat.read(task.template, as_version=4)
    numbers = [number for number, cell in enumerate(template.cells, 1) if cell.source.strip() == source.strip()]
    where = f"cell {numbers[0]}" if numbers else "the cell of parameters"
    code = [line for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    place = f"{task.place}, {where}"
    return f"{place} ({code[0].strip()})" if code else place
