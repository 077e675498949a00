"""Text of a study is text in every target: the functions of each, and one book whose every label is hostile."""

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.base import DocutilsRenderer
from myst_parser.parsers.mdit import create_md_parser

from analysis.book import new_study
from analysis.book.report import ROOT, Request, build_report
from analysis.show.catalogue import Catalogue
from analysis.show.files import as_written
from analysis.show.own_table import OwnTable
from analysis.show.prose import Label, Sentence, write
from analysis.study.escaping import cells, code, html, markdown, plain
from analysis.study.yaml_files import read_yaml
from tests.hostile import PIECES, hostile, hostile_study

EXTENSIONS = set(read_yaml(ROOT / "_config.yml")["parse"]["myst_enable_extensions"])


def rendered(source: str) -> str:
    """The text that the book's parser makes of a source; an element other than paragraphs and text is named."""
    parser = create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), DocutilsRenderer)
    tokens = [token for token in parser.parse(source) if token.type not in ("paragraph_open", "paragraph_close")]
    below = [child for token in tokens for child in token.children or [token]]
    return "".join(each.content if each.type in ("text", "text_special") else f"!{each.type}!" for each in below)


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("around", ["{}", "The {} arm", "{}: as meant", "before {}"])
def test_markdown_shows_a_text_as_it_is(piece, around):
    text = plain(piece.format(n=1))
    assert rendered(around.format(markdown(text))) == around.format(text)


@given(st.text(alphabet=st.sampled_from(list("ab1. \\`*_{}[]()<>&$|#~^!:-+=%@\n'\"x")), max_size=12))
def test_no_text_is_markup(text):
    shown = plain(text).strip()
    assert rendered(markdown(text)) == re.sub("  +$", "", shown)


def test_words_and_names_of_a_study_are_put_in_once_and_as_text(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "common.yml").write_text("statuses: {job: '*in* work'}", encoding="utf-8")
    (tmp_path / "en" / "c.yml").write_text("sentences: {s: '**{programme}** or {arm}, {own}, {said}'}", "utf-8")
    words = Catalogue(folder=tmp_path, words={"programme": "A {glue} {arm} *b*"}, names={"arms": {"x": "{said} $y$"}})
    sentence = Sentence("s", {"arm": Label("arms", "x"), "own": Label("statuses", "job"), "said": "{arm} <i>"})
    assert write(sentence, "c", words) == "**A {glue} {arm} *b*** or {said} $y$, *in* work, {arm} <i>"
    assert rendered(write(sentence, "c", words.in_markdown)) == (
        "!strong_open!A {glue} {arm} *b*!strong_close! or {said} $y$, !em_open!in!em_close! work, {arm} <i>"
    )


def test_cells_of_a_csv_file_are_no_formulas_and_numbers_stay_numbers():
    frame = pd.DataFrame(
        {"=x": ["=1+1", "+x", "-1+1", "@a", "\ta", "a=b", "-1.5 to 2"], "n": [-1.5, 2, 3, 4, 5, -6, 7]}
    )
    kept = pd.read_csv(io.StringIO(as_written(frame).to_csv(index=False)))
    assert list(kept.columns) == ["'=x", "n"]
    assert list(kept["'=x"]) == ["'=1+1", "'+x", "'-1+1", "'@a", "'\ta", "a=b", "-1.5 to 2"]
    assert list(kept["n"]) == list(frame["n"])
    mixed = pd.DataFrame({"m": [-1.5, "-x", None, "-3681"]})
    assert list(cells(mixed)["m"]) == [-1.5, "'-x", None, "-3681"]


def test_control_characters_and_open_turns_of_direction_end_with_their_text():
    assert plain("a\0b\nc\u202ed\ufffc") == "a\ufffdb c\u202ed\ufffd\u202c"
    assert html("\0<a b='\"'>") == "\ufffd&lt;a b=&#x27;&quot;&#x27;&gt;"


@pytest.mark.parametrize("text", ["a.csv", "a`b|c", "x\\", "{{ 1 }} $x$"])
def test_code_of_a_page_is_literal(text):
    shown = (
        rendered(code(text)).removeprefix("!html_inline!").removesuffix("!html_inline!").replace("!code_inline!", text)
    )
    assert shown == text


