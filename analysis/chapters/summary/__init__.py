"""Chapter: the findings of all chapters on one page. Numbers and sentences are those of the chapters themselves."""

from analysis.chapters.summary.answers import answers, known_answers
from analysis.chapters.summary.findings import (
    economic_findings,
    figure_effects,
    health_findings,
    key_numbers,
    limits,
    main_rows,
    table_health,
    table_work,
    title,
    user_findings,
    work_findings,
)

__all__ = [
    "answers", "economic_findings", "figure_effects", "health_findings", "key_numbers", "known_answers", "limits",
    "main_rows", "table_health", "table_work", "title", "user_findings", "work_findings",
]  # fmt: skip
