"""Result tables: cells in long form in, accessible HTML and a download frame out. Rounds, never estimates.

A `Table` holds one row per printed number: `row`, `column`, `statistic`, `value`. Statistics of one cell that belong
together are printed together: “31.4 (28.7–34.0)” for an estimate with its interval, “40.1 (9.8)” for a mean with its
standard deviation, “7.12 (2.30)” for a marginal effect with its z. All other statistics get a column of their own under
the arm's heading. A share is printed in per cent with one decimal, whatever the table says, and a difference of shares
in percentage points; a marginal effect, which can be that of one year of age, gets two decimals. Which words stand
where is the catalogue's business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pandas as pd

from analysis.show import prose
from analysis.show.catalogue import Catalogue
from analysis.show.made_by import made_by_field

CELL_COLUMNS = ("row", "column", "statistic", "value")
TOTAL = "total"  # the column about everybody
# The first of these that a cell has is the one its interval belongs to.
POINT_STATISTICS = (
    "pct", "mean", "b", "difference", "marginal_effect", "estimate", "proportion", "npv", "ratio", "hazard_ratio",
    "odds_ratio", "nok", "value", "score", "kappa", "median",
)  # fmt: skip
_ALIASES = MappingProxyType({"p_lt": "p"})
# Printed in brackets after another statistic of the same cell.
_BRACKETED = MappingProxyType({"mean": "sd", "median": "iqr", "marginal_effect": "z", "t": "df"})
RANGES = (
    ("range_low", "range_high"), ("min", "max"), ("scale_min", "scale_max"), ("months_from", "months_to"),
)  # fmt: skip
_DEFAULT_DECIMALS = MappingProxyType(
    {
        "n": 0, "df": 0, "nok": 0, "year": 0, "months": 0, "month": 0, "days": 0, "rank_sum": 0, "rank_sum_expected": 0,
        "p": 3, "difference": 3, "r2": 3, "z": 2, "t": 2, "b": 2, "kappa": 2,
    }
)  # fmt: skip
# Statistics that hold fractions, printed in per cent or percentage points, and the decimals of whatever is in per cent.
FRACTIONS = ("proportion", "marginal_effect")
PERCENT_DECIMALS = MappingProxyType({"pct": 1, "proportion": 1, "difference": 1, "marginal_effect": 2})


@dataclass(frozen=True)
class Table:
    """One table of the report.

    name: its name in the catalogue; also the download's, unless a published report has its own name for it.
    cells: one row per number: row, column, statistic, value (float, unrounded; NaN prints as an en dash); optional
        `count` (people behind the cell, for disclosure control) and `text` (key in the catalogue's `texts:` to print
        instead of a number) and `hidden` (must not be told; its value is missing). (row, column, statistic) is unique.
    decimals: by statistic, (row, statistic), (column, statistic) or (row, column, statistic); the most specific wins.
        What is printed in per cent has its own (`PERCENT_DECIMALS`).
    fractions: statistics whose values, and the ends of whose intervals, are fractions of 1 and printed in per cent; a
        table whose differences are between shares names "difference", too.
    shares: rows of yes-or-no characteristics, whose means are shares and printed in per cent, too.
    columns, rows: keys in printing order; a mapping {group: keys} prints group headings. None = order of the cells.
    unit, n: catalogue key in `units:` and the number of people the table is about, both printed under the table.
    notes: further notes as `prose.Sentence`, printed after the catalogue's own.
    values: numbers and words for the placeholders of caption and notes (see `prose.Sentence.values`).
    names: by axis (rows, columns, statistics) the group of the study's own names that its keys are labelled with first,
        such as `interview_themes`.
    part: when a published table is printed in several parts, the part's own name; caption and download use both.
    conf_level: level of the intervals, for the headings.
    from_print: whether its numbers come from the published report alone.
    fewest: the fewest people that any of its numbers is computed from, where cells and `n` do not say; not shown.
    of_people: whether what it counts may be people; tallies of printed numbers are not.
    made_by: the chapter's function that made it.
    """

    name: str
    cells: pd.DataFrame
    decimals: Mapping = field(default_factory=dict)
    columns: Sequence[str] | Mapping[str, Sequence[str]] | None = None
    rows: Sequence[str] | Mapping[str, Sequence[str]] | None = None
    unit: str | None = None
    n: int | None = None
    notes: Sequence[prose.Sentence] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    conf_level: float = 0.95
    from_print: bool = False
    fractions: Sequence[str] = FRACTIONS
    shares: Sequence[str] = ()
    fewest: int | None = None
    of_people: bool = True
    made_by: str = made_by_field()

    def __post_init__(self) -> None:
        missing = [column for column in CELL_COLUMNS if column not in self.cells.columns]
        if missing:
            raise ValueError(f"table {self.name}: cells lack the column(s) {', '.join(missing)}")
        twice = self.cells[self.cells.duplicated(["row", "column", "statistic"])]
        if not twice.empty:
            first = twice.iloc[0]
            raise ValueError(
                f"table {self.name}: {len(twice)} cell(s) given twice, first: {first['row']}, {first['column']}, "
                f"{first['statistic']}"
            )
        self._refuse_unknown("row", self.rows)
        self._refuse_unknown("column", self.columns)

    def _refuse_unknown(self, axis: str, wanted: Sequence[str] | Mapping | None) -> None:
        lost = sorted(set(self.cells[axis]) - set(_flat(wanted))) if wanted is not None else []
        if lost:
            raise ValueError(f"table {self.name}: cells with a {axis} that `{axis}s` does not list: {', '.join(lost)}")

    def is_fraction(self, row: str, statistic: str) -> bool:
        """Whether a cell's number is a fraction of 1, or the spread of one, and printed in per cent."""
        return statistic in self.fractions or (statistic in ("mean", "sd") and row in self.shares)

    @property
    def key(self) -> str:
        """Name of the catalogue entry and of the download: the table's name, with the part if there is one."""
        return f"{self.name}_{self.part}" if self.part else self.name


