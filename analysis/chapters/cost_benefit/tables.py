"""Tables 19–22 of the report, the inputs of section 5.2, the results of section 5.3 and the scenarios."""

import math
from collections.abc import Iterator

import pandas as pd

from analysis.chapters.cost_benefit.evaluation import (
    COST_ROWS,
    DRAWS,
    POPULATIONS,
    SEED,
    best_centres,
    counted_costs,
    evaluate,
    net_value_interval,
    resources_of,
    scenarios,
)
from analysis.frames.resources import PRICED_SERVICES, cases_per_year, economic_input
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import break_even_duration, break_even_effect, leisure_share, net_present_value
from analysis.show.prose import Number, count, decimal
from analysis.show.tables import Table, cells

# Rows of the printed Table 20; the shares list psychologists and district psychiatric centres apart.
_SHARE_ROWS = {
    "general_practitioner": "general_practitioner", "psychologist": "psychologist",
    "district_psychiatric_centre_dps": "district_psychiatric_centre", "physiotherapist": "physiotherapist",
    "chiropractor": "chiropractor", "other": "other",
}  # fmt: skip
_CONSULTATION_ROWS = {
    ("consultations_psychologist_plus_dps" if service == "psychologist" else f"consultations_{service}"): service
    for service in PRICED_SERVICES
}


def table_19(trial: Trial) -> Table:
    """Measures started in the window by arm: number, and per cent of the arm's participants."""
    resources, study = resources_of(trial), trial.study
    rows = []
    for arm in _arms(trial):
        own = resources[resources["arm"] == arm]
        for measure in economic_input(study, "measure_monthly_rate"):
            rows += _number_and_share(measure, arm, own[f"measures_{measure}"].sum(min_count=1), len(own))
        rows.append(("total_measures_started", arm, "n", own["measures_started"].sum(min_count=1), len(own)))
        recipients = (own["measures_started"] > 0).sum() if own["measures_started"].notna().any() else math.nan
        rows += _number_and_share("recipients_of_measures", arm, recipients, len(own))
    measures = [*economic_input(study, "measure_monthly_rate"), "total_measures_started", "recipients_of_measures"]
    return Table(
        "table_19",
        cells(rows),
        decimals={"pct": 2},
        rows=measures,
        columns=_arms(trial),
        n=len(resources),
        values=_window_words(trial),
    )


def _number_and_share(row: str, column: str, number: float, people: int) -> list[tuple]:
    return [(row, column, "n", number, number), (row, column, "pct", 100 * number / people, number)]


def _window_words(trial: Trial) -> dict:
    window = economic_input(trial.study, "measure_window")
    return {
        "first": count(window["from"]),
        "last": count(window["to"]),
        "own_from": count(economic_input(trial.study, "supported_employment_from_month")),
    }


def table_19_settings(trial: Trial) -> Table:
    """The settings in the footnotes of Tables 19 and 20 that the counts rest on."""
    window = economic_input(trial.study, "measure_window")
    rows = [
        ("footnote_a_period", "note", "months_from", window["from"]),
        ("footnote_a_period", "note", "months_to", window["to"]),
        (
            "footnote_b_arbeid_med_bistand_counted_from_month",
            "note",
            "months_from",
            economic_input(trial.study, "supported_employment_from_month"),
        ),
    ]
    return Table("table_19", cells(rows), part="settings", decimals={"months_from": 0, "months_to": 0})


def table_20(trial: Trial) -> Table:
    """Share with a consultation outside the programme among those who answered the block, by service, wave and arm."""
    rows = []
    for wave, arm, answered in _answered_services(trial):
        column = f"{wave}m_{arm}"
        for row, service in _SHARE_ROWS.items():
            used = answered[f"used_{service}_m{wave:02d}"].astype("boolean")
            rows.append((row, column, "pct", 100 * float(used.astype(float).mean()), used.sum()))
        rows.append(("number", column, "n", len(answered), len(answered)))
    return Table(
        "table_20", cells(rows), decimals={"pct": 2}, rows=[*_SHARE_ROWS, "number"], columns=_wave_columns(trial)
    )


