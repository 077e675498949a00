"""Tell at once whether the last book is what a new build would give: by checksums alone, with no study opened.

Every build without a failure leaves beside the executed chapters what it was asked for and what it was made from. Only
the standard library is imported, so that the answer takes less than a second.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.book import made
from analysis.book.inputs import Files, digest, seen
from analysis.book.reuse import installed
from analysis.book.revision import revision
from analysis.book.surroundings import SMALL_CELLS, STUDIES
from analysis.book.timings import Timings

_ROOT = Path(__file__).resolve().parents[2]
# A chapter cannot be called so.
FOLDER, FILE = "_book", "made_from.json"


Asked = tuple[Path, Sequence[str], str, Mapping[str, Any]]  # study, chapters, language, parameters


def note(work: Path, out: Path, asked: Asked, places: Mapping[Path, Files], timings: Timings) -> None:
    """Keep what the book in an output folder was asked for and made from, and how long; `work` is a folder aside.

    That chapters run in kernels changes no byte of a book, and is left out.
    """
    fresh = work / FOLDER
    fresh.mkdir()
    checksums = {os.path.relpath(place, out): digest({place: files}) for place, files in places.items()}
    (fresh / FILE).write_text(json.dumps(_state(asked, checksums)), encoding="utf-8")
    timings.write(fresh)
    made.put_in_place(fresh, kept(out, asked[2]))


def last_book(out: Path, *asked: Any) -> Path | None:
    """The first page of the last book, if a new build would give the same one; None if that cannot be told."""
    file, page = kept(out, asked[2]) / FILE, out / "html" / "index.html"
    if not (file.is_file() and page.is_file()):
        return None
    stored = json.loads(file.read_text(encoding="utf-8"))
    places = {name: digest({place: seen(place)}) for name in stored["places"] for place in [_from(out, name)]}
    return page if stored == _state(asked, places) and made.is_whole(out / "html") else None


def kept(out: Path, language: str) -> Path:
    """The folder in which it is kept what the last book in this language was made from."""
    return out / "executed" / language / FOLDER


def _from(out: Path, place: str) -> Path:
    return Path(os.path.normpath(out.resolve() / place))


def _state(asked: Asked, places: Mapping[str, str]) -> dict[str, Any]:
    study, chapters, language, given = asked
    wanted = [study.resolve().name, list(chapters), language, {name: repr(given[name]) for name in sorted(given)}]
    surroundings = {name: os.environ.get(name) for name in (SMALL_CELLS, STUDIES)}
    return {"asked": wanted, "places": places, "packages": installed(), "code": revision(_ROOT), **surroundings}
