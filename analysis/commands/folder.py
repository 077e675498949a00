"""What concerns a study folder before a report: `check`, `map`, `init` and `dictionary`."""

import argparse
import sys
from datetime import date
from functools import partial
from pathlib import Path

from analysis.book.arguments import file, path
from analysis.commands import WRONG_INPUT

ROOT = Path(__file__).resolve().parents[2]
STANDARD_OUTPUT = Path("-")


def add(commands: "argparse._SubParsersAction") -> None:
    """Add `check`, `map`, `init` and `dictionary`."""
    check = commands.add_parser("check", help="list the problems of a study folder, or what its report will hold")
    check.add_argument("study", type=path, metavar="DIR")
    check.add_argument("--json", type=lambda text: STANDARD_OUTPUT if text == "-" else file("--json", text),
                       metavar="FILE", help="write it as JSON; - prints it instead of the text")  # fmt: skip
    check.add_argument("--html", type=partial(file, "--html"), metavar="FILE", help="write it as one HTML page")
    check.set_defaults(run=_check)
    mapping = commands.add_parser("map", help="show what mapping.yml makes of an extract, or write a draft of it")
    mapping.add_argument("folder", type=path, metavar="DIR", help="study folder with the files of the extract")
    mapping.set_defaults(run=_map)
    init = commands.add_parser("init", help="begin a new study folder")
    init.add_argument("folder", type=path, metavar="DIR", help="a new folder, or an empty one")
    init.add_argument("--like", type=path, metavar="STUDY", help="study to begin from (default: the bundled trial)")
    init.set_defaults(run=_init)
    dictionary = commands.add_parser("dictionary", help="print the data dictionary")
    dictionary.add_argument("--study", type=path, metavar="DIR", help="with the columns and inputs of this study")
    dictionary.add_argument("--out", type=partial(file, "--out"), metavar="FILE", help="write it to this file")
    dictionary.set_defaults(run=_dictionary)


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
