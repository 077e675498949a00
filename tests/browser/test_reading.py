"""How the report reads on a phone: cards for tables, both views of a figure, letters inside drawings; dead links."""

import csv
import re

import pytest

from analysis.show.figures import style
from analysis.show.figures.dark import dark

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SUMMARY = "notebooks/summary.html"
_BEYOND = """drawings => drawings.flatMap(([name, svg]) => {
    const holder = document.createElement("div");
    holder.innerHTML = svg;
    document.body.replaceChildren(holder);
    const frame = holder.firstElementChild.getBoundingClientRect();
    return [...holder.querySelectorAll("text")].filter(text => {
        const box = text.getBoundingClientRect();
        return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1
            || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
    }).map(text => `${name}: ${text.textContent}`);
})"""


@pytest.fixture
def phone(browser, address):
    tab = browser.new_page(viewport=PHONE)
    tab.goto(address + SUMMARY, wait_until="load")
    yield tab
    tab.close()


def test_a_table_becomes_cards_with_the_difference_first(phone):
    table = phone.locator(".result-table table").first
    assert "cards" in table.get_attribute("class")
    row = table.locator("tbody tr:has(td)").first
    order = row.locator("th, td").evaluate_all(
        "cells => cells.map(cell => "
        "[cell.getBoundingClientRect().top, cell.dataset.head || '', 'first' in cell.dataset])"
        ".sort((one, other) => one[0] - other[0])"
    )
    assert order[0][1] == "" and order[1][2] and "Difference" in order[1][1]
    assert all(name for _, name, _ in order[1:])
    phone.set_viewport_size({"width": 1440, "height": 900})
    phone.wait_for_function("!document.querySelector('table.cards')")


def test_a_figure_and_its_table_are_views_of_the_same_numbers(phone, built_book):
    figure = phone.locator(".result-figure").first
    button, picture = figure.locator(".other-view-button"), figure.locator("picture")
    words = button.inner_text()
    button.focus()
    phone.keyboard.press("Enter")
    assert not picture.is_visible() and button.inner_text() != words
    assert figure.locator(".data-label").is_visible() and figure.locator(".data-label").bounding_box()["width"] > 50
    [download] = [link for link in figure.locator("a[download]").evaluate_all("links => links.map(link => link.href)")
                  if link.endswith(".csv")]  # fmt: skip
    with (built_book / "results" / "summary" / download.rsplit("/", 1)[1]).open(encoding="utf-8", newline="") as file:
        wanted = [float(row["estimate"]) for row in csv.DictReader(file)]
    told = figure.locator("tbody tr").evaluate_all("rows => rows.map(row => row.cells[1].textContent)")
    found = [float(re.sub("[^0-9.-]", "", text.replace("−", "-"))) for text in told]
    assert [round(value, 1) for value in wanted] == found or [round(100 * value, 1) for value in wanted] == found
    button.click()
    assert picture.is_visible() and button.inner_text() == words


def test_no_letter_of_a_narrow_drawing_lies_beyond_its_edge(browser, built_book):
    drawings = [(path.name, path.read_text(encoding="utf-8").partition("?>")[2])
                for path in sorted((built_book / "_images").glob("*.svg"))]  # fmt: skip
    tab = browser.new_page()
    beyond = tab.evaluate(_BEYOND, drawings)
    tab.close()
    assert drawings and beyond == []


def test_a_dead_link_leads_to_what_it_may_have_been(browser, address, built_book):
    lost = address + "notebooks/old_summary.html"
    tab = browser.new_page()
    tab.route(lost, lambda route: route.fulfill(path=built_book / "404.html", content_type="text/html"))
    tab.goto(lost)
    near = tab.locator("#near a").evaluate_all("links => links.map(link => link.href)")
    tab.close()
    assert address + "notebooks/summary.html" in near and len(near) < 10


def test_in_the_dark_a_drawing_stands_on_the_colour_of_the_page_and_is_not_dimmed(browser, address):
    tab = browser.new_page(color_scheme="dark", viewport={"width": 1440, "height": 900})
    tab.goto(address + SUMMARY, wait_until="load")
    look = tab.locator(".result-figure img").first.evaluate(
        "img => [getComputedStyle(img).filter, getComputedStyle(img).colorScheme,"
        " getComputedStyle(document.body).getPropertyValue('--pst-color-background').trim()]"
    )
    tab.close()
    assert look == ["none", "dark", dark(style.PAPER)]


# Notes on texts: where they lie, and on what; the contents of the page fold while a note is in sight.
_NOTES = """async () => {
    const found = [];
    for (const note of document.querySelectorAll(".noted > aside")) {
        note.scrollIntoView({ block: "center", behavior: "instant" });
        await new Promise(done => setTimeout(done, 500));
        const at = note.getBoundingClientRect(), text = note.previousElementSibling.getBoundingClientRect();
        const meets = each => {
            const box = each.getBoundingClientRect();
            return box.width && at.left < box.right - 1 && at.right > box.left + 1
                && at.top < box.bottom - 1 && at.bottom > box.top + 1;
        };
        const near = "article :is(p, h2, h3, img, table, summary, button), nav.page-toc a";
        const others = [...document.querySelectorAll(near)]
            .filter(each => !note.contains(each) && each.checkVisibility({ opacityProperty: true }));
        found.push({
            words: note.textContent.trim().slice(0, 30), beside: at.left >= text.right, below: at.top >= text.bottom,
            inside: at.right <= document.documentElement.clientWidth && note.scrollWidth <= note.clientWidth,
            on: others.filter(meets).map(each => each.textContent.trim().slice(0, 30)),
        });
    }
    return found;
}"""


