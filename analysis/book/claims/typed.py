"""Numbers that an author typed into words and pages: each is held to what it names, or listed with a reason.

What is put into a text comes with its value (`told.py`). What stands in the words themselves is of one of the kinds
of `typed.yml`: a table or section that the print has, a time of the study, the ends of a scale, digits of the row's
own key, a usual level, a year. Whatever else is listed by its place: in `typed.yml` for the engine's words, pages of
methods and of every book, for those of a study in `published/quoted.yml`, with the number that it quotes (a printed
one, or one of `numbers.py`) or the reason why nothing decides it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from analysis.book.claims.numbers import engine_numbers, is_address, number_at
from analysis.book.claims.told import NUMERAL, forms_of, plain
from analysis.book.failures import Failure
from analysis.frames.instruments.parameter_sets import PARAMETER_FOLDER, read_parameters
from analysis.published.scorecard import addresses, read_published
from analysis.study.reading import read_settings
from analysis.study.settings import Study
from analysis.study.yaml_files import parse_yaml, read_yaml

FILE = "quoted.yml"
GROUPS = ("tables", "figures", "listings", "notes")
# What is no text for readers: citations, code, addresses of links, what is put in; nor are the numbers of a list.
_MARKUP = re.compile(r"\{\w+\}`[^`]*`|```.*?```|`[^`]*`|\]\([^)]*\)|\{\w+\}|^ *\d+\. |^\| \d+ (?=\|)",
                     flags=re.DOTALL | re.MULTILINE)  # fmt: skip
_FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", flags=re.DOTALL)
_DECIMAL = re.compile(r"\d+\.\d+")  # in a formula a whole number is part of it, a decimal one is a value
_LABELS = {"sentences", "notes", "assumptions"}  # texts, of which no digit is that of their own key


@dataclass(frozen=True)
class Facts:
    """What typed numbers are held to: places and numbers of the print, times of the study, what is listed by place.

    names: `<chapter>.<table or figure>` → what it is called in print. named: text by its place → the places of the
    print that it names, told once more, so that a wrong one is found where it is another real one. made: pages that a
    program writes.
    """

    places: frozenset[str] | None = None
    times: frozenset[str] = frozenset()
    printed: Mapping[str, float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    named: Mapping[str, str] | None = None
    made: frozenset[str] = frozenset()


def faults_of_words(folder: Path, facts: Facts, pages: Path | None = None) -> Iterator[Failure]:
    """Every typed number of the words and pages in two folders that is of no kind, and every entry listed in vain.

    A listed number whose reason is an address has to be the number there, in one of its forms.
    """
    met = set()
    for place, text in all_texts(folder, pages):
        if place in facts.made:
            continue
        chapter, _, key = place.partition(".")
        own = facts.listed.get(place, {})
        if wrong := _wrong_name(chapter, key, text, facts):
            yield Failure(place, f"the caption says {wrong[0]}, which is {wrong[1]} in print")
        yield from _wrongly_named(place, text, facts)
        for numeral, around in _unheld(key, text, facts):
            met.add((place, numeral))
            yield from _fault(place, numeral, around, own.get(numeral), facts)
    vain = sorted({(place, numeral) for place, own in facts.listed.items() for numeral in own} - met)
    yield from (Failure(place, f"{numeral} is listed, and is not typed there") for place, numeral in vain)


def _fault(place: str, numeral: str, around: str, reason: str | None, facts: Facts) -> Iterator[Failure]:
    if reason is None:
        yield Failure(place, f"nothing holds the typed number {numeral}: {around}")
    elif is_address(reason, facts.printed):
        value = number_at(reason, facts.printed)
        if value is None or plain(numeral) not in forms_of(value):
            yield Failure(place, f"{numeral} is not {reason}, which is {'not printed' if value is None else value}")


def _wrong_name(chapter: str, key: str, text: str, facts: Facts) -> tuple[str, str] | None:
    """(as it is called, what the print calls it) where the caption of a printed table or figure has another name."""
    parts = key.split(".")
    name = facts.names.get(f"{chapter}.{parts[1]}") if parts[-1] == "caption" else None
    called = re.match(r"(?:Table|Figure) (?:A\.)?\d+", text)
    return (called[0], name) if name and called and called[0] != name else None


def _wrongly_named(place: str, text: str, facts: Facts) -> Iterator[Failure]:
    """Places of the print that a text names and neither its key nor its entry has, or the entry and not the text."""
    own = facts.names.get(".".join(place.split(".")[::2][:2]), "") if place.endswith(".caption") else ""
    own = {own.lower(), *_places_in_key(place)}
    found, listed = named_in(text), set((facts.named or {}).get(place, "").split(", ")) - {""}
    if facts.named is not None and (found - own) != listed:
        told = [", ".join(sorted(each)) or "none" for each in (found - own, listed)]
        yield Failure(place, f"names of the print's places {told[0]}, where {told[1]} is listed")


def _places_in_key(place: str) -> Iterator[str]:
    """The place of the print after which a table or a row is called, as a text names it."""
    for kind, number in re.findall(r"(table|text)_(A?\d+(?:\.\d+)?|A\.\d+)", place):
        number = re.sub(r"^A(?=\d)", "A.", number).lstrip("0")
        yield from (f"{word} {number}" for word in _typed()["called"][kind])


def named_in(text: str) -> set[str]:
    """The places of a print that a text names, each as its kind and its number."""
    told = (match[0] for match in _kinds()[0].pattern.finditer(bare(text)))
    return {f"{part.split()[0].lower().rstrip('s')} {number}" for part in told
            for number in re.findall(r"(?:A\.)?\d+(?:\.\d+)?", part)}  # fmt: skip


def all_texts(words: Path, pages: Path | None = None) -> Iterator[tuple[str, str]]:
    """(place, text) of all texts in the files of a folder of words, of pages of methods below it, and of pages."""
    for path in sorted(words.glob("*.yml")):
        written = read_yaml(path) or {}
        yield from ((f"{path.stem}.{key}", text) for group in written for key, text in below(group, written[group]))
    for path in sorted(words.glob("methods/*.yml")):
        yield from below("methods", read_yaml(path) or {})
    for path in sorted(pages.glob("*.md")) if pages else ():
        yield f"pages.{path.stem}", path.read_text(encoding="utf-8")


def texts_of(words: Mapping) -> Iterator[tuple[str, str]]:
    """(key, text) of all captions, notes and labels of tables, figures and listings, and of notes."""
    for group in GROUPS:
        yield from below(group, words.get(group) or {})


def below(key: str, part: object) -> Iterator[tuple[str, str]]:
    """(key, text) of all texts in a part of a file of words, at whatever depth."""
    if isinstance(part, str):
        yield key, part
    pairs = part.items() if isinstance(part, Mapping) else enumerate(part) if isinstance(part, list) else ()
    for name, each in pairs:
        yield from below(f"{key}.{name}", each)


def bare(text: str) -> str:
    """A text as it is read, without what is no text; of formulas there are the values."""
    values = _FORMULA.sub(lambda found: " ".join(["", *_DECIMAL.findall(found[0]), ""]), text)
    return " ".join(_MARKUP.sub(" ", values).split())


def _unheld(key: str, text: str, facts: Facts) -> Iterator[tuple[str, str]]:
    """(numeral, what stands around it) of each typed number that no kind accounts for."""
    text = bare(text)
    held = {place for kind in _kinds() for place in kind.places_in(key, text, facts)}
    for found in NUMERAL.finditer(text):
        if found.start() not in held:
            yield found[0], text[max(0, found.start() - 30) : found.end() + 20]


@dataclass(frozen=True)
class Kind:
    """One kind of typed number: its pattern, what its numbers are held to, and why a number may be of it."""

    pattern: re.Pattern
    held_to: str
    among: frozenset[str]

    def places_in(self, key: str, text: str, facts: Facts) -> Iterator[int]:
        """Where the numbers of this kind begin."""
        for match in self.pattern.finditer(text):
            inside = list(NUMERAL.finditer(text, match.start(), match.end()))
            if self._holds(tuple(plain(each[0]) for each in inside), key, match[0], facts):
                yield from (each.start() for each in inside)

    def _holds(self, numerals: tuple[str, ...], key: str, told: str, facts: Facts) -> bool:
        if self.held_to == "places":
            return facts.places is not None and set(re.findall(r"(?:A\.)?\d+(?:\.\d+)?", told)) <= facts.places
        if self.held_to == "times":
            return set(numerals) <= facts.times
        if self.held_to == "scales":
            return numerals in _scales()
        if self.held_to == "key":
            return _in_key(numerals, key)
        return not self.among or set(numerals) <= self.among


def _in_key(numerals: tuple[str, ...], key: str) -> bool:
    """Whether the digits of a row's or column's label are those of its own key."""
    group, _, name = key.rpartition(".")
    own = [] if _LABELS & set(group.split(".")) else re.findall(r"\d+", name)
    digits = {each.lstrip("−-0").replace(".", "") or "0" for each in numerals}
    return digits <= {each.lstrip("0") or "0" for each in own}


@cache
def _kinds() -> tuple[Kind, ...]:
    listed = _typed()["kinds"]
    return tuple(Kind(re.compile(each["pattern"]), each.get("held_to", ""), frozenset(map(str, each.get("among", ()))))
                 for each in listed.values())  # fmt: skip


@cache
def _typed() -> dict:
    return parse_yaml(files(__package__).joinpath("typed.yml").read_text(encoding="utf-8"), "typed.yml")


@cache
def _scales() -> frozenset[tuple[str, str]]:
    """(lowest, highest) of every single answer, and of the sums of items that the instruments form."""
    found = set()
    for path in PARAMETER_FOLDER.glob("*.yml"):
        lists = {name: each.value for name, each in read_parameters(path.stem).items() if isinstance(each.value, list)}
        items = [set(value) for name, value in lists.items() if name.endswith("_items")]
        sizes = {1, *map(len, items), len(set().union(*items)) if items else 1}
        for name, value in lists.items():
            own = sizes if name == "item_range" else {1} if len(value) == 2 and not name.endswith("_items") else ()
            found |= {(str(value[0] * size), str(value[1] * size)) for size in own}
    return frozenset(found)


def engine_facts() -> Facts:
    """What the engine's own words are held to: no print and no study."""
    return Facts(printed=engine_numbers(), listed=_typed()["listed"])


