"""What a notebook's chapter can give for a study, by the needs in the metadata of its cells."""

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.book import plan
from analysis.book.report import ROOT
from analysis.frames.needs import unmet
from analysis.frames.trial import open_trial
from analysis.show import page as page_module
from analysis.show.catalogue import Catalogue

HANDMADE = Path(__file__).parent / "handmade"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cell(make, source, *needs, **metadata):
    return make(source, metadata={**({"needs": list(needs)} if needs else {}), **metadata})


CELLS = [
    cell(new_markdown_cell, "# A chapter"),
    cell(new_code_cell, "study = None", "participants", tags=["parameters"]),
    cell(new_markdown_cell, "## Arms\n\nHow they are compared.", "arms"),
    cell(new_code_cell, "compare()"),
    cell(new_markdown_cell, "### By centre"),
    cell(new_code_cell, "by_centre()", "several_centres"),
    cell(new_markdown_cell, "## People"),
    cell(new_code_cell, "people()"),
    cell(new_code_cell, "by_status()", "registers"),
    cell(new_markdown_cell, "## Limits\n\nWhat one cannot see."),
    cell(new_markdown_cell, "About registers.", "registers"),
]


@pytest.fixture(scope="module")
def whole():
    return open_trial(HANDMADE)


@pytest.fixture(scope="module")
def bare(whole):
    """The same people in one arm and one centre, without registers."""
    arm, centre = whole.study.arms[:1], whole.study.centres[:1]
    return replace(whole, study=replace(whole.study, arms=arm, centres=centre, horizon=None, dates=None))


@pytest.fixture(scope="module")
def nobody(whole):
    return replace(whole, tables={name: frame.iloc[:0] for name, frame in whole.tables.items()})


@pytest.fixture
def template(tmp_path):
    nbformat.write(new_notebook(cells=CELLS), tmp_path / "chapter.ipynb")
    return tmp_path / "chapter.ipynb"


def sources(cells):
    return [cell.source.splitlines()[0] for cell in cells]


def test_a_study_with_everything_keeps_every_cell(whole):
    assert plan.kept_cells(whole, CELLS) == CELLS


def test_a_section_goes_with_its_need_and_takes_those_inside_it_along(bare):
    kept = sources(plan.kept_cells(bare, CELLS))
    assert kept == ["# A chapter", "study = None", "## People", "people()", "## Limits"]


def test_a_heading_goes_when_every_result_under_it_goes(bare):
    one_centre = [cell for cell in CELLS if cell.source in ("### By centre", "by_centre()", "## People", "people()")]
    assert sources(plan.kept_cells(bare, one_centre)) == ["## People", "people()"]


def test_a_general_text_keeps_its_heading_where_the_study_has_no_note_of_its_own(bare):
    general = cell(new_markdown_cell, "What nobody can see.", "no_note:people:limits")
    own = cell(new_code_cell, "page.note('limits')", "note:people:limits")
    heading = cell(new_markdown_cell, "## Limits")
    assert plan.kept_cells(bare, [heading, general, own]) == [heading, general]
    method = cell(new_markdown_cell, "How arms are compared.", "no_note:people:method")
    assert plan.kept_cells(bare, [heading, method, cell(new_code_cell, "compare()", "arms")]) == []


def test_the_plan_names_the_first_need_that_is_not_met(bare, template):
    assert plan.chapter_plan(bare, template) == [
        ("Arms", "arms"),
        ("By centre", "arms"),
        ("People", None),
        ("Limits", None),
    ]


@pytest.mark.parametrize("metadata", [{"kind": "print", "needs": ["as_printed"]}, {"needs": ["general_rule:x"]}])
def test_what_no_study_has_to_have_is_named_only_where_it_is_given(bare, tmp_path, metadata):
    printed = replace(bare, study=replace(bare.study, as_printed=replace(bare.study.as_printed, rules={"x": 1})))
    unprinted = replace(bare, study=replace(bare.study, as_printed=None))
    cells = [new_markdown_cell("## As printed"), new_code_cell("x", metadata=metadata)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "chapter.ipynb")
    given = [plan.chapter_plan(trial, tmp_path / "chapter.ipynb") for trial in (printed, unprinted)]
    assert sorted(given, key=len) == [[], [("As printed", None)]]


