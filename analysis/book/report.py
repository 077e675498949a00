"""Build the report: check the studies, run the chapters they can have, stage and render the book, put it in place."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import analysis
from analysis.book import chapter_pages, claims, inputs, lock, made, pages, rehearsal, reuse, unchanged
from analysis.book.execution import ChapterTask, run_chapters
from analysis.book.failures import ChaptersFailed, Failure, ReportFailed
from analysis.book.finishing import finish
from analysis.book.inputs import Files, seen
from analysis.book.method_pages import method_pages
from analysis.book.pages import Book, ChapterPage
from analysis.book.parameters import known_parameters
from analysis.book.parts import Part, open_parts
from analysis.book.provenance import FILE, LeftOut, as_json, manifest, provenance_page
from analysis.book.rendering import render
from analysis.book.request import (
    ROOT,
    Request,
    UnknownChapter,
    UnknownParameter,
    UnusableFolder,
    chapter_parameters,
    chosen,
    refuse_inside,
    refuse_lacking,
    refuse_parameters,
)  # fmt: skip
from analysis.book.trace_pages import write_pages as write_trace_pages
from analysis.calibration.guide import render as render_calibration
from analysis.methods import recording
from analysis.published.audit.guide import render as render_checks
from analysis.published.scorecard import CELLS
from analysis.show.disclosure import refuse_small_cells, write_people, write_plan
from analysis.study.dictionary import render as render_dictionary
from analysis.study.finding import BUNDLED

__all__ = ["BUNDLED_STUDY", "ROOT", "Request", "UnknownChapter", "UnknownParameter", "UnusableFolder", "build_report"]

BUNDLED_STUDY = BUNDLED
# What every chapter is made with, whatever its study.
PROGRAM = (Path(analysis.__file__).parent, CELLS.parent)


def build_report(request: Request, tell: Callable[[str], None] = print) -> Path:
    """Build the report and return the path of its first page; `tell` receives one line a step.

    A chapter whose template, package, data, parameters and installed packages are unchanged is not run again. With
    `chapters`, only those are run; of the others, those are shown whose last run is still current. Chapters and cells
    that need what a study does not have are left out. Raises StudyProblems for an invalid study, UnknownChapter,
    UnknownParameter, and ReportFailed when a page has a fault; the last good book then stays as it is. Raises
    ForeignFiles rather than remove a file that no build made, and ChaptersFailed when the new book is in place but for
    chapters that could not be made.
    """
    request = request.absolute()
    refuse_lacking(request)
    lock.refuse_held(request.out)
    made.refuse_foreign(request.out)
    recording.start()
    program = {place: seen(place) for place in (*PROGRAM, *request.sources)}
    parts = open_parts(request.study, request.language)
    for part in parts:
        refuse_small_cells(part.study)
    refuse_inside(request, [*program, *(part.folder for part in parts)])
    runs, lacking = _planned(request, parts, program)
    names = chosen(request, [run.name for run in runs], [each.name for each in lacking])
    refuse_parameters(request, parts[0], [run.template for run in runs if run.name in names])
    with lock.held(request.out) as is_sure:
        if is_sure:
            made.sweep(request.out)
        return _built(request, Plan(parts, runs, names, lacking, program), tell)


@dataclass(frozen=True)
class Run:
    """One chapter of a build: its study, what to run, where a complete run is kept, and what it is made from.

    sources: place → its files as they were before anything was read. others: parameters of other chapters that it
    hangs on.
    """

    part: Part
    chapter: str
    template: Path
    parameters: Mapping[str, Any]
    kept: Path
    sources: Mapping[Path, Files]
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What commands and messages call it."""
        return self.part.name_of(self.chapter)

    @cached_property
    def key(self) -> str:
        """What a complete run is known by, see `reuse`."""
        return reuse.content_key({**self.others, **self.parameters}, self.sources)

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

    @property
    def sources(self) -> dict[Path, Files]:
        """The same for all that the book is made from."""
        return {**self.program, **{part.folder: part.files for part in self.parts}}


