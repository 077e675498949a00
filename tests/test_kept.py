"""Pages that are kept from the last book: what is made with them is the book made from nothing, byte for byte."""

import base64
import shutil
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
import yaml

from analysis.book import finishing, inputs, kept, made, reuse
from analysis.book.kept import FOLDER, KeptPages, kept_pages
from analysis.book.rendering import render
from analysis.book.report import ROOT
from analysis.book.runs import PACKAGE
from analysis.book.used import Package

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
INDEX = "# Start\n\n{cite}`one`. See {ref}`here` and {doc}`second`.\n\n```{include} _said.md\n```\n\n"
INDEX += "```{bibliography}\n```\n"
SECOND = "# Second\n\n(here)=\n## Here it is\n\n$$ x^2 $$ (square)\n\n```{index} word\n```\n\n![a dot](dot.png)\n"


def source(folder: Path) -> Path:
    """A book of three pages and a chapter, staged as the driver would."""
    (folder / "notebooks").mkdir(parents=True)
    (folder / "book" / "_static").mkdir(parents=True)
    for name in ("logo.svg", "favicon.svg", "report.css", "listing.js"):
        shutil.copyfile(ROOT / "book" / "_static" / name, folder / "book" / "_static" / name)
    shutil.copyfile(ROOT / "_config.yml", folder / "_config.yml")
    bib = "@book{one, title={T}, author={A, B}, year={2014}, publisher={P}}"
    texts = {"references.bib": bib, "index.md": INDEX, "_said.md": "Said once.\n", "second.md": SECOND,
             "third.md": "# Third\n\nSee {ref}`here`.\n"}  # fmt: skip
    for name, text in texts.items():
        (folder / "book" / name).write_text(text)
    (folder / "book" / "dot.png").write_bytes(DOT)
    files = [{"file": name} for name in ("notebooks/health", "book/second", "book/third")]
    contents = {"format": "jb-book", "root": "book/index", "parts": [{"caption": "All", "chapters": files}]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(contents))
    chapter(folder, "327 people")
    return folder


def chapter(folder: Path, said: str) -> None:
    output = nbformat.v4.new_output("stream", name="stdout", text=said)
    cells = [nbformat.v4.new_markdown_cell("# Health\n\nSee {eq}`square`.", id="title"),
             nbformat.v4.new_code_cell("print()", outputs=[output], id="said")]  # fmt: skip
    metadata = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), folder / "notebooks" / "health.ipynb")


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "book" / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def own_texts(folder: Path) -> None:
    """What no other page shows: a chapter's output, and a piece that a page includes."""
    chapter(folder, "328 people")
    change(folder, "_said.md", "once", "twice")


def shared_texts(folder: Path) -> None:
    """What other pages show, another word for the index, and an image that is shown no longer."""
    change(folder, "second.md", "Here it is", "There it was")
    change(folder, "second.md", "(square)", "(power)")
    change(folder, "second.md", "{index} word", "{index} term")
    change(folder, "second.md", "![a dot](dot.png)", "")
    chapter(folder, "329 people")
    path = folder / "notebooks" / "health.ipynb"
    path.write_text(path.read_text().replace("square", "power"))


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> list[tuple[dict, dict, dict]]:
    """For each step: when each page was written, the files made from the last book, and those made from nothing."""
    folder, found = tmp_path_factory.mktemp("kept"), []
    fresh, pages = source(folder / "fresh"), KeptPages(folder / "place")
    for step in (None, own_texts, shared_texts):
        if step:
            step(fresh)
        pages.take_in(fresh)
        html = render(pages.stage)
        times = {path.stem: path.stat().st_mtime_ns for path in html.rglob("*.html")}
        alone = render(shutil.copytree(fresh, folder / f"alone-{len(found)}")) if step else html
        found.append((times, files_of(html), files_of(alone)))
    return found


