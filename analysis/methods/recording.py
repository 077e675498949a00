"""What methods gave: each number that one of them returned, so that a number in a report can be led back to it.

Off until `start`; a report switches it on. Numbers are known by their ten first digits, without sign, as files have
them; the same number from two calls has two origins.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

# More numbers than this in one answer are draws, which no page shows one by one.
_MOST = 20_000
# Of a field of a dataclass that holds what was handed in, such as rows of people, and no answer.
NO_ANSWER = {"is_answer": False}
# Columns of an answer that say what its numbers are about.
_ABOUT = ("outcome", "population", "contrast", "method", "unit", "n_treated", "n_control")


@dataclass(frozen=True, order=True)
class Origin:
    """A method's answer that holds a number.

    calls: the methods at work, the one asked first and the one that gave the number last, as `<module>.<function>`.
    uses: every other method that was asked on the way, or whose answer was handed in. options: how the last was asked,
    but for data. about: what the answer's row says of itself. name: what the answer calls the number.
    """

    calls: tuple[str, ...]
    uses: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    about: tuple[tuple[str, str], ...]
    name: str

    def descends_from(self, method: str) -> bool:
        """Whether another answer of that method could be another number here."""
        return method in self.calls or method in self.uses


class _Record:
    """The numbers of this process, and the methods at work in it, each with the numbers given to it on the way."""

    def __init__(self, on: bool = False) -> None:
        self.on = on
        self.origins: dict[str, set[Origin]] = {}
        self.working: list[str] = []
        self.given: list[set[str]] = []
        self.asked: list[str] = []


_RECORD = _Record()
# As the dataclass compares, whose own comparison puts all of this together anew for each pair.
_IN_ORDER = attrgetter(*(field.name for field in fields(Origin)))


def start() -> None:
    """Keep what methods give from now on."""
    _RECORD.on = True


def apart(make: Callable[[], Any]) -> tuple[Any, dict[str, set[Origin]]]:
    """What a function gives, and what methods gave for it, kept as if nothing had been asked before.

    So what is made once and used often has the same origins wherever it was made first; `take_up` adds them.
    """
    global _RECORD
    outside, _RECORD = _RECORD, _Record(_RECORD.on)
    try:
        return make(), _RECORD.origins
    finally:
        _RECORD = outside


def take_up(origins: Mapping[str, set[Origin]]) -> None:
    """Count what was kept apart as given here, too."""
    for known, found in origins.items():
        _RECORD.origins.setdefault(known, set()).update(found)


def forget() -> None:
    """Begin with nothing given, in a process that comes from another one."""
    _RECORD.origins.clear()


@contextmanager
def paused() -> Iterator[None]:
    """Nothing is kept meanwhile: for answers that nobody is shown."""
    was, _RECORD.on = _RECORD.on, False
    try:
        yield
    finally:
        _RECORD.on = was


def origins_of(value: float) -> frozenset[Origin]:
    """The answers that hold this number, whatever its sign."""
    return frozenset(_RECORD.origins.get(known_as(value), ()))


def first(origins: Iterable[Origin]) -> Origin:
    """One of some answers, which does not hang on the order in which they were given."""
    return min(origins, key=_IN_ORDER)


def known_as(value: float) -> str:
    """A number as it is known: its ten first digits, without sign."""
    return f"{abs(value):.9e}"


def name_of(method: Callable) -> str:
    """A method as origins name it: `<module>.<function>`."""
    return f"{method.__module__.rpartition('.')[2]}.{method.__name__}"


def recorded(method: Callable) -> Callable:
    """A method whose answers are kept while recording is on; otherwise nothing but the method."""
    name = name_of(method)

    @wraps(method)
    def asked(*args: Any, **settings: Any) -> Any:
        if not _RECORD.on:
            return asked.__wrapped__(*args, **settings)
        started = len(_RECORD.asked)
        _RECORD.working.append(name)
        _RECORD.given.append(set())
        try:
            answer = asked.__wrapped__(*args, **settings)
            used = {*_RECORD.asked[started:], *_handed_in((*args, *settings.values()))}
            _keep(answer, used, lambda: _options(method, args, settings))
        finally:
            _RECORD.working.pop()
            given = _RECORD.given.pop()
            _RECORD.asked.append(name)
            if _RECORD.given:
                _RECORD.given[-1] |= given
            else:
                _RECORD.asked.clear()
        return answer

    return asked


def _handed_in(given: Iterable[Any]) -> Iterator[str]:
    """The methods whose answers were handed to another as they are: an estimate, or a frame of estimates."""
    answers = (each for each in given if is_dataclass(each) or _holds_estimates(each))
    for _, _, value in (number for each in answers for number in _numbers(each)):
        for origin in _RECORD.origins.get(known_as(value), ()) if not value.is_integer() else ():
            yield from (*origin.calls, *origin.uses)


def _holds_estimates(given: Any) -> bool:
    return isinstance(given, (pd.DataFrame, pd.Series, Mapping)) and ("estimate" in given or "std_error" in given)


def _keep(answer: Any, used: set[str], options: Callable[[], tuple]) -> None:
    numbers = [(known_as(value), about, name) for about, name, value in _numbers(answer)]
    # What a method that was asked on the way gave is handed on, and is that method's.
    own = [number for number in numbers if number[0] not in _RECORD.given[-1]]
    calls, asked, told = tuple(_RECORD.working), tuple(sorted(used)), options() if own else ()
    for known, about, name in own:
        _RECORD.origins.setdefault(known, set()).add(Origin(calls, asked, told, about, name))
    _RECORD.given[-1].update(known for known, _, _ in own)


def _options(method: Callable, args: tuple, settings: Mapping) -> tuple[tuple[str, str], ...]:
    """How a method was asked: every setting that is a word, a number or some of them, the unsaid ones too."""
    bound = inspect.signature(method).bind(*args, **settings)
    bound.apply_defaults()
    given = {**bound.arguments, **bound.arguments.get("settings", {})}
    return tuple((name, str(value)) for name, value in given.items() if _is_plain(value) and name != "settings")


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) <= 20 and all(map(_is_plain, value))
    return isinstance(value, (str, bool, int, float))


def _numbers(answer: Any, name: str = "") -> Iterator[tuple[tuple, str, float]]:
    """What it is about, name and value of each number of an answer."""
    if isinstance(answer, pd.DataFrame):
        is_of_people = "participant_id" in answer
        yield from _of_frame(answer) if answer.size <= _MOST and not is_of_people else ()
    elif isinstance(answer, pd.Series):
        yield from _of_frame(answer.to_frame()) if answer.size <= _MOST else ()
    elif is_dataclass(answer):
        own = {field.name: getattr(answer, field.name) for field in fields(answer) if field.metadata != NO_ANSWER}
        own |= _properties(answer)
        yield from _of_mapping(own)
    elif isinstance(answer, Mapping):
        yield from _of_mapping(answer)
    elif isinstance(answer, (tuple, list)) and len(answer) <= 100:
        for place, part in enumerate(answer):
            yield from _numbers(part, f"{name}{place}")
    elif isinstance(answer, (float, int, np.number)) and not isinstance(answer, bool) and np.isfinite(answer):
        yield (), name, float(answer)


def _properties(answer: Any) -> dict[str, Any]:
    """What a dataclass works out of its fields."""
    return {name: getattr(answer, name) for name, kind in vars(type(answer)).items() if isinstance(kind, property)}


def _of_mapping(values: Mapping) -> Iterator[tuple[tuple, str, float]]:
    about = tuple((name, str(values[name])) for name in _ABOUT if name in values)
    for name, value in values.items():
        for _, inner, number in _numbers(value):
            yield about, f"{name}{inner and f' {inner}'}", number


def _of_frame(frame: pd.DataFrame) -> Iterator[tuple[tuple, str, float]]:
    names = [name for name in frame if pd.api.types.is_numeric_dtype(frame[name]) and frame[name].dtype != bool]
    words = [name for name in frame if name in _ABOUT or name not in names]
    about = [tuple(zip(words, map(str, row), strict=True)) for row in frame[words].itertuples(index=False)]
    for name in names:
        values = frame[name].to_numpy(dtype=float, na_value=np.nan)
        yield from ((about[row], str(name), float(values[row])) for row in np.flatnonzero(np.isfinite(values)))
