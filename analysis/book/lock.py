"""One build at a time in an output folder: who works in it holds a lock that the system frees when its processes end.

Standard library only, so that `make clean` needs no environment.
"""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = ".held-by-report"
# What a file system says that has no locks.
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}


class Held(Exception):
    """Another build, or `clean`, works in the output folder."""

    def __init__(self, out: Path, holder: str) -> None:
        super().__init__(f"{out}: {holder or 'another process'} is building or cleaning here. Wait until it has ended, "
                         "or name another folder with --out.")  # fmt: skip


def refuse_held(out: Path) -> None:
    """Raise Held if somebody works in the folder now; nothing is written."""
    with suppress(OSError), (out / LOCK).open(encoding="utf-8") as file:
        _lock(file.fileno(), out)


@contextmanager
def held(out: Path) -> Iterator[bool]:
    """Hold the folder, which is made if need be; gives whether that is sure, since some file systems have no locks.

    Raises Held at once if another process does. Workers of this process hold it with it.
    """
    out.mkdir(parents=True, exist_ok=True)
    descriptor, is_sure = _taken(out)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()}, since {time.strftime('%Y-%m-%d %H:%M')},".encode())
        yield is_sure
    finally:
        (out / LOCK).unlink(missing_ok=True)
        os.close(descriptor)


def _taken(out: Path) -> tuple[int, bool]:
    """The open lock file; one that its last holder has removed in the meantime holds nobody off, so it is made anew."""
    while True:
        descriptor = os.open(out / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            is_sure = _lock(descriptor, out)
            if _is_there(descriptor, out / LOCK):
                return descriptor, is_sure
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int, out: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Held(out, (out / LOCK).read_text(encoding="utf-8", errors="replace")) from None
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True


def _is_there(descriptor: int, path: Path) -> bool:
    return path.exists() and os.path.samestat(os.fstat(descriptor), path.stat())
