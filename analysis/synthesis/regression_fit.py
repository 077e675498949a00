"""Nine logits with one set of people: exchange covariates and outcomes until the printed statistics come out.

Two people of one cell exchange one covariate, or two people of one arm their outcomes: every printed count stays. All
exchanges of a kind are judged at once by the influence functions of `logit_influence`; the best disjoint ones are made
together and kept only if refitting confirms them. What is left is met by small shifts of age and income.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .logit_influence import Influence, NotConverged, fit, statistics
from .logit_models import LogitModel
from .regression_state import BASIC_AMOUNT_GAP, CARRIERS, CELLS, RegressionState, base_matrix

# How large a miss counts as one: effects and R² on the probability scale, z in standard errors.
EFFECT_SCALE, Z_SCALE, R2_SCALE = 0.002, 0.04, 0.002
# Thousand NOK: a typical income below the basic amount, and how far from the middle an income still is middling.
POOR_INCOME, MIDDLING = 30.0, 60.0
# The part of what rounding hides that the search may use.
MARGIN = 0.8


def scales(model: LogitModel) -> np.ndarray:
    """The size of a miss that counts as one, per statistic of a model; income has effects a thousandth as large."""
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


@dataclass
class Problem:
    """The models and the weights of their statistics."""

    models: list[LogitModel]
    goals: np.ndarray
    sizes: np.ndarray
    hidden: np.ndarray

    @classmethod
    def of(cls, models: list[LogitModel]) -> "Problem":
        """All statistics of all models, one after the other."""
        parts = ([function(model) for model in models] for function in (printed, scales, tolerances))
        goals, sizes, hidden = (np.concatenate(part) for part in parts)
        return cls(models, goals, sizes, hidden)

    def residuals(self, state: RegressionState, starts: dict | None = None) -> np.ndarray:
        """Misses beyond the rounding, in units of `sizes`. `starts` keeps coefficients for the next fit."""
        misses = np.concatenate([statistics(f) for f in self.fits(state, starts)]) - self.goals
        return np.sign(misses) * np.maximum(np.abs(misses) - MARGIN * self.hidden, 0) / self.sizes

    def fits(self, state: RegressionState, starts: dict | None = None) -> list:
        """All models fitted to the state."""
        base, fits = state.base(), []
        for number, model in enumerate(self.models):
            used = state.rows(model.outcome)
            start = None if starts is None else starts.get(number)
            fitted = fit(model, base[used], state.outcome(model.outcome)[used], start)
            if starts is not None:
                starts[number] = fitted.beta
            fits.append(fitted)
        return fits


# Misses below this, in units of their scale, count alike when the sum of absolute misses is lowered.
SPARSE_FLOOR = 0.02


def sparse_weights(residuals: np.ndarray) -> np.ndarray:
    """Weights under which squares stand for absolute values: w² = 1/|miss|."""
    return 1 / np.sqrt(np.maximum(np.abs(residuals), SPARSE_FLOOR))


def size_of(residuals: np.ndarray, sparse: bool) -> float:
    """Σ |miss| if sparse, else Σ miss²."""
    return float(np.abs(residuals).sum() if sparse else residuals @ residuals)


class Sensitivity:
    """Influence of changed rows on all residuals, times `weights`, at a state."""

    def __init__(self, problem: Problem, state: RegressionState, fits: list, weights: np.ndarray | float = 1.0) -> None:
        self.problem, self.state, self.sizes = problem, state, problem.sizes / weights
        self.influences = [Influence(fitted) for fitted in fits]
        self.base = state.base()
        self.now = self.of(state.people)

    def of(self, people: pd.DataFrame) -> np.ndarray:
        """Influence of each person's row with the values of `people`: people × statistics, in residual units."""
        base, parts = base_matrix(people), []
        for model, influence in zip(self.problem.models, self.influences, strict=True):
            rows = influence.of(base, people[model.outcome].to_numpy(dtype=float))
            parts.append(rows * self.state.rows(model.outcome)[:, None])
        return np.hstack(parts) / self.sizes

    def change(self, people: pd.DataFrame) -> np.ndarray:
        """First-order change of the residuals by giving each person (alone) the values of `people`."""
        return self.of(people) - self.now


