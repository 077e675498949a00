"""Costs of the subgroup of table 22: what its members' measures and consultations come to, to the printed krone.

Tables 19 to 21 fix what an arm received altogether. Here is settled how much of it the subgroup received, so that its
costs, and with the effects and incomes its net present value, are what table 22 prints.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.frames.people import income_before
from analysis.frames.resources import (
    PRICED_SERVICES,
    economic_input,
    participant_resources,
    programme_cost_per_case,
    service_use,
)
from analysis.study.settings import Study

from .groups import ARMS
from .health_services import MOST_CONSULTATIONS
from .paths import JOB
from .register_counts import FIRST_MONTH, LAST_MONTH
from .subgroup import COLUMN, SOURCE, amount, members, year_in_work
from .targets import Targets
from .transitions import partly_gained

# Costs of measures come in multiples of this many NOK, as the monthly rates do.
RATE_UNIT = 500
# Consultations that may pass between the subgroup and the others, per service and wave.
PASSED = {"control": 1, "sfj": 2}


@dataclass(frozen=True)
class Passing:
    """Consultations of one service in one wave and arm: what the subgroup's mean cost gains from one more, NOK, and how
    many may come from or go to the others."""

    wave: int
    service: str
    step: float
    low: int
    high: int


def measure_goals(
    people: pd.DataFrame, services: pd.DataFrame, study: Study, targets: Targets
) -> dict[str, tuple[float, float]]:
    """Arm → NOK for all measures of the subgroup's members, and of the others.

    Mean costs of everybody are those of section 5.2, the subgroup's what its printed cost leaves beside the programme
    and the consultations of `services`.
    """
    goals = {}
    for arm in ARMS:
        own = people.loc[people["arm"] == arm]
        inside = own.loc[members(own), "participant_id"]
        known = _consultation_cost(services, inside, study, arm) + _programme_cost(study, arm)
        part = RATE_UNIT * round((amount(targets, f"cost_{arm}") - known) * len(inside) / RATE_UNIT)
        goals[arm] = part, _all_measures(targets, arm, len(own)) - part
    return goals


def _all_measures(targets: Targets, arm: str, size: int) -> int:
    """NOK for all measures of an arm: a multiple of the unit that has the printed mean over everybody and, where the
    two agree, over those with a measure."""
    mean = targets.value("text_5.2", "mean_cost_other_nav_measures", arm, "nok")
    given = targets.value("text_5.2", "mean_cost_given_any_measure", arm, "nok")
    recipients = targets.count("table_19", "recipients_of_measures", arm)
    near = RATE_UNIT * np.arange(np.ceil((mean - 0.5) * size / RATE_UNIT), (mean + 0.5) * size / RATE_UNIT)
    return int(near[np.argmin(np.abs(near / recipients - given))])


def _programme_cost(study: Study, arm: str) -> float:
    return sum(programme_cost_per_case(study).values()) if arm == study.treatment else 0.0


def _counted_services(study: Study, arm: str) -> list[str]:
    """Services whose consultations table 22 counts: psychologists outside the programme only for the control arm."""
    return [service for service in PRICED_SERVICES if arm == study.control or service != "psychologist"]


def _waves(study: Study) -> list[int]:
    return [wave for wave in study.waves if wave > 0]


def _consultation_cost(services: pd.DataFrame, ids: pd.Series, study: Study, arm: str) -> float:
    """Mean NOK of counted consultations of these people, waves added, as the ordinary analysis reckons."""
    fees, total = economic_input(study, "consultation_fee"), 0.0
    for wave in _waves(study):
        use = service_use(services.loc[services["participant_id"].isin(ids)], wave, fees)
        total += sum(float(use[f"cost_{service}_m{wave:02d}_nok"].mean()) for service in _counted_services(study, arm))
    return total


def fitted_services(
    tables: Mapping[str, pd.DataFrame],
    people: pd.DataFrame,
    months: pd.DataFrame,
    study: Study,
    targets: Targets,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """`health_services` with a few consultations passed between the subgroup and the others of an arm.

    `tables` needs participants, income, measures and health_services. Nobody becomes or stops being a user, and what
    an arm used in a wave stays. Raises ValueError when no such passing gives the printed costs and net present value.
    """
    inside = people.loc[members(people), "participant_id"]
    resources = participant_resources(tables, study).set_index("participant_id").loc[inside]
    options, choices = {}, {}
    for arm in ARMS:
        options[arm] = _passings(tables["health_services"], people.loc[people["arm"] == arm], study, arm)
        own = resources.loc[resources["arm"] == arm]
        now = own["measure_cost_nok"].mean() + _programme_cost(study, arm)
        now += _consultation_cost(tables["health_services"], pd.Series(own.index), study, arm)
        choices[arm] = _choices(options[arm], now, amount(targets, f"cost_{arm}"), PASSED[arm])
    chosen = _best_pair(choices, *_extra_cost_bounds(tables, people, months, study, targets))
    services = tables["health_services"].copy()
    for arm in ARMS:
        for passing, number in zip(options[arm], chosen[arm], strict=True):
            _pass_on(services, people.loc[people["arm"] == arm], passing, int(number), rng)
    return services


def _extra_cost_bounds(
    tables: Mapping[str, pd.DataFrame], people: pd.DataFrame, months: pd.DataFrame, study: Study, targets: Targets
) -> tuple[float, float]:
    """Differences in cost between the arms, NOK a person, at which the net present value prints as it does."""
    inputs = {name: given.value for name, given in study.economics.items()}
    real = income_before(tables, study).set_index("participant_id")["income_year_before_inclusion_1000nok"]
    income = 1000 * float(real.loc[people.loc[members(people), "participant_id"]].mean())
    weights = (1.0, inputs["partial_work_weight"])
    gain = year_in_work(income, inputs) * sum(np.multiply(weights, mean_differences(people, months)))
    cases = targets.count("text_5.2", "cases_per_year", "total")
    total, person = amount(targets, "net_present_value_NNV"), amount(targets, "gain_minus_weighted_extra_cost")
    low, high = max((total - 0.4) / cases, person - 0.5), min((total + 0.4) / cases, person + 0.5)
    weight = 1 + inputs["marginal_cost_of_public_funds"]
    return (gain - high) / weight, (gain - low) / weight


def mean_differences(people: pd.DataFrame, months: pd.DataFrame) -> tuple[float, float]:
    """Mean differences between the arms in full and in partly work in the subgroup, months 12 to 18."""
    own = people.loc[members(people) & people["in_registers"]]
    shares = {}
    for arm in ARMS:
        start = own.loc[own["arm"] == arm, "status_at_inclusion"]
        seen = months.loc[start.index, FIRST_MONTH:LAST_MONTH]
        partly = seen.apply(lambda now, start=start: partly_gained(start, now))
        shares[arm] = [(kind.sum() / seen.notna().sum()).mean() for kind in (seen == JOB, partly)]
    return tuple(treated - control for treated, control in zip(shares["sfj"], shares["control"], strict=True))


def _passings(services: pd.DataFrame, arm_people: pd.DataFrame, study: Study, arm: str) -> list[Passing]:
    fees = economic_input(study, "consultation_fee")
    inside = arm_people.loc[members(arm_people), "participant_id"]
    found = []
    for wave, name in product(_waves(study), _counted_services(study, arm)):
        use = service_use(services.loc[services["participant_id"].isin(inside)], wave, fees)
        known = int(use[f"consultations_{name}_m{wave:02d}"].notna().sum())
        to, of = (_able(services, arm_people, Passing(wave, name, 0.0, 0, 0), up) for up in (True, False))
        found.append(Passing(wave, name, fees[name] / known, -of, to))
    return found


def _able(services: pd.DataFrame, arm_people: pd.DataFrame, passing: Passing, to_members: bool) -> int:
    """How many consultations could pass without anybody's last one, to the members or from them; at most a few."""
    giving, taking = _sides(services, arm_people, passing, to_members)
    spare = services.loc[giving, "consultations"].astype(float) - 1
    room = MOST_CONSULTATIONS - services.loc[taking, "consultations"].astype(float)
    return int(min(spare.sum(), room.sum(), max(PASSED.values())))


