"""The published figures: every number the evaluation report prints, one row a number."""

from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parent.parent / "data" / "published"
CELLS, RELATIONS = DATA / "published_cells.csv", DATA / "relations.yml"
KEY = ["source", "row", "column", "statistic"]


def read_published(path: Path = CELLS) -> pd.DataFrame:
    """The printed numbers, one row each: id, source, row, column, statistic, value, decimals, line, note.

    Numbers stand as the report prints them, also where the report is wrong. A missing note is an empty text.
    """
    return pd.read_csv(path, dtype={"id": str, "note": str}, keep_default_na=False).astype({"value": float})
