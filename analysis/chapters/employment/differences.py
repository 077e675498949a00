"""Differences between the arms in percentage points, for what a report's statements on work are held to."""

import math

import pandas as pd
from scipy import stats

from analysis.frames.trial import Trial

_SHARES = ["estimate", "conf_low", "conf_high"]


def in_points(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares as percentage points."""
    return rows.assign(**{column: 100 * rows[column].astype(float) for column in _SHARES})


def gaps(rows: pd.DataFrame, trial: Trial) -> pd.DataFrame:
    """The differences between the arms of an estimate frame."""
    return rows[rows["contrast"] == trial.study.contrast]


def gaps_in_points(rows: pd.DataFrame, trial: Trial) -> pd.DataFrame:
    """The differences between the arms of a comparison of shares, in points."""
    return in_points(gaps(rows, trial))


def beyond_the_rest(own: pd.Series, rest: pd.Series) -> dict[str, float]:
    """How much larger one group's difference is than that of the others: estimate, 95 % interval and z test.

    Both are rows in points, `std_error` still a share; no person is in both.
    """
    error = 100 * math.hypot(own["std_error"], rest["std_error"])
    difference = own["estimate"] - rest["estimate"]
    half = stats.norm.ppf(0.975) * error
    p = 2 * stats.norm.sf(abs(difference) / error) if error > 0 else math.nan
    return {"estimate": difference, "conf_low": difference - half, "conf_high": difference + half, "p_value": p}
