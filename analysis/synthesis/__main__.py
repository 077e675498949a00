"""`python -m analysis.synthesis`: write the bundled synthetic study anew."""

import argparse
import logging
import os
import sys
from pathlib import Path
from time import perf_counter

from .pipeline import SEED, STUDY, generate
from .writing import write_tables

log = logging.getLogger("analysis.synthesis")


# The order in which threads add numbers up could tip an exchange between people, and with it the bytes.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def with_one_thread() -> None:
    """Start anew with linear algebra on one thread, unless it is so already."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        os.environ.update(ONE_THREAD)
        os.execv(sys.executable, [sys.executable, "-m", "analysis.synthesis", *sys.argv[1:]])


def main() -> None:
    """Generate all tables from the seed and write them into the study folder, reporting each stage."""
    parser = argparse.ArgumentParser(prog="python -m analysis.synthesis", description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=STUDY, help="study folder to write into (default: data/sfj)")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of all random numbers")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    began = perf_counter()
    tables = generate(arguments.seed, lambda line: log.info("%6.1f s  %s", perf_counter() - began, line))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    write_tables(tables, arguments.folder)
    log.info("%6.1f s  wrote %d tables", perf_counter() - began, len(tables))


if __name__ == "__main__":
    with_one_thread()
    main()
