"""Stage the source of the book in a fresh folder: settings, table of contents, hand-written and generated pages."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
import yaml

from analysis.show.catalogue import Catalogue
from analysis.show.prose import unbroken
from analysis.study.settings import Study
from analysis.study.yaml_files import read_yaml

KEY_FINDINGS = "_key_findings.md"
SYNTHETIC_FIT = "_synthetic_fit.md"
# Cells of the chapter on reproduction that the page on the synthetic trial shows too.
FIT_CELLS = ("fit", "fit-table", "fit-logits", "certificates")


def book_settings(root: Path, study: Study, words: Catalogue) -> dict:
    """Jupyter Book settings: `_config.yml` with title, language, banner, and what the first page says of the data."""
    settings = read_yaml(root / "_config.yml")
    title = study.title.get(words.language) or next(iter(study.title.values()))
    settings["title"] = title
    sphinx = settings.setdefault("sphinx", {}).setdefault("config", {})
    sphinx["html_title"] = title
    sphinx["language"] = words.language
    which = words.text(f"book.which_data.{study.data}", title=title, name=study.name)
    sphinx["myst_substitutions"] = {"which_data": which.strip()}
    if study.data == "synthetic":
        settings.setdefault("html", {})["announcement"] = words.text("book.banner").strip()
    return settings


def listed_chapters(root: Path) -> list[str]:
    """Names of the chapters with a notebook, in the order of the table of contents."""
    contents = read_yaml(root / "_toc.yml")
    files = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    return [Path(file).name for file in files if file.startswith("notebooks/")]


def stage_sources(root: Path, stage: Path, settings: Mapping) -> None:
    """Copy the hand-written part of the book and write its settings."""
    stage.mkdir(parents=True)
    generated = shutil.ignore_patterns(".*", KEY_FINDINGS, SYNTHETIC_FIT, "data_dictionary.md", "provenance.md")
    shutil.copytree(root / "book", stage / "book", ignore=generated)
    shutil.copyfile(root / "_toc.yml", stage / "_toc.yml")
    (stage / "notebooks").mkdir()
    (stage / "_config.yml").write_text(yaml.safe_dump(dict(settings), allow_unicode=True), encoding="utf-8")


def stage_chapter(executed: Path, page: Path) -> None:
    """Copy an executed chapter; a main heading that a cell computed becomes text, so that it is the page's title."""
    notebook = nbformat.read(executed, as_version=4)
    for number, cell in enumerate(notebook.cells):
        heading = _computed_heading(cell)
        if heading:
            notebook.cells[number] = nbformat.v4.new_markdown_cell(heading, id=cell.id)
    nbformat.write(notebook, page)


def _computed_heading(cell: nbformat.NotebookNode) -> str | None:
    outputs = cell.get("outputs", [])
    text = outputs[0].get("data", {}).get("text/markdown", "") if len(outputs) == 1 else ""
    return text if text.startswith("# ") else None


def stage_left_out(template: Path, page: Path, words: Catalogue) -> None:
    """Write a page in place of a chapter that is not in this build.

    It keeps the targets that other pages refer to, and is a notebook as the chapter is, so that links to it hold.
    """
    notebook = nbformat.read(template, as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    targets = re.findall(r"^\([^()\s]+\)=$", prose, flags=re.MULTILINE)
    title = words.text(f"book.chapter_titles.{template.stem}")
    text = "\n\n".join([*targets, f"# {title}", words.text("book.left_out")])
    cells = [nbformat.v4.new_markdown_cell(text, id="left-out")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata), page)


def key_findings(executed: Path) -> str:
    """The main findings as a list, from the sentences that a run of the summary wrote; nothing if it wrote none."""
    sentences = executed / "results" / "summary" / "sentences.json"
    if not sentences.is_file():
        return ""
    said = json.loads(sentences.read_text(encoding="utf-8"))
    return "\n".join(f"- {unbroken(sentence['text'])}" for sentence in said if sentence["finding"]) + "\n"


def shown_cells(executed: Path, names: Sequence[str]) -> str:
    """What cells of an executed chapter show, as the source of a hand-written page: sentences as text, tables as HTML.

    Links to other chapters lead on from there.
    """
    notebook = nbformat.read(executed, as_version=4)
    shown = {cell.id: cell.get("outputs", []) for cell in notebook.cells}
    parts = []
    for output in (output for name in names for output in shown[name]):
        data = output.get("data", {})
        text = data.get("text/markdown")
        html = re.sub(r'href="(?!\.\./|#|\w+:)', 'href="../notebooks/', data.get("text/html", "")).strip()
        parts.append(text or f"```{{raw}} html\n{html}\n```")
    return "\n\n".join(parts) + "\n"
