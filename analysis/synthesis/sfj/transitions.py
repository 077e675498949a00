"""Who holds which status twelve months after inclusion, given the status at inclusion."""

import numpy as np
import pandas as pd

from analysis.calibration import Margin, integer_table, table_cells
from analysis.frames.registers import STATUSES

from .background import fitted
from .groups import ARMS, printed_statuses
from .targets import Targets

# How likely each status is twelve months on, given the status at inclusion: relative weights that the printed margins
# then bend. Anything not named has a very small weight.
WEIGHTS = {
    "no_job_no_benefit": {"no_job_no_benefit": 40, "job_no_benefits": 18, "nav_follow_up_without_benefits": 6, "aap": 6,
                          "unemployment_benefit_individual_allowance": 3},
    "job_no_benefits": {"job_no_benefits": 64, "sick_listed_full": 13, "sick_listed_graded": 7, "aap": 7,
                        "no_job_no_benefit": 6, "unemployment_benefit_individual_allowance": 3},
    "sick_listed_full": {"job_no_benefits": 40, "aap": 26, "sick_listed_full": 14, "sick_listed_graded": 4,
                         "no_job_no_benefit": 6, "aap_and_job": 2, "unemployment_benefit_individual_allowance": 3,
                         "nav_follow_up_without_benefits": 1},
    "sick_listed_graded": {"job_no_benefits": 58, "sick_listed_full": 13, "aap": 12, "sick_listed_graded": 8,
                           "no_job_no_benefit": 3, "aap_and_job": 2, "unemployment_benefit_individual_allowance": 2},
    "aap": {"aap": 74, "aap_and_job": 12, "job_no_benefits": 6, "no_job_no_benefit": 3, "disability_pension_full": 2,
            "disability_pension_graded": 1, "nav_follow_up_without_benefits": 1,
            "unemployment_benefit_individual_allowance": 1},
    "aap_and_job": {"aap": 50, "aap_and_job": 30, "job_no_benefits": 15},
    "unemployment_benefit_individual_allowance": {"job_no_benefits": 30, "aap": 25, "no_job_no_benefit": 10,
                                                  "unemployment_benefit_individual_allowance": 20,
                                                  "nav_follow_up_without_benefits": 5},
    "disability_pension_graded": {"disability_pension_graded": 90, "disability_pension_full": 5},
    "nav_follow_up_without_benefits": {"nav_follow_up_without_benefits": 30, "job_no_benefits": 20, "aap": 20,
                                       "no_job_no_benefit": 15, "unemployment_benefit_individual_allowance": 5},
}  # fmt: skip
TRACE = 0.02


def statuses_at_month_12(people: pd.DataFrame, targets: Targets, assumed: dict) -> pd.DataFrame:
    """Whole people per arm, status at inclusion, outcome and status twelve months on in the master data.

    Margins: who works fully ("work"), partly ("part") or not ("out") at twelve months by `people.class_m12`, and table
    7's statuses at twelve months put right for what `assumed` knows of its extract. Columns: arm, status_at_inclusion,
    class_m12, status_m12, count.
    """
    cells = table_cells({"arm": ARMS, "status_at_inclusion": STATUSES, "status_m12": STATUSES})
    part = partly_gained(cells["status_at_inclusion"], cells["status_m12"])
    cells = cells.assign(
        class_m12=np.where(cells["status_m12"] == "job_no_benefits", "work", np.where(part, "part", "out"))
    )
    sizes = people.groupby(["arm", "status_at_inclusion", "class_m12"]).size()
    margins: list[Margin] = []
    for arm in ARMS:
        for status in STATUSES:
            for outcome in ("work", "part", "out"):
                keys = {"arm": arm, "status_at_inclusion": status, "class_m12": outcome}
                margins.append((keys, int(sizes.get((arm, status, outcome), 0))))
        for status, count in master_statuses(targets, arm, int((people["arm"] == arm).sum()), assumed).items():
            margins.append(({"arm": arm, "status_m12": status}, count))
    margins = [(keys, total) for keys, total in margins if _exists(cells, keys) or total]
    expected = fitted(cells, _weights(cells), margins)
    return cells.assign(count=integer_table(cells, expected, margins))


def _exists(cells: pd.DataFrame, keys: dict[str, str]) -> bool:
    return bool(np.logical_and.reduce([cells[column] == value for column, value in keys.items()]).any())


def _weights(cells: pd.DataFrame) -> np.ndarray:
    known = zip(cells["status_at_inclusion"], cells["status_m12"], strict=True)
    return np.array([WEIGHTS.get(before, {}).get(after, TRACE) for before, after in known], dtype=float)


def is_partly(before: str, after: str) -> bool:
    """Whether the change counts as partly in work without being work without benefits.

    The only fully sick-listed people who come to draw a graded disability pension had one beneath their sickness
    benefit all along.
    """
    graded = before == "sick_listed_full" and after in ("sick_listed_graded", "disability_pension_graded")
    return graded or (before == "aap" and after == "aap_and_job")


def partly_gained(before: pd.Series, after: pd.Series) -> pd.Series:
    """`is_partly` for each person."""
    pairs = zip(before, after, strict=True)
    return pd.Series([is_partly(then, now) for then, now in pairs], index=before.index, dtype=bool)


def master_statuses(targets: Targets, arm: str, size: int, assumed: dict) -> dict[str, int]:
    """Statuses of everyone in an arm at month 12.

    Table 7, with the people it counts in work and table 8 does not moved to their other status, plus the people it
    lacks.
    """
    counts = printed_statuses(targets, "month12", arm)
    settled = assumed["table_07_month_12"][arm]
    counts["job_no_benefits"] -= settled["in_work_elsewhere"]
    counts[settled["is_really"]] += settled["in_work_elsewhere"]
    for status in settled["lacking"]:
        counts[status] += 1
    if sum(counts.values()) != size:
        raise ValueError(f"table_07: {sum(counts.values())} people at 12 months in {arm}, {size} take part")
    return counts
