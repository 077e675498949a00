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
        verdicts = [outcome_of(relation).verdict for relation in relations]
        self.left_out = [relation for relation, verdict in zip(relations, verdicts, strict=True) if verdict == FAILS]
        self.relations = [relation for relation, verdict in zip(relations, verdicts, strict=True) if verdict != FAILS]

    @cached_property
    def touching(self) -> dict[str, list[int]]:
        """Address → places in `relations` of those that are about this number."""
        found = defaultdict(list)
        for place, relation in enumerate(self.relations):
            for address in dict.fromkeys(cell.address for cell in relation.all_cells()):
                found[address].append(place)
        return dict(found)

    def failures(self, changed: Mapping[str, Cell]) -> tuple[set[str], dict[str, bool]]:
        """Once these numbers are printed instead: the checks made again, and those that fail.

        Of those that fail it is said whether the failure is more than a slip in the last digit of one number.
        """
        places = sorted({place for address in changed for place in self.touching.get(address, ())})
        again = [with_cells(self.relations[place], changed) for place in places]
        failed: dict[str, bool] = {}
        for relation in again:
            outcome = self._outcome_of(relation)
            if outcome.verdict == FAILS:
                failed[relation.check] = failed.get(relation.check, False) or outcome.kind != LAST_DIGIT
        return {relation.check for relation in again}, failed


def with_cells(relation: Relation, changed: Mapping[str, Cell]) -> Relation:
    """The relation with other numbers at some of its addresses."""

    def put(cells: Cells) -> Cells:
        return changed.get(cells.address, cells) if isinstance(cells, Cell) else tuple(put(cell) for cell in cells)

    return replace(relation, cells={name: put(cells) for name, cells in relation.cells.items()})
