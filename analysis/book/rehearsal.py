"""Rehearse the chapters of a protected study, to learn what the report would tell and so what must stay untold.

The code of every chapter's notebook runs as it would in the book, with pages that record what they are given and show
nothing: once with all people and then with random halves of them. `show.disclosure.plan` makes the plan of it.
"""

import contextlib
import io
import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any

from analysis.book import releases
from analysis.book.execution import ChapterTask, chosen_cells
from analysis.book.failures import Failure, ReportFailed
from analysis.book.parameters import with_values
from analysis.book.workers import PROCESSES, in_workers
from analysis.frames.halves import random_halves
from analysis.frames.needs import unmet
from analysis.frames.trial import Trial, share
from analysis.methods.recording import paused
from analysis.published.prints import report_of
from analysis.show.disclosure import recording
from analysis.show.disclosure.attack import exposed
from analysis.show.disclosure.in_halves import Heard
from analysis.show.disclosure.plan import Plan, plan_of

# The more halves, the fewer counts are taken by chance to hang together; see `relations`.
HALVES = 16


def plan_for(trial: Trial, tasks: Sequence[ChapterTask], halves: int = HALVES) -> Plan:
    """What of these chapters of a study must stay untold when they are shown together; see `plan_of`.

    The plan is attacked as an outsider would. Raises ReportFailed where that finds a few people out.
    """
    everybody, parts = rehearsed(trial, [_program(task) for task in tasks], halves)
    study = trial.study
    plan = plan_of(everybody, parts, study.smallest_group, releases.earlier(trial, halves), study.rounding)
    if len(found_out := exposed(plan.counts, plan.hidden_counts, plan.threshold)):
        cause = f"{len(found_out)} numbers of fewer than {plan.threshold} people could be worked out from what it shows"
        cause += " and earlier releases told" if plan.counts.known.any() else ""
        raise ReportFailed([Failure(f"study {trial.study.name}", cause)])
    return plan


def rehearsed(trial: Trial, programs: Sequence[Sequence[str]], halves: int = HALVES) -> tuple[Heard, list[Heard]]:
    """What the programs of chapters, the code of their cells, tell of all people, and of each random half of them."""
    if unmet(trial, "published") is None:
        _ = report_of(trial).findings  # they hang on nobody, and the workers share them
    trials = [trial, *random_halves(trial, halves)]
    heard: dict[int, Heard] = {}
    for place, _, answer in in_workers(partial(_heard, trials, programs), range(len(trials)), PROCESSES):
        heard[place] = answer or {}
    return heard[0], [heard[place] for place in range(1, len(trials))]


def _program(task: ChapterTask) -> list[str]:
    """The code of the cells that are run, with the values of the parameters."""
    notebook = with_values(chosen_cells(task), {**task.on_this_machine, "results": None})
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _heard(trials: Sequence[Trial], programs: Sequence[Sequence[str]], place: int) -> Heard:
    """What the chapters tell of one of the trials; a cell that stops tells nothing, and stops in the book, too."""
    share(trials[place])
    with paused(), recording() as recorder, warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for program in programs:
            names: dict[str, Any] = {"display": lambda *_: None, "__name__": "__main__"}
            for source in program:
                with contextlib.suppress(Exception):
                    exec(compile(source, "<cell>", "exec"), names)
    return recorder.heard