def label_of(table: Table, axis: str, key: str, chapter: str, catalogue: Catalogue) -> str:
    return catalogue.label(chapter, axis, key, table.key, table.names.get(axis))


def cells(rows: Sequence[tuple]) -> pd.DataFrame:
    """Cells from (row, column, statistic, value) tuples; a fifth element is the count behind the cell."""
    names = (*CELL_COLUMNS, "count")
    width = max((len(row) for row in rows), default=len(CELL_COLUMNS))
    frame = pd.DataFrame([tuple(row) + (float("nan"),) * (width - len(row)) for row in rows], columns=names[:width])
    return frame.astype({"value": float})


def _flat(keys: Sequence[str] | Mapping[str, Sequence[str]]) -> list[str]:
    return [key for group in keys.values() for key in group] if isinstance(keys, Mapping) else list(keys)


def _groups(keys: Sequence[str] | Mapping | None, present: pd.Series) -> list[tuple[str | None, list[str]]]:
    """(group or None, keys) in printing order, without keys that have no cell."""
    there = list(dict.fromkeys(present))
    if keys is None:
        return [(None, there)]
    named = list(keys.items()) if isinstance(keys, Mapping) else [(None, keys)]
    kept = [(group, [key for key in members if key in set(there)]) for group, members in named]
    return [(group, members) for group, members in kept if members]


