"""The files a report is made from, seen once when a build begins; what is written to them later does not go unnoticed.

Each file is read once for its checksum, for as long as it stays the same.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from analysis.book.failures import Failure, ReportFailed
from analysis.book.made import file_digest

_SECONDS_OF_A_TICK = 2
_NAMED_AT_MOST = 3


class Seen(NamedTuple):
    """A file as it was: SHA-256 of its bytes, and when it was last written, in nanoseconds since 1970."""

    sha256: str
    written: int


Files = Mapping[Path, Seen]


def seen(place: Path) -> Files:
    """Every file at or below a place as it is now; no byte code, nothing hidden."""
    return {path: _seen(path, path.stat()) for path in _files_at(place)}


def digest(places: Mapping[Path, Files]) -> str:
    """One checksum of the files at or below places: of their paths from there and their bytes."""
    content = [
        [(path.relative_to(place).as_posix(), file.sha256) for path, file in files.items()]
        for place, files in places.items()
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def changed(before: Mapping[Path, Files]) -> list[Path]:
    """Files of these places that were written, added or removed since, even if they read the same again."""
    pairs = [(files, seen(place)) for place, files in before.items()]
    return sorted({path for old, new in pairs for path in old.keys() | new.keys() if old.get(path) != new.get(path)})


def refuse_changed(before: Mapping[Path, Files]) -> None:
    """Raise ReportFailed for files of these places that changed since: nothing could say truly what was read."""
    cause = "was changed while the report was made, which could not say what it was made from. Build again."
    if files := changed(before):
        raise ReportFailed(Failure(str(path), cause) for path in files[:_NAMED_AT_MOST])


def copy(place: Path, target: Path, but: str = "") -> None:
    """Copy what is seen below a folder, if it is there, but for names with an ending; modes are those of new files."""
    for path in _files_at(place):
        if not (but and path.name.endswith(but)):
            copied = target / path.relative_to(place)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)


def stamps(places: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """When every file at or below places was last written, and its size, which the system knows without reading."""
    found = {}
    for path in (path for place in places for path in _files_at(place)):
        with suppress(OSError):  # removed meanwhile
            status = path.stat()
            found[path] = status.st_mtime_ns, status.st_size
    return found


def any_written(places: Iterable[Path], since: float) -> bool:
    """Whether a file at or below the places was written, replaced or renamed after a time, in seconds since 1970."""
    return any(path.stat().st_ctime > since for place in places for path in _files_at(place))


def _files_at(place: Path) -> Iterator[Path]:
    """In one order everywhere; folders behind links, too, each once."""
    if place.is_file():
        yield place
    known = set()
    for folder, folders, files in os.walk(place, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        if (real := os.path.realpath(folder)) in known:
            folders.clear()
            continue
        known.add(real)
        paths = (Path(folder, name) for name in sorted(files) if not name.startswith("."))
        yield from filter(Path.is_file, paths)


def _seen(path: Path, status: os.stat_result) -> Seen:
    """The file, read once for as long as it is the same.

    Two changes within a tick of the clock look alike, so a file changed a moment ago is read each time.
    """
    same = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    is_recent = time.time() - status.st_ctime < _SECONDS_OF_A_TICK
    return Seen(file_digest(path) if is_recent else _digest_of(path, *same), status.st_mtime_ns)


@cache
def _digest_of(path: Path, *same: int) -> str:
    return file_digest(path)
