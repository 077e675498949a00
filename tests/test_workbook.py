"""Workbooks of chapters and the archive of all downloads: the same numbers as pages and CSV files, for everybody."""

import csv
import io
import json
import re
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from analysis.book.packing import ARCHIVE, packed
from analysis.book.workbook import workbook
from analysis.show import sheets
from analysis.show.catalogue import Catalogue
from analysis.show.files import significant
from analysis.show.page import Page
from analysis.show.prose import HIDDEN, MISSING, fixed, round_half_up
from analysis.show.tables import Table
from analysis.study.escaping import plain

# Chapters whose every number is read back: tables of all forms, figures, a long listing, a further study.
CHAPTERS = ("cost_benefit", "health", "key_results", "ips/employment")
FIRST = ("Cover", "Contents", "Notes")
ABOUT = {
    "title": "Chapter", "language": "en", "names": {"cover": "Cover", "contents": "Contents", "notes": "Notes"},
    "heads": ["Worksheet", "Kind", "What", "Rows"], "kinds": {"table": "Table", "figure": "Figure"},
    "one": "One table.", "alt": "Shows:", "cover": ["Synthetic"], "notes": ["A note"],
}  # fmt: skip
_NUMBER = re.compile(r"−?\d[\d,]*(?:\.\d+)?")


def sheet(name="one", caption="What it shows", heads=("Row", "Value"), rows=((("a", ""), (1.5, "0.0")),)) -> dict:
    return sheets.Sheet(name, "table", caption, ["Synthetic"], heads, rows).plain


def read_back(made: bytes):
    return load_workbook(io.BytesIO(made))


@cache
def opened(path: Path):
    return load_workbook(path)


def table_of(page: Worksheet) -> tuple[list[str], list[list]]:
    """Headings and rows of cells of the one table of a worksheet."""
    [table] = page.tables.values()
    heads, *rows = page[table.ref]
    return [cell.value for cell in heads], [list(row) for row in rows]


def lines_of(page: Worksheet) -> str:
    return "\n".join(str(cell.value) for cell in page["A"])


