"""What a built book claims, held to what it rests on: every number to its value, every comparison to its interval.

Reads the pages as a reader gets them, and beside them what the chapters wrote about their own texts (`sentences.json`,
`texts.json`) and the downloads of their tables and figures.
"""

from collections.abc import Iterator
from pathlib import Path

from analysis.book.claims.comparisons import comparisons_of
from analysis.book.claims.pages import orphans_of
from analysis.book.claims.told import Told, chapters_of
from analysis.book.failures import Failure


def faults(html: Path, sound: set[str] | None = None) -> list[Failure]:
    """Every number of a built book without its value, and every comparison that its numbers do not bear out.

    html: folder of the built pages, with `results/` in it. sound: digests of chapters in which nothing was found, which
    are not looked at again; those of this book take their place. Empty for a book of which every claim is borne out.
    """
    known, found = set(sound or ()), []
    if sound is not None:
        sound.clear()
    for told in chapters_of(html):
        own = [] if told.digest in known else list(_of_chapter(told))
        if sound is not None and not own:
            sound.add(told.digest)
        found += own
    return list(dict.fromkeys(found))


def _of_chapter(told: Told) -> Iterator[Failure]:
    place = told.page.name
    for text in (*told.sentences, *told.texts):
        for number, cause in text.wrong_numbers():
            yield Failure(place, f"the number {number} {cause}: {text.text}")
    for sentence in told.sentences:
        for cause in comparisons_of(sentence):
            yield Failure(place, f"{cause}: {sentence.text}")
    if told.page.is_file():
        for number, where in orphans_of(told):
            yield Failure(place, f"nothing computed gives the number {number}: {where}")


def counted(html: Path) -> dict[str, int]:
    """How much there was to check: chapters, sentences, numbers told in sentences, notes and captions."""
    chapters = list(chapters_of(html))
    texts = [text for told in chapters for text in (*told.sentences, *told.texts)]
    return {
        "chapters": len(chapters),
        "sentences": sum(len(told.sentences) for told in chapters),
        "numbers": sum(len(text.numbers) for text in texts),
    }