@dataclass(frozen=True)
class Swap:
    """An exchange between two people (positions) of the values behind `label`, and its first-order effect."""

    one: int
    other: int
    label: str
    change: np.ndarray

    @property
    def people(self) -> set[int]:
        """Positions of both."""
        return {self.one, self.other}


def covariate_swaps(sensitivity: Sensitivity, residuals: np.ndarray, keep: int) -> list[Swap]:
    """The best exchanges of each covariate between two people of a cell whose values differ for the models."""
    people, found = sensitivity.state.people, []
    for carrier in CARRIERS:
        if carrier in ("age_days", "income"):
            continue
        kinds = _kinds(people, carrier)
        change_to = {
            kind: sensitivity.change(_with_kind(people, carrier, kind)) for kind in sorted(set(kinds) - {"missing"})
        }
        cells = people[list(CELLS[carrier])].agg("|".join, axis=1).to_numpy()
        for cell in np.unique(cells):
            members = np.flatnonzero((cells == cell) & (kinds != "missing"))
            found += _pairs_between_kinds(members, kinds, change_to, residuals, carrier, keep)
    return found


def _kinds(people: pd.DataFrame, carrier: str) -> np.ndarray:
    """The values of a carrier as the models tell them apart."""
    if carrier == "education":
        values = people["education"]
        kinds = np.where(
            values == "primary", "primary", np.where(values.str.startswith("university"), "higher", "rest")
        )
        return np.where(values == "missing", "missing", kinds)
    yes = {
        "sex": ("woman",),
        "marital_status": ("married_partner",),
        "country_of_birth": ("nordic", "outside_nordic"),
        "self_rated_health": ("very_good", "good"),
        "expects_return_within_weeks": ("fits_very_well", "fits_well"),
    }[carrier]
    kinds = np.where(people[carrier].isin(yes), "yes", "no")
    return np.where((people[carrier] == "missing") & (carrier == "country_of_birth"), "missing", kinds)


_EXAMPLE = {
    "sex": {"yes": "woman", "no": "man"},
    "marital_status": {"yes": "married_partner", "no": "unmarried"},
    "education": {"primary": "primary", "higher": "university_1_4_years", "rest": "upper_secondary"},
    "country_of_birth": {"yes": "nordic", "no": "norway"},
    "self_rated_health": {"yes": "good", "no": "fair"},
    "expects_return_within_weeks": {"yes": "fits_well", "no": "neither"},
}


def _with_kind(people: pd.DataFrame, carrier: str, kind: str) -> pd.DataFrame:
    return people.assign(**{carrier: _EXAMPLE[carrier][kind]})


def _pairs_between_kinds(
    members: np.ndarray, kinds: np.ndarray, change_to: dict, residuals: np.ndarray, label: str, keep: int
) -> list[Swap]:
    found, names = [], sorted(change_to)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            ones, others = members[kinds[members] == one], members[kinds[members] == other]
            found += best_pairs(ones, others, change_to[other][ones], change_to[one][others], residuals, label, keep)
    return found


def best_pairs(
    left: np.ndarray,
    right: np.ndarray,
    of_left: np.ndarray,
    of_right: np.ndarray,
    residuals: np.ndarray,
    label: str,
    keep: int,
) -> list[Swap]:
    """The `keep` pairs whose joint change d lowers Σ residual² most: 2r·d + d·d with d = of_left + of_right."""
    if not len(left) or not len(right):
        return []
    gain_left = 2 * of_left @ residuals + (of_left**2).sum(axis=1)
    gain_right = 2 * of_right @ residuals + (of_right**2).sum(axis=1)
    gains = gain_left[:, None] + gain_right + 2 * of_left @ of_right.T
    order = np.argpartition(gains, min(keep, gains.size - 1), axis=None)[:keep]
    pairs = [divmod(int(o), len(right)) for o in order if gains.flat[o] < 0]
    return [Swap(int(left[i]), int(right[j]), label, of_left[i] + of_right[j]) for i, j in pairs]


