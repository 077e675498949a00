"""Which gate a page of a study has: open for what may be told as it is, guarded for all else.

A study whose `disclosure` is `protected`, as every study is that does not say otherwise, is guarded by a plan of what
must stay untold (`plan`). The driver of the book works it out over all pages and hands it on, to workers in memory and
to kernels in a file. A page without one does not open: showing cells since nobody had looked would be worse.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from analysis.frames.trial import Trial
from analysis.show.catalogue import Catalogue
from analysis.show.disclosure.gate import Gate, Guard, Recorder
from analysis.show.disclosure.plan import Plan
from analysis.study.settings import Study

Shown = TypeVar("Shown")
# Set to 1 by whoever may show small cells of real data.
SMALL_CELLS = "ANALYSIS_SMALL_CELLS"
# Names the file of a plan to processes that the driver starts; an executed notebook has it beside it.
VARIABLE, FILE = "ANALYSIS_DISCLOSURE_PLAN", "disclosure.json"
_PLANS: dict[str, Plan] = {}
_RECORDERS: list[Recorder] = []


class NoPlan(Exception):
    """Nobody worked out what of a study must stay untold, and it is not one whose small cells may be shown."""


def shows_small_cells(study: Study) -> bool:
    """Whether small cells of real people are told as they are."""
    return study.data == "real" and study.disclosure == "as_published"


def refuse_small_cells(study: Study) -> None:
    """Raises NoPlan for real data whose small cells would be shown though nobody said that they may be."""
    if shows_small_cells(study) and os.environ.get(SMALL_CELLS) != "1":
        raise NoPlan(
            f"study {study.name} has real data and `disclosure: as_published`, so cells of one person would be shown. "
            "Set `disclosure: protected` in study.yml; or, where the register owner allows it, say "
            "`report --i-may-publish-small-cells`."
        )


def gate_of(trial: Trial, words: Catalogue) -> Gate:
    """The gate of a page of the study; raises NoPlan for a protected study without a plan, and see above."""
    if _RECORDERS:
        return _RECORDERS[-1]
    refuse_small_cells(trial.study)
    if trial.study.disclosure == "as_published":
        return Gate()
    plan = _PLANS.get(trial.study.name) or _stored().get(trial.study.name)
    if plan is None:
        raise NoPlan(
            f"study {trial.study.name} is protected, and what must stay untold hangs on all pages together. Build it with "
            "`python -m analysis report`, or run a notebook that such a build has executed, in its folder."
        )
    return Guard(plan, words.text("common.hidden.number"))


@contextlib.contextmanager
def recording() -> Iterator[Recorder]:
    """Every page that opens meanwhile records what it tells, and shows nothing."""
    _RECORDERS.append(recorder := Recorder())
    try:
        yield recorder
    finally:
        _RECORDERS.remove(recorder)


def guard(name: str, plan: Plan) -> None:
    """From now on pages of the study of that name are guarded by the plan."""
    _PLANS[name] = plan


def write_plans(path: Path) -> None:
    """Write the plans for other processes: which numbers may be told and which not, and no number of people."""
    plans = {name: {"threshold": plan.threshold, "hidden": sorted(plan.hidden), "told": sorted(plan.told)}
             for name, plan in _PLANS.items()}  # fmt: skip
    path.write_text(json.dumps(plans, ensure_ascii=False), encoding="utf-8")


def _stored() -> dict[str, Plan]:
    path = Path(os.environ.get(VARIABLE, FILE))
    if not path.is_file():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {name: Plan(plan["threshold"], *(frozenset(map(tuple, plan[which])) for which in ("hidden", "told")))
            for name, plan in stored.items()}  # fmt: skip
