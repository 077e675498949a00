"""A new study is begun in a minute: it passes the check as it is, and nothing that is there is ever touched."""

import csv
from datetime import date
from pathlib import Path

import pytest
import yaml

from analysis.__main__ import main
from analysis.book.new_study import NotEmpty, write_new_study
from analysis.book.report import ROOT
from analysis.frames.trial import open_trial
from analysis.frames.warnings import warnings_of
from analysis.study.contract import tables_of
from analysis.study.intake import check_study
from analysis.study.reading import read_settings

BUNDLED = sorted(path.parent for path in (ROOT / "data").glob("*/study.yml"))
HANDMADE = Path(__file__).parent / "handmade"
DAY = date(2020, 2, 29)


@pytest.fixture(params=BUNDLED, ids=lambda path: path.name)
def like(request):
    return request.param


@pytest.fixture
def made(like, tmp_path):
    write_new_study(tmp_path / "My trial 2", like, DAY)
    return tmp_path / "My trial 2"


def test_it_passes_the_check_as_it_is(made):
    assert check_study(made) == []
    assert [warning.cause for warning in warnings_of(open_trial(made))] == ["No table has a row yet."]


def test_its_settings_are_the_other_ones_with_their_comments(made, like):
    text = (made / "study.yml").read_text(encoding="utf-8")
    assert text.startswith("# Settings of a new study") and "2020-02-29" in text.splitlines()[0]
    new, old = (yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8")) for folder in (made, like))
    assert (new.pop("name"), new.pop("title"), new.pop("data")) == ("my_trial_2", {"en": "New study"}, "real")
    assert new.pop("disclosure") == "protected"
    assert new == {name: value for name, value in old.items() if name in new}
    assert set(old) - set(new) <= {"name", "title", "data", "disclosure", "economics", "companions"}
    original = (like / "study.yml").read_text(encoding="utf-8")
    comments = [line for line in original.split("\nname:")[1].splitlines() if line.startswith("# ")]
    assert [line for line in comments if line not in text] == []


def test_no_price_of_another_study_is_taken_over_unseen(made, like):
    assert not read_settings(made).economics
    for name in read_settings(like).economics:
        assert f"#   {name}:" in (made / "study.yml").read_text(encoding="utf-8")


def test_its_tables_are_those_of_the_other_study_with_headers_only(made, like):
    tables = {path.stem for path in like.glob("*.csv")} - {"extract_differences"}
    assert {path.stem for path in made.glob("*.csv")} == tables
    schemas = tables_of(read_settings(made))
    for name in tables:
        with (made / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            (header,) = csv.reader(file)
        assert set(header) <= set(schemas[name].columns)
        assert [column for column in schemas[name].columns if column not in header and column[-2:].isdigit()] == [
            column for column in schemas[name].columns if column not in header
        ]


def test_the_next_steps_name_every_table(made):
    readme = (made / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# my_trial_2\n") and "python -m analysis check" in readme
    assert all(f"| `{path.name}` |" in readme for path in made.glob("*.csv"))


@pytest.mark.parametrize(("folder", "code"), [("2020", "study_2020"), ("Ærlig talt", "rlig_talt"), ("_", "study")])
def test_any_name_of_a_folder_makes_a_code(tmp_path, folder, code):
    write_new_study(tmp_path / folder, HANDMADE, DAY)
    assert read_settings(tmp_path / folder).name == code


def test_nothing_is_written_beside_what_is_there(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(NotEmpty):
        write_new_study(tmp_path, HANDMADE, DAY)
    with pytest.raises(NotEmpty):
        write_new_study(tmp_path / "notes.txt", HANDMADE, DAY)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_the_command_begins_a_study_like_the_one_named(tmp_path, capsys):
    assert main(["init", str(tmp_path / "new"), "--like", "jmo"]) == 0
    assert "tables. Next: its README.md" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "new")]) == 0
    assert main(["init", str(tmp_path / "other")]) == 0
    assert read_settings(tmp_path / "other").treatment == read_settings(ROOT / "data" / "sfj").treatment


@pytest.mark.parametrize("case", ["not_empty", "file", "below_a_file", "like_nothing", "like_faulty"])
def test_a_wrong_input_is_one_plain_answer_and_exit_code_2(tmp_path, capsys, case):
    (tmp_path / "there.txt").write_text("mine")
    faulty = tmp_path / "faulty"
    faulty.mkdir()
    (faulty / "study.yml").write_text("name: faulty\n")
    command = {
        "not_empty": [str(tmp_path)],
        "file": [str(tmp_path / "there.txt")],
        "below_a_file": [str(tmp_path / "there.txt" / "new")],
        "like_nothing": [str(tmp_path / "new"), "--like", "nothing_of_this_name"],
        "like_faulty": [str(tmp_path / "new"), "--like", str(faulty)],
    }[case]
    assert main(["init", *command]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err and "Traceback" not in said.err
    assert not (tmp_path / "new").exists()
