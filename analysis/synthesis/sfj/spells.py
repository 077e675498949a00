"""Monthly statuses → register spells from which the ordinary analysis reads the same statuses again.

A month's status follows from the spells by a fixed precedence (see `frames.registers`): sickness benefit on any day,
AAP and jobs at the month's end. The days inside the months are drawn so that this precedence gives the status back.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .calendar_months import day_in, first_day, index_of, last_day, plus
from .paths import AAP, AAP_JOB, FOLLOWED, FULL, JOB, NONE, ON_AAP, PENSION, SICK, UNEMPLOYED

FULL_PENSION = "disability_pension_full"
SICKNESS_DAYS_MAX = 364
# Nobody draws disability pension before this age.
PENSION_AGE = 18
GRADES = (20, 30, 40, 50, 60, 70, 80)
GRADE_SHARES = (0.06, 0.05, 0.14, 0.45, 0.15, 0.03, 0.12)


@dataclass(frozen=True)
class Run:
    """Consecutive months with statuses of one family; `first` and `last` are positions in the path."""

    first: int
    last: int


@dataclass
class Career:
    """One participant's statuses by month and the spells cut from them so far."""

    participant_id: str
    birth_date: np.datetime64
    start_month: int
    path: list[str]
    benefits: list[dict] = field(default_factory=list)
    # Last day of the sickness benefit run that ends at a position, and first day of one that begins there.
    sick_ends: dict[int, np.datetime64] = field(default_factory=dict)
    sick_begins: dict[int, np.datetime64] = field(default_factory=dict)

    def month(self, position: int) -> int:
        """Calendar month of a position in the path."""
        return self.start_month + position

    def of_age(self, years: int) -> np.datetime64:
        """The birthday on which the person reaches an age, to the day or two."""
        return plus(self.birth_date, int(np.ceil(365.25 * years)))

    def add(self, benefit: str, degree: int | None, first: np.datetime64, last: np.datetime64 | None) -> None:
        """Record a spell."""
        self.benefits.append({"participant_id": self.participant_id, "benefit": benefit, "degree": degree,
                              "from_date": first, "to_date": last})  # fmt: skip


