"""Build the report: check the study, run the chapters, stage and render the book, put it in place when all is well."""

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import analysis
from analysis.book import made, pages, reuse
from analysis.book.execution import ChapterTask, known_parameters, run_chapters
from analysis.book.failures import Failure, ReportFailed
from analysis.book.finishing import finish
from analysis.book.provenance import provenance_page
from analysis.book.rendering import render
from analysis.show.catalogue import Catalogue
from analysis.study.dictionary import render as render_dictionary
from analysis.study.intake import read_study
from analysis.study.settings import Study

ROOT = Path(analysis.__file__).resolve().parent.parent
BUNDLED_STUDY = ROOT / "data" / "sfj"
# Given by the driver to every chapter; all other parameters come from the command line.
_OWN_PARAMETERS = ("study", "language", "results")


class UnknownChapter(ValueError):
    """A chapter that the table of contents does not have."""


class UnknownParameter(ValueError):
    """A parameter that no chosen chapter knows, or a value that it cannot take."""


@dataclass(frozen=True)
class Request:
    """What to build.

    study: folder of the study. out: folder that receives `html/` and keeps executed chapters for the next build.
    chapters: names of the chapters to compute, empty for all. parameters: values that replace those of the templates.
    root: folder with `_config.yml`, `_toc.yml`, `book/` and `notebooks/`.
    """

    study: Path
    out: Path
    chapters: Sequence[str] = ()
    language: str = "en"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    root: Path = ROOT

    def template(self, chapter: str) -> Path:
        """The notebook of a chapter."""
        return self.root / "notebooks" / f"{chapter}.ipynb"

    def kept(self, chapter: str) -> Path:
        """Where the last run of a chapter is kept."""
        return self.out / "executed" / self.language / chapter


def build_report(request: Request, tell: Callable[[str], None] = print) -> Path:
    """Build the report and return the path of its first page; `tell` receives one line a step.

    A chapter whose template, package, data, parameters and installed packages are unchanged is not run again. With
    `chapters`, only those are run; the others are shown if their last run is still current, else their page says that
    they were left out. Raises StudyProblems for an invalid study, UnknownChapter, UnknownParameter, and ReportFailed
    when a cell fails or a page has a fault; the last good book then stays as it is. Raises ForeignFiles rather than
    remove a file that no build made.
    """
    request = _absolute(request)
    words = Catalogue(request.language)
    chapters = pages.listed_chapters(request.root)
    chosen = _chosen(request, chapters)
    parameters = {chapter: _chapter_parameters(request, chapter) for chapter in chapters}
    _refuse_unknown(request, chosen)
    _refuse_impossible(request, chosen)
    made.refuse_foreign(request.out)
    study, _ = read_study(request.study)
    request.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=made.SCRATCH, dir=request.out) as folder:
        made.mark(Path(folder))
        runs = {chapter: _planned(request, chapter, parameters[chapter], Path(folder)) for chapter in chapters}
        _execute(request, [runs[chapter] for chapter in chosen], tell)
        started = time.perf_counter()
        html = _render(request, study, words, list(runs.values()), Path(folder) / "book")
        made.mark(html)
        made.refuse_foreign(request.out)
        _swap_in(html, request.out / "html")
        tell(f"{'book':<20} {time.perf_counter() - started:5.1f} s")
    return request.out / "html" / "index.html"


@dataclass(frozen=True)
class _Run:
    """One chapter of a build: its task, the key of its inputs when the build began, and where its last run is kept."""

    task: ChapterTask
    key: str
    kept: Path

    @property
    def chapter(self) -> str:
        return self.task.chapter

    @property
    def is_current(self) -> bool:
        return reuse.is_current(self.kept, self.key)


def _planned(request: Request, chapter: str, parameters: Mapping[str, Any], work: Path) -> _Run:
    task = ChapterTask(chapter, request.template(chapter), parameters, work / "executed" / chapter)
    return _Run(task, _key(request, task), request.kept(chapter))


def _absolute(request: Request) -> Request:
    return Request(
        Path(request.study).resolve(),
        Path(request.out).resolve(),
        tuple(request.chapters),
        request.language,
        dict(request.parameters),
        Path(request.root).resolve(),
    )


def _chosen(request: Request, chapters: Sequence[str]) -> list[str]:
    unknown = sorted(set(request.chapters) - set(chapters))
    if unknown:
        raise UnknownChapter(f"no chapter {', '.join(unknown)}; there is: {', '.join(chapters)}")
    return [chapter for chapter in chapters if chapter in request.chapters or not request.chapters]


