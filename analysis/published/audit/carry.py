"""What the slips found in a chain of printed calculations do to its end, such as a net present value.

Formulas hang together by their cells: the result of one is a part of the next. Every formula that fails is computed
anew, and every number printed downstream moves by as much as its formula makes it move; a formula that held keeps
its small rounding remainder. What comes out is what the report would have printed without the slips.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.published.audit.outcome import FAILS
from analysis.published.audit.cells import Cell, flat
from analysis.published.audit.ranges import evaluate, exactly
from analysis.published.audit.relations import Relation

ROUNDS = 20


def carry_through(relations: Iterable[Relation], findings: pd.DataFrame, bears_on: str = "economics") -> pd.DataFrame:
    """Printed numbers that change when the failed formulas bearing on `bears_on` are computed anew.

    One row is one printed number: address, printed, corrected, by (the failed relations that move it, directly or
    through others). Only formulas and repeated statements whose failure is certain are corrected, and no rounding.
    """
    chain = [
        relation
        for relation in relations
        if relation.bears_on == bears_on and relation.check in ("formula", "equal")
    ]
    wrong = findings[
        (findings["verdict"] == FAILS) & (findings["kind"] == "arithmetic") & (findings["sure"] == "certain")
    ]
    broken = set(zip(wrong["relation"], wrong["instance"], strict=True))
    values, by = _settle(chain, broken)
    rows = [
        (address, cell.value, values[address], by[address]) for address, cell in _cells(chain).items() if by[address]
    ]
    return pd.DataFrame(rows, columns=["address", "printed", "corrected", "by"])


def _settle(chain: list[Relation], broken: set) -> tuple[dict[str, float], dict[str, tuple[str, ...]]]:
    cells = _cells(chain)
    values = {address: cell.value for address, cell in cells.items()}
    by: dict[str, tuple[str, ...]] = dict.fromkeys(cells, ())
    for _ in range(ROUNDS):
        before = dict(values)
        for relation in chain:
            _move(relation, (relation.name, relation.instance) in broken, cells, values, by)
        if values == before:
            return values, by
    raise ValueError("the relations to carry through feed into each other in a circle")


def _move(relation: Relation, is_broken: bool, cells: Mapping[str, Cell], values: dict, by: dict) -> None:
    result = _result(relation)
    new = _compute(relation, values)
    if not is_broken:
        new += result.value - _compute(relation, {address: cell.value for address, cell in cells.items()})
    if abs(new - values[result.address]) < 1e-9 * max(1.0, abs(new)):
        return
    sources = [relation.name] if is_broken else []
    sources += [name for part in _parts(relation) for name in by[part.address]]
    values[result.address] = new
    by[result.address] = tuple(dict.fromkeys((*by[result.address], *sources)))


def _result(relation: Relation) -> Cell:
    return relation.cells["b" if relation.check == "equal" else str(relation.options["result"])]


def _compute(relation: Relation, values: Mapping[str, float]) -> float:
    if relation.check == "equal":
        return values[relation.cells["a"].address] * float(relation.options.get("scale", 1))
    given = {
        name: exactly(sum(values[cell.address] for cell in flat(group)))
        for name, group in relation.cells.items()
    }
    given |= {name: exactly(value) for name, value in relation.options.get("constants", {}).items()}
    return evaluate(str(relation.options["formula"]), given).middle


def _parts(relation: Relation) -> list[Cell]:
    result = _result(relation).address
    return [cell for cell in relation.all_cells() if cell.address != result]


def _cells(chain: list[Relation]) -> dict[str, Cell]:
    return {cell.address: cell for relation in chain for cell in relation.all_cells()}
