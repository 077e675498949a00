"""Stage the source of the book in a fresh folder: settings, table of contents, pages and chapters of every study."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
import yaml

from analysis.book import chapter_pages, inputs
from analysis.book.failures import Failure
from analysis.book.finishing import Banner
from analysis.book.links import Links, labels, labels_linked
from analysis.book.parts import Part
from analysis.methods.worked import EXAMPLES
from analysis.show.catalogue import Catalogue
from analysis.show.elements import METHOD_PAGE
from analysis.study.escaping import html, markdown
from analysis.study.yaml_files import read_yaml

# Pages that hold the text of another page, by the name that the other includes.
KEY_FINDINGS = "_key_findings.md"
SYNTHETIC_FIT = "_synthetic_fit.md"
CHAPTERS = "_chapters.md"
# The page under which those of single methods stand.
METHODS = "book/methods"
_NOTE = re.compile(r"^% note: (\S+)\n", flags=re.MULTILINE)


@dataclass(frozen=True)
class ChapterPage:
    """One chapter of the book: the notebook of its run and its parameters, or why it has none."""

    part: Part
    chapter: str
    executed: Path | None = None
    failure: Failure | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> str:
        """What sources call the chapter's page."""
        return f"notebooks/{self.chapter}"

    @property
    def file(self) -> str:
        """The page's file in the book."""
        return f"{self.part.place}/{self.chapter}{'.ipynb' if self.executed else '.md'}"


def contents(root: Path) -> dict:
    """The table of contents as its author wrote it: everything that a book may have."""
    return read_yaml(root / "_toc.yml")


def listed(root: Path) -> list[str]:
    """Every page and chapter of the table of contents, as `book/methods` or `notebooks/health`."""
    whole = contents(root)
    return [whole["root"], *(entry["file"] for part in whole["parts"] for entry in part["chapters"])]


def listed_chapters(root: Path) -> list[str]:
    """Names of the chapters with a notebook, in the order of the table of contents."""
    return [PurePosixPath(file).name for file in listed(root) if file.startswith("notebooks/")]


