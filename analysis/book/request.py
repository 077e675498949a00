"""What is asked of a build, and what of it cannot be done: found out before anything is computed."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import analysis
from analysis.book import pages
from analysis.book.parameters import known_parameters
from analysis.book.parts import Part
from analysis.show.parameters import OWN, WrongParameter, check

ROOT = Path(analysis.__file__).resolve().parent.parent


class UnknownChapter(ValueError):
    """A chapter that the table of contents does not have."""


class UnknownParameter(WrongParameter):
    """A parameter that no chosen chapter knows, or a value that it cannot take."""


class UnusableFolder(ValueError):
    """A folder for results that lies where a report reads from."""


@dataclass(frozen=True)
class Request:
    """What to build.

    study: folder of the study. out: folder that receives `html/` and keeps executed chapters for the next build.
    chapters: names of the chapters to compute, `<study>/<chapter>` for those of a companion; empty for all.
    parameters: values that replace those of the templates.
    root: folder with `_config.yml`, `_toc.yml`, `book/` and `notebooks/`.
    kernel: whether each chapter runs in an ordinary Jupyter kernel, which takes longer.
    timings: whether to tell where the seconds went.
    """

    study: Path
    out: Path
    chapters: Sequence[str] = ()
    language: str = "en"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    root: Path = ROOT
    kernel: bool = False
    timings: bool = False

    def template(self, chapter: str) -> Path:
        """The notebook of a chapter."""
        return self.root / "notebooks" / f"{chapter}.ipynb"

    @property
    def sources(self) -> tuple[Path, ...]:
        """Where the book's settings, general pages and notebooks stand."""
        return tuple(self.root / name for name in ("_config.yml", "_toc.yml", "book", "notebooks"))

    def absolute(self) -> "Request":
        """The same, wherever it is read."""
        study, out, root = (Path(os.path.realpath(path)) for path in (self.study, self.out, self.root))
        return replace(
            self, study=study, out=out, root=root, chapters=tuple(self.chapters), parameters=dict(self.parameters)
        )


def chapter_parameters(request: Request, part: Part, known: Mapping[str, Any]) -> dict[str, Any]:
    """The values given, for a companion only where they make sense there, and the names of study and language."""
    given = {name: value for name, value in request.parameters.items() if name in known}
    if not part.is_main:
        given = {name: value for name, value in given.items() if _is_possible(name, value, known, part)}
    return {"study": part.folder.name, "language": request.language, **given}


def _is_possible(name: str, value: Any, known: Mapping[str, Any], part: Part) -> bool:
    try:
        check({name: value}, known, part.study)
    except WrongParameter:
        return False
    return True


def refuse_lacking(request: Request) -> None:
    """A template must take what the driver gives. Raises UnknownParameter."""
    for chapter in pages.listed_chapters(request.root):
        lacking = sorted(set(OWN) - known_parameters(request.template(chapter)).keys())
        if lacking:
            raise UnknownParameter(f"notebooks/{chapter}.ipynb lacks the parameters: {', '.join(lacking)}")


def refuse_inside(request: Request, places: Iterable[Path]) -> None:
    """What a build writes must not lie among what it reads. Raises UnusableFolder."""
    for place in places:
        if request.out.is_relative_to(place):
            raise UnusableFolder(f"--out {request.out}: the report is made from what is in {place}, so nothing can be "
                                 "written there. Name a folder elsewhere.")  # fmt: skip


def chosen(request: Request, there: Sequence[str], lacking: Sequence[str]) -> list[str]:
    """Names of the chapters to compute. Raises UnknownChapter."""
    unknown = sorted(set(request.chapters) - set(there) - set(lacking))
    if unknown:
        raise UnknownChapter(f"no chapter {', '.join(unknown)}; there is: {', '.join(there)}")
    return [name for name in there if name in request.chapters or not request.chapters]


def refuse_parameters(request: Request, main: Part, templates: Iterable[Path]) -> None:
    """Raises UnknownParameter for one that no template has, or for a value that it cannot take."""
    usual = {name: value for template in templates for name, value in known_parameters(template).items()}
    settable = {name: value for name, value in usual.items() if name not in OWN}
    if unknown := sorted(set(request.parameters) - set(settable)):
        there = ", ".join(sorted(settable)) or "none"
        raise UnknownParameter(f"no chosen chapter has the parameter {', '.join(unknown)}; there is: {there}")
    try:
        check(request.parameters, usual, main.study)
    except WrongParameter as error:
        raise UnknownParameter(str(error)) from None
