"""The stage that fits covariates and outcomes to the nine published logits."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import expit

from .continuous_fit import bounds, polish, with_exact_moments
from .income import income_before_inclusion
from .logit_influence import NotConverged
from .logit_models import published_models
from .outcome_start import coefficients_behind_effects, draw_outcomes
from .register_counts import monthly_counts
from .regression_fit import Problem, search
from .regression_state import RegressionState, base_matrix
from .targets import Targets

# Models with all statuses and their products, from which each outcome is first drawn.
START_FROM = {"in_work_m12": 1, "partly_m12": 3, "partly_m18": 4}
# Chance that stands for none at all.
UNLIKELY = 1e-9


def effects_stage(
    people: pd.DataFrame,
    targets: Targets,
    assumed: dict,
    rng: np.random.Generator,
    report: Callable[[str], None] = lambda line: None,
) -> pd.DataFrame:
    """The people with `income` (thousand NOK of 2012, year before inclusion) and their outcomes at 12 and 18 months.

    Covariates, ages and incomes are exchanged and shifted inside the printed margins until the marginal effects, z
    values and R² of tables 9 and A.2 come as near as they can.
    """
    models = published_models(targets)
    people = people.assign(income=income_before_inclusion(people, targets, rng))
    in_models = (people["in_registers"] & (people["education"] != "missing")).to_numpy()
    seen = (people["in_registers"] & people["observed_18"]).to_numpy()
    problem = Problem.of(models)
    starts = []
    for number, draw in enumerate(rng.spawn(assumed["regression_rounds"]["starts"])):
        outcomes = _first_outcomes(people, models, targets, assumed, in_models, seen, draw)
        state = RegressionState(people.assign(**outcomes), in_models, in_models & seen)
        try:
            state = search(problem, state, assumed["regression_rounds"]["trial_exchanges"])
        except NotConverged as error:
            # A first draw may leave a cell without anybody in work: then another one must do.
            report(f"regressions, start {number}: {error}")
            continue
        residuals = problem.residuals(state)
        report(f"regressions, start {number}: Σ miss² {residuals @ residuals:.1f}")
        starts.append((float(residuals @ residuals), number, state))
    state = min(starts, key=lambda start: start[:2])[2]
    state = _with_unmodelled_people_early(
        problem, with_exact_moments(_fitted(problem, state, targets, assumed, report), targets)
    )
    people = state.people
    return people.assign(age_days=people["age_days"].round().astype(int))


def _with_unmodelled_people_early(problem: Problem, state: RegressionState) -> RegressionState:
    """People without education are observed for 18 months: only then do the models have 920 of 923 people.

    Whoever is not exchanges the day of inclusion with somebody of the same arm and status who works neither at 12 nor
    at 18 months: the one whose leaving the models of month 18 disturbs the statistics least.
    """
    for person in np.flatnonzero(state.people["in_registers"] & (state.people["education"] == "missing")):
        if state.people["observed_18"].iloc[person]:
            continue
        tried = [_exchanged_days(state, person, other) for other in _replaceable(state, person)]
        state = min(tried, key=lambda candidate: float(np.abs(problem.residuals(candidate)).sum()))
    return state


def _replaceable(state: RegressionState, person: int) -> np.ndarray:
    people = state.people
    alike = (people["arm"] == people["arm"].iloc[person]) & (
        people["status_group"] == people["status_group"].iloc[person]
    )
    idle = ~people["partly_m12"] & ~people["partly_m18"]
    return np.flatnonzero(alike & idle & state.observed_18)


def _exchanged_days(state: RegressionState, person: int, other: int) -> RegressionState:
    people, pair = state.people.copy(), [person, other]
    for column in ("included_on", "observed_18"):
        people.loc[people.index[pair], column] = people[column].iloc[pair[::-1]].to_numpy()
    observed = state.in_models & (people["in_registers"] & people["observed_18"]).to_numpy()
    return replace(state, people=people, observed_18=observed)


def _fitted(
    problem: Problem, state: RegressionState, targets: Targets, assumed: dict, report: Callable[[str], None]
) -> RegressionState:
    """Exchanges and shifts by turns: shifts open the way for new exchanges. First all misses are lowered together, then
    their absolute sum, so that as many statistics as possible come out exactly."""
    plan = assumed["regression_rounds"]
    state = search(problem, state, plan["first_exchanges"], report)
    for turn in range(plan["turns"] + plan["sparse_turns"]):
        sparse = turn >= plan["turns"]
        reach = bounds(state, plan["reach"])
        state = polish(problem, state, targets, plan["shifts"], reach, sparse=sparse, report=report)
        state = search(problem, state, plan["exchanges"], report, sparse=sparse)
    reach = bounds(state, plan["last_reach"])
    return polish(problem, state, targets, plan["last_shifts"], reach, sparse=True, report=report)


def _first_outcomes(
    people: pd.DataFrame,
    models: list,
    targets: Targets,
    assumed: dict,
    in_models: np.ndarray,
    seen: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    base = base_matrix(people)
    counts = monthly_counts(targets).set_index(["month", "arm"])
    totals = counts.groupby("month").sum()
    shares = {
        "in_work_m12": totals.loc[12, "in_work_no_benefits"] / totals.loc[12, "observed"],
        "partly_m12": totals.loc[12, "fully_or_partly_in_work"] / totals.loc[12, "observed"],
        "partly_m18": totals.loc[18, "fully_or_partly_in_work"] / totals.loc[18, "observed"],
    }
    probabilities = {}
    for name, number in START_FROM.items():
        rows = in_models & seen if name == "partly_m18" else in_models
        slopes = coefficients_behind_effects(models[number], base[rows], shares[name])
        probabilities[name] = expit(models[number].design(base) @ slopes)
    # The effects of AAP leave room for 46 people on AAP fully or partly in work, not for all 48 of figure 7: the two
    # whom the models lack for want of an education are the others.
    unmodelled = ((people["education"] == "missing") & (people["status_group"] == "aap")).to_numpy()
    probabilities["in_work_m12"] = np.where(unmodelled, UNLIKELY, probabilities["in_work_m12"])
    probabilities["partly_m12"] = np.where(unmodelled, 1 - UNLIKELY, probabilities["partly_m12"])
    quotas = _quotas(people, counts, targets, assumed)
    outcomes = draw_outcomes(people.assign(in_registers=people["in_registers"]), probabilities, quotas, seen, rng)
    # The controls without registers are counted in work by table 7, the one of SFJ is not.
    outside = ~people["in_registers"] & (people["arm"] == "control")
    outcomes.loc[outside, ["in_work_m12", "partly_m12"]] = True
    return outcomes


def _quotas(people: pd.DataFrame, counts: pd.DataFrame, targets: Targets, assumed: dict) -> pd.DataFrame:
    """Numbers in work and partly in work at 12 months by arm and AAP at inclusion: table 8, and figure 7's shares."""
    rows = []
    for arm, members in people.groupby("arm"):
        work = int(counts.loc[(12, arm), "in_work_no_benefits"])
        part = int(counts.loc[(12, arm), "fully_or_partly_in_work"]) - work
        printed = targets.value("text_4.1", "fully_or_partly_in_work_12m_aap_fig7", arm, "pct")
        on_aap = round(printed / 100 * int((members["status_group"] == "aap").sum()))
        part_on_aap = assumed["partly_in_work_on_aap"][arm]
        later = int(counts.loc[(18, arm), "fully_or_partly_in_work"])
        rows.append((arm, True, on_aap - part_on_aap, part_on_aap, later))
        rows.append((arm, False, work - on_aap + part_on_aap, part - part_on_aap, later))
    return pd.DataFrame(rows, columns=["arm", "on_aap", "work_m12", "part_m12", "partly_m18"])
