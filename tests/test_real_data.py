"""Real data meet no word of the synthetic trial: one chapter, run as the report runs it, on both kinds of data."""

import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest

from analysis.book.execution import ChapterTask, run_chapters
from analysis.book.report import ROOT
from analysis.show.catalogue import Catalogue

HANDMADE = Path(__file__).parent / "handmade"
# As the study's own words have it, and as those of any study do.
LABEL, *OTHERS = (Catalogue("en", own=own).text("common.data.synthetic_label") for own in (HANDMADE / "words", None))


@pytest.fixture(params=["real", "synthetic"])
def kind(request) -> str:
    return request.param


@pytest.fixture
def outcome(kind, tmp_path):
    """The chapter on participants, run on a copy of the trial of ten people that says which kind of data it is."""
    study = shutil.copytree(HANDMADE, tmp_path / "study")
    settings = study / "study.yml"
    stated = settings.read_text(encoding="utf-8")
    settings.write_text(stated.replace("data: synthetic", f"data: {kind}"), encoding="utf-8")
    template = ROOT / "notebooks" / "participants.ipynb"
    [outcome] = run_chapters([ChapterTask("participants", template, {"study": str(study)}, tmp_path / "run")])
    return outcome


def told_in(path) -> str:
    """The words of a download; of a workbook those of all its parts."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as parts:
            return "".join(parts.read(name).decode() for name in parts.namelist())
    return path.read_bytes().decode("utf-8", errors="replace")


def test_label_is_on_every_output_of_synthetic_data_and_on_none_of_real_data(kind, outcome):
    assert outcome.failure is None
    downloads = [path for path in outcome.task.results.rglob("*") if path.is_file()]
    assert {path.suffix for path in downloads} == {".csv", ".svg", ".png", ".json", ".jsonl", ".xlsx"}
    told = {path.name: told_in(path) for path in downloads}
    labelled = {name for name, text in told.items() if LABEL in text}
    assert labelled == (set(told) if kind == "synthetic" else set())
    assert not [name for name, text in told.items() if any(other in text for other in OTHERS)]
    shown = [
        output["data"]["text/html"]
        for cell in nbformat.read(outcome.task.notebook, as_version=4).cells
        for output in cell.get("outputs", [])
        if "result-" in output.get("data", {}).get("text/html", "")
    ]
    assert shown
    assert {LABEL in html for html in shown} == {kind == "synthetic"}
