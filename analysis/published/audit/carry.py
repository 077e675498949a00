"""What the slips found in a chain of printed calculations do to its end, such as a net present value.

Formulas hang together by their cells: the result of one is a part of the next. A slip is a formula that fails. With a
slip corrected its result is computed anew, and every number downstream moves by as much as its formula makes it move.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import pandas as pd

from analysis.published.audit.cells import Cell, flat
from analysis.published.audit.outcome import CERTAIN, FAILS
from analysis.published.audit.ranges import evaluate, exactly
from analysis.published.audit.relations import Relation

ROUNDS = 20


@dataclass(frozen=True)
class Slip:
    """A formula that fails: the relation, its instance, and the address of the number it should give.

    in_doubt: the formula rests on an input that is not printed, so that the failure need not be a slip.
    """

    relation: str
    instance: str
    address: str
    in_doubt: bool = False


@dataclass(frozen=True, eq=False)
class Chain:
    """The formulas and repeated statements of one calculation, and the slips among them.

    A printed number that a slip can reach is taken unrounded where its formula says how: the value of the formula as
    far as it would have been printed like this. The rest of the difference between print and formula, which hidden
    decimals of the inputs explain, stays when a slip is corrected.
    """

    relations: tuple[Relation, ...]
    slips: tuple[Slip, ...]

    @cached_property
    def printed(self) -> Mapping[str, float]:
        """Address → number as it stands in print."""
        cells = (cell for relation in self.relations for cell in relation.all_cells())
        return MappingProxyType({cell.address: cell.value for cell in cells})

    @cached_property
    def unrounded(self) -> Mapping[str, float]:
        """Address → value with every slip in it, unrounded where a formula says how."""
        reached = self._reached(self.slips)
        slipped = {slip.address for slip in self.slips}

        def step(relation: Relation, values: Mapping[str, float]) -> float:
            result = _result(relation)
            if result.address in slipped or result.address not in reached:
                return values[result.address]
            return min(max(_compute(relation, values), result.range.low), result.range.high)

        return MappingProxyType(self._settle(dict(self.printed), step))

    def corrected(self, slips: Collection[Slip]) -> dict[str, float]:
        """Address → value with these slips corrected."""
        before, names = self.unrounded, {(slip.relation, slip.instance) for slip in slips}
        anew = {slip.address for slip in slips}

        def step(relation: Relation, values: Mapping[str, float]) -> float:
            address = _result(relation).address
            if (relation.name, relation.instance) in names:
                return _compute(relation, values)
            if address in anew or not any(values[part] != before[part] for part in _parts(relation)):
                return values[address]
            return before[address] + _compute(relation, values) - _compute(relation, before)

        return self._settle(dict(before), step)

    def change(self, slips: Collection[Slip], end: str) -> float:
        """By how much the number `end` changes when these slips are corrected."""
        return self.corrected(slips)[end] - self.unrounded[end]

    def formulas(self) -> Iterator[tuple[tuple[str, str], str, float]]:
        """(relation and instance, address of the result, what the printed parts give) of every formula."""
        for relation in self.relations:
            if relation.check == "formula":
                address = _result(relation).address
                yield (relation.name, relation.instance), address, _compute(relation, self.printed)

    def reaching(self, end: str) -> tuple[Slip, ...]:
        """The slips that the number `end` depends on."""
        return tuple(slip for slip in self.slips if end in self._reached([slip]))

    def _reached(self, slips: Iterable[Slip]) -> set[str]:
        found = {slip.address for slip in slips}
        for _ in self.relations:
            more = {_result(relation).address for relation in self.relations if found & set(_parts(relation))}
            if more <= found:
                break
            found |= more
        return found

    def _settle(self, values: dict[str, float], step: Callable[[Relation, Mapping], float]) -> dict[str, float]:
        for _ in range(ROUNDS):
            before = dict(values)
            for relation in self.relations:
                values[_result(relation).address] = step(relation, values)
            if values == before:
                return values
        raise ValueError("the relations to carry through feed into each other in a circle")


def chain_of(
    relations: Iterable[Relation], findings: pd.DataFrame, bears_on: str = "economics", in_doubt: Collection[str] = ()
) -> Chain:
    """The chain of formulas bearing on `bears_on`, with its slips.

    A slip is a formula or repeated statement whose failure is certain, and no rounding; or one that fails among the
    relations named in `in_doubt`.
    """
    parts = tuple(each for each in relations if each.bears_on == bears_on and each.check in ("formula", "equal"))
    return Chain(parts, tuple(_slips(parts, findings, in_doubt)))


def _slips(relations: Iterable[Relation], findings: pd.DataFrame, in_doubt: Collection[str]) -> Iterator[Slip]:
    wrong = findings[(findings["verdict"] == FAILS) & (findings["kind"] == "arithmetic")]
    wrong = wrong[(wrong["sure"] == CERTAIN) | wrong["relation"].isin(in_doubt)]
    failed = set(zip(wrong["relation"], wrong["instance"], strict=True))
    for relation in relations:
        if (relation.name, relation.instance) in failed:
            doubt = relation.name in in_doubt
            yield Slip(relation.name, relation.instance, _result(relation).address, doubt)


def _result(relation: Relation) -> Cell:
    return relation.cells["b" if relation.check == "equal" else str(relation.options["result"])]


def _compute(relation: Relation, values: Mapping[str, float]) -> float:
    if relation.check == "equal":
        return values[relation.cells["a"].address] * float(relation.options.get("scale", 1))
    given = {name: exactly(sum(values[cell.address] for cell in flat(group))) for name, group in relation.cells.items()}
    given |= {name: exactly(value) for name, value in relation.options.get("constants", {}).items()}
    return evaluate(str(relation.options["formula"]), given).middle


def _parts(relation: Relation) -> list[str]:
    result = _result(relation).address
    return [cell.address for cell in relation.all_cells() if cell.address != result]
