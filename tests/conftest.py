"""What several test modules share: the report of the bundled study, built once a run."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from analysis.book.report import BUNDLED_STUDY, ROOT, Request, build_report

# What a property test claims is never how fast it runs; on a busy machine the usual limit fails tests at random.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def built_book(tmp_path_factory) -> Path:
    """Folder with the rendered pages of the whole report.

    Chapters that `make report` has run are taken over; the driver runs again those whose inputs have changed since.
    """
    out = tmp_path_factory.mktemp("report")
    if (ROOT / "_build" / "executed").is_dir():
        shutil.copytree(ROOT / "_build" / "executed", out / "executed")
    return build_report(Request(BUNDLED_STUDY, out), tell=lambda line: None).parent
