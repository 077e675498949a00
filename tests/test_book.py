"""The report driver on a small book of two chapters: what it refuses, names, reuses, and leaves in place."""

import re
import shutil
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from analysis.book import made, parts, report
from analysis.book.failures import ChaptersFailed, ReportFailed
from analysis.book.made import ForeignFiles
from analysis.book.report import BUNDLED_STUDY, ROOT, Request, UnknownChapter, UnknownParameter, build_report
from analysis.frames.trial import Trial
from analysis.study.problems import StudyProblems
from analysis.study.reading import read_settings

PARAMETERS = 'study = None  # folder\nlanguage = "en"  # words\nresults = None  # downloads\nlevel = 0.95  # share'
WRITE = (
    'folder = Path(results) / "{name}"\nfolder.mkdir(parents=True)\n'
    '(folder / "numbers.csv").write_text("a\\n1\\n")\n'
    '(folder / "sentences.json").write_text(json.dumps([]))'
)
BOOK = "@book{one, title={T}, author={A, B}, year={2014}, publisher={P}}\n"
COUNT = 'print("people:", len(Path(study, "people.csv").read_text().splitlines()) - 1, "level:", level)'


def code(source: str, *tags: str, name: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, metadata={"tags": ["hide-input", *tags]}, id=name)


def write_chapter(root: Path, name: str, *more: nbformat.NotebookNode) -> None:
    cells = [
        nbformat.v4.new_markdown_cell(f"({name}-top)=\n# Chapter {name}\n\nA formula, $x^2$.", id="title"),
        code(PARAMETERS, "parameters", name="parameters"),
        code("import json\nfrom pathlib import Path", name="imports"),
        code(WRITE.format(name=name), name="write"),
        code(COUNT, name="count"),
        *more,
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), root / "notebooks" / f"{name}.ipynb")


@pytest.fixture
def root(tmp_path) -> Path:
    """A book of two chapters and one hand-written page, with the settings and styles of the real one."""
    folder = tmp_path / "project"
    (folder / "notebooks").mkdir(parents=True)
    shutil.copytree(ROOT / "book" / "_static", folder / "book" / "_static")
    shutil.copyfile(ROOT / "_config.yml", folder / "_config.yml")
    (folder / "book" / "references.bib").write_text(BOOK)
    page = "# Start\n\n{cite}`one`. See {ref}`the chapter <employment-top>`.\n\n```{include} _key_findings.md\n```\n"
    (folder / "book" / "index.md").write_text(page + "\n```{bibliography}\n```\n")
    files = ["notebooks/summary", "notebooks/employment", "book/data_dictionary", "book/provenance"]
    parts = [{"caption": "All", "chapters": [{"file": file} for file in files]}]
    (folder / "_toc.yml").write_text(yaml.safe_dump({"format": "jb-book", "root": "book/index", "parts": parts}))
    found = code('from IPython.display import Markdown\nMarkdown("Found it.")', "note", name="answers")
    write_chapter(folder, "summary", found)
    write_chapter(folder, "employment")
    return folder


@pytest.fixture
def study(tmp_path, monkeypatch) -> Path:
    """A study folder with settings and one small file; that its tables keep the contract is tested elsewhere.

    The data dictionary, longer than the rest of such a book, is a heading: the whole one is in the report's own book.
    """
    folder = tmp_path / "newstudy"
    folder.mkdir()
    settings = (BUNDLED_STUDY / "study.yml").read_text()
    (folder / "study.yml").write_text(re.sub("^companions:.*\n", "", settings, flags=re.MULTILINE))
    (folder / "people.csv").write_text("id\n1\n2\n3\n")
    monkeypatch.setattr(report, "render_dictionary", lambda study: "# Data dictionary\n")
    monkeypatch.setattr(parts, "open_trial", lambda path: Trial(read_settings(path), {}, folder=path))
    return folder


