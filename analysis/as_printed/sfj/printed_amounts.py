"""Which amounts printed in section 5 and Tables 21–22 follow from the inputs the report states beside them.

Every input is a printed number, except the tax on disability pension, which the report does not print.
"""

from collections.abc import Iterator
from functools import cache

import pandas as pd

from analysis.frames.resources import economic_input
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import Scenario, ValueOfWork, WageRates, net_present_value, value_of_work
from analysis.published.scorecard import KEY, read_published
from analysis.show.tables import Table

# The two populations of the printed evaluations.
EXTERNAL, INTERNAL = "external_all_participants", "internal_subgroup_aap_plus"
POPULATIONS = (EXTERNAL, INTERNAL)

_HALF = 0.5  # a printed whole krone
_SFJ_COSTS = (
    "sfj_centre",
    "job_consultant",
    "other_nav_measures",
    "consultations_gp",
    "consultations_physiotherapist",
    "consultations_chiropractor",
)
_CONTROL_COSTS = (
    "other_nav_measures",
    "consultations_gp",
    "consultations_psychologist",
    "consultations_physiotherapist",
    "consultations_chiropractor",
)


@cache
def _printed_cells() -> pd.Series:
    return read_published().set_index(KEY)["value"]


def printed(source: str, row: str, column: str, statistic: str) -> float:
    """One printed number. Raises KeyError naming the cell if the report prints no such number."""
    return float(_printed_cells().loc[(source, row, column, statistic)])


def printed_amounts_table(trial: Trial) -> Table:
    """One row per printed amount: as printed, recomputed from the printed inputs, the difference, whether it follows.

    It follows when the difference is within what rounding of the printed inputs can explain.
    """
    rows = []
    for row, as_printed, recomputed, slack in _checks(trial):
        follows = abs(recomputed - as_printed) <= slack
        rows += [
            (row, "printed", "nok", as_printed, None),
            (row, "recomputed", "nok", recomputed, None),
            (row, "difference", "nok", as_printed - recomputed, None),
            (row, "follows", "value", float(follows), "follows_yes" if follows else "follows_no"),
        ]
    frame = pd.DataFrame(rows, columns=["row", "column", "statistic", "value", "text"])
    return Table("printed_amounts", frame, columns=["printed", "recomputed", "difference", "follows"])


def amounts_that_do_not_follow(trial: Trial) -> list[str]:
    """Rows of the table whose printed amount does not follow."""
    return [row for row, as_printed, recomputed, slack in _checks(trial) if abs(recomputed - as_printed) > slack]


def _checks(trial: Trial) -> Iterator[tuple[str, float, float, float]]:
    """(row, printed amount, recomputed amount, largest difference rounding explains)."""
    yield from _values_of_work(trial)
    yield from _costs()
    for population in POPULATIONS:
        yield from _net_values(population)


def _values_of_work(trial: Trial) -> Iterator[tuple[str, float, float, float]]:
    share = {
        name: printed("text_5.2", row, "note", "pct") / 100
        for name, row in (
            ("employer", "employer_tax"),
            ("pension", "pension_cost"),
            ("tax", "average_income_tax"),
            ("disability", "disability_pension_share_of_gross_wage"),
        )
    }
    # Printed as 0.29 per cent of the net wage; the amounts show that the share 0.29 is meant.
    leisure = printed("text_5.2", "value_of_leisure_share_of_net_wage", "note", "pct")
    insurance = printed("text_5.2", "occupational_injury_insurance", "note", "nok")
    rates = WageRates(
        share["employer"],
        share["pension"],
        insurance,
        share["tax"],
        leisure,
        share["disability"],
        economic_input(trial.study, "disability_pension_tax_rate"),
    )
    for population, short in ((EXTERNAL, "external"), (INTERNAL, "internal")):
        value = value_of_work(printed("table_22", "expected_annual_income", population, "nok"), rates)
        for row, amount in (("W_t", value.production), ("F_t", value.leisure), ("U_t", value.public_savings)):
            yield f"{row}_{short}", printed("table_22", row, population, "nok"), amount, 2 * _HALF


