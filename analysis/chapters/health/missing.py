"""The difference at the last wave by every way of treating missing answers: as published, and as today."""

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.employment.covariates import covariate_terms
from analysis.chapters.health.cells import difference_cells, one_estimate
from analysis.chapters.health.measures import (
    FOLLOWED,
    Score,
    arm_names,
    fine_decimals,
    is_known,
    last_wave,
    scores_in,
    variances,
)
from analysis.chapters.health.tables import adjusted_at_last_wave, carried_scores, comparison_at_last_wave
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.bounds import at_equal_start, lee_bounds
from analysis.methods.estimates import concat_estimates, estimate_frame, fewest_people
from analysis.methods.imputation import ASSUMPTIONS, Imputed, impute, imputed_differences
from analysis.methods.means import difference_in_means
from analysis.methods.regression import NotEstimable
from analysis.methods.repeated_measures import covariance_test, repeated_measures_differences
from analysis.methods.weighting import answer_weights, weighted_difference
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, Sentence, direction_of, tally
from analysis.show.tables import Table, cells

DRAWN = ("hads_depression", "hads_anxiety")
# The ways of the published report, and those of others that print none: what is common, and what one would do today.
USUAL = ("observed", "adjusted", "carried_forward")
BOUNDS = ("lee_lower", "lee_upper")
TODAY = ("mmrm", *ASSUMPTIONS, "weighted", *BOUNDS)


def ways_of(trial: Trial) -> tuple[str, ...]:
    """The ways of treating missing answers; Welch's test apart where the published report took variances as equal."""
    apart = ("unequal_variances",) if variances(trial) == "equal" else ()
    return (*USUAL, *apart, *TODAY)


def approaches(trial: Trial) -> dict[str, tuple[str, ...]]:
    """The ways by their heading: in the print and post hoc, or where there is no print as usual and as today."""
    names = ("in_print", "post_hoc") if trial.study.as_printed else ("usual", "today")
    return dict(zip(names, (USUAL, ways_of(trial)[len(USUAL) :]), strict=True))


@once_a_trial
def imputed(trial: Trial, score: Score) -> Imputed | None:
    """Everybody's difference at the last wave under each assumption about the silent; None where it cannot be told."""
    try:
        return impute(trial.scores, trial.people, score.column, trial.study.waves, **arm_names(trial))
    except NotEstimable:
        return None


@once_a_trial
def weighing(trial: Trial) -> tuple[pd.DataFrame, list[str]]:
    """One row a person with what answering is predicted from, and the names of it: scores at inclusion, background.

    The sum of two scores that are there is no predictor of its own.
    """
    background = covariate_terms(trial).astype(float)
    start = [f"{score.column}_m0" for score in scores_in(trial) if score.column != "hads_total"]
    frame = trial.health.drop(columns=background.columns, errors="ignore").join(background)
    return frame, [*start, *background.columns]


@once_a_trial
def ways_with_missing_answers(trial: Trial, score: Score, conf_level: float = 0.95) -> pd.DataFrame:
    """Treatment minus control at the last wave, one row a way (`way` in `ways_of`), NaN where a way cannot be fitted.

    observed: t test among those with the score; adjusted: for the baseline score; carried_forward: last known value of
    everybody; unequal_variances: Welch; mmrm: all scores of all waves, arms equal at inclusion; then imputation under
    three assumptions, weights by the probability of answering, and Lee's two bounds at an equal start.
    """
    outcome = f"{score.column}_m{last_wave(trial)}"
    names = {"outcome": outcome, "population": "all", "contrast": trial.study.contrast, "conf_level": conf_level}
    carried = carried_scores(trial, score).rename(columns={score.column: outcome})
    rows = {
        "observed": comparison_at_last_wave(trial, score, conf_level).iloc[[2]],
        "adjusted": adjusted_at_last_wave(trial, score, ("baseline",), conf_level).to_frame().T,
        "carried_forward": _difference(carried, trial, {**names, "variances": variances(trial)}),
        "unequal_variances": _difference(trial.health, trial, {**names, "variances": "unequal"}),
        **_modelled(trial, score, names),
        **_without_a_model_of_scores(trial, score, names),
    }
    return pd.concat([rows[way].assign(way=way) for way in ways_of(trial)], ignore_index=True)


def _difference(frame: pd.DataFrame, trial: Trial, names: dict) -> pd.DataFrame:
    arms = (trial.study.treatment, trial.study.control)
    values = [frame.loc[frame["arm"] == arm, names["outcome"]] for arm in arms]
    return estimate_frame([difference_in_means(*values, **names)])


