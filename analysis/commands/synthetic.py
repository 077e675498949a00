"""What makes invented people for printed numbers: `synthesise`."""

import argparse
import sys
from functools import partial
from pathlib import Path

from analysis.book.arguments import count, out, path
from analysis.commands import WRONG_INPUT


def add(commands: "argparse._SubParsersAction") -> None:
    """Add `synthesise`."""
    made = commands.add_parser("synthesise", help="make a synthetic study whose figures are printed ones")
    made.add_argument("--study", type=path, required=True, metavar="DIR", help="folder with cells.csv and targets.yml")
    made.add_argument("--out", type=out, metavar="DIR", help="study folder to write (default: synthetic/ in DIR)")
    made.add_argument("--seed", type=count, metavar="N", help="seed of all random numbers (default: in targets.yml)")
    made.set_defaults(run=_synthesise)


def _synthesise(options: argparse.Namespace) -> int:
    from analysis.calibration.declared import make_people
    from analysis.calibration.study_tables import write_study
    from analysis.calibration.told import told
    from analysis.study.problems import StudyProblems

    folder = options.out or options.study / "synthetic"
    try:
        made = make_people(Path(options.study), options.seed, partial(print, file=sys.stderr, flush=True))
        files = write_study(made, Path(options.study), Path(folder))
    except StudyProblems as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    print("\n".join(told(made)))
    print(f"{folder}: {', '.join(files)}")
    return 0
