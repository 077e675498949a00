"""Tables in the files of other programs: every format gives the same study, and what gives none is named."""

import gzip
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.book.inputs import seen
from analysis.book.provenance import data_files
from analysis.frames.trial import open_trial
from analysis.study.contract import TABLES
from analysis.study.intake import check_study, read_study, recognised
from analysis.study.table_files import forms, read_table_file
from analysis.study.table_files.folder import sources_in
from analysis.study.table_files.raw import cell_text
from tests.table_formats import FORMATS
from tests.walk import shown

HANDMADE = Path(__file__).parent / "handmade"
PEOPLE = "participant_id,included_on\nP0001,2010-06-15\n"


@pytest.fixture(scope="module")
def tables():
    return read_study(HANDMADE)[1]


@pytest.fixture
def without_tables(tmp_path):
    return Path(shutil.copytree(HANDMADE, tmp_path / "study", ignore=shutil.ignore_patterns("*.csv")))


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(HANDMADE, tmp_path / "study"))


def located(problems):
    return {(problem.file, problem.row, problem.column, problem.kind) for problem in problems}


def of_files(folder):
    """Names of files and kinds of what is wrong with them, before any table is read."""
    return {(problem.file, problem.kind) for problem in sources_in(folder, TABLES).problems}


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# The same study in every format


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_tables(without_tables, tables, name):
    FORMATS[name](without_tables, tables)
    read = read_study(without_tables)[1]
    assert list(read) == list(tables)
    for table in tables:
        pd.testing.assert_frame_equal(read[table], tables[table], check_exact=True)


def test_a_chapter_says_the_same_of_every_format(without_tables, tables, monkeypatch):
    """One with value labels, whose tables have come the longest way."""

    def said(folder):
        return hashlib.sha256(repr(shown(monkeypatch, "process_evaluation", open_trial(folder))).encode()).hexdigest()

    plain = said(HANDMADE)
    FORMATS["spss"](without_tables, tables)
    assert said(without_tables) == plain


def test_what_was_recognised_is_said_in_one_line_a_table(without_tables, tables):
    wanted = {name: tables[name] for name in ("participants", "contacts", "background")}
    FORMATS["semicolons"](without_tables, wanted)
    assert recognised(without_tables) == [
        "participants.csv: 10 rows, semicolon, dates dd.mm.yyyy, NA for missing",
        "background.csv: 9 rows, semicolon, decimal comma, NA for missing",
        "contacts.csv: 5 rows, semicolon, dates dd.mm.yyyy, decimal comma",
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [("packed", "participants.TXT.GZ: 10 rows, vertical bar, gzip"),
     ("tabs", "participants.tsv: 10 rows, tab, UTF-16, time stamps at 00:00, . for missing"),
     ("workbook", "study.XLSX (participants): 10 rows, sheet participants"),
     ("spss", "participants.sav: 10 rows, SPSS, value labels of 1 column"),
     ("duckdb", "study.duckdb (PARTICIPANTS): 10 rows, DuckDB")],
)  # fmt: skip
def test_the_line_names_the_format(without_tables, tables, name, told):
    FORMATS[name](without_tables, {"participants": tables["participants"]})
    assert recognised(without_tables) == [told]


def test_provenance_lists_files_of_every_format(without_tables, tables):
    few = {name: tables[name] for name in ("participants", "centres")}
    FORMATS["sqlite"](without_tables, few)
    digest = hashlib.sha256((without_tables / "study.db").read_bytes()).hexdigest()
    listed = [(file.name, file.rows, file.checksum) for file in data_files(without_tables, seen(without_tables))]
    assert listed == [("study.db (centres)", 2, digest), ("study.db (participants)", 10, digest)]


# Problems are located in the file as it is


@pytest.mark.parametrize(("name", "file", "row"), [("semicolons", "income.csv", 4), ("excel", "income.xlsx", 4),
                                                   ("parquet", "income.parquet", 3),
                                                   ("sqlite", "study.db (income)", 3)])  # fmt: skip
