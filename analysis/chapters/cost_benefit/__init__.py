"""Chapter: does the programme pay? What both arms used, what it cost, the net present value, and what it hangs on."""

from analysis.chapters.cost_benefit.answer import Answer, did_it_pay, title
from analysis.chapters.cost_benefit.calculator import calculator
from analysis.chapters.cost_benefit.evaluation import evaluate, evaluations, populations
from analysis.chapters.cost_benefit.overview import key_numbers
from analysis.chapters.cost_benefit.pictures import npv_by_effect_and_duration, npv_components
from analysis.chapters.cost_benefit.resampling import net_value_interval
from analysis.chapters.cost_benefit.scenarios import best_centres, scenarios
from analysis.chapters.cost_benefit.sentences import (
    best_centres_result,
    break_even,
    break_even_years,
    effect,
    extra_cost,
    measures,
    missing,
    net_value,
    net_values,
    people_in,
    psychologists,
    without_other_measures,
)
from analysis.chapters.cost_benefit.slips import (
    consequence,
    consequence_of_doubt,
    corrected_break_even,
    slip_sentences,
)
from analysis.chapters.cost_benefit.tables import (
    inputs_table,
    net_value_intervals,
    net_value_table,
    scenario_table,
    uncertainty_table,
)
from analysis.chapters.cost_benefit.today import (
    acceptability_curve,
    assumptions_table,
    estimates_today,
    moves_most,
    npv_by_duration_and_loss,
    today_figure,
    today_table,
    tornado,
)
from analysis.chapters.cost_benefit.uncertainty import one_by_one, probabilistic
from analysis.chapters.cost_benefit.use import (
    consultations_table,
    costs_table,
    measure_costs,
    measures_table,
    services_table,
)
from analysis.chapters.cost_benefit.verdict import (
    conclusion,
    health_years,
    knowing,
    price_of_work,
)

__all__ = [
    "Answer", "acceptability_curve", "assumptions_table", "best_centres", "best_centres_result", "break_even",
    "break_even_years", "calculator", "conclusion", "consequence", "consequence_of_doubt", "consultations_table",
    "corrected_break_even", "costs_table", "did_it_pay", "effect", "estimates_today", "evaluate", "evaluations",
    "extra_cost", "health_years", "inputs_table", "key_numbers", "knowing", "measure_costs", "measures",
    "measures_table", "missing", "moves_most", "net_value", "net_value_interval", "net_value_intervals",
    "net_value_table", "net_values", "npv_by_duration_and_loss", "npv_by_effect_and_duration", "npv_components",
    "one_by_one", "people_in", "populations", "price_of_work", "probabilistic", "psychologists", "scenario_table",
    "scenarios", "services_table", "slip_sentences", "title", "today_figure", "today_table", "tornado",
    "uncertainty_table", "without_other_measures",
]  # fmt: skip
