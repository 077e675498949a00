"""Last touches on rendered pages: what the theme leaves out for screen readers and keyboards.

Each mend changes one page in place and leaves a page without the fault as it is.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from bs4 import BeautifulSoup


def finish(html: Path) -> None:
    """Mend every page below a folder of rendered HTML."""
    for path in sorted(html.rglob("*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for mend in MENDS:
            mend(page)
        path.write_text(str(page), encoding="utf-8")


def name_sidebar(page: BeautifulSoup) -> None:
    """The sidebar with logo and search is no landmark in the theme; make it a named region."""
    for sidebar in page.select("div.bd-sidebar-primary"):
        sidebar["role"] = "region"
        sidebar["aria-label"] = "Logo, search and contents"


def empty_corners(page: BeautifulSoup) -> None:
    """The corner of a frame's header heads no column, so it is a cell and no header."""
    for header in page.select("table thead th"):
        if not header.get_text(strip=True) and not header.find(True):
            header.name = "td"


def scope_headers(page: BeautifulSoup) -> None:
    """Say which cells a header is for, where the page does not say it."""
    for selector, scope in (("table thead th", "col"), ("table tbody th", "row")):
        for header in page.select(selector):
            header.attrs.setdefault("scope", scope)


def reach_scrolling_tables(page: BeautifulSoup) -> None:
    """A table that scrolls sideways can be reached with the keyboard."""
    for container in page.select("div.pst-scrollable-table-container"):
        container["tabindex"] = "0"
        container["role"] = "region"
        container["aria-label"] = "Table"


def name_buttons(page: BeautifulSoup) -> None:
    """Buttons that show only an icon are named by their tooltip; a name that says something else is dropped."""
    for button in page.select("button[data-bs-title], button[title]"):
        if not button.get_text(strip=True):
            button["aria-label"] = button.get("data-bs-title") or button["title"]


MENDS: Sequence[Callable[[BeautifulSoup], None]] = (
    name_sidebar,
    empty_corners,
    scope_headers,
    reach_scrolling_tables,
    name_buttons,
)
