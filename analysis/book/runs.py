"""Which chapters a build can run, what each is made from, and which kept run is still what a new one would give."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import analysis
from analysis.book import pages, reuse
from analysis.book.execution import ChapterTask
from analysis.book.inputs import Files, seen
from analysis.book.parameters import known_parameters
from analysis.book.parts import Part
from analysis.book.provenance import LeftOut
from analysis.book.request import Request, chapter_parameters
from analysis.book.used import Package
from analysis.published.scorecard import CELLS
from analysis.study.finding import DATA

PACKAGE = Path(analysis.__file__).parent
# What every chapter may be made with, whatever its study.
PROGRAM = (PACKAGE, CELLS.parent, DATA / "studies.yml")


@dataclass(frozen=True)
class Run:
    """One chapter of a build: its study, what to run, where a complete run is kept, and what it is made from.

    sources: place → its files as they were before anything was read. used: those of them that the chapter hangs on.
    others: parameters of other chapters that it hangs on.
    """

    part: Part
    chapter: str
    template: Path
    parameters: Mapping[str, Any]
    kept: Path
    sources: Mapping[Path, Files]
    used: Mapping[Path, Files]
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What commands and messages call it."""
        return self.part.name_of(self.chapter)

    @cached_property
    def key(self) -> str:
        """What a complete run is known by, see `reuse`."""
        return reuse.content_key({**self.others, **self.parameters}, self.used)

    @property
    def is_current(self) -> bool:
        """Whether the run that is kept is what a new one would give."""
        return reuse.is_current(self.kept, self.key)

    def task(self, work: Path) -> ChapterTask:
        """What to execute, in a folder aside."""
        return ChapterTask(
            self.chapter, self.template, self.parameters, work / self.part.place / self.chapter, self.part.folder,
            self.part.cells(self.template), "" if self.part.is_main else self.part.place,
        )  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """A whole build: its studies, the chapters that they can have, and names of those to compute.

    lacking: chapters that a study lacks something for. program: place → its files from before anything was read, for
    all that the book is made from but the studies.
    """

    parts: Sequence[Part]
    runs: Sequence[Run]
    chosen: Sequence[str]
    lacking: Sequence[LeftOut]
    program: Mapping[Path, Files]

    @cached_property
    def package(self) -> Package:
        """The package as it was then."""
        return Package(PACKAGE, self.program[PACKAGE], ())

    def key_of_modules(self, names: Iterable[str], parts: Sequence[Part], *folders: Path) -> str:
        """What the work of modules for these studies is known by: they, further folders, and all that the modules
        import with its words."""
        package = self.package
        files = package.with_data(package.closure(names))
        about = {"language": parts[0].words.language, "places": [part.place for part in parts]}
        places = {folder: seen(folder) for folder in folders} | {part.folder: part.files for part in parts}
        return reuse.content_key(about, {PACKAGE: files, **places})

    @property
    def sources(self) -> dict[Path, Files]:
        """The same for all that the book is made from."""
        return {**self.program, **{part.folder: part.files for part in self.parts}}


def planned(request: Request, parts: Sequence[Part], program: Mapping[Path, Files]) -> tuple[list[Run], list[LeftOut]]:
    """The chapters that each study can have, and those that lack something."""
    runs, lacking = [], []
    package = Package(PACKAGE, program[PACKAGE], pages.listed_chapters(request.root))
    for part in parts:
        for chapter in package.chapters:
            need = part.lacks(request.template(chapter))
            if need:
                lacking.append(LeftOut(part, chapter, need))
            else:
                runs.append(_run(request, part, chapter, program, package))
    return runs, lacking


def _run(request: Request, part: Part, chapter: str, program: Mapping[Path, Files], package: Package) -> Run:
    template = request.template(chapter)
    parameters = chapter_parameters(request, part, known_parameters(template))
    kept = request.out / "executed" / request.language / part.name_of(chapter).replace("/", ".")
    notebooks = program[template.parent]
    sources = {part.folder: part.files, template.parent: notebooks, **{place: program[place] for place in PROGRAM}}
    if part.study.disclosure == "protected":  # what must stay untold hangs on all of its chapters, run together
        return Run(part, chapter, template, parameters, kept, sources, sources, request.parameters)
    modules = package.used_by(template, part.study.as_printed.package if part.study.as_printed else None)
    used = {**sources, template.parent: {template: notebooks[template]}, PACKAGE: modules,
            part.folder: package.of_study(part.files, part.folder, modules)}  # fmt: skip
    return Run(part, chapter, template, parameters, kept, sources, used)
