"""The command line: what each command answers and with which exit code, also when its input is wrong."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.__main__ import _parser, main
from analysis.book import report, surroundings
from analysis.book.failures import ChaptersFailed, Failure, ReportFailed
from analysis.commands.printed import PUBLISHED
from analysis.show.disclosure import SMALL_CELLS
from analysis.show.disclosure.gate import Gate

ROOT = Path(__file__).parents[1]
HANDMADE = ROOT / "tests" / "handmade"
ARTICLE = ROOT / "data" / "ips" / "published"
# File, line, column and what is written into the cell; every value is such that no message has another reason for it.
FAULTS = (
    ("participants", 3, "sex", "zebra"),
    ("participants", 5, "birth_date", "1957-31-12"),
    ("participants", 7, "included_on", "17 July"),
    ("screening", 4, "referral_source", "neighbour"),
    ("questionnaires", 2, "hads_01", "8888"),
    ("questionnaires", 3, "health_ladder", "7777"),
    ("job_spells", 2, "from_date", "yesteryear"),
    ("income", 4, "pensionable_income_nok", "ninety-nine"),
    ("background", 4, "reading_writing_difficulties", "hardly"),
    ("coordination", 2, "experience", "lukewarm"),
)


@pytest.fixture
def faulty(tmp_path) -> Path:
    """A copy of the trial of ten people with ten different faults in six files."""
    folder = shutil.copytree(HANDMADE, tmp_path / "study")
    for table, line, column, value in FAULTS:
        path = folder / f"{table}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        cells = lines[line - 1].split(",")
        cells[lines[0].split(",").index(column)] = value
        lines[line - 1] = ",".join(cells)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_sound_study_is_called_so(capsys):
    assert main(["check", str(HANDMADE)]) == 0
    said = capsys.readouterr()
    first, *others = said.out.splitlines()
    assert first == f"{HANDMADE}: no problems found"
    assert any(line.startswith("Warnings (nothing") for line in others) and "The report will have:" in others
    assert said.err == ""


def test_a_study_is_found_by_its_name(capsys):
    assert main(["check", "jmo"]) == 0
    assert capsys.readouterr().out.startswith("jmo: no problems found\n")


def test_the_dictionary_is_printed_or_written_without_a_build(tmp_path, capsys):
    assert main(["dictionary"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# Data dictionary") and "Inputs of the cost" not in printed
    assert main(["dictionary", "--study", "ips", "--out", str(tmp_path / "dictionary.md")]) == 0
    assert capsys.readouterr().out == ""
    assert "| `severity` |" in (tmp_path / "dictionary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [["--study", "nowhere"], ["--out", "nowhere/dictionary.md"], ["--out", "/"]])
def test_a_dictionary_that_cannot_be_made_is_one_plain_line(arguments, capsys):
    assert main(["dictionary", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err and "Traceback" not in said.err


@pytest.mark.parametrize("command", [["check"], ["report", "--out", "OUT", "--study"], ["reproduce", "--study"]])
def test_ten_faults_are_listed_at_once_with_their_place_and_without_their_value(command, faulty, tmp_path, capsys):
    out = tmp_path / "out"
    assert main([str(out) if word == "OUT" else word for word in command] + [str(faulty)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "10 problems" in said.err
    located = [line for line in said.err.splitlines() if ", line " in line]
    assert len(located) == 10
    for table, line, column, value in FAULTS:
        assert sum(f"{table}.csv, line {line}, column {column}: " in row for row in located) == 1
        assert value not in said.err
    assert not out.exists()


def test_json_and_a_page_hold_the_same_as_the_text(faulty, tmp_path, capsys):
    assert main(["check", str(faulty), "--json", str(tmp_path / "f.json"), "--html", str(tmp_path / "f.html")]) == 2
    text, page = capsys.readouterr().err, (tmp_path / "f.html").read_text(encoding="utf-8")
    content = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert content["counts"]["problems"] == 10 and not content["usable"]
    for problem in content["problems"]:
        for part in (problem["file"], problem["cause"], problem["remedy"]):
            assert part in text and escape(part) in page
    for unchecked in content["unchecked"]:
        assert unchecked["what"] in text and escape(unchecked["what"]) in page
    assert main(["check", str(faulty), "--json", "-"]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out) == content and said.err == ""


def test_a_sound_study_has_warnings_and_chapters_in_all_three(tmp_path, capsys):
    assert main(["check", str(HANDMADE), "--json", str(tmp_path / "f.json"), "--html", str(tmp_path / "f.html")]) == 0
    text, page = capsys.readouterr().out, (tmp_path / "f.html").read_text(encoding="utf-8")
    content = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert content["usable"] and content["problems"] == [] and content["warnings"]
    for line in (*(warning["cause"] for warning in content["warnings"]), *content["report"]):
        assert line in text and escape(line) in page
    assert "20 tables with 230 rows, all of them used." in text


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_a_place_that_cannot_be_written_is_refused_before_the_check(option, tmp_path, capsys):
    assert main(["check", "nowhere", option, str(tmp_path / "no" / "such.file")]) == 2
    assert capsys.readouterr().err.startswith(f"{option} {tmp_path}")


def test_the_command_itself_ends_without_a_traceback(faulty):
    done = subprocess.run([sys.executable, "-m", "analysis", "check", str(faulty)], capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    listed = done.stderr.split("Not checked")[0]
    assert listed.count("\n") == 11


def test_a_folder_that_is_not_there_is_a_problem_of_the_study(tmp_path, capsys):
    assert main(["check", str(tmp_path / "nowhere")]) == 2
    assert "1 problem\n" in capsys.readouterr().err


def test_an_unknown_chapter_is_refused_with_the_list_of_chapters(tmp_path, capsys):
    assert main(["report", "--study", str(HANDMADE), "--out", str(tmp_path / "out"), "--chapter", "weather"]) == 2
    message = capsys.readouterr().err
    assert "no chapter weather" in message and "employment" in message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["confidence", "study"])
def test_an_unknown_parameter_is_refused_with_the_list_of_parameters(name, tmp_path, capsys):
    command = ["report", "--study", str(HANDMADE), "--out", str(tmp_path / "out"), "--chapter", "participants"]
    assert main([*command, "-p", f"{name}=0.9"]) == 2
    message = capsys.readouterr().err
    assert f"has the parameter {name}" in message and "conf_level" in message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("language", ["xx", ".", "..", "", "en/"])
def test_a_language_without_texts_is_refused(language, tmp_path, capsys):
    assert main(["report", "--study", str(HANDMADE), "--out", str(tmp_path / "out"), "--language", language]) == 2
    assert f"no catalogue for language {language!r}; there is: en" in capsys.readouterr().err


def test_a_parameter_that_nothing_can_be_computed_with_is_refused_at_once(tmp_path, capsys):
    command = ["report", "--study", str(HANDMADE), "--out", str(tmp_path / "out"), "--chapter", "cost_benefit"]
    assert main([*command, "-p", "draws=0"]) == 2
    assert capsys.readouterr().err == "draws takes a whole number from 2, for example draws=2000\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [[], ["publish"], ["check"], ["report", "-p", "conf_level"], ["report", "-p", "level=["], ["report", "--fast"]],
)
def test_a_wrong_command_shows_how_to_write_it(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: python -m analysis" in capsys.readouterr().err


def test_report_hands_over_what_was_asked_and_prints_the_first_page(tmp_path, monkeypatch, capsys):
    asked = []

    def build(request, tell):
        asked.append(request)
        return request.out / "html" / "index.html"

    monkeypatch.setattr(report, "build_report", build)
    command = ["report", "--out", str(tmp_path), "--chapter", "health", "--chapter", "summary", "-p", "conf_level=0.9"]
    assert main(command) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "html" / "index.html")
    assert asked[0].study == report.BUNDLED_STUDY
    assert list(asked[0].chapters) == ["health", "summary"]
    assert asked[0].parameters == {"conf_level": 0.9}


def test_a_report_that_cannot_be_built_says_where_and_keeps_the_last_one(tmp_path, monkeypatch, capsys):
    def build(request, tell):
        raise ReportFailed([Failure("notebooks/health.ipynb, cell 7", "KeyError: 'wave'")])

    monkeypatch.setattr(report, "build_report", build)
    assert main(["report", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "the last good one stays" in said.err
    assert "notebooks/health.ipynb, cell 7: KeyError: 'wave'" in said.err
    assert said.out == ""


def test_a_report_without_a_chapter_that_failed_is_built_and_the_command_says_so(tmp_path, monkeypatch, capsys):
    def build(request, tell):
        raise ChaptersFailed([Failure("notebooks/health.ipynb, cell 7", "KeyError: 'wave'")], tmp_path / "index.html")

    monkeypatch.setattr(report, "build_report", build)
    assert main(["report", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out.strip() == str(tmp_path / "index.html")
    assert "built without what failed" in said.err and "health.ipynb, cell 7: KeyError: 'wave'" in said.err


@pytest.mark.parametrize("command", ["report", "clean"])
@pytest.mark.parametrize("place", ["file", "file/below"])
def test_an_output_folder_that_is_a_file_is_refused_at_once(command, place, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert main([command, "--out", str(tmp_path / place)]) == 2
    assert capsys.readouterr().err == f"--out {tmp_path / place}: {tmp_path / 'file'} is a file. Name a folder.\n"
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("command", ["reproduce", "audit"])
@pytest.mark.parametrize(("place", "said"), [("no/such/x.csv", "there is no folder"), (".", "this is a folder")])
def test_a_csv_file_that_cannot_be_written_is_refused_at_once(command, place, said, tmp_path, monkeypatch, capsys):
    for computing in ("analysis.frames.trial.open_trial", "analysis.published.audit.audit"):
        monkeypatch.setattr(computing, None)
    assert main([command, "--csv", str(tmp_path / place)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"--csv {tmp_path / place}: {said}") and error.count("\n") == 1


def test_a_home_folder_may_be_written_short(monkeypatch, tmp_path, capsys):
    """make passes `OUT=~/report` on as it is, and no folder called ~ must come of it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "out").write_text("a file")
    assert main(["report", "--out", "~/out"]) == 2
    assert f"{tmp_path / 'out'} is a file" in capsys.readouterr().err


