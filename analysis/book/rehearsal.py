"""Rehearse the chapters of a protected study, to learn what the report would tell and so what must stay untold.

The code of every chapter's notebook runs as it would in the book, with pages that record what they are given and show
nothing: once with all people and then with random halves of them. `show.disclosure.plan` makes the plan of it.
"""

import contextlib
import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from analysis.book.parameters import with_values
from analysis.book.workers import CAN_FORK, in_forks
from analysis.frames.halves import random_halves
from analysis.frames.trial import Trial, share
from analysis.show.disclosure import recording
from analysis.show.disclosure.plan import Heard, Plan, plan_of

# The more halves, the fewer counts are taken by chance to hang together; see `relations`.
HALVES = 8
PROCESSES = 2


@dataclass(frozen=True)
class Part:
    """One chapter to rehearse: its template, its parameters, and the numbers of the cells that are run, None for all."""

    template: Path
    parameters: Mapping[str, Any]
    cells: tuple[int, ...] | None = None


def plan_for(trial: Trial, parts: Sequence[Part], threshold: int, halves: int = HALVES, processes: int = PROCESSES) -> (
    Plan
):  # fmt: skip
    """What must stay untold when these chapters are shown together; see `plan_of`."""
    programs = [_program(part) for part in parts]
    trials = [trial, *random_halves(trial, halves)]
    heard: dict[int, Heard] = {}
    if CAN_FORK:
        for place, _, answer in in_forks(partial(_heard, trials, programs), range(len(trials)), processes):
            heard[place] = answer or {}
    else:
        heard = {place: _heard(trials, programs, place) for place in range(len(trials))}
        share(trial)
    return plan_of(heard[0], [heard[place] for place in range(1, len(trials))], threshold)


def _program(part: Part) -> list[str]:
    """The code of the cells that are run, with the parameters' values, without what would be written."""
    notebook = nbformat.read(part.template, as_version=4)
    numbers = range(len(notebook.cells)) if part.cells is None else part.cells
    notebook.cells = [notebook.cells[number] for number in numbers]
    notebook = with_values(notebook, {**part.parameters, "results": None})
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _heard(trials: Sequence[Trial], programs: Sequence[Sequence[str]], place: int) -> Heard:
    """What the chapters tell of one of the trials; a cell that stops tells nothing, and stops in the book, too."""
    share(trials[place])
    with recording() as recorder, warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for program in programs:
            names: dict[str, Any] = {"display": lambda *_: None, "__name__": "__main__"}
            for source in program:
                with contextlib.suppress(Exception):
                    exec(compile(source, "<cell>", "exec"), names)
    return recorder.heard
