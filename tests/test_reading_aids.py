"""Numbers of tables and figures, names that break, what a shared link shows, the page for dead links, how to cite."""

from types import SimpleNamespace

import pytest
import yaml
from bs4 import BeautifulSoup

import analysis
from analysis.book import entrances
from analysis.book.reading_aids import AIDS, describe, keep_marks
from analysis.book.report import ROOT
from analysis.show.catalogue import Catalogue

PAGE = """<html lang="en" data-content_root="../"><head><title>Work</title></head><body>
<h2>Contents</h2><nav class="bd-links"><ul><li class="toctree-l1">Home</li><li class="toctree-l1">One</li>
<li class="toctree-l1 current">Two</li></ul></nav><article><h1>Work</h1>
<p>More people were in work.</p>
<div class="cell_output"><aside><p>Of what data.</p></aside></div><div class="cell_output"><p>Found.</p></div>
<div class="cell_output"><p>More.</p></div><h2>Section</h2><div class="cell_output"><p>Below.</p></div>
<figure class="result-table" id="t"><table><caption><span class="caption-text">Shares</span></caption></table></figure>
<figure class="result-figure" id="f"><figcaption>Curve</figcaption></figure>
<figure class="result-table" id="t"><table><caption>Table A.1. Means</caption></table></figure>
<p><code>first_long_name</code></p><pre><code>a_b</code></pre></article></body></html>"""


@pytest.fixture
def page():
    page = BeautifulSoup(PAGE, "html.parser")
    for aid in AIDS:
        aid(page)
    return page


def test_a_mark_stays_on_the_line_of_its_sentence():
    marked = '<p>One. <span class="kind kind-reproduced">●</span> <a class="traced">i</a></p><p>b <a>c</a></p>'
    page = BeautifulSoup(marked, "html.parser")
    keep_marks(page)
    assert page.get_text() == "One.\u00a0●\u00a0ib c"


def test_tables_and_figures_count_in_their_chapter_and_are_linked(page):
    numbers = [number.get_text() for number in page.select(".result-number")]
    assert numbers == ["Table 2.1. ", "Figure 2.1. ", "Table 2.2 (in print: Table A.1). "]
    links = [(link["href"], link["aria-label"]) for link in page.select("a.result-link")]
    assert links == [("#t", "Link to Table 2.1"), ("#f", "Link to Figure 2.1"), ("#t-2", "Link to Table 2.2")]
    assert page.select_one("#t .caption-text").get_text() == "Table 2.1. Shares#"
    assert page.select_one("#t-2 caption").get_text() == "Table 2.2 (in print: Table A.1). Means#"


def test_what_a_chapter_says_first_stands_in_a_box(page):
    [box] = page.select(".in-short")
    assert [line.get_text() for line in box.find_all("p")] == ["In short", "Found."]


def test_no_name_stands_twice(page):
    names = [tag["id"] for tag in page.find_all(id=True)]
    assert names == ["t", "f", "t-2"]


def test_a_shared_link_does_not_quote_the_title_of_a_box():
    head, box = "<html><head><title>T</title></head>", '<div class="in-short"><p class="in-short-title">In short</p>'
    page = BeautifulSoup(f"{head}<article>{box}<p>Found.</p></div></article></html>", "html.parser")
    describe(page)
    assert page.find("meta", attrs={"name": "description"})["content"] == "Found."


def test_names_break_behind_underscores_but_code_to_copy_does_not(page):
    name, copied = page.select("code")
    assert str(name) == "<code>first_<wbr/>long_<wbr/>name</code>"
    assert name.get_text() == "first_long_name" and str(copied) == "<code>a_b</code>"


def test_a_shared_link_says_what_the_page_says(page):
    meta = {tag.get("property") or tag["name"]: tag["content"] for tag in page.select("meta")}
    assert meta["description"] == meta["og:description"] == "More people were in work."
    assert meta["og:title"] == "Work" and meta["og:image"] == "../_static/preview.png"


PART = SimpleNamespace(
    title="Work & health_1", words=Catalogue(), study=SimpleNamespace(name="one", data="synthetic"), pages={}
)


def test_the_page_for_a_dead_link_lists_all_pages_from_the_root():
    cover = BeautifulSoup('<nav class="bd-links"><a class="reference internal" href="#">Cover</a>'
                          '<a class="reference internal" href="../notebooks/a.html">A</a>'
                          '<a class="reference internal" href="b.html">B</a></nav>', "html.parser")  # fmt: skip
    page = BeautifulSoup(entrances.not_found(cover, PART), "html.parser")
    assert [link["href"] for link in page.select("#all a")] == ["book/index.html", "notebooks/a.html", "book/b.html"]
    assert page.h1.get_text() and page.select_one("#near")["hidden"] == ""


def test_the_preview_has_the_size_that_is_asked_for_and_the_same_bytes():
    first = entrances.preview("A title", "A long answer " * 60)
    assert first.startswith(b"\x89PNG") and first == entrances.preview("A title", "A long answer " * 60)
    assert [int.from_bytes(first[place : place + 4], "big") for place in (16, 20)] == [1200, 630]


def test_the_report_is_cited_with_version_and_date_as_the_citation_file_has_them():
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (told["version"], str(told["date-released"])) == (analysis.__version__, analysis.RELEASED)
    box = entrances.cited(PART)
    assert f"Version {analysis.__version__}, {analysis.RELEASED}" in box
    assert "title = {{Work \\& health\\_1}}" in box and "never as findings" in box
