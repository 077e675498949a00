"""Archives whose bytes hang on what is in them alone, one of all downloads of a book, and its packed records."""

import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.book.parts import Part
from analysis.published.trace import FILE
from analysis.show.kept import IN_WORDS, SENTENCES, TEXTS

# The archive of a book, and the kinds of downloads that it holds.
ARCHIVE, HANDED_OUT = "everything.zip", (".csv", ".png", ".svg", ".xlsx")
# What every file within an archive is dated, since its own day would differ from build to build.
DAY = (2000, 1, 1, 0, 0, 0)
_PACKED_ALREADY = (".png", ".xlsx")
# What a chapter keeps of its numbers and words for programs: its texts repeat themselves.
_RECORDS, PACKED = (FILE, SENTENCES, TEXTS, IN_WORDS), ".gz"


def write_archive(html: Path, parts: Sequence[Part], manifest: str) -> None:
    """Pack all downloads of a book into one archive beside them, with a README and what the book was made from."""
    results, main = html / "results", parts[0]
    there = sorted(path for path in results.rglob("*") if path.suffix in HANDED_OUT)
    studies = "\n".join(f"- {part.title}: {_data_of(part)}" for part in parts)
    readme = main.words.text("book.archive.readme", title=main.title, studies=studies, manifest=manifest)
    files = {path.relative_to(results).as_posix(): path.read_bytes() for path in there}
    told = {"README.txt": readme.encode(), manifest: (html / manifest).read_bytes()}
    results.mkdir(exist_ok=True)
    (results / ARCHIVE).write_bytes(packed({**told, **files}))


def _data_of(part: Part) -> str:
    if part.study.data == "synthetic":
        return part.words.text("common.data.synthetic_label")
    return part.words.text("common.data.real_source", name=part.study.name)


def packed(files: Mapping[str, bytes]) -> bytes:
    """An archive of files by name: the same bytes for the same files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compresslevel=9) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, DAY)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED_ALREADY) else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return target.getvalue()


def pack_records(html: Path) -> None:
    """Pack the records of a finished book, which no page shows."""
    for file in sorted(path for name in _RECORDS for path in (html / "results").rglob(name)):
        file.with_name(f"{file.name}{PACKED}").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
        file.unlink()


def record(folder: Path, name: str) -> bytes:
    """A record of a chapter, packed or not; nothing where there is none."""
    file = folder / name
    if file.is_file():
        return file.read_bytes()
    file = folder / f"{name}{PACKED}"
    return gzip.decompress(file.read_bytes()) if file.is_file() else b""


def folders_with(results: Path, name: str) -> list[Path]:
    """The folders below one that have such a record, packed or not."""
    return sorted({file.parent for known in (name, f"{name}{PACKED}") for file in results.rglob(known)})
