"""What a notebook's chapter can give for a study: which sections stay, and what each of the others would need.

The parameters cell lists in its metadata what the whole chapter needs, a heading what its section needs, any other cell
what it needs itself; the words are those of `frames.needs`. A note that opens a section says so in its metadata
(`heading`), since its words are the study's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from analysis.frames.needs import unmet
from analysis.frames.trial import Trial

# From here down a heading opens a section; the one above is the chapter's own title.
FIRST_LEVEL = 2
# Needs of what stands where a study has nothing of its own in its place.
_GENERAL = ("no_note", "general_rule")
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", flags=re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it down to the next heading that is not below it.

    cells: numbers of its cells in the notebook, the heading first. needs: those of the heading. results: the needs of
    each code cell but notes, which are what the section is there for; where there are only notes, those of the notes
    and of the general texts they stand in for. of_print: whether it is about a published report alone.
    """

    title: str
    level: int
    cells: range
    needs: tuple[str, ...]
    results: tuple[tuple[str, ...], ...]
    of_print: bool = False

    def lacks(self, trial: Trial) -> str | None:
        """The first need that leaves the section without anything to show, or None: its own, or every result's."""
        # A heading that gives way to a note of the study's own leaves what stands under it.
        own = unmet(trial, *(need for need in self.needs if not need.startswith("no_note:")))
        lacking = [unmet(trial, *needs) for needs in self.results]
        return own or (lacking[0] if lacking and all(lacking) else None)


def needs_of(cell: NotebookNode) -> tuple[str, ...]:
    """What a cell needs of a study, as its metadata say; nothing without any."""
    return tuple(cell.metadata.get("needs", ()))


def sections(cells: Sequence[NotebookNode]) -> list[Section]:
    """The sections of a notebook in their order, each with those inside it after it."""
    headings = {number: found for number, cell in enumerate(cells) if (found := _heading(cell))}
    return [
        _section(cells, range(start, _end(start, headings, len(cells))), *headings[start])
        for start in headings
        if headings[start][0] >= FIRST_LEVEL
    ]


def chapter_needs(cells: Sequence[NotebookNode]) -> tuple[str, ...]:
    """What the whole chapter needs: the needs of its parameters cell."""
    return tuple(need for cell in cells if _is_parameters(cell) for need in needs_of(cell))


def kept_cells(trial: Trial, cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """The cells that a study can fill: without those that lack a need, and without sections that show nothing."""
    lost = {number for section, need in _lacking(trial, cells) if need for number in section.cells}
    return [
        cell
        for number, cell in enumerate(cells)
        if _is_parameters(cell) or (number not in lost and unmet(trial, *needs_of(cell)) is None)
    ]


def chapter_plan(trial: Trial, template: Path) -> list[tuple[str, str | None]]:
    """Each section of a chapter's notebook with the first need that the study does not meet, None where it is given.

    A section about a published report alone, or one that the study's own stands in for, is named only where given.
    """
    cells = nbformat.read(template, as_version=4).cells
    whole = unmet(trial, *chapter_needs(cells))
    found = [(section, whole or need) for section, need in _lacking(trial, cells)]
    return [(section.title, need) for section, need in found if not need or not (section.of_print or _is_general(need))]


def _is_general(need: str) -> bool:
    return need.partition(":")[0] in _GENERAL


def chapter_lacks(trial: Trial, template: Path) -> str | None:
    """The first need of the whole chapter that the study does not meet, or None."""
    return unmet(trial, *chapter_needs(nbformat.read(template, as_version=4).cells))


def _lacking(trial: Trial, cells: Sequence[NotebookNode]) -> list[tuple[Section, str | None]]:
    """Every section with the first need that it, or a section around it, does not meet."""
    found: list[tuple[Section, str | None]] = []
    for section in sections(cells):
        around = (need for outer, need in found if section.cells.start in outer.cells)
        found.append((section, next(filter(None, around), None) or section.lacks(trial)))
    return found


def _heading(cell: NotebookNode) -> tuple[int, str] | None:
    """Level and text of the first heading of a Markdown cell, or of the note that a cell shows, by its metadata."""
    found = _HEADING.search(cell.source if cell.cell_type == "markdown" else cell.metadata.get("heading", ""))
    return (len(found[1]), found[2]) if found else None


def _end(start: int, headings: dict[int, tuple[int, str]], last: int) -> int:
    return next((number for number, (level, _) in headings.items() if number > start and level <= headings[start][0]),
                last)  # fmt: skip


def _section(cells: Sequence[NotebookNode], inside: range, level: int, title: str) -> Section:
    heading, code = cells[inside.start], [cells[number] for number in inside if cells[number].cell_type == "code"]
    of_print = all(_is_of_print(cell) for cell in code) if code else _is_of_print(heading)
    general = (cells[number] for number in inside if _is_general_text(cells[number]))
    shown = [cell for cell in code if not _is_note(cell)] or [*code, *general]
    return Section(title, level, inside, needs_of(heading), tuple(map(needs_of, shown)), of_print)


def _is_of_print(cell: NotebookNode) -> bool:
    return cell.metadata.get("kind") == "print"


def _is_note(cell: NotebookNode) -> bool:
    return "note" in cell.metadata.get("tags", []) or any(need.startswith("note:") for need in needs_of(cell))


def _is_general_text(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and _heading(cell) is None and any(map(_is_general, needs_of(cell)))


def _is_parameters(cell: NotebookNode) -> bool:
    return "parameters" in cell.metadata.get("tags", [])
