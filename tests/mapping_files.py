"""Extracts made in a test: files as text, a mapping as text, and the tables that it makes of them."""

import csv
from pathlib import Path

import pandas as pd

from analysis.study.contract import TABLES
from analysis.study.mapping.reading import Mapped, read_mapping
from analysis.study.problems import Problem

MISSING = Problem("", None, None, "missing_file", "", "")


def mapped(folder: Path, mapping: str, files: dict[str, str]) -> Mapped:
    """What a mapping makes of files that are held in memory."""
    (folder / "mapping.yml").write_text(mapping, encoding="utf-8")

    def read(name: str) -> tuple[pd.DataFrame | None, list[Problem]]:
        return (frame(files[name]), []) if name in files else (None, [MISSING])

    return read_mapping(folder, TABLES, read)


def frame(text: str) -> pd.DataFrame:
    """Cells by line, as the reader of files gives them."""
    header, *rows = csv.reader(text.strip().splitlines())
    index = pd.Index(range(2, len(rows) + 2))
    return pd.DataFrame(rows, columns=header, index=index).map(lambda cell: cell.strip() or None).astype("str")


def rows(found: Mapped, table: str) -> list[tuple]:
    """The rows of a table as text, only the columns that have a value, None for an empty cell."""
    assert not found.problems, [str(problem) for problem in found.problems]
    cells = found.tables[table].rows.dropna(axis="columns", how="all")
    return [tuple(cell if isinstance(cell, str) else None for cell in row) for row in cells.itertuples(index=False)]
