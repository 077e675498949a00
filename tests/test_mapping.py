"""mapping.yml: strict settings, each operation by hand, every row accounted for, faults named at their source."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.frames.trial import open_trial
from analysis.study.contract import TABLES
from analysis.study.contract.columns import KINDS, kind_of
from analysis.study.intake import check_folder, check_study, read_study
from analysis.study.mapping import cells
from analysis.study.mapping.records import Records
from analysis.study.mapping.settings import FieldRule, Filter
from analysis.study.problems import Problem
from tests.mapping_files import mapped, raw, rows

HANDMADE = Path(__file__).parent / "handmade"
PERSON = "participant_id: {column: id, prefix: P}"
JOBS = f"""
tables:
  job_spells:
    sources:
      - file: jobs.csv
        fields:
          {PERSON}
          employer_id: {{constant: E0001}}
          from_date: from
          to_date: to
"""


def records(columns):
    return Records(pd.DataFrame(columns, dtype="str"), pd.DataFrame(), pd.DataFrame(), {})


def made(rule, values, kind="text", **columns):
    """One field by a rule, from a column `x` and further ones."""
    column = next(column for table in TABLES.values() for column in table.columns.values() if kind_of(column) == kind)
    texts = records({"x": values, **columns})
    found, faults = cells.made_field(FieldRule(**{"column": "x", **rule}), column, texts, "yyyy-mm-dd", {})
    wrong = [place for fault in faults for place in fault.where[fault.where].index]
    return [value if isinstance(value, str) else None for value in found], wrong


# --- each operation -----------------------------------------------------------------------------------------------


OPERATIONS = {
    "a column as it is": ({}, "text", ["a", None], ["a", None]),
    "values": ({"values": {1: "man", "2": "woman"}}, "code", ["1", "2", None], ["man", "woman", None]),
    "all others": ({"values": {"1": "x"}, "otherwise": "y"}, "code", ["1", "7", None], ["x", "y", None]),
    "a value that means missing": ({"values": {"1": "x", "9": None}}, "code", ["1", "9"], ["x", None]),
    "missing": ({"missing": [99, "."]}, "integer", ["98", "99", "."], ["98", None, None]),
    "a constant": ({"column": None, "constant": 5}, "integer", ["a", "b"], ["5", "5"]),
    "factor": ({"factor": 0.375}, "decimal", ["100", "50", "12,5", None], ["37.5", "18.75", "4.6875", None]),
    "thousands": ({"factor": 1000}, "decimal", ["9.930046"], ["9930.046"]),
    "decimals": ({"decimals": 0}, "integer", ["49.6", "50"], ["50", "50"]),
    "a comma for the point": ({}, "decimal", ["7,5", "-1"], ["7.5", "-1"]),
    "yes and no": ({"values": {"J": True, "N": False}}, "flag", ["J", "N"], ["true", "false"]),
    "marks for missing": ({}, "decimal", ["NA", ".", "1"], [None, None, "1"]),
    "dd.mm.yyyy": ({"date": "dd.mm.yyyy"}, "date", ["29.02.2012", "2012-03-01"], ["2012-02-29", "2012-03-01"]),
    "yyyymmdd": ({"date": "yyyymmdd"}, "date", ["20120229"], ["2012-02-29"]),
    "mm/dd/yyyy": ({"date": "mm/dd/yyyy"}, "date", ["02/29/2012"], ["2012-02-29"]),
    "first of a month": ({"date": "yyyymm"}, "date", ["201202"], ["2012-02-01"]),
    "last of a month": ({"date": "yyyymm", "day": "last"}, "date", ["201202", "201112"], ["2012-02-29", "2011-12-31"]),
    "middle of a month": ({"date": "mm.yyyy", "day": "middle"}, "date", ["02.2012"], ["2012-02-15"]),
    "middle of a year": ({"date": "yyyy", "day": "middle"}, "date", ["1980"], ["1980-07-01"]),
    "last of a year": ({"date": "yyyy", "day": "last"}, "date", ["1980"], ["1980-12-31"]),
    "days added": ({"add_days": -1}, "date", ["2012-03-01"], ["2012-02-29"]),
    "not before a day": ({"not_before": "2010-03-01"}, "date", ["2010-02-01", "2010-04-01"],
                         ["2010-03-01", "2010-04-01"]),
    "not after a day": ({"not_after": "2010-02-28"}, "date", ["2010-03-05", "2009-01-01", None],
                        ["2010-02-28", "2009-01-01", "2010-02-28"]),
    "year": ({"take": "year"}, "integer", ["2012-03-01"], ["2012"]),
    "identifier": ({"prefix": "P"}, "identifier", ["7", "12345"], ["P0007", "P12345"]),
}  # fmt: skip


@pytest.mark.parametrize("case", OPERATIONS)
def test_operation(case):
    rule, kind, given, wanted = OPERATIONS[case]
    assert made(rule, given, kind) == (wanted, [])


def test_bounds_may_be_columns():
    found, _ = made({"not_after": "end"}, ["2010-05-01", None, "2010-01-01"], "date",
                    end=["2010-03-31", "2010-03-31", None])  # fmt: skip
    assert found == ["2010-03-31", "2010-03-31", "2010-01-01"]


@pytest.mark.parametrize("age", [0, 17, 40, 55])
def test_birth_date_from_age_gives_the_age_again(age):
    """The middle of the possible year: the person has this age on the day, and half a year before and after."""
    found, _ = made({"age_on": "2011-06-15"}, [str(age)], "date")
    born = pd.Timestamp(found[0])
    for day in ("2011-01-20", "2011-06-15", "2011-12-10"):
        on = pd.Timestamp(day)
        assert on.year - born.year - ((on.month, on.day) < (born.month, born.day)) == age


def test_age_on_a_day_of_the_row():
    found, wrong = made({"age_on": "on"}, ["30", "x", "30"], "date", on=["2012-06-10", "2012-06-10", None])
    assert found == ["1981-12-15", None, None] and wrong == [1]


REFUSED = {
    "a code that is not listed": ({"values": {"1": "x"}}, "code", ["1", "3"]),
    "a day that does not exist": ({"date": "dd.mm.yyyy"}, "date", ["28.02.2011", "29.02.2011"]),
    "a day in another form": ({"date": "dd.mm.yyyy"}, "date", ["01.02.2011", "1/2/2011"]),
    "no number": ({"factor": 2}, "decimal", ["1", "many"]),
    "an age that is none": ({"age_on": "2011-01-01"}, "date", ["30", "30.5"]),
    "an identity number": ({"prefix": "P"}, "identifier", ["1", "01019912345"]),
    "an identifier with letters": ({"prefix": "P"}, "identifier", ["1", "A1"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_made_is_missing_and_named(case):
    rule, kind, given = REFUSED[case]
    found, wrong = made(rule, given, kind)
    assert wrong == [1] and found[0] is not None and found[1] is None


FILTERS = {
    "is": ({"is": [1, "b"]}, ["1", "b", "c", None], [True, True, False, False]),
    "is_not": ({"is_not": ["c"]}, ["1", "c", None], [True, False, True]),
    "at_least": ({"at_least": 2}, ["1", "2", "10", None], [False, True, True, False]),
    "at_most": ({"at_most": "2010-02-28"}, ["2010-02-28", "2010-03-01", None], [True, False, False]),
    "filled": ({"filled": True}, ["x", None], [True, False]),
    "empty": ({"filled": False}, ["x", None], [False, True]),
    "or empty": ({"at_least": 2, "or_empty": True}, ["1", "2", None], [False, True, True]),
    "two at once": ({"at_least": 2, "at_most": 3}, ["1", "2", "3", "4"], [False, True, True, False]),
}


@pytest.mark.parametrize("case", FILTERS)
def test_filter(case):
    given, values, wanted = FILTERS[case]
    rule = Filter(**{"name": "some", "column": "x", **given})
    assert cells.holds(rule, records({"x": values}), "yyyy-mm-dd")[0].tolist() == wanted


def test_every_kind_of_field_has_been_tried():
    assert {kind for _, kind, *_ in OPERATIONS.values()} == set(KINDS)


# --- files to tables ----------------------------------------------------------------------------------------------


def test_several_files_of_one_layout_are_one_below_the_other(tmp_path):
    found = mapped(tmp_path, JOBS.replace("file: jobs.csv", "file: [a.csv, b.csv]"), {
        "a.csv": "id,from,to\n1,2010-01-01,\n", "b.csv": "to,id,from\n2011-01-01,2,2010-02-01\n"})  # fmt: skip
    assert rows(found, "job_spells") == [
        ("P0001", "E0001", "2010-01-01", None), ("P0002", "E0001", "2010-02-01", "2011-01-01")]  # fmt: skip


def test_another_file_is_joined_by_key(tmp_path):
    mapping = f"""
