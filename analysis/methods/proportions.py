"""Proportions: intervals for one, and the difference between two arms with its interval and test."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import special, stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.recording import recorded
from analysis.methods.weighted import effective_size, mean_and_error, usable

# Names of one-sample intervals, and what statsmodels calls them; "logit" is computed here.
_INTERVALS = {
    "wald": "normal",
    "wilson": "wilson",
    "clopper_pearson": "beta",
    "agresti_coull": "agresti_coull",
}
INTERVALS = (*_INTERVALS, "logit")
DIFFERENCE_INTERVALS = ("wald", "newcombe")
TESTS = ("pooled_z", "unpooled_z")
# A frame whose rows are not people, but cells of people who are alike, says in this column how many.
PEOPLE = "people"
# The same few people out of the same few are told of month after month, and of outcome after outcome.
_remembered = lru_cache(2**14)


@dataclass(frozen=True)
class Counted:
    """People whose yes or no was counted elsewhere, in the place of a row each; weighted ones as many as tell as much.

    people: how many there are, where that is not n.
    """

    successes: float
    n: float
    people: int | None = None


@recorded
@_remembered
def proportion_interval(
    successes: int, n: int, method: str = "wilson", conf_level: float = 0.95
) -> tuple[float, float]:
    """Confidence interval of one proportion, as (low, high) on the 0–1 scale.

    wald p ± z√(p(1−p)/n), cut at 0 and 1; wilson, the score interval (Wilson 1927); clopper_pearson, exact (Clopper and
    Pearson 1934); agresti_coull; logit, Wald on the log-odds scale: logit p ± z/√(n p (1−p)), undefined (NaN)
    when nobody or everybody has the outcome. Without people both ends are NaN. An unknown method raises ValueError.
    Checked against R 4 `prop.test`, `binom.test` and formulas written out in R (tests/reference/employment.R).
    """
    low, high = proportion_intervals(np.array([successes]), np.array([n]), method, conf_level)
    return float(low[0]), float(high[0])


def proportion_intervals(
    successes: np.ndarray, n: np.ndarray, method: str = "wilson", conf_level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Confidence intervals of many proportions at once, as arrays of low and high ends; see `proportion_interval`."""
    if method not in INTERVALS:
        raise ValueError(f"unknown interval {method!r}; choose one of {', '.join(INTERVALS)}")
    successes, n = np.broadcast_arrays(successes, n)
    known = (n > 0) & ((method != "logit") | (successes % np.maximum(n, 1) != 0))
    ends = np.full((2, *n.shape), np.nan)
    k, n = successes[known], n[known]
    if method == "logit":
        ends[:, known] = _logit_intervals(k, n, conf_level)
    else:
        ends[:, known] = proportion_confint(k, n, alpha=1 - conf_level, method=_INTERVALS[method])
    return ends[0], ends[1]


def _logit_intervals(successes: np.ndarray, n: np.ndarray, conf_level: float) -> tuple[np.ndarray, np.ndarray]:
    log_odds = np.log(successes / (n - successes))
    half_width = stats.norm.ppf(0.5 + conf_level / 2) * np.sqrt(n / (successes * (n - successes)))
    return 1 / (1 + np.exp(half_width - log_odds)), 1 / (1 + np.exp(-half_width - log_odds))


@recorded
def proportion_estimate(
    values: pd.Series | Counted,
    *,
    outcome: str,
    population: str,
    contrast: str,
    interval: str = "wilson",
    conf_level: float = 0.95,
) -> Estimate:
    """The share of people with a true value, with its interval; missing values are left out.

    std_error is √(p(1−p)/n). n_treated carries the number of people; `compare_arms` moves it for the control arm.
    """
    successes, n = _counts(values)
    share = successes / n if n else float("nan")
    low, high = proportion_interval(successes, n, interval, conf_level)
    return Estimate(
        outcome,
        population,
        contrast,
        f"proportion, {interval} interval",
        share,
        std_error=_standard_error(share, n),
        conf_low=low,
        conf_high=high,
        conf_level=conf_level,
        n_treated=_people(values),
    )


