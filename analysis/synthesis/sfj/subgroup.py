"""The subgroup of the internal evaluation (table 22, second column): who is in it, and what a year in work is worth.

Table A.1 fixes the incomes of its four groups, and all on AAP belong to the subgroup. Its printed mean income therefore
says what the incomes of its other members are, who received unemployment benefit or individual allowance or had
neither job nor benefit: those are the better-off among the group that table A.1 calls other.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.methods.cost_benefit import WageRates, value_of_work

from .ages import DAYS_PER_YEAR
from .groups import ARMS
from .paths import PENSION
from .targets import Targets

SOURCE, COLUMN = "table_22", "internal_subgroup_aap_plus"
MEMBERS = ("aap", "aap_and_job", "unemployment_benefit_individual_allowance", "no_job_no_benefit")
RATES = ("employer_contribution_rate", "pension_cost_rate", "injury_insurance", "income_tax_rate",
         "leisure_share_of_net_wage", "disability_pension_rate", "disability_pension_tax_rate")  # fmt: skip
DRAWS = 200
# Nobody younger is given a disability pension by an exchange.
PENSION_FROM_AGE = 30


def members(people: pd.DataFrame) -> pd.Series:
    """Whether each participant belongs to the subgroup."""
    return people["status_at_inclusion"].isin(MEMBERS)


def amount(targets: Targets, row: str) -> float:
    """A printed amount of the subgroup, NOK a person."""
    return targets.value(SOURCE, row, COLUMN, "nok")


def wage_rates(inputs: Mapping[str, float]) -> WageRates:
    """The rates behind the value of work, from the values of the study's economic inputs."""
    return WageRates(*(inputs[name] for name in RATES))


def year_in_work(income: float, inputs: Mapping[str, float]) -> float:
    """What an effect of 1 on full work gains, NOK a person discounted to the year of the costs, at a mean income."""
    value = value_of_work(income, wage_rates(inputs))
    return value.net(inputs["marginal_cost_of_public_funds"]) / (1 + inputs["discount_rate"])


def worth_of_work(people: pd.DataFrame, inputs: Mapping[str, float]) -> dict[str, float]:
    """NOK that an effect of one on each kind of work gains in the subgroup; partly work counts for its weight."""
    worth = year_in_work(1000 * people.loc[members(people), "income"].mean(), inputs)
    return {"work": worth, "part": worth * inputs["partial_work_weight"]}


def income_bounds(targets: Targets, inputs: Mapping[str, float]) -> tuple[float, float]:
    """Mean incomes, NOK, at which income, W, F and U of the subgroup all print as they do.

    Raises ValueError when no income gives all four printed amounts.
    """
    printed = {row: amount(targets, row) for row in ("expected_annual_income", "W_t", "F_t", "U_t")}
    low, high = printed["expected_annual_income"] - 0.5, printed["expected_annual_income"] + 0.5
    base, step = (value_of_work(income, wage_rates(inputs)) for income in (0.0, 1.0))
    for row, name in (("W_t", "production"), ("F_t", "leisure"), ("U_t", "public_savings")):
        start, slope = getattr(base, name), getattr(step, name) - getattr(base, name)
        low = max(low, (printed[row] - 0.5 - start) / slope)
        high = min(high, (printed[row] + 0.5 - start) / slope)
    if low >= high:
        raise ValueError(f"{SOURCE}, {COLUMN}: no mean income gives the printed income, W, F and U")
    return low, high


def with_printed_income(
    people: pd.DataFrame, targets: Targets, inputs: Mapping[str, float], rng: np.random.Generator
) -> pd.DataFrame:
    """Exchange statuses at inclusion within an arm between the subgroup and the rest of the group other.

    Until the subgroup's mean income lies in the middle half of `income_bounds`: first people who said the same about
    their own status, at random, then one last exchange in each arm, chosen so that both together come closest. No count
    of tables 7 and A.1 and no regression sees it, since both statuses belong to the same group. Raises ValueError when
    this does not reach the printed income.
    """
    low, high = income_bounds(targets, inputs)
    goal = (low + high) / 2000 * members(people).sum()
    for draw in rng.spawn(DRAWS):
        settled = _exchanged(people, _coarse_exchanges(people, goal - _incomes(people), draw))
        settled = _exchanged(settled, _last_exchanges(settled, goal - _incomes(settled)))
        if abs(_incomes(settled) - goal) <= (high - low) / 4000 * members(people).sum():
            return settled
    raise ValueError(f"{SOURCE}, {COLUMN}: no exchange of statuses gives the printed mean income")


def _incomes(people: pd.DataFrame) -> float:
    return float(people.loc[members(people), "income"].sum())


def _exchanged(people: pd.DataFrame, pairs: list[np.ndarray]) -> pd.DataFrame:
    status = people["status_at_inclusion"].to_numpy(dtype=object).copy()
    for pair in pairs:
        status[pair] = status[pair[::-1]]
    return people.assign(status_at_inclusion=status)


def _pairs(people: pd.DataFrame, arm: str) -> np.ndarray:
    """All pairs of an arm's member of the subgroup and non-member that may exchange statuses, as positions."""
    first = people.loc[~people["in_registers"] & (people["arm"] == "sfj"), "included_on"].min()
    # The person whom tables 7 and 8 lack is the first of SFJ without job or benefit, and has to stay the first.
    free = (people["status_group"] == "other") & (people["arm"] == arm) & (people["included_on"] > first)
    inside = members(people)
    ones, others = np.flatnonzero(free & inside), np.flatnonzero(free & ~inside)
    pairs = np.stack(np.meshgrid(ones, others, indexing="ij"), axis=-1).reshape(-1, 2)
    pensioner = (people["status_at_inclusion"] == PENSION).to_numpy()[pairs[:, 1]]
    young = (people["age_days"] < PENSION_FROM_AGE * DAYS_PER_YEAR).to_numpy()[pairs[:, 0]]
    return pairs[~(pensioner & young)]


def _coarse_exchanges(people: pd.DataFrame, gap: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Exchanges of people who answered alike, each person once, that bring the sum of incomes near the goal."""
    income, said = people["income"].to_numpy(dtype=float), people["self_reported_status"].to_numpy(dtype=object)
    pairs = rng.permutation(np.concatenate([_pairs(people, arm) for arm in ARMS]))
    chosen, moved = [], set()
    for pair in pairs[said[pairs[:, 0]] == said[pairs[:, 1]]]:
        gain = income[pair[1]] - income[pair[0]]
        if moved.isdisjoint(pair) and abs(gap - gain) < abs(gap):
            chosen.append(pair)
            moved.update(pair)
            gap -= gain
    return chosen


def _last_exchanges(people: pd.DataFrame, gap: float) -> list[np.ndarray]:
    """One exchange in each arm that together come closest to the goal."""
    income = people["income"].to_numpy(dtype=float)
    one, other = (_pairs(people, arm) for arm in ARMS)
    gains, others = (income[pairs[:, 1]] - income[pairs[:, 0]] for pairs in (one, other))
    order = np.argsort(others, kind="stable")
    place = np.clip(np.searchsorted(others[order], gap - gains), 1, len(others) - 1)
    near = np.stack([order[place - 1], order[place]])
    miss = np.abs(gap - gains - others[near])
    side, first = np.unravel_index(np.argmin(miss), miss.shape)
    return [one[first], other[near[side, first]]]
