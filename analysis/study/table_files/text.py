"""Tables in text files, packed or not: encoding, separator and rows with the line on which each begins."""

import csv
import gzip
import io
import re
from collections.abc import Iterator
from pathlib import Path

from analysis.study.table_files.raw import Content, Flaw, Unreadable

SEPARATORS = {",": None, ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# How files begin that are no text, whatever their name says.
_OTHER_BEGINNINGS = {
    b"PK\x03\x04": "an Excel workbook or another archive",
    b"\xd0\xcf\x11\xe0": "an old or protected Excel workbook",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "a SQLite file",
    b"$FL2": "an SPSS file",
    b"<stata_dta>": "a Stata file",
}


def read_text(path: Path, table: str | None = None) -> Content:
    """Header and cells by line. Lines without anything in them are passed over; a text file is one table.

    Rows whose cells do not fit the header, and all from a quotation mark left open, are left out with their flaw.
    Raises Unreadable with why the file is no text.
    """
    text, encoding = _decoded(_bytes(path))
    separator, skipped = _separator(text, path)
    flaws: list[Flaw] = []
    rows = _rows(text, separator, flaws, skip=skipped)
    header_row, header = next(rows, (1, []))
    if not header:
        raise Unreadable(*(flaws or [Flaw("missing_header", "The file is empty.", "Add the header line.", 1)]))
    lines, cells = [], []
    for line, row in rows:
        if len(row) == len(header):
            lines.append(line)
            cells.append(row)
        else:
            flaws.append(_ragged(line, separator))
    columns = [[cell.strip() or None for cell in column] for column in zip(*cells, strict=True)]
    seen = (SEPARATORS[separator], encoding, "gzip" if _is_packed(path) else None)
    return Content(
        [name.strip() for name in header],
        columns or [[] for _ in header],
        lines,
        [word for word in seen if word],
        header_row=header_row,
        plain=separator == ",",
        flaws=flaws,
    )


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _bytes(path: Path) -> bytes:
    if not _is_packed(path):
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            return file.read()
    except MemoryError:
        raise
    except Exception as error:  # gzip and zlib have errors of several families for a file that was cut
        cause = "The packed file is cut short or damaged."
        raise Unreadable(Flaw("damaged_file", cause, "Copy or export it again.")) from error


def _decoded(data: bytes) -> tuple[str, str | None]:
    """The text, and its encoding where that is not UTF-8."""
    other = next((what for start, what in _OTHER_BEGINNINGS.items() if data.startswith(start)), None)
    if other:
        cause = f"The file is {other}, not text."
        raise Unreadable(Flaw("not_text", cause, "Give it the ending of its format, or save it as CSV."))
    mark = next((mark for mark in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    encoding = _BYTE_ORDER_MARKS[mark] if mark else _without_mark(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        cause = "The file is neither UTF-8, UTF-16 nor Windows-1252 text, or it is cut short."
        raise Unreadable(Flaw("not_utf8", cause, "Save it as UTF-8.")) from error
    if text.count("\0") > max(2, len(text) // 100):  # a single one is a fault of its cell
        raise Unreadable(Flaw("not_text", "The file holds bytes that no text has.", "Export it again as UTF-8."))
    return text, {"cp1252": "Windows-1252"}.get(encoding, encoding.upper() if encoding.startswith("utf-16") else None)


def _without_mark(data: bytes) -> str:
    """The encoding of text that does not name it. Raises Unreadable for UTF-8 with broken characters."""
    start = data[:2000]
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if start[::2].count(0) > len(start) // 4:
        return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        _refuse_broken(data)
        return "cp1252"
    return "utf-8"


def _refuse_broken(data: bytes) -> None:
    """Text of one byte a letter has no letters that are whole in UTF-8; where some are, the others are broken."""
    text = data.decode("utf-8", "replace")
    if re.search("[^\0-\x7f\ufffd]", text):
        line = text[: text.index("\ufffd")].count("\n") + 1
        cause = "The file is UTF-8 text, but here is a character that is not."
        raise Unreadable(Flaw("not_utf8", cause, "Save the whole file as UTF-8.", line))


def _separator(text: str, path: Path) -> tuple[str, int]:
    """What stands between cells, and how many lines before the header say so.

    It is what cuts the header and the row after it into the same number of cells, and most of them.
    """
    said = re.match(r"sep=(.)\r?\n", text)
    if said and said[1] in SEPARATORS:
        return said[1], 1
    first = "\t" if ".tsv" in path.name.lower() else ","
    return max([first, *SEPARATORS], key=lambda separator: _fit(text, separator)), 0


def _fit(text: str, separator: str) -> tuple[bool, int]:
    rows = _rows(text, separator, [])
    first, second = (len(row) for _, row in (next(rows, (0, [])), next(rows, (0, []))))
    return (first > 1 and first == second, first)


def _rows(text: str, separator: str, flaws: list[Flaw], skip: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Each row that holds anything, with the line of the file on which it begins; the flaw that ends them, if any."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if line > skip and any(cell.strip() for cell in cells):
                yield line, cells
    except csv.Error as error:
        cause = "From here on the quotation marks do not match."
        if "field limit" in str(error):  # a quotation mark left open swallows the rest of a file, too
            most = f"{csv.field_size_limit():,} characters"
            cause = f"Here begins a cell of more than {most}, or a quotation mark is left open."
        remedy = "Close every quoted cell, and double quotation marks inside a cell."
        flaws.append(Flaw("unreadable_row", cause, remedy, before + 1))


def _ragged(line: int, separator: str) -> Flaw:
    word = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[separator]
    cause = "The row has not as many cells as the header."
    remedy = f"Check for missing or extra {word}s; quote cells that contain a {word}."
    return Flaw("wrong_number_of_cells", cause, remedy, line)
