"""What builds have made in an output folder, so that nothing else is ever replaced or removed.

A build leaves a marker in each folder that it puts in place, `html/` and every `executed/<language>/<chapter>/`. The
marker lists the folder's files with their SHA-256, as `sha256sum` does. A file is a build's own while a marker lists it
and its bytes are those that were written. Standard library only, so that `make clean` needs no environment.
"""

import ctypes
import hashlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from analysis.book.lock import held

MARKER = ".made-by-report"
SCRATCH = ".work-"
_RETIRED = "retired"
# File managers leave these in every folder that they show.
_DROPPINGS = {".DS_Store", "Thumbs.db", "desktop.ini"}
_NAMED_AT_MOST = 3
# executed/<language>/<chapter>/<file>: anything nearer to the top is not from a chapter.
_DEPTH = 3
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


class ForeignFiles(Exception):
    """Files stand where a build would put its own, and no build wrote them, or not as they are now."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.files = tuple(files)
        super().__init__(self.files)

    def __str__(self) -> str:
        cause = "no build made these files as they are, and building would remove them. Nothing was removed."
        remedy = "Move them elsewhere, delete them if they are an old report, or choose another folder with --out."
        return f"{few(self.files)}: {cause} {remedy}"


def few(files: Sequence[Path]) -> str:
    """The first few of the files, and how many more there are."""
    more = len(files) - _NAMED_AT_MOST
    return ", ".join(map(str, files[:_NAMED_AT_MOST])) + (f" and {more} more" if more > 0 else "")


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def mark(folder: Path) -> None:
    """Write the marker of a folder that a build has just filled, in place of one from before."""
    own = (path for path in _files(folder) if path != folder / MARKER)
    lines = [f"{file_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in own]
    (folder / MARKER).write_text("".join(lines), encoding="utf-8")


def is_whole(folder: Path) -> bool:
    """Whether the folder has a marker, and all that it lists as it was written."""
    listed = _listed(folder)
    return bool(listed) and all(path.is_file() and file_digest(path) == listed[path] for path in listed)


def refuse_foreign(out: Path) -> None:
    """Raise ForeignFiles if a build into `out` would remove a file that no build wrote as it is."""
    executed = out / "executed"
    strays = [path for path in _files(executed) if len(path.relative_to(executed).parts) < _DEPTH]
    found = {path for path in strays if path.name not in _DROPPINGS}
    found.update(path for place in _places(out) for path in _foreign(place))
    if found:
        raise ForeignFiles(sorted(found))


def put_in_place(fresh: Path, folder: Path) -> None:
    """Mark a freshly filled folder and move it to where an earlier one was made.

    Raises ForeignFiles, before anything is touched, when the earlier one holds what no build wrote as it is.
    """
    if foreign := _foreign(folder):
        raise ForeignFiles(foreign)
    mark(fresh)
    _remove(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(fresh, folder)


def swap_in(work: Path, fresh: Path, html: Path) -> None:
    """Put a new book where the last one is, which goes into the scratch folder: in one step where the system can.

    Elsewhere a build that is killed between two steps leaves the last one to be put back by the next (see `sweep`).
    """
    if not html.exists():
        fresh.rename(html)
    elif not _exchanged(fresh, html):
        html.rename(work / _RETIRED)
        try:
            fresh.rename(html)
        except OSError:
            (work / _RETIRED).rename(html)
            raise


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system has let two folders change places."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    return rename is not None and rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0


def sweep(out: Path) -> list[Path]:
    """Remove what builds have left that were killed, and put back a book that one was about to replace.

    For whoever holds `out`, so that none of these builds still runs. Returns the files removed.
    """
    removed = []
    for work in _unfinished(out):
        if (work / _RETIRED).is_dir() and not (out / "html").exists():
            (work / _RETIRED).rename(out / "html")
        removed += _files(work)
        shutil.rmtree(work, ignore_errors=True)  # a kernel may need a second to see that its build is gone
    return removed


def _unfinished(out: Path) -> list[Path]:
    """Scratch folders of builds, one of which may have been killed before it could mark its own."""
    folders = [path for path in sorted(out.glob(f"{SCRATCH}*")) if path.is_dir() and not path.is_symlink()]
    return [path for path in folders if (path / MARKER).is_file() or not any(path.iterdir())]


def clean(out: Path) -> tuple[int, list[Path]]:
    """Remove all that builds have made in `out`, unfinished ones too, and folders left empty, in the end `out` itself.

    Returns the number of files removed, and those that were left because no build wrote them as they are. Raises Held
    while a build runs there.
    """
    if not out.is_dir():
        return 0, []
    with held(out) as is_sure:
        unfinished = sweep(out) if is_sure else []
        before = _replaced(out)
        for folder in _places(out):
            if (folder / MARKER).is_file():
                _remove(folder)
        for folder in (*(out / "executed").glob("*"), out / "executed"):
            _drop_empty(folder)
        left = _replaced(out)
    _drop_empty(out)
    return len(unfinished) + len(before) - len(left), left


def _places(out: Path) -> list[Path]:
    """What a build puts in place as a whole; a marker elsewhere counts for nothing."""
    return [out / "html", *(path for path in sorted((out / "executed").glob("*/*")) if path.is_dir())]


def _foreign(folder: Path) -> list[Path]:
    """Files of a place that its marker does not list as they are; the place itself if it is a link elsewhere."""
    if folder.is_symlink():
        return [folder]
    listed = _listed(folder)
    return [path for path in _files(folder) if path != folder / MARKER and not _is_made(path, listed)]


def _remove(folder: Path) -> None:
    """Remove what the marker of a folder lists, unchanged, then the marker and the folders left empty."""
    listed = _listed(folder)
    for path in list(_files(folder)):
        if _is_made(path, listed):
            path.unlink()
    (folder / MARKER).unlink(missing_ok=True)
    for below, _, _ in os.walk(folder, topdown=False):
        _drop_empty(Path(below))


def _listed(folder: Path) -> dict[Path, str]:
    """Path and digest of every file that the folder's marker lists; none without a marker."""
    marker = folder / MARKER
    lines = marker.read_text(encoding="utf-8", errors="replace").splitlines() if marker.is_file() else []
    pairs = [line.partition("  ") for line in lines]
    return {folder / name: digest for digest, _, name in pairs}


def _is_made(path: Path, listed: Mapping[Path, str]) -> bool:
    return path.name in _DROPPINGS or (not path.is_symlink() and path in listed and file_digest(path) == listed[path])


def _replaced(out: Path) -> list[Path]:
    """Every file that stands where a build puts its own."""
    return [path for name in ("html", "executed") for path in _files(out / name)]


def _files(place: Path) -> Iterator[Path]:
    """The place itself if it is a file; else every file below it, links counted as files and not followed."""
    if place.is_file():
        yield place
    for folder, folders, files in os.walk(place):
        folders.sort()
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (Path(folder, name) for name in sorted([*files, *links]))


def _drop_empty(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        folder.rmdir()
