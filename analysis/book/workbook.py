"""The numbers of a chapter as one accessible workbook.

It is laid out as the UK Government Analysis Function asks of spreadsheets (Releasing statistics in
spreadsheets, 2023): cover, contents, notes, then one marked-up table a worksheet that begins in its first column, no
merged cells, numbers as numbers. The same results give the same bytes: nothing in the file tells when it was made.
"""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table, TableStyleInfo

from analysis.book.packing import DAY, packed
from analysis.show.sheets import ABOUT, FOLDER
from analysis.study.escaping import plain

_WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_NO_NAME = re.compile(r"[\[\]:*?/\\']")
_SHEET = re.compile(r"xl/worksheets/sheet")
_ROW = re.compile(rb"(<row\b[^>]*>)(.*?)(</row>)", flags=re.DOTALL)
_CELL = re.compile(rb'(?P<start><c) r="(?P<column>[A-Z]+)\d+"(?P<rest>[^>]*?(?:/>|>(?P<told>.*?)</c>))', re.DOTALL)
_INLINE = re.compile(rb"<is>(<t\b.*</t>)</is>", flags=re.DOTALL)
_STRINGS = "xl/sharedStrings.xml"
_STRINGS_TYPE = (b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
                 b'officedocument.spreadsheetml.sharedStrings+xml"/>')  # fmt: skip
_STRINGS_RELATION = (b'<Relationship Id="rIdTexts" Target="sharedStrings.xml" Type="http://schemas.openxmlformats.org/'
                     b'officeDocument/2006/relationships/sharedStrings"/>')  # fmt: skip
_LONGEST_NAME, _LONGEST_TEXT, _WIDEST, _NARROWEST = 31, 32_000, 60, 9
_TEXT = "@"


def write_workbook(results: Path, chapter: str) -> None:
    """Make the workbook of a chapter of the sheets that its page kept beside its results, and remove these."""
    kept = results / FOLDER / chapter
    if not kept.is_dir():
        return
    about = json.loads((kept / ABOUT).read_text(encoding="utf-8"))
    files = sorted(path for path in kept.iterdir() if path.name != ABOUT)
    sheets = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    (results / chapter / f"{chapter}.xlsx").write_bytes(workbook(about, sheets))
    shutil.rmtree(results / FOLDER)


def workbook(about: Mapping[str, Any], sheets: Sequence[Mapping[str, Any]]) -> bytes:
    """The bytes of a workbook; `sheets` as `show.sheets.Sheet` has them."""
    book = Workbook(write_only=True)
    _set_properties(book, about)
    names = _sheet_names([about["names"][name] for name in ("cover", "contents", "notes")], sheets)
    first = (about["title"], *about["cover"]), (about["title"],), (about["names"]["notes"], *about["notes"])
    for name, lines in zip(names, first, strict=False):
        page = _page(book, name, [_WIDEST * 2])
        _write_lines(page, lines)
        if name == about["names"]["contents"]:
            _write_contents(page, about, sheets, names[3:])
    for name, sheet in zip(names[3:], sheets, strict=True):
        _write_sheet(book, name, about, sheet)
    target = io.BytesIO()
    book.save(target)
    return _undated(target.getvalue())


def _set_properties(book: Workbook, about: Mapping[str, Any]) -> None:
    usual = Font(name="Arial", size=12)  # large and without serifs, for all who read it
    book._fonts[0] = book._named_styles["Normal"].font = usual
    book.properties.title = about["title"]
    book.properties.creator = about["cover"][0]
    book.properties.language = about["language"]
    book.properties.created = datetime(*DAY, tzinfo=UTC)


