"""Parts of the report driver one by one: formulas, finishing touches, warnings, keys, provenance."""

import hashlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbclient.exceptions import DeadKernelError

from analysis.book import chapter_pages, execution, finishing, inputs, kept, pages, provenance, rendering, reuse
from analysis.book.execution import publishable
from analysis.book.links import Links
from analysis.book.mathml import UntranslatedFormula, to_mathml
from analysis.book.pages import ChapterPage
from analysis.book.parameters import known_parameters, rewritten
from analysis.book.parts import Part
from analysis.book.report import BUNDLED_STUDY, ROOT
from analysis.frames.trial import Trial
from analysis.show.catalogue import Catalogue
from analysis.show.elements import beside
from analysis.study.reading import read_settings

# Formulas


def elements(formula: str, display: bool = False) -> BeautifulSoup:
    return BeautifulSoup(to_mathml(formula, display), "html.parser")


def test_formula_becomes_mathml():
    fraction = elements(r"\frac{\hat p_1}{n_1}", display=True)
    assert fraction.math["display"] == "block"
    assert [child.name for child in fraction.mfrac.find_all(recursive=False)] == ["mrow", "mrow"]
    assert fraction.mover.mi.text == "p"


def test_plus_minus_is_an_operator():
    assert "±" in [operator.text for operator in elements(r"a \pm b").find_all("mo")]


@pytest.mark.parametrize("environment", ["aligned", "align", "align*", "gathered"])
def test_aligned_lines_become_a_table(environment):
    lines = elements(rf"\begin{{{environment}}} a &= b \\ c &= d \end{{{environment}}}", display=True)
    assert len(lines.find_all("mtr")) == 2


@pytest.mark.parametrize("formula", [r"\nosuchcommand x", r"\frac", r"a & b", r"\left( x", "a,\\\n b"])
def test_formula_without_translation_is_refused(formula):
    with pytest.raises(UntranslatedFormula):
        to_mathml(formula, display=False)


def test_a_chapter_is_called_in_the_contents_as_everywhere():
    part = SimpleNamespace(chapter_title=lambda chapter: chapter.upper())
    entries = {"caption": "C", "chapters": [{"file": "notebooks/one"}, {"file": "book/two", "title": "Two"}]}
    named = pages._with_titles(entries, part)["chapters"]
    assert [entry.get("title") for entry in named] == ["ONE", "Two"]
    assert not [entry for whole in pages.contents(ROOT)["parts"] for entry in whole["chapters"]
                if entry["file"].startswith("notebooks/") and "title" in entry]  # fmt: skip


# Finishing touches


def mended(html: str, *mends) -> str:
    page = BeautifulSoup(html, "html.parser")
    for mend in mends or finishing.MENDS:
        mend(page)
    return str(page)


def test_empty_corner_of_a_frame_is_no_header():
    header = '<thead><tr><th scope="col"><p></p></th><th>n</th></tr></thead>'
    table = f"<table>{header}<tbody><tr><th>a</th><td>1</td></tr></tbody></table>"
    page = BeautifulSoup(mended(table), "html.parser")
    assert [cell.name for cell in page.thead.tr] == ["td", "th"]
    assert "scope" not in page.thead.td.attrs
    assert page.thead.th["scope"] == "col"
    assert page.tbody.th["scope"] == "row"


def test_stated_scope_is_kept():
    table = '<table><thead><tr><th scope="colgroup">n</th></tr></thead></table>'
    assert mended(table) == table


def test_scripts_and_styles_are_left_alone():
    html = "<style>a > b { content: '<th></th>'; }</style><script>if (a < b && c) { x('<table>'); }</script>"
    assert mended(html) == html


def test_sidebar_becomes_a_landmark():
    assert 'role="region"' in mended('<div class="bd-sidebar-primary"><p>x</p></div>')