def csv_of(built_book: Path, chapter: str, name: str) -> list[dict]:
    with (built_book / "results" / chapter / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_of(built_book: Path, chapter: str) -> list[str]:
    return sorted(path.stem for path in (built_book / "results" / chapter).glob("*.csv"))


def worksheets(built_book: Path, chapter: str) -> dict[str, Worksheet]:
    """Name of a download → its worksheet."""
    book = opened(built_book / "results" / chapter / f"{Path(chapter).name}.xlsx")
    shown = {name[:31]: name for name in names_of(built_book, chapter)}
    return {shown[name]: book[name] for name in book.sheetnames[len(FIRST) :]}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_result_has_a_worksheet_that_anybody_can_read(built_book, chapter):
    """As the UK Analysis Function asks: one marked-up table from the first column on, no merged cells, no formulas."""
    book = opened(built_book / "results" / chapter / f"{Path(chapter).name}.xlsx")
    assert tuple(book.sheetnames[:3]) == FIRST
    assert sorted(worksheets(built_book, chapter)) == names_of(built_book, chapter)
    listed = [cell.value for cell in book["Contents"]["A"][2:]]
    assert listed == book.sheetnames[3:]
    assert [cell.hyperlink.location for cell in book["Contents"]["A"][2:]] == [f"'{name}'!A1" for name in listed]
    for page in book.worksheets:
        assert not page.merged_cells.ranges and page["A1"].value and page["A1"].font.bold, page.title
        assert {cell.font.name for row in page for cell in row} == {"Arial"}
        assert "f" not in {cell.data_type for row in page for cell in row}
        if page.title in listed:
            heads, rows = table_of(page)
            assert len(set(heads)) == len(heads) and all(heads) and rows, page.title
            assert "ynthetic" in lines_of(page) or chapter == "audit", page.title


def numbers_in(frame: list[dict]) -> Counter:
    """Every number of a download that its worksheet must have: all but those in whose place a page has words."""
    told = []
    for row in (row for row in frame if not row.get("text")):
        texts = [row["value"]] if {"row_label", "statistic", "value"} <= row.keys() else row.values()
        told += [significant(float(text)) for text in texts if is_number(text)]
    return Counter(told)


def is_number(text: str | None) -> bool:
    try:
        return float(text) == float(text)
    except (TypeError, ValueError):
        return False


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_worksheet_has_the_numbers_of_its_csv_file_as_numbers(built_book, chapter):
    for name, page in worksheets(built_book, chapter).items():
        frame = csv_of(built_book, chapter, name)
        cells = [cell for row in table_of(page)[1] for cell in row]
        there = Counter(float(cell.value) for cell in cells if cell.data_type == "n" and cell.value is not None)
        texts = Counter(float(cell.value) for cell in cells if cell.data_type != "n" and is_number(cell.value))
        assert not numbers_in(frame) - (there + texts), name
        assert there or "statistic" not in frame[0], name


def shown(cell) -> float | None:
    """A number as the format of its cell shows it."""
    form = cell.number_format
    if cell.data_type != "n" or cell.value is None or form == "General":
        return None
    decimals = len(form.rstrip('%"').partition(".")[2])
    value = 100 * cell.value if form.endswith("0%") else cell.value
    return float(fixed(value, decimals, "en").replace(",", "").replace("−", "-"))


def printed(row) -> list[str]:
    """The numbers of a row of a page, marks apart."""
    for mark in row.select(".kind"):
        mark.decompose()
    return [text for cell in row.select("td") for text in _NUMBER.findall(cell.get_text(" "))]


@pytest.mark.parametrize("chapter", ["cost_benefit", "health", "ips/employment"])
def test_a_worksheet_shows_the_numbers_of_the_table_on_the_page(built_book, chapter):
    """Row for row; a p-value below the last decimal is printed as that decimal, and some amounts in hundreds, which no
    format of a spreadsheet does."""
    place = f"{chapter}.html" if "/" in chapter else f"notebooks/{chapter}.html"
    html = BeautifulSoup((built_book / place).read_text(encoding="utf-8"), "html.parser")
    compared = 0
    for name, page in worksheets(built_book, chapter).items():
        anchor = f"{Path(chapter).name}-{name}".replace("_", "-").replace(".", "-").lower()
        table = html.select_one(f"figure#{anchor} table:not(.listing)")
        frame = csv_of(built_book, chapter, name)
        if table is None or "row_label" not in frame[0]:
            continue
        on_page = [row for row in table.select("tbody tr") if row.select("td")]
        rows = table_of(page)[1]
        assert len(on_page) == len(rows), name
        for line, cells in zip(on_page, rows, strict=True):
            here = Counter(number for cell in cells if (number := shown(cell)) is not None)
            there = Counter(float(text.replace(",", "").replace("−", "-")) for text in printed(line))
            apart = {abs(number) for number in there - here}
            hundreds = {abs(round_half_up(number, -2)) for number in here}
            assert apart <= {0.001} | hundreds, (name, line.get_text(" "))
            compared += sum(there.values())
    assert compared > 50


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_worksheet_of_a_figure_has_its_plotted_numbers_and_its_description(built_book, chapter):
    for path in (built_book / "results" / chapter).glob("*.svg"):
        page = worksheets(built_book, chapter)[path.stem]
        frame = csv_of(built_book, chapter, path.stem)
        heads, rows = table_of(page)
        assert [*heads, "data"] == list(frame[0])
        assert len(rows) == len(frame) and "What the figure shows:" in lines_of(page)


@pytest.mark.parametrize("chapter", ["health", "cost_benefit"])
def test_what_the_description_of_a_figure_tells_is_plotted(built_book, chapter):
    html = BeautifulSoup((built_book / "notebooks" / f"{chapter}.html").read_text(encoding="utf-8"), "html.parser")
    told = 0
    for path in (built_book / "results" / chapter).glob("*.svg"):
        anchor = f"{chapter}-{path.stem}".replace("_", "-").lower()
        alt = html.select_one(f"figure#{anchor} img")["alt"]
        frame = csv_of(built_book, chapter, path.stem)
        values = [float(text) for row in frame for text in row.values() if is_number(text)]
        for text, percent in re.findall(r": (−?\d[\d,]*(?:\.\d+)?)(%?)(?=[;).])", alt):
            number, decimals = float(text.replace(",", "").replace("−", "-")), len(text.partition(".")[2])
            decimals = -2 if number % 100 == 0 else decimals  # amounts in hundreds
            far = (abs((100 if percent else 1) * value - number) for value in values)
            assert min(far) <= 0.5001 * 10**-decimals, (path.name, text)
            told += 1
    assert told > 5


@pytest.mark.parametrize("chapter", ["cost_benefit", "ips/employment"])
def test_what_kind_a_number_is_stands_in_its_worksheet(built_book, chapter):
    for name, page in worksheets(built_book, chapter).items():
        told = [row.get("kind") or "" for row in csv_of(built_book, chapter, name)]
        kinds = {kind for each in told for kind in re.findall(r"\w+$", each)}
        heads, rows = table_of(page)
        if kinds:
            last = " ".join(str(row[-1].value) for row in rows)
            assert all(kind in last for kind in kinds), (name, heads)


def test_a_picture_is_the_drawing_in_pixels(built_book):
    from PIL import Image

    drawings = sorted((built_book / "results").rglob("*.svg"))
    assert {path.with_suffix(".png") for path in drawings} == set((built_book / "results").rglob("*.png"))
    for path in drawings[::7]:
        box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', path.read_text(encoding="utf-8"))
        wide, high = map(float, box.groups())
        with Image.open(path.with_suffix(".png")) as picture:
            assert picture.width > 800 and abs(picture.width / picture.height - wide / high) < 0.01
            assert len(picture.getcolors()) > 2


def test_the_archive_holds_every_download_as_it_is_and_says_what_it_is(built_book):
    results = built_book / "results"
    with zipfile.ZipFile(results / ARCHIVE) as archive:
        names, readme = set(archive.namelist()), archive.read("README.txt").decode()
        days = {entry.date_time for entry in archive.infolist()}
        there = {path.relative_to(results).as_posix(): path for path in results.rglob("*")
                 if path.suffix in (".csv", ".svg", ".png", ".xlsx")}  # fmt: skip
        assert names == {"README.txt", "provenance.json", *there}
        assert all(archive.read(name) == path.read_bytes() for name, path in there.items())
    assert "ynthetic" in readme and len(days) == 1


def test_the_same_results_give_the_same_bytes():
    assert workbook(ABOUT, [sheet()]) == workbook(ABOUT, [sheet()])
    assert packed({"a": b"1"}) == packed({"a": b"1"}) != packed({"a": b"2"})


@pytest.mark.parametrize("text", ["=1+1", "+2", "-cmd()", "@SUM(A1)", "#N/A", "<b>&amp;", "a\nb", "=H\x07YPERLINK()"])
def test_a_hostile_label_stays_a_text(text):
    made = workbook(ABOUT, [sheet(name=text, caption=text, heads=(text, "Value"), rows=(((text, ""), (2.0, "0")),))])
    book = read_back(made)
    page = book.worksheets[3]
    _, rows = table_of(page)
    for cell in (page["A1"], rows[0][0]):
        assert cell.data_type == "s" and cell.value == plain(text)
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert not [name for name in parts.namelist() if b"<f>" in parts.read(name)]


def test_names_too_long_or_alike_are_told_apart():
    names = ["a" * 40, "a" * 50, "A" * 31, "a/b", "cover"]
    book = read_back(workbook(ABOUT, [sheet(name=name) for name in names]))
    there = [name.lower() for name in book.sheetnames]
    assert len(set(there)) == 3 + len(names) and max(map(len, there)) <= 31


CELLS = pd.DataFrame({
    "row": ["one", "one", "one", "two", "two"], "column": ["a"] * 5,
    "statistic": ["pct", "ci_low", "ci_high", "n", "p"], "value": [44.2345, 41.0, 47.0, float("nan"), 0.04999],
    "hidden": [False, False, False, True, False],
})  # fmt: skip


def catalogue(folder: Path) -> Catalogue:
    (folder / "en").mkdir()
    words = {"rows": {"one": "One", "two": "Two"}, "columns": {"a": "A"}, "row_groups": {"g": "Group"},
             "statistics": {"pct": "%", "ci_low": "low", "ci_high": "high", "n": "n", "p": "p"},
             "table": {"corner": "Row"}, "sheets": {"group": "Group", "kind": "Kind"}}  # fmt: skip
    (folder / "en" / "common.yml").write_text(json.dumps(words))
    (folder / "en" / "chapter.yml").write_text("{}")
    return Catalogue("en", folder)


def test_a_table_keeps_all_decimals_and_shows_those_of_the_page(tmp_path):
    heads, rows = sheets.of_table(Table("t", CELLS, rows={"g": ["one", "two"]}), "chapter", catalogue(tmp_path))
    assert heads == ["Group", "Row", "A, %", "A, low", "A, high", "A, n", "A, p"]
    first, second = rows
    assert first[:5] == [("Group", ""), ("One", ""), (44.2345, "#,##0.0"), (41.0, "#,##0.0"), (47.0, "#,##0.0")]
    assert first[5:] == [(None, ""), (None, "")]
    assert second[5:] == [(HIDDEN, ""), (0.04999, "#,##0.000")]  # hidden on the page, hidden here


def test_a_number_that_is_not_known_and_a_share(tmp_path):
    cells = CELLS.iloc[:1].assign(statistic="proportion", value=0.442345, hidden=False)
    cells = pd.concat([cells, cells.assign(row="two", value=float("nan"))])
    words = catalogue(tmp_path)
    (words.folder / "chapter.yml").write_text(json.dumps({"statistics": {"proportion": "%"}}))
    _, rows = sheets.of_table(Table("t", cells), "chapter", words)
    assert [row[1] for row in rows] == [(0.442345, "0.0%"), (MISSING, "")]


def test_a_page_keeps_its_sheets_out_of_what_is_handed_out(tmp_path):
    page = Page("audit", results=str(tmp_path), from_print=True)
    page.show(pd.DataFrame({"a": [1, 2]}), caption="Two numbers")
    kept = tmp_path / sheets.FOLDER / "audit"
    assert {path.name for path in kept.iterdir()} == {"about.json", "0000.two_numbers.json"}
    page.show(pd.DataFrame({"a": [1, 2]}), caption="Two numbers")
    assert len(list(kept.iterdir())) == 2
