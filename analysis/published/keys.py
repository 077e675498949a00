"""A table of the engine under the keys that the published report's numbers carry."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from analysis.frames.needs import Absent
from analysis.frames.trial import Trial


def with_printed_keys(table: Any, trial: Trial, chapter: str) -> Any:
    """The table, or Absent, with its rows and columns called as in the study's published report.

    The names stand in as_printed.yml, `rules: {<chapter>.keys: {<table>: {<key here>: <key in print>}}}`; a study
    without such a report, or a table without an entry, keeps its own.
    """
    names = printed_rule(trial, f"{chapter}.keys", {})
    own = {} if isinstance(table, Absent) else names.get(table.key, {})
    if not own:
        return table
    keys = {axis: table.cells[axis].map(lambda key: own.get(key, key)) for axis in ("row", "column")}
    return replace(
        table,
        cells=table.cells.assign(**keys),
        rows=_renamed(table.rows, own),
        columns=_renamed(table.columns, own),
        decimals={_renamed_key(key, own): places for key, places in table.decimals.items()},
    )


def centres_in_print(trial: Trial, chapter: str, table: str) -> dict[str, str]:
    """Code of each centre → its code in the published report, in the report's order, where that names them.

    The names stand among the keys of the table or figure (see `with_printed_keys`); elsewhere centres keep their codes.
    """
    named = printed_rule(trial, f"{chapter}.keys", {}).get(table, {})
    codes = trial.study.centre_codes
    return dict(named) if set(named) == set(codes) else {code: code for code in codes}


def printed_rule(trial: Trial, name: str, default: object) -> object:
    """A rule of the study's published report by name (`rules` of as_printed.yml), or the general one without it."""
    printed = trial.study.as_printed
    return printed.rules.get(name, default) if printed else default


def _renamed(keys: Sequence[str] | Mapping | None, own: Mapping[str, str]) -> Sequence[str] | Mapping | None:
    if isinstance(keys, Mapping):
        return {group: [own.get(key, key) for key in members] for group, members in keys.items()}
    return keys if keys is None else [own.get(key, key) for key in keys]


def _renamed_key(key: str | tuple, own: Mapping[str, str]) -> str | tuple:
    return tuple(own.get(part, part) for part in key) if isinstance(key, tuple) else key