def _chapter_parameters(request: Request, chapter: str) -> dict[str, Any]:
    known = known_parameters(request.template(chapter))
    lacking = sorted(set(_OWN_PARAMETERS) - known.keys())
    if lacking:
        raise UnknownParameter(f"notebooks/{chapter}.ipynb lacks the parameters: {', '.join(lacking)}")
    given = {name: value for name, value in request.parameters.items() if name in known}
    return {"study": str(request.study), "language": request.language, **given}


def _refuse_unknown(request: Request, chosen: Sequence[str]) -> None:
    known = {name for chapter in chosen for name in known_parameters(request.template(chapter))}
    unknown = sorted(set(request.parameters) - (known - set(_OWN_PARAMETERS)))
    if unknown:
        settable = ", ".join(sorted(known - set(_OWN_PARAMETERS))) or "none"
        raise UnknownParameter(f"no chosen chapter has the parameter {', '.join(unknown)}; there is: {settable}")


def _refuse_impossible(request: Request, chosen: Sequence[str]) -> None:
    """A value must be of the kind of the usual one: a share for a share, a whole number for a whole number."""
    usual = {name: value for chapter in chosen for name, value in known_parameters(request.template(chapter)).items()}
    for name, given in request.parameters.items():
        wanted = _wanted(usual[name], given)
        if wanted:
            raise UnknownParameter(f"{name} takes {wanted}, for example {name}={usual[name]}")


def _wanted(usual: Any, given: Any) -> str | None:
    """What the parameter takes, if the given value is not that; None if it is."""
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if isinstance(usual, float) and 0 < usual < 1:
        return None if number and 0 < given < 1 else "a share between 0 and 1"
    if isinstance(usual, int) and not isinstance(usual, bool):
        return None if isinstance(given, int) and number and given >= 0 else "a whole number"
    return None


def _key(request: Request, task: ChapterTask) -> str:
    package = Path(analysis.__file__).parent
    folders = [package, request.study, request.root / "data" / "sfj" / "published"]
    return reuse.content_key(task.parameters, [task.template], folders)


def _execute(request: Request, runs: Sequence[_Run], tell: Callable[[str], None]) -> None:
    """Run the chapters that are not current, and keep each complete run for this and later builds."""
    waiting = {run.chapter: run for run in runs if not run.is_current}
    for run in runs:
        if run.chapter not in waiting:
            tell(f"{run.chapter:<20} unchanged")
    failures = []
    for outcome in run_chapters([run.task for run in waiting.values()]):
        failure = outcome.failure or _kept_failure(request, waiting[outcome.task.chapter])
        failures += [failure] if failure else []
        tell(f"{outcome.task.chapter:<20} {outcome.seconds:5.1f} s{'  FAILED' if failure else ''}")
    if failures:
        raise ReportFailed(failures)


def _kept_failure(request: Request, run: _Run) -> Failure | None:
    """Keep a complete run; refuse one whose inputs changed while it ran, since its key would not be true."""
    if _key(request, run.task) != run.key:
        return Failure(f"notebooks/{run.chapter}.ipynb", "its inputs changed while it ran; build again")
    reuse.keep(run.task.folder, run.kept, run.key)
    return None


def _render(request: Request, study: Study, words: Catalogue, runs: Sequence[_Run], stage: Path) -> Path:
    """Stage and render the book; returns the folder of its finished HTML."""
    pages.stage_sources(request.root, stage, pages.book_settings(request.root, study, words))
    shown = [run for run in runs if run.is_current]
    for run in runs:
        page = stage / "notebooks" / f"{run.chapter}.ipynb"
        if run in shown:
            pages.stage_chapter(run.kept / page.name, page)
        else:
            pages.stage_left_out(run.task.template, page, words)
    parameters = {run.chapter: run.task.parameters for run in shown}
    generated = {
        "data_dictionary.md": render_dictionary(study),
        "provenance.md": provenance_page(study, request.study, request.root, parameters, words),
        pages.KEY_FINDINGS: "".join(pages.key_findings(run.kept) for run in shown if run.chapter == "summary"),
        pages.SYNTHETIC_FIT: "".join(
            pages.shown_cells(run.kept / "reproduction.ipynb", pages.FIT_CELLS)
            for run in shown
            if run.chapter == "reproduction"
        )
        or words.text("book.left_out"),
    }
    for name, text in generated.items():
        (stage / "book" / name).write_text(text, encoding="utf-8")
    html = render(stage)
    finish(html)
    for run in shown:
        _copy_results(run.kept / "results", html / "results")
    return html


def _copy_results(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)


def _swap_in(fresh: Path, html: Path) -> None:
    """Put the new book where the last one is; if that fails half-way, the last one is put back."""
    retired = fresh.with_name("retired")
    if html.exists():
        html.rename(retired)
    try:
        fresh.rename(html)
    except OSError:
        if retired.exists():
            retired.rename(html)
        raise
