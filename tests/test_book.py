"""The report driver on a small book of two chapters: what it refuses, names, reuses, and leaves in place."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import yaml

from analysis.book import made, pages, report
from analysis.book.failures import ReportFailed
from analysis.book.made import ForeignFiles
from analysis.book.report import BUNDLED_STUDY, ROOT, Request, UnknownChapter, UnknownParameter, build_report
from analysis.show.catalogue import Catalogue
from analysis.study.reading import read_settings

PARAMETERS = 'study = None  # folder\nlanguage = "en"  # words\nresults = None  # downloads\nlevel = 0.95  # share'
WRITE = (
    'folder = Path(results) / "{name}"\nfolder.mkdir(parents=True)\n'
    '(folder / "numbers.csv").write_text("a\\n1\\n")\n'
    '(folder / "sentences.json").write_text(json.dumps([{{"text": "Found it.", "finding": True}}]))'
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
    (folder / "data" / "sfj" / "published").mkdir(parents=True)
    shutil.copytree(ROOT / "book" / "_static", folder / "book" / "_static")
    shutil.copyfile(ROOT / "_config.yml", folder / "_config.yml")
    (folder / "book" / "references.bib").write_text(BOOK)
    page = "# Start\n\n{cite}`one`. See {ref}`the chapter <employment-top>`.\n\n```{include} _key_findings.md\n```\n"
    (folder / "book" / "index.md").write_text(page + "\n```{bibliography}\n```\n")
    files = ["notebooks/summary", "notebooks/employment", "book/data_dictionary", "book/provenance"]
    parts = [{"caption": "All", "chapters": [{"file": file} for file in files]}]
    (folder / "_toc.yml").write_text(yaml.safe_dump({"format": "jb-book", "root": "book/index", "parts": parts}))
    for name in ("summary", "employment"):
        write_chapter(folder, name)
    return folder


@pytest.fixture
def study(tmp_path, monkeypatch) -> Path:
    """A study folder with settings and one small file; that its tables keep the contract is tested elsewhere."""
    folder = tmp_path / "newstudy"
    folder.mkdir()
    shutil.copyfile(BUNDLED_STUDY / "study.yml", folder / "study.yml")
    (folder / "people.csv").write_text("id\n1\n2\n3\n")
    monkeypatch.setattr(report, "read_study", lambda path: (read_settings(path), {}))
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
    assert "Synthetic data." in start
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


def test_failing_cell_is_named_and_the_last_good_book_stays(build, html, root, last_good):
    write_chapter(root, "employment", code("# a remark\nrate = 1 / 0", name="broken"))
    with pytest.raises(ReportFailed) as failed:
        build()
    message = str(failed.value)
    assert "notebooks/employment.ipynb, cell 6 (rate = 1 / 0): ZeroDivisionError: division by zero" in message
    assert "summary" not in message
    assert files_of(html) == last_good
    assert not list(html.parent.glob(".work-*"))


def test_fault_of_a_page_is_named_with_its_line_and_stops_the_build(build, html, root, last_good):
    index = root / "book" / "index.md"
    index.write_text(index.read_text() + "\nSee {ref}`nowhere`.\n")
    with pytest.raises(ReportFailed, match=r"book/index\.md, line \d+: undefined label: 'nowhere'"):
        build("summary")
    assert files_of(html) == last_good


def test_fault_in_a_chapters_text_is_named_with_its_cell(build, root):
    fault = nbformat.v4.new_markdown_cell("First line.\n\nA formula $\\nosuchcommand{x}$.", id="fault")
    write_chapter(root, "employment", fault)
    with pytest.raises(ReportFailed, match=r"notebooks/employment\.ipynb, cell 6.*nosuchcommand"):
        build("employment")


def test_chapter_that_warns_readers_of_program_matters_fails(build, root):
    write_chapter(root, "employment", code('import sys\nprint("deprecated", file=sys.stderr)', name="noise"))
    with pytest.raises(ReportFailed, match=r"notebooks/employment\.ipynb"):
        build("employment")


def test_left_out_chapter_keeps_its_page_and_its_targets(build, html):
    told = build("summary")
    assert [line.split()[0] for line in told] == ["summary", "book"]
    assert "was not computed" in (html / "notebooks" / "employment.html").read_text()
    assert not (html / "results" / "employment").exists()
    build("employment")
    assert "people: 3" in (html / "notebooks" / "employment.html").read_text()
    assert "people: 3" in (html / "notebooks" / "summary.html").read_text()


def test_unknown_names_are_refused_with_the_right_ones(build):
    with pytest.raises(UnknownParameter, match=r"levle; there is: level"):
        build(levle=0.9)
    with pytest.raises(UnknownChapter, match="there is: summary, employment"):
        build("emploiment")


@pytest.mark.parametrize("level", [95, 0, "high", True])
def test_values_that_a_parameter_cannot_take_are_refused_before_anything_runs(build, level):
    with pytest.raises(UnknownParameter, match=r"level takes a share between 0 and 1, for example level=0\.95"):
        build(level=level)


def test_the_first_page_says_which_study_it_shows(study):
    words = Catalogue("en")
    for kind, said in (("synthetic", "whose people are invented"), ("real", "computed from the data of the study")):
        settings = study / "study.yml"
        settings.write_text(re.sub("data: (synthetic|real)", f"data: {kind}", settings.read_text()))
        read = read_settings(study)
        text = pages.book_settings(ROOT, read, words)["sphinx"]["config"]["myst_substitutions"]["which_data"]
        assert said in text and read.title["en"] in text
    assert "{{ which_data }}" in (ROOT / "book" / "index.md").read_text()


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


def test_book_that_cannot_be_moved_leaves_the_last_one(tmp_path, monkeypatch):
    html = tmp_path / "html"
    html.mkdir()
    (html / "index.html").write_text("old")
    (tmp_path / "work").mkdir()
    with pytest.raises(FileNotFoundError):
        report._swap_in(tmp_path / "work" / "missing", html)
    assert (html / "index.html").read_text() == "old"
