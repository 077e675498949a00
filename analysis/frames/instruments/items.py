"""Answers to numbered items as a matrix, and sums of them that tolerate a few unanswered items."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def item_columns(prefix: str, numbers: Sequence[int]) -> list[str]:
    """Column names of numbered items: item_columns("hads", [1, 14]) is ["hads_01", "hads_14"]."""
    return [f"{prefix}_{number:02d}" for number in numbers]


def item_matrix(answers: pd.DataFrame, columns: Sequence[str], allowed: Sequence[int]) -> np.ndarray:
    """The answers as floats, one row a questionnaire, one column an item, NaN where unanswered.

    `allowed` is the lowest and the highest answer. Raises KeyError for absent columns, and ValueError naming the
    columns (never the answers) where an answer is outside the range or not a whole number.
    """
    absent = [column for column in columns if column not in answers.columns]
    if absent:
        raise KeyError(f"questionnaire columns absent: {', '.join(absent)}")
    matrix = answers[list(columns)].to_numpy(dtype=float, na_value=np.nan)
    low, high = allowed
    # a comparison with NaN is false, so unanswered items pass
    wrong = (matrix < low) | (matrix > high) | ((matrix % 1 != 0) & ~np.isnan(matrix))
    if wrong.any():
        named = [f"{column} ({count})" for column, count in zip(columns, wrong.sum(axis=0), strict=True) if count]
        raise ValueError(f"answers must be whole numbers from {low} to {high}; offending answers in {', '.join(named)}")
    return matrix


def missing_count(matrix: np.ndarray) -> np.ndarray:
    """Number of unanswered items in each row."""
    return np.isnan(matrix).sum(axis=1)


def person_mean_sum(matrix: np.ndarray, max_missing: int) -> np.ndarray:
    """Sum over the items of a row; an unanswered item takes the mean of the row's answered items.

    sum = k * (sum of answered items) / (number of answered items), with k items. Rows with more than `max_missing`
    unanswered items, or none answered, are NaN. The sum is not rounded.
    """
    missing = missing_count(matrix)
    answered = matrix.shape[1] - missing
    scorable = (missing <= max_missing) & (answered > 0)
    observed = np.nansum(matrix, axis=1)
    return np.where(scorable, matrix.shape[1] * observed / np.maximum(answered, 1), np.nan)
