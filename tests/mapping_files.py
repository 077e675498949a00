"""Extracts made in a test: files as text, a mapping as text, and the tables that it makes of them."""

import csv
from pathlib import Path

import pandas as pd

from analysis.study.contract import TABLES
from analysis.study.mapping.reading import Mapped, read_mapping
from analysis.study.problems import Problem
from analysis.study.table_files import RawTable


def mapped(folder: Path, mapping: str, files: dict[str, str | RawTable]) -> Mapped:
    """What a mapping makes of files that are held in memory."""
    (folder / "mapping.yml").write_text(mapping, encoding="utf-8")

    def read(name: str) -> RawTable:
        if name not in files:
            return RawTable(name, pd.DataFrame(), (Problem(name, None, None, "missing_file", "", ""),))
        return files[name] if isinstance(files[name], RawTable) else raw(files[name], name)

    return read_mapping(folder, TABLES, read)


def raw(text: str, name: str = "file.csv") -> RawTable:
    """Cells by line, as the reader of files gives them."""
    header, *lines = csv.reader(text.strip().splitlines())
    cells = pd.DataFrame(lines, columns=header, index=pd.Index(range(2, len(lines) + 2)))
    return RawTable(name, cells.map(lambda cell: cell.strip() or None).astype("str"), header_row=1)


def rows(found: Mapped, table: str) -> list[tuple]:
    """The rows of a table as text, only the columns that have a value, None for an empty cell."""
    assert not found.problems, [str(problem) for problem in found.problems]
    cells = found.tables[table].rows.dropna(axis="columns", how="all")
    return [tuple(cell if isinstance(cell, str) else None for cell in row) for row in cells.itertuples(index=False)]
