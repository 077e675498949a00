"""Last touches on rendered pages: what the theme leaves out for screen readers, keyboards and pages without network."""

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


MENDS: Sequence[Callable[[BeautifulSoup], None]] = ()
