"""Chapter: did people come into work? Statuses and outcomes over time, adjusted, by group, and how firm it all is."""

from analysis.chapters.employment.below_verdicts import duration_figure, first_figures, later_figures
from analysis.chapters.employment.between_centres import (
    centre_effects,
    centre_figure,
    centre_spread_table,
    centre_table,
    centre_verdicts,
)
from analysis.chapters.employment.conclusions import best_in_print, conclusion_on_centres, conclusion_on_subgroups
from analysis.chapters.employment.courses import common_courses, sequences_figure
from analysis.chapters.employment.durations import (
    duration_effects,
    duration_table,
    duration_tests,
    spread_table,
)
from analysis.chapters.employment.follow_up import (
    at_times_table,
    compare_at_main_times,
    compare_follow_up,
    first_curves,
    first_table,
    first_tests,
    follow_up_tables,
    people_followed,
    whole_follow_up,
)
from analysis.chapters.employment.gaps import data_gaps, shorter_observed
from analysis.chapters.employment.models import (
    adjusted_models,
    adjusted_models_table,
    covariate_models,
    covariate_products_table,
    interaction_table,
    interactions,
    model_table,
)
from analysis.chapters.employment.picking import (
    best_of_centres,
    best_of_figures,
    best_of_table,
    best_of_verdicts,
)
from analysis.chapters.employment.populations import compare, late_outcomes, monthly_outcomes, outcomes_at
from analysis.chapters.employment.records import records
from analysis.chapters.employment.sensitivity import (
    estimator_frame,
    estimator_table,
    work_share_frame,
    work_share_table,
)
from analysis.chapters.employment.sentences import (
    at_inclusion,
    before_inclusion,
    by_status,
    centres_sick_listed,
    largest_shifts,
    last_month,
    later_months,
    main_result,
    observed,
    other_results,
    title,
    work_share,
)
from analysis.chapters.employment.sentences_follow_up import first_results, follow_up_results
from analysis.chapters.employment.sentences_models import (
    adjusted,
    centres,
    clear_terms,
    duration,
    interaction,
    key_numbers,
    product_term,
    regression_sample,
)
from analysis.chapters.employment.sentences_time import mean_time_results, mean_wait_results, rate_results
from analysis.chapters.employment.shares import (
    baseline_table,
    compare_at_first,
    compare_late,
    group_table,
    late_shares_table,
    observed_table,
    status_effects,
    statuses_table,
)
from analysis.chapters.employment.subgroups import (
    effects_apart,
    over_follow_up,
    subgroup_family,
    subgroup_figure,
    subgroup_table,
    subgroup_test_table,
    subgroup_verdicts,
)
from analysis.chapters.employment.time_in_work import (
    later_curves,
    mean_time_table,
    mean_times,
    mean_wait_table,
    mean_waits,
    time_by_status_figure,
    time_by_status_table,
    times_by_status,
)
from analysis.chapters.employment.trajectories import (
    best_centre_figure,
    compare_best_centres,
    compare_over_time,
    compare_within_statuses,
    difference_figure,
    group_figure,
    outcome_figures,
    states_figure,
    status_effects_at_both_times,
    status_figures,
)
from analysis.chapters.employment.transitions import comings_and_goings, flows_figure, rates_table, transitions_table

__all__ = [
    "adjusted", "adjusted_models", "adjusted_models_table", "at_inclusion", "at_times_table", "baseline_table",
    "before_inclusion", "best_centre_figure", "best_in_print", "best_of_centres", "best_of_figures", "best_of_table",
    "best_of_verdicts", "by_status", "centre_effects", "centre_figure", "centre_spread_table", "centre_table",
    "centre_verdicts", "centres", "centres_sick_listed", "clear_terms", "comings_and_goings", "common_courses",
    "compare", "compare_at_first", "compare_at_main_times", "compare_best_centres", "compare_follow_up", "compare_late",
    "compare_over_time", "compare_within_statuses", "conclusion_on_centres", "conclusion_on_subgroups",
    "covariate_models", "covariate_products_table", "data_gaps", "difference_figure", "duration", "duration_effects",
    "duration_figure", "duration_table", "duration_tests", "effects_apart", "estimator_frame", "estimator_table",
    "first_curves", "first_figures", "first_results", "first_table", "first_tests", "flows_figure", "follow_up_results",
    "follow_up_tables", "group_figure", "group_table", "interaction", "interaction_table", "interactions",
    "key_numbers", "largest_shifts", "last_month", "late_outcomes", "late_shares_table", "later_curves",
    "later_figures", "later_months", "main_result", "mean_time_results", "mean_time_table", "mean_times",
    "mean_wait_results", "mean_wait_table", "mean_waits", "model_table", "monthly_outcomes", "observed",
    "observed_table", "other_results", "outcome_figures", "outcomes_at", "over_follow_up", "people_followed",
    "product_term", "rate_results", "rates_table", "records", "regression_sample", "sequences_figure",
    "shorter_observed", "spread_table", "states_figure", "status_effects", "status_effects_at_both_times",
    "status_figures", "statuses_table", "subgroup_family", "subgroup_figure", "subgroup_table", "subgroup_test_table",
    "subgroup_verdicts", "time_by_status_figure", "time_by_status_table", "times_by_status", "title",
    "transitions_table", "whole_follow_up", "work_share", "work_share_frame", "work_share_table",
]  # fmt: skip
