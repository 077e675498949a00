"""The rendered report in Chromium: what a reader sees, clicks and downloads, on a wide and on a narrow screen.

The pages are served from this machine; a page that asks any other address for anything fails.
"""

import csv
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import BrowserContext, Page

from analysis.book.report import ROOT
from analysis.show.catalogue import Catalogue
from analysis.show.elements import METHOD_PAGE
from analysis.show.study_words import study_catalogue
from analysis.study.finding import BUNDLED
from analysis.study.reading import read_settings
from tests.browser import screens

pytestmark = pytest.mark.browser

WIDTHS = (1440, 720, 390, 320)  # the second is the first at 200 per cent
PHONES = (390, 320)
HEIGHT = 900
AT_A_TIME = 6


@cache
def words_of(place: str) -> Catalogue:
    """The words of the study whose pages stand in a folder of the book, or whose downloads in one of the results."""
    beside = BUNDLED.parent / place
    folder = beside if (beside / "study.yml").is_file() else BUNDLED
    return study_catalogue(read_settings(folder), "en", folder)


def place_of(download: Path, built_book: Path) -> str:
    """The folder of the results that a download lies in: a companion's name, or that of a chapter."""
    return download.relative_to(built_book / "results").parts[0]


# Pages with numbers that are computed from a study's data; the audit reads the print alone.
NO_RESULTS = {"audit", "checklists"}
WITH_RESULTS = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} - NO_RESULTS | {
    "index", "plausibility", "synthetic_data",
}  # fmt: skip

_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Everything that is folded on a phone stands open.
UNFOLD = """document.querySelectorAll('.unfold[aria-expanded="false"]').forEach(button => button.click())"""
# What the page itself says about its parts, read after its scripts have run.
_READ_PAGE = """() => ({
    links: [...document.querySelectorAll("a[href]")].map(a => [a.getAttribute("href"), a.href]),
    unnamed: [...document.images].filter(i => !(i.getAttribute("alt") || "").trim()).map(i => i.src.slice(0, 80)),
    broken: [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src.slice(0, 80)),
    clipped: [...document.querySelectorAll(".result-figure img")].filter(image => {
        const own = image.getBoundingClientRect();
        for (let box = image.parentElement; box; box = box.parentElement) {
            const frame = box.getBoundingClientRect();
            if (getComputedStyle(box).overflowX !== "visible" && own.width
                && (own.left < frame.left - 1 || own.right > frame.right + 1)) return true;
        }
        return false;
    }).map(image => image.alt.slice(0, 60)),
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    scrolling: [...document.querySelectorAll(".bd-article table")].filter(table => {
        const frame = table.closest(".table-scroll, .pst-scrollable-table-container") || table;
        return table.checkVisibility() && frame.scrollWidth > frame.clientWidth + 1;
    }).map(table => table.innerText.slice(0, 60)),
    twice: [...document.querySelectorAll("[id]")].map(tag => tag.id)
        .filter((id, place, all) => all.indexOf(id) < place),
    unnumbered: [...document.querySelectorAll(".result-table, .result-figure")]
        .filter(result => !result.querySelector(".result-number") || !result.querySelector("a.result-link"))
        .map(result => result.id),
    labelled: !!document.querySelector(".data-label"),
    banner: document.querySelector(".bd-header-announcement")?.innerText ?? "",
    headings: [...document.querySelectorAll("h1")].filter(h => h.getClientRects().length && h.innerText.trim())
        .map(heading => heading.innerText),
})"""


@dataclass
class Visit:
    """One page at one width: its answer, what it logged and asked for so far, and what it holds."""

    page: str
    width: int
    status: int = 0
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    seen: dict = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.page} at {self.width} px"


