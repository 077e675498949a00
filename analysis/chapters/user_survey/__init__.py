"""Chapter: what the participants say. Earlier treatment, satisfaction, open answers, coordination, user interviews."""

from analysis.chapters.user_survey.experience import (
    answered,
    earlier_treatment,
    rating,
    ratings,
    ratings_figure,
    ratings_table,
    satisfaction_spread,
    text_7_2,
    text_7_3,
    title,
)
from analysis.chapters.user_survey.informants import (
    expectations,
    informants,
    informants_table,
    success_and_wishes,
    text_7_6,
    text_7_7,
    user_themes_table,
    users,
)
from analysis.chapters.user_survey.open_answers import (
    agreement,
    agreement_table,
    answers_counted,
    by_wave_table,
    category_figure,
    coders,
    coordination,
    coordination_pooled,
    printed_rows_table,
    shares_by_wave,
    table_23,
    table_23_answers,
    table_23_pooled,
    text_7_4,
    text_7_5,
    tools_named,
    top_categories,
)
from analysis.chapters.user_survey.overview import key_numbers

__all__ = [
    "agreement", "agreement_table", "answered", "answers_counted", "by_wave_table", "category_figure", "coders",
    "coordination", "coordination_pooled", "earlier_treatment", "expectations", "informants", "informants_table",
    "key_numbers", "printed_rows_table", "rating", "ratings", "ratings_figure", "ratings_table", "satisfaction_spread",
    "shares_by_wave", "success_and_wishes", "table_23", "table_23_answers", "table_23_pooled", "text_7_2", "text_7_3",
    "text_7_4", "text_7_5", "text_7_6", "text_7_7", "title", "tools_named", "top_categories", "user_themes_table",
    "users",
]  # fmt: skip