@recorded
def difference_in_proportions(
    treated: pd.Series | Counted,
    control: pd.Series | Counted,
    *,
    outcome: str,
    population: str,
    contrast: str,
    interval: str = "newcombe",
    test: str = "pooled_z",
    conf_level: float = 0.95,
) -> Estimate:
    """Share among the treated minus share among controls, with interval and two-sided test; missing values left out.

    Interval: newcombe, the hybrid score interval (Newcombe 1998, method 10), or wald, (p₁−p₀) ± z√(p₁(1−p₁)/n₁ +
    p₀(1−p₀)/n₀). Test: pooled_z, z = (p₁−p₀)/√(p(1−p)(1/n₁+1/n₀)) with p the share in both arms together, whose square
    is Pearson's χ² without continuity correction; unpooled_z divides by the standard error of Wald's interval.
    std_error is the unpooled one, statistic_value is z. Where an arm is empty or the standard error is 0 the test is
    NaN. An unknown interval or test raises ValueError. Checked against R 4 `prop.test(correct = FALSE)` and Newcombe's
    formula written out (tests/reference/employment.R).
    """
    if interval not in DIFFERENCE_INTERVALS or test not in TESTS:
        raise ValueError(f"unknown interval {interval!r} or test {test!r}; choose {DIFFERENCE_INTERVALS} and {TESTS}")
    k1, n1, k0, n0 = *_counts(treated), *_counts(control)
    sizes = {"n_treated": _people(treated), "n_control": _people(control)}
    if not n1 or not n0:
        return Estimate(outcome, population, contrast, f"{test}, {interval} interval", float("nan"), **sizes)
    difference = k1 / n1 - k0 / n0
    std_error = float(np.hypot(_standard_error(k1 / n1, n1), _standard_error(k0 / n0, n0)))
    test_error = std_error if test == "unpooled_z" else _standard_error((k1 + k0) / (n1 + n0), n1 * n0 / (n1 + n0))
    z = difference / test_error if test_error > 0 else float("nan")
    low, high = _difference_interval(k1, n1, k0, n0, interval, conf_level)
    return Estimate(
        outcome,
        population,
        contrast,
        f"{test}, {interval} interval",
        difference,
        std_error=std_error,
        conf_low=low,
        conf_high=high,
        conf_level=conf_level,
        p_value=float(2 * special.ndtr(-abs(z))),
        **sizes,
        statistic_value=z,
    )


def _people(values: pd.Series | Counted) -> int:
    known = values.people if isinstance(values, Counted) else None
    return int(_counts(values)[1] if known is None else known)


def _counts(values: pd.Series | Counted) -> tuple[float, float]:
    if isinstance(values, Counted):
        return values.successes, values.n
    known = values.notna().to_numpy()
    return int(values.to_numpy()[known].astype(bool).sum()), int(known.sum())


def _standard_error(share: float, n: float) -> float:
    return float(np.sqrt(share * (1 - share) / n)) if n else float("nan")


@_remembered
def _difference_interval(k1: int, n1: int, k0: int, n0: int, interval: str, conf_level: float) -> tuple[float, float]:
    method = {"wald": "wald", "newcombe": "newcomb"}[interval]
    low, high = confint_proportions_2indep(k1, n1, k0, n0, method=method, compare="diff", alpha=1 - conf_level)
    return float(low), float(high)


@recorded
def compare_arms(frame: pd.DataFrame, outcome: str, **settings) -> pd.DataFrame:
    """Share with the outcome in each arm, and the difference: an estimate frame of three rows.

    `frame` has one row per person with a column `arm` and the bool column named by `outcome`; a missing outcome is left
    out. Contrasts are the two arm codes and "<treatment>_vs_<control>". settings: treatment and control, the codes;
    population ("all"); interval of a share ("wilson"), difference_interval ("newcombe") and test ("pooled_z") of the
    difference; conf_level (0.95); weight (none), the column with people's weights: shares are then weighted, and every
    formula takes the number of people drawn alike that would tell an arm's share as well, `weighted.effective_size`
    (Korn and Graubard 1998), checked against R's survey (tests/reference/weights.R).
    """
    return estimate_frame(_arms(frame, outcome, **settings))


def _arms(
    frame: pd.DataFrame,
    outcome: str,
    *,
    treatment: str,
    control: str,
    population: str = "all",
    interval: str = "wilson",
    difference_interval: str = "newcombe",
    test: str = "pooled_z",
    conf_level: float = 0.95,
    weight: str | None = None,
) -> list[Estimate]:
    values = {arm: _answers(frame, outcome, frame["arm"] == arm, weight) for arm in (treatment, control)}
    names = {"outcome": outcome, "population": population, "conf_level": conf_level}
    treated, untreated = (
        proportion_estimate(values[arm], contrast=arm, interval=interval, **names) for arm in (treatment, control)
    )
    untreated = replace(untreated, n_treated=None, n_control=untreated.n_treated)
    difference = difference_in_proportions(
        values[treatment],
        values[control],
        contrast=f"{treatment}_vs_{control}",
        interval=difference_interval,
        test=test,
        **names,
    )
    return [treated, untreated, difference]


