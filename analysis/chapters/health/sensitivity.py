"""Caseness by wave, sources of carried values, and other ways of treating missing answers."""

import pandas as pd

from analysis.chapters.health.cells import difference_cells, one_estimate, people_behind
from analysis.chapters.health.measures import (
    ANSWERED,
    FOLLOWED,
    Score,
    arm_names,
    last_wave,
    scores_in,
    variances,
)
from analysis.chapters.health.tables import adjusted_at_last_wave, carried_scores, comparison_at_last_wave
from analysis.frames.instruments import hads_case
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import concat_estimates, estimate_frame
from analysis.methods.means import difference_in_means
from analysis.methods.missing_data import carried_from, tipping_point
from analysis.methods.proportions import compare_arms
from analysis.methods.regression import adjusted_difference_in_shares
from analysis.methods.repeated_measures import covariance_test, repeated_measures_differences
from analysis.show.figures import Figure
from analysis.show.tables import Table, cells

CASES = {"anxiety": "hads_anxiety", "depression": "hads_depression"}


@once_a_trial
def caseness(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Shares at or above the HADS cut-off by wave and arm, and their difference: an estimate frame with a column wave.

    Outcome "anxiety" or "depression"; people without the score at the wave are left out. The cut-off is the study's.
    """
    parts = []
    for outcome, column in CASES.items():
        for wave in trial.study.waves:
            cases = cases_of(trial, outcome, column, wave)
            compared = compare_arms(cases, outcome, **arm_names(trial), population=f"m{wave}", conf_level=conf_level)
            parts.append(compared.assign(wave=wave))
    return concat_estimates(parts)


def cases_of(trial: Trial, outcome: str, column: str, wave: int) -> pd.DataFrame:
    """One row a person: arm, the score at inclusion if the study has one, and whether the score makes a case."""
    frame, cut_off = trial.health, trial.study.instruments["hads"]["caseness_from"]
    start = [name for name in (f"{column}_m0",) if name in frame]
    return frame[["arm", *start]].assign(**{outcome: hads_case(frame[f"{column}_m{wave}"], cut_off)})


@once_a_trial
def adjusted_caseness(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Difference in caseness at equal scores at inclusion: an estimate frame, one row an outcome and follow-up wave.

    Logit with the score at inclusion, everybody treated minus nobody; NaN where the data cannot identify it. Further
    column wave.
    """
    parts = []
    for outcome, column in CASES.items():
        for wave in trial.study.follow_up_waves:
            fitted = adjusted_difference_in_shares(
                cases_of(trial, outcome, column, wave), outcome, [f"{column}_m0"], **arm_names(trial),
                population=f"m{wave}", conf_level=conf_level,
            )  # fmt: skip
            parts.append(estimate_frame([fitted]).assign(wave=wave))
    return concat_estimates(parts)


@needs(*ANSWERED, "instrument:hads")
def caseness_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """Caseness by wave: one row an outcome and wave, columns the arms and their difference in percentage points.

    With answers at inclusion a last column has the difference at equal scores then.
    """
    rows = []
    for case in caseness(trial, conf_level).to_dict("records"):
        compared = case["contrast"] == trial.study.contrast
        row, n = f"{case['outcome']}_m{case['wave']}", people_behind(pd.Series(case))
        values = {"difference" if compared else "pct": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
        if not compared:
            rows.append((row, case["contrast"], "n", float(n), n))
        rows += [(row, case["contrast"], name, 100 * case[field], n) for name, field in values.items()]
    if not unmet(trial, "baseline"):
        rows += _adjusted_cells(adjusted_caseness(trial, conf_level))
    decimals = {"pct": 1, "difference": 1, "ci_low": 1, "ci_high": 1}
    groups = {outcome: [f"{outcome}_m{wave}" for wave in trial.study.waves] for outcome in CASES}
    return Table("caseness", cells(rows), decimals, rows=groups, unit="percent_points", conf_level=conf_level)


def _adjusted_cells(fitted: pd.DataFrame) -> list[tuple]:
    return [
        (f"{row['outcome']}_m{row['wave']}", "adjusted_baseline", name, 100 * row[field], people_behind(row))
        for _, row in fitted.iterrows()
        for name, field in (("difference", "estimate"), ("ci_low", "conf_low"), ("ci_high", "conf_high"))
    ]


@needs(*FOLLOWED)
def carried_table(trial: Trial) -> Table:
    """Which wave carried values come from: per cent of each arm's values, one row a score."""
    rows, nobody = [], float("nan")
    for score in scores_in(trial):
        sources = carried_from(carried_scores(trial, score)).set_index(["arm", "from_wave"])
        for arm in (trial.study.treatment, trial.study.control):
            own = sources.loc[arm] if arm in sources.index.get_level_values("arm") else None
            for wave in reversed(trial.study.waves):
                known = own is not None and wave in own.index
                people = int(own.loc[wave, "people"]) if known else 0
                share = 100 * float(own.loc[wave, "share"]) if known else nobody if own is None else 0.0
                rows.append((score.key, arm, f"from_m{wave}", share, people))
    decimals = {f"from_m{wave}": 1 for wave in trial.study.waves}
    return Table("carried_from", cells(rows), decimals, unit="percent", n=len(trial.people))


def ways_of(trial: Trial) -> tuple[str, ...]:
    """The ways of treating missing answers, one column each; Welch's test apart where the variances count as equal."""
    apart = ("unequal_variances",) if variances(trial) == "equal" else ()
    return ("observed", *apart, "adjusted", "carried_forward", "mmrm")


@once_a_trial
def ways_with_missing_answers(trial: Trial, score: Score, conf_level: float = 0.95) -> pd.DataFrame:
    """Treatment minus control at the last wave by several methods, one row each, `way` in `ways_of`.

    observed: t test among those with the score; unequal_variances: the same after Welch; adjusted: for the baseline
    score; carried_forward: last known value of everybody; mmrm: all scores of all waves, arms equal at inclusion.
    """
    arms, outcome = arm_names(trial), f"{score.column}_m{last_wave(trial)}"
    names = {"outcome": outcome, "population": "all", "contrast": trial.study.contrast, "conf_level": conf_level}
    carried = carried_scores(trial, score).rename(columns={score.column: outcome})
    mmrm = repeated_measures_differences(
        trial.scores, trial.people, score.column, trial.study.waves, **arms, conf_level=conf_level
    )
    rows = {
        "observed": comparison_at_last_wave(trial, score, conf_level).iloc[[2]],
        "unequal_variances": _difference(trial.health, trial, {**names, "variances": "unequal"}),
        "adjusted": adjusted_at_last_wave(trial, score, ("baseline",), conf_level).to_frame().T,
        "carried_forward": _difference(carried, trial, {**names, "variances": variances(trial)}),
        "mmrm": mmrm.iloc[[-1]],
    }
    return pd.concat([rows[way].assign(way=way) for way in ways_of(trial)], ignore_index=True)


@once_a_trial
def prefers_unstructured(trial: Trial, score: Score, level: float = 0.05) -> bool | None:
    """Whether the likelihood ratio test prefers the MMRM's covariance to a random intercept; None where untestable."""
    p = covariance_test(trial.scores, trial.people, score.column, trial.study.waves, **arm_names(trial)).p_value
    return None if pd.isna(p) else p < level


def _difference(frame: pd.DataFrame, trial: Trial, names: dict) -> pd.DataFrame:
    arms = (trial.study.treatment, trial.study.control)
    values = [frame.loc[frame["arm"] == arm, names["outcome"]] for arm in arms]
    return estimate_frame([difference_in_means(*values, **names)])


@needs(*FOLLOWED)
def missing_answers_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """The difference treatment minus control at the last wave by several methods, one row a score."""
    rows, ways = [], ways_of(trial)
    for score in scores_in(trial):
        found = ways_with_missing_answers(trial, score, conf_level)
        for way in ways:
            rows += difference_cells(score.key, way, one_estimate(found, way=way))
    decimals = {"b": 2, "ci_low": 2, "ci_high": 2}
    unit = f"points_{trial.study.treatment}_minus_{trial.study.control}"
    return Table("missing_answers", cells(rows), decimals, columns=ways, unit=unit, conf_level=conf_level)


@needs(*FOLLOWED, "instrument:hads")
def missing_answers_figure(trial: Trial, conf_level: float = 0.95) -> Figure | Absent:
    """Depression and anxiety: the difference by several methods, as intervals."""
    columns = ["way", "estimate", "conf_low", "conf_high"]
    parts = [
        ways_with_missing_answers(trial, score, conf_level)[columns].assign(group=score.key)
        for score in scores_in(trial)
        if score.column in CASES.values()
    ]
    frame = pd.concat(parts, ignore_index=True).astype(dict.fromkeys(columns[1:], float))
    if frame["estimate"].isna().all():
        return Absent("enough_answers")
    # a row of the figure is one method for one score; methods repeat between the groups
    frame["row"] = frame["group"] + "_" + frame["way"]
    values = {"wave": str(last_wave(trial))}
    return Figure("missing_answers_drawn", "forest", frame, {"decimals": 2}, values)


def tipping(trial: Trial, score: Score, conf_level: float = 0.95) -> tuple[float, float]:
    """Tipping point of a score in points, and the share (0-1) of the treated without the score at the last wave."""
    frame = trial.health
    treated = frame.loc[frame["arm"] == trial.study.treatment, f"{score.column}_m{last_wave(trial)}"]
    missing = float(treated.isna().mean())
    return tipping_point(adjusted_at_last_wave(trial, score, ("baseline",), conf_level), missing), missing
