"""What the chapter adds to the print: caseness by wave, sources of carried values, other ways with missing answers."""

import pandas as pd

from analysis.chapters.health.as_published import adjusted_at_last_wave, carried_forward, comparison_at_last_wave
from analysis.chapters.health.cells import difference_cells, one_estimate, people_behind
from analysis.chapters.health.measures import SCORES, Score, arm_names, health_frame, last_wave
from analysis.frames.instruments import hads_case
from analysis.frames.trial import Trial
from analysis.methods.estimates import concat_estimates, estimate_frame
from analysis.methods.means import difference_in_means
from analysis.methods.missing_data import carried_from, repeated_measures_difference, tipping_point
from analysis.methods.proportions import compare_arms
from analysis.show.figures import Figure
from analysis.show.tables import Table, cells

CASES = {"anxiety": "hads_anxiety", "depression": "hads_depression"}
WAYS = ("observed", "unequal_variances", "adjusted", "carried_forward", "repeated_measures")


def caseness(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Shares at or above the HADS cut-off by wave and arm, and their difference: an estimate frame with a column wave.

    Outcome "anxiety" or "depression"; people without the score at the wave are left out. The cut-off is the study's.
    """
    frame, cut_off = health_frame(trial), trial.study.instruments["hads"]["caseness_from"]
    parts = []
    for outcome, column in CASES.items():
        for wave in trial.study.waves:
            cases = frame[["arm"]].assign(**{outcome: hads_case(frame[f"{column}_m{wave}"], cut_off)})
            compared = compare_arms(cases, outcome, **arm_names(trial), population=f"m{wave}", conf_level=conf_level)
            parts.append(compared.assign(wave=wave))
    return concat_estimates(parts)


def caseness_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """Caseness by wave: one row an outcome and wave, columns the arms and their difference in percentage points."""
    rows = []
    for case in caseness(trial, conf_level).to_dict("records"):
        compared = case["contrast"] == trial.study.contrast
        row, n = f"{case['outcome']}_m{case['wave']}", people_behind(pd.Series(case))
        values = {"difference" if compared else "pct": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
        if not compared:
            rows.append((row, case["contrast"], "n", float(n), n))
        rows += [(row, case["contrast"], name, 100 * case[field], n) for name, field in values.items()]
    decimals = {"pct": 1, "difference": 1, "ci_low": 1, "ci_high": 1}
    groups = {outcome: [f"{outcome}_m{wave}" for wave in trial.study.waves] for outcome in CASES}
    return Table("caseness", cells(rows), decimals, rows=groups, unit="percent_points", conf_level=conf_level)


def carried_table(trial: Trial) -> Table:
    """Which wave the values of Table 15 come from: per cent of each arm's values, one row a score."""
    rows = []
    for score in SCORES:
        sources = carried_from(carried_forward(trial, score)).set_index(["arm", "from_wave"])
        for arm in (trial.study.treatment, trial.study.control):
            for wave in reversed(trial.study.waves):
                known = (arm, wave) in sources.index
                people = int(sources.loc[(arm, wave), "people"]) if known else 0
                share = 100 * float(sources.loc[(arm, wave), "share"]) if known else 0.0
                rows.append((score.short, arm, f"from_m{wave}", share, people))
    decimals = {f"from_m{wave}": 1 for wave in trial.study.waves}
    return Table("carried_from", cells(rows), decimals, unit="percent", n=len(trial.people))


def ways_with_missing_answers(trial: Trial, score: Score, conf_level: float = 0.95) -> pd.DataFrame:
    """SFJ minus control at the last wave by five methods, one row each, `way` in WAYS.

    observed: t test among those with the score (Table 10); unequal_variances: the same after Welch; adjusted: for the
    baseline score (Table 11); carried_forward: last known value of everybody (Table 15); repeated_measures: mixed model
    of all waves.
    """
    frame, arms, last = health_frame(trial), arm_names(trial), last_wave(trial)
    outcome = f"{score.column}_m{last}"
    by_arm = [frame.loc[frame["arm"] == arms[role], outcome] for role in ("treatment", "control")]
    names = {"outcome": outcome, "population": "all", "contrast": trial.study.contrast, "conf_level": conf_level}
    welch = difference_in_means(*by_arm, **names, variances="unequal")
    carried = carried_forward(trial, score)
    values = [carried.loc[carried["arm"] == arms[role], score.column] for role in ("treatment", "control")]
    mixed = repeated_measures_difference(
        trial.scores, trial.people, score.column, trial.study.waves, **arms, conf_level=conf_level
    )
    rows = [
        comparison_at_last_wave(trial, score, conf_level).iloc[[2]],
        estimate_frame([welch]),
        adjusted_at_last_wave(trial, score, ("baseline",), conf_level).to_frame().T,
        estimate_frame([difference_in_means(*values, **names)]),
        mixed.iloc[[-1]],
    ]
    return pd.concat([row.assign(way=way) for way, row in zip(WAYS, rows, strict=True)], ignore_index=True)


def missing_answers_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """The difference SFJ minus control at the last wave by five methods, one row a score."""
    rows = []
    for score in SCORES:
        ways = ways_with_missing_answers(trial, score, conf_level)
        for way in WAYS:
            rows += difference_cells(score.short, way, one_estimate(ways, way=way))
    decimals = {"b": 2, "ci_low": 2, "ci_high": 2}
    unit = f"points_{trial.study.treatment}_minus_{trial.study.control}"
    return Table("missing_answers", cells(rows), decimals, columns=WAYS, unit=unit, conf_level=conf_level)


def missing_answers_figure(trial: Trial, conf_level: float = 0.95) -> Figure:
    """Depression and anxiety: the difference by five methods, as intervals."""
    columns = ["way", "estimate", "conf_low", "conf_high"]
    parts = [
        ways_with_missing_answers(trial, score, conf_level)[columns].assign(group=score.short)
        for score in SCORES
        if score.column in CASES.values()
    ]
    frame = pd.concat(parts, ignore_index=True).astype(dict.fromkeys(columns[1:], float))
    # a row of the figure is one method for one score; methods repeat between the groups
    frame["row"] = frame["group"] + "_" + frame["way"]
    return Figure("missing_answers", "forest", frame, {"decimals": 2})


def tipping(trial: Trial, score: Score, conf_level: float = 0.95) -> tuple[float, float]:
    """Tipping point of a score in points, and the share (0-1) of the treated without the score at the last wave."""
    frame = health_frame(trial)
    treated = frame.loc[frame["arm"] == trial.study.treatment, f"{score.column}_m{last_wave(trial)}"]
    missing = float(treated.isna().mean())
    return tipping_point(adjusted_at_last_wave(trial, score, ("baseline",), conf_level), missing), missing
