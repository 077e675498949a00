"""A long listing in the browser: one cell is searched, columns are sorted, the address keeps what was chosen."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.show import prose
from analysis.show.catalogue import Catalogue
from analysis.show.listing import Listing, to_html

STATIC = Path(__file__).parents[2] / "book" / "_static"
ADDRESS = "http://listing.test/page.html"


@pytest.fixture(scope="module")
def page_html(tmp_path_factory) -> str:
    """Four towns with a kind and a size, as a page of the report."""
    folder = tmp_path_factory.mktemp("words") / "en"
    folder.mkdir()
    (folder / "atlas.yml").write_text("columns: {place: Place, kind: Kind, size: Size}\n")
    (folder / "common.yml").write_text("listing: {search: Search, sort: Order by, all: All, shown: '[n] of [all]'}\n")
    sizes = {"North Bay": 1200, "South Bay": 40, "North Hill": -3, "Old Hill": None}
    frame = pd.DataFrame(
        {
            "place": list(sizes),
            "kind": ["town", "village by the south road", "town", "village"],
            "size": [prose.count(float("nan") if size is None else size) for size in sizes.values()],
        }
    )
    table = to_html(Listing("towns", frame, ["kind"]), "atlas", Catalogue("en", folder=folder.parent), "Towns")
    css, script = ((STATIC / name).read_text() for name in ("report.css", "listing.js"))
    return (
        f"<!DOCTYPE html><html lang='en'><head><style>table td {{ height: 6rem }}\n{css}</style></head><body>"
        f"<figure class='result-table' id='atlas-towns'><div class='table-scroll'>{table}</div></figure>"
        f"<script>{script}</script></body></html>"
    )


@pytest.fixture
def tab(browser, page_html):
    tab = browser.new_page()
    tab.route(ADDRESS + "**", lambda route: route.fulfill(body=page_html, content_type="text/html; charset=utf-8"))
    tab.goto(ADDRESS)
    yield tab
    tab.close()


def places(tab) -> list[str]:
    return tab.locator("tbody tr:visible th").all_inner_texts()


def test_a_search_is_met_by_one_cell(tab):
    """“south bay” is one cell of one row; “south town” would only be met by two cells put together."""
    search = tab.locator("input[type=search]")
    search.fill("bay south")
    assert places(tab) == ["South Bay"]
    assert tab.locator("[role=status]").inner_text() == "1 of 4"
    search.fill("north town")
    assert places(tab) == []


def test_columns_are_sorted_by_number_or_word_and_back(tab):
    size = tab.get_by_role("button", name="Size")
    size.click()
    assert places(tab) == ["North Hill", "South Bay", "North Bay", "Old Hill"]
    assert tab.locator("th[aria-sort=ascending]").inner_text().startswith("Size")
    size.click()
    assert places(tab) == ["North Bay", "South Bay", "North Hill", "Old Hill"]  # what is not known is last, too
    size.click()
    assert places(tab) == ["North Bay", "South Bay", "North Hill", "Old Hill"]
    assert tab.locator("th[aria-sort]").count() == 0


def test_the_address_keeps_search_choice_and_order(tab):
    kinds = tab.locator(".listing-bar select").first
    kinds.select_option("town")
    tab.get_by_role("button", name="Size").click()
    tab.locator("input[type=search]").fill("north")
    kept = tab.evaluate("location.href")
    assert "atlas-towns.kind=town" in kept and "atlas-towns.sort=size" in kept and "atlas-towns.search=north" in kept
    tab.goto("about:blank")
    tab.goto(kept)
    assert places(tab) == ["North Hill", "North Bay"]
    assert kinds.input_value() == "town" and tab.locator(".listing-order select").input_value() == "size"
    kinds.select_option("")
    tab.locator("input[type=search]").fill("")
    now = tab.evaluate("location.href")
    assert "kind" not in now and "search" not in now


def test_row_headers_stand_at_the_top_of_their_rows(tab):
    aligned = "all => all.map(cell => getComputedStyle(cell).verticalAlign)"
    assert set(tab.locator("table.listing tbody :is(th, td)").evaluate_all(aligned)) == {"top"}
