"""Which gate a page of a study has: open for what may be told as it is, guarded for all else.

A study whose `disclosure` is `protected`, as every study is that does not say otherwise, is guarded by a plan of what
must stay untold (`plan`). The driver of the book works it out over all pages and lays it beside each notebook. A page
without one does not open: showing cells since nobody had looked would be worse.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from analysis.show.catalogue import Catalogue
from analysis.show.disclosure.gate import Gate, Guard, Recorder
from analysis.show.disclosure.plan import Plan
from analysis.study.settings import Study

Shown = TypeVar("Shown")
# Set to 1 by whoever may show small cells of real data.
SMALL_CELLS = "ANALYSIS_SMALL_CELLS"
# The plan of a page, in the folder where its notebook runs.
FILE = "disclosure.json"
# Of how many people each number of a page is. It stays with whoever built the report.
PEOPLE = "people.json"
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


def gate_of(study: Study, page: str, words: Catalogue) -> Gate:
    """The gate of a page of the study; raises NoPlan for a protected study without a plan, and see above."""
    if _RECORDERS:
        return _RECORDERS[-1]
    refuse_small_cells(study)
    if study.disclosure == "as_published":
        return Gate()
    plan = _stored(study, page)
    if plan is None:
        raise NoPlan(
            f"study {study.name} is protected, and what must stay untold hangs on all pages together. Build it "
            "with `python -m analysis report`, or run a notebook that such a build has executed, in its folder."
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


def write_people(plan: Plan, study: Study, page: str, folder: Path) -> None:
    """Write what one page tells of how many people beside its notebook, for a record of what was released."""
    own = replace(plan.released, people=[told for told in plan.released.people if told[0][0] == page])
    text = json.dumps({"study": study.name, **own.stored()}, ensure_ascii=False)
    (folder / PEOPLE).write_text(text, encoding="utf-8")


def write_plan(plan: Plan, study: Study, page: str, folder: Path) -> None:
    """Write what of one page must stay untold beside its notebook: addresses, and no number of people but
    those that are told rounded."""
    own = {which: sorted(address for address in getattr(plan, which) if address[0] == page)
           for which in ("hidden", "told")}  # fmt: skip
    rounded = sorted((address, value) for address, value in plan.rounded.items() if address[0] == page)
    stored = {"study": study.name, "page": page, "smallest_group": plan.threshold, **own, "rounded": rounded}
    (folder / FILE).write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")


def _stored(study: Study, page: str) -> Plan | None:
    path = Path(FILE)
    stored = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if (stored.get("study"), stored.get("page")) != (study.name, page):
        return None
    rounded = {tuple(address): value for address, value in stored["rounded"]}
    return Plan(stored["smallest_group"], *(frozenset(map(tuple, stored[which])) for which in ("hidden", "told")),
                rounded=rounded)  # fmt: skip
