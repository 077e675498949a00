"""What `check` says of a folder that can be used: what is odd about it, and which chapters and sections it gives."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from analysis.book import plan
from analysis.book.pages import listed_chapters
from analysis.frames.remarks import remarks
from analysis.frames.trial import Trial
from analysis.show.catalogue import Catalogue
from analysis.show.study_words import need_in_words, study_catalogue
from analysis.study.contract import TABLES
from analysis.study.intake import recognised
from analysis.study.table_files.folder import sources_in


def findings(trial: Trial, root: Path, language: str = "en") -> list[str]:
    """Lines with what was read, the remarks on a study, and the plan of its report from the notebooks below `root`."""
    words = study_catalogue(trial.study, language, trial.folder)
    read = [f"- {line}" for line in recognised(trial.folder)]
    sources = sources_in(trial.folder, TABLES)
    odd = [f"- {replace(remark, file=sources.name(remark.file))}" for remark in remarks(trial)]
    heading = [words.text("common.check.remarks")] if odd else []
    return [words.text("common.check.read"), *read, *heading, *odd, *_chapters(trial, root, words)]


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
