"""The register of releases: what earlier reports of a study told, so that a new one does not tell by the difference.

A release is a file in `releases/` of the study folder, which its analyst keeps: the counts of the report, among all
people and among each half of them, which of them it told, and of how many people each other number was. Nothing of it
is in a report.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from analysis.book.failures import Failure, ReportFailed
from analysis.frames.trial import Trial
from analysis.show.disclosure.policy import PEOPLE
from analysis.show.disclosure.released import Released

FOLDER = "releases"
_OTHER = (
    "This release cannot be read: another version of the program recorded it, or the file was changed. "
    "Build that report again and record it anew."
)


def earlier(trial: Trial, halves: int) -> list[Released]:
    """What each recorded release of the study told; ReportFailed for one that cannot be read."""
    files = sorted((trial.folder / FOLDER).glob("*.json")) if trial.folder else []
    return [page for path in files for page in _read(path, halves)]


def _read(path: Path, halves: int) -> list[Released]:
    try:
        told = [Released.read(page) for page in json.loads(path.read_bytes())["told"]]
    except (ValueError, KeyError, TypeError):
        told = None
    if told is None or any(len(vector) != halves + 1 for page in told for vector in page.vectors):
        raise ReportFailed([Failure(str(path), _OTHER)])
    return told


def record(out: Path, trial: Trial, digest: str) -> Path:
    """Keep what the report in a folder tells, by the digest of its pages; the same report is recorded once."""
    told = {"study": trial.study.name, "sha256": digest, "told": [page.stored() for page in _told(out, trial)]}
    path = trial.folder / FOLDER / f"{digest[:16]}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return path


def _told(out: Path, trial: Trial) -> Iterator[Released]:
    """What the pages told; those of one build share the counts, which are given once."""
    systems: dict[str, list] = {}
    for path in sorted((out / "executed").glob(f"*/*/{PEOPLE}")):
        stored = json.loads(path.read_bytes())
        if stored.pop("study") == trial.study.name:
            people = stored.pop("people")
            systems.setdefault(json.dumps(stored), []).extend(people)
    for system, people in systems.items():
        yield Released.read({**json.loads(system), "people": people})
