"""Search without a server: the texts of all pages as a script beside the book, and the page that searches them.

One entry is a section of a page, or a table or figure with what stands in and below it. Sphinx's own index leaves out
numbers and gives no place within a page; its files are removed. `book/_static/search.js` does the searching.
"""

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString, Tag

from analysis.show.catalogue import Catalogue
from analysis.study.escaping import html

PAGE, TEXTS = "search.html", "search-texts.js"
# What Sphinx searches with.
_REPLACED = ("searchindex.js", "_static/searchtools.js", "_static/language_data.js")
_UNREAD = {"script", "style", "noscript", "form", "math", "svg"}
_UNREAD_CLASSES = {"cell_input", "downloads", "headerlink", "result-link", "traced", "listing-bar",
                   "prev-next-footer", "header-article", "toc"}  # fmt: skip
_RESULTS = {"result-table", "result-figure"}


@dataclass
class Part:
    """A place of a page that search leads to: its anchor, its heading, and the pieces of its text."""

    anchor: str
    heading: str = ""
    pieces: list[str] = field(default_factory=list)

    @property
    def told(self) -> list[str]:
        """What the script has of it."""
        return [self.anchor, self.heading, " ".join(" ".join(self.pieces).split())]


def texts_of(page: BeautifulSoup) -> dict | None:
    """Title and parts of a finished page; None for one without an article."""
    article = page.find("article")
    title = article and article.find("h1")
    if not title:
        return None
    parts = [Part("")]
    _walk(article, parts)
    return {"title": _heading(title), "parts": [part.told for part in parts if part.pieces or part.heading]}


def write_search(folder: Path, texts: Mapping[str, dict | None], words: Catalogue) -> None:
    """Put the texts of a book's pages by address into its folder, and make its page of results search them."""
    told = [{"url": address, **found} for address, found in texts.items() if found and address != PAGE]
    written = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    packed = base64.b64encode(zlib.compress(written, 9)).decode()  # a third as long; the script unpacks it
    (folder / TEXTS).write_text(f'reportSearch("{packed}");\n', encoding="utf-8")
    place = folder / PAGE
    if place.is_file():
        place.write_text(_searching(place.read_text(encoding="utf-8"), words), encoding="utf-8")
    for name in _REPLACED:
        (folder / name).unlink(missing_ok=True)


def read_texts(written: str) -> list[dict]:
    """The texts in the file that `write_search` makes of them: address, title and parts of each page."""
    return json.loads(unpacked(written))


def unpacked(written: str) -> str:
    """The text of that file as it was before it was packed."""
    return zlib.decompress(base64.b64decode(written.partition('"')[2].partition('"')[0])).decode()


def _walk(tag: Tag, parts: list[Part]) -> None:
    """Add what stands in a tag to the part that it belongs to; sections and results begin parts of their own."""
    for child in tag.children:
        if isinstance(child, Tag):
            _walk_tag(child, parts)
        elif type(child) is NavigableString:
            parts[-1].pieces.append(str(child))


def _walk_tag(tag: Tag, parts: list[Part]) -> None:
    classes = set(tag.get("class", ()))
    if tag.name in _UNREAD or classes & _UNREAD_CLASSES:
        return
    if tag.name == "img":
        parts[-1].pieces.append(str(tag.get("alt", "")))
    elif tag.get("id") and (tag.name == "section" or classes & _RESULTS):
        here = parts[-1]
        parts.append(Part(str(tag["id"]), _heading(_head_of(tag)) or str(tag.get("aria-label", ""))))
        _walk(tag, parts)
        if tag.name != "section" or "calculator" in classes:  # what follows belongs to the section around it
            parts.append(Part(here.anchor, here.heading))
    elif tag.name not in ("h1", "h2", "h3", "h4", "caption", "figcaption"):
        parts[-1].pieces.append(" ")
        _walk(tag, parts)
        parts[-1].pieces.append(" ")


def _head_of(tag: Tag) -> Tag | None:
    if tag.name == "section":
        return next((child for child in tag.children if isinstance(child, Tag) and child.name[:1] == "h"), None)
    return tag.find(["caption", "figcaption"])


def _heading(tag: Tag | None) -> str:
    return " ".join("".join(_words_of(tag)).split()) if tag else ""


def _words_of(tag: Tag) -> Iterator[str]:
    for child in tag.children:
        if isinstance(child, Tag):
            if not _UNREAD_CLASSES.intersection(child.get("class", ())) and "kind" not in child.get("class", ()):
                yield from _words_of(child)
        elif type(child) is NavigableString:
            yield str(child)


def _searching(page: str, words: Catalogue) -> str:
    """The page of results with our own form in the place of Sphinx's, and our own scripts."""
    soup = BeautifulSoup(page, "html.parser")
    for script in soup.find_all("script"):
        if any(str(script.get("src", "")).split("?")[0].endswith(name.rpartition("/")[2]) for name in _REPLACED):
            script.decompose()
    article = soup.find(class_="bd-search-container")
    for script in article.find_all_next("script"):
        if "searchInput" in script.get_text():  # puts the keyboard into the field that goes
            script.decompose()
    article.clear()
    told = {name: html(words.text(f"book.search.{name}")) for name in
            ("title", "label", "without_script", "one", "some", "many", "none")}  # fmt: skip
    data = " ".join(f'data-{name}="{told[name]}"' for name in ("one", "some", "many", "none"))
    article.append(BeautifulSoup(
        f'<div id="search-page" {data}><h1>{told["title"]}</h1><noscript><p>{told["without_script"]}</p></noscript>'
        f'<form role="search" aria-label="{told["title"]}" hidden><label for="search-for">{told["label"]}</label> '
        '<input id="search-for" name="q" type="search" autocomplete="off" spellcheck="false"></form>'
        '<p role="status"></p><ol></ol></div>', "html.parser"))  # fmt: skip
    for source in ("_static/minisearch.js", "_static/search.js", TEXTS):
        article.append(soup.new_tag("script", src=source, defer=""))
    return str(soup)
