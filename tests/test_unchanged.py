"""A book is not made again when nothing that it is made from has changed, and always when something has."""

import json

import pytest

from analysis.__main__ import main
from analysis.book import made, unchanged
from analysis.book.inputs import seen
from analysis.book.timings import Timings

ASKED = ("employment",), "en", {"conf_level": 0.9}


@pytest.fixture
def last(tmp_path):
    """An output folder with a book, and the study and program that it is made from."""
    study, program, out, work = (tmp_path / name for name in ("study", "program", "out", "work"))
    for folder in (study, program, work, out / "html"):
        folder.mkdir(parents=True)
    (study / "people.csv").write_text("a\n1\n")
    (program / "code.py").write_text("pass\n")
    (out / "html" / "index.html").write_text("<p>Book</p>")
    made.mark(out / "html")
    unchanged.note(work, out, (study, *ASKED), {place: seen(place) for place in (study, program)},
                   Timings())
    return tmp_path


def is_last(folder, asked=ASKED, study="study"):
    return unchanged.last_book(folder / "out", folder / study, *asked) == folder / "out" / "html" / "index.html"


def test_the_last_book_stands_while_nothing_has_changed(last):
    assert is_last(last)


CHANGES = {
    "a table": lambda folder: (folder / "study" / "people.csv").write_text("a\n2\n"),
    "another table": lambda folder: (folder / "study" / "jobs.csv").write_text("a\n"),
    "a table lost": lambda folder: (folder / "study" / "people.csv").unlink(),
    "the program": lambda folder: (folder / "program" / "code.py").write_text("pass  # again\n"),
    "a page": lambda folder: (folder / "out" / "html" / "index.html").write_text("<p>Mine</p>"),
    "a page lost": lambda folder: (folder / "out" / "html" / "index.html").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_makes_a_new_book(last, change):
    CHANGES[change](last)
    assert not is_last(last)


OTHERS = ((), *ASKED[1:]), (ASKED[0], "nb", ASKED[2]), (*ASKED[:2], {})


@pytest.mark.parametrize("asked", OTHERS)
def test_another_request_makes_a_new_book(last, asked):
    assert not is_last(last, asked)


@pytest.mark.parametrize("name", [unchanged.SMALL_CELLS, unchanged.STUDIES])
def test_what_a_setting_of_the_surroundings_changes_makes_a_new_book(last, monkeypatch, name):
    monkeypatch.setenv(name, "elsewhere")
    assert not is_last(last)


@pytest.mark.parametrize("name", ["installed", "revision"])
def test_other_packages_or_another_revision_make_a_new_book(last, monkeypatch, name):
    monkeypatch.setattr(unchanged, name, lambda *_: {"other": "1.0"})
    assert not is_last(last)


def test_the_same_study_elsewhere_is_another(last):
    (last / "other").mkdir()
    assert not is_last(last, study="other")


def test_no_path_of_this_machine_is_kept(last):
    kept = json.loads((last / "out" / "executed" / "en" / unchanged.FOLDER / unchanged.FILE).read_text())
    assert str(last) not in json.dumps(kept)


def test_the_command_says_so_and_builds_nothing(last, monkeypatch, capsys):
    monkeypatch.setattr(unchanged, "last_book", lambda *_: last / "out" / "html" / "index.html")
    assert main(["report", "--study", str(last / "study"), "--out", str(last / "out")]) == 0
    assert capsys.readouterr().out == f"nothing has changed\n{last / 'out' / 'html' / 'index.html'}\n"
