"""Chapter: did people come into work? Tables 7–9 and A.2 and Figures 3–9 of the report, and how firm they are."""

from analysis.chapters.employment.durations import duration_figure, duration_table, spread_table
from analysis.chapters.employment.models import interaction_table, table_09, table_a2
from analysis.chapters.employment.sensitivity import estimator_table, work_share_table
from analysis.chapters.employment.sentences import (
    adjusted,
    at_inclusion,
    before_inclusion,
    by_status,
    centres,
    centres_sick_listed,
    clear_terms,
    data_gaps,
    duration,
    interaction,
    key_numbers,
    largest_shifts,
    last_month,
    later_months,
    main_result,
    narrow_result,
    observed,
    product_term,
    regression_sample,
    title,
    work_share,
)
from analysis.chapters.employment.shares import baseline_table, group_table, observed_table, table_07, table_08
from analysis.chapters.employment.text import text_4_1
from analysis.chapters.employment.trajectories import (
    difference_figure,
    figure_03,
    figure_04,
    figure_09,
    group_figure,
    states_figure,
    status_figure,
)

__all__ = [
    "adjusted", "at_inclusion", "baseline_table", "before_inclusion", "by_status", "centres", "centres_sick_listed",
    "clear_terms", "data_gaps", "difference_figure", "duration", "duration_figure", "duration_table", "estimator_table",
    "figure_03", "figure_04", "figure_09", "group_figure", "group_table", "interaction", "interaction_table",
    "key_numbers", "largest_shifts", "last_month", "later_months", "main_result", "narrow_result", "observed",
    "observed_table", "product_term", "regression_sample", "spread_table", "states_figure", "status_figure",
    "table_07", "table_08", "table_09", "table_a2", "text_4_1", "title", "work_share", "work_share_table",
]  # fmt: skip