@pytest.fixture
def build(root, study, tmp_path) -> Callable[..., list[str]]:
    """Build the small book; gives the lines that were told, each of them also to `tell` when it is."""

    def run(*chapters: str, tell: Callable[[str], object] = str, **parameters: object) -> list[str]:
        told: list[str] = []
        request = Request(study, tmp_path / "out", chapters, "en", parameters, root)
        build_report(request, lambda line: told.append(line) or tell(line))
        return told

    return run


@pytest.fixture
def html(tmp_path) -> Path:
    return tmp_path / "out" / "html"


@pytest.fixture
def last_good(html) -> dict[str, bytes]:
    """A book that stands there from before."""
    html.mkdir(parents=True)
    (html / "index.html").write_text("the last good book")
    made.mark(html)
    return files_of(html)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_book_holds_chapters_findings_downloads_and_label(build, html, study):
    told = build()
    assert [line.split()[0] for line in told[:-1]] in (["summary", "employment"], ["employment", "summary"])
    start = (html / "book" / "index.html").read_text()
    assert "Found it." in start
    assert "No computed result on this page." in start
    assert "people: 3 level: 0.95" in (html / "notebooks" / "employment.html").read_text()
    assert (html / "results" / "employment" / "numbers.csv").read_text() == "a\n1\n"
    assert "newstudy" not in start
    everything = b"".join(files_of(html).values())
    assert str(study.parent).encode() not in everything


def test_second_build_runs_nothing_and_gives_the_same_bytes(build, html):
    build()
    first = files_of(html)
    told = build()
    assert [line.split()[1] for line in told[:2]] == ["unchanged", "unchanged"]
    second = files_of(html)
    changed = {name for name in first if first[name] != second.get(name) and not name.endswith(".doctree")}
    assert set(first) == set(second)
    assert changed == set()


def test_changed_data_are_never_answered_with_old_results(build, html, study):
    build()
    (study / "people.csv").write_text("id\n1\n2\n3\n4\n")
    told = build()
    assert not any("unchanged" in line for line in told)
    assert "people: 4 level: 0.95" in (html / "notebooks" / "employment.html").read_text()


def test_changed_parameter_and_template_are_run_again(build, html, root):
    build()
    told = build(level=0.9)
    assert not any("unchanged" in line for line in told)
    assert "people: 3 level: 0.9" in (html / "notebooks" / "employment.html").read_text()
    write_chapter(root, "employment", code('print("one more")', name="more"))
    told = build(level=0.9)
    assert [line for line in told if "unchanged" in line] == [f"{'summary':<20} unchanged"]
    assert "one more" in (html / "notebooks" / "employment.html").read_text()


RAISE = 'raise ValueError("row 7 of P" + str(7).zfill(4))'
SECRET = "row 7 of P0007"


def test_a_failing_cell_stops_its_chapter_and_not_the_book(build, html, root):
    """The command names cell and error; the page names cell and kind of error only; the other chapter stands."""
    write_chapter(root, "employment", code(f"# a remark\n{RAISE}", name="broken"))
    with pytest.raises(ChaptersFailed) as failed:
        build()
    message = str(failed.value)
    assert f"notebooks/employment.ipynb, cell 6 ({RAISE}): ValueError: {SECRET}" in message
    assert "summary" not in message and failed.value.page == html / "index.html"
    shown = BeautifulSoup((html / "notebooks" / "employment.html").read_text(), "html.parser").article.get_text()
    assert "notebooks/employment.ipynb, cell 6" in shown and "ValueError" in shown and "people:" not in shown
    assert "P0007" not in shown
    assert "people: 3" in (html / "notebooks" / "summary.html").read_text()
    assert "Not made: Employment" in (html / "book" / "provenance.html").read_text()
    assert not (html / "results" / "employment").exists() and (html / "results" / "summary").exists()
    assert not list(html.parent.glob(".work-*"))


def test_an_error_of_our_own_is_told_on_the_page(build, html, root):
    raised = "from analysis.show.parameters import WrongParameter\nraise WrongParameter('level takes a share')"
    write_chapter(root, "employment", code(raised, name="broken"))
    with pytest.raises(ChaptersFailed):
        build()
    assert "WrongParameter: level takes a share" in (html / "notebooks" / "employment.html").read_text()


