"""Frames → the CSV files of a study folder, the same bytes every time."""

from pathlib import Path

import pandas as pd

from analysis.contract import TABLES
from analysis.contract.columns import kind_of


def write_tables(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write each table with the columns of the contract in their order, adding those not made yet as empty."""
    for name, frame in tables.items():
        columns = list(TABLES[name].columns)
        unknown = [column for column in frame if column not in columns]
        if unknown:
            raise ValueError(f"{name}: the contract has no column {', '.join(unknown)}")
        text = frame.reindex(columns=columns)
        for column in text.columns[text.dtypes == bool]:
            text[column] = text[column].map({True: "true", False: "false"})
        for column in text.select_dtypes("float"):
            if kind_of(TABLES[name].columns[column]) == "integer":
                text[column] = text[column].astype("Int64")
        for column in text.select_dtypes("boolean"):
            text[column] = text[column].map({True: "true", False: "false"})
        text.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", date_format="%Y-%m-%d")
