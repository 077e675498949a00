"""What `mapping.yml` may say: from which files and columns of an extract each table is made, and how."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from analysis.study.design import SETTINGS, Code, Text
from analysis.study.time_units import Unit

FILE = "mapping.yml"
# How days are written, as mapping.yml says it and as the reader of dates wants it. Of a month or a year without a day,
# `day` says which is meant.
DATE_FORMATS = {
    "yyyy-mm-dd": "%Y-%m-%d",
    "dd.mm.yyyy": "%d.%m.%Y",
    "dd/mm/yyyy": "%d/%m/%Y",
    "mm/dd/yyyy": "%m/%d/%Y",
    "dd-mm-yyyy": "%d-%m-%Y",
    "yyyymmdd": "%Y%m%d",
    "ddmmyyyy": "%d%m%Y",
    "yyyy-mm": "%Y-%m",
    "mm.yyyy": "%m.%Y",
    "yyyymm": "%Y%m",
    "yyyy": "%Y",
}
DateFormat = Literal[tuple(DATE_FORMATS)]
# Columns that every source has beside those of its files; the last three after `wide` only.
LINE, UNIT, FIRST_DAY, LAST_DAY = "(line)", "(unit)", "(first_day)", "(last_day)"


def as_day(text: str) -> date | None:
    """The day that a setting gives; None when it names a column instead."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _cell(value: Any) -> str | None:
    """A value as it stands in a table; YAML reads 1, 0.5, true and nothing for what they are."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)) or value is None:
        return None if value is None else str(value)
    raise ValueError("The value cannot be used. Allowed is a text, a number, true or false")


def _raw(value: Any) -> str:
    """A value as it stands in a file of the extract."""
    if isinstance(value, bool):
        raise ValueError('YAML reads yes, no, on, off, true and false as truth; put the word in quotes: "no"')
    text = _cell(value)
    if text is None:
        raise ValueError("An empty cell is missing without being told; name a value")
    return text


def _bound(value: Any) -> float | date:
    if isinstance(value, str) and (day := as_day(value)):
        return day
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise ValueError("The value cannot be used. Allowed is a number, or a date written YYYY-MM-DD")


def _units(value: Any) -> Any:
    """`{from: 1, to: 52}` for a list of all of them."""
    if not isinstance(value, dict):
        return value
    if set(value) == {"from", "to"} and all(isinstance(end, int) for end in value.values()):
        return list(range(value["from"], value["to"] + 1))
    raise ValueError("The value cannot be used. Allowed is a list of numbers, or {from: 1, to: 52}")


def _filled(value: Any) -> Any:
    if not value:
        raise ValueError("Nothing is listed here")
    return value


def _rule(value: Any) -> Any:
    """The name of a column alone stands for a rule with nothing but the column."""
    return {"column": _raw(value)} if isinstance(value, (str, bool)) else value


Cell = Annotated[str | None, BeforeValidator(_cell)]
Raw = Annotated[str, BeforeValidator(_raw)]
Bound = Annotated[Any, AfterValidator(_bound)]
Filled = AfterValidator(_filled)
Names = Annotated[tuple[Text, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value), Filled]


@dataclass(frozen=True, config=SETTINGS)
class FieldRule:
    """How one field of a table is made; what is given is done in the order of the settings here.

    column: the column of the extract it comes from; or constant: one value for every row. missing: values that mean
    that nothing is known. values: code of the extract → value of the field; a code that is not listed is a problem,
    unless `otherwise` gives the value of all others. date: how the day is written; the file's own way (`dates`) without
    it. day: which day is meant where only a month or a year is given. age_on: the column is an age in completed years
    on this day, or on the day in this column; the field is the birth date in the middle of the year that fits.
    add_days: days to add, such as -1 for an end that is not included. not_before and not_after: a day, or a column with
    one, to which an earlier or later day is moved; not_after also ends what has no end. take: year, the year of a day.
    factor: what a number is multiplied by, to come to the unit of the field. decimals: places to round it to.
    prefix: letters before an identifier, whose digits are filled up to four. numbered: the identifier is replaced by a
    running number, the same for the same value in every table.
    """

    column: Text | None = None
    constant: Cell = None
    missing: tuple[Raw, ...] = ()
    values: Mapping[Raw, Cell] = field(default_factory=dict)
    otherwise: Cell = None
    date: DateFormat | None = None
    day: Literal["first", "middle", "last"] = "first"
    age_on: Text | None = None
    add_days: int = 0
    not_before: Text | None = None
    not_after: Text | None = None
    take: Literal["year"] | None = None
    factor: float | None = None
    decimals: Annotated[int, Field(ge=0)] | None = None
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]+$")] | None = None
    numbered: bool = False

    @model_validator(mode="after")
    def _has_one_origin(self) -> "FieldRule":
        if (self.column is None) == (self.constant is None):
            raise ValueError("a field has a column or a constant, one of them")
        if self.otherwise is not None and not self.values:
            raise ValueError("otherwise is for what values does not list")
        if self.numbered and not self.prefix:
            raise ValueError("a numbered identifier needs its prefix, such as P")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the extract that the field needs, its own first."""
        named = (self.column, self.age_on, self.not_before, self.not_after)
        return tuple(name for name in named if name and not as_day(name))


