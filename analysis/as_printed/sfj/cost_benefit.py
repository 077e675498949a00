"""Section 5 of the report: Tables 19 to 22 with their footnotes, the numbers of its text, and its own slips."""

from math import nan

from analysis.as_printed.sfj.printed_amounts import (
    POPULATIONS,
    amounts_that_do_not_follow,
    printed,
    printed_amounts_table,
)
from analysis.chapters import cost_benefit
from analysis.chapters.cost_benefit.evaluation import EVALUATION, evaluate, populations
from analysis.chapters.cost_benefit.tables import COST_INPUTS, VALUE_INPUTS, inputs_given, window_months
from analysis.chapters.cost_benefit.use import MEASURES
from analysis.frames.needs import Absent, needs
from analysis.frames.resources import cases_per_year, economic_input, measure_window
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit import break_even_effect
from analysis.published.corrected import CORRECTED
from analysis.published.keys import printed_rule
from analysis.published.registry import counts_as, published
from analysis.show.prose import Sentence, nok, points, tally
from analysis.show.tables import Table, cells

counts_as(
    "sfj",
    "cost_benefit",
    table_19=cost_benefit.measures_table,
    table_20=lambda trial: (cost_benefit.services_table(trial), cost_benefit.consultations_table(trial)),
    table_21=cost_benefit.costs_table,
    table_22=cost_benefit.net_value_table,
)


@published("text_5.2", chapter="cost_benefit")
@needs(*EVALUATION)
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
        *_inputs(trial, VALUE_INPUTS, "note"),
        *_inputs(trial, COST_INPUTS, "total"),
    ]
    return Table(
        "text_5.2",
        cells(rows),
        columns=["total", "note", "range_low", "range_high"],
        part="inputs",
        decimals={"months": 1, "year": 0, "years": 1, "value": 1, ("effect_window", "months"): 0},
    )


def _inputs(trial: Trial, names: dict, column: str) -> list[tuple]:
    """The inputs under the names they have in print, those of the table of inputs."""
    own = printed_rule(trial, "cost_benefit.keys", {}).get("inputs", {})
    return [(own.get(name, name), column, statistic, value) for name, value, statistic in inputs_given(trial, names)]


@published("text_5.2", chapter="cost_benefit")
@needs(*MEASURES)
def text_5_2_measures(trial: Trial) -> Table:
    """Measures and their cost in the running text of section 5.2."""
    window = measure_window(trial.study)
    rows = [
        ("table19_window", "range_low", "months", window[0]),
        ("table19_window", "range_high", "months", window[-1]),
    ]
    arms = [trial.study.control, trial.study.treatment]
    for arm in arms:
        own = trial.resources[trial.resources["arm"] == arm]
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
        decimals={"months": 0},
        columns=[*arms, "range_low", "range_high"],
    )


@published("text_5.3", chapter="cost_benefit")
@needs(*EVALUATION, "several_centres")
def text_5_3(trial: Trial) -> Table:
    """The results of section 5.3: net present value, break-even effect and the effect at the three best centres."""
    found, best = evaluate(trial), cost_benefit.best_centres(trial, 3)[1].set_index("outcome")
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
        decimals={"million_nok": 2},
        values=window_months(trial),
    )


@published("table_19", chapter="cost_benefit")
@needs(*MEASURES, "economics:supported_employment_from_month")
def table_19_settings(trial: Trial) -> Table:
    """The settings in the footnotes of Tables 19 and 20 that the counts rest on."""
    window = measure_window(trial.study)
    own_from = economic_input(trial.study, "supported_employment_from_month")
    rows = [
        ("footnote_a_period", "note", "months_from", window[0]),
        ("footnote_a_period", "note", "months_to", window[-1]),
        ("footnote_b_arbeid_med_bistand_counted_from_month", "note", "months_from", own_from),
    ]
    return Table("table_19", cells(rows), part="settings", decimals={"months_from": 0, "months_to": 0})


@published("table_22", chapter="cost_benefit")
@needs(*EVALUATION, "economics:centre_appropriation")
def table_22_settings(trial: Trial) -> Table:
    """The settings in the footnote of Table 22, and the effects in the form of the print, as proportions."""
    study = trial.study
    effects = {population: evaluate(trial, population).scenario for population in populations(study)}
    rows = [
        ("partial_job_weight", "note", "proportion", economic_input(study, "partial_work_weight")),
        ("discount_rate_r", "note", "proportion", economic_input(study, "discount_rate")),
        ("tax_financing_cost_lambda", "note", "proportion", economic_input(study, "marginal_cost_of_public_funds")),
        ("price_year", "note", "year", study.economics["centre_appropriation"].price_year or nan),
        *(("delta_full_job", code, "proportion", scenario.effect_full) for code, scenario in effects.items()),
        *(("delta_partial_job", code, "proportion", scenario.effect_partial) for code, scenario in effects.items()),
    ]
    decimals = {("delta_full_job", "proportion"): 3, ("delta_partial_job", "proportion"): 3, "proportion": 2}
    return Table("table_22", cells(rows), part="settings", decimals=decimals)


@published("net_values_in_print", chapter="cost_benefit", about_print=True)
@needs(*EVALUATION, "published")
def as_printed(trial: Trial) -> Sentence | Absent:
    """What the published report prints for both evaluations, beside the effect on full work computed here."""
    found = [evaluate(trial, population) for population in populations(trial.study)][:2]
    lacking = next((each.lacking for each in found if each.lacking), None)
    if lacking or len(found) < len(POPULATIONS):
        return Absent(lacking or "economics")
    values = {
        f"{name}_{short}": number
        for population, short, here in zip(POPULATIONS, ("all", "subgroup"), found, strict=True)
        for name, number in (
            ("npv", nok(printed(trial, "table_22", "gain_minus_weighted_extra_cost", population, "nok"))),
            ("effect", points(100 * printed(trial, "table_22", "delta_full_job", population, "proportion"))),
            ("here", points(100 * here.scenario.effect_full)),
        )
    }
    return Sentence("as_printed", values)


@published("printed_slips", chapter="cost_benefit", about_print=True)
@needs(*CORRECTED)
def printed_slips(trial: Trial) -> Sentence:
    """How many of the report's derived amounts do not follow from its stated inputs."""
    return Sentence("printed_slips", {"slips": tally(len(amounts_that_do_not_follow(trial)))})


published("printed_amounts", chapter="cost_benefit", about_print=True)(printed_amounts_table)
