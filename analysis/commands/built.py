"""What concerns a built report: `claims`, `trace`, `compare` and `release-check`."""

import argparse
import sys
from functools import partial
from pathlib import Path

from analysis.book.arguments import file, path
from analysis.commands import BUILD_FAILED, WRONG_INPUT


def add(commands: "argparse._SubParsersAction") -> None:
    """Add `claims`, `trace`, `compare` and `release-check`."""
    claims = commands.add_parser("claims", help="hold what a built report says to the numbers behind it")
    claims.add_argument("folder", type=path, nargs="?", default=Path("_build"), metavar="DIR", help="default: _build")
    claims.set_defaults(run=_claims)
    trace = commands.add_parser("trace", help="say what made the numbers of a built report")
    trace.add_argument("folder", type=path, nargs="?", default=Path("_build"), metavar="DIR", help="default: _build")
    trace.add_argument("--number", metavar="DIGITS", help="only numbers that begin with these digits: 6.94")
    trace.set_defaults(run=_trace)
    compared = commands.add_parser("compare", help="set two built reports side by side, number by number")
    for name in ("old", "new"):
        compared.add_argument(name, type=path, metavar=name.upper(), help="folder given to `report --out`")
    compared.add_argument("--html", type=partial(file, "--html"), metavar="FILE", help="write the whole as a page")
    compared.set_defaults(run=_compare)
    release = commands.add_parser("release-check", help="look over a built report before it leaves")
    release.add_argument("folder", type=path, metavar="DIR", help="folder given to `report --out`")
    release.add_argument("--study", type=path, metavar="DIR", help="study folder (default: the bundled trial)")
    release.add_argument("--log", type=partial(file, "--log"), metavar="FILE", help="write the reviewer's log here")
    release.add_argument("--record", action="store_true", help="record it as released, in releases/ of the study")
    release.set_defaults(run=_release_check)


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


def _compare(options: argparse.Namespace) -> int:
    from analysis.book.compared import NoReport, side_by_side

    try:
        told, is_equal = side_by_side(options.old, options.new, options.html)
    except (NoReport, OSError) as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    print(told)
    return BUILD_FAILED * (not is_equal)


def _release_check(options: argparse.Namespace) -> int:
    from analysis.book.release import checked

    told, code = checked(options.folder, options.study, options.log, options.record)
    return print(told, file=sys.stderr if code == WRONG_INPUT else sys.stdout) or code
