"""Monthly statuses between the fixed points: how people came to inclusion and what happened in the year after."""

import numpy as np
from scipy import stats

JOB, FULL, GRADED = "job_no_benefits", "sick_listed_full", "sick_listed_graded"
AAP, AAP_JOB = "aap", "aap_and_job"
NONE, UNEMPLOYED = "no_job_no_benefit", "unemployment_benefit_individual_allowance"
FOLLOWED, PENSION = "nav_follow_up_without_benefits", "disability_pension_graded"
SICK = (FULL, GRADED)
ON_AAP = (AAP, AAP_JOB)

# Sickness benefit runs for 52 weeks at most. They touch thirteen calendar months when they begin late in the first.
SICK_MONTHS_MAX = 13
# Months in work after which a new period of sickness benefit can begin.
REQUALIFY_MONTHS = 6
BEFORE = 12

# Share of the fully sick-listed whose sickness benefit has lasted 0, 1, … 10 months at inclusion.
DURATION_FULL = np.array([0.11, 0.13, 0.12, 0.11, 0.1, 0.09, 0.09, 0.08, 0.07, 0.06, 0.04])


def before_inclusion(status: str, end: str, rank: float, rng: np.random.Generator) -> list[str]:
    """Statuses of months −12 to −1 for someone with this status in month 0 and `end` in month 12.

    `rank`, between 0 and 1, chooses the kind of history; ranks that are spread evenly over a group give it every kind
    in its due share.
    """
    if status in SICK and end in SICK and rng.random() < 0.55:
        return _earlier(rank, rng)[-BEFORE:]
    return _history(status, rank, rng)[-BEFORE:]


def _history(status: str, rank: float, rng: np.random.Generator) -> list[str]:
    """At least twelve months that lead to `status`."""
    if status == JOB:
        return _working_history(rank, rng)
    if status == FULL:
        sick = int(np.searchsorted(np.cumsum(DURATION_FULL)[:-1], _second(rank), side="right"))
        return _earlier(rank, rng) + [FULL] * sick
    if status == GRADED:
        full = int(rng.integers(1, 7))
        graded = int(rng.integers(0, 11 - full))
        return _earlier(rank, rng) + [FULL] * full + [GRADED] * graded
    if status in ON_AAP:
        return _history_on_aap(status, rank, rng)
    if status in (UNEMPLOYED, NONE, FOLLOWED):
        return _outside_history(status, rank, rng)
    return [status] * BEFORE


def _second(rank: float, times: int = 97) -> float:
    """A second number between 0 and 1 that is spread as evenly as the ranks are and goes its own way."""
    return rank * times % 1


def _kind(rank: float, shares: dict[str, float]) -> str:
    """The kind at this rank when the kinds lie side by side with their shares."""
    bounds = np.cumsum(list(shares.values()))
    return list(shares)[min(int(np.searchsorted(bounds, rank, side="right")), len(shares) - 1)]


def _working_history(rank: float, rng: np.random.Generator) -> list[str]:
    kind = _kind(rank, {"steady": 0.42, "sick": 0.36, "new_job": 0.22})
    if kind == "steady":
        return [JOB] * BEFORE
    if kind == "new_job":
        return [str(rng.choice([NONE, UNEMPLOYED, AAP]))] * BEFORE + [JOB] * int(rng.integers(1, 12))
    full, graded, since = rng.integers(1, 6), rng.integers(0, 4), rng.integers(1, 9)
    return [JOB] * BEFORE + [FULL] * int(full) + [GRADED] * int(graded) + [JOB] * int(since)


def _earlier(rank: float, rng: np.random.Generator) -> list[str]:
    """Months before a period of sickness benefit: work, for some only for a while."""
    kind = _kind(rank, {JOB: 0.42, FULL: 0.21, UNEMPLOYED: 0.12, NONE: 0.13, AAP: 0.12})
    if kind == JOB:
        return [JOB] * BEFORE
    if kind == FULL:
        return [JOB] * BEFORE + [FULL] * int(rng.integers(2, 8)) + [JOB] * int(rng.integers(REQUALIFY_MONTHS, 10))
    return [kind] * BEFORE + [JOB] * int(rng.integers(1, 7))


def _history_on_aap(status: str, rank: float, rng: np.random.Generator) -> list[str]:
    """AAP after a year of sickness benefit; some have tried work since, beside AAP or in a job that did not last."""
    kind = _kind(rank, {"steady": 0.7, "beside": 0.17, "job": 0.13})
    if kind == "steady":
        on_aap = [AAP] * int(rng.integers(0, 30))
    else:
        tried = [AAP_JOB if kind == "beside" else JOB] * int(rng.integers(1, 6))
        on_aap = [AAP] * int(rng.integers(3, 20)) + tried + [AAP] * int(rng.integers(1, 10))
    beside = [AAP_JOB] * int(rng.integers(0, 5)) if status == AAP_JOB else []
    return [JOB] * 2 + [FULL] * (SICK_MONTHS_MAX - 1) + on_aap + beside


