"""The provenance page: which data, which program and which parameters produced the report, and what it lacks."""

import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

import analysis
from analysis.book.made import file_digest
from analysis.book.pages import ChapterPage
from analysis.book.parts import Part
from analysis.show.catalogue import Catalogue
from analysis.show.prose import fixed
from analysis.show.study_words import need_in_words
from analysis.study.contract import TABLES
from analysis.study.escaping import code, markdown
from analysis.study.table_files.folder import sources_in

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


def data_files(folder: Path) -> list[DataFile]:
    """The study's tables in alphabetical order; those of one workbook or database share its checksum."""
    tables = sources_in(Path(folder), TABLES).tables
    rows = {source: len(source.read(name).cells) for name, source in tables.items()}
    files = [DataFile(source.name, rows[source], file_digest(source.path)) for source in rows]
    return sorted(files, key=lambda file: file.name)


def revision(root: Path, words: Catalogue) -> str:
    """Git revision of the program, and whether files differ from it; a plain remark when `root` is no checkout."""
    if not (root / ".git").exists():
        return words.text("book.provenance.no_checkout")
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return words.text("book.provenance.no_checkout")
    return f"{commit} ({words.text('book.provenance.changed')})" if changed else commit


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


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


def provenance_page(
    parts: Sequence[Part], root: Path, shown: Sequence[ChapterPage], left_out: Sequence[LeftOut]
) -> str:
    """Markdown of the page; `shown` are the chapters of the book, made or not."""
    words = parts[0].words.in_markdown
    say = partial(_say, words)
    versions = [("Python", platform.python_version()), ("analysis", analysis.__version__)]
    versions += [(name, metadata.version(name)) for name in PACKAGES]
    sections = [
        f"# {say('title')}",
        say("introduction"),
        *(section for part in parts for section in _study_sections(part, several=len(parts) > 1)),
        f"## {say('program')}",
        f"{say('revision')}: `{revision(root, words)}`",
        _table((say("package"), say("version")), versions),
        f"## {say('parameters')}",
        _table((say("parameter"), say("value")), [row for page in shown for row in _parameter_rows(page)]),
        *_missing_sections(parts, shown, left_out),
    ]
    return "\n\n".join(sections) + "\n"


def _say(words: Catalogue, key: str) -> str:
    return words.text(f"book.provenance.{key}")


def _study_sections(part: Part, several: bool) -> list[str]:
    """Facts, settings and tables of one study."""
    study, say = part.study, partial(_say, part.words.in_markdown)
    facts = [(say("name"), study.name), (say("kind"), say(study.data)), (say("disclosure"), study.disclosure)]
    files = [
        (code(file.name), fixed(file.rows, 0, part.words.language), f"`{file.checksum}`")
        for file in data_files(part.folder)
    ]
    return [
        f"## {say('study')}" + (f": {markdown(part.title)}" if several else ""),
        "\n".join(f"- {label}: {value}" for label, value in facts),
        f"{say('settings')} `{file_digest(part.folder / 'study.yml')}`.",
        f"### {say('tables')}",
        _table((say("file"), say("rows"), say("checksum")), files),
    ]


def _parameter_rows(page: ChapterPage) -> list[tuple[str, str]]:
    """One row a parameter of a chapter."""
    title = page.part.chapter_title(page.chapter)
    chapter = title if page.part.is_main else f"{page.part.place}, {title}"
    return [(f"{chapter}: `{name}`", code(str(value))) for name, value in sorted(page.parameters.items())]


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
