"""What must not be told so that no count of a few people is found out: secondary cell suppression as an optimisation.

A count is protected when another solution of all that an outsider knows (what is told, how counts add up, that none is
negative) has at least `threshold` people there. Which further counts to hide for that, at least cost, is the cell
suppression problem: Fischetti and Salazar, "Solving the cell suppression problem on tabular data with linear
constraints", Management Science 47 (2001) 1008-1027; counts are taken one after another, what is hidden already being
free, as in Kelly, Golden and Assad, "Cell suppression: disclosure protection for sensitive tabular data", Networks 22
(1992) 397-417, and a last pass tells again what no count needs. Solutions need not be whole people, as
in that literature: an outsider who reckons in whole people may bound a count a little closer.
"""

import numpy as np

from analysis.show.disclosure.moves import Moves
from analysis.show.disclosure.relations import Counts

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
        self.beside: dict[int, list[int]] = {}  # of a pair that is told apart by the one row, the other
        for pair in counts.nearly:
            self.tell_apart(pair)
        self.moves: dict[int, dict[int, float]] = {}
        self.failed = np.zeros(len(self.values), int)
        self.solver = Moves(counts)

    def tell_apart(self, pair: tuple[int, int]) -> None:
        """Hides one of two counts of nearly the same people, the cheaper, if none is hidden, nor derived and so not
        shown: it has to be possibly another.

        One that an earlier release told is not hidden any more, so that it has to be the other.
        """
        counts, told = self.counts, self.counts.shown & ~self.hidden
        row = min(pair, key=lambda row: (counts.known[row], told[row], counts.weight[row], row))
        self.beside.setdefault(row, []).append(pair[pair[0] == row])
        self.blur(row)

    def blur(self, row: int) -> None:
        """Has a row be possibly one more."""
        self.hidden[row] |= self.counts.shown[row]
        self.sensitive[row] = True
        self.target[row] = max(self.target[row], self.values[row] + 1)

    def order(self) -> list[int]:
        """The smallest first: they need the most."""
        rows = np.flatnonzero(self.sensitive & ~self.counts.known).tolist()
        return sorted(rows, key=lambda row: (self.values[row], row))

    def protect(self, row: int) -> None:
        """Hides what the row needs at the least cost that is found; where earlier releases tell too much, what the
        other row of a pair needs, or nothing."""
        move = self.move(row, np.maximum(self.counts.weight, _FREE))
        self.keep(row, move or {row: 0.0})
        for other in [] if move else self.beside.pop(row, []):
            if other not in self.moves and not self.counts.known[other]:
                self.blur(other)
                self.protect(other)
        moved = np.array(list(self.moves[row]))
        self.hidden[moved[self.counts.shown[moved]]] = True

    def keep(self, row: int, move: dict[int, float]) -> None:
        """The move protects the row, and whichever other sensitive row it lifts to the threshold."""
        self.moves[row] = move
        for other, change in move.items():
            if self.sensitive[other] and self.values[other] + change >= self.target[other] - _NOTHING:
                self.moves.setdefault(other, move)

    def tell_again(self) -> None:
        """Tells again, the dearest first, what was hidden for others that can do without it."""
        helpers = np.flatnonzero(self.hidden & ~self.sensitive)
        for helper in sorted(helpers.tolist(), key=lambda row: (-self.counts.weight[row], row)):
            self.hidden[helper] = False
            moves = self.without(helper)
            self.hidden[helper] = moves is None
            self.moves |= moves or {}

    def without(self, helper: int) -> dict[int, dict[int, float]] | None:
        """New moves for the rows that this one helps, or None if one of them, often the same, cannot do without it."""
        told = np.full(len(self.values), np.inf)
        moves: dict[int, dict[int, float]] = {}
        helped = [row for row, move in self.moves.items() if helper in move]
        for row in sorted(helped, key=lambda row: -self.failed[row]):
            known = (move for move in moves.values() if self.lifts(row, move))
            move = next(known, None) or self.move(row, told)
            if move is None:
                self.failed[row] += 1
                return None
            moves[row] = move
        return moves

    def lifts(self, row: int, move: dict[int, float]) -> bool:
        """Whether the row has as many people as may be told of after the move."""
        return self.values[row] + move.get(row, 0) >= self.target[row] - _NOTHING

    def move(self, row: int, cost: np.ndarray) -> dict[int, float] | None:
        """The cheapest change of the counts that lifts the row to the threshold, those untold being nearly free."""
        untold = self.hidden & ~self.counts.known | ~self.counts.shown
        return self.solver.cheapest(row, self.target[row] - self.values[row], np.where(untold, _FREE, cost))
