"""The summary quotes the chapters: same numbers, same words, links to each of them."""

from pathlib import Path

import nbformat
import pytest

from analysis.chapters import employment, summary
from analysis.frames.trial import open_trial
from analysis.show.page import Page

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "summary.ipynb"


@pytest.fixture(scope="module")
def trial():
    return open_trial()


def test_work_rows_are_those_of_table_8(trial):
    shown = summary.table_work(trial).cells.set_index(["row", "column", "statistic"])["value"]
    whole = employment.late_shares_table(trial).cells.set_index(["row", "column", "statistic"])["value"]
    assert shown.equals(whole.loc[shown.index])
    assert set(shown.index.get_level_values("row")) == set(summary.WORK)


def test_title_turns_with_the_interval(trial):
    assert summary.title(trial).direction == "higher"
    assert summary.title(trial, conf_level=0.999).direction == "unclear"


def test_sentences_keep_the_words_of_their_chapter(trial):
    page = Page("summary")
    [sentence, *_] = summary.work_findings(trial)
    assert page.say(sentence, of="employment").text == Page("employment").say(sentence).text


def test_key_findings_are_written_with_their_chapter(trial, tmp_path):
    import json

    page = Page("summary", results=str(tmp_path))
    page.bullets(*summary.work_findings(trial), of="employment")
    said = json.loads((tmp_path / "summary" / "sentences.json").read_text())
    assert {entry["chapter"] for entry in said} == {"employment"}
    assert any(entry["finding"] for entry in said)


def test_the_page_links_to_every_results_chapter():
    text = "".join(cell.source for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "markdown")
    for chapter in ("employment", "health", "cost_benefit", "process_evaluation", "user_survey"):
        assert f"({chapter}.ipynb)" in text
