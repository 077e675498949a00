"""Ordinary users of the centres, asked after the trial: 80 people with the answers of tables 5 and 6."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from .answers_drawing import divide
from .item_answers import (
    HADS_ANXIETY,
    HADS_DEPRESSION,
    HADS_SPREAD,
    SHC_LEANS,
    item_weights,
    patterns,
    patterns_with_gap,
    shc_patterns,
)
from .score_start import bounded
from .targets import Targets

NAME = "reference_group"
COLUMN = "ordinary_sfj"
# People without HADS: no whole-number sum over 80 or 79 people has the printed mean and interval of depression.
WITHOUT_HADS, HADS_TOP = 2, 21
MOST_UNANSWERED, MOST_STEPS, TRIED = 4, 5000, 200
KEPT_CLEAR = 0.97  # share of a half rounding interval to stay within
AGES = {"age_under_30": (19, 29), "age_30_40": (30, 39), "age_40_50": (40, 49), "age_over_50": (50, 60)}
CODES = {
    "country_of_birth": ("norway", "nordic", "outside_nordic"),
    "marital_status": ("unmarried", "married_partner", "cohabiting", "widowed", "divorced_separated"),
    "education": ("primary", "upper_secondary", "university_1_4_years", "university_over_4_years"),
    "self_rated_health": ("very_good", "good", "fair", "poor", "very_poor"),
    "self_reported_status": ("sick_listed_from_job", "in_work", "unemployed"),
    "expects_return_within_weeks": ("fits_very_well", "fits_well", "neither", "fits_poorly", "fits_very_poorly"),
}
STEM = {"marital_status": "marital"}
# Printed row of table 6, highest value and step of each continuous answer.
MEANS = {
    "years_in_occupation": ("years_in_occupation", 40.0, 0.5),
    "years_with_mental_complaints": ("years_with_mental_complaints", 50.0, 0.5),
    "shc": ("subjective_health_complaints_sum", 87.0, 1.0),
}

Printed = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Goal:
    """A sum of answers of `size` people, and middle and reach of the sums of squares that give the printed interval.

    room: half the width of what the interval leaves for its own half width, in score points; none if not positive.
    """

    size: int
    total: float
    middle: float
    reach: float
    room: float


def _printed(row: str, targets: Targets) -> Printed:
    """Mean and both ends of the interval of one row: (printed value, what to stay within of it)."""
    keys = [("table_06", row, COLUMN, statistic) for statistic in ("mean", "ci_low", "ci_high")]
    return tuple((targets.value(*key), KEPT_CLEAR * targets.half_unit(*key)) for key in keys)


def _goal(printed: Printed, size: int, total: float) -> Goal:
    """What the printed interval leaves for the squares if `size` people have this sum."""
    mean = total / size
    ends = []
    for (value, half), sign in zip(printed[1:], (-1, 1), strict=True):
        distance = sign * (value - mean)
        ends.append((distance - half, distance + half))
    low, high = max(end[0] for end in ends), min(end[1] for end in ends)
    factor = size * (size - 1) / stats.t.ppf(0.975, size - 1) ** 2
    squares = [size * mean**2 + factor * reach**2 for reach in (low, high)]
    return Goal(size, total, sum(squares) / 2, (squares[1] - squares[0]) / 2, (high - low) / 2)


def _possible_goals(printed: Printed, size: int, step: float, part: float) -> list[Goal]:
    """Goals for every sum, in steps from `part`, whose mean is as printed and whose interval can be."""
    mean, half = printed[0]
    first, last = np.ceil(((mean - half) * size - part) / step), np.floor(((mean + half) * size - part) / step)
    goals = [_goal(printed, size, part + step * number) for number in np.arange(first, last + 1)]
    return [goal for goal in goals if goal.room > 0]


def goal_of(row: str, step: float, targets: Targets) -> Goal:
    """The goal with most room among those with the fewest people unanswered; ValueError when no sum has the print."""
    everybody, printed = targets.count("table_06", "header_n", COLUMN), _printed(row, targets)
    for unanswered in range(MOST_UNANSWERED + 1):
        goals = _possible_goals(printed, everybody - unanswered, step, 0.0)
        # Squares of answers move in twos: less room than that may hold none.
        goals = [goal for goal in goals if goal.reach > step**2]
        if goals:
            return max(goals, key=lambda goal: goal.room)
    raise ValueError(f"table_06: no sum of {row} over {everybody} people or a few fewer has the print")


def reach_sum(
    values: np.ndarray, total: float, step: float, limits: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """The values after single steps of people at random, from 0 to each one's limit, until they add up to `total`."""
    values = values.copy()
    while abs(gap := total - values.sum()) > step / 2:
        person = int(rng.integers(len(values)))
        new = values[person] + np.sign(gap) * step
        if 0 <= new <= limits[person]:
            values[person] = new
    return values


