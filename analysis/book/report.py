"""Build the report: check the studies, run the chapters they can have, stage and render the book, put it in place."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path

import analysis
from analysis.book import chapter_pages, claims, inputs, lock, made, pages, rehearsal, reuse, unchanged
from analysis.book.entrances import CITED, cited, write_entrances
from analysis.book.execution import run_chapters
from analysis.book.failures import ChaptersFailed, Failure, ReportFailed
from analysis.book.inputs import seen
from analysis.book.kept import KeptPages, kept_pages
from analysis.book.lighter import lighten
from analysis.book.method_pages import method_pages, studies_of
from analysis.book.packing import pack_records, write_archive
from analysis.book.pages import Book, ChapterPage
from analysis.book.parts import open_parts
from analysis.book.provenance import FILE, LeftOut, as_json, manifest, provenance_page
from analysis.book.rendering import prepare, render
from analysis.book.request import (
    ROOT,
    Request,
    UnknownChapter,
    UnknownParameter,
    UnusableFolder,
    chosen,
    refuse_inside,
    refuse_lacking,
    refuse_parameters,
)  # fmt: skip
from analysis.book.runs import PROGRAM, Plan, Run, planned
from analysis.book.search_index import write_search
from analysis.book.timings import BOOK, Timings
from analysis.book.trace_pages import write_pages as write_trace_pages
from analysis.book.workers import PROCESSES
from analysis.calibration import guide as calibration
from analysis.published import trace
from analysis.published.audit.guide import render as render_checks
from analysis.show.disclosure import refuse_small_cells, write_people, write_plan
from analysis.study.dictionary import render as render_dictionary
from analysis.study.finding import BUNDLED

__all__ = ["BUNDLED_STUDY", "ROOT", "Request", "UnknownChapter", "UnknownParameter", "UnusableFolder", "build_report"]

BUNDLED_STUDY = BUNDLED


def build_report(request: Request, tell: Callable[[str], None] = print) -> Path:
    """Build the report and return the path of its first page; `tell` receives one line a step.

    A chapter is run again when its template, its parameters, its study, the installed packages, or modules and words
    that it uses have changed (see `used`). With `chapters`, only those are run; of the others, those are shown whose
    last run is still current. Chapters and cells that need what a study does not have are left out. Raises
    StudyProblems for an invalid study, UnknownChapter, UnknownParameter, and ReportFailed when a page has a fault; the
    last good book then stays as it is. Raises ForeignFiles rather than remove a file that no build made, and
    ChaptersFailed when the new book is in place but for chapters that could not be made.
    """
    request = request.absolute()
    refuse_lacking(request)
    lock.refuse_held(request.out)
    made.refuse_foreign(request.out)
    trace.start()
    timings = Timings.read(unchanged.kept(request.out, request.language))
    with timings.step("opening"):
        program = {place: seen(place) for place in (*PROGRAM, *request.sources)}
        parts = open_parts(request.study, request.language)
    for part in parts:
        refuse_small_cells(part.study)
    refuse_inside(request, [*program, *(part.folder for part in parts)])
    runs, lacking = planned(request, parts, program)
    names = chosen(request, [run.name for run in runs], [each.name for each in lacking])
    refuse_parameters(request, parts[0], [run.template for run in runs if run.name in names])
    with lock.held(request.out) as is_sure:
        if is_sure:
            made.sweep(request.out)
        return _built(request, Plan(parts, runs, names, lacking, program), tell, timings)


def _built(request: Request, plan: Plan, tell: Callable[[str], None], timings: Timings) -> Path:
    """The first page of the new book, in place. For whoever holds the output folder."""
    with tempfile.TemporaryDirectory(prefix=made.SCRATCH, dir=request.out, ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        made.mark(work)
        with timings.step("chapters"):
            _protect(work, plan, tell)
            wanted = [run for run in plan.runs if run.name in plan.chosen]
            failed = _execute(work, wanted, request.kernel, tell, timings)
        shown = [_page(run, failed) for run in plan.runs if run.name in failed or run.is_current]
        try:
            with timings.step(BOOK):
                html, faulty = _render(request, plan, shown, work, timings)
        except ReportFailed as error:  # of a page that leads to what a failed chapter lacks, say
            raise ReportFailed([*failed.values(), *error.failures]) from error
        with timings.step("putting in place"):
            made.mark(html)
            made.refuse_foreign(request.out)
            inputs.refuse_changed(plan.sources)
            made.swap_in(work, html, request.out / "html")
        tell(f"{BOOK:<20} {timings.steps[BOOK][0]:5.1f} s")
        failures = [*failed.values(), *faulty]
        if not failures:
            asked = request.study, request.chapters, request.language, request.parameters
            unchanged.note(work, request.out, asked, plan.sources, timings)
    if request.timings:
        tell("\n".join(timings.lines()))
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
            if untold.near_earlier:
                tell(f"{'':<30}{untold.near_earlier} of these since an earlier release told them of a few people more "
                     "or less; a report on the very same people would hide none for that")  # fmt: skip


def _execute(
    work: Path, runs: Sequence[Run], kernel: bool, tell: Callable[[str], None], timings: Timings
) -> dict[str, Failure]:  # fmt: skip
    """Run the chapters that are not current, keep each complete run, and return why others could not be made."""
    kernel = kernel or inputs.any_written(PROGRAM, since=analysis.STARTED)
    waiting = {run.name: (run, run.task(work)) for run in runs if not run.is_current}
    for run in runs:
        if run.name not in waiting:
            tell(f"{run.name:<20} unchanged")
    tasks = [waiting[name][1] for name in timings.longest_first(waiting)]
    by_folder = {task.folder: run for run, task in waiting.values()}
    failures, done = {}, []
    trials = {run.part.place: run.part.trial for run, _ in waiting.values()}
    for outcome in run_chapters(tasks, list(trials.values()), kernel, idle=prepare):
        run = by_folder[outcome.task.folder]
        inputs.refuse_changed(run.sources)  # or its key would not be true
        if outcome.failure:
            failures[run.name] = outcome.failure
        else:
            reuse.keep(outcome.task.folder, run.kept, run.key)
        done.append(run.name)
        timings.chapter(run.name, outcome.seconds)
        left = timings.left(waiting.keys() - done, done, PROCESSES)
        tell(f"{run.name:<20} {outcome.seconds:5.1f} s{'  FAILED' if outcome.failure else ''}"
             + (f"   about {left:.0f} s left" if left is not None else ""))  # fmt: skip
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


def _render(
    request: Request, plan: Plan, shown: Sequence[ChapterPage], work: Path, timings: Timings
) -> tuple[Path, list[Failure]]:  # fmt: skip
    """Stage and render the book; returns the folder of its finished HTML, and faults of chapters that it lacks now.

    A chapter whose page has a fault is replaced by one that says so. Raises ReportFailed for a fault of another page,
    and for what a page says that its numbers do not bear out.
    """
    try:
        with kept_pages(request.out, request.language, plan.package) as pages_kept:
            return _html_of(request, plan, shown, work / "book", pages_kept, timings), []
    except ReportFailed as error:
        failures = list(error.failures)
        mended = [_without_fault(page, failures) for page in shown]
        if mended == list(shown) or not all(any(_is_of(page, fault) for page in shown) for fault in failures):
            raise
        with kept_pages(request.out, request.language, plan.package) as pages_kept:
            return _html_of(request, plan, mended, work / "book-again", pages_kept, timings), failures


def _html_of(
    request: Request, plan: Plan, shown: Sequence[ChapterPage], stage: Path, pages_kept: KeptPages, timings: Timings
) -> Path:  # fmt: skip
    """The finished HTML of a book that shows these chapters, in a folder beside its source `stage`."""
    html = stage.with_name(f"{stage.name}-html")
    with timings.step("staging"):
        makers = (method_pages.__module__, calibration.__name__)
        key = plan.key_of_modules(makers, studies_of(plan.parts[0], shown), calibration.EXAMPLE)
        with pages_kept.texts(key) as kept:
            book = _staged(request, plan, shown, stage, kept)
        facts = (stage / FILE).rename(stage.with_name(FILE))
        pages_kept.take_in(stage)
    with timings.step("Sphinx"):
        shutil.copytree(render(pages_kept.stage), html, copy_function=shutil.copyfile)
    with timings.step("finishing"):
        texts = pages_kept.finish(html, {part.place: book.banners.get(part.place) for part in plan.parts})
        facts.rename(html / FILE)
        for page in book.chapters:
            if page.executed:
                inputs.copy(page.executed.parent / "results", html / "results" / page.part.results)
        write_archive(html, plan.parts, FILE)
    with timings.step("search"):
        write_search(html, texts, plan.parts[0].words)
    with timings.step("lightening"):
        write_entrances(html, plan.parts[0])
        lighten(html)
    with timings.step("traces"):
        write_trace_pages(html, book.chapters)
    with timings.step("claims"), pages_kept.sound() as sound:
        if untrue := claims.faults(html, sound):
            raise ReportFailed(untrue)
    pack_records(html)
    return html


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
    request: Request, plan: Plan, shown: Sequence[ChapterPage], stage: Path, kept: MutableMapping[str, str]
) -> Book:  # fmt: skip
    main, words = plan.parts[0], plan.parts[0].words
    executed = {page.chapter: page.executed for page in shown if page.part is main and page.executed}
    found = chapter_pages.shown_cells(executed.get("summary"), chapter_pages.ANSWERS)
    fit = chapter_pages.shown_cells(executed.get("reproduction"), chapter_pages.FIT_CELLS)
    left_out = [*plan.lacking, *_not_asked_for(plan.runs, shown)]
    facts = manifest(request.root, plan.parts, plan.program, request.parameters, shown, left_out)
    listed = set(pages.listed(request.root))
    can_be_made = {
        "data_dictionary.md": lambda: render_dictionary(main.study),
        "audit_checks.md": render_checks,
        "calibrate.md": lambda: kept.get("calibrate") or kept.setdefault("calibrate", calibration.render()),
        "provenance.md": lambda: provenance_page(facts, plan.parts, shown, left_out),
    }
    generated = {
        **{name: make() for name, make in can_be_made.items() if f"book/{Path(name).stem}" in listed},
        **method_pages(main, shown, kept),
        CITED: cited(main),
        pages.KEY_FINDINGS: found.strip() or words.text("book.no_findings"),
        pages.SYNTHETIC_FIT: fit.strip() or words.text("book.not_computed"),
    }
    book = Book(request.root, plan.parts, shown, generated)
    book.stage(stage)
    (stage / FILE).write_text(as_json(facts), encoding="utf-8")
    return book
