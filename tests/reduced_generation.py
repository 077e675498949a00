"""Run all stages of the synthesis once, with hardly any rounds of search, and print a digest of every table.

A run of its own: `tests/test_seal.py` starts it under other hash seeds, languages, time zones and numbers of threads.
"""

import hashlib
import io
from unittest import mock

from analysis.synthesis import pipeline, score_fitting, settings
from analysis.synthesis.writing import write_table

FEW = {
    "first_walk": [20, 40, [1.0, 0.5]],
    "coarse": {"rounds": 1, "programme": [300, 150], "walk": [10, 40, [0.5, 0.1]], "reach": 0.2},
    "fine": {"rounds": 1, "proposed": 300, "admitted": [100, 100], "walk": [10, 40, [0.05, 0.01]], "reach": 0.1},
    "last_reaches": [0.05],
}


def reduced_assumptions() -> dict:
    """The assumptions of the synthesis with few rounds."""
    assumed = settings.read_assumptions()
    return assumed | {"regression_rounds": assumed["regression_rounds"] | FEW}


def without_search(puzzle, start, rng):
    """Scores as they are first drawn."""
    return start, puzzle.missed(start)


def main() -> None:
    """Print one line a table: its name and the digest of its bytes."""
    with (
        mock.patch.object(pipeline, "read_assumptions", reduced_assumptions),
        mock.patch.object(score_fitting, "solve", without_search),
    ):
        tables = pipeline.generate()
    for name, frame in tables.items():
        text = io.StringIO()
        write_table(name, frame, text)
        print(name, hashlib.sha256(text.getvalue().encode()).hexdigest())


if __name__ == "__main__":
    main()
