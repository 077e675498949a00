"""A lighter edition: of what the theme brings only what pages use, and drawings in files of their own.

A page of the theme loads a script with two thousand icons, and rules for parts that no page has. Which icons and rules
are in use is read off the finished pages and scripts, so nothing is listed here that a page may come to need.
"""

import base64
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import nbformat
from fontTools import subset
from fontTools.ttLib import TTFont

from analysis.book.compact import compact, compact_script

DRAWINGS = "_images"
_ICON_SCRIPT = re.compile(r'\s*<script[^>]*/fontawesome\.js[^>]*></script>')
# What only the page of search itself needs; the theme lets every page ask for it.
_OF_SEARCH = re.compile(
    r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex|doctools|sphinx_highlight)\.js[^"]*"></script>'
)
# Scripts and styles that the theme lets every page load → what a page has that needs them.
_ONLY_WITH = {
    re.compile(r'\s*<link[^>]*/sphinx-design\.min\.css[^>]*>'): re.compile(r'class="(?:[^"]* )?sd-'),
    re.compile(r'\s*<script[^>]*/design-tabs\.js[^>]*></script>'): re.compile(r'class="[^"]*\bsd-tab-'),
    re.compile(r'\s*<script[^>]*/togglebutton\.js[^>]*></script>|\s*<link[^>]*/togglebutton\.css[^>]*>|'
               r"\s*<script>(?:let|var) toggle\w+ = '[^']*';</script>"):
        re.compile(r'class="(?:(?:[^"]* )?toggle[ "]|(?=[^"]*\badmonition\b)[^"]*\bdropdown\b)'),
}  # fmt: skip
# The way to the source of a page that is no notebook: the page has all that stands in it.
_OF_SOURCE = re.compile(r'<li>\s*<a class="[^"]*btn-download-source-button[^>]*\.md"[^>]*>.*?</a>\s*</li>', re.DOTALL)
_EMBEDDED = re.compile(r'data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)')
_MAP = re.compile(r"(?:/\*|//)# sourceMappingURL=[^\s*]+(?:\s*\*/)?")
_COMMENT = re.compile(r"/\*(?P<licence>!?).*?\*/", flags=re.DOTALL)
_NAMED = re.compile(r'\b(?:class|id)="([^"]*)"')
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_ARGUMENT = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
_NAME = re.compile(r"[.#]((?:[\w-]|\\.)+)")
_COMMA = re.compile(r",(?![^(]*\))")
_GLYPH = re.compile(r"\\([0-9a-f]{4,5})\b|([\ue000-\uf8ff])")
_FONT = re.compile(r'url\((?P<name>[^)]*)\.woff2\)\s*format\("woff2"\),url\([^)]*\.ttf\)\s*format\("truetype"\)')


def lighten(html: Path) -> None:
    """Leave out of a folder of finished pages and results what readers never use, and what they would load twice."""
    pages = sorted(html.rglob("*.html"))
    drawn = _known_drawings(html)
    for page in pages:
        text = _ICON_SCRIPT.sub("", page.read_text(encoding="utf-8"))
        text = _OF_SOURCE.sub("", text if page.name == "search.html" else _OF_SEARCH.sub("", text))
        for parts, needed in _ONLY_WITH.items():
            text = text if needed.search(text) else parts.sub("", text)
        page.write_text(compact(_with_drawings(text, page, html, drawn)), encoding="utf-8")
    for source in sorted(html.glob("_sources/**/*.md")):
        source.unlink()
    for notebook in sorted(html.glob("_sources/**/*.ipynb")):
        _without_outputs(notebook)
    _lighten_static(html / "_static", pages)


def _without_outputs(notebook: Path) -> None:
    """A notebook as one runs it again; what it shows is on its page."""
    content = nbformat.read(notebook, as_version=4)
    for cell in content.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    short = json.dumps(json.loads(nbformat.writes(content)), ensure_ascii=False, separators=(",", ":"))
    notebook.write_text(f"{short}\n", encoding="utf-8")


def _known_drawings(html: Path) -> dict[bytes, Path]:
    """Digest → the drawing that readers are offered for download, which a page may as well show."""
    return {hashlib.sha256(file.read_bytes()).digest(): file for file in sorted(html.glob("results/**/*.svg"))}


def _with_drawings(text: str, page: Path, html: Path, drawn: dict[bytes, Path]) -> str:
    """The page with links to its drawings, so that a reader loads the one that fits and no other."""

    def linked(found: re.Match) -> str:
        svg = base64.b64decode(found[1])
        digest = hashlib.sha256(svg).digest()
        if digest not in drawn:
            drawn[digest] = html / DRAWINGS / f"{digest.hex()[:16]}.svg"
            drawn[digest].parent.mkdir(exist_ok=True)
            drawn[digest].write_bytes(svg)
        return os.path.relpath(drawn[digest], page.parent)

    return _EMBEDDED.sub(linked, text)