def test_what_the_chapter_needs_every_section_needs(nobody, template):
    assert {need for _, need in plan.chapter_plan(nobody, template)} == {"participants"}


def test_a_section_ends_before_the_next_heading_that_is_not_below_it():
    found = {section.title: list(section.cells) for section in plan.sections(CELLS)}
    assert found == {"Arms": [2, 3, 4, 5], "By centre": [4, 5], "People": [6, 7, 8], "Limits": [9, 10]}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_name_only_needs_that_exist(path, whole):
    for each in nbformat.read(path, as_version=4).cells:
        unmet(whole, *plan.needs_of(each))


def test_a_heading_that_gives_way_to_a_note_of_the_study_leaves_its_section(whole, tmp_path):
    (tmp_path / "words" / "en").mkdir(parents=True)
    (tmp_path / "words" / "en" / "users.yml").write_text("notes: {own: '## Our own heading'}\n", encoding="utf-8")
    cells = [cell(new_markdown_cell, "## General", "no_note:users:own"), cell(new_code_cell, "show()")]
    assert [each.source for each in plan.kept_cells(replace(whole, folder=tmp_path), cells)] == ["show()"]
    assert len(plan.kept_cells(whole, cells)) == 2


def test_a_section_that_a_note_opens_does_not_go_with_the_one_above(bare):
    cells = [
        cell(new_markdown_cell, "## Arms", "arms"),
        cell(new_code_cell, "compare()"),
        cell(new_code_cell, "page.note('people')", tags=["note"], heading="## People"),
        cell(new_code_cell, "people()"),
    ]
    assert sources(plan.kept_cells(bare, cells)) == ["page.note('people')", "people()"]
    assert [section.title for section in plan.sections(cells)] == ["Arms", "People"]


def test_general_limits_stand_where_the_study_has_no_note_of_its_own(whole):
    """Without them the page would end on its figures; a study's own note takes their place."""
    cells = [
        cell(new_markdown_cell, "## Limits"),
        cell(new_markdown_cell, "In general.", "no_note:users:no_such_note"),
        cell(new_code_cell, "page.note('no_such_note')", "note:users:no_such_note", tags=["note"]),
    ]
    assert sources(plan.kept_cells(whole, cells)) == ["## Limits", "In general."]


def test_a_note_for_every_study_keeps_no_section(bare):
    """What is said of a method is no result: a section of which nothing else is left goes with it."""
    note = cell(new_code_cell, "page.note('method')", tags=["note"])
    heading = cell(new_markdown_cell, "## Arms")
    assert plan.kept_cells(bare, [heading, note, cell(new_code_cell, "compare()", "arms")]) == []
    assert plan.kept_cells(bare, [heading, note, cell(new_code_cell, "people()")])[1] == note


def test_what_the_study_says_of_its_print_stands_behind_the_note(whole, tmp_path, monkeypatch):
    """The engine's text is always shown; the study's own takes its place only under the same name."""
    (tmp_path / "words" / "en").mkdir(parents=True)
    own = "notes: {late_in_print: 'It *cut off* a digit.', limits: Own limits.}\n"
    (tmp_path / "words" / "en" / "employment.yml").write_text(own, encoding="utf-8")
    monkeypatch.setattr(page_module, "open_trial", lambda study: replace(whole, folder=tmp_path))
    page = page_module.Page("employment")
    general = Catalogue().text("employment.notes.late", time_unit="month", time_units="months", **{"Time_unit": ""})
    assert page.note("late").text == f"{general.rstrip()}\n\n**In the print.** It *cut off* a digit."
    assert page.note("limits").text == "Own limits."
    assert page.note("no_such_note").text == ""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notes_that_open_a_section_say_so(path):
    """A heading inside a note is seen by the plan only through the cell's metadata, at the level of the words."""
    words = Catalogue().get(f"{path.stem}.notes", {})
    for each in nbformat.read(path, as_version=4).cells:
        name = each.source.removeprefix('page.note("').removesuffix('")')
        if "note" in each.metadata.get("tags", []) and words.get(name, "").startswith("#"):
            assert each.metadata.get("heading", "").split(" ")[0] == words[name].split(" ")[0], name
