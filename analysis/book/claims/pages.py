"""The pages of a built book as a reader gets them: which of their numbers nothing computed gives."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from analysis.book.claims.told import Told, numerals_in

_BULK = re.compile(r'<(script|style|svg)\b.*?</\1>|(?<=src=")data:[^"]*', flags=re.DOTALL)
# The number of a table or figure and the link to it are no words about the study.
_NUMBERED = re.compile(r'<span class="result-number">[^<]*</span>|<a [^>]*class="result-link"[^>]*>[^<]*</a>')
_RESULTS = "figure.result-figure, figure.result-table"
_PROSE = "p, li, dd, dt, h1, h2, h3"
_PARTS = "tbody td, figcaption, caption, .result-notes p"
# Marks of what a number is, and how many cells have which.
_KINDS = "span.kind, p.kind-legend, a.traced"
_SHOWN = 120  # characters of a text in a message
# Marks of Markdown that a page does not show, and what typesetting changes.
_MARKUP = re.compile(r"[*`_]|\{\w+\}|\[|\]\([^)]*\)")
_LIKE = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "\u00a0": " ", "…": "..."})


def orphans_of(told: Told) -> Iterator[tuple[str, str]]:
    """(number, where it stands) for each number that the page's results tell and neither a text nor a download gives.

    Prose that an author wrote, on hand-written pages and in notes, is not the program's and is left to the author.
    """
    page = BeautifulSoup(_NUMBERED.sub("", _BULK.sub("", told.page.read_text(encoding="utf-8"))), "html.parser")
    for sign in page.select(_KINDS):
        sign.extract()
    known = _known_texts(told)
    for output in page.select("article .cell_output"):
        results = output.select(_RESULTS)
        for result in results:
            yield from _of_result(result, told, known)
            result.extract()
        for block in output.select(_PROSE):
            text = _seen(block.get_text())
            yield from ((numeral, text[:_SHOWN]) for numeral in _left_in(text, known))


def _of_result(result: Tag, told: Told, known: set[str]) -> Iterator[tuple[str, str]]:
    """The numbers of a table or figure, its caption, notes and text for those who cannot see it."""
    names = [Path(link["href"]).stem for link in result.select("a[download]") if link["href"].endswith(".csv")]
    there = told.numerals_of(names)
    for block in [*result.select(_PARTS), *result.select("img[alt]")]:
        text = _seen(block.get("alt") or block.get_text())
        for numeral in _left_in(text, known):
            if numeral not in there:
                yield numeral, f"{', '.join(names) or 'a result'}: {text[:_SHOWN]}"


def _left_in(text: str, known: set[str]) -> list[str]:
    """Numerals of a text that stand in no known one."""
    if any(map(str.isalpha, text)) and any(text in one for one in known):
        return []
    return numerals_in(_without(text, known))


def _known_texts(told: Told) -> set[str]:
    """What the chapter wrote in words."""
    texts = {_seen(text.text) for text in (*told.sentences, *told.texts)}
    return {text for text in texts if any(map(str.isalpha, text))}


def _seen(text: str) -> str:
    """A text as it can be compared between what was written and what a page shows."""
    return " ".join(_MARKUP.sub("", text.translate(_LIKE)).split())


def _without(text: str, known: Iterable[str]) -> str:
    """What is left of a text without the known ones in it."""
    for part in sorted((part for part in known if part in text), key=len, reverse=True):
        text = text.replace(part, " ")
    return text
