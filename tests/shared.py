"""What test modules share: opened studies, read tables, drawn figures, and the report of the bundled study.

Imported before any test module: each process opens a study once, and reads a table of the same text once, and a
published report. A figure is drawn once for all of them, a template of the book's theme compiled once. The notebooks
are run in forks.
"""

import fcntl
import filecmp
import hashlib
import os
import pickle
import shutil
from collections.abc import Callable, Mapping
from functools import partialmethod, wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import nbval.kernel
import pandas as pd
import pandera.pandas as pa
import pytest
from pygments.lexers import get_lexer_by_name

from analysis.book import made, parts
from analysis.book.report import BUNDLED_STUDY, ROOT, Request, build_report
from analysis.book.workers import CAN_FORK
from analysis.frames import registers, trial
from analysis.published import prints
from analysis.show import page
from analysis.show.catalogue import Catalogue
from analysis.show.figures import Figure
from analysis.study import intake
from analysis.study.finding import BUNDLED, find_study
from analysis.study.settings import Study
from analysis.study.table_files.folder import Source
from tests.conftest import DRAWN
from tests.forked_kernel import ForkedKernelManager

# Languages of the code on a book's pages; a lexer that this process has got ready is so in all that it forks.
CODE = ("ipython3", "python")


def pytest_configure() -> None:
    """Once a process."""
    drawn = os.environ[DRAWN]
    page.draw, page.draw_files = (_drawn_once(draw, Path(drawn)) for draw in (page.draw, page.draw_files))
    compiled = jinja2.FileSystemBytecodeCache(drawn, "%s.template")
    jinja2.Environment.__init__ = partialmethod(jinja2.Environment.__init__, bytecode_cache=compiled)
    for language in CODE:
        get_lexer_by_name(language)
    trial.open_trial = page.open_trial = parts.open_trial = _once(trial.open_trial)
    trial.registers = SimpleNamespace(status_panel=_once_for_the_same_tables(registers.status_panel))
    intake._read_table = _once_a_text(intake._read_table)
    prints._opened = _bundled_once(prints._opened)
    if CAN_FORK:
        nbval.kernel.KernelManager = ForkedKernelManager


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


def _once_for_the_same_tables(status_panel: Callable) -> Callable:
    """`status_panel` of a trial that gives the same panel again where a changed study keeps the registers' tables."""
    known: dict[tuple, tuple] = {}

    def panel(tables: Mapping, study: Study) -> pd.DataFrame:
        read = [tables.get(name) for name in registers.SCHEMAS]
        key = (study.horizon, study.dates, study.registers, *map(id, read))
        if key not in known:
            known[key] = read, status_panel(tables, study)  # held, so that no other table has the place of one of these
        return known[key][1].copy(deep=False)

    return panel


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
