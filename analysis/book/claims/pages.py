"""The pages of a built book as a reader gets them: which of their numbers nothing computed gives."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from analysis.book.claims.told import NUMERAL, Told, gives, plain

_BULK = re.compile(r'<(script|style|svg)\b.*?</\1>|(?<=src=")data:[^"]*', flags=re.DOTALL)
_BLOCKS = "p, li, dd, dt, h1, h2, h3, h4, td, th, figcaption, caption"
# Marks of Markdown that a page does not show, and what typesetting changes.
_MARKUP = re.compile(r"[*`_]|\{\w+\}|\[|\]\([^)]*\)")
_LIKE = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "\u00a0": " ", "…": "..."})


def orphans_of(told: Told) -> Iterator[tuple[str, str]]:
    """(number, where it stands) for each number of the page's results that neither a text nor a download gives.

    Prose that an author wrote, on hand-written pages and in notes, is not the program's and is left to the author.
    """
    page = BeautifulSoup(_BULK.sub("", told.page.read_text(encoding="utf-8")), "html.parser")
    for result in page.select("article [data-result], article .result, article figure.result-figure"):
        yield from _of_result(result, told)


def _of_result(result: Tag, told: Told) -> Iterator[tuple[str, str]]:
    names = [Path(link["href"]).stem for link in result.select("a[download]") if link["href"].endswith(".csv")]
    values, words = [], set()
    for name in names:
        own, said = told.numbers_of(name)
        values, words = values + own, words | said
    known = _known_texts(told)
    for block in [*result.select("tbody td, figcaption, caption, .result-notes p"), *result.select("img[alt]")]:
        text = block.get("alt") or block.get_text(" ", strip=True)
        if _seen(text) in known:
            continue
        for numeral in map(plain, NUMERAL.findall(_without(_seen(text), known))):
            if numeral not in words and not any(gives(value, numeral) for value in values):
                yield numeral, f"{names[0] if names else 'a result'}: {text[:120]}"


def _known_texts(told: Told) -> set[str]:
    return {_seen(text.text) for text in (*told.sentences, *told.texts)}


def _seen(text: str) -> str:
    """A text as it can be compared between what was written and what a page shows."""
    return " ".join(_MARKUP.sub("", text.translate(_LIKE)).split())


def _without(text: str, known: Iterable[str]) -> str:
    """What is left of a text without the known ones in it."""
    for part in sorted((part for part in known if part and part in text), key=len, reverse=True):
        text = text.replace(part, " ")
    return text
