"""What test modules share: opened studies, the report of the bundled one, and the order that keeps all workers busy."""

import fcntl
import filecmp
import hashlib
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from analysis.book.surroundings import SETTINGS
from analysis.book.workers import CAN_FORK

# Before numpy is imported: two test processes share two cores, and sums are added in the order of the report's workers.
os.environ.update({name: value for name, value in SETTINGS.items() if name.endswith("_NUM_THREADS")})
# Studies of tests that say they are real have invented people, too.
os.environ["ANALYSIS_SMALL_CELLS"] = "1"

import nbval.kernel
import pandera.pandas as pa
import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from analysis.book import made, parts
from analysis.book.report import BUNDLED_STUDY, ROOT, Request, build_report
from analysis.frames import trial
from analysis.published import prints
from analysis.show import page
from analysis.show.catalogue import Catalogue
from analysis.show.figures import Figure
from analysis.study import intake
from analysis.study.finding import BUNDLED, find_study
from analysis.study.table_files.folder import Source
from tests.forked_kernel import ForkedKernelManager

# What a property test claims is never how fast it runs; on a busy machine the usual limit fails tests at random.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# Where all processes of a run of the tests find the drawings that one of them has made.
DRAWN = "TESTS_DRAWN"
# Files that take much, so that no worker starts one of them when all others have finished.
SLOWEST = ("test_book_in_browser.py", "test_book.py", "test_arm_codes.py", "test_seal.py")
# What reads the bundled trial held to its print, or its built book, which one worker computes for all of these.
OF_THE_BUNDLED_BOOK = frozenset(
    f"test_{name}.py"
    for name in (
        "accessibility", "book_claims", "book_in_browser", "calculator", "claims", "corrected", "downloads", "forked",
        "key_results", "kinds", "one_value", "paper", "parameters", "publish", "real_data", "reproduction", "search",
        "summary", "workbook", "worked",
    )
)  # fmt: skip


def pytest_configure() -> None:
    """Before any test module is imported: each process opens a study once, and reads a table of the same text once,
    and a published report. A figure is drawn once for all of them. The notebooks are run in forks."""
    drawn = Path(os.environ.setdefault(DRAWN, tempfile.mkdtemp()))
    page.draw, page.draw_files = (_drawn_once(draw, drawn) for draw in (page.draw, page.draw_files))
    trial.open_trial = page.open_trial = parts.open_trial = _once(trial.open_trial)
    intake._read_table = _once_a_text(intake._read_table)
    prints._opened = _bundled_once(prints._opened)
    if CAN_FORK:
        nbval.kernel.KernelManager = ForkedKernelManager


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


def _drawn_once(draw: Callable, folder: Path) -> Callable:
    """`draw` that looks whether the same figure was drawn in the same words; what it hangs on is all in the key."""

    @wraps(draw)
    def drawing(figure: Figure, chapter: str, catalogue: Catalogue, *look: Any) -> Any:
        own = sorted(catalogue.own.glob("*.yml")) if catalogue.own else []
        words = (catalogue.folder, catalogue.language, catalogue.names, catalogue.words, [p.read_bytes() for p in own])
        key = hashlib.sha256(pickle.dumps((draw.__name__, figure, chapter, words, look))).hexdigest()
        place = folder / key
        if not place.is_file():
            aside = place.with_name(f"{key}.{os.getpid()}")
            aside.write_bytes(pickle.dumps(draw(figure, chapter, catalogue, *look)))
            aside.rename(place)
        return pickle.loads(place.read_bytes())

    return drawing


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


def _bundled_once(opened: Callable) -> Callable:
    """`_opened` that gives the bundled report, whose audit takes seconds, for each copy of it with the same bytes."""
    known = BUNDLED / "published"
    names = sorted(path.name for path in known.iterdir())

    def opening(folder: Path, files: tuple) -> prints.PublishedReport:
        alike = filecmp.cmpfiles(folder, known, names, shallow=False)[0] if len(files) == len(names) else []
        return opened(known, ()) if alike == names else opened(folder, files)

    return opening


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
