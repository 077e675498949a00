"""The pages of the last book as they were rendered, kept beside the executed chapters for the next one.

They serve again only where they can: the same program, packages and settings, and the same pages by name. While a book
is made they lie in a scratch folder of a fixed name, since what Sphinx keeps of a page names its place; one that a
killed build leaves there is swept away, and the next book is made from nothing.
"""

import filecmp
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from analysis.book import inputs, made, reuse
from analysis.book.finishing import Banner, finish_page
from analysis.book.used import Package
from analysis.book.workers import of_each

# A chapter cannot be called so.
FOLDER = "_pages"
_STAGE, _FINISHED, _MADE_WITH, _BY = "book", "finished", "made_with.txt", "finished.json"
_SOUND, _TEXTS = "sound.json", "texts.json"
# What renders, mends and judges pages, with all that these import.
_MAKERS = ("claims", "finishing", "kept", "mathml", "rendering", "same_pages", "titles")
_PAGES = (".md", ".ipynb")


@dataclass(frozen=True)
class KeptPages:
    """The folder in which a book is rendered: `book` with its source and what Sphinx makes of it, `finished` pages."""

    place: Path

    @property
    def stage(self) -> Path:
        """The source of the book, where Sphinx reads it."""
        return self.place / _STAGE

    @contextmanager
    def sound(self) -> Iterator[set[str]]:
        """Digests of chapters whose claims hold, to be replaced by those of this book; see `claims.faults`."""
        file = self.place / _SOUND
        digests = set(json.loads(file.read_text(encoding="utf-8")) if file.is_file() else ())
        yield digests
        file.write_text(json.dumps(sorted(digests)), encoding="utf-8")

    @contextmanager
    def texts(self, key: str) -> Iterator[dict[str, str]]:
        """Pieces of pages that take long to work out, by name, from a book with the same key; to be added to."""
        file = self.place / _TEXTS
        stored = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        texts = stored.get("texts", {}) if stored.get("key") == key else {}
        yield texts
        file.write_text(json.dumps({"key": key, "texts": texts}), encoding="utf-8")

    def take_in(self, fresh: Path) -> None:
        """Make the source that of a folder; everything is dropped unless only texts of pages differ from the last."""
        if not self.stage.is_dir() or not self._has_same_pages(fresh):
            for folder in (self.stage, self.place / _FINISHED):
                shutil.rmtree(folder, ignore_errors=True)
            inputs.copy(fresh, self.stage)
            return
        for name in _files(fresh):
            if not filecmp.cmp(fresh / name, self.stage / name, shallow=False):
                shutil.copyfile(fresh / name, self.stage / name)
        shutil.rmtree(self.stage / "_build" / "html" / "_static")  # as it is when a book is made from nothing

    def _has_same_pages(self, fresh: Path) -> bool:
        names = _files(fresh)
        fixed = [name for name in names if not name.endswith(_PAGES)]
        same = names == _files(self.stage) and (self.stage / "_build" / "html" / "_static").is_dir()
        return same and filecmp.cmpfiles(fresh, self.stage, fixed, shallow=False)[0] == fixed

    def finish(self, html: Path, banners: Mapping[str, Banner | None]) -> dict[str, dict | None]:
        """Mend every page below a copy of the rendered book; a page that was rendered as before is taken as it was.

        Returns the texts of each for the search, by the page's address.
        """
        file, folder = self.place / _BY, self.place / _FINISHED
        known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() and folder.is_dir() else {}
        first = next(iter(banners.values()), None)
        names = sorted(path.relative_to(html).as_posix() for path in html.rglob("*.html"))
        own = {name: banners.get(name.partition("/")[0], first) for name in names}
        by = {name: [made.file_digest(html / name), repr(own[name])] for name in names}
        fresh = [name for name in names if name not in known or known[name][0] != by[name]]
        told = of_each(partial(_finished, html, own), fresh)
        finished = {name: known.get(name) for name in names}
        finished |= {name: [by[name], texts] for name, texts in zip(fresh, told, strict=True)}
        for name in names:
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(*((html / name, place) if name in fresh else (place, html / name)))
        for name in known.keys() - finished.keys():
            (folder / name).unlink(missing_ok=True)
        file.write_text(json.dumps(finished), encoding="utf-8")
        return {name: texts for name, (_, texts) in finished.items()}


@contextmanager
def kept_pages(out: Path, language: str, package: Package) -> Iterator[KeptPages]:
    """The pages of the last book in an output folder, to be replaced by those of the next; dropped if that fails.

    For whoever holds the folder.
    """
    kept, place = out / "executed" / language / FOLDER, out / f"{made.SCRATCH}pages"
    makers = package.with_data(package.closure(f"analysis.book.{name}" for name in _MAKERS))
    # Words are in the source, but for those that finished pages are given.
    makers = {path: seen for path, seen in makers.items() if "words" not in path.parts or path.name == "book.yml"}
    made_with = reuse.content_key({}, {package.folder: makers})
    file = kept / _MADE_WITH
    if file.is_file() and file.read_text(encoding="ascii") == made_with and made.is_whole(kept):
        kept.rename(place)
    else:
        place.mkdir()
        made.mark(place)
    try:
        yield KeptPages(place)
        (place / _MADE_WITH).write_text(made_with, encoding="ascii")
        made.put_in_place(place, kept)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _finished(html: Path, banners: Mapping[str, Banner | None], name: str) -> dict | None:
    return finish_page(html / name, banners[name])


def _files(folder: Path) -> list[str]:
    """Every file of a book's source, but for what Sphinx makes of it."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if path.parts[0] != "_build" and path.name != made.MARKER)
