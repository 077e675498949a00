"""EQ-5D-3L: index value of the five-digit health state, and the health ladder (EQ-VAS)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.frames.instruments.items import item_matrix
from analysis.frames.instruments.parameter_sets import ParameterError, read_parameters

DEFAULT_VALUE_SET = "uk_tto_mvh_a1"


def _value_set(name: str) -> Mapping:
    parameters = read_parameters("eq5d")
    if name not in parameters or not isinstance(parameters[name].value, Mapping):
        known = [key for key, parameter in parameters.items() if isinstance(parameter.value, Mapping)]
        raise ParameterError(f"EQ-5D value set {name!r} is unknown; known: {', '.join(known)}")
    return parameters[name].value


def index_values(levels: np.ndarray, value_set: str, dimensions: Sequence[str]) -> np.ndarray:
    """Index value of each state: rows of `levels` are states, columns the `dimensions` in order, entries 1-3 or NaN."""
    values = _value_set(value_set)
    lost = np.zeros(len(levels))
    for position, dimension in enumerate(dimensions):
        for level, decrement in values[dimension].items():
            lost += np.where(levels[:, position] == level, decrement, 0.0)
    lost += np.where((levels > 1).any(axis=1), values["any_problem"], 0.0)
    lost += np.where((levels == 3).any(axis=1), values["any_level_3"], 0.0)
    # value sets are published to three decimals; rounding removes the noise of adding binary fractions
    index = np.round(values["best_state"] - lost, 10)
    return np.where(np.isnan(levels).any(axis=1), np.nan, index)


def score_eq5d(answers: pd.DataFrame, value_set: str = DEFAULT_VALUE_SET) -> pd.DataFrame:
    """EQ-5D-3L index and health ladder, one row for each row of `answers`, same index.

    Expects eq5d_mobility, eq5d_self_care, eq5d_usual_activities, eq5d_pain_discomfort, eq5d_anxiety_depression (levels
    1-3) and health_ladder (0-100). Columns: eq5d_index (1 = full health, 0 = dead; the UK set runs from 1 to -0.594)
    and health_ladder; higher = better.
    Formula: 1 - 0.081 (any dimension at level 2 or 3) - 0.269 (any at level 3) - the decrement of each dimension's
    level (Dolan 1997, UK time trade-off). Missing items: the index needs all five dimensions, because a state with an
    unknown digit has no value; nothing is imputed. Raises KeyError for absent columns, ValueError for answers outside
    their range, ParameterError for an unknown value set. Checked against the published values of the states 11111,
    21111, 11112, 12321, 22222 and 33333.
    """
    parameters = read_parameters("eq5d")
    dimensions = parameters["dimensions"].value
    columns = [f"eq5d_{dimension}" for dimension in dimensions]
    levels = item_matrix(answers, columns, parameters["level_range"].value)
    ladder = item_matrix(answers, ["health_ladder"], parameters["health_ladder_range"].value)[:, 0]
    index = index_values(levels, value_set, dimensions)
    return pd.DataFrame({"eq5d_index": index, "health_ladder": ladder}, index=answers.index)
