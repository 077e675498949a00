"""What must not be told so that no count of a few people is found out: secondary cell suppression as an optimisation.

A count is protected when another solution of all that an outsider knows (what is told, how counts add up, that none is
negative) has at least `threshold` people there. Which further counts to hide for that, at least cost, is the cell
suppression problem: Fischetti and Salazar, "Solving the cell suppression problem on tabular data with linear
constraints", Management Science 47 (2001) 1008-1027; counts are taken one after another, what is hidden already being
free, as in Kelly, Golden and Assad, "Cell suppression: disclosure protection for sensitive tabular data", Networks 22
(1992) 397-417, and a last pass tells again what no count needs. Solutions need not be whole people, as
in that literature: an outsider who reckons in whole people may bound a count a little closer.
"""

import heapq

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.show.disclosure.relations import Counts

_NEAR = 150  # counts around a sensitive one that are considered first; where they do not suffice, four times as many
_NOTHING = 1e-6
_FREE = 1e-3  # cost of moving a count that is untold anyway, per cost of one place: few counts carry a solution


def suppress(counts: Counts, threshold: int = 5) -> np.ndarray:
    """Which rows must not be told, those of 1 to `threshold` - 1 people among them; the same for the same counts.

    Zeros may be told. A hidden row says nothing about whether it is small itself or hidden for another's sake.
    """
    search = _Search(counts, threshold)
    for row in search.order():
        if row not in search.moves:
            search.protect(row)
    search.tell_again()
    return search.hidden