class Formatter:
    """Turns the statistics of one cell into the texts of its slots."""

    def __init__(self, table: Table, chapter: str, catalogue: Catalogue) -> None:
        self.table, self.chapter, self.catalogue = table, chapter, catalogue

    def slots(self, row: str, column: str, found: Mapping[str, float], texts: Mapping[str, str]) -> dict[str, str]:
        """{slot: printed text}; a slot is a statistic, or two joined by “+” when printed together."""
        return {
            slot: texts.get(statistic) or self._print(row, column, used, found)
            for slot, (statistic, used) in slots_of(found).items()
        }

    def _print(self, row: str, column: str, used: Sequence[str], found: Mapping[str, float]) -> str:
        first, *rest = used
        places, unit = self.places(row, column, first), 100 if self.table.is_fraction(row, first) else 1
        if (first, *rest) in RANGES:
            return prose.interval(found[first], found[rest[0]], places, self.catalogue.language)
        text = self._number(first, unit * found[first], places)
        if text == prose.MISSING or not rest:
            return text
        if rest == ["ci_low", "ci_high"]:
            places = places if self._in_percent(row, first) else self.places(row, column, "ci_low", places)
            between = prose.interval(*(unit * found[end] for end in rest), places, self.catalogue.language)
            return text if between == prose.MISSING else f"{text} ({between})"
        second = found[rest[0]] * (100 if self.table.is_fraction(row, rest[0]) else 1)
        return f"{text} ({self._number(rest[0], second, self.places(row, column, rest[0], places))})"

    def _number(self, statistic: str, value: float, places: int) -> str:
        if _ALIASES.get(statistic, statistic) == "p":
            return prose.format_p(value, self.catalogue.language, places, symbol=False)
        return prose.fixed(value, places, self.catalogue.language, grouping=statistic != "year")

    def decimals_told(self) -> list[float | None]:
        """Decimals of each cell in its own unit; None for the ends of intervals, which follow what they belong to."""
        keys = self.table.cells[["row", "column", "statistic"]].itertuples(index=False)
        return [None if key.statistic in ("ci_low", "ci_high") else self._told(*key) for key in keys]

    def _told(self, row: str, column: str, statistic: str) -> int:
        """A share that is printed in per cent has two decimals more than are printed."""
        return self.places(row, column, statistic) + (2 if self.table.is_fraction(row, statistic) else 0)

    def _in_percent(self, row: str, statistic: str) -> bool:
        return statistic == "pct" or self.table.is_fraction(row, statistic)

    def places(self, row: str, column: str, statistic: str, fallback: int | None = None) -> int:
        """Decimals with which a statistic of a cell is printed."""
        if self._in_percent(row, statistic):
            return PERCENT_DECIMALS.get(statistic, 1)
        known, usual = self.table.decimals, _ALIASES.get(statistic, statistic)
        for key in ((row, column, statistic), (row, statistic), (column, statistic), statistic):
            if key in known:
                return known[key]
        if fallback is not None and usual not in _DEFAULT_DECIMALS:
            return fallback
        return _DEFAULT_DECIMALS.get(usual, 1)

    def heading(self, slot: str) -> str:
        """Heading of a slot: “% (95% CI)”, “Mean (SD)”, “p-value”."""
        first, _, second = slot.partition("+")
        text = self._statistic(first)
        return f"{text} ({self._statistic(second)})" if second else text

    def _statistic(self, statistic: str) -> str:
        label = label_of(self.table, "statistics", statistic, self.chapter, self.catalogue)
        level = prose.fixed(100 * self.table.conf_level, 0, self.catalogue.language)
        return label.replace("{level}", level)


def slots_of(found: Sequence[str] | Mapping[str, float]) -> dict[str, tuple[str, list[str]]]:
    """Slot → the first statistic of a cell that asks for it, and all that are printed there, in printing order."""
    left, slots = dict.fromkeys(found), {}
    for statistic in found:
        if statistic in left:
            slot, used = _slot(statistic, found)
            for name in used:
                left.pop(name, None)
            slots[slot] = statistic, used
    return slots


def _slot(statistic: str, found: Mapping[str, float]) -> tuple[str, list[str]]:
    """The slot a statistic is printed in, and all statistics printed there with it."""
    for low, high in RANGES:
        if statistic in (low, high) and low in found and high in found:
            return low.removesuffix("_low").removesuffix("_from").removesuffix("_min"), [low, high]
    owner = next((name for name in POINT_STATISTICS if name in found), None)
    has_interval = "ci_low" in found and "ci_high" in found
    if has_interval and owner and statistic in (owner, "ci_low", "ci_high"):
        return f"{owner}+ci", [owner, "ci_low", "ci_high"]
    for first, second in _BRACKETED.items():
        free = not (has_interval and first == owner)
        if free and statistic in (first, second) and first in found and second in found:
            return f"{first}+{second}", [first, second]
    return _ALIASES.get(statistic, statistic), [statistic]


@dataclass(frozen=True)
class Grid:
    """A table laid out for printing, all texts final.

    columns: (group, column, slots) in order; rows: (group, row keys); body: {(row, column): {slot: text}}.
    """

    columns: list[tuple[str | None, str, list[str]]]
    rows: list[tuple[str | None, list[str]]]
    body: dict[tuple[str, str], dict[str, str]]

    @property
    def width(self) -> int:
        """Number of body columns without the row headings."""
        return sum(len(slots) for _, _, slots in self.columns)