def _outside_history(status: str, rank: float, rng: np.random.Generator) -> list[str]:
    before = _kind(rank, {JOB: 0.5, NONE: 0.25, AAP: 0.15, FOLLOWED: 0.1})
    return [before] * BEFORE + [status] * int(rng.integers(1, 16))


def sick_months_running(path: list[str]) -> int:
    """Months of sickness benefit that count against the limit at the end of a path.

    Months in work shorter than a requalifying period do not reset the count; any other status does.
    """
    counted, gap = 0, 0
    for status in reversed(path):
        if status in SICK:
            counted, gap = counted + 1, 0
        elif status == JOB and gap < REQUALIFY_MONTHS - 1:
            gap += 1
        else:
            break
    return counted


def after_inclusion(
    history: list[str], start: str, end: str, pace: float, rank: float, rng: np.random.Generator
) -> list[str]:
    """Statuses of months 1 to 12 from `start` in month 0 to `end` in month 12.

    `pace` above 1 moves changes towards inclusion; `rank`, between 0 and 1, says how late the change comes.
    """
    left = max(0, SICK_MONTHS_MAX - 1 - sick_months_running([*history, start]))
    if start in SICK:
        return _from_sickness(start, end, left, _month_of_change(pace, rank), rng)
    if start == end:
        return _unchanged(start, rng)
    if end in SICK:
        return _into_sickness([*history, start], end, rng)
    if start == AAP and end == JOB:
        change = _month_of_change(pace, rank)
        working = min(change - 1, int(rng.integers(0, 5)))
        return [AAP] * (change - 1 - working) + [AAP_JOB] * working + [JOB] * (13 - change)
    if start == JOB and end in ON_AAP:
        sick = _within_the_limit([*history, start], int(rng.integers(8, 12)), 11)
        return [JOB] * (11 - sick) + [FULL] * sick + [end]
    change = _month_of_change(pace, rank)
    return [start] * (change - 1) + [end] * (13 - change)


def _month_of_change(pace: float, rank: float) -> int:
    """Month of a change, from 1 to 12: quantile `rank` of a beta distribution."""
    return 1 + min(11, int(12 * stats.beta.ppf(rank, 1.2, 1.1 * pace)))


def _unchanged(status: str, rng: np.random.Generator) -> list[str]:
    if status == JOB and rng.random() < 0.25:
        first, length = int(rng.integers(1, 8)), int(rng.integers(1, 4))
        return [JOB] * first + [FULL] * length + [JOB] * (12 - first - length)
    if status == AAP and rng.random() < 0.06:
        first, length = int(rng.integers(1, 8)), int(rng.integers(1, 4))
        return [AAP] * first + [AAP_JOB] * length + [AAP] * (12 - first - length)
    return [status] * 12


def _within_the_limit(before: list[str], length: int, months: int) -> int:
    """The longest new sickness period, up to `length`, at the end of so many months that the limit allows."""
    for sick in range(length, 1, -1):
        if sick_months_running([*before, *[JOB] * (months - sick), *[FULL] * sick]) < SICK_MONTHS_MAX:
            return sick
    return 1


def _into_sickness(before: list[str], end: str, rng: np.random.Generator) -> list[str]:
    """A new period of sickness benefit that has begun before month 12; without a job, work comes first."""
    start = before[-1]
    if start == JOB:
        length = _within_the_limit(before, int(rng.integers(1, 12)), 12)
        return [JOB] * (12 - length) + _period(end, length, rng)
    length, change = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    return [start] * (change - 1) + [JOB] * (13 - change - length) + _period(end, length, rng)


def _period(end: str, length: int, rng: np.random.Generator) -> list[str]:
    """A period of sickness benefit that ends as `end`."""
    if end == FULL:
        return [FULL] * length
    full = int(rng.integers(0, length))
    return [FULL] * full + [GRADED] * (length - full)


def _from_sickness(start: str, end: str, left: int, change: int, rng: np.random.Generator) -> list[str]:
    """From sickness benefit in month 0, with `left` more months of it to come at the most."""
    if end in SICK and left >= 11:
        # Began in the month of inclusion: 52 weeks reach into month 12.
        return [*[start] * 8, *_period(end, 4, rng)]
    if end in SICK:
        relapse = int(rng.integers(1, 5))
        sick = min(left, 12 - relapse - REQUALIFY_MONTHS, int(rng.integers(0, 6)))
        return [start] * sick + [JOB] * (12 - sick - relapse) + _period(end, relapse, rng)
    exhausts = end in (*ON_AAP, NONE, UNEMPLOYED, FOLLOWED) and rng.random() < 0.8
    sick = min(left, 11 if exhausts else change - 1)
    graded = int(rng.integers(0, min(sick, 4) + 1)) if end == JOB and start == FULL and rng.random() < 0.55 else 0
    bridge = [AAP] * (12 - sick) if end in ON_AAP else [end] * (12 - sick)
    return [*([start] * (sick - graded) + [GRADED] * graded + bridge)[:11], end]
