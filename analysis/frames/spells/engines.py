"""Where expressions over a register run: embedded DuckDB, which takes people by turns and spills to disk, or Spark.

Both are given the same expression. A register is a folder with a Parquet file, or a folder of such files, for each
table; tables but `participants` may be missing.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.frames.spells.cells import TABLES

if TYPE_CHECKING:
    import duckdb
    from ibis.expr.types import Table

Build = Callable[[Mapping[str, "Table"]], "Table"]
# What the embedded engine may hold in memory, and how many people it takes at a time: their months fit into that.
MEMORY, AT_A_TIME = "2GB", 50_000
_SQL = {"string": "VARCHAR", "date": "DATE", "float64": "DOUBLE"}


class NoRegister(Exception):
    """A folder that holds no register, with what is missing and the remedy."""


class NoEngine(Exception):
    """An engine that cannot be had here, with the remedy."""


def run(folder: Path, build: Build, engine: str = "duckdb", memory: str = MEMORY) -> list[pd.DataFrame]:
    """What an expression gives for a register, a frame for each group of people that was taken by itself.

    `build` makes the expression from tables named and typed as `cells.TABLES`; nothing in it may cross people, but that
    it counts them. engine: `duckdb`, or the address of a Spark cluster (`spark://host:port`, `local[2]`).
    Raises NoRegister and NoEngine.
    """
    files = register_files(folder)
    if engine == "duckdb":
        return list(_with_duckdb(files, build, memory))
    return [_with_spark(files, build, engine)]


def compiled(build: Build, dialect: str) -> str:
    """The expression as SQL over tables of those names."""
    import ibis

    sources = {name: ibis.table(ibis.schema(columns), name=name) for name, columns in TABLES.items()}
    getattr(ibis, dialect)  # has its options only once it was asked for
    return str(ibis.to_sql(build(sources), dialect=dialect))


def register_files(folder: Path) -> dict[str, list[Path]]:
    """The Parquet files of each table of a register. Raises NoRegister."""
    found = {}
    for name in TABLES:
        one, many = folder / f"{name}.parquet", sorted((folder / name).glob("*.parquet"))
        found[name] = [one] if one.is_file() else many
    if not found["participants"]:
        raise NoRegister(f"{folder}: no participants.parquet and no folder participants/ with Parquet files. Name the "
                         "folder of a register, or make one with `simulate-register`.")  # fmt: skip
    return found


# DuckDB


def _with_duckdb(files: Mapping[str, Sequence[Path]], build: Build, memory: str) -> Iterator[pd.DataFrame]:
    query = compiled(build, "duckdb")
    with duckdb_for(memory) as (connection, spill):
        starts = _view_all(connection, files, spill)
        for first, after in zip(starts, [*starts[1:], None], strict=True):
            for name in TABLES:
                inside = f"participant_id >= {_quoted(first)}"
                inside += f" AND participant_id < {_quoted(after)}" if after else ""
                connection.execute(f"CREATE OR REPLACE VIEW {name} AS FROM all_{name} WHERE {inside}")
            yield connection.execute(query).df()


@contextmanager
def duckdb_for(memory: str) -> Iterator[tuple["duckdb.DuckDBPyConnection", Path]]:
    """A connection that holds so much in memory and lays the rest down in a folder, which goes with it."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="register-") as spill:
        settings = {"memory_limit": memory, "temp_directory": spill, "preserve_insertion_order": "false"}
        with duckdb.connect(config=settings) as connection:
            yield connection, Path(spill)


def _view_all(connection: "duckdb.DuckDBPyConnection", files: Mapping[str, Sequence[Path]], spill: Path) -> list[str]:
    """Views of whole tables, named `all_<table>`; returns the first participant of each group that is taken by itself.

    Files in the order of participants are skipped where a group is not in them; others are put into order first, once.
    """
    for name, paths in files.items():
        connection.execute(f"CREATE VIEW all_{name} AS {_select(connection, name, list(map(str, paths)))}")
    places = "SELECT participant_id, row_number() OVER (ORDER BY participant_id) - 1 AS place FROM all_participants"
    starts = connection.execute(
        f"SELECT participant_id FROM ({places}) WHERE place % {AT_A_TIME} = 0 ORDER BY place"
    ).fetchall()
    for name, paths in files.items() if len(starts) > 1 else ():
        if paths and not _is_in_order(connection, paths):
            sorted_file = str(spill / f"{name}.parquet")
            ordered = f"FROM all_{name} ORDER BY participant_id"
            connection.execute(f"COPY ({ordered}) TO {_quoted(sorted_file)} (ROW_GROUP_SIZE 100000)")
            connection.execute(f"CREATE OR REPLACE VIEW all_{name} AS FROM {_quoted(sorted_file)}")
    return [start for (start,) in starts]


