"""The eleven questions about a trial's results that INSPECT-SR asks, each with the checks of the audit that answer it.

INSPECT-SR (Wilkinson and others 2025, medRxiv 2025.09.03.25334905) is a tool for judging whether a randomised trial can
be trusted; its fourth domain is about results. The numbers are the tool's, the words for its items this book's own.
Items 4.1 to 4.3, 4.6, 4.7 and 4.10 were read in the tool's guidance (inspect.sr, 2026); what 4.4, 4.5, 4.8, 4.9 and
4.11 ask was known from texts that apply the tool.
"""

from collections.abc import Collection

import pandas as pd

from analysis.published.audit.outcome import HOLDS

# Checks that hold a number to a bound: they tell of people where all their numbers are counts, else of other numbers.
BOUNDS = ("at_least", "at_most", "in_order")

# Item → checks that answer it, wherever they are applied; single relations may answer it, too (`asks`). Items without
# any need numbers of the protocol, other studies, experts or participants' data.
ITEMS: dict[str, tuple[str, ...]] = {
    "criteria": (),
    "allocation": ("drawn_by_lot",),
    "baseline": ("one_question", "one_base", "interval_of_answer", "same_row", "share", "columns_in_place"),
    "places": ("stated_alike", "equal", "same_statement", "same_row", "roughly", "wording"),
    "follow_up": (),
    "numbers": ("same_people", "whole_people", "whole_people_in_groups", "counts_behind_shares", *BOUNDS),
    "outcomes": ("on_scale",),
    "integers": ("whole_number_mean", "binary_sd", "on_scale", "whole_people", "one_base"),
    "statistics": (
        "p_value", "usual_bound", "t_statistic", "t_of_interval", "degrees_of_freedom", "rank_sum", "mean_interval",
        "symmetric_interval", "proportion_interval", "interval_of_answer", "counts_behind_shares", "same_error",
        "same_sign", "chi_square", "difference_of_intervals", "interval_excludes", "significance", "critical_value",
    ),
    "contradictions": (
        "formula", "implied", "parts_of_whole", "rows_in_place", "columns_in_place", "nearer_nought",
        "trailing_noughts", *BOUNDS,
    ),
    "documents": (),
}  # fmt: skip
# The item that any check answers when its numbers stand in several documents.
DOCUMENTS = "documents"


def answers(found: pd.DataFrame, findings: pd.DataFrame, documents: Collection[str] = ()) -> pd.DataFrame:
    """How each item is answered: relations that were checked for it, those that hold, and the findings.

    found: all relations (see `audit.audit`); findings: those that count as findings; documents: places in the printed
    numbers that are texts of their own, such as a press summary. One row an item, in the order of the tool; all nought
    where no check can answer.
    """
    rows = []
    for item, checks in ITEMS.items():
        about, failing = (
            _between(frame, documents) if item == DOCUMENTS else _asked(frame, item, checks)
            for frame in (found, findings)
        )
        rows.append((item, int(about.sum()), int((about & (found["verdict"] == HOLDS)).sum()), int(failing.sum())))
    return pd.DataFrame(rows, columns=["item", "relations", "holds", "findings"]).set_index("item")


def _asked(frame: pd.DataFrame, item: str, checks: Collection[str]) -> pd.Series:
    """Whether a relation answers an item: by its check, or by what it says itself."""
    counts = pd.Series([all(each.endswith("/n") for each in addresses) for addresses in frame["addresses"]],
                       index=frame.index, dtype=bool)  # fmt: skip
    elsewhere = {"numbers": ~counts, "contradictions": counts}.get(item, False) & frame["check"].isin(BOUNDS)
    return frame["check"].isin(checks) & ~elsewhere | (frame["asks"] == item)


def _between(frame: pd.DataFrame, documents: Collection[str]) -> pd.Series:
    """Whether the numbers of a relation stand in more than one document; all other places are one."""
    texts = [{place if place in documents else "" for place in (each.split("/")[0] for each in addresses)}
             for addresses in frame["addresses"]]  # fmt: skip
    return pd.Series([len(each) > 1 for each in texts], index=frame.index, dtype=bool)
