"""The chapter's figures: mean scores over the waves by arm (Figures 10 to 15) and the differences on one scale."""

import pandas as pd

from analysis.chapters.health.as_published import adjusted_at_last_wave
from analysis.chapters.health.measures import SCORES, arm_names, baseline, health_frame, last_wave, score_named
from analysis.frames.trial import Trial
from analysis.methods.estimates import concat_estimates
from analysis.methods.means import compare_means
from analysis.show.figures import Figure
from analysis.show.prose import percent

FIGURES = {
    "figure_10": "hads_depression",
    "figure_11": "hads_anxiety",
    "figure_12": "shc_total",
    "figure_13": "eq5d_index",
    "figure_14": "health_ladder",
    "figure_15": "chalder_total",
}


def means_over_waves(trial: Trial, column: str, conf_level: float = 0.95) -> pd.DataFrame:
    """Mean of a score by wave and arm with t interval: one row a wave and arm, everyone with the score at the wave.

    Columns: wave (months), arm, estimate, conf_low, conf_high, n.
    """
    frame = health_frame(trial)
    parts = [
        compare_means(frame, f"{column}_m{wave}", **arm_names(trial), conf_level=conf_level).head(2).assign(wave=wave)
        for wave in trial.study.waves
    ]
    means = concat_estimates(parts).rename(columns={"contrast": "arm", "n_treated": "n"})
    return means[["wave", "arm", "estimate", "conf_low", "conf_high", "n"]]


def means_figure(trial: Trial, name: str, conf_level: float = 0.95) -> Figure:
    """One of Figures 10 to 15: mean score at inclusion, 6 and 12 months in both arms, with intervals."""
    frame = means_over_waves(trial, FIGURES[name], conf_level)
    decimals = 2 if FIGURES[name] == "eq5d_index" else 1
    options = {"treatment": trial.study.treatment, "decimals": decimals}
    return Figure(name, "means", frame, options, values={"level": percent(100 * conf_level, 0)})


def standardised_effects(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Differences at the last wave in baseline standard deviations, so that all scores share one scale.

    One row a score and adjustment ("unadjusted", "adjusted_baseline"): (SFJ minus control) / SD of everybody's baseline
    score, turned so that a positive number is better health with SFJ. The SD is treated as known.
    """
    frame = health_frame(trial)
    rows = []
    for score in SCORES:
        deviation = frame[f"{score.column}_m{baseline(trial)}"].std(ddof=1)
        for series, covariates in (("unadjusted", ()), ("adjusted_baseline", ("baseline",))):
            fitted = adjusted_at_last_wave(trial, score, covariates, conf_level)
            ends = [fitted[name] / deviation for name in ("estimate", "conf_low", "conf_high")]
            if score_named(score.column).better == "lower":
                ends = [-ends[0], -ends[2], -ends[1]]
            rows.append((score.short, series, *ends))
    return pd.DataFrame(rows, columns=["row", "series", "estimate", "conf_low", "conf_high"])


def effects_figure(trial: Trial, conf_level: float = 0.95) -> Figure:
    """All seven differences at the last wave on one scale, with and without adjustment for the baseline score."""
    frame = standardised_effects(trial, conf_level)
    values = {"wave": str(last_wave(trial)), "level": percent(100 * conf_level, 0)}
    return Figure("effects_at_last_wave", "forest", frame, {"decimals": 2}, values=values)