def _lighten_static(static: Path, pages: list[Path]) -> None:
    whole = "".join(page.read_text(encoding="utf-8") for page in pages)
    scripts = {script: compact_script(_MAP.sub("", script.read_text(encoding="utf-8")))
               for script in _named(static, "*.js", whole)}  # fmt: skip
    known = _words(whole, scripts.values())
    styles = {style: _light_style(style.read_text(encoding="utf-8"), known) for style in _named(static, "*.css", whole)}
    glyphs = {int(found[0], 16) if found[0] else ord(found[1]) for found in _GLYPH.findall("".join(styles.values()))}
    for font in sorted(static.glob("vendor/fontawesome/webfonts/*.ttf")):
        _keep_glyphs(font, glyphs)
    for file, text in {**scripts, **styles}.items():
        file.write_text(text, encoding="utf-8")
    _leave_out(static, "".join([whole, *scripts.values(), *styles.values()]))


def _named(static: Path, pattern: str, text: str) -> list[Path]:
    return [file for file in sorted(static.rglob(pattern)) if file.name in text]


def _leave_out(static: Path, text: str) -> None:
    """Remove what neither a page nor a script nor a style sheet names, and folders that are empty then."""
    for path in sorted(static.rglob("*"), reverse=True):
        if path.is_file() and path.name not in text:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _light_style(style: str, known: set[str]) -> str:
    licences = dict.fromkeys(found[0] for found in _COMMENT.finditer(style) if found["licence"])
    rules = kept_rules(_COMMENT.sub("", _MAP.sub("", style)), known)
    return "\n".join([*licences, _FONT.sub(r'url(\g<name>.woff) format("woff")', rules)])


def _words(pages: str, scripts: Iterable[str]) -> set[str]:
    """Every name of a class or an element on a page, and every word of a script, which may be one."""
    named = (names.split() for names in _NAMED.findall(pages))
    return set(chain(*named, *map(_WORD.findall, scripts)))


def kept_rules(style: str, known: set[str]) -> str:
    """A style sheet with those rules alone that can hold of a page on which only the known names stand."""
    return "".join(_kept(style, known))


def _kept(style: str, known: set[str]) -> Iterator[str]:
    for head, block in _rules(style):
        if block is None or head.startswith(("@font-face", "@property", "@page")) or "keyframes" in head:
            yield head if block is None else f"{head}{{{block}}}"
        elif head.startswith("@"):
            if inner := "".join(_kept(block, known)):
                yield f"{head}{{{inner}}}"
        elif selectors := [each for each in _COMMA.split(head) if _may_hold(each, known)]:
            yield f"{','.join(selectors)}{{{block}}}"


def _rules(style: str) -> Iterator[tuple[str, str | None]]:
    """What stands before a block, and the block; None for a statement without one."""
    start = at = 0
    while (found := re.compile(r"[{;]").search(style, at)) is not None:
        if found[0] == ";":
            yield style[start : found.end()].strip(), None
            start = at = found.end()
            continue
        end = _end_of_block(style, found.end())
        yield style[start : found.start()].strip(), style[found.end() : end]
        start = at = end + 1


def _end_of_block(style: str, start: int) -> int:
    """Where the block ends whose first character stands at `start`; braces in quotes are none."""
    depth = 1
    for found in re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[{}]', flags=re.DOTALL).finditer(style, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    raise ValueError(f"a style sheet has a block without an end: {style[max(0, start - 80):start]}")


def _may_hold(selector: str, known: set[str]) -> bool:
    """Whether all names that the selector asks for are known; what stands in `:not()` and its like is not asked."""
    names = _NAME.findall(re.sub(r"\[[^\]]*\]", "", _ARGUMENT.sub("", selector)))
    return all(name.replace("\\", "") in known for name in names)


def _keep_glyphs(font: Path, glyphs: set[int]) -> None:
    """Replace a font of icons by one with those alone that a style sheet names; one without any is left out."""
    whole = TTFont(font, recalcTimestamp=False)
    font.unlink()
    font.with_suffix(".woff2").unlink(missing_ok=True)
    if glyphs.isdisjoint(whole.getBestCmap()):
        return
    options = subset.Options(flavor="woff", layout_features=[], notdef_outline=False, glyph_names=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=glyphs)
    cutter.subset(whole)
    whole.flavor, target = "woff", io.BytesIO()
    whole.save(target)
    font.with_suffix(".woff").write_bytes(target.getvalue())
