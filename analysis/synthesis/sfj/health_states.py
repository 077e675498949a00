"""EQ-5D health states: their values, a plausible draw with a given mean, and single steps between states."""

from itertools import product
from pathlib import Path

import numpy as np
from scipy import stats

from analysis.study.yaml_files import read_yaml

PARAMETERS = Path(__file__).parents[2] / "frames" / "instruments" / "parameters" / "eq5d.yml"
DIMENSIONS = ("mobility", "self_care", "usual_activities", "pain_discomfort", "anxiety_depression")
LEVELS = np.array(list(product((1, 2, 3), repeat=5)))
PLACE = 3 ** np.arange(4, -1, -1)
# Assumed shares of people with some and with extreme problems, before the mean is fitted.
SOME_OR_MORE = np.array([0.17, 0.04, 0.50, 0.58, 0.88])
EXTREME = np.array([0.001, 0.001, 0.035, 0.055, 0.15])
TIED_TO_LOAD = np.array([0.55, 0.5, 0.7, 0.55, 0.35])
STRETCH = (0.5, 2.0)  # how far tendencies may be drawn together or apart for the printed spread
LASTING = 0.9  # correlation of the rest of a dimension with itself later


def _state_values() -> np.ndarray:
    values = read_yaml(PARAMETERS)["uk_tto_mvh_a1"]["value"]
    lost = np.where((LEVELS > 1).any(axis=1), values["any_problem"], 0.0)
    lost += np.where((LEVELS == 3).any(axis=1), values["any_level_3"], 0.0)
    for place, dimension in enumerate(DIMENSIONS):
        lost += np.array([{1: 0.0, **values[dimension]}[level] for level in LEVELS[:, place]])
    return np.round(values["best_state"] - lost, 10)


STATE_VALUES = _state_values()


def draw_states(
    load: np.ndarray, mood: np.ndarray, body: np.ndarray, moments: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """Numbers of health states whose values have about this mean and standard deviation.

    `load` and `mood` are standard normal (general burden; anxiety and depression), `body` what lasts in each dimension.
    """
    own = LASTING * body + np.sqrt(1 - LASTING**2) * rng.normal(size=body.shape)
    load_part = np.where(np.arange(5) == 4, 0.75 * mood[:, None], 0.0) + TIED_TO_LOAD * load[:, None]
    tied = np.where(np.arange(5) == 4, 0.75**2 + TIED_TO_LOAD**2 + 0.9 * 0.75 * TIED_TO_LOAD, TIED_TO_LOAD**2)
    tendency = load_part + np.sqrt(np.clip(1 - tied, 0.1, 1)) * own
    low, high = STRETCH
    for _ in range(10):
        stretch = (low + high) / 2
        states = _with_mean(stretch * tendency, moments[0])
        low, high = (stretch, high) if STATE_VALUES[states].std(ddof=1) < moments[1] else (low, stretch)
    return states


def _with_mean(tendency: np.ndarray, mean: float) -> np.ndarray:
    """States from tendencies, shifted so that their values have about this mean."""
    low, high = -3.0, 3.0
    for _ in range(30):
        shift = (low + high) / 2
        states = _states(tendency + shift)
        low, high = (shift, high) if STATE_VALUES[states].mean() > mean else (low, shift)
    return states


def _states(tendency: np.ndarray) -> np.ndarray:
    some, extreme = stats.norm.isf(SOME_OR_MORE), stats.norm.isf(EXTREME)
    return ((tendency > some).astype(int) + (tendency > extreme)) @ PLACE


def step_state(states: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One dimension one level up or down; a step outside 1-3 leaves the state."""
    dimension = rng.choice(5, size=len(states), p=[0.1, 0.02, 0.28, 0.3, 0.3])
    level = LEVELS[states, dimension] + rng.choice([-1, 1], size=len(states))
    # Extreme problems with moving or self-care stay out: people who take part in a work programme rarely have them.
    fine = (level >= 1) & (level <= np.where(dimension < 2, 2, 3))
    step = (level - LEVELS[states, dimension]) * PLACE[dimension]
    return np.where(fine, states + step, states)