def test_regions_of_one_name_are_told_apart():
    page = BeautifulSoup(mended('<div role="region" aria-label="Table"></div>' * 2), "html.parser")
    assert [region["aria-label"] for region in page.select("div")] == ["Table", "Table (2)"]


def test_controls_with_words_are_named_by_them_and_icons_are_silent():
    words = BeautifulSoup(mended('<summary aria-label="Toggle">Show the code</summary>'), "html.parser")
    icon = BeautifulSoup(mended('<button title="Search"><i class="glass" title="Light"></i></button>'), "html.parser")
    assert "aria-label" not in words.summary.attrs
    assert icon.button["aria-label"] == "Search"
    assert icon.i.attrs == {"class": ["glass"], "aria-hidden": "true"}


def test_entries_of_the_bibliography_are_items_of_their_list():
    assert mended('<div role="doc-biblioentry"></div>') == '<div role="listitem"></div>'


# Warnings of the renderer


def test_warnings_are_located_as_authors_know_them(tmp_path):
    output = (
        f"\x1b[91m{tmp_path}/notebooks/health.ipynb:70002: WARNING: undefined label: 'x' [ref.ref]\x1b[39;49;00m\n"
        f"{tmp_path}/book/index.md:12: ERROR: broken\n"
        f"{tmp_path}/book/methods.md: WARNING: document isn't included in any toctree\n"
        "WARNING: favicon file 'x' does not exist\n"
        "reading sources... done\n"
    )
    places = [(failure.place, failure.cause) for failure in rendering.read_warnings(output, tmp_path)]
    assert places == [
        ("notebooks/health.ipynb, cell 7, line 2", "undefined label: 'x' [ref.ref]"),
        ("book/index.md, line 12", "broken"),
        ("book/methods.md", "document isn't included in any toctree"),
        ("the book", "favicon file 'x' does not exist"),
    ]


# Reuse


def key_of(folder: Path, level: float = 0.95) -> str:
    return reuse.content_key({"level": level}, {folder: inputs.seen(folder)})


def test_key_depends_on_names_bytes_and_parameters(tmp_path):
    file = tmp_path / "data" / "a.csv"
    file.parent.mkdir()
    file.write_text("1")
    first = key_of(file.parent)
    assert first == key_of(file.parent)
    keys = {first, key_of(file.parent, level=0.9)}
    file.write_text("2")
    keys.add(key_of(file.parent))
    file.rename(file.with_name("b.csv"))
    keys.add(key_of(file.parent))
    (file.parent / "__pycache__").mkdir()
    (file.parent / "__pycache__" / "c.pyc").write_text("3")
    keys.add(key_of(file.parent))
    assert len(keys) == 4


def test_key_depends_on_installed_packages(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    first = reuse.content_key({}, {})
    (tmp_path / "new-1.0.dist-info").mkdir()
    (tmp_path / "new-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: new\nVersion: 1.0\n")
    assert reuse.content_key({}, {}) != first


def test_torn_copy_is_never_current(tmp_path):
    fresh, kept = tmp_path / "fresh", tmp_path / "kept"
    fresh.mkdir()
    (fresh / "employment.ipynb").write_text("{}")
    reuse.keep(fresh, kept, "key")
    assert reuse.is_current(kept, "key")
    assert not reuse.is_current(kept, "other key")
    (kept / "employment.ipynb").unlink()
    assert not reuse.is_current(kept, "key")


# Templates and executed notebooks


def test_parameters_are_read_as_python(tmp_path):
    cell = nbformat.v4.new_code_cell("study = None  # a = b\nlevel: float = 0.95", metadata={"tags": ["parameters"]})
    other = nbformat.v4.new_code_cell("result = 1")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell, other]), tmp_path / "x.ipynb")
    assert known_parameters(tmp_path / "x.ipynb") == {"study": None, "level": 0.95}


