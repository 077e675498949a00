"""Relations checked again after some printed numbers change: only those that touch a changed number."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from analysis.published.audit.cells import Cell, Cells
from analysis.published.audit.outcome import FAILS, LAST_DIGIT, Outcome
from analysis.published.audit.relations import Relation


class Recheck:
    """Relations that hold, by the numbers they are about.

    `outcome_of` gives what one relation finds. Those that fail as the numbers stand are left out (`left_out`), since
    they could not show that a further change is found.
    """

    def __init__(self, relations: Sequence[Relation], outcome_of: Callable[[Relation], Outcome]) -> None:
        self._outcome_of = outcome_of
        fail = [self._fails(relation) for relation in relations]
        self.left_out = [relation for relation, failed in zip(relations, fail, strict=True) if failed]
        self.relations = [relation for relation, failed in zip(relations, fail, strict=True) if not failed]

    @cached_property
    def touching(self) -> dict[str, list[int]]:
        """Address → places in `relations` of those that are about this number."""
        found = defaultdict(list)
        for place, relation in enumerate(self.relations):
            for address in dict.fromkeys(cell.address for cell in relation.all_cells()):
                found[address].append(place)
        return dict(found)

    def findings(self, changed: Mapping[str, Cell]) -> tuple[set[str], set[str]]:
        """(checks that were made again, those of them that fail) once these numbers are printed instead."""
        places = sorted({place for address in changed for place in self.touching.get(address, ())})
        again = [with_cells(self.relations[place], changed) for place in places]
        return {relation.check for relation in again}, {relation.check for relation in again if self._fails(relation)}

    def _fails(self, relation: Relation) -> bool:
        return is_finding(self._outcome_of(relation))


def is_finding(outcome: Outcome) -> bool:
    """Whether an outcome is a failure that is more than a slip in the last digit of one number."""
    return outcome.verdict == FAILS and outcome.kind != LAST_DIGIT


def with_cells(relation: Relation, changed: Mapping[str, Cell]) -> Relation:
    """The relation with other numbers at some of its addresses."""

    def put(cells: Cells) -> Cells:
        return changed.get(cells.address, cells) if isinstance(cells, Cell) else tuple(put(cell) for cell in cells)

    return replace(relation, cells={name: put(cells) for name, cells in relation.cells.items()})
