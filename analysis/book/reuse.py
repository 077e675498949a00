"""Tell whether an executed chapter is still what a new run would give.

The key of a chapter is a digest of everything its output depends on: the template, every file of the package, the
study's files, the published figures, the parameters, the Python version and the installed packages. A chapter is
reused only when the whole key is the same, so an answer can be recomputed needlessly but never be stale.
"""

import hashlib
import json
import os
import platform
import sys
import time
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from analysis.book import made
from analysis.book.made import file_digest

_KEY_FILE = "key.txt"
_SECONDS_OF_A_TICK = 2


def content_key(parameters: Mapping[str, Any], files: Iterable[Path], folders: Iterable[Path], data: str = "") -> str:
    """Digest of parameters, files, what is in folders, installed packages, and of data whose digest is given."""
    content = {
        "parameters": {name: repr(value) for name, value in sorted(parameters.items())},
        "files": [(str(path), _digest_of(path, path.stat())) for path in files],
        "folders": digest(folders),
        "data": data,
        "python": platform.python_version(),
        "packages": _packages(tuple((folder, _modified(folder)) for folder in sys.path)),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def digest(folders: Iterable[Path]) -> str:
    """Digest of all files below folders: their paths and bytes; no byte code, nothing hidden."""
    content = [(str(path), _digest_of(path, status)) for folder in folders for path, status in _files_below(folder)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def has_changed(folders: Iterable[Path], since: float) -> bool:
    """Whether a file below folders was written, replaced or renamed after a time, in seconds since 1970."""
    return any(status.st_ctime > since for folder in folders for _, status in _files_below(folder))


def _files_below(folder: Path) -> list[tuple[Path, os.stat_result]]:
    def counts(path: Path) -> bool:
        parts = path.relative_to(folder).parts
        return path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts)

    return [(path, path.stat()) for path in sorted(folder.rglob("*")) if counts(path)]


def _digest_of(path: Path, status: os.stat_result) -> str:
    """The digest of a file, computed once for as long as the file is the same.

    Two changes within a tick of the clock look alike, so a file changed a moment ago is read each time.
    """
    if time.time() - status.st_ctime < _SECONDS_OF_A_TICK:
        return file_digest(path)
    return _computed(path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@cache
def _computed(path: Path, *status: int) -> str:
    return file_digest(path)


def _modified(folder: str) -> int:
    return os.stat(folder).st_mtime_ns if os.path.exists(folder) else 0


@cache
def _packages(path: tuple[tuple[str, int], ...]) -> list[str]:
    """Every installed package with its version; `path` is where they are looked for, and when that last changed."""
    return sorted(f"{package.name} {package.version}" for package in metadata.distributions())


def is_current(kept: Path, key: str) -> bool:
    """Whether the folder holds a complete run with this key, every file as it was written."""
    stored = kept / _KEY_FILE
    return stored.is_file() and stored.read_text(encoding="ascii") == key and made.is_whole(kept)


def keep(fresh: Path, kept: Path, key: str) -> None:
    """Put a completed run in place of an older one; its marker makes sure that a torn copy is never current."""
    (fresh / _KEY_FILE).write_text(key, encoding="ascii")
    made.put_in_place(fresh, kept)
