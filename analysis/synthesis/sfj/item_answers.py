"""Single answers under the sums: patterns with exactly the wanted sum, in which some items are harder than others."""

import numpy as np
import pandas as pd

ANSWERS = np.arange(4)  # every item is scored 0-3
# Assumed difficulty of each item: how likely a point is there compared with the other items. No wording, only numbers.
HADS_ANXIETY = (1.5, 0.9, 1.3, 1.1, 0.8, 1.2, 0.6)
HADS_DEPRESSION = (0.9, 0.6, 0.9, 1.6, 0.8, 1.1, 0.7)
CHALDER = (1.8, 1.4, 1.1, 1.2, 1.3, 0.9, 0.8, 1.2, 0.8, 0.9, 1.1)
# How even a person's answers are, given their sum: low values bring the items' consistency near that of the scales.
HADS_SPREAD, CHALDER_SPREAD = 0.45, 0.35
# Musculoskeletal 8, pseudoneurology 7, gastrointestinal 7, allergy 5, flu 2, in the order of the data contract.
SHC = (
    1.1,
    1.5,
    1.1,
    1.2,
    0.7,
    1.3,
    0.35,
    0.7,
    0.6,
    0.6,
    2.2,
    3.0,
    0.9,
    2.4,
    2.6,
    0.7,
    0.45,
    0.2,
    0.6,
    0.9,
    0.5,
    0.4,
    0.15,
    0.3,
    0.25,
    0.4,
    0.35,
    0.5,
    0.45,
)
SHC_FACTORS = {
    "musculoskeletal": range(0, 8),
    "pseudoneurology": range(8, 15),
    "gastrointestinal": range(15, 22),
    "allergy": range(22, 27),
    "flu": range(27, 29),
}
# People lean to different complaints, and keep doing so: factor by which points go to a factor's items.
SHC_LEANS = (
    {},
    {"musculoskeletal": 2.2},
    {"gastrointestinal": 2.2},
    {"pseudoneurology": 1.8},
    {"allergy": 4.0},
    {"musculoskeletal": 0.5},
    {"gastrointestinal": 0.45, "flu": 4.0},
)


def item_weights(ease: tuple[float, ...], spread: float) -> np.ndarray:
    """Relative weight of answering 0, 1, 2 or 3 (columns) to each item (rows); `spread` favours middle answers."""
    return np.array([[1.0, e, e**2 * spread, e**3 * spread**3] for e in ease])


def patterns(sums: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One row of item answers per sum, drawn with probability proportional to the product of the items' weights.

    Exact sampling: remaining[j][r] is the total weight of all ways for items j, j+1, … to add up to r.
    """
    count, top = len(weights), int(sums.max(initial=0))
    remaining = np.zeros((count + 1, top + 1))
    remaining[count, 0] = 1.0
    for item in range(count - 1, -1, -1):
        for answer in ANSWERS[: top + 1]:
            remaining[item, answer:] += weights[item, answer] * remaining[item + 1, : top + 1 - answer]
        remaining[item] /= remaining[item].max()
    left = sums.astype(int).copy()
    answers = np.zeros((len(sums), count), dtype=int)
    for item in range(count):
        reach = left[:, None] - ANSWERS
        chance = np.where(reach >= 0, weights[item] * remaining[item + 1][np.clip(reach, 0, None)], 0.0)
        cumulative = chance.cumsum(axis=1)
        answers[:, item] = (rng.random(len(sums))[:, None] * cumulative[:, -1:] >= cumulative).sum(axis=1)
        left -= answers[:, item]
    return answers


def shc_patterns(sums: np.ndarray, lean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Complaints with the given total, one row a questionnaire; `lean` is the person's place in SHC_LEANS."""
    answers = np.zeros((len(sums), len(SHC)), dtype=int)
    for place, leaning in enumerate(SHC_LEANS):
        ease = np.array(SHC)
        for factor, times in leaning.items():
            ease[list(SHC_FACTORS[factor])] *= times
        members = lean == place
        if members.any():
            answers[members] = patterns(sums[members], item_weights(tuple(ease), 0.85), rng)
    return answers


def reach_share(
    answers: np.ndarray, factor: str, count: int, others: tuple[str, ...], rng: np.random.Generator
) -> np.ndarray:
    """Move single points between a factor and other factors until exactly `count` people have any complaint in it.

    The totals stay; the people who gain or lose their last complaint are those whose answers are nearest to it.
    """
    answers = answers.copy()
    inside = list(SHC_FACTORS[factor])
    outside = [item for other in others for item in SHC_FACTORS[other]]
    while (gap := count - int((answers[:, inside] > 0).any(axis=1).sum())) != 0:
        source, goal = (outside, inside) if gap > 0 else (inside, outside)
        own = answers[:, inside].sum(axis=1)
        wanted = own == 0 if gap > 0 else own == 1
        movable = wanted & (answers[:, source] > 0).any(axis=1) & (answers[:, goal] < 3).any(axis=1)
        person = int(rng.choice(np.flatnonzero(movable)))
        origin = int(rng.choice([i for i in source if answers[person, i] > 0]))
        target = int(rng.choice([i for i in goal if answers[person, i] < 3 and (gap < 0 or i in goal)]))
        answers[person, origin] -= 1
        answers[person, target] += 1
    return answers


def patterns_with_gap(sums: np.ndarray, gaps: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As `patterns`, as floats; where `gaps` one item is NaN and the others add up to sum × (items − 1) / items."""
    answers = np.full((len(sums), len(weights)), np.nan)
    answers[~gaps] = patterns(np.rint(sums[~gaps]), weights, rng)
    for person in np.flatnonzero(gaps):
        left_out = int(rng.integers(len(weights)))
        kept = np.delete(np.arange(len(weights)), left_out)
        rest = np.rint(sums[[person]] * len(kept) / len(weights))
        answers[person, kept] = patterns(rest, weights[kept], rng)[0]
    return answers


def blank_zero_items(frame: pd.DataFrame, columns: list[str], share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Leave one item unanswered in a share of the rows whose `columns` are all zero: the scored sum stays the same."""
    frame = frame.copy()
    empty = np.flatnonzero((frame[columns] == 0).all(axis=1))
    for row in empty[rng.random(len(empty)) < share]:
        frame.loc[frame.index[row], columns[int(rng.integers(len(columns)))]] = np.nan
    return frame
