"""Chapter: what the participants say. Earlier treatment, satisfaction, open answers, coordination, user interviews."""

from analysis.chapters.user_survey.coding_agreement import (
    agreement,
    agreement_table,
    coders,
    coefficients,
    coefficients_table,
    reading_of_alpha,
)
from analysis.chapters.user_survey.experience import (
    answered,
    compare_ratings,
    earlier_treatment,
    earlier_treatment_table,
    earlier_treatments,
    rating_sentences,
    ratings,
    ratings_figure,
    ratings_table,
    satisfaction_spread,
)
from analysis.chapters.user_survey.informants import (
    expectations,
    informants,
    informants_table,
    success_and_wishes,
    success_by_centre,
    user_themes_table,
    users,
    users_by_centre,
)
from analysis.chapters.user_survey.open_answers import (
    answered_again,
    answers_counted,
    answers_of,
    by_wave_table,
    categories_joined,
    categories_table,
    category_figure,
    coordination,
    coordination_answers,
    coordination_pooled,
    coordination_shares,
    coordination_table,
    shares_joined,
    shares_of,
    tools_named,
    top_categories,
)
from analysis.chapters.user_survey.overview import key_numbers, opening, title

__all__ = [
    "agreement", "agreement_table", "answered", "answered_again", "answers_counted", "answers_of", "by_wave_table",
    "categories_joined", "categories_table", "category_figure", "coders", "coefficients", "coefficients_table",
    "compare_ratings", "coordination", "coordination_answers", "coordination_pooled", "coordination_shares",
    "coordination_table", "earlier_treatment", "earlier_treatment_table", "earlier_treatments", "expectations",
    "informants", "informants_table", "key_numbers", "opening", "rating_sentences", "ratings", "ratings_figure",
    "ratings_table", "reading_of_alpha", "satisfaction_spread", "shares_joined", "shares_of", "success_and_wishes",
    "success_by_centre", "title", "tools_named", "top_categories", "user_themes_table", "users", "users_by_centre",
]  # fmt: skip