tables:
  participants:
    sources:
      - file: people.csv
        join:
          - {{file: births.csv, by: id, other: person}}
        keep:
          - {{name: drawn to an arm, column: drawn, filled: true}}
        fields:
          {PERSON}
          included_on: drawn
          birth_date: {{column: born, date: yyyy, day: middle}}
"""
    files = {
        "people.csv": "id,drawn\n1,2011-01-01\n2,2011-02-01\n3,\n",
        "births.csv": "person,born\n2,1970\n1,1980\n8,1990\n",
    }
    found = mapped(tmp_path, mapping, files)
    assert rows(found, "participants") == [("P0001", "2011-01-01", "1980-07-01"), ("P0002", "2011-02-01", "1970-07-01")]
    counted = found.tables["participants"].counted[0]
    assert counted.without_partner == {"births.csv": 1} and counted.left_out == {"drawn to an arm": 1}
    files["births.csv"] += "1,1981\n"
    problem = mapped(tmp_path, mapping, files).problems[0]
    assert (problem.file, problem.row, problem.column, problem.kind) == ("births.csv", 5, "person", "duplicate_key")


def test_identifiers_are_numbered_alike_in_every_table(tmp_path):
    mapping = """
tables:
  participants:
    sources:
      - {file: people.csv, fields: {participant_id: {column: fnr, prefix: P, numbered: true}, included_on: drawn}}
  income:
    sources:
      - file: income.csv
        fields:
          participant_id: {column: person, prefix: P, numbered: true}
          year: year
          pensionable_income_nok: {column: thousand, factor: 1000}
