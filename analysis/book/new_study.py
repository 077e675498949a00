"""A new study folder, begun from another one: its settings with their comments, tables without rows, next steps.

Everything is made from the other study and from the contract, so that there is no second copy to go stale.
"""

import re
from datetime import date
from pathlib import Path

from analysis.show.catalogue import Catalogue
from analysis.study.contract import TABLES, tables_of
from analysis.study.escaping import markdown, plain
from analysis.study.instrument_rules import ITEMS
from analysis.study.reading import read_settings
from analysis.study.settings import FILE, Study
from analysis.study.table_files.folder import sources_in

# What belongs to the other study alone: how extracts of its data differ, and the book that it leads.
_OWN_TABLES = ("extract_differences",)
_OWN_SETTINGS = ("companions",)
_KEY = re.compile(r"^([a-z_]+):")


class NotEmpty(ValueError):
    """A place that holds something already, so that no new study may be written there."""


def write_new_study(folder: Path, like: Path, day: date, language: str = "en") -> list[str]:
    """Write the folder and return the names of its tables.

    Raises NotEmpty rather than touch what is there, StudyProblems when the other study's settings cannot be read, and
    OSError where nothing can be written.
    """
    if folder.exists() and not folder.is_dir():
        raise NotEmpty(f"{folder} is a file. Name a new folder.")
    if folder.is_dir() and any(folder.iterdir()):
        raise NotEmpty(f"{folder} is not empty. Name a new folder, or an empty one.")
    words = Catalogue(language)
    name = _code(folder.resolve().name)
    tables = _headers(read_settings(like), like)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / FILE, _settings(like, name, day, words))
    for table, columns in tables.items():
        _write(folder / f"{table}.csv", ",".join(columns) + "\n")
    _write(folder / "README.md", _readme(name, like.name, list(tables), words))
    return list(tables)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _code(name: str) -> str:
    """A folder's name as the code of a study."""
    code = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return code if re.match("[a-z]", code) else f"study_{code}".strip("_")


def _headers(study: Study, like: Path) -> dict[str, list[str]]:
    """The columns of each table that the other study has, without items of instruments that it does not use."""
    unused = tuple(beginning for name, beginning in ITEMS.items() if name not in study.instruments)
    schemas = tables_of(study)
    wanted = [name for name in sources_in(like, TABLES).tables if name not in _OWN_TABLES]
    return {name: [column for column in schemas[name].columns if not column.startswith(unused)] for name in wanted}


def _settings(like: Path, name: str, day: date, words: Catalogue) -> str:
    heading = words.text("common.init.heading", like=plain(like.name), day=day.isoformat())
    changed = {
        "name": f"name: {name}\n",
        "title": f"title: {{{words.language}: {words.text('common.init.title')}}}\n",
    }
    parts = [f"{heading}\n"]
    for key, text in _blocks((like / FILE).read_text(encoding="utf-8-sig")):
        if key == "data":
            text = re.sub(r"^data: *\w+", "data: real", text, flags=re.MULTILINE)
        if key == "disclosure":
            text = re.sub(r"^disclosure: *\w+", "disclosure: protected", text, flags=re.MULTILINE)
        if key == "economics":
            text = f"\n{words.text('common.init.priced', like=plain(like.name))}\n{_commented(text)}"
        if key not in _OWN_SETTINGS:
            parts.append(changed.get(key, text))
    return "".join(parts)


def _blocks(text: str) -> list[tuple[str, str]]:
    """The settings at the left margin in their order, each with what stands under it and the comments before it.

    What stands before the first of them is about the other study and left out.
    """
    blocks: list[tuple[str, list[str]]] = []
    above: list[str] = []
    for line in text.splitlines(keepends=True):
        key = _KEY.match(line)
        if key:
            blocks.append((key[1], [*(above if blocks else []), line]))
            above = []
        elif line.startswith("#") or not line.strip():
            above.append(line)
        elif blocks:
            blocks[-1][1].extend([*above, line])
            above = []
    return [(key, "".join(lines)) for key, lines in blocks]


def _commented(text: str) -> str:
    lines = text.strip("\n").splitlines()
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _readme(name: str, like: str, tables: list[str], words: Catalogue) -> str:
    rows = "".join(f"| `{table}.csv` | {TABLES[table].description} |\n" for table in tables)
    return words.text("common.init.readme", name=name, like=markdown(like)).rstrip() + "\n" + rows