Rule = Annotated[FieldRule, BeforeValidator(_rule)]


@dataclass(frozen=True, config=SETTINGS)
class Filter:
    """Rows that are kept; all others are left out and counted under the filter's name.

    The cell of the column is one of `is`, none of `is_not`, at least or at most a number or day, filled or not. An
    empty cell is in no list and neither above nor below anything; `or_empty` keeps it, such as the end of what still
    runs.
    """

    name: Text
    column: Text
    among: Annotated[tuple[Raw, ...], Field(alias="is")] = ()
    not_among: Annotated[tuple[Raw, ...], Field(alias="is_not")] = ()
    at_least: Bound | None = None
    at_most: Bound | None = None
    filled: bool | None = None
    or_empty: bool = False
    date: DateFormat | None = None

    @model_validator(mode="after")
    def _keeps_something_out(self) -> "Filter":
        given = (self.among, self.not_among, self.at_least is not None, self.at_most is not None)
        if not any(given) and self.filled is None:
            raise ValueError("a filter needs is, is_not, at_least, at_most or filled")
        return self


@dataclass(frozen=True, config=SETTINGS)
class Join:
    """Another file whose columns are put beside the rows, by a key that stands once in it.

    by: the column with the key in both; or other: what the other file calls it. Rows without a partner stay, with empty
    cells.
    """

    file: Text
    by: Text
    other: Text | None = None

    @property
    def key(self) -> str:
        """The column with the key in the other file."""
        return self.other or self.by


@dataclass(frozen=True, config=SETTINGS)
class Wide:
    """Columns that say the same of one time unit after the other, and become one row a unit.

    columns: new name → the columns' name with n for the number of the unit, nn with at least two digits: `uke_{nn}`.
    units: the numbers. unit: how long each is. starts: a day in the first of them, or the column with one for each row.
    every: how many units are put together, such as two weeks for a form of 14 days. A unit whose cells are all empty
    gives no row and is counted. The rows have the columns (unit), (first_day) and (last_day).
    """

    columns: Annotated[Mapping[Text, Annotated[str, StringConstraints(pattern=r"\{n+\}")]], Filled]
    units: Annotated[tuple[int, ...], BeforeValidator(_units), Filled]
    unit: Unit
    starts: Text
    every: Annotated[int, Field(ge=1)] = 1

    def column(self, template: str, unit: int) -> str:
        """The column of the file that holds a unit."""
        digits = template.count("n", template.index("{"), template.index("}"))
        return template.replace("{" + "n" * digits + "}", f"{unit:0{digits}d}")


@dataclass(frozen=True, config=SETTINGS)
class Source:
    """One file, or several of one layout, that give rows of a table."""

    file: Names
    fields: Mapping[Code, Rule]
    join: tuple[Join, ...] = ()
    wide: Wide | None = None
    keep: tuple[Filter, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Every file it reads."""
        return (*self.file, *(join.file for join in self.join))

    @property
    def columns(self) -> frozenset[str]:
        """Every column of its files that it needs."""
        named = {name for rule in self.fields.values() for name in rule.columns} | {kept.column for kept in self.keep}
        keys = {name for join in self.join for name in (join.by, join.key)}
        units = {self.wide.column(template, unit) for template in self.wide.columns.values()
                 for unit in self.wide.units} | {self.wide.starts} if self.wide else set()  # fmt: skip
        return frozenset(named | keys | units)


@dataclass(frozen=True, config=SETTINGS)
class TableRule:
    """One table of the contract: its sources one below the other.

    merge: spells that touch or overlap and agree in all but their days become one. sum: fields that are added where
    rows agree in all others; the sum is missing where a part is.
    """

    sources: Annotated[tuple[Source, ...], Filled]
    merge: bool = False
    sum: tuple[Code, ...] = ()


@dataclass(frozen=True, config=SETTINGS)
class TableMapping:
    """All settings of a mapping. dates: how days are written where a field does not say it. missing: values that mean
    that nothing is known, in every column."""

    tables: Mapping[Code, TableRule]
    dates: DateFormat = "yyyy-mm-dd"
    missing: tuple[Raw, ...] = ()
