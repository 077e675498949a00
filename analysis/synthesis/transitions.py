"""Who holds which status twelve months after inclusion, given the status at inclusion."""

import numpy as np
import pandas as pd

from analysis.registers import STATUSES

from .counts import Margin, integer_table, table_cells
from .groups import ARMS, STATUS_GROUPS, printed_statuses
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
    """Whole people per arm, status at inclusion and status twelve months on in the master data.

    Margins: the statuses at inclusion, table 7's statuses at twelve months put right for what `assumed` knows of its
    extract, the people partly in work of table 8, and the two shares printed under figure 7. Columns: arm,
    status_at_inclusion, status_m12, count.
    """
    cells = table_cells({"arm": ARMS, "status_at_inclusion": STATUSES, "status_m12": STATUSES})
    cells = cells.assign(gain=partly_gained(cells["status_at_inclusion"], cells["status_m12"]))
    cells = cells.assign(group=cells["status_at_inclusion"].map(STATUS_GROUPS))
    cells = cells.assign(outcome=np.where(cells["status_m12"] == "job_no_benefits", "work", cells["gain"]))
    expected = np.zeros(len(cells))
    margins: list[Margin] = []
    for arm in ARMS:
        members = people.loc[people["arm"] == arm]
        sizes = members["status_at_inclusion"].value_counts()
        for status in STATUSES:
            margins.append(({"arm": arm, "status_at_inclusion": status}, int(sizes.get(status, 0))))
        for status, count in master_statuses(targets, arm, len(members), assumed).items():
            margins.append(({"arm": arm, "status_m12": status}, count))
        margins += _outcome_margins(targets, arm, members, assumed)
        for row in cells.loc[cells["arm"] == arm].itertuples():
            weights = WEIGHTS.get(row.status_at_inclusion, {})
            weight = weights.get(row.status_m12, TRACE) / (sum(weights.values()) or 1)
            expected[row.Index] = weight * sizes.get(row.status_at_inclusion, 0)
    expected = _towards(cells, expected, margins)
    return cells.assign(count=integer_table(cells, expected, margins))[
        ["arm", "status_at_inclusion", "status_m12", "count"]
    ]


def _towards(cells: pd.DataFrame, expected: np.ndarray, margins: list[Margin], rounds: int = 40) -> np.ndarray:
    fitted = expected.copy()
    for _ in range(rounds):
        for keys, total in margins:
            chosen = np.ones(len(cells), dtype=bool)
            for column, value in keys.items():
                chosen &= (cells[column] == value).to_numpy()
            now = fitted[chosen].sum()
            fitted[chosen] *= total / now if now > 0 else 0.0
    return fitted


def partly_gained(before: pd.Series, after: pd.Series) -> np.ndarray:
    """"part" where the change counts as partly in work without being work without benefits, else "out"."""
    graded = (before == "sick_listed_full") & (after == "sick_listed_graded")
    working = (before == "aap") & (after == "aap_and_job")
    pension = (before == "sick_listed_full") & (after == "disability_pension_graded")
    return np.where(graded | working | pension, "part", "out")


def master_statuses(targets: Targets, arm: str, size: int, assumed: dict) -> dict[str, int]:
    """Statuses of everyone in an arm at month 12: table 7, less the people it counts in work without their having a job
    in table 8, plus the people it lacks."""
    counts = printed_statuses(targets, "month12", arm)
    settled = assumed["table_07_month_12"][arm]
    counts["job_no_benefits"] -= settled["in_work_without_a_job"]
    counts["no_job_no_benefit"] += settled["in_work_without_a_job"]
    for status in settled["lacking"]:
        counts[status] += 1
    if sum(counts.values()) != size:
        raise ValueError(f"table_07: {sum(counts.values())} people at 12 months in {arm}, {size} take part")
    return counts


def _outcome_margins(targets: Targets, arm: str, members: pd.DataFrame, assumed: dict) -> list[Margin]:
    shares = [targets.value("table_08", f"month_12_{name}", arm, "proportion")
              for name in ("fully_or_partly_in_work", "in_work_no_benefits")]
    observed = len(members) - assumed["without_registers"][arm]
    partly = round(shares[0] * observed) - round(shares[1] * observed)
    on_aap = members["status_at_inclusion"].map(STATUS_GROUPS).eq("aap").sum()
    printed = targets.value("text_4.1", "fully_or_partly_in_work_12m_aap_fig7", arm, "pct")
    works = round(printed / 100 * on_aap)
    part_on_aap = assumed["partly_in_work_on_aap"][arm]
    return [
        ({"arm": arm, "outcome": "part"}, partly),
        ({"arm": arm, "group": "aap", "outcome": "part"}, part_on_aap),
        ({"arm": arm, "group": "aap", "outcome": "work"}, works - part_on_aap),
    ]
