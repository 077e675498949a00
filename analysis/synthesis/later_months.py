"""Months 13 and later: from the status at 12 months to the outcome at 18, with table 8's numbers on the way."""

import numpy as np
import pandas as pd

from .paths import (
    AAP,
    AAP_JOB,
    FULL,
    GRADED,
    JOB,
    NONE,
    ON_AAP,
    PENSION,
    SICK,
    SICK_MONTHS_MAX,
    UNEMPLOYED,
    sick_months_running,
)
from .transitions import is_partly, partly_gained

WORK, PART, OUT = "work", "part", "out"
LAST = 18


def later_months(
    people: pd.DataFrame, months: pd.DataFrame, last: pd.Series, counts: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Append the months after 12. `last` is each person's last observed month, `counts` table 8's whole numbers."""
    later = months.copy()
    goal_18 = _goals(people, months, last >= LAST, counts, rng)
    for month in range(13, int(last.max()) + 1):
        seen = last >= month
        now = {}
        for person, path in zip(later.index[seen], later.loc[seen].to_numpy().tolist(), strict=True):
            goal = goal_18[person] if month <= LAST and last[person] >= LAST else None
            now[person] = _next(path, people.at[person, "status_at_inclusion"], goal, LAST - month, rng)
        later[month] = pd.Series(now, dtype=object)
        for arm in ("control", "sfj") if month <= LAST else ():
            members = people.index[seen & (people["arm"] == arm) & people["in_registers"]]
            aim = counts.loc[(counts["month"] == month) & (counts["arm"] == arm)].iloc[0]
            if len(members) != aim["observed"]:
                raise ValueError(f"month {month}, {arm}: {len(members)} observed, table 8 has {aim['observed']}")
            start = people.loc[members, "status_at_inclusion"]
            later.loc[members, month] = _meet(later.loc[members], start, month, aim, goal_18[members], rng)
    return later


def _goals(
    people: pd.DataFrame, months: pd.DataFrame, observed: pd.Series, counts: pd.DataFrame, rng: np.random.Generator
) -> pd.Series:
    """Outcome at 18 months ("work", "part", "out"; None where not observed).

    Which of those fully or partly in work are so partly is open: people on AAP who were so at 12 months first, then
    other people on AAP, then people fully sick-listed at inclusion who have worked long enough to be sick-listed anew.
    """
    goals = pd.Series(None, index=people.index, dtype=object)
    goals[observed] = np.where(people.loc[observed, "partly_m18"], WORK, OUT)
    for arm, aim in counts.loc[counts["month"] == LAST].groupby("arm"):
        wanted = int(aim["fully_or_partly_in_work"].iloc[0] - aim["in_work_no_benefits"].iloc[0])
        able = observed & (people["arm"] == arm) & people["partly_m18"] & people["in_registers"]
        start, now = people["status_at_inclusion"], months[12]
        ranks = pd.Series(9.0, index=people.index)
        worked = (months[range(7, 13)] == JOB).all(axis=1)
        ranks[(start == FULL) & worked] = 4
        ranks[(start == AAP) & (now == AAP)] = 2
        ranks[(start == AAP) & (now == AAP_JOB)] = 1
        ranks[(start == FULL) & (now == PENSION)] = 0
        order = (ranks + 0.5 * rng.random(len(ranks)))[able].sort_values().index[:wanted]
        goals[order] = PART
    return goals


# Chance in a month that someone on AAP at inclusion changes to the outcome at 18 months.
LATE = 0.055
STAY = {JOB: 0.96, FULL: 0.88, GRADED: 0.85, AAP: 0.985, AAP_JOB: 0.93}


def _next(path: list[str], start: str, goal: str | None, left: int, rng: np.random.Generator) -> str:
    """A believable status after this path. With a goal for month 18, changes lead to it and are due by then."""
    now = path[-1]
    spent = sick_months_running(path) >= SICK_MONTHS_MAX - 1
    if goal is not None:
        if now in SICK and spent and not _fits(start, now, goal):
            return _of_class(goal, start, path) if goal != PART else AAP
        # People on AAP change late: the difference between the arms in this group grows towards month 18.
        pace = LATE if start in ON_AAP else 1 / (left + 1)
        due = left == 0 or rng.random() < (0.5 if _was(path, start, goal) else pace)
        if not _fits(start, now, goal):
            return _of_class(goal, start, path) if due else (AAP if now in SICK and spent else now)
        return _of_class(goal, start, path) if now in SICK and spent else now
    if now in SICK and spent:
        return AAP if rng.random() < 0.8 else JOB
    if rng.random() < STAY.get(now, 0.96):
        return now
    if now == JOB:
        return NONE if spent else FULL
    following = {FULL: [JOB, GRADED], GRADED: [JOB, FULL], AAP: [AAP_JOB, JOB], AAP_JOB: [AAP, JOB]}
    return str(rng.choice(following.get(now, [JOB, now])))


def _fits(start: str, now: str, goal: str) -> bool:
    part = is_partly(start, now)
    return {WORK: now == JOB, PART: part, OUT: now != JOB and not part}[goal]


def _was(path: list[str], start: str, goal: str) -> bool:
    """Whether the person fitted the goal two months ago: then the last month was a short interruption."""
    return len(path) > 1 and _fits(start, path[-2], goal)


def _of_class(goal: str, start: str, path: list[str]) -> str:
    """A status of the wanted outcome after this path."""
    now = path[-1]
    spent = sick_months_running(path) >= SICK_MONTHS_MAX - 1
    if goal == WORK:
        return JOB
    if goal == PART:
        if start == AAP:
            return AAP_JOB
        return PENSION if PENSION in path else GRADED
    if now in (AAP, AAP_JOB) or spent:
        return AAP
    if now == JOB:
        return FULL
    return FULL if now == GRADED else now


def _meet(
    chosen: pd.DataFrame, start: pd.Series, month: int, aim: pd.Series, goals: pd.Series, rng: np.random.Generator
) -> pd.Series:
    """Move as few people as possible so that both counts of the month are met."""
    now = chosen[month].copy()
    before = chosen[month - 1]
    earlier = chosen.drop(columns=month).to_numpy().tolist()
    spent = pd.Series([sick_months_running(path) >= SICK_MONTHS_MAX - 1 for path in earlier], index=chosen.index)
    surplus = int((now == JOB).sum() - aim["in_work_no_benefits"])
    if surplus > 0:
        # First the newly returned, who stay as they were; then people who will leave anyway; then short absences.
        rank = 2.0 - 2.0 * (before != JOB) - 1.0 * (goals != WORK) + 3.0 * start.isin(ON_AAP)
        order = _order(now == JOB, rank, rng)[:surplus]
        now.loc[order] = [_not_at_work(before[i], spent[i]) for i in order]
    elif surplus < 0:
        able = now.isin([FULL, GRADED, NONE, AAP_JOB, UNEMPLOYED]) & (before != PENSION)
        rank = 2.0 - 1.0 * (before == JOB) - 1.0 * (goals == WORK) + 3.0 * start.isin(ON_AAP)
        now.loc[_order(able, rank, rng)[:-surplus]] = JOB
    part = partly_gained(start, now)
    excess = int(part.sum() - (aim["fully_or_partly_in_work"] - aim["in_work_no_benefits"]))
    if excess > 0:
        movable = part & (now != PENSION)
        order = _order(movable, 1.0 * (goals == PART) + partly_gained(start, before), rng)[:excess]
        now.loc[order] = [FULL if now[i] == GRADED else AAP for i in order]
    elif excess < 0:
        able = ((start == AAP) & (now == AAP)) | ((start == FULL) & (now == FULL) & ~spent)
        # Graded sickness benefit before AAP with work: the latter should not swell between 12 and 18 months.
        rank = 2.0 - 1.0 * (goals == PART) - 1.0 * partly_gained(start, before) - 2.5 * (start == FULL)
        order = _order(able, rank, rng)[:-excess]
        now.loc[order] = [GRADED if now[i] == FULL else AAP_JOB for i in order]
    return now


def _not_at_work(before: str, spent: bool) -> str:
    """What someone does who is not at work this month: as in the month before, or a short absence."""
    if before not in (JOB, *SICK):
        return before
    if spent:
        return AAP
    return FULL if before == JOB else before


def _order(able: pd.Series, rank: pd.Series, rng: np.random.Generator) -> list:
    """The people who can be moved, lowest rank first, at random among equals."""
    return list((rank + 0.5 * rng.random(len(rank)))[able].sort_values().index)