def test_a_problem_names_the_file_and_its_line_or_row(without_tables, tables, name, file, row):
    income = tables["income"].copy()
    income.loc[2, "pensionable_income_nok"] = -5
    FORMATS[name](without_tables, {**tables, "income": income})
    (problem,) = check_study(without_tables)
    assert located([problem]) == {(file, row, "pensionable_income_nok", "out_of_range")}
    assert f"{'line' if file.endswith('csv') else 'row'} {row}" in str(problem)


def test_lines_count_what_stands_above_the_header_and_breaks_in_cells(tmp_path):
    path = written(tmp_path, "a.csv", 'sep=;\n\nx;y\n"1\n2";3\n;\n4;5;6\n7;8\n')
    raw = read_table_file(path)
    assert (raw.header_row, list(raw.cells.index)) == (3, [4, 8])
    assert [problem.row for problem in raw.problems] == [7]


@pytest.mark.parametrize(
    ("table", "old", "new", "row", "column", "kind"),
    [("contacts", "2010-06-22", "22/06/2010", None, None, None),
     ("contacts", "2010-06-22", "6/22/2010", None, None, None),
     ("contacts", "2010-06-22", "05/06/2010", 2, "contact_on", "ambiguous_date"),
     ("contacts", "2010-06-22", "22.06.2010", None, None, None),
     ("contacts", "2010-06-22", "06.22.2010", 2, "contact_on", "unreadable_date"),
     ("contacts", "2010-06-22", "22.06.10", 2, "contact_on", "unreadable_date"),
     ("contacts", "2010-06-22", "2010-06-21T22:00:00Z", 2, "contact_on", "time_of_day"),
     ("contacts", "2010-06-22", "9999-12-31", 2, "contact_on", "unreadable_date"),
     ("contacts", "0.75", '"0,75"', 3, "hours", "mixed_decimals"),
     ("contacts", "0.75", "7.5E-1", None, None, None),
     ("contacts", "0.75", "1e999", 3, "hours", "not_a_number"),
     ("income", "400000", '"400,000"', 2, "pensionable_income_nok", "ambiguous_number"),
     ("income", "400000", "4e+05", None, None, None),
     ("income", "400000", "400 000", None, None, None),
     ("participants", "woman", "NA", None, None, None),
     ("participants", "hordaland,sfj", "NA,sfj", 2, "centre", "missing_value"),
     ("extract_differences", "table_02,P0002,sex,woman", "table_02,P0002,sex,NA", 2, "value", "unknown_code")],
)  # fmt: skip
def test_values_are_read_one_way_or_told(folder, table, old, new, row, column, kind):
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert located(check_study(folder)) == ({(path.name, row, column, kind)} if kind else set())


def test_dates_of_both_orders_settle_nothing():
    dates = ["22/06/2010", "06/22/2010", "05/06/2010", "05/05/2010"]
    found = forms.forms_of([], dates)
    assert [forms.iso_date(date, found) for date in dates] == [None, None, None, "2010-05-05"]


def test_a_point_with_three_digits_is_settled_by_the_other_numbers_of_a_file_with_semicolons():
    def read(*texts, plain=False):
        found = forms.forms_of(texts, [], plain=plain)
        return [forms.number_text(text, found) for text in texts]

    assert read("400.000", "12") == [None, "12"]
    assert read("400.000", "0.5") == ["400.000", "0.5"]
    assert read("400.000", "0,5") == [None, "0.5"]
    assert read("400.000", plain=True) == ["400.000"]
    assert read("400,000", "1,25") == ["400.000", "1.25"]


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**15), 10**15)))
def test_the_text_of_a_number_gives_the_number_again(value):
    text = forms.number_text(cell_text(value), forms.Forms())
    assert float(text) == value