def test_notes_stand_beside_their_text_or_below_it_and_lie_on_nothing(browser, address, built_book):
    pages = sorted(built_book.glob("*/*.html"))
    noted = [page for page in pages if 'class="noted"' in page.read_text(encoding="utf-8")]
    tab, seen = browser.new_page(), {"beside": [], "below": []}
    for page in noted:
        for width, place in ((1440, "beside"), (1200, "beside"), (390, "below")):
            tab.set_viewport_size({"width": width, "height": 900})
            tab.goto(address + page.relative_to(built_book).as_posix(), wait_until="load")
            tab.evaluate("document.querySelectorAll('.unfold').forEach(button => button.click())")
            seen[place] += tab.evaluate(_NOTES)
    tab.close()
    assert len({note["words"] for note in seen["below"]}) >= 8
    for place, notes in seen.items():
        assert [note for note in notes if not note[place] or not note["inside"] or note["on"]] == []


# One control of each kind, and the page on which it stands.
CONTROLS = {
    "notebooks/cost_benefit.html": (
        ".bd-sidebar-primary .bd-links a", ".search-button-field, .search-button", ".theme-switch-button",
        "details summary", ".table-scroll", ".other-view-button", ".result-link", ".downloads a", ".calculator input",
        ".calculator select",
    ),
    "notebooks/reproduction.html": (".listing-bar input", ".listing-bar select", "table.listing thead button"),
}  # fmt: skip
_OUTLINE = """selectors => Object.fromEntries(selectors.map(selector => {
    const control = [...document.querySelectorAll(selector)].find(each => each.checkVisibility());
    control?.focus();
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    const isSeen = control === document.activeElement && outlineStyle !== "none";
    return [selector, isSeen ? parseFloat(outlineWidth) : 0];
}))"""
_MOVING = """[...document.querySelectorAll("*")]
    .filter(each => getComputedStyle(each).transitionDuration !== "0s").length"""


# Marks where the keyboard is; nothing where it has been, or where the page ends.
_STOP = """() => {
    const at = document.activeElement;
    if (at === document.body || at.dataset.walked) return null;
    at.dataset.walked = "yes";
    const { outlineStyle, outlineWidth } = getComputedStyle(at), box = at.getBoundingClientRect();
    const isThere = at.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && box.width && box.height
        && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return [at.outerHTML.slice(0, 99), Boolean(isThere) && outlineStyle !== "none" && parseFloat(outlineWidth) >= 2];
}"""
_NOT_WALKED = """selectors => selectors.filter(selector => {
    const shown = [...document.querySelectorAll(selector)]
        .filter(each => each.checkVisibility({ visibilityProperty: true }));
    return shown.length && !shown.some(each => each.dataset.walked);
})"""


@pytest.mark.parametrize("width", [1440, 390])
def test_the_keyboard_walks_a_whole_page_and_is_seen_on_every_stop(browser, address, width):
    page = "notebooks/cost_benefit.html"
    tab = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    tab.goto(address + page, wait_until="load")
    stops = []
    while len(stops) < 999:
        tab.keyboard.press("Tab")
        if (stop := tab.evaluate(_STOP)) is None:
            break
        stops.append(stop)
    left_out, at_end = tab.evaluate(_NOT_WALKED, list(CONTROLS[page])), tab.evaluate("document.activeElement.tagName")
    tab.close()
    assert 50 < len(stops) < 999 and at_end == "BODY"
    assert [told for told, is_seen in stops if not is_seen] == [] and left_out == []


def test_menu_folds_and_calculator_answer_to_keys(browser, address):
    tab = browser.new_page(viewport=PHONE, reduced_motion="reduce")
    tab.goto(address + "notebooks/cost_benefit.html", wait_until="load")
    tab.locator(".primary-toggle").first.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.querySelector('.bd-links a, dialog a').checkVisibility()")
    tab.keyboard.press("Escape")
    tab.set_viewport_size({"width": 1440, "height": 900})
    fold = tab.locator("details:has(> summary:visible)").first
    was_open = fold.evaluate("fold => fold.open")
    fold.locator("summary").first.focus()
    tab.keyboard.press("Enter")
    assert fold.evaluate("fold => fold.open") is not was_open
    field, before = tab.locator(".calculator input[type=number]").first, tab.locator(".calculator-answer").inner_text()
    field.focus()
    tab.keyboard.press("ArrowUp")
    tab.wait_for_function("before => document.querySelector('.calculator-answer').innerText !== before", arg=before)
    tab.close()


@pytest.mark.parametrize("page", CONTROLS)
def test_whoever_walks_with_the_keyboard_sees_where_they_are(browser, address, page):
    tab = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    tab.goto(address + page, wait_until="load")
    tab.keyboard.press("Tab")
    skips = tab.evaluate("document.activeElement.getAttribute('href')")
    seen = tab.evaluate(_OUTLINE, list(CONTROLS[page]))
    moving = tab.evaluate(_MOVING)
    tab.close()
    assert skips == "#main-content" and moving == 0
    assert {control: width for control, width in seen.items() if width < 2} == {}
