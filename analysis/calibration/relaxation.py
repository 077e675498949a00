"""Many changes at once: a linear programme over their effects, as if a change could be made in part, then rounding."""

import numpy as np
from scipy import sparse

from .programmes import cheapest
from .puzzle import Candidates, Puzzle, Sums, Values, candidates

# Price of a change, in half widths missed: none is made for nothing.
PRICE = 1e-3
ROUNDINGS = 400


def relaxed(
    effect: np.ndarray, low: np.ndarray, high: np.ndarray, once: sparse.sparray, price: float, method: str
) -> np.ndarray:
    """The share of each change in the best answer, 0 to 1; zeros if the programme has none.

    `effect`: changes × cells, what each does; `low` and `high`: how much the cells have to move at least and at most;
    `once`: people × changes, whom each concerns: nobody is in more than one. Minimises Σ |miss| + `price` · changes.
    """
    count, cells = effect.shape
    matrix, slack = sparse.csr_matrix(effect.T), sparse.identity(cells, format="csr")
    limits = sparse.bmat([[matrix, -slack], [-matrix, -slack], [once, None]], format="csr")
    found = cheapest(
        np.concatenate([np.full(count, price), np.ones(cells)]),
        (limits, np.concatenate([high, -low, np.ones(once.shape[0])])),
        [(0, 1)] * count + [(0, None)] * cells,
        method=method,
    )
    return np.zeros(count) if found is None else found[0][:count].clip(0, 1)


def programme(puzzle: Puzzle, values: Values, rng: np.random.Generator, size: int = 900, margin: float = 0.3) -> Values:
    """Values after the best set of candidate changes, by a linear programme over their effects, rounded.

    Minimises the distances from the rounding intervals, drawn in by `margin` of their width, with each person in at
    most one change. The programme is linear because a small change moves every figure almost in proportion; its few
    fractional answers are rounded at random, and the best of many roundings is kept.
    """
    sums = puzzle.sums(values)
    found = candidates(puzzle, values, rng, size)
    now = puzzle.cells(sums[None, :])[0]
    effect = puzzle.cells(sums + found.change) - now
    half = (puzzle.high - puzzle.low) / 2
    low, high = (puzzle.low - now) / half + margin, (puzzle.high - now) / half - margin
    share = relaxed(effect / half, low, high, _once(found, len(values)), PRICE, "highs-ds")
    return _rounded(puzzle, values, sums, found, share, rng)


def _once(found: Candidates, people: int) -> sparse.csr_matrix:
    """Whom each change concerns: people × changes."""
    moves = len(found.first)
    places = np.concatenate([found.first, np.where(found.second >= 0, found.second, found.first)])
    once = sparse.csr_matrix(
        (np.ones(2 * moves), (found.rows[places], np.tile(np.arange(moves), 2))), shape=(people, moves)
    )
    once.data[:] = 1.0
    return once


def _rounded(
    puzzle: Puzzle, values: Values, sums: Sums, found: Candidates, share: np.ndarray, rng: np.random.Generator
) -> Values:
    options = rng.random((ROUNDINGS, len(share))) < share
    owners = np.where(found.second >= 0, found.rows[found.second], -1)
    options = _one_change_each(options, found.rows[found.first], owners)
    costs = puzzle.cost(sums + options @ found.change)
    return found.apply(values, np.flatnonzero(options[int(np.argmin(costs))]))


def _one_change_each(options: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Drop from each rounding the changes that touch a person already changed."""
    options = options.copy()
    for option in options:
        taken: set[int] = set()
        for place in np.flatnonzero(option):
            people = {int(first[place]), int(second[place])} - {-1}
            if people & taken:
                option[place] = False
            taken |= people
    return options
