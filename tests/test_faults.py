"""Hundreds of planted faults: each is located or read rightly, none breaks the check, none is told, no row is lost."""

import shutil
from pathlib import Path

import pytest

from analysis.book.check_formats import as_html, as_json, as_text
from analysis.book.checking import Findings, check
from analysis.show.catalogue import Catalogue
from analysis.study.contract import TABLES
from analysis.study.intake import check_folder
from analysis.study.reading import check_settings
from tests import faults
from tests.faults import HANDMADE

ROOT = Path(__file__).parents[1]
ROUNDS = 2


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(HANDMADE, tmp_path / "study")


def said(found: Findings) -> str:
    words = Catalogue()
    return as_text(found, words) + as_json(found) + as_html(found, words)


def located(problems) -> set[tuple]:
    return {(each.file, line, each.column) for each in problems for line in (each.row, *each.others)}


@pytest.mark.parametrize("planted", list(faults.cells(ROUNDS)), ids=range(ROUNDS))
def test_every_wrong_cell_is_located_and_none_is_told(folder, planted):
    faults.plant(folder, planted)
    found = check(folder, ROOT)
    places = located(found.problems)
    missed = [cell for cell in planted if (f"{cell.table}.csv", cell.line, cell.column) not in places]
    assert missed == []
    text = said(found)
    assert [cell for cell in planted if cell.value in text] == []
    assert [m for m in range(731_001, 731_001 + 1_000) if str(m) in text] == []
    assert_no_row_is_lost(folder, found)


def assert_no_row_is_lost(folder, found):
    """Rows in are the rows without a problem, which are used, and the rows with one."""
    named = {}
    for file, line, _ in located(found.problems):
        named.setdefault(file, set()).add(line)
    for counted in found.rows:
        rows = [row for row in faults.rows_of(folder / counted.file)[1:] if row]
        assert counted.rows == len(rows)
        assert counted.with_problem == len(named.get(counted.file, set()) - {None, 1})


def test_all_rows_of_a_sound_study_are_used():
    checked = check_folder(HANDMADE)
    assert {each.file: (each.rows, each.with_problem) for each in checked.rows} == {
        f"{name}.csv": (len(faults.rows_of(HANDMADE / f"{name}.csv")) - 1, 0) for name in TABLES
    }
    assert {name: len(frame) for name, frame in checked.tables.items()} == {
        each.file.removesuffix(".csv"): each.rows for each in checked.rows
    }


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_every_broken_file_is_named_or_read_rightly(folder, round_):
    planted = faults.files(round_)
    for table, (fault, number) in planted.items():
        path = folder / f"{table}.csv"
        path.write_bytes(faults.FILES[fault](path.read_text(encoding="utf-8"), number))
    checked, whole = check_folder(folder), check_folder(HANDMADE)
    named = {problem.file for problem in checked.problems}
    for table, (fault, _) in planted.items():
        if f"{table}.csv" not in named:
            assert whole.tables[table].equals(checked.tables[table]), f"{table}: {fault}"
    text = said(Findings("study", checked.problems, checked.unchecked, rows=checked.rows))
    assert [fault for fault, number in planted.values() if number in text] == []


def test_every_setting_of_another_form_is_located(tmp_path):
    wrong = 0
    for name, text, number in faults.settings():
        (tmp_path / "study.yml").write_text(text, encoding="utf-8")
        read = check_settings(tmp_path)
        wrong += bool(read.problems)
        assert all(problem.file == "study.yml" and problem.row for problem in read.problems), name
        assert read.problems or read.study is not None
        if read.problems and name:
            assert all(problem.column for problem in read.problems), name
        causes = " ".join(f"{problem.cause} {problem.remedy}" for problem in read.problems)
        assert not number or number not in causes
    assert wrong >= 180


@pytest.mark.parametrize("name", faults.NO_YAML)
def test_settings_that_are_none_are_one_clear_problem(tmp_path, name):
    (tmp_path / "study.yml").write_bytes(faults.NO_YAML[name])
    read = check_settings(tmp_path)
    assert read.study is None and [problem.file for problem in read.problems] == ["study.yml"]
    assert "761001" not in str(read.problems[0])


def test_there_are_enough_faults():
    cells = sum(len(planted) for planted in faults.cells(ROUNDS))
    assert cells >= 400 and ROUNDS * len(TABLES) >= len(faults.FILES) >= 40
    assert cells + ROUNDS * len(TABLES) + len(list(faults.settings())) + len(faults.NO_YAML) >= 600


@pytest.mark.parametrize("name", ["words/en/common.yml", "published/relations.yml", "as_printed.yml"])
def test_yaml_beside_the_settings_is_checked_too(folder, name):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes("Navn: bjørn".encode("latin-1"))
    found = check(folder, ROOT)
    assert [(problem.file, problem.kind) for problem in found.problems] == [(name, "not_utf8")]


def test_printed_numbers_and_own_pages_are_checked_too(folder):
    for name in ("published", "pages", "pages/index.md"):
        (folder / name).mkdir()
    (folder / "published" / "cells.csv").write_text("a,b\n1,761001\n", encoding="utf-8")
    (folder / "pages" / "background.md").write_bytes("# Bakgrunn\n\nBjørn 761001\n".encode("latin-1"))
    found = check(folder, ROOT)
    assert {(problem.file, problem.row) for problem in found.problems} >= {
        ("pages/background.md", 3), ("pages/index.md", None)}  # fmt: skip
    assert "published/cells.csv" in {problem.file for problem in found.problems}
    (folder / "published" / "cells.csv").write_bytes(b"\xff\xfe\x00x")
    assert "published/cells.csv" in {problem.file for problem in check(folder, ROOT).problems}
    assert "761001" not in said(found)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere.csv")])
def test_what_has_the_name_of_a_table_and_is_no_file_is_named(folder, make):
    (folder / "income.csv").unlink()
    make(folder / "income.csv")
    assert [(problem.file, problem.kind) for problem in check_folder(folder).problems] == [("income.csv", "not_a_file")]


def test_a_folder_of_words_that_a_copy_left_behind_is_named(folder):
    shutil.rmtree(folder / "words")
    (folder / "words").symlink_to("../nowhere")
    assert [(problem.file, problem.kind) for problem in check(folder, ROOT).problems] == [("words", "not_a_file")]