"""
    found = mapped(tmp_path, mapping, {
        "people.csv": "fnr,drawn\n22222222222,2011-01-01\nab,2011-01-02\n",
        "income.csv": "person,year,thousand\n11111111111,2010,\"1,5\"\n22222222222,2010,\"2,25\"\n"})  # fmt: skip
    assert rows(found, "participants") == [("P0003", "2011-01-01"), ("P0001", "2011-01-02")]
    assert rows(found, "income") == [("P0002", "2010", "1500"), ("P0003", "2010", "2250")]


def test_spells_that_touch_or_overlap_become_one(tmp_path):
    found = mapped(tmp_path, JOBS.replace("job_spells:", "job_spells:\n    merge: true"), {"jobs.csv": """id,from,to
1,2010-02-01,2010-02-28
1,2010-01-01,2010-01-31
2,2010-01-01,2010-01-31
1,2010-02-20,2010-03-15
1,2010-03-17,2010-03-20
2,2010-01-10,
2,2011-01-01,2011-02-01
"""})  # fmt: skip
    assert rows(found, "job_spells") == [
        ("P0001", "E0001", "2010-01-01", "2010-03-15"),
        ("P0002", "E0001", "2010-01-01", None),
        ("P0001", "E0001", "2010-03-17", "2010-03-20"),
    ]


def test_wide_weeks_become_spells_and_forms(tmp_path):
    mapping = f"""
