"""What concerns a published report: `reproduce` holds it to the data, `audit` holds its numbers to each other."""

import argparse
import sys
from functools import partial

from analysis.book.arguments import count, file, path
from analysis.commands import BUILD_FAILED, WRONG_INPUT
from analysis.study.finding import BUNDLED

PUBLISHED = BUNDLED / "published"


def add(commands: "argparse._SubParsersAction") -> None:
    """Add `reproduce` and `audit`."""
    reproduce = commands.add_parser("reproduce", help="set every published figure beside the computed one")
    reproduce.add_argument("--study", type=path, metavar="DIR", help="study folder (default: the bundled trial)")
    reproduce.add_argument("--csv", type=partial(file, "--csv"), metavar="FILE", help="write every number here")
    reproduce.set_defaults(run=_reproduce)
    audit = commands.add_parser("audit", help="check a published report's own numbers against each other")
    audit.add_argument("--cells", type=path, metavar="FILE", help="printed numbers")
    audit.add_argument("--relations", type=path, metavar="FILE", help="what should hold between them")
    audit.add_argument("--csv", type=partial(file, "--csv"), metavar="FILE", help="write every outcome here")
    audit.add_argument("--coverage", action="store_true", help="list what checks each number, or why nothing can")
    audit.add_argument("--mutate", type=count, metavar="N", help="plant N errors and tell how many are found")
    audit.add_argument("--seed", type=count, default=1, metavar="N", help="seed of the planted errors (default: 1)")
    audit.add_argument("--strict", action="store_true", help="exit with 1 when there are findings")
    audit.set_defaults(run=_audit_or_measure)


def _reproduce(options: argparse.Namespace) -> int:
    from analysis.book.reproduced import NotPossible, reproduced

    try:
        print(reproduced(options.study, options.csv))
    except NotPossible as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    return 0


def _audit_or_measure(options: argparse.Namespace) -> int:
    """Audit or measure with two files that belong together, both named or both those of the bundled report."""
    given = [options.cells is not None, options.relations is not None]
    if any(given) and not all(given):
        lacking = "--relations" if options.cells else "--cells"
        print(f"audit: {lacking} is needed, too: relations name the numbers of one report. Give both files, or neither "
              "for the bundled report.", file=sys.stderr)  # fmt: skip
        return WRONG_INPUT
    if not any(given):
        options.cells, options.relations = PUBLISHED / "cells.csv", PUBLISHED / "relations.yml"
    return (_measured if options.coverage or options.mutate else _audit)(options)


def _audit(options: argparse.Namespace) -> int:
    from analysis.published.audit import audit, findings_of
    from analysis.published.scorecard import read_published
    from analysis.study.escaping import cells
    from analysis.study.problems import StudyProblems

    try:
        found = audit(read_published(options.cells), options.relations)
    except StudyProblems as error:
        print(f"The audit cannot be made. {error}", file=sys.stderr)
        return WRONG_INPUT
    if options.csv:
        cells(found).to_csv(options.csv, index=False)
    failed = findings_of(found)
    for _, row in failed.iterrows():
        line = f", line {row['lines'][0]}" if row["lines"] else ""
        print(f"[{row['bears_on']}; {row['sure']}] {row['source'].split(', ')[0]}{line}: {row['about']}")
        print(f"    printed {row['printed']}; recomputed {row['recomputed']} ({row['kind']})")
    holds = int((found["verdict"] == "holds").sum())
    findings = "1 finding" if len(failed) == 1 else f"{len(failed)} findings"
    told = f"{holds} hold, {findings}, {len(found) - holds - len(failed)}"
    print(f"{len(found)} relations: {told} last digits or part of another finding")
    return 1 if options.strict and len(failed) else 0


def _measured(options: argparse.Namespace) -> int:
    import pandas as pd

    from analysis.published.audit import measured
    from analysis.study.escaping import cells
    from analysis.study.problems import StudyProblems
    from analysis.study.yaml_files import YamlProblems

    tell = partial(print, file=sys.stderr, flush=True)
    try:
        found = measured.measured(options.cells, options.relations, options.mutate, options.seed, tell)
    except (StudyProblems, YamlProblems, OSError, KeyError, pd.errors.ParserError) as error:
        print(f"The audit cannot be measured: {error}", file=sys.stderr)
        return WRONG_INPUT
    if options.csv:
        cells(found.frame).to_csv(options.csv, index=False)
    print("\n".join(found.lines))
    return BUILD_FAILED * (not found.complete)
