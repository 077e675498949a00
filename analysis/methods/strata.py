"""Differences between two arms within strata of the randomisation, put together; and what leaving strata out does."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.methods.estimates import Estimate
from analysis.methods.recording import recorded

NAN = float("nan")
WEIGHTS = ("mantel_haenszel", "people")
VARIANCES = ("conditional", "unconditional")
_SUMS = ("n_treated", "n_control", "mean_treated", "mean_control", "var_treated", "var_control")


def stratum_of(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """One name for each combination of the columns, in the frame's order; missing where one of them is."""
    if not len(columns):
        return pd.Series("all", index=frame.index)
    first, *others = (frame[column].astype("string") for column in columns)
    return first.str.cat(others, sep=" / ") if others else first


def arm_rows(frame: pd.DataFrame, outcome: str, strata: Sequence[str], treatment: str, control: str) -> pd.DataFrame:
    """One row per person with a known outcome and stratum in one of the arms: value, treated (bool), stratum."""
    arm, stratum = frame["arm"].to_numpy(object), stratum_of(frame, strata)
    value = frame[outcome].to_numpy(float, na_value=NAN)
    known = ((arm == treatment) | (arm == control)) & ~np.isnan(value) & stratum.notna().to_numpy()
    rows = {"value": value[known], "treated": arm[known] == treatment, "stratum": stratum.to_numpy(object)[known]}
    return pd.DataFrame(rows, index=frame.index[known])


def stratum_sums(rows: pd.DataFrame) -> pd.DataFrame:
    """People, mean and variance by stratum and arm, one row a stratum in which both arms have people.

    `rows` are those of `arm_rows`. Variances have n − 1 in the denominator; one person alone has none (0).
    """
    place, names = pd.factorize(rows["stratum"], sort=True)
    cell, value = 2 * place + rows["treated"].to_numpy(), rows["value"].to_numpy()
    n = np.bincount(cell, minlength=2 * len(names))
    mean = np.bincount(cell, value, minlength=len(n)) / np.maximum(n, 1)
    variance = np.bincount(cell, (value - mean[cell]) ** 2, minlength=len(n)) / np.maximum(n - 1, 1)
    columns = [part[first::2] for part in (n, mean, variance) for first in (1, 0)]
    sums = pd.DataFrame(dict(zip(_SUMS, columns, strict=True)), index=pd.Index(names, name="stratum"))
    return sums[(sums["n_treated"] > 0) & (sums["n_control"] > 0)]


@recorded
def stratified_difference(
    frame: pd.DataFrame,
    outcome: str,
    strata: Sequence[str],
    *,
    treatment: str,
    control: str,
    weights: str = "mantel_haenszel",
    variance: str = "conditional",
    population: str = "all",
    conf_level: float = 0.95,
) -> Estimate:
    """Treated minus control within strata, averaged over them: Σ wₛ(ȳ₁ₛ − ȳ₀ₛ) / Σ wₛ.

    `frame` has one row per person: `arm`, a yes or no or a number from 0 to 1 named by `outcome`, and the columns that
    make the strata. Weights: mantel_haenszel, n₁ₛn₀ₛ/nₛ, which stays steady in small strata; people, nₛ, which
    standardises to all people and so estimates the average effect among them. Variance: conditional on who is in which
    stratum, Σ wₛ²(s₁²/n₁ₛ + s₀²/n₀ₛ)/(Σ wₛ)², s² with n − 1 (Greenland and Robins 1985 as modified by Qiu and others
    2024, valid whatever the effects are); unconditional adds what comes of the people being a sample, for weights by
    people: Σ (nₛ/n)(dₛ − d)²/n. Interval and test from the normal distribution.

    People without outcome or stratum are left out, and so is a stratum without people in both arms: n says who is in.
    NaN where nobody is left. ValueError for an unknown weight or variance, or for unconditional with other weights.
    Checked against R: RobinCar's Mantel–Haenszel difference and both formulas written out (tests/reference/strata.R).
    """
    if weights not in WEIGHTS or variance not in VARIANCES:
        raise ValueError(f"unknown weights {weights!r} or variance {variance!r}; choose of {WEIGHTS} and {VARIANCES}")
    if variance == "unconditional" and weights != "people":
        raise ValueError("an unconditional variance is known for weights by people")
    sums = stratum_sums(arm_rows(frame, outcome, strata, treatment, control))
    estimate, error = _weighted(sums, weights, variance)
    named = f"{weights.replace('_', '–')} weights over {len(sums)} strata, {variance} variance"
    return Estimate.normal(
        outcome, population, f"{treatment}_vs_{control}", named, estimate, error, conf_level,
        int(sums["n_treated"].sum()), int(sums["n_control"].sum()),
    )  # fmt: skip


def _weighted(sums: pd.DataFrame, weights: str, variance: str) -> tuple[float, float]:
    """The weighted difference and its standard error; NaN without strata."""
    if sums.empty:
        return NAN, NAN
    n1, n0, y1, y0, v1, v0 = (sums[name].to_numpy() for name in _SUMS)
    share = n1 * n0 / (n1 + n0) if weights == "mantel_haenszel" else n1 + n0
    share = share / share.sum()
    gaps = y1 - y0
    mean = float(share @ gaps)
    spread = float(share**2 @ (v1 / n1 + v0 / n0))
    if variance == "unconditional":
        spread += float(share @ (gaps - mean) ** 2 / (n1 + n0).sum())
    return mean, float(np.sqrt(spread))


@recorded
def pooling_bias(
    frame: pd.DataFrame, outcome: str, strata: Sequence[str], *, treatment: str, control: str
) -> pd.DataFrame:
    """By how much the difference of the pooled shares is off the one standardised over strata, and whence.

    One row a stratum with people in both arms: `n_treated`, `n_control`, `mean_treated`, `mean_control`, the share of
    each arm and of all that is in it (`of_treated`, `of_control`, `of_all`), and `bias`, the stratum's part of pooled
    minus standardised: (n₁ₛ/n₁ − nₛ/n)ȳ₁ₛ − (n₀ₛ/n₀ − nₛ/n)ȳ₀ₛ. The parts add up to that difference, an identity;
    it is nought where the arms are spread over the strata alike. Checked by hand (tests/test_strata.py).
    """
    sums = stratum_sums(arm_rows(frame, outcome, strata, treatment, control))
    n1, n0 = sums["n_treated"], sums["n_control"]
    of_treated, of_control, of_all = n1 / n1.sum(), n0 / n0.sum(), (n1 + n0) / (n1 + n0).sum()
    bias = (of_treated - of_all) * sums["mean_treated"] - (of_control - of_all) * sums["mean_control"]
    parts = {"of_treated": of_treated, "of_control": of_control, "of_all": of_all, "bias": bias}
    return sums[list(_SUMS[:4])].assign(**parts).reset_index()


@recorded
def trend_bias(bias: pd.DataFrame, trend: Sequence[float]) -> float:
    """What pooling would be off by if the outcome of everybody moved as `trend`, a level for each row of `bias`.

    Σ (n₁ₛ/n₁ − n₀ₛ/n₀) tₛ, in the unit of the trend: the effect itself takes no part in it.
    """
    return float((bias["of_treated"] - bias["of_control"]).to_numpy() @ np.asarray(trend, dtype=float))
