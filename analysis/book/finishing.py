"""Last touches on rendered pages: results before code, and what the theme leaves out for keyboards and screen readers.

Each mend changes one page in place and leaves a page without the fault as it is.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup, Tag

_NUMBERS_PROMPTS = {"collapsed": "Show the numbers", "expanded": "Hide the numbers"}


# What a page shows that is computed from a study's data, or says of it.
_COMPUTED = ".kind-reproduced, .kind-not-in-report, .data-label, .data-notice"


@dataclass(frozen=True)
class Banner:
    """What a banner says above a page with numbers computed from synthetic data, and above one without."""

    computed: str
    elsewhere: str

    def above(self, page: BeautifulSoup) -> str:
        """The banner of this page."""
        return self.computed if page.select_one(_COMPUTED) else self.elsewhere


def finish(html: Path, banners: Mapping[str, Banner | None]) -> None:
    """Mend every page below a folder of rendered HTML; see `set_banner` for the banners."""
    for path in sorted(html.rglob("*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        folder = path.relative_to(html).parts[0]
        banner = banners.get(folder, next(iter(banners.values()), None))
        set_banner(page, banner and banner.above(page))
        for mend in MENDS:
            mend(page)
        path.write_text(str(page), encoding="utf-8")


def set_banner(page: BeautifulSoup, banner: str | None) -> None:
    """A page carries the banner of its own study, by the folder it stands in; those of the book itself the first."""
    for box in page.select(".bd-header-announcement"):
        content = box.select_one(".bd-header-announcement__content")
        if banner is None:
            box.decompose()
        elif content is not None and content.decode_contents().strip() != banner:
            content.clear()
            content.append(BeautifulSoup(banner, "html.parser"))


def join_setup_code(page: BeautifulSoup) -> None:
    """Code without a result is folded away together with the code after it, so that folds do not pile up."""
    for cell in page.select("div.cell"):
        following = cell.find_next_sibling()
        own, other = cell.select_one("details.above-input"), _fold_of(following)
        if own is not None and other is not None and cell.select_one(".cell_output") is None:
            target = other.select_one("div.cell_input")
            for block in own.select("div.cell_input"):
                target.insert_before(block.extract())
            cell.decompose()


def _fold_of(following: Tag | None) -> Tag | None:
    is_cell = following is not None and "cell" in following.get("class", [])
    return following.select_one("details.above-input") if is_cell else None


def code_after_result(page: BeautifulSoup) -> None:
    """A reader meets the result first; the fold with its code stands below it."""
    for fold in page.select("div.cell > details.above-input"):
        if fold.find_next_sibling() is not None:
            fold.parent.append(fold.extract())


def name_folded_numbers(page: BeautifulSoup) -> None:
    """A fold that hides a cell's result says so; the theme calls it code."""
    for fold in page.select("div.cell > details.below-input"):
        for state, prompt in _NUMBERS_PROMPTS.items():
            for words in fold.select(f"summary .{state}"):
                words.string = prompt


def name_sidebar(page: BeautifulSoup) -> None:
    """The sidebar with logo and search is no landmark in the theme; make it a named region."""
    for sidebar in page.select("div.bd-sidebar-primary"):
        sidebar["role"] = "region"
        sidebar["aria-label"] = "Logo, search and contents"


def empty_corners(page: BeautifulSoup) -> None:
    """The corner of a frame's header heads no column, so it is a cell and no header."""
    for header in page.select("table thead th"):
        if not header.get_text(strip=True) and not header.find("img"):
            header.name = "td"
            header.attrs.pop("scope", None)


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


def unique_regions(page: BeautifulSoup) -> None:
    """Regions of one name are told apart by a number, since screen readers list regions by name."""
    seen: Counter[str] = Counter()
    for region in page.select("[role=region][aria-label]"):
        name = str(region["aria-label"])
        seen[name] += 1
        if seen[name] > 1:
            region["aria-label"] = f"{name} ({seen[name]})"


def name_buttons(page: BeautifulSoup) -> None:
    """Buttons that show only an icon are named by their tooltip; those with words are named by their words."""
    for button in page.select("button[data-bs-title], button[title], summary[aria-label]"):
        if button.get_text(strip=True):
            button.attrs.pop("aria-label", None)
        else:
            button["aria-label"] = button.get("data-bs-title") or button["title"]
    for icon in page.select("button i[class]"):
        icon["aria-hidden"] = "true"
        icon.attrs.pop("title", None)


def plain_bibliography(page: BeautifulSoup) -> None:
    """Entries of the bibliography are items of a list; the role they come with is deprecated."""
    for entry in page.select("[role=doc-biblioentry]"):
        entry["role"] = "listitem"


MENDS: Sequence[Callable[[BeautifulSoup], None]] = (
    join_setup_code,
    code_after_result,
    name_folded_numbers,
    name_sidebar,
    empty_corners,
    scope_headers,
    reach_scrolling_tables,
    unique_regions,
    name_buttons,
    plain_bibliography,
)
