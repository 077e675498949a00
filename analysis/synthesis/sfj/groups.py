"""How many people of each arm hold which status at inclusion and after twelve months."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.frames.registers import STATUSES

from .targets import Targets

ARMS = ("control", "sfj")
# The report groups the ten statuses in four (table 9, table A.1).
STATUS_GROUPS = {
    "no_job_no_benefit": "other",
    "job_no_benefits": "in_work",
    "sick_listed_full": "sick_listed_full",
    "sick_listed_graded": "in_work",
    "aap": "aap",
    "aap_and_job": "aap",
    "unemployment_benefit_individual_allowance": "other",
    "disability_pension_full": "other",
    "disability_pension_graded": "other",
    "nav_follow_up_without_benefits": "other",
}
# The column heading of table A.1 for each group.
A1_COLUMNS = {"in_work": "in_work", "sick_listed_full": "sick_listed_100", "aap": "aap", "other": "other"}


def printed_statuses(targets: Targets, when: str, arm: str) -> dict[str, int]:
    """Table 7's percentages as whole people; `when` is "inclusion" or "month12".

    Largest remainders settle a column whose printed percentages do not come from whole people.
    """
    column = f"{when}_{arm}"
    size = targets.count("table_07", "number", column)
    printed = targets.where("table_07", column=column, statistic="pct").set_index("row")["value"]
    exact = printed * size / 100
    counts = exact.round().astype(int)
    while counts.sum() != size:
        step = 1 if counts.sum() < size else -1
        counts[(step * (exact - counts)).idxmax()] += step
    return {status: int(counts.get(status, 0)) for status in STATUSES}


def statuses_at_inclusion(targets: Targets, moves: Mapping[str, int]) -> pd.DataFrame:
    """People per arm and status at inclusion in the master data: table 7, put right by table A.1.

    Table A.1 counts more people on AAP and fewer in work than table 7; `moves` says how many of the difference each arm
    has. They receive AAP beside work, a status that table 7 leaves empty at inclusion. People whom table 7 lacks
    altogether had neither job nor benefit. Columns: arm, status, status_group, count.
    """
    rows = []
    for arm in ARMS:
        counts = printed_statuses(targets, "inclusion", arm)
        counts["sick_listed_graded"] -= moves[arm]
        counts["aap_and_job"] += moves[arm]
        counts["no_job_no_benefit"] += targets.count("table_01", "total", arm) - sum(counts.values())
        rows += [(arm, status, STATUS_GROUPS[status], count) for status, count in counts.items()]
    return pd.DataFrame(rows, columns=["arm", "status", "status_group", "count"])


def group_size(targets: Targets, group: str) -> int:
    """People of a status group in table A.1."""
    return targets.count("table_A1", "number", A1_COLUMNS[group])


def count_behind_mean(targets: Targets, row: str, group: str) -> tuple[int, int]:
    """(people with the characteristic, people who answered) behind a mean of zeros and ones in table A.1."""
    counts, respondents = counts_behind_means(targets, [row], group)
    return counts[row], respondents


def respondents_behind_mean(targets: Targets, row: str, group: str) -> dict[int, int]:
    """Every number of respondents for which a mean of zeros and ones in table A.1 prints, and the people with it."""
    mean = targets.value("table_A1", row, A1_COLUMNS[group], "mean")
    sd = targets.value("table_A1", row, A1_COLUMNS[group], "sd")
    numbers = range(2, group_size(targets, group) + 1)
    possible = {respondents: _count_behind(mean, sd, respondents) for respondents in numbers}
    return {respondents: count for respondents, count in possible.items() if count is not None}


def counts_behind_means(targets: Targets, rows: Sequence[str], group: str) -> tuple[dict[str, int], int]:
    """People with each characteristic, and the respondents they share, behind means of zeros and ones in table A.1.

    The largest number of respondents for which all means and standard deviations round as printed.
    """
    for respondents in range(group_size(targets, group), 1, -1):
        counts = {row: _count_among(targets, row, group, respondents) for row in rows}
        if None not in counts.values():
            return counts, respondents
    raise ValueError(f"table_A1: no counts of people give {', '.join(rows)} in {group}")


def _count_among(targets: Targets, row: str, group: str, respondents: int) -> int | None:
    mean = targets.value("table_A1", row, A1_COLUMNS[group], "mean")
    sd = targets.value("table_A1", row, A1_COLUMNS[group], "sd")
    return _count_behind(mean, sd, respondents)


def _count_behind(mean: float, sd: float, respondents: int) -> int | None:
    count = round(mean * respondents)
    share = count / respondents
    spread = (share * (1 - share) * respondents / (respondents - 1)) ** 0.5
    return count if abs(share - mean) <= 0.0005 and abs(spread - sd) <= 0.0005 else None
