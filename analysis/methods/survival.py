"""Time to a first event when some people are observed for a shorter time than others."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.recording import recorded
from analysis.methods.weighted import usable

CURVE_COLUMNS = ("time", "estimate", "std_error", "conf_low", "conf_high", "at_risk", "events")


@recorded
def cumulative_share(times: pd.Series, happened: pd.Series, conf_level: float = 0.95) -> pd.DataFrame:
    """Share for whom the event has happened by each time, one minus the Kaplan–Meier estimate.

    `times` has one value a person: when the event happened or, where `happened` is false, until when the person was
    observed without it. One row is one time at which it happened, the first row is time 0: time, estimate, std_error
    (Greenwood), conf_low and conf_high, at_risk (observed without the event just before), events.
    The interval is that of log(−log S) turned back, S^exp(±z·se/(S·log S)), which stays between 0 and 1 (Kalbfleisch
    and Prentice 1980); it is missing where everybody or nobody has had the event. No people give row 0 alone with
    missing numbers. Checked against R 4 `survival::survfit(conf.type = "log-log")` on the example of Freireich and
    others (1963) (tests/reference/survival.R).
    """
    start = pd.DataFrame([(0.0, 0.0, 0.0, np.nan, np.nan, len(times), 0)], columns=CURVE_COLUMNS)
    if not happened.any():
        return start if len(times) else start.assign(estimate=np.nan, std_error=np.nan)
    fitted = SurvfuncRight(times.to_numpy(float), happened.to_numpy(int))
    survival, error = fitted.surv_prob, fitted.surv_prob_se
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.exp(stats.norm.ppf(0.5 + conf_level / 2) * error / (survival * np.log(survival)))
        ends = 1 - survival ** (1 / power), 1 - survival**power
    known = (survival > 0) & (survival < 1)
    low, high = (np.where(known, end, np.nan) for end in (np.minimum(*ends), np.maximum(*ends)))
    curve = dict(zip(CURVE_COLUMNS, (fitted.surv_times, 1 - survival, np.where(known, error, np.nan), low, high,
                                     fitted.n_risk, fitted.n_events), strict=True))  # fmt: skip
    later = pd.DataFrame(curve)
    return pd.concat([start, later[later["events"] > 0]], ignore_index=True).astype({"at_risk": int, "events": int})


@recorded
def at_time(curve: pd.DataFrame, time: float) -> pd.Series:
    """The row of a `cumulative_share` curve that holds at a time: the last one at or before it."""
    return curve[curve["time"] <= time].iloc[-1]


@recorded
def median_time(curve: pd.DataFrame) -> float:
    """The first time by which at least half have had the event; missing where it is never half."""
    return float(curve.loc[curve["estimate"] >= 0.5, "time"].min())


@recorded
def log_rank_test(
    times: pd.Series, happened: pd.Series, treated: pd.Series, *, outcome: str, contrast: str
) -> Estimate:
    """Whether the event comes at the same pace in both arms: the log-rank test, χ² with one degree of freedom.

    Arguments as in `cumulative_share`, with `treated` true for the treatment arm. Without events, or with an empty arm,
    the test is missing. Checked against R 4 `survival::survdiff` on the example of Freireich and others (1963)
    (tests/reference/survival.R).
    """
    n_treated, n_control = int(treated.sum()), int((~treated).sum())
    names = {"n_treated": n_treated, "n_control": n_control, "unit": "test", "df": 1.0}
    nothing = float("nan")
    if not (happened.any() and n_treated and n_control):
        return Estimate(outcome, "all", contrast, "log-rank test", nothing, **names)
    chi2, p = survdiff(times.to_numpy(float), happened.to_numpy(int), treated.to_numpy(int))
    return Estimate(outcome, "all", contrast, "log-rank test", nothing, p_value=float(p), statistic_value=float(chi2),
                    **names)  # fmt: skip


@recorded
def restricted_mean_time(curve: pd.DataFrame, last: float) -> tuple[float, float]:
    """Mean time to the event when later times count as `last`, E[min(T, last)], and its standard error.

    `curve` is that of `cumulative_share`. The mean is the area under S = 1 − estimate from 0 to `last`; its variance is
    Σ_j A_j² d_j / (n_j (n_j − d_j)) over the times t_j ≤ last, with A_j the area from t_j to `last`, d_j events and n_j
    people at risk (Greenwood's terms; Uno and others 2014). Whether anybody is observed until `last` is for
    the caller to see (`horizon_of`). Without people both are missing; without events, or with all of them at once, the
    error is nought. Checked against R 4.2 `survival::print(survfit(…), rmean = last)` (tests/reference/time.R, 1e-9).
    """
    steps = curve[curve["time"] <= last]
    if steps["estimate"].isna().any():
        return float("nan"), float("nan")
    lengths = np.diff([*steps["time"], last])
    after = np.cumsum((lengths * (1 - steps["estimate"]))[::-1])[::-1].to_numpy()
    left = (steps["at_risk"] - steps["events"]).to_numpy(float)
    terms = np.divide(steps["events"], steps["at_risk"] * left, out=np.zeros(len(steps)), where=left > 0)
    return float(after[0]), float(np.sqrt((after**2 * terms).sum()))


def weighted_restricted_mean(
    times: pd.Series, happened: pd.Series, weights: pd.Series, last: float
) -> tuple[float, float]:
    """`restricted_mean_time` of people with weights: the area under the weighted Kaplan–Meier curve, and its error.

    The hazard at t_j is h_j = Σwᵢ of those with the event then over Σwᵢ of those at risk, Y_j. A person moves the mean
    by uᵢ = −wᵢ Σ_j A_j (dNᵢⱼ − h_j)/(Y_j(1 − h_j)) over the times at which the person is at risk, dN 1 with the event;
    the error is √Σuᵢ², with equal weights Greenwood's. Checked against R, `survival::survfit(weights = )` with the
    weights moved one by one (tests/reference/weights.R).
    """
    t, event, w = times.to_numpy(float), happened.to_numpy(bool), usable(weights)
    steps = np.unique(t[event & (t <= last)])
    there, now = t[:, None] >= steps, event[:, None] & (t[:, None] == steps)
    at_risk = w @ there
    hazard = w @ now / at_risk
    survival = np.concatenate([[1.0], np.cumprod(1 - hazard)])
    areas = survival * np.diff([0.0, *steps, last])
    after = np.cumsum(areas[::-1])[::-1]
    scale = np.divide(after[1:], at_risk * (1 - hazard), out=np.zeros(len(steps)), where=hazard < 1)
    influence = -w * ((now - hazard * there) @ scale)
    return float(after[0]), float(np.sqrt((influence**2).sum()))


@recorded
def horizon_of(times: pd.Series, arms: pd.Series, most: float) -> float:
    """The longest time up to `most` until which somebody of every arm is observed, or had the event; missing without
    people."""
    longest = times.groupby(arms).max()
    return float(min(most, longest.min())) if len(longest) else float("nan")


@recorded
def compare_restricted_means(
    people: pd.DataFrame,
    *,
    outcome: str,
    last: float,
    treatment: str | None = None,
    control: str | None = None,
    everybody: str = "total",
    conf_level: float = 0.95,
    weight: str | None = None,
) -> pd.DataFrame:
    """Restricted mean time to an event in each arm, and the difference: an estimate frame.

    `people` has one row per person: arm, `time` and `happened` as in `cumulative_share`. Intervals are normal; the
    difference has the standard error √(se₁² + se₀²) and the z test (Royston and Parmar 2013). An arm without people
    leaves its mean and the difference missing, one without an event before `last` has a mean of `last` and no error.
    weight: the column with people's weights, if any; see `weighted_restricted_mean`.
    """
    arms = (everybody,) if treatment is None else (treatment, control)
    own = {arm: people if treatment is None else people[people["arm"] == arm] for arm in arms}
    found = {arm: _restricted(each, last, weight) for arm, each in own.items()}
    names = {"outcome": outcome, "population": "all", "method": "restricted mean time", "unit": "time",
             "conf_level": conf_level}  # fmt: skip
    rows = [{**names, "contrast": arm, **_with_normal_interval(mean, error, conf_level),
             "n_control" if arm == control else "n_treated": n} for arm, (mean, error, n) in found.items()]  # fmt: skip
    if treatment is not None:
        (mean, error, n), (other, other_error, m) = found[treatment], found[control]
        gap = _with_normal_interval(mean - other, float(np.hypot(error, other_error)), conf_level)
        z = gap["estimate"] / gap["std_error"] if gap["std_error"] > 0 else float("nan")
        rows.append({**names, "contrast": f"{treatment}_vs_{control}", **gap, "n_treated": n, "n_control": m,
                     "statistic_value": z, "p_value": float(2 * stats.norm.sf(abs(z)))})  # fmt: skip
    return estimate_frame(rows)


def _restricted(people: pd.DataFrame, last: float, weight: str | None) -> tuple[float, float, int]:
    if weight is not None and len(people):
        return *weighted_restricted_mean(people["time"], people["happened"], people[weight], last), len(people)
    return *restricted_mean_time(cumulative_share(people["time"], people["happened"]), last), len(people)


def _with_normal_interval(value: float, error: float, conf_level: float) -> dict[str, float]:
    """Value, error and interval; without an error above nought there is no interval."""
    half = stats.norm.ppf(0.5 + conf_level / 2) * error if error > 0 else float("nan")
    return {"estimate": value, "std_error": error, "conf_low": value - half, "conf_high": value + half}
