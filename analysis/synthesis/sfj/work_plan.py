"""How many of each group work, fully or partly, in the months 13 to 18: whole people near a smooth plan.

The groups are those by status at inclusion. Table 8 has the numbers of each arm and month, the regressions those of
each group at 12 months and fully or partly at 18. Table 22 has the mean effects in the subgroup of the internal
evaluation, to the krone of what they are worth. Footnote 4 of section 4.1 has the least and the greatest effect of
treatment with AAP in four of the months.
"""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from .groups import ARMS
from .register_counts import FIRST_MONTH, LAST_MONTH
from .smooth_plan import MONTHS, PART, SERIES, SIGNS, SUBGROUP, VARIABLES, WORK, Known, foretold_effects, smooth_plan
from .subgroup import COLUMN, SOURCE
from .targets import Targets

GROUPS = {
    "aap": "aap",
    "aap_and_job": "outside_work",
    "unemployment_benefit_individual_allowance": "outside_work",
    "no_job_no_benefit": "outside_work",
    "sick_listed_full": "sick_listed_full",
    "job_no_benefits": "job_no_benefits",
    "sick_listed_graded": "sick_listed_graded",
    "nav_follow_up_without_benefits": "others",
    "disability_pension_graded": "others",
    "disability_pension_full": "others",
}
FOOTNOTE, PRODUCT = "sfj_x_aap_months_13_14_16_17", "sfj_x_aap_at_inclusion"
# The month of the least and of the greatest effect in the footnote, which says that it grows, and the others it names.
LEAST, GREATEST, BETWEEN = 13, 17, (14, 16)
# How far the gains of table 22 may lie from the printed amount, NOK, and how many people each side of the smooth plan
# are tried for that.
NEAR, TRIED = 0.4, 2
# What one person away from the plan counts against a miss of the effect of treatment with AAP.
UNEVEN = 0.006

Numbers = dict[tuple[str, str, str, int], int]


def planned_numbers(known: Known) -> Numbers:
    """People in work by (arm, group, kind of work, month), months 13 to 18, of those in the registers.

    Raises ValueError when no whole numbers near the plan give table 22's gains.
    """
    smooth = smooth_plan(known)
    if smooth.min() < -1:
        raise ValueError(f"{SOURCE}: the smooth plan has fewer than nobody in work in some month")
    plan = dict(zip(VARIABLES, np.maximum(smooth, 0.0), strict=True))
    numbers = _whole_ends(known, plan)
    subgroup = {kind: _subgroup_numbers(known, plan, kind, numbers) for kind in (WORK, PART)}
    numbers |= {(arm, "aap", PART, month): n for (arm, month), n in subgroup[PART].items()}
    for arm in ARMS:
        subgroup[WORK][arm, LAST_MONTH] = sum(numbers[arm, group, WORK, LAST_MONTH] for group in SUBGROUP)
    numbers |= _others(known, plan, numbers, subgroup[WORK])
    for month in MONTHS:
        if month < LAST_MONTH:
            numbers |= _split(known, plan | numbers, {arm: subgroup[WORK][arm, month] for arm in ARMS}, month)
    return numbers


def known_numbers(
    people: pd.DataFrame, last: pd.Series, counts: pd.DataFrame, targets: Targets, worth: Mapping[str, float]
) -> Known:
    """Everything the plan rests on. `last` is each person's last observed month, `counts` table 8's whole numbers,
    `worth` the NOK of an effect of one on each kind of work in the subgroup."""
    seen = people.loc[people["in_registers"]].assign(group=people["status_at_inclusion"].map(GROUPS), last=last)
    keys = [(arm, group) for arm in ARMS for group in dict.fromkeys(GROUPS.values())]
    parts = {key: seen[(seen["arm"] == key[0]) & (seen["group"] == key[1])] for key in keys}
    table = counts.set_index(["arm", "month"])
    partly = table["fully_or_partly_in_work"] - table["in_work_no_benefits"]
    gains = {kind: targets.value(SOURCE, f"discounted_gain_{row}", COLUMN, "nok")
             for kind, row in ((WORK, "full_job"), (PART, "partial_job"))}  # fmt: skip
    months = range(FIRST_MONTH, LAST_MONTH + 1)
    return Known(
        observed={(*key, month): int((part["last"] >= month).sum()) for key, part in parts.items() for month in months},
        at_12={(*key, WORK): int(part["in_work_m12"].sum()) for key, part in parts.items()}
        | {(*key, PART): int((part["partly_m12"] & ~part["in_work_m12"]).sum()) for key, part in parts.items()},
        at_18={key: int((part["partly_m18"] & (part["last"] >= LAST_MONTH)).sum()) for key, part in parts.items()},
        totals={(arm, WORK, month): int(n) for (arm, month), n in table["in_work_no_benefits"].items()}
        | {(arm, PART, month): int(n) for (arm, month), n in partly.items()},
        gains=gains,
        worth=worth,
        interactions=interactions(targets),
    )


def interactions(targets: Targets) -> dict[int, float]:
    """Effects of treatment with AAP on any work by month: printed, or evenly between the footnote's ends."""
    low, high = (targets.value("text_4.1", FOOTNOTE, end, "marginal_effect") for end in ("range_low", "range_high"))
    models = {FIRST_MONTH: "m4", LAST_MONTH: "m5"}
    columns = {month: f"{model}_fully_or_partly_{month}m_interactions" for month, model in models.items()}
    table = {month: targets.value("table_09", PRODUCT, name, "marginal_effect") for month, name in columns.items()}
    between = {month: low + (high - low) * (month - LEAST) / (GREATEST - LEAST) for month in BETWEEN}
    return table | {LEAST: low, GREATEST: high} | between