def _select(connection: "duckdb.DuckDBPyConnection", name: str, paths: list[str]) -> str:
    """The columns of one table in their types; one that files lack is missing, a table without files has no rows."""
    there = set()
    if paths:
        there = {row[0] for row in connection.execute("DESCRIBE FROM read_parquet(?)", [paths]).fetchall()}
        _refuse_nameless(name, paths, there)
    columns = ", ".join(
        f"CAST({column if column in there else 'NULL'} AS {_SQL[kind]}) AS {column}"
        for column, kind in TABLES[name].items()
    )
    source = f" FROM read_parquet([{', '.join(map(_quoted, paths))}])" if paths else " WHERE false"
    return f"SELECT {columns}{source}"


# What no row of a table can be without; everything else may be missing.
_NEEDED = {
    "participants": ("participant_id", "included_on"),
    "benefit_spells": ("participant_id", "benefit", "from_date"),
    "job_spells": ("participant_id", "from_date"),
    "aap_hours": ("participant_id", "period_start", "hours_worked"),
}


def _refuse_nameless(name: str, paths: Sequence[str], there: set[str]) -> None:
    if lacking := [column for column in _NEEDED[name] if column not in there]:
        raise NoRegister(f"{paths[0]}: no column {', '.join(lacking)}. Name the columns as the data dictionary does "
                         f"(`python -m analysis dictionary`, table {name}).")  # fmt: skip


def _is_in_order(connection: "duckdb.DuckDBPyConnection", paths: Sequence[Path]) -> bool:
    """Whether the files' own statistics say that each block of rows has later participants than the one before."""
    blocks = (
        "SELECT stats_min_value AS low, "
        "lag(stats_max_value) OVER (ORDER BY stats_min_value, stats_max_value) AS before "
        "FROM parquet_metadata(?) WHERE path_in_schema = 'participant_id'"
    )
    answer = connection.execute(
        f"SELECT bool_and(low >= coalesce(before, low)) FROM ({blocks})", [list(map(str, paths))]
    ).fetchone()
    return bool(answer and answer[0])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# Spark


def _with_spark(files: Mapping[str, Sequence[Path]], build: Build, address: str) -> pd.DataFrame:
    with spark_at(address) as session:
        for name, paths in files.items():
            _spark_table(session, name, paths).createOrReplaceTempView(name)
        return session.sql(compiled(build, "pyspark")).toPandas()


@contextmanager
def spark_at(address: str):
    """A Spark session at an address, ended with what it is for. Raises NoEngine without PySpark or Java."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NoEngine("--engine: PySpark is not installed. Install it with `make venv SPARK=1`, or leave the engine "
                       "out to use DuckDB.") from error  # fmt: skip
    builder = SparkSession.builder.appName("register").master(address)
    for name, value in {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC"}.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        cause = f"--engine {address}: no Spark there ({error}). Is Java 17 installed, and the cluster up?"
        raise NoEngine(cause) from error
    try:
        yield session
    finally:
        session.stop()


def _spark_table(session, name: str, paths: Sequence[Path]):
    """One table as `_select` makes it."""
    from pyspark.sql import functions as f

    kinds = {"string": "string", "date": "date", "float64": "double"}
    if not paths:
        columns = ", ".join(f"{column} {kinds[kind]}" for column, kind in TABLES[name].items())
        return session.createDataFrame([], columns)
    table = session.read.parquet(*(path.absolute().as_uri() for path in paths))
    _refuse_nameless(name, list(map(str, paths)), set(table.columns))
    return table.select(*(
        (f.col(column) if column in table.columns else f.lit(None)).cast(kinds[kind]).alias(column)
        for column, kind in TABLES[name].items()
    ))  # fmt: skip
