"""Tables in a database of one file: DuckDB and SQLite. Both are opened to read, and nothing but the file is."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from analysis.study.table_files.raw import Content, Flaw, Unreadable, cell_texts

_SQLITE = b"SQLite format 3\0"
# How a journal begins from which SQLite would first take back what was half written.
_UNDONE = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_SQLITE_NAMES = "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%'"
_DUCKDB_NAMES = "select table_name from information_schema.tables"


def tables_of(path: Path) -> list[str]:
    """Names of its tables and views, in alphabetical order."""
    with closing(_connected(path)) as database:
        return sorted(name for (name,) in database.execute(_names(path)).fetchall())


def read_database(path: Path, table: str | None) -> Content:
    """The table or view of this name, in any case; the only one if no name is given. Row numbers count from 1."""
    names = tables_of(path)
    same = [name for name in names if table is None or name.lower() == table.lower()]
    if len(same) != 1:
        count = f"{len(names)} tables" if len(names) != 1 else "one table"
        cause = f"The database has {count}, and not one of them is the table meant."
        raise Unreadable(Flaw("missing_table", cause, "Name the table in the database as the study calls it."))
    quoted = same[0].replace('"', '""')
    with closing(_connected(path)) as database:
        rows = database.execute(f'select {_columns(database, quoted)} from "{quoted}"')
        header = [str(about[0]).strip() for about in rows.description]
        columns = list(zip(*rows.fetchall(), strict=True)) or [()] * len(header)
    return Content(header, [cell_texts(column) for column in columns], range(1, len(columns[0]) + 1), [_program(path)])


def _columns(database: Any, quoted: str) -> str:
    """All columns; times of a time zone as text, since DuckDB hands them over only to who has a library for them."""
    about = database.execute(f'select * from "{quoted}" limit 0').description
    zoned = [name.replace('"', '""') for name, kind, *_ in about if str(kind) == "TIMESTAMP WITH TIME ZONE"]
    casts = ", ".join(f'"{name}"::varchar as "{name}"' for name in zoned)
    return f"* replace ({casts})" if casts else "*"


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _program(path: Path) -> str:
    return "SQLite" if _is_sqlite(path) else "DuckDB"


def _names(path: Path) -> str:
    return _SQLITE_NAMES if _is_sqlite(path) else _DUCKDB_NAMES


def _connected(path: Path) -> Any:
    if _is_sqlite(path):
        return _sqlite(path)
    import duckdb

    closed = {"enable_external_access": "false", "autoinstall_known_extensions": "false"}
    return duckdb.connect(str(path), read_only=True, config=closed)


def _sqlite(path: Path) -> sqlite3.Connection:
    """Opened as a file that does not change, so that nothing is written beside it."""
    log, undo = (path.with_name(f"{path.name}-{ending}") for ending in ("wal", "journal"))
    if (log.is_file() and log.stat().st_size) or (undo.is_file() and undo.read_bytes().startswith(_UNDONE)):
        cause = "Another program has the database open, or did not close it: it is not whole yet."
        raise Unreadable(Flaw("unreadable_file", cause, "Close the database there."))
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
