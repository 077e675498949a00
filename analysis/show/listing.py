"""Listings: long tables of words, one entry a row, that a reader searches and filters on the page. Never estimates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from analysis.show import prose
from analysis.show.catalogue import Catalogue
from analysis.show.made_by import made_by_field
from analysis.study.escaping import html


@dataclass(frozen=True)
class Linked:
    """A cell that begins with a link: its label (what `prose.value_text` words), where it leads, and what follows.

    An empty text may follow.
    """

    label: object
    target: str
    then: object = ""


@dataclass(frozen=True)
class Listing:
    """A long table of words and numbers.

    name: its name in the catalogue's `listings:` and of its download.
    frame: one row per entry, columns in printing order; cells are text, or `prose.Number`, `prose.Label` or
        `prose.Sentence`, which the catalogue words.
    filters: columns with few different entries, offered as choices above the table.
    download: the frame behind the download when it holds more than the page shows; by default the listing as printed.
    values: numbers and words for the placeholders of caption and notes.
    anchors: one name a row, by which other pages link to it.
    keys: one name a row, of what it is about whatever the data are; by default its first words.
    hidden: which numbers of the download must not be told, as of a `Figure`.
    made_by: the chapter's function that made it.
    """

    name: str
    frame: pd.DataFrame
    filters: Sequence[str] = ()
    download: pd.DataFrame | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    anchors: Sequence[str] = ()
    keys: Sequence[str] = ()
    hidden: pd.DataFrame | None = None
    made_by: str = made_by_field()

    def __post_init__(self) -> None:
        if self.anchors and len(set(self.anchors)) != len(self.frame):
            raise ValueError(f"listing {self.name}: every row needs an anchor of its own")
        if lost := sorted(set(self.filters) - set(self.frame.columns)):
            raise ValueError(f"listing {self.name}: no column to filter by is called {', '.join(lost)}")

    @property
    def key(self) -> str:
        """Name of the download."""
        return self.name


def written(listing: Listing, chapter: str, catalogue: Catalogue) -> pd.DataFrame:
    """The listing's cells as the texts a reader sees."""
    return listing.frame.map(lambda value: _plain(value, chapter, catalogue))


def sentences_in(listing: Listing, chapter: str, catalogue: Catalogue) -> list[str]:
    """The texts of cells that say something in words, also with a link."""
    said = [cell for cell in listing.frame.to_numpy().ravel() if isinstance(cell, Linked | prose.Sentence)]
    return list(dict.fromkeys(_plain(cell, chapter, catalogue) for cell in said))


def _plain(value: object, chapter: str, catalogue: Catalogue) -> str:
    if isinstance(value, Linked):
        return _followed(_plain(value.label, chapter, catalogue), _plain(value.then, chapter, catalogue))
    return prose.value_text(value, chapter, catalogue)


def _markup(value: object, chapter: str, catalogue: Catalogue) -> str:
    if isinstance(value, Linked):
        link = f'<a href="{html(value.target)}">{_markup(value.label, chapter, catalogue)}</a>'
        return _followed(link, _markup(value.then, chapter, catalogue))
    return html(_plain(value, chapter, catalogue))


def _followed(label: str, text: str) -> str:
    return f"{label}: {text}" if text else label


def to_html(listing: Listing, chapter: str, catalogue: Catalogue, caption: str) -> str:
    """The table element; `data-filter` marks the columns that the page's script offers as choices, `data-column` names
    each for the address of the page.

    Without the script it is a plain table. The caption is HTML already escaped by the caller.
    """
    texts = listing.frame.map(lambda value: _markup(value, chapter, catalogue))
    heads = "".join(_head(column, listing, chapter, catalogue) for column in texts.columns)
    names = [f' id="{html(anchor)}"' for anchor in listing.anchors] or [""] * len(texts)
    body = [
        f"<tr{name}>" + "".join(_cell(place, text) for place, text in enumerate(row)) + "</tr>"
        for name, row in zip(names, texts.to_numpy(), strict=True)
    ]
    words = {name: catalogue.text(f"common.listing.{name}") for name in ("search", "sort", "all", "shown")}
    data = " ".join(f'data-{name}="{html(text)}"' for name, text in words.items())
    return "\n".join(
        [f'<table class="dataframe listing" {data}>', f"<caption>{caption}</caption>",
         f"<thead><tr>{heads}</tr></thead>", "<tbody>", *body, "</tbody>", "</table>"]
    )  # fmt: skip


def _head(column: str, listing: Listing, chapter: str, catalogue: Catalogue) -> str:
    label = html(catalogue.label(chapter, "columns", column, listing.name))
    choice = " data-filter" if column in listing.filters else ""
    return f'<th scope="col" data-column="{html(column)}"{choice}>{label}</th>'


def _cell(place: int, text: str) -> str:
    return f'<th scope="row">{text}</th>' if place == 0 else f"<td>{text}</td>"
