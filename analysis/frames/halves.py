"""Random halves of a study's people: what a count is about shows in how it falls when the people are halved."""

from dataclasses import replace
from functools import reduce

import numpy as np
import pandas as pd

from analysis.frames.trial import Trial

# What names a person, or an interview with one, in the tables of a study; a row is its first that is not empty.
PERSON_KEYS = ("participant_id", "referral_id", "person_id", "interview_id")


def random_halves(trial: Trial, number: int, seed: int = 0) -> list[Trial]:
    """So many trials, each of a random half of the people; the second has those that the first has not.

    Every table keeps the rows of the people drawn; tables about nobody, such as centres, are kept whole. The halves
    are not checked against the contract. The same seed gives the same halves.
    """
    names = np.unique(np.concatenate([_names(table) for table in trial.tables.values()]).astype(str))
    drawn = np.random.default_rng(seed).random((number, len(names))) < 0.5
    drawn[1] = ~drawn[0]
    return [_of(trial, set(names[draw])) for draw in drawn]


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
