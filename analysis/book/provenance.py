"""The provenance page: which data, which program and which parameters produced the report."""

import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import analysis
from analysis.book.made import file_digest
from analysis.show.catalogue import Catalogue
from analysis.show.prose import fixed
from analysis.study.settings import Study

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
    """The study's tables in alphabetical order; rows are lines after the header."""
    return [DataFile(path.name, _rows(path), file_digest(path)) for path in sorted(Path(folder).glob("*.csv"))]


def _rows(path: Path) -> int:
    with path.open("rb") as file:
        return max(sum(1 for _ in file) - 1, 0)


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


def provenance_page(
    study: Study, folder: Path, root: Path, parameters: Mapping[str, Mapping[str, Any]], words: Catalogue
) -> str:
    """Markdown of the page. `parameters` maps chapters to the values given instead of the template's own."""

    def say(key: str) -> str:
        return words.text(f"book.provenance.{key}")

    facts = [(say("name"), study.name), (say("kind"), say(study.data)), (say("disclosure"), study.disclosure)]
    files = [
        (f"`{file.name}`", fixed(file.rows, 0, words.language), f"`{file.checksum}`") for file in data_files(folder)
    ]
    versions = [("Python", platform.python_version()), ("analysis", analysis.__version__)]
    versions += [(name, metadata.version(name)) for name in PACKAGES]
    sections = [
        f"# {say('title')}",
        say("introduction"),
        f"## {say('study')}",
        "\n".join(f"- {label}: {value}" for label, value in facts),
        f"{say('settings')} `{file_digest(Path(folder) / 'study.yml')}`.",
        f"## {say('tables')}",
        _table((say("file"), say("rows"), say("checksum")), files),
        f"## {say('program')}",
        f"{say('revision')}: `{revision(root, words)}`",
        _table((say("package"), say("version")), versions),
        f"## {say('parameters')}",
        _table((say("parameter"), say("value")), _parameter_rows(parameters, words)),
    ]
    return "\n\n".join(sections) + "\n"


def _parameter_rows(parameters: Mapping[str, Mapping[str, Any]], words: Catalogue) -> list[tuple[str, str]]:
    """One row a parameter and chapter; folders of this machine are named by their last part only."""
    rows = []
    for chapter, values in parameters.items():
        title = words.text(f"book.chapter_titles.{chapter}")
        rows += [(f"{title}: `{name}`", f"`{_shown(value)}`") for name, value in sorted(values.items())]
    return rows


def _shown(value: Any) -> str:
    return Path(value).name if isinstance(value, str) and Path(value).is_absolute() else str(value)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
