"""A long chapter on a phone: folded to a third, all of it a button away, and whole without scripts and on paper."""

import pytest

from tests.browser.test_book_in_browser import UNFOLD

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
CHAPTER = "notebooks/employment.html"
_LENGTH = "document.documentElement.scrollHeight"
_HIDDEN = """() => [...document.querySelectorAll(".bd-article :is(tbody tr, .result-notes p, figure, section)")]
    .filter(part => !part.closest("details:not([open])") && !part.checkVisibility()).length"""


@pytest.fixture(scope="module")
def tab(browser, address):
    tab = browser.new_page(viewport=PHONE)
    tab.goto(address + CHAPTER, wait_until="load")
    yield tab
    tab.close()


def test_a_long_chapter_is_folded_and_everything_can_be_opened(tab):
    folded, hidden = tab.evaluate(_LENGTH), tab.evaluate(_HIDDEN)
    tab.emulate_media(media="print")
    assert hidden > 100 and tab.evaluate(_HIDDEN) == 0
    tab.emulate_media(media="screen")
    tab.set_viewport_size({"width": 1440, "height": 900})
    assert tab.evaluate(_HIDDEN) == 0 and not tab.locator(".unfold").first.is_visible()
    tab.set_viewport_size(PHONE)
    for _ in range(2):  # buttons of tables stand in sections that are folded, too
        tab.evaluate(UNFOLD)
    assert tab.evaluate(_HIDDEN) == 0
    assert folded < 35_000 and folded < 0.45 * tab.evaluate(_LENGTH)


def test_the_keyboard_opens_rows_and_folds_them_again(tab):
    tab.goto(tab.url.partition("#")[0], wait_until="load")
    button = tab.locator(".unfold-all-rows:visible").first
    rows = button.locator("xpath=..").locator("tbody tr:visible")
    few, words = rows.count(), button.inner_text()
    button.focus()
    tab.keyboard.press("Enter")
    assert rows.count() > few and button.get_attribute("aria-expanded") == "true" and button.inner_text() != words
    tab.keyboard.press("Enter")
    assert rows.count() == few and button.inner_text() == words


def test_a_link_to_what_is_folded_opens_it(tab):
    tab.goto(tab.url.partition("#")[0], wait_until="load")
    place = tab.evaluate("document.querySelector('.rest figure[id]').id")
    assert not tab.locator(f"#{place}").is_visible()
    tab.evaluate(f"location.hash = '{place}'")
    tab.wait_for_function(f"Math.abs(document.getElementById('{place}').getBoundingClientRect().top) < 300")
    assert tab.locator(f"#{place}").is_visible()


def test_a_choice_from_a_listing_unfolds_it_and_is_kept_on_reload_and_on_the_way_back(browser, address):
    tab, page = browser.new_page(viewport=PHONE), address + "notebooks/reproduction.html"
    tab.goto(page, wait_until="load")
    place = tab.evaluate("document.querySelector('.rest table.listing').closest('figure').id")
    listing, bar = tab.locator(f"#{place} table.listing"), tab.locator(f"#{place} .listing-bar")
    assert not listing.is_visible()
    choice = tab.evaluate(f"[...document.querySelector('#{place} .listing-bar select').options].at(-1).value")
    column = tab.evaluate(f"document.querySelector('#{place} th[data-filter]').dataset.column")
    kept = tab.evaluate("([page, key, value]) => `${page}?${new URLSearchParams({[key]: value})}`",
                        [page, f"{place}.{column}", choice])  # fmt: skip
    tab.goto(kept, wait_until="load")
    shown = bar.locator("[role=status]").inner_text()
    few = listing.locator("tbody tr:visible").count()
    assert listing.is_visible() and 0 < few < listing.locator("tbody tr").count()
    for move in (tab.reload, lambda: (tab.goto(address + "book/glossary.html"), tab.go_back())):
        move()
        tab.wait_for_load_state("load")
        assert bar.locator("[role=status]").inner_text() == shown and listing.is_visible()
        assert bar.locator("select").first.input_value() == choice and tab.url == kept
    tab.close()


def test_without_scripts_nothing_is_folded(browser, address):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    tab = context.new_page()
    tab.goto(address + CHAPTER, wait_until="load")
    assert tab.locator(".unfold").count() == 0
    assert tab.locator(".result-table tbody tr").count() == tab.locator(".result-table tbody tr:visible").count() > 100
    context.close()
