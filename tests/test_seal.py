"""The same bytes every time: the seal of the bundled trial, the check that makes it anew, what bytes may hang on."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from analysis.calibration import SAME_EVERYWHERE, differences, source_digests, table_digests, with_same_arithmetic
from analysis.calibration.seal import digest
from analysis.study.finding import BUNDLED
from analysis.synthesis.sfj import __main__ as program
from analysis.synthesis.sfj import seal
from analysis.synthesis.sfj.settings import SEED

ROOT = Path(__file__).parents[1]
# Whatever a machine may have set: order of sets, language, time zone.
SURROUNDINGS = (
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "77", "LC_ALL": "nb_NO.UTF-8", "TZ": "Pacific/Auckland"},
)


def test_tables_do_not_hang_on_hash_seed_language_or_time_zone():
    """People, screening and all answers, with few rounds; the full run is for `make data-check`."""
    command = [sys.executable, "-m", "tests.reduced_generation"]
    runs = [
        subprocess.Popen(
            command, cwd=ROOT, env=os.environ | SAME_EVERYWHERE | own, stdout=subprocess.PIPE, text=True
        )
        for own in SURROUNDINGS
    ]
    printed = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert printed[0].count("\n") > 10
    assert printed[0] == printed[1]


@pytest.fixture(scope="module", autouse=True)
def digested_once():
    """The files of the program do not change while these tests run, and take a second to read."""
    known = cache(seal.source_digests)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seal, "source_digests", lambda *files: known(*map(tuple, files)))
        yield


@pytest.fixture
def study(tmp_path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "centres.csv").write_text("centre,positions\noslo,4\n")
    (folder / "contacts.csv").write_text("participant_id\nP0001\n")
    seal.write_seal(folder, 7)
    return folder


def test_the_seal_breaks_when_a_table_is_changed_by_one_byte(study):
    assert seal.read_seal(study)["tables"] == table_digests(study)
    (study / "centres.csv").write_text("centre,positions\noslo,5\n")
    assert seal.read_seal(study)["tables"] != table_digests(study)


def test_the_seal_names_all_that_decides_the_tables(study):
    made_from = seal.read_seal(study)["made_from"]
    assert made_from == seal.sources()
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "analysis" / "synthesis" / "sfj").glob("*.py")}
    others = {"analysis/synthesis/sfj/assumptions.yml", "data/sfj/published/cells.csv",
              "analysis/calibration/solve.py", "analysis/calibration/puzzle.py", "analysis/frames/registers.py",
              "analysis/frames/spells/panel.py", "analysis/study/contract/register_tables.py", "settings"}  # fmt: skip
    assert modules | others <= set(made_from)


def test_other_numbers_or_settings_break_the_seal(study, monkeypatch, tmp_path):
    before = seal.sources()
    cells = tmp_path / "cells.csv"
    cells.write_text(seal.PUBLISHED.read_text(encoding="utf-8").replace("1193", "1194"), encoding="utf-8")
    monkeypatch.setattr(seal, "inputs", lambda: {"consumer_price_index": {2012: 1.0}})
    assert seal.sources()["settings"] != before["settings"]
    assert digest(cells) != before["data/sfj/published/cells.csv"]


def test_words_about_a_program_break_no_seal_and_what_it_does_breaks_it(tmp_path):
    program = tmp_path / "program.py"
    program.write_text('"""Words."""\n\ndef twice(x):\n    """More words."""\n    return 2 * x  # and more\n')
    before = digest(program)
    program.write_text('"""Other words."""\n\n\ndef twice(x):\n    return 2 * x\n')
    assert digest(program) == before
    program.write_text("def twice(x):\n    return 3 * x\n")
    assert digest(program) != before


def test_of_a_room_the_seal_holds_only_what_is_used():
    """The transitions take whole numbers through the door of calibration, and nothing else of it."""
    named = source_digests([ROOT / "analysis" / "synthesis" / "sfj" / "transitions.py"])
    calibration = {name for name in named if name.startswith("analysis/calibration/")}
    assert calibration == {"analysis/calibration/whole_numbers.py", "analysis/calibration/programmes.py"}
    assert "analysis/synthesis/sfj/background.py" in named


def test_differences_name_tables_that_lack_or_differ(study, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "centres.csv").write_text("centre,positions\noslo,4\n")
    assert differences(study, other) == ["contacts.csv"]
    (other / "contacts.csv").write_text("participant_id\nP0002\n")
    assert differences(study, other) == ["contacts.csv"]
    (other / "contacts.csv").write_text("participant_id\nP0001\n")
    assert differences(study, other) == []


@pytest.mark.parametrize(("positions", "outcome"), [(4.0, 0), (5.0, 1)])
def test_the_check_makes_the_tables_anew_and_writes_nothing(study, monkeypatch, positions, outcome):
    made = {"centres": pd.DataFrame({"centre": ["oslo"], "positions": [positions]})}
    monkeypatch.setattr(program, "generate", lambda seed, report: {"centres": made["centres"].assign(positions=4.0)})
    monkeypatch.setattr(sys, "argv", ["synthesis", "--folder", str(study)])
    (study / "contacts.csv").unlink()
    assert program.main() == 0
    before = table_digests(study)
    monkeypatch.setattr(program, "generate", lambda seed, report: made)
    monkeypatch.setattr(sys, "argv", ["synthesis", "--check", "--folder", str(study)])
    assert program.main() == outcome
    assert table_digests(study) == before


def test_the_program_starts_anew_with_the_same_arithmetic(monkeypatch):
    started = []
    monkeypatch.setattr(os, "execv", lambda path, arguments: started.append(arguments))
    monkeypatch.setattr(sys, "argv", ["synthesis", "--seed", "3"])
    for name in SAME_EVERYWHERE:
        monkeypatch.setenv(name, "otherwise")
    with_same_arithmetic("analysis.synthesis.sfj")
    with_same_arithmetic("analysis.synthesis.sfj")
    assert started == [[sys.executable, "-m", "analysis.synthesis.sfj", "--seed", "3"]]
    assert {name: os.environ[name] for name in SAME_EVERYWHERE} == SAME_EVERYWHERE


def test_the_stored_trial_is_as_it_was_made():
    """A table changed by hand breaks the seal."""
    assert table_digests(BUNDLED) == seal.read_seal(BUNDLED)["tables"]


def test_the_stored_trial_was_made_by_this_program_from_these_numbers():
    """After a change of the synthesis, or of what it reads: `make data`, which writes tables and seal anew."""
    assert seal.sources() == seal.read_seal(BUNDLED)["made_from"]
    assert seal.read_seal(BUNDLED)["seed"] == SEED
