"""What an outsider can find out about counts that are not told: bounds by linear programming.

The attack of Fischetti and Salazar (2001), second part: the least and the greatest value of each untold count given all
that is told, the relations, and that no count is negative.
"""

from collections.abc import Iterable, Iterator

import highspy
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from analysis.show.disclosure.moves import PRIMAL, incidence, programme
from analysis.show.disclosure.relations import Counts

_UNBOUNDED = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)


def ranges(
    counts: Counts, hidden: np.ndarray, of: Iterable[int] | None = None, enough: float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest number of people, a value per row; equal for what is told, infinite where unbounded.

    `of`: the rows to attack, by default all that are not told; the other untold rows are given as 0 to infinity.
    Bounds are rounded inwards to whole people. `enough`: a row that is seen to be possibly so many and possibly fewer
    than that, in solutions for others, is not looked at for itself; its range is then the one that was seen.
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
        inside = wanted[part]
        low[part[inside]], high[part[inside]] = _ranges(relations[:, part], least, most, inside, enough)
    return low, high


def exposed(counts: Counts, hidden: np.ndarray, threshold: int = 5) -> np.ndarray:
    """Rows of 1 to `threshold` - 1 people that an outsider can tell exactly, or tell to be so few; and counts that he
    can set beside others of nearly the same people, on another page or in an earlier release.

    Past help is what earlier releases told, and what follows from them as closely with nothing of this report told.
    """
    few = np.flatnonzero(counts.sensitive(threshold) & ~counts.known)
    pairs = np.array(counts.nearly, int).reshape(-1, 2)
    pairs = pairs[~counts.known[pairs].all(axis=1)]
    low, high = ranges(counts, hidden, {*few.tolist(), *pairs.ravel().tolist()}, threshold)
    known = low == high
    alone, together = few[(high[few] < threshold) | known[few]], pairs[known[pairs].all(axis=1)]
    if counts.known.any():
        before = ranges(counts, counts.shown, {*alone.tolist(), *together.ravel().tolist()})
        is_past = (before[0] == low) & (before[1] == high)
        alone, together = alone[~is_past[alone]], together[~is_past[together].all(axis=1)]
    return np.unique([*alone, *together[:, 0]]).astype(int)


def _components(counts: Counts, untold: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Groups of untold counts that relations link, with the rows of their relations."""
    matrix = incidence(counts).tocsc()
    rows = np.flatnonzero(untold)
    linked = matrix[:, rows]
    number, label = connected_components(linked.T @ linked, directed=False)
    for component in range(number):
        part = rows[label == component]
        yield part, np.unique(matrix[:, part].indices)


def _ranges(
    relations: sparse.csc_array, least: np.ndarray, most: np.ndarray, wanted: np.ndarray, enough: float
) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest value of the wanted ones, or what was seen; each goes on from the last solution."""
    solver = programme(np.full(len(wanted), np.inf), relations, least, most)
    solver.setOptionValue("simplex_strategy", PRIMAL)
    low, high = np.full(len(wanted), np.inf), np.full(len(wanted), -np.inf)
    for place in np.flatnonzero(wanted).tolist():
        for direction in (-1.0, 1.0):
            if high[place] >= enough and low[place] < high[place]:
                break
            solver.changeColCost(place, direction)
            solver.run()
            if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                solution = np.array(solver.getSolution().col_value)
                low, high = np.fmin(low, np.ceil(solution - 1e-6)), np.fmax(high, np.floor(solution + 1e-6))
            elif solver.getModelStatus() in _UNBOUNDED:  # the last perhaps only: the truth is a solution
                high[place] = np.inf
            solver.changeColCost(place, 0.0)
    return low[wanted], high[wanted]
