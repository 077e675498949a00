"""Chapter: health and quality of life. Response, scores by wave and arm, and what missing answers could change."""

from analysis.chapters.health.answers import (
    carried_shares,
    covariance,
    loss_by_arm,
    non_responders,
    returned,
    returned_by_wave,
    ways,
)
from analysis.chapters.health.conclusion import conclusions, weights_told
from analysis.chapters.health.expectations import (
    adjusted_answers,
    compare_answers,
    rank_sum_tests,
    single_item_means,
    single_item_rank_sums,
)
from analysis.chapters.health.figures import effects_figure, means_figure, means_over_waves
from analysis.chapters.health.missing import by_every_way, missing_answers_figure, missing_answers_table
from analysis.chapters.health.sensitivity import adjusted_caseness, carried_table, caseness, caseness_table
from analysis.chapters.health.sentences import (
    adjusted_result,
    cases,
    expectation,
    expectations,
    in_short,
    key_numbers,
    magnitude,
    models,
    result,
    title,
)
from analysis.chapters.health.several import (
    compared_at_equal_start,
    corrected,
    correction,
    correction_in_short,
    several_table,
)
from analysis.chapters.health.sizes import importance, importance_table
from analysis.chapters.health.tables import (
    adjusted_differences,
    adjusted_models,
    adjusted_scores,
    baseline_by_response,
    carried_forward,
    compare_carried,
    compare_scores,
    response_table,
    scores_at_last_wave,
    several_models,
    shares_returned,
    standardised_effects,
    start_by_response,
)
from analysis.chapters.health.tipping import deltas_in, tipping_figure, tipping_sentence

__all__ = [
    "adjusted_answers", "adjusted_caseness", "adjusted_differences", "adjusted_models", "adjusted_result",
    "adjusted_scores", "baseline_by_response", "by_every_way", "carried_forward", "carried_shares", "carried_table",
    "caseness", "caseness_table", "cases", "compare_answers", "compare_carried", "compare_scores",
    "compared_at_equal_start", "conclusions", "corrected", "correction", "correction_in_short", "covariance",
    "deltas_in", "effects_figure", "expectation", "expectations", "importance", "importance_table", "in_short",
    "key_numbers", "loss_by_arm", "magnitude", "means_figure", "means_over_waves", "missing_answers_figure",
    "missing_answers_table", "models", "non_responders", "rank_sum_tests", "response_table", "result", "returned",
    "returned_by_wave", "scores_at_last_wave", "several_models", "several_table", "shares_returned",
    "single_item_means", "single_item_rank_sums", "standardised_effects", "start_by_response", "tipping_figure",
    "tipping_sentence", "title", "ways", "weights_told",
]  # fmt: skip