def test_a_kernel_that_dies_before_its_first_answer_is_started_once_more(tmp_path, monkeypatch):
    template = tmp_path / "x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), template)
    answers = [RuntimeError("Kernel died before replying to kernel_info"), None]

    def started(source, target, *_, **__):
        answer = answers.pop(0)
        if answer:
            raise answer
        shutil.copyfile(source, target)

    monkeypatch.setattr(execution.papermill, "execute_notebook", started)
    outcome = execution.run_chapter(execution.ChapterTask("x", template, {}, tmp_path / "run"))
    assert outcome.failure is None and answers == []


def test_a_kernel_that_dies_later_is_not_started_again(tmp_path, monkeypatch):
    template = tmp_path / "x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), template)
    answers = [DeadKernelError("Kernel died"), None]

    def started(*_, **__):
        raise answers.pop(0)

    monkeypatch.setattr(execution.papermill, "execute_notebook", started)
    outcome = execution.run_chapter(execution.ChapterTask("x", template, {}, tmp_path / "run"))
    assert "ended early" in outcome.failure.cause and answers == [None]


def test_published_notebook_tells_nothing_of_the_machine():
    cell = nbformat.v4.new_code_cell("1", metadata={"tags": ["hide-input"], "papermill": {}, "execution": {}})
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {"input_path": "/secret"}})
    clean = publishable(notebook)
    assert "secret" not in nbformat.writes(clean)
    assert clean.cells[0].metadata == {"tags": ["hide-input"]}


def test_a_parameters_cell_keeps_everything_but_the_values():
    source = 'study = None   # a = b\nlevel: float = 0.95  # share\nwords = "ø"; n = 3\n'
    written = rewritten(source, {"study": "ips", "level": 0.9, "words": "é"})
    assert written == 'study = "ips"  # a = b\nlevel: float = 0.9   # share\nwords = "é"; n = 3\n'
    assert rewritten(written, {"study": None, "level": 0.95, "words": "ø"}) == source.replace("None   #", "None   #")


def test_a_value_that_the_cell_has_no_line_for_is_never_lost():
    with pytest.raises(ValueError, match="no line of its own for level"):
        rewritten("level = (\n    0.95\n)", {"level": 0.9})


# Links in books of different studies

KNOWN = ("notebooks/health", "notebooks/audit", "book/methods", "book/discussion")
HOME = Links(
    KNOWN, {"notebooks/health": "notebooks/health.ipynb", "book/methods": "book/methods.md"},
    {"top", "gone", "shared"}, {"top": "top", "shared": "shared"}, titles={"notebooks/audit": "Audit"},
)  # fmt: skip
SISTER = Links(
    KNOWN,
    {"notebooks/health": "two/health.ipynb", "book/methods": "book/methods.md", "book/discussion": "two/discussion.md"},
    {"top", "shared"}, {"top": "two-top", "shared": "shared"}, results="two",
)  # fmt: skip


def test_a_link_to_a_section_that_this_book_is_without_is_text():
    """By its label alone or after its page, in text and in what a cell shows; one that is there is led to."""
    away, there = "see [whom](../notebooks/health.ipynb#gone) and [it](#gone)", "[whom](../notebooks/health.ipynb#top)"
    assert HOME.mended(away, "book/methods") == HOME.mended_output(away, "book/methods") == "see whom and it"
    assert HOME.mended_html('<a href="../notebooks/health.html#gone">whom</a>', "book/methods") == "whom"
    assert HOME.mended_output(there, "book/methods") == "[whom](../notebooks/health.html#top)"


