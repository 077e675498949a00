"""What a built book claims, held to what it rests on: every number to its value, every comparison to its interval.

Reads the pages as a reader gets them, and beside them what the chapters wrote about their own texts (`sentences.json`,
`texts.json`) and the downloads of their tables and figures.
"""

import json
from collections.abc import Iterator
from importlib.resources import files
from itertools import chain
from pathlib import Path

from analysis.book.claims.comparisons import comparisons_of
from analysis.book.claims.pages import altered_on, orphans_of
from analysis.book.claims.told import Told, chapters_of
from analysis.book.claims.typed import engine_facts, facts_of, faults_of_words
from analysis.book.claims.written import PAGES, faults_of_engine, faults_of_written, known_of
from analysis.book.failures import Failure
from analysis.book.workers import of_each
from analysis.study.finding import BUNDLED


def faults(html: Path, sound: set[str] | None = None) -> list[Failure]:
    """Every number of a built book without its value, and every comparison that its numbers do not bear out.

    html: folder of the built pages, with `results/` in it. sound: digests of chapters in which nothing was found, which
    are not looked at again; those of this book take their place. Empty for a book of which every claim is borne out.
    """
    sound = set() if sound is None else sound
    chapters = list(chapters_of(html))
    fresh = [told for told in chapters if told.digest not in sound]
    found = dict(zip((told.digest for told in fresh), of_each(_faults_of_chapter, fresh), strict=True))
    sound &= {told.digest for told in chapters}
    sound |= {digest for digest, faults in found.items() if not faults}
    return list(dict.fromkeys([*chain.from_iterable(found.values()), *_of_front(html)]))


def _of_front(html: Path) -> list[Failure]:
    """What the answers on the front page say otherwise than the summary."""
    front, summary = html / "book" / "index.html", html / "notebooks" / "summary.html"
    known = front.is_file() and summary.is_file()
    return [Failure(front.name, cause) for cause in altered_on(front, summary)] if known else []


def _faults_of_chapter(told: Told) -> list[Failure]:
    return list(_of_chapter(told))


def _of_chapter(told: Told) -> Iterator[Failure]:
    place = told.page.name
    for text in (*told.sentences, *told.texts):
        for number, cause in text.wrong_numbers():
            yield Failure(place, f"the number {number} {cause}: {text.text}")
    for sentence in told.sentences:
        for cause in comparisons_of(sentence):
            yield Failure(place, f"{cause}: {sentence.text}")
    if told.page.is_file():
        yield from (Failure(place, cause) for cause in orphans_of(told))


def faults_of_typed(html: Path) -> list[Failure]:
    """Every number that an author typed into words and pages and nothing holds.

    They are the engine's, pages of methods among them, and those of the bundled studies in the book. Words of notes and
    pages by which authors compare or count are held, too.

    A study of one's own keeps what it types to itself; what is put in is held in any book (`faults`).
    """
    made = html / "provenance.json"
    names = json.loads(made.read_text(encoding="utf-8"))["data"] if made.is_file() else ()
    words = Path(str(files("analysis.show"))) / "words" / "en"
    found = [*faults_of_words(words, engine_facts(), PAGES), *faults_of_engine(words)]
    for folder in (BUNDLED.with_name(name) for name in names):
        if (folder / "words" / "en").is_dir():
            found += faults_of_words(folder / "words" / "en", facts_of(folder), folder / "pages")
            found += faults_of_written(folder, known_of(folder))
    return found


def counted(html: Path) -> dict[str, int]:
    """How much there was to check: chapters, sentences, numbers told in sentences, notes and captions."""
    chapters = list(chapters_of(html))
    texts = [text for told in chapters for text in (*told.sentences, *told.texts)]
    return {
        "chapters": len(chapters),
        "sentences": sum(len(told.sentences) for told in chapters),
        "numbers": sum(len(text.numbers) for text in texts),
    }
