"""Caseness by wave, and the sources of carried values."""

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.health.cells import people_behind
from analysis.chapters.health.measures import ANSWERED, FOLLOWED, arm_names, scores_in
from analysis.chapters.health.tables import carried_scores
from analysis.frames.instruments import hads_case
from analysis.frames.needs import needs, unmet
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import concat_estimates, estimate_frame
from analysis.methods.missing_data import carried_from
from analysis.methods.proportions import compare_arms
from analysis.methods.regression import adjusted_difference_in_shares
from analysis.show.tables import Table, cells

CASES = {"anxiety": "hads_anxiety", "depression": "hads_depression"}


@needs(*ANSWERED, "instrument:hads")
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


@needs(*ANSWERED, "instrument:hads")
@once_a_trial
def adjusted_caseness(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Difference in caseness at equal scores at inclusion: an estimate frame, one row an outcome and follow-up wave.

    Logit with the score at inclusion, everybody treated minus nobody; NaN where the data cannot identify it. Further
    column wave. Without answers at inclusion there is no row.
    """
    parts = []
    if unmet(trial, "baseline"):
        return concat_estimates(parts)
    for outcome, column in CASES.items():
        for wave in trial.study.follow_up_waves:
            fitted = adjusted_difference_in_shares(
                cases_of(trial, outcome, column, wave), outcome, [f"{column}_m0"], **arm_names(trial),
                population=f"m{wave}", conf_level=conf_level,
            )  # fmt: skip
            parts.append(estimate_frame([fitted]).assign(wave=wave))
    return concat_estimates(parts)


@needs(*ANSWERED, "instrument:hads")
@shown_from(cases=caseness, at_equal_start=adjusted_caseness)
def caseness_table(trial: Trial, cases: pd.DataFrame, at_equal_start: pd.DataFrame) -> Table:
    """Caseness by wave: one row an outcome and wave, columns the arms and their difference in percentage points.

    With answers at inclusion a last column has the difference at equal scores then.
    """
    rows = []
    for case in cases.to_dict("records"):
        compared = case["contrast"] == trial.study.contrast
        row, n = f"{case['outcome']}_m{case['wave']}", people_behind(pd.Series(case))
        values = {"difference" if compared else "pct": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
        if not compared:
            rows.append((row, case["contrast"], "n", float(n), n))
        rows += [(row, case["contrast"], name, 100 * case[field], n) for name, field in values.items()]
    rows += _adjusted_cells(at_equal_start)
    decimals = {"pct": 1, "difference": 1, "ci_low": 1, "ci_high": 1}
    groups = {outcome: [f"{outcome}_m{wave}" for wave in trial.study.waves] for outcome in CASES}
    level = level_of(cases)
    return Table("caseness", cells(rows), decimals, rows=groups, unit="percent_points", conf_level=level)


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