tables:
  benefit_spells:
    merge: true
    sources:
      - file: weeks.csv
        wide: {{columns: {{status: "uke_{{nn}}"}}, units: {{from: 1, to: 4}}, unit: week, starts: drawn}}
        keep:
          - {{name: on AAP, column: status, is: [A]}}
        fields: {{{PERSON}, benefit: {{constant: aap}}, degree: {{constant: 100}},
                 from_date: (first_day), to_date: (last_day)}}
  aap_hours:
    sum: [hours_worked]
    sources:
      - file: weeks.csv
        wide: {{columns: {{hours: "t_{{n}}"}}, units: {{from: 1, to: 4}}, unit: week, starts: drawn, every: 2}}
        fields: {{{PERSON}, period_start: (first_day), hours_worked: hours}}
"""
    found = mapped(tmp_path, mapping, {"weeks.csv": """id,drawn,uke_01,uke_02,uke_03,uke_04,t_1,t_2,t_3,t_4
1,2011-03-02,A,A,,A,10,5.5,,3
2,2011-03-07,J,A,A,A,,,1,2
"""})  # fmt: skip
    assert rows(found, "benefit_spells") == [
        ("P0001", "aap", "100", "2011-02-28", "2011-03-13"),
        ("P0001", "aap", "100", "2011-03-21", "2011-03-27"),
        ("P0002", "aap", "100", "2011-03-14", "2011-04-03"),
    ]
    assert rows(found, "aap_hours") == [
        ("P0001", "2011-02-28", "15.5"), ("P0001", "2011-03-14", "3"), ("P0002", "2011-03-21", "3")]  # fmt: skip
    assert found.tables["benefit_spells"].counted[0].left_out == {"no value in the unit": 1, "on AAP": 1}


@pytest.mark.parametrize(("unit", "starts", "wanted"), [
    ("month", "2011-11-17", [("2011-11-01", "2011-11-30"), ("2012-01-01", "2012-01-31")]),
    ("year", "1974-01-01", [("1974-01-01", "1974-12-31"), ("1976-01-01", "1976-12-31")]),
    ("week", "2012-01-02", [("2012-01-02", "2012-01-08"), ("2012-01-16", "2012-01-22")]),
])  # fmt: skip
def test_units_follow_the_calendar(tmp_path, unit, starts, wanted):
    wide = f"        wide: {{columns: {{job: 'm{{n}}'}}, units: [3, 5], unit: {unit}, starts: {starts}}}\n"
    mapping = JOBS.replace("        fields:", f"{wide}        fields:")
    mapping = mapping.replace("from_date: from", "from_date: (first_day)").replace("to_date: to", "to_date: (last_day)")
    found = mapped(tmp_path, mapping, {"jobs.csv": "id,m3,m5\n1,x,x\n"})
    assert [row[2:] for row in rows(found, "job_spells")] == wanted


def test_a_row_whose_units_cannot_be_dated_is_named_once_and_counted(tmp_path):
    mapping = JOBS.replace("        fields:", "        wide: {columns: {job: 'm{n}'}, units: [1, 2, 3], unit: month, "
                           "starts: from}\n        fields:")  # fmt: skip
    mapping = mapping.replace("from_date: from", "from_date: (first_day)").replace("to_date: to", "to_date: (last_day)")
    found = mapped(tmp_path, mapping, {"jobs.csv": "id,from,m1,m2,m3\n1,2011-01-01,x,,x\n2,,x,x,\n3,soon,,x,\n"})
    assert [(problem.row, problem.column) for problem in found.problems] == [(3, "from"), (4, "from")]
    (counted,) = found.tables["job_spells"].counted
    assert (counted.rows, counted.records, counted.used, counted.faulty) == (3, 9, 2, 3)
    assert counted.left_out == {"no value in the unit": 4}


def test_sum_of_an_unknown_part_is_unknown(tmp_path):
    mapping = f"""
tables:
  aap_hours:
    sum: [hours_worked]
    sources: [{{file: a.csv, fields: {{{PERSON}, period_start: day, hours_worked: hours}}}}]
