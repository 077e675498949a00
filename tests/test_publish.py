"""The one gate: labels synthetic data in every form, never labels real data, writes the same bytes each time."""

import base64
import json
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.chapters import employment
from analysis.frames.trial import open_trial
from analysis.show import catalogue, prose, tables
from analysis.show import page as publish
from analysis.show.catalogue import MissingText
from analysis.show.disclosure import NoPlan
from analysis.show.disclosure.gate import Gate
from analysis.show.figures import Figure
from analysis.show.files import JsonList, json_bytes
from analysis.show.listing import Listing
from analysis.show.page import Page
from analysis.show.prose import Sentence
from analysis.show.tables import Table

HANDMADE = Path(__file__).parent / "handmade"
LABEL = "Synthetic data: invented people"
CHAPTER = """
tables:
  table_07:
    caption: "Table 7. Status of {people} people & more"
    notes: ["Months after {month} are left out."]
figures:
  figure_03: {caption: Figure 3. In work, alt: "In work, in {people} people.", x: Month, y: Share}
listings:
  places: {caption: "All {n} places", columns: {place: Place}}
sentences:
  main: {higher: "{points} points more.", lower: "{points} points fewer.", unclear: No clear difference.}
  note: A note that was computed.
"""


@pytest.fixture(scope="module")
def study():
    return open_trial().study


