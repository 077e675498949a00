"""One archive for a machine without a network: the project, the packages it needs as wheels, checksums, instructions.

`python -m analysis.book.bundle FILE` (or `make bundle`) writes it for this Python on this kind of machine. Where a
folder `wheels/` stands beside the Makefile, `make` installs from it and asks no package index.
"""

import platform
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

import analysis
from analysis.book.made import file_digest
from analysis.show.catalogue import Catalogue

ROOT = Path(analysis.__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-jupyter.txt")
WHEELS, CHECKSUMS, INSTALL = "wheels", "SHA256SUMS", "INSTALL.txt"


class NoBundle(Exception):
    """Why no archive was written, and what to do."""


def name() -> str:
    """Name of the archive's one folder: program, version, Python and kind of machine that its wheels are for."""
    machine = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"analysis-{analysis.__version__}-cp{sys.version_info.major}{sys.version_info.minor}-{machine}"


def write_bundle(archive: Path, root: Path = ROOT) -> None:
    """Write the archive. Raises NoBundle outside a checkout, or where a wheel cannot be had."""
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(aside) / name()
        revision = add_project(root, folder)
        _run("Packages cannot be had as wheels for this machine; see above", sys.executable, "-m", "pip", "download",
             "--quiet", "--only-binary", ":all:", "--require-hashes", "--dest", str(folder / WHEELS),
             *(part for lock in LOCKS for part in ("--requirement", str(folder / lock))))  # fmt: skip
        finish(folder, revision)
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive, "w") as tar:
            tar.add(folder, folder.name)


def add_project(root: Path, folder: Path) -> str:
    """Unpack the tracked files of the last commit into a folder, and return the commit."""
    folder.mkdir()
    problem = f"{root} is no git checkout; a bundle holds the files of its last commit"
    tracked = folder.with_suffix(".tar")
    _run(problem, "git", "-C", str(root), "archive", "--format=tar", f"--output={tracked}", "HEAD")
    with tarfile.open(tracked) as tar:
        tar.extractall(folder, filter="data")
    return _run(problem, "git", "-C", str(root), "rev-parse", "HEAD").strip()


def finish(folder: Path, revision: str) -> None:
    """Write the instructions, and the checksum of every file, as `sha256sum --check` reads them."""
    words = Catalogue()
    told = words.text("book.bundle", name=folder.name, revision=revision, python=platform.python_version(),
        minor=f"3.{sys.version_info.minor}",
                      machine=sysconfig.get_platform(), sums=CHECKSUMS)  # fmt: skip
    (folder / INSTALL).write_text(told.rstrip() + "\n", encoding="utf-8")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / CHECKSUMS)
    sums = (f"{file_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)
    (folder / CHECKSUMS).write_text("".join(sums), encoding="utf-8")


def _run(problem: str, *command: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise NoBundle(f"No bundle was written. {problem}.")
    return done.stdout


def main(arguments: Sequence[str]) -> int:
    """Write the archive that is named, or one of the usual name, and print its path."""
    archive = Path(arguments[0]) if arguments else Path("dist") / f"{name()}.tar"
    try:
        write_bundle(archive)
    except (NoBundle, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(archive)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
