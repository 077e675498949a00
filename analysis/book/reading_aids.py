"""Touches for readers on rendered pages: numbers of tables and figures with links to them, names that break, marks that
stay with their words, what a shared link shows.

Each works on one page in place, as the mends of `finishing` do.
"""

import re
from collections import Counter
from functools import cache

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from analysis.show.catalogue import Catalogue

PREVIEW = "_static/preview.png"
_LONGEST = 200  # characters of a description that search engines and chats show
_KINDS = {"result-table": "table", "result-figure": "figure"}


@cache
def _words(language: str) -> Catalogue:
    return Catalogue(language)


def _words_of(page: BeautifulSoup) -> Catalogue:
    return _words(page.html.get("lang", "en") if page.html else "en")


def _kind(tag: Tag) -> str | None:
    return next((_KINDS[name] for name in tag.get("class", ()) if name in _KINDS), None)


def number_results(page: BeautifulSoup) -> None:
    """Every table and figure has a number, those that an author added too, and a link that stays.

    It counts within the chapter and begins with the chapter's place in the contents, so that it is no number of the
    published report.
    """
    counts, chapter = Counter(), _place(page)
    for result in page.find_all("figure"):
        kind = _kind(result)
        caption = result.find("figcaption") or result.find("caption")
        if kind is None or caption is None or not result.get("id"):
            continue
        counts[kind] += 1
        words = _words_of(page)
        told = words.text(f"book.numbered.{kind}", n=f"{chapter}{counts[kind]}")
        place = caption.find("span", class_="caption-text") or caption
        printed = _printed_number(place, words)
        number = page.new_tag("span", attrs={"class": "result-number"})
        number.string = words.text("book.numbered.printed", what=told.rstrip("."), printed=printed) if printed else told
        number.string += " "
        place.insert(0, number)
        said = words.text("book.numbered.link", what=told.rstrip("."))
        link = page.new_tag("a", attrs={"class": "result-link", "href": f"#{result['id']}", "aria-label": said})
        link.string = "#"
        place.append(link)


def _printed_number(caption: Tag, words: Catalogue) -> str:
    """The number that a table or figure has in print, with which its caption begins, taken off it; empty without."""
    text = caption.find(string=True)
    for kind in _KINDS.values():
        before, _, after = words.text(f"book.numbered.{kind}", n="|").partition("|")
        found = re.match(rf"\s*({re.escape(before)}(?:[A-Z]\.)?\d+){re.escape(after)} ", text or "")
        if found:
            text.replace_with(text[found.end() :])
            return found[1]
    return ""


def _place(page: BeautifulSoup) -> str:
    """The number of the page's entry in the contents with a dot; nothing for the cover and what is not in them."""
    contents = page.find("nav", class_="bd-links")
    entries = contents.find_all("li", class_="toctree-l1") if contents else []
    here = [number for number, entry in enumerate(entries) if "current" in entry.get("class", ())]
    return f"{here[0]}." if here and here[0] else ""


def box_in_short(page: BeautifulSoup) -> None:
    """What a chapter says before its first section is what it found: it stands in a box that says so."""
    article = page.find("article")  # before it the theme has a heading for the contents in print
    section = article.find("h2") if article else None
    before = section.find_all_previous("div", class_="cell_output") if section else []
    said = [output for output in before if output.find(["p", "ul"], recursive=False)]
    if said:
        box = said[-1]  # the first on the page
        box["class"] = [*box["class"], "in-short"]
        title = page.new_tag("p", attrs={"class": "in-short-title"})
        title.string = _words_of(page).text("book.in_short")
        box.insert(0, title)


def unique_names(page: BeautifulSoup) -> None:
    """An id that stood before on the page gets a number, since a link leads to the first alone."""
    seen: Counter[str] = Counter()
    for tag in page.find_all(id=True):
        name = tag["id"]
        seen[name] += 1
        if seen[name] > 1:
            tag["id"] = f"{name}-{seen[name]}"


def name_folds(page: BeautifulSoup) -> None:
    """The words of the buttons by which a phone shows what is folded there, for the page's script."""
    for article in page.find_all("article", class_="bd-article"):
        for name in ("all_rows", "fewer_rows", "rest", "less_rest", "side", "less_side"):
            article[f"data-{name.replace('_', '-')}"] = _words_of(page).text(f"book.phone.{name}")


def break_names(page: BeautifulSoup) -> None:
    """Names of tables and columns may break behind their underscores, where a narrow column cannot hold them whole."""
    for code in page.find_all("code"):
        if code.find_parent("pre") is None:
            for text in list(code.find_all(string=lambda text: "_" in text)):
                text.replace_with(*_broken(page, text))


def _broken(page: BeautifulSoup, text: str) -> list[Tag | NavigableString]:
    first, *others = text.split("_")
    parts: list[Tag | NavigableString] = [NavigableString(first + "_" * bool(others))]
    for place, other in enumerate(others):
        parts += [page.new_tag("wbr"), NavigableString(other + "_" * (place < len(others) - 1))]
    return parts


def keep_marks(page: BeautifulSoup) -> None:
    """A mark of what a number is stands on the line on which its sentence ends, and so does the link behind it."""
    for mark in page.find_all(["span", "a"], class_=["kind", "traced"]):
        before = mark.previous_sibling
        if type(before) is NavigableString and before.endswith(" "):
            before.replace_with(f"{before[:-1]}\u00a0")


def describe(page: BeautifulSoup) -> None:
    """What a shared link shows: the title, the page's first words, a picture of the report."""
    if page.head is None or page.title is None:
        return
    article = page.find("article") or page
    told = next((text for each in article.find_all("p") if (text := _said(each))), "")
    root = page.html.get("data-content_root", "./")
    wanted = {
        "description": told, "og:title": page.title.get_text(strip=True), "og:description": told, "og:type": "article",
        "og:image": f"{root}{PREVIEW}", "twitter:card": "summary_large_image",
    }  # fmt: skip
    for name, content in wanted.items():
        key = "property" if name.startswith("og:") else "name"
        if content and page.head.find("meta", attrs={key: name}) is None:
            page.head.append(page.new_tag("meta", attrs={key: name, "content": content}))


def _said(paragraph: Tag) -> str:
    """The words of a paragraph of the text, cut after a whole word; nothing for what is no text."""
    aside = paragraph.find_parent(["aside", "figure", "nav", "header"])
    if aside or not {"admonition-title", "in-short-title"}.isdisjoint(paragraph.get("class", ())):
        return ""
    text = " ".join(paragraph.get_text(" ", strip=True).split())
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"


AIDS = (unique_names, number_results, box_in_short, name_folds, break_names, keep_marks, describe)
