"""Two expectations asked as single questions: means and rank sums by wave."""

import pandas as pd

from analysis.chapters.health.cells import difference_cells, mean_cells, one_estimate, people_behind, statistic_cells
from analysis.chapters.health.measures import ANSWERED, arm_names, layout, variances
from analysis.chapters.health.tables import means_table
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.methods.estimates import estimate_frame
from analysis.methods.means import adjusted_difference, compare_means, rank_sum_test
from analysis.published.keys import with_printed_keys
from analysis.show.tables import Table, cells

# The single questions of this chapter, each with a sentence of its own name.
ITEMS = ("expectation_work", "expected_health_effect")


@needs(*ANSWERED)
def single_item_means(trial: Trial, item: str, conf_level: float = 0.95) -> Table | Absent:
    """Means of a single item by wave and arm, standard deviations and t test; the difference at an equal start."""
    if lacking := unmet(trial, f"item:{item}"):
        return Absent(lacking)
    seen, rows, way = trial.extract_for(f"health.{item}"), [], layout(trial, item)
    for wave in trial.study.follow_up_waves:
        compared = compare_item(seen, item, wave, conf_level)
        for arm in (trial.study.treatment, trial.study.control):
            rows += mean_cells(f"{item}_{wave}m", arm, one_estimate(compared, contrast=arm), spread=way.spread)
        rows += statistic_cells(f"{item}_{wave}m", trial.study.contrast, compared.iloc[-1], statistics=way.test)
        if not unmet(trial, "baseline"):
            adjusted = adjusted_item(seen, item, wave, conf_level)
            rows += difference_cells(f"{item}_{wave}m", "adjusted_baseline", adjusted)
    return means_table(trial, item, rows, conf_level, part="means")


@needs(*ANSWERED)
def single_item_rank_sums(trial: Trial, item: str) -> Table | Absent:
    """Rank sums of a single item by wave and arm, z and p."""
    if lacking := unmet(trial, f"item:{item}"):
        return Absent(lacking)
    seen = trial.extract_for(f"health.{item}")
    rows = [cell for wave in trial.study.follow_up_waves for cell in _rank_sum_cells(seen, item, wave)]
    decimals = {"rank_sum": 1, "rank_sum_expected": 1}
    table = Table(item, cells(rows), decimals, unit="ranks", part="rank_sums")
    return with_printed_keys(table, trial, "health")


def compare_item(trial: Trial, item: str, wave: int, conf_level: float = 0.95) -> pd.DataFrame:
    """Means of a single item by arm at one wave and their difference; t test after Welch (see `variances`)."""
    return compare_means(
        trial.health, f"{item}_m{wave}", **arm_names(trial), variances=variances(trial, item, wave),
        conf_level=conf_level,
    )  # fmt: skip


def adjusted_item(trial: Trial, item: str, wave: int, conf_level: float = 0.95) -> pd.Series:
    """Difference in a single item at one wave at equal answers at inclusion, treatment minus control."""
    outcome, start = f"{item}_m{wave}", f"{item}_m0"
    fitted = adjusted_difference(trial.health, outcome, [start], **arm_names(trial), conf_level=conf_level)
    return estimate_frame([fitted]).iloc[0]


def rank_sums(trial: Trial, item: str, wave: int) -> pd.DataFrame:
    """Rank-sum test of a single item at one wave; see `means.rank_sum_test`."""
    frame, arms = trial.health, (trial.study.treatment, trial.study.control)
    values = [frame.loc[frame["arm"] == arm, f"{item}_m{wave}"] for arm in arms]
    return rank_sum_test(*values, outcome=f"{item}_m{wave}", population="all", arms=arms)


def _rank_sum_cells(trial: Trial, item: str, wave: int) -> list[tuple]:
    row, table, rows = f"{item}_{wave}m", rank_sums(trial, item, wave), []
    for group in (trial.study.treatment, trial.study.control, "combined"):
        observed = one_estimate(table, contrast=group, method="rank sum")
        expected = one_estimate(table, contrast=group, method="rank sum expected")
        n = people_behind(observed)
        values = {"n": float(n), "rank_sum": observed["estimate"], "rank_sum_expected": expected["estimate"]}
        rows += [(row, group, statistic, value, n) for statistic, value in values.items()]
    return rows + statistic_cells(row, "combined", table.iloc[-1], statistics=("z",))
