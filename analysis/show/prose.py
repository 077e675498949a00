"""Sentences whose numbers are computed and whose words turn with the data.

A chapter returns a `Sentence`: the key of a template in the catalogue, the numbers to put in, and, where the template
has variants, the direction of the result. `direction_of` decides the direction from an interval, so that no sentence
claims a difference its own interval does not show. This module formats; it never estimates.
"""

import math
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from babel.lists import format_list
from babel.numbers import format_decimal

from analysis.show.catalogue import Catalogue
from analysis.show.made_by import made_by_field

DIRECTIONS = ("higher", "lower", "unclear")
MISSING = "–"
# Statistics Norway's sign for a number that is not published for reasons of confidentiality.
HIDDEN = ":"
# A number in a text: not the digits of a word such as EQ-5D; a minus sign only where no word or number stands before.
_NUMERAL = re.compile(r"(?<![\w.])(?:(?<![^\s(])-)?\d+(?:\.\d+)?(?![\w])")
_LIST_LOCALES = MappingProxyType({"en": "en_GB"})  # no comma before the last “and”
_TOGETHER = re.compile(r"(?<=\bNOK) (?=[−\d])|(?<=\bp) (?=[=<] \d)|(?<=\bp [=<]) (?=\d)")
COUNTED = ("count", "tally")  # kinds of whole numbers: of people, answers or events, and of anything else
_DEFAULT_DECIMALS = MappingProxyType({"count": 0, "tally": 0, "percent": 1, "points": 1, "decimal": 1, "nok": 0,
                                      "million_nok": 1, "p_value": 3, "month": 0, "year": 0})  # fmt: skip


@dataclass(frozen=True)
class Number:
    """One number of a sentence: its unrounded value, what kind of number it is, and decimals if not the usual ones.

    Kinds: count, tally (what is counted is not people), percent (0–100), points (percentage points), decimal, nok,
    million_nok (value in NOK, printed in millions), p_value, month, year. NaN prints as an en dash.
    """

    value: float
    kind: str
    decimals: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in _DEFAULT_DECIMALS:
            raise ValueError(f"unknown kind of number {self.kind!r}; allowed: {', '.join(_DEFAULT_DECIMALS)}")


@dataclass(frozen=True)
class Label:
    """A word or name of a sentence that the catalogue holds: its group (rows, statuses, centres, …) and key."""

    group: str
    key: str


@dataclass(frozen=True)
class Numerals:
    """Text whose numbers, written with a point and without separators, are printed as the language writes them."""

    text: str


def count(value: float) -> Number:
    """People, answers or events: whole number with thousands separators."""
    return Number(value, "count")


def tally(value: float, decimals: int | None = None) -> Number:
    """Centres, scores, tests or months, or a level that was set: about nobody, so that no policy hides it."""
    return Number(value, "tally", decimals)


def percent(value: float, decimals: int = 1) -> Number:
    """A percentage on the scale 0–100."""
    return Number(value, "percent", decimals)


def points(value: float, decimals: int = 1) -> Number:
    """A difference between two percentages, in percentage points; printed without sign, the words carry it."""
    return Number(value, "points", decimals)


def decimal(value: float, decimals: int = 1) -> Number:
    """Any other number, printed with its sign if negative."""
    return Number(value, "decimal", decimals)


def nok(value: float, decimals: int = 0) -> Number:
    """Norwegian kroner; with −2 decimals rounded to hundreds, as beside an interval."""
    return Number(value, "nok", decimals)


def million_nok(value: float, decimals: int = 1) -> Number:
    """Norwegian kroner, printed in millions."""
    return Number(value, "million_nok", decimals)


def p_value(value: float) -> Number:
    """A p-value, printed as “p = 0.015” or “p < 0.001”."""
    return Number(value, "p_value")


def month(value: float) -> Number:
    """A month relative to inclusion."""
    return Number(value, "month")


