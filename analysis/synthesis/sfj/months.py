"""The ten statuses month by month, from twelve months before inclusion to the end of the registers."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.calibration import deal

from .later_months import later_months
from .paths import FULL, GRADED, PENSION, SICK, after_inclusion, before_inclusion
from .register_counts import monthly_counts
from .smooth_plan import OUT, PART, WORK
from .targets import Targets
from .transitions import statuses_at_month_12

FIRST = -12
# Changes come a little sooner in the treatment arm, which leads from the first months on (figure 3).
PACE = {"control": 1.0, "sfj": 1.6}
REGISTER_END = pd.Period("2013-03", freq="M")


def status_months(
    people: pd.DataFrame, targets: Targets, assumed: dict, worth: Mapping[str, float], rng: np.random.Generator
) -> pd.DataFrame:
    """One row a participant (index as `people`), one column a month from −12 to the end of the registers.

    A month that is not wholly inside the register window is missing. Needs the outcomes in `people`; `worth` is what an
    effect of one on full and partly work in the subgroup of table 22 gains, NOK.
    """
    people = people.assign(class_m12=classes(people, "in_work_m12", "partly_m12"))
    table = statuses_at_month_12(people, targets, assumed)
    keys = ["arm", "status_at_inclusion", "class_m12"]
    status_12 = deal(people, keys, table.drop(columns="count"), table["count"].to_numpy(), "status_m12", rng)
    status_12 = _lasting_pensions(people, _without_registers(people, status_12, assumed))
    rows, ranks = [], _even_ranks(people, ["arm", "status_at_inclusion"], rng)
    lateness = _even_ranks(people.assign(status_12=status_12), ["arm", "status_at_inclusion", "status_12"], rng)
    courses = zip(people["status_at_inclusion"], status_12, people["arm"], ranks, lateness, strict=True)
    for start, end, arm, rank, late in courses:
        history = before_inclusion(start, end, rank, rng)
        path = [*history, start, *after_inclusion(history, start, end, PACE[arm], late, rng)]
        rows.append(_with_pension(path) if start == FULL and end == PENSION else path)
    months = pd.DataFrame(rows, index=people.index, columns=range(FIRST, 13), dtype=object)
    return later_months(people, months, observed_until(people), monthly_counts(targets), targets, worth, rng)


def classes(people: pd.DataFrame, work: str, partly: str) -> pd.Series:
    """ "work", "part" or "out" from two outcomes."""
    return pd.Series(np.where(people[work], WORK, np.where(people[partly], PART, OUT)), index=people.index)


def _without_registers(people: pd.DataFrame, status_12: pd.Series, assumed: dict) -> pd.Series:
    """Give the person whom table 7 lacks altogether the status that table 7 lacks, by exchange with somebody alike."""
    settled = status_12.copy()
    lacking = people.index[~people["in_registers"] & (people["arm"] == "sfj")]
    wanted = assumed["table_07_month_12"]["sfj"]["lacking"][0]
    for person in lacking:
        alike = (people[["arm", "status_at_inclusion"]] == people.loc[person, ["arm", "status_at_inclusion"]]).all(
            axis=1
        )
        if settled[person] != wanted:
            other = people.index[alike & (settled == wanted)][0]
            settled[person], settled[other] = settled[other], settled[person]
    return settled


def _lasting_pensions(people: pd.DataFrame, status_12: pd.Series) -> pd.Series:
    """Give a pension beneath the sickness benefit to people who are partly in work at 18 months too: pensions last."""
    settled = status_12.copy()
    sick = people["status_at_inclusion"] == FULL
    lasting = people["partly_m18"] | ~people["observed_18"]
    for person in people.index[sick & (status_12 == PENSION) & ~lasting]:
        others = (
            sick & (people["arm"] == people.at[person, "arm"]) & (settled == GRADED) & (people["class_m12"] == PART)
        )
        other = people.index[others & lasting][0]
        settled[person], settled[other] = GRADED, PENSION
    return settled


def _even_ranks(people: pd.DataFrame, by: list[str], rng: np.random.Generator) -> pd.Series:
    """Numbers between 0 and 1, spread evenly over each group."""
    ranks = pd.Series(0.0, index=people.index)
    for _, members in people.groupby(by):
        ranks[members.index] = (rng.permutation(len(members)) + rng.random(len(members))) / len(members)
    return ranks


def _with_pension(path: list[str]) -> list[str]:
    """Someone who was sick-listed beside a graded disability pension: work beside the pension when not sick-listed."""
    return [status if status in SICK else PENSION for status in path]


def observed_until(people: pd.DataFrame) -> pd.Series:
    """Last relative month that lies wholly inside the register window."""
    included = people["included_on"].dt.to_period("M")
    return included.map(lambda month: (REGISTER_END - month).n).astype(int)
