"""Provenance, as a page and as JSON: which data, program and parameters produced the report, and what it lacks.

Both tell the files as they were seen when the build began; a build ends without a book if one has changed since.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import analysis
from analysis.book import reuse
from analysis.book.inputs import Files, digest
from analysis.book.pages import ChapterPage
from analysis.book.parts import Part
from analysis.book.revision import revision
from analysis.show.catalogue import Catalogue
from analysis.show.disclosure.rounding import to_base
from analysis.show.prose import HIDDEN, fixed
from analysis.show.study_words import need_in_words
from analysis.study.contract import TABLES
from analysis.study.escaping import code, markdown
from analysis.study.settings import Study
from analysis.study.table_files.folder import sources_in

FILE = "provenance.json"
# What computes, draws and renders; requirements.txt pins everything else with hashes.
PACKAGES = (
    "numpy", "scipy", "pandas", "statsmodels", "pandera", "matplotlib", "seaborn", "papermill", "jupyter-book",
    "sphinx",
)  # fmt: skip


@dataclass(frozen=True)
class DataFile:
    """One file of a study: its name, its number of data rows and the checksum of its bytes."""

    name: str
    rows: int
    checksum: str


def data_files(folder: Path, seen: Files) -> list[DataFile]:
    """The study's tables in alphabetical order; those of one workbook or database share its checksum."""
    tables = sources_in(folder, TABLES).tables
    rows = {source: len(source.read(name).cells) for name, source in tables.items()}
    files = [DataFile(source.name, rows[source], seen[source.path].sha256) for source in rows]
    return sorted(files, key=lambda file: file.name)


@dataclass(frozen=True)
class LeftOut:
    """A chapter that the book does not have: the need that its study does not meet, None if it was not asked for."""

    part: Part
    chapter: str
    need: str | None = None

    @property
    def name(self) -> str:
        """What commands call the chapter."""
        return self.part.name_of(self.chapter)

    def told(self) -> str:
        """One line of Markdown that says which chapter is left out, and why."""
        words, title = self.part.words.in_markdown, self.part.chapter_title(self.chapter)
        if self.need is None:
            return words.text("book.provenance.not_asked_for", chapter=title)
        return words.text("book.provenance.left_out", chapter=title, need=need_in_words(self.need, words))


def manifest(
    root: Path, parts: Sequence[Part], program: Mapping[Path, Files], given: Mapping[str, Any],
    shown: Sequence[ChapterPage], left_out: Sequence[LeftOut],
) -> dict[str, Any]:  # fmt: skip
    """What the report is made from, in plain names, without a path of this machine.

    program: place → its files, for what every chapter is made with, the notebooks, settings and pages of the book.
    given: parameters that replace those of the templates. shown: the chapters of the book, made or not.
    """
    main = parts[0]
    notebooks = {path.stem: file.sha256 for path, file in program[root / "notebooks"].items()}
    data = {part.known: digest({part.folder: part.files}) for part in parts}
    return {
        "study": {"name": main.known, "title": main.title, "kind": main.study.data,
                  "disclosure": main.study.disclosure, "companions": [part.known for part in parts[1:]]},
        "data": {part.known: _files(part) for part in parts},
        "code": {"version": analysis.__version__, **revision(root), "sha256": digest(program)},
        "packages": reuse.installed(),
        "parameters": {"language": main.words.language, **given},
        "chapters": {
            **{page.part.name_of(page.chapter): {
                "study": page.part.known, "data": data[page.part.known], "notebook": notebooks[page.chapter],
                "parameters": dict(page.parameters), "outcome": "failed" if page.failure else "made",
            } for page in shown},
            **{each.name: {"study": each.part.known, "outcome": "left out", "lacks": each.need} for each in left_out},
        },
    }  # fmt: skip


def as_json(facts: Mapping[str, Any]) -> str:
    """The manifest as the book holds it."""
    return json.dumps(facts, indent=1, ensure_ascii=False, default=str) + "\n"


def _files(part: Part) -> dict[str, dict[str, Any]]:
    """Name of each file of a study → its checksum, and for a table its number of rows."""
    files = {path.relative_to(part.folder).as_posix(): file.sha256 for path, file in part.files.items()}
    tables = {file.name: {"sha256": file.checksum, "rows": rows_told(part.study, file.rows)}
              for file in data_files(part.folder, part.files)}  # fmt: skip
    return {name: {"sha256": checksum, "rows": None} for name, checksum in files.items()} | tables