def table_20_consultations(trial: Trial) -> Table:
    """Mean number of consultations of the same people, non-users counted as zero."""
    rows = [
        (row, f"{wave}m_{arm}", "mean", answered[f"consultations_{service}_m{wave:02d}"].mean(), len(answered))
        for wave, arm, answered in _answered_services(trial)
        for row, service in _CONSULTATION_ROWS.items()
    ]
    return Table(
        "table_20",
        cells(rows),
        part="consultations",
        decimals={"mean": 3},
        rows=list(_CONSULTATION_ROWS),
        columns=_wave_columns(trial),
    )


def _answered_services(trial: Trial) -> Iterator[tuple[int, str, pd.DataFrame]]:
    """(wave, arm, resources of those who answered the block on health services)."""
    resources = resources_of(trial)
    for wave in _waves(trial):
        for arm in _arms(trial):
            yield wave, arm, resources[(resources["arm"] == arm) & resources[f"services_answered_m{wave:02d}"]]


def _wave_columns(trial: Trial) -> dict[str, list[str]]:
    return {f"wave_{wave}": [f"{wave}m_{arm}" for arm in _arms(trial)] for wave in _waves(trial)}


def table_21(trial: Trial) -> Table:
    """Cost per person by arm, NOK, with the sum that counts in the evaluation (see `counted_costs`)."""
    study, evaluation = trial.study, evaluate(trial)
    rows = [(row, arm, "nok", evaluation.costs.loc[row, arm]) for row in COST_ROWS for arm in _treatment_first(trial)]
    rows += [("sum", arm, "nok", value) for arm, value in counted_costs(evaluation.costs, study).items()]
    return Table("table_21", cells(rows), rows=[*COST_ROWS, "sum"], columns=_treatment_first(trial), unit="nok")


def table_22(trial: Trial) -> Table:
    """The parts of the expected net present value, for all participants and for the internal evaluation's subgroup."""
    rows = []
    for population in POPULATIONS:
        found = evaluate(trial, population)
        scenario, result = found.scenario, found.result
        rows += [
            ("expected_annual_income", population, "nok", found.income),
            ("W_t", population, "nok", found.value.production),
            ("F_t", population, "nok", found.value.leisure),
            ("U_t", population, "nok", found.value.public_savings),
            ("delta_full_job", population, "proportion", scenario.effect_full),
            ("delta_partial_job", population, "proportion", scenario.effect_partial),
            ("discounted_gain_full_job", population, "nok", result.gain_full),
            ("discounted_gain_partial_job", population, "nok", result.gain_partial),
            ("cost_sfj", population, "nok", scenario.cost_programme),
            ("cost_control", population, "nok", scenario.cost_control),
            ("gain_minus_weighted_extra_cost", population, "nok", result.per_person),
            ("net_present_value_NNV", population, "nok", result.total),
        ]
    return Table("table_22", cells(rows), columns=list(POPULATIONS), values=_effect_months(trial))


def _effect_months(trial: Trial) -> dict:
    window = economic_input(trial.study, "effect_window")
    return {"first": count(window["from"]), "last": count(window["to"])}


def table_22_settings(trial: Trial) -> Table:
    """The settings in the footnote of Table 22."""
    study = trial.study
    rows = [
        ("partial_job_weight", "note", "proportion", economic_input(study, "partial_work_weight")),
        ("discount_rate_r", "note", "proportion", economic_input(study, "discount_rate")),
        ("tax_financing_cost_lambda", "note", "proportion", economic_input(study, "marginal_cost_of_public_funds")),
        ("price_year", "note", "year", study.economics["centre_appropriation"].price_year or math.nan),
    ]
    return Table("table_22", cells(rows), part="settings", decimals={"proportion": 2})


