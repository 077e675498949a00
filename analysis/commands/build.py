"""`report` builds the report from a study folder, `serve` does so on every save, `clean` removes what was made."""

import argparse
import json
import os
import sys
from pathlib import Path

from analysis.book import unchanged
from analysis.book.arguments import out, parameter, path
from analysis.book.lock import refuse_held
from analysis.book.surroundings import SMALL_CELLS
from analysis.commands import BUILD_FAILED, WRONG_INPUT
from analysis.study.finding import BUNDLED


def add(commands: "argparse._SubParsersAction") -> None:
    """Add `report`, `serve` and `clean`."""
    report = commands.add_parser("report", help="build the report from a study folder")
    _add_what_to_build(report)
    report.add_argument("--timings", action="store_true", help="say where the seconds went")
    report.add_argument("--i-may-publish-small-cells", action="store_true", dest="small_cells",
                        help="show small cells of real data whose study.yml says `disclosure: as_published`")
    report.set_defaults(run=_report)
    serve = commands.add_parser("serve", help="show the report on this machine, built again on every save")
    _add_what_to_build(serve)
    serve.add_argument("--port", type=int, default=8000, metavar="NUMBER", help="default: 8000; 0 takes a free one")
    serve.set_defaults(run=_serve)
    clean = commands.add_parser("clean", help="remove what builds have made, and nothing else")
    clean.add_argument("--out", type=out, default=Path("_build"), metavar="DIR", help="folder (default: _build)")
    clean.set_defaults(run=_clean)


def _add_what_to_build(command: argparse.ArgumentParser) -> None:
    command.add_argument("--study", type=path, metavar="DIR", help="study folder (default: the bundled trial)")
    command.add_argument("--out", type=out, default=Path("_build"), metavar="DIR", help="folder (default: _build)")
    command.add_argument("--chapter", action="append", default=[], metavar="NAME",
                         help="run only this; may be repeated")  # fmt: skip
    command.add_argument("--language", default="en", help="language of the report (default: en)")
    command.add_argument("-p", "--parameter", action="append", default=[], type=parameter, metavar="NAME=VALUE",
                         help="value for a parameter of the chapters: conf_level=0.9; may be repeated")  # fmt: skip
    command.add_argument("--kernel", action="store_true", help="run each chapter in a Jupyter kernel, which is slower")


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

    request = Request(study, options.out, options.chapter, options.language, given, kernel=options.kernel,
                      timings=options.timings)
    try:
        page = build_report(request, tell=_tell)
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


def _serve(options: argparse.Namespace) -> int:
    from analysis.book import serve

    study, command = options.study or BUNDLED, [sys.executable, "-m", "analysis", "report", "--out", str(options.out)]
    command += ["--study", str(study), "--language", options.language, *["--kernel"] * options.kernel]
    command += [f"--chapter={name}" for name in options.chapter]
    command += [f"--parameter={name}={json.dumps(value)}" for name, value in options.parameter]
    try:
        serve.serve(command, serve.places(study), serve.Book(options.out / "html"), options.port, tell=_tell)
    except serve.NoPort as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        _tell("ended")
    return 0


def _tell(line: str) -> None:
    print(line, flush=True)


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
