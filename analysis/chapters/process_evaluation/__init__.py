"""Chapter: how the programme was organised and delivered. Staff, dose, fidelity to the model, and the interviews."""

from analysis.chapters.process_evaluation.dose import (
    centre_dose,
    contacts_missing,
    dose,
    dose_by_person,
    dose_selected,
    dose_selection,
    dose_table,
    doses,
    job_consultants,
    organisation_table,
)
from analysis.chapters.process_evaluation.interview_material import (
    commonest_by_centre,
    commonest_themes,
    material,
    material_by_centre,
    material_table,
    roles_by_centre,
    spoken_of_differently,
    themes_by_centre,
    themes_by_centre_and_type,
    themes_table,
)
from analysis.chapters.process_evaluation.model_fidelity import (
    bands_reached,
    correlation,
    correlation_table,
    effect_by_centre,
    effect_figure,
    fidelity_and_effect,
    fidelity_table,
    integration,
    integration_levels,
    item_figure,
    scores_by_centre,
)
from analysis.chapters.process_evaluation.overview import key_numbers, opening, title
from analysis.chapters.process_evaluation.theme_coding import theme_agreement, theme_agreement_table, theme_coders

__all__ = [
    "bands_reached", "centre_dose", "commonest_by_centre", "commonest_themes", "contacts_missing", "correlation",
    "correlation_table", "dose", "dose_by_person", "dose_selected", "dose_selection", "dose_table", "doses",
    "effect_by_centre", "effect_figure", "fidelity_and_effect", "fidelity_table", "integration", "integration_levels",
    "item_figure", "job_consultants", "key_numbers", "material", "material_by_centre", "material_table", "opening",
    "organisation_table", "roles_by_centre", "scores_by_centre", "spoken_of_differently", "theme_agreement",
    "theme_agreement_table", "theme_coders", "themes_by_centre", "themes_by_centre_and_type", "themes_table", "title",
]  # fmt: skip
