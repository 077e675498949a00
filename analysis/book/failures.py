"""What stopped a report: where, and what to look at."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """One reason why no new book was made.

    place: notebook and cell, or page and line. cause: the error or warning in one line. detail: more lines, or nothing.
    """

    place: str
    cause: str
    detail: str = ""

    def __str__(self) -> str:
        return "\n".join(filter(None, [f"{self.place}: {self.cause}", self.detail]))


class ReportFailed(Exception):
    """Raised when the report cannot be built; holds every failure of the step that stopped it."""

    def __init__(self, failures: Iterable[Failure]) -> None:
        self.failures = tuple(failures)
        super().__init__(self.failures)

    def __str__(self) -> str:
        return "\n".join(str(failure) for failure in self.failures)
