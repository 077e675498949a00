"""Histories of work: many are drawn for each person, then one each is chosen so that the printed numbers come out."""

import numpy as np
import pandas as pd

from analysis.calibration import chosen_drafts

from .people import drawn

MONTHS, MOST_JOBS, TRIES, ROUNDS = 44, 5, 120, range(2, 10)
FULL, HALF = 30, 15  # weekly hours are counted in thirtieths of full time
# What is counted, and how much it weighs for an arm and for a side of a split: any job, any of half time, jobs that no
# month end shows, full-time months of work, jobs, employers, in work in each month.
WEIGHTS = np.array([10**7, 10**7, 10**7, 10, 400, 400] + [150] * MONTHS)
SPLIT_WEIGHTS = np.array([20000, 20000, 0, 2, 0, 0] + [0] * 12 + [100] * (MONTHS - 12))
# What goes with a point of the share in work, of a hundred people: people with any job, thirtieths of a month of work.
ANY_JOB_PER_POINT, WORK_PER_POINT = 0.8, 600


def histories(rng: np.random.Generator, people: pd.DataFrame, assumed: dict) -> dict[str, np.ndarray]:
    """`start`, `end`, weekly `hours` and `new` employer by person, try and job; no two jobs overlap."""
    shape, month = (len(people), TRIES), people["included_on"].to_numpy("datetime64[M]")
    free = np.broadcast_to((month + 1).astype("datetime64[D]")[:, None], shape)  # no work in the month of inclusion
    waits = {arm: drawn(rng, bands, shape) for arm, bands in assumed["days_to_first_job"].items()}
    pause = np.select([people[["arm"]] == arm for arm in waits], list(waits.values()))
    starts, ends = [], []
    for _ in range(MOST_JOBS):
        start = free + pause
        first = np.maximum(start.astype("datetime64[M]").astype("datetime64[D]"), free)
        starts.append(np.where(rng.integers(0, 2, shape) == 0, first, start))  # half begin with a month
        end = starts[-1] + drawn(rng, assumed["days_in_job"], shape)
        last = (end.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
        ends.append(np.where(rng.integers(0, 2, shape) == 0, last, end))  # half end with one
        free, pause = ends[-1] + 1, drawn(rng, assumed["days_between_jobs"], shape)
    hours = rng.choice(assumed["weekly_hours"], (*shape, MOST_JOBS))
    new = (rng.integers(0, 100, (*shape, MOST_JOBS)) >= assumed["same_employer"]) | (np.arange(MOST_JOBS) == 0)
    return {"start": np.stack(starts, axis=2), "end": np.stack(ends, axis=2), "hours": hours, "new": new}


def counted(people: pd.DataFrame, jobs: dict[str, np.ndarray]) -> np.ndarray:
    """What `WEIGHTS` lists, by person, try and quantity. A month is read at its last day, if the person is seen."""
    month = people["included_on"].to_numpy("datetime64[M]")[:, None] + np.arange(1, MONTHS + 1)
    day, until = month.astype("datetime64[D]") - 1, people["last_seen"].to_numpy("datetime64[D]")
    runs = (jobs["start"][..., None] <= day[:, None, None]) & (jobs["end"][..., None] >= day[:, None, None])
    seen = (day <= until[:, None])[:, None, None]
    work = (runs * seen * jobs["hours"][..., None]).sum(axis=2)
    real = jobs["start"] <= np.minimum(until, day[:, -1])[:, None, None]
    any_job, half = (work > 0).any(axis=2), (work >= HALF).any(axis=2)
    hidden = (real.any(axis=2) != any_job) | ((real & (jobs["hours"] >= HALF)).any(axis=2) != half)
    sums = (work.sum(axis=2), real.sum(axis=2), (real & jobs["new"]).sum(axis=2))
    return np.dstack([any_job, half, hidden, *sums, work > 0]).astype(np.int64)


def wanted(arm: str, sides: np.ndarray, assumed: dict) -> np.ndarray:
    """Totals to be met, by side (all, then both sides of each split; one column of `sides` each) and quantity."""
    n, known = sides.sum(axis=0), assumed["in_work"][arm]
    curve = np.interp(np.arange(MONTHS), list(known), list(known.values()))
    people = [assumed[name][arm] / n[0] for name in ("any_job", "half_time")]
    means = [assumed[name][arm] for name in ("jobs", "employers_per_person")]
    rows = [100 * np.array([*people, 0, FULL * assumed["months_of_work"][arm], *means, *curve / 100])]
    step = np.array([ANY_JOB_PER_POINT, ANY_JOB_PER_POINT, 0, WORK_PER_POINT, 0, 0, *np.minimum(1, curve / 20)])
    for place, gap in enumerate(assumed["gap"].values()):
        first, second = n[2 * place + 1], n[2 * place + 2]
        rows += [rows[0] + step * gap[arm] * second / n[0], rows[0] - step * gap[arm] * first / n[0]]
    return np.rint(np.array(rows) * n[:, None] / 100).astype(np.int64)


def weights_of(groups: int) -> list[np.ndarray]:
    """Weights of the arm and of each side of a split, round by round: nothing weighs more than the round allows."""
    return [np.minimum([WEIGHTS] + [SPLIT_WEIGHTS] * (groups - 1), 10**precision) for precision in ROUNDS]


def draw_jobs(rng: np.random.Generator, people: pd.DataFrame, assumed: dict) -> pd.DataFrame:
    """One row a job, columns of job_spells.csv."""
    jobs = histories(rng, people, assumed)
    counts, picked = counted(people, jobs), np.zeros(len(people), dtype=np.int64)
    firsts = [people["age"] < 30, people["upper_secondary_by_21"] == "false", people["severity"] == "severe"]
    sides = np.column_stack([people["age"] > 0, *(side for first in firsts for side in (first, ~first))]).astype(int)
    for arm in assumed["in_work"]:
        rows = (people["arm"] == arm).to_numpy()
        totals = wanted(arm, sides[rows], assumed)
        picked[rows] = chosen_drafts(counts[rows], sides[rows], totals, weights_of(sides.shape[1]))
    taken = {name: values[np.arange(len(people)), picked] for name, values in jobs.items()}
    seen, until = (people[name].to_numpy("datetime64[D]") for name in ("last_seen", "observed_until"))
    person, job = np.nonzero(taken["start"] <= seen[:, None])
    start, end, hours, new = (taken[name][person, job] for name in ("start", "end", "hours", "new"))
    employer = rng.permutation(assumed["employers"])[np.cumsum(new) % assumed["employers"]] + 1
    return pd.DataFrame(
        {
            "participant_id": people["participant_id"].to_numpy()[person],
            "employer_id": [f"E{number:04d}" for number in employer],
            "agreed_hours": hours * assumed["full_time_weekly_hours"] / FULL,
            "from_date": start,
            "to_date": np.where(end > seen[person], until[person], end),  # who dies or emigrates leaves the job
        }
    )
