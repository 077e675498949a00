"""What `check` finds in a study folder: problems, what they hide, warnings, and what its report will hold."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from analysis.book import plan
from analysis.book.pages import listed_chapters
from analysis.frames.trial import Trial
from analysis.frames.warnings import warnings_of
from analysis.published.registry import worded_by_study
from analysis.published.scorecard import read_published
from analysis.show.catalogue import FOLDER, Catalogue, MissingText
from analysis.show.study_words import need_in_words, study_catalogue
from analysis.study import checklists
from analysis.study.as_printed import FILE as AS_PRINTED
from analysis.study.contract import TABLES
from analysis.study.finding import find_study
from analysis.study.intake import Rows, check_folder, recognised, usable
from analysis.study.problems import Problem, StudyProblems, Unchecked, spans
from analysis.study.settings import FILE
from analysis.study.table_files.folder import sources_in
from analysis.study.yaml_files import YamlProblems, read_yaml

_READ_ELSEWHERE = (FILE, AS_PRINTED, checklists.FILE)


@dataclass(frozen=True)
class Findings:
    """Everything that a check found; a folder can be used when there are no problems.

    rows: how many rows each table has, and how many have a problem; all others are used. chapters: what the report of
    the folder will hold, in lines of text. read: what was recognised of each table, in lines of text.
    """

    folder: str
    problems: tuple[Problem, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    warnings: tuple[Problem, ...] = ()
    rows: tuple[Rows, ...] = ()
    chapters: tuple[str, ...] = ()
    read: tuple[str, ...] = ()

    def content(self) -> dict[str, Any]:
        """The same as mappings and lists of text and numbers, for JSON."""
        return {
            "folder": self.folder,
            "usable": not self.problems,
            "counts": {name: len(getattr(self, name)) for name in ("problems", "unchecked", "warnings")},
            "problems": [_entry(problem) for problem in self.problems],
            "unchecked": [{"what": each.what, "because": each.because} for each in self.unchecked],
            "warnings": [_entry(warning) for warning in self.warnings],
            "tables": [{"file": each.file, "rows": each.rows, "rows_with_problem": each.with_problem}
                       for each in self.rows],
            "read": list(self.read),
            "report": list(self.chapters),
        }  # fmt: skip


def _entry(problem: Problem) -> Mapping[str, Any]:
    lines = [line for line in (problem.row, *problem.others) if line is not None]
    return {"file": problem.file, "lines": spans(lines), "column": problem.column, "kind": problem.kind,
            "cause": problem.cause, "remedy": problem.remedy}  # fmt: skip


def check(folder: Path | str, root: Path, language: str = "en") -> Findings:
    """Everything about a study folder, and the plan of its report from the notebooks below `root`.

    Warnings and chapters are those of a folder without problems; that there is no folder is a problem, too.
    """
    try:
        place = find_study(folder)
    except StudyProblems as error:
        return Findings(str(folder), error.problems)
    checked = check_folder(place)
    problems = (*checked.problems, *_links_to_nowhere(place), *_other_yaml(place), *_printed(place), *_pages(place),
                *_misnamed_words(place), *checklists.problems_in(place))  # fmt: skip
    read = tuple(recognised(place))
    if not problems:
        trial = Trial(*usable(place, checked), folder=place)
        try:
            words = study_catalogue(trial.study, language, place)
            problems = tuple(_unworded(trial, root, words))
            if not problems:
                chapters = tuple(_chapters(trial, root, words))
                sources = sources_in(place, TABLES)
                warnings = tuple(replace(each, file=sources.name(each.file)) for each in warnings_of(trial))
                return Findings(str(folder), (), (), warnings, checked.rows, chapters, read)
        except (StudyProblems, YamlProblems) as error:
            problems = error.problems
        except MissingText as error:
            problems = (Problem("words", None, None, "missing_text", f"{error}.", "Correct the study's own words."),)
    hidden = Unchecked("Warnings, and which chapters the report will have.", "the problems have to be mended first")
    return Findings(str(folder), problems, (*checked.unchecked, hidden), (), checked.rows, (), read)


def _links_to_nowhere(folder: Path) -> Iterator[Problem]:
    """Words and pages that a copy of the folder has left behind; of files that are read, their readers tell."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() and not path.exists() and not path.suffix:
            cause = "The link leads nowhere."
            yield Problem(path.name, None, None, "not_a_file", cause, "Copy there what it led to, or remove it.")


def _other_yaml(folder: Path) -> Iterator[Problem]:
    """What is wrong with the YAML files beside the settings: words, and what a published report says."""
    for path in sorted(folder.rglob("*.yml")):
        name = path.relative_to(folder).as_posix()
        if name not in _READ_ELSEWHERE and path.is_file():
            try:
                read_yaml(path)
            except YamlProblems as error:
                yield from (replace(problem, file=name) for problem in error.problems)


