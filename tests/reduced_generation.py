"""Run all stages of the synthesis once, with hardly any rounds of search, and print a digest of every table.

A run of its own: `tests/test_seal.py` starts it under other hash seeds, languages, time zones and numbers of threads.
"""

import hashlib
import io
from unittest import mock

from analysis.synthesis import pipeline, score_fitting, settings
from analysis.synthesis.writing import write_table

FEW = {"starts": 1, "trial_exchanges": 1, "first_exchanges": 1, "turns": 1, "sparse_turns": 0, "shifts": 1,
       "exchanges": 1}  # fmt: skip


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