def test_fault_of_a_page_is_named_with_its_line_and_stops_the_build(build, html, root, last_good):
    index = root / "book" / "index.md"
    index.write_text(index.read_text() + "\nSee {ref}`nowhere`.\n")
    with pytest.raises(ReportFailed, match=r"book/index\.md, line \d+: undefined label: 'nowhere'"):
        build("summary")
    assert files_of(html) == last_good


def test_fault_in_a_chapters_text_is_named_with_its_cell_and_costs_that_chapter_only(build, html, root):
    fault = nbformat.v4.new_markdown_cell("First line.\n\nA formula $\\nosuchcommand{x}$.", id="fault")
    write_chapter(root, "employment", fault)
    with pytest.raises(ChaptersFailed, match=r"notebooks/employment\.ipynb, cell 6.*nosuchcommand"):
        build()
    assert "could not be made" in (html / "notebooks" / "employment.html").read_text()
    assert "people: 3" in (html / "notebooks" / "summary.html").read_text()


def test_a_warning_is_told_to_whoever_builds_and_not_to_readers(build, html, root):
    write_chapter(root, "employment", code('import sys\nprint("depre" + "cated", file=sys.stderr)', name="noise"))
    told = build("employment")
    assert told[1] == "employment remarked, which its page does not show:\ndeprecated"
    assert "deprecated" not in BeautifulSoup((html / "notebooks" / "employment.html").read_text(), "html.parser").text


def test_a_chapter_not_asked_for_has_no_page_and_links_to_it_are_plain(build, html):
    told = build("summary")
    assert [line.split()[0] for line in told] == ["summary", "book"]
    assert not (html / "notebooks" / "employment.html").exists()
    start = BeautifulSoup((html / "book" / "index.html").read_text(), "html.parser")
    assert "See the chapter." in start.article.get_text() and "employment" not in str(start)
    assert "Left out: Employment" in (html / "book" / "provenance.html").read_text()
    build("employment")
    assert "people: 3" in (html / "notebooks" / "employment.html").read_text()
    assert "people: 3" in (html / "notebooks" / "summary.html").read_text()
    assert 'href="../notebooks/employment.html#employment-top"' in (html / "book" / "index.html").read_text()


def needing(cell: nbformat.NotebookNode, *needs: str) -> nbformat.NotebookNode:
    cell.metadata["needs"] = list(needs)
    return cell


def test_a_chapter_without_what_it_needs_is_left_out_with_one_line_and_a_cell_silently(build, html, root):
    """What lacks a need is neither run nor shown, nor a heading with nothing under it."""
    broken = needing(code("1 / 0", name="broken"), "instrument:nosuch")
    heading = nbformat.v4.new_markdown_cell("## Without anything", id="heading")
    write_chapter(root, "employment", heading, broken, nbformat.v4.new_markdown_cell("## Last\n\nEnd.", id="last"))
    path = root / "notebooks" / "summary.ipynb"
    summary = nbformat.read(path, 4)
    needing(summary.cells[1], "table:income")
    nbformat.write(summary, path)
    told = build()
    assert [line.split()[0] for line in told] == ["employment", "book"]
    shown = (html / "notebooks" / "employment.html").read_text()
    assert "Without anything" not in shown and "Last" in shown
    assert not (html / "notebooks" / "summary.html").exists()
    provenance = BeautifulSoup((html / "book" / "provenance.html").read_text(), "html.parser").get_text()
    assert "Left out: Summary, because it would need the table income." in provenance


def test_executed_notebooks_show_the_parameters_that_made_them(build, html):
    """In its own cell with its comments, the study by its folder's name, no folder of this machine, no other cell."""
    build(level=0.9)
    executed = nbformat.read(html.parent / "executed" / "en" / "employment" / "employment.ipynb", 4)
    values = {"None  # folder": '"newstudy"  # folder', "0.95  #": "0.9   #"}
    assert executed.cells[1].source == reduce(lambda text, old: text.replace(old, values[old]), values, PARAMETERS)
    assert len(executed.cells) == 5
    shown = BeautifulSoup((html / "notebooks" / "employment.html").read_text(), "html.parser").get_text()
    assert 'study = "newstudy"' in shown and "level = 0.9" in shown


