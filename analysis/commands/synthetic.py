"""What makes invented people for printed numbers: `synthesise`."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.book.arguments import count, out, parts, path
from analysis.commands import WRONG_INPUT

if TYPE_CHECKING:
    from analysis.calibration.declared import Made


def add(commands: "argparse._SubParsersAction") -> None:
    """Add `synthesise`."""
    made = commands.add_parser("synthesise", help="make a synthetic study whose figures are printed ones")
    made.add_argument("--study", type=path, required=True, metavar="DIR", help="folder with cells.csv and targets.yml")
    made.add_argument("--out", type=out, metavar="DIR", help="study folder to write (default: synthetic/ in DIR)")
    made.add_argument("--seed", type=count, metavar="N", help="seed of all random numbers (default: in targets.yml)")
    made.add_argument("--ensemble", type=count, metavar="N", help="walk to N worlds that fit the printed numbers as "
                      "well, and write in what they differ to calibration/left_open.csv in DIR")  # fmt: skip
    made.add_argument("--holdout", type=parts, metavar="K", help="leave out one printed number in K at a time, and "
                      "write how near it is met to calibration/held_out.csv in DIR")  # fmt: skip
    made.set_defaults(run=_synthesise)


def _synthesise(options: argparse.Namespace) -> int:
    from analysis.calibration.declared import make_people
    from analysis.calibration.study_tables import write_study
    from analysis.calibration.told import told
    from analysis.study.problems import StudyProblems

    folder = options.out or options.study / "synthetic"
    report = partial(print, file=sys.stderr, flush=True)
    try:
        made = make_people(options.study, options.seed, report)
        files = write_study(made, options.study, Path(folder))
    except StudyProblems as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    print("\n".join(told(made)))
    print(f"{folder}: {', '.join(files)}")
    _look_further(options, made, report)
    return 0


def _look_further(options: argparse.Namespace, made: "Made", report: Callable[[str], None]) -> None:
    """What the printed numbers leave open, and how much they teach."""
    import pandas as pd

    from analysis.book.workers import PROCESSES, in_workers
    from analysis.calibration import evidence

    def doing(function: Callable, tasks: Sequence) -> Iterator[tuple]:
        for task, _, answer in in_workers(function, tasks, PROCESSES):
            if answer is None:
                raise RuntimeError("a process ended early, as when memory runs out; what was done is kept")
            yield task, answer

    folder = options.study / evidence.FOLDER
    for wanted, run, file, told in (
        (options.ensemble, evidence.ensemble, evidence.LEFT_OPEN, evidence.told_of_worlds),
        (options.holdout, evidence.held_out, evidence.HELD_OUT, evidence.told_of_held_out),
    ):
        if wanted:
            for line in run(made, options.study, folder, wanted, doing):
                report(line)
            print("\n".join([*told(pd.read_csv(folder / file)), f"{folder / file}"]))
