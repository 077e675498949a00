"""Labour-market measures: the numbers started in table 19, their recipients and what they cost (section 5.2)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .calendar_months import WINDOW_END, day_in, index_of, last_day
from .subgroup import members
from .targets import Targets

TYPES = (
    "supported_employment_arbeid_med_bistand",
    "amo_labour_market_training",
    "clarification_avklaring",
    "individual_follow_up",
    "job_club",
    "wage_subsidy",
    "work_practice_sheltered",
    "work_practice_ordinary",
    "education",
    "other",
)
SUPPORTED = TYPES[0]
WINDOW_LAST = 18
STEPS = 200_000
# How much likelier a measure is for people of a status group.
NEED = {"aap": 4.0, "other": 3.0, "sick_listed_full": 1.0, "in_work": 0.5}


def measure_spells(
    people: pd.DataFrame,
    rates: Mapping[str, float],
    supported_from: int,
    goals: Mapping[str, tuple[float, float]],
    targets: Targets,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """`measures`: one row a measure started. `rates` are NOK a month, which the printed mean costs presuppose.

    `goals` are the NOK of all measures by arm, of the members of the subgroup of table 22 and of the others. Raises
    ValueError when the measures started cannot cost that.
    """
    parts = []
    for arm, own in people.groupby("arm"):
        started = _started(own, arm, supported_from, goals[arm], targets, rng)
        parts.append(_with_lengths(started, rates, goals[arm], rng))
    frame = pd.concat(parts, ignore_index=True)
    frame["from_date"] = [day_in(month, rng, 1, 26) for month in frame["first"]]
    frame["to_date"] = [
        last_day(first + months - 1) for first, months in zip(frame["first"], frame["months"], strict=True)
    ]
    frame["to_date"] = frame["to_date"].astype("datetime64[ns]")
    frame["to_date"] = frame["to_date"].where(frame["to_date"] < WINDOW_END)
    frame["from_date"] = frame["from_date"].astype("datetime64[ns]")
    columns = ["participant_id", "measure", "from_date", "to_date"]
    return frame[columns].sort_values(["participant_id", "from_date", "measure"], kind="stable").reset_index(drop=True)


def _started(
    people: pd.DataFrame,
    arm: str,
    supported_from: int,
    goals: tuple[float, float],
    targets: Targets,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Who starts which measure in which month after inclusion: table 19's numbers and recipients.

    Members of the subgroup receive measures in proportion to what theirs are to cost, within it and outside by need.
    """
    kinds = [kind for kind in TYPES for _ in range(targets.count("table_19", kind, arm))]
    recipients = targets.count("table_19", "recipients_of_measures", arm)
    weights, inside = people["status_group"].map(NEED), members(people)
    share = goals[0] / sum(goals)
    weights = weights / weights.groupby(inside).transform("sum") * inside.map({True: share, False: 1 - share})
    chosen = rng.choice(people.index, recipients, replace=False, p=(weights / weights.sum()).to_numpy())
    again = rng.choice(chosen, len(kinds) - recipients)
    frame = pd.DataFrame({"person": rng.permutation([*chosen, *again]), "measure": kinds})
    # Nobody starts the same kind of measure twice: exchange receivers until that holds.
    while frame.duplicated().any():
        clash, other = rng.choice(np.flatnonzero(frame.duplicated())), rng.integers(len(frame))
        frame.loc[[clash, other], "person"] = frame.loc[[other, clash], "person"].to_numpy()
    included = index_of(people["included_on"])
    last = (index_of(pd.Series([WINDOW_END]))[0] - included).clip(upper=WINDOW_LAST)
    frame["latest"] = frame["person"].map(last)
    lows = np.where((frame["measure"] == SUPPORTED) & (arm == "sfj"), supported_from, 1)
    frame["start"] = [
        int(low + (high + 1 - low) * rng.beta(1.0, 1.3)) for low, high in zip(lows, frame["latest"], strict=True)
    ]
    frame["first"] = frame["person"].map(included) + frame["start"]
    who = frame["person"]
    return frame.assign(participant_id=who.map(people["participant_id"]), inside=who.map(inside))


def _with_lengths(
    started: pd.DataFrame, rates: Mapping[str, float], goals: tuple[float, float], rng: np.random.Generator
) -> pd.DataFrame:
    """Months in each measure, to month 18 or the end of the register, so that all cost what they are to cost."""
    rate = started["measure"].map(dict(rates)).to_numpy(dtype=float)
    longest = (started["latest"] - started["start"] + 1).to_numpy()
    inside = started["inside"].to_numpy(dtype=bool)
    months = np.zeros(len(started), dtype=int)
    for rows, goal in zip((inside, ~inside), goals, strict=True):
        drawn = rng.gamma(2.0, 2.0, rows.sum())
        drawn = np.clip(np.rint(drawn * goal / (drawn * rate[rows]).sum()), 1, longest[rows]).astype(int)
        months[rows] = _to_cost(drawn, rate[rows], longest[rows], goal, rng)
    return started.assign(months=months)


def _to_cost(
    months: np.ndarray, rate: np.ndarray, longest: np.ndarray, goal: float, rng: np.random.Generator
) -> np.ndarray:
    """Months changed by one, here and there, until they cost exactly this."""
    months = months.copy()
    gap = goal - (months * rate).sum()
    for _ in range(STEPS):
        if gap == 0:
            return months
        row, step = rng.integers(len(months)), 1 if rng.random() < 0.5 else -1
        if not 1 <= months[row] + step <= longest[row]:
            continue
        if abs(gap - step * rate[row]) < abs(gap) or rng.random() < 0.02:
            months[row], gap = months[row] + step, gap - step * rate[row]
    raise ValueError(f"text_5.2: {len(months)} measures cannot cost {goal:.0f} NOK together, {gap:.0f} are left")
