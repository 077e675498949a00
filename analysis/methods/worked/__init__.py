"""Every method worked by hand on a few people, by the name of its page; the words of the steps are in the catalogue."""

from collections.abc import Mapping

from analysis.methods.worked import (
    agreement,
    bounds,
    coding,
    cost_benefit,
    cost_benefit_bootstrap,
    cost_benefit_uncertainty,
    durations,
    estimates,
    fidelity,
    heterogeneity,
    imputation,
    means,
    missing_data,
    multiplicity,
    proportions,
    randomisation,
    regression,
    repeated_answers,
    repeated_measures,
    selection,
    standardisation,
    strata,
    survival,
    time_in_state,
    weighting,
)
from analysis.methods.worked.example import Example, Worked

__all__ = ["EXAMPLES", "Example", "Worked"]

# Method → its example, in the order of the pages. A method's words stand in the catalogue file of its module.
MODULES: Mapping[str, Mapping[str, Example]] = {
    "proportions": proportions.EXAMPLES,
    "means": means.EXAMPLES,
    "regression": regression.EXAMPLES,
    "durations": durations.EXAMPLES,
    "survival": survival.EXAMPLES,
    "time_in_state": time_in_state.EXAMPLES,
    "estimates": estimates.EXAMPLES,
    "heterogeneity": heterogeneity.EXAMPLES,
    "selection": selection.EXAMPLES,
    "strata": strata.EXAMPLES,
    "standardisation": standardisation.EXAMPLES,
    "randomisation": randomisation.EXAMPLES,
    "missing_data": missing_data.EXAMPLES,
    "repeated_measures": repeated_measures.EXAMPLES,
    "imputation": imputation.EXAMPLES,
    "weighting": weighting.EXAMPLES,
    "bounds": bounds.EXAMPLES,
    "multiplicity": multiplicity.EXAMPLES,
    "cost_benefit": cost_benefit.EXAMPLES,
    "cost_benefit_bootstrap": cost_benefit_bootstrap.EXAMPLES,
    "cost_benefit_uncertainty": cost_benefit_uncertainty.EXAMPLES,
    "coding": coding.EXAMPLES,
    "repeated_answers": repeated_answers.EXAMPLES,
    "agreement": agreement.EXAMPLES,
    "fidelity": fidelity.EXAMPLES,
}
EXAMPLES: Mapping[str, Example] = {name: each for module in MODULES.values() for name, each in module.items()}
