"""What is wrong with a study folder: one `Problem` per fault, and one error that lists them all.

A problem says where the fault is, what kind of fault it is, why it is one and what to do. It never repeats a
participant's value: the reader opens the file at the row to see it. What could not be looked at because of such
faults is `Unchecked`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

# Runs of lines that a text names; JSON and HTML name all.
MOST_SPANS = 10

_TEXT = re.compile(r"\.(yml|csv|tsv|txt)(\.gz)?$", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in one file of a study.

    file: name inside the study folder. row: line in that file, the header being line 1, or number of the row where a
    file has no lines; None when the whole file is meant. column: name of the column or setting; None when the whole row
    is meant. kind: short code of the fault. cause: what is wrong and what is allowed. remedy: what to do. others:
    further rows with the same fault.
    """

    file: str
    row: int | None
    column: str | None
    kind: str
    cause: str
    remedy: str
    others: tuple[int, ...] = ()

    @property
    def place(self) -> str:
        """Where to look, for example `participants.csv, line 7, column sex`."""
        parts = [self.file]
        if self.row is not None:
            parts.append(f"{'line' if _TEXT.search(self.file) else 'row'} {self.row}")
        if self.column is not None:
            parts.append(f"{'setting' if self.file.endswith('.yml') else 'column'} {self.column}")
        return ", ".join(parts)

    @property
    def more(self) -> int:
        """Number of further rows with the same fault."""
        return len(self.others)

    def __str__(self) -> str:
        lines = _first_spans(self.others)
        repeats = f" (and {self.more} more {'row' if self.more == 1 else 'rows'}: {lines})" if self.more else ""
        return printable(f"{self.place}{repeats}: {self.cause} {self.remedy}")


@dataclass(frozen=True, order=True)
class Unchecked:
    """A check that could not be made: what it would have looked at, and the fault in the way."""

    what: str
    because: str

    def __str__(self) -> str:
        return printable(f"{self.what} ({self.because})")


class Fault(NamedTuple):
    """A setting by its path in `study.yml`, what is wrong with it beside the other settings, and what to do."""

    place: tuple[str | int, ...]
    cause: str
    remedy: str = "Correct one of the settings."


class StudyProblems(Exception):
    """Raised when a study folder cannot be used; holds every problem found, in the order of the files.

    unchecked: what could not be looked at because of them.
    """

    def __init__(self, folder: object, problems: Iterable[Problem], unchecked: Iterable[Unchecked] = ()):
        self.folder = folder
        self.problems = tuple(problems)
        self.unchecked = tuple(unchecked)
        super().__init__(folder, self.problems, self.unchecked)

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{count} {'problem' if count == 1 else 'problems'} in {self.folder}:"
        listed = [f"  {number}. {problem}" for number, problem in enumerate(self.problems, 1)]
        return "\n".join([head, *listed, *(f"  Not checked: {each}" for each in self.unchecked)])


def group_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Fold faults of the same kind in the same column into the first row and the further rows.

    Problems keep the order in which their first row was found.
    """
    groups: dict[tuple, list[Problem]] = {}
    for problem in problems:
        key = (problem.file, problem.column, problem.kind, problem.cause, problem.remedy)
        groups.setdefault(key, []).append(problem)
    return [_folded(group) for group in groups.values()]


def _folded(group: list[Problem]) -> Problem:
    rows = sorted({row for problem in group for row in (problem.row, *problem.others) if row is not None})
    return replace(group[0], row=rows[0], others=tuple(rows[1:])) if rows else group[0]


def spans(lines: Iterable[int]) -> list[str]:
    """Rising numbers as a reader writes them: `3`, `7–12`."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1][1:] = [line]
        else:
            runs.append([line])
    return ["–".join(map(str, dict.fromkeys((run[0], run[-1])))) for run in runs]


def _first_spans(lines: tuple[int, ...]) -> str:
    told = spans(lines)
    return ", ".join(told[:MOST_SPANS]) + (" and so on" if len(told) > MOST_SPANS else "")


def printable(text: str) -> str:
    """The text without characters that a terminal would obey, such as those of a hostile file name."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
