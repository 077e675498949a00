"""Guidance at the centres: contacts with therapists and job consultants, and the centres themselves (section 6.5)."""

import numpy as np
import pandas as pd

from .participants import CLOSED
from .targets import Targets

STEP = 0.5


def contacts(people: pd.DataFrame, assumed: dict, targets: Targets, rng: np.random.Generator) -> pd.DataFrame:
    """`contacts`: one row a contact in the treatment arm, on a working day after inclusion."""
    treated = people.loc[people["arm"] == "sfj"]
    therapist = therapist_hours(treated, assumed, targets, rng)
    consultant = consultant_hours(treated, assumed, targets, rng)
    rows = []
    for person in treated.itertuples():
        rows += _sessions(person, "therapist", therapist[person.Index], (5, 18), (5, 17), rng)
        rows += _sessions(person, "job_consultant", consultant[person.Index], (20, 90), (5, 22), rng)
    frame = pd.DataFrame(rows, columns=["participant_id", "contact_on", "role", "hours"])
    return frame.sort_values(["participant_id", "contact_on", "role"], kind="stable").reset_index(drop=True)


def _text(targets: Targets, row: str, column: str, statistic: str) -> float:
    return targets.value("text_6.5", row, column, statistic)


def therapist_hours(treated: pd.DataFrame, assumed: dict, targets: Targets, rng: np.random.Generator) -> pd.Series:
    """Hours with a therapist, everyone: the printed mean, least and most, and the range of the centres' means."""
    low, high = _text(targets, "guidance_hours", "min", "hours"), _text(targets, "guidance_hours", "max", "hours")
    means = _centre_means(treated["centre"].value_counts(), assumed, targets)
    hours = pd.Series(0.0, index=treated.index)
    for centre, members in treated.groupby("centre"):
        drawn = np.clip(rng.gamma(3.2, means[centre] / 3.2, len(members)), low, high - 2)
        hours.loc[members.index] = _to_total(drawn, means[centre] * len(members), low, high - 2, rng)
    centre = max(means, key=means.get)
    members = treated.index[treated["centre"] == centre]
    first, second, third = rng.permutation(members)[:3]
    extra = hours[first] - low + hours[second] - high
    hours[first], hours[second] = low, high
    hours[third] = hours[third] + extra if low <= hours[third] + extra <= high else hours[third]
    return hours


def _centre_means(sizes: pd.Series, assumed: dict, targets: Targets) -> dict[str, float]:
    """Mean hours per centre between the printed ends, ordered as assumed, so that the overall mean is as printed."""
    low = _text(targets, "guidance_hours_centre_mean", "range_low", "hours")
    high = _text(targets, "guidance_hours_centre_mean", "range_high", "hours") + 0.2
    order = assumed["centres_by_guidance_hours"]
    overall = _text(targets, "guidance_hours", "mean", "hours")
    between = list(order[1:-1])
    rest = overall * sizes.sum() - low * sizes[order[0]] - high * sizes[order[-1]]
    middle = rest / sizes[between].sum()
    spread = np.linspace(-0.3, 0.3, len(between))
    return {order[0]: low, order[-1]: high} | {c: middle + s for c, s in zip(between, spread, strict=True)}


def consultant_hours(treated: pd.DataFrame, assumed: dict, targets: Targets, rng: np.random.Generator) -> pd.Series:
    """Hours with a job consultant: none for most; printed overall share and mean, and ends of the centres' ranges."""
    profile = assumed["job_consultant_profile"]
    sizes = treated["centre"].value_counts()
    users = {centre: round(profile[centre]["share"] * size) for centre, size in sizes.items()}
    goal = round(_text(targets, "received_job_consultant", "sfj", "pct") / 100 * sizes.sum())
    free = assumed["job_consultant_free_centre"]
    users[free] += goal - sum(users.values())
    means = {centre: profile[centre]["hours"] for centre in users}
    total = _text(targets, "job_consultant_hours_among_users", "mean", "hours") * goal
    means[free] = (total - sum(means[c] * users[c] for c in users if c != free)) / users[free]
    hours = pd.Series(0.0, index=treated.index)
    for centre, members in treated.groupby("centre"):
        weights = members["status_group"].map({"aap": 2.0, "other": 2.5, "sick_listed_full": 1.0, "in_work": 0.6})
        chosen = rng.choice(members.index, users[centre], replace=False, p=weights / weights.sum())
        drawn = rng.gamma(1.6, means[centre] / 1.6, len(chosen))
        hours.loc[chosen] = _to_total(drawn, means[centre] * len(chosen), STEP, 40.0, rng)
    return hours


def _to_total(drawn: np.ndarray, total: float, low: float, high: float, rng: np.random.Generator) -> np.ndarray:
    """Half hours between the bounds with (nearly) this sum."""
    hours = np.clip(np.rint(drawn / STEP) * STEP, low, high)
    while abs(hours.sum() - total) >= STEP:
        row, step = rng.integers(len(hours)), STEP * np.sign(total - hours.sum())
        hours[row] = np.clip(hours[row] + step, low, high)
    return hours


def _sessions(
    person, role: str, hours: float, first: tuple[int, int], gap: tuple[int, int], rng: np.random.Generator
) -> list:
    """Cut hours into sessions of mostly one hour, one to three weeks apart."""
    rows, day, left = [], person.included_on + pd.Timedelta(days=int(rng.integers(*first))), hours
    while left > 1e-9:
        length = min(left, float(rng.choice([0.5, 1.0, 1.5, 2.0], p=[0.1, 0.7, 0.15, 0.05])))
        day = _working_day(day, rng)
        rows.append((person.participant_id, day, role, length))
        left, day = left - length, day + pd.Timedelta(days=int(rng.integers(*gap)))
    return rows


def _working_day(day: pd.Timestamp, rng: np.random.Generator) -> pd.Timestamp:
    """The day, or where the centre is closed one soon after, drawn by lot: not all of them Mondays."""
    while (weekend := day.day_of_week > 4) or day in CLOSED or _is_holiday(day):
        if _is_holiday(day):
            day = day.replace(day=25) + pd.Timedelta(days=int(rng.integers(10)))
        else:
            monday = pd.Timedelta(days=7 - day.day_of_week if weekend else 1)
            day = day + monday + pd.Timedelta(days=int(rng.integers(5 if weekend else 2)))
    return day


def _is_holiday(day: pd.Timestamp) -> bool:
    return day.month == 7 and day.day < 25


def centres(assumed: dict, targets: Targets) -> pd.DataFrame:
    """`centres`: one row a centre."""
    three = _text(targets, "whole_positions_oestfold_strondelag_troms", "each", "n")
    four = _text(targets, "whole_positions_oslo_akershus_hordaland", "each", "n")
    extra = _text(targets, "extra_position_hordaland", "total", "pct") / 100
    rows = []
    for centre, known in assumed["centre_facts"].items():
        positions = three if centre in ("oestfold", "soer_troendelag", "troms") else four
        rows.append({"centre": centre, "positions": positions + (extra if centre == "hordaland" else 0.0), **known})
    return pd.DataFrame(rows)
