"""A study as a part of the book: its own pages, the chapters that it can have, and where each stands."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat

from analysis.book.inputs import Files, seen
from analysis.book.plan import chapter_lacks, kept_cells
from analysis.frames.trial import Trial, open_trial
from analysis.show.catalogue import Catalogue
from analysis.show.study_words import study_catalogue
from analysis.study.finding import find_companion
from analysis.study.settings import Study

MAIN = "notebooks"
PAGES = "pages"


@dataclass(frozen=True, eq=False)
class Part:
    """One study of the book.

    place: folder of its chapters in the book, `notebooks` for the study that the book is about, the study folder's name
    for a companion. files: those of the study's folder, from before they were read.
    """

    trial: Trial
    words: Catalogue
    place: str = MAIN
    files: Files = field(default_factory=dict)

    @property
    def study(self) -> Study:
        """The study's settings."""
        return self.trial.study

    @property
    def folder(self) -> Path:
        """The study's folder."""
        return self.trial.folder

    @property
    def is_main(self) -> bool:
        """Whether the book is about this study."""
        return self.place == MAIN

    @property
    def known(self) -> str:
        """What the study is called where studies are told apart: its name, for a companion its place."""
        return self.study.name if self.is_main else self.place

    @property
    def title(self) -> str:
        """The study's title in the language of the book, or in the first one that it has."""
        return self.study.title.get(self.words.language) or next(iter(self.study.title.values()))

    @property
    def results(self) -> str:
        """Folder below `results/` for the part's downloads, empty for none of its own."""
        return "" if self.is_main else self.place

    @cached_property
    def pages(self) -> dict[str, Path]:
        """The study's own hand-written pages by name."""
        return {path.stem: path for path in sorted((self.folder / PAGES).glob("*.md"))}

    def name_of(self, chapter: str) -> str:
        """What commands and messages call a chapter of this part."""
        return chapter if self.is_main else f"{self.place}/{chapter}"

    def chapter_title(self, chapter: str) -> str:
        """A chapter's title in lists, in Markdown; its name for a chapter that the catalogue does not know."""
        return str(self.words.in_markdown.get(f"book.chapter_titles.{chapter}", chapter.replace("_", " ").capitalize()))

    def lacks(self, template: Path) -> str | None:
        """The first need of the whole chapter that the study does not meet."""
        return chapter_lacks(self.trial, template)

    def cells(self, template: Path) -> tuple[int, ...]:
        """Numbers of the template's cells that the study can fill."""
        cells = nbformat.read(template, as_version=4).cells
        kept = {id(cell) for cell in kept_cells(self.trial, cells)}
        return tuple(number for number, cell in enumerate(cells) if id(cell) in kept)


def open_parts(folder: Path, language: str) -> list[Part]:
    """The study of a book, then its companions. Raises StudyProblems for the first that cannot be read."""
    main = _part(folder, language, MAIN)
    return [main, *(_part(find_companion(folder, name), language, name) for name in main.study.companions)]


def _part(folder: Path, language: str, place: str) -> Part:
    files = seen(folder)
    trial = open_trial(folder)
    return Part(trial, study_catalogue(trial.study, language, trial.folder), place, files)
