"""The chapter's figures: mean scores over the waves by arm, and the differences on one scale."""

import pandas as pd

from analysis.chapters.health.measures import (
    FOLLOWED,
    SCORED,
    arm_names,
    last_wave,
    needed,
    score_named,
    scores_in,
)
from analysis.chapters.health.tables import BASELINE_MODELS, adjusted_at_last_wave
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import concat_estimates
from analysis.methods.means import compare_means
from analysis.show.figures import Figure
from analysis.show.prose import percent


def means_over_waves(trial: Trial, column: str, conf_level: float = 0.95) -> pd.DataFrame:
    """Mean of a score by wave and arm with t interval: one row a wave and arm, everyone with the score at the wave.

    Columns: wave (months), arm, estimate, conf_low, conf_high, n.
    """
    parts = [
        compare_means(trial.health, f"{column}_m{wave}", **arm_names(trial), conf_level=conf_level)
        .head(2)
        .assign(wave=wave)
        for wave in trial.study.waves
    ]
    means = concat_estimates(parts).rename(columns={"contrast": "arm", "n_treated": "n"})
    return means[["wave", "arm", "estimate", "conf_low", "conf_high", "n"]]


@needs(*SCORED)
def means_figure(trial: Trial, column: str, conf_level: float = 0.95) -> Figure | Absent:
    """Mean of one score at every wave in both arms, with intervals."""
    if lacking := unmet(trial, needed(column)):
        return Absent(lacking)
    frame = means_over_waves(trial, column, conf_level)
    if frame["estimate"].isna().all():
        return Absent("enough_answers")
    options = {"treatment": trial.study.treatment, "decimals": score_named(column).axis_decimals}
    return Figure(f"means_{column}", "means", frame, options, values={"level": percent(100 * conf_level, 0)})


@once_a_trial
def standardised_effects(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Differences at the last wave in baseline standard deviations, so that all scores share one scale.

    One row a score and adjustment ("unadjusted", "adjusted_baseline"): (treatment minus control) / SD of everybody's
    baseline score, turned so that a positive number is better health in the treatment arm. The SD is taken as known.
    """
    rows = []
    for score in scores_in(trial):
        deviation = trial.health[f"{score.column}_m0"].std(ddof=1)
        for series, covariates in BASELINE_MODELS.items():
            fitted = adjusted_at_last_wave(trial, score, covariates, conf_level)
            ends = [fitted[name] / deviation for name in ("estimate", "conf_low", "conf_high")]
            if score.better == "lower":
                ends = [-ends[0], -ends[2], -ends[1]]
            rows.append((score.key, series, *ends))
    return pd.DataFrame(rows, columns=["row", "series", "estimate", "conf_low", "conf_high"])


@needs(*FOLLOWED)
def effects_figure(trial: Trial, conf_level: float = 0.95) -> Figure | Absent:
    """All differences at the last wave on one scale, with and without adjustment for the baseline score."""
    frame = standardised_effects(trial, conf_level)
    if frame["estimate"].isna().all():
        return Absent("enough_answers")
    values = {"wave": str(last_wave(trial)), "level": percent(100 * conf_level, 0)}
    return Figure("effects_at_last_wave", "forest", frame, {"decimals": 2}, values=values)
