"""Command line: `python -m analysis report` builds the report, `check` checks a study folder, `init` begins a new one.

Exit code 0: done. 1: the report or a chapter could not be made. 2: the study has problems, or the command was wrong.
130: interrupted; 143: terminated.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from analysis.book.arguments import Unwritable
from analysis.book.lock import Held
from analysis.book.surroundings import collect_seldom, end_in_order, settle
from analysis.commands import BUILD_FAILED, WRONG_INPUT, build, built, folder, printed, register, synthetic

INTERRUPTED = 130


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
    except MemoryError:
        print("Ended early. This needs more memory than there is.", file=sys.stderr)
        return BUILD_FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m analysis", description="An evaluation report, from data to book.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in (build, folder, printed, built, register, synthetic):
        group.add(commands)
    return parser


if __name__ == "__main__":
    if sys.argv[1:2] == ["report"]:
        settle()
    collect_seldom()
    end_in_order()
    sys.exit(main())