@pytest.mark.parametrize(
    ("written", "page", "at_home", "at_sister"),
    [
        ("{doc}`H <../notebooks/health>`", "book/discussion", "{doc}`H <../notebooks/health>`", "{doc}`H <health>`"),
        ("[m](methods.md#a)", "book/discussion", "[m](methods.md#a)", "[m](../book/methods.md#a)"),
        ("[h](health.ipynb)", "notebooks/health", "[h](health.ipynb)", "[h](health.ipynb)"),
        ("[d](../book/discussion.md)", "notebooks/health", "d", "[d](discussion.md)"),
        ("see {doc}`the\n audit <audit>`", "notebooks/health", "see the\n audit", "see the\n audit"),
        ("{ref}`t <top>`", "notebooks/health", "{ref}`t <top>`", "{ref}`t <two-top>`"),
        ("[t](#top)", "notebooks/health", "[t](#top)", "[t](#two-top)"),
        ("(top)=\n# Top", "notebooks/health", "(top)=\n# Top", "(two-top)=\n# Top"),
        ("{ref}`s <shared>`", "book/methods", "{ref}`s <shared>`", "{ref}`s <shared>`"),
        ("{ref}`nowhere` [x](o.md)", "book/methods", "{ref}`nowhere` [x](o.md)", "{ref}`nowhere` [x](o.md)"),
        ("![i](health.ipynb) [w](https://x.no/health.html)", "notebooks/audit",
         "![i](health.ipynb) [w](https://x.no/health.html)", "![i](health.ipynb) [w](https://x.no/health.html)"),
    ],
)  # fmt: skip
def test_links_lead_to_where_a_page_stands_or_are_plain(written, page, at_home, at_sister):
    """A link that no page of any book could have is left as it is, so that its author is told."""
    assert HOME.mended(written, page) == at_home
    assert SISTER.mended(written, page) == at_sister


@pytest.mark.parametrize(
    ("written", "at_home", "at_sister"),
    [("[m](../book/methods.md#a)", "[m](../book/methods.html#a)", "[m](../book/methods.html#a)"), ("[t](#a)",) * 3,
     ("[d](../book/discussion.md)", "d", "[d](discussion.html)"), ("[x](o.md)", "[x](o.md)", "[x](o.md)")],
)  # fmt: skip
def test_sentences_lead_to_the_html_of_other_pages(written, at_home, at_sister):
    """What a cell shows is no source of a page, so Sphinx does not look up where its links lead."""
    assert HOME.mended_output(written, "notebooks/health") == at_home
    assert SISTER.mended_output(written, "notebooks/health") == at_sister


def test_links_to_what_is_absent_are_plain_with_or_without_words():
    assert HOME.mended("{doc}`../notebooks/audit`, {ref}`it <gone>`, [it](#gone)", "book/methods") == "Audit, it, it"


def test_links_in_outputs_hold_too():
    html = '<a href="audit.html#one">x</a> <a href="health.html">h</a> <a href="../results/health/a.csv" download>y</a>'
    assert HOME.mended_html(html, "notebooks/health") == html.replace('<a href="audit.html#one">x</a>', "x")
    assert 'href="../results/two/health/a.csv"' in SISTER.mended_html(html, "notebooks/health")


# Provenance


def page_of(folder: Path, root: Path, *left_out: str) -> str:
    part = Part(Trial(read_settings(folder), {}, folder=folder), Catalogue("en"), files=inputs.seen(folder))
    shown = [ChapterPage(part, "employment", parameters={"study": "sfj"})]
    lacking = [provenance.LeftOut(part, chapter, "table:income") for chapter in left_out]
    program = {root / "notebooks": {root / "notebooks" / "employment.ipynb": inputs.Seen("of the notebook", 0)}}
    facts = provenance.manifest(root, [part], program, {}, shown, lacking)
    return provenance.provenance_page(facts, [part], shown, lacking)


def test_provenance_lists_every_file_with_its_checksum():
    page = page_of(BUNDLED_STUDY, ROOT)
    for path in [*BUNDLED_STUDY.glob("*.csv"), BUNDLED_STUDY / "study.yml"]:
        assert path.name in page
        assert hashlib.sha256(path.read_bytes()).hexdigest() in page
    participants = (BUNDLED_STUDY / "participants.csv").read_text().splitlines()
    assert f"| `participants.csv` | {len(participants) - 1:,} |" in page
    assert str(ROOT) not in page and "Not in this copy" not in page