def runs(path: list[str], family: tuple[str, ...]) -> list[Run]:
    """Maximal runs of statuses that belong to a family."""
    inside = np.array([False, *(status in family for status in path), False])
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    return [Run(int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def careers(people: pd.DataFrame, months: pd.DataFrame) -> list[Career]:
    """One career a participant, without the months that are not observed."""
    starts = index_of(people["included_on"]) + int(months.columns[0])
    born = people["birth_date"].to_numpy().astype("datetime64[D]")
    listed = zip(people["participant_id"], born, starts, months.to_numpy(), strict=True)
    return [Career(who, day, int(start), [s for s in row if isinstance(s, str)]) for who, day, start, row in listed]


def cut_benefits(career: Career, rng: np.random.Generator) -> None:
    """Cut all benefit spells of one person."""
    for run in runs(career.path, SICK):
        _sickness(career, run, rng)
    for run in runs(career.path, ON_AAP):
        _aap(career, run, rng)
    for status in (PENSION, FULL_PENSION):
        _pension(career, status)
    for run in runs(career.path, (UNEMPLOYED,)):
        benefit = "unemployment_benefit" if rng.random() < 0.7 else "individual_allowance"
        career.add(benefit, None, *_whole_months(career, run))
    for run in runs(career.path, (FOLLOWED,)):
        career.add("nav_follow_up", None, *_whole_months(career, run))


def _whole_months(career: Career, run: Run) -> tuple[np.datetime64, np.datetime64 | None]:
    """From the first to the last day of a run; the day after sickness benefit or AAP where those end inside a month."""
    first = first_day(career.month(run.first))
    open_end = run.last == len(career.path) - 1
    return first, None if open_end else last_day(career.month(run.last))


def _sickness(career: Career, run: Run, rng: np.random.Generator) -> None:
    """One period of sickness benefit, split where the degree changes; 52 weeks at the most."""
    begins, ends = _sickness_days(career, run, rng)
    career.sick_begins[run.first] = begins
    if ends is not None:
        career.sick_ends[run.last] = ends
    parts = _parts(career.path, run)
    from_date = begins
    for number, part in enumerate(parts):
        last_part = number == len(parts) - 1
        # The degree of a month is that of its last spell, so a change falls inside the first month of the new degree.
        after = None if last_part else _change_day(career.month(parts[number + 1].first), ends, part, run, rng)
        to_date = ends if last_part else plus(after, -1)
        career.add("sickness_benefit", _degree(career.path[part.first], rng), from_date, to_date)
        from_date = after


def _change_day(month: int, ends: np.datetime64 | None, part: Run, run: Run, rng: np.random.Generator) -> np.datetime64:
    change = day_in(month, rng, 1, 24)
    return change if ends is None or change <= ends else max(first_day(month), plus(ends, -1))


def _parts(path: list[str], run: Run) -> list[Run]:
    parts, first = [], run.first
    for position in range(run.first + 1, run.last + 2):
        if position > run.last or path[position] != path[first]:
            parts.append(Run(first, position - 1))
            first = position
    return parts


def _degree(status: str, rng: np.random.Generator) -> int:
    return 100 if status == FULL else int(rng.choice(GRADES, p=GRADE_SHARES))


def _sickness_days(career: Career, run: Run, rng: np.random.Generator) -> tuple[np.datetime64, np.datetime64 | None]:
    """First and last day of a period of sickness benefit; no last day when it runs beyond the register."""
    length = run.last - run.first + 1
    first_month, last_month = career.month(run.first), career.month(run.last)
    begins = day_in(first_month, rng, 15 if length > 12 else 1, 27)
    if length == 1:
        begins = day_in(first_month, rng, 1, 12)
    if run.last == len(career.path) - 1 and length <= 12:
        return begins, None
    latest = min(last_day(last_month), plus(begins, SICKNESS_DAYS_MAX - 1))
    earliest = max(first_day(last_month), plus(begins, 4))
    span = int((latest - earliest).astype(int))
    # People who go on to AAP have used up their sickness benefit.
    exhausted = length >= 12 and run.last + 1 < len(career.path) and career.path[run.last + 1] in ON_AAP
    return begins, latest if exhausted else plus(earliest, int(rng.integers(0, span + 1)))


def _aap(career: Career, run: Run, rng: np.random.Generator) -> None:
    """One spell of AAP, in force at the end of every month of the run and of no other month."""
    first_month = career.month(run.first)
    if run.first == 0:
        from_date = plus(first_day(first_month), -int(rng.integers(0, 540)))
    elif run.first - 1 in career.sick_ends:
        from_date = plus(career.sick_ends[run.first - 1], 1)
    else:
        # Work in the first month shows only on a form that starts in it, on a Monday after the first day.
        from_date = day_in(first_month, rng, 1, 20 if career.path[run.first] == AAP_JOB else 27)
    if run.last == len(career.path) - 1:
        career.add("aap", 100, from_date, None)
        return
    following = career.path[run.last + 1]
    if following in SICK:
        to_date = plus(career.sick_begins[run.last + 1], -1)
    elif following in (JOB, NONE):
        to_date = plus(last_day(career.month(run.last)), int(rng.integers(0, 21)))
    else:
        to_date = last_day(career.month(run.last))
    career.add("aap", 100, from_date, to_date)


def _pension(career: Career, status: str) -> None:
    """Disability pension from the first month paid; a graded one goes on beneath sickness benefit."""
    paid = [position for position, now in enumerate(career.path) if now == status]
    if not paid:
        return
    first, last = paid[0], paid[-1]
    beneath = status == PENSION and any(now in SICK for now in career.path[first:last])
    from_date = first_day(career.month(first))
    if first == 0 or beneath:
        from_date = max(plus(from_date, -365 * 3), career.of_age(PENSION_AGE))
    to_date = None if last == len(career.path) - 1 else last_day(career.month(last))
    career.add("disability_pension", 100 if status == FULL_PENSION else 50, from_date, to_date)


def reported_hours(career: Career, spells: list[dict], agreed: list[float], rng: np.random.Generator) -> list[dict]:
    """Fortnightly forms under AAP: hours that make a month "AAP and job" or not.

    `agreed` are the weekly hours that count in each month of the path. A working month reports 20 to 60 per cent of
    them in every form that starts in it, any other month nothing.
    """
    rows = []
    last = np.datetime64(last_day(career.month(len(career.path) - 1)), "D")
    for spell in spells:
        if spell["benefit"] != "aap":
            continue
        to_date = last if spell["to_date"] is None else spell["to_date"]
        monday = _first_monday(max(spell["from_date"], first_day(career.month(0))))
        while monday <= to_date:
            rows.append(_form(career, monday, agreed, rng))
            monday = plus(monday, 14)
    return [row for row in rows if row is not None]


def _first_monday(day: np.datetime64) -> np.datetime64:
    weekday = (day.astype("datetime64[D]").astype(int) + 3) % 7
    return plus(day, int((7 - weekday) % 7))


def _form(career: Career, monday: np.datetime64, agreed: list[float], rng: np.random.Generator) -> dict | None:
    position = int(monday.astype("datetime64[M]").astype(int)) + 1970 * 12 - career.start_month
    if not 0 <= position < len(career.path):
        return None
    hours = 0.0
    if career.path[position] == AAP_JOB:
        hours = float(np.round(2 * agreed[position] * rng.uniform(0.2, 0.6) * 2) / 2)
    return {"participant_id": career.participant_id, "period_start": monday, "hours_worked": hours}


def employed_months(path: list[str], rng: np.random.Generator) -> list[bool]:
    """Whether a job is registered at the end of each month.

    Certain in work and on AAP with work, certain not without work or benefit. Sickness benefit and graded pension leave
    the job in place; on AAP an old job is given up in time and a new one begins with the work.
    """
    employed = []
    keeps = int(rng.integers(0, 18))
    on_aap = 0
    for position, status in enumerate(path):
        on_aap = on_aap + 1 if status == AAP else 0
        if status in (JOB, AAP_JOB, *SICK):
            employed.append(True)
        elif status == PENSION:
            employed.append(True if position == 0 else employed[-1])
        elif status == AAP and position > 0:
            employed.append(employed[-1] and on_aap <= keeps)
        else:
            employed.append(status == AAP and rng.random() < 0.25)
    return employed