@given(st.text(max_size=30))
def test_no_text_is_too_odd_to_be_read(text):
    found = forms.forms_of([text], [text], plain=False)
    forms.iso_date(text, found)
    forms.number_text(text, found)
    forms.fault_of_date(text)
    forms.fault_of_number(text, found)


def test_numbers_of_four_bytes_have_their_own_digits(tmp_path):
    pd.DataFrame({"hours": pd.Series([6.8, 0.1], dtype="float32")}).to_stata(tmp_path / "a.dta", write_index=False)
    assert read_table_file(tmp_path / "a.dta").cells["hours"].tolist() == ["6.8", "0.1"]


def test_row_numbers_that_pandas_keeps_of_a_filtered_frame_are_no_column(tmp_path, tables):
    tables["income"].iloc[[4, 1, 2]].to_parquet(tmp_path / "income.parquet")
    raw = read_table_file(tmp_path / "income.parquet")
    assert raw.header == tuple(tables["income"]) and list(raw.cells.index) == [1, 2, 3]


def test_flags_are_what_their_labels_say(tmp_path, folder):
    """0 stands for yes here, so that the number alone would say the contrary."""
    numbers = {"positions": 5, "job_consultant_positions": 1.5, "focus_group_size": 5}
    frame = pd.DataFrame([{"centre": "oslo", "co_located_with_advisory_office": 0, "only_psychologists": 1, **numbers}])
    labels = {"co_located_with_advisory_office": {0: "Ja", 1: "Nei", 9: "Ubesvart"}}
    (folder / "centres.csv").unlink()
    pyreadstat.write_sav(frame, str(folder / "centres.sav"), variable_value_labels=labels)
    centres = read_study(folder)[1]["centres"]
    assert centres[["co_located_with_advisory_office", "only_psychologists"]].iloc[0].tolist() == [True, True]


# Files that give no table


def test_files_that_look_like_tables_are_named(folder):
    for name in ("measure.csv", "patients.CSV", "measures.xls", "codes.ods", "income.json", "income.pkl", "old.rds",
                 "extra.parquet"):  # fmt: skip
        written(folder, name, PEOPLE)
    named = ("income.tab", "income.csv~", "income.csv.part", "income", "Income.csv.1", "income.XLTX", "cohort.pq")
    for name in named:
        written(folder, name, PEOPLE)
    about = ("income.md", "income.R", "income.PDF", "notes.txt", "README.md", "plan.json")
    for name in (*about, ".participants.csv.swp", "~$measures.xlsx", "Thumbs.db"):
        written(folder, name, "Notes.\n")
    (folder / "screening.csv").rename(folder / "Screening.CSV")
    assert of_files(folder) == {
        ("measure.csv", "unknown_file"), ("patients.CSV", "unknown_file"), ("extra.parquet", "unknown_file"),
        ("measures.xls", "unreadable_format"), ("codes.ods", "unreadable_format"), ("old.rds", "unreadable_format"),
        ("income.json", "unreadable_format"), ("income.pkl", "unreadable_format"),
        *((name, "unreadable_format") for name in named),
    }  # fmt: skip


def test_a_table_in_two_files_is_refused_and_its_rows_are_not_missed(folder):
    shutil.copy(folder / "participants.csv", folder / "PARTICIPANTS.csv")
    shutil.copy(folder / "income.csv", folder / "income.txt")
    assert located(check_study(folder)) == {
        (name, None, None, "table_twice")
        for name in ("participants.csv", "PARTICIPANTS.csv", "income.csv", "income.txt")
    }


def test_a_workbook_of_several_sheets_needs_one_of_the_tables_name(tmp_path):
    path = tmp_path / "income.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["participant_id", "year", "pensionable_income_nok"])
    book.create_sheet("Sheet2")
    book.save(path)
    assert read_table_file(path, "income").header[0] == "participant_id"
    book["Sheet2"].append(["note"])
    book.save(path)
    assert [problem.kind for problem in read_table_file(path, "income").problems] == ["missing_sheet"]
    book["Sheet2"].title = "Income "
    book.save(path)
    assert read_table_file(path, "income").header == ("note",)


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_a_table_without_columns_is_named_and_not_absent(folder, ending):
    (folder / "income.csv").unlink()
    nothing = pd.DataFrame()
    nothing.to_parquet(folder / "income.parquet") if ending == "parquet" else nothing.to_excel(folder / "income.xlsx")
    assert [(each.file, each.kind) for each in check_study(folder)] == [(f"income.{ending}", "missing_header")]