def _modelled(trial: Trial, score: Score, names: dict) -> dict[str, pd.DataFrame]:
    """The ways that rest on the model of all waves."""
    mmrm = repeated_measures_differences(trial.scores, trial.people, score.column, trial.study.waves,
                                         **arm_names(trial), conf_level=names["conf_level"])  # fmt: skip
    told = imputed(trial, score)
    unknown = estimate_frame({**names, "estimate": float("nan"), "method": way, "unit": "score"} for way in ASSUMPTIONS)
    found = unknown if told is None else imputed_differences(told, **names)
    return {"mmrm": mmrm.iloc[[-1]], **{way: found.iloc[[place]] for place, way in enumerate(ASSUMPTIONS)}}


def _without_a_model_of_scores(trial: Trial, score: Score, names: dict) -> dict[str, pd.DataFrame]:
    """The ways that rest on who answered."""
    arms, start = arm_names(trial), f"{score.column}_m0"
    frame, predictors = weighing(trial)
    settings = {**arms, "conf_level": names["conf_level"]}
    weighted = weighted_difference(frame, names["outcome"], [start], predictors, **settings)
    level = at_equal_start(trial.health, names["outcome"], start, **arms)
    bounds = lee_bounds(level, names["outcome"], **settings)
    return {"weighted": estimate_frame([weighted])} | {way: bounds.iloc[[place]] for place, way in enumerate(BOUNDS)}


@once_a_trial
def largest_weight(trial: Trial, score: Score) -> float:
    """The largest weight of anybody who answered; NaN where there are no weights."""
    frame, predictors = weighing(trial)
    try:
        found = answer_weights(frame, f"{score.column}_m{last_wave(trial)}", predictors, **arm_names(trial))
    except NotEstimable:
        return float("nan")
    return float(found.max())


@once_a_trial
def prefers_unstructured(trial: Trial, score: Score, level: float = 0.05) -> bool | None:
    """Whether the likelihood ratio test prefers the MMRM's covariance to a random intercept; None where untestable."""
    p = covariance_test(trial.scores, trial.people, score.column, trial.study.waves, **arm_names(trial)).p_value
    return None if pd.isna(p) else p < level


@needs(*FOLLOWED)
def by_every_way(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """`ways_with_missing_answers` of all scores, each by its key in a column `score`."""
    parts = [ways_with_missing_answers(trial, score, conf_level).assign(score=score.key) for score in scores_in(trial)]
    return concat_estimates(parts)


@needs(*FOLLOWED)
@shown_from(found=by_every_way)
def missing_answers_table(trial: Trial, found: pd.DataFrame) -> Table:
    """The difference treatment minus control at the last wave: one row a way of treating missing answers, by score."""
    rows = []
    for score in scores_in(trial):
        for way in ways_of(trial):
            rows += difference_cells(way, score.key, one_estimate(found, way=way, score=score.key))
    columns = [score.key for score in scores_in(trial)]
    unit = f"points_{trial.study.treatment}_minus_{trial.study.control}"
    return Table("missing_answers", cells(rows), fine_decimals("eq5d"), columns=columns, rows=approaches(trial),
                 unit=unit, fewest=fewest_people(found), conf_level=level_of(found))  # fmt: skip


@needs(*FOLLOWED, "instrument:hads")
@shown_from(found=by_every_way)
def missing_answers_figure(trial: Trial, found: pd.DataFrame) -> Figure | Absent:
    """Depression and anxiety: the difference by every way, as intervals, those of the print apart from the others."""
    columns = ["estimate", "conf_low", "conf_high", "n_treated", "n_control"]
    parts = [
        one_estimate(found, way=way, score=score.key)[columns].to_dict()
        | {"group": f"{score.key}_{approach}", "row": f"{score.key}_{way}"}
        for score in scores_in(trial)
        if score.column in DRAWN
        for approach, ways in approaches(trial).items()
        for way in ways
    ]
    frame = pd.DataFrame(parts).astype(dict.fromkeys(columns, float))
    if not any(is_known(row) for row in parts):
        return Absent("enough_answers")
    values = {"wave": str(last_wave(trial))}
    figure = Figure("missing_answers_drawn", "forest", frame, {"decimals": 2}, values)
    return titled(figure, _clear_by_way(parts, trial))


def _clear_by_way(parts: list[dict], trial: Trial) -> Sentence:
    """For each score that is drawn, by how many of the ways that could be computed the difference is clear."""
    told = []
    for score in (score for score in scores_in(trial) if score.column in DRAWN):
        known = [row for row in parts if row["row"].startswith(f"{score.key}_") and is_known(row)]
        clear = sum(direction_of(row) != "unclear" for row in known)
        values = {"clear": tally(clear), "all": tally(len(known)), "score": Label("rows", score.key)}
        told += [Sentence("clear_by_ways", values)] if known else []
    return Sentence("ways_drawn", {"scores": tuple(told)})