def _sheet_names(first: Sequence[str], sheets: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of worksheets: those of their downloads, as far as a spreadsheet takes them, each once."""
    names: list[str] = list(first)
    for sheet in sheets:
        name = _NO_NAME.sub("_", plain(sheet["name"]))[:_LONGEST_NAME]
        number = 2
        while name.lower() in {known.lower() for known in names}:
            name = f"{name[: _LONGEST_NAME - 4]}_{number}"
            number += 1
        names.append(name)
    return names


def _page(book: Workbook, name: str, widths: Sequence[int]) -> WriteOnlyWorksheet:
    page = book.create_sheet(name)
    for place, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(place)].width = width
    return page


def _write_lines(page: WriteOnlyWorksheet, lines: Iterable[str]) -> None:
    """A title, and lines below it, each in the first column."""
    for place, line in enumerate(lines):
        page.append([_text(page, line, bold=place == 0, size=15 if place == 0 else 12)])


def _text(page: WriteOnlyWorksheet, text: str, bold: bool = False, size: int = 12, wrap: bool = False) -> Cell:
    """A cell with a text that stays one, whatever it begins with."""
    cell = WriteOnlyCell(page, plain(text)[:_LONGEST_TEXT])
    cell.data_type = "s"
    if bold or size != 12:
        cell.font = Font(name="Arial", size=size, bold=bold)
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _write_contents(
    page: WriteOnlyWorksheet, about: Mapping[str, Any], sheets: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> None:
    """The list of what follows, each line with the way to it."""
    for place, width in zip("ABCD", (34, 12, 90, 9), strict=True):
        page.column_dimensions[place].width = width
    rows = [[(name, ""), (about["kinds"][sheet["kind"]], ""), (sheet["caption"], ""), (len(sheet["rows"]), "#,##0")]
            for name, sheet in zip(names, sheets, strict=True)]  # fmt: skip
    _write_table(page, "Contents_list", about["heads"], rows, below=1)
    for place, name in enumerate(names, 3):
        page._hyperlinks.append(Hyperlink(ref=f"A{place}", location=f"'{name}'!A1", display=name))


def _write_sheet(book: Workbook, name: str, about: Mapping[str, Any], sheet: Mapping[str, Any]) -> None:
    alt = [f"{about['alt']} {sheet['alt']}"] if sheet["alt"] else []
    lines = [sheet["caption"], about["one"], *alt, *sheet["texts"]]
    page = _page(book, name, _widths(sheet["heads"], sheet["rows"]))
    _write_lines(page, lines)
    _write_table(page, f"T_{re.sub(r'[^A-Za-z0-9_]', '_', name)}", sheet["heads"], sheet["rows"], below=len(lines))


def _widths(heads: Sequence[str], rows: Sequence[Sequence]) -> list[int]:
    longest = [max((len(str(row[place][0])) for row in rows if isinstance(row[place][0], str)), default=0)
               for place in range(len(heads))]  # fmt: skip
    words = [max(map(len, head.split()), default=0) for head in heads]
    return [min(max(text, word, _NARROWEST) + 2, _WIDEST) for text, word in zip(longest, words, strict=True)]


def _write_table(
    page: WriteOnlyWorksheet, name: str, heads: Sequence[str], rows: Sequence[Sequence], below: int
) -> None:
    """A table, marked as one, under so many lines; all its headings differ."""
    page.append([_text(page, head, bold=True, wrap=True) for head in heads])
    for row in rows:
        page.append([_written(page, value, form) for value, form in row])
    end = f"{get_column_letter(len(heads))}{below + 1 + max(len(rows), 1)}"
    table = Table(displayName=name, ref=f"A{below + 1}:{end}", tableStyleInfo=TableStyleInfo("TableStyleLight1"))
    table._initialise_columns()
    for column, head in zip(table.tableColumns, heads, strict=True):
        column.name = plain(head)
    page._tables.add(table)  # `add_table` warns here that columns are given by hand, as they are


def _written(page: WriteOnlyWorksheet, value: float | str | None, form: str) -> Cell | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _text(page, value)
    cell = WriteOnlyCell(page, value)
    if form and form != "General":
        cell.number_format = form
    return cell


def _undated(made: bytes) -> bytes:
    """A workbook whose parts do not tell when they were written, and that has each text once."""
    with zipfile.ZipFile(io.BytesIO(made)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    day = datetime(*DAY, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    core = "docProps/core.xml"
    return packed(_shared({**parts, core: _WRITTEN.sub(rb"\g<1>" + day, parts[core])}))


def _shared(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The parts of a workbook with its texts in a table of their own, and cells in the order of their columns without
    names: a quarter fewer bytes, since the same few texts stand in most rows."""
    texts: dict[bytes, int] = {}

    def cells(row: re.Match) -> bytes:
        found = list(_CELL.finditer(row[2]))
        written = {column_index_from_string(cell["column"].decode()): _cell(cell, texts) for cell in found}
        places = range(1, max(written, default=0) + 1)
        return row[1] + b"".join(written.get(place, b"<c/>") for place in places) + row[3]

    told = {name: _ROW.sub(cells, part) if _SHEET.match(name) else part for name, part in parts.items()}
    table = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'
    added = {"[Content_Types].xml": (_STRINGS_TYPE, b"</Types>"),
             "xl/_rels/workbook.xml.rels": (_STRINGS_RELATION, b"</Relationships>")}  # fmt: skip
    named = {name: told[name].replace(end, line + end) for name, (line, end) in added.items()}
    return {**told, **named, _STRINGS: table % b"".join(b"<si>%s</si>" % text for text in texts)}


def _cell(cell: re.Match, texts: dict[bytes, int]) -> bytes:
    """A cell without its name; a text as its number in the table of texts."""
    told = _INLINE.fullmatch(cell["told"] or b"")
    if told is None:
        return cell["start"] + cell["rest"]
    style = cell["rest"].partition(b">")[0].replace(b' t="inlineStr"', b' t="s"')
    return b"%s%s><v>%d</v></c>" % (cell["start"], style, texts.setdefault(told[1], len(texts)))
