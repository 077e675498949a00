"""A lighter edition: rules, icons and drawings that no page uses are left out, and nothing that one uses."""

import base64

import pytest
from fontTools.ttLib import TTFont

from analysis.book import lighter
from analysis.book.compact import compact, compact_script
from analysis.book.lighter import kept_rules, lighten

KNOWN = {"card", "open"}
# Bytes of the whole edition of the bundled studies with all its downloads; it weighed 24.4 million before.
WHOLE = 18_700_000


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        (".card{a:b}.gone{a:b}", ".card{a:b}"),
        (".gone,.card .open{a:b}", ".card .open{a:b}"),
        (".card.gone{a:b}p{a:b}", "p{a:b}"),
        (".card:not(.gone){a:b}", ".card:not(.gone){a:b}"),
        ("@media print{.gone{a:b}}", ""),
        ("@media print{.gone{a:b}.open{a:b}}", "@media print{.open{a:b}}"),
        ('.open:before{content:"}"}.gone{a:b}', '.open:before{content:"}"}'),
        ("@keyframes gone{from{a:b}}", "@keyframes gone{from{a:b}}"),
        ('@charset "utf-8";[class="gone"]{a:b}', '@charset "utf-8";[class="gone"]{a:b}'),
    ],
)
def test_a_rule_stays_if_it_may_hold(style, kept):
    assert kept_rules(style, KNOWN) == kept


def test_a_style_sheet_with_an_open_end_is_refused():
    with pytest.raises(ValueError, match="block without an end"):
        kept_rules(".card{a:b", KNOWN)


@pytest.fixture
def book(tmp_path):
    """A page with a drawing that is a download, too, and one that is not; a style sheet, a script, a map."""
    drawn, narrow = b"<svg>wide</svg>", b"<svg>narrow</svg>"
    shown = [f"data:image/svg+xml;base64,{base64.b64encode(each).decode()}" for each in (drawn, narrow)]
    page = (
        '<link href="../_static/a.css"><script src="../_static/own.js"></script>'
        '<script defer src="../_static/scripts/fontawesome.js?digest=1"></script><i class="used"></i>'
        f'<picture><source srcset="{shown[1]}"><img src="{shown[0]}"></picture>'
    )
    files = {
        "book/page.html": page,
        "results/one/drawn.svg": drawn.decode(),
        "_static/a.css": "/* gone */ /*! kept */ .used{a:b} .made{a:b} .unused{a:b}",
        "_static/own.js": "add('made')\n//# sourceMappingURL=own.js.map",
        "_static/own.js.map": "{}",
        "_static/scripts/fontawesome.js": "icons",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    lighten(tmp_path)
    return tmp_path


def test_what_no_page_uses_is_left_out_and_what_a_script_makes_stays(book):
    there = {path.relative_to(book).as_posix() for path in (book / "_static").rglob("*") if path.is_file()}
    assert there == {"_static/a.css", "_static/own.js"}
    assert (book / "_static" / "a.css").read_text() == "/*! kept */\n.used{a:b}.made{a:b}"
    assert "fontawesome" not in (book / "book" / "page.html").read_text()


def test_a_script_is_loaded_where_a_page_has_what_needs_it(tmp_path):
    script, toggles = '<script src="a/design-tabs.js?v=1"></script>', '<script src="a/togglebutton.js"></script>'
    hint = "<script>let toggleHintShow = 'Show';</script>"
    classes = {"plain": "btn dropdown-toggle", "tabs": "sd-tab-set", "note": "admonition dropdown"}
    pages = {name: f'<p class="{each}">' for name, each in classes.items()}
    for name, has in pages.items():
        (tmp_path / f"{name}.html").write_text(f"{script}{toggles}{hint}{has}")
    lighten(tmp_path)
    kept = {name: (tmp_path / f"{name}.html").read_text().removesuffix(has) for name, has in pages.items()}
    assert kept == {"plain": "", "tabs": script, "note": toggles + hint}


def test_a_page_shows_the_drawing_that_is_a_download_and_others_from_files(book):
    page = (book / "book" / "page.html").read_text()
    [narrow] = (book / lighter.DRAWINGS).iterdir()
    assert 'src="../results/one/drawn.svg"' in page
    assert f'srcset="../{lighter.DRAWINGS}/{narrow.name}"' in page and narrow.read_text() == "<svg>narrow</svg>"
    assert "base64" not in page


def test_icons_in_use_are_in_the_fonts_of_the_book(built_book):
    """Each sign that a style sheet of the built book puts in has its glyph."""
    static = built_book / "_static"
    styles = "".join(path.read_text(encoding="utf-8") for path in static.rglob("*.css"))
    asked = {int(code, 16) if code else ord(sign) for code, sign in lighter._GLYPH.findall(styles)}
    fonts = list((static / "vendor").rglob("*.woff"))
    there = {sign for font in fonts for sign in TTFont(font).getBestCmap()}
    assert fonts and {sign for sign in asked if 0xF000 <= sign <= 0xF8FF} <= there


def test_a_page_in_fewer_bytes_has_the_same_words_links_and_cells():
    page = (
        '<!-- a --><table><tr class="row-odd"><td class="text-right"><p>1</p></td>'
        "<td><p>a</p><p>b</p></td></tr></table>"
        '<a class="reference internal" href="b.html">B</a>'
        '<li class="has-children"><a class="reference internal" href="c"></a></li>'
        '<pre><span class="n">x</span> <span class="o">=</span> <span class="s">"y"</span></pre>'
        '<math display="inline" xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>'
        '<math display="block" xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>'
    )
    assert compact(page) == (
        '<table><tr><td class="text-right">1</td><td><p>a</p><p>b</p></td></tr></table>'
        '<a href="b.html">B</a>'
        '<li class="has-children"><a class="reference internal" href="c"></a></li>'
        '<pre>x = <span class="s">"y"</span></pre>'
        '<math><mi>x</mi></math><math display="block"><mi>x</mi></math>'
    )


def test_a_page_lists_its_neighbours_and_the_page_above_it_all():
    listed = [f'<li class="toctree-l2"><a href="{n}.html">{n}</a></li>\n' for n in range(12)]
    here = [entry.replace('l2"', 'l2 current active"') if n == 5 else entry for n, entry in enumerate(listed)]
    around = "<ul>{}</ul></li><li>Next</li></ul>"
    assert compact(around.format("".join(listed))) == around.format("".join(listed))
    assert compact(around.format("".join(here))) == around.format("".join(here[2:9]))


def test_a_script_loses_its_comments_alone():
    script = '/*! licence */\n/**\n * told\n */\n  // told\nlet a = "/* no comment */"; // stays\n'
    assert compact_script(script) == '/*! licence */\nlet a = "/* no comment */"; // stays\n'


def test_no_edition_weighs_what_the_theme_would_make_it(built_book):
    """The cover, a page with all that it asks for, and the whole edition, in bytes as they lie on the disk."""
    sizes = {path: path.stat().st_size for path in built_book.rglob("*") if path.is_file()}
    pages = [path for path in sizes if path.parent.name in ("notebooks", "ips", "jmo") and path.suffix == ".html"]
    assert pages and max(sizes[path] for path in pages) < 700_000
    assert sizes[built_book / "book" / "index.html"] < 100_000 and sum(sizes.values()) < WHOLE
    assert not [path for path in sizes if path.suffix == ".map" or path.name == "fontawesome.js"]
