"""Run the stages of the synthesis that take any people, fitted with hardly any search, and print digests of the tables.

A run of its own: `tests/test_seal.py` starts it under other hash seeds, languages and time zones. The stages of the
months and registers need people fitted to the end; they run in `make data-check`.
"""

import hashlib
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from analysis.synthesis.sfj import continuous_fit, ratings, score_search, scores
from analysis.synthesis.sfj.people import people_stage
from analysis.synthesis.sfj.pipeline import STAGES
from analysis.synthesis.sfj.score_fitting import fit_family
from analysis.synthesis.sfj.settings import SEED, child_generator, read_assumptions
from analysis.synthesis.sfj.targets import read_targets

FEW = {
    "first_walk": [20, 40, [1.0, 0.5]],
    "coarse": {"rounds": 1, "programme": [300, 150], "walk": [10, 40, [0.5, 0.1]], "reach": 0.2},
    "fine": {"rounds": 0, "proposed": 300, "admitted": [100, 100], "walk": [10, 40, [0.05, 0.01]], "reach": 0.1},
    "last_reaches": [],
}
FEW_ROUNDS = 20
FEW_RESTARTS = 2
ONE_IN = 8


def digest(frame: pd.DataFrame) -> str:
    """SHA-256 of a frame written out in full."""
    return hashlib.sha256(frame.to_csv().encode()).hexdigest()


def room_for_few(room: Callable) -> Callable:
    """Room to shift age and income for one person in `ONE_IN`, so that the linear programme is a small one."""

    def own(state, reach):
        return tuple(np.where(np.arange(len(limit)) % ONE_IN == 0, limit, 0.0) for limit in room(state, reach))

    return own


def main() -> None:
    """Print one line a frame: its name and its digest."""
    score_search.ROUNDS = FEW_ROUNDS
    continuous_fit._room = room_for_few(continuous_fit._room)
    ratings.MOST_RESTARTS, ratings.SOLUTIONS = FEW_RESTARTS, 2
    scores.fit_family = partial(fit_family, attempts=1, walks=2)
    targets, assumed = read_targets(), read_assumptions()
    assumed["regression_rounds"] = assumed["regression_rounds"] | FEW
    people = people_stage(child_generator(SEED, "people"), targets, assumed)
    print("people", digest(people))
    for name, stage in STAGES.items():
        for table, frame in stage(people.copy(), child_generator(SEED, name), targets).items():
            print(table, digest(frame))


if __name__ == "__main__":
    main()