def test_provenance_outside_a_checkout_says_so(tmp_path):
    assert "not a git checkout" in page_of(BUNDLED_STUDY, tmp_path)


def test_provenance_says_in_one_line_what_a_missing_chapter_would_need():
    page = page_of(BUNDLED_STUDY, ROOT, "cost_benefit")
    assert "- Left out: Costs and benefits, because it would need the table income." in page


# Folds of code


def cell(code: str = "", output: str = "", numbers: str = "") -> str:
    """A code cell as MyST-NB renders it: folded code, then its output, shown or folded."""
    prompt = '<summary><p class="collapsed">Show the code</p><p class="expanded">Hide the code</p></summary>'
    fold = f'<details class="hide above-input">{prompt}<div class="cell_input">{code}</div></details>' if code else ""
    shown = f'<div class="cell_output">{output}</div>' if output else ""
    hidden = f'<details class="hide below-input">{prompt}<div class="cell_output">{numbers}</div></details>'
    return f'<div class="cell">{fold}{shown}{hidden if numbers else ""}</div>'


def test_a_fold_of_numbers_is_not_called_code():
    page = BeautifulSoup(mended(cell("page.numbers()", numbers="<p>0.07</p>")), "html.parser")
    prompts = {fold["class"][-1]: fold.summary.p.get_text() for fold in page.select("details")}
    assert prompts == {"above-input": "Show the code", "below-input": "Show the numbers"}


def page_cells(*cells):
    """Kind, tags and source of each cell of a chapter's page."""
    page = chapter_pages.as_page(nbformat.v4.new_notebook(cells=list(cells)), ["Method"])
    return [(each.cell_type, each.metadata.get("tags", []), each.source) for each in page.cells]


def test_the_code_of_a_section_stands_in_one_fold_behind_its_results():
    code, text = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    result = [nbformat.v4.new_output("display_data", {"text/html": "<p>Result</p>"})]
    tags = {"tags": ["hide-input", "other"]}
    pages = page_cells(
        code("a = 1", metadata=tags), code("a", metadata=tags, outputs=result), text("### Part"),
        code("b", metadata=tags, outputs=result), text("## Next"),
        code("c", metadata=tags, outputs=result), text("## No code"),
    )  # fmt: skip
    without = ["other", "remove-input"]
    assert pages == [
        ("code", without, "a"), ("markdown", [], "### Part"), ("code", without, "b"),
        ("code", ["hide-input"], "a = 1\n\na\n\nb"),
        ("markdown", [], "## Next"), ("code", without, "c"), ("code", ["hide-input"], "c"),
        ("markdown", [], "## No code"),
    ]  # fmt: skip


def test_a_paragraph_that_begins_with_the_word_is_folded_up_to_the_next_heading():
    text = "## Work\n\n**Method.** One.\n\n- a **b** c\n\n**Method.** Two.\n\n### More\n\n**Methodical.** Not folded."
    folded = chapter_pages.folded(text, ["Method"])
    assert folded == (
        "## Work\n\n```{admonition} Method\n:class: note, dropdown\nOne.\n\n- a **b** c\n```\n\n"
        "```{admonition} Method\n:class: note, dropdown\nTwo.\n```\n\n### More\n\n**Methodical.** Not folded."
    )
    assert chapter_pages.folded(text, []) == text


def test_a_header_that_is_a_formula_alone_can_be_read():
    page = mended("<table><tr><th><p><math><mi>x</mi></math></p></th><th>of <math><mi>y</mi></math></th></tr></table>")
    alone, other = BeautifulSoup(page, "html.parser").find_all("th")
    assert alone.find("math")["aria-hidden"] == "true" and alone.find("span").get_text() == "x"
    assert "aria-hidden" not in other.find("math").attrs and other.find("span") is None


