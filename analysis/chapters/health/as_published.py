"""The chapter's tables as published: response, Tables 10 to 16, cell for cell with the keys of the print."""

import pandas as pd

from analysis.chapters.health.cells import (
    difference_cells,
    mean_cells,
    one_estimate,
    p_cell,
    people_behind,
    statistic_cells,
)
from analysis.chapters.health.measures import (
    COVARIATES,
    HADS_SCORES,
    SCORES,
    SINGLE_ITEMS,
    Score,
    arm_names,
    baseline,
    follow_up,
    health_frame,
    last_wave,
)
from analysis.frames.instruments import read_parameters
from analysis.frames.trial import Trial
from analysis.methods.estimates import estimate_frame
from analysis.methods.means import adjusted_difference, compare_means, rank_sum_test, reverse_contrast
from analysis.methods.missing_data import compare_by_response, last_observation_carried_forward, response
from analysis.show.tables import Table, cells

ITEM_TABLES = {"expectation_work": "table_12", "expected_health_effect": "table_13"}
# Table 13 at 12 months has 452 degrees of freedom where n1 + n0 - 2 is 588: only unequal variances give that.
UNEQUAL_VARIANCES = {("expected_health_effect", 12)}


def response_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """Who returned the questionnaire: one row a wave, columns both arms, total and difference (percentage points)."""
    rows = []
    for wave in follow_up(trial):
        returned = response(trial.scores, trial.people, wave, **arm_names(trial), conf_level=conf_level)
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
    return Table("response", cells(rows), decimals, unit="percent_points", n=len(trial.people), conf_level=conf_level)


def text_4_2(trial: Trial) -> Table:
    """The numbers printed in the running text of section 4.2: questionnaires returned, range of the health ladder."""
    rows = []
    for wave in follow_up(trial):
        share = one_estimate(response(trial.scores, trial.people, wave, **arm_names(trial)), contrast="total")
        n = people_behind(share)
        row = f"returned_questionnaire_{wave}m"
        rows += [(row, "total", "n", share["estimate"] * n, n), (row, "total", "pct", 100 * share["estimate"], n)]
    low, high = read_parameters("eq5d")["health_ladder_range"].value
    rows += [("health_ladder_scale", "min", "score", low), ("health_ladder_scale", "max", "score", high)]
    return Table("text_4.2", cells(rows), {"pct": 0, "score": 0})


def comparison_at_last_wave(trial: Trial, score: Score, conf_level: float = 0.95) -> pd.DataFrame:
    """Means by arm at the last wave and their difference, SFJ minus control, for those with the score."""
    column = f"{score.column}_m{last_wave(trial)}"
    return compare_means(health_frame(trial), column, **arm_names(trial), conf_level=conf_level)


def table_10(trial: Trial, conf_level: float = 0.95) -> Table:
    """Mean scores at 12 months of those with valid answers; t is that of control minus SFJ, as in print."""
    trial = trial.in_extract("table_10")
    rows = []
    for score in SCORES:
        compared = comparison_at_last_wave(trial, score, conf_level)
        for arm in (trial.study.treatment, trial.study.control):
            rows += mean_cells(score.row, arm, one_estimate(compared, contrast=arm), spread="se")
        rows += statistic_cells(score.row, trial.study.contrast, reverse_contrast(compared).iloc[-1])
    return _means_table("table_10", rows, conf_level, {"se": 2})


def adjusted_at_last_wave(
    trial: Trial, score: Score, covariates: tuple[str, ...] = (), conf_level: float = 0.95
) -> pd.Series:
    """Adjusted difference SFJ minus control at the last wave; "baseline" among the covariates is the score's own."""
    own = f"{score.column}_m{baseline(trial)}"
    names = [own if covariate == "baseline" else covariate for covariate in covariates]
    outcome = f"{score.column}_m{last_wave(trial)}"
    fitted = adjusted_difference(health_frame(trial), outcome, names, **arm_names(trial), conf_level=conf_level)
    return estimate_frame([fitted]).iloc[0]


