"""Seeds and assumptions of the synthesis."""

from pathlib import Path
from zlib import crc32

import numpy as np

from analysis.study.yaml_files import read_yaml

SEED = 20130613
ASSUMPTIONS = Path(__file__).with_name("assumptions.yml")


def child_generator(seed: int, stage: str) -> np.random.Generator:
    """A stage's own random numbers: a change in one stage leaves the other stages' bytes alone."""
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(stage.encode())]))


def read_assumptions(path: Path = ASSUMPTIONS) -> dict:
    """What the report does not print and the synthesis assumes: name → value."""
    entries = read_yaml(path)
    return {name: entry["value"] for name, entry in entries.items()}
