"""Chapter: who took part? Flow, background and strain at inclusion, balance of the arms, ordinary users beside them."""

from analysis.chapters.participants.background import (
    background_answers,
    background_shares,
    background_table,
    largest_shift,
    reference_answers,
    reference_background_table,
    reference_shares,
)
from analysis.chapters.participants.burdens import (
    background_means_table,
    background_measures,
    baseline_by_status_table,
    baseline_means_table,
    baseline_measures,
    reference_means_table,
    reference_measures,
    strain_table,
    violence_answers,
    violence_table,
    work_situation_table,
)
from analysis.chapters.participants.comparisons import (
    balance,
    balance_figure,
    representativeness,
    representativeness_table,
)
from analysis.chapters.participants.flow_sentences import (
    allocation,
    allocation_phases,
    flow,
    inflow,
    referral,
    title,
)
from analysis.chapters.participants.inclusion import (
    accumulated_inclusion_figure,
    flow_counts,
    flow_figure,
    inclusion_by_centre_table,
)
from analysis.chapters.participants.sentences import (
    age,
    answered,
    balance_reading,
    complaints,
    education,
    interval_choice,
    key_numbers,
    reference_reading,
    strain,
    symptoms,
    women,
    work,
)
from analysis.chapters.participants.shares import answer_shares, measure_means

__all__ = [
    "accumulated_inclusion_figure", "age", "allocation", "allocation_phases", "answer_shares", "answered",
    "background_answers", "background_means_table",
    "background_measures", "background_shares", "background_table", "balance", "balance_figure", "balance_reading",
    "baseline_by_status_table", "baseline_means_table", "baseline_measures", "complaints", "education", "flow",
    "flow_counts", "flow_figure", "inclusion_by_centre_table", "inflow", "interval_choice", "key_numbers",
    "largest_shift", "measure_means", "reference_answers", "reference_background_table", "reference_means_table",
    "reference_measures", "reference_reading", "reference_shares", "referral", "representativeness",
    "representativeness_table", "strain", "strain_table", "symptoms", "title", "violence_answers", "violence_table",
    "women", "work", "work_situation_table",
]  # fmt: skip