"""
    found = mapped(tmp_path, mapping, {"a.csv": "id,day,hours\n1,2011-01-03,4\n1,2011-01-03,\n2,2011-01-03,4\n"})
    assert rows(found, "aap_hours") == [("P0001", "2011-01-03", None), ("P0002", "2011-01-03", "4")]


# --- every row is accounted for, and faults have their place ------------------------------------------------------


MIXED = JOBS.replace("        fields:", """        keep:
          - {name: not before 2010, column: from, at_least: 2010-01-01}
          - {name: ordinary, column: kind, is: [o]}
        fields:""").replace("to_date: to", "to_date: {column: to, date: dd.mm.yyyy}").replace(
    "job_spells:", "job_spells:\n    merge: true")  # fmt: skip
MIXED_FILE = """id,from,to,kind
1,2010-01-01,31.01.2010,o
1,2010-02-01,28.02.2010,o
2,2009-01-01,31.01.2010,o
x,2010-01-01,31.01.2010,o
3,2010-01-01,31-01-2010,o
4,2010-01-01,31.01.2010,s
5,sometime,31.01.2010,o
"""


def test_a_row_that_the_reader_cannot_lay_out_is_named_and_counted(tmp_path):
    short = Problem("jobs.csv", 3, None, "wrong_number_of_cells", "Short.", "Mend it.")
    found = mapped(tmp_path, JOBS, {"jobs.csv": replace(raw("id,from,to\n1,2010-01-01,\n"), problems=(short,))})
    (counted,) = found.tables["job_spells"].counted
    assert found.problems == (short,) and (counted.rows, counted.records, counted.used, counted.faulty) == (2, 2, 1, 1)


def test_rows_in_are_rows_used_left_out_or_named(tmp_path):
    found = mapped(tmp_path, MIXED, {"jobs.csv": MIXED_FILE})
    table, (counted,) = found.tables["job_spells"], found.tables["job_spells"].counted
    assert (counted.rows, counted.records, counted.used, counted.faulty) == (7, 7, 2, 3)
    assert counted.left_out == {"not before 2010": 1, "ordinary": 1}
    assert counted.records == counted.used + sum(counted.left_out.values()) + counted.faulty
    named = {problem.row for problem in found.problems}
    assert named == {5, 6, 8} and len(named) == counted.faulty
    # The records in the table are those used and those named: nothing is lost between them.
    assert len(table.carried) == counted.used + counted.faulty
    assert set(table.carried["row"]) == set(table.rows.index)


def test_faults_are_named_where_they_can_be_mended(tmp_path):
    found = mapped(tmp_path, MIXED, {"jobs.csv": MIXED_FILE})
    places = {(problem.file, problem.row, problem.column, problem.kind) for problem in found.problems}
    assert places == {
        ("jobs.csv", 5, "id", "bad_identifier"),
        ("jobs.csv", 6, "to", "unreadable_date"),
        ("jobs.csv", 8, "from", "unreadable"),
        ("jobs.csv", 8, "from", "unreadable_date"),
    }
    assert not [problem for problem in found.problems if "sometime" in str(problem) or "31-01" in str(problem)]


# --- strict settings ----------------------------------------------------------------------------------------------


FIELDS = "        fields:"
WIDE = "        wide: {columns: {a: COLUMN}, units: UNITS, unit: week, starts: from}\n" + FIELDS
# Text of JOBS that is replaced, its replacement, the line, the setting and a part of what is said.
WRONG = {
    "unknown setting": ("file: jobs.csv", "fil: jobs.csv", 5, "fil", "one of file, fields, join, wide, keep"),
    "unknown at the top": ("tables:", "colour: red\ntables:", 2, "colour", "Allowed is one of tables, dates, missing"),
    "unknown in a rule": ("to_date: to", "to_date: {column: to, datum: x}", 10, "to_date.datum", "one of column,"),
    "repeated key": ("to_date: to", "to_date: to\n          to_date: to", 11, "to_date", "in lines 10 and 11"),
    "unknown table": ("job_spells:", "jobs:", 3, "tables.jobs", "Allowed is one of screening, participants"),
    "unknown field": ("to_date: to", "end: to", 10, "fields.end", "one of participant_id, employer_id, agreed_hours"),
    "needed field": ("          from_date: from\n", "", 6, "fields.from_date", "The table needs this field"),
    "unknown form of dates": ("tables:", "dates: dd-mmm\ntables:", 2, "dates", "one of yyyy-mm-dd, dd.mm.yyyy"),
    "column and constant": ("{constant: E0001}", "{column: a, constant: E0001}", 8, "employer_id", "one of them"),
    "empty list": ("file: jobs.csv", "file: []", 5, "file", "Nothing is listed here"),
    "unquoted no": ("to_date: to", "to_date: no", 10, "to_date", "put the word in quotes"),
    "unquoted no among values": ("to_date: to", "to_date: {column: to, missing: [no]}", 10, "missing.0", "in quotes"),
    "no file": ("file: jobs.csv", "file: job.csv", 5, "file.0", "no file of this name"),
    "no column": ("to_date: to", "to_date: until", 10, "to_date.column", "no such column in jobs.csv"),
    "no column of a filter": (FIELDS, f"        keep: [{{name: a, column: b, filled: true}}]\n{FIELDS}", 6,
                              "keep.0.column", "no such column"),
    "filter without a rule": (FIELDS, f"        keep: [{{name: a, column: id}}]\n{FIELDS}", 6, "keep.0", "needs is,"),
    "wide without units": (FIELDS, WIDE.replace("COLUMN", "u").replace("UNITS", "[1]"), 6, "wide.columns.a",
                           "a name with {n}"),
    "units": (FIELDS, WIDE.replace("COLUMN", "'u{n}'").replace("UNITS", "{from: 1}"), 6, "wide.units", "{from: 1, to"),
    "a rule that does not fit": ("to_date: to", "to_date: {column: to, factor: 2}", 10, "to_date.factor",
                                 "The field is of kind date"),
    "a path outside": ("file: jobs.csv", "file: ../jobs.csv", 5, "file.0", "inside the study folder"),
    "merge without spells": ("  job_spells:", "  income:\n    merge: true", 4, "tables.income.merge", "Only spells"),
    "no mapping at all": (JOBS, "[]", 1, None, "a mapping of its own settings"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_settings_are_strict(tmp_path, case):
    old, new, line, setting, said = WRONG[case]
    assert old in JOBS
    found = mapped(tmp_path, JOBS.replace(old, new), {"jobs.csv": "id,from,to\n1,2010-01-01,\n"})
    problem = next(each for each in found.problems if said in str(each))
    assert problem.file == "mapping.yml"
    assert problem.row == line
    assert problem.column is None if setting is None else problem.column.endswith(setting)


def test_codes_that_a_rule_gives_must_be_those_of_the_field(tmp_path):
    mapping = f"""
