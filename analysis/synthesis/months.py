"""The ten statuses month by month, from twelve months before inclusion to the end of the registers."""

import numpy as np
import pandas as pd

from .counts import deal
from .paths import (
    AAP,
    AAP_JOB,
    FULL,
    GRADED,
    JOB,
    NONE,
    PENSION,
    SICK,
    SICK_MONTHS_MAX,
    UNEMPLOYED,
    after_inclusion,
    before_inclusion,
    sick_months_running,
)
from .register_counts import monthly_counts
from .targets import Targets
from .transitions import statuses_at_month_12

FIRST, LAST = -12, 18
# Changes come a little sooner in the treatment arm, which leads from the first months on (figure 3).
PACE = {"control": 1.0, "sfj": 1.15}
REGISTER_END = pd.Period("2013-03", freq="M")


def status_months(people: pd.DataFrame, targets: Targets, assumed: dict, rng: np.random.Generator) -> pd.DataFrame:
    """One row a participant (index as `people`), one column a month from −12 to the end of the registers.

    A month that is not wholly inside the register window is missing.
    """
    table = statuses_at_month_12(people, targets, assumed)
    status_12 = _status_12(people, table, rng)
    rows = []
    for start, end, arm in zip(people["status_at_inclusion"], status_12, people["arm"], strict=True):
        history = before_inclusion(start, end, rng)
        path = [*history, start, *after_inclusion(history, start, end, PACE[arm], rng)]
        rows.append(_with_pension(path) if start == FULL and end == PENSION else path)
    months = pd.DataFrame(rows, index=people.index, columns=range(FIRST, 13), dtype=object)
    return _later_months(people, months, monthly_counts(targets), rng)


def _with_pension(path: list[str]) -> list[str]:
    """Someone who was sick-listed beside a graded disability pension: work beside the pension when not sick-listed."""
    return [status if status in SICK else PENSION for status in path]


def _status_12(people: pd.DataFrame, table: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    cells = table.drop(columns="count")
    return deal(people, ["arm", "status_at_inclusion"], cells, table["count"].to_numpy(), "status_m12", rng)


def observed_until(people: pd.DataFrame) -> pd.Series:
    """Last relative month that lies wholly inside the register window."""
    included = people["included_on"].dt.to_period("M")
    return included.map(lambda month: (REGISTER_END - month).n).astype(int)


def _later_months(
    people: pd.DataFrame, months: pd.DataFrame, counts: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Months 13 to 18: small changes from month to month, then as many in work and partly in work as table 8 needs."""
    last = observed_until(people)
    later = months.copy()
    for month in range(13, int(last.max()) + 1):
        seen = last >= month
        paths = later.loc[seen].to_numpy().tolist()
        later[month] = pd.Series([_next(path, rng) for path in paths], index=later.index[seen], dtype=object)
        for arm in ("control", "sfj") if month <= LAST else ():
            members = people.index[seen & (people["arm"] == arm) & people["in_registers"]]
            goal = counts.loc[(counts["month"] == month) & (counts["arm"] == arm)].iloc[0]
            if len(members) != goal["observed"]:
                raise ValueError(f"month {month}, {arm}: {len(members)} observed, table 8 has {goal['observed']}")
            chosen = later.loc[members]
            start = people.loc[members, "status_at_inclusion"]
            later.loc[members, month] = _meet(chosen, start, month, goal, rng)
    return later


STAY = {JOB: 0.96, FULL: 0.9, GRADED: 0.85, AAP: 0.985, AAP_JOB: 0.93}


def _next(path: list[str], rng: np.random.Generator) -> str:
    """A believable status after this path."""
    now = path[-1]
    spent = sick_months_running(path) >= SICK_MONTHS_MAX - 1
    if now in SICK and spent:
        return AAP if rng.random() < 0.8 else JOB
    if rng.random() < STAY.get(now, 0.96):
        return now
    if now == JOB and spent:
        return NONE
    following = {JOB: [FULL, NONE], FULL: [JOB, GRADED], GRADED: [JOB, FULL], AAP: [AAP_JOB, JOB],
                 AAP_JOB: [AAP, JOB]}  # fmt: skip
    return str(rng.choice(following.get(now, [JOB, now])))


def _partly(start: pd.Series, now: pd.Series) -> pd.Series:
    return ((start == FULL) & (now == GRADED)) | ((start == AAP) & (now == AAP_JOB)) | (
        (start == FULL) & (now == PENSION)
    )


def _meet(chosen: pd.DataFrame, start: pd.Series, month: int, goal: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Move as few people as possible so that both counts of the month are met."""
    now = chosen[month].copy()
    earlier = chosen.drop(columns=month).to_numpy().tolist()
    spent = pd.Series([sick_months_running(path) >= SICK_MONTHS_MAX - 1 for path in earlier], index=chosen.index)
    surplus = int((now == JOB).sum() - goal["in_work_no_benefits"])
    before = chosen[month - 1]
    if surplus > 0:
        # The newly returned first: they stay as they were; then short absences of others.
        order = _order(now == JOB, before != JOB, rng)[:surplus]
        now.loc[order] = [_not_at_work(before[i], spent[i]) for i in order]
    elif surplus < 0:
        able = (now != JOB) & now.isin([FULL, GRADED, NONE, AAP_JOB, UNEMPLOYED])
        now.loc[_order(able, before == JOB, rng)[:-surplus]] = JOB
    part = _partly(start, now)
    excess = int(part.sum() - (goal["fully_or_partly_in_work"] - goal["in_work_no_benefits"]))
    if excess > 0:
        movable = part & (now != PENSION)
        order = _order(movable, ~_partly(start, before), rng)[:excess]
        now.loc[order] = [FULL if now[i] == GRADED else AAP for i in order]
    elif excess < 0:
        able = ((start == AAP) & (now == AAP)) | ((start == FULL) & (now == FULL) & ~spent)
        order = _order(able, _partly(start, before), rng)[:-excess]
        now.loc[order] = [GRADED if now[i] == FULL else AAP_JOB for i in order]
    return now


def _not_at_work(before: str, spent: bool) -> str:
    """What someone does who is not at work this month: as in the month before, or a short absence."""
    if before not in (JOB, *SICK):
        return before
    if spent:
        return AAP
    return FULL if before == JOB else before


def _order(able: pd.Series, first: pd.Series, rng: np.random.Generator) -> list:
    """The people who can be moved, in random order, those marked `first` before the others."""
    favoured = rng.permutation(able.index[able & first])
    return [*favoured, *rng.permutation(able.index[able & ~first])]
