"""Command line: `python -m analysis report` builds the report, `check` checks a study folder, `init` begins a new one.

Exit code 0: done. 1: the report or a chapter could not be made. 2: the study has problems, or the command was wrong.
130: interrupted; 143: terminated. Functions import what they need, so that help and wrong commands answer at once.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

from analysis.book import unchanged
from analysis.book.arguments import Unwritable, count, file, out, parameter, path
from analysis.book.lock import Held, refuse_held
from analysis.book.surroundings import SMALL_CELLS, end_in_order, settle
from analysis.study.finding import BUNDLED

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = BUNDLED / "published"
BUILD_FAILED = 1
WRONG_INPUT = 2
INTERRUPTED = 130
STANDARD_OUTPUT = Path("-")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code; results go to standard output, messages to standard error."""
    options = None
    try:
        os.getcwd()  # it may be gone
        options = _parser().parse_args(arguments)
        return options.run(options)
    except (Unwritable, Held) as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    except BrokenPipeError:  # whoever reads has seen enough, as in `check DIR | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        place = error.filename or getattr(options, "out", None) or "the folder that it was given in"
        print(f"Ended early. {place}: {error.strerror}. See to it, or name another folder.", file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m analysis", description="An evaluation report, from data to book.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_report(commands.add_parser("report", help="build the report from a study folder"))
    _add_check(commands.add_parser("check", help="list the problems of a study folder, or what its report will hold"))
    mapping = commands.add_parser("map", help="show what mapping.yml makes of an extract, or write a draft of it")
    mapping.add_argument("folder", type=path, metavar="DIR", help="study folder with the files of the extract")
    mapping.set_defaults(run=_map)
    _add_init(commands.add_parser("init", help="begin a new study folder"))
    _add_dictionary(commands.add_parser("dictionary", help="print the data dictionary"))
    reproduce = commands.add_parser("reproduce", help="set every published figure beside the computed one")
    reproduce.add_argument("--study", type=path, metavar="DIR", help="study folder (default: the bundled trial)")
    reproduce.add_argument("--csv", type=partial(file, "--csv"), metavar="FILE", help="write every number here")
    reproduce.set_defaults(run=_reproduce)
    _add_audit(commands.add_parser("audit", help="check a published report's own numbers against each other"))
    claims = commands.add_parser("claims", help="hold what a built report says to the numbers behind it")
    claims.add_argument("folder", type=path, nargs="?", default=Path("_build"), metavar="DIR", help="default: _build")
    claims.set_defaults(run=_claims)
    _add_compare(commands.add_parser("compare", help="set two built reports side by side, number by number"))
    trace = commands.add_parser("trace", help="say what made the numbers of a built report")
    trace.add_argument("folder", type=path, nargs="?", default=Path("_build"), metavar="DIR", help="default: _build")
    trace.add_argument("--number", metavar="DIGITS", help="only numbers that begin with these digits: 6.94")
    trace.set_defaults(run=_trace)
    _add_release(commands.add_parser("release-check", help="look over a built report before it leaves"))
    clean = commands.add_parser("clean", help="remove what builds have made, and nothing else")
    clean.add_argument("--out", type=out, default=Path("_build"), metavar="DIR", help="folder (default: _build)")
    clean.set_defaults(run=_clean)
    return parser


def _add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument("--study", type=path, metavar="DIR", help="study folder (default: the bundled trial)")
    report.add_argument("--out", type=out, default=Path("_build"), metavar="DIR", help="folder (default: _build)")
    report.add_argument("--chapter", action="append", default=[], metavar="NAME", help="run only this; may be repeated")
    report.add_argument("--language", default="en", help="language of the report (default: en)")
    report.add_argument("-p", "--parameter", action="append", default=[], type=parameter, metavar="NAME=VALUE",
                        help="value for a parameter of the chapters: conf_level=0.9; may be repeated")  # fmt: skip
    report.add_argument("--kernel", action="store_true", help="run each chapter in a Jupyter kernel, which is slower")
    report.add_argument("--i-may-publish-small-cells", action="store_true", dest="small_cells",
                        help="show small cells of real data whose study.yml says `disclosure: as_published`")
    report.set_defaults(run=_report)


def _add_compare(compared: argparse.ArgumentParser) -> None:
    for name in ("old", "new"):
        compared.add_argument(name, type=path, metavar=name.upper(), help="folder given to `report --out`")
    compared.add_argument("--html", type=partial(file, "--html"), metavar="FILE", help="write the whole as a page")
    compared.set_defaults(run=_compare)


def _add_release(release: argparse.ArgumentParser) -> None:
    release.add_argument("folder", type=path, metavar="DIR", help="folder given to `report --out`")
    release.add_argument("--study", type=path, metavar="DIR", help="study folder (default: the bundled trial)")
    release.add_argument("--log", type=partial(file, "--log"), metavar="FILE", help="write the reviewer's log here")
    release.add_argument("--record", action="store_true", help="record it as released, in releases/ of the study")
    release.set_defaults(run=_release_check)


def _add_check(check: argparse.ArgumentParser) -> None:
    check.add_argument("study", type=path, metavar="DIR")
    check.add_argument("--json", type=lambda text: STANDARD_OUTPUT if text == "-" else file("--json", text),
                       metavar="FILE", help="write it as JSON; - prints it instead of the text")  # fmt: skip
    check.add_argument("--html", type=partial(file, "--html"), metavar="FILE", help="write it as one HTML page")
    check.set_defaults(run=_check)


def _add_init(init: argparse.ArgumentParser) -> None:
    init.add_argument("folder", type=path, metavar="DIR", help="a new folder, or an empty one")
    init.add_argument("--like", type=path, metavar="STUDY", help="study to begin from (default: the bundled trial)")
    init.set_defaults(run=_init)


def _add_dictionary(dictionary: argparse.ArgumentParser) -> None:
    dictionary.add_argument("--study", type=path, metavar="DIR", help="with the columns and inputs of this study")
    dictionary.add_argument("--out", type=partial(file, "--out"), metavar="FILE", help="write it to this file")
    dictionary.set_defaults(run=_dictionary)


def _add_audit(audit: argparse.ArgumentParser) -> None:
    cells, relations = PUBLISHED / "cells.csv", PUBLISHED / "relations.yml"
    audit.add_argument("--cells", type=path, default=cells, metavar="FILE", help="printed numbers")
    audit.add_argument("--relations", type=path, default=relations, metavar="FILE", help="what should hold")
    audit.add_argument("--csv", type=partial(file, "--csv"), metavar="FILE", help="write every outcome here")
    audit.add_argument("--coverage", action="store_true", help="list what checks each number, or why nothing can")
    audit.add_argument("--mutate", type=count, metavar="N", help="plant N errors and tell how many are found")
    audit.add_argument("--seed", type=int, default=1, metavar="N", help="seed of the planted errors (default: 1)")
    audit.add_argument("--strict", action="store_true", help="exit with 1 when there are findings")
    audit.set_defaults(run=lambda options: (_measured if options.coverage or options.mutate else _audit)(options))


def _reproduce(options: argparse.Namespace) -> int:
    from analysis.book.reproduced import NotPossible, reproduced

    try:
        print(reproduced(options.study, options.csv))
    except NotPossible as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    return 0


def _audit(options: argparse.Namespace) -> int:
    from analysis.published.audit import audit, findings_of
    from analysis.published.scorecard import read_published
    from analysis.study.escaping import cells
    from analysis.study.problems import StudyProblems

    try:
        found = audit(read_published(options.cells), options.relations)
    except (StudyProblems, OSError) as error:
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
    told = f"{holds} hold, {len(failed)} findings, {len(found) - holds - len(failed)}"
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


def _report(options: argparse.Namespace) -> int:
    refuse_held(options.out)
    if options.small_cells:
        os.environ[SMALL_CELLS] = "1"
    study, given = options.study or BUNDLED, dict(options.parameter)
    if page := unchanged.last_book(options.out, study, options.chapter, options.language, given):
        return print(f"nothing has changed\n{page}") or 0
    from analysis.book.failures import ChaptersFailed, ReportFailed
    from analysis.book.made import ForeignFiles
    from analysis.book.report import Request, build_report
    from analysis.book.request import UnknownChapter, UnknownParameter, UnusableFolder
    from analysis.show.catalogue import MissingText
    from analysis.show.disclosure import NoPlan
    from analysis.study.problems import StudyProblems

    request = Request(study, options.out, options.chapter, options.language, given, kernel=options.kernel)
    try:
        page = build_report(request, tell=lambda line: print(line, flush=True))
    except (StudyProblems, UnknownChapter, UnknownParameter, UnusableFolder, MissingText, ForeignFiles, NoPlan) as told:
        print(told, file=sys.stderr)
        return WRONG_INPUT
    except ChaptersFailed as error:
        print(f"The report was built without what failed; see the page of each chapter.\n{error}", file=sys.stderr)
        print(error.page)
        return BUILD_FAILED
    except ReportFailed as error:
        print(f"The report was not built; the last good one stays in place.\n{error}", file=sys.stderr)
        return BUILD_FAILED
    print(page)
    return 0


def _claims(options: argparse.Namespace) -> int:
    from analysis.book import claims

    html = options.folder / "html" if (options.folder / "html").is_dir() else options.folder
    found, counted = [*claims.faults(html), *claims.faults_of_typed(html)], claims.counted(html)
    if not counted["chapters"]:
        print(f"{options.folder}: no built report here. Name the folder given to `report --out`.", file=sys.stderr)
        return WRONG_INPUT
    for fault in found:
        print(fault)
    print(f"{counted['chapters']} chapters, {counted['sentences']} sentences, {counted['numbers']} numbers in texts: "
          f"{len(found) or 'no'} fault{'' if len(found) == 1 else 's'}")  # fmt: skip
    return BUILD_FAILED if found else 0


def _trace(options: argparse.Namespace) -> int:
    from analysis.book.trace_pages import answer

    told, is_known = answer(options.folder, options.number)
    print(told, file=sys.stdout if is_known else sys.stderr)
    return 0 if is_known else WRONG_INPUT


def _release_check(options: argparse.Namespace) -> int:
    from analysis.book.release import checked

    told, code = checked(options.folder, options.study, options.log, options.record)
    return print(told, file=sys.stderr if code == WRONG_INPUT else sys.stdout) or code


def _compare(options: argparse.Namespace) -> int:
    from analysis.book.compared import NoReport, side_by_side

    try:
        told, is_equal = side_by_side(options.old, options.new, options.html)
    except (NoReport, OSError) as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    print(told)
    return BUILD_FAILED * (not is_equal)


def _check(options: argparse.Namespace) -> int:
    from analysis.book.check_formats import as_json, as_text, write
    from analysis.book.checking import check
    from analysis.show.catalogue import Catalogue

    found, words, printed = check(options.study, ROOT), Catalogue(), options.json == STANDARD_OUTPUT
    try:
        write(found, words, options.html, None if printed else options.json)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Name another file.", file=sys.stderr)
        return WRONG_INPUT
    if printed:
        print(as_json(found), end="")
    else:
        print(as_text(found, words), file=sys.stderr if found.problems else sys.stdout)
    return WRONG_INPUT if found.problems else 0


def _map(options: argparse.Namespace) -> int:
    from analysis.book.mapping_preview import shown_or_drafted

    lines, problems = shown_or_drafted(options.folder, date.today())
    print("\n".join(lines))
    sys.stderr.writelines(f"- {problem}\n" for problem in problems)
    return WRONG_INPUT if problems else 0


def _init(options: argparse.Namespace) -> int:
    from analysis.book.new_study import NotEmpty, write_new_study
    from analysis.study.finding import find_study
    from analysis.study.problems import StudyProblems

    try:
        tables = write_new_study(options.folder, find_study(options.like), date.today())
    except (StudyProblems, NotEmpty) as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    except OSError as error:
        print(f"{options.folder}: {error.strerror}. Name another folder.", file=sys.stderr)
        return WRONG_INPUT
    print(f"{options.folder}: study.yml, README.md and the headers of {len(tables)} tables. Next: its README.md")
    return 0


def _dictionary(options: argparse.Namespace) -> int:
    from analysis.study.dictionary import render
    from analysis.study.finding import find_study
    from analysis.study.problems import StudyProblems
    from analysis.study.reading import read_settings

    try:
        page = render(read_settings(find_study(options.study)) if options.study else None)
    except StudyProblems as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    if options.out:
        options.out.write_text(page, encoding="utf-8")
    else:
        print(page)
    return 0


def _clean(options: argparse.Namespace) -> int:
    from analysis.book import made

    was_there = options.out.is_dir() and any(options.out.iterdir())
    removed, left = made.clean(options.out)
    if was_there and not removed:
        print(f"{options.out}: no build has made anything in this folder; nothing was removed.", file=sys.stderr)
        return WRONG_INPUT
    print(f"{options.out}: {removed} files removed")
    if left:
        print(f"left, since no build made them as they are: {made.few(left)}")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["report"]:
        settle()
    end_in_order()
    sys.exit(main())
