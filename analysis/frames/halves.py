"""Random halves of a study's people: what a count is about shows in how it falls when the people are halved."""

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from hashlib import blake2b

import numpy as np
import pandas as pd

from analysis.frames.trial import Trial

# What names a person, or an interview with one, in the tables of a study; a row is its first that is not empty.
PERSON_KEYS = ("participant_id", "referral_id", "person_id", "interview_id")


def random_halves(trial: Trial, number: int) -> list[Trial]:
    """So many trials, each of a random half of the people; the second has those that the first has not.

    Every table keeps the rows of the people drawn; tables about nobody, such as centres, are kept whole. The halves
    are not checked against the contract. Whom a half has hangs on the person's name alone, so that what a count is in
    each half can be set beside what it was in another run, of more people or fewer.
    """
    names = np.unique(np.concatenate([_names(table) for table in trial.tables.values()]).astype(str))
    return [_of(trial, set(names[half])) for half in drawn(names, number)]


def drawn(names: Iterable[object], number: int) -> np.ndarray:
    """Which of the people are in each half, a row for each half: a bit of a hash of the name decides."""
    bits = [list(blake2b(str(name).encode(), digest_size=-(-number // 8)).digest()) for name in names]
    halves = np.unpackbits(np.array(bits, np.uint8).reshape(len(bits), -1), axis=1)[:, :number].T.astype(bool)
    halves[1] = ~halves[0]
    return halves


def _of(trial: Trial, people: set[str]) -> Trial:
    tables = {name: _kept(table, people) for name, table in trial.tables.items()}
    return replace(trial, tables=tables, extract=None, master=None)


def _kept(table: pd.DataFrame, people: set[str]) -> pd.DataFrame:
    names = _names(table)
    return table[pd.Series(names, index=table.index).isin(people)].reset_index(drop=True) if len(names) else table


def _names(table: pd.DataFrame) -> np.ndarray:
    """Whom each row is about; nothing for a table about nobody."""
    keys = [table[key].astype(object) for key in PERSON_KEYS if key in table.columns]
    if not keys:
        return np.array([], dtype=str)
    return reduce(pd.Series.fillna, keys).astype(str).to_numpy()