def test_a_formula_that_nobody_computed_is_no_empty_cell(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["x", "y"])
    book.active.append([1, "=A2+1"])
    book.save(tmp_path / "a.xlsx")
    (problem,) = read_table_file(tmp_path / "a.xlsx").problems
    assert (problem.row, problem.kind) == (2, "formula_without_value")


def test_a_time_of_a_time_zone_in_a_database_is_named_at_its_column(folder, tables):
    (folder / "income.csv").unlink()
    with duckdb.connect(folder / "study.duckdb") as database:
        database.register("frame", tables["income"])
        database.execute('create table income as select *, now() as "read ""on" from frame')
    raw = read_table_file(folder / "study.duckdb", "income")
    assert raw.problems == () and raw.cells['read "on'].notna().all()
    assert [problem.kind for problem in check_study(folder)] == ["unknown_column"]


def test_tables_of_a_database_that_the_contract_does_not_know_are_named(folder):
    with sqlite3.connect(folder / "study.db") as database:
        database.execute("create table scratch (x)")
    assert of_files(folder) == {("study.db", "unknown_file")}
    with sqlite3.connect(folder / "study.db") as database:
        database.execute("create table measures (x)")
    (folder / "measures.csv").unlink()
    assert of_files(folder) == {("study.db (scratch)", "unknown_file")}


CUT = {"excel": ".xlsx", "parquet": ".parquet", "stata": ".dta", "spss": ".sav", "sas": ".sas7bdat"}


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("share", [0, 0.3, 0.9])
def test_a_file_that_was_cut_is_a_problem_of_the_file(tmp_path, tables, name, share):
    FORMATS[name](tmp_path, {"participants": tables["participants"]})
    path = tmp_path / f"participants{CUT[name]}"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    raw = read_table_file(path, "participants")
    assert [problem.kind for problem in raw.problems] == ["unreadable_file" if share else "empty_file"]
    assert raw.cells.empty and "P0001" not in str(raw.problems[0])


GZ = gzip.compress(PEOPLE.encode() * 50, mtime=0)


@pytest.mark.parametrize(
    ("file", "content", "kind"),
    [("a.csv", b"", "missing_header"),
     ("a.csv", b"\n \n", "missing_header"),
     ("a.csv.gz", GZ[:40], "damaged_file"),
     ("a.csv", b"PK\x03\x04" + b"\0" * 50, "not_text"),
     ("a.csv", b"x,y\n1,\0\0\0\n" + b"a" * 99, "not_text"),
     ("a.csv", b"x,y\n1,\x81\x8d\n", "not_utf8"),
     ("a.csv", "x,y\nÅse,".encode() + b"\xe5\n", "not_utf8"),
     ("a.csv", "x,y\n1,2\n".encode("utf-16")[:-1], "not_utf8"),
     ("a.csv", b'x,y\n1,"2\n', "unreadable_row"),
     ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "unreadable_file"),
     ("a.xlsx", PEOPLE.encode(), "unreadable_file"),
     ("a.duckdb", PEOPLE.encode() * 400, "unreadable_file"),
     ("a.db", b"SQLite format 3\0" + b"\0" * 500, "unreadable_file"),
     ("a.rds", b"RDX3", "unreadable_format")],
)  # fmt: skip
def test_a_file_that_is_no_table_says_why(tmp_path, file, content, kind):
    raw = read_table_file(written(tmp_path, file, content))
    assert [problem.kind for problem in raw.problems] == [kind]
    assert all(problem.cause and problem.remedy and "P0001" not in str(problem) for problem in raw.problems)


