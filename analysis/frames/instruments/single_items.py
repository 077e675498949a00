"""Questions answered with one number from 1 to 7: expectations, satisfaction, effect of the follow-up."""

import pandas as pd

from analysis.frames.instruments.items import item_matrix
from analysis.frames.instruments.parameter_sets import read_parameters


def score_single_items(answers: pd.DataFrame) -> pd.DataFrame:
    """The single items as floats, one row for each row of `answers`, same index.

    Columns (1-7, higher = more favourable): expectation_work, expected_health_effect, satisfaction,
    followup_effect_on_health. Missing items: an unanswered question stays missing, and so does one that was not asked;
    there is nothing to impute it from. Raises ValueError for answers outside 1-7.
    """
    parameters = read_parameters("single_items")
    answers = answers.reindex(columns=[*answers.columns, *(name for name in parameters if name not in answers)])
    scores = {name: item_matrix(answers, [name], entry.value)[:, 0] for name, entry in parameters.items()}
    return pd.DataFrame(scores, index=answers.index)
