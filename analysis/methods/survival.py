"""Time to a first event when some people are observed for a shorter time than others."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from analysis.methods.estimates import Estimate
from analysis.methods.recording import recorded

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
    others (1963) (tests/test_survival.py).
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
    (tests/test_survival.py).
    """
    n_treated, n_control = int(treated.sum()), int((~treated).sum())
    names = {"n_treated": n_treated, "n_control": n_control, "unit": "test", "df": 1.0}
    nothing = float("nan")
    if not (happened.any() and n_treated and n_control):
        return Estimate(outcome, "all", contrast, "log-rank test", nothing, **names)
    chi2, p = survdiff(times.to_numpy(float), happened.to_numpy(int), treated.to_numpy(int))
    return Estimate(outcome, "all", contrast, "log-rank test", nothing, p_value=float(p), statistic_value=float(chi2),
                    **names)  # fmt: skip