def _whole_ends(known: Known, plan: Mapping[tuple, float]) -> Numbers:
    """Month 18 of the subgroup, where full and partly work share known numbers."""
    numbers = {}
    for arm in ARMS:
        partly = round(plan[arm, "aap", PART, LAST_MONTH])
        numbers[arm, "aap", PART, LAST_MONTH] = partly
        numbers[arm, "aap", WORK, LAST_MONTH] = known.at_18[arm, "aap"] - partly
        numbers[arm, "outside_work", WORK, LAST_MONTH] = known.at_18[arm, "outside_work"]
    return numbers


def _subgroup_numbers(known: Known, plan: Mapping[tuple, float], kind: str, ends: Numbers) -> dict[tuple, int]:
    """The subgroup's numbers in the months 13 to 17, closest to the plan among those that give the printed gain.

    All numbers up to TRIED away are tried: each arm's combinations apart, then the two that together come near enough.
    """
    sides = {arm: _combinations(known, plan, kind, arm) for arm in ARMS}
    goal = known.gains[kind] - known.gain_until_12(kind)
    for arm in ARMS:
        at_end = sum(ends.get((arm, group, kind, LAST_MONTH), 0) for group in SUBGROUP)
        goal -= SIGNS[arm] * known.step(kind) * at_end / known.in_subgroup(arm, LAST_MONTH)
    (first, gain, cost), (second, other_gain, other_cost) = (sides[arm] for arm in ARMS)
    order = np.argsort(other_gain, kind="stable")
    start, stop = (np.searchsorted(other_gain[order], goal - gain + side * NEAR) for side in (-1, 1))
    pairs = [(cost[i] + other_cost[j], i, j) for i in range(len(gain)) for j in order[start[i] : stop[i]]]
    if not pairs:
        raise ValueError(f"{SOURCE}: no whole numbers near the plan give the printed gain from {kind} in the subgroup")
    _, i, j = min(pairs)
    months = [month for month in MONTHS if month < LAST_MONTH]
    return {(arm, month): int(n) for arm, row in zip(ARMS, (first[i], second[j]), strict=True)
            for month, n in zip(months, row, strict=True)}  # fmt: skip


def _combinations(
    known: Known, plan: Mapping[tuple, float], kind: str, arm: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of one arm's subgroup in work, the gain they stand for, and how far from the plan they are."""
    months = [month for month in MONTHS if month < LAST_MONTH]
    ideal = np.array([sum(plan.get((arm, group, kind, month), 0.0) for group in SUBGROUP) for month in months])
    sizes = np.array([known.in_subgroup(arm, month) for month in months])
    offsets = np.array(list(product(range(-TRIED, TRIED + 1), repeat=len(months))))
    numbers = np.rint(ideal).astype(int) + offsets
    gain = SIGNS[arm] * known.step(kind) * (numbers / sizes).sum(axis=1)
    return numbers, gain, ((numbers - ideal) ** 2 / (ideal + 1)).sum(axis=1)


def _split(known: Known, plan: Mapping[tuple, float], totals: Mapping[str, int], month: int) -> Numbers:
    """The subgroup's people in full work on its two parts, so that the effect of treatment with AAP comes closest."""
    ideal = {arm: round(plan[arm, "outside_work", WORK, month]) for arm in ARMS}
    found = []
    for moved in product(sorted(range(-TRIED, TRIED + 1), key=abs), repeat=len(ARMS)):
        numbers = {}
        for arm, by in zip(ARMS, moved, strict=True):
            outside = max(ideal[arm] + by, 0)
            numbers[arm, "outside_work", WORK, month] = outside
            numbers[arm, "aap", WORK, month] = totals[arm] - outside
        tried = np.array([float((plan | numbers)[key]) for key in VARIABLES])
        miss = foretold_effects(known, tried)[month] - known.interactions[month] if month in known.interactions else 0.0
        found.append((abs(miss) + UNEVEN * sum(map(abs, moved)), len(found), numbers))
    return min(found)[2]


def _others(known: Known, plan: Mapping[tuple, float], numbers: Numbers, subgroup: Mapping[tuple, int]) -> Numbers:
    """Everybody else: partly work of the sick-listed is what is left, full work is apportioned."""
    found = {}
    for arm, month in product(ARMS, MONTHS):
        sick = known.totals[arm, PART, month] - numbers[arm, "aap", PART, month]
        found[arm, "sick_listed_full", PART, month] = sick
        groups = [group for group, kind in SERIES if kind == WORK and group not in SUBGROUP]
        shares = [plan[arm, group, WORK, month] for group in groups]
        if month == LAST_MONTH:
            shares = [known.at_18[arm, group] - (sick if group == "sick_listed_full" else 0) for group in groups]
        left = known.totals[arm, WORK, month] - subgroup[arm, month]
        found |= {(arm, g, WORK, month): n for g, n in zip(groups, _apportioned(shares, left), strict=True)}
    return found


def _apportioned(shares: list[float], total: int) -> list[int]:
    """Whole numbers with this sum: what is too much or too little is shared in proportion, then largest remainders."""
    exact = np.array(shares, dtype=float)
    exact = exact * total / exact.sum() if exact.sum() > 0 else exact
    whole = np.floor(exact + 1e-9).astype(int)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole.tolist()