tables:
  participants:
    sources:
      - file: a.csv
        fields:
          {PERSON}
          included_on: {{constant: 2011-01-01}}
          sex:
            column: kjonn
            values:
              1: man
              2: kvinne
"""
    (problem,) = mapped(tmp_path, mapping, {"a.csv": "id,kjonn\n1,1\n"}).problems
    assert problem.row == 13 and "Allowed is one of woman, man." in problem.cause


def test_the_example_of_the_readme_is_a_mapping(tmp_path):
    """It has no such files here, and no other fault."""
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    assert {problem.kind for problem in mapped(tmp_path, example, {}).problems} == {"missing_file"}


def test_every_fault_of_a_mapping_at_once(tmp_path):
    mapping = (
        JOBS.replace("to_date: to", "end: to").replace("          from_date: from\n", "") + "  what: {sources: []}\n"
    )
    first = mapped(tmp_path, mapping, {}).problems
    assert len(first) == 1  # an empty list hides nothing of the contract for long:
    second = mapped(tmp_path, mapping.replace("sources: []", "sources: [{file: a, fields: {}}]"), {}).problems
    assert len(second) == 3


# --- a study folder with a mapping --------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """The ten people made by hand, their jobs in an extract with words of its own."""
    shutil.copytree(HANDMADE, tmp_path / "study")
    study = tmp_path / "study"
    jobs = pd.read_csv(study / "job_spells.csv", dtype="str")
    (study / "job_spells.csv").unlink()
    (study / "extract").mkdir()
    lopenr = jobs["participant_id"].str[1:].astype(int).astype("str")
    share = (jobs["agreed_hours"].astype(float) / 0.375).map("{:.4f}".format).where(jobs["agreed_hours"].notna())
    orgnr = jobs["employer_id"].map(lambda number: f"91{number[1:]}")
    days = {"start": jobs["from_date"], "slutt": jobs["to_date"]}
    extract = pd.DataFrame({"lopenr": lopenr, "orgnr": orgnr, "stillingsprosent": share, **days})
    extract.to_csv(study / "extract" / "aareg.csv", index=False)
    (study / "mapping.yml").write_text(AAREG, encoding="utf-8")
    return study


AAREG = """
tables:
  job_spells:
    sources:
      - file: extract/aareg.csv
        fields:
          participant_id: {column: lopenr, prefix: P}
          employer_id: {column: orgnr, prefix: E, numbered: true}
          agreed_hours: {column: stillingsprosent, factor: 0.375, decimals: 2}
          from_date: start
          to_date: slutt
