"""What is wrong with a study folder: one `Problem` per fault, and one error that lists them all.

A problem says where the fault is, what kind of fault it is, why it is one and what to do. It never repeats a
participant's value: the reader opens the file at the row to see it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

_TEXT = re.compile(r"\.(yml|csv|tsv|txt)(\.gz)?$", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in one file of a study.

    file: name inside the study folder. row: line in that file, the header being line 1, or number of the row where a
    file has no lines; None when the whole file is meant. column: name of the column or setting; None when the whole row
    is meant. kind: short code of the fault. cause: what is wrong and what is allowed. remedy: what to do. more: further
    rows with the same fault.
    """

    file: str
    row: int | None
    column: str | None
    kind: str
    cause: str
    remedy: str
    more: int = 0

    @property
    def place(self) -> str:
        """Where to look, for example `participants.csv, line 7, column sex`."""
        parts = [self.file]
        if self.row is not None:
            parts.append(f"{'line' if _TEXT.search(self.file) else 'row'} {self.row}")
        if self.column is not None:
            parts.append(f"{'setting' if self.file.endswith('.yml') else 'column'} {self.column}")
        return ", ".join(parts)

    def __str__(self) -> str:
        repeats = f" (and {self.more} more {'row' if self.more == 1 else 'rows'})" if self.more else ""
        return f"{self.place}{repeats}: {self.cause} {self.remedy}"


class Fault(NamedTuple):
    """A setting by its path in `study.yml`, what is wrong with it beside the other settings, and what to do."""

    place: tuple[str | int, ...]
    cause: str
    remedy: str = "Correct one of the settings."


class StudyProblems(Exception):
    """Raised when a study folder cannot be used; holds every problem found, in the order of the files."""

    def __init__(self, folder: object, problems: Iterable[Problem]):
        self.folder = folder
        self.problems = tuple(problems)
        super().__init__(folder, self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{count} {'problem' if count == 1 else 'problems'} in {self.folder}:"
        return "\n".join([head, *(f"  {number}. {problem}" for number, problem in enumerate(self.problems, 1))])


def group_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Fold faults of the same kind in the same column into the first row and the number of further rows.

    Problems keep the order in which their first row was found.
    """
    groups: dict[tuple, list[Problem]] = {}
    for problem in problems:
        key = (problem.file, problem.column, problem.kind, problem.cause, problem.remedy)
        groups.setdefault(key, []).append(problem)
    return [_folded(group) for group in groups.values()]


def _folded(group: list[Problem]) -> Problem:
    first = min(group, key=lambda problem: problem.row or 0)
    more = sum(problem.more + 1 for problem in group) - 1
    return Problem(first.file, first.row, first.column, first.kind, first.cause, first.remedy, more)
