"""The screening log: everyone referred, what came of it and who referred them (section 3 of the report)."""

import numpy as np
import pandas as pd

from .participants import CENTRES, working_days
from .targets import Targets

SOURCES = ("nav", "physician", "self", "other")


def screening_stage(people: pd.DataFrame, rng: np.random.Generator, targets: Targets) -> dict[str, pd.DataFrame]:
    """`screening`: one row a referred person, in order of referral.

    The referrer is known for as many participants as the report says; for people who did not take part it is not.
    """
    included = people[["centre", "arm", "participant_id"]].assign(
        referred_on=people["included_on"] - pd.to_timedelta(_waiting_days(len(people), rng), unit="D"),
        outcome="included",
        referral_source=_sources(len(people), targets, rng),
    )
    log = pd.concat([included, _not_included(people, targets, rng)], ignore_index=True)
    log["referred_on"] = _on_working_days(log["referred_on"], rng)
    log = log.sort_values(["referred_on", "centre", "participant_id"], kind="stable").reset_index(drop=True)
    log["referral_id"] = [f"R{number:04d}" for number in range(1, len(log) + 1)]
    columns = ["referral_id", "centre", "referred_on", "referral_source", "outcome", "arm", "participant_id"]
    return {"screening": log[columns]}


def _waiting_days(size: int, rng: np.random.Generator) -> np.ndarray:
    """Days from referral to inclusion: a fortnight is typical, seven weeks the longest."""
    return np.clip(np.rint(rng.gamma(2.2, 6.5, size)), 1, 49).astype(int)


def _on_working_days(days: pd.Series, rng: np.random.Generator) -> pd.Series:
    """The days, those of weekends moved to a working day of the week before, drawn by lot."""
    weekend = days.dt.day_of_week - 4
    back = np.where(weekend > 0, weekend + rng.integers(0, 5, len(days)), 0)
    return days - pd.to_timedelta(back, unit="D")


def _sources(size: int, targets: Targets, rng: np.random.Generator) -> np.ndarray:
    counts = {source: targets.count("text_3", f"referral_source_{source}", "total") for source in SOURCES}
    known = np.repeat(np.array(list(counts), dtype=object), list(counts.values()))
    unknown = np.full(size - len(known), None, dtype=object)
    return rng.permutation(np.concatenate([known, unknown]))


def _not_included(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.DataFrame:
    """People who did not meet the criteria, did not consent, or withdrew after randomisation."""
    numbers = [
        ("not_eligible", None, targets.count("text_3", "excluded_not_meeting_criteria", "total")),
        ("no_consent", None, targets.count("text_3", "excluded_no_consent", "total")),
        ("withdrew", "control", targets.count("text_3", "withdrew", "control")),
        ("withdrew", "sfj", targets.count("text_3", "withdrew", "sfj")),
    ]
    rows = [(outcome, arm) for outcome, arm, count in numbers for _ in range(count)]
    frame = pd.DataFrame(rows, columns=["outcome", "arm"])
    months = rng.choice(people["included_on"].dt.to_period("M").to_numpy(), len(frame))
    shares = people["centre"].value_counts(normalize=True).reindex(list(CENTRES))
    return frame.assign(
        referred_on=[rng.choice(working_days(month)) for month in months],
        centre=rng.choice(CENTRES, len(frame), p=shares.to_numpy()),
        referral_source=None,
        participant_id=None,
    )
