"""Costs and benefits by hand: what work is worth, the effect over a window of months, the years, and the net value.

What holds for everybody, such as a rate, stands in the `attrs` of the frame.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.methods import cost_benefit
from analysis.methods.worked.arithmetic import Z, ratio, two_sided
from analysis.methods.worked.example import Example, Worked

# Eight wages a year, NOK, of one of whom it is not known, and rates as shares of one.
WAGES = pd.DataFrame({"wage": [310_000.0, 250_000, 420_000, None, 280_000, 390_000, 330_000, 365_000]})
WAGES.attrs |= {"contribution": 0.14, "pension": 0.02, "insurance": 1500.0, "tax": 0.3, "leisure": 0.25,
                "benefit": 0.66, "benefit_tax": 0.2, "funds": 0.2}  # fmt: skip


def value_by_hand(people: pd.DataFrame) -> Worked:
    """W, F and U of a year in work at the mean wage."""
    of, wages = people.attrs, people["wage"].dropna()
    y = float(wages.sum() / len(wages)) if len(wages) else np.nan
    on_wage = of["contribution"] * (1 + of["pension"]) * y
    produced = y + of["pension"] * y + on_wage + of["insurance"]
    lost = of["leisure"] * (y - of["tax"] * y)
    saved = of["benefit"] * y - of["benefit_tax"] * of["benefit"] * y
    public = saved + of["tax"] * y + on_wage
    steps = {"n": len(wages), "y": y, **of, "on_wage": on_wage, "W": produced, "F": lost, "saved": saved, "U": public,
             "net": produced - lost + of["funds"] * public}  # fmt: skip
    return Worked(people, steps)


def _value(people: pd.DataFrame) -> Mapping[str, float]:
    *rates, funds = people.attrs.values()
    found = cost_benefit.value_of_work(people["wage"].mean(), cost_benefit.WageRates(*rates))
    return {"W": found.production, "F": found.leisure, "U": found.public_savings, "net": found.net(funds)}


# Six of ten in the programme: in full work or not in three months, not all of which are observed.
MONTHS = pd.DataFrame({
    "treated": [True] * 6 + [False] * 4,
    "month_1": [1.0, 0, 1, 0, 1, 0, 0, 1, 0, 0],
    "month_2": [1.0, 0, 1, 1, 1, 0, 0, 1, 0, 0],
    "month_3": [1.0, 1, None, 1, 0, 0, 0, None, 0, 1],
})  # fmt: skip


def window_by_hand(people: pd.DataFrame) -> Worked:
    """The difference between the arms in the share in work, averaged over the months, each counting the same."""
    columns = [column for column in people if column.startswith("month_")]
    values, treated = people[columns].to_numpy(float), people["treated"].to_numpy(bool)
    influence, shares, variances = np.full(len(people), np.nan), {}, {}
    for name, arm in (("1", treated), ("0", ~treated)):
        own = values[arm]
        observed = np.where((~np.isnan(own)).any(axis=0), (~np.isnan(own)).sum(axis=0), np.nan)  # nobody: no share
        shares[name] = np.nansum(own, axis=0) / observed
        apart = np.nan_to_num(own - shares[name])  # a month that is not observed adds nothing
        influence[arm] = (apart / observed).sum(axis=1) / len(columns)
        variances[name] = (influence[arm] ** 2).sum() * ratio(arm.sum(), arm.sum() - 1)
    gaps = shares["1"] - shares["0"]
    d, se = gaps.mean(), np.sqrt(variances["1"] + variances["0"])
    steps = {"months": len(columns), "first1": shares["1"][0], "first0": shares["0"][0], "last1": shares["1"][-1],
             "last0": shares["0"][-1], "first": gaps[0], "last": gaps[-1], "d": d, "v1": variances["1"],
             "v0": variances["0"], "se": se, "low": d - Z * se, "high": d + Z * se,
             "p_value": two_sided(ratio(d, se))}  # fmt: skip
    return Worked(people.assign(influence=influence), steps)


def _window(people: pd.DataFrame) -> Mapping[str, float]:
    columns = [column for column in people if column.startswith("month_")]
    arms = np.where(people["treated"].astype(bool), "treated", "others")
    numbered = people[columns].set_axis(range(len(columns)), axis=1).assign(participant_id=range(len(people)), arm=arms)
    long = numbered.melt(["participant_id", "arm"], var_name="month", value_name="full").dropna(subset="full")
    found = cost_benefit.window_effects(long.assign(any=long["full"]), "treated", "others", range(len(columns)), 0.5,
                                        full_work="full", any_work="any").iloc[0]  # fmt: skip
    return {"d": found["estimate"], "se": found["std_error"], "low": found["conf_low"], "high": found["conf_high"],
            "p_value": found["p_value"]}  # fmt: skip


# Five years of an effect that lasts four and a half, and fades; amounts in NOK a person.
YEARS = pd.DataFrame({"year": [1, 2, 3, 4, 5]})
YEARS.attrs |= {"full": 0.04, "partial": 0.02, "weight": 0.5, "value": 390_000.0, "cost": 48_000.0, "control": 18_000.0,
                "funds": 0.2, "rate": 0.04, "decay": 0.1, "duration": 4.5}  # fmt: skip


def _over_years(people: pd.DataFrame) -> pd.DataFrame:
    """What counts of each year: the part of it in which there is an effect, what is left of that, its value now."""
    of, year = people.attrs, people["year"].to_numpy(float)
    since = np.arange(len(people))
    part = np.clip(of["duration"] - since, 0, 1)
    left = (1 - of["decay"]) ** since
    factor = 1 / (1 + of["rate"]) ** year
    return people.assign(part=part, left=left, factor=factor, counted=part * left * factor)


def _extra(of: Mapping[str, float]) -> float:
    return (1 + of["funds"]) * (of["cost"] - of["control"])


def net_by_hand(people: pd.DataFrame) -> Worked:
    """The net present value a person: gains of full and of partial work over the years, less the extra cost."""
    of, years = people.attrs, _over_years(people)
    whole = float(years["counted"].sum())
    full, partial = of["full"] * of["value"] * whole, of["weight"] * of["partial"] * of["value"] * whole
    steps = {**{name: of[name] for name in ("full", "partial", "weight", "value")}, "years": whole,
             "work": (of["full"] + of["weight"] * of["partial"]) * whole, "gain_full": full, "gain_partial": partial,
             **{name: of[name] for name in ("cost", "control", "funds")}, "extra": _extra(of),
             "npv": full + partial - _extra(of)}  # fmt: skip
    return Worked(years, steps)


def _scenario(people: pd.DataFrame) -> cost_benefit.Scenario:
    of = people.attrs
    value = cost_benefit.ValueOfWork(of["value"], 0.0, 0.0)
    return cost_benefit.Scenario(of["full"], of["partial"], value, of["cost"], of["control"], 1, of["funds"],
                                 of["weight"], of["duration"], {1: of["rate"]}, int(people["year"].iloc[0]),
                                 of["decay"])  # fmt: skip


def _net(people: pd.DataFrame) -> Mapping[str, float]:
    scenario = _scenario(people)
    found = cost_benefit.net_present_value(scenario)
    gains = {"gain_full": found.gain_full, "gain_partial": found.gain_partial}
    return {"years": scenario.years, "work": scenario.work_gained, **gains, "extra": found.weighted_extra_cost,
            "npv": found.per_person}  # fmt: skip


def effect_by_hand(people: pd.DataFrame) -> Worked:
    """The effect on full work at which gains are as large as the extra cost, without an effect on partial work."""
    of, years = people.attrs, _over_years(people)
    whole = float(years["counted"].sum())
    worth = of["value"] * whole
    steps = {"value": of["value"], "years": whole, "worth": worth, "extra": _extra(of),
             "effect": _extra(of) / worth if worth > 0 else np.nan}  # fmt: skip
    return Worked(years, steps)


def _effect(people: pd.DataFrame) -> Mapping[str, float]:
    return {"effect": cost_benefit.break_even_effect(_scenario(people))}


def duration_by_hand(people: pd.DataFrame) -> Worked:
    """How long the effect has to last: the extra cost is paid off year by year, the last year in part."""
    of = people.attrs
    gain, debt = of["value"] * (of["full"] + of["weight"] * of["partial"]), _extra(of)
    since = np.arange(1000)
    gains = gain * (1 - of["decay"]) ** since / (1 + of["rate"]) ** (people["year"].iloc[0] + since)
    paid = np.cumsum(gains)
    # The first year at whose end all is paid; none where gain and cost are of different signs.
    last = int(np.argmax(np.abs(paid) >= abs(debt))) if gain * debt > 0 and abs(paid[-1]) >= abs(debt) else None
    before = np.nan if last is None else debt - (paid[last] - gains[last])
    duration = np.nan if last is None else last + before / gains[last]
    steps = {"gain": gain, "extra": debt, "whole": np.nan if last is None else last, "before": before,
             "last": np.nan if last is None else gains[last], "duration": duration}  # fmt: skip
    return Worked(people.assign(gained=gains[: len(people)], paid=paid[: len(people)]), steps)


def _duration(people: pd.DataFrame) -> Mapping[str, float]:
    found = cost_benefit.break_even_duration(_scenario(people))
    return {"duration": found if found and np.isfinite(found) else np.nan}  # for ever or never: no number of years


EXAMPLES: Mapping[str, Example] = {
    "value_of_work": Example((cost_benefit.value_of_work, cost_benefit.leisure_share), WAGES, value_by_hand, _value,
                             "wages"),
    "window_effects": Example((cost_benefit.window_effects, cost_benefit._window_share, cost_benefit._difference),
                              MONTHS, window_by_hand, _window, "work_by_month"),
    "net_present_value": Example((cost_benefit.net_present_value, cost_benefit.discounted_years), YEARS, net_by_hand,
                                 _net, "years"),
    "break_even_effect": Example((cost_benefit.break_even_effect,), YEARS, effect_by_hand, _effect, "years"),
    "break_even_duration": Example((cost_benefit.break_even_duration,), YEARS, duration_by_hand, _duration, "years"),
}  # fmt: skip