def value_swaps(sensitivity: Sensitivity, residuals: np.ndarray, keep: int) -> list[Swap]:
    """The best exchanges of age, age group included, and of income on one side of the basic amount.

    Person i moves by v_j − v_i along its slope s_i, so that d = (v_j − v_i)(s_i − s_j).
    """
    people, found = sensitivity.state.people, []
    poor = (people["income"] < BASIC_AMOUNT_GAP).astype(str)
    cells = {
        "age_days": people[list(CELLS["age_days"])].agg("|".join, axis=1),
        "income": people["status_group"] + poor,
    }
    for carrier, nudge in (("age_days", 30.0), ("income", 2.0)):
        values = people[carrier].to_numpy(dtype=float)
        slopes = sensitivity.change(people.assign(**{carrier: values + nudge})) / nudge
        for cell in np.unique(cells[carrier]):
            members = np.flatnonzero(cells[carrier].to_numpy() == cell)
            found += _best_values(members, values, slopes, residuals, carrier, keep)
    return found


def side_swaps(sensitivity: Sensitivity, residuals: np.ndarray, keep: int) -> list[Swap]:
    """The best exchanges of an income below the basic amount with a middling one, within a status group.

    Judged as if the one received the group's mean income above the basic amount and the other a typical poor one.
    """
    people, found = sensitivity.state.people, []
    income, groups = people["income"].to_numpy(dtype=float), people["status_group"].to_numpy()
    poor = income < BASIC_AMOUNT_GAP
    to_poor = sensitivity.change(people.assign(income=POOR_INCOME))
    for group in np.unique(groups):
        middle = income[(groups == group) & ~poor].mean()
        middling = np.abs(income - middle) < MIDDLING
        ones = np.flatnonzero((groups == group) & poor)
        others = np.flatnonzero((groups == group) & ~poor & middling)
        to_middle = sensitivity.change(people.assign(income=middle))
        found += best_pairs(ones, others, to_middle[ones], to_poor[others], residuals, "income", keep)
    return found


def _best_values(
    members: np.ndarray, values: np.ndarray, slopes: np.ndarray, residuals: np.ndarray, carrier: str, keep: int
) -> list[Swap]:
    part, slope = values[members], slopes[members]
    along, gram = slope @ residuals, slope @ slope.T
    steps = part[None, :] - part[:, None]
    squares = np.diag(gram)[:, None] + np.diag(gram)[None, :] - 2 * gram
    gains = 2 * steps * (along[:, None] - along[None, :]) + steps**2 * squares
    gains[np.tril_indices_from(gains)] = 0.0
    order = np.argpartition(gains, min(keep, gains.size - 1), axis=None)[:keep]
    pairs = [divmod(int(o), len(members)) for o in order if gains.flat[o] < 0]
    return [Swap(int(members[i]), int(members[j]), carrier, steps[i, j] * (slope[i] - slope[j])) for i, j in pairs]


def outcome_swaps(sensitivity: Sensitivity, residuals: np.ndarray, keep: int) -> list[Swap]:
    """The best exchanges of outcomes: work at 12 months within arm and on AAP or not, part within arm and status,
    fully or partly in work at 18 months within arm among those observed."""
    state, found = sensitivity.state, []
    people = state.people
    work, partly = people["in_work_m12"].to_numpy(), people["partly_m12"].to_numpy()
    part, out = partly & ~work, ~partly
    pool = (people["arm"] + "|" + (people["status_group"] == "aap").astype(str)).to_numpy()
    strict = (people["arm"] + "|" + people["status_at_inclusion"]).to_numpy()
    able = people["status_at_inclusion"].isin(["aap", "sick_listed_full"]).to_numpy() & state.in_models
    to_work = sensitivity.change(people.assign(in_work_m12=True, partly_m12=True))
    to_part = sensitivity.change(people.assign(in_work_m12=False, partly_m12=True))
    to_out = sensitivity.change(people.assign(in_work_m12=False, partly_m12=False))
    found += _outcome_pairs(
        pool, work & state.in_models, out & state.in_models, to_out, to_work, residuals, "work", keep
    )
    found += _outcome_pairs(strict, part & able, out & able, to_out, to_part, residuals, "part", keep)
    found += _outcome_pairs(strict, part & able, work & able, to_work, to_part, residuals, "work_part", keep)
    later = people["partly_m18"].to_numpy()
    seen, arm = state.observed_18, people["arm"].to_numpy()
    to_yes, to_no = (sensitivity.change(people.assign(partly_m18=value)) for value in (True, False))
    return found + _outcome_pairs(arm, later & seen, ~later & seen, to_no, to_yes, residuals, "partly_m18", keep)


