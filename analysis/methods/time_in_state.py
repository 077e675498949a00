"""Restricted mean time in a state, and how often it is entered and left, when people are observed for unequal times."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods.estimates import estimate_frame
from analysis.methods.recording import recorded
from analysis.methods.weighted import usable

NAN = float("nan")


@dataclass(frozen=True)
class Summed:
    """A sum of shares among the people of one arm: its value, the standard error clustered by person, the people."""

    value: float
    std_error: float
    n: int


@recorded
def mean_time_in(
    rows: pd.DataFrame,
    state: str,
    *,
    unit: str,
    units: Sequence[int],
    treatment: str | None = None,
    control: str | None = None,
    everybody: str = "total",
    weight: str | None = None,
    population: str = "all",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Mean number of time units that a person spends in a state, out of `units`: the area under its curve of shares.

    `rows` has one row per person and observed time unit: participant_id, arm, the column `unit`, the bool column
    `state` and, if named, a positive `weight` that is the same in all rows of a person. The estimate frame has a row
    per arm and the difference; without the codes of two arms, one row for `everybody`.

    L = Σ_t p_t, with p_t the (weighted) share in the state among those observed in unit t. Where people leave
    observation for reasons that have nothing to do with the state (a register that ends on one date), this is weighting
    by the inverse probability of being observed, and estimates the restricted mean time up to the horizon, also for
    those who left (Satten and Datta 2001; Andersen 2013). The states of a partition have times that add up to the
    number of units. Standard error: the influence of person i is u_i = Σ_t w_i R_it (Y_it − p_t) / Σ_j w_j R_jt with
    R_it whether i is observed, and var = n/(n−1) Σ u_i², so months of one person count as one observation. If nobody
    leaves this is the mean of the persons' sums, and the difference has Welch's interval and test: df after
    Satterthwaite on n − 1 of each arm. The interval of an arm is cut at nought and at the number of units.

    Missing data: a unit without a row was not observed. A unit in which nobody of an arm is observed leaves its mean
    missing; one person in an arm, or an arm without spread, the standard error; arms without spread the test.
    Checked against R 4.2 (tests/reference/time.R, 1e-8): where nobody leaves `t.test`, and Aalen–Johansen occupation
    with its influence from `survival::survfit`; where people leave the summed domain means of `survey::svyby`, with and
    without weights, and to 3% the jackknife.
    """
    arms = {everybody: slice(None)} if treatment is None else {
        arm: rows["arm"] == arm for arm in (treatment, control)}  # fmt: skip
    sums = {arm: _sum_of_shares(rows.loc[own], state, unit, units, weight) for arm, own in arms.items()}
    names = {"outcome": state, "population": population, "unit": "time", "conf_level": conf_level}
    return _compared(sums, treatment, control, "mean time in state", names, float(len(units)))


def _sum_of_shares(rows: pd.DataFrame, state: str, unit: str, units: Sequence[int], weight: str | None) -> Summed:
    own = rows[rows[unit].isin(list(units))]
    wide = own.pivot(index="participant_id", columns=unit, values=state).reindex(columns=list(units)).astype(float)
    seen = wide.notna().to_numpy()
    weights = np.ones(len(wide)) if weight is None else _of_persons(own, weight, wide.index)
    held, present = np.nan_to_num(wide.to_numpy()), weights[:, None] * seen
    totals = present.sum(axis=0)
    if not len(wide) or not totals.all():
        return Summed(NAN, NAN, len(wide))
    shares = (present * held).sum(axis=0) / totals
    influence = (present * (held - shares) / totals).sum(axis=1)
    return Summed(float(shares.sum()), _clustered(influence), len(wide))


def _of_persons(rows: pd.DataFrame, weight: str, people: pd.Index) -> np.ndarray:
    return rows.groupby("participant_id")[weight].first().reindex(people).to_numpy(float)


def _clustered(influence: np.ndarray) -> float:
    """√(n/(n−1) Σu²) over persons; missing for one person or without spread."""
    n = len(influence)
    error = float(np.sqrt(n / (n - 1) * (influence**2).sum())) if n > 1 else 0.0
    return error if error > 1e-12 else NAN


@recorded
def rate_of_change(
    steps: pd.DataFrame,
    *,
    outcome: str,
    entering: bool,
    treatment: str | None = None,
    control: str | None = None,
    everybody: str = "total",
    population: str = "all",
    conf_level: float = 0.95,
    weight: str | None = None,
) -> pd.DataFrame:
    """How often a state is entered (or left) from one time unit to the next, pooled over time: an estimate frame.

    `steps` has one row per person and pair of neighbouring observed units: participant_id, arm, bool `before` and
    `after`. Entering: the share of steps from without to with, among those from without; leaving: the other way round.
    p = Σ_i e_i / Σ_i r_i over persons with e_i changes among r_i steps at risk; u_i = (e_i − p r_i)/Σr, and errors
    and intervals as in `mean_time_in`. A person without a step at risk counts for nothing. Checked against
    `survey::svyratio` (tests/reference/time.R, 1e-8).
    """
    at_risk = steps[steps["before"] != entering]
    changed = at_risk["after"] == entering
    counted = 1.0 if weight is None else usable(at_risk[weight])
    persons = at_risk.assign(changed=changed * counted, steps=counted)
    persons = persons.groupby(["arm", "participant_id"])[["changed", "steps"]].sum()
    persons = persons.reset_index().astype({"changed": float, "steps": float})
    arms = {everybody: slice(None)} if treatment is None else {
        arm: persons["arm"] == arm for arm in (treatment, control)}  # fmt: skip
    sums = {arm: _ratio(persons.loc[own]) for arm, own in arms.items()}
    names = {"outcome": outcome, "population": population, "unit": "proportion", "conf_level": conf_level}
    return _compared(sums, treatment, control, f"rate of {'entering' if entering else 'leaving'}", names, 1.0)


