"""Two expectations asked as single questions: means and rank sums by wave."""

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.health.cells import difference_cells, mean_cells, one_estimate, people_behind, statistic_cells
from analysis.chapters.health.measures import ANSWERED, arm_names, layout, variances
from analysis.chapters.health.tables import means_table
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.methods.estimates import concat_estimates, estimate_frame
from analysis.methods.means import adjusted_difference, compare_means, rank_sum_test
from analysis.published.keys import with_printed_keys
from analysis.show.tables import Table, cells

# The single questions of this chapter, each with a sentence of its own name.
ITEMS = ("expectation_work", "expected_health_effect")


@needs(*ANSWERED)
def compare_answers(trial: Trial, item: str, conf_level: float = 0.95) -> pd.DataFrame | Absent:
    """Means of a single item by arm and their difference (t test), at each wave after inclusion (further column)."""
    if lacking := unmet(trial, f"item:{item}"):
        return Absent(lacking)
    seen = trial.extract_for(f"health.{item}")
    waves = trial.study.follow_up_waves
    return concat_estimates([compare_item(seen, item, wave, conf_level).assign(wave=wave) for wave in waves])


@needs(*ANSWERED)
def adjusted_answers(trial: Trial, item: str, conf_level: float = 0.95) -> pd.DataFrame:
    """Difference in a single item at equal answers at inclusion by wave; no row without answers at inclusion."""
    asked = not (unmet(trial, f"item:{item}") or unmet(trial, "baseline"))
    seen, waves = trial.extract_for(f"health.{item}"), trial.study.follow_up_waves if asked else ()
    found = concat_estimates([adjusted_item(seen, item, wave, conf_level).assign(wave=wave) for wave in waves])
    return found if len(found) else found.assign(wave=[])


@needs(*ANSWERED)
@shown_from(found=compare_answers, at_equal_start=adjusted_answers)
def single_item_means(trial: Trial, item: str, found: pd.DataFrame, at_equal_start: pd.DataFrame) -> Table:
    """Means of a single item by wave and arm, standard deviations and t test; the difference at an equal start."""
    rows, way = [], layout(trial, item)
    for wave, compared in found.groupby("wave"):
        for arm in (trial.study.treatment, trial.study.control):
            rows += mean_cells(f"{item}_{wave}m", arm, one_estimate(compared, contrast=arm), spread=way.spread)
        rows += statistic_cells(f"{item}_{wave}m", trial.study.contrast, compared.iloc[-1], statistics=way.test)
        for _, gap in at_equal_start[at_equal_start["wave"] == wave].iterrows():
            rows += difference_cells(f"{item}_{wave}m", "adjusted_baseline", gap)
    return means_table(trial, item, rows, level_of(found), part="means")


@needs(*ANSWERED)
def rank_sum_tests(trial: Trial, item: str) -> pd.DataFrame | Absent:
    """Rank-sum test of a single item at each wave after inclusion (further column); see `means.rank_sum_test`."""
    if lacking := unmet(trial, f"item:{item}"):
        return Absent(lacking)
    seen = trial.extract_for(f"health.{item}")
    return concat_estimates([rank_sums(seen, item, wave).assign(wave=wave) for wave in trial.study.follow_up_waves])


@needs(*ANSWERED)
@shown_from(tests=rank_sum_tests)
def single_item_rank_sums(trial: Trial, item: str, tests: pd.DataFrame) -> Table:
    """Rank sums of a single item by wave and arm, z and p."""
    rows = [cell for wave, own in tests.groupby("wave") for cell in _rank_sum_cells(trial, f"{item}_{wave}m", own)]
    decimals = {"rank_sum": 1, "rank_sum_expected": 1}
    table = Table(item, cells(rows), decimals, unit="ranks", part="rank_sums")
    return with_printed_keys(table, trial, "health")


def compare_item(trial: Trial, item: str, wave: int, conf_level: float = 0.95) -> pd.DataFrame:
    """Means of a single item by arm at one wave and their difference; t test after Welch (see `variances`)."""
    return compare_means(
        trial.health, f"{item}_m{wave}", **arm_names(trial), variances=variances(trial, item, wave),
        conf_level=conf_level,
    )  # fmt: skip


def adjusted_item(trial: Trial, item: str, wave: int, conf_level: float = 0.95) -> pd.DataFrame:
    """Difference in a single item at one wave at equal answers at inclusion, treatment minus control."""
    outcome, start = f"{item}_m{wave}", f"{item}_m0"
    fitted = adjusted_difference(trial.health, outcome, [start], **arm_names(trial), conf_level=conf_level)
    return estimate_frame([fitted])


def rank_sums(trial: Trial, item: str, wave: int) -> pd.DataFrame:
    """Rank-sum test of a single item at one wave; see `means.rank_sum_test`."""
    frame, arms = trial.health, (trial.study.treatment, trial.study.control)
    values = [frame.loc[frame["arm"] == arm, f"{item}_m{wave}"] for arm in arms]
    return rank_sum_test(*values, outcome=f"{item}_m{wave}", population="all", arms=arms)


def _rank_sum_cells(trial: Trial, row: str, table: pd.DataFrame) -> list[tuple]:
    rows = []
    for group in (trial.study.treatment, trial.study.control, "combined"):
        observed = one_estimate(table, contrast=group, method="rank sum")
        expected = one_estimate(table, contrast=group, method="rank sum expected")
        n = people_behind(observed)
        values = {"n": float(n), "rank_sum": observed["estimate"], "rank_sum_expected": expected["estimate"]}
        rows += [(row, group, statistic, value, n) for statistic, value in values.items()]
    return rows + statistic_cells(row, "combined", table.iloc[-1], statistics=("z",))
