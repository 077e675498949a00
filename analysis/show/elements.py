"""HTML around results: the frames of tables and figures, what stands below them, links to downloads."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence

from analysis.show.finished import Html
from analysis.study.escaping import html

# Name of the page of a method in the book, followed by that of the method.
METHOD_PAGE = "method_"
# Up to this width of the window a page shows the narrow drawing.
_NARROW = "36rem"


def table_frame(element: str, anchor: str, caption: str, below: str) -> Html:
    """A table element with what stands below it, in a frame that scrolls sideways. caption: escaped."""
    scroll = f'<div class="table-scroll" role="region" tabindex="0" aria-label="{caption}">\n{element}\n</div>'
    return Html(f'<figure class="result-table" id="{anchor}">\n{scroll}\n{below}</figure>')


def figure_frame(
    wide: bytes, narrow: bytes, alt: str, anchor: str, caption: str, below: str, table: str = ""
) -> Html:
    """Two drawings of one figure, of which a page shows the one that fits; caption, below and table are HTML."""
    image = (
        f'<picture><source media="(max-width: {_NARROW})" srcset="{_embedded(narrow)}">'
        f'<img src="{_embedded(wide)}" alt="{html(alt)}"></picture>'
    )
    return Html(
        f'<figure class="result-figure" id="{anchor}">\n<figcaption>{caption}</figcaption>\n{image}\n{table}'
        f"{below}</figure>"
    )


def other_view(heads: Sequence[str], rows: Sequence[Sequence[str]], text: Callable[[str], str]) -> str:
    """The numbers of a figure for the page's script, which switches the drawing and their table by a button; nothing
    without rows. text: gives the words of the button."""
    if not rows:
        return ""
    content = json.dumps([heads, rows], ensure_ascii=False, separators=(",", ":"))
    content = content.replace("<", "\\u003c")  # nothing ends the element before its end
    as_table, as_chart = (html(text(f"common.figure.{way}")) for way in ("as_table", "as_chart"))
    words = f'data-as-table="{as_table}" data-as-chart="{as_chart}"'
    return f'<script type="application/json" class="other-view" {words}>{content}</script>\n'


def notes_below(parts: Sequence[str], legend: Sequence[str] = (), label: str | None = None) -> str:
    """Paragraphs under a table or figure, behind them the legend (HTML) and the label of synthetic data."""
    lines = "".join(f"<p>{html(part)}</p>" for part in parts)
    lines += "".join(f'<p class="kind-legend">{line}</p>' for line in legend)
    if label:
        lines += f'<p class="data-label">{html(label)}</p>'
    return f'<div class="result-notes">{lines}</div>\n' if lines else ""


def methods_linked(lead: str, pages: Mapping[str, str]) -> str:
    """A line that leads to the pages of methods; page → what it is called."""
    links = ", ".join(f'<a href="../book/{METHOD_PAGE}{page}.html">{title}</a>' for page, title in pages.items())
    return f'<p class="methods">{html(lead)} {links}</p>\n' if links else ""


def downloads(links: Sequence[tuple[str, str]], traced: tuple[str, str] | None = None) -> str:
    """Links to downloads, and to where the numbers come from: address and words of each."""
    shown = [f'<a href="{address}" download>{html(words)}</a>' for address, words in links]
    shown += [f'<a href="{address}">{html(words)}</a>' for address, words in filter(None, [traced])]
    return f'<p class="downloads">{" · ".join(shown)}</p>\n'


def beside(text: str, note: str) -> str:
    """Markdown of a text and a short note on it, for the margin of a wide window, else below the text."""
    heading, gap, body = text.partition("\n\n") if text.startswith("#") else ("", "", text)
    aside = f'<aside class="margin" role="note">\n\n{note}\n\n</aside>'
    return f'{heading}{gap}<div class="noted">\n\n{body}\n\n{aside}\n</div>'


def traced(address: str, words: str) -> str:
    """A small link behind a text to where its numbers come from."""
    return f' <a class="traced" href="{address}" title="{html(words)}" aria-label="{html(words)}">i</a>'


def _embedded(svg: bytes) -> str:
    """A drawing as an address that holds it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
