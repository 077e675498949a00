"""Reporting checklists: every item has its answer or says that it has none, links lead somewhere, faults are named."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest

from analysis.book import links, parts
from analysis.book.pages import listed
from analysis.book.plan import kept_cells
from analysis.chapters import checklists
from analysis.chapters.cost_benefit.evaluation import EVALUATION
from analysis.chapters.cost_benefit.today import TODAY
from analysis.frames.trial import open_trial
from analysis.show.catalogue import FOLDER
from analysis.show.listing import Linked
from analysis.show.page import Page
from analysis.study.checklists import Answer, general_checklists, own_answers, problems_in
from analysis.study.yaml_files import read_yaml

ROOT = Path(__file__).parents[1]
STUDIES = ("data/sfj", "data/ips", "data/jmo", "tests/handmade", "tests/weekly")
SIZES = {"consort": 42, "spi": 13, "tidier": 12, "srqr": 21, "coreq": 32, "cheers": 28, "rap": 18}


def anchors_of(part: parts.Part, page: str) -> set[str] | None:
    """What a link to a page may lead to in a book of this study, None for a page that it does not have."""
    folder, name = page.split("/")
    if folder == "notebooks":
        return _anchors_of_notebook(part, ROOT / "notebooks" / f"{name}.ipynb")
    source = part.pages.get(name) or ROOT / "book" / f"{name}.md"
    if source.is_file():
        return links.labels(source.read_text(encoding="utf-8"))
    generated = ("data_dictionary", "provenance", "audit_checks", "calibrate")
    return set() if page in listed(ROOT) and name in generated else None


def _anchors_of_notebook(part: parts.Part, template: Path) -> set[str] | None:
    if part.lacks(template):
        return None
    cells = kept_cells(part.trial, nbformat.read(template, as_version=4).cells)
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"^#+ +(.+?) *$", text, flags=re.MULTILINE)
    return links.labels(text) | {re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") for heading in headings}


@pytest.mark.parametrize("folder", STUDIES)
def test_every_link_of_every_checklist_leads_to_a_place_that_the_book_has(folder):
    part = parts._part(ROOT / folder, "en", parts.MAIN)
    places = {**general_checklists().places, **own_answers(part.folder).places}
    known = {checklists.address(place): place for place in places.values()}
    lost = []
    for name in checklists.held_to(part.trial):
        for found in checklists.answers(part.trial, name):
            if isinstance(found.cell, Linked):
                place = known[found.cell.target]
                anchors = anchors_of(part, place.page)
                if anchors is None or not (not place.anchor or place.anchor in anchors):
                    lost.append((name, found.item, place))
    assert lost == []


def test_a_place_whose_need_is_unmet_is_no_link_but_says_so():
    trial = open_trial("tests/weekly")
    found = {answer.item: answer for answer in checklists.answers(trial, "tidier")}
    assert (found["12"].kind, found["12"].cell.key) == ("missing", "lacks")
    assert found["1"].cell.key == "open"


def test_checklists_have_their_items_each_with_words_and_general_answers_with_theirs():
    words = read_yaml(FOLDER / "en" / "checklists.yml")
    general = general_checklists()
    assert {name: len(each.items) for name, each in general.checklists.items()} == SIZES
    for name, each in general.checklists.items():
        for item, answer in each.items.items():
            key = f"{name}_{item}"
            assert key in words["sentences"]
            assert (f"{key}_where" in words["sentences"]) == bool(answer.at or answer.missing), key
            assert answer.at is None or answer.at in general.places
    assert set(general.places) == set(words["places"])


def test_places_of_the_economic_evaluation_need_what_the_chapter_needs():
    places = general_checklists().places
    assert places["cost_value"].needs == EVALUATION
    assert set(places["cost_today"].needs) == set(TODAY)


@pytest.mark.parametrize("folder", STUDIES[:3])
def test_bundled_studies_leave_no_item_without_a_word(folder):
    trial = open_trial(folder)
    found = [answer for name in checklists.held_to(trial) for answer in checklists.answers(trial, name)]
    assert [answer for answer in found if answer.kind == "open"] == []


def test_what_is_counted_is_what_is_listed():
    trial = open_trial("data/sfj")
    counted = checklists.overview(trial).cells.pivot(index="row", columns="column", values="value")
    for name in checklists.held_to(trial):
        states = checklists.listing(trial, name).frame["state"].map(lambda label: label.key).value_counts()
        assert counted.loc[name, "items"] == SIZES[name] == counted.loc[name].drop("items").sum()
        assert {kind: n for kind, n in counted.loc[name].drop("items").items() if n} == states.to_dict()


def test_a_study_without_a_file_or_without_interviews_does_without(tmp_path):
    trial = open_trial("tests/weekly")
    assert "srqr" not in checklists.held_to(trial) and "rap" in checklists.held_to(trial)
    assert checklists.listing(trial, "srqr").need == "checklist:srqr"
    assert "rap" not in checklists.held_to(open_trial("data/jmo"))


def test_listing_shows_links_and_texts_of_the_study_escaped(tmp_path):
    folder = tmp_path / "weekly"
    shutil.copytree(ROOT / "tests/weekly", folder)
    (folder / "checklists.yml").write_text(
        'places: {own: {page: book/background, anchor: top, label: {en: "A & B"}}}\n'
        'answers: {tidier: {1: {at: own, says: {en: "<b>x</b>"}}, 2: {at: own}, 3: {says: {en: here}}}}\n',
        encoding="utf-8",
    )
    html = (
        Page("checklists", study=str(folder), written=True).show(checklists.listing(open_trial(folder), "tidier")).html
    )
    assert '<a href="../book/background.html#top">A &amp; B</a>: &lt;b&gt;x' in html
    assert "Synthetic" not in html  # nothing here is computed from the invented people
    assert '<a href="../book/background.html#top">A &amp; B</a></td>' in html and "<td>here</td>" in html


FAULTY = {
    "answers: {consrt: {}}": "answers.consrt",
    "answers: {consort: {99: {says: {en: x}}}}": "answers.consort.99",
    "answers: {consort: {2: {at: nowhere, says: {en: x}}}}": "answers.consort.2.at",
    "left_out: [rip]": "left_out.0",
    "answers: {consort: {2: {says: {en: x}, missing: {en: y}}}}": "answers.consort.2",
    "answer: {}": "answer",
}


@pytest.mark.parametrize("text", FAULTY)
def test_every_fault_of_the_file_is_named_with_its_place(tmp_path, text):
    (tmp_path / "checklists.yml").write_text(f"{text}\n", encoding="utf-8")
    [problem] = problems_in(tmp_path)
    assert (problem.file, problem.row, problem.column) == ("checklists.yml", 1, FAULTY[text])


def test_an_answer_is_of_one_kind():
    assert Answer(missing={"en": "x"}).kind == "missing"
    with pytest.raises(ValueError, match="An answer is one of"):
        Answer()


def test_labels_of_companions_are_found_by_links_in_tables():
    book = links.Links({"book/background"}, {"book/background": "ips/background.md"}, {"top"}, {"top": "ips-top"})
    there = book.mended_html('<a href="../book/background.html#top">x</a>', "notebooks/checklists")
    assert there.endswith('ips/background.html#ips-top">x</a>')