def _misnamed_words(folder: Path) -> Iterator[Problem]:
    """Files of words, and groups in them, that nobody would read or miss, since their names are not quite right."""
    for path in sorted((folder / "words").glob("*/*.y*ml")):
        files = {each.name for each in (FOLDER / path.parent.name).glob("*.yml")}
        name, beside = path.relative_to(folder).as_posix(), {each.name for each in path.parent.iterdir()}
        if path.name in files:
            with suppress(YamlProblems):  # of those `_other_yaml` tells
                own, groups = set(map(str, read_yaml(path) or ())), _groups(path.parent.name)
                yield from (_misnamed(name, group, meant) for group in sorted(own - groups)
                            for meant in get_close_matches(group, groups - own, 1, 0.8))  # fmt: skip
        else:
            yield from (_misnamed(name, None, meant) for meant in get_close_matches(path.name, files - beside, 1, 0.8))


def _misnamed(file: str, group: str | None, meant: str) -> Problem:
    cause, remedy = f"Nothing of this name is read; {meant} is.", f"Call it {meant} or move it elsewhere."
    return Problem(file, None, group, "misnamed_words", cause, remedy)


@cache
def _groups(language: str) -> frozenset[str]:
    """The groups that words stand in, in any file of the program's own."""
    return frozenset(str(group) for path in (FOLDER / language).glob("*.yml") for group in read_yaml(path) or ())


def _printed(folder: Path) -> Iterator[Problem]:
    """What is wrong with the numbers of a published report."""
    path = folder / "published" / "cells.csv"
    try:
        if path.is_file():
            read_published(path)
    except StudyProblems as error:
        yield from (replace(problem, file="published/cells.csv") for problem in error.problems)


def _pages(folder: Path) -> Iterator[Problem]:
    """Own pages that are no text."""
    for path in sorted((folder / "pages").glob("*.md")):
        name = path.relative_to(folder).as_posix()
        try:
            path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            yield Problem(name, line, None, "not_utf8", "The file is not UTF-8 text.", "Save it as UTF-8.")
        except OSError as error:
            cause = f"The file cannot be read: {error.strerror}."
            yield Problem(name, None, None, "unreadable_file", cause, "Look at its rights and where it lies.")


def _unworded(trial: Trial, root: Path, words: Catalogue) -> Iterator[Problem]:
    """Tables of the print that a chapter shows and that nothing has words for, so that the chapter would fail."""
    templates = {chapter: root / "notebooks" / f"{chapter}.ipynb" for chapter in listed_chapters(root)}
    show = {chapter for chapter, path in templates.items() if "printed_table" in path.read_text(encoding="utf-8")}
    lacking: dict[str, list[str]] = {}
    for chapter, name in worded_by_study(trial):
        known = words.get(f"{chapter}.tables", {})
        if chapter in show and not any(each == name or each.startswith(f"{name}_") for each in known):
            lacking.setdefault(chapter, []).append(name)
    for chapter, names in lacking.items():
        listed = ", ".join(dict.fromkeys(names))
        file = f"words/{words.language}/{chapter}.yml"
        cause = f"package: {trial.study.as_printed.package} shows tables of the print that have no words: {listed}."
        remedy = f"Give them captions and labels under tables: in {file}, or take package: out."
        yield Problem(AS_PRINTED, None, "package", "missing_text", cause, remedy)


def _chapters(trial: Trial, root: Path, words: Catalogue) -> Iterator[str]:
    templates = [root / "notebooks" / f"{chapter}.ipynb" for chapter in listed_chapters(root)]
    lacking = {template: plan.chapter_lacks(trial, template) for template in templates}
    given = [template for template, need in lacking.items() if need is None]
    if given:
        yield words.text("common.check.chapters")
        for template in given:
            yield f"- {_title(template, words)}"
            yield from _sections_left_out(trial, template, words)
    if len(given) < len(templates):
        yield words.text("common.check.left_out")
        for template, need in lacking.items():
            if need:
                yield f"- {_needing(_title(template, words), need, words)}"


def _sections_left_out(trial: Trial, template: Path, words: Catalogue) -> Iterator[str]:
    left_out = [(title, need) for title, need in plan.chapter_plan(trial, template) if need]
    if left_out:
        yield f"  {words.text('common.check.sections_left_out')}"
        yield from (f"  - {_needing(title, need, words)}" for title, need in left_out)


def _title(template: Path, words: Catalogue) -> str:
    return words.text(f"book.chapter_titles.{template.stem}")


def _needing(title: str, need: str, words: Catalogue) -> str:
    return words.text("common.check.needing", title=title, need=need_in_words(need, words))
