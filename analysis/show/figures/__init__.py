"""Figures: a frame of plotted numbers in, deterministic SVG and computed alt text out.

`Figure` says what is plotted; `draw` turns it into SVG bytes; `alt_text` describes it in a sentence with its numbers,
`tabulated` lays these out as a table.
One module per family of figures; `style` holds the one visual language.
"""

from analysis.show.figures.alt import alt_lead, alt_text, labels_of
from analysis.show.figures.drawing import draw, draw_files
from analysis.show.figures.figure import KINDS, Figure, titled
from analysis.show.figures.style import PHONE, WIDTH
from analysis.show.figures.tabulated import tabulated
from analysis.show.figures.words import entry_of

__all__ = ["KINDS", "PHONE", "WIDTH", "Figure", "alt_lead", "alt_text", "draw", "draw_files", "entry_of", "labels_of",
           "tabulated", "titled"]  # fmt: skip
