"""What an outsider can find out about counts that are not told: bounds by linear programming.

The attack of Fischetti and Salazar (2001), second part: the least and the greatest value of each untold count given all
that is told, the relations, and that no count is negative.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from analysis.show.disclosure.relations import Counts
from analysis.show.disclosure.suppression import incidence


def ranges(counts: Counts, hidden: np.ndarray, of: Iterable[int] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest number of people, a value per row; equal for what is told, infinite where unbounded.

    `of`: the rows to attack, by default all that are not told; the other untold rows are given as 0 to infinity.
    Bounds are rounded inwards to whole people.
    """
    untold = np.asarray(hidden, bool) & ~counts.known | ~counts.shown
    low, high = counts.values.astype(float), counts.values.astype(float)
    low[untold], high[untold] = 0, np.inf
    wanted = untold if of is None else np.isin(np.arange(len(untold)), np.fromiter(of, int)) & untold
    matrix, equal = incidence(counts).tocsr(), np.array([relation.is_equal for relation in counts.relations], bool)
    for part, those in _components(counts, untold):
        relations = matrix[those].tocsc()
        least = -relations[:, ~untold] @ counts.values[~untold]
        most = np.where(equal[those], least, np.inf)
        for row in part[wanted[part]]:
            low[row], high[row] = _range(relations[:, part], least, most, int(np.searchsorted(part, row)))
    return low, high


def exposed(counts: Counts, hidden: np.ndarray, threshold: int = 5) -> np.ndarray:
    """Rows of 1 to `threshold` - 1 people that an outsider can tell exactly, or tell to be so few; and counts that he
    can set beside others of nearly the same people, on another page or in an earlier release.

    Counts that earlier releases told are past help, each and two of them together.
    """
    few = np.flatnonzero(counts.sensitive(threshold) & ~counts.known)
    pairs = np.array(counts.nearly, int).reshape(-1, 2)
    pairs = pairs[~counts.known[pairs].all(axis=1)]
    low, high = ranges(counts, hidden, {*few.tolist(), *pairs.ravel().tolist()})
    known = low == high
    return np.unique([*few[(high[few] < threshold) | known[few]], *pairs[known[pairs].all(axis=1), 0]]).astype(int)


def _components(counts: Counts, untold: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Groups of untold counts that relations link, with the rows of their relations."""
    matrix = incidence(counts).tocsc()
    rows = np.flatnonzero(untold)
    linked = matrix[:, rows]
    number, label = connected_components(linked.T @ linked, directed=False)
    for component in range(number):
        part = rows[label == component]
        yield part, np.unique(matrix[:, part].indices)


def _range(relations: sparse.csc_array, least: np.ndarray, most: np.ndarray, place: int) -> tuple[float, float]:
    direction = np.zeros(relations.shape[1])
    direction[place] = 1
    constraints = LinearConstraint(relations, least, most) if relations.shape[0] else ()
    bounds = Bounds(0, np.inf)
    low, high = (milp(sign * direction, constraints=constraints, bounds=bounds) for sign in (1, -1))
    # A solver may call an unbounded problem "infeasible or unbounded"; it is feasible, the truth being a solution.
    top = np.inf if high.x is None else np.floor(-high.fun + 1e-6)
    return np.ceil(low.fun - 1e-6), top