def test_a_note_in_the_margin_stands_below_the_heading_and_in_no_fold():
    noted = beside("## Work\n\n**Method.** One.\n\n**Method.** Two.", "**Term**: three.")
    assert chapter_pages.folded(noted, ["Method"]) == (
        '## Work\n\n<div class="noted">\n\n```{admonition} Method\n:class: note, dropdown\nOne.\n```\n\n'
        "```{admonition} Method\n:class: note, dropdown\nTwo.\n```\n\n"
        '<aside class="margin" role="note">\n\n**Term**: three.\n\n</aside>\n</div>'
    )
    assert beside("One.", "Two.").startswith('<div class="noted">\n\nOne.\n\n<aside')


# Cells shown elsewhere


def test_cells_of_a_chapter_are_shown_on_another_page_with_links_that_lead_on(tmp_path):
    html = '<a href="audit.html#one">x</a> <a href="../results/a.csv">y</a>'
    shown_as = ({"text/html": html}, {"text/markdown": "Two of three.", "text/plain": ""})
    outputs = [nbformat.v4.new_output("display_data", data) for data in shown_as]
    cells = [nbformat.v4.new_code_cell("1", id=f"cell-{place}", outputs=[each]) for place, each in enumerate(outputs)]
    path = tmp_path / "chapter.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    shown = chapter_pages.shown_cells(path, ["cell-1", "cell-0"])
    assert shown.startswith("Two of three.\n\n```{raw} html\n")
    assert 'href="../notebooks/audit.html#one"' in shown and 'href="../results/a.csv"' in shown


def test_links_of_generated_pages_hold_without_the_chapter_they_lead_to():
    """The page of checks leads to the audit, which only a study with a printed report has."""
    part = Part(Trial(read_settings(BUNDLED_STUDY), {}, folder=BUNDLED_STUDY), Catalogue("en"))
    generated = {"audit_checks.md": "The [audit](../notebooks/audit.ipynb) of this book", "provenance.md": ""}
    employment = ChapterPage(part, "employment", parameters={"study": "sfj"})
    audit = ChapterPage(part, "audit", parameters={"study": "sfj"})
    for chapters, wanted in (([employment], "The audit of"), ([employment, audit], "The [audit](../notebooks/audit.")):
        book = pages.Book(ROOT, [part], chapters, generated)
        assert book.generated_page("audit_checks.md", generated["audit_checks.md"]).startswith(wanted)


# Banners


@pytest.mark.parametrize(
    ("shown", "said"),
    [("<p>Facts in print.</p>", "Elsewhere."), ('<p class="data-label">Synthetic</p>', "Here."),
     ('<p>7 points <span class="kind kind-reproduced">●</span></p>', "Here."),
     ('<p>NOK 3,681 <span class="kind kind-published">■</span></p>', "Elsewhere.")],
)  # fmt: skip
def test_a_banner_is_true_of_the_page_it_stands_on(shown, said):
    """Pages of published facts, and the audit, do not say that they are computed from invented people."""
    page = BeautifulSoup(f"<html><body>{shown}</body></html>", "html.parser")
    assert finishing.Banner("Here.", "Elsewhere.").above(page) == said


@pytest.mark.parametrize(("banner", "said"), [("Other words.", "Other words."), ("<b>Own</b> words.", "Own words.")])
def test_a_page_carries_the_banner_of_its_own_study(tmp_path, banner, said):
    box = '<aside class="bd-header-announcement"><div class="bd-header-announcement__content">First.</div></aside>'
    for folder in ("notebooks", "two", "real", "book"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.html").write_text(f"<html><body>{box}</body></html>")
    banners = {"notebooks": finishing.Banner("Not here.", "First."), "two": finishing.Banner("Not here.", banner)}
    (tmp_path / "kept").mkdir()
    kept.KeptPages(tmp_path / "kept").finish(tmp_path, {**banners, "real": None})
    pages = {path.parent.name: BeautifulSoup(path.read_text(), "html.parser") for path in tmp_path.glob("*/x.html")}
    texts = {folder: page.get_text() for folder, page in pages.items()}
    assert texts == {"notebooks": "First.", "two": said, "real": "", "book": "First."}