@dataclass(frozen=True)
class Book:
    """What goes into one book.

    parts: its studies, the one it is about first. chapters: every chapter that has a page. generated: name → text of
    the files in `book/` that the driver writes.
    """

    root: Path
    parts: Sequence[Part]
    chapters: Sequence[ChapterPage]
    generated: Mapping[str, str]

    @property
    def main(self) -> Part:
        """The study that the book is about."""
        return self.parts[0]

    def stage(self, stage: Path) -> None:
        """Write the whole source of the book into a folder that does not exist yet."""
        inputs.copy(self.root / "book", stage / "book", but=".md")
        for name, text in {**self.generated, CHAPTERS: self._list()}.items():
            _write(stage / "book" / name, self.generated_page(name, text))
        for part in self.parts:
            links = self.links(part)
            for known, (file, source) in self._texts[part.place].items():
                text = _with_notes(source.read_text(encoding="utf-8"), part.words.in_markdown)
                _write(stage / file, links.mended(text, known))
        for page in self.chapters:
            self._stage_chapter(page, stage)
        _write(stage / "_toc.yml", yaml.safe_dump(self.contents(), allow_unicode=True, sort_keys=False))
        _write(stage / "_config.yml", yaml.safe_dump(self.settings(), allow_unicode=True))

    def generated_page(self, name: str, text: str) -> str:
        """A page that the driver wrote, or a piece of one, whose links to pages are those of finished HTML."""
        links, page = self.links(self.main), f"book/{Path(name).stem}"
        links = replace(links, known_labels={*links.known_labels, *labels_linked(text)})
        return links.mended_html(text if name.startswith("_") else links.mended(text, page), f"book/{name}")

    def _stage_chapter(self, page: ChapterPage, stage: Path) -> None:
        links = self.links(page.part)
        (stage / page.file).parent.mkdir(exist_ok=True)
        if page.executed:
            folds = page.part.words.entry("book.folds").values()
            notebook = chapter_pages.as_page(nbformat.read(page.executed, as_version=4), folds)
            nbformat.write(chapter_pages.with_links(notebook, links, page.known), stage / page.file)
        else:
            words, title = page.part.words, page.part.chapter_title(page.chapter)
            _write(stage / page.file, chapter_pages.failed_page(title, page.failure, words))

    def settings(self) -> dict:
        """Jupyter Book settings: `_config.yml` with title, language, banner, and what page one says of the data."""
        settings = read_yaml(self.root / "_config.yml")
        part, words = self.main, self.main.words
        settings["title"] = part.title
        if self.banners:  # which of them a page carries is settled when it is finished
            settings.setdefault("html", {})["announcement"] = next(iter(self.banners.values())).computed
        sphinx = settings.setdefault("sphinx", {}).setdefault("config", {})
        sphinx["html_title"], sphinx["language"] = part.title, words.language
        logo = sphinx.get("html_theme_options", {}).get("logo", {})
        logo |= {key: words.in_html.text(f"book.{word}", title=html(part.title))
                 for key, word in (("text", "logo"), ("alt_text", "logo_alt")) if key in logo}  # fmt: skip
        title = markdown(part.title)
        which = words.in_markdown.text(f"book.which_data.{part.study.data}", title=title, name=part.study.name)
        sphinx["myst_substitutions"] = {"which_data": which.strip(), "title": title}
        return settings

    @cached_property
    def banners(self) -> dict[str, Banner]:
        """Place of each study with synthetic data → what the banners of its pages say."""
        names = ("banner", "banner_elsewhere")
        return {
            part.place: Banner(*(part.words.in_html.text(f"book.{name}").strip() for name in names))
            for part in self.parts
            if part.study.data == "synthetic"
        }

    def contents(self) -> dict:
        """The table of contents of what is there; a companion is a part of its own, behind the last with chapters."""
        whole = contents(self.root)
        here = self.places(self.main)
        parts = [self._with_methods(_with_files(part, here)) for part in whole["parts"]]
        last = max((number for number, part in enumerate(parts) if _has_chapters(part)), default=len(parts) - 1)
        companions = [self._companion_contents(part) for part in self.parts[1:]]
        ordered = [*parts[: last + 1], *companions, *parts[last + 1 :]]
        return {**whole, "parts": [part for part in ordered if part["chapters"]]}

    def _with_methods(self, part: Mapping) -> Mapping:
        """The part in which the pages of single methods stand below the one on methods."""
        pages = [{"file": f"book/{_stem(name)}"} for name in self.generated if name.startswith(METHOD_PAGE)]
        return {**part, "chapters": [{**entry, "sections": pages} if pages and entry["file"] == METHODS else entry
                                     for entry in part["chapters"]]}  # fmt: skip

    def _list(self) -> str:
        """The study's own pages and its chapters as a list of links, for its cover."""
        cover, *files = listed(self.root)
        here = self.places(self.main)
        own = {page.known: page.part.chapter_title(page.chapter) for page in self.chapters if page.part is self.main}
        own |= {f"book/{name}": _heading(path) for name, path in self.main.pages.items() if f"book/{name}" != cover}
        return "".join(f"- [{own[file]}](../{here[file]})\n" for file in files if file in own and file in here)

    def _companion_contents(self, part: Part) -> dict:
        """Background first, then chapters, then what discusses them: the order of the table of contents."""
        whole = contents(self.root)
        entries = [entry for listed in whole["parts"] for entry in listed["chapters"]]
        own = {known: file for known, file in self.places(part).items() if file.startswith(f"{part.place}/")}
        return _with_files({"caption": part.title, "chapters": entries}, own)

    def places(self, part: Part) -> dict[str, str]:
        """Known page → its file, as links from a study's pages find it: its own pages first, then those of the book."""
        own = {known: file for known, (file, _) in self._texts[part.place].items()}
        chapters = {page.known: page.file for page in self.chapters if page.part is part}
        general = {known: file for known, (file, source) in self._texts[self.main.place].items()
                   if source.parent == self.root / "book"}  # fmt: skip
        generated = {f"book/{Path(name).stem}": f"book/{name}" for name in self.generated if not name.startswith("_")}
        return {**general, **generated, **own, **chapters}

    @cached_property
    def _texts(self) -> dict[str, dict[str, tuple[str, Path]]]:
        """Place of each study → its hand-written pages that are listed: known name → file in the book, and source."""
        first, *_ = listed(self.root)
        names = [PurePosixPath(file).name for file in listed(self.root) if file.startswith("book/")]
        general = {path.stem: path for path in (self.root / "book").glob("*.md")}
        found = {}
        for part in self.parts:
            sources = {**general, **part.pages} if part.is_main else part.pages
            folder = "book" if part.is_main else part.place
            found[part.place] = {
                f"book/{name}": (f"{folder}/{name}.md", sources[name])
                for name in names
                if name in sources and (part.is_main or (self._has_chapter(part) and f"book/{name}" != first))
            }
        return found

    def _has_chapter(self, part: Part) -> bool:
        return any(page.part is part for page in self.chapters)

    def links(self, part: Part) -> Links:
        """How links and labels of a study's pages read in this book."""
        return self._links[part.place]

    @cached_property
    def _links(self) -> dict[str, Links]:
        return {part.place: self._links_of(part) for part in self.parts}

    def _links_of(self, part: Part) -> Links:
        own = self._labels_of_templates.union(*map(_labels_of, part.pages.values()))
        shared = set().union(*map(_labels_of, (self.root / "book").glob("*.md")))
        renamed = {label: _own_label(label, part) for label in own & self._labels_here(part)}
        titles = {f"notebooks/{chapter}": part.chapter_title(chapter) for chapter in listed_chapters(self.root)}
        known = {*listed(self.root), *(f"book/{Path(name).stem}" for name in self.generated)}
        known |= {f"book/{METHOD_PAGE}{name}" for name in EXAMPLES}
        return Links(known, self.places(part), own | shared, {**{label: label for label in shared}, **renamed},
                     part.results, titles)  # fmt: skip

    @cached_property
    def _labels_of_templates(self) -> set[str]:
        return labels("\n\n".join(map(chapter_pages.prose_of, sorted((self.root / "notebooks").glob("*.ipynb")))))

    def _labels_here(self, part: Part) -> set[str]:
        """Labels that a study's own pages and chapters set in this book."""
        texts = set().union(*(_labels_of(source) for _, source in self._texts[part.place].values()))
        return texts.union(*(
            labels(chapter_pages.prose_of(page.executed))
            for page in self.chapters if page.part is part and page.executed
        ))  # fmt: skip


def _with_notes(text: str, words: Catalogue) -> str:
    """A page in which a line `% note: <name>` is what the study's words say under `book.notes`, or nothing."""
    return _NOTE.sub(lambda found: f"{note}\n" if (note := str(words.get(f"book.notes.{found[1]}", ""))) else "", text)


def _heading(page: Path) -> str:
    """The first heading of a page; its name if it has none."""
    found = re.search(r"^# +(.+?) *$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return found[1] if found else page.stem


def _own_label(label: str, part: Part) -> str:
    return label if part.is_main or label.startswith(f"{part.place}-") else f"{part.place}-{label}"


def _labels_of(path: Path) -> set[str]:
    return labels(path.read_text(encoding="utf-8"))


def _with_files(part: Mapping, files: Mapping[str, str]) -> dict:
    """The entries of a part whose page is there, each with its file."""
    there = [entry for entry in part["chapters"] if entry["file"] in files]
    return {**part, "chapters": [{**entry, "file": _stem(files[entry["file"]])} for entry in there]}


def _stem(file: str) -> str:
    return str(PurePosixPath(file).with_suffix(""))


def _has_chapters(part: Mapping) -> bool:
    return any(entry["file"].startswith("notebooks/") for entry in part["chapters"])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
