"""Small shifts of age and income that meet the printed statistics and the moments of table A.1 together."""

import numpy as np
from scipy import sparse

from analysis.calibration import cheapest

from .ages import BRACKETS
from .ages import moments as age_moments
from .income import POOR_BELOW, RICH_ABOVE, RICH_BELOW
from .income import moments as income_moments
from .regression_fit import MARGIN, OUT_OF_REACH, Problem, Sums
from .regression_state import AT, BASIC_AMOUNT_GAP, RegressionState
from .targets import Targets

COLUMNS = ("age", "income_year_before_inclusion_1000nok")
MOMENTS = (age_moments, income_moments)
# Typical shift of one person: two years of age, sixty thousand NOK, of an income no more than this share.
TYPICAL = (2.0, 60.0)
SHARE_OF_INCOME = 0.35
# Multiples of the golden ratio, less their whole part, spread evenly between 0 and 1.
GOLDEN = (1 + 5**0.5) / 2
# Prices in the linear programme, in units of a miss: a typical shift; a moment that is missed.
PRICE, MOMENT = 1e-4, 5000.0


def shifted(problem: Problem, state: RegressionState, targets: Targets, reach: float) -> RegressionState:
    """Ages and incomes shifted by at most `reach` typical shifts, so that Σ |miss| is least.

    A linear programme at the present state: it meets many statistics exactly and leaves the misses to those that the
    people at hand cannot give, small ones if it can. Means and standard deviations of table A.1 stay.
    """
    sums = Sums(problem, state)
    slopes = np.vstack([_slopes(sums, state, column) for column in COLUMNS]) / problem.sizes
    low, high = _room(state, reach)
    gradients, gaps = _moments(state, targets)
    free = np.flatnonzero(high - low > 1e-9)
    answer = _least_misses(problem, sums.misses, slopes[free], (low[free], high[free]), gradients[:, free], gaps)
    steps = np.zeros(len(high))
    steps[free] = answer
    years, income = np.split(steps, 2)
    return state.shifted(years * TYPICAL[0], income * TYPICAL[1])


def _least_misses(
    problem: Problem,
    misses: np.ndarray,
    slopes: np.ndarray,
    room: tuple[np.ndarray, np.ndarray],
    gradients: np.ndarray,
    gaps: np.ndarray,
) -> np.ndarray:
    """The shifts within their room that leave the smallest Σ |miss| and close the gaps of the moments; none if the
    programme has no answer. Every shift and every miss is split in two parts, each with its price: shifts in up and
    down, misses in what is within reach and what is not."""
    count, cells = slopes.shape
    slack, moment_slack = sparse.identity(cells), sparse.identity(len(gaps))
    effect, moment = sparse.csr_matrix(slopes.T), sparse.csr_matrix(gradients)
    limits = sparse.bmat(
        [
            [effect, -effect, -slack, -slack, None],
            [-effect, effect, -slack, -slack, None],
            [moment, -moment, None, None, -moment_slack],
            [-moment, moment, None, None, -moment_slack],
        ],
        format="csr",
    )
    hidden, now = MARGIN * problem.hidden / problem.sizes, misses / problem.sizes
    within_reach = np.maximum(problem.reach / problem.sizes - hidden, 0)
    prices = [(2 * count, PRICE), (cells, 1.0), (cells, OUT_OF_REACH), (len(gaps), MOMENT)]
    most = np.concatenate([room[1], -room[0], within_reach, np.full(cells + len(gaps), np.inf)])
    found = cheapest(
        np.concatenate([np.full(size, price) for size, price in prices]),
        (limits, np.concatenate([hidden - now, hidden + now, gaps, -gaps])),
        np.column_stack([np.zeros(len(most)), most]),
        method="highs-ipm",
    )
    return np.zeros(count) if found is None else found[0][:count] - found[0][count : 2 * count]


def _slopes(sums: Sums, state: RegressionState, column: str) -> np.ndarray:
    """What a typical shift of each person does to the misses, by a twentieth of it."""
    typical = TYPICAL[COLUMNS.index(column)]
    rows = state.rows.copy()
    rows[:, AT[column]] += typical / 20
    return (sums.of(rows) - sums.own) * 20