def _costs() -> Iterator[tuple[str, float, float, float]]:
    cases = printed("text_5.2", "cases_per_year", "total", "n")
    months, rate = (
        printed("text_5.2", row, "total", statistic)
        for row, statistic in (("job_consultant_months_2011", "months"), ("job_consultant_month_rate", "nok"))
    )
    grant = printed("text_5.2", "grant_2011", "total", "nok")
    yield "sfj_centre", _cost("sfj_centre", "sfj"), grant / cases, 500 / cases + _HALF
    yield "job_consultant", _cost("job_consultant", "sfj"), months * rate / cases, 0.05 * rate / cases + _HALF
    for arm in ("sfj", "control"):
        recipients = printed("table_19", "recipients_of_measures", arm, "n")
        people = printed("text_1", "participants_included", arm, "n")
        mean = printed("text_5.2", "mean_cost_given_any_measure", arm, "nok") * recipients / people
        as_printed = _cost("other_nav_measures", arm)
        # A printed amount that ends in nought may have been rounded to tens.
        yield f"other_nav_measures_{arm}", as_printed, mean, 10 * _HALF if as_printed % 10 == 0 else 2 * _HALF
    for arm, rows in (("sfj", _SFJ_COSTS), ("control", _CONTROL_COSTS)):
        yield f"sum_{arm}", _cost("sum", arm), sum(_cost(row, arm) for row in rows), (len(rows) + 1) * _HALF


def _cost(row: str, arm: str) -> float:
    return printed("table_21", row, arm, "nok")


def _net_values(population: str) -> Iterator[tuple[str, float, float, float]]:
    short = "external" if population == EXTERNAL else "internal"
    scenario = _printed_scenario(population)
    result, unit = net_present_value(scenario), scenario.value_of_full_effect
    gains = {
        "discounted_gain_full_job": (result.gain_full, 0.0005 * unit + _HALF),
        "discounted_gain_partial_job": (result.gain_partial, 0.0005 * scenario.partial_weight * unit + _HALF),
    }
    for row, (amount, slack) in gains.items():
        yield f"{row}_{short}", printed("table_22", row, population, "nok"), amount, slack
    per_person = printed("table_22", "gain_minus_weighted_extra_cost", population, "nok")
    from_parts = sum(printed("table_22", row, population, "nok") for row in gains) - scenario.weighted_extra_cost
    yield f"gain_minus_weighted_extra_cost_{short}", per_person, from_parts, 4 * _HALF
    total = printed("table_22", "net_present_value_NNV", population, "nok")
    yield f"net_present_value_NNV_{short}", total, per_person * scenario.participants, _HALF * scenario.participants + 1


def _printed_scenario(population: str) -> Scenario:
    def amount(row: str, statistic: str = "nok") -> float:
        return printed("table_22", row, population, statistic)

    note = {
        row: printed("table_22", row, "note", "proportion")
        for row in ("partial_job_weight", "discount_rate_r", "tax_financing_cost_lambda")
    }
    return Scenario(
        amount("delta_full_job", "proportion"),
        amount("delta_partial_job", "proportion"),
        ValueOfWork(amount("W_t"), amount("F_t"), amount("U_t")),
        amount("cost_sfj"),
        amount("cost_control"),
        printed("text_5.2", "cases_per_year", "total", "n"),
        note["tax_financing_cost_lambda"],
        note["partial_job_weight"],
        1,
        {1: note["discount_rate_r"]},
    )


def corrected_net_value(trial: Trial) -> float:
    """NOK per person in the external evaluation if every amount followed from the report's stated inputs.

    Effects and consultations as printed; W, F, U and the job consultants recomputed.
    """
    scenario = _printed_scenario(EXTERNAL)
    checks = {row: recomputed for row, _, recomputed, _ in _checks(trial)}
    slip = checks["job_consultant"] - _cost("job_consultant", "sfj")
    value = ValueOfWork(*(checks[f"{row}_external"] for row in ("W_t", "F_t", "U_t")))
    gain = (
        (scenario.effect_full + scenario.partial_weight * scenario.effect_partial)
        * value.net(scenario.cost_of_funds)
        / (1 + scenario.rate_from_year[1])
    )
    return gain - (1 + scenario.cost_of_funds) * (scenario.cost_programme + slip - scenario.cost_control)
