"""Every download of the bundled study is the stored one, byte for byte, so that no change of a number goes unseen."""

import gzip
import hashlib
from pathlib import Path

from analysis.book.packing import PACKED
from analysis.book.release import is_known

KEPT = (".csv", ".json", ".svg")
STORED = Path(__file__).parent / "reference" / "downloads.sha256"


def test_downloads_are_those_stored(built_book):
    """A change on purpose renews the file, as `sha256sum` writes it, in the folder `results` of the book.

    Packed records are compared as they were before. What leads numbers back is left out: it tells how methods were
    asked, to the last digit, which is a machine's own.
    """
    stored = dict(reversed(line.split("  ", 1)) for line in STORED.read_text(encoding="utf-8").splitlines())
    results = built_book / "results"
    chapters = {name.split("/")[0] for name in stored}
    files = [path for chapter in chapters for path in (results / chapter).rglob("*") if path.is_file()]
    there = {path.relative_to(results).as_posix(): path.read_bytes() for path in files}
    whole = {name.removesuffix(PACKED): gzip.decompress(each) if name.endswith(PACKED) else each
             for name, each in there.items()}  # fmt: skip
    now = {name: hashlib.sha256(each).hexdigest() for name, each in whole.items() if Path(name).suffix in KEPT}
    changed = sorted(name for name in stored.keys() | now.keys() if stored.get(name) != now.get(name))
    assert changed == []


def test_every_kind_of_file_of_a_report_may_leave(built_book):
    """`release-check` calls others foreign, and would call every report so."""
    assert [path.name for path in built_book.rglob("*") if path.is_file() and not is_known(path)] == []
