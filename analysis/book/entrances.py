"""How readers come in from elsewhere: what a shared link shows, where a dead one leads, how the report is cited."""

import io
import textwrap
from pathlib import Path

from bs4 import BeautifulSoup
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import analysis
from analysis.book.parts import Part
from analysis.book.reading_aids import PREVIEW
from analysis.show.figures import style
from analysis.study.escaping import html, markdown

NOT_FOUND = "404.html"
CITED = "_cite.md"
_COVER = "book/index.html"
_STYLE = """
body { font: 1.0625rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: auto; padding: 1.5rem; color: #1f2933;
 background: #fff; }
a { color: #0b5394; } a:focus-visible { outline: 3px solid #0b5394; outline-offset: 2px; }
@media (prefers-color-scheme: dark) { body { color: #e8eaed; background: #14181e; } a { color: #8ab4f8; } }"""
# A lost page may have stood in any folder, so links start from the root of the report; those that are like the lost one
# come first.
_SCRIPT = """
const items = [...document.querySelectorAll("#all li")];
const folders = new Set(items.map(item => item.firstChild.getAttribute("href").split("/")[0]));
const parts = location.pathname.split("/");
const at = parts.findIndex(part => folders.has(part));
const root = parts.slice(0, at).join("/") + "/";
if (at > 0) document.head.append(Object.assign(document.createElement("base"), { href: root }));
const lost = (parts.at(-1) || "").replace(/\\.html?$/, "").toLowerCase();
const words = lost.split(/[_\\W]+/).filter(word => word.length > 3);
const near = items.filter(item => words.some(word => item.textContent.toLowerCase().includes(word) ||
  item.firstChild.getAttribute("href").includes(word)));
if (near.length) {
  document.getElementById("near").hidden = false;
  document.querySelector("#near ul").append(...near.map(item => item.cloneNode(true)));
}"""


def write_entrances(folder: Path, part: Part) -> None:
    """Write the picture for shared links and the page for dead ones into a finished book, if it has a cover."""
    if not (folder / _COVER).is_file():
        return
    cover = BeautifulSoup((folder / _COVER).read_text(encoding="utf-8"), "html.parser")
    (folder / PREVIEW).write_bytes(preview(part.title, _first_answer(cover)))
    (folder / NOT_FOUND).write_text(not_found(cover, part), encoding="utf-8")


def _first_answer(cover: BeautifulSoup) -> str:
    told = cover.select_one("article dd p") or cover.select_one("article p")
    return " ".join(told.get_text(" ", strip=True).split()) if told else ""


def preview(title: str, answer: str) -> bytes:
    """A picture of 1200 × 630 pixels with the title and the first answer, as chats and feeds show it; the same bytes
    each time."""
    with style.look():
        canvas = Figure(figsize=(12, 6.3), dpi=100, facecolor=style.CONTROL)
        FigureCanvasAgg(canvas)
        look = {"color": "w", "va": "top"}
        canvas.text(0.06, 0.86, "\n".join(textwrap.wrap(title, 44)[:2]), fontsize=30, weight="bold", **look)
        lines = textwrap.wrap(answer, 66)
        told = lines[:7] if len(lines) <= 7 else [*lines[:6], f"{lines[6]} …"]
        canvas.text(0.06, 0.60, "\n".join(told), fontsize=20, linespacing=1.5, **look)
        target = io.BytesIO()
        canvas.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def not_found(cover: BeautifulSoup, part: Part) -> str:
    """The page for an address that is not there: what it may have been, and every page of the contents."""
    words = part.words.in_html
    linked = {a["href"]: a.get_text(strip=True) for a in cover.select("nav.bd-links a.reference.internal")}
    pages = {f"book/{href}" if not href.startswith("../") else href[3:]: name
             for href, name in linked.items() if not href.startswith("#")}  # fmt: skip
    entries = "".join(f'<li><a href="{html(href)}">{html(name)}</a></li>' for href, name in pages.items())
    title, text, near, all_ = (words.text(f"book.not_found.{name}") for name in ("title", "text", "near", "all"))
    return (
        f'<!DOCTYPE html>\n<html lang="{words.language}">\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f'<link rel="icon" href="data:,"><style>{_STYLE}</style></head>\n<body><main>\n<h1>{title}</h1>\n'
        f"<p>{text}</p>\n"
        f'<div id="near" hidden><p>{near}</p><ul></ul></div>\n<p>{all_}</p>\n<ul id="all">'
        f'<li><a href="{_COVER}">{html(part.title)}</a></li>{entries}</ul>\n</main>\n<script>{_SCRIPT}</script>\n'
        "</body>\n</html>\n"
    )


def cited(part: Part) -> str:
    """MyST of the box that says how to cite the report: in words and as BibTeX, with version and date."""
    words, date, version = part.words, analysis.RELEASED, analysis.__version__
    author, note = words.text("book.cite.author"), words.text("book.cite.note", version=version, date=date)
    values = {"author": author, "title": markdown(part.title), "version": version, "date": date}
    told = words.in_markdown.text("book.cite.text", **values)
    warned = f"\n\n{words.text('book.cite.synthetic')}" * (part.study.data == "synthetic")
    entry = (f"@techreport{{{part.study.name}_{date[:4]},\n  author = {{{{{author}}}}},\n"
             f"  title = {{{{{_bibtex(part.title)}}}}},\n  year = {{{date[:4]}}},\n  month = {{{int(date[5:7])}}},\n"
             f"  note = {{{note}}}\n}}")  # fmt: skip
    return (f"````{{admonition}} {words.text('book.cite.heading')}\n:class: note\n{told}{warned}\n\n"
            f"```bibtex\n{entry}\n```\n````\n")  # fmt: skip


def _bibtex(text: str) -> str:
    """A text in which nothing is a command or a brace of BibTeX."""
    return "".join(f"\\{sign}" if sign in "&%$#_" else "" if sign in "{}\\`" else sign for sign in text)
