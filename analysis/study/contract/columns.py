"""Kinds of columns and the table builder: pandera schemas that also carry what the data dictionary prints.

Types in memory: codes, identifiers and text are strings; dates are datetime64; whole numbers and decimals without
missing values are int64 and float64; whole numbers that may be missing are float64 with NaN (every value still
whole); flags are bool, or the nullable `boolean` when they may be missing.
"""

import sys

import pandas as pd
import pandera.pandas as pa

from analysis.study.time_units import A_DAY, EARLIEST, LATEST

_FINITE = sys.float_info.max
KINDS = ("identifier", "code", "text", "date", "integer", "decimal", "flag")
CODE_PATTERN = r"[a-z][a-z0-9_]*"


def identifier(description: str, letter: str, *, nullable: bool = False) -> pa.Column:
    """A pseudonym: one letter and at least four digits. National identity numbers do not fit and are refused."""
    pattern = pa.Check.str_matches(rf"^{letter}[0-9]{{4,}}\Z")
    return _column("identifier", str, description, [pattern], f"{letter} and at least four digits", nullable=nullable)


def any_identifier(description: str) -> pa.Column:
    """A pseudonym: capital letters and at least two digits."""
    pattern = pa.Check.str_matches(r"^[A-Z]+[0-9]{2,}\Z")
    return _column("identifier", str, description, [pattern], "capital letters and at least two digits")


def code(description: str, *values: str, nullable: bool = False) -> pa.Column:
    """One of a closed list of codes."""
    allowed = "one of " + ", ".join(values)
    return _column("code", str, description, [pa.Check.isin(values)], allowed, nullable=nullable)


def study_code(description: str, setting: str, *, nullable: bool = False) -> pa.Column:
    """A code that the study's own settings list, checked by a cross-table rule."""
    pattern = pa.Check.str_matches(rf"^{CODE_PATTERN}\Z")
    allowed = f"a code listed under {setting} in study.yml"
    return _column("code", str, description, [pattern], allowed, nullable=nullable)


def text(description: str, *, nullable: bool = False) -> pa.Column:
    """Short text without a closed list."""
    return _column("text", str, description, [], "text", nullable=nullable)


def day(description: str, *, nullable: bool = False, empty: str = "if unknown") -> pa.Column:
    """A calendar date. empty: when the cell is left empty, said to whoever wrote something else, such as 9999-12-31."""
    plausible = pa.Check.in_range(pd.Timestamp(EARLIEST), pd.Timestamp(LATEST))
    return _column("date", "datetime64[ns]", description, [plausible], A_DAY, nullable=nullable, empty=empty)


def integer(
    description: str, low: int, high: int | None, *, unit: str | None = None, nullable: bool = False
) -> pa.Column:
    """A whole number within closed bounds (no upper bound when high is None)."""
    whole = pa.Check(lambda values: values % 1 == 0, name="whole_number")
    allowed = f"a whole number {_bounds(low, high)}"
    return _column(
        "integer",
        "float64" if nullable else "int64",
        description,
        [whole, _range(low, high)],
        allowed,
        unit=unit,
        nullable=nullable,
    )


def number(description: str, *, unit: str | None = None, nullable: bool = False) -> pa.Column:
    """A number without bounds."""
    finite = pa.Check(lambda values: values.abs() < float("inf"), name="finite")
    return _column("decimal", "float64", description, [finite], "a number", unit=unit, nullable=nullable)


def decimal(
    description: str, low: float, high: float | None, *, unit: str | None = None, nullable: bool = False
) -> pa.Column:
    """A number within closed bounds (no upper bound when high is None)."""
    return _column(
        "decimal",
        "float64",
        description,
        [_range(low, high)],
        f"a number {_bounds(low, high)}",
        unit=unit,
        nullable=nullable,
    )


def flag(description: str, *, nullable: bool = False) -> pa.Column:
    """true or false."""
    return _column("flag", "boolean" if nullable else "bool", description, [], "true or false", nullable=nullable)


def table(
    name: str,
    description: str,
    columns: dict[str, pa.Column],
    *,
    key: tuple[str, ...] = (),
    source: str,
) -> pa.DataFrameSchema:
    """One table of a study. description says what one row is; key names the columns that identify a row."""
    return pa.DataFrameSchema(
        columns,
        name=name,
        description=description,
        unique=list(key) or None,
        strict=True,
        metadata={"key": key, "source": source},
    )


def with_columns(schema: pa.DataFrameSchema, columns: dict[str, pa.Column]) -> pa.DataFrameSchema:
    """The table with some of its columns declared anew, or with further ones behind."""
    metadata = schema.metadata
    return table(
        schema.name,
        schema.description,
        {**schema.columns, **columns},
        key=metadata["key"],
        source=metadata["source"],
    )


def kind_of(column: pa.Column) -> str:
    """Kind of a column, one of KINDS."""
    return column.metadata["kind"]


def allowed_in(column: pa.Column) -> str:
    """What a column may hold, in words that complete the sentence `Allowed is ...`."""
    return column.metadata["allowed"]


def emptied_when(column: pa.Column) -> str:
    """When a cell that may be empty is, in words that complete the sentence `Leave it empty ...`."""
    return column.metadata["empty"]


def values_of(column: pa.Column) -> tuple[str, ...]:
    """The codes of a column with a closed list; none for any other."""
    checks = column.checks if kind_of(column) == "code" else []
    return tuple(checks[0].statistics.get("allowed_values", ())) if checks else ()


def needed(column: pa.Column) -> pa.Column:
    """The column as one that must be filled in every row; for kinds whose type does not depend on that."""
    return pa.Column(column.dtype, column.checks, description=column.description, metadata=column.metadata)


def _column(
    kind: str,
    dtype: object,
    description: str,
    checks: list[pa.Check],
    allowed: str,
    *,
    unit: str | None = None,
    nullable: bool = False,
    empty: str = "if unknown",
) -> pa.Column:
    metadata = {"kind": kind, "unit": unit, "allowed": allowed, "empty": empty}
    return pa.Column(dtype, checks, nullable=nullable, description=description, metadata=metadata)


def _range(low: float, high: float | None) -> pa.Check:
    return pa.Check.in_range(low, _FINITE if high is None else high)


def _bounds(low: float, high: float | None) -> str:
    return f"of at least {low}" if high is None else f"from {low} to {high}"
