"""An executed chapter as a page of the book: headings and notes as text, and what other pages take from it."""

import re
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from analysis.book.failures import Failure
from analysis.book.links import Links
from analysis.show.catalogue import Catalogue
from analysis.study.escaping import markdown

NOTE = "note"
# Cells of the summary that the front page shows, and of the chapter on reproduction that a page on the data may show.
ANSWERS = ("answers", "answers-figure")
FIT_CELLS = ("fit", "fit-table", "fit-logits", "certificates")


def prose_of(notebook: Path) -> str:
    """All Markdown of a notebook, that of its notes too, with every cell's text set off by empty lines."""
    cells = as_page(nbformat.read(notebook, as_version=4)).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def as_page(notebook: NotebookNode) -> NotebookNode:
    """The notebook in which a computed main heading and the study's notes are text of the page; an empty note is left
    out."""
    page = nbformat.from_dict(notebook)
    page.cells = [shown for cell in page.cells if (shown := _as_text(cell)) is not None]
    return page


def _as_text(cell: NotebookNode) -> NotebookNode | None:
    text = _markdown_output(cell)
    if NOTE in cell.metadata.get("tags", []):
        return nbformat.v4.new_markdown_cell(text, id=cell.id) if text.strip() else None
    return nbformat.v4.new_markdown_cell(text, id=cell.id) if text.startswith("# ") else cell


def _markdown_output(cell: NotebookNode) -> str:
    """The Markdown that a cell shows, if it shows nothing else."""
    outputs = cell.get("outputs", [])
    return outputs[0].get("data", {}).get("text/markdown", "") if len(outputs) == 1 else ""


def with_links(notebook: NotebookNode, links: Links, page: str) -> NotebookNode:
    """The notebook with links that hold in this book, in its text and in its outputs."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = links.mended(cell.source, page)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                data["text/html"] = links.mended_html(data["text/html"], page)
            if "text/markdown" in data:
                data["text/markdown"] = links.mended_output(data["text/markdown"], page)
    return notebook


def failed_page(title: str, failure: Failure, words: Catalogue) -> str:
    """Markdown of the page of a chapter that could not be made: where it stopped, and by what kind of error."""
    text = words.text("book.failed", place=markdown(failure.place), cause=markdown(failure.told))
    return f"# {title}\n\n:::{{warning}}\n{text.strip()}\n:::\n"


def shown_cells(executed: Path | None, names: Sequence[str]) -> str:
    """What cells of an executed chapter show, as the source of a hand-written page: sentences as text, tables as HTML.

    Links to other chapters lead on from there; a cell that the chapter does not have is passed over, and so is a
    chapter that was not run.
    """
    if executed is None:
        return ""
    notebook = nbformat.read(executed, as_version=4)
    shown = {cell.id: cell.get("outputs", []) for cell in notebook.cells}
    parts = []
    for output in (output for name in names for output in shown.get(name, [])):
        data = output.get("data", {})
        text = data.get("text/markdown")
        html = re.sub(r'href="(?!\.\./|#|\w+:)', 'href="../notebooks/', data.get("text/html", "")).strip()
        fence = max(["``", *re.findall("`+", html)], key=len) + "`"  # longer than any in it
        if text or html:
            parts.append(text or f"{fence}{{raw}} html\n{html}\n{fence}")
    return "\n\n".join(parts) + "\n"
