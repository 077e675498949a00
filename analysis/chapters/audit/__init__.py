"""Chapter: do the published report's own numbers agree? What stands, what changes, the findings, what they move.

Which numbers of the economic calculation are shown on the way to its end, which numbers each conclusion rests on, and
where the report is quoted from are rules of the report (`audit.chain`, `audit.conclusions` and `audit.quoted` in
as_printed.yml).
"""

from analysis.chapters.audit.economics import (
    consequence,
    consequence_of_doubt,
    corrected_break_even,
    figure_slips,
    slip_sentences,
    table_corrected,
)
from analysis.chapters.audit.findings import (
    anchor,
    last_digits,
    last_digits_title,
    listing,
    other_findings,
    other_title,
    proofs,
    quoted_findings,
)
from analysis.chapters.audit.overview import (
    figure_map,
    key_numbers,
    overview,
    summary,
    table_checks,
    table_intervals,
    table_trust,
    title,
)

__all__ = [
    "anchor",
    "consequence",
    "consequence_of_doubt",
    "corrected_break_even",
    "figure_map",
    "figure_slips",
    "key_numbers",
    "last_digits",
    "last_digits_title",
    "listing",
    "other_findings",
    "other_title",
    "overview",
    "proofs",
    "quoted_findings",
    "slip_sentences",
    "summary",
    "table_checks",
    "table_corrected",
    "table_intervals",
    "table_trust",
    "title",
]