def test_notes_of_the_study_are_text_of_the_page_and_empty_ones_leave_no_trace(build, html, root):
    """So that citations and references in them work."""
    said = "from IPython.display import Markdown\nMarkdown('As printed {cite}`one`, see {ref}`here <employment-top>`.')"
    empty = "from IPython.display import Markdown\nMarkdown('')"
    write_chapter(root, "employment", code(said, "note", name="said"), code(empty, "note", name="empty"))
    build()
    shown = BeautifulSoup((html / "notebooks" / "employment.html").read_text(), "html.parser").article
    assert "As printed" in shown.get_text()
    assert shown.select('a[href="#employment-top"]') and "{cite}" not in shown.get_text()
    assert "IPython.display" not in shown.get_text()


def test_a_companion_is_a_part_of_its_own(build, html, root, study):
    """With its own pages, chapters, labels, downloads, banner and provenance; links lead to its own chapters."""
    sister = shutil.copytree(study, study.with_name("sister"))
    settings = (study / "study.yml").read_text()
    real = settings.replace("data: synthetic", "data: real").replace("name: sfj", "name: sister")
    real = real.replace("en: Effect evaluation of Senter for jobbmestring", "en: The sister")
    (sister / "study.yml").write_text(real)
    (sister / "people.csv").write_text("id\n1\n")
    (study / "study.yml").write_text(settings + "\ncompanions: [sister]\n")
    (sister / "pages").mkdir()
    linked = "{doc}`Chapter <../notebooks/employment>`, {ref}`its top <employment-top>`, [data](data_dictionary.md)."
    (sister / "pages" / "background.md").write_text(f"(back)=\n# Our background\n\n{linked}\n")
    contents = yaml.safe_load((root / "_toc.yml").read_text())
    contents["parts"][0]["chapters"].insert(0, {"file": "book/background"})
    (root / "_toc.yml").write_text(yaml.safe_dump(contents))
    told = build()
    names = {line.split()[0] for line in told}
    assert names == {"summary", "employment", "sister/summary", "sister/employment", "book"}
    page = BeautifulSoup((html / "sister" / "employment.html").read_text(), "html.parser")
    assert "people: 1 level: 0.95" in page.get_text() and 'study = "sister"' in page.get_text()
    assert not page.select(".bd-header-announcement") and page.select("#sister-employment-top")
    main = BeautifulSoup((html / "notebooks" / "employment.html").read_text(), "html.parser")
    assert main.select(".bd-header-announcement") and main.select("#employment-top")
    background = BeautifulSoup((html / "sister" / "background.html").read_text(), "html.parser").article
    links = [link["href"] for link in background.select("a[href]")]
    assert {"employment.html", "employment.html#sister-employment-top", "../book/data_dictionary.html"} <= set(links)
    assert (html / "results" / "sister" / "employment" / "numbers.csv").exists()
    assert not (html / "book" / "background.html").exists()
    provenance = BeautifulSoup((html / "book" / "provenance.html").read_text(), "html.parser").get_text()
    assert "Study: The sister" in provenance and "sister, Employment: study" in provenance
    assert "The sister" in main.select_one("nav.bd-links").get_text()


def test_a_companion_that_is_not_there_is_a_problem_of_the_settings(build, study):
    (study / "study.yml").write_text((study / "study.yml").read_text() + "\ncompanions: [lost]\n")
    with pytest.raises(StudyProblems, match=r"study\.yml.*companions.*: There is no study folder of this name"):
        build()


def test_a_study_has_its_own_pages_before_those_of_the_book(build, html, study):
    (study / "pages").mkdir()
    cover = "# Our own cover\n\n```{include} _chapters.md\n```\n\n```{bibliography}\n```\n"
    (study / "pages" / "index.md").write_text(cover)
    build()
    start = BeautifulSoup((html / "book" / "index.html").read_text(), "html.parser").article
    assert start.h1.get_text().startswith("Our own cover")
    assert [a.get_text() for a in start.select("li a")] == ["Summary", "Employment"]


