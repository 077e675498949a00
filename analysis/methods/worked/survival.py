"""Time to a first event, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import survival
from analysis.methods.worked.arithmetic import NAN, Z, numbers, ratio, two_sided
from analysis.methods.worked.example import Example, Worked

# Month of the first job, or the last month seen without one.
TEN = pd.DataFrame({
    "treated": [True] * 6 + [False] * 4,
    "time": [2.0, 3, 3, 5, 6, 8, 3, 4, 7, 8],
    "happened": [True, True, False, True, True, False, True, False, True, False],
})  # fmt: skip


def curve_by_hand(people: pd.DataFrame) -> Worked:
    """Kaplan and Meier's share of the treated for whom it has come, at the last time at which it came to one."""
    time, happened, treated = numbers(people, "time", "happened", "treated")
    own, came = treated == 1, (treated == 1) & (happened == 1)
    at_risk = np.array([float((own & (time >= each)).sum()) if mine else NAN
                        for each, mine in zip(time, came, strict=True)])  # fmt: skip
    events = np.array([float((came & (time == each)).sum()) if mine else NAN
                       for each, mine in zip(time, came, strict=True)])  # fmt: skip
    without, spread, half, left = 1.0, 0.0, NAN, np.full(len(people), NAN)
    for each in sorted(set(time[came])):
        now = came & (time == each)
        n, d = at_risk[now][0], events[now][0]
        without, spread = without * (1 - d / n), spread + ratio(d, n * (n - d))
        left[now] = without
        half = each if without <= 0.5 and np.isnan(half) else half
    error = without * np.sqrt(spread)
    power = np.exp(Z * ratio(error, abs(without * np.log(without)))) if 0 < without < 1 else NAN
    steps = {"n": int(own.sum()), "events": int(came.sum()), "last": float(time[came].max()) if came.any() else NAN,
             "without": without, "share": 1 - without, "spread": spread, "error": error, "power": power,
             "low": 1 - without ** (1 / power), "high": 1 - without**power, "median": half}  # fmt: skip
    return Worked(people.assign(at_risk=at_risk, events=events, without=left), steps)


def _curve(people: pd.DataFrame) -> Mapping[str, float]:
    own = people[people["treated"].astype(bool)]
    curve = survival.cumulative_share(own["time"].astype(float), own["happened"].astype(bool))
    end = curve.iloc[-1]
    return {"n": curve["at_risk"].iloc[0], "events": curve["events"].sum(), "last": end["time"],
            "share": end["estimate"], "error": end["std_error"], "low": end["conf_low"], "high": end["conf_high"],
            "median": survival.median_time(curve)}  # fmt: skip


def log_rank_by_hand(people: pd.DataFrame) -> Worked:
    """The events of the treated against those to be expected, had everybody at risk the same chance each time."""
    time, happened, treated = numbers(people, "time", "happened", "treated")
    came = happened == 1
    risk1, risk0 = (np.array([float(((treated == arm) & (time >= each)).sum()) if mine else NAN
                              for each, mine in zip(time, came, strict=True)]) for arm in (1, 0))  # fmt: skip
    spread = 0.0
    for each in sorted(set(time[came])):
        now = came & (time == each)
        n1, n0, d = risk1[now][0], risk0[now][0], float(now.sum())
        n = n1 + n0
        spread += ratio(d * n1 * n0 * (n - d), n**2 * (n - 1)) if n > 1 else 0.0
    expected = risk1 / (risk1 + risk0)
    seen, awaited = float((came & (treated == 1)).sum()), float(np.nansum(expected))
    chi2 = ratio((seen - awaited) ** 2, spread)
    steps = {"n1": int((treated == 1).sum()), "n0": int((treated == 0).sum()), "events": int(came.sum()),
             "seen": seen, "awaited": awaited, "spread": spread, "chi2": chi2,
             "p_value": float(stats.chi2.sf(chi2, 1))}  # fmt: skip
    return Worked(people.assign(risk1=risk1, risk0=risk0, expected=expected), steps)


