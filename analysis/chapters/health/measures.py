"""What the chapter is about: the seven health scores and two expectations, and who answered what and when."""

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from analysis.frames.trial import Trial
from analysis.methods.missing_data import has_answer, scores_by_wave


@dataclass(frozen=True)
class Score:
    """One health score.

    column: its name in `trial.scores`. row: its row in Table 10. short: its row in the other tables. decimals: as
    printed. better: whether a "lower" or a "higher" score is better health.
    """

    column: str
    row: str
    short: str
    decimals: int
    better: str


SCORES = (
    Score("hads_total", "hads_total", "hads_total", 2, "lower"),
    Score("hads_depression", "hads_depression", "hads_depression", 2, "lower"),
    Score("hads_anxiety", "hads_anxiety", "hads_anxiety", 2, "lower"),
    Score("shc_total", "subjective_health_complaints", "subjective_health_complaints", 2, "lower"),
    Score("eq5d_index", "function_eq5d", "eq5d", 2, "higher"),
    Score("health_ladder", "health_ladder", "health_ladder", 2, "higher"),
    Score("chalder_total", "fatigue", "fatigue", 2, "lower"),
)
HADS_SCORES = SCORES[:3]
SINGLE_ITEMS = {
    "expectation_work": "expectation_in_work_within_12m",
    "expected_health_effect": "expected_health_effect_of_work",
}
COVARIATES = ("age", "woman", "education_higher")


def score_named(column: str) -> Score:
    """The score with this column name; KeyError if there is none."""
    return {score.column: score for score in SCORES}[column]


def baseline(trial: Trial) -> int:
    """The wave at inclusion: the study's first."""
    return trial.study.waves[0]


def last_wave(trial: Trial) -> int:
    """The wave the chapter's results are about: the study's last."""
    return trial.study.waves[-1]


def follow_up(trial: Trial) -> tuple[int, ...]:
    """The waves after inclusion."""
    return tuple(trial.study.waves[1:])


def arm_names(trial: Trial) -> dict[str, str]:
    """The two arms as the methods' keyword arguments."""
    return {"treatment": trial.study.treatment, "control": trial.study.control}


@lru_cache(maxsize=16)
def health_frame(trial: Trial) -> pd.DataFrame:
    """One row per participant: arm, covariates, `responded`, and each score and expectation by wave.

    Columns: participant_id, arm, age (completed years), woman, education_higher (an unanswered question counts as no,
    so that nobody drops out of the adjusted models for it), responded (a valid health score at the last wave, as in
    Table 14), and `<score>_m<wave>` for every wave; NaN where a score is unknown. The frame is kept for the next caller
    and must not be changed.
    """
    people, scores = trial.people, trial.scores
    columns = [score.column for score in SCORES]
    answered = scores[scores[columns].notna().any(axis=1)]
    frame = people[["participant_id", "arm", "age"]].assign(
        woman=people["sex"].eq("woman").astype("boolean"),
        education_higher=people["education_higher"].fillna(False),
        responded=has_answer(answered, people["participant_id"], last_wave(trial)),
    )
    wide = scores_by_wave(scores, [*columns, *SINGLE_ITEMS])
    missing = [f"{name}_m{wave}" for name in (*columns, *SINGLE_ITEMS) for wave in trial.study.waves]
    wide = wide.reindex(columns=missing)
    return frame.merge(wide, left_on="participant_id", right_index=True, how="left")