def _room(state: RegressionState, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """How far each person's age, then income, may move down and up, in typical shifts.

    `reach` typical shifts, inside the age group of table 2 and on the same side of the basic amount. The outer limits
    differ from person to person, so that nobody gathers at a round value. Whoever is in no model stays.
    """
    age, income = (state.rows[:, AT[column]] for column in COLUMNS)
    place = np.arange(len(age))
    near, far = place * GOLDEN % 1, place * GOLDEN**2 * 7 % 1
    edges = np.array([low for low, _ in BRACKETS.values()] + [list(BRACKETS.values())[-1][1]])
    bracket = np.digitize(age, edges[1:-1])
    poor = income < BASIC_AMOUNT_GAP
    floors = (edges[bracket] + 0.03 + 1.5 * near, np.where(poor, 8.0 * near, RICH_ABOVE + 60.0 * near))
    tops = (edges[bracket + 1] - 0.03 - 1.5 * far, np.where(poor, POOR_BELOW - 25.0 * far, RICH_BELOW - 500.0 * far))
    most = (np.full(len(age), reach), np.minimum(reach, SHARE_OF_INCOME * reach * income / TYPICAL[1]))
    inside = state.rows[:, AT["in_models"]] > 0
    lows, highs = [], []
    for now, floor, top, step, typical in zip((age, income), floors, tops, most, TYPICAL, strict=True):
        lows.append(np.where(inside, np.maximum(-step, np.minimum(floor - now, 0) / typical), 0))
        highs.append(np.where(inside, np.minimum(step, np.maximum(top - now, 0) / typical), 0))
    return np.concatenate(lows), np.concatenate(highs)


def _moments(state: RegressionState, targets: Targets) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of means and standard deviations by status group with respect to the shifts, and what is missing to
    table A.1, both in tenths of a typical shift."""
    groups = state.first["status_group"].to_numpy()
    size = len(groups)
    gradients, gaps = [], []
    for number, (column, typical, moments) in enumerate(zip(COLUMNS, TYPICAL, MOMENTS, strict=True)):
        values = state.rows[:, AT[column]]
        for group in sorted(set(groups)):
            members = np.flatnonzero(groups == group)
            part, places = values[members], members + number * size
            mean, sd = moments(targets, group)
            by_mean, by_sd = np.zeros((2, 2 * size))
            by_mean[places] = 10 / len(part)
            by_sd[places] = 10 * (part - part.mean()) / ((len(part) - 1) * part.std(ddof=1))
            gradients += [by_mean, by_sd]
            gaps += [10 * (mean - part.mean()) / typical, 10 * (sd - part.std(ddof=1)) / typical]
    return np.array(gradients), np.array(gaps)


def with_exact_moments(state: RegressionState, targets: Targets) -> RegressionState:
    """Means and standard deviations of table A.1 to the last digit, by a last small shift and stretch per group.

    People with an income below the basic amount stay where they are.
    """
    groups = state.first["status_group"].to_numpy()
    poor = state.rows[:, AT[COLUMNS[1]]] < BASIC_AMOUNT_GAP
    changes, all_of_them = [], np.ones_like(poor)
    for column, moments, movable in zip(COLUMNS, MOMENTS, (all_of_them, ~poor), strict=True):
        now = state.rows[:, AT[column]]
        new = now.copy()
        for group in sorted(set(groups)):
            chosen, fixed = (groups == group) & movable, (groups == group) & ~movable
            new[chosen] = _stretched(now[chosen], now[fixed], *moments(targets, group))
        changes.append(new - now)
    return state.shifted(*changes)


def _stretched(free: np.ndarray, fixed: np.ndarray, mean: float, sd: float) -> np.ndarray:
    """`free` shifted and stretched so that both together have this mean and standard deviation."""
    size = len(free) + len(fixed)
    part_mean = (mean * size - fixed.sum()) / len(free)
    squares = sd**2 * (size - 1) + mean**2 * size - (fixed**2).sum() - part_mean**2 * len(free)
    return part_mean + (free - free.mean()) * np.sqrt(squares / ((free - free.mean()) ** 2).sum())
