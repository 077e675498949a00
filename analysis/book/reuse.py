"""Tell whether an executed chapter is still what a new run would give.

The key of a chapter is a digest of everything its output depends on: the template, every file of the package, the
study's files, the published figures, the parameters, the Python version and the installed packages. A chapter is
reused only when the whole key is the same, so an answer can be recomputed needlessly but never be stale.
"""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from analysis.book import made
from analysis.book.made import file_digest

_KEY_FILE = "key.txt"


def content_key(parameters: Mapping[str, Any], files: Iterable[Path], folders: Iterable[Path]) -> str:
    """Digest of parameters, files, all files below folders (no byte code, nothing hidden) and installed packages."""
    listed = [*files, *(path for folder in folders for path in _files_below(folder))]
    content = {
        "parameters": {name: repr(value) for name, value in sorted(parameters.items())},
        "files": [(str(path), file_digest(path)) for path in listed],
        "python": platform.python_version(),
        "packages": sorted(f"{package.name} {package.version}" for package in metadata.distributions()),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _files_below(folder: Path) -> list[Path]:
    def counts(path: Path) -> bool:
        parts = path.relative_to(folder).parts
        return path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts)

    return sorted(path for path in folder.rglob("*") if counts(path))


def is_current(kept: Path, key: str) -> bool:
    """Whether the folder holds a complete run with this key, every file as it was written."""
    stored = kept / _KEY_FILE
    return stored.is_file() and stored.read_text(encoding="ascii") == key and made.is_whole(kept)


def keep(fresh: Path, kept: Path, key: str) -> None:
    """Put a completed run in place of an older one; its marker makes sure that a torn copy is never current."""
    (fresh / _KEY_FILE).write_text(key, encoding="ascii")
    made.put_in_place(fresh, kept)
