"""The questions about a trial's results that INSPECT-SR asks, each with the checks of the audit that answer it.

INSPECT-SR (Wilkinson and others 2025, medRxiv 2025.09.03.25334905) is a tool for judging whether a randomised trial can
be trusted; its fourth domain is about results. The words for its items are this book's own.
"""

import pandas as pd

from analysis.published.audit.outcome import HOLDS

# Item → checks that answer it. Items without a check need the protocol, other studies or the data of the participants.
ITEMS: dict[str, tuple[str, ...]] = {
    "criteria": (),
    "baseline": ("one_question", "one_base", "interval_of_answer", "same_row", "share", "columns_in_place"),
    "numbers": (
        "stated_alike", "equal", "same_statement", "same_people", "at_least", "at_most", "in_order", "whole_people",
        "whole_people_in_groups", "counts_behind_shares",
    ),
    "integers": ("whole_number_mean", "binary_sd", "on_scale", "whole_people", "one_base"),
    "statistics": (
        "p_value", "usual_bound", "t_statistic", "t_of_interval", "degrees_of_freedom", "rank_sum", "mean_interval",
        "symmetric_interval", "proportion_interval", "interval_of_answer", "counts_behind_shares", "same_error",
        "same_sign", "chi_square", "difference_of_intervals", "interval_excludes", "significance", "critical_value",
    ),
    "contradictions": (
        "formula", "implied", "parts_of_whole", "rows_in_place", "columns_in_place", "wording", "roughly",
        "nearer_nought", "trailing_noughts",
    ),
    "other_studies": (),
}  # fmt: skip


def answers(found: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """How each item is answered: relations that were checked for it, those that hold, and the findings.

    found: all relations (see `audit.audit`); findings: those that count as findings. One row an item, in the order of
    the tool; all nought where no check can answer.
    """
    rows = [
        (item, int(about.sum()), int((about & (found["verdict"] == HOLDS)).sum()),
         int(findings["check"].isin(checks).sum()))
        for item, checks in ITEMS.items()
        for about in [found["check"].isin(checks)]
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["item", "relations", "holds", "findings"]).set_index("item")
