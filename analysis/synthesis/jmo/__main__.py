"""`python -m analysis.synthesis.jmo`: write the synthetic interviews anew, or check that they give the same bytes."""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import analysis
from analysis.calibration import renewed
from analysis.study.yaml_files import read_yaml

from .interviews import centres, interview_themes, interviews

STUDY = Path(analysis.__file__).resolve().parents[1] / "data" / "jmo"
ASSUMPTIONS = Path(__file__).with_name("assumptions.yml")


def generate(assumed: dict) -> dict[str, pd.DataFrame]:
    """All tables of the study by name; informants and themes have random numbers of their own."""
    drawing, raising = (np.random.default_rng([assumed["seed"], stage]) for stage in (1, 2))
    informants = interviews(assumed, drawing)
    return {
        "centres": centres(assumed),
        "interviews": informants,
        "interview_themes": interview_themes(informants, assumed, raising),
    }


def as_csv(frame: pd.DataFrame) -> str:
    """A table as the study contract has it: comma, dates YYYY-MM-DD, true and false, empty cells where missing."""
    flags = frame.select_dtypes("bool").columns
    text = frame.assign(**{name: frame[name].map({True: "true", False: "false"}) for name in flags})
    return text.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")


def main() -> int:
    """Write every table into the study folder; with --check write nothing and name the tables that would change."""
    parser = argparse.ArgumentParser(prog="python -m analysis.synthesis.jmo", description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=STUDY, help="study folder (default: data/jmo)")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with the study folder")
    arguments = parser.parse_args()
    tables = generate(read_yaml(ASSUMPTIONS))
    changed = renewed(arguments.folder, {name: as_csv(frame) for name, frame in tables.items()}, arguments.check)
    if arguments.check:
        print("\n".join(f"differs: {name}" for name in changed) or "every table has the same bytes")
    return int(arguments.check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
