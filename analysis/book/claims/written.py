"""Words by which an author's own text compares or counts: each is held to what it restates, or has a reason.

What a study's notes, captions and pages say in words of their own is no sentence that a chapter computed. Each word of
`words.yml` that compares, or says that nothing is clear, and each number in words, stands in a turn that claims nothing
(`written.yml`) or in a phrase that the study lists in `published/written.yml`, by the text it stands in: with the
statement of the report that it restates (`claim`), with what must hold among printed numbers (`rule` and their
addresses by name), or with the reason why none decides it. The engine's own words and the pages of every book, those of
methods among them, are about no study: `engine.yml` has the reason for each phrase of theirs, or the rule that holds
what they say of simulated trials to what came of those.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import analysis
from analysis.book.claims.comparisons import HIGHER, LOWER, comparing, free, worth
from analysis.book.claims.numbers import engine_numbers
from analysis.book.claims.typed import below, texts_of
from analysis.book.failures import Failure
from analysis.published import claims
from analysis.published.scorecard import addresses, read_published
from analysis.study.yaml_files import parse_yaml, read_yaml

FILE, OF_ENGINE = "written.yml", "engine.yml"
PAGES = Path(analysis.__file__).parents[1] / "book"  # those of every book
# Parts of a table or figure that name something and say nothing.
_NAMES = {"rows", "columns", "row_groups", "column_groups", "statistics", "centres", "x", "y", "unit", "steps", "row"}
_MARKUP = re.compile(r"\{\w+\}`[^`]*`|\$[^$]*\$|```.*?```|`[^`]*`|\]\([^)]*\)|\{\w+\}|<[^>]*>|[*_]", flags=re.DOTALL)
# By which words a phrase says which way; a claim of the other direction cannot be what it restates.
_WAYS = {
    HIGHER: re.compile(r"\b(?:higher|more|larger|longer|better|largest|most|highest)\b", flags=re.IGNORECASE),
    LOWER: re.compile(r"\b(?:lower|fewer|smaller|shorter|worse|less)\b", flags=re.IGNORECASE),
}


@dataclass(frozen=True)
class Known:
    """What an author's words are held to: directions of the report's statements, its numbers, what is listed."""

    directions: Mapping[str, str] = field(default_factory=dict)
    printed: Mapping[str, float] = field(default_factory=dict)
    listed: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def faults_of_written(folder: Path, known: Known, language: str = "en") -> Iterator[Failure]:
    """Every comparing or counting word of a study's own texts that nothing accounts for, and what is listed wrongly."""
    return _faults(folder / "words" / language, folder / "pages", known)


def faults_of_engine(words: Path, pages: Path = PAGES) -> Iterator[Failure]:
    """The same of the engine's words and the pages of every book, which say how it is done, not what came out."""
    return _faults(words, pages, known_of_engine())


def known_of_engine() -> Known:
    """What the engine's words are held to: no report, but what came of simulated trials."""
    listed = parse_yaml(files(__package__).joinpath(OF_ENGINE).read_text(encoding="utf-8"), OF_ENGINE)
    return Known(printed=engine_numbers(), listed=_merged(listed))


def _faults(words: Path, pages: Path, known: Known) -> Iterator[Failure]:
    met = set()
    for place, text in _texts(words, pages):
        own, plain = known.listed.get(place, {}), _plain(text)
        spans = {phrase: [each.span() for each in _found(phrase, plain)] for phrase in own}
        met |= {(place, phrase) for phrase, found in spans.items() if found}
        covered = [each.span() for each in (*_patterns()["free"].finditer(plain), *free().finditer(plain))]
        covered += [span for found in spans.values() for span in found]
        for start, end in _words_in(plain):
            if not any(low <= start and end <= high for low, high in covered):
                yield Failure(place, f"nothing holds “{plain[start:end]}”: {plain[max(0, start - 40) : end + 30]}")
    for place, own in known.listed.items():
        for phrase, how in own.items():
            if (place, phrase) not in met:
                yield Failure(place, f"“{phrase}” is listed, and does not stand there")
            yield from (Failure(place, f"“{phrase}”: {cause}") for cause in _wrong(phrase, how, known))


