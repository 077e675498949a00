"""What chapters say of their own texts: the words with their numbers taken out, and the values of these numbers."""

import csv
import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from analysis.book.packing import folders_with, record
from analysis.show.kept import SENTENCES, TEXTS
from analysis.show.prose import MISSING, round_half_up
from analysis.show.tracing import MARK, WORDS

# Digits of a number as pages print it: separators of thousands, a point, a true minus sign where no number goes before.
NUMERAL = re.compile(r"(?<![\w.,])(?:(?<![\w%)])[−-])?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)|"
                     r"(?<![\w.,])(?:(?<![\w%)])[−-])?\d+(?:\.\d+)?(?!\w)")  # fmt: skip
_TOLD = re.compile(rf"(?P<below><\s*)?(?P<numeral>{NUMERAL.pattern})")
# A number as a sentence prints it: with its sign, as a percentage, as a p-value, or as one that is not known.
_PRINTED = rf"(?:p [=<] )?−?\d[\d,]*(?:\.\d+)?(?:\u00a0?%)?|{MISSING}"
# A value may stand in its own unit, in millions, or as a share that is printed in per cent.
SCALES = (1.0, 1e-6, 100.0)
# Decimals by which numbers are told; amounts also in tens, hundreds or thousands.
PLACES = range(-3, 7)
# So large a value has to be before it is told in millions, and before it is told in tens or more.
MILLIONS_FROM, COARSE_FROM = 10_000, 100


@dataclass(frozen=True)
class Text:
    """One text of a page and the numbers in it.

    outline: the text with MARK for each number. numbers: their values in this order, None for one that is not known.
    values: what the sentence was given by name; direction: how it says a comparison went. hidden: whether it leaves out
    a number that must not be told.
    """

    text: str
    outline: str
    numbers: tuple[float | None, ...]
    key: str = ""
    direction: str | None = None
    values: Mapping = field(default_factory=dict)
    hidden: bool = False

    @classmethod
    def of(cls, record: Mapping) -> "Text":
        """A record of one of the two files; one without an outline is all words."""
        key = f"{record['chapter']}.{record['key']}" if "key" in record else ""
        told = record.get("outline", record["text"]), tuple(record.get("numbers", ()))
        return cls(record["text"], *told, key, record.get("direction"), record.get("values", {}),
                   record.get("hidden", False))  # fmt: skip

    def laid_out(self) -> re.Match | None:
        """The text matched by its outline, with a group for each number; None if they do not fit."""
        shape = re.escape(self.outline).replace(MARK, f"({_PRINTED})").replace(WORDS, ".*?")
        return re.fullmatch(shape, self.text, flags=re.DOTALL)

    def wrong_numbers(self) -> Iterator[tuple[str, str]]:
        """(number as it is told, what is wrong) for each that its value does not give."""
        found = self.laid_out()
        if found is None:
            yield self.text, "cannot be found in its own text"
            return
        for shown, value in zip(found.groups(), self.numbers, strict=True):
            if not shows(shown, value):
                yield shown, "is not its value" if value is not None else "is told of a value that is not known"


@dataclass(frozen=True)
class Told:
    """A chapter of a built book: its page, what it wrote about its texts, and the folder of its downloads."""

    page: Path
    folder: Path

    @cached_property
    def digest(self) -> str:
        """Checksum of all that is known of the chapter here: its page, and the names and bytes of its downloads."""
        paths = [path for path in (self.page, *sorted(self.folder.rglob("*"))) if path.is_file()]
        content = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]
        return hashlib.sha256(repr(content).encode()).hexdigest()

    @cached_property
    def sentences(self) -> tuple[Text, ...]:
        return self._read(SENTENCES)

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        return self._read(TEXTS)

    def _read(self, name: str) -> tuple[Text, ...]:
        return tuple(map(Text.of, json.loads(record(self.folder, name) or b"[]")))

    def frames_of(self, downloads: Iterable[str]) -> list[pd.DataFrame]:
        """The downloads of these names that there are, their cells as they are written."""
        paths = [self.folder / f"{name}.csv" for name in downloads]
        return [pd.read_csv(path, dtype=object, keep_default_na=False) for path in paths if path.is_file()]

    def numerals_of(self, downloads: Iterable[str]) -> set[str]:
        """The numerals by which the numbers of downloads may be told, and those in their words."""
        paths = [self.folder / f"{name}.csv" for name in downloads]
        cells = {cell for path in paths if path.is_file() for row in _rows(path) for cell in row}
        numbers = {cell for cell in cells if _is_number(cell)}
        words = " ".join(cells - numbers)
        told = set(numerals_in(words))
        return told.union(*(forms_of(float(number)) | bounds_of(float(number)) for number in numbers))


def _rows(download: Path) -> Iterator[list[str]]:
    with download.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def chapters_of(html: Path) -> Iterator[Told]:
    """Every chapter that wrote about its texts, of the book's study and of its companions."""
    results = html / "results"
    for folder in folders_with(results, SENTENCES):
        place = "notebooks" if folder.parent == results else folder.parent.name
        yield Told(html / place / f"{folder.name}.html", folder)


def numerals_in(text: str) -> list[str]:
    """The numbers that a text tells, plain, and with “<” where it tells a bound."""
    return [("<" if found["below"] else "") + plain(found["numeral"]) for found in _TOLD.finditer(text)]


def bounds_of(value: float) -> set[str]:
    """How a p-value is told that is too small to be printed."""
    return {f"<{10.0**-places:.{places}f}" for places in (2, 3, 4) if 0 <= value < 10.0**-places}


def plain(numeral: str) -> str:
    """A printed number with a minus sign of the keyboard and without separators."""
    return numeral.replace("−", "-").replace(",", "")


def shows(shown: str, value: float | None) -> bool:
    """Whether a number as it is told is this value, rounded as far as it is told; a dash is a value that is not known.

    The sign may be left to the words. “p < 0.001” is any smaller value.
    """
    found = NUMERAL.search(shown)
    if value is None or found is None:
        return value is None and shown.strip() == MISSING
    numeral = plain(found[0])
    if "<" in shown:
        bound = float(numeral)
        return value < bound and f"{bound:.15g}" == f"{10.0 ** -len(numeral.partition('.')[2]):.15g}"
    return gives(value, numeral)


def gives(value: float, numeral: str) -> bool:
    """Whether a value, in one of its units, rounds to a numeral; a told minus sign must be the value's own."""
    return numeral in forms_of(value)


@cache
def forms_of(value: float) -> frozenset[str]:
    """All numerals by which a value may be told: rounded, in one of its units, the sign left to the words or not."""
    size = abs(value)
    scales = SCALES if size >= MILLIONS_FROM else [scale for scale in SCALES if scale >= 1]
    rounded = {
        f"{abs(round_half_up(value * scale, places)):.{max(places, 0)}f}"
        for scale in scales
        for places in PLACES
        if places >= 0 or size * scale >= COARSE_FROM
    }
    return frozenset(rounded | ({f"-{form}" for form in rounded} if value < 0 else set()))
