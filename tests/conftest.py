"""How the tests are run: in what surroundings, and in which order, so that all workers are busy to the end.

What test modules share is in `tests/shared.py`, which only processes that run tests import: it takes seconds, for which
all workers would wait.
"""

import os
import shutil
import tempfile
from pathlib import Path

from analysis.book.surroundings import SETTINGS, collect_seldom

# Before numpy is imported: two test processes share two cores, and sums are added in the order of the report's workers.
os.environ.update({name: value for name, value in SETTINGS.items() if name.endswith("_NUM_THREADS")})
# Studies of tests that say they are real have invented people, too.
os.environ["ANALYSIS_SMALL_CELLS"] = "1"

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# What a property test claims is never how fast it runs; on a busy machine the usual limit fails tests at random.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# Books of tests are thousands of small files, which are made and removed quicker in memory; see `in_memory`.
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
# Where all processes of a run of the tests find the drawings that one of them has made.
DRAWN = "TESTS_DRAWN"
# Files that take much, so that no worker starts one of them when all others have finished.
SLOWEST = ("test_book_in_browser.py", "test_book.py", "test_arm_codes.py", "test_seal.py")
# What reads the bundled trial held to its print, or its built book, which one worker computes for all of these.
OF_THE_BUNDLED_BOOK = frozenset(
    f"test_{name}.py"
    for name in (
        "accessibility", "book_claims", "book_in_browser", "calculator", "claims", "corrected", "downloads", "folds",
        "forked", "key_results", "kinds", "lighter", "one_form", "one_value", "paper", "parameters", "publish",
        "reading", "real_data", "reproduction", "search", "summary", "titles", "trace", "workbook", "worked",
    )
)  # fmt: skip


def in_memory() -> bool:
    """Whether there is a folder in memory with room for all that tests write, a gigabyte and some."""
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before any test module is imported; who only hands tests to workers needs nothing of what they share."""
    collect_seldom()
    if in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    if DRAWN not in os.environ:
        os.environ[DRAWN] = tempfile.mkdtemp(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        config.pluginmanager.import_plugin("tests.shared")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The first process takes the drawings away."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(DRAWN), ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files first; else the order stays."""
    places = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(SLOWEST)))


class WholeFiles(LoadFileScheduling):
    """A worker has a whole file, and one of them all that is of the bundled book."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.split("::", 1)[0])
        return "the bundled book" if file.suffix == ".ipynb" or file.name in OF_THE_BUNDLED_BOOK else str(file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeFiles:
    """How xdist gives the tests to its workers."""
    return WholeFiles(config, log)
