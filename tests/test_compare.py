"""Two reports side by side: what is equal, what changed and how much it matters, and how it is told."""

import json
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from analysis.__main__ import main
from analysis.book.compare import NoReport, compare
from analysis.book.compared import lines, page
from analysis.show.catalogue import Catalogue

TABLE = """table,row,row_label,column,column_label,statistic,value,count,data
t,work,In work,difference,Difference,pct,{pct},10,x
t,work,In work,difference,Difference,ci_low,-4.0,,x
t,work,In work,difference,Difference,ci_high,8.0,,x
t,hours,"<b>Hours</b>",sfj,SFJ,mean,{mean},{count},x
"""
FIGURE = "month,arm,estimate,conf_low,conf_high,data\n1,sfj,0.5,0.4,{high},x\n"
WORDS = Catalogue()


def written(
    folder: Path, pct="2.0", mean="10.0", count="9", high="0.6", direction="unclear", said="is not clear"
) -> Path:
    """A report of one chapter with a table, a figure, key numbers and a sentence."""
    results = folder / "html" / "results" / "employment"
    results.mkdir(parents=True)
    (results / "t.csv").write_text(TABLE.format(pct=pct, mean=mean, count=count), encoding="utf-8")
    (results / "f.csv").write_text(FIGURE.format(high=high), encoding="utf-8")
    (results / "numbers.json").write_text(json.dumps({"numbers": {"people": 10}}), encoding="utf-8")
    sentence = {"chapter": "employment", "key": "main", "direction": direction, "text": f"It {said}.", "values": {}}
    (results / "sentences.json").write_text(json.dumps([sentence]), encoding="utf-8")
    facts = {"data": {"study": {"participants.csv": {"rows": 10, "sha256": "a" * 64}}}, "code": {"revision": "r1"},
             "parameters": {"language": "en"}, "study": {}, "packages": {}, "chapters": {}}  # fmt: skip
    (folder / "html" / "provenance.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


@pytest.fixture
def old(tmp_path) -> Path:
    return written(tmp_path / "old")


def test_equal_reports_are_told_as_equal(old, tmp_path, capsys):
    assert main(["compare", str(old), str(shutil.copytree(old, tmp_path / "new"))]) == 0
    assert capsys.readouterr().out.startswith("The reports are equal: 10 numbers")


def test_changes_are_sorted_by_half_the_width_of_their_interval(old, tmp_path):
    found = compare(old, written(tmp_path / "new", pct="5.0", mean="11.0", high="0.7", count="8"))
    told = [(change.place[-1], change.difference, round(change.weight, 3)) for change in found.changes]
    assert told == [
        ("pct", 3.0, 0.5),
        ("mean", 1.0, 0.091),
        ("conf_high", pytest.approx(0.1), 1.0),
        ("count", -1.0, 0.111),
    ]
    assert (found.numbers, found.is_equal) == (10, False)


def test_a_suppressed_cell_is_compared_as_what_it_is(old, tmp_path):
    found = compare(old, written(tmp_path / "new", mean="<5", count="<5"))
    assert [(change.old, change.new, change.difference) for change in found.changes] == [
        ("10.0", "<5", None), ("9", "<5", None)
    ]  # fmt: skip
    assert compare(written(tmp_path / "same", mean="<5", count="<5"), tmp_path / "new").is_equal


def test_rows_tables_and_chapters_that_come_and_go(old, tmp_path):
    new = written(tmp_path / "new")
    table = new / "html" / "results" / "employment" / "t.csv"
    table.write_text(table.read_text().replace("hours", "weeks"), encoding="utf-8")
    shutil.copytree(table.parent, new / "html" / "results" / "health")
    found = compare(old, new)
    assert found.lost_rows == [
        ("employment/t", "hours", "sfj", "mean"),
        ("employment/t", "hours", "sfj", "mean", "count"),
    ]
    assert [place[1] for place in found.new_rows] == ["weeks", "weeks"]
    assert "Chapters: new health; lost –" in lines(found, WORDS)
    assert "Tables and figures: new –; lost health/f, health/numbers, health/t" in lines(compare(new, old), WORDS)


def test_sentences_that_turned_are_told_with_both_texts(old, tmp_path, capsys):
    new = written(tmp_path / "new", direction="higher", said="is higher")
    assert main(["compare", str(old), str(new)]) == 1
    told = capsys.readouterr().out
    assert "Sentences: 1 turned, 0 in other words, 0 new, 0 lost" in told
    assert "(unclear → higher)\n  Old: It is not clear.\n  New: It is higher." in told
    reworded = compare(old, written(tmp_path / "other", said="is doubtful"))
    assert [(turn.has_turned, turn.old, turn.new) for turn in reworded.turns] == [
        (False, "It is not clear.", "It is doubtful.")
    ]


def test_what_the_reports_were_made_from(old, tmp_path):
    new = written(tmp_path / "new")
    manifest = new / "html" / "provenance.json"
    facts = json.loads(manifest.read_text())
    facts["data"]["study"]["participants.csv"] = {"rows": 9, "sha256": "b" * 64}
    facts["parameters"] |= {"conf_level": 0.9, "chapters": ["health", "summary"]}
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    told = lines(compare(old, new), WORDS)
    assert (
        "Data: study · participants.csv · rows: 10 → 9; study · participants.csv · sha256: aaaaaaaa… → bbbbbbbb…"
        in told
    )
    assert "Parameters: conf_level: – → 0.9; chapters: – → health, summary" in told
    assert "Program: the same" in told
    facts["code"]["revision"] = "c" * 40
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    assert "Program: revision: r1 → cccccccc…" in lines(compare(old, new), WORDS)
    manifest.unlink()
    assert lines(compare(written(tmp_path / "b", pct="1"), new), WORDS)[0].startswith("Made from: not compared")


def test_the_page_is_whole_accessible_and_literal(old, tmp_path):
    new = written(tmp_path / "new", pct="5.0", direction="higher", said="is <i>higher</i>")
    assert main(["compare", str(old), str(new), "--html", str(tmp_path / "page.html")]) == 1
    shown = BeautifulSoup((tmp_path / "page.html").read_text(encoding="utf-8"), "html.parser")
    assert shown.html["lang"] == "en" and shown.title.text == shown.h1.text
    assert not shown.select("script, link, img, i, b, [href], [src]")
    assert all(table.caption and table.select("th[scope=row]") for table in shown.select("table"))
    assert "It is <i>higher</i>." in shown.text
    assert page(compare(old, new), WORDS) == (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_folder_without_a_report_is_refused_in_one_line(old, tmp_path, capsys):
    with pytest.raises(NoReport):
        compare(old, tmp_path)
    assert main(["compare", str(old), str(tmp_path / "nothing")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    (old / "html" / "results" / "employment" / "sentences.json").write_text("[{", encoding="utf-8")
    assert main(["compare", str(old), str(old)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
