"""The one list of what computes which printed table or answers which claim, for the scorecard and for the notebooks.

A package below `analysis/as_printed/` registers its own functions with `published`, and those of the engine's chapters
with `counts_as`; what answers the report's claims with `answers`. It is imported by the name that `as_printed.yml` of
the study gives.
"""

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import pandas as pd

from analysis.frames.needs import Absent
from analysis.frames.trial import Trial
from analysis.published.claims import NUMBERS

PACKAGES = "analysis.as_printed"


@dataclass(frozen=True)
class PrintedTable:
    """What computes the numbers of one printed table: its name in print, the chapter it belongs to, the function.

    make takes a trial and gives one table, several, or Absent. in_text: whether its numbers stand in the running text
    and have no table of their own in the chapter. about_print: whether it is about the print itself and carries none of
    its numbers, so that it is only given by its name. own_words: whether the words of its table are the study's own.
    """

    name: str
    chapter: str
    make: Callable[[Trial], Any]
    in_text: bool
    about_print: bool = False
    own_words: bool = True

    def of(self, trial: Trial) -> Any:
        """What it gives for a trial, made once; callers must not change it."""
        return trial.once((PrintedTable, self), lambda: self.make(trial))


@dataclass(frozen=True)
class Answer:
    """What a claim of a report is held to: its name, the chapter that shows it, its unit, and the function.

    unit: points (percentage points), score, nok, months, days, jobs, employers, count or test (a p-value alone).
    counted: whether the estimate has neither interval nor test, such as a number of centres. make takes a trial and
    gives an estimate frame, or rows with the same names, on the scale of the unit, or Absent; where there are several
    rows, part says what each is about (anything that
    `prose.value_text` words).
    """

    name: str
    chapter: str
    unit: str
    make: Callable[[Trial], Any]
    counted: bool = False

    def of(self, trial: Trial) -> pd.DataFrame:
        """estimate, conf_low, conf_high, p_value, part; one row an estimate, none where the study cannot give it."""
        made = self.make(trial)
        rows = [] if isinstance(made, Absent) else made
        frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
        numbers = frame.reindex(columns=list(NUMBERS)).astype(float)
        return numbers.assign(part=list(frame["part"]) if "part" in frame else "").reset_index(drop=True)


_REGISTERED: dict[str, list[PrintedTable]] = {}
_ANSWERS: dict[str, dict[str, Answer]] = {}


def published(name: str, chapter: str, in_text: bool = True, about_print: bool = False) -> Callable:
    """Decorates a function of a package below `analysis/as_printed/` that computes a printed table."""

    def decorate(function: Callable) -> Callable:
        _REGISTERED.setdefault(function.__module__.split(".")[2], []).append(
            PrintedTable(name, chapter, function, in_text, about_print)
        )
        return function

    return decorate


def counts_as(package: str, chapter: str, **functions: Callable) -> None:
    """Registers functions as printed tables of these names; chapters show them in their own words, or not at all."""
    made = [PrintedTable(name, chapter, each, in_text=False, own_words=False) for name, each in functions.items()]
    _REGISTERED.setdefault(package, []).extend(made)


def answers(name: str, chapter: str, unit: str = "points", counted: bool = False) -> Callable:
    """Decorates a function of a package below `analysis/as_printed/` that answers a claim; see `Answer`."""

    def decorate(function: Callable) -> Callable:
        answer = Answer(name, chapter, unit, function, counted)
        _ANSWERS.setdefault(function.__module__.split(".")[2], {})[name] = answer
        return function

    return decorate


def answers_of(trial: Trial) -> dict[str, Answer]:
    """Every answer that the study's own package registers, by name."""
    _entries(trial)
    printed = trial.study.as_printed
    return dict(_ANSWERS.get(printed.package, {})) if printed and printed.package else {}


def printed_tables(trial: Trial, chapter: str | None = None, in_text: bool | None = None) -> Iterator[Any]:
    """The tables of a trial that carry numbers of its published report, under the print's names, in order of listing.

    chapter and in_text choose some of them. A study without a published report, or without code of its own for it, has
    none; a table that the study cannot give is left out.
    """
    for entry in (entry for entry in _entries(trial) if not entry.about_print):
        if chapter not in (None, entry.chapter) or in_text not in (None, entry.in_text):
            continue
        made = entry.of(trial)
        tables = made if isinstance(made, list | tuple) else [made]
        yield from (replace(table, name=entry.name) for table in tables if not isinstance(table, Absent))


def printed_table(trial: Trial, name: str) -> Any:
    """One result that a package below `analysis/as_printed/` registers, by its name; Absent for a study without it.

    What is about the print itself says so (`from_print`).
    """
    entries = [entry for entry in _entries(trial) if entry.name == name]
    made = entries[0].of(trial) if entries else Absent("as_printed")
    return _from_print(made) if entries and entries[0].about_print else made


def _from_print(made: Any) -> Any:
    """A result, or several, whose numbers come from the print alone."""
    if isinstance(made, list | tuple):
        return type(made)(map(_from_print, made))
    return made if isinstance(made, Absent) else replace(made, from_print=True)


def worded_by_study(trial: Trial) -> Iterator[tuple[str, str]]:
    """Chapter and name of each printed table whose caption and labels have to stand in the study's own words."""
    yield from ((entry.chapter, entry.name) for entry in _entries(trial) if entry.own_words and not entry.about_print)


def chapters_in_print(trial: Trial) -> set[str]:
    """The chapters to which numbers of the study's published report belong."""
    return {entry.chapter for entry in _entries(trial) if not entry.about_print}


def _entries(trial: Trial) -> list[PrintedTable]:
    package = trial.study.as_printed.package if trial.study.as_printed else None
    if package is None:
        return []
    home = import_module(f"{PACKAGES}.{package}")
    for module in sorted(found.name for found in pkgutil.iter_modules(home.__path__)):
        import_module(f"{PACKAGES}.{package}.{module}")
    return list(_REGISTERED.get(package, []))
