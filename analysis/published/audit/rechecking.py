"""Relations checked again after some printed numbers change: only those that touch a changed number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from analysis.published.audit.outcome import FAILS, Outcome
from analysis.published.audit.relations import Cell, Relation


class Recheck:
    """Relations that hold, by the numbers they are about.

    `check` gives the outcome of one relation, as `audit.check_one`. Those that fail as the numbers stand are left out
    (`left_out`), since they could not show that a further change is found.
    """

    def __init__(self, relations: Sequence[Relation], check) -> None:
        self._check = check
        verdicts = [finds(check(relation)) for relation in relations]
        self.left_out = [relation for relation, found in zip(relations, verdicts, strict=True) if found]
        self.relations = [relation for relation, found in zip(relations, verdicts, strict=True) if not found]

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Address → printed number, for all numbers that some relation is about."""
        return {cell.address: cell for relation in self.relations for cell in cells_of(relation)}

    @cached_property
    def touching(self) -> dict[str, list[int]]:
        """Address → places in `relations` of those that are about this number."""
        found = defaultdict(list)
        for place, relation in enumerate(self.relations):
            for address in dict.fromkeys(cell.address for cell in cells_of(relation)):
                found[address].append(place)
        return dict(found)

    def findings(self, changed: Mapping[str, Cell]) -> tuple[set[str], set[str]]:
        """(checks that were made again, those of them with a finding) once these numbers are printed instead."""
        places = sorted({place for address in changed for place in self.touching.get(address, ())})
        made, found = set(), set()
        for place in places:
            relation = self.relations[place]
            made.add(relation.check)
            if finds(self._check(with_cells(relation, changed))):
                found.add(relation.check)
        return made, found


def finds(outcome: Outcome) -> bool:
    """Whether an outcome is a finding: a failure that is more than a unit of rounding."""
    return outcome.verdict == FAILS and outcome.kind != "rounding"


def cells_of(relation: Relation) -> list[Cell]:
    """All printed numbers that a relation is about."""
    groups = relation.cells.values()
    return [cell for group in groups for cell in (group if isinstance(group, tuple) else (group,))]


def with_cells(relation: Relation, changed: Mapping[str, Cell]) -> Relation:
    """The relation with other numbers at some of its addresses."""

    def put(group: Cell | tuple[Cell, ...]) -> Cell | tuple[Cell, ...]:
        if isinstance(group, tuple):
            return tuple(put(cell) for cell in group)
        return changed.get(group.address, group)

    return replace(relation, cells={name: put(group) for name, group in relation.cells.items()})