@pytest.fixture
def words(tmp_path, monkeypatch):
    """A catalogue with one short chapter beside the real common words."""
    folder = tmp_path / "words" / "en"
    folder.mkdir(parents=True)
    common = (catalogue.FOLDER / "en" / "common.yml").read_text(encoding="utf-8")
    (folder / "common.yml").write_text(common, encoding="utf-8")
    (folder / "chapter.yml").write_text(CHAPTER, encoding="utf-8")
    (folder / "other.yml").write_text("sentences: {note: The other chapter's note.}", encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", folder.parent)


@pytest.fixture
def page_of(words, study, monkeypatch):
    """A page on the bundled study's settings, with data or disclosure policy changed."""

    def make(results=None, from_print=False, **settings):
        trial = SimpleNamespace(folder=None, study=replace(study, **settings))
        monkeypatch.setattr(publish, "open_trial", lambda folder: trial)
        return Page("chapter", results=results, from_print=from_print)

    return make


@pytest.fixture
def table():
    cells = tables.cells([("aap", "sfj", "pct", 100 / 3), ("aap", "control", "pct", 12.5)])
    values = {"people": prose.count(1193), "month": prose.month(12)}
    return Table("table_07", cells, n=1193, unit="percent", values=values, notes=[Sentence("note")])


@pytest.fixture
def figure():
    arms = ["sfj", "sfj", "control", "control"]
    frame = pd.DataFrame({"month": [0, 12] * 2, "arm": arms, "estimate": [0.1, 0.4, 0.1, 1 / 3]})
    return Figure("figure_03", "lines", frame, {"percent": True}, {"people": prose.count(1193)})


def files(folder):
    return {path.name: path.read_bytes() for path in (folder / "chapter").iterdir()}


def drawn(html):
    source = BeautifulSoup(html, "html.parser").img["src"]
    svg = base64.b64decode(source.removeprefix("data:image/svg+xml;base64,"))
    return " ".join(" ".join(node.itertext()) for node in ET.fromstring(svg).findall(".//{*}text"))


@pytest.mark.parametrize(("data", "times"), [("synthetic", 1), ("real", 0)])
def test_only_synthetic_data_are_labelled_and_in_every_form(page_of, table, figure, tmp_path, data, times):
    page = page_of(str(tmp_path), data=data)
    shown, plotted = page.show(table)._repr_html_(), page.show(figure)._repr_html_()
    page.say(Sentence("note"))
    assert shown.count(LABEL) == times
    assert BeautifulSoup(plotted, "html.parser").get_text().count(LABEL) == times
    assert drawn(plotted).count(LABEL) == times
    for name, content in files(tmp_path).items():
        assert (LABEL.encode() in content) == bool(times), name
    [said] = json.loads((tmp_path / "chapter" / "sentences.json").read_text())
    assert said["data"] == (LABEL if times else "register data of study sfj")


def test_every_row_of_a_download_says_what_data_it_comes_from(page_of, table, figure, tmp_path):
    page = page_of(str(tmp_path))
    page.show(table)
    page.show(figure)
    for name in ("table_07.csv", "figure_03.csv"):
        assert set(pd.read_csv(tmp_path / "chapter" / name)["data"]) == {LABEL}


def test_real_data_name_their_study(page_of, table, tmp_path):
    page_of(str(tmp_path), data="real").show(table)
    assert set(pd.read_csv(tmp_path / "chapter" / "table_07.csv")["data"]) == {"register data of study sfj"}


def test_figures_of_the_print_are_not_called_synthetic(page_of, table, tmp_path):
    page = page_of(str(tmp_path), from_print=True)
    assert LABEL not in page.show(table).html
    assert not pd.read_csv(tmp_path / "chapter" / "table_07.csv")["data"].str.contains("Synthetic").any()


def test_the_notice_says_whether_people_are_invented(page_of):
    assert "invented people" in page_of()._repr_html_()
    assert "invented" not in page_of(data="real")._repr_html_()


def test_two_pages_write_the_same_bytes(page_of, table, figure, tmp_path):
    written = []
    for name in ("one", "two"):
        page = page_of(str(tmp_path / name))
        html = page.show(table).html + page.show(figure).html
        page.say(Sentence("main", {"points": prose.points(6.9)}, "higher", finding=True))
        written.append((html, files(tmp_path / name)))
    assert written[0] == written[1]
    assert set(written[0][1]) == {"table_07.csv", "figure_03.csv", "figure_03.svg", "figure_03.png", "sentences.json",
                                  "texts.json", "trace.jsonl"}  # fmt: skip


def test_a_list_that_grows_is_written_as_one_that_is_whole():
    entries = {"a": {"text": "line\nnext, “6,9”", "numbers": [1.5, None]}, "b": {"data": "", "more": {}}, "c": []}
    growing = JsonList()
    for key in ("b", "a", "c", "b"):  # the second time in its place
        growing.put(key, entries[key])
    assert bytes(growing) == json_bytes([entries["b"], entries["a"], entries["c"]])


def test_a_table_has_caption_unit_people_notes_and_download(page_of, table, tmp_path):
    page = BeautifulSoup(page_of(str(tmp_path)).show(table).html, "html.parser")
    assert page.caption.get_text() == "Table 7. Status of 1,193 people & more"
    notes = [p.get_text() for p in page.select(".result-notes p")]
    assert notes == ["Unit: per cent.", "Number of people: 1,193.", "Months after 12 are left out.",
                     "A note that was computed.", LABEL]  # fmt: skip
    assert page.select_one(".downloads a")["href"] == "../results/chapter/table_07.csv"
    assert "CSV" in page.select_one(".downloads a").get_text()
    assert page.select_one(".table-scroll")["tabindex"] == "0"


def test_the_download_holds_unrounded_numbers(page_of, table, tmp_path):
    page_of(str(tmp_path)).show(table)
    values = pd.read_csv(tmp_path / "chapter" / "table_07.csv").set_index("column")["value"]
    assert values["sfj"] == pytest.approx(100 / 3, rel=1e-9)


def test_a_figure_has_alt_text_caption_and_downloads(page_of, figure, tmp_path):
    page = BeautifulSoup(page_of(str(tmp_path)).show(figure).html, "html.parser")
    assert page.img["alt"].startswith("In work, in 1,193 people.")
    assert "40.0%" in page.img["alt"]
    assert page.figcaption.get_text() == "Figure 3. In work"
    assert [a["href"].rsplit(".")[-1] for a in page.select(".downloads a[download]")] == ["csv", "svg", "png", "xlsx"]


def test_nothing_is_written_or_linked_without_a_results_folder(page_of, table, figure, tmp_path):
    page = page_of()
    before = sorted(tmp_path.rglob("*"))
    assert "download" not in page.show(table).html + page.show(figure).html
    page.say(Sentence("note"))
    assert sorted(tmp_path.rglob("*")) == before


def test_sentences_are_collected_once_with_their_direction(page_of, tmp_path):
    page = page_of(str(tmp_path))
    for _ in range(2):
        page.say(Sentence("main", {"points": prose.points(-6.9)}, "lower", finding=True))
    [said] = json.loads((tmp_path / "chapter" / "sentences.json").read_text())
    assert (said["text"], said["direction"], said["finding"]) == ("6.9 points fewer.", "lower", True)


def test_paragraph_list_and_title(page_of):
    sentences = Sentence("note"), Sentence("main", {}, "unclear")
    page = page_of()
    assert page.say(*sentences)._repr_markdown_() == "A note that was computed. No clear difference."
    assert page.bullets(*sentences).text == "- A note that was computed.\n- No clear difference."
    assert page.title(sentences[0]).text == "# A note that was computed."


def test_missing_words_stop_the_page(page_of, table):
    with pytest.raises(MissingText, match=r"chapter\.tables\.table_99\.caption"):
        page_of().show(replace(table, name="table_99"))


def test_a_protected_page_without_a_plan_does_not_open(page_of):
    with pytest.raises(NoPlan, match=r"study sfj is protected.*python -m analysis report"):
        page_of(disclosure="protected")


def test_small_cells_of_real_people_need_a_word(page_of, monkeypatch):
    monkeypatch.delenv("ANALYSIS_SMALL_CELLS")
    with pytest.raises(NoPlan, match=r"disclosure: protected.*--i-may-publish-small-cells"):
        page_of(data="real")
    monkeypatch.setenv("ANALYSIS_SMALL_CELLS", "1")
    assert "small cells of real data" in page_of(data="real")._repr_html_()
    assert "small cells" not in page_of()._repr_html_()


def test_as_published_passes_everything_through(page_of, table):
    assert page_of().permitted(table) is table


def test_other_things_are_not_shown(page_of):
    with pytest.raises(TypeError, match="not a dict"):
        page_of().show({})


@pytest.fixture
def own():
    """A table as an analyst makes it: named index, words, whole numbers, fractions, something missing."""
    frame = pd.DataFrame({"people": [1193, 2], "share <of all>": [1 / 3, float("nan")]}, index=["a & b", "c"])
    return frame.rename_axis("place")


def test_a_frame_of_ones_own_gets_caption_label_policy_and_download(page_of, own, tmp_path, monkeypatch):
    page, seen = page_of(str(tmp_path)), []
    monkeypatch.setattr(Gate, "frame", lambda self, frame, name, page: seen.append((name, page)) or (frame, None))
    html = BeautifulSoup(page.show(own, caption="Referrals, by place").html, "html.parser")
    assert seen == [("referrals_by_place", "chapter")]
    assert html.caption.get_text() == "Referrals, by place"
    assert [cell.get_text() for cell in html.select("th, td")] == [
        "place", "people", "share <of all>", "a & b", "1,193", "0.33", "c", "2", "–"]  # fmt: skip
    assert html.select_one(".data-label").get_text() == LABEL
    assert html.select_one(".downloads a")["href"] == "../results/chapter/referrals_by_place.csv"
    written = pd.read_csv(tmp_path / "chapter" / "referrals_by_place.csv")
    assert written["share <of all>"][0] == pytest.approx(1 / 3, rel=1e-9) and set(written["data"]) == {LABEL}


def test_a_frame_needs_a_caption_and_something_to_show(page_of, own):
    with pytest.raises(ValueError, match="with a caption"):
        page_of().show(own)
    with pytest.raises(ValueError, match="no rows or no columns"):
        page_of().show(own.head(0), caption="Nothing")


def test_frames_with_headings_of_two_levels_and_without_index_are_shown(page_of):
    counted = pd.DataFrame({("work", "n"): [1], ("work", "all"): [2]})
    html = BeautifulSoup(page_of().show(counted, caption="Work").html, "html.parser")
    assert [cell.get_text() for cell in html.select("th, td")] == ["work, n", "work, all", "1", "2"]


def test_arms_and_centres_carry_the_names_of_the_study(page_of, study, table):
    arms = tuple(replace(arm, label={"en": f"Arm {arm.code}"}, short={}) for arm in study.arms)
    assert "Arm sfj" in page_of(arms=arms).show(table).html


def test_key_numbers_are_stable_to_ten_digits(page_of):
    frame = page_of().numbers(share=1 / 3, people=1193)
    assert frame["value"].to_dict() == {"share": 0.3333333333, "people": 1193.0}


@pytest.fixture(params=["synthetic", "real"])
def handmade(request, tmp_path):
    """The hand-made study on disk, once as synthetic and once as real data: (folder, whether it is labelled)."""
    folder = shutil.copytree(HANDMADE, tmp_path / "study")
    settings = (folder / "study.yml").read_text(encoding="utf-8")
    changed = settings.replace("data: synthetic ", f"data: {request.param} ")
    (folder / "study.yml").write_text(changed, encoding="utf-8")
    return folder, request.param == "synthetic"


def test_a_studys_own_word_on_its_data_decides_the_label(handmade, tmp_path):
    folder, labelled = handmade
    page = Page("employment", study=str(folder), results=str(tmp_path / "results"))
    label = page.catalogue.text("common.data.synthetic_label")
    html = page.show(employment.late_shares_table(page.trial)).html
    html += page.show_all(*employment.outcome_figures(page.trial)).html
    page.say(employment.title(page.trial))
    assert (label in html) == labelled
    there = [path for path in (tmp_path / "results" / "employment").iterdir() if path.is_file()]
    written = {path.name: path.read_bytes() for path in there}
    assert {path.rsplit(".")[-1] for path in written} == {"csv", "svg", "png", "json", "jsonl"}
    assert {name: label.encode() in content for name, content in written.items()} == dict.fromkeys(written, labelled)


def test_a_page_of_printed_figures_carries_no_label_in_any_form(page_of, table, figure, tmp_path):
    page = page_of(str(tmp_path), from_print=True)
    html = page.show(table).html + page.show(figure).html + drawn(page.show(figure).html)
    page.say(Sentence("note"))
    assert "Synthetic" not in html
    for content in files(tmp_path).values():
        assert b"Synthetic" not in content
    [said] = json.loads((tmp_path / "chapter" / "sentences.json").read_text())
    assert said["data"] == "figures printed in the published report"


def test_a_listing_has_caption_label_and_a_download_of_its_own(page_of, tmp_path):
    frame = pd.DataFrame({"place": ["Oslo", "Bergen"]})
    page = page_of(str(tmp_path))
    html = page.show(Listing("places", frame, download=frame.assign(size=[7, 3]), values={"n": prose.count(1193)})).html
    assert BeautifulSoup(html, "html.parser").caption.get_text() == "All 1,193 places"
    assert html.count(LABEL) == 1
    assert '<a href="../results/chapter/places.csv" download>' in html
    written = pd.read_csv(tmp_path / "chapter" / "places.csv")
    assert written.to_dict("list") == {"place": ["Oslo", "Bergen"], "size": [7, 3], "data": [LABEL] * 2}


def test_a_sentence_may_stand_in_for_a_table(page_of):
    assert page_of().show(Sentence("note"))._repr_markdown_() == "A note that was computed."


def test_another_chapters_words_are_quoted_and_named(page_of, tmp_path):
    page = page_of(str(tmp_path))
    assert page.say(Sentence("note"), of="other").text == "The other chapter's note."
    assert page.bullets(Sentence("note"), of="other").text == "- The other chapter's note."
    page.say(Sentence("note"))
    said = json.loads((tmp_path / "chapter" / "sentences.json").read_text())
    assert [(entry["chapter"], entry["text"]) for entry in said] == [
        ("other", "The other chapter's note."), ("chapter", "A note that was computed.")]  # fmt: skip


@pytest.mark.parametrize("shown", ["table", "figure", "sentence"])
def test_everything_shown_goes_through_the_policy(page_of, table, figure, monkeypatch, shown):
    results = {"table": table, "figure": figure, "sentence": Sentence("note")}
    page, seen = page_of(), []
    monkeypatch.setattr(Gate, "result", lambda self, result, page: seen.append((result, page)) or result)
    page.show(results[shown])
    assert (results[shown], "chapter") in seen


def test_what_goes_on_about_invented_people_is_said_of_invented_people_alone(monkeypatch):
    page = Page("reproduction")
    assert "In this copy the people are invented" in page.note("question").text
    assert "people were\nexchanged" in page.note("regressions").text
    real = SimpleNamespace(trial=SimpleNamespace(study=replace(page.study, data="real")))
    monkeypatch.setattr(page, "trial", real.trial)
    assert "beside the one that this book computes" in page.note("question").text
    assert "invented" not in page.note("question").text and page.note("regressions").text == ""
