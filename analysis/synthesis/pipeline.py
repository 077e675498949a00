"""All stages in order: from a seed to the tables of a synthetic study."""

from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import yaml

from .people import people_stage
from .targets import Targets, read_targets

SEED = 20130613
ASSUMPTIONS = Path(__file__).with_name("assumptions.yml")


def child_generator(seed: int, stage: str) -> np.random.Generator:
    """A stage's own random numbers: a change in one stage leaves the other stages' bytes alone."""
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(stage.encode())]))


def read_assumptions(path: Path = ASSUMPTIONS) -> dict:
    """What the report does not print and the synthesis assumes: name → value."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: entry["value"] for name, entry in entries.items()}


def generate(seed: int = SEED, report: Callable[[str], None] = lambda line: None) -> dict[str, pd.DataFrame]:
    """Tables of the synthetic study, ready to be written: table name → frame (see the data dictionary)."""
    targets, assumed = read_targets(), read_assumptions()
    people = people_stage(child_generator(seed, "people"), targets, assumed)
    report(f"people: {len(people)} participants")
    tables: dict[str, pd.DataFrame] = {}
    for name, stage in STAGES.items():
        made = stage(people, child_generator(seed, name), targets)
        report(f"{name}: " + ", ".join(f"{table} {len(rows)} rows" for table, rows in made.items()))
        tables |= made
    return tables


Stage = Callable[[pd.DataFrame, np.random.Generator, Targets], dict[str, pd.DataFrame]]
STAGES: dict[str, Stage] = {}
