"""Other solutions of all that an outsider knows about the counts of a report, as the cheapest change of the true ones.

One linear programme is solved again and again, from where the last solution ended: a different count is to rise, or
others have become cheap. HiGHS keeps its basis between the runs; relations that only bound from above are given to it
once a solution breaks them, most never.
"""

from collections.abc import Iterable

import highspy
import numpy as np
from scipy import sparse

from analysis.show.disclosure.relations import Counts

_NOTHING = 1e-6
PRIMAL = 4  # the simplex method of HiGHS for another objective over the same solutions


class Moves:
    """Changes of the counts that keep every relation and leave no count negative."""

    def __init__(self, counts: Counts) -> None:
        self.values, self.by_relation = counts.values.astype(float), incidence(counts)
        self.is_equal = np.array([relation.is_equal for relation in counts.relations], bool)
        # How far the sum of each relation may fall below what it is: not at all where it is zero.
        self.fall = self.by_relation @ self.values
        self.number, self.cost = len(self.values), np.zeros(len(self.values))
        self.is_given = np.zeros(len(self.fall), bool)
        # A count rises by the first half of the variables, and falls by the second.
        self.solver = programme(np.append(np.full(self.number, np.inf), self.values))
        self._give(np.flatnonzero(self.is_equal))

    def cheapest(self, row: int, by: float, cost: np.ndarray) -> dict[int, float] | None:
        """How the counts change where one of them rises `by` so many people, at the least cost; None if it cannot.

        `cost`: of one person more or less in each count; counts of infinite cost stay as they are, but for the row.
        """
        self._price(np.where(np.arange(self.number) == row, np.minimum(cost, 1.0), cost))
        self._bound(row, by, np.inf, 0.0)
        change = self._solved()
        self._bound(row, 0.0, np.inf, self.values[row])
        if change is None:
            return None
        return {int(place): float(change[place]) for place in np.flatnonzero(np.abs(change) > _NOTHING)}

    def _solved(self) -> np.ndarray | None:
        while True:
            self.solver.run()
            if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            solution = np.array(self.solver.getSolution().col_value)
            change = solution[: self.number] - solution[self.number :]
            broken = np.flatnonzero((self.by_relation @ change < -self.fall - _NOTHING) & ~self.is_given)
            if not len(broken):
                return change
            self._give(broken)

    def _give(self, relations: np.ndarray) -> None:
        part = self.by_relation[relations]
        rise = np.where(self.is_equal[relations], 0.0, np.inf)
        _add(self.solver, sparse.hstack([part, -part]), -self.fall[relations], rise)
        self.is_given[relations] = True

    def _price(self, cost: np.ndarray) -> None:
        for row in np.flatnonzero(np.isinf(cost) != np.isinf(self.cost)).tolist():
            stays = np.isinf(cost[row])
            self._bound(row, 0.0, 0.0 if stays else np.inf, 0.0 if stays else self.values[row])
        changed = np.flatnonzero(cost != self.cost)
        places, prices = np.append(changed, changed + self.number), np.where(np.isinf(cost), 0.0, cost)[changed]
        self.solver.changeColsCost(len(places), places.astype(np.int32), np.append(prices, prices))
        self.cost = cost.copy()

    def _bound(self, row: int, least: float, most: float, fall: float) -> None:
        self.solver.changeColBounds(row, least, most)
        self.solver.changeColBounds(row + self.number, 0.0, fall)


def incidence(counts: Counts) -> sparse.csr_array:
    """The relations as a matrix: a row for each, a column for each count, its sign where it is a member."""
    lengths = [len(relation.members) for relation in counts.relations]
    members: Iterable[int] = [member for relation in counts.relations for member in relation.members]
    signs = [sign for relation in counts.relations for sign in relation.signs]
    return sparse.csr_array(
        (np.array(signs, float), np.array(members, np.int32), np.append(0, np.cumsum(lengths)).astype(np.int32)),
        shape=(len(counts.relations), len(counts.vectors)),
    )


def programme(
    most: np.ndarray, relations: sparse.csc_array | None = None, least: np.ndarray = (), greatest: np.ndarray = ()
) -> highspy.Highs:  # fmt: skip
    """A linear programme of variables from zero to `most`, and of relations between them; nothing to be least yet."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.addVars(len(most), np.zeros(len(most)), most)
    if relations is not None:
        _add(solver, relations, least, greatest)
    return solver


def _add(solver: highspy.Highs, relations: sparse.sparray, least: np.ndarray, greatest: np.ndarray) -> None:
    rows = sparse.csr_array(relations)
    solver.addRows(rows.shape[0], least, greatest, rows.nnz, rows.indptr[:-1].astype(np.int32),
                   rows.indices.astype(np.int32), rows.data.astype(float))  # fmt: skip