@pytest.fixture(scope="module")
def pages(built_book) -> list[str]:
    """Every HTML page of the report but the address that only leads on to the first one, and all but two of those that
    lead numbers back, which are laid out alike."""
    found = sorted(str(path.relative_to(built_book)) for path in built_book.rglob("*.html"))
    assert "index.html" in found
    assert "404.html" in found  # which stands alone, and has its own test
    few = {f"trace/{name}.html" for name in ("health", "ips/employment")}
    return [page for page in found if page not in ("index.html", "404.html") and not page.startswith("_static/")
            and (page in few or not page.startswith("trace/"))]  # fmt: skip


@pytest.fixture(scope="module")
def visits(browser, address, pages) -> list[Visit]:
    """Every page at every width, some pages at a time, since most of a visit is waiting until a page is quiet.

    A page is opened once, at the first width, and then drawn anew at the next, as when a window is made narrow.
    """
    context, done = browser.new_context(), []
    for first in range(0, len(pages), AT_A_TIME):
        opened = [open_page(context, address, Visit(page, WIDTHS[0])) for page in pages[first : first + AT_A_TIME]]
        done += [visit for tab_and_visit in opened for visit in read_page(*tab_and_visit)]
    context.close()
    return done


def note_message(visit: Visit, kind: str, text: str) -> None:
    """Keep errors and warnings; the theme's plain log lines (colour mode, toggle buttons) tell of no fault."""
    if kind in ("error", "warning", "assert"):
        visit.messages.append(f"{kind}: {text}")


def open_page(context: BrowserContext, address: str, visit: Visit) -> tuple[Page, Visit]:
    """Open a page in a tab of its own and note what happens from then on."""
    tab = context.new_page()
    tab.set_viewport_size({"width": visit.width, "height": HEIGHT})
    tab.on("console", lambda message: note_message(visit, message.type, message.text))
    tab.on("pageerror", lambda error: visit.messages.append(f"page error: {error}"))
    tab.on("request", lambda request: visit.requests.append(request.url))
    tab.on("response", lambda answer: visit.failed.append(answer.url) if answer.status >= 400 else None)
    tab.on("requestfailed", lambda request: visit.failed.append(request.url))
    visit.status = tab.goto(address + visit.page, wait_until="commit").status
    return tab, visit


def read_page(tab: Page, opened: Visit) -> Iterator[Visit]:
    """Wait until an opened page is quiet, read what a reader sees at each width, and close it."""
    tab.bring_to_front()  # a tab behind another is drawn once a second
    tab.wait_for_load_state("load")  # a long page may be quiet while it loads
    tab.wait_for_load_state("networkidle")
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": HEIGHT})
        tab.wait_for_function("() => [...document.images].every(image => image.complete)")
        tab.evaluate(_TWO_FRAMES)
        screen = screens.coarse(tab, width) if opened.page in screens.PAGES and width in screens.SCREENS else None
        tab.evaluate(f"() => {{ {UNFOLD} }}")
        tab.evaluate(_TWO_FRAMES)
        yield replace(opened, width=width, seen=tab.evaluate(_READ_PAGE) | {"screen": screen})
    tab.close()


@cache
def targets(path: Path) -> frozenset[str]:
    """Names on a page that a link can point to."""
    if "trace" in path.parts:  # a megabyte of table, which the program writes in one way
        return frozenset(re.findall(r'<\w+ id="([^"]+)"', path.read_text(encoding="utf-8")))
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    return frozenset(element["id"] for element in page.select("[id]"))


def test_report_has_all_its_pages(pages, built_book):
    listed = {Path(page).stem for page in pages}
    chapters = {path.parent.name for path in (built_book / "results").rglob("*.json")}
    assert {"index", "methods", "glossary", "rerun", "provenance", "data_dictionary"} | chapters <= listed
    sisters = {"ips/employment.html", "ips/audit.html", "jmo/process_evaluation.html", "jmo/user_survey.html"}
    assert sisters <= set(pages)


def test_first_address_leads_to_the_report(browser, address):
    tab = browser.new_page()
    tab.goto(address)
    tab.wait_for_url("**/book/index.html")
    tab.close()


