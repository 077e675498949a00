"""Ages: the groups of table 2 by arm, means and standard deviations of table A.1 by status."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.calibration import deal, integer_table, table_cells

from .background import GROUPS, fitted
from .groups import A1_COLUMNS, ARMS
from .targets import Targets

DAYS_PER_YEAR = 365.25
# Lower and upper ages of the groups of table 2, in years; nobody was older than 60 (section 3.1).
BRACKETS = {
    "age_under_30": (18.0, 30.0),
    "age_30_40": (30.0, 40.0),
    "age_40_50": (40.0, 50.0),
    "age_over_50": (50.0, 61.0),
}
# Table 2 prints its age rows one column too far to the right: controls stand under "total", SFJ under "control".
PRINTED_COLUMN = {"control": "total", "sfj": "control"}


def ages_in_days(people: pd.DataFrame, targets: Targets, moved: str, rng: np.random.Generator) -> pd.DataFrame:
    """Age at inclusion: one row a participant; columns age_group, age_days (whole days).

    `moved` is the age group of the one person whom the age rows of table 2 count in the control arm and who belongs to
    SFJ. The moments of table A.1 are approached here by the draw and met by `moments.match_ages`.
    """
    groups = _age_groups(people, targets, moved, rng)
    return pd.DataFrame({"age_group": groups, "age_days": _days(people, groups, targets, rng)})


def moments(targets: Targets, group: str) -> tuple[float, float]:
    """Mean and standard deviation of age in years in a status group (table A.1)."""
    column = A1_COLUMNS[group]
    return targets.value("table_A1", "age", column, "mean"), targets.value("table_A1", "age", column, "sd")


def _age_groups(people: pd.DataFrame, targets: Targets, moved: str, rng: np.random.Generator) -> pd.Series:
    cells = table_cells({"arm": ARMS, "status_group": GROUPS, "age_group": list(BRACKETS)})
    sizes = people.groupby(["arm", "status_group"]).size()
    start = []
    for group, bracket in zip(cells["status_group"], cells["age_group"], strict=True):
        mean, sd = moments(targets, group)
        low, high = BRACKETS[bracket]
        start.append(stats.norm.cdf(high, mean, sd) - stats.norm.cdf(low, mean, sd))
    margins = [({"arm": arm, "status_group": group}, int(n)) for (arm, group), n in sizes.items()]
    for arm, step in (("control", -1), ("sfj", 1)):
        for bracket in BRACKETS:
            printed = targets.count("table_02", bracket, PRINTED_COLUMN[arm])
            margins.append(({"arm": arm, "age_group": bracket}, printed + step * (bracket == moved)))
    expected = fitted(cells, np.array(start), margins)
    return deal(people, ["arm", "status_group"], cells, integer_table(cells, expected, margins), "age_group", rng)


def _days(people: pd.DataFrame, groups: pd.Series, targets: Targets, rng: np.random.Generator) -> pd.Series:
    days = pd.Series(0, index=people.index)
    for (group, bracket), members in groups.groupby([people["status_group"], groups]):
        mean, sd = moments(targets, group)
        low, high = BRACKETS[bracket]
        # Keep a month's distance to the bounds, so that completed years and groups do not turn on a day.
        bounds = stats.norm.cdf([low + 0.05, high - 0.05], mean, sd)
        years = stats.norm.ppf(rng.uniform(*bounds, size=len(members)), mean, sd)
        days.loc[members.index] = np.rint(years * DAYS_PER_YEAR).astype(int)
    return days
