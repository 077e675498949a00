"""Chapter: does the conclusion hold? Other outcomes, people and estimators, all in one picture."""

from analysis.chapters.robustness.beside_each_other import estimators_figure, estimators_table
from analysis.chapters.robustness.estimands import estimands
from analysis.chapters.robustness.estimators import side_by_side
from analysis.chapters.robustness.grid import curve, outcomes_table, specifications
from analysis.chapters.robustness.people import people_in
from analysis.chapters.robustness.pooling import phases_table, pooled_against_strata, pooling, trend_table
from analysis.chapters.robustness.sentences import in_print, key_numbers, methods_agree, overview, title

__all__ = [
    "curve", "estimands", "estimators_figure", "estimators_table", "in_print", "key_numbers", "methods_agree",
    "outcomes_table", "overview", "people_in", "phases_table", "pooled_against_strata", "pooling", "side_by_side",
    "specifications", "title", "trend_table",
]  # fmt: skip
