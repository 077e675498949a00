"""Nine logits with one set of people: exchange covariates and outcomes until the printed statistics come out.

The misses of all statistics are sums over people as long as the coefficients stay those behind the print
(`logit_influence`), so that thousands of exchanges are judged at once without fitting anything. Linear programmes
choose many exchanges together, a walk that ever more strictly prefers improvements repairs what rounding them spoils,
and small shifts of age and income (`continuous_fit`) meet what is left.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.calibration import Contributions, NotConverged, drawn, fitted_logit, logit_statistics, relaxed

from .logit_models import LogitModel
from .regression_moves import NOBODY, Moves, Proposer
from .regression_state import AT, RegressionState, used

# How large a miss counts as one: effects and R² on the probability scale, z in standard errors.
EFFECT_SCALE, Z_SCALE, R2_SCALE = 0.001, 0.05, 0.0005
# The part of what rounding hides that the search may use.
MARGIN = 0.8
# Where a miss ceases to be small: effects and R² on the probability scale, z in standard errors.
REACH = {"effect": 0.00095, "z": 0.147, "r2": 0.00095}
# How many times what is out of reach counts: in sums of misses, and in sums of squares from the first fine round to the
# last.
OUT_OF_REACH, FAR = 100.0, (20.0, 400.0)


def scales(model: LogitModel) -> np.ndarray:
    """The size of a miss that counts as one, per statistic of a model: less for a year of age or a thousand NOK."""
    size = np.full(len(model.terms), EFFECT_SCALE)
    size[["income" in term and "below" not in term for term in model.terms]] = EFFECT_SCALE / 50
    size[["age" in term.split("_") for term in model.terms]] = EFFECT_SCALE / 10
    return np.concatenate([size, np.full(len(model.terms), Z_SCALE), [R2_SCALE]])


def printed(model: LogitModel) -> np.ndarray:
    """Printed effects, z values and R²."""
    return np.concatenate([model.effects, model.z, [model.r2]])


def tolerances(model: LogitModel) -> np.ndarray:
    """What rounding hides: half a unit in the last place. Zeros at the end that the print drops count as printed."""
    effects = 0.5 * 10.0 ** -np.maximum(model.effect_places, 4)
    z = 0.5 * 10.0 ** -np.maximum(model.z_places, 2)
    return np.concatenate([effects, z, [0.5e-4]])


def reaches(model: LogitModel) -> np.ndarray:
    """Where a miss ceases to be small, per statistic of a model."""
    terms = len(model.terms)
    return np.concatenate([np.full(terms, REACH["effect"]), np.full(terms, REACH["z"]), [REACH["r2"]]])


@dataclass(frozen=True)
class Problem:
    """The models, the printed values of their statistics one after the other, the size of a miss that counts as one,
    what rounding hides, and where a miss ceases to be small. `far` is how many times more the search counts what of a
    miss is out of reach."""

    models: list[LogitModel]
    goals: np.ndarray
    sizes: np.ndarray
    hidden: np.ndarray
    reach: np.ndarray
    far: float = 0.0

    @classmethod
    def of(cls, models: list[LogitModel]) -> "Problem":
        """All statistics of all models."""
        parts = ([function(model) for model in models] for function in (printed, scales, tolerances, reaches))
        return cls(models, *(np.concatenate(part) for part in parts))

    def beyond(self, misses: np.ndarray) -> np.ndarray:
        """How far misses (one row or many) go beyond the rounding, in units of `sizes`."""
        return np.maximum(np.abs(misses) - MARGIN * self.hidden, 0) / self.sizes

    def cost(self, misses: np.ndarray) -> np.ndarray:
        """Σ miss² beyond the rounding, more for what is out of reach; of one row of misses or of many."""
        out = np.maximum(np.abs(misses) - self.reach, 0) / self.sizes
        return (self.beyond(misses) ** 2 + self.far * out**2).sum(axis=-1)

    def fitted_misses(self, state: RegressionState) -> np.ndarray:
        """Misses of all statistics after fitting the models."""
        base, parts = state.base(), []
        for model in self.models:
            rows = state.used(model.outcome)
            parts.append(logit_statistics(fitted_logit(model, base[rows], state.outcome(model.outcome)[rows])))
        return np.concatenate(parts) - self.goals


class Sums:
    """The misses at one state, and what every person contributes to them.

    The misses are those of the fitted models. Where a first draw leaves a model without a maximum, they are foretold.
    """

    def __init__(self, problem: Problem, state: RegressionState) -> None:
        self.problem = problem
        base = state.base()
        self.parts = []
        for model in problem.models:
            rows = state.used(model.outcome)
            self.parts.append(Contributions(model, base[rows], state.outcome(model.outcome)[rows]))
        try:
            self.misses = problem.fitted_misses(state)
        except NotConverged:
            self.misses = np.concatenate([part.misses for part in self.parts])
        self.own = self.of(state.rows)

    def of(self, rows: np.ndarray) -> np.ndarray:
        """Contributions of rows of the people matrix to all statistics: rows × statistics."""
        parts = []
        for part in self.parts:
            outcome = part.model.outcome
            contributions = part.of(rows[:, : AT["sfj_vs_control"] + 1], rows[:, AT[outcome]])
            parts.append(contributions * used(rows, outcome)[:, None])
        return np.hstack(parts)

    def changes(self, moves: Moves, rows: np.ndarray) -> np.ndarray:
        """What each move alone does to the misses: moves × statistics."""
        taking = moves.people != NOBODY
        changed = np.zeros((*moves.people.shape, len(self.misses)))
        changed[taking] = self.of(moves.new_rows(rows)[taking]) - self.own[moves.people[taking]]
        return changed.sum(axis=1)


@dataclass(frozen=True)
class Walk:
    """How a walk goes: steps, exchanges proposed at each, and the temperature at its beginning and end."""

    steps: int
    proposed: int
    heat: tuple[float, float]


# Steps after which means and information matrices are worked out anew.
RENEWAL = 100


def walk(
    problem: Problem, state: RegressionState, proposer: Proposer, plan: Walk, rng: np.random.Generator
) -> RegressionState:
    """Exchanges one after the other that lower the cost, or raise it by no more than the temperature lets pass.

    At each step one of the proposed exchanges is drawn with probability proportional to exp(−cost / temperature).
    """
    for step, heat in enumerate(np.geomspace(*plan.heat, plan.steps)):
        if step % RENEWAL == 0:
            sums = Sums(problem, state)
            misses, cost = sums.misses, float(problem.cost(sums.misses))
        moves = proposer.draw(state, plan.proposed, rng)
        changes = sums.changes(moves, state.rows)
        costs = problem.cost(misses + changes)
        chosen = drawn(costs, heat, rng)
        if costs[chosen] - cost > 4 * heat:
            continue
        state = moves.made(state, chosen)
        misses, cost = misses + changes[chosen], float(costs[chosen])
        who = moves.people[chosen][moves.people[chosen] != NOBODY]
        sums.own[who] = sums.of(state.rows[who])
    return state


# Price of an exchange in a linear programme, in units of a miss: none is made for nothing.
PRICE = 2e-3
ROUNDINGS = 40
# Shares in its answer that count as nothing, and as all.
NEGLIGIBLE, SURE = 0.005, 0.97


def programme(
    problem: Problem, state: RegressionState, proposer: Proposer, size: int, kept: int, rng: np.random.Generator
) -> RegressionState:
    """The state after the best set of exchanges, as a linear programme finds it.

    Of `size` proposed ones it may choose among the `kept` that alone do the least harm. Minimises Σ |miss| beyond the
    rounding with nobody in more than one exchange. Fractional answers are rounded in random order, and the best of
    many roundings is kept.
    """
    sums = Sums(problem, state)
    moves = proposer.draw(state, size, rng)
    changes = sums.changes(moves, state.rows)
    harm = problem.cost(sums.misses + changes)
    mildest = np.argsort(harm, kind="stable")[:kept]
    moves, changes = moves.take(mildest), changes[mildest]
    share = _relaxed(problem, sums.misses, moves, changes, len(state.rows))
    best, best_cost = [], np.inf
    for _ in range(ROUNDINGS):
        chosen, reached = _rounded(problem, sums.misses, moves, changes, share, rng)
        cost = float(problem.cost(reached))
        if cost < best_cost:
            best, best_cost = chosen, cost
    for number in best:
        state = moves.made(state, number)
    return state


def _relaxed(problem: Problem, misses: np.ndarray, moves: Moves, changes: np.ndarray, people: int) -> np.ndarray:
    """Share of each move in the linear programme's answer."""
    number, place = np.nonzero(moves.people != NOBODY)
    shape = (people, len(changes))
    once = sparse.csr_matrix((np.ones(len(number)), (moves.people[number, place], number)), shape=shape)
    room, now = MARGIN * problem.hidden / problem.sizes, misses / problem.sizes
    return relaxed(changes / problem.sizes, -(room + now), room - now, once, PRICE, "highs-ipm")


def _rounded(
    problem: Problem,
    misses: np.ndarray,
    moves: Moves,
    changes: np.ndarray,
    share: np.ndarray,
    rng: np.random.Generator,
) -> tuple[list[int], np.ndarray]:
    """Moves to make, and the misses that remain: each in turn is made or dropped, whichever leaves the lower
    cost while those after it keep their shares. The surer ones come first, and nobody is in two of them."""
    share = np.where(share < NEGLIGIBLE, 0.0, share)
    now = misses + share @ changes
    order = rng.permutation(np.flatnonzero(share))
    chosen, taken = [], np.zeros(1 + moves.people.max(), dtype=bool)
    for number in order[np.argsort(share[order] <= SURE, kind="stable")]:
        own = moves.people[number][moves.people[number] != NOBODY]
        options = now + np.outer([-share[number], 1 - share[number]], changes[number])
        costs = problem.cost(options)
        make = not taken[own].any() and costs[1] < costs[0]
        now = options[int(make)]
        if make:
            taken[own] = True
            chosen.append(int(number))
    return chosen, now
