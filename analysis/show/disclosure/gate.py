"""The gate of a page: lets results out as they are, records what they tell, or hides what a plan says must not be told.

A hidden number is a value of its own: `prose.HIDDEN` in tables and downloads, words in a sentence, a gap in a figure.
What is told beside it is rounded as readers see it, in downloads and drawings too, since more decimals would tell what
stands behind it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.show import prose
from analysis.show.disclosure import told
from analysis.show.disclosure.plan import Plan
from analysis.show.disclosure.told import Address, Told
from analysis.show.figures import Figure
from analysis.show.listing import Listing
from analysis.show.prose import Number, Sentence
from analysis.show.tables import Table

# Decimals of a share, as a fraction, and significant digits of all else in what figures and frames tell.
_SHARE_DECIMALS, _DIGITS = 3, 3


class Cell(float):
    """A number of a table, which rounds it as it shows it."""


class Gate:
    """Lets everything out as it is: a study whose numbers may be told as they are."""

    hides = False
    records = False

    def result(self, result: Any, page: str) -> Any:
        """The table, figure, listing, sentence or frame as it may leave."""
        return result

    def stands_in(self, text: str) -> bool:
        """Whether a text says that a number is hidden."""
        return False

    def frame(self, frame: pd.DataFrame, name: str, page: str) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        """A frame of results as it may leave, and which of its numbers are hidden."""
        return frame, None

    def as_computed(self, frame: pd.DataFrame, name: str, page: str, keys: Sequence[str]) -> np.ndarray:
        """For each row, known by its key, whether its numbers may be told as computed: neither hidden nor rounded."""
        return np.ones(len(frame), bool)

    def numbers(self, numbers: Mapping[str, float], page: str) -> Mapping[str, float]:
        """The page's key numbers as they may leave; a hidden one is missing."""
        return numbers


@dataclass
class Recorder(Gate):
    """Lets everything out and keeps what was told, for a rehearsal whose outputs nobody sees."""

    heard: dict[Address, list[Told]] = field(default_factory=dict)

    records = True

    def result(self, result: Any, page: str) -> Any:
        """The result as it is."""
        walked(result, page, self._keep)
        return result

    def frame(self, frame: pd.DataFrame, name: str, page: str) -> tuple[pd.DataFrame, None]:
        """The frame as it is."""
        _frame(frame, told.of_frame(frame, page, name), self._keep)
        return frame, None

    def as_computed(self, frame: pd.DataFrame, name: str, page: str, keys: Sequence[str]) -> np.ndarray:
        """All of them."""
        _frame(frame, told.of_frame(frame, page, name, keys), self._keep)
        return np.ones(len(frame), bool)

    def numbers(self, numbers: Mapping[str, float], page: str) -> Mapping[str, float]:
        """The numbers as they are."""
        for name, value in numbers.items():
            self._keep(_key_number(name, value, page), value)
        return numbers

    def _keep(self, each: Told, value: Any) -> Any:
        known = self.heard.setdefault(each.address, [])
        if not any(other.value == each.value and other.text == each.text for other in known):
            known.append(each)
        return value


@dataclass(frozen=True)
class Guard(Gate):
    """Hides what the plan hides, and what it does not know; `words` stands for a number hidden in a sentence."""

    plan: Plan
    words: str

    hides = True

    def stands_in(self, text: str) -> bool:
        """Whether a text says that a number is hidden."""
        return self.words in text

    def result(self, result: Any, page: str) -> Any:
        """The result with what must not be told hidden, and the rest rounded."""
        return walked(result, page, self._put)

    def frame(self, frame: pd.DataFrame, name: str, page: str) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        """The frame with what must not be told missing, and which numbers these are."""
        return _frame(frame, told.of_frame(frame, page, name), self._put)

    def as_computed(self, frame: pd.DataFrame, name: str, page: str, keys: Sequence[str]) -> np.ndarray:
        """The rows of which the plan neither hides nor rounds a number."""
        rows = told.of_frame(frame, page, name, keys)
        return np.array([not any(self.plan.hides(each) or each.address in self.plan.rounded for each in row)
                         for row in rows], bool)  # fmt: skip

    def numbers(self, numbers: Mapping[str, float], page: str) -> Mapping[str, float]:
        """The numbers, a hidden one missing."""
        told = {name: self._put(_key_number(name, value, page), float(value)) for name, value in numbers.items()}
        return {name: float("nan") if value is None else value for name, value in told.items()}

    def _put(self, each: Told, value: Any) -> Any:
        if self.plan.hides(each):
            return self.words if isinstance(value, Number | str | prose.Numerals) else None
        if each.address in self.plan.rounded and each.value == each.value:
            value = self._rounded(each, value)
        if isinstance(value, Number):
            return replace(value, value=prose.round_half_up(value.value, prose.decimals_told(value))
                           if value.value == value.value else value.value)  # fmt: skip
        if each.decimals is not None and value == value:
            return prose.round_half_up(value, each.decimals)
        if isinstance(value, float) and not isinstance(value, Cell):
            return round(value, _SHARE_DECIMALS) if each.sort == told.SHARE else _short(value)
        return value

    def _rounded(self, each: Told, value: Any) -> Any:
        """The rounded number in the unit of the one that it stands for."""
        number = value.value if isinstance(value, Number) else value
        rounded = self.plan.rounded[each.address] * (float(number) / each.value if each.value else 1)
        return replace(value, value=rounded) if isinstance(value, Number) else type(value)(rounded)


def _short(value: float) -> float:
    return value if float(value).is_integer() or value != value else float(f"{value:.{_DIGITS}g}")


