"""The chapter's figures: mean scores over the waves by arm, and the differences on one scale."""

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.health.measures import (
    FOLLOWED,
    SCORED,
    arm_names,
    last_wave,
    needed,
    score_named,
)
from analysis.chapters.health.sentences import in_short
from analysis.chapters.health.several import clear_scores
from analysis.chapters.health.tables import standardised_effects
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.methods.estimates import concat_estimates
from analysis.methods.means import compare_means
from analysis.show.figures import Figure, titled
from analysis.show.prose import percent


@needs(*SCORED)
def means_over_waves(trial: Trial, column: str, conf_level: float = 0.95) -> pd.DataFrame | Absent:
    """Mean of a score by wave and arm with t interval, an estimate frame: everyone with the score at the wave.

    Further column: wave (months).
    """
    if lacking := unmet(trial, needed(column)):
        return Absent(lacking)
    parts = [
        compare_means(trial.health, f"{column}_m{wave}", **arm_names(trial), conf_level=conf_level)
        .head(2)
        .assign(wave=wave)
        for wave in trial.study.waves
    ]
    return concat_estimates(parts)


@needs(*SCORED)
@shown_from(means=means_over_waves)
def means_figure(trial: Trial, column: str, means: pd.DataFrame) -> Figure | Absent:
    """Mean of one score at every wave in both arms, with intervals."""
    if means["estimate"].isna().all():
        return Absent("enough_answers")
    named, conf_level = means.rename(columns={"contrast": "arm", "n_treated": "n"}), level_of(means)
    frame = named[["wave", "arm", "estimate", "conf_low", "conf_high", "n"]]
    options = {"treatment": trial.study.treatment, "decimals": score_named(column).axis_decimals}
    figure = Figure(f"means_{column}", "means", frame, options, values={"level": percent(100 * conf_level, 0)})
    return titled(figure, in_short(trial, column, conf_level))


@needs(*FOLLOWED)
@shown_from(effects=standardised_effects)
def effects_figure(trial: Trial, effects: pd.DataFrame) -> Figure | Absent:
    """All differences at the last wave on one scale, with and without adjustment for the baseline score."""
    frame, conf_level = effects.drop(columns="conf_level"), level_of(effects)
    if frame["estimate"].isna().all():
        return Absent("enough_answers")
    values = {"wave": str(last_wave(trial)), "level": percent(100 * conf_level, 0)}
    figure = Figure("effects_at_last_wave", "forest", frame, {"decimals": 2}, values=values)
    return titled(figure, clear_scores(trial, conf_level))
