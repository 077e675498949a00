"""Only what a build has made is replaced or removed: markers, `clean`, and paths of any name in the Makefile."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.book import made
from analysis.book.made import MARKER, ForeignFiles, clean, put_in_place, refuse_foreign

ROOT = Path(__file__).parents[1]
AWKWARD = "my 'own' $HOME \"report\""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def out(tmp_path) -> Path:
    """An output folder as two builds leave it: a book, a kept chapter, and a third build that was killed."""
    folder = tmp_path / "out"
    for place in (folder / "html", folder / "executed" / "en" / "summary", folder / f"{made.SCRATCH}x"):
        write(place, page="a page")
        write(place / "results", numbers="1, 2")
        made.mark(place)
    return folder


def foreign_file(out: Path) -> Path:
    return write(out / "html" / "notes", thesis="mine") / "thesis"


def changed_page(out: Path) -> Path:
    (out / "html" / "page").write_text("a page, with my remarks")
    return out / "html" / "page"


def file_beside_chapters(out: Path) -> Path:
    (out / "executed" / "en" / "list").write_text("mine")
    return out / "executed" / "en" / "list"


def link_in_a_chapter(out: Path) -> Path:
    (out / "executed" / "en" / "summary" / "data").symlink_to(out.parent)
    return out / "executed" / "en" / "summary" / "data"


def copy_with_a_marker(out: Path) -> Path:
    """A marker counts only where a build puts one, so an older book that someone keeps in there is theirs."""
    return shutil.copytree(out / "html", out / "html" / "last_year") / "page"


ADDITIONS = (foreign_file, changed_page, file_beside_chapters, link_in_a_chapter, copy_with_a_marker)


def test_clean_removes_all_that_builds_made(out, tmp_path):
    assert clean(out) == (9, [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("add", ADDITIONS)
def test_clean_leaves_what_no_build_made(out, add):
    path = add(out)
    before = path.read_text() if path.is_file() else None
    assert path in clean(out)[1]
    assert path.is_symlink() or path.read_text() == before


@pytest.mark.parametrize("add", ADDITIONS)
def test_a_build_refuses_what_no_build_made_and_names_it(out, add):
    refuse_foreign(out)
    path = add(out)
    with pytest.raises(ForeignFiles, match=r"Nothing was removed\. .* --out") as refused:
        refuse_foreign(out)
    assert path in refused.value.files
    assert str(path) in str(refused.value) and "\n" not in str(refused.value)


def test_an_old_book_without_a_marker_is_refused_by_its_first_files(out):
    (out / "html" / MARKER).unlink()
    for name in "abc":
        (out / "html" / name).write_text(name)
    with pytest.raises(ForeignFiles, match=r"html/a, .*html/b, .*html/c and 2 more: "):
        refuse_foreign(out)


def test_what_file_managers_leave_is_nobodys_work(out, tmp_path):
    (out / "html" / ".DS_Store").write_text("")
    refuse_foreign(out)
    clean(out)
    assert list(tmp_path.iterdir()) == []


def test_a_chapter_is_replaced_only_where_a_build_made_it(out, tmp_path):
    kept = out / "executed" / "en" / "summary"
    put_in_place(write(tmp_path / "second", page="newer"), kept)
    assert [path.name for path in kept.iterdir() if path.name != MARKER] == ["page"]
    (kept / "remarks").write_text("mine")
    with pytest.raises(ForeignFiles, match="remarks"):
        put_in_place(write(tmp_path / "third", page="newest"), kept)
    assert (kept / "page").read_text() == "newer" and (kept / "remarks").read_text() == "mine"


def test_a_place_is_whole_only_with_all_its_files_as_they_were_written(out):
    assert made.is_whole(out / "html")
    (out / "html" / "results" / "numbers").write_text("1, 3")
    assert not made.is_whole(out / "html")
    (out / "html" / "results" / "numbers").unlink()
    assert not made.is_whole(out / "html")


def test_a_book_changes_places_with_the_last_one_in_one_step(out, monkeypatch):
    """Where the system cannot do that, in two, and what a build leaves that is killed between them is put back."""
    work = write(out / ".work-y", note="")
    for number, in_one_step in enumerate((True, False)):
        if not in_one_step:
            monkeypatch.setattr(made, "_exchanged", lambda one, other: False)
        made.swap_in(work, write(out / f"new{number}", page=f"book {number}"), out / "html")
        assert (out / "html" / "page").read_text() == f"book {number}"
    assert (work / "retired" / "page").read_text() == "book 0"
    with pytest.raises(FileNotFoundError):
        made.swap_in(write(out / ".work-z", note=""), out / "missing", out / "html")
    assert (out / "html" / "page").read_text() == "book 1"


def test_what_killed_builds_left_is_swept_and_their_last_book_put_back(out):
    (out / "html").rename(out / f"{made.SCRATCH}x" / "retired")
    (out / f"{made.SCRATCH}empty").mkdir()
    mine = write(out / f"{made.SCRATCH}mine", notes="mine")
    assert len(made.sweep(out)) == 3
    assert (out / "html" / "page").read_text() == "a page"
    assert [path.name for path in sorted(out.iterdir())] == [mine.name, "executed", "html"]


def test_a_link_in_the_place_of_a_book_is_nothing_that_a_build_made(out):
    (out / "html").rename(out / "elsewhere")
    (out / "html").symlink_to(out / "elsewhere")
    with pytest.raises(ForeignFiles, match="html"):
        refuse_foreign(out)


def test_a_marker_cannot_name_files_outside_its_folder(out, tmp_path):
    outside = write(tmp_path / "data", table="1") / "table"
    with (out / "html" / MARKER).open("a") as marker:
        marker.write(f"{made.file_digest(outside)}  ../../data/table\n")
    clean(out)
    assert outside.read_text() == "1"


def test_the_command_refuses_a_folder_that_no_build_made(tmp_path, capsys):
    data = write(tmp_path / "data", table="1")
    write(data / "html", page="mine")
    assert main(["clean", "--out", str(data)]) == 2
    assert capsys.readouterr().err == f"{data}: no build has made anything in this folder; nothing was removed.\n"
    assert (data / "html" / "page").read_text() == "mine" and (data / "table").read_text() == "1"


def test_the_command_says_what_it_removed_and_what_it_left(out, capsys):
    path = foreign_file(out)
    assert main(["clean", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == f"{out}: 9 files removed" and str(path) in said
    assert main(["clean", "--out", str(out.parent / "never_built")]) == 0


# The Makefile


def made_by(target: str, **variables: str) -> list[str]:
    """The words of the command that make would run for a target."""
    given = [f"{name}={value}" for name, value in variables.items()]
    command = ["make", "-n", "-o", ".venv/.installed", target, *given]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return next(shlex.split(line) for line in lines if " -m analysis " in line)


@pytest.mark.parametrize(("target", "option"), [("check", "check"), ("report", "--study")])
def test_make_passes_the_study_on_as_it_is(target, option):
    words = made_by(target, STUDY=f"/data/{AWKWARD}".replace("$", "$$"))
    assert words[words.index(option) + 1] == f"/data/{AWKWARD}"


@pytest.mark.parametrize("target", ["report", "clean"])
def test_make_passes_the_output_folder_on_as_it_is(target):
    words = made_by(target, OUT=f"/data/{AWKWARD}".replace("$", "$$"))
    assert words[words.index("--out") + 1] == f"/data/{AWKWARD}"


def test_make_clean_removes_one_folder_with_a_space_in_its_name_and_not_two(tmp_path):
    place = tmp_path / "place"
    for folder in ("my", "report", ".pytest_cache", "data"):
        write(place / folder, file="mine")
    made.mark(write(place / "my report" / "html", page="a page"))
    shutil.copyfile(ROOT / "Makefile", place / "Makefile")
    command = ["make", "-C", str(place), "clean", f"PYTHON={sys.executable}"]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "OUT=my report"], env=surroundings, check=True, capture_output=True)
    assert sorted(path.name for path in place.iterdir()) == ["Makefile", "data", "my", "report"]
    refused = subprocess.run([*command, "OUT=data"], env=surroundings, capture_output=True, text=True)
    assert refused.returncode != 0 and (place / "data" / "file").read_text() == "mine"
