"""Linear programmes, in divisible and in whole numbers: the one place where the package asks a solver for them."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

Matrix = np.ndarray | sparse.sparray | sparse.spmatrix
INFEASIBLE = 2  # the solver's number for a programme that it has proved to have no answer


def cheapest(
    price: np.ndarray,
    at_most: tuple[Matrix, np.ndarray],
    bounds: np.ndarray | Sequence[tuple],
    equal: tuple[Matrix, np.ndarray] | None = None,
    method: str = "highs",
) -> tuple[np.ndarray, float] | None:
    """Numbers x of least price with A·x ≤ b (`at_most`) and E·x = e (`equal`), and that price; None without."""
    equal = equal or (None, None)
    result = linprog(price, *at_most, *equal, bounds=bounds, method=method)
    return None if result.x is None else (result.x, float(result.fun))


def cheapest_whole(
    price: np.ndarray,
    rows: Sequence[tuple[Matrix, np.ndarray, np.ndarray]],
    low: np.ndarray | float,
    high: np.ndarray | float,
    whole: np.ndarray,
    **options: float,
) -> tuple[np.ndarray | None, bool]:
    """x of least price with each (matrix, least, most) of `rows` met, low ≤ x ≤ high, whole numbers where `whole` is 1.

    Also whether it is proved that there is none: a limit may end the search before. Limits count nodes, not seconds,
    so that the speed of a machine decides nothing.
    """
    limits = [LinearConstraint(*row) for row in rows]
    result = milp(price, constraints=limits, integrality=whole, bounds=Bounds(low, high), options=options)
    return result.x, result.status == INFEASIBLE
