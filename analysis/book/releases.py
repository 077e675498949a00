"""The register of releases: what earlier reports of a study told, so that a new one does not tell by the difference.

A release is a file in `releases/` of the study folder, which its analyst keeps: of how many people each number was, by
the number's address. Nothing of it is in a report.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from analysis.frames.trial import Trial
from analysis.show.disclosure.plan import People
from analysis.show.disclosure.policy import PEOPLE

FOLDER = "releases"


def earlier(trial: Trial) -> list[People]:
    """What each recorded release of the study told."""
    files = sorted((trial.folder / FOLDER).glob("*.json")) if trial.folder else []
    return [[(tuple(address), tuple(numbers)) for address, numbers in json.loads(path.read_bytes())["people"]]
            for path in files]  # fmt: skip


def record(out: Path, trial: Trial, digest: str) -> Path:
    """Keep what the report in a folder tells, by the digest of its pages; the same report is recorded once."""
    told = {"study": trial.study.name, "sha256": digest, "people": list(_told(out, trial))}
    path = trial.folder / FOLDER / f"{digest[:16]}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return path


def _told(out: Path, trial: Trial) -> Iterator[list]:
    for path in sorted((out / "executed").glob(f"*/*/{PEOPLE}")):
        stored = json.loads(path.read_bytes())
        if stored["study"] == trial.study.name:
            yield from stored["people"]
