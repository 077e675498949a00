"""What the check says of a folder that can be used: warnings, chapters and sections, and what the others need."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.book.checking import check
from analysis.frames.needs import CHECKS
from analysis.show.catalogue import Catalogue

HANDMADE = Path(__file__).parent / "handmade"
WEEKLY = Path(__file__).parent / "weekly"
ROOT = Path(__file__).parents[1]


def chapter(root, name, *sections, needs=()):
    cells = [new_code_cell("study = None", metadata={"tags": ["parameters"], "needs": list(needs)})]
    for title, wanted, kind in sections:
        cells += [new_markdown_cell(f"## {title}"), new_code_cell("x", metadata={"needs": [wanted], "kind": kind})]
    nbformat.write(new_notebook(cells=cells), root / "notebooks" / f"{name}.ipynb")


@pytest.fixture
def root(tmp_path):
    """A book of three chapters."""
    (tmp_path / "notebooks").mkdir()
    names = ("participants", "health", "cost_benefit")
    listed = "".join(f"    - file: notebooks/{name}\n" for name in names)
    (tmp_path / "_toc.yml").write_text(
        f"format: jb-book\nroot: book/index\nparts:\n  - caption: One\n    chapters:\n{listed}"
    )
    chapter(tmp_path, "participants", ("People", "participants", "method"), ("Complaints", "instrument:hads", "method"))
    chapter(tmp_path, "health", ("Scores", "instrument:hads", "method"), needs=["follow_up_waves"])
    chapter(tmp_path, "cost_benefit", ("Gain", "arms", "method"), ("As printed", "as_printed", "print"))
    return tmp_path


def test_chapters_and_sections_are_told_apart(root):
    assert list(check(WEEKLY, root).chapters) == [
        "The report will have:",
        "- Participants",
        "  without the sections:",
        "  - Complaints: it would need the instrument hads",
        "- Costs and benefits",
        "Left out:",
        "- Health: it would need answers to a questionnaire after inclusion",
    ]


def test_a_study_with_everything_leaves_nothing_out(root):
    assert list(check(HANDMADE, root).chapters) == [
        "The report will have:",
        "- Participants",
        "- Health",
        "- Costs and benefits",
    ]


def test_tables_of_a_print_that_have_no_words_are_named(tmp_path):
    """Code for a print shows tables in the words of the study; without these a build would lose the chapter."""
    folder = tmp_path / "study"
    shutil.copytree(HANDMADE, folder)
    assert not check(folder, ROOT).problems
    shutil.rmtree(folder / "words")
    found = {problem.cause.split(": ")[-1]: problem for problem in check(folder, ROOT).problems}
    problem = found["text_7.3, table_23, text_7.4, text_7.6, text_7.7."]
    assert (problem.file, problem.column, problem.kind) == ("as_printed.yml", "package", "missing_text")
    assert "words/en/user_survey.yml" in problem.remedy


def test_words_under_a_name_that_is_not_quite_right_are_named(tmp_path):
    """Nobody would miss them: the program's own words would stand in their place. A copy beside the file is let be."""
    folder = tmp_path / "study"
    shutil.copytree(HANDMADE, folder)
    words = folder / "words" / "en"
    shutil.copy(words / "employment.yml", words / "employment_old.yml")
    assert not check(folder, ROOT).problems
    (words / "health.yml").write_text("sentencess: {x: y}\n", encoding="utf-8")
    (words / "participants.yml").rename(words / "participant.yml")
    (words / "summary.yml").write_text("sentences: {x: y\n", encoding="utf-8")  # a fault of its own hides no other
    found = {(problem.file, problem.column): problem for problem in check(folder, ROOT).problems}
    named = {place: problem for place, problem in found.items() if problem.kind == "misnamed_words"}
    assert {file for file, _ in found.keys() - named.keys()} == {"words/en/summary.yml"}
    meant = {place: problem.remedy.split()[2] for place, problem in named.items()}
    assert meant == {("words/en/health.yml", "sentencess"): "sentences",
                     ("words/en/participant.yml", None): "participants.yml"}  # fmt: skip


@pytest.mark.parametrize("word", sorted(CHECKS))
def test_every_need_has_its_words(word):
    assert Catalogue("en").text(f"common.needs.{word}", detail="x", time_units="months")
