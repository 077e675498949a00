"""An executed chapter as a page of the book: headings and notes as text, and what other pages take from it."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from analysis.book.failures import Failure
from analysis.book.links import Links
from analysis.show.catalogue import Catalogue
from analysis.study.escaping import markdown

NOTE = "note"
# What a cell of a page keeps of the notebook that it is from.
NUMBER = "number"
# Cells of the summary that the front page shows, and of the chapter on reproduction that a page on the data may show.
ANSWERS = ("answers", "answers-figure")
FIT_CELLS = ("fit", "fit-table", "fit-logits", "certificates")


def prose_of(notebook: Path) -> str:
    """All Markdown of a notebook, that of its notes too, with every cell's text set off by empty lines."""
    cells = as_page(nbformat.read(notebook, as_version=4), ()).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def as_page(notebook: NotebookNode, folds: Collection[str]) -> NotebookNode:
    """The notebook as readers get it.

    A computed main heading and the study's notes are text of the page, an empty note is left out; paragraphs that begin
    with one of the words `folds` are folded; the code of each section stands in one fold at its end.
    """
    page = nbformat.from_dict(notebook)
    for number, cell in enumerate(page.cells, start=1):
        cell.metadata[NUMBER] = number  # by which its author knows it
    cells = [shown for cell in page.cells if (shown := _as_text(cell)) is not None]
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = folded(cell.source, folds)
    page.cells = [cell for section in _sections(cells) for cell in _code_last(section)]
    return page


def folded(text: str, folds: Collection[str]) -> str:
    """Markdown in which a paragraph that begins with `**Word.**`, Word one of `folds`, is folded under that word.

    The fold ends with the text, with a heading or a note in the margin, or where the next one begins. So notebooks read
    well without the book.
    """
    if not folds:
        return text
    opening = rf"^\*\*(?:{'|'.join(map(re.escape, folds))})\.\*\*"
    whole = re.compile(rf"{opening}\s.*?(?=^#+ |^<aside |{opening}|\Z)", flags=re.MULTILINE | re.DOTALL)
    return whole.sub(_fold, text)


def _fold(found: re.Match) -> str:
    title, _, text = found[0].removeprefix("**").partition(".**")
    fence = max(["``", *re.findall("`+", text)], key=len) + "`"  # longer than any in it
    return f"{fence}{{admonition}} {title}\n:class: note, dropdown\n{text.strip()}\n{fence}\n\n"


def _sections(cells: Sequence[NotebookNode]) -> list[list[NotebookNode]]:
    """The cells in pieces, each but the first beginning with a heading of the second level."""
    pieces: list[list[NotebookNode]] = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.lstrip().startswith("## "):
            pieces.append([])
        pieces[-1].append(cell)
    return pieces


def _code_last(section: Sequence[NotebookNode]) -> list[NotebookNode]:
    """The section with the results of its code, and all of the code in one cell behind them."""
    code = [cell for cell in section if cell.cell_type == "code"]
    shown = [_without_code(cell) for cell in section if cell.cell_type != "code" or cell.outputs]
    if not code:
        return shown
    source = "\n\n".join(cell.source for cell in code)
    whole = nbformat.v4.new_code_cell(source, id=f"code-{code[0].id}"[:64], metadata={"tags": ["hide-input"]})
    return [*shown, whole]


def _without_code(cell: NotebookNode) -> NotebookNode:
    if cell.cell_type == "code":
        tags = [tag for tag in cell.metadata.get("tags", []) if tag != "hide-input"]
        cell.metadata["tags"] = [*tags, "remove-input"]
    return cell


def _as_text(cell: NotebookNode) -> NotebookNode | None:
    text = _markdown_output(cell)
    written = nbformat.v4.new_markdown_cell(text, id=cell.id, metadata={NUMBER: cell.metadata[NUMBER]})
    if NOTE in cell.metadata.get("tags", []):
        return written if text.strip() else None
    return written if text.startswith("# ") else cell


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
