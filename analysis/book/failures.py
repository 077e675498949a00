"""What stopped a report, or a chapter of it: where, and what to look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Failure:
    """One reason why a book or a chapter was not made.

    place: notebook and cell, or page and line. cause: the error or warning in one line. detail: more lines, or nothing.
    told: what a page of the book may say of the cause, which holds no values of participants.
    """

    place: str
    cause: str
    detail: str = ""
    told: str = ""

    def __str__(self) -> str:
        return "\n".join(filter(None, [f"{self.place}: {self.cause}", self.detail]))


class ReportFailed(Exception):
    """Raised when the report cannot be built; holds every failure of the step that stopped it."""

    def __init__(self, failures: Iterable[Failure]) -> None:
        self.failures = tuple(failures)
        super().__init__(self.failures)

    def __str__(self) -> str:
        return "\n".join(str(failure) for failure in self.failures)


class ChaptersFailed(ReportFailed):
    """Raised when the book stands in its place and some of its chapters could not be made; `page` is its first page."""

    def __init__(self, failures: Iterable[Failure], page: Path) -> None:
        super().__init__(failures)
        self.page = page
