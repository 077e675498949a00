"""One tagged PDF of a built book, printed by a Chromium that is there; nothing is downloaded."""

import logging
import os
import shutil
import tempfile
from importlib import import_module
from io import BytesIO
from pathlib import Path

from analysis.book import made
from analysis.book.lock import held
from analysis.book.paper import FIRST, document

FILE = "report.pdf"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
# Between the margins of a sheet of A4, in pixels of a page: so wide that what fits here fits there.
_WIDTH, _HEIGHT = 657, 960
_MILLISECONDS = 600_000
_DAY = "D:20000101000000Z"


class NoPaper(Exception):
    """A PDF that cannot be made, with the reason and what to do."""


def write_pdf(out: Path, with_code: bool = False) -> Path:
    """Print the report in the folder given to `report --out`; returns the file. Raises NoPaper, and Held."""
    folder = out / "html"
    if not (folder / FIRST).is_file():
        raise NoPaper(f"{out}: no built report here. Build one, or name the folder given to `report --out`.")
    browser = _browser()
    with held(out), tempfile.TemporaryDirectory(prefix=made.SCRATCH, dir=out) as aside:
        work = Path(aside)
        made.mark(work)
        page = work / "book.html"
        page.write_text(document(folder, with_code), encoding="utf-8")
        fresh = work / made.PAPER
        fresh.mkdir()
        (fresh / FILE).write_bytes(_undated(_printed(page, browser)))
        made.put_in_place(fresh, out / made.PAPER)
    return out / made.PAPER / FILE


def _browser() -> str:
    wanted = os.environ.get("CHROMIUM", "")
    found = next(filter(None, map(shutil.which, [wanted] if wanted else CHROMIUM)), None)
    if found is None:
        raise NoPaper("no Chromium found to print with. On Debian: apt install chromium; elsewhere set CHROMIUM to the "
                      "path of one.")  # fmt: skip
    return found


def _printed(page: Path, browser: str) -> bytes:
    """The document as PDF: printed once to see on which sheet each page begins, then with these in the contents."""
    with import_module("playwright.sync_api").sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser, args=_FLAGS)
        try:
            tab = running.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
            tab.set_default_timeout(_MILLISECONDS)
            tab.emulate_media(media="print")
            tab.goto(page.as_uri(), wait_until="load")
            tab.evaluate("() => document.fonts.ready.then(() => fitToPaper())")
            how = {"tagged": True, "outline": True, "prefer_css_page_size": True, "print_background": True}
            tab.evaluate("sheets => numberSheets(sheets)", _sheets(tab.pdf(**how)))
            return tab.pdf(**how)
        finally:
            running.close()


def _sheets(pdf: bytes) -> dict[str, int]:
    """Name of each place that the contents lead to → the number of its sheet."""
    reader = import_module("pypdf").PdfReader(BytesIO(pdf))
    return {name.lstrip("/"): reader.get_destination_page_number(place) + 1
            for name, place in reader.named_destinations.items()}  # fmt: skip


def _undated(pdf: bytes) -> bytes:
    """The same document without the day on which it was printed."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it remarks on how Chromium counts
    writer = import_module("pypdf").PdfWriter(clone_from=BytesIO(pdf))
    writer.add_metadata({"/CreationDate": _DAY, "/ModDate": _DAY})
    target = BytesIO()
    writer.write(target)
    return target.getvalue()
