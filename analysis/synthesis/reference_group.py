"""Ordinary users of the centres, asked after the trial: 80 people with the answers of tables 5 and 6."""

import numpy as np
import pandas as pd
from scipy import stats

from .answers_drawing import divide
from .item_answers import HADS_ANXIETY, HADS_DEPRESSION, HADS_SPREAD, SHC_LEANS, item_weights, patterns, shc_patterns
from .score_start import bounded
from .search import Puzzle, solve
from .targets import Targets

NAME = "reference_group"
COLUMN = "ordinary_sfj"
# People without HADS: no whole-number sum over 80 or 79 people has the printed mean and interval of depression.
WITHOUT_HADS = 2
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
    for name, (row, top, step) in MEANS.items():
        if name != "shc":
            start = (
                np.round(
                    np.clip(rng.gamma(1.1, targets.value("table_06", row, COLUMN, "mean") / 1.1, size), 0, top) / step
                )
                * step
            )
            limit = table["age"].to_numpy() - (18 if name == "years_in_occupation" else 4)
            table[name] = _fitted(row, np.minimum(start, limit), np.minimum(limit, top), step, rng, targets)
    return {"reference_group": pd.concat([table, _items(load, rng, targets)], axis=1)}


def _coded(stem: str, codes: tuple[str, ...], size: int, rng: np.random.Generator, targets: Targets) -> np.ndarray:
    counts = {code: targets.count("table_05", f"{stem}_{code}", COLUMN) for code in codes}
    return divide(rng, dict.fromkeys(codes, np.zeros(size)), counts)


def _ages(size: int, rng: np.random.Generator, targets: Targets) -> np.ndarray:
    ages = [rng.integers(low, high + 1, targets.count("table_05", row, COLUMN)) for row, (low, high) in AGES.items()]
    return rng.permutation(np.concatenate(ages))


def _items(load: np.ndarray, rng: np.random.Generator, targets: Targets) -> pd.DataFrame:
    size = len(load)
    mixed = {name: 0.7 * load + 0.71 * rng.normal(size=size) for name in ("anxiety", "depression", "shc")}
    answered = np.sort(rng.choice(size, size - WITHOUT_HADS, replace=False))
    anxiety, depression = _hads_sums({name: part[answered] for name, part in mixed.items()}, rng, targets)
    row, top, step = MEANS["shc"]
    complaints = _fitted(
        row, bounded(mixed["shc"], *_moments(row, targets), top), np.full(size, top), step, rng, targets
    )
    hads = np.full((size, 14), np.nan)
    hads[answered, ::2] = patterns(anxiety, item_weights(HADS_ANXIETY, HADS_SPREAD), rng)
    hads[answered, 1::2] = patterns(depression, item_weights(HADS_DEPRESSION, HADS_SPREAD), rng)
    answers = {f"hads_{item + 1:02d}": hads[:, item] for item in range(14)}
    pattern = shc_patterns(complaints, rng.integers(len(SHC_LEANS), size=size), rng)
    answers |= {f"shc_{item + 1:02d}": pattern[:, item] for item in range(29)}
    return pd.DataFrame(answers)


def _moments(row: str, targets: Targets) -> tuple[float, float]:
    low, high = (targets.value("table_06", row, COLUMN, s) for s in ("ci_low", "ci_high"))
    size = targets.count("table_06", "header_n", COLUMN)
    return targets.value("table_06", row, COLUMN, "mean"), (high - low) / 2 / 1.99 * np.sqrt(size)


def _cells(total: np.ndarray, squares: np.ndarray, size: int) -> np.ndarray:
    mean = total / size
    reach = stats.t.ppf(0.975, size - 1) * np.sqrt((squares / size - mean**2) / (size - 1))
    return np.stack([mean, mean - reach, mean + reach], axis=1)


def _bounds(row: str, targets: Targets) -> tuple[np.ndarray, np.ndarray]:
    statistics = ("mean", "ci_low", "ci_high")
    value = np.array([targets.value("table_06", row, COLUMN, s) for s in statistics])
    half = 0.96 * np.array([targets.half_unit("table_06", row, COLUMN, s) for s in statistics])
    return value - half, value + half


def _fitted(
    row: str, start: np.ndarray, top: np.ndarray, step: float, rng: np.random.Generator, targets: Targets
) -> np.ndarray:
    low, high = _bounds(row, targets)

    def propose(rng: np.random.Generator, values: np.ndarray, size: int):
        rows = rng.integers(len(values), size=size)
        new = values[rows] + step * rng.choice([-4, -2, -1, 1, 2, 4], size=size)
        return rows, np.where((new >= 0) & (new <= top[rows]), new, values[rows])

    puzzle = Puzzle(
        lambda rows, values: np.column_stack([values, values**2]),
        lambda sums: _cells(sums[:, 0], sums[:, 1], len(start)),
        low,
        high,
        propose,
    )
    return solve(puzzle, start, rng)[0]


def _hads_sums(
    mixed: dict[str, np.ndarray], rng: np.random.Generator, targets: Targets
) -> tuple[np.ndarray, np.ndarray]:
    rows = ("hads_anxiety_sum", "hads_depression_sum", "hads_total_sum")
    low, high = (np.concatenate(part) for part in zip(*(_bounds(row, targets) for row in rows), strict=True))
    start = np.column_stack(
        [bounded(mixed[n], *_moments(f"hads_{n}_sum", targets), 21) for n in ("anxiety", "depression")]
    )
    size = len(start)

    def features(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        three = np.column_stack([values, values.sum(axis=1)])
        return np.hstack([three, three**2])

    def cells(sums: np.ndarray) -> np.ndarray:
        return np.hstack([_cells(sums[:, k], sums[:, k + 3], size) for k in range(3)])

    def propose(rng: np.random.Generator, values: np.ndarray, count: int):
        rows = rng.integers(size, size=count)
        new = values[rows] + rng.integers(-2, 3, size=(count, 2))
        return rows, np.where(((new >= 0) & (new <= 21)).all(axis=1)[:, None], new, values[rows])

    sums, _ = solve(Puzzle(features, cells, low, high, propose), start, rng)
    return sums[:, 0], sums[:, 1]
