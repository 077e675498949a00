"""Which formula for an interval the report used: each tried on every printed share, from the printed numbers alone."""

from collections.abc import Iterable

import pandas as pd

from analysis.chapters.participants.shares import cell, cell_frame
from analysis.methods.proportions import INTERVALS, proportion_interval
from analysis.published.scorecard import read_published
from analysis.show.prose import round_half_up
from analysis.show.tables import Table

# Columns of the published tables, and the numbers of people who can have answered: all of them, or up to some dozens
# fewer; a few questions were put to a part of the participants only.
_EVERYBODY = (*range(870, 1013), *range(1160, 1194), *range(540, 565), *range(605, 631))
BLOCKS = {
    "table_02": ("table_02", ("total", "control", "sfj"), _EVERYBODY),
    "table_05_study_population": ("table_05", ("study_population",), _EVERYBODY),
    "table_05_ordinary_sfj": ("table_05", ("ordinary_sfj",), tuple(range(50, 81))),
}
_PRINTED = ["n", "pct", "ci_low", "ci_high"]


def interval_formulas() -> Table:
    """Printed shares given back by each formula, by block of the published tables, and how many were printed.

    A share counts as given back when, for some number of people who can have answered, share and both limits round to
    the print. A formula that fits by luck at some such number counts too, so the counts overlap.
    """
    cells = []
    for block, (source, columns, sizes) in BLOCKS.items():
        printed = _printed_shares(source, columns)
        cells.append(cell("printed_shares", block, "n", len(printed)))
        fits = {
            formula: {share.Index for share in printed.itertuples() if _gives_back(share, formula, sizes)}
            for formula in INTERVALS
        }
        cells += [cell(formula, block, "n", len(shares)) for formula, shares in fits.items()]
        cells.append(cell("wald_or_wilson", block, "n", len(fits["wald"] | fits["wilson"])))
    return Table("interval_formulas", cell_frame(cells), columns=list(BLOCKS))


def _printed_shares(source: str, columns: Iterable[str]) -> pd.DataFrame:
    """One row per printed share with an interval: n, pct, ci_low, ci_high."""
    published = read_published()
    own = published[(published["source"] == source) & published["column"].isin(columns)]
    wide = own.pivot(index=["row", "column"], columns="statistic", values="value")
    return wide[_PRINTED].dropna()


def _gives_back(share: tuple, formula: str, sizes: Iterable[int]) -> bool:
    for size in sizes:
        if share.n < size and _prints(100 * share.n / size, share.pct):
            low, high = proportion_interval(int(share.n), size, formula)
            if _prints(100 * low, share.ci_low) and _prints(100 * high, share.ci_high):
                return True
    return False


def _prints(value: float, printed: float) -> bool:
    return round_half_up(value, 1) == printed
