"""Chapter: who took part? Tables 1–6 and A.1 and Figures 1–2 of the report, balance, and ordinary users beside them."""

from analysis.chapters.participants.background import table_02, table_05, text_1, text_3_1
from analysis.chapters.participants.burdens import (
    table_03,
    table_04,
    table_06,
    table_a1,
    text_3_2,
    text_3_3,
    text_3_4,
)
from analysis.chapters.participants.comparisons import figure_balance, representativeness_table
from analysis.chapters.participants.formulas import interval_formulas
from analysis.chapters.participants.inclusion import figure_01, figure_02, table_01, text_3, text_3_5
from analysis.chapters.participants.sentences import (
    age,
    allocation,
    allocation_phases,
    answered,
    balance_reading,
    complaints,
    education,
    flow,
    inflow,
    interval_choice,
    key_numbers,
    reference_reading,
    referral,
    strain,
    symptoms,
    title,
    women,
    work,
)

__all__ = [
    "age", "allocation", "allocation_phases", "answered", "balance_reading", "complaints", "education",
    "figure_01", "figure_02", "figure_balance", "flow", "inflow", "interval_choice", "interval_formulas",
    "key_numbers", "reference_reading", "referral", "representativeness_table", "strain", "symptoms",
    "table_01", "table_02", "table_03", "table_04", "table_05", "table_06", "table_a1", "text_1", "text_3",
    "text_3_1", "text_3_2", "text_3_3", "text_3_4", "text_3_5", "title", "women", "work",
]  # fmt: skip
