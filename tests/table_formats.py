"""The same tables in every format: each writer gives a study folder its tables anew, as another program would."""

import gzip
import sqlite3
import tarfile
from pathlib import Path

import duckdb
import pandas as pd
import pyreadstat

from analysis.study.contract import TABLES
from analysis.study.contract.columns import kind_of, values_of

REFERENCE = Path(__file__).parent / "reference"


def as_text(name, frame, *, day="{:%Y-%m-%d}", point=".", flags=("false", "true"), missing=""):
    """The table as text, one form for each kind of column."""
    return pd.DataFrame({column: frame[column].map(_writer(kind_of(TABLES[name].columns[column]), day, point, flags))
                        .astype(object).where(frame[column].notna(), _gap(name, column, missing))
                         for column in frame}, index=frame.index)  # fmt: skip


def _writer(kind, day, point, flags):
    if kind == "date":
        return lambda value: None if pd.isna(value) else day.format(value)
    if kind in ("integer", "decimal"):
        return lambda value: None if pd.isna(value) else f"{value:.10g}".replace(".", point)
    if kind == "flag":
        return lambda value: None if pd.isna(value) else flags[bool(value)]
    return lambda value: value


def _gap(name, column, missing):
    """A text may be any text, so that nothing stands for a missing one but an empty cell."""
    return "" if kind_of(TABLES[name].columns[column]) == "text" else missing


def text_writer(ending, encoding="utf-8", separator=",", pack=bytes, **forms):
    """A writer of text files."""

    def write(folder, tables):
        for name, frame in tables.items():
            text = as_text(name, frame, **forms).to_csv(index=False, sep=separator)
            (folder / f"{name}{ending}").write_bytes(pack(text.encode(encoding)))

    return write


def excel(folder, tables):
    """A workbook a table, dates as dates."""
    for name, frame in tables.items():
        frame.to_excel(folder / f"{name}.xlsx", index=False)


def workbook(folder, tables):
    """One workbook with a sheet a table."""
    with pd.ExcelWriter(folder / "study.XLSX", engine="openpyxl") as book:
        for name, frame in tables.items():
            frame.to_excel(book, sheet_name=name, index=False)


def parquet(folder, tables):
    for name, frame in tables.items():
        frame.to_parquet(folder / f"{name}.parquet")


def stata(folder, tables):
    """Codes and flags are numbers with value labels, dates count days."""
    for name, frame in tables.items():
        numbers, labels = _labelled(name, frame, no=0, yes=1)
        days = {column: "td" for column in numbers if numbers[column].dtype.kind == "M"}
        path = folder / f"{name}.dta"
        numbers.to_stata(path, write_index=False, version=118, convert_dates=days, value_labels=labels)


def spss(folder, tables):
    """As for Stata, but no is 1 and yes is 2."""
    for name, frame in tables.items():
        numbers, labels = _labelled(name, frame, no=1, yes=2)
        days = {column: "EDATE10" for column in numbers if numbers[column].dtype.kind == "M"}
        path = str(folder / f"{name}.sav")
        pyreadstat.write_sav(numbers, path, variable_format=days, variable_value_labels=labels)


def _labelled(name, frame, no, yes):
    """Numbers instead of codes and flags, and by column what each number stands for."""
    columns, labels = {}, {}
    for column, values in frame.items():
        kind, codes = kind_of(TABLES[name].columns[column]), values_of(TABLES[name].columns[column])
        meant = {"nei": no, "ja": yes} if kind == "flag" else {code: number for number, code in enumerate(codes, 1)}
        words = values.map({False: "nei", True: "ja"}) if kind == "flag" else values
        if meant:
            columns[column], labels[column] = words.map(meant).astype(float), {v: k for k, v in meant.items()}
        elif kind in ("identifier", "code", "text"):
            columns[column] = values.astype(object).where(values.notna(), "")
        else:
            columns[column] = values if kind == "date" else values.astype(float)
    return pd.DataFrame(columns), labels


def sas(folder, tables):
    """What `reference/handmade_sas.py` wrote of the handmade study; no package for Python writes this format."""
    with tarfile.open(REFERENCE / "handmade_sas.tar.xz") as archive:
        archive.extractall(folder, filter="data")


def duck(folder, tables):
    with duckdb.connect(folder / "study.duckdb") as database:
        for name, frame in tables.items():
            database.register("frame", frame)
            database.execute(f"create table {name.upper()} as select * from frame")
            database.unregister("frame")


def sqlite(folder, tables):
    database = sqlite3.connect(folder / "study.db")
    for name, frame in tables.items():
        frame.to_sql(name, database, index=False)
    database.close()


FORMATS = {
    "semicolons": text_writer(".csv", "cp1252", ";", day="{:%d.%m.%Y}", point=",", flags=("nei", "ja"), missing="NA"),
    "tabs": text_writer(".tsv", "utf-16", "\t", day="{:%Y-%m-%d 00:00:00}", flags=("FALSE", "TRUE"), missing="."),
    "packed": text_writer(".TXT.GZ", "utf-8-sig", "|", gzip.compress, flags=("0", "1"), day="{:%Y%m%d}"),
    "quoted": text_writer(".CSV", "latin-1", ",", point=",", flags=("False", "True"), day="{:%Y-%m-%dT00:00}"),
    "excel": excel,
    "workbook": workbook,
    "parquet": parquet,
    "stata": stata,
    "spss": spss,
    "sas": sas,
    "duckdb": duck,
    "sqlite": sqlite,
}
