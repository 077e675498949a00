"""Last touches on rendered pages: what the theme leaves out for keyboards and screen readers.

Each mend changes one page in place and leaves a page without the fault as it is.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from analysis.book.reading_aids import AIDS
from analysis.book.search_index import texts_of
from analysis.book.tags import tags

_NUMBERS_PROMPTS = {"collapsed": "Show the numbers", "expanded": "Hide the numbers"}


# Classes of what a page shows that is computed from a study's data, or says of it.
_COMPUTED = ("kind-reproduced", "kind-not-in-report", "data-label", "data-notice")


@dataclass(frozen=True)
class Banner:
    """What a banner says above a page with numbers computed from synthetic data, and above one without."""

    computed: str
    elsewhere: str

    def above(self, page: BeautifulSoup) -> str:
        """The banner of this page."""
        return self.computed if tags(page, True, *_COMPUTED) else self.elsewhere


def _with(page: Tag, name: str | bool, *attributes: str) -> list[Tag]:
    """The tags of that name (True: of any) with one of the attributes, in the order in which they stand there."""
    return [tag for tag in page.find_all(name) if not tag.attrs.keys().isdisjoint(attributes)]


def _folds(page: Tag, of_class: str) -> list[Tag]:
    """The folds of that class which are parts of cells."""
    return [fold for fold in tags(page, "details", of_class) if "cell" in fold.parent.get("class", ())]


def _headers(page: Tag, part: str) -> list[Tag]:
    """The headers in that part of tables."""
    return [header for header in page.find_all("th") if part in [each.name for each in header.parents]]


def finish_page(path: Path, banner: Banner | None) -> dict | None:
    """Mend one page of rendered HTML, and return its texts for the search; see `set_banner` for the banner."""
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    set_banner(page, banner and banner.above(page))
    for mend in MENDS:
        mend(page)
    path.write_text(str(page), encoding="utf-8")
    return texts_of(page)


def set_banner(page: BeautifulSoup, banner: str | None) -> None:
    """A page carries the banner of its own study, by the folder it stands in; those of the book itself the first."""
    for box in tags(page, True, "bd-header-announcement"):
        content = next(iter(tags(box, True, "bd-header-announcement__content")), None)
        if banner is None:
            box.decompose()
        elif content is not None and content.decode_contents().strip() != banner:
            content.clear()
            content.append(BeautifulSoup(banner, "html.parser"))


def name_folded_numbers(page: BeautifulSoup) -> None:
    """A fold that hides a cell's result says so; the theme calls it code."""
    for fold in _folds(page, "below-input"):
        for state, prompt in _NUMBERS_PROMPTS.items():
            for words in fold.select(f"summary .{state}"):
                words.string = prompt


def name_sidebar(page: BeautifulSoup) -> None:
    """The sidebar with logo and search is no landmark in the theme; make it a named region."""
    for sidebar in tags(page, "div", "bd-sidebar-primary"):
        sidebar["role"] = "region"
        sidebar["aria-label"] = "Logo, search and contents"


def name_folds_of_contents(page: BeautifulSoup) -> None:
    """What opens the pages below another in the contents shows only an icon; it is named after that page."""
    for toggle in tags(page, "span", "toctree-toggle"):
        fold, entry = toggle.find_parent("summary"), toggle.find_parent("li")
        if fold is not None and entry is not None:
            fold["aria-label"] = f"Pages below {entry.find('a').get_text(strip=True)}"


def empty_corners(page: BeautifulSoup) -> None:
    """The corner of a frame's header heads no column, so it is a cell and no header."""
    for header in _headers(page, "thead"):
        if not header.get_text(strip=True) and not header.find("img"):
            header.name = "td"
            header.attrs.pop("scope", None)


def name_formulas(page: BeautifulSoup) -> None:
    """A header that is a formula alone is read by its signs, since not every screen reader has words for a formula."""
    for header in page.find_all("th"):
        formula = header.find("math")
        if formula and header.get_text(strip=True) == formula.get_text(strip=True):
            name = page.new_tag("span", attrs={"class": "formula-name"})
            name.string = formula.get_text(strip=True)
            formula["aria-hidden"] = "true"
            formula.insert_after(name)


def scope_headers(page: BeautifulSoup) -> None:
    """Say which cells a header is for, where the page does not say it."""
    for part, scope in (("thead", "col"), ("tbody", "row")):
        for header in _headers(page, part):
            header.attrs.setdefault("scope", scope)


def reach_scrolling_tables(page: BeautifulSoup) -> None:
    """A table that scrolls sideways can be reached with the keyboard."""
    for container in tags(page, "div", "pst-scrollable-table-container"):
        container["tabindex"] = "0"
        container["role"] = "region"
        container["aria-label"] = "Table"


def unique_regions(page: BeautifulSoup) -> None:
    """Regions of one name are told apart by a number, since screen readers list regions by name."""
    seen: Counter[str] = Counter()
    for region in _with(page, True, "aria-label"):
        if region.get("role") != "region":
            continue
        name = str(region["aria-label"])
        seen[name] += 1
        if seen[name] > 1:
            region["aria-label"] = f"{name} ({seen[name]})"


def name_buttons(page: BeautifulSoup) -> None:
    """Buttons that show only an icon are named by their tooltip; those with words are named by their words."""
    for button in _with(page, "button", "data-bs-title", "title") + _with(page, "summary", "aria-label"):
        if button.get_text(strip=True):
            button.attrs.pop("aria-label", None)
        else:
            button["aria-label"] = button.get("data-bs-title") or button["title"]
    for icon in _with(page, "i", "class"):
        if icon.find_parent("button"):
            icon["aria-hidden"] = "true"
            icon.attrs.pop("title", None)


def plain_bibliography(page: BeautifulSoup) -> None:
    """Entries of the bibliography are items of a list; the role they come with is deprecated."""
    for entry in _with(page, True, "role"):
        if entry["role"] == "doc-biblioentry":
            entry["role"] = "listitem"


MENDS: Sequence[Callable[[BeautifulSoup], None]] = (
    name_folded_numbers,
    name_sidebar,
    empty_corners,
    name_formulas,
    scope_headers,
    reach_scrolling_tables,
    unique_regions,
    name_buttons,
    name_folds_of_contents,
    plain_bibliography,
    *AIDS,
)
