"""Chapter: does the programme pay? Tables 19–22 of the report, its net present values, and what they hang on."""

from analysis.chapters.cost_benefit.evaluation import (
    EXTERNAL,
    INTERNAL,
    best_centres,
    evaluate,
    net_value_interval,
    scenarios,
)
from analysis.chapters.cost_benefit.overview import key_numbers
from analysis.chapters.cost_benefit.pictures import npv_by_effect_and_duration, npv_components
from analysis.chapters.cost_benefit.printed_amounts import printed_amounts_table
from analysis.chapters.cost_benefit.sentences import (
    as_printed,
    break_even,
    break_even_years,
    effect,
    extra_cost,
    interval,
    measures,
    missing,
    net_value,
    people_in,
    printed_slips,
    psychologists,
    three_best_centres,
    title,
    without_other_measures,
)
from analysis.chapters.cost_benefit.tables import (
    inputs_table,
    measure_costs,
    scenario_table,
    table_19,
    table_19_settings,
    table_20,
    table_20_consultations,
    table_21,
    table_22,
    table_22_settings,
    text_5_2,
    text_5_2_measures,
    text_5_3,
    uncertainty_table,
)

__all__ = [
    "EXTERNAL", "INTERNAL", "as_printed", "best_centres", "break_even", "break_even_years", "effect", "evaluate",
    "extra_cost", "inputs_table", "interval", "key_numbers", "measure_costs", "measures", "missing", "net_value",
    "net_value_interval", "npv_by_effect_and_duration", "npv_components", "people_in", "printed_amounts_table",
    "printed_slips", "psychologists", "scenario_table", "scenarios", "table_19", "table_19_settings", "table_20",
    "table_20_consultations", "table_21", "table_22", "table_22_settings", "text_5_2", "text_5_2_measures", "text_5_3",
    "three_best_centres", "title", "uncertainty_table", "without_other_measures",
]  # fmt: skip
