"""Who takes part in the synthetic trial of individual job support."""

import numpy as np
import pandas as pd


def drawn(rng: np.random.Generator, bands: list, size: tuple[int, ...]) -> np.ndarray:
    """Whole numbers from bands (share in per cent, lowest, highest), all numbers of a band equally likely."""
    shares, low, high = np.array(bands).T
    band = np.searchsorted(np.cumsum(shares), rng.integers(0, 100, size), side="right")
    return rng.integers(low[band], high[band] + 1)


def draw_people(rng: np.random.Generator, sizes: dict[str, int], assumed: dict) -> pd.DataFrame:
    """One row a participant in order of inclusion: columns of participants.csv and background.csv, `age`, `last_seen`.

    `sizes` has the number of people by arm. `observed_until` is missing for those who are seen to the end.
    """
    n, dates = sum(sizes.values()), {name: np.datetime64(day) for name, day in assumed["dates"].items()}
    days = np.arange(dates["inclusion_start"], dates["inclusion_end"] + 1)
    days = days[np.is_busday(days) & (days.astype("datetime64[M]").astype(int) % 12 != 6)]  # nobody in July
    included_on = np.sort(days[rng.integers(0, len(days), n)])
    age = drawn(rng, assumed["ages"], (n,))
    severity = np.where(rng.integers(0, 100, n) < assumed["severe"], "severe", "moderate")
    finished = pd.Series(severity).map(assumed["upper_secondary_by_21"])
    left = rng.permutation(n)[: assumed["left_early"]]
    until = np.full(n, np.datetime64("NaT", "D"))
    until[left] = included_on[left] + rng.integers(150, 1250, len(left))
    return pd.DataFrame(
        {
            "participant_id": [f"P{number:04d}" for number in range(1, n + 1)],
            "arm": rng.permutation(np.repeat(list(sizes), list(sizes.values()))),
            "included_on": included_on,
            "birth_date": included_on - age * 1461 // 4 - rng.integers(15, 350, n),  # no birthday close to inclusion
            "sex": np.where(rng.integers(0, 100, n) < assumed["women"], "woman", "man"),
            "observed_until": until,
            "severity": severity,
            "upper_secondary_by_21": np.where(rng.integers(0, 100, n) < finished, "true", "false"),
            "age": age,
            "last_seen": np.fmin(until, dates["register_end"]),
        }
    )
