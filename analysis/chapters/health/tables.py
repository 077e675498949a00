"""Who answered, scores at the last wave, adjusted differences, and what stands behind answers that are missing."""

from collections.abc import Mapping

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.health.cells import (
    difference_cells,
    mean_cells,
    one_estimate,
    p_cell,
    people_behind,
    statistic_cells,
)
from analysis.chapters.health.measures import (
    ANSWERED,
    FOLLOWED,
    SCORED,
    Score,
    arm_names,
    last_wave,
    layout,
    scores_in,
    variances,
)
from analysis.frames.health import model_covariates
from analysis.frames.needs import needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import concat_estimates, estimate_frame
from analysis.methods.means import adjusted_difference, compare_means, reverse_contrast
from analysis.methods.missing_data import compare_by_response, last_observation_carried_forward, response
from analysis.published.keys import with_printed_keys
from analysis.show.tables import Table, cells

# Two models, by the column of the table of adjusted scores: covariates, "baseline" the score at inclusion.
BASELINE_MODELS: Mapping[str, tuple[str, ...]] = {"unadjusted": (), "adjusted_baseline": ("baseline",)}


@needs(*ANSWERED)
def shares_returned(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Shares who returned the questionnaire of each wave after inclusion (`missing_data.response`), by arm.

    An estimate frame with a column wave.
    """
    parts = [
        response(trial.scores, trial.people, wave, **arm_names(trial), conf_level=conf_level).assign(wave=wave)
        for wave in trial.study.follow_up_waves
    ]
    return concat_estimates(parts)


@needs(*ANSWERED)
@shown_from(shares=shares_returned)
def response_table(trial: Trial, shares: pd.DataFrame) -> Table:
    """Who returned the questionnaire: one row a wave, columns both arms, total and difference (percentage points)."""
    rows = []
    for wave in trial.study.follow_up_waves:
        returned = shares[shares["wave"] == wave]
        for column in (trial.study.treatment, trial.study.control, "total"):
            share = one_estimate(returned, contrast=column)
            n = people_behind(share)
            values = {"n": share["estimate"] * n, "pct": 100 * share["estimate"]}
            values |= {end: 100 * share[name] for end, name in (("ci_low", "conf_low"), ("ci_high", "conf_high"))}
            rows += [(f"returned_{wave}m", column, name, value, n) for name, value in values.items()]
        gap = one_estimate(returned, contrast=trial.study.contrast)
        points = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
        rows += [
            (f"returned_{wave}m", trial.study.contrast, name, 100 * gap[field], people_behind(gap))
            for name, field in points.items()
        ]
        rows.append(p_cell(f"returned_{wave}m", trial.study.contrast, gap))
    decimals = {"pct": 1, "ci_low": 1, "ci_high": 1, "difference": 1}
    return Table("response", cells(rows), decimals, unit="percent_points", n=len(trial.people),
                 conf_level=level_of(shares))  # fmt: skip


@needs(*SCORED)
def compare_scores(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Means by arm at the last wave and their difference, treatment minus control, for those with the score.

    An estimate frame of three rows a score, with a column `score`; t test after Welch (see `measures.variances`).
    """
    seen = trial.extract_for("health.scores_at_last_wave")
    parts = [
        comparison_at_last_wave(seen, score, conf_level).assign(score=score.column)
        for score in scores_in(trial, "scores_at_last_wave")
    ]
    return concat_estimates(parts)


def comparison_at_last_wave(trial: Trial, score: Score, conf_level: float = 0.95) -> pd.DataFrame:
    """The three rows of one score: both arms and the difference."""
    column = f"{score.column}_m{last_wave(trial)}"
    return compare_means(trial.health, column, **arm_names(trial), variances=variances(trial), conf_level=conf_level)


@needs(*SCORED)
@shown_from(compared=compare_scores)
def scores_at_last_wave(trial: Trial, compared: pd.DataFrame, sign_of_print: bool = False) -> Table:
    """Mean scores at the last wave by arm and the test of their difference, one row a score.

    sign_of_print, here and below: whether differences have the sign of the published report, which can be control minus
    treatment (`Layout.reverse`); the book has treatment minus control throughout.
    """
    rows, way = [], layout(trial, "scores_at_last_wave")
    for score in scores_in(trial, "scores_at_last_wave"):
        own = compared[compared["score"] == score.column]
        for arm in (trial.study.treatment, trial.study.control):
            rows += mean_cells(score.key, arm, one_estimate(own, contrast=arm), spread=way.spread)
        test = _turned(own.drop(columns="score").iloc[-1], sign_of_print and way.reverse)
        rows += statistic_cells(score.key, trial.study.contrast, test, statistics=way.test)
    return means_table(trial, "scores_at_last_wave", rows, level_of(compared))


def difference_at_start(trial: Trial, column: str, conf_level: float = 0.95) -> pd.Series:
    """Treatment minus control at inclusion, all with the score or answer then: what chance left between the arms."""
    compared = compare_means(trial.health, f"{column}_m0", **arm_names(trial), variances=variances(trial),
                             conf_level=conf_level)  # fmt: skip
    return compared.iloc[2]


@once_a_trial
def adjusted_at_last_wave(
    trial: Trial, score: Score, covariates: tuple[str, ...] = (), conf_level: float = 0.95
) -> pd.Series:
    """Adjusted difference treatment minus control at the last wave; "baseline" is the score's own value at inclusion.

    Covariates that the study does not have are left out. Without covariates it is the difference of the means.
    """
    if not covariates and variances(trial) == "unequal":
        return comparison_at_last_wave(trial, score, conf_level).iloc[2]
    names = [f"{score.column}_m0" if name == "baseline" else name for name in covariates]
    names = [name for name in names if name in trial.health]
    outcome = f"{score.column}_m{last_wave(trial)}"
    fitted = adjusted_difference(trial.health, outcome, names, **arm_names(trial), conf_level=conf_level)
    return estimate_frame([fitted]).iloc[0]


@needs(*FOLLOWED)
def adjusted_differences(
    trial: Trial,
    models: Mapping[str, tuple[str, ...]] = BASELINE_MODELS,
    conf_level: float = 0.95,
    table: str = "adjusted_scores",
) -> pd.DataFrame:
    """Differences treatment minus control at the last wave by model: an estimate frame with columns score and model.

    models: name → covariates of the least-squares regression, "baseline" for the score at inclusion. table: whose
    scores and whose extract of the data.
    """
    seen = trial.extract_for(f"health.{table}")
    parts = [
        adjusted_at_last_wave(seen, score, covariates, conf_level).to_frame().T.assign(score=score.column, model=model)
        for score in scores_in(trial, table)
        for model, covariates in models.items()
    ]
    return pd.concat(parts, ignore_index=True).infer_objects()


@needs(*FOLLOWED)
@shown_from(fitted=adjusted_differences)
def adjusted_scores(trial: Trial, fitted: pd.DataFrame, sign_of_print: bool = False) -> Table:
    """Difference at inclusion, and at the last wave without and with adjustment for it, one row a score."""
    rows, reverse = [], sign_of_print and layout(trial, "adjusted_scores").reverse
    seen = trial.extract_for("health.adjusted_scores")
    for score in scores_in(trial, "adjusted_scores"):
        own = fitted[fitted["score"] == score.column].set_index("model")
        start = difference_at_start(seen, score.column, level_of(fitted))
        plain, adjusted = (own.loc[model] for model in BASELINE_MODELS)
        for column, gap in (("at_inclusion", start), ("unadjusted", plain), ("adjusted_baseline", adjusted)):
            rows += difference_cells(score.key, column, _turned(gap, reverse))
        rows.append((score.key, "number", "n", float(people_behind(plain)), people_behind(plain)))
    decimals = {"b": 2, "ci_low": 2, "ci_high": 2}
    columns = ("at_inclusion", *BASELINE_MODELS, "number")
    level = level_of(fitted)
    table = Table("adjusted_scores", cells(rows), decimals, columns=columns, unit="score", conf_level=level)
    return with_printed_keys(table, trial, "health")


def _turned(difference: pd.Series, reverse: bool) -> pd.Series:
    """The difference as it is, or as control minus treatment."""
    own = difference.drop(["score", "model"], errors="ignore")
    return reverse_contrast(own.to_frame().T.infer_objects()).iloc[0] if reverse else own


@needs(*FOLLOWED)
def start_by_response(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Scores at inclusion of those with and without a valid score at the last wave, within each arm."""
    trial = trial.extract_for("health.baseline_by_response")
    columns = [f"{score.column}_m0" for score in scores_in(trial)]
    arms = (trial.study.treatment, trial.study.control)
    return compare_by_response(trial.health, columns, arms=arms, variances=variances(trial), conf_level=conf_level)


@needs(*FOLLOWED)
@shown_from(means=start_by_response)
def baseline_by_response(trial: Trial, means: pd.DataFrame) -> Table:
    """Baseline scores of those who answered at the last wave and of those who did not, by arm."""
    wave, rows, way = last_wave(trial), [], layout(trial, "baseline_by_response")
    for score in scores_in(trial, "baseline_by_response"):
        for arm in (trial.study.treatment, trial.study.control):
            for group in ("responders", "non_responders"):
                mean = one_estimate(means, outcome=f"{score.column}_m0", population=arm, contrast=group)
                rows += mean_cells(f"baseline_{score.key}", f"{arm}_{group}_{wave}m", mean, spread=way.spread)
    return means_table(trial, "baseline_by_response", rows, level_of(means))


def carried_scores(trial: Trial, score: Score) -> pd.DataFrame:
    """Each participant's last known value of the score up to the last wave."""
    return last_observation_carried_forward(trial.scores, trial.people, score.column, last_wave(trial))


@needs(*FOLLOWED)
def compare_carried(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """As `compare_scores`, everybody's last known value in the place of an answer at the last wave."""
    seen = trial.extract_for("health.carried_forward")
    parts = [
        compare_means(carried_scores(seen, score), score.column, **arm_names(trial), variances=variances(trial),
                      conf_level=conf_level)
        for score in scores_in(trial, "carried_forward")
    ]  # fmt: skip
    return concat_estimates(parts)


@needs(*FOLLOWED)
@shown_from(compared=compare_carried)
def carried_forward(trial: Trial, compared: pd.DataFrame) -> Table:
    """Scores at the last wave with the last observation carried forward: means by arm and t test."""
    rows, way = [], layout(trial, "carried_forward")
    for score in scores_in(trial, "carried_forward"):
        own = compared[compared["outcome"] == score.column]
        for arm in (trial.study.treatment, trial.study.control):
            rows += mean_cells(score.key, arm, one_estimate(own, contrast=arm), spread=way.spread)
        rows += statistic_cells(score.key, trial.study.contrast, own.iloc[-1], statistics=way.test)
    return means_table(trial, "carried_forward", rows, level_of(compared))


@needs(*FOLLOWED)
def several_models(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """`adjusted_differences` by the models that the study declares: covariates, the baseline score, both, neither."""
    return adjusted_differences(trial, model_covariates(trial.study), conf_level, "adjusted_models")


@needs(*FOLLOWED)
@shown_from(found=several_models)
def adjusted_models(trial: Trial, found: pd.DataFrame, sign_of_print: bool = False) -> Table:
    """Difference at the last wave by several models: unadjusted, with the baseline score, with covariates, both."""
    rows, way = [], layout(trial, "adjusted_models")
    for row in found.to_dict("records"):
        fitted = _turned(pd.Series(row), sign_of_print and way.reverse)
        key = {score.column: score.key for score in scores_in(trial)}
        rows += difference_cells(key[row["score"]], row["model"], fitted)
        rows.append(p_cell(key[row["score"]], row["model"], fitted, inequality=way.inequality))
    decimals = {"b": 2, "ci_low": 2, "ci_high": 2}
    table = Table("adjusted_models", cells(rows), decimals, unit="score", conf_level=level_of(found))
    return with_printed_keys(table, trial, "health")


def means_table(trial: Trial, name: str, rows: list[tuple], conf_level: float, part: str = "") -> Table:
    """A table of means under the keys and with the decimals of the study's published report, if it has one."""
    own = layout(trial, name).decimals
    decimals = {"mean": 2, "sd": 2, "se": 2, "ci_low": 2, "ci_high": 2} | dict(own)
    table = Table(name, cells(rows), decimals, unit="score", part=part, conf_level=conf_level)
    return with_printed_keys(table, trial, "health")


@needs(*FOLLOWED)
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
            people = float(fitted["n_treated"]), float(fitted["n_control"])
            rows.append((score.key, series, *ends, *people, conf_level))
    names = ["row", "series", "estimate", "conf_low", "conf_high", "n_treated", "n_control", "conf_level"]
    return pd.DataFrame(rows, columns=names)