@pytest.mark.parametrize("step", [1, 2])
def test_a_book_made_from_the_last_one_is_the_one_made_from_nothing(books, step):
    _, made_from_last, made_from_nothing = books[step]
    assert made_from_last.keys() == made_from_nothing.keys()
    assert [name for name, text in made_from_last.items() if text != made_from_nothing[name]] == []
    assert made_from_last["notebooks/health.html"] != books[step - 1][1]["notebooks/health.html"]


def test_only_pages_that_can_have_changed_are_written(books):
    written = [{page for page in now if now[page] != before[page]} & {"index", "second", "third", "health"}
               for (before, *_), (now, *_) in pairwise(books)]  # fmt: skip
    assert written == [{"index", "health"}, {"index", "second", "third", "health"}]


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def staged(folder: Path, **texts: str) -> Path:
    for name, text in {"book/index.md": "a", "_config.yml": "b", **texts}.items():
        write(folder, name, text)
    return folder


@pytest.mark.parametrize(
    ("texts", "stays"),
    [({"book/index.md": "other"}, True), ({"_config.yml": "other"}, False), ({"book/more.md": "a page more"}, False)],
)
def test_settings_and_the_list_of_pages_make_a_book_from_nothing(tmp_path, texts, stays):
    pages = KeptPages(tmp_path / "place")
    pages.take_in(staged(tmp_path / "first"))
    write(pages.stage, "_build/html/_static/x.css", "")
    write(pages.stage, "_build/.doctrees/index.doctree", "")
    second = staged(tmp_path / "second", **texts)
    pages.take_in(second)
    assert (pages.stage / "_build" / ".doctrees").is_dir() == stays
    assert files_of(second).items() <= files_of(pages.stage).items()


def test_a_finished_page_is_taken_as_it_was_while_its_rendering_and_banner_are_the_same(tmp_path, monkeypatch):
    finished, pages = [], KeptPages(tmp_path)
    monkeypatch.setattr(kept, "of_each", lambda finish, names: list(map(finish, names)))
    monkeypatch.setattr(finishing, "MENDS", [lambda page: finished.append(page.get_text())])
    banner = finishing.Banner("Here.", "Elsewhere.")
    for texts, banners in (
        ({"a": "one", "b": "two"}, {}), ({"a": "one", "b": "three"}, {}), ({"a": "one"}, {"a": banner}),
    ):  # fmt: skip
        for name, text in texts.items():
            write(tmp_path / "html", f"{name}/x.html", text)
        pages.finish(tmp_path / "html", {"main": None, **banners})
        assert (tmp_path / "html" / "a" / "x.html").read_text() == "one"
        shutil.rmtree(tmp_path / "html")
    assert finished == ["one", "two", "three", "one"]


def test_texts_stay_with_what_they_were_worked_out_from(tmp_path):
    for key, there in (("one", {}), ("one", {"mean": "by hand"}), ("two", {}), ("one", {})):
        with KeptPages(tmp_path).texts(key) as texts:
            assert texts == there
            texts["mean"] = "by hand"


def test_pages_are_kept_whole_or_not_at_all(tmp_path, monkeypatch):
    """Not after a failure, not where somebody has changed them, and not for other packages."""
    package = Package(PACKAGE, inputs.seen(PACKAGE), ())

    def there() -> bool:
        with kept_pages(tmp_path, "en", package) as pages:
            return (pages.place / "a.txt").is_file()

    def build() -> None:
        with kept_pages(tmp_path, "en", package) as pages:
            write(pages.place, "a.txt", "whole")

    build()
    assert there()
    with pytest.raises(KeyError), kept_pages(tmp_path, "en", package):
        raise KeyError
    assert not there()
    build()
    monkeypatch.setattr(reuse, "installed", lambda: {"sphinx": "other"})
    assert not there()
    build()
    (tmp_path / "executed" / "en" / FOLDER / "a.txt").write_text("torn")
    with pytest.raises(made.ForeignFiles):
        there()
    assert not list(tmp_path.glob(".work-*"))
