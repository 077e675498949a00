"""What test modules share: opened studies, the report of the bundled one, and the order that keeps all workers busy."""

import fcntl
import os
import shutil
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from analysis.book.workers import SETTINGS

# Before numpy is imported: two test processes share two cores, and sums are added in the order of the report's workers.
os.environ.update({name: value for name, value in SETTINGS.items() if name.endswith("_NUM_THREADS")})

import pandera.pandas as pa
import pytest
from hypothesis import settings

from analysis.book import made
from analysis.book.report import BUNDLED_STUDY, ROOT, Request, build_report
from analysis.frames import trial
from analysis.show import page
from analysis.study import intake
from analysis.study.finding import find_study
from analysis.study.table_files.folder import Source

# What a property test claims is never how fast it runs; on a busy machine the usual limit fails tests at random.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# Files that take a minute or more, so that no worker starts one of them when all others have finished.
SLOWEST = ("test_seal.py", "test_book_in_browser.py", "test_book.py", "test_arm_codes.py")


def pytest_configure() -> None:
    """Before any test module is imported: each process opens a study once, and reads a table of the same text once."""
    trial.open_trial = page.open_trial = _once(trial.open_trial)
    intake._read_table = _once_a_text(intake._read_table)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files first; else the order stays."""
    places = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(SLOWEST)))


def _once(open_trial: Callable) -> Callable:
    """`open_trial` that gives the same trial again while the folder's files are the same; nobody changes a trial."""
    opened: dict[tuple, trial.Trial] = {}

    @wraps(open_trial)
    def opening(folder: Path | str | None = None, extract: str | None = None) -> trial.Trial:
        files = sorted(path for path in find_study(folder).resolve().rglob("*") if path.is_file())
        key = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
        if key not in opened:
            opened[key] = open_trial(folder)
        return opened[key] if extract is None else opened[key].in_extract(extract)

    return opening


def _once_a_text(read_table: Callable) -> Callable:
    """`_read_table` that gives the same frame again for the same text of the table and of the settings.

    Most folders of the tests are copies of one in which a single table differs.
    """
    known: dict[tuple, tuple] = {}

    def reading(source: Source | None, schema: pa.DataFrameSchema, required: bool) -> tuple:
        if source is None:
            return read_table(source, schema, required)
        files = (source.path, source.path.with_name("study.yml"))
        key = (source.name, schema.name, *(path.is_file() and path.read_bytes() for path in files))
        if key not in known:
            known[key] = read_table(source, schema, required)
        frame, problems = known[key]
        return frame, list(problems)

    return reading


@pytest.fixture(scope="session")
def built_book(tmp_path_factory) -> Path:
    """Folder with the rendered pages of the whole report, built once a run, by the first worker that needs it.

    Chapters that `make report` has run are taken over; the driver runs again those whose inputs have changed since.
    """
    base = tmp_path_factory.getbasetemp()
    out = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "report"
    out.mkdir(exist_ok=True)
    with (out / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (out / "html").is_dir():
            for kept in (ROOT / "_build" / "executed").glob(f"*/*/{made.MARKER}"):
                shutil.copytree(kept.parent, out / kept.parent.relative_to(ROOT / "_build"), dirs_exist_ok=True)
            build_report(Request(BUNDLED_STUDY, out), tell=lambda line: None)
    return out / "html"
