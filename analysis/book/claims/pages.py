"""The pages of a built book as a reader gets them: numbers that nothing computed gives, sentences that were altered."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from analysis.book.claims.told import Told, numerals_in
from analysis.book.tags import named, tags
from analysis.show.kinds import COLUMN, counts_of
from analysis.show.prose import MISSING
from analysis.show.tracing import MARK, WORDS

_BULK = re.compile(r'<(script|style|svg)\b.*?</\1>|(?<=src=")data:[^"]*', flags=re.DOTALL)
# The number of a table or figure and the link to it are no words about the study.
_RESULTS = ("result-figure", "result-table")
_PROSE = ("p", "li", "dd", "dt", "h1", "h2", "h3")
# Marks of what a number is, how many cells have which, and of the place of a table or figure in the book.
_MARKS = (("span", "kind"), ("p", "kind-legend"), ("a", "traced"), ("span", "result-number"), ("a", "result-link"))
_SHOWN = 120  # characters of a text in a message
# What stands between words and numbers. A name in a sentence may bring marks of its own.
_BETWEEN = re.compile(r"[^\w.,%−<]|_")
_ENOUGH = 12  # letters by which a part of a sentence is known again
# Any number, or the sign of one that is not known.
_ANY = rf"(?:(?<![\d.,])(?:p [=<] )?−?\d[\d,]*(?:\.\d+)?(?: ?%)?|{MISSING})"
# Marks of Markdown that a page does not show, and what typesetting changes.
_MARKUP = re.compile(r"[*`_]|\{\w+\}|\[|\]\([^)]*\)")
_LIKE = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "\u00a0": " ", "…": "..."})


def orphans_of(told: Told) -> Iterator[str]:
    """What is wrong with a page: each number of its results that neither a text nor a download gives, and each sentence
    that stands there otherwise than the chapter wrote it, or not at all.

    Prose that an author wrote, on hand-written pages and in notes, is not the program's and is left to the author.
    """
    page = _read(told.page)
    for result in tags(page, "figure", *_RESULTS):
        yield from map(_orphan, _of_legend(result, told))
    _without_marks(page)
    yield from _altered(told, page)
    yield from map(_orphan, _of_outputs(page, told))


def altered_on(front: Path, summary: Path) -> Iterator[str]:
    """The paragraphs of the answers on the front page that the summary, from which they are, does not have."""
    pages = _read(front), _read(summary)
    for page in pages:
        _without_marks(page)
    whole = _said_on(pages[1])
    told = [part for answer in pages[0].find_all("dd") for part in answer.find_all("p")]
    texts = [part.get_text() for part in told]
    yield from (f"the summary does not say: {text}" for text in map(_seen, texts) if text not in whole)


def _altered(told: Told, page: Tag) -> Iterator[str]:
    """Sentences that a page does not have, and parts of them that it has with other numbers."""
    whole, known = _said_on(page), "\n".join(_seen(text.text) for text in (*told.sentences, *told.texts))
    bare = _bare(whole)
    yield from (f"does not stand on the page as it was written: {each.text}" for each in told.sentences
                if _bare(_seen(each.text)) not in bare)  # fmt: skip
    shapes = dict.fromkeys(shape for each in told.sentences for shape in _shapes(_seen(each.outline)))
    there = dict.fromkeys(found for shape in shapes for found in re.findall(shape, whole))
    yield from (f"stands on the page, and was not written: {found}" for found in there if found not in known)


def _shapes(outline: str) -> Iterator[str]:
    """Patterns of the parts of a sentence that no name divides, with any numbers in them."""
    for part in outline.split(WORDS):
        if MARK in part and sum(map(str.isalpha, part)) >= _ENOUGH:
            yield re.escape(part.strip()).replace(MARK, _ANY)


def _orphan(found: tuple[str, str]) -> str:
    return f"nothing computed gives the number {found[0]}: {found[1]}"


def _read(path: Path) -> BeautifulSoup:
    _, start, rest = path.read_text(encoding="utf-8").partition("<article")  # before it is the way to other pages
    return BeautifulSoup(_BULK.sub("", start + rest), "html.parser")


def _said_on(page: Tag) -> str:
    """All that a page says, also to those who cannot see its figures."""
    return _seen(" ".join([page.get_text(), *(image.get("alt", "") for image in page.find_all("img"))]))


def _bare(text: str) -> str:
    """The words and numbers of a text, whatever marks and spaces stand between them."""
    return _BETWEEN.sub("", text)


def _of_outputs(page: Tag, told: Told) -> Iterator[tuple[str, str]]:
    """(number, where it stands) for each number of tables, figures and outputs that nothing gives."""
    known = _known_texts(told)
    for output in [each for article in page.find_all("article") for each in tags(article, True, "cell_output")]:
        results = tags(output, "figure", *_RESULTS)
        for result in results:
            yield from _of_result(result, told, known)
            result.extract()
        for block in named(output, *_PROSE):
            text = _seen(block.get_text())
            yield from ((numeral, text[:_SHOWN]) for numeral in _left_in(text, known))


def _without_marks(page: Tag) -> None:
    for name, of_class in _MARKS:
        for sign in tags(page, name, of_class):
            sign.extract()


def _of_result(result: Tag, told: Told, known: set[str]) -> Iterator[tuple[str, str]]:
    """The numbers of a table or figure, its caption, notes and text for those who cannot see it.

    A cell may have its number from the download; words have theirs from what the chapter wrote, as it wrote it.
    """
    names = _downloads(result)
    there, place = told.numerals_of(names), ", ".join(names) or "a result"
    for text in map(_seen, _cells_of(result)):
        yield from ((each, f"{place}: {text[:_SHOWN]}") for each in _left_in(text, known) if each not in there)
    for text in map(_seen, _words_of(result)):
        yield from ((each, f"{place}: {text[:_SHOWN]}") for each in _left_in(text, known))


def _of_legend(result: Tag, told: Told) -> Iterator[tuple[str, str]]:
    """The numbers of a legend that the rows of the download do not have: how many values are of which kind."""
    frames = [frame for frame in told.frames_of(_downloads(result)) if COLUMN in frame]
    counts = counts_of(frames[0]) if frames else {}
    for line in tags(result, "p", "kind-legend"):
        for sign in tags(line, "span", "kind")[:1]:
            kind = sign["class"][-1].removeprefix("kind-").replace("-", "_")
            known, text = {str(counts.get(kind, 0)), str(sum(counts.values()))}, _seen(line.get_text())
            yield from ((each, f"legend: {text[:_SHOWN]}") for each in numerals_in(text) if each not in known)


def _downloads(result: Tag) -> list[str]:
    links = [link["href"] for link in result.find_all("a") if "download" in link.attrs]
    return [Path(link).stem for link in links if link.endswith(".csv")]


def _cells_of(result: Tag) -> Iterator[str]:
    """Cells of a table and texts for those who cannot see a figure."""
    yield from (cell.get_text() for body in result.find_all("tbody") for cell in body.find_all("td"))
    yield from (image["alt"] for image in result.find_all("img") if image.get("alt"))


def _words_of(result: Tag) -> Iterator[str]:
    """Captions and notes."""
    notes = [line for note in tags(result, True, "result-notes") for line in note.find_all("p")]
    yield from (part.get_text() for part in (*named(result, "figcaption", "caption"), *notes))


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