def inputs_table(trial: Trial) -> Table:
    """The inputs behind W, F, U and the programme's cost, each with its unit in the label: one column to read."""
    given = [
        (row, factor * economic_input(trial.study, name), statistic)
        for names in (_VALUE_INPUTS, _COST_INPUTS)
        for row, (name, statistic, factor) in names.items()
    ]
    rows = [
        ("gross_wage", "amount", "value", evaluate(trial).income),
        *((row, "amount", "value", value) for row, value, _ in given),
        ("cases_per_year", "amount", "value", cases_per_year(trial.study)),
    ]
    one_decimal = ("pct", "value", "months")
    decimals = {"value": 0} | {(row, "value"): 1 for row, _, statistic in given if statistic in one_decimal}
    years = {row: Number(value, "year") for row, value, statistic in given if statistic == "year"}
    shown = [cell for cell in rows if cell[0] not in years]
    leisure = decimal(leisure_share(economic_input(trial.study, "labour_supply_elasticity")), 2)
    return Table("inputs", cells(shown), decimals=decimals, values={**years, "leisure": leisure})


def measure_costs(trial: Trial) -> Table:
    """Cost of other measures, NOK: mean over everybody, and over those with at least one measure."""
    found = text_5_2_measures(trial).cells
    kept = found[found["row"].isin(["mean_cost_other_nav_measures", "mean_cost_given_any_measure"])]
    return Table("measure_costs", kept.reset_index(drop=True), columns=_arms(trial))


def text_5_2(trial: Trial) -> Table:
    """The inputs of section 5.2, and W, F and U as they follow from them."""
    study, found = trial.study, evaluate(trial)
    window = economic_input(study, "effect_window")
    rows = [
        ("effect_window", "range_low", "months", window["from"]),
        ("effect_window", "range_high", "months", window["to"]),
        ("observation_period_after_start", "note", "years", study.horizon.after / 12),
        ("gross_wage", "total", "nok", found.income),
        ("gross_wage_repeat", "total", "nok", found.income),
        ("W_t", "total", "nok", found.value.production),
        ("F_t", "total", "nok", found.value.leisure),
        ("U_t", "total", "nok", found.value.public_savings),
        ("centres", "total", "n", len(study.centre_codes)),
        ("cases_per_year", "total", "n", cases_per_year(study)),
        *_inputs(trial, _VALUE_INPUTS, "note"),
        *_inputs(trial, _COST_INPUTS, "total"),
    ]
    return Table(
        "text_5.2",
        cells(rows),
        columns=["total", "note", "range_low", "range_high"],
        part="inputs",
        decimals={"pct": 1, "months": 1, "year": 0, "years": 1, "value": 1, ("effect_window", "months"): 0},
    )


# Printed key → (economic input, statistic, factor from the input's unit to the printed one).
_VALUE_INPUTS = {
    "cost_year": ("cost_year", "year", 1), "gain_year": ("gain_year", "year", 1),
    "price_year": ("income_price_year", "year", 1),
    "employer_tax": ("employer_contribution_rate", "pct", 100), "pension_cost": ("pension_cost_rate", "pct", 100),
    "occupational_injury_insurance": ("injury_insurance", "nok", 1),
    "labour_supply_elasticity": ("labour_supply_elasticity", "value", 1),
    "value_of_leisure_share_of_net_wage": ("leisure_share_of_net_wage", "pct", 100),
    "average_income_tax": ("income_tax_rate", "pct", 100),
    "disability_pension_share_of_gross_wage": ("disability_pension_rate", "pct", 100),
    "disability_pension_tax": ("disability_pension_tax_rate", "pct", 100),
    "tax_financing_cost_lambda": ("marginal_cost_of_public_funds", "value", 1),
    "discount_rate": ("discount_rate", "pct", 100), "annualisation_factor": ("thirds_per_year", "value", 1),
}  # fmt: skip
_COST_INPUTS = {
    "grant_2011": ("centre_appropriation", "nok", 1),
    "job_consultant_months_2011": ("job_consultant_months", "months", 1),
    "job_consultant_month_rate": ("job_consultant_monthly_rate", "nok", 1),
    "cases_closed_first_third_2013": ("cases_closed_first_third", "n", 1),
}  # fmt: skip