# What is said instead of a comparison whose numbers are hidden; and the verdict on one.
UNTOLD, _NO_VERDICT = Sentence("untold", of="common"), "not_compared"
# Sorts of numbers that are not results themselves.
_OF_PEOPLE = (told.COUNT, told.SHARE, told.NOBODYS)


def _key_number(name: str, value: float, page: str) -> Told:
    where = (page, "number", name)
    return Told(where, told.OTHER, float(value), beside=where, row=where)


def walked(result: Any, page: str, put: Callable[[Told, Any], Any]) -> Any:
    """The result with each of its numbers as `put` gives it; None stands for one that is hidden."""
    if isinstance(result, Table):
        return _table(result, page, put)
    if isinstance(result, Figure):
        return _figure(result, page, put)
    if isinstance(result, Listing):
        return _listing(result, page, put)
    if isinstance(result, Sentence):
        return _sentence(result, told.place_of_sentence(result, page), put)
    return result


class _Noting:
    """Gives what `put` gives, and notes which results it hides: not numbers of people and shares, but what is said of
    them, such as a difference."""

    def __init__(self, put: Callable) -> None:
        self.put = put
        self.hidden: set[Address] = set()  # where what they are printed with begins
        self.tests = False  # whether a p-value is among them, which no sentence tells without what follows from it

    def __call__(self, each: Told, value: Any) -> Any:
        given = self.put(each, value)
        if isinstance(value, Number) and not isinstance(given, Number) and each.sort not in _OF_PEOPLE:
            self.hidden.add(each.beside)
            self.tests |= value.kind == "p_value"
        return given


def _sentence(sentence: Sentence, where: Address, put: Callable) -> Sentence:
    """The sentence with its numbers as `put` gives them; another one where the words would tell of a hidden result
    which way it went, and whether it is clear."""
    noting = _Noting(put)
    values = told.of_words(sentence.values, where, noting)[0]
    return UNTOLD if noting.tests or (noting.hidden and _turns(sentence)) else replace(sentence, values=values)


def _turns(said: object) -> bool:
    """Whether words turn with numbers: those of a sentence, or of one within it."""
    parts = said.values.values() if isinstance(said, Sentence) else said if isinstance(said, tuple) else ()
    own = isinstance(said, Sentence) and (said.direction is not None or said.turns)
    return own or any(map(_turns, parts))


def _words_of(result: Table | Figure | Listing, where: Address, put: Callable) -> dict[str, object]:
    return told.of_words(result.values, (*where, "words"), put)[0]


def _table(table: Table, page: str, put: Callable) -> Table:
    each = told.of_table(table, page)
    cells, n = table.cells, table.n
    given = [*map(_float, cells["value"]), *([] if n is None else [float(n)])]
    values = [put(one, Cell(value)) for one, value in zip(each, given, strict=True)]
    if n is not None:
        n = None if (last := values.pop()) is None else int(last)
    instead = [own if value is None else float(value) for own, value in zip(given, values, strict=False)]
    if not _alike(instead, given[: len(instead)]):
        cells = cells.assign(value=instead)
    hidden = [value is None for value in values]
    if any(hidden):
        cells = cells.assign(value=cells["value"].mask(pd.Series(hidden, index=cells.index)), hidden=hidden)
    notes = tuple(_sentence(note, told.place_of_sentence(note, page), put) for note in table.notes)
    return replace(table, cells=cells, n=n, notes=notes, values=_words_of(table, (page, "table", table.key), put))


def _figure(figure: Figure, page: str, put: Callable) -> Figure:
    frame, hidden = _frame(figure.frame, told.of_figure(figure, page), put)
    values = _words_of(figure, (page, "figure", figure.name), put)
    finding = figure.finding and _sentence(figure.finding, told.place_of_sentence(figure.finding, page), put)
    return replace(figure, frame=frame, hidden=hidden, values=values, finding=None if finding == UNTOLD else finding)


def _frame(
    frame: pd.DataFrame, rows: list[list[Told]], put: Callable
) -> tuple[pd.DataFrame, pd.DataFrame | None]:  # fmt: skip
    """The frame with each number of its rows as `put` gives it, and which are hidden; itself where nothing changes."""
    names = [one.address[-1] for one in rows[0]] if rows else []
    given = {name: [_float(value) for value in frame[name]] for name in names}
    values = {name: [put(row[place], given[name][at]) for at, row in enumerate(rows)]
              for place, name in enumerate(names)}  # fmt: skip
    hidden = {name: [value is None for value in column] for name, column in values.items()}
    changed = {name: pd.array([float("nan") if value is None else value for value in column], dtype=float)
               for name, column in values.items() if any(hidden[name]) or not _alike(column, given[name])}  # fmt: skip
    mask = pd.DataFrame(hidden, index=frame.index)
    return frame.assign(**changed) if changed else frame, mask if mask.to_numpy().any() else None


def _float(value: object) -> float:
    return float(value) if pd.notna(value) else float("nan")


def _alike(values: list[float], given: list[float]) -> bool:
    return all(one is other or one == other for one, other in zip(values, given, strict=True))


def _listing(listing: Listing, page: str, put: Callable) -> Listing:
    frame, _ = told.listing_walked(listing, page, noting := _Noting(put))
    if "verdict" in frame:  # it would tell which way a hidden result went
        rows = zip(told.rows_of_listing(listing, page), frame["verdict"], strict=True)
        frame["verdict"] = [replace(verdict, key=_NO_VERDICT) if place in noting.hidden else verdict
                            for place, verdict in rows]  # fmt: skip
    values = _words_of(listing, (page, "listing", listing.name), put)
    whole, hidden = listing.download, None
    if whole is not None:
        whole, hidden = _frame(whole, told.of_frame(whole, page, listing.name, listing.keys), put)
    return replace(listing, frame=frame, values=values, download=whole, hidden=hidden)
