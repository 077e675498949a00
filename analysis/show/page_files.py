"""What a page hands out beside itself: files in its folder of results, links to them, and sheets for its workbook."""

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path

from analysis.show import elements, files
from analysis.show.files import JsonList, json_bytes
from analysis.show.page_texts import PageTexts
from analysis.show.prose import HIDDEN, MISSING, count, format_number
from analysis.show.sheets import ABOUT, FOLDER, Cell, Sheet
from analysis.study.kinds import KINDS

_LINE = re.compile(r"<p[^>]*>(.*?)</p>", flags=re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


class PageFiles(PageTexts):
    """The part of a page that writes files; without a folder of results it writes none and links to none."""

    results: Path | None

    def _public_name(self, name: str, part: str = "") -> str:
        return files.public_name(self.study, self.chapter, name, part)

    def _links(self, name: str, types: Sequence[str]) -> str:
        if self.results is None:
            return ""
        folder = f"../results/{self.chapter}"
        there = {f"{folder}/{name}.{kind}": kind for kind in types} | {f"{folder}/{self.chapter}.xlsx": "xlsx"}
        named = [(address, self.catalogue.text(f"common.download.{kind}")) for address, kind in there.items()]
        traced = self._trace.link(name)
        return elements.downloads(named, traced and (traced, self.catalogue.text("common.traced")))

    def _write_file(self, name: str, content: bytes | JsonList) -> None:
        if self.results is not None:
            (self.results / name).write_bytes(bytes(content))

    def _keep_sheet(
        self, name: str, kind: str, caption: str, below: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]],
        alt: str = "",
    ) -> None:  # fmt: skip
        """Keep a result for the workbook; caption and what stands below it are HTML."""
        if self.results is None:
            return
        place = self.results.parent / FOLDER / self.chapter
        if not place.is_dir():
            place.mkdir(parents=True)
            (place / ABOUT).write_bytes(json_bytes(self._about()))
        known = sorted(path.name for path in place.iterdir() if path.name != ABOUT)
        number = next((each for each in known if each.endswith(f".{name}.json")), f"{len(known):04d}.{name}.json")
        sheet = Sheet(name, kind, _plain(caption), [_plain(line) for line in _LINE.findall(below)], heads, rows, alt)
        (place / number).write_bytes(json_bytes(sheet.plain))

    def _about(self) -> dict[str, object]:
        """What the workbook says of itself: title, language, names of its first sheets, and the lines of each."""
        words, study = self.catalogue, self.study
        title = study.title.get(words.language) or next(iter(study.title.values()))
        usual = self.chapter.replace("_", " ").capitalize()
        chapter = str(words.get(f"book.chapter_titles.{self.chapter}", usual))
        notes = [words.text("common.workbook.empty", sign=MISSING)]
        if self.gate.hides:
            fewest = format_number(count(study.smallest_group), words.language)
            notes.append(words.text("common.hidden.note", sign=HIDDEN, fewest=fewest))
        if self.kinds.decides is not None:
            notes += [f"{kind}: {words.text(f'common.kinds.all.{kind}')}" for kind in KINDS]
        cover = [words.text(f"common.workbook.{name}") for name in ("about", "formats")]
        return {
            "title": words.text("common.workbook.title", chapter=chapter, study=title), "language": words.language,
            "names": {name: words.text(f"common.workbook.{name}") for name in ("cover", "contents", "notes")},
            "heads": [words.text(f"common.workbook.heads.{name}") for name in ("sheet", "kind", "caption", "rows")],
            "kinds": {kind: words.text(f"common.workbook.kinds.{kind}") for kind in ("table", "figure")},
            "one": words.text("common.workbook.one"), "alt": words.text("common.workbook.alt"),
            "cover": [self._data_column(), *cover], "notes": notes,
        }  # fmt: skip


def _plain(markup: str) -> str:
    return " ".join(unescape(_TAG.sub("", markup)).split())