def known_of(folder: Path) -> Known:
    """What the texts of a study with a published report are held to."""
    own = folder / "published"
    cells = read_published(own / "cells.csv") if (own / "cells.csv").is_file() else None
    printed = {} if cells is None else dict(zip(addresses(cells), cells["value"], strict=True))
    said = {name: each["direction"] for name, each in _read(own / claims.FILE).items()}
    return Known(said, printed, _merged(_read(own / FILE)))


def _merged(listed: Mapping) -> dict[str, dict[str, object]]:
    """By text, phrase → what holds it, or why nothing does."""
    merged = {place: dict(phrases) for place, phrases in listed.get("held", {}).items()}
    for reason, places in listed.get("because", {}).items():
        for place, phrases in places.items():
            merged.setdefault(place, {}).update(dict.fromkeys(phrases, reason))
    return merged


def _read(path: Path) -> Mapping:
    return (read_yaml(path) or {}) if path.is_file() else {}


def _texts(words: Path, pages: Path) -> Iterator[tuple[str, str]]:
    """(place, text) of all that authors wrote, names of rows and columns left out."""
    for path in sorted(words.glob("*.yml")):
        written = read_yaml(path) or {}
        for key, text in texts_of(written):
            if not _NAMES & set(key.split(".")[2:]):
                yield f"{path.stem}.{key}", text
        if path.stem == "book":  # the titles of what a page of a method says
            yield from ((f"book.{key}", text) for key, text in below("method_page", written.get("method_page") or {}))
    for path in sorted(words.glob("methods/*.yml")):
        for key, text in below("methods", read_yaml(path) or {}):
            if not _NAMES & set(key.split(".")[2:]):
                yield key, text
    for path in sorted(pages.glob("*.md")):
        yield f"pages.{path.stem}", path.read_text(encoding="utf-8")


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub(" ", text).split())


def _found(phrase: str, text: str) -> Iterator[re.Match]:
    return re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", text)


def _words_in(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (*comparing(), _patterns()["counts"]):
        yield from (each.span() for each in pattern.finditer(text))


def _wrong(phrase: str, how: object, known: Known) -> Iterator[str]:
    """What is wrong with the way in which a phrase is listed."""
    if isinstance(how, str):
        return
    if set(how) == {"claim"}:
        yield from _wrong_claim(phrase, how["claim"], known)
    elif "rule" in how:
        names = {name: address for name, address in how.items() if name != "rule"}
        unknown = [address for address in names.values() if address not in known.printed]
        yield from (f"{address} is not printed" for address in unknown)
        if not unknown and not worth(how["rule"], {name: known.printed[each] for name, each in names.items()}):
            yield f"it does not hold that {how['rule']}"
    else:
        yield f"a phrase has a reason, a claim or a rule, not {', '.join(map(str, how))}"


def _wrong_claim(phrase: str, name: str, known: Known) -> Iterator[str]:
    direction = known.directions.get(name)
    if direction is None:
        yield f"the report has no statement {name}"
    other = {HIGHER: LOWER, LOWER: HIGHER}.get(direction, "")
    if other and _WAYS[other].search(phrase) and not _WAYS[direction].search(phrase):
        yield f"the statement {name} says {direction}"


@cache
def _patterns() -> dict[str, re.Pattern]:
    listed = parse_yaml(files(__package__).joinpath(FILE).read_text(encoding="utf-8"), FILE)
    return {name: re.compile(rf"(?<![\w-])(?:{'|'.join(each)})(?![\w-])", flags=re.IGNORECASE)
            for name, each in listed.items()}  # fmt: skip