def test_every_page_loads_without_an_error_or_a_warning(visits):
    assert {str(visit): visit.status for visit in visits if visit.status != 200} == {}
    assert {str(visit): visit.failed for visit in visits if visit.failed} == {}
    assert {str(visit): visit.messages for visit in visits if visit.messages} == {}


def test_no_page_asks_another_machine(visits, address):
    foreign = {url for visit in visits for url in visit.requests if not url.startswith((address, "data:", "blob:"))}
    assert foreign == set()


def test_every_image_is_shown_and_described(visits):
    assert {str(visit): visit.seen["unnamed"] for visit in visits if visit.seen["unnamed"]} == {}
    assert {str(visit): visit.seen["broken"] for visit in visits if visit.seen["broken"]} == {}


def test_every_page_says_that_the_data_are_synthetic(visits):
    """In the words of the study that the page is about; pages of published facts say that the results are elsewhere."""

    def said(visit: Visit) -> list[str]:
        banner = words_of(Path(visit.page).parts[0]).text(f"book.{name_of_banner(visit)}")
        return BeautifulSoup(banner, "html.parser").get_text().split()

    def name_of_banner(visit: Visit) -> str:
        stem = Path(visit.page).stem
        is_worked = stem.startswith(METHOD_PAGE) and visit.seen["labelled"]
        return "banner" if stem in WITH_RESULTS or is_worked else "banner_elsewhere"

    of_book = [visit for visit in visits if not visit.page.startswith("trace/")]
    assert [str(visit) for visit in of_book if visit.seen["banner"].split() != said(visit)] == []


def test_every_page_has_one_main_heading(visits):
    assert {str(visit): visit.seen["headings"] for visit in visits if len(visit.seen["headings"]) != 1} == {}


def test_no_page_scrolls_sideways(visits):
    assert {str(visit): visit.seen["overflow"] for visit in visits if visit.seen["overflow"] > 0} == {}


def test_no_table_scrolls_sideways_on_a_phone(visits):
    narrow = [visit for visit in visits if visit.width in PHONES]
    assert narrow and {str(visit): visit.seen["scrolling"] for visit in narrow if visit.seen["scrolling"]} == {}


@pytest.mark.parametrize("page", screens.PAGES)
def test_key_pages_look_as_they_did(visits, page, browser):
    """Else the layout is broken, or changed on purpose: then `screens.py` says how its pictures are renewed."""
    tab = browser.new_page()
    here, there = screens.letters(tab), json.loads(screens.FONTS.read_text(encoding="utf-8"))
    tab.close()
    if here != there:
        pytest.skip(f"the pictures that are kept were taken with other fonts: letters {there} wide, here {here}")
    shown = {visit.width: visit.seen["screen"] for visit in visits if visit.page == page}
    shares = {width: screens.differing(shown[width], screens.kept(page, width)) for width in screens.SCREENS}
    assert {width: share for width, share in shares.items() if share > screens.SCREENS[width][-1]} == {}


def test_no_name_stands_twice_on_a_page(visits):
    assert {str(visit): visit.seen["twice"] for visit in visits if visit.seen["twice"]} == {}


def test_every_table_and_figure_has_a_number_and_a_link(visits):
    assert {str(visit): visit.seen["unnumbered"] for visit in visits if visit.seen["unnumbered"]} == {}


def test_no_figure_is_cut_at_its_sides(visits):
    assert {str(visit): visit.seen["clipped"] for visit in visits if visit.seen["clipped"]} == {}


def test_every_link_inside_the_report_leads_somewhere(visits, address, built_book):
    dead = set()
    for visit in visits:
        for written, url in visit.seen["links"]:
            place, anchor = urldefrag(urljoin(address + visit.page, url))
            if not place.startswith(address):
                dead |= set() if urlsplit(place).scheme in ("https", "mailto") else {(visit.page, written)}
                continue
            path = built_book / unquote(urlsplit(place).path.lstrip("/"))
            found = path.is_file() and path.stat().st_size > 0
            if not found or (anchor and unquote(anchor) not in targets(path)):
                dead.add((visit.page, written))
    assert sorted(dead) == []


