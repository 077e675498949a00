"""Table 23 on least satisfaction: its rows as printed, and in the order that the text of section 7.4 supports.

Everything here is about the print, whatever the data are. Which row's numbers stand where is said, with the evidence,
in `published/moved.yml`.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from analysis.chapters.user_survey.open_answers import TOO_SHORT, category_place
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.published.moved import printed_row
from analysis.published.prints import PublishedReport, report_of
from analysis.published.registry import published
from analysis.show.figures import Figure
from analysis.show.places import places
from analysis.show.prose import Label, Sentence
from analysis.show.tables import Table, cells
from analysis.study.contract.answer_tables import ANSWER_CATEGORIES

CHAPTER, TABLE = "user_survey", "table_23"
_NEEDS = ("published:moved", "as_printed")
# Rows of the table as its text orders them: too short is a part of the first.
ROWS = (ANSWER_CATEGORIES[0], TOO_SHORT, *ANSWER_CATEGORIES[1:])
PRINTED, TEXT = ORDERS = ("printed", "text")


def both_orders(report: PublishedReport) -> pd.DataFrame:
    """One row per column of the print, category and order: n, pct (NaN where the print has none), known_by."""
    return pd.DataFrame(_both_orders(report), columns=["column", "row", "order", "n", "pct", "known_by"])


def _both_orders(report: PublishedReport) -> Iterator[tuple]:
    numbers = report.cells.set_index(["source", "row", "column", "statistic"])["value"]
    known = {(each.column, each.counts): each.known_by for each in report.moved}
    for column in dict.fromkeys(each.column for each in report.moved):
        for row in ROWS:
            for order in ORDERS:
                place = row if order == PRINTED else printed_row(report.moved, TABLE, column, row)
                found = [numbers.get((TABLE, place, column, statistic), math.nan) for statistic in ("n", "pct")]
                yield column, row, order, *found, known.get((column, row), "not_printed")


@published("printed_order", CHAPTER, about_print=True)
@needs(*_NEEDS)
def printed_order(trial: Trial) -> Table:
    """Number and per cent in each row as printed and by the text, and how the latter is known."""
    rows = [cell for row in both_orders(report_of(trial)).to_dict("records") for cell in _order_cells(row)]
    frame = pd.DataFrame(rows, columns=["row", "column", "statistic", "value", "text"])
    columns = list(dict.fromkeys(frame["column"]))
    groups = {name: [key for key in columns if key.endswith(name)] for name in _names(columns)}
    return Table("printed_order", frame, rows=list(ROWS), columns=groups)


def _names(columns: list[str]) -> list[str]:
    return list(dict.fromkeys(column.split("_", 1)[1] for column in columns))


def _order_cells(row: dict) -> Iterator[tuple]:
    column = f"{row['order']}_{row['column']}"
    for statistic in ("n", "pct"):
        nothing = "no_row" if row["order"] == PRINTED else "not_printed"
        yield row["row"], column, statistic, row[statistic], nothing if math.isnan(row[statistic]) else None
    if row["order"] == TEXT:
        yield row["row"], column, "known_by", math.nan, row["known_by"]


@published("printed_counts", CHAPTER, about_print=True)
@needs(*_NEEDS)
def printed_counts(trial: Trial) -> Table:
    """Section 7.4's counts of one or both waves beside the table's own row and the row that they fit."""
    report = report_of(trial)
    numbers = report.cells.set_index(["source", "row", "column", "statistic"])["value"]
    rows = []
    for each in (each for each in report.moved if each.evidence):
        key = f"{each.counts}_{each.column}"
        for address in each.evidence:
            place = tuple(address.split("/"))
            rows.append((key, f"at_{place[2].rsplit('_', 1)[1]}", "n", numbers[place]))
        own = numbers.get((TABLE, each.counts, each.column, "n"), math.nan)
        rows += [(key, "own_row", "n", own), (key, "fits", "n", numbers[TABLE, each.printed, each.column, "n"])]
    return Table("printed_counts", cells(rows), columns=["at_6m", "at_12m", "own_row", "fits"])


@published("printed_order_figures", CHAPTER, about_print=True)
@needs(*_NEEDS)
def printed_order_figures(trial: Trial) -> list[Figure]:
    """One figure a column of the print: per cent in each row as printed and by the text."""
    found = both_orders(report_of(trial)).assign(estimate=lambda frame: frame["pct"] / 100)
    said = printed_order_said(trial)
    return [
        Figure(
            f"printed_order_{column}",
            "dots",
            part[["row", "order", "estimate"]],
            options={"percent": True, "series": "order"},
            values={"column": Label("columns", column)},
            entry="printed_order",
            finding=replace(own, key="printed_order_drawn", from_print=True),
        )
        for own, (column, part) in zip(said, found.groupby("column", sort=False), strict=True)
    ]


@published("printed_order_said", CHAPTER, about_print=True)
@needs(*_NEEDS)
def printed_order_said(trial: Trial) -> list[Sentence]:
    """The two largest shares of each column, more where some tie: whose they are as printed and by the text."""
    found = both_orders(report_of(trial))
    said = []
    for column, part in found.groupby("column", sort=False):
        values: dict[str, object] = {"column": Label("columns", column)}
        for order in ORDERS:
            shares = part[part["order"] == order].set_index("row")["pct"]
            values[order] = tuple(map(category_place, places(shares.to_dict(), fewest=2, decimals=1)))
        said.append(Sentence("printed_order", values))
    return said
