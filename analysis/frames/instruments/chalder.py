"""Chalder Fatigue Questionnaire, 11 items: Likert total and bimodal score."""

import numpy as np
import pandas as pd

from analysis.frames.instruments.items import item_columns, item_matrix, missing_count, person_mean_sum
from analysis.frames.instruments.parameter_sets import read_parameters

PARTS = ("physical", "mental")


def _bimodal(matrix: np.ndarray, counts_from: int) -> np.ndarray:
    return np.where(np.isnan(matrix), np.nan, matrix >= counts_from)


def score_chalder(answers: pd.DataFrame, max_missing: int | None = None) -> pd.DataFrame:
    """Fatigue scores, one row for each row of `answers` (columns chalder_01 to chalder_11, 0-3), same index.

    Columns: chalder_total (Likert, 0-33, physical items 1-7 plus mental items 8-11) and chalder_bimodal (0-11, an item
    scored 2 or 3 counts one); higher = more fatigue. Missing items: with at most `max_missing` of the eleven
    unanswered (default from parameters/chalder.yml: 2) each takes the mean of the answered items of its part; with
    more, both scores are NaN. Source: Chalder et al. 1993. Raises KeyError for absent columns, ValueError for answers
    outside 0-3. Checked against hand-worked questionnaires.
    """
    parameters = read_parameters("chalder")
    limit = parameters["max_missing"].value if max_missing is None else max_missing
    allowed = parameters["item_range"].value
    columns = [item_columns("chalder", parameters[f"{part}_items"].value) for part in PARTS]
    parts = [item_matrix(answers, names, allowed) for names in columns]
    scorable = sum(missing_count(part) for part in parts) <= limit
    bimodal = [_bimodal(part, parameters["bimodal_from"].value) for part in parts]
    scores = {
        "chalder_total": np.where(scorable, sum(person_mean_sum(part, limit) for part in parts), np.nan),
        "chalder_bimodal": np.where(scorable, sum(person_mean_sum(part, limit) for part in bimodal), np.nan),
    }
    return pd.DataFrame(scores, index=answers.index)


def fatigue_case(bimodal: pd.Series, case_from: int | None = None) -> pd.Series:
    """Whether a bimodal score reaches the cut-off (default from parameters/chalder.yml: 4 or higher).

    Nullable booleans, one for each score; a missing score stays missing.
    """
    cut_off = read_parameters("chalder")["case_from"].value if case_from is None else case_from
    values = bimodal.to_numpy(dtype=float, na_value=np.nan)
    return pd.Series(values >= cut_off, index=bimodal.index, dtype="boolean").mask(np.isnan(values))