def _log_rank(people: pd.DataFrame) -> Mapping[str, float]:
    found = survival.log_rank_test(people["time"].astype(float), people["happened"].astype(bool),
                                   people["treated"].astype(bool), outcome="o", contrast="c")  # fmt: skip
    return {"n1": found.n_treated, "n0": found.n_control, "chi2": found.statistic_value, "p_value": found.p_value}


def _area(time: np.ndarray, came: np.ndarray, last: float) -> tuple[float, float, np.ndarray]:
    """Area under the share without the event up to `last`, its variance, and for each person with an event that from
    its time on."""
    times = sorted(set(time[came & (time <= last)]))
    at_risk = [float((time >= each).sum()) for each in times]
    events = [float((came & (time == each)).sum()) for each in times]
    without = np.cumprod([1 - d / n for n, d in zip(at_risk, events, strict=True)])
    ends = [*times[1:], last]
    areas = [sum(without[later] * (ends[later] - times[later]) for later in range(place, len(times)))
             for place in range(len(times))]  # fmt: skip
    whole = (times[0] + areas[0]) if times else last
    spread = sum(area**2 * ratio(d, n * (n - d)) if n > d else 0.0
                 for area, n, d in zip(areas, at_risk, events, strict=True))  # fmt: skip
    from_here = dict(zip(times, areas, strict=True))
    own = np.array([from_here.get(each, NAN) if mine else NAN for each, mine in zip(time, came, strict=True)])
    return float(whole) if len(time) else NAN, float(spread), own


def restricted_by_hand(people: pd.DataFrame) -> Worked:
    """The mean time until the event, later ones counting as the last time, in either arm and their difference."""
    time, happened, treated = numbers(people, "time", "happened", "treated")
    arms = [treated == 1, treated == 0]
    last = min([people.attrs.get("last", np.inf), *(time[own].max(initial=0) for own in arms)])
    (mean1, spread1, area1), (mean0, spread0, area0) = (_area(time[own], happened[own] == 1, last) for own in arms)
    areas = np.full(len(people), NAN)
    for own, found in zip(arms, (area1, area0), strict=True):
        areas[own] = found
    d, error = mean1 - mean0, np.sqrt(spread1 + spread0)
    half = Z * error if error > 0 else NAN
    steps = {"last": last, "n1": int(arms[0].sum()), "n0": int(arms[1].sum()), "mean1": mean1, "spread1": spread1,
             "mean0": mean0, "spread0": spread0, "d": d, "error": error, "low": d - half, "high": d + half,
             "z": ratio(d, error), "p_value": two_sided(ratio(d, error))}  # fmt: skip
    return Worked(people.assign(counted=np.minimum(time, last), area=areas), steps)


def _restricted(people: pd.DataFrame) -> Mapping[str, float]:
    arms = people["treated"].astype(bool).map({True: "new", False: "usual"})
    frame = pd.DataFrame(
        {"arm": arms, "time": people["time"].astype(float), "happened": people["happened"].astype(bool)}
    )
    last = survival.horizon_of(frame["time"], frame["arm"], people.attrs.get("last", np.inf))
    found = survival.compare_restricted_means(frame, outcome="o", last=last, treatment="new", control="usual")
    first, other, gap = found.to_dict("records")
    return {"last": last, "mean1": first["estimate"], "mean0": other["estimate"], "d": gap["estimate"],
            "error": gap["std_error"], "low": gap["conf_low"], "high": gap["conf_high"], "z": gap["statistic_value"],
            "p_value": gap["p_value"]}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "kaplan_meier": Example(
        (survival.cumulative_share, survival.at_time, survival.median_time), TEN, curve_by_hand, _curve, "first_event"
    ),
    "log_rank": Example((survival.log_rank_test,), TEN, log_rank_by_hand, _log_rank, "first_event"),
    "restricted_mean": Example(
        (survival.compare_restricted_means, survival.restricted_mean_time, survival.horizon_of),
        TEN,
        restricted_by_hand,
        _restricted,
        "event_in_time",
    ),
}