def commands_on_a_study() -> dict[str, dict[str, argparse.Action]]:
    """Every command that takes a study folder, also a future one, with its arguments by name."""
    commands = next(action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)).choices
    arguments = {name: {action.dest: action for action in parser._actions} for name, parser in commands.items()}
    return {name: taken for name, taken in arguments.items() if "study" in taken}


@pytest.mark.parametrize(("policy", "command", "said"), [
    ("as_published", "report", "report --i-may-publish-small-cells"),
    ("as_published", "reproduce", "report --i-may-publish-small-cells"),
    ("protected", "reproduce", "hangs on all pages together")])  # fmt: skip
def test_no_command_shows_cells_that_nobody_looked_at(policy, command, said, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("ANALYSIS_SMALL_CELLS")
    folder = shutil.copytree(HANDMADE, tmp_path / "study")
    settings = (folder / "study.yml").read_text(encoding="utf-8")
    for old, new in (("data: synthetic", "data: real"), ("disclosure: as_published", f"disclosure: {policy}")):
        settings = settings.replace(old, new)
    (folder / "study.yml").write_text(settings, encoding="utf-8")
    place = ["--out", str(tmp_path / "out")] if command == "report" else ["--csv", str(tmp_path / "scores.csv")]
    assert main([command, "--study", str(folder), *place]) == 2
    told = capsys.readouterr()
    assert told.out == "" and "Traceback" not in told.err and said in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_the_word_for_small_cells_survives_what_surrounds_a_run(monkeypatch):
    assert surroundings.calm({SMALL_CELLS: "1"})[SMALL_CELLS] == "1"


@pytest.fixture
def reported(tmp_path) -> Path:
    """The hand-made study with the published figures of the bundled one in its folder."""
    folder = shutil.copytree(HANDMADE, tmp_path / "reported")
    shutil.copytree(PUBLISHED, folder / "published")
    return folder


def test_what_reproduce_writes_went_through_the_policy_and_is_labelled(tmp_path, monkeypatch, reported):
    asked = []
    monkeypatch.setattr(Gate, "result", lambda self, result, page: asked.append(result) or result)
    monkeypatch.setattr(Gate, "as_computed", lambda self, frame, *_: np.zeros(len(frame), bool))
    assert main(["reproduce", "--study", str(reported), "--csv", str(tmp_path / "scores.csv")]) == 0
    written = pd.read_csv(tmp_path / "scores.csv")
    assert [result.name for result in asked] == ["numbers"] and len(asked[0].download) == len(written)
    assert set(written["verdict"]) == {"not_compared", "not_computed"} and written["difference"].isna().all()
    assert written["data"].str.startswith("Synthetic").all()


def test_reproduce_holds_a_study_to_the_print_in_its_own_folder(tmp_path, capsys, reported):
    target = tmp_path / "scores.csv"
    assert main(["reproduce", "--study", str(reported), "--csv", str(target)]) == 0
    scores = pd.read_csv(target)
    assert "not_computed" in capsys.readouterr().out
    assert scores["verdict"].notna().all() and scores["computed"].notna().any()
    assert len(scores) == len(pd.read_csv(PUBLISHED / "cells.csv"))


def test_reproduce_needs_a_published_report(capsys):
    assert main(["reproduce", "--study", str(HANDMADE)]) == 2
    told = capsys.readouterr()
    assert "it would need printed numbers of a published report" in told.err and told.out == ""


def test_audit_of_the_example_article_finds_what_holds(tmp_path, capsys):
    target = tmp_path / "relations.csv"
    files = ["--cells", str(ARTICLE / "cells.csv"), "--relations", str(ARTICLE / "relations.yml")]
    assert main(["audit", *files, "--csv", str(target)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("11 relations: 11 hold, 0 findings")
    assert list(pd.read_csv(target)["verdict"]) == ["holds"] * 11


def test_audit_reports_a_number_that_does_not_fit(tmp_path, capsys):
    cells = pd.read_csv(ARTICLE / "cells.csv", dtype=str, keep_default_na=False)
    cells.loc[cells["row"] == "heading_months_of_work", "value"] = "4"
    cells.to_csv(tmp_path / "cells.csv", index=False)
    relations = str(ARTICLE / "relations.yml")
    assert main(["audit", "--cells", str(tmp_path / "cells.csv"), "--relations", relations]) == 0
    said = capsys.readouterr().out
    assert "article, line 36" in said and "The heading repeats" in said
    assert said.splitlines()[-1].startswith("11 relations: 10 hold, 1 finding, ")


def test_audit_asked_to_be_strict_fails_with_findings_and_only_then(capsys):
    """1 with findings, 0 without; unasked, findings are no failure of the command."""
    pilots = PUBLISHED.parents[1] / "jmo" / "published"
    for folder, expected in ((ARTICLE, 0), (pilots, 1)):
        files = ["--cells", str(folder / "cells.csv"), "--relations", str(folder / "relations.yml")]
        assert main(["audit", *files, "--strict"]) == expected
    assert main(["audit", *files]) == 0


COUNT, MEAN = "article/allocated/usual/n", "article/months_of_work_43m/ips/mean"
RELATION = "- {{name: a, check: {check}, about: x, cells: {{{cells}}}, bears_on: {bears_on}{more}}}\n"


def relation(check="equal", cells=f"a: {COUNT}, b: {COUNT}", bears_on="context", more="") -> str:
    return RELATION.format(check=check, cells=cells, bears_on=bears_on, more=more)


@pytest.mark.parametrize(
    ("relations", "named"),
    [
        (relation(check="guess"), "line 1, setting a.check: No check is called 'guess'. There is formula,"),
        (relation(check="equals"), "Did you mean equal?"),
        (relation(bears_on="all"), "setting a.bears_on: 'all' is not allowed. Choose conclusion, economics,"),
        (relation(cells=f"a: article/alocated/usual/n, b: {COUNT}"),
         f"no article/alocated/usual/n. Did you mean {COUNT}"),
        (relation(more=", scales: 100"), "setting a.scales: The check equal has no option 'scales'. It has scale."),
        (relation(more=", scale: many"), "setting a.scale: This is not a number."),
        (relation(cells=f"a: {COUNT}"), "setting a.cells: The check needs the cell 'b' (the number again)."),
        (relation(cells=f"a: {COUNT}, b: {COUNT}, c: {COUNT}"), "setting a.cells.c: The check takes no cell 'c'."),
        (relation(cells=f"a: [{COUNT}], b: {COUNT}"), "setting a.cells.a: This is not one address."),
        (relation(check="p_value", cells=f"p: {MEAN}"), "Give t, df; or z; or b, ci_low, ci_high;"),
        (relation(check="formula", more=", formula: a ^ 2, result: b"), "setting a.formula: This cannot be computed"),
        (relation(check="formula", more=", formula: a, result: c"), "setting a.result: 'c' is not among the cells."),
        (relation(check="formula", more=", formula: a"), "The check formula needs 'result'"),
        (relation("formula", f"a: {COUNT}, b: {COUNT}, c: {COUNT}", more=", formula: a, result: b"),
         "setting a.formula: The formula does not use c."),
        (relation("formula", more=", formula: a * k, result: b, constants: {k: many}"),
         "setting a.constants.k: This is not a number."),
        (relation(more=', for: {row: "*"}'), "setting a.for: Not both in the cells and under `for` or `each`: row."),
        (relation(cells='a: "article/{row}/x/n", b: "article/{row}/x/n"', more=', for: {row: "*"}'),
         "setting a.for: For no value does the report print all these cells."),
        (relation() * 2, "line 2, setting a.name: Another relation has this name."),
        ("- {name: a, check: equal,\n   about: x, check: share}\n", "relations.yml, line 2, setting 0.check"),
        ("- {name: a, check: [equal}\n", "relations.yml, line 1: The file is not valid YAML"),
        ("name: a\n", "The file is not a list of relations."),
        ("- a\n", "line 1: This is not a relation."),
        ("- {name: a}\n", "setting a: The relation lacks check, about, cells, bears_on."),
    ],
)  # fmt: skip
def test_audit_names_what_is_wrong_with_relations(relations, named, tmp_path, capsys):
    """File, line, relation, key and what is allowed; several faults at once; never a traceback."""
    (tmp_path / "relations.yml").write_text(relations, encoding="utf-8")
    cells = str(ARTICLE / "cells.csv")
    assert main(["audit", "--cells", cells, "--relations", str(tmp_path / "relations.yml")]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("The audit cannot be made. ") and named in said.err
    assert "relations.yml, line " in said.err and said.out == ""


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("i007,article,follow_up,last,months,43", "i007,article,follow_up,last,months,43 months",
         "cells.csv, line 2, column value: This is not a number."),
        ("follow_up,last,months,43", "follow_up,last,months,43.25",
         "cells.csv, line 2, column decimals: The number has more decimals than these."),
        ("i009,", "i007,article,follow_up,last,months,43,0,24,\ni009,",
         "cells.csv, line 3: Another row has the same source"),
        ("follow_up,last", "follow/up,last", "cells.csv, line 2, column row: The code is empty or has a stroke."),
        (",decimals,", ",places,", "cells.csv: The file lacks decimals."),
    ],
)  # fmt: skip
def test_audit_names_what_is_wrong_with_printed_numbers(old, new, named, tmp_path, capsys):
    cells = (ARTICLE / "cells.csv").read_text(encoding="utf-8")
    assert old in cells
    (tmp_path / "cells.csv").write_text(cells.replace(old, new, 1), encoding="utf-8")
    assert main(["audit", "--cells", str(tmp_path / "cells.csv"), "--relations", str(ARTICLE / "relations.yml")]) == 2
    assert named in capsys.readouterr().err


def test_audit_does_without_lines_and_notes(tmp_path, capsys):
    cells = pd.read_csv(ARTICLE / "cells.csv", dtype=str, keep_default_na=False)
    cells.loc[cells["row"] == "heading_months_of_work", "value"] = "4"
    cells.drop(columns=["id", "line", "note"]).to_csv(tmp_path / "cells.csv", index=False)
    assert main(["audit", "--cells", str(tmp_path / "cells.csv"), "--relations", str(ARTICLE / "relations.yml")]) == 0
    said = capsys.readouterr().out
    assert "] article: The heading repeats" in said and "nan" not in said


@pytest.mark.parametrize(("option", "lacking"), [("--cells", "--relations"), ("--relations", "--cells")])
def test_audit_of_another_report_needs_both_of_its_files(option, lacking, tmp_path, capsys):
    """Held to the relations of the bundled report, the numbers of another lacked a thousand addresses."""
    assert main(["audit", option, str(tmp_path / "own")]) == 2
    assert capsys.readouterr().err.startswith(f"audit: {lacking} is needed, too")


@pytest.mark.parametrize("option", ["--cells", "--relations"])
@pytest.mark.parametrize("measured", [[], ["--coverage"], ["--mutate", "1"]])
@pytest.mark.parametrize(("bad", "said"), [
    ("none", "The file cannot be read: No such file or directory. Look at its rights and where it lies."),
    ("folder", "The file cannot be read: Is a directory. Look at its rights and where it lies."),
    ("pipe", "This is a pipe, not a file. Put the file there."), ("empty", "The file "), ("binary", "The file is no"),
])  # fmt: skip
def test_audit_without_its_files_is_one_problem_with_its_place(option, measured, bad, said, tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 9)
    files = {"--cells": str(ARTICLE / "cells.csv"), "--relations": str(ARTICLE / "relations.yml")}
    files[option] = str(tmp_path / bad)
    assert main(["audit", *(part for pair in files.items() for part in pair), *measured]) == 2
    first, problem = capsys.readouterr().err.splitlines()
    assert first.endswith(f" 1 problem in {tmp_path}:")
    assert re.match(rf"  1\. {bad}(, row 2)?: {re.escape(said)}", problem)


@pytest.mark.parametrize("command", [["audit", "--mutate", "1"], ["simulate-register", "--people", "9"]])
def test_a_seed_is_a_whole_number_from_1(command, capsys):
    with pytest.raises(SystemExit):
        main([*command, "--seed", "-5"])
    assert "-5" in capsys.readouterr().err