def table_11(trial: Trial, conf_level: float = 0.95) -> Table:
    """Difference at 12 months, control minus SFJ as in print, without and with adjustment for the baseline score."""
    trial = trial.in_extract("table_11")
    rows = []
    for score in SCORES:
        for column, covariates in (("unadjusted", ()), ("adjusted_baseline", ("baseline",))):
            fitted = _as_printed(adjusted_at_last_wave(trial, score, covariates, conf_level))
            rows += difference_cells(score.short, column, fitted)
            if column == "unadjusted":
                n = people_behind(fitted)
                rows.append((score.short, "number", "n", float(n), n))
    decimals = {"b": 2, "ci_low": 2, "ci_high": 2}
    columns = ("unadjusted", "adjusted_baseline", "number")
    return Table("table_11", cells(rows), decimals, columns=columns, unit="score", conf_level=conf_level)


def _as_printed(difference: pd.Series) -> pd.Series:
    """The difference the way the published tables have it: control minus SFJ."""
    return reverse_contrast(difference.to_frame().T.infer_objects()).iloc[0]


def single_item_means(trial: Trial, item: str, conf_level: float = 0.95) -> Table:
    """Tables 12 and 13, first part: means of a single item by wave and arm, standard deviations and t test."""
    name = ITEM_TABLES[item]
    trial = trial.in_extract(name)
    rows = [cell for wave in follow_up(trial) for cell in _item_cells(trial, item, wave, conf_level)]
    return _means_table(name, rows, conf_level, {"sd": 2}, part="means")


def single_item_rank_sums(trial: Trial, item: str) -> Table:
    """Tables 12 and 13, second part: rank sums by wave and arm, z and p."""
    name = ITEM_TABLES[item]
    trial = trial.in_extract(name)
    rows = [cell for wave in follow_up(trial) for cell in _rank_sum_cells(trial, item, wave)]
    decimals = {"rank_sum": 1, "rank_sum_expected": 1, "z": 3}
    return Table(name, cells(rows), decimals, unit="ranks", part="rank_sums")


def single_item_scale(item: str) -> Table:
    """Tables 12 and 13, footnote: lowest and highest answer."""
    low, high = read_parameters("single_items")[item].value
    rows = [("response_scale", "note", "scale_min", low), ("response_scale", "note", "scale_max", high)]
    return Table(ITEM_TABLES[item], cells(rows), {"scale_min": 0, "scale_max": 0}, part="scale")


def compare_item(trial: Trial, item: str, wave: int, conf_level: float = 0.95) -> pd.DataFrame:
    """Means of a single item by arm at one wave and their difference, with the variances the print assumes."""
    variances = "unequal" if (item, wave) in UNEQUAL_VARIANCES else "equal"
    return compare_means(
        health_frame(trial), f"{item}_m{wave}", **arm_names(trial), variances=variances, conf_level=conf_level
    )


def _item_cells(trial: Trial, item: str, wave: int, conf_level: float) -> list[tuple]:
    row = f"{SINGLE_ITEMS[item]}_{wave}m"
    compared = compare_item(trial, item, wave, conf_level)
    rows = []
    for arm in (trial.study.treatment, trial.study.control):
        rows += mean_cells(row, arm, one_estimate(compared, contrast=arm), spread="sd")
    return rows + statistic_cells(row, trial.study.contrast, compared.iloc[-1], statistics=("df",))


def rank_sums(trial: Trial, item: str, wave: int) -> pd.DataFrame:
    """Rank-sum test of a single item at one wave; see `means.rank_sum_test`."""
    frame, arms = health_frame(trial), (trial.study.treatment, trial.study.control)
    values = [frame.loc[frame["arm"] == arm, f"{item}_m{wave}"] for arm in arms]
    return rank_sum_test(*values, outcome=f"{item}_m{wave}", population="all", arms=arms)