def test_a_table_of_ones_own_is_text():
    frame = pd.DataFrame({"<b>": ["<script>", "{{ x }}"]})
    page = BeautifulSoup(OwnTable(frame, "../../etc/<i>\0").to_html(Catalogue()), "html.parser")
    assert [page.caption.text, *(cell.text for cell in page.select("th"))] == [
        "../../etc/<i>\ufffd",
        "<b>",
        "<script>",
        "{{ x }}",
    ]
    assert not page.select("b, i, script")
    assert OwnTable(frame, "../../etc/<i>\0").name == "etc_i"


def test_a_new_study_is_begun_from_a_folder_of_any_name(tmp_path):
    like = tmp_path / "x\n name: *a* `b`"
    hostile_study(like)
    new_study.write_new_study(tmp_path / "new", like, new_study.date(2026, 1, 1))
    assert read_yaml(tmp_path / "new" / "study.yml")["name"] == "new"
    assert "&#42;a&#42;" in (tmp_path / "new" / "README.md").read_text(encoding="utf-8")


# One book whose every text is hostile


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A book of two chapters on the hostile study; returns the folder of its pages."""
    folder = tmp_path_factory.mktemp("hostile")
    hostile_study(folder / "study")
    before = set(folder.rglob("*"))
    build_report(Request(folder / "study", folder / "out", ["process_evaluation", "participants"]), tell=str)
    made = set(folder.rglob("*")) - before
    assert [path for path in made if (folder / "out") not in (path, *path.parents)] == []
    return folder / "out" / "html"


@pytest.fixture(scope="module")
def pages(built) -> dict[str, BeautifulSoup]:
    return {path.relative_to(built).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            for path in built.rglob("*.html")}  # fmt: skip


LITERAL = {number: "".join(plain(hostile(number)).split()) for number in range(300)}


def altered(text: str) -> list[str]:
    """The hostile texts of which a text holds only something else; spaces and forms of quotes do not count."""
    text = "".join(text.translate(str.maketrans("“”’", '""\'')).split())
    found = {int(number) for number in re.findall(r"H(\d+)H", text)}
    return [LITERAL[each] for each in found if LITERAL[each] not in text]


def test_every_text_appears_literally_on_every_page(pages):
    blocks = "title, h1, h2, h3, p, li, dd, dt, td, th, caption, figcaption, summary, nav a"
    shown = [(name, block.get_text()) for name, page in pages.items() for block in page.select(blocks)]
    shown += [(name, image["alt"]) for name, page in pages.items() for image in page.select("img[alt]")]
    assert sum("H" in text for _, text in shown) > 100
    assert [(name, lost) for name, text in shown for lost in altered(text)] == []


def test_the_title_is_on_the_first_page_and_in_the_sidebar(pages):
    first = pages["book/index.html"]
    for place in ("title", "h1", ".logo__title", ".bd-sidebar nav a"):
        assert "alert(0)" in first.select_one(place).get_text(), place


def test_no_text_became_script_markup_or_a_link(pages):
    for name, page in pages.items():
        assert not page.find_all("x-evil"), name
        scripts = [(script.get("type", ""), script.get_text()) for script in page.find_all("script")]
        assert not [text for kind, text in scripts if "alert(" in text and kind != "application/json"], name
        assert not [text for kind, text in scripts if "alert(" in text and "<" in text], name
        assert not [each for each in page.select("[href], [src]") if "evil" in each.get("href", each.get("src", ""))]


def test_drawings_are_xml_and_show_texts_literally(built):
    drawings = sorted(built.rglob("results/**/*.svg"))
    assert drawings
    for path in drawings:
        assert altered("".join(ET.fromstring(path.read_text(encoding="utf-8")).itertext())) == [], path.name


def test_downloads_hold_no_formula(built):
    for path in built.rglob("results/**/*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        words = [cell for cell in [*frame.columns, *frame.to_numpy().ravel()] if cell.startswith(tuple("=+-@\t\r"))]
        assert [cell for cell in words if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)] == [], path.name