def downloads(visits: list[Visit], built_book: Path, kind: str) -> set[Path]:
    """Files of one type that pages offer from the results."""
    urls = {urlsplit(url).path.lstrip("/") for visit in visits for _, url in visit.seen["links"]}
    return {built_book / unquote(url) for url in urls if url.startswith("results/") and url.endswith(f".{kind}")}


def test_every_result_is_offered(visits, built_book):
    kinds = ("csv", "svg", "png", "xlsx", "zip")
    written = {path for path in (built_book / "results").rglob("*") if path.suffix[1:] in kinds}
    assert set().union(*(downloads(visits, built_book, kind) for kind in kinds)) == written
    counts = Counter(path.suffix for path in written)
    assert counts[".csv"] > counts[".svg"] > 0


def test_every_table_download_has_rows_and_the_label(visits, built_book):
    """The audit's numbers come from the printed report alone and say so instead."""
    for path in downloads(visits, built_book, "csv"):
        words = words_of(place_of(path, built_book))
        printed, synthetic = (words.text(f"common.data.{name}") for name in ("print_source", "synthetic_label"))
        with path.open(encoding="utf-8", newline="") as file:
            labels = {row["data"] for row in csv.DictReader(file)}
        if path.parent.name == "checklists":  # where items are answered, which comes from no data
            assert synthetic not in labels and len(labels) == 1
            continue
        assert labels == ({printed} if path.parent.name == "audit" else {synthetic}), path


def test_every_figure_download_carries_the_label(visits, built_book):
    """But those of the audit, which draw the printed report and must not be called synthetic."""
    for path in downloads(visits, built_book, "svg"):
        synthetic = words_of(place_of(path, built_book)).text("common.data.synthetic_label")
        labelled = synthetic in " ".join(" ".join(ET.fromstring(path.read_bytes()).itertext()).split())
        assert labelled == (path.parent.name != "audit"), path


def shown_rows(tab: Page) -> list[str]:
    """Text of the rows of the last listing, that of every number, that are on show, laid out yet or not."""
    return tab.locator("table.listing").last.locator("tbody tr:visible").all_text_contents()


def test_listing_is_searched_and_filtered(browser, address):
    tab = browser.new_page()
    tab.goto(address + "notebooks/reproduction.html", wait_until="load")
    bar = tab.locator(".listing-bar").last
    everything = shown_rows(tab)
    search = bar.locator("input[type=search]")
    search.fill("hads anxiety")
    found = shown_rows(tab)
    assert 0 < len(found) < len(everything)
    assert all("hads" in row.lower() and "anxiety" in row.lower() for row in found)
    assert str(len(found)) in bar.locator("[role=status]").inner_text()
    search.fill("no published figure is called this")
    assert shown_rows(tab) == []
    search.fill("")
    assert shown_rows(tab) == everything
    choice = bar.locator("select").first
    wanted = choice.locator("option").nth(1).inner_text()
    choice.select_option(label=wanted)
    chosen = shown_rows(tab)
    assert 0 < len(chosen) < len(everything)
    assert all(wanted in row for row in chosen)
    tab.close()


def test_the_first_phone_screen_of_the_front_page_shows_the_first_answer(browser, address):
    """On 390 × 844 pixels the question and the whole first paragraph of its answer, with interval and caveat."""
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    tab.goto(address + "book/index.html", wait_until="networkidle")
    question, first = tab.locator("article dt").first, tab.locator("article dd p").first
    box = first.bounding_box()
    told, asked = first.inner_text(), question.inner_text()
    tab.close()
    assert asked == "Did it work?" and "95% interval" in told and "no clear difference for all participants" in told
    assert box["y"] + box["height"] <= 844
