"""Search in Chromium, from a file as a reader has it: words, printed numbers, Norwegian letters, best place first."""

import re
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe

from analysis.book.search_index import PAGE, TEXTS, read_texts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab(browser, built_book):
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    tab.messages = []
    tab.on("console", lambda message: message.type == "error" and tab.messages.append(message.text))
    tab.on("pageerror", lambda error: tab.messages.append(str(error)))
    tab.goto((built_book / PAGE).as_uri(), wait_until="load")
    tab.wait_for_selector("#search-page form")  # shown once the texts are there
    yield tab
    tab.close()


def found(tab, query: str) -> list[dict]:
    """Address, heading and snippet of every place that a query finds."""
    tab.get_by_label("Search for words or numbers").fill(query)
    tab.wait_for_function("wanted => new URL(location).searchParams.get('q') === wanted", arg=query)
    return tab.locator("#search-page li").evaluate_all(
        """all => all.map(each => ({ href: each.querySelector("a").getAttribute("href"),
            text: each.innerText, marked: [...each.querySelectorAll("mark")].map(mark => mark.innerText) }))""")


@pytest.mark.parametrize("query, page, marked", [
    ("Newcombe", "book/method_", "Newcombe"),
    ("arbeidsavklaringspenger", "book/glossary.html", "arbeidsavklaringspenger"),
    ("sykepenger", "book/glossary.html", "sykepenger"),
    ("uføretrygd", "book/glossary.html", "uføretrygd"),
    ("uforetrygd", "book/glossary.html", "uføretrygd"),
    ("calculator", "notebooks/cost_benefit.html", "Calculator"),
])  # fmt: skip
def test_words_are_found_and_marked(tab, query, page, marked):
    places = found(tab, query)
    assert page in places[0]["href"] or any(page in each["href"] for each in places[:3]), places[:3]
    assert any(marked.lower() in word.lower() for each in places[:3] for word in each["marked"])


def numbers_in_tables(built_book) -> list[tuple[str, str]]:
    """A number with decimals and one with a thousand's comma, as tables print them, with where they stand."""
    pages = read_texts((built_book / TEXTS).read_text(encoding="utf-8"))
    parts = [(f"{page['url']}#{anchor}", text) for page in pages for anchor, _, text in page["parts"]]
    return [(wanted, [place for place, text in parts if re.search(rf"(?<![\d.,]){wanted}(?![\d.,]*\d)", text)])
            for wanted in ("44.2", "3,681")]  # fmt: skip


def test_numbers_are_found_as_they_are_printed(tab, built_book):
    for number, places in numbers_in_tables(built_book):
        assert places, number
        first, *others = found(tab, number)
        assert first["href"] in places and number in first["marked"]
        assert found(tab, number.replace(",", "")) == [first, *others]


def test_every_place_found_is_there(tab, built_book):
    for each in found(tab, "effect")[:10]:
        page, _, anchor = each["href"].partition("#")
        text = (built_book / page).read_text(encoding="utf-8")
        assert not anchor or f'id="{anchor}"' in text


def test_what_is_nowhere_is_said(tab):
    assert found(tab, "qqxqq") == [] and "No place" in tab.locator("#search-page [role=status]").inner_text()
    assert tab.messages == []


def test_the_form_of_any_page_leads_to_the_answer(browser, built_book):
    tab = browser.new_page()
    tab.goto((built_book / PAGE).as_uri() + f"?q={quote('fidelity')}", wait_until="load")
    tab.wait_for_selector("#search-page form")
    count, said = tab.locator("#search-page li").count(), tab.locator("#search-page [role=status]").inner_text()
    barriers = Axe().run(tab, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
    tab.close()
    assert count > 3 and "fidelity" in said
    assert {rule["id"]: [node["html"] for node in rule["nodes"][:3]] for rule in barriers} == {}


def test_texts_come_only_with_the_page_of_search(built_book):
    others = (page for page in built_book.rglob("*.html") if page.name != PAGE)
    assert not [page for page in others if TEXTS in page.read_text(encoding="utf-8")]
    assert not (built_book / "searchindex.js").exists()
