"""Agreement of coders as chapters show it: the cells of its coefficients, and what alpha allows to say."""

import pandas as pd

from analysis.methods.agreement import RELIABLE, TENTATIVE
from analysis.show.prose import Number, count, decimal, tally


def coefficient_cells(found: pd.DataFrame) -> list[tuple]:
    """Cells of a table with one row a coefficient."""
    return [
        (row["method"], column, statistic, value, row["df"])
        for row in found.to_dict("records")
        for column, statistic, value in (
            ("coefficient", "value", row["estimate"]),
            ("coefficient", "ci_low", row["conf_low"]),
            ("coefficient", "ci_high", row["conf_high"]),
            ("equal", "pct", 100 * row["statistic_value"]),
            ("decisions", "n", row["df"]),
        )
    ]


def read_alpha(found: pd.DataFrame) -> tuple[str, dict[str, Number]]:
    """Whether alpha with its interval is enough to rely on, by the marks of Krippendorff (2004).

    The end of the sentence's name (enough, too_low, between or unknown), and its numbers.
    """
    row = found.set_index("method").loc["krippendorff_alpha"]
    if pd.isna(row["conf_low"]):
        return "unknown", {"decisions": count(row["df"])}
    reading = "enough" if row["conf_low"] >= RELIABLE else "too_low" if row["conf_high"] < TENTATIVE else "between"
    values = {"alpha": "estimate", "low": "conf_low", "high": "conf_high"}
    told = {name: decimal(row[column], 2) for name, column in values.items()}
    marks = {"reliable": tally(RELIABLE, 2), "tentative": tally(TENTATIVE, 2)}
    return reading, {**told, **marks, "level": tally(100 * row["conf_level"])}
