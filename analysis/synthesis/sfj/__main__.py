"""`python -m analysis.synthesis.sfj`: write the bundled synthetic study anew, or check that it gives the same bytes."""

import argparse
import logging
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from analysis.calibration import differences, with_same_arithmetic, write_tables
from analysis.frames.trial import open_trial

from .pipeline import SEED, STUDY, generate
from .plausibility import PAGE, page
from .seal import write_seal

log = logging.getLogger("analysis.synthesis.sfj")


def main() -> int:
    """Generate all tables from the seed and write them into the study folder, reporting each stage."""
    parser = argparse.ArgumentParser(prog="python -m analysis.synthesis.sfj", description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=STUDY, help="study folder to write into (default: data/sfj)")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of all random numbers")
    parser.add_argument("--check", action="store_true", help="write nothing; compare a new run with the study folder")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if not arguments.check:
        write_study(arguments.folder, arguments.seed)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        write_study(Path(folder), arguments.seed)
        changed = differences(Path(folder), arguments.folder)
    for name in changed:
        log.info("differs: %s", name)
    log.info("every table has the same bytes" if not changed else "%d tables differ", *([len(changed)] * bool(changed)))
    return int(bool(changed))


def write_study(folder: Path, seed: int) -> None:
    """Generate all tables and write them, with their seal, into a folder; and the page on what is believable, if the
    folder is a study."""
    began = perf_counter()
    tables = generate(seed, lambda line: log.info("%6.1f s  %s", perf_counter() - began, line))
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(tables, folder)
    write_seal(folder, seed)
    if (folder / "study.yml").is_file():
        (folder / PAGE).write_text(page(open_trial(folder)), encoding="utf-8")
    log.info("%6.1f s  wrote %d tables", perf_counter() - began, len(tables))


if __name__ == "__main__":
    with_same_arithmetic("analysis.synthesis.sfj")
    sys.exit(main())