def facts_of(folder: Path) -> Facts:
    """What the words of a study are held to: its settings, and its published report where it has one."""
    study, own = read_settings(folder), folder / "published"
    cells = read_published(own / "cells.csv") if (own / "cells.csv").is_file() else None
    if cells is None:
        return Facts(times=_times(study))
    quoted = read_yaml(own / FILE) if (own / FILE).is_file() else {}
    places = {_place(source) for source in cells["source"]} | set(map(str, quoted.get("places", ())))
    listed = {place: each for place, each in quoted.items() if place not in ("places", "named", "made")}
    made = frozenset(f"pages.{page}" for page in quoted.get("made", ()))
    printed = dict(zip(addresses(cells), cells["value"], strict=True))
    return Facts(frozenset(places), _times(study), printed, _names(study), listed, quoted.get("named"), made)


def _names(study: Study) -> dict[str, str]:
    named = {key: name.partition("_") for key, name in (study.as_printed.tables if study.as_printed else {}).items()}
    return {key: f"{kind.capitalize()} {_place(f'{kind}_{number}')}" for key, (kind, _, number) in named.items()
            if kind in ("table", "figure")}  # fmt: skip


def _place(source: str) -> str:
    """How a text names the place with this code: without noughts in front, a lettered part with a point."""
    return re.sub(r"^A(?=\d)", "A.", source.partition("_")[2]).lstrip("0")


def _times(study: Study) -> frozenset[str]:
    """The times that a study is told by: waves, the primary time, the ends of its windows."""
    found = {0, *study.waves}
    if study.horizon:
        found |= {study.horizon.before, study.horizon.after}
    if study.has_registers:
        found |= {study.primary_at, study.late.first, study.late.last}
    return frozenset(map(str, found))
