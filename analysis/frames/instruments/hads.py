"""Hospital Anxiety and Depression Scale (HADS): anxiety, depression and total scores."""

import numpy as np
import pandas as pd

from analysis.frames.instruments.items import item_columns, item_matrix, person_mean_sum
from analysis.frames.instruments.parameter_sets import read_parameters


def score_hads(answers: pd.DataFrame, max_missing_per_subscale: int | None = None) -> pd.DataFrame:
    """HADS scores, one row for each row of `answers` (columns hads_01 to hads_14, 0-3), same index.

    Columns: hads_anxiety (sum of the seven odd-numbered items, 0-21), hads_depression (the seven even-numbered,
    0-21), hads_total (their sum, 0-42); higher = more symptoms. Missing items: a subscale with at most
    `max_missing_per_subscale` unanswered items (default from parameters/hads.yml: 1) has them replaced by the mean of
    the subscale's answered items and may then be fractional; otherwise it is NaN. The total needs both subscales.
    Source: Zigmond & Snaith 1983. Raises KeyError for absent columns, ValueError for answers outside 0-3.
    Checked against hand-worked questionnaires.
    """
    parameters = read_parameters("hads")
    default = parameters["max_missing_per_subscale"].value
    limit = default if max_missing_per_subscale is None else max_missing_per_subscale
    allowed = parameters["item_range"].value
    scores = {
        f"hads_{subscale}": person_mean_sum(
            item_matrix(answers, item_columns("hads", parameters[f"{subscale}_items"].value), allowed), limit
        )
        for subscale in ("anxiety", "depression")
    }
    scores["hads_total"] = scores["hads_anxiety"] + scores["hads_depression"]
    return pd.DataFrame(scores, index=answers.index)


def hads_case(score: pd.Series, caseness_from: int | None = None) -> pd.Series:
    """Whether a HADS subscale score reaches the cut-off (default from parameters/hads.yml: 8 or higher).

    Nullable booleans, one for each score; a missing score is a missing answer, never "no case". An imputed
    fractional score is compared as it is: 7.9 is below the cut-off of 8.
    """
    cut_off = read_parameters("hads")["caseness_from"].value if caseness_from is None else caseness_from
    values = score.to_numpy(dtype=float, na_value=np.nan)
    return pd.Series(values >= cut_off, index=score.index, dtype="boolean").mask(np.isnan(values))