def _ratio(persons: pd.DataFrame) -> Summed:
    changed, steps = persons["changed"].to_numpy(), persons["steps"].to_numpy()
    if not len(persons):
        return Summed(NAN, NAN, 0)
    rate = changed.sum() / steps.sum()
    return Summed(float(rate), _clustered((changed - rate * steps) / steps.sum()), len(persons))


def _compared(
    sums: dict[str, Summed], treatment: str | None, control: str | None, method: str, names: dict, most: float
) -> pd.DataFrame:  # fmt: skip
    """The estimate frame of the arms' sums, their intervals cut at nought and `most`, then their difference if any."""
    rows = [_cut(_estimate(method, arm, one.value, one.std_error, one.n - 1, one.n, arm == control, names), most)
            for arm, one in sums.items()]  # fmt: skip
    if treatment is not None:
        first, second = sums[treatment], sums[control]
        errors = [np.nan_to_num(one.std_error) if one.n > 1 else NAN for one in (first, second)]
        error = float(np.hypot(*errors)) or NAN
        freedom = _welch(first, second, error)
        gap = _estimate(method, f"{treatment}_vs_{control}", first.value - second.value, error, freedom, first.n, False,
                        names)  # fmt: skip
        rows.append(gap | {"n_control": second.n, "p_value": gap["p_value"]})
    return estimate_frame(rows)


def _cut(row: dict, most: float) -> dict:
    return row | {name: float(np.clip(row[name], 0, most)) for name in ("conf_low", "conf_high")}


def _welch(first: Summed, second: Summed, error: float) -> float:
    if np.isnan(error):
        return NAN
    parts = ((np.nan_to_num(one.std_error) ** 2) ** 2 / (one.n - 1) for one in (first, second))
    return error**4 / sum(parts)


def _estimate(
    method: str, contrast: str, value: float, error: float, freedom: float, n: int, is_control: bool, names: dict
) -> dict:  # fmt: skip
    """One row with its t interval; only a difference is tested against nought."""
    half = stats.t.ppf(0.5 + names["conf_level"] / 2, freedom) * error if freedom > 0 else NAN
    t = value / error if "_vs_" in contrast else NAN
    p = float(2 * stats.t.sf(abs(t), freedom)) if freedom > 0 else NAN
    ends = {"conf_low": value - half, "conf_high": value + half}
    people = {"n_control" if is_control else "n_treated": n}
    return {**names, "contrast": contrast, "method": method, "estimate": value, "std_error": error, **ends, **people,
            "p_value": p, "statistic_value": t, "df": freedom}  # fmt: skip


def next_steps(rows: pd.DataFrame, state: str, unit: str) -> pd.DataFrame:
    """Every pair of neighbouring observed time units of a person: participant_id, arm, unit, `before` and `after`.

    One row is one pair, `unit` its earlier unit. `rows` as in `mean_time_in`; a pair with an unobserved unit is none.
    """
    now = rows[["participant_id", "arm", unit, state]].rename(columns={state: "before"})
    then = rows[["participant_id", unit, state]].rename(columns={state: "after"}).assign(**{unit: rows[unit] - 1})
    return now.merge(then, on=["participant_id", unit], how="inner", validate="1:1")


def steps_between(rows: pd.DataFrame, state: str, unit: str, start: int, end: int) -> pd.DataFrame:
    """The state of each person at two times: participant_id, arm, `before` and `after`, for those observed at `start`.

    `after` is missing for those not observed at `end`.
    """
    now = rows.loc[rows[unit] == start, ["participant_id", "arm", state]].rename(columns={state: "before"})
    then = rows.loc[rows[unit] == end, ["participant_id", state]].rename(columns={state: "after"})
    return now.merge(then, on="participant_id", how="left", validate="1:1")


@recorded
def transition_matrix(steps: pd.DataFrame, states: Sequence[str]) -> pd.DataFrame:
    """Counts and row shares of `steps` by arm: arm, before, after, n, of, share; one row per arm and pair of states.

    of: the steps from `before` whose end is known; share = n/of, missing where there are none. Steps to a state that is
    missing are left out. Rows of an arm with the same `before` have shares that add up to one.
    """
    known = steps.dropna(subset=["before", "after"]).astype({"before": "str", "after": "str"})
    counts = known.groupby(["arm", "before", "after"], observed=True).size()
    arms = list(dict.fromkeys(steps["arm"]))
    every = pd.MultiIndex.from_product([arms, states, states], names=["arm", "before", "after"])
    frame = counts.reindex(every, fill_value=0).rename("n").reset_index()
    frame["of"] = frame.groupby(["arm", "before"])["n"].transform("sum")
    return frame.assign(share=frame["n"] / frame["of"].where(frame["of"] > 0))
