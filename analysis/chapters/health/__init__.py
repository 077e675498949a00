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
from analysis.chapters.health.expectations import single_item_means, single_item_rank_sums
from analysis.chapters.health.figures import effects_figure, means_figure
from analysis.chapters.health.missing import missing_answers_figure, missing_answers_table
from analysis.chapters.health.sensitivity import carried_table, caseness_table
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
from analysis.chapters.health.several import correction, correction_in_short, several_table
from analysis.chapters.health.sizes import importance, importance_table
from analysis.chapters.health.tables import (
    adjusted_differences,
    adjusted_models,
    adjusted_scores,
    adjusted_table,
    baseline_by_response,
    carried_forward,
    compare_scores,
    response_table,
    scores_at_last_wave,
    scores_table,
)
from analysis.chapters.health.tipping import tipping_figure, tipping_sentence

__all__ = [
    "adjusted_differences", "adjusted_models", "adjusted_result", "adjusted_scores", "adjusted_table",
    "baseline_by_response", "carried_forward", "carried_shares", "carried_table", "caseness_table", "cases",
    "compare_scores", "conclusions", "correction", "correction_in_short", "covariance", "effects_figure", "expectation",
    "expectations", "importance", "importance_table", "in_short", "key_numbers", "loss_by_arm", "magnitude",
    "means_figure", "missing_answers_figure", "missing_answers_table", "models", "non_responders", "response_table",
    "result", "returned", "returned_by_wave", "scores_at_last_wave", "scores_table", "several_table",
    "single_item_means", "single_item_rank_sums", "tipping_figure", "tipping_sentence", "title", "ways", "weights_told",
]  # fmt: skip