def _sides(
    services: pd.DataFrame, arm_people: pd.DataFrame, passing: Passing, to_members: bool
) -> tuple[pd.Index, pd.Index]:
    """Rows of the users of a service who stated their consultations: who gives and who takes."""
    # Consultations of psychologists and of district psychiatric centres are priced together; only the former move.
    service = PRICED_SERVICES[passing.service][0]
    rows = services["participant_id"].isin(arm_people["participant_id"]) & (services["wave"] == passing.wave)
    rows &= (services["service"].astype(str) == service) & services["used"] & services["consultations"].notna()
    inside = services["participant_id"].isin(arm_people.loc[members(arm_people), "participant_id"])
    sides = services.index[rows & inside], services.index[rows & ~inside]
    return sides[::-1] if to_members else sides


def _choices(options: list[Passing], now: float, goal: float, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Combinations of passed consultations that give the printed cost, and the costs they give."""
    ranges = [range(max(-most, option.low), min(most, option.high) + 1) for option in options]
    numbers = np.array(list(product(*ranges)))
    costs = now + numbers @ np.array([option.step for option in options])
    kept = np.abs(costs - goal) <= 0.49
    return numbers[kept], costs[kept]


def _best_pair(choices: Mapping[str, tuple], low: float, high: float) -> dict[str, np.ndarray]:
    """The combinations of both arms with the fewest consultations passed whose costs differ by what is wanted."""
    (control, cheap), (treated, dear) = choices["control"], choices["sfj"]
    order = np.argsort(cheap, kind="stable")
    start, stop = (np.searchsorted(cheap[order], dear - bound) for bound in (high, low))
    effort = [np.abs(numbers).sum(axis=1) for numbers in (control, treated)]
    pairs = [(effort[0][i] + effort[1][j], i, j) for j in range(len(dear)) for i in order[start[j] : stop[j]]]
    if not pairs:
        raise ValueError(f"{SOURCE}, {COLUMN}: no consultations passed on give the printed costs and net present value")
    _, i, j = min(pairs)
    return {"control": control[i], "sfj": treated[j]}


def _pass_on(
    services: pd.DataFrame, arm_people: pd.DataFrame, passing: Passing, number: int, rng: np.random.Generator
) -> None:
    """Pass so many consultations, one at a time, to the members (from them when negative); changes `services`."""
    giving, taking = _sides(services, arm_people, passing, number > 0)
    for _ in range(abs(number)):
        giver = rng.choice(giving[(services.loc[giving, "consultations"] > 1).to_numpy(dtype=bool)])
        taker = rng.choice(taking[(services.loc[taking, "consultations"] < MOST_CONSULTATIONS).to_numpy(dtype=bool)])
        services.loc[giver, "consultations"] -= 1
        services.loc[taker, "consultations"] += 1
