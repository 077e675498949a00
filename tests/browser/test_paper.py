"""The document for paper: what is on it, and the PDF that Chromium makes of it, read back."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from unicodedata import normalize

import pytest
from bs4 import BeautifulSoup

from analysis.__main__ import main
from analysis.book import made
from analysis.book.paper import FIRST, MOST_ROWS, document
from analysis.book.printing import FILE, NoPaper, write_pdf

pypdf = pytest.importorskip("pypdf")
pytestmark = pytest.mark.browser

# The cover, a chapter with everything that a page may have, one with a long listing, a further study, a page of words.
PAGES = (FIRST, "notebooks/cost_benefit.html", "notebooks/key_results.html", "notebooks/reproduction.html",
         "book/methods.html", "book/method_net_present_value.html", "ips/audit.html")  # fmt: skip


@pytest.fixture(scope="module")
def few(built_book, tmp_path_factory):
    """A report of a few of its pages: a folder as it is given to `report --out`."""
    out = tmp_path_factory.mktemp("paper")
    for name in (*PAGES, "_static/stix-two-math.woff2"):
        (out / "html" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(built_book / name, out / "html" / name)
    return out


@pytest.fixture(scope="module")
def whole(few):
    return BeautifulSoup(document(few / "html"), "html.parser")


@pytest.fixture(scope="module")
def pdf(browser, few):
    """Made through the command, as a reader makes it."""
    with ThreadPoolExecutor(1) as apart:  # where no other browser is led
        assert apart.submit(main, ["pdf", str(few)]).result() == 0
    return pypdf.PdfReader(BytesIO((few / made.PAPER / FILE).read_bytes()))


def test_every_page_is_there_once_and_in_order(whole):
    sections = [section["id"] for section in whole.select("main > section")]
    assert sorted(sections) == sorted(re.sub(r"\.html$", "", page).replace("/", "-") for page in PAGES)
    assert sections[0] == "book-index" and sections.index("notebooks-cost_benefit") < sections.index("ips-audit")


def test_names_are_unique_and_links_lead_within_the_document_or_away(whole):
    names = [tag["id"] for tag in whole.select("[id]")]
    assert len(set(names)) == len(names)
    for link in whole.select("a[href]"):
        href = link["href"]
        assert href.startswith(("https://", "http://", "mailto:")) or href[1:] in names, href


def test_what_paper_cannot_do_is_left_out(whole):
    body = whole.find("main")
    assert not body.find_all(["script", "form", "button", "details", "source"]) and not body.select(".cell_input")
    assert not body.select(".result-link") and "Numbers for reviewers" not in body.get_text()
    assert not [table for table in body.find_all("table") if len(table.find_all("tr")) > MOST_ROWS]
    assert "left out on paper" in body.get_text() and "results/" in body.get_text()
    assert body.select("figure.result-figure img") and body.select("figure.result-table table")


def test_code_is_kept_where_it_is_asked_for(few, whole):
    with_code = BeautifulSoup(document(few / "html", with_code=True), "html.parser")
    assert with_code.select(".cell_input") and not whole.select(".cell_input")


def test_the_pdf_is_tagged_and_has_outline_language_and_title(pdf, whole):
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root and root["/Lang"] == "en"
    assert pdf.metadata.title == whole.title.string
    titles = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    for section in whole.select("main > section h1"):
        assert " ".join(section.get_text().split())[:40] in " ".join(titles)


def test_the_contents_tell_the_sheet_on_which_each_page_begins(pdf, whole):
    """Letters that are set as one are read as two."""
    texts = [" ".join(normalize("NFKC", page.extract_text()).split()) for page in pdf.pages]
    contents = next(text for text in texts if "Contents" in text)
    told = []
    for section in whole.select("main > section")[1:]:
        heading = " ".join(section.find("h1").get_text().split())
        told.append(int(re.search(rf"{re.escape(heading[:30])}[^0-9]*(\d+)\b", contents)[1]))
        above = texts[told[-1] - 1].partition(heading[:30])[0]  # the number of the sheet and the banner
        follows = "deep" in section["class"]  # behind another on its sheet
        assert heading[:30] in texts[told[-1] - 1] and (follows or len(above) < 300), heading
    assert told == sorted(told)


def test_a_table_that_fits_on_a_sheet_stands_on_one(pdf, whole):
    """Its caption, and the name of its last row, which no other table of the document has."""
    texts = ["".join(normalize("NFKC", page.extract_text()).split()) for page in pdf.pages]
    tables = [table for table in whole.select("#notebooks-cost_benefit figure.result-table table")
              if len(table.find_all("tr")) < 25]  # fmt: skip
    for table in tables:
        caption, *_, last = ["".join(each.get_text().split()) for each in [table.caption, *table.find_all("tr")]]
        assert any(caption[:40] in text and last[:40] in text for text in texts), caption
    assert len(tables) > 5


def test_every_sheet_but_the_cover_has_its_number_and_the_banner_of_its_study(pdf):
    for number, page in enumerate(pdf.pages[2:], 3):
        text = page.extract_text()
        assert str(number) in text and "ynthetic" in text, number


def test_all_fonts_are_in_the_file(pdf):
    fonts = {font.get_object()["/BaseFont"]: font.get_object() for page in pdf.pages
             for font in page["/Resources"].get("/Font", {}).values()}  # fmt: skip
    for name, font in fonts.items():
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        kept = {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner.get("/FontDescriptor", {}))
        assert kept or font["/Subtype"] == "/Type3", name


def test_without_a_chromium_or_a_report_one_line_says_what_to_do(few, tmp_path, monkeypatch, capsys):
    with pytest.raises(NoPaper, match="no built report here"):
        write_pdf(tmp_path)
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    assert main(["pdf", str(few)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "Chromium" in told and "apt install" in told


def test_clean_takes_the_pdf_with_it(few, pdf):
    assert (few / made.PAPER / FILE).is_file()
    made.clean(few)
    assert not (few / made.PAPER).exists()
