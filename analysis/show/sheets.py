"""What a workbook holds of a result: headings, and cells that are real numbers, each with the format it is shown in.

A page keeps one sheet a result; `analysis.book.office` makes the workbook of a chapter of them. A number is the one of
the CSV file, and its format shows it as the page does. Never estimates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from analysis.show import prose
from analysis.show.catalogue import Catalogue
from analysis.show.files import significant
from analysis.show.kinds import COLUMN
from analysis.show.listing import Listing
from analysis.show.tables import RANGES, Formatter, Table, by_cell, label_of, lay_out, slots_of

# Keeps sheets, and what the workbook says of itself, until it is made; not handed out.
FOLDER, ABOUT = ".sheets", "about.json"
_SHARE, _WHOLE, _GENERAL = "0.0%", "#,##0", "General"
# Whole numbers of these columns are names of a time, not amounts.
_TIMES = ("year", "month", "week", "wave", "until")
_RESULTS = ("estimate", "conf_low", "conf_high")

Cell = tuple[Any, str]  # a number or text, and the format of a number


@dataclass(frozen=True)
class Sheet:
    """One result: `name` of its download, `kind` (table, figure, listing), texts, headings, and rows of cells.

    texts: what stands below it on the page, a line each. alt: what a figure shows, in words.
    """

    name: str
    kind: str
    caption: str
    texts: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    alt: str = ""

    @property
    def plain(self) -> dict:
        """As plain content of a JSON file."""
        return asdict(self)


def of_frame(frame: pd.DataFrame, percent: bool = False) -> tuple[list[str], list[list[Cell]]]:
    """Headings and rows of a frame as its CSV file has them; `percent`: results are fractions shown in per cent."""
    formats = [_format_of(frame[name], str(name), percent) for name in frame]
    rows = [[_cell(value, form) for value, form in zip(row, formats, strict=True)] for row in frame.to_numpy(object)]
    return _distinct([str(name) for name in frame]), rows


def _format_of(column: pd.Series, name: str, percent: bool) -> str:
    if percent and name in _RESULTS:
        return _SHARE
    numbers = pd.to_numeric(column, errors="coerce").dropna()
    if name in _TIMES or not len(numbers):
        return _GENERAL
    return _WHOLE if (numbers == numbers.round()).all() else _GENERAL


def _cell(value: Any, form: str) -> Cell:
    if isinstance(value, bool):
        return str(value), ""
    if isinstance(value, int | float) or hasattr(value, "dtype"):
        return (None, "") if pd.isna(value) else (significant(float(value)), form)
    return (None, "") if value is None or value is pd.NA or value == "" else (str(value), "")


def of_listing(listing: Listing, told: pd.DataFrame) -> tuple[list[str], list[list[Cell]]]:
    """Headings and rows of a listing's download `told`; where it is what the page shows, its numbers are numbers."""
    if listing.download is not None:
        return of_frame(told)
    heads, rows = of_frame(told)
    for row, shown in zip(rows, listing.frame.to_numpy(), strict=True):
        row[: len(shown)] = [_of_number(given) if isinstance(given, prose.Number) else cell
                             for given, cell in zip(shown, row, strict=False)]  # fmt: skip
    return heads, rows


def _of_number(number: prose.Number) -> Cell:
    if pd.isna(number.value):
        return prose.MISSING, ""
    value = number.value / 1e6 if number.kind == "million_nok" else number.value
    places = prose.decimals_told(number) + 6 * (number.kind == "million_nok")
    form = number_format(places, statistic=number.kind) + '"%"' * (number.kind == "percent")
    return significant(float(abs(value) if number.kind == "points" else value)), form


def of_table(table: Table, chapter: str, catalogue: Catalogue) -> tuple[list[str], list[list[Cell]]]:
    """Headings and rows of a table as it is printed, but for one number a cell.

    Where numbers have kinds, the last column says them, one for the row or one behind each heading.
    """
    grid, formatter = lay_out(table, chapter, catalogue), Formatter(table, chapter, catalogue)
    found = _numbers(table, formatter)
    columns = [(group, column, name) for group, column, _ in grid.columns for name in _statistics(table, column)]
    corner = catalogue.get(f"{chapter}.tables.{table.key}.corner") or catalogue.text("common.table.corner")
    is_grouped = any(group is not None for group, _ in grid.rows)
    heads = _distinct([_heading(place, table, chapter, catalogue, formatter) for place in columns])
    kinds = _kinds(table)
    rows = []
    for group, members in grid.rows:
        above = label_of(table, "row_groups", group, chapter, catalogue) if group is not None else ""
        for row in members:
            own = [found.get((row, *place[1:]), (None, "")) for place in columns]
            named = {head: kinds.get((row, *place[1:]), "") for head, place in zip(heads, columns, strict=True)}
            told = [(_joined(named), "")] if kinds else []
            label = (label_of(table, "rows", row, chapter, catalogue), "")
            rows.append([*([(above, "")] if is_grouped else []), label, *own, *told])
    words = [catalogue.text("common.sheets.group")] if is_grouped else []
    last = [catalogue.text("common.sheets.kind")] if kinds else []
    return _distinct([*words, str(corner), *heads, *last]), rows