@dataclass(frozen=True)
class Sentence:
    """A sentence to be said: template key in the chapter's catalogue (`sentences:`), numbers, words and direction.

    `values` maps the template's placeholders to `Number`, `Label`, another `Sentence`, text used as it is, or a tuple
    of these, which prints as “A, B and C”.
    `direction` chooses the variant for templates with higher, lower and unclear. `finding=True` marks the sentence as
    one of the chapter's key findings. `of` names the chapter whose template and words it uses, if another's.
    `from_print`: its numbers come from the published report alone. `turns`: its key, too, hangs on what its numbers
    are. `made_by`: the chapter's function that made it.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    direction: str | None = None
    finding: bool = False
    of: str | None = None
    from_print: bool = False
    turns: bool = False
    made_by: str = made_by_field()

    def __post_init__(self) -> None:
        if self.direction is not None and self.direction not in DIRECTIONS:
            raise ValueError(f"direction of {self.key!r} is {self.direction!r}; allowed: {', '.join(DIRECTIONS)}")


def direction_of(row: Mapping[str, float], null: float = 0.0) -> str:
    """Direction of one estimate row by its interval.

    “higher” when the whole interval lies above `null`, “lower” when it lies below, otherwise “unclear”; an interval
    with a missing end is unclear. `row` has `conf_low` and `conf_high` (a Series, an Estimate's dict or a mapping).
    """
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if math.isnan(low) or math.isnan(high):
        return "unclear"
    if low > high:
        raise ValueError(f"interval ends are swapped: conf_low {low} is above conf_high {high}")
    if low > null:
        return "higher"
    return "lower" if high < null else "unclear"


def direction_by_p(estimate: float, p: float, level: float = 0.05) -> str:
    """Direction for tests without an interval: the sign of `estimate` if p is below `level`, otherwise unclear."""
    if math.isnan(p) or math.isnan(estimate) or p >= level or estimate == 0:
        return "unclear"
    return "higher" if estimate > 0 else "lower"


def counted(value: float, noun: str) -> Sentence:
    """A number with its noun, “1 user” or “22 users”; the nouns stand under `sentences:` of `common.yml`."""
    return Sentence(f"{noun}_one" if value == 1 else f"{noun}_many", {"n": count(value)}, of="common")


def labels(group: str, keys: Sequence[str]) -> tuple[Label, ...]:
    """The labels of several keys, which print as “A, B and C”."""
    return tuple(Label(group, key) for key in keys)


def format_number(number: Number, language: str) -> str:
    """One number as text in the language's own notation; see `Number` for the kinds."""
    value = float(number.value)
    if math.isnan(value):
        return MISSING
    decimals = _usual(number)
    if number.kind == "p_value":
        return format_p(value, language, decimals)
    if number.kind == "million_nok":
        value = value / 1e6
    if number.kind == "points":
        value = abs(value)
    text = fixed(value, decimals, language, grouping=number.kind != "year")
    return format_percent(text, language) if number.kind == "percent" else text


def _usual(number: Number) -> int:
    return _DEFAULT_DECIMALS[number.kind] if number.decimals is None else number.decimals


def format_percent(text: str, language: str) -> str:
    """A finished number with the per cent sign where the language has it: “44.2%” in English, “44,2 %” in Norwegian."""
    return f"{text}%" if language == "en" else f"{text}\u00a0%"


@lru_cache(maxsize=2**16)
def fixed(value: float, decimals: int, language: str, grouping: bool = True) -> str:
    """A number with a fixed count of decimals, rounded half up as printed tables are, never “-0.0”.

    Negative decimals round to tens, hundreds and so on.
    """
    if math.isnan(value):
        return MISSING
    rounded = round_half_up(value, decimals)
    pattern = "#,##0" if grouping else "0"
    if decimals > 0:
        pattern += "." + "0" * decimals
    return format_decimal(rounded, format=pattern, locale=language).replace("-", "−")


def round_half_up(value: float, decimals: int) -> float:
    """Round half away from zero, forgiving the last bits of binary fractions (2.675 → 2.68)."""
    scale = 10**decimals
    nudge = math.copysign(1e-9, value)
    return math.copysign(math.floor(abs(value * scale + nudge) + 0.5), value) / scale + 0.0


def format_p(value: float, language: str, decimals: int = 3, symbol: bool = True) -> str:
    """A p-value: “p = 0.015”, below the last decimal “p < 0.001”; without `symbol` only “0.015” or “< 0.001”."""
    if math.isnan(value):
        return MISSING
    if not 0 <= value <= 1:
        raise ValueError(f"a p-value lies between 0 and 1, got {value}")
    smallest = 10**-decimals
    if value < smallest:
        text = f"< {fixed(smallest, decimals, language)}"
        return f"p {text}" if symbol else text
    text = fixed(value, decimals, language)
    return f"p = {text}" if symbol else text


def interval(low: float, high: float, decimals: int, language: str) -> str:
    """An interval as “28.7–34.0”; with a negative end “−1.2 to 3.4”, since a dash would be read as a minus."""
    if math.isnan(low) or math.isnan(high):
        return MISSING
    ends = fixed(low, decimals, language), fixed(high, decimals, language)
    return " to ".join(ends) if "−" in "".join(ends) else "–".join(ends)


def as_text(value: Number | str, language: str) -> str:
    """What is put into a text, printed: a number in the language's notation, words as they are."""
    return value if isinstance(value, str) else format_number(value, language)


def write(sentence: Sentence, chapter: str, catalogue: Catalogue, put: Callable = as_text) -> str:
    """The finished sentence in the catalogue's language; `put` prints what is put into it.

    Raises MissingText if the template, its variant or one of its placeholders is missing, and ValueError if the
    template has variants but the sentence has no direction (or the other way round).
    """
    chapter = sentence.of or chapter
    key = f"{chapter}.sentences.{sentence.key}"
    template = catalogue.entry(key)
    has_variants = isinstance(template, Mapping)
    if has_variants != (sentence.direction is not None):
        needs = "needs a direction" if has_variants else "has no variants, so it takes no direction"
        raise ValueError(f"sentence {key} {needs}")
    if has_variants:
        key = f"{key}.{sentence.direction}"
    values = {name: value_text(value, chapter, catalogue, put) for name, value in sentence.values.items()}
    told = {name: value for name, value in sentence.values.items() if f"{{{name}}}" in str(catalogue.entry(key))}
    return catalogue.text(key, **values) + _not_adding_up(told, catalogue, put)


def _not_adding_up(values: Mapping[str, object], catalogue: Catalogue, put: Callable) -> str:
    """Where two shares are told with a difference that their rounded numbers do not have: what they would give."""
    numbers = [values.get("treated"), values.get("control"), values.get("points", values.get("difference"))]
    if not all(isinstance(number, Number) for number in numbers) or numbers[0].kind != "percent":
        return ""
    parts = [(number.value, _places(number)) for number in numbers]
    if adds_up(*parts):
        return ""
    apart = abs(round_half_up(*parts[0]) - round_half_up(*parts[1]))
    shown = put(Number(apart, "decimal", max(part[1] for part in parts)), catalogue.language)
    return " " + catalogue.text("common.rounded_apart", apart=shown)


def _places(number: Number) -> int:
    return _DEFAULT_DECIMALS[number.kind] if number.decimals is None else number.decimals


def adds_up(treated: tuple[float, int], control: tuple[float, int], gap: tuple[float, int]) -> bool:
    """Whether the difference as printed is that of the two numbers as printed; each with its decimals, signs apart.

    Unknown numbers add up, since nothing is printed that could disagree.
    """
    if any(math.isnan(value) for value, _ in (treated, control, gap)):
        return True
    apart = abs(round_half_up(*treated) - round_half_up(*control))
    places = min(gap[1], treated[1], control[1])
    return abs(round_half_up(apart, places) - abs(round_half_up(gap[0], places))) < 0.5 * 10**-places


def numbers_told(sentence: Sentence, chapter: str, catalogue: Catalogue) -> list[tuple[str, Number]]:
    """(name, number) of each number that the finished sentence tells; all it was given if it tells none in figures."""
    chapter = sentence.of or chapter
    template = catalogue.entry(f"{chapter}.sentences.{sentence.key}")
    text = str(template.get(sentence.direction, "")) if isinstance(template, Mapping) else str(template)
    wanted = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    told = [pair for name in sentence.values if name in wanted
            for pair in _numbers(name, sentence.values[name], chapter, catalogue)]  # fmt: skip
    return told or [(name, value) for name, value in sentence.values.items() if isinstance(value, Number)]


def _numbers(name: str, value: object, chapter: str, catalogue: Catalogue) -> Iterator[tuple[str, Number]]:
    if isinstance(value, Number):
        yield name, value
    elif isinstance(value, Sentence):
        yield from numbers_told(value, chapter, catalogue)
    elif isinstance(value, tuple):
        for part in value:
            yield from _numbers(name, part, chapter, catalogue)


def decimals_told(number: Number) -> int:
    """Decimals with which a number is told, in the unit of its value."""
    decimals = _usual(number)
    return decimals - 6 if number.kind == "million_nok" else decimals


def _numeral(text: str, language: str) -> str:
    return fixed(float(text), len(text.partition(".")[2]), language)


def unbroken(text: str) -> str:
    """Text in which no line ends between NOK and its amount or inside “p = 0.015”: the spaces there do not break."""
    return _TOGETHER.sub("\u00a0", text)


def value_text(value: object, chapter: str, catalogue: Catalogue, put: Callable = as_text) -> str:
    """One placeholder's value as text; a bare number is refused, since nobody said how to print it."""
    if isinstance(value, Number):
        return put(value, catalogue.language)
    if isinstance(value, str):
        return put(catalogue.literal(value), catalogue.language)
    if isinstance(value, Label):
        return put(catalogue.label(chapter, value.group, value.key), catalogue.language)
    if isinstance(value, Sentence):
        return write(value, chapter, catalogue, put)
    if isinstance(value, Numerals):
        return _NUMERAL.sub(lambda found: _numeral(found[0], catalogue.language), value.text)
    if isinstance(value, tuple):
        names = [value_text(part, chapter, catalogue, put) for part in value]
        return format_list(names, locale=_LIST_LOCALES.get(catalogue.language, catalogue.language))
    raise TypeError(f"a bare {type(value).__name__} has no format; wrap it: prose.count(...), prose.percent(...), …")
