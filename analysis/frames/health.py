"""Health scores side by side: one row per participant with arm, covariates and every score by wave."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.frames.instruments import SINGLE_ITEMS, scores_of
from analysis.study.settings import Study


def health_frame(people: pd.DataFrame, scores: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per participant: arm, covariates, `responded`, and each score and single item by wave.

    Columns: participant_id, arm, the covariates of the adjusted models that the study has (numbers and yes or no),
    responded (any health score known at the last wave), and `<score>_m<wave>` for every wave, NaN where unknown.
    Unanswered covariates stay missing, so that people drop out of adjusted models for them, unless the study's
    published report counted them as no (rule `health.unanswered_is_no` of its as_printed.yml).
    """
    columns = [*scores_of(study), *SINGLE_ITEMS]
    covariates = _covariates(people.assign(woman=people["sex"].eq("woman").astype("boolean")), study)
    frame = people[["participant_id", "arm"]].assign(**covariates, responded=_responded(people, scores, study))
    wide = scores_by_wave(scores, columns)
    wide = wide.reindex(columns=[f"{name}_m{wave}" for name in columns for wave in study.waves])
    return frame.merge(wide, left_on="participant_id", right_index=True, how="left")


def scores_by_wave(scores: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Scores side by side: one row per participant with any questionnaire, columns `<score>_m<wave>`, index id.

    NaN where the questionnaire was not returned or the score is unknown.
    """
    wide = scores.pivot(index="participant_id", columns="wave", values=list(columns))
    wide.columns = [f"{score}_m{wave}" for score, wave in wide.columns]
    return wide.astype(np.float64)


def model_covariates(study: Study) -> dict[str, tuple[str, ...]]:
    """Model → covariates of the adjusted models of a health score; "baseline" stands for the score at inclusion.

    Unadjusted, with the baseline score, with the study's covariates, with both; or the models of the study's published
    report (rule `health.models` of its as_printed.yml).
    """
    printed = study.as_printed.rules.get("health.models") if study.as_printed else None
    if printed:
        return {name: tuple(covariates) for name, covariates in printed.items()}
    return {
        "unadjusted": (),
        "adjusted_baseline": ("baseline",),
        "adjusted_covariates": study.covariates,
        "adjusted_both": (*study.covariates, "baseline"),
    }


def _covariates(people: pd.DataFrame, study: Study) -> dict[str, pd.Series]:
    """Covariates of the models that are known for somebody."""
    as_no = study.as_printed.rules.get("health.unanswered_is_no", ()) if study.as_printed else ()
    wanted = dict.fromkeys(name for names in model_covariates(study).values() for name in names)
    known = [name for name in wanted if name in people and people[name].notna().any()]
    return {name: people[name].fillna(False) if name in as_no else people[name] for name in known}


def _responded(people: pd.DataFrame, scores: pd.DataFrame, study: Study) -> pd.Series:
    last = study.waves[-1] if study.waves else None
    known = scores[list(scores_of(study))].notna().any(axis=1) & (scores["wave"] == last)
    return people["participant_id"].isin(scores.loc[known, "participant_id"]).astype(bool)