def _statistics(table: Table, column: str) -> list[str]:
    return list(dict.fromkeys(table.cells.loc[table.cells["column"] == column, "statistic"]))


def _kinds(table: Table) -> dict[tuple[str, str, str], str]:
    if COLUMN not in table.cells:
        return {}
    told = table.cells[["row", "column", "statistic", COLUMN]].itertuples(index=False)
    return {tuple(place): kind for *place, kind in told}


def _joined(kinds: Mapping[str, str]) -> str:
    """The kind of most numbers of a row; behind it each other kind with the headings of its numbers."""
    heads: dict[str, list[str]] = {}
    for head, kind in kinds.items():
        if kind:
            heads.setdefault(kind, []).append(head)
    first, *others = sorted(heads, key=lambda kind: -len(heads[kind])) or [""]
    return "; ".join([first, *(f"{kind}: {' + '.join(heads[kind])}" for kind in others)])


def _heading(
    place: tuple[str | None, str, str], table: Table, chapter: str, catalogue: Catalogue, formatter: Formatter
) -> str:
    group, column, statistic = place
    parts = [label_of(table, "column_groups", group, chapter, catalogue) if group is not None else "",
             label_of(table, "columns", column, chapter, catalogue), _of_statistic(statistic, table, formatter)]
    return ", ".join(filter(None, parts))


def _of_statistic(statistic: str, table: Table, formatter: Formatter) -> str:
    """What heads a statistic; a page has one heading for both ends of a range."""
    there = set(table.cells["statistic"])
    for low, high in RANGES:
        if statistic in (low, high) and {low, high} <= there:
            end = formatter.catalogue.text(f"common.sheets.{'low' if statistic == low else 'high'}")
            return ", ".join(filter(None, [formatter.heading(low), end]))
    return formatter.heading(statistic)


def _numbers(table: Table, formatter: Formatter) -> dict[tuple[str, str, str], Cell]:
    """(row, column, statistic) → what its cell of a sheet holds."""
    cells: dict[tuple[str, str, str], Cell] = {}
    has_text, has_hidden = "text" in table.cells, "hidden" in table.cells
    for (row, column), records in by_cell(table).items():
        formats = {name: form for _, used in slots_of([record["statistic"] for record in records]).values()
                   for name, form in _formats(row, column, used, table, formatter)}  # fmt: skip
        for record in records:
            place = (row, column, record["statistic"])
            if has_hidden and record["hidden"]:
                cells[place] = (prose.HIDDEN, "")
            elif has_text and pd.notna(record["text"]):
                words = formatter.catalogue.label(formatter.chapter, "texts", record["text"], table.key)
                cells[place] = (words, "")
            elif pd.isna(record["value"]):
                cells[place] = (prose.MISSING, "")
            else:
                cells[place] = (significant(float(record["value"])), formats[record["statistic"]])
    return cells


def _formats(
    row: str, column: str, used: Sequence[str], table: Table, formatter: Formatter
) -> list[tuple[str, str]]:  # fmt: skip
    """Each statistic of a slot with the format in which a page prints it; see `Formatter`."""
    first, *rest = used
    is_share, places = table.is_fraction(row, first), formatter.places(row, column, first)
    formats = [(first, number_format(places, is_share, first))]
    for name in rest:
        if name in ("ci_low", "ci_high"):
            own = places if is_share or first == "pct" else formatter.places(row, column, "ci_low", places)
            formats.append((name, number_format(own, is_share)))
        else:
            own = formatter.places(row, column, name, places)
            formats.append((name, number_format(own, table.is_fraction(row, name))))
    return formats


def number_format(places: int, is_share: bool = False, statistic: str = "") -> str:
    """The format of a spreadsheet for a number of so many decimals; a year is not grouped."""
    digits = f".{'0' * places}" if places > 0 else ""
    if is_share:
        return f"0{digits}%"
    return f"0{digits}" if statistic in _TIMES else f"#,##0{digits}"


def _distinct(heads: Sequence[str]) -> list[str]:
    """Headings, each different from those before it whatever the case, as a table of a spreadsheet needs them."""
    seen: dict[str, int] = {}
    told = []
    for head in heads:
        known = head.strip() or "–"
        seen[known.lower()] = seen.get(known.lower(), 0) + 1
        told.append(known if seen[known.lower()] == 1 else f"{known} ({seen[known.lower()]})")
    return told


