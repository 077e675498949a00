"""Real data meet no word of the synthetic trial: one chapter, run as the report runs it, on both kinds of data."""

import shutil
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


def test_label_is_on_every_output_of_synthetic_data_and_on_none_of_real_data(kind, outcome):
    assert outcome.failure is None
    downloads = [path for path in outcome.task.results.rglob("*") if path.is_file()]
    assert {path.suffix for path in downloads} == {".csv", ".svg", ".json", ".jsonl"}
    labelled = {path.name for path in downloads if LABEL in path.read_text(encoding="utf-8")}
    assert labelled == ({path.name for path in downloads} if kind == "synthetic" else set())
    assert not [path.name for path in downloads if any(other in path.read_text(encoding="utf-8") for other in OTHERS)]
    shown = [
        output["data"]["text/html"]
        for cell in nbformat.read(outcome.task.notebook, as_version=4).cells
        for output in cell.get("outputs", [])
        if "result-" in output.get("data", {}).get("text/html", "")
    ]
    assert shown
    assert {LABEL in html for html in shown} == {kind == "synthetic"}
