"""Pensionable income by calendar year: table A.1's moments for the year before inclusion."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .groups import A1_COLUMNS, count_behind_mean
from .targets import Targets

YEARS = (2008, 2009, 2010, 2011)
# In thousand NOK of 2012. The gap between the two bounds keeps clear of the basic amount of every year.
POOR_BELOW, RICH_ABOVE, RICH_BELOW = 68.0, 88.0, 1400.0


def income_before_inclusion(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.Series:
    """Income of the calendar year before inclusion, thousand NOK of 2012, one value a participant."""
    income = pd.Series(0.0, index=people.index)
    for group, members in people.groupby("status_group"):
        poor = count_behind_mean(targets, "income_below_G_before_inclusion", group)[0]
        order = rng.permutation(members.index)
        income.loc[order[:poor]] = np.where(rng.random(poor) < 0.35, 0.0, rng.uniform(2, POOR_BELOW, poor)).round(3)
        mean, sd = moments(targets, group)
        drawn = RICH_ABOVE + rng.gamma(3.0, max(mean - RICH_ABOVE, 60.0) / 3.0, len(members) - poor)
        income.loc[order[poor:]] = _with_moments(drawn, income.loc[order[:poor]].to_numpy(), mean, sd)
    return income


def moments(targets: Targets, group: str) -> tuple[float, float]:
    row, column = "income_year_before_inclusion_1000nok", A1_COLUMNS[group]
    return targets.value("table_A1", row, column, "mean"), targets.value("table_A1", row, column, "sd")


def _with_moments(drawn: np.ndarray, fixed: np.ndarray, mean: float, sd: float) -> np.ndarray:
    """Shift and stretch the drawn incomes until, with the fixed ones, mean and standard deviation are as printed."""
    size = len(drawn) + len(fixed)
    part_mean = (mean * size - fixed.sum()) / len(drawn)
    part_squares = sd**2 * (size - 1) + mean**2 * size - (fixed**2).sum()
    part_sd = np.sqrt(max(part_squares / len(drawn) - part_mean**2, 1.0))
    values = drawn
    for _ in range(200):
        values = part_mean + (values - values.mean()) * part_sd / values.std()
        clipped = np.clip(values, RICH_ABOVE, RICH_BELOW)
        if np.abs(clipped - values).max() < 1e-9:
            break
        values = clipped
    return values


def income_table(people: pd.DataFrame, prices: Mapping[int, float], rng: np.random.Generator) -> pd.DataFrame:
    """`income`: nominal NOK per participant and year; other years move around the year before inclusion."""
    parts, before = [], people["income"].to_numpy()
    reference = people["included_on"].dt.year - 1
    for year in YEARS:
        steps = (year - reference).to_numpy()
        noise = np.exp(0.025 * steps + 0.18 * np.sqrt(np.abs(steps)) * rng.standard_normal(len(people)))
        real = np.where(steps == 0, before, np.clip(before * noise, 0.0, RICH_BELOW))
        nominal = np.rint(real * 1000 * prices[year] / prices[2012]).astype(int)
        parts.append(
            pd.DataFrame({"participant_id": people["participant_id"], "year": year, "pensionable_income_nok": nominal})
        )
    return pd.concat(parts).sort_values(["participant_id", "year"], kind="stable").reset_index(drop=True)
