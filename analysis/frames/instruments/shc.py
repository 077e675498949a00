"""Subjective Health Complaints inventory (SHC): total and five factor sums."""

import numpy as np
import pandas as pd

from analysis.frames.instruments.items import item_columns, item_matrix, missing_count, person_mean_sum
from analysis.frames.instruments.parameter_sets import read_parameters

SHC_FACTORS = ("musculoskeletal", "pseudoneurology", "gastrointestinal", "allergy", "flu")


def _factor_matrices(answers: pd.DataFrame) -> dict[str, np.ndarray]:
    parameters = read_parameters("shc")
    allowed = parameters["item_range"].value
    return {
        factor: item_matrix(answers, item_columns("shc", parameters[f"{factor}_items"].value), allowed)
        for factor in SHC_FACTORS
    }


def score_shc(answers: pd.DataFrame, max_missing: int | None = None) -> pd.DataFrame:
    """SHC scores, one row for each row of `answers` (columns shc_01 to shc_29, 0-3), same index.

    Columns: shc_musculoskeletal (8 items, 0-24), shc_pseudoneurology (7, 0-21), shc_gastrointestinal (7, 0-21),
    shc_allergy (5, 0-15), shc_flu (2, 0-6) and shc_total (0-87), the sum of the five; higher = more complaints during
    the last 30 days. Missing items: an unanswered item takes the mean of the answered items of its factor, if at least
    half of that factor is answered; otherwise the factor is NaN. The total needs all five factors and at most
    `max_missing` unanswered items in all (default from parameters/shc.yml: 3 of 29).
    Source: Eriksen, Ihlebaek & Ursin 1999. Raises KeyError for absent columns, ValueError for answers outside 0-3.
    Checked against hand-worked questionnaires.
    """
    limit = read_parameters("shc")["max_missing"].value if max_missing is None else max_missing
    matrices = _factor_matrices(answers)
    scores = {f"shc_{name}": person_mean_sum(matrix, matrix.shape[1] // 2) for name, matrix in matrices.items()}
    unanswered = sum(missing_count(matrix) for matrix in matrices.values())
    scores["shc_total"] = np.where(unanswered <= limit, sum(scores.values()), np.nan)
    return pd.DataFrame(scores, index=answers.index)


def any_complaint(answers: pd.DataFrame, factor: str) -> pd.Series:
    """Whether at least one complaint of `factor` was present (scored 1-3), nullable booleans, one a row of `answers`.

    One reported complaint is enough for true; false needs every item of the factor answered with 0; anything else is
    missing. Raises ValueError for an unknown factor.
    """
    if factor not in SHC_FACTORS:
        raise ValueError(f"SHC factor {factor!r} is unknown; known: {', '.join(SHC_FACTORS)}")
    parameters = read_parameters("shc")
    columns = item_columns("shc", parameters[f"{factor}_items"].value)
    matrix = item_matrix(answers, columns, parameters["item_range"].value)
    present = (matrix > 0).any(axis=1)
    unknown = ~present & np.isnan(matrix).any(axis=1)
    return pd.Series(present, index=answers.index, dtype="boolean").mask(unknown)
