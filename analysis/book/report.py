"""Build the report: check the studies, run the chapters they can have, stage and render the book, put it in place."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import analysis
from analysis.book import chapter_pages, claims, made, pages, reuse
from analysis.book.execution import ChapterTask, run_chapters
from analysis.book.failures import ChaptersFailed, Failure, ReportFailed
from analysis.book.finishing import finish
from analysis.book.pages import Book, ChapterPage
from analysis.book.parameters import known_parameters
from analysis.book.parts import Part, open_parts
from analysis.book.provenance import LeftOut, provenance_page
from analysis.book.rendering import render
from analysis.published.audit.guide import render as render_checks
from analysis.published.scorecard import CELLS
from analysis.show.parameters import OWN, WrongParameter, check
from analysis.study.dictionary import render as render_dictionary
from analysis.study.finding import BUNDLED

ROOT = Path(analysis.__file__).resolve().parent.parent
BUNDLED_STUDY = BUNDLED
# What every chapter is made with, whatever its study.
PROGRAM = (Path(analysis.__file__).parent, CELLS.parent)


class UnknownChapter(ValueError):
    """A chapter that the table of contents does not have."""


class UnknownParameter(WrongParameter):
    """A parameter that no chosen chapter knows, or a value that it cannot take."""


@dataclass(frozen=True)
class Request:
    """What to build.

    study: folder of the study. out: folder that receives `html/` and keeps executed chapters for the next build.
    chapters: names of the chapters to compute, `<study>/<chapter>` for those of a companion; empty for all.
    parameters: values that replace those of the templates.
    root: folder with `_config.yml`, `_toc.yml`, `book/` and `notebooks/`.
    kernel: whether each chapter runs in an ordinary Jupyter kernel, which takes longer.
    """

    study: Path
    out: Path
    chapters: Sequence[str] = ()
    language: str = "en"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    root: Path = ROOT
    kernel: bool = False

    def template(self, chapter: str) -> Path:
        """The notebook of a chapter."""
        return self.root / "notebooks" / f"{chapter}.ipynb"


def build_report(request: Request, tell: Callable[[str], None] = print) -> Path:
    """Build the report and return the path of its first page; `tell` receives one line a step.

    A chapter whose template, package, data, parameters and installed packages are unchanged is not run again. With
    `chapters`, only those are run; of the others, those are shown whose last run is still current. Chapters and cells
    that need what a study does not have are left out. Raises StudyProblems for an invalid study, UnknownChapter,
    UnknownParameter, and ReportFailed when a page has a fault; the last good book then stays as it is. Raises
    ForeignFiles rather than remove a file that no build made, and ChaptersFailed when the new book is in place but for
    chapters that could not be made.
    """
    request = _absolute(request)
    _refuse_lacking(request)
    made.refuse_foreign(request.out)
    parts = open_parts(request.study, request.language)
    runs, lacking = _planned(request, parts)
    chosen = _chosen(request, [run.name for run in runs], [each.name for each in lacking])
    _refuse_parameters(request, parts[0], [run for run in runs if run.name in chosen])
    request.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=made.SCRATCH, dir=request.out) as folder:
        made.mark(Path(folder))
        failed = _execute(Path(folder), [run for run in runs if run.name in chosen], request.kernel, tell)
        started = time.perf_counter()
        shown = [_page(run, failed) for run in runs if run.name in failed or run.is_current]
        html, faulty = _render(request, parts, shown, [*lacking, *_not_asked_for(runs, shown)], Path(folder))
        made.mark(html)
        made.refuse_foreign(request.out)
        _swap_in(html, request.out / "html")
        tell(f"{'book':<20} {time.perf_counter() - started:5.1f} s")
    page = request.out / "html" / "index.html"
    if failures := [*failed.values(), *faulty]:
        raise ChaptersFailed(failures, page)
    return page


@dataclass(frozen=True)
class _Run:
    """One chapter of a build: its study, what to run, the key of its inputs when the build began, and its last run."""

    part: Part
    chapter: str
    template: Path
    parameters: Mapping[str, Any]
    kept: Path
    key: str

    @property
    def name(self) -> str:
        return self.part.name_of(self.chapter)

    @property
    def is_current(self) -> bool:
        return reuse.is_current(self.kept, self.key)

    def task(self, work: Path) -> ChapterTask:
        """What to execute, in a folder aside."""
        return ChapterTask(
            self.chapter, self.template, self.parameters, work / self.part.place / self.chapter, self.part.folder,
            self.part.cells(self.template), "" if self.part.is_main else self.part.place,
        )  # fmt: skip

    def current_key(self) -> str:
        """The key of the inputs as they are now."""
        return _key(reuse.digest([self.part.folder]), self.template, self.parameters)


def _key(data: str, template: Path, parameters: Mapping[str, Any]) -> str:
    return reuse.content_key(parameters, [template], PROGRAM, data)


def _absolute(request: Request) -> Request:
    study, out, root = (Path(path).resolve() for path in (request.study, request.out, request.root))
    return replace(
        request, study=study, out=out, root=root, chapters=tuple(request.chapters), parameters=dict(request.parameters)
    )


def _planned(request: Request, parts: Sequence[Part]) -> tuple[list[_Run], list[LeftOut]]:
    """The chapters that each study can have, and those that lack something."""
    runs, lacking = [], []
    for part in parts:
        for chapter in pages.listed_chapters(request.root):
            need = part.lacks(request.template(chapter))
            if need:
                lacking.append(LeftOut(part, chapter, need))
            else:
                runs.append(_run(request, part, chapter))
    return runs, lacking


def _run(request: Request, part: Part, chapter: str) -> _Run:
    template = request.template(chapter)
    parameters = _chapter_parameters(request, part, known_parameters(template))
    kept = request.out / "executed" / request.language / part.name_of(chapter).replace("/", ".")
    return _Run(part, chapter, template, parameters, kept, _key(part.digest, template, parameters))


def _chapter_parameters(request: Request, part: Part, known: Mapping[str, Any]) -> dict[str, Any]:
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


def _refuse_lacking(request: Request) -> None:
    """A template must take what the driver gives."""
    for chapter in pages.listed_chapters(request.root):
        lacking = sorted(set(OWN) - known_parameters(request.template(chapter)).keys())
        if lacking:
            raise UnknownParameter(f"notebooks/{chapter}.ipynb lacks the parameters: {', '.join(lacking)}")


def _chosen(request: Request, there: Sequence[str], lacking: Sequence[str]) -> list[str]:
    unknown = sorted(set(request.chapters) - set(there) - set(lacking))
    if unknown:
        raise UnknownChapter(f"no chapter {', '.join(unknown)}; there is: {', '.join(there)}")
    return [name for name in there if name in request.chapters or not request.chapters]


def _refuse_parameters(request: Request, main: Part, chosen: Sequence[_Run]) -> None:
    usual = {name: value for run in chosen for name, value in known_parameters(run.template).items()}
    settable = {name: value for name, value in usual.items() if name not in OWN}
    if unknown := sorted(set(request.parameters) - set(settable)):
        there = ", ".join(sorted(settable)) or "none"
        raise UnknownParameter(f"no chosen chapter has the parameter {', '.join(unknown)}; there is: {there}")
    try:
        check(request.parameters, usual, main.study)
    except WrongParameter as error:
        raise UnknownParameter(str(error)) from None


def _execute(work: Path, runs: Sequence[_Run], kernel: bool, tell: Callable[[str], None]) -> dict[str, Failure]:
    """Run the chapters that are not current, keep each complete run, and return why others could not be made."""
    kernel = kernel or reuse.has_changed(PROGRAM, since=analysis.STARTED)
    waiting = {task.folder: (run, task) for run in runs if not run.is_current for task in [run.task(work)]}
    for run in runs:
        if run.is_current:
            tell(f"{run.name:<20} unchanged")
    failures = {}
    trials = {run.part.place: run.part.trial for run, _ in waiting.values()}
    for outcome in run_chapters([task for _, task in waiting.values()], list(trials.values()), kernel):
        run, task = waiting[outcome.task.folder]
        failure = outcome.failure or _kept_failure(run, task)
        failures |= {run.name: failure} if failure else {}
        tell(f"{run.name:<20} {outcome.seconds:5.1f} s{'  FAILED' if failure else ''}")
    return failures


def _kept_failure(run: _Run, task: ChapterTask) -> Failure | None:
    """Keep a complete run; refuse one whose inputs changed while it ran, since its key would not be true."""
    if run.current_key() != run.key:
        cause = "its inputs changed while it ran; build again"
        return Failure(task.place, cause, told=cause)
    reuse.keep(task.folder, run.kept, run.key)
    return None


def _page(run: _Run, failed: Mapping[str, Failure]) -> ChapterPage:
    if run.name in failed:
        return ChapterPage(run.part, run.chapter, failure=failed[run.name])
    return ChapterPage(run.part, run.chapter, run.kept / f"{run.chapter}.ipynb", parameters=run.parameters)


def _not_asked_for(runs: Sequence[_Run], shown: Sequence[ChapterPage]) -> Iterator[LeftOut]:
    there = {(page.part, page.chapter) for page in shown}
    return (LeftOut(run.part, run.chapter) for run in runs if (run.part, run.chapter) not in there)


def _render(
    request: Request, parts: Sequence[Part], shown: Sequence[ChapterPage], left_out: Sequence[LeftOut], work: Path
) -> tuple[Path, list[Failure]]:
    """Stage and render the book; returns the folder of its finished HTML, and faults of chapters that it lacks now.

    A chapter whose page has a fault is replaced by one that says so. Raises ReportFailed for a fault of another page,
    and for what a page says that its numbers do not bear out.
    """
    failures: list[Failure] = []
    try:
        book = _staged(request, parts, shown, left_out, work / "book")
        html = render(work / "book")
    except ReportFailed as error:
        failures = list(error.failures)
        mended = [_without_fault(page, failures) for page in shown]
        if mended == list(shown) or not all(any(_is_of(page, fault) for page in shown) for fault in failures):
            raise
        book = _staged(request, parts, mended, left_out, work / "book-again")
        html = render(work / "book-again")
    finish(html, {part.place: book.banners.get(part.place) for part in parts})
    for page in book.chapters:
        if page.executed:
            _copy_results(page.executed.parent / "results", html / "results" / page.part.results)
    if untrue := claims.faults(html):
        raise ReportFailed(untrue)
    return html, failures


def _is_of(page: ChapterPage, failure: Failure) -> bool:
    return failure.place.split(",")[0] == page.file


def _without_fault(page: ChapterPage, failures: Sequence[Failure]) -> ChapterPage:
    """The page, or what stands in its place if it has a fault."""
    own = next((failure for failure in failures if _is_of(page, failure)), None)
    if own is None:
        return page
    told = page.part.words.text("book.faulty_page").strip()
    return ChapterPage(page.part, page.chapter, failure=replace(own, told=told))


def _staged(
    request: Request, parts: Sequence[Part], shown: Sequence[ChapterPage], left_out: Sequence[LeftOut], stage: Path
) -> Book:
    main, words = parts[0], parts[0].words
    executed = {page.chapter: page.executed for page in shown if page.part is main and page.executed}
    found = chapter_pages.shown_cells(executed.get("summary"), chapter_pages.ANSWERS)
    fit = chapter_pages.shown_cells(executed.get("reproduction"), chapter_pages.FIT_CELLS)
    generated = {
        "data_dictionary.md": render_dictionary(main.study),
        "audit_checks.md": render_checks(),
        "provenance.md": provenance_page(parts, request.root, shown, left_out),
        pages.KEY_FINDINGS: found.strip() or words.text("book.no_findings"),
        pages.SYNTHETIC_FIT: fit.strip() or words.text("book.not_computed"),
    }
    book = Book(request.root, parts, shown, generated)
    book.stage(stage)
    return book


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
