"""Numbers in work by group and month as smooth as everything printed allows: least squares under equalities."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .groups import ARMS
from .register_counts import FIRST_MONTH, LAST_MONTH

WORK, PART, OUT = "work", "part", "out"
SUBGROUP = ("aap", "outside_work")
# Only people on AAP and the fully sick-listed can be partly in work by the outcome's definition.
SERIES = [(group, kind) for group in ("aap", "sick_listed_full") for kind in (WORK, PART)] + [
    (group, WORK) for group in ("outside_work", "job_no_benefits", "sick_listed_graded", "others")
]
MONTHS = range(FIRST_MONTH + 1, LAST_MONTH + 1)
SIGNS = {"control": -1.0, "sfj": 1.0}
VARIABLES = {
    (arm, group, kind, month): number
    for number, (arm, group, kind, month) in enumerate(
        (arm, group, kind, month) for arm in ARMS for group, kind in SERIES for month in MONTHS
    )
}
# Weight of a change from month to month against a change of that change.
SLOPE = 0.3
ROUNDS = 10

Row = tuple[np.ndarray, float]


@dataclass(frozen=True)
class Known:
    """What the plan rests on; people are those whom table 8 has.

    observed: people by (arm, group, month). at_12: people by (arm, group, kind of work) after 12 months. at_18: people
    fully or partly in work by (arm, group) after 18. totals: people by (arm, kind, month), table 8. gains: NOK that the
    subgroup's mean effect on each kind of work is worth, table 22. worth: NOK of an effect of one on each kind.
    interactions: effects of treatment with AAP by month, as far as they are printed or lie between printed ones.
    """

    observed: Mapping[tuple[str, str, int], int]
    at_12: Mapping[tuple[str, str, str], int]
    at_18: Mapping[tuple[str, str], int]
    totals: Mapping[tuple[str, str, int], int]
    gains: Mapping[str, float]
    worth: Mapping[str, float]
    interactions: Mapping[int, float]

    def in_subgroup(self, arm: str, month: int) -> int:
        """People of the subgroup observed in the month."""
        return sum(self.observed[arm, group, month] for group in SUBGROUP)

    def gain_until_12(self, kind: str) -> float:
        """What month 12 adds to a gain, NOK."""
        shares = {
            arm: sum(self.at_12.get((arm, group, kind), 0) for group in SUBGROUP) / self.in_subgroup(arm, FIRST_MONTH)
            for arm in ARMS
        }
        return self.step(kind) * (shares["sfj"] - shares["control"])

    def step(self, kind: str) -> float:
        """NOK of a difference of one between the arms in one month of the window."""
        return self.worth[kind] / (len(MONTHS) + 1)


def smooth_plan(known: Known) -> np.ndarray:
    """Numbers, not yet whole, in the order of VARIABLES.

    Minimises Σ n·(second differences of the shares² + SLOPE²·first differences²) under table 8's totals, the numbers at
    18 months, both gains and, linearised anew in every round, the interactions.
    """
    rough, rough_goal = _stacked(_roughness(known))
    fixed = [*_totals(known), *_ends(known), *_gains(known)]
    plan = _least_squares(rough, rough_goal, *_stacked(fixed))
    for _ in range(ROUNDS):
        plan = _least_squares(rough, rough_goal, *_stacked([*fixed, *_interactions(known, plan)]))
    return plan


def _least_squares(rough: np.ndarray, goal: np.ndarray, fixed: np.ndarray, values: np.ndarray) -> np.ndarray:
    """min |rough·x − goal|² with fixed·x = values, by its Karush–Kuhn–Tucker system."""
    size = rough.shape[1]
    system = np.block([[rough.T @ rough, fixed.T], [fixed, np.zeros((len(fixed), len(fixed)))]])
    return np.linalg.lstsq(system, np.concatenate([rough.T @ goal, values]), rcond=None)[0][:size]


def _stacked(rows: list[Row]) -> Row:
    return np.array([row for row, _ in rows]), np.array([value for _, value in rows])


def _share(known: Known, arm: str, group: str, kind: str, month: int) -> Row:
    """The share of a group in a month as a row of the variables and a constant."""
    row, size = np.zeros(len(VARIABLES)), max(known.observed[arm, group, month], 1)
    if month == FIRST_MONTH:
        return row, known.at_12[arm, group, kind] / size
    row[VARIABLES[arm, group, kind, month]] = 1 / size
    return row, 0.0


def _roughness(known: Known) -> list[Row]:
    rows = []
    for arm in ARMS:
        for series in SERIES:
            weight = np.sqrt(known.observed[arm, series[0], FIRST_MONTH])
            shares = [_share(known, arm, *series, month) for month in (FIRST_MONTH, *MONTHS)]
            row, constant = _stacked(shares)
            bends, slopes = np.diff(row, 2, axis=0), np.diff(row, axis=0)
            rows += [(weight * b, -weight * c) for b, c in zip(bends, np.diff(constant, 2), strict=True)]
            rows += [(SLOPE * weight * s, -SLOPE * weight * c) for s, c in zip(slopes, np.diff(constant), strict=True)]
    return rows


def _sum_of(keys: list[tuple]) -> np.ndarray:
    row = np.zeros(len(VARIABLES))
    row[[VARIABLES[key] for key in keys]] = 1.0
    return row


def _totals(known: Known) -> list[Row]:
    kinds = {kind: [group for group, own in SERIES if own == kind] for kind in (WORK, PART)}
    return [
        (_sum_of([(arm, group, kind, month) for group in kinds[kind]]), float(known.totals[arm, kind, month]))
        for arm in ARMS for month in MONTHS for kind in (WORK, PART)
    ]  # fmt: skip


def _ends(known: Known) -> list[Row]:
    """Fully or partly in work at 18 months; the last group follows from the totals."""
    groups = list(dict.fromkeys(group for group, _ in SERIES))[:-1]
    rows = []
    for arm in ARMS:
        for group in groups:
            keys = [(arm, own, kind, LAST_MONTH) for own, kind in SERIES if own == group]
            rows.append((_sum_of(keys), float(known.at_18[arm, group])))
    return rows


def _gains(known: Known) -> list[Row]:
    rows = []
    for kind in (WORK, PART):
        row = np.zeros(len(VARIABLES))
        for arm, group, own, month in VARIABLES:
            if own == kind and group in SUBGROUP:
                row[VARIABLES[arm, group, own, month]] = SIGNS[arm] / known.in_subgroup(arm, month)
        # In units in which one is about one person in one month.
        rows.append((100 * row, 100 * (known.gains[kind] - known.gain_until_12(kind)) / known.step(kind)))
    return rows


def foretold_effects(known: Known, plan: np.ndarray) -> dict[int, float]:
    """The effects of treatment with AAP that numbers (in the order of VARIABLES) give, roughly.

    An effect is taken as proportional to the difference of differences of log-odds; the factor is that of the months 12
    and 18, whose effects are printed and whose numbers are known.
    """
    return {month: _factor(known, plan, month) * _log_odds(known, plan, month)[0] for month in known.interactions}


def _factor(known: Known, plan: np.ndarray, month: int) -> float:
    ends = (FIRST_MONTH, LAST_MONTH)
    return float(np.interp(month, ends, [known.interactions[m] / _log_odds(known, plan, m)[0] for m in ends]))


def _interactions(known: Known, plan: np.ndarray) -> list[Row]:
    """The effects of treatment with AAP, linearised around a plan."""
    rows = []
    for month, effect in known.interactions.items():
        if month not in (FIRST_MONTH, LAST_MONTH):
            value, gradient = _log_odds(known, plan, month)
            rows.append((10 * gradient, 10 * (effect / _factor(known, plan, month) - value + gradient @ plan)))
    return rows


def _log_odds(known: Known, plan: np.ndarray, month: int) -> tuple[float, np.ndarray]:
    """Log-odds of any work: AAP less fully sick-listed, treated less control; and the gradient."""
    value, gradient = 0.0, np.zeros(len(VARIABLES))
    for arm in ARMS:
        for group, sign in (("aap", 1.0), ("sick_listed_full", -1.0)):
            parts = [_share(known, arm, group, kind, month) for kind in (WORK, PART)]
            row = sum(part for part, _ in parts)
            share = np.clip(row @ plan + sum(constant for _, constant in parts), 0.01, 0.99)
            value += SIGNS[arm] * sign * np.log(share / (1 - share))
            gradient += SIGNS[arm] * sign * row / (share * (1 - share))
    return value, gradient
