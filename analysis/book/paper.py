"""The built book as one document for paper: all pages in their order, links led within it, and what paper cannot do
left out.

Code is left out unless asked for; a long listing leaves for the file that holds it; folds are open; the narrow drawings
for phones go. `analysis.book.printing` makes a PDF of it.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urldefrag

from bs4 import BeautifulSoup, Tag

import analysis
from analysis.show.catalogue import Catalogue
from analysis.study.escaping import html

FIRST = "book/index.html"
# A table with more rows is a listing that nobody reads on paper.
MOST_ROWS = 60
_NO_PAPER = ("script", "style", "form", "button", "noscript", "source")
_NO_PAPER_CLASSES = {"headerlink", "result-link", "listing-bar", "traced", "prev-next-footer", "calculator-answer"}
_CODE = {"above-input", "above-output", "cell_input"}
# Sections of code: of a method's page, and the folded numbers that a test of a chapter compares.
_SECTIONS_OF_CODE = {"code", "numbers-for-reviewers"}
_IDS = ("id", "aria-labelledby", "aria-describedby", "for", "headers")
_OWN = Path(analysis.__file__).parents[1] / "book" / "_static"  # no page of a book names what only paper needs
_ELSEWHERE = re.compile(r"[a-z][a-z+.-]*:", flags=re.IGNORECASE)


@dataclass(frozen=True)
class Chapter:
    """One page: address below the folder of pages, the part of the contents that it stands in, how deep."""

    address: str
    part: str
    depth: int


def document(folder: Path, with_code: bool = False) -> str:
    """The whole book in a folder of pages as one page of HTML, for paper. Its files stay where they are."""
    first = _soup(folder / FIRST)
    words = Catalogue(first.html.get("lang", "en"))
    chapters = [Chapter(FIRST, "", 1), *_contents(first, folder)]
    names = {each.address: _name_of(each.address) for each in chapters}
    articles, banners = [], {}
    for each in chapters:
        page = _soup(folder / each.address)
        banner = banners.setdefault(_banner(page), f"banner-{len(banners)}")
        articles.append((each, banner, _article(page, each.address, names, with_code, words)))
    title = html(_heading(first))
    return _whole(folder, title, words, articles, banners)


def _soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def _contents(first: BeautifulSoup, folder: Path) -> Iterator[Chapter]:
    """The pages that are there, in the order of the contents at the side of the first page, each once; those below a
    page stand in its own contents alone."""
    seen = {FIRST}
    for part in first.select("nav.bd-links p.caption, nav.bd-docs-nav p.caption"):
        listed, name = part.find_next_sibling("ul"), part.get_text(strip=True)
        for link in listed.find_all("a") if listed else ():
            for address in _new(FIRST, [link], folder, seen):
                yield Chapter(address, name, len(link.find_parents("ul")))
                below = _soup(folder / address).select("nav.bd-links li.current ul a")
                yield from (Chapter(each, name, 2) for each in _new(address, below, folder, seen))


def _new(page: str, links: Iterable[Tag], folder: Path, seen: set[str]) -> Iterator[str]:
    """Addresses of pages that links of a page lead to, which are there and have not been seen."""
    for link in links:
        address = _resolved(page, link.get("href", ""))[0]
        if address not in seen and not _ELSEWHERE.match(link["href"]) and (folder / address).is_file():
            seen.add(address)
            yield address


def _resolved(page: str, link: str) -> tuple[str, str]:
    """The address below the folder that a link of a page leads to, and the place in it."""
    path, anchor = urldefrag(link)
    address = os.path.normpath(PurePosixPath(page).parent / unquote(path)) if path else page
    return address, unquote(anchor)


def _name_of(address: str) -> str:
    return str(PurePosixPath(address).with_suffix("")).replace("/", "-")


def _heading(page: Tag) -> str:
    """The main heading of a page, without the sign of its permanent link."""
    heading = page.find("h1")
    pieces = heading.find_all(string=True) if heading else ()
    return " ".join("".join(each for each in pieces if "headerlink" not in each.parent.get("class", ())).split())


def _banner(page: BeautifulSoup) -> str:
    """What stands in the banner above a page; nothing where there is none."""
    box = page.find(class_="bd-header-announcement__content")
    return " ".join(box.get_text(" ", strip=True).split()) if box else ""


def _article(page: BeautifulSoup, address: str, names: Mapping[str, str], with_code: bool, words: Catalogue) -> Tag:
    """The words, tables and figures of a page as they go on paper."""
    article, name = page.find("article"), names[address]
    for fold in article.find_all("details"):
        if fold.decomposed:
            continue
        if not with_code and _CODE & set(fold.get("class", ())):
            fold.decompose()
            continue
        fold.name, fold.attrs = "div", {"class": "fold"}
        if summary := fold.find("summary"):
            summary.name, summary.attrs = "p", {"class": "fold-title"}
    for tag in article.find_all(True):
        if tag.decomposed:
            continue
        classes = set(tag.get("class", ()))
        is_code = not with_code and ("cell_input" in classes or tag.get("id") in _SECTIONS_OF_CODE)
        if tag.name in _NO_PAPER or classes & _NO_PAPER_CLASSES or is_code:
            tag.decompose()
    _leave_long_tables(article, words)
    for tag in article.find_all(True):
        _rename(tag, name)
        if tag.name == "a":
            _lead(tag, address, names)
        elif tag.name == "img" and not _ELSEWHERE.match(str(tag.get("src", ""))):
            tag["src"] = _resolved(address, tag["src"])[0]
    for below in article.find_all(class_="downloads"):
        below.decompose()
    return article


def _leave_long_tables(article: Tag, words: Catalogue) -> None:
    """In the place of a long table one line says how many rows it has and which file has them."""
    for table in article.find_all("table"):
        rows = len(table.find_all("tr"))
        if rows <= MOST_ROWS:
            continue
        frame = table.find_parent("figure")
        link = frame and frame.find("a", href=re.compile(r"\.csv$"))
        caption = table.find("caption")
        told = words.text("book.paper.long_table", n=str(rows - 1))
        if link:
            told += " " + words.text("book.paper.in_file", file=_below_results(link["href"]))
        line = BeautifulSoup(f"<p>{html(told)}</p>", "html.parser").p
        table.replace_with(*filter(None, [_as_paragraph(caption), line]))


def _below_results(href: str) -> str:
    return re.sub(r"^.*?results/", "results/", unquote(href))


def _as_paragraph(caption: Tag | None) -> Tag | None:
    if caption is not None:
        caption = caption.extract()
        caption.name, caption.attrs = "p", {"class": "caption"}
    return caption


def _rename(tag: Tag, name: str) -> None:
    """Places of a page by a name that no other page has."""
    for attribute in _IDS:
        if value := tag.get(attribute):
            tag[attribute] = " ".join(f"{name}--{one}" for one in str(value).split())
    for attribute in ("role", "tabindex"):  # a region that scrolls does not scroll on paper
        if attribute != "role" or tag.get("role") == "region":
            tag.attrs.pop(attribute, None)


def _lead(link: Tag, address: str, names: Mapping[str, str]) -> None:
    """A link to a page of the book leads there on paper; one to a file is its words."""
    href = str(link.get("href", ""))
    if _ELSEWHERE.match(href) or not href:
        return
    target, anchor = _resolved(address, href)
    if target in names:
        link["href"] = f"#{names[target]}" + (f"--{anchor}" if anchor else "")
    elif "downloads" not in (link.parent.get("class") or ()):
        link.unwrap()


def _whole(
    folder: Path, title: str, words: Catalogue, articles: Sequence[tuple[Chapter, str, Tag]], banners: Mapping[str, str]
) -> str:
    """The document: cover, contents, and every page on a sheet of its own."""
    pages = "".join(f'@page {name} {{ @top-left {{ content: "{_in_css(text)}"; }} }}\n.{name} {{ page: {name}; }}\n'
                    for text, name in banners.items())  # fmt: skip
    style, script = ((_OWN / name).read_text(encoding="utf-8") for name in ("paper.css", "paper.js"))
    cover = next((text for text in banners if text), "")
    body = "".join(f'<section class="{banner}{" deep" * (each.depth > 1)}" id="{_name_of(each.address)}">'
                   f"{article.decode_contents()}</section>\n"
                   for each, banner, article in articles)  # fmt: skip
    language = html(words.language)
    return (f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
            f'<base href="{folder.resolve().as_uri()}/">'
            f"<style>{style}\n{pages}</style><script>{script}</script></head><body>\n"
            f'<header class="cover"><p class="cover-title">{title}</p><p>{html(cover)}</p></header>\n'
            f'<nav class="contents" aria-label="{html(words.text("book.paper.contents"))}">'
            f'<h1>{html(words.text("book.paper.contents"))}</h1>{_listed(articles)}</nav>\n'
            f"<main>{body}</main></body></html>\n")  # fmt: skip


def _listed(articles: Sequence[tuple[Chapter, str, Tag]]) -> str:
    """The contents: parts, and pages with the number of the sheet on which each begins, which is put in later."""
    lines, part = [], None
    for each, _, article in articles[1:]:
        if each.part != part:
            lines.append(f'<p class="part">{html(each.part)}</p>')
            part = each.part
        title = html(_heading(article)) or html(each.address)
        deep = " deep" if each.depth > 1 else ""
        lines.append(f'<p class="entry{deep}"><a href="#{_name_of(each.address)}">{title}</a>'
                     f'<span class="sheet" data-of="{_name_of(each.address)}"></span></p>')  # fmt: skip
    return "".join(lines)


def _in_css(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