def _answers(frame: pd.DataFrame, outcome: str, of: pd.Series, weight: str | None = None) -> Counted:
    if weight is not None:
        known = frame[of & frame[outcome].notna()]
        share, error, n = mean_and_error(known[outcome].astype(float), known[weight])
        told = effective_size(share, error, usable(known[weight])) if n else 0.0
        return Counted(share * told if n else 0.0, told, n)
    if PEOPLE not in frame:
        return Counted(*_counts(frame[outcome][of.to_numpy(bool, na_value=False)]))
    known = frame[of & frame[outcome].notna()]
    return Counted(int(known.loc[known[outcome].astype(bool), PEOPLE].sum()), int(known[PEOPLE].sum()))


@recorded
def compare_arms_by(frame: pd.DataFrame, outcome: str, by: str, **settings) -> pd.DataFrame:
    """`compare_arms` within each value of the column `by`, for example each month.

    The estimate frame has one further column, named as `by`. Values come in sorted order; missing ones are left out.
    """
    return _for_each(_arms, frame, outcome, by, **settings)


def _for_each(
    estimates: Callable[..., list[Estimate]], frame: pd.DataFrame, outcome: str, by: str, **settings
) -> pd.DataFrame:
    found = [
        (value, estimate)
        for value, rows in frame.groupby(by, observed=True)
        for estimate in estimates(rows, outcome, **settings)
    ]
    values = [value for value, _ in found] if found else pd.Series(dtype=frame[by].dtype)
    return estimate_frame(estimate for _, estimate in found).assign(**{by: values})


@recorded
def share_of_all(frame: pd.DataFrame, outcome: str, **settings) -> pd.DataFrame:
    """Share with the outcome among everybody, an estimate frame of one row with the contrast "total".

    settings: population ("all"), interval ("wilson"), conf_level (0.95), weight (none) as in `compare_arms`.
    """
    return estimate_frame(_everybody(frame, outcome, **settings))


def _everybody(
    frame: pd.DataFrame, outcome: str, *, population: str = "all", interval: str = "wilson", conf_level: float = 0.95,
    weight: str | None = None,
) -> list[Estimate]:  # fmt: skip
    settings = {"population": population, "interval": interval, "conf_level": conf_level}
    values = _answers(frame, outcome, frame[outcome].notna() | (PEOPLE not in frame), weight)
    return [proportion_estimate(values, outcome=outcome, contrast="total", **settings)]


@recorded
def share_of_all_by(frame: pd.DataFrame, outcome: str, by: str, **settings) -> pd.DataFrame:
    """`share_of_all` within each value of the column `by`, as `compare_arms_by`."""
    return _for_each(_everybody, frame, outcome, by, **settings)


@recorded
def independence_test(first: pd.Series, second: pd.Series, *, outcome: str, population: str, contrast: str) -> Estimate:
    """Whether two groups of people answer a question with several answers alike: Pearson's χ² on the counts.

    Unanswered is left out, as are answers nobody gave; no continuity correction. estimate is Cramér's V (0 alike, 1
    nothing in common), statistic_value χ², df the number of answers less one. With a single answer or an empty group
    the test is NaN. Checked against R 4 `chisq.test(correct = FALSE)` (tests/reference/survival.R).
    """
    counts = pd.concat([first.value_counts(), second.value_counts()], axis=1).fillna(0).to_numpy(float)
    counts = counts[counts.sum(axis=1) > 0]
    n1, n0 = int(counts[:, 0].sum()), int(counts[:, 1].sum())
    if len(counts) < 2 or not n1 or not n0:
        return Estimate(outcome, population, contrast, "chi-squared", float("nan"), n_treated=n1, n_control=n0)
    chi2, p, df, _ = stats.chi2_contingency(counts, correction=False)
    return Estimate(
        outcome,
        population,
        contrast,
        "chi-squared",
        float(np.sqrt(chi2 / (n1 + n0))),
        p_value=float(p),
        n_treated=n1,
        n_control=n0,
        statistic_value=float(chi2),
        df=float(df),
        unit="Cramér's V",
    )
