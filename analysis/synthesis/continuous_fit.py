"""Small shifts of age and income that meet the printed statistics and the moments of table A.1 together."""

from collections.abc import Callable

import numpy as np

from .ages import BRACKETS, DAYS_PER_YEAR
from .ages import moments as age_moments
from .income import POOR_BELOW, RICH_ABOVE, RICH_BELOW
from .income import moments as income_moments
from .logit_influence import NotConverged
from .regression_fit import Problem, Sensitivity, size_of, sparse_weights
from .regression_state import BASIC_AMOUNT_GAP, RegressionState
from .targets import Targets

# Typical shift of one person: two years of age, sixty thousand NOK.
SHIFTS = {"age": 2.0, "income": 60.0}
# Multiples of the golden ratio, less their whole part, spread evenly between 0 and 1.
GOLDEN = (1 + 5**0.5) / 2
MOMENT_SIZE = {"age": 0.002, "income": 0.05}


class Moments:
    """Means and standard deviations of age and income by status group, as residuals with gradients."""

    def __init__(self, state: RegressionState, targets: Targets) -> None:
        groups = state.people["status_group"].to_numpy()
        self.groups = [(groups == name, name) for name in sorted(set(groups))]
        self.goals = {
            "age": {name: age_moments(targets, name) for _, name in self.groups},
            "income": {name: income_moments(targets, name) for _, name in self.groups},
        }

    def residuals_and_jacobian(self, name: str, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Misses in units of MOMENT_SIZE, and their derivatives with respect to each person's value."""
        residuals, rows = [], []
        for members, group in self.groups:
            mean, sd = self.goals[name][group]
            part = values[members]
            gradient_mean, gradient_sd = np.zeros(len(values)), np.zeros(len(values))
            gradient_mean[members] = 1 / len(part)
            gradient_sd[members] = (part - part.mean()) / ((len(part) - 1) * part.std(ddof=1))
            residuals += [part.mean() - mean, part.std(ddof=1) - sd]
            rows += [gradient_mean, gradient_sd]
        return np.array(residuals) / MOMENT_SIZE[name], np.array(rows) / MOMENT_SIZE[name]


def bounds(state: RegressionState, reach: float) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """How far each person may move: `reach` typical shifts, inside the age group of table 2 and on the same side of the
    basic amount. The outer limits differ from person to person, so that nobody gathers at a round value."""
    people, values = state.people, values_of(state)
    place = np.arange(len(people))
    near, far = place * GOLDEN % 1, place * GOLDEN**2 * 7 % 1
    lows = people["age_group"].map({name: low for name, (low, _) in BRACKETS.items()}).to_numpy() + 0.03 + 1.5 * near
    highs = people["age_group"].map({name: high for name, (_, high) in BRACKETS.items()}).to_numpy() - 0.03 - 1.5 * far
    poor = (people["income"] < BASIC_AMOUNT_GAP).to_numpy()
    floor = np.where(poor, 8.0 * near, RICH_ABOVE + 60.0 * near)
    ceiling = np.where(poor, POOR_BELOW - 25.0 * far, RICH_BELOW - 500.0 * far)
    shifts = {"age": reach * SHIFTS["age"], "income": 0.35 * reach * values["income"]}
    edges = {"age": (lows, highs), "income": (floor, ceiling)}
    return {
        name: (
            np.maximum(now - shifts[name], np.minimum(now, edges[name][0])),
            np.minimum(now + shifts[name], np.maximum(now, edges[name][1])),
        )
        for name, now in values.items()
    }


def values_of(state: RegressionState) -> dict[str, np.ndarray]:
    """Age in years and income in thousand NOK."""
    people = state.people
    return {"age": people["age_days"].to_numpy() / DAYS_PER_YEAR, "income": people["income"].to_numpy(dtype=float)}


def with_values(state: RegressionState, values: dict[str, np.ndarray]) -> RegressionState:
    """The state with other ages and incomes."""
    people = state.people.assign(age_days=values["age"] * DAYS_PER_YEAR, income=values["income"])
    return state.with_people(people)


def polish(
    problem: Problem,
    state: RegressionState,
    targets: Targets,
    rounds: int,
    limits: dict[str, tuple[np.ndarray, np.ndarray]],
    *,
    sparse: bool = False,
    damping: float = 1e-3,
    report: Callable[[str], None] = lambda line: None,
) -> RegressionState:
    """Gauss–Newton with the smallest shifts that meet the linearised targets, clipped to `limits`.

    Lowers Σ miss², or with `sparse` Σ |miss| by reweighting, which meets many statistics exactly and leaves the misses
    to those that the people at hand cannot give. Shifts are measured in SHIFTS. A step that does not lower the sum is
    shortened; after a step that cannot be used the damping grows.
    """
    moments, starts = Moments(state, targets), {}
    best = _total(problem, state, moments, starts, sparse)
    for number in range(rounds):
        step = _step(problem, state, moments, damping, limits, starts, sparse)
        made = False
        for length in (1.0, 0.5, 0.25, 0.1):
            values = {name: np.clip(now + length * step[name], *limits[name]) for name, now in values_of(state).items()}
            candidate = with_values(state, values)
            total = _total(problem, candidate, moments, dict(starts), sparse)
            if total < best:
                state, best, made = candidate, total, True
                break
        damping = damping * (0.5 if made and length == 1.0 else 3.0)
        report(f"age and income, round {number}: {'Σ |miss|' if sparse else 'Σ miss²'} {best:.2f}")
        if damping > 1e6:
            break
    return state


def _total(problem: Problem, state: RegressionState, moments: Moments, starts: dict, sparse: bool) -> float:
    try:
        misses = problem.residuals(state, starts)
    except NotConverged:
        return np.inf
    parts = [moments.residuals_and_jacobian(name, values)[0] for name, values in values_of(state).items()]
    closeness = np.concatenate(parts)
    return size_of(misses, sparse) + float(closeness @ closeness)


def _step(
    problem: Problem,
    state: RegressionState,
    moments: Moments,
    damping: float,
    limits: dict,
    starts: dict,
    sparse: bool,
) -> dict[str, np.ndarray]:
    """Damped least-squares shift: S²J′(JS²J′ + damping·I)⁻¹(−r). People at a bound that blocks them stay."""
    fits = problem.fits(state, starts)
    residuals = problem.residuals(state, starts)
    sensitivity = Sensitivity(problem, state, fits)
    values, sizes, columns, extra = values_of(state), [], [], []
    for name in ("age", "income"):
        nudge = 0.05 * SHIFTS[name]
        changed = with_values(state, values | {name: values[name] + nudge})
        slope = sensitivity.change(changed.people).T / nudge
        part, jacobian = moments.residuals_and_jacobian(name, values[name])
        columns.append(
            np.vstack([slope, *(jacobian if other == name else np.zeros_like(jacobian) for other in values)])
        )
        extra.append(part)
        low, high = limits[name]
        free = (values[name] > low + 1e-9) & (values[name] < high - 1e-9)
        sizes.append(np.where(free, SHIFTS[name], SHIFTS[name] / 20))
    jacobian, size = np.hstack(columns), np.concatenate(sizes)
    misses = np.concatenate([residuals, *extra])
    # What is met within the rounding needs no equation of its own.
    open_ones = (misses != 0) | (np.arange(len(misses)) >= len(residuals))
    jacobian, misses = jacobian[open_ones], misses[open_ones]
    if sparse:
        # Iteratively reweighted least squares for Σ |miss|.
        weights = sparse_weights(misses)
        jacobian, misses = jacobian * weights[:, None], misses * weights
    scaled = jacobian * size
    gram = scaled @ scaled.T
    gram[np.diag_indices_from(gram)] += damping * np.trace(gram) / len(gram)
    shift = -size * (scaled.T @ np.linalg.solve(gram, misses))
    return dict(zip(("age", "income"), np.split(shift, 2), strict=True))


def with_exact_moments(state: RegressionState, targets: Targets) -> RegressionState:
    """Means and standard deviations of table A.1 to the last digit, by a last small shift and stretch per group.

    People with an income below the basic amount stay where they are.
    """
    values, poor = values_of(state), (state.people["income"] < BASIC_AMOUNT_GAP).to_numpy()
    movable = {"age": np.ones(len(poor), dtype=bool), "income": ~poor}
    goals = Moments(state, targets)
    settled = {}
    for name, now in values.items():
        new = now.copy()
        for members, group in goals.groups:
            chosen, fixed = members & movable[name], members & ~movable[name]
            mean, sd = goals.goals[name][group]
            new[chosen] = _stretched(now[chosen], now[fixed], mean, sd)
        settled[name] = new
    return with_values(state, settled)


def _stretched(free: np.ndarray, fixed: np.ndarray, mean: float, sd: float) -> np.ndarray:
    """`free` shifted and stretched so that both together have this mean and standard deviation."""
    size = len(free) + len(fixed)
    part_mean = (mean * size - fixed.sum()) / len(free)
    squares = sd**2 * (size - 1) + mean**2 * size - (fixed**2).sum() - part_mean**2 * len(free)
    return part_mean + (free - free.mean()) * np.sqrt(squares / ((free - free.mean()) ** 2).sum())