def lay_out(table: Table, chapter: str, catalogue: Catalogue) -> Grid:
    """Round and merge the cells and decide which slots each column prints.

    A slot gets a column of its own when it occurs in more than a third as many rows as the column's commonest slot;
    a row whose statistics are rarer (the “n” and “R²” lines under a regression) prints across the column's width.
    """
    formatter = Formatter(table, chapter, catalogue)
    body = {}
    for (row, column), records in by_cell(table).items():
        found = {record["statistic"]: record["value"] for record in records}
        body[row, column] = formatter.slots(row, column, found, _texts(records, chapter, catalogue, table.key))
    columns = [
        (group, column, _main_slots(body, column))
        for group, members in _groups(table.columns, table.cells["column"])
        for column in members
    ]
    return Grid(columns, _groups(table.rows, table.cells["row"]), body)


def by_cell(table: Table) -> dict[tuple[str, str], list[dict]]:
    """(row, column) → what `cells` says of each of its statistics, in their order."""
    found: dict[tuple[str, str], list[dict]] = {}
    for record in table.cells.to_dict("records"):
        found.setdefault((record["row"], record["column"]), []).append(record)
    return found


def _texts(records: Sequence[Mapping], chapter: str, catalogue: Catalogue, result: str) -> dict[str, str]:
    hidden = {record["statistic"]: prose.HIDDEN for record in records if record.get("hidden")}
    return hidden | {
        record["statistic"]: catalogue.label(chapter, "texts", record["text"], result)
        for record in records
        if pd.notna(record.get("text"))
    }


def _main_slots(body: Mapping, column: str) -> list[str]:
    counts: dict[str, int] = {}
    for (_, other), slots in body.items():
        if other == column:
            for slot in slots:
                counts[slot] = counts.get(slot, 0) + 1
    most = max(counts.values())
    return [slot for slot, times in counts.items() if times > most / 3]


def adds_up(table: Table, chapter: str, catalogue: Catalogue) -> bool:
    """Whether every difference of two columns, as printed, is that of their printed shares or means."""
    formatter, body = Formatter(table, chapter, catalogue), {}
    for row, column, statistic, value in table.cells[list(CELL_COLUMNS)].itertuples(index=False):
        unit = 100 if statistic in table.fractions else 1
        body[row, column, statistic] = (unit * value, formatter.places(row, column, statistic))
    gaps = [(row, column) for row, column, statistic in body if statistic == "difference" and "_minus_" in column]
    return all(_difference_adds_up(body, row, column) for row, column in gaps)


def _difference_adds_up(body: Mapping, row: str, column: str) -> bool:
    arms = column.split("_minus_")
    for statistic in ("pct", "proportion", "mean"):
        sides = [body.get((row, arm, statistic)) for arm in arms]
        if all(sides) and not prose.adds_up(*sides, body[row, column, "difference"]):
            return False
    return True


def as_told(table: Table, chapter: str, catalogue: Catalogue) -> Table:
    """The table with its numbers rounded as a reader sees them, and without the people behind them."""
    places, last = [], {}
    for (row, column), told in zip(zip(table.cells["row"], table.cells["column"], strict=True),
                                   Formatter(table, chapter, catalogue).decimals_told(), strict=True):  # fmt: skip
        last[row, column] = last.get((row, column), 0) if told is None else told
        places.append(last[row, column])
    values = [value if value != value else prose.round_half_up(value, place)
              for value, place in zip(table.cells["value"], places, strict=True)]  # fmt: skip
    return replace(table, cells=table.cells.assign(value=values).drop(columns="count", errors="ignore"))


def download_frame(table: Table, chapter: str, catalogue: Catalogue, name: str | None = None) -> pd.DataFrame:
    """The table's numbers, unrounded, one row each, with the labels a reader sees beside the keys; `name` names it."""
    frame = table.cells.copy()
    if "hidden" in frame:
        frame["value"] = frame["value"].astype(object).mask(frame.pop("hidden"), prose.HIDDEN)
    for position, (axis, group) in enumerate((("row", "rows"), ("column", "columns"))):
        labels = [label_of(table, group, key, chapter, catalogue) for key in frame[axis]]
        frame.insert(2 * position + 1, f"{axis}_label", labels)
    frame.insert(0, "table", name or table.key)
    return frame
