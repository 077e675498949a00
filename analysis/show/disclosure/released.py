"""What a report of a study told, so that the next one is held to it: numbers of people, and how they hang together.

Whom a half of the people has hangs on their names alone (`frames.halves`), so the counts of all reports of a study, of
other settings, other pages or other people, are counts of one system.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Address = tuple[str, ...]


@dataclass(frozen=True)
class Released:
    """What one report told.

    people: of how many people each number told was, by address: a count, part and whole of a share, a base.
    vectors: every count of the report, among all people and among each half; told: whether it told the count itself.
    blocks, pairs, series: rows of the vectors, as `relations.related` takes them.
    """

    people: Sequence[tuple[Address, Sequence[int]]] = ()
    vectors: Sequence[Sequence[int]] = ()
    told: Sequence[bool] = ()
    blocks: Sequence[Sequence[int]] = ()
    pairs: Sequence[tuple[int, int]] = ()
    series: Sequence[Sequence[int]] = ()

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Released":
        """From JSON, as `stored` gives it."""
        people = [(tuple(address), tuple(numbers)) for address, numbers in stored["people"]]
        return cls(**{**{name: stored[name] for name in cls.__annotations__}, "people": people})

    def stored(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    def by_address(self) -> dict[Address, list[Sequence[int]]]:
        """What `people` says, by address: what was told at one place, in its order."""
        found: dict[Address, list[Sequence[int]]] = defaultdict(list)
        for address, numbers in self.people:
            found[address].append(numbers)
        return found