def _outcome_pairs(
    cells: np.ndarray, left: np.ndarray, right: np.ndarray, of_left: np.ndarray, of_right: np.ndarray,
    residuals: np.ndarray, label: str, keep: int,
) -> list[Swap]:  # fmt: skip
    found = []
    for cell in np.unique(cells):
        ones, others = np.flatnonzero(left & (cells == cell)), np.flatnonzero(right & (cells == cell))
        found += best_pairs(ones, others, of_left[ones], of_right[others], residuals, label, keep)
    return found


def exchanged(people: pd.DataFrame, swaps: list[Swap]) -> pd.DataFrame:
    """The people after the exchanges."""
    fields = {
        "age_days": ["age_days", "age_group"],
        "work": ["in_work_m12", "partly_m12"],
        "part": ["partly_m12"],
        "work_part": ["in_work_m12"],
    }
    names = [name for name in people if name in {*CARRIERS, "age_group", "in_work_m12", "partly_m12", "partly_m18"}]
    values = {name: people[name].to_numpy(copy=True) for name in names}
    for swap in swaps:
        pair = [swap.one, swap.other]
        for name in fields.get(swap.label, [swap.label]):
            values[name][pair] = values[name][pair[::-1]]
    return people.assign(**values)


def search(
    problem: Problem,
    state: RegressionState,
    rounds: int,
    report: Callable[[str], None] = lambda line: None,
    *,
    sparse: bool = False,
) -> RegressionState:
    """Exchange covariates and outcomes while Σ miss², or with `sparse` Σ |miss|, falls."""
    starts: dict = {}
    residuals = problem.residuals(state, starts)
    for number in range(rounds):
        weights = sparse_weights(residuals) if sparse else np.ones_like(residuals)
        sensitivity = Sensitivity(problem, state, problem.fits(state, starts), weights)
        weighted = residuals * weights
        swaps = covariate_swaps(sensitivity, weighted, 25) + outcome_swaps(sensitivity, weighted, 25)
        swaps += value_swaps(sensitivity, weighted, 25) + side_swaps(sensitivity, weighted, 25)
        chosen = sequence(swaps, weighted, 60)
        state, residuals, made = _best_prefix(problem, state, residuals, chosen, starts, sparse)
        label = "Σ |miss|" if sparse else "Σ miss²"
        report(f"regressions, round {number}: {label} {size_of(residuals, sparse):.1f}, {made} exchanges")
        if not made:
            break
    return state


def sequence(swaps: list[Swap], residuals: np.ndarray, limit: int) -> list[Swap]:
    """One exchange after the other, each the best given those before it; nobody takes part twice."""
    changes = np.array([swap.change for swap in swaps]).reshape(len(swaps), len(residuals))
    squares = (changes**2).sum(axis=1)
    free, now, chosen = np.ones(len(swaps), dtype=bool), residuals.copy(), []
    ends = np.array([[swap.one, swap.other] for swap in swaps]).reshape(len(swaps), 2)
    while len(chosen) < limit and free.any():
        gains = np.where(free, 2 * changes @ now + squares, np.inf)
        best = int(gains.argmin())
        if gains[best] >= 0:
            break
        chosen.append(swaps[best])
        now += changes[best]
        free &= ~np.isin(ends, ends[best]).any(axis=1)
    return chosen


def _best_prefix(
    problem: Problem,
    state: RegressionState,
    residuals: np.ndarray,
    chosen: list[Swap],
    starts: dict,
    sparse: bool,
) -> tuple[RegressionState, np.ndarray, int]:
    """Make as many of the exchanges together as refitting confirms: all, or the best of their beginnings."""
    best = (state, residuals, 0)
    size, failures = len(chosen), 0
    while size and not (best[2] and failures):
        candidate = state.with_people(exchanged(state.people, chosen[:size]))
        trial_starts = dict(starts)
        try:
            tried = problem.residuals(candidate, trial_starts)
        except NotConverged:
            tried = residuals
        if size_of(tried, sparse) < size_of(best[1], sparse):
            best = (candidate, tried, size)
        elif best[2]:
            failures += 1
        size = size * 2 // 3
    return best