def _rank_sum_cells(trial: Trial, item: str, wave: int) -> list[tuple]:
    row = f"ranksum_{SINGLE_ITEMS[item]}_{wave}m"
    table = rank_sums(trial, item, wave)
    rows = []
    for group in (trial.study.treatment, trial.study.control, "combined"):
        observed = one_estimate(table, contrast=group, method="rank sum")
        expected = one_estimate(table, contrast=group, method="rank sum expected")
        n = people_behind(observed)
        values = {"n": float(n), "rank_sum": observed["estimate"], "rank_sum_expected": expected["estimate"]}
        rows += [(row, group, statistic, value, n) for statistic, value in values.items()]
    return rows + statistic_cells(row, "combined", table.iloc[-1], statistics=("z",))


def baseline_by_response(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Baseline scores of those with and without a valid score at the last wave, within each arm."""
    columns = [f"{score.column}_m{baseline(trial)}" for score in SCORES]
    arms = (trial.study.treatment, trial.study.control)
    return compare_by_response(health_frame(trial), columns, arms=arms, conf_level=conf_level)


def table_14(trial: Trial, conf_level: float = 0.95) -> Table:
    """Baseline scores of those who answered at 12 months and of those who did not, by arm; no fatigue, as in print."""
    trial = trial.in_extract("table_14")
    means = baseline_by_response(trial, conf_level)
    wave, rows = last_wave(trial), []
    for score in SCORES[:-1]:
        for arm in (trial.study.treatment, trial.study.control):
            for group in ("responders", "non_responders"):
                outcome = f"{score.column}_m{baseline(trial)}"
                mean = one_estimate(means, outcome=outcome, population=arm, contrast=group)
                rows += mean_cells(f"baseline_{score.short}", f"{arm}_{group}_{wave}m", mean)
    return _means_table("table_14", rows, conf_level)


def carried_forward(trial: Trial, score: Score) -> pd.DataFrame:
    """Each participant's last known value of the score up to the last wave."""
    return last_observation_carried_forward(trial.scores, trial.people, score.column, last_wave(trial))


def table_15(trial: Trial, conf_level: float = 0.95) -> Table:
    """Scores at 12 months with the last observation carried forward: means by arm and t test."""
    trial = trial.in_extract("table_15")
    rows = []
    for score in SCORES:
        compared = compare_means(carried_forward(trial, score), score.column, **arm_names(trial), conf_level=conf_level)
        for arm in (trial.study.treatment, trial.study.control):
            rows += mean_cells(score.short, arm, one_estimate(compared, contrast=arm), spread="sd")
        rows += statistic_cells(score.short, trial.study.contrast, compared.iloc[-1], statistics=("df",))
    return _means_table("table_15", rows, conf_level, {"sd": 2, "p": 4})


MODELS = {
    "model_a": (),
    "model_b": ("baseline",),
    "model_c": COVARIATES,
    "model_d": (*COVARIATES, "baseline"),
}


def table_16(trial: Trial, conf_level: float = 0.95) -> Table:
    """Anxiety and depression at 12 months by four models, control minus SFJ as in print.

    A unadjusted; B the baseline score; C age, sex, higher education; D both.
    """
    trial = trial.in_extract("table_16")
    rows = []
    for score in HADS_SCORES:
        for model, covariates in MODELS.items():
            fitted = _as_printed(adjusted_at_last_wave(trial, score, covariates, conf_level))
            rows += difference_cells(score.short, model, fitted)
            rows.append(p_cell(score.short, model, fitted, inequality=False))
    decimals = {"b": 2, "ci_low": 2, "ci_high": 2}
    return Table("table_16", cells(rows), decimals, unit="score", conf_level=conf_level)


def _means_table(
    name: str, rows: list[tuple], conf_level: float, decimals: dict | None = None, part: str = ""
) -> Table:
    usual = {"mean": 2, "ci_low": 2, "ci_high": 2} | (decimals or {})
    return Table(name, cells(rows), usual, unit="score", part=part, conf_level=conf_level)


def published_tables(trial: Trial) -> list[Table]:
    """Every table of the chapter that the report prints, in its order, with the keys of the print."""
    items = [
        part
        for item in ITEM_TABLES
        for part in (single_item_means(trial, item), single_item_rank_sums(trial, item), single_item_scale(item))
    ]
    before, after = (text_4_2, table_10, table_11), (table_14, table_15, table_16)
    return [*(table(trial) for table in before), *items, *(table(trial) for table in after)]