def spread_to(values: np.ndarray, goal: Goal, step: float, limits: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The values after steps from one person to another until the squares have the wanted sum; limits below 0 hold."""
    values = values.copy()
    for _ in range(MOST_STEPS):
        gap = goal.middle - (values**2).sum()
        if abs(gap) <= goal.reach:
            return values
        up, down = rng.integers(len(values), size=(2, TRIED))
        size = step * rng.choice([1, 1, 2], size=TRIED)
        fine = (up != down) & (values[up] + size <= limits[up]) & (values[down] >= size) & (limits[down] >= 0)
        change = np.where(fine, 2 * size * (values[up] - values[down] + size), 0.0)
        best = int(np.argmin(np.abs(gap - change)))
        if abs(gap - change[best]) < abs(gap):
            values[up[best]] += size[best]
            values[down[best]] -= size[best]
    raise ValueError("table_06: people cannot be spread as the printed interval asks")


def stage(rng: np.random.Generator, targets: Targets) -> dict[str, pd.DataFrame]:
    """Table `reference_group`: one row per person."""
    size = targets.count("table_06", "header_n", COLUMN)
    table = pd.DataFrame({"person_id": [f"S{number:03d}" for number in range(1, size + 1)]})
    table["sex"] = _coded("sex", ("woman", "man"), size, rng, targets)
    table["age"] = _ages(size, rng, targets)
    for name, codes in CODES.items():
        table[name] = _coded(STEM.get(name, name), codes, size, rng, targets)
    difficulties = targets.count("table_05", "reading_writing_difficulties", COLUMN)
    table["reading_writing_difficulties"] = rng.permutation([True] * difficulties + [False] * (size - difficulties))
    load = rng.normal(size=size)
    for name in ("years_in_occupation", "years_with_mental_complaints"):
        table[name] = _years(name, table["age"].to_numpy(), rng, targets)
    return {"reference_group": pd.concat([table, _items(load, rng, targets)], axis=1)}


def _coded(stem: str, codes: tuple[str, ...], size: int, rng: np.random.Generator, targets: Targets) -> np.ndarray:
    counts = {code: targets.count("table_05", f"{stem}_{code}", COLUMN) for code in codes}
    return divide(rng, dict.fromkeys(codes, np.zeros(size)), counts)


def _ages(size: int, rng: np.random.Generator, targets: Targets) -> np.ndarray:
    ages = [rng.integers(low, high + 1, targets.count("table_05", row, COLUMN)) for row, (low, high) in AGES.items()]
    return rng.permutation(np.concatenate(ages))


def _years(name: str, age: np.ndarray, rng: np.random.Generator, targets: Targets) -> np.ndarray:
    """Half-years since the start of working life or of complaints; as few people unanswered as the print allows."""
    row, top, step = MEANS[name]
    limit = np.minimum(age - (18 if name == "years_in_occupation" else 4), top)
    goal = goal_of(row, step, targets)
    answered = np.sort(rng.choice(len(age), goal.size, replace=False))
    drawn = rng.gamma(1.1, targets.value("table_06", row, COLUMN, "mean") / 1.1, goal.size)
    start = np.minimum(np.round(np.clip(drawn, 0, top) / step) * step, limit[answered])
    years = np.full(len(age), np.nan)
    start = reach_sum(start, goal.total, step, limit[answered], rng)
    years[answered] = spread_to(start, goal, step, limit[answered], rng)
    return years


def _items(load: np.ndarray, rng: np.random.Generator, targets: Targets) -> pd.DataFrame:
    size = len(load)
    mixed = {name: 0.7 * load + 0.71 * rng.normal(size=size) for name in ("anxiety", "depression", "shc")}
    answered = np.sort(rng.choice(size, size - WITHOUT_HADS, replace=False))
    anxiety, depression = hads_sums({name: part[answered] for name, part in mixed.items()}, rng, targets)
    row, top, step = MEANS["shc"]
    goal, tops = goal_of(row, step, targets), np.full(size, top)
    complaints = bounded(mixed["shc"], *_moments(row, targets), top)
    complaints = spread_to(reach_sum(complaints, goal.total, step, tops, rng), goal, step, tops, rng)
    hads, gap = np.full((size, 14), np.nan), anxiety % 1 != 0
    hads[answered, ::2] = patterns_with_gap(anxiety, gap, item_weights(HADS_ANXIETY, HADS_SPREAD), rng)
    hads[answered, 1::2] = patterns(depression, item_weights(HADS_DEPRESSION, HADS_SPREAD), rng)
    answers = {f"hads_{item + 1:02d}": hads[:, item] for item in range(14)}
    pattern = shc_patterns(complaints, rng.integers(len(SHC_LEANS), size=size), rng)
    answers |= {f"shc_{item + 1:02d}": pattern[:, item] for item in range(29)}
    return pd.DataFrame(answers)


def _moments(row: str, targets: Targets) -> tuple[float, float]:
    low, high = (targets.value("table_06", row, COLUMN, s) for s in ("ci_low", "ci_high"))
    size = targets.count("table_06", "header_n", COLUMN)
    return targets.value("table_06", row, COLUMN, "mean"), (high - low) / 2 / 1.99 * np.sqrt(size)


def hads_sums(
    mixed: dict[str, np.ndarray], rng: np.random.Generator, targets: Targets
) -> tuple[np.ndarray, np.ndarray]:
    """Anxiety and depression with the printed means and intervals, also of their sum.

    Sums of whole answers of so many people cannot have all nine numbers, so one person's anxiety has an unanswered
    item. Anxiety, depression and, by exchanges of depression, their products are fitted one after another.
    """
    size = len(mixed["anxiety"])
    goals, odd = _hads_goals(size, targets)
    tops = np.full(size, float(HADS_TOP))
    scores = {}
    for name in ("anxiety", "depression"):
        start = bounded(mixed[name], *_moments(f"hads_{name}_sum", targets), HADS_TOP)
        fixed = np.zeros(size, dtype=bool)
        if name == "anxiety":
            person = int(np.argmin(np.abs(start - odd)))
            start[person], fixed[person] = odd, True
        limits = np.where(fixed, -1.0, tops)
        scores[name] = spread_to(reach_sum(start, goals[name].total, 1.0, limits, rng), goals[name], 1.0, limits, rng)
    return scores["anxiety"], _paired(scores["anxiety"], scores["depression"], goals["total"], rng)


def _hads_goals(size: int, targets: Targets) -> tuple[dict[str, Goal], float]:
    """Goals of anxiety, depression and their sum, and the score of the person with an unanswered item."""
    options = []
    anxiety, depression, total = (_printed(f"hads_{name}_sum", targets) for name in ("anxiety", "depression", "total"))
    for points in range(1, 18):
        odd = points * 7 / 6
        own = _possible_goals(anxiety, size, 1.0, odd % 1)
        for first, second in product(own, _possible_goals(depression, size, 1.0, 0.0)):
            both = _goal(total, size, first.total + second.total)
            options.append((min(first.room, second.room, both.room), odd, first, second, both))
    room, odd, *goals = max(options, key=lambda option: option[0])
    if room <= 0:
        raise ValueError("table_06: no sums of HADS have the printed means and intervals")
    return dict(zip(("anxiety", "depression", "total"), goals, strict=True)), odd


def _paired(anxiety: np.ndarray, depression: np.ndarray, goal: Goal, rng: np.random.Generator) -> np.ndarray:
    """Depression exchanged between people until the squares of anxiety plus depression are as wanted."""
    depression = depression.copy()
    for _ in range(MOST_STEPS):
        gap = goal.middle - ((anxiety + depression) ** 2).sum()
        if abs(gap) <= goal.reach:
            return depression
        one, other = rng.integers(len(anxiety), size=(2, TRIED))
        change = 2 * (anxiety[one] - anxiety[other]) * (depression[other] - depression[one])
        best = int(np.argmin(np.abs(gap - change)))
        if abs(gap - change[best]) < abs(gap):
            pair = [one[best], other[best]]
            depression[pair] = depression[pair[::-1]]
    raise ValueError("table_06: anxiety and depression cannot be paired with the printed interval of their sum")
