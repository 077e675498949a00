"""Refresh the outputs stored in the chapter notebooks: `python -m analysis.book.stored` (or `make notebooks`).

The tests compare the stored key numbers with a new run, so this is the step after a change of data, methods or words.
"""

import copy
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from analysis.book.execution import KERNEL_CONFIG, publishable
from analysis.book.pages import listed_chapters
from analysis.book.report import ROOT
from analysis.book.surroundings import SETTINGS

MINUTES_A_CELL = 10


def refresh(path: Path) -> None:
    """Run one notebook with its own parameters and store its outputs, without run times or names of this machine.

    The file is written only when every cell has run. Raises nbclient.exceptions.CellExecutionError for a failing cell.
    """
    template = nbformat.read(path, as_version=4)
    notebook = copy.deepcopy(template)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(
        notebook, timeout=60 * MINUTES_A_CELL, kernel_name="python3", record_timing=False,
        shutdown_kernel="immediate", resources=resources, config=KERNEL_CONFIG,
    ).execute()  # fmt: skip
    clean = publishable(notebook)
    clean.metadata = template.metadata
    nbformat.write(clean, path)


def main() -> None:
    """Refresh every chapter of the table of contents, or those named on the command line."""
    os.environ.update(SETTINGS)
    for chapter in sys.argv[1:] or listed_chapters(ROOT):
        refresh(ROOT / "notebooks" / f"{chapter}.ipynb")
        print(f"notebooks/{chapter}.ipynb refreshed", flush=True)


if __name__ == "__main__":
    main()
