"""Cost–benefit analysis of a programme that brings people into work (Berkowitz 1988).

The net present value per participant is

    NPV = [P_0 + (Δ_full + w·Δ_partial) · Σ_k (1 − d)^k · δ_(g+k)] · (W − F + λU)  −  (1 + λ)·(C_programme − C_control)

with Δ the effects on the share in full and in partial work, w the weight of partial work, W the gross producer wage, F
the value of the leisure given up, U the transfers saved plus taxes, λ the marginal cost of public funds, C the costs
per person in each arm, δ_t the discount factor of year t and d the share of the effect that is lost from one year to
the next. Costs fall in year 0, gains in the years g, g + 1, … as long as the effect lasts; P_0 are person-years of work
won before, in the year of the costs; gains in health can be added. Formula and choice of parts: Berkowitz (1988) and
the guide to cost–benefit analysis of the Norwegian Ministry of Finance (2005).

This is the one model behind the published result, its scenarios, its bootstrap interval and the probabilistic
analysis: every number that it takes may be one, or an array with one value a draw. Prices and rates come in as
arguments.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.recording import recorded

EFFECTS = ("full_job", "partial_job")
Amount = float | np.ndarray  # one number, or one a draw


@dataclass(frozen=True)
class WageRates:
    """Rates that turn a gross wage into W, F and U: shares (0–1), and NOK a year for the insurance."""

    employer_contribution: Amount
    pension_cost: Amount
    injury_insurance_nok: Amount
    income_tax: Amount
    leisure_share_of_net_wage: Amount
    disability_pension: Amount
    disability_pension_tax: Amount


@dataclass(frozen=True)
class ValueOfWork:
    """What one person-year in work is worth, in NOK: W (production), F (leisure lost), U (public savings)."""

    production: Amount
    leisure: Amount
    public_savings: Amount

    def net(self, cost_of_funds: Amount) -> Amount:
        """W − F + λU, with `cost_of_funds` = λ."""
        return self.production - self.leisure + cost_of_funds * self.public_savings


@recorded
def value_of_work(gross_wage: Amount, rates: WageRates) -> ValueOfWork:
    """W, F and U of one person-year in full work at a gross wage (NOK).

    W = wage + employer's contribution on it + pension cost + employer's contribution on that + injury insurance.
    F = leisure share × wage after tax; with a constant labour-supply elasticity e the share is e / (1 + e), 0.29 for
        e = 0.4 (Dahl and others 1991).
    U = disability pension after tax + income tax + employer's contribution on wage and pension cost.

    Checked against a published evaluation, where the stated rates give all three printed amounts to the krone. Raises
    ValueError if the wage is negative or missing.
    """
    if not np.all(gross_wage >= 0):
        raise ValueError(f"gross_wage must be zero or more, got {gross_wage}")
    contribution = rates.employer_contribution * gross_wage * (1 + rates.pension_cost)
    pension_after_tax = rates.disability_pension * gross_wage * (1 - rates.disability_pension_tax)
    return ValueOfWork(
        production=gross_wage * (1 + rates.pension_cost) + contribution + rates.injury_insurance_nok,
        leisure=rates.leisure_share_of_net_wage * gross_wage * (1 - rates.income_tax),
        public_savings=pension_after_tax + rates.income_tax * gross_wage + contribution,
    )


@recorded
def leisure_share(elasticity: float) -> float:
    """Share of the net wage that leisure given up is worth: the area under a constant-elasticity supply curve.

    With supply h = (w / k)^e the reservation wage at hours h is w·h^(1/e); its mean over 0–1 is e / (1 + e).
    """
    if elasticity < 0:
        raise ValueError(f"a labour-supply elasticity is zero or more, got {elasticity}")
    return elasticity / (1 + elasticity)


@recorded
def discount_factor(year: int, rate_from_year: Mapping[int, Amount]) -> Amount:
    """Value in year 0 of one krone in `year`: the product of 1/(1 + r) over the years up to it.

    `rate_from_year` maps the first year a rate holds for to the rate, for example {1: 0.04, 41: 0.03, 76: 0.02}
    (circular R-109/2014); {1: 0.04} is one rate for ever. Raises ValueError without a rate for year 1.
    """
    if 1 not in rate_from_year:
        raise ValueError("rate_from_year must hold the rate from year 1")
    return math.prod(1 / (1 + _rate_of(past, rate_from_year)) for past in range(1, year + 1))


@recorded
def discounted_years(
    duration: Amount, rate_from_year: Mapping[int, Amount], first_year: int = 1, decay: Amount = 0.0
) -> Amount:
    """Present value of a yearly gain that is 1 in `first_year` and lasts `duration` years, a part year in proportion.

    From one year to the next the share `decay` of it is lost. Raises ValueError for a duration below nought.
    """
    if not np.all(duration >= 0):
        raise ValueError(f"duration must be zero or more years, got {duration}")
    years, size = 0.0, discount_factor(first_year, rate_from_year)
    for past in range(math.ceil(np.max(duration))):
        years = years + np.clip(duration - past, 0.0, 1.0) * size
        size = size * (1 - decay) / (1 + _rate_of(first_year + past + 1, rate_from_year))
    return years


@dataclass(frozen=True)
class Scenario:
    """One set of assumptions. Effects are differences between shares (0–1), costs NOK per person and arm.

    `participants` is the number treated in a year, `duration` the years the effect lasts, `rate_from_year` the
    discount rates (see `discount_factor`), `first_year` the year after the costs in which the gains begin, `decay` the
    share of the effect lost from one year to the next, `early_work` the person-years of work, partial work weighted,
    that the programme brings per person in the year of the costs, `health_gain` what better health is worth per person
    in NOK, discounted.
    """

    effect_full: Amount
    effect_partial: Amount
    value: ValueOfWork
    cost_programme: Amount
    cost_control: Amount
    participants: Amount
    cost_of_funds: Amount
    partial_weight: Amount
    duration: Amount
    rate_from_year: Mapping[int, Amount]
    first_year: int = 1
    decay: Amount = 0.0
    early_work: Amount = 0.0
    health_gain: Amount = 0.0

    @property
    def yearly_value(self) -> Amount:
        """W − F + λU: NOK that a person-year in full work is worth."""
        return self.value.net(self.cost_of_funds)

    @property
    def years(self) -> Amount:
        """Discounted years over which an effect counts."""
        return discounted_years(self.duration, self.rate_from_year, self.first_year, self.decay)

    @property
    def value_of_full_effect(self) -> Amount:
        """Discounted NOK per person for an effect of 1 on full work: (W − F + λU) over the years it lasts."""
        return self.yearly_value * self.years

    @property
    def work_gained(self) -> Amount:
        """Discounted person-years of work that the programme brings per person, partial work weighted."""
        return self.early_work + (self.effect_full + self.partial_weight * self.effect_partial) * self.years

    @property
    def weighted_extra_cost(self) -> Amount:
        """(1 + λ)·(C_programme − C_control), NOK per person."""
        return (1 + self.cost_of_funds) * (self.cost_programme - self.cost_control)

    @property
    def net_cost(self) -> Amount:
        """What the effect has to pay for: the weighted extra cost less work won in the year of the costs and health."""
        return self.weighted_extra_cost - self.early_work * self.yearly_value - self.health_gain


def for_the_public_purse(scenario: Scenario) -> Scenario:
    """The scenario as public budgets see it: a year in work brings U, a krone spent is a krone, health is not paid."""
    value = ValueOfWork(scenario.value.public_savings, 0.0, 0.0)
    return replace(scenario, value=value, cost_of_funds=0.0, health_gain=0.0)


@dataclass(frozen=True)
class NetPresentValue:
    """The parts of a net present value, NOK per person, and its total over all treated in a year."""

    gain_full: Amount
    gain_partial: Amount
    gain_early: Amount
    gain_health: Amount
    weighted_extra_cost: Amount
    per_person: Amount
    total: Amount


@recorded
def net_present_value(scenario: Scenario) -> NetPresentValue:
    """Net present value of a scenario by the formula at the top of this module."""
    gain_full = scenario.effect_full * scenario.value_of_full_effect
    gain_partial = scenario.effect_partial * scenario.partial_weight * scenario.value_of_full_effect
    gain_early = scenario.early_work * scenario.yearly_value
    gains = gain_full + gain_partial + gain_early + scenario.health_gain
    per_person = gains - scenario.weighted_extra_cost
    return NetPresentValue(
        gain_full, gain_partial, gain_early, scenario.health_gain, scenario.weighted_extra_cost,
        per_person, per_person * scenario.participants,
    )  # fmt: skip


@recorded
def break_even_effect(scenario: Scenario, effect_partial: float = 0.0) -> float:
    """Effect on full work at which the net present value is zero, given an effect on partial work.

    By default without effect on partial work. NaN if a year in work is worth nothing or less, or lasts no time: then no
    effect pays.
    """
    value = scenario.value_of_full_effect
    if not value > 0:
        return math.nan
    return scenario.net_cost / value - scenario.partial_weight * effect_partial


@recorded
def yearly_gain(scenario: Scenario) -> float:
    """Undiscounted gain of the first year of the effects, per person; negative where the programme costs work."""
    return scenario.yearly_value * (scenario.effect_full + scenario.partial_weight * scenario.effect_partial)


@recorded
def break_even_duration(scenario: Scenario, longest: int = 1000) -> float:
    """Years the effect must last for the net present value to be zero, in whole and part years.

    Where gain and extra cost are both positive, the programme pays from that duration on; where both are negative (a
    cheaper programme that brings fewer into work), it pays up to that duration. 0 if it pays from the start and for
    ever, infinity if it never does, `longest` years being as good as ever. NaN where a number is not known.
    """
    gain, cost = yearly_gain(scenario), scenario.net_cost
    if math.isnan(gain) or math.isnan(cost):
        return math.nan
    if gain * cost <= 0:
        return math.inf if cost > 0 or gain < 0 else 0.0
    factor = discount_factor(scenario.first_year, scenario.rate_from_year)
    gain, left = abs(gain), abs(cost)
    for year in range(1, longest + 1):
        if gain * factor >= left:
            return year - 1 + left / (gain * factor)
        left -= gain * factor
        factor *= (1 - scenario.decay) / (1 + _rate_of(scenario.first_year + year, scenario.rate_from_year))
    return math.inf


def _rate_of(year: int, rate_from_year: Mapping[int, Amount]) -> Amount:
    return rate_from_year[max(start for start in rate_from_year if start <= year)]


@recorded
def window_effects(
    outcomes: pd.DataFrame,
    treatment: str,
    control: str,
    months: range,
    partial_weight: float,
    conf_level: float = 0.95,
    population: str = "all",
    full_work: str = "in_work_no_benefits",
    any_work: str = "fully_or_partly_in_work",
) -> pd.DataFrame:
    """Mean over a window of months of the difference between the arms in the share at work.

    `outcomes` has one row per participant and observed month: participant_id, arm, month, and two bools, `full_work`
    and `any_work` (full or partial). full_job is full work, partial_job is any but not full, weighted_job is
    full + `partial_weight` · partial. Each month's shares are among the participants observed that month; the months
    count equally. A participant contributes to several months, so the standard error
    adds up each participant's influence over the months before squaring (clustered by participant, with the n/(n − 1)
    correction); the interval is normal. If an arm is not observed in some month of the window, all is missing: fewer
    months would be another quantity.

    Checked against R (tests/reference/economics.R) and a published table of monthly differences.
    """
    window = outcomes[outcomes["month"].isin(list(months))]
    full = window[full_work].astype(float)
    partial = window[any_work].astype(float) - full
    measures = {"full_job": full, "partial_job": partial, "weighted_job": full + partial_weight * partial}
    rows = []
    for name, values in measures.items():
        shares = [_window_share(window, values, arm, months) for arm in (treatment, control)]
        rows.append(_difference(name, population, f"{treatment}_vs_{control}", *shares, conf_level))
    return estimate_frame(rows)


@dataclass(frozen=True)
class _Share:
    mean: float
    std_error: float
    n: int


def _difference(
    outcome: str, population: str, contrast: str, treated: _Share, control: _Share, conf_level: float
) -> Estimate:
    difference, se = treated.mean - control.mean, math.hypot(treated.std_error, control.std_error)
    half = stats.norm.ppf(0.5 + conf_level / 2) * se
    p_value = float(2 * stats.norm.sf(abs(difference / se))) if se > 0 else math.nan
    return Estimate(
        outcome,
        population,
        contrast,
        "mean_of_monthly_differences",
        difference,
        se,
        difference - half,
        difference + half,
        conf_level,
        p_value,
        treated.n,
        control.n,
    )


def _window_share(window: pd.DataFrame, values: pd.Series, arm: str, months: range) -> _Share:
    in_arm = window["arm"] == arm
    wide = values[in_arm].groupby([window["participant_id"][in_arm], window["month"][in_arm]]).first().unstack()
    if any(month not in wide.columns for month in months):
        return _Share(math.nan, math.nan, len(wide))
    observed = wide.notna()
    monthly = wide.mean()
    influence = ((wide - monthly) / observed.sum()).fillna(0.0).sum(axis=1) / len(months)
    n = len(wide)
    return _Share(float(monthly.mean()), math.sqrt((influence**2).sum() * n / (n - 1)) if n > 1 else math.nan, n)