def rows_told(study: Study, rows: int) -> int | str:
    """How many rows a table is said to have: of a protected study no few, and none exactly.

    Rows are of people, and two reports would tell by how many they differ.
    """
    if study.disclosure != "protected" or not rows:
        return rows
    return HIDDEN if rows < study.smallest_group else to_base(rows, study.rounding or study.smallest_group)


def provenance_page(
    facts: Mapping[str, Any], parts: Sequence[Part], shown: Sequence[ChapterPage], left_out: Sequence[LeftOut]
) -> str:
    """Markdown of the page; `facts` is the manifest, `shown` are the chapters of the book, made or not."""
    words = parts[0].words.in_markdown
    say = partial(_say, words)
    code = facts["code"]
    versions = [("Python", facts["packages"]["Python"]), ("analysis", code["version"])]
    versions += [(name, facts["packages"][name]) for name in PACKAGES]
    sections = [
        f"# {say('title')}",
        f"{say('introduction')} {say('manifest').strip()}",
        *(s for part in parts for s in _study_sections(part, facts["data"][part.known], several=len(parts) > 1)),
        f"## {say('program')}",
        f"{say('revision')}: `{_revision_in_words(code, words)}`",
        f"{say('code')} `{code['sha256']}`.",
        _table((say("package"), say("version")), versions),
        f"## {say('chapters')}",
        _table((say("chapter"), say("notebook")), [(_title(page), _notebook(facts, page)) for page in shown]),
        f"## {say('parameters')}",
        _table((say("parameter"), say("value")), [row for page in shown for row in _parameter_rows(page)]),
        *_missing_sections(parts, shown, left_out),
    ]
    return "\n\n".join(sections) + "\n"


def _notebook(facts: Mapping[str, Any], page: ChapterPage) -> str:
    return f"`{facts['chapters'][page.part.name_of(page.chapter)]['notebook']}`"


def _revision_in_words(code: Mapping[str, Any], words: Catalogue) -> str:
    if code["revision"] is None:
        return _say(words, "no_checkout")
    return f"{code['revision']} ({_say(words, 'changed')})" if code["changed"] else code["revision"]


def _say(words: Catalogue, key: str) -> str:
    return words.text(f"book.provenance.{key}")


def _study_sections(part: Part, files: Mapping[str, Mapping[str, Any]], several: bool) -> list[str]:
    """Facts, settings and tables of one study."""
    study, say = part.study, partial(_say, part.words.in_markdown)
    facts = [(say("name"), study.name), (say("kind"), say(study.data)), (say("disclosure"), study.disclosure)]
    tables = [
        (code(name), _number(file["rows"], part.words), f"`{file['sha256']}`")
        for name, file in files.items()
        if file["rows"] is not None
    ]
    return [
        f"## {say('study')}" + (f": {markdown(part.title)}" if several else ""),
        "\n".join(f"- {label}: {value}" for label, value in facts),
        f"{say('settings')} `{files['study.yml']['sha256']}`.",
        f"### {say('tables')}",
        *([say("rounded")] if study.disclosure == "protected" else []),
        _table((say("file"), say("rows"), say("checksum")), tables),
    ]


def _number(rows: int | str, words: Catalogue) -> str:
    return rows if isinstance(rows, str) else fixed(rows, 0, words.language)


def _title(page: ChapterPage) -> str:
    """A chapter's title in lists, that of a companion behind its place."""
    title = page.part.chapter_title(page.chapter)
    return title if page.part.is_main else f"{page.part.place}, {title}"


def _parameter_rows(page: ChapterPage) -> list[tuple[str, str]]:
    """One row a parameter of a chapter."""
    return [(f"{_title(page)}: `{name}`", code(str(value))) for name, value in sorted(page.parameters.items())]


def _missing_sections(parts: Sequence[Part], shown: Sequence[ChapterPage], left_out: Sequence[LeftOut]) -> list[str]:
    """A heading and a list of chapters that are not there; nothing if there is none."""
    lines = []
    for part in parts:
        before = "" if part.is_main else f"*{markdown(part.title)}*. "
        own = [each.told() for each in left_out if each.part is part]
        own += [
            part.words.in_markdown.text("book.provenance.failed", chapter=part.chapter_title(page.chapter))
            for page in shown
            if page.part is part and page.failure
        ]
        lines += [f"- {before}{line.strip()}" for line in own]
    return [f"## {_say(parts[0].words.in_markdown, 'missing')}", "\n".join(lines)] if lines else []


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