def _planned(
    request: Request, parts: Sequence[Part], program: Mapping[Path, Files]
) -> tuple[list[Run], list[LeftOut]]:
    """The chapters that each study can have, and those that lack something."""
    runs, lacking = [], []
    for part in parts:
        for chapter in pages.listed_chapters(request.root):
            need = part.lacks(request.template(chapter))
            if need:
                lacking.append(LeftOut(part, chapter, need))
            else:
                runs.append(_run(request, part, chapter, program))
    return runs, lacking


def _run(request: Request, part: Part, chapter: str, program: Mapping[Path, Files]) -> Run:
    template = request.template(chapter)
    parameters = chapter_parameters(request, part, known_parameters(template))
    kept = request.out / "executed" / request.language / part.name_of(chapter).replace("/", ".")
    # What of a protected study must stay untold hangs on all of its chapters.
    protected = part.study.disclosure == "protected"
    all_there = program[template.parent]
    own = {template.parent: all_there} if protected else {template: {template: all_there[template]}}
    sources = {part.folder: part.files, **own, **{place: program[place] for place in PROGRAM}}
    return Run(part, chapter, template, parameters, kept, sources, request.parameters if protected else {})


def _built(request: Request, plan: Plan, tell: Callable[[str], None]) -> Path:
    """The first page of the new book, in place. For whoever holds the output folder."""
    with tempfile.TemporaryDirectory(prefix=made.SCRATCH, dir=request.out, ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        made.mark(work)
        _protect(work, plan, tell)
        failed = _execute(work, [run for run in plan.runs if run.name in plan.chosen], request.kernel, tell)
        started = time.perf_counter()
        shown = [_page(run, failed) for run in plan.runs if run.name in failed or run.is_current]
        try:
            html, faulty = _render(request, plan, shown, work)
        except ReportFailed as error:  # of a page that leads to what a failed chapter lacks, say
            raise ReportFailed([*failed.values(), *error.failures]) from error
        made.mark(html)
        made.refuse_foreign(request.out)
        inputs.refuse_changed(plan.sources)
        made.swap_in(work, html, request.out / "html")
        tell(f"{'book':<20} {time.perf_counter() - started:5.1f} s")
        failures = [*failed.values(), *faulty]
        if not failures:
            asked = request.study, request.chapters, request.language, request.parameters
            unchanged.note(work, request.out, asked, plan.sources)
    page = request.out / "html" / "index.html"
    if failures:
        raise ChaptersFailed(failures, page)
    return page


def _protect(work: Path, plan: Plan, tell: Callable[[str], None]) -> None:
    """Lay beside each chapter to be run what of it must stay untold, where its study is protected."""
    for part in plan.parts:
        runs = [run for run in plan.runs if run.part is part]
        waiting = [run for run in runs if run.name in plan.chosen and not run.is_current]
        if part.study.disclosure == "protected" and waiting:
            started = time.perf_counter()
            untold = rehearsal.plan_for(part.trial, [run.task(work) for run in runs])
            for run in waiting:
                folder = run.task(work).folder
                folder.mkdir(parents=True)
                write_plan(untold, part.study, run.chapter, folder)
                write_people(untold, part.study, run.chapter, folder)
            tell(f"{'disclosure':<20} {time.perf_counter() - started:5.1f} s  {len(untold.hidden)} of "
                 f"{len(untold.hidden) + len(untold.told)} numbers hidden")  # fmt: skip


def _execute(work: Path, runs: Sequence[Run], kernel: bool, tell: Callable[[str], None]) -> dict[str, Failure]:
    """Run the chapters that are not current, keep each complete run, and return why others could not be made."""
    kernel = kernel or inputs.any_written(PROGRAM, since=analysis.STARTED)
    waiting = {task.folder: (run, task) for run in runs if not run.is_current for task in [run.task(work)]}
    for run in runs:
        if run.is_current:
            tell(f"{run.name:<20} unchanged")
    failures = {}
    trials = {run.part.place: run.part.trial for run, _ in waiting.values()}
    for outcome in run_chapters([task for _, task in waiting.values()], list(trials.values()), kernel):
        run, task = waiting[outcome.task.folder]
        inputs.refuse_changed(run.sources)  # or its key would not be true
        if outcome.failure:
            failures[run.name] = outcome.failure
        else:
            reuse.keep(task.folder, run.kept, run.key)
        tell(f"{run.name:<20} {outcome.seconds:5.1f} s{'  FAILED' if outcome.failure else ''}")
        if outcome.remarks:
            tell(f"{run.name} remarked, which its page does not show:\n{outcome.remarks}")
    return failures


def _page(run: Run, failed: Mapping[str, Failure]) -> ChapterPage:
    if run.name in failed:
        return ChapterPage(run.part, run.chapter, failure=failed[run.name])
    return ChapterPage(run.part, run.chapter, run.kept / f"{run.chapter}.ipynb", parameters=run.parameters)


def _not_asked_for(runs: Sequence[Run], shown: Sequence[ChapterPage]) -> Iterator[LeftOut]:
    there = {(page.part, page.chapter) for page in shown}
    return (LeftOut(run.part, run.chapter) for run in runs if (run.part, run.chapter) not in there)


def _render(request: Request, plan: Plan, shown: Sequence[ChapterPage], work: Path) -> tuple[Path, list[Failure]]:
    """Stage and render the book; returns the folder of its finished HTML, and faults of chapters that it lacks now.

    A chapter whose page has a fault is replaced by one that says so. Raises ReportFailed for a fault of another page,
    and for what a page says that its numbers do not bear out.
    """
    failures: list[Failure] = []
    try:
        book = _staged(request, plan, shown, work / "book")
        html = render(work / "book")
    except ReportFailed as error:
        failures = list(error.failures)
        mended = [_without_fault(page, failures) for page in shown]
        if mended == list(shown) or not all(any(_is_of(page, fault) for page in shown) for fault in failures):
            raise
        book = _staged(request, plan, mended, work / "book-again")
        html = render(work / "book-again")
    finish(html, {part.place: book.banners.get(part.place) for part in plan.parts})
    (html.parents[1] / FILE).rename(html / FILE)
    for page in book.chapters:
        if page.executed:
            inputs.copy(page.executed.parent / "results", html / "results" / page.part.results)
    write_trace_pages(html, book.chapters)
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


def _staged(request: Request, plan: Plan, shown: Sequence[ChapterPage], stage: Path) -> Book:
    main, words = plan.parts[0], plan.parts[0].words
    executed = {page.chapter: page.executed for page in shown if page.part is main and page.executed}
    found = chapter_pages.shown_cells(executed.get("summary"), chapter_pages.ANSWERS)
    fit = chapter_pages.shown_cells(executed.get("reproduction"), chapter_pages.FIT_CELLS)
    left_out = [*plan.lacking, *_not_asked_for(plan.runs, shown)]
    facts = manifest(request.root, plan.parts, plan.program, request.parameters, shown, left_out)
    generated = {
        "data_dictionary.md": render_dictionary(main.study),
        "audit_checks.md": render_checks(),
        "calibrate.md": render_calibration(),
        "provenance.md": provenance_page(facts, plan.parts, shown, left_out),
        **method_pages(main, shown),
        pages.KEY_FINDINGS: found.strip() or words.text("book.no_findings"),
        pages.SYNTHETIC_FIT: fit.strip() or words.text("book.not_computed"),
    }
    book = Book(request.root, plan.parts, shown, generated)
    book.stage(stage)
    (stage / FILE).write_text(as_json(facts), encoding="utf-8")
    return book