"""


def problems_of(folder):
    return [(problem.file, problem.row, problem.column, problem.kind) for problem in check_study(folder)]


def test_a_mapped_table_is_the_table_of_the_contract(folder):
    mine, theirs = read_study(folder)[1]["job_spells"], read_study(HANDMADE)[1]["job_spells"]
    pd.testing.assert_frame_equal(mine.drop(columns="employer_id"), theirs.drop(columns="employer_id"))
    # Employers have other numbers, but are the same.
    pairs = set(zip(mine["employer_id"], theirs["employer_id"], strict=True))
    assert len(pairs) == mine["employer_id"].nunique() == theirs["employer_id"].nunique()


def edit(path, line, old, new):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_faults_of_values_and_of_rules_between_tables_name_the_extract(folder):
    path = folder / "extract" / "aareg.csv"
    edit(path, 2, "1,", "99,")  # nobody of the study
    edit(path, 3, "2008-01-01", "2008-13-01")
    edit(path, 4, ",53.3333,", ",900.0000,")
    assert problems_of(folder) == [
        ("extract/aareg.csv", 2, "lopenr", "unknown_participant"),
        ("extract/aareg.csv", 3, "start", "unreadable_date"),
        ("extract/aareg.csv", 4, "stillingsprosent", "out_of_range"),
    ]


def test_a_constant_that_cannot_be_is_a_fault_of_the_mapping(folder):
    text = AAREG.replace("{column: lopenr, prefix: P}", "{constant: somebody}")
    (folder / "mapping.yml").write_text(text, encoding="utf-8")
    (problem,) = [each for each in check_study(folder) if each.kind == "bad_identifier"]
    assert (problem.file, problem.row) == ("mapping.yml", 7)
    assert problem.column == "tables.job_spells.sources.0.fields.participant_id"


def test_a_table_comes_from_one_place(folder):
    shutil.copy(HANDMADE / "job_spells.csv", folder)
    assert problems_of(folder) == [("mapping.yml", 3, "tables.job_spells", "table_twice")]


def test_a_raw_file_in_the_folder_itself_is_known_and_others_are_not(folder):
    shutil.move(folder / "extract" / "aareg.csv", folder / "aareg.csv")
    (folder / "mapping.yml").write_text(AAREG.replace("extract/", ""), encoding="utf-8")
    assert problems_of(folder) == []
    shutil.copy(folder / "aareg.csv", folder / "more.csv")
    assert problems_of(folder) == [("more.csv", None, None, "unknown_file")]


@pytest.mark.parametrize(
    ("text", "kind"), [("tables: [", "unreadable_yaml"), (f"date: yyyy\n{AAREG}", "unknown_setting")]
)
def test_a_mapping_that_cannot_be_read_is_told_once_and_its_files_are_not_called_unknown(folder, text, kind):
    shutil.copy(folder / "extract" / "aareg.csv", folder / "aareg.csv")
    shutil.move(folder / "participants.csv", folder / "people.csv")
    (folder / "mapping.yml").write_text(text, encoding="utf-8")
    checked = check_folder(folder)
    assert [(problem.file, problem.kind) for problem in checked.problems] == [("mapping.yml", kind)]
    assert any("mapping.yml has faults" in str(each) for each in checked.unchecked)
    (folder / "mapping.yml").unlink()
    found = {("participants.csv", "missing_file"), ("people.csv", "unknown_file"), ("aareg.csv", "unknown_file")}
    assert {(problem.file, problem.kind) for problem in check_study(folder)} >= found


def test_weekly_columns_give_the_outcome_that_pandas_gives(tmp_path):
    """52 columns of a status -> spells -> a status a week -> who works in each week, as counted directly."""
    generator = np.random.default_rng(7)
    status = generator.choice(["J", "S", "A", "", ""], size=(40, 52))
    wide = pd.DataFrame(status, columns=[f"uke_{week:02d}" for week in range(1, 53)])
    wide.insert(0, "lopenr", range(1, 41))
    wide.insert(1, "arm", ["north", "south"] * 20)
    study = tmp_path / "study"
    study.mkdir()
    wide.to_csv(study / "uker.csv", index=False)
    (study / "study.yml").write_text(WEEKLY_STUDY, encoding="utf-8")
    (study / "mapping.yml").write_text(WEEKLY_MAPPING, encoding="utf-8")
    trial = open_trial(study)
    found = trial.outcomes.pivot(index="participant_id", columns="week", values="works")
    directly = pd.DataFrame(status == "J")
    assert found.shape == (40, 52)
    assert (found.to_numpy() == directly.to_numpy()).all()
    on_aap = trial.panel.assign(aap=trial.panel["status"] == "aap").pivot(
        index="participant_id", columns="week", values="aap")  # fmt: skip
    assert (on_aap.to_numpy() == (status == "A")).all()


WEEKLY_STUDY = """
name: weeks
title: {en: Weeks}
data: synthetic
disclosure: as_published
arms:
  - {code: north, role: treatment, label: {en: A}}
  - {code: south, role: control, label: {en: B}}
