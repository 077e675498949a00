"""Frames → the CSV files of a study folder, the same bytes every time."""

from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import pandas as pd
import pandera.pandas as pa

from analysis.study.contract import TABLES
from analysis.study.contract.columns import kind_of


def write_tables(
    tables: dict[str, pd.DataFrame], folder: Path, contract: Mapping[str, pa.DataFrameSchema] = TABLES
) -> None:
    """Write each table to `<folder>/<name>.csv`."""
    for name, frame in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            write_table(name, frame, file, contract[name])


def write_table(name: str, frame: pd.DataFrame, file: TextIO, schema: pa.DataFrameSchema | None = None) -> None:
    """One table with the columns of the contract in their order, those that somebody has made.

    Raises ValueError for a column that the contract does not know, or needs and nobody has made.
    """
    known = (schema or TABLES[name]).columns
    unknown = [column for column in frame if column not in known]
    if unknown:
        raise ValueError(f"{name}: the contract has no column {', '.join(unknown)}")
    lacking = [column for column in known if column not in frame and not known[column].nullable]
    if lacking:
        raise ValueError(f"{name}: nobody has made the column {', '.join(lacking)}")
    columns = [column for column in known if column in frame]
    text = frame.reindex(columns=columns)
    flags = [column for column in columns if text[column].dtype in ("bool", "boolean")]
    text = text.assign(**{column: text[column].map({True: "true", False: "false"}) for column in flags})
    # Whole numbers that may be missing are decimals in memory: written as 2, not as 2.0.
    whole = [column for column in columns if kind_of(known[column]) == "integer"]
    text = text.assign(**{column: text[column].astype("Int64") for column in whole})
    text.to_csv(file, index=False, lineterminator="\n", date_format="%Y-%m-%d")