class _Search:
    """The rows hidden so far, and for each sensitive row a move: how another solution differs from the truth."""

    def __init__(self, counts: Counts, threshold: int) -> None:
        self.counts, self.threshold, self.values = counts, threshold, counts.values
        self.sensitive = counts.sensitive(threshold)
        self.hidden = self.sensitive.copy()
        self.target = np.where(self.sensitive, threshold, 0)
        for pair in counts.nearly:
            self.tell_apart(pair)
        self.moves: dict[int, dict[int, float]] = {}
        self.by_relation = incidence(counts)
        # How far the sum of each relation may fall below what it is, and rise above it.
        self.fall = self.by_relation @ self.values
        self.rise = np.where([relation.is_equal for relation in counts.relations], 0, np.inf)
        self.by_count = self.by_relation.tocsc()

    def tell_apart(self, pair: tuple[int, int]) -> None:
        """Hides one of two counts of nearly the same people, the cheaper if none is: it has to be possibly another.

        One that an earlier release told is not hidden any more, so that it has to be the other.
        """
        cost = np.where(self.counts.shown, self.counts.weight, np.inf)
        row = min(pair, key=lambda row: (self.counts.known[row], not self.hidden[row], cost[row], row))
        self.hidden[row] |= self.counts.shown[row]
        self.sensitive[row] = True
        self.target[row] = max(self.target[row], self.values[row] + 1)

    def order(self) -> list[int]:
        """The smallest first: they need the most."""
        rows = np.flatnonzero(self.sensitive & ~self.counts.known).tolist()
        return sorted(rows, key=lambda row: (self.values[row], row))

    def protect(self, row: int) -> None:
        """Hides what the row needs at the least cost that is found; nothing where earlier releases tell too much."""
        untold = self.hidden & ~self.counts.known | ~self.counts.shown
        cost = np.where(untold, _FREE, np.maximum(self.counts.weight, _FREE))
        self.keep(row, self.move(row, cost) or {row: 0.0})
        moved = np.array(list(self.moves[row]))
        self.hidden[moved[self.counts.shown[moved]]] = True

    def keep(self, row: int, move: dict[int, float]) -> None:
        """The move protects the row, and whichever other sensitive row it lifts to the threshold."""
        self.moves[row] = move
        for other, change in move.items():
            if self.sensitive[other] and self.values[other] + change >= self.target[other] - _NOTHING:
                self.moves.setdefault(other, move)

    def tell_again(self) -> None:
        """Tells again, the dearest first, what was hidden for others, where that needs cheaper ones hidden or none."""
        helpers = np.flatnonzero(self.hidden & ~self.sensitive)
        for helper in sorted(helpers.tolist(), key=lambda row: (-self.counts.weight[row], row)):
            moves = self.without(helper)
            if moves is None:
                continue
            moved = {row for move in moves.values() for row in move if self.counts.shown[row]}
            instead = [row for row in moved if not self.hidden[row]]
            if self.counts.weight[instead].sum() < self.counts.weight[helper]:
                self.hidden[instead] = True
                self.hidden[helper] = False
                self.moves |= moves

    def without(self, helper: int) -> dict[int, dict[int, float]] | None:
        """New moves for the rows that this one helps, or None if one of them cannot do without it."""
        untold = self.hidden & ~self.counts.known | ~self.counts.shown
        cost = np.where(untold, _FREE, np.maximum(self.counts.weight, _FREE))
        cost[self.counts.weight >= self.counts.weight[helper]] = np.inf
        cost[untold], cost[helper] = _FREE, np.inf
        moves: dict[int, dict[int, float]] = {}
        for row in [row for row, move in self.moves.items() if helper in move]:
            known = (move for move in moves.values() if self.lifts(row, move))
            move = next(known, None) or self.move(row, cost)
            if move is None:
                return None
            moves[row] = move
            cost[[other for other in move if other != helper]] = _FREE
        return moves

    def lifts(self, row: int, move: dict[int, float]) -> bool:
        """Whether the row has as many people as may be told of after the move."""
        return self.values[row] + move.get(row, 0) >= self.target[row] - _NOTHING

    def move(self, row: int, cost: np.ndarray) -> dict[int, float] | None:
        """The cheapest change of the counts that lifts the row to the threshold and keeps every relation.

        None if there is none; counts of infinite cost stay. It is looked for around the row first, and by small
        changes, which keeps it quick.
        """
        size, most = _NEAR, 4.0 * self.threshold
        while True:
            near = self.near(row, cost, size)
            move = self.solved(row, near, cost[near], most)
            if move is not None or most == np.inf:
                return move
            size, most = size * 4, most if len(near) == size else np.inf

    def near(self, row: int, cost: np.ndarray, size: int) -> np.ndarray:
        """The rows reached most cheaply from one, over relations, at most `size`."""
        if len(cost) <= size:
            return np.flatnonzero(np.isfinite(cost) | (np.arange(len(cost)) == row))
        reached, heap = {row: 0.0}, [(0.0, row)]
        done: list[int] = []
        seen: set[int] = set()
        while heap and len(done) < size:
            distance, here = heapq.heappop(heap)
            if distance > reached[here]:
                continue
            done.append(here)
            for relation in _entries(self.by_count, here):
                if relation in seen:
                    continue
                seen.add(relation)
                for other in _entries(self.by_relation, relation):
                    far = distance + cost[other]
                    if far < reached.get(other, np.inf):
                        reached[other] = far
                        heapq.heappush(heap, (far, int(other)))
        return np.array(sorted(done))

    def solved(self, row: int, near: np.ndarray, cost: np.ndarray, most: float) -> dict[int, float] | None:
        part = self.by_count[:, near]
        bound = np.unique(part.indices)
        part = part[bound]
        low, high = np.zeros(2 * len(near)), np.append(np.full(len(near), most), np.minimum(self.values[near], most))
        place = int(np.searchsorted(near, row))
        low[place] = self.target[row] - self.values[row]
        high[len(near) + place] = 0
        both = sparse.hstack([part, -part]).tocsr()
        constraints = LinearConstraint(both, -self.fall[bound], self.rise[bound]) if part.shape[0] else ()
        solution = milp(np.append(cost, cost), constraints=constraints, bounds=Bounds(low, high)).x
        if solution is None:
            return None
        change = solution[: len(near)] - solution[len(near) :]
        return {int(near[at]): float(change[at]) for at in np.flatnonzero(np.abs(change) > _NOTHING)}


def incidence(counts: Counts) -> sparse.csr_array:
    """The relations as a matrix: a row for each, a column for each count, its sign where it is a member."""
    lengths = [len(relation.members) for relation in counts.relations]
    members = [member for relation in counts.relations for member in relation.members]
    signs = [sign for relation in counts.relations for sign in relation.signs]
    return sparse.csr_array(
        (np.array(signs, float), np.array(members, np.int32), np.append(0, np.cumsum(lengths)).astype(np.int32)),
        shape=(len(counts.relations), len(counts.vectors)),
    )


def _entries(matrix: sparse.csr_array | sparse.csc_array, line: int) -> np.ndarray:
    return matrix.indices[matrix.indptr[line] : matrix.indptr[line + 1]]
