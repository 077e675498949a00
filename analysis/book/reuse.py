"""Tell whether an executed chapter is still what a new run would give.

The key of a chapter is a digest of everything its output depends on: the template, the files of the package and of the
study that it uses (see `used`), the published figures, the parameters, the Python version and the installed packages. A
chapter is reused only when the whole key is the same, so an answer can be recomputed needlessly but never be stale.
"""

import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from analysis.book import made
from analysis.book.inputs import Files, digest

_KEY_FILE = "key.txt"


def content_key(parameters: Mapping[str, Any], places: Mapping[Path, Files]) -> str:
    """Digest of parameters, of the files at or below places, and of the installed packages."""
    content = {
        "parameters": {name: repr(value) for name, value in sorted(parameters.items())},
        "places": digest(places),
        "packages": installed(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def installed() -> dict[str, str]:
    """Version of Python and of every installed package by name."""
    packages = _packages(tuple((folder, _modified(folder)) for folder in sys.path))
    return {"Python": platform.python_version(), **packages}


def _modified(folder: str) -> int:
    return os.stat(folder).st_mtime_ns if os.path.exists(folder) else 0


@cache
def _packages(path: tuple[tuple[str, int], ...]) -> dict[str, str]:
    """Every installed package with its version; `path` is where they are looked for, and when that last changed."""
    # Where a name is found twice, the first is what is imported.
    about = [package.metadata for package in metadata.distributions()]  # which is parsed each time that it is asked for
    found = {_plain(each["Name"]): each["Version"] for each in reversed(about) if each["Name"]}
    return dict(sorted(found.items()))


def _plain(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_current(kept: Path, key: str) -> bool:
    """Whether the folder holds a complete run with this key, every file as it was written."""
    stored = kept / _KEY_FILE
    return stored.is_file() and stored.read_text(encoding="ascii") == key and made.is_whole(kept)


def keep(fresh: Path, kept: Path, key: str) -> None:
    """Put a completed run in place of an older one; its marker makes sure that a torn copy is never current."""
    (fresh / _KEY_FILE).write_text(key, encoding="ascii")
    made.put_in_place(fresh, kept)
