"""Jobs: spells with an employer that are registered at the end of exactly the months that need one."""

import numpy as np
import pandas as pd

from .calendar_months import day_in, first_day, last_day, plus
from .paths import JOB
from .spells import Career

FULL_TIME = 37.5
WORKING_AGE = 16
# Share of ended jobs that last some days into a month; share of full-time jobs that are two with parts of the hours.
INTO_A_MONTH, TWO_AT_A_TIME = 0.4, 0.08
SECOND_JOB = (7.5, 11.25, 15.0)
PART_TIME = (15.0, 18.75, 20.0, 22.5, 25.0, 26.25, 28.0, 30.0, 32.0, 33.6)


def job_spells(
    career: Career, employed: list[bool], woman: bool, employers: np.ndarray, rng: np.random.Generator
) -> tuple[list[dict], list[float]]:
    """Job spells of one person, and the agreed weekly hours that count in each month of the path.

    Hours count from the current or the latest job; full time before the first.
    """
    rows, agreed = [], [FULL_TIME] * len(employed)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], employed, [False]]).astype(int)))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        for begin, stop in _employers_in_turn(int(first), int(end), career, rng):
            hours = _hours(woman, rng)
            rows.append(_spell(career, begin, stop, hours, employers, rng))
            agreed[begin:] = [hours] * (len(agreed) - begin)
    return rows, agreed


def _employers_in_turn(first: int, end: int, career: Career, rng: np.random.Generator) -> list[tuple[int, int]]:
    """A long stretch of work is sometimes spent with two employers, one after the other."""
    changes = [p for p in range(first + 3, end - 2) if career.path[p] == JOB and career.path[p - 1] == JOB]
    if len(changes) > 6 and rng.random() < 0.15:
        change = int(rng.choice(changes))
        return [(first, change), (change, end)]
    return [(first, end)]


def _hours(woman: bool, rng: np.random.Generator) -> float:
    full = 0.58 if woman else 0.86
    return FULL_TIME if rng.random() < full else float(rng.choice(PART_TIME))


def _spell(
    career: Career, begin: int, stop: int, hours: float, employers: np.ndarray, rng: np.random.Generator
) -> dict:
    month = career.month(begin)
    if begin == 0:
        from_date = max(plus(first_day(month), -int(30 + rng.gamma(1.4, 1300))), career.of_age(WORKING_AGE))
    else:
        from_date = day_in(month, rng, 1, 28) if rng.random() < 0.4 else first_day(month)
    to_date = None if stop == len(career.path) else last_day(career.month(stop - 1))
    employer = f"E{int(rng.choice(employers)):04d}"
    return {"participant_id": career.participant_id, "employer_id": employer, "agreed_hours": hours,
            "from_date": from_date, "to_date": to_date}  # fmt: skip


def with_other_days(jobs: pd.DataFrame, employers: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """The job spells, some of which end days into the next month, and some full-time ones with two employers.

    No status changes: only jobs at the ends of months are looked at, and hours of jobs at the same time are added.
    """
    into = jobs["to_date"].notna() & (rng.random(len(jobs)) < INTO_A_MONTH)
    days = pd.to_timedelta(np.where(into, rng.integers(1, 25, len(jobs)), 0), unit="D")
    two = (jobs["agreed_hours"] == FULL_TIME) & (rng.random(len(jobs)) < TWO_AT_A_TIME)
    second = rng.choice(SECOND_JOB, len(jobs))
    others = [f"E{number:04d}" for number in rng.choice(employers, len(jobs))]
    jobs = jobs.assign(to_date=jobs["to_date"] + days)
    two &= jobs["employer_id"] != others
    beside = jobs.assign(employer_id=others, agreed_hours=second)[two]
    first = jobs.assign(agreed_hours=jobs["agreed_hours"] - np.where(two, second, 0.0))
    order = ["participant_id", "from_date", "employer_id"]
    return pd.concat([first, beside]).sort_values(order, kind="stable", ignore_index=True)