registers: {unit: week}
horizon: {before: 0, after: 51}
dates: {inclusion_start: 2012-01-02, inclusion_end: 2012-01-08, register_start: 2012-01-02, register_end: 2012-12-30}
outcomes: [{code: works, label: {en: In work}, statuses: [job_no_benefits]}]
"""
WEEKLY_MAPPING = """
tables:
  participants:
    sources:
      - {file: uker.csv, fields: {participant_id: {column: lopenr, prefix: P}, arm: arm,
                                  included_on: {constant: 2012-01-02}}}
  job_spells:
    merge: true
    sources:
      - file: uker.csv
        wide: &weeks {columns: {status: "uke_{nn}"}, units: {from: 1, to: 52}, unit: week, starts: 2012-01-02}
        keep: [{name: in a job, column: status, is: [J]}]
        fields: {participant_id: {column: lopenr, prefix: P}, employer_id: {constant: E0000},
                 from_date: (first_day), to_date: (last_day)}
  benefit_spells:
    merge: true
    sources:
      - file: uker.csv
        wide: *weeks
        keep: [{name: on a benefit, column: status, is: [S, A]}]
        fields: {participant_id: {column: lopenr, prefix: P},
                 benefit: {column: status, values: {S: sickness_benefit, A: aap}}, degree: {constant: 100},
                 from_date: (first_day), to_date: (last_day)}
"""