def test_unknown_names_are_refused_with_the_right_ones(build):
    with pytest.raises(UnknownParameter, match=r"levle; there is: level"):
        build(levle=0.9)
    with pytest.raises(UnknownChapter, match="there is: summary, employment"):
        build("emploiment")


@pytest.mark.parametrize("level", [95, 0, "high", True])
def test_values_that_a_parameter_cannot_take_are_refused_before_anything_runs(build, level):
    with pytest.raises(UnknownParameter, match=r"level takes a share between 0 and 1, for example level=0\.95"):
        build(level=level)


@pytest.mark.parametrize(
    ("kind", "said"), [("synthetic", "computed from synthetic data"), ("real", "computed from the data of the study")]
)
def test_the_general_cover_says_which_study_it_shows(build, html, root, study, kind, said):
    shutil.copyfile(ROOT / "book" / "index.md", root / "book" / "index.md")
    settings = study / "study.yml"
    settings.write_text(re.sub("data: (synthetic|real)", f"data: {kind}", settings.read_text()))
    (root / "book" / "index.md").open("a").write("\n```{bibliography}\n```\n")
    for name in ("methods", "glossary", "rerun"):  # pages of the real book that the cover leads to
        (root / "book" / f"{name}.md").write_text(f"# {name}\n\n{{cite}}`one`\n")
    contents = yaml.safe_load((root / "_toc.yml").read_text())
    contents["parts"][0]["chapters"] += [{"file": f"book/{name}"} for name in ("methods", "glossary", "rerun")]
    (root / "_toc.yml").write_text(yaml.safe_dump(contents))
    build()
    start = BeautifulSoup((html / "book" / "index.html").read_text(), "html.parser")
    title = read_settings(study).title["en"]
    assert start.article.h1.get_text().startswith(title) and title in start.title.get_text()
    assert said in start.article.get_text() and "Found it." in start.article.get_text()


def test_own_parameters_cannot_be_set_from_outside(build):
    with pytest.raises(UnknownParameter, match="results"):
        build(results="elsewhere")


def test_template_must_take_what_the_driver_gives(build, root):
    write_chapter(root, "employment")
    path = root / "notebooks" / "employment.ipynb"
    path.write_text(path.read_text().replace("results = None", "resluts = None"))
    with pytest.raises(UnknownParameter, match=r"employment\.ipynb lacks the parameters: results"):
        build()


def test_real_study_has_no_banner(build, html, study):
    settings = study / "study.yml"
    settings.write_text(settings.read_text().replace("data: synthetic", "data: real"))
    build("summary")
    assert "Synthetic data." not in (html / "book" / "index.html").read_text()


def test_files_that_no_build_made_are_refused_before_anything_is_computed(build, html, root):
    write_chapter(root, "employment", code("broken = 1 / 0", name="broken"))
    for path in (html / "my_thesis.txt", html.parent / "executed" / "en" / "employment" / "my_notes.txt"):
        path.parent.mkdir(parents=True)
        path.write_text("mine")
        with pytest.raises(ForeignFiles, match=path.name):
            build()
        assert path.read_text() == "mine"
        path.unlink()
    assert not list(html.parent.rglob("*.ipynb"))


def test_a_file_added_while_a_build_runs_is_not_replaced(build, html, last_good):
    with pytest.raises(ForeignFiles, match=r"my_notes\.txt"):
        build("summary", tell=lambda line: (html / "my_notes.txt").write_text("mine"))
    assert files_of(html) == last_good | {"my_notes.txt": b"mine"}
    assert not list(html.parent.glob(".work-*"))


def test_clean_leaves_nothing_of_a_build(build, html):
    build("summary")
    assert (html / made.MARKER).is_file()
    made.clean(html.parent)
    assert not html.parent.exists()
