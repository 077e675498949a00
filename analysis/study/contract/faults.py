"""How a cross-table rule reports: one `Problem` per row that breaks it, located by the line in the file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.study.problems import Problem
from analysis.study.settings import Study

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Rule:
    """A rule over one or more tables.

    reads: the columns of each table that it needs; the check gets these and no others, and only rows without a fault
    in them. statement: the rule in one sentence, printed in the data dictionary. check: called with the tables, each
    indexed by line in its file, and the study; yields a Problem per row that breaks the rule. settings: those of
    study.yml that it goes by. whole: tables of which a single row left out would make other rows seem wrong, so that
    the rule is not held to anything while one of their rows has a fault.
    """

    reads: Mapping[str, tuple[str, ...]]
    statement: str
    check: Callable[[Tables, Study | None], Iterator[Problem]]
    settings: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()


def faults(table: str, broken: pd.Series, column: str | None, kind: str, cause: str, remedy: str) -> Iterator[Problem]:
    """One Problem per row of a table where `broken` (bool, indexed by line) holds."""
    for line in broken.index[broken.fillna(False).astype(bool)]:
        yield Problem(f"{table}.csv", int(line), column, kind, cause, remedy)


def looked_up(frame: pd.DataFrame, key: str, source: pd.DataFrame, column: str) -> pd.Series:
    """Value of a column of another table for each row of frame, by a key that is unique there; missing if absent."""
    unique = source.drop_duplicates(key).dropna(subset=[key])
    return unique.set_index(key)[column].reindex(frame[key]).set_axis(frame.index)
