"""`python -m analysis.synthesis.ips`: write the synthetic trial of individual job support, or check its bytes."""

import argparse
import sys
from pathlib import Path

import numpy as np

from analysis.calibration import renewed
from analysis.published.scorecard import read_published
from analysis.study.yaml_files import read_yaml

from .jobs import draw_jobs
from .people import draw_people

STUDY, SEED = Path(__file__).resolve().parents[3] / "data" / "ips", 43


def tables(seed: int = SEED) -> dict[str, str]:
    """The text of each table, by name. Dates and full time are those of study.yml, printed numbers of cells.csv."""
    files = (STUDY / "study.yml", Path(__file__).with_name("assumptions.yml"))
    study, entries = map(read_yaml, files)
    printed = read_published(STUDY / "published" / "cells.csv").set_index(["row", "column"])["value"]
    sizes, rng = {arm: int(printed["allocated", arm]) for arm in ("ips", "usual")}, np.random.default_rng(seed)
    # A mean may lie anywhere inside the rounding of the printed one.
    months = {arm: printed["months_of_work_43m", arm] + rng.integers(-30, 31) / 1000 for arm in sizes}
    assumed = {name: entry["value"] for name, entry in entries.items()}
    assumed |= {**study["registers"], "dates": study["dates"], "months_of_work": months}
    people = draw_people(rng, sizes, assumed)
    made = {
        "participants": people.loc[:, "participant_id":"observed_until"],
        "background": people[["participant_id", "severity", "upper_secondary_by_21"]],
        "job_spells": draw_jobs(rng, people, assumed),
    }
    return {name: made[name].to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d") for name in made}


def main() -> int:
    """Write the tables into the study folder; with --check write nothing and name those that differ."""
    parser = argparse.ArgumentParser(prog="python -m analysis.synthesis.ips", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the stored tables, byte for byte")
    check = parser.parse_args().check
    differing = renewed(STUDY, tables(), check)
    for name in differing:
        print("differs:" if check else "written:", name)
    return int(check and bool(differing))


if __name__ == "__main__":
    sys.exit(main())