def test_a_folder_a_dead_link_and_a_file_without_permission(folder, monkeypatch):
    for table in ("measures", "income", "contacts"):
        (folder / f"{table}.csv").unlink()
    (folder / "measures.csv").mkdir()
    (folder / "income.csv").symlink_to(folder / "nowhere.csv")
    written(folder, "contacts.csv", PEOPLE)
    open_file = Path.open

    def refusing(path, *arguments, **options):
        if path.name == "contacts.csv":
            raise PermissionError
        return open_file(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refusing)
    (folder / "circle.csv").symlink_to("circle.csv")
    names = ("measures", "income", "circle", "contacts")
    found = [read_table_file(folder / f"{name}.csv").problems[0].kind for name in names]
    assert found == ["not_a_file", "not_a_file", "not_a_file", "no_permission"]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_a_file_that_fills_the_memory_is_a_problem_of_the_file(tmp_path, monkeypatch, name):
    """A small packed file may hold anything."""

    def filling(*_):
        raise MemoryError

    monkeypatch.setattr(Path, "read_bytes", filling)
    monkeypatch.setattr(gzip, "open", filling)
    (problem,) = read_table_file(written(tmp_path, name, GZ if name.endswith("gz") else PEOPLE)).problems
    assert (problem.file, problem.kind) == (name, "too_large") and "memory" in problem.cause


def test_a_cell_without_end_is_not_only_called_an_open_quotation_mark(tmp_path):
    (problem,) = read_table_file(written(tmp_path, "a.csv", "x,y\n1," + "2" * 200_000)).problems
    assert problem.row == 2 and "131,072 characters" in problem.cause


@pytest.mark.parametrize("name", ["income.csv", "income.xlsx", "mapping.yml"])
def test_a_pipe_is_named_and_not_waited_for(folder, name):
    """In a process of its own: one that waits for a pipe waits without end."""
    (folder / "income.csv").unlink()
    os.mkfifo(folder / name)
    run = "import sys; from analysis.study.intake import check_folder; print(check_folder(sys.argv[1]).problems)"
    done = subprocess.run([sys.executable, "-c", run, folder], capture_output=True, text=True, timeout=60)
    assert f"file='{name}'" in done.stdout and "'not_a_file'" in done.stdout, done.stderr


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere.yml")])
def test_a_mapping_that_is_no_file_is_named(folder, make):
    make(folder / "mapping.yml")
    assert [(problem.file, problem.kind) for problem in check_study(folder)] == [("mapping.yml", "unreadable_file")]


def test_nothing_is_written_beside_a_database(tmp_path, tables):
    FORMATS["sqlite"](tmp_path, {"centres": tables["centres"]})
    FORMATS["duckdb"](tmp_path, {"centres": tables["centres"]})
    before = sorted(os.listdir(tmp_path))
    assert len(read_table_file(tmp_path / "study.db", "centres").cells) == 2
    assert len(read_table_file(tmp_path / "study.duckdb", "centres").cells) == 2
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_database_that_another_program_writes_is_refused(tmp_path, tables, mode):
    FORMATS["sqlite"](tmp_path, {"centres": tables["centres"]})
    path = tmp_path / "study.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(f"pragma journal_mode={mode}; pragma cache_size=1; begin; create table more (x)")
        database.executemany("insert into more values (?)", [("x" * 9_000,)] * 20)  # more than memory may hold
        assert [each.kind for each in read_table_file(path, "centres").problems] == ["unreadable_file"]
        database.execute("commit")
        database.execute("pragma wal_checkpoint(truncate)")
        assert read_table_file(path, "centres").problems == ()


def test_libraries_of_other_programs_are_loaded_only_when_needed():
    code = "import analysis.study.intake, sys; print(*sorted({'duckdb', 'openpyxl', 'pyreadstat'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"
