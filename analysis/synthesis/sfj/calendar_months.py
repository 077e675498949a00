"""Calendar months as whole numbers, and their first and last days."""

import numpy as np
import pandas as pd

WINDOW_START = pd.Timestamp("2009-01-01")
WINDOW_END = pd.Timestamp("2013-03-31")


def index_of(days: pd.Series) -> pd.Series:
    """Months since January of year 0."""
    return days.dt.year * 12 + days.dt.month - 1


def first_day(month: int) -> np.datetime64:
    """First day of a numbered month."""
    return np.datetime64(f"{month // 12:04d}-{month % 12 + 1:02d}", "D")


def last_day(month: int) -> np.datetime64:
    """Last day of a numbered month."""
    return first_day(month + 1) - np.timedelta64(1, "D")


def day_in(month: int, rng: np.random.Generator, low: int = 1, high: int = 31) -> np.datetime64:
    """A random day of the month, `low` and `high` being days of the month, both included."""
    length = int((last_day(month) - first_day(month)).astype(int)) + 1
    return first_day(month) + np.timedelta64(int(rng.integers(low, min(high, length) + 1)) - 1, "D")


def plus(day: np.datetime64, days: int) -> np.datetime64:
    """The day so many days later."""
    return day + np.timedelta64(days, "D")