def _inputs(trial: Trial, names: dict, column: str) -> list[tuple]:
    return [
        (row, column, statistic, factor * economic_input(trial.study, name))
        for row, (name, statistic, factor) in names.items()
    ]


def text_5_2_measures(trial: Trial) -> Table:
    """Measures and their cost in the running text of section 5.2."""
    resources, window = resources_of(trial), economic_input(trial.study, "measure_window")
    rows = [
        ("table19_window", "range_low", "months", window["from"]),
        ("table19_window", "range_high", "months", window["to"]),
    ]
    for arm in _arms(trial):
        own = resources[resources["arm"] == arm]
        recipients = own[own["measures_started"] > 0]
        rows += [
            ("measures_started", arm, "n", own["measures_started"].sum(min_count=1), len(recipients)),
            ("recipients", arm, "n", len(recipients), len(recipients)),
            ("share_with_measure", arm, "pct", 100 * len(recipients) / len(own), len(recipients)),
            ("mean_cost_other_nav_measures", arm, "nok", own["measure_cost_nok"].mean(), len(recipients)),
            ("mean_cost_given_any_measure", arm, "nok", recipients["measure_cost_nok"].mean(), len(recipients)),
        ]
    return Table(
        "text_5.2",
        cells(rows),
        part="measures",
        decimals={"pct": 0, "months": 0},
        columns=[*_arms(trial), "range_low", "range_high"],
    )


def text_5_3(trial: Trial) -> Table:
    """The results of section 5.3: net present value, break-even effect and the effect at the three best centres."""
    found, best = evaluate(trial), best_centres(trial)[1].set_index("outcome")
    even = break_even_effect(found.scenario)
    rows = [
        ("expected_npv_millions", "external", "million_nok", found.result.total / 1e6),
        ("break_even_effect_full_job", "external", "proportion", even),
        ("break_even_effect_full_job", "external", "pct", 100 * even),
        ("three_best_centres_effect", "external", "pct", 100 * best.loc["full_job", "estimate"]),
        ("cases_per_year", "total", "n", cases_per_year(trial.study)),
    ]
    return Table(
        "text_5.3",
        cells(rows),
        columns=["external", "total"],
        decimals={"million_nok": 2, ("three_best_centres_effect", "pct"): 0},
        values=_effect_months(trial),
    )


def scenario_table(trial: Trial) -> Table:
    """Net present value under other assumptions, all participants: per person and in all, and what would break even."""
    rows = []
    for name, scenario in scenarios(trial).items():
        result, years = net_present_value(scenario), break_even_duration(scenario)
        rows += [
            (name, "npv_per_person", "nok", result.per_person),
            (name, "npv_total", "million_nok", result.total / 1e6),
            (name, "break_even_effect", "pct", 100 * break_even_effect(scenario)),
            (name, "break_even_years", "years", years if math.isfinite(years) else math.nan),
        ]
    return Table("scenarios", cells(rows), decimals={"million_nok": 2, "pct": 1, "years": 1})


def uncertainty_table(trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95) -> Table:
    """Net present value per person of both evaluations with its bootstrap interval."""
    found = []
    for population in POPULATIONS:
        row = net_value_interval(trial, population, draws, seed, conf_level).iloc[0]
        n = row["n_treated"] + row["n_control"]
        found += [
            (row["population"], "npv_per_person", "nok", row["estimate"], n),
            (row["population"], "npv_per_person", "ci_low", row["conf_low"], n),
            (row["population"], "npv_per_person", "ci_high", row["conf_high"], n),
            (row["population"], "people", "n", n, n),
        ]
    return Table("uncertainty", cells(found), decimals={"nok": 0, "ci_low": 0, "ci_high": 0}, conf_level=conf_level)


def _arms(trial: Trial) -> list[str]:
    return [trial.study.control, trial.study.treatment]


def _treatment_first(trial: Trial) -> list[str]:
    return [trial.study.treatment, trial.study.control]


def _waves(trial: Trial) -> list[int]:
    return [wave for wave in trial.study.waves if wave > 0]
