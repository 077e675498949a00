"""What enters the net present value, its parts, its uncertainty, and the results under other assumptions."""

from collections.abc import Mapping, Sequence
from math import isfinite, nan

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.cost_benefit.evaluation import (
    DRAWS,
    EVALUATION,
    SEED,
    Evaluation,
    effect_months,
    evaluate,
    evaluations,
    populations,
)
from analysis.chapters.cost_benefit.resampling import net_value_interval
from analysis.chapters.cost_benefit.scenarios import scenarios
from analysis.chapters.cost_benefit.wording import HUNDREDS
from analysis.frames.needs import Absent, needs
from analysis.frames.resources import cases_per_year, economic_input
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import (
    Scenario,
    break_even_duration,
    break_even_effect,
    leisure_share,
    net_present_value,
    yearly_gain,
)
from analysis.methods.estimates import concat_estimates
from analysis.published.keys import with_printed_keys
from analysis.show.prose import Number, Sentence, decimal, tally
from analysis.show.tables import Table, cells

# Input → statistic it is shown as, and factor from its unit to the shown one.
VALUE_INPUTS = {
    "cost_year": ("year", 1), "gain_year": ("year", 1), "income_price_year": ("year", 1),
    "employer_contribution_rate": ("pct", 100), "pension_cost_rate": ("pct", 100), "injury_insurance": ("nok", 1),
    "labour_supply_elasticity": ("value", 1), "leisure_share_of_net_wage": ("pct", 100),
    "income_tax_rate": ("pct", 100), "disability_pension_rate": ("pct", 100),
    "disability_pension_tax_rate": ("pct", 100),
    "marginal_cost_of_public_funds": ("value", 1), "discount_rate": ("pct", 100), "thirds_per_year": ("value", 1),
}  # fmt: skip
COST_INPUTS = {
    "programme_cost_per_case": ("nok", 1), "centre_appropriation": ("nok", 1), "job_consultant_months": ("months", 1),
    "job_consultant_monthly_rate": ("nok", 1), "cases_closed_first_third": ("n", 1),
}  # fmt: skip


def inputs_given(trial: Trial, names: dict) -> list[tuple[str, float, str]]:
    """(input, value in the shown unit, statistic) of the listed inputs that the study gives."""
    return [
        (name, factor * economic_input(trial.study, name), statistic)
        for name, (statistic, factor) in names.items()
        if name in trial.study.economics
    ]


@needs(*EVALUATION)
def inputs_table(trial: Trial) -> Table:
    """The inputs behind W, F, U and the programme's cost, each with its unit in the label: one column to read."""
    given = inputs_given(trial, VALUE_INPUTS) + inputs_given(trial, COST_INPUTS)
    rows = [("gross_wage", "amount", "value", evaluate(trial).income)]
    rows += [(name, "amount", "value", value) for name, value, statistic in given if statistic != "year"]
    cases = cases_per_year(trial.study)
    rows += [("cases_per_year", "amount", "value", cases)] if isfinite(cases) else []
    one_decimal = ("pct", "value", "months")
    decimals = {"value": 0} | {(name, "value"): 1 for name, _, statistic in given if statistic in one_decimal}
    years = {name: Number(value, "year") for name, value, statistic in given if statistic == "year"}
    elasticity = economic_input(trial.study, "labour_supply_elasticity", nan)
    notes = [Sentence("leisure_of_elasticity", {"leisure": decimal(leisure_share(elasticity), 2)})]
    table = Table("inputs", cells(rows), decimals=decimals, values=years, notes=notes if isfinite(elasticity) else ())
    return with_printed_keys(table, trial, "cost_benefit")


@needs(*EVALUATION)
@shown_from(found=evaluations)
def net_value_table(trial: Trial, found: Sequence[Evaluation]) -> Table:
    """The parts of the expected net present value, one column a population."""
    rows, study = [], trial.study
    for each in found:
        population, scenario, result = each.population, each.scenario, each.result
        rows += [
            ("expected_annual_income", population, "nok", each.income),
            ("W_t", population, "nok", each.value.production),
            ("F_t", population, "nok", each.value.leisure),
            ("U_t", population, "nok", each.value.public_savings),
            ("delta_full_job", population, "pct", 100 * scenario.effect_full),
            ("delta_partial_job", population, "pct", 100 * scenario.effect_partial),
            ("discounted_gain_full_job", population, "nok", result.gain_full),
            ("discounted_gain_partial_job", population, "nok", result.gain_partial),
            ("cost_treatment", population, "nok", scenario.cost_programme),
            ("cost_comparison", population, "nok", scenario.cost_control),
            ("gain_minus_weighted_extra_cost", population, "nok", result.per_person),
            ("net_present_value", population, "nok", result.total),
        ]
    table = Table("net_value_parts", cells(rows), columns=list(populations(study)), values=window_months(trial))
    return with_printed_keys(table, trial, "cost_benefit")


def window_months(trial: Trial) -> dict:
    """First and last month whose effect is averaged, for captions and notes."""
    months = effect_months(trial.study)
    return {"first": tally(months[0]), "last": tally(months[-1])}


@needs(*EVALUATION, "scenarios")
@shown_from(under=scenarios)
def scenario_table(trial: Trial, under: Mapping[str, Scenario]) -> Table | Absent:
    """Net present value under other assumptions, main population: per person and in all, and what would break even."""
    if lacking := evaluate(trial).lacking:
        return Absent(lacking)
    rows = []
    for name, scenario in under.items():
        result = net_present_value(scenario)
        rows += [
            (name, "npv_per_person", "nok", result.per_person),
            (name, "npv_total", "million_nok", result.total / 1e6),
            (name, "break_even_effect", "pct", 100 * break_even_effect(scenario)),
            (name, "break_even_years", "years", years_until_it_pays(scenario)),
        ]
    return Table("scenarios", cells(rows), decimals={"million_nok": 2, "pct": 1, "years": 1})


def years_until_it_pays(scenario: Scenario) -> float:
    """Duration of the effect from which the programme pays; NaN where it does not, or only for a while."""
    years = break_even_duration(scenario)
    for_a_while = yearly_gain(scenario) < 0
    return nan if for_a_while or not isfinite(years) else years


@needs(*EVALUATION)
def net_value_intervals(
    trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95
) -> pd.DataFrame | Absent:
    """`net_value_interval` of every population: participants drawn anew within the arms."""
    if lacking := evaluate(trial).lacking:
        return Absent(lacking)
    return concat_estimates(
        net_value_interval(trial, population, draws, seed, conf_level) for population in populations(trial.study)
    )


@needs(*EVALUATION)
@shown_from(intervals=net_value_intervals)
def uncertainty_table(trial: Trial, intervals: pd.DataFrame) -> Table:
    """Net present value per person of every population with its bootstrap interval."""
    found = []
    for row in intervals.to_dict("records"):
        n = row["n_treated"] + row["n_control"]
        found += [
            (row["population"], "npv_per_person", "nok", row["estimate"], n),
            (row["population"], "npv_per_person", "ci_low", row["conf_low"], n),
            (row["population"], "npv_per_person", "ci_high", row["conf_high"], n),
            (row["population"], "people", "n", n, n),
        ]
    decimals = dict.fromkeys(("nok", "ci_low", "ci_high"), HUNDREDS)
    return Table("uncertainty", cells(found), decimals=decimals, conf_level=level_of(intervals))
