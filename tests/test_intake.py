"""Reading and checking study folders: every kind of fault is found, located, explained, and never quotes a value."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.study.contract import TABLES
from analysis.study.intake import check_folder, check_study, read_study
from analysis.study.problems import Problem, StudyProblems, group_problems

HANDMADE = Path(__file__).parent / "handmade"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(HANDMADE, tmp_path / "study")
    return tmp_path / "study"


def write_cell(folder, table, line, column, value):
    """Put `value` into the cell at `line` of the file, as someone with a text editor would."""
    path = folder / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[line - 1].split(",")
    cells[lines[0].split(",").index(column)] = value
    lines[line - 1] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def add_line(folder, table, text):
    path = folder / f"{table}.csv"
    path.write_text(path.read_text(encoding="utf-8") + text + "\n", encoding="utf-8")
    return len(path.read_text(encoding="utf-8").splitlines())


def located(problems):
    return {(problem.file, problem.row, problem.column, problem.kind) for problem in problems}


def test_handmade_study_has_no_problem():
    assert check_study(HANDMADE) == []


def test_bundled_study_has_no_problem():
    assert check_study(HANDMADE.parent.parent / "data" / "sfj") == []


def test_reading_gives_every_table_of_the_contract_in_its_types():
    study, tables = read_study(HANDMADE)
    assert study.name == "handmade"
    assert list(tables) == list(TABLES)
    for name, frame in tables.items():
        TABLES[name].validate(frame)
        assert list(frame.columns) == list(TABLES[name].columns)
        assert frame.index.tolist() == list(range(len(frame)))


def test_missing_cells_stay_missing():
    _, tables = read_study(HANDMADE)
    third = tables["questionnaires"].query("participant_id == 'P0003' and wave == 0").iloc[0]
    assert pd.isna(third["hads_01"]) and third["hads_03"] == 2
    assert tables["background"].set_index("participant_id")["violence_any"].isna()["P0008"]
    assert pd.isna(tables["benefit_spells"].query("participant_id == 'P0007'")["to_date"].iloc[1])


# Tables whose rows stand for nothing without the rows of another one.
LEANING = {"interviews": ["interview_themes"], "benefit_spells": ["aap_hours"]}


@pytest.mark.parametrize("name", [name for name in TABLES if name != "participants"])
def test_a_table_without_a_file_is_an_empty_frame(folder, name):
    for left_out in (name, *LEANING.get(name, ())):
        (folder / f"{left_out}.csv").unlink()
    tables = read_study(folder)[1]
    assert tables[name].empty
    assert list(tables[name].columns) == list(TABLES[name].columns)


def test_a_trial_needs_its_participants_and_nothing_else(folder):
    for path in folder.glob("*.csv"):
        if path.stem != "participants":
            path.unlink()
    assert check_study(folder) == []
    (folder / "participants.csv").unlink()
    assert located(check_study(folder)) == {("participants.csv", None, None, "missing_file")}


def test_ten_faults_in_one_folder_give_ten_located_problems(folder):
    write_cell(folder, "participants", 3, "sex", "female")
    write_cell(folder, "participants", 5, "birth_date", "31.12.70")
    write_cell(folder, "questionnaires", 2, "hads_01", "9")
    write_cell(folder, "benefit_spells", 2, "to_date", "2010-04-20")
    write_cell(folder, "benefit_spells", 3, "degree", "")
    write_cell(folder, "income", 4, "pensionable_income_nok", "ninety")
    write_cell(folder, "contacts", 6, "participant_id", "P0002")
    write_cell(folder, "coordination", 2, "participant_id", "P0099")
    write_cell(folder, "background", 4, "reading_writing_difficulties", "perhaps")
    duplicate = add_line(folder, "earlier_treatment", "P0001,psychologist,worse")
    assert located(check_study(folder)) == {
        ("participants.csv", 3, "sex", "unknown_code"),
        ("participants.csv", 5, "birth_date", "unreadable_date"),
        ("questionnaires.csv", 2, "hads_01", "out_of_range"),
        ("benefit_spells.csv", 2, "to_date", "negative_spell"),
        ("benefit_spells.csv", 3, "degree", "degree_mismatch"),
        ("income.csv", 4, "pensionable_income_nok", "not_a_number"),
        ("contacts.csv", 6, "participant_id", "contact_outside_treatment"),
        ("coordination.csv", 2, "participant_id", "unknown_participant"),
        ("background.csv", 4, "reading_writing_difficulties", "not_a_flag"),
        ("earlier_treatment.csv", duplicate, "participant_id", "duplicate_key"),
    }


def test_a_participant_who_was_never_screened_is_found(folder):
    path = folder / "screening.csv"
    header, _, *others = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, *others]) + "\n", encoding="utf-8")
    assert located(check_study(folder)) == {("participants.csv", 2, "participant_id", "not_screened")}


@pytest.mark.parametrize(
    ("table", "line", "column", "value", "kind"),
    [
        ("participants", 2, "participant_id", "12345678901", "bad_identifier"),
        ("participants", 2, "included_on", "2010-02-30", "unreadable_date"),
        ("participants", 2, "included_on", "2010-05-31", "outside_inclusion"),
        ("participants", 2, "birth_date", "2001-06-16", "implausible_age"),
        ("participants", 2, "arm", "placebo", "unknown_code"),
        ("participants", 2, "centre", "", "missing_value"),
        ("questionnaires", 2, "wave", "3", "unknown_wave"),
        ("questionnaires", 2, "wave", "0.5", "out_of_range"),
        ("questionnaires", 3, "answered_on", "2010-06-15", "waves_out_of_order"),
        ("questionnaires", 4, "answered_on", "2011-12-16", "outside_follow_up"),
        ("questionnaires", 2, "satisfaction", "4", "not_asked"),
        ("benefit_spells", 3, "from_date", "2010-06-20", "overlapping_spell"),
        ("benefit_spells", 16, "to_date", "2013-04-01", "outside_register"),
        ("job_spells", 2, "agreed_hours", "-1", "out_of_range"),
        ("aap_hours", 2, "period_start", "2011-11-08", "not_a_monday"),
        ("aap_hours", 2, "period_start", "2011-07-04", "hours_without_aap"),
        ("contacts", 2, "contact_on", "2010-06-14", "dates_in_wrong_order"),
        ("screening", 2, "outcome", "no_consent", "outcome_mismatch"),
        ("screening", 2, "centre", "oslo", "tables_disagree"),
        ("screening", 2, "referred_on", "2010-06-16", "dates_in_wrong_order"),
        ("screening", 2, "participant_id", "P0002", "duplicate_key"),
        ("health_services", 3, "service", "other", "duplicate_key"),
        ("health_services", 3, "consultations", "2", "tables_disagree"),
        ("open_answers", 3, "wave", "12", "missing_first_coder"),
        ("open_answers", 5, "category_2", "", "missing_value"),
        ("interview_themes", 2, "interview_id", "I99", "unknown_interview"),
        ("interview_themes", 2, "theme", "theme_of_ones_own", "unknown_code"),
        ("interviews", 2, "interview_type", "walk_along", "unknown_code"),
        ("interviews", 2, "informant_role", "neighbour", "unknown_code"),
        ("interviews", 4, "work_status_at_interview", "on_leave", "unknown_code"),
        ("interviews", 4, "expectation_group", "hopeful", "unknown_code"),
        ("interviews", 4, "information_source", "radio", "unknown_code"),
        ("extract_differences", 2, "field", "shoe_size", "unknown_code"),
        ("extract_differences", 2, "value", "female", "unknown_code"),
        ("extract_differences", 4, "value", "true", "unknown_code"),
        ("extract_differences", 2, "extract", "", "missing_value"),
    ],
)  # fmt: skip
def test_every_kind_of_fault_is_located(folder, table, line, column, value, kind):
    write_cell(folder, table, line, column, value)
    problems = check_study(folder)
    assert kind in {problem.kind for problem in problems}
    found = [problem for problem in problems if problem.kind == kind and problem.file == f"{table}.csv"]
    assert found, [str(problem) for problem in problems]
    assert all(problem.cause and problem.remedy for problem in problems)


def test_a_block_of_services_must_be_whole(folder):
    path = folder / "health_services.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:3] + lines[4:]) + "\n", encoding="utf-8")
    assert [(p.kind, p.row) for p in check_study(folder)] == [("incomplete_block", 2)]


def test_two_kinds_of_fault_in_one_row_are_both_found(folder):
    write_cell(folder, "participants", 3, "sex", "female")
    write_cell(folder, "participants", 3, "included_on", "soon")
    assert {problem.column for problem in check_study(folder)} == {"sex", "included_on"}


def test_wrong_header_names_missing_and_unknown_columns(folder):
    path = folder / "income.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("pensionable_income_nok", "inntekt"), encoding="utf-8")
    problems = check_study(folder)
    assert located(problems) == {("income.csv", 1, "pensionable_income_nok", "missing_column"),
                                 ("income.csv", 1, None, "unknown_column")}  # fmt: skip


def test_columns_that_are_not_known_are_one_problem(folder):
    lines = (folder / "income.csv").read_text(encoding="utf-8").splitlines()
    for beginning in ("a,b,", "c,"):
        lines = [f"{beginning if line == lines[0] else '1,' * beginning.count(',')}{line}" for line in lines]
    lines = [f"{line},{'d' if line == lines[0] else 1}" for line in lines]
    (folder / "income.csv").write_text("\n".join(lines), encoding="utf-8")
    (problem,) = check_study(folder)
    assert problem.cause == "The header has 4 columns that the table does not know: numbers 1–3, 7."


def test_files_that_are_no_tables(folder):
    (folder / "patients.csv").write_text("a,b\n1,2\n")
    (folder / "income.csv").write_bytes(b"")
    (folder / "measures.csv").write_bytes("participant_id\nå\n".encode() + "bjørn\n".encode("latin-1"))
    add_line(folder, "centres", '"oslo,1,true,true,1,5')
    kinds = {problem.file: problem.kind for problem in check_study(folder)}
    assert kinds == {"patients.csv": "unknown_file", "income.csv": "missing_header", "measures.csv": "not_utf8",
                     "centres.csv": "unreadable_row"}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "meant"),
    [("mapping.yaml", "mapping.yml"), ("Mapping.yml", "mapping.yml"), ("mappings.yml", "mapping.yml"),
     ("page/", "pages"), ("checklist.yml", "checklists.yml")],
)  # fmt: skip
def test_settings_under_a_name_that_is_not_quite_right_are_named(folder, name, meant):
    path = folder / name
    path.mkdir() if name.endswith("/") else path.write_text("tables: {}\n", encoding="utf-8")
    (found,) = [problem for problem in check_folder(folder).problems if problem.kind == "misnamed_file"]
    assert found.file == path.name and meant in found.cause and meant in found.remedy


def test_settings_that_are_missing_are_found_under_another_name(folder):
    (folder / "study.yml").rename(folder / "study.yaml")
    kinds = {(problem.file, problem.kind) for problem in check_folder(folder).problems}
    assert {("study.yml", "missing_file"), ("study.yaml", "misnamed_file")} <= kinds


def test_a_copy_of_settings_beside_them_is_let_be(folder):
    (folder / "study_old.yml").write_text("name: old\n", encoding="utf-8")
    assert check_folder(folder).problems == ()


def test_a_row_with_too_few_cells_is_located(folder):
    line = add_line(folder, "income", "P0001,2011")
    assert located(check_study(folder)) == {("income.csv", line, None, "wrong_number_of_cells")}


def test_the_line_is_the_line_in_the_file_after_blank_lines_and_breaks_in_cells(folder):
    path = folder / "income.csv"
    header, first, *rest = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, "", first, *rest, '"P0009', 'x",2011,1', "P0001,2011,-5"]) + "\n")
    rows = {(problem.row, problem.kind) for problem in check_study(folder)}
    assert (len(rest) + 4, "bad_identifier") in rows
    assert (len(rest) + 6, "out_of_range") in rows


def test_spreadsheet_files_with_byte_order_mark_are_read(folder):
    path = folder / "income.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check_study(folder) == []


def test_same_fault_in_many_rows_is_one_problem_that_counts_them(folder):
    for line in range(2, 8):
        write_cell(folder, "questionnaires", line, "hads_01", "7")
    (problem,) = check_study(folder)
    assert (problem.row, problem.more) == (2, 5)
    assert "5 more rows" in str(problem)


def test_read_study_raises_with_every_problem(folder):
    write_cell(folder, "participants", 3, "sex", "female")
    (folder / "income.csv").write_bytes(b"")
    with pytest.raises(StudyProblems) as raised:
        read_study(folder)
    assert len(raised.value.problems) == 2
    assert "2 problems" in str(raised.value)
    assert "participants.csv, line 3, column sex" in str(raised.value)


def test_tables_are_checked_even_when_the_settings_cannot_be_read(folder):
    (folder / "study.yml").write_text("name: [", encoding="utf-8")
    write_cell(folder, "benefit_spells", 2, "to_date", "2010-04-20")
    write_cell(folder, "participants", 3, "sex", "female")
    assert [problem.kind for problem in check_study(folder)] == ["unreadable_yaml", "unknown_code", "negative_spell"]


def test_problems_come_in_the_order_of_files_and_lines(folder):
    write_cell(folder, "participants", 5, "sex", "female")
    write_cell(folder, "participants", 4, "birth_date", "soon")
    write_cell(folder, "screening", 2, "outcome", "lost")
    places = [(problem.file, problem.row) for problem in check_study(folder)]
    assert places.index(("screening.csv", 2)) < places.index(("participants.csv", 4))
    assert places.index(("participants.csv", 4)) < places.index(("participants.csv", 5))


def test_a_folder_that_does_not_exist(tmp_path):
    (problem,) = check_study(tmp_path / "nowhere")
    assert problem.kind == "missing_folder"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    secret=st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=9, max_size=14).map(lambda text: f"q{text}z"),
    place=st.sampled_from(
        [
            (name, column)
            for name, schema in TABLES.items()
            for column in schema.columns
            if len(schema.columns) < 30 and column not in ("observed_until", "coder")  # which the handmade study lacks
        ]
    ),
)
def test_no_message_repeats_what_a_cell_holds(tmp_path_factory, secret, place):
    folder = tmp_path_factory.mktemp("leak") / "study"
    shutil.copytree(HANDMADE, folder)
    write_cell(folder, place[0], 2, place[1], secret)
    for problem in check_study(folder):
        assert secret not in str(problem)


def test_unknown_header_is_not_repeated_either(folder):
    path = folder / "income.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("year", "P0001 Kari", 1), encoding="utf-8")
    assert not any("Kari" in str(problem) for problem in check_study(folder))


def test_grouping_keeps_different_faults_apart():
    one = Problem("a.csv", 5, "x", "k", "c", "r")
    problems = group_problems([one, Problem("a.csv", 3, "x", "k", "c", "r"), Problem("a.csv", 3, "y", "k", "c", "r")])
    assert problems == [Problem("a.csv", 3, "x", "k", "c", "r", (5,)), Problem("a.csv", 3, "y", "k", "c", "r")]


def test_an_open_quotation_mark_is_located_where_it_opens(folder):
    path = folder / "income.csv"
    header, first, second, *rest = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, first, f'"{second}', *rest]) + "\n", encoding="utf-8")
    assert located(check_study(folder)) == {("income.csv", 3, None, "unreadable_row")}


# A folder beside its settings


def set_settings(folder, *replacements):
    path = folder / "study.yml"
    text = path.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def drop_column(folder, table, column):
    frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
    frame.drop(columns=column).to_csv(folder / f"{table}.csv", index=False)


def add_column(folder, table, column, values):
    frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
    frame.assign(**{column: values}).to_csv(folder / f"{table}.csv", index=False)


def without_setting(folder, *names):
    path = folder / "study.yml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({name: value for name, value in settings.items() if name not in names}))


@pytest.mark.parametrize("column", ["arm", "centre"])
def test_a_column_for_listed_codes_is_needed(folder, column):
    drop_column(folder, "participants", column)
    assert ("participants.csv", 1, column, "missing_column") in located(check_study(folder))


def test_a_study_without_centres_needs_no_column_for_them(folder):
    without_setting(folder, "centres", "economics")
    for table in ("participants", "screening"):
        drop_column(folder, table, "centre")
    for table in ("centres", "fidelity", "interviews", "interview_themes"):
        (folder / f"{table}.csv").unlink()
    assert check_study(folder) == []


def test_a_centre_where_none_are_listed_is_found(folder):
    without_setting(folder, "centres", "economics")
    (problem,) = [found for found in check_study(folder) if found.file == "participants.csv"]
    assert (problem.row, problem.more, problem.kind) == (2, 9, "unknown_code")
    assert "It lists no centres." in problem.cause


def test_a_study_without_arms_needs_no_column_for_them(folder):
    without_setting(folder, "arms", "allocation_phases")
    for table in ("participants", "screening"):
        drop_column(folder, table, "arm")
    (folder / "extract_differences.csv").unlink()
    assert check_study(folder) == []


@pytest.mark.parametrize("role", ["treatment", "control"])
def test_one_arm_without_a_comparison_is_a_study(folder, role):
    path = folder / "study.yml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    del settings["allocation_phases"]
    settings["arms"] = [{**settings["arms"][0], "role": role}]
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    for file in folder.glob("*.csv"):
        if file.stem not in ("participants", "benefit_spells", "job_spells"):
            file.unlink()
    drop_column(folder, "participants", "arm")
    add_column(folder, "participants", "arm", "sfj")
    assert check_study(folder) == []
    assert not read_study(folder)[0].has_arms


def test_an_arm_without_people_is_a_problem(folder):
    frame = pd.read_csv(folder / "participants.csv", dtype=str)
    frame.assign(arm="control").to_csv(folder / "participants.csv", index=False)
    (problem,) = [found for found in check_study(folder) if found.kind == "empty_arm"]
    assert (problem.file, problem.column) == ("participants.csv", "arm")
    assert "sfj" in problem.cause and problem.remedy


def test_nobody_at_all_is_a_problem_of_both_arms(folder):
    for path in folder.glob("*.csv"):
        if path.stem not in ("centres", "fidelity"):
            path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert [problem.kind for problem in check_study(folder)] == ["empty_arm", "empty_arm"]


def test_tables_without_any_row_are_a_study_without_data_yet(folder):
    for path in folder.glob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert check_study(folder) == []


def test_a_study_of_interviews_has_no_participants(folder):
    of_a_trial = ("arms", "allocation_phases", "horizon", "dates", "primary", "late_window", "waves", "economics")
    without_setting(folder, *of_a_trial)
    for path in folder.glob("*.csv"):
        if path.stem not in ("interviews", "interview_themes", "centres", "fidelity"):
            path.unlink()
    study, tables = read_study(folder)
    assert not study.has_arms and not study.has_registers
    assert tables["participants"].empty and not tables["interviews"].empty


@pytest.mark.parametrize(
    ("table", "column"),
    [("interviews", "conducted_on"), ("interviews", "mode"), ("interviews", "sex"), ("participants", "birth_date"),
     ("participants", "sex"), ("screening", "referred_on"), ("questionnaires", "answered_on"),
     ("fidelity", "reviewed_on"), ("questionnaires", "hads_01"), ("background", "education")],
)  # fmt: skip
def test_a_column_that_an_evaluation_may_lack_may_be_left_out(folder, table, column):
    if table == "participants":
        (folder / "extract_differences.csv").unlink()
    drop_column(folder, table, column)
    assert check_study(folder) == []
    assert read_study(folder)[1][table][column].isna().all()


@pytest.mark.parametrize(
    ("day", "kind"),
    [("2010-06-14", "dates_in_wrong_order"), ("2013-04-01", "outside_register"), ("soon", "unreadable_date"),
     ("2010-06-15", None), ("2013-03-31", None), ("", None)],
)  # fmt: skip
def test_the_end_of_observation_lies_between_inclusion_and_the_end_of_the_registers(folder, day, kind):
    """The first participant was included on 15 June 2010, and the registers end on 31 March 2013."""
    add_column(folder, "participants", "observed_until", [day, *[""] * 9])
    found = located(check_study(folder))
    assert found == ({("participants.csv", 2, "observed_until", kind)} if kind else set())


OWN = """
columns:
  severity: {description: Severity of the illness, values: {mild: {en: Mild}, severe: {en: Severe}}}
  debts: {description: Has debts, kind: flag}
  visits: {description: Visits the year before, kind: number, unit: visits}
"""


@pytest.fixture
def with_own_columns(folder):
    set_settings(folder, ("\narms:", f"{OWN}\narms:"))
    add_column(folder, "background", "severity", ["mild", "severe", "", *["mild"] * 6])
    add_column(folder, "background", "debts", ["true", "false", "", *["true"] * 6])
    add_column(folder, "background", "visits", ["1", "2.5", "", *["-3"] * 6])
    return folder


def test_columns_of_a_studys_own_are_read_in_their_types(with_own_columns):
    background = read_study(with_own_columns)[1]["background"]
    assert background["severity"].dropna().tolist()[:2] == ["mild", "severe"]
    assert background["debts"].dtype == "boolean" and background["visits"].dtype == "float64"
    assert background[["severity", "debts", "visits"]].isna().sum().tolist() == [1, 1, 1]


@pytest.mark.parametrize(("column", "value", "kind"), [("severity", "grave", "unknown_code"),
                                                       ("debts", "perhaps", "not_a_flag"),
                                                       ("visits", "many", "not_a_number")])  # fmt: skip
def test_columns_of_a_studys_own_are_checked(with_own_columns, column, value, kind):
    write_cell(with_own_columns, "background", 3, column, value)
    assert located(check_study(with_own_columns)) == {("background.csv", 3, column, kind)}


def test_a_column_that_no_setting_declares_is_unknown(folder):
    add_column(folder, "background", "severity", ["mild"] * 9)
    assert {problem.kind for problem in check_study(folder)} == {"unknown_column"}


def test_a_study_may_ask_about_fewer_services(folder):
    frame = pd.read_csv(folder / "health_services.csv", dtype=str, keep_default_na=False)
    frame[frame["service"] != "chiropractor"].to_csv(folder / "health_services.csv", index=False)
    assert check_study(folder) == []


@pytest.mark.parametrize("number", [1, 10])
def test_one_centre_and_ten_are_studies(folder, number):
    """Ten people at one centre, and each at a centre of their own."""
    codes = [f"place_{letter}" for letter in "abcdefghij"[:number]]
    path = folder / "study.yml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["centres"] = [{"code": code, "label": code[-1].upper()} for code in codes]
    del settings["economics"]  # a scenario there is about the two best centres
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    for table in ("centres", "fidelity", "screening", "interviews", "interview_themes"):
        (folder / f"{table}.csv").unlink()
    add_column(folder, "participants", "centre", (codes * 10)[:10])
    assert check_study(folder) == []
    assert read_study(folder)[1]["participants"]["centre"].nunique() == number


@pytest.mark.parametrize("waves", [[0], [0, 3, 12], [0, 12], []])
def test_other_waves_are_studies(folder, waves):
    set_settings(folder, ("waves: [0, 6, 12]", f"waves: {waves}"))
    for table in ("questionnaires", "health_services", "open_answers", "coordination"):
        frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
        if 3 in waves:
            frame["wave"] = frame["wave"].replace("6", "3")
        frame[frame["wave"].isin(map(str, waves))].to_csv(folder / f"{table}.csv", index=False)
    problems = check_study(folder)
    assert {problem.kind for problem in problems} <= {"outside_follow_up"}
    assert bool(problems) <= (3 in waves)  # a day that was right for month 6 may be late for month 3


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(left_out=st.sets(st.sampled_from([name for name in TABLES if name != "participants"])))
def test_whichever_tables_are_missing_the_folder_is_read(tmp_path_factory, left_out):
    """Rows that name something of a table that is not there are problems; everything else is a study."""
    folder = tmp_path_factory.mktemp("some") / "study"
    shutil.copytree(HANDMADE, folder)
    for gone in left_out | {other for name in left_out for other in LEANING.get(name, ())}:
        (folder / f"{gone}.csv").unlink()
    study, tables = read_study(folder)
    assert list(tables) == list(TABLES) and study.name == "handmade"
    assert [name for name in left_out if not tables[name].empty] == []


def test_an_own_column_is_not_called_unknown_while_the_settings_cannot_be_read(folder):
    """What `columns` declares is not known then; afterwards a column that nobody declared is a fault again."""
    background, settings = folder / "background.csv", folder / "study.yml"
    header, *rows = background.read_text(encoding="utf-8").splitlines()
    background.write_text("\n".join([f"{header},region", *(f"{row}," for row in rows)]) + "\n", encoding="utf-8")
    whole = settings.read_text(encoding="utf-8")
    settings.write_text(whole + "columns: {region: {description: Region, values: {north: North}}}\n", encoding="utf-8")
    assert {problem.file for problem in check_study(folder)} == {"study.yml"}
    settings.write_text(whole, encoding="utf-8")
    assert {(problem.file, problem.kind) for problem in check_study(folder)} == {("background.csv", "unknown_column")}


# What faults of their own hide, and what can be checked in spite of them


def unchecked(folder):
    return "\n".join(map(str, check_folder(folder).unchecked))


def test_twelve_faults_of_which_some_break_files_and_settings_are_all_found(folder):
    """A setting, a header, a row and a file that cannot be used hide nothing that can be looked at without them."""
    set_settings(folder, ("value: 0.141", "value: 14.1"), ("waves: [0, 6, 12]", "waves: [0, 12, 6]"))
    for table, old, new in (("income", "pensionable_income_nok", "inntekt"), ("measures", "\n", "\nP0001;\n")):
        path = folder / f"{table}.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    (folder / "contacts.csv").write_bytes(b"participant_id\nbj\x81rn\n")  # of no encoding that is read
    write_cell(folder, "income", 4, "year", "soon")
    write_cell(folder, "measures", 4, "measure", "idleness")
    write_cell(folder, "participants", 3, "sex", "female")
    write_cell(folder, "participants", 5, "included_on", "2009-06-15")
    write_cell(folder, "benefit_spells", 2, "to_date", "2010-04-20")
    write_cell(folder, "coordination", 2, "participant_id", "P0099")
    write_cell(folder, "fidelity", 2, "centre", "bergen")
    assert located(check_study(folder)) >= {
        ("study.yml", 102, "economics.employer_contribution_rate.value", "impossible_setting"),
        ("study.yml", 24, "waves", "impossible_setting"),
        ("income.csv", 1, "pensionable_income_nok", "missing_column"),
        ("income.csv", 4, "year", "not_a_number"),
        ("measures.csv", 2, None, "wrong_number_of_cells"),
        ("measures.csv", 4, "measure", "unknown_code"),
        ("contacts.csv", None, None, "not_utf8"),
        ("participants.csv", 3, "sex", "unknown_code"),
        ("participants.csv", 5, "included_on", "outside_inclusion"),
        ("benefit_spells.csv", 2, "to_date", "negative_spell"),
        ("coordination.csv", 2, "participant_id", "unknown_participant"),
        ("fidelity.csv", 2, "centre", "unknown_code"),
    }
    text = unchecked(folder)
    assert "Contacts belong to the treatment arm and happen on or after the day of inclusion. In: contacts.csv, " \
        "participants.csv. (contacts.csv cannot be read)" in text  # fmt: skip
    assert "Whether economics, dates, subgroups, centres, outcomes, instruments of study.yml fit each other. " \
        "(study.yml has faults in economics)" in text  # fmt: skip
    assert "Every wave is a wave of study.yml" in text


@pytest.mark.parametrize("fault", ["p0001", ""])
def test_nobody_is_called_unknown_while_a_pseudonym_of_the_participants_is_faulty(folder, fault):
    write_cell(folder, "participants", 2, "participant_id", fault)
    assert {problem.file for problem in check_study(folder)} == {"participants.csv"}
    named = "Every participant named in another table"
    [told] = [each for each in check_folder(folder).unchecked if each.what.startswith(named)]
    assert " income.csv, " in told.what and told.because == "rows of participants.csv have faults of their own"


def test_what_the_same_fault_hinders_is_told_once_with_all_files(folder):
    (folder / "participants.csv").write_bytes(b"")
    told = [(each.what.partition(" In: ")[0], each.because) for each in check_folder(folder).unchecked]
    assert len(told) == len(set(told)) and ("Every participant named in another table is in participants.",
                                            "participants.csv cannot be read") in told  # fmt: skip


def test_a_faulty_cell_brings_no_second_problem_for_the_rule_that_reads_it(folder):
    write_cell(folder, "benefit_spells", 3, "degree", "half")
    write_cell(folder, "screening", 2, "participant_id", "nobody")
    write_cell(folder, "open_answers", 2, "coder", "x")
    assert len(check_study(folder)) == 3
    assert "What rules say of the faulty cells in 1 row of benefit_spells.csv." in unchecked(folder)


def test_a_row_with_a_fault_is_held_to_the_rules_that_do_not_read_it(folder):
    write_cell(folder, "participants", 3, "sex", "female")
    write_cell(folder, "participants", 3, "included_on", "2009-06-15")
    kinds = [problem.kind for problem in check_study(folder) if problem.file == "participants.csv"]
    assert kinds == ["unknown_code", "outside_inclusion"]


def test_a_misspelt_setting_is_not_taken_for_an_absent_one(folder):
    set_settings(folder, ("\ndates:", "\ndate:"))
    write_cell(folder, "participants", 3, "included_on", "1999-06-15")
    assert "Everyone was included inside the inclusion period of study.yml. In: participants.csv. " \
        "(study.yml has faults in dates)" in unchecked(folder)  # fmt: skip


def test_a_misspelt_column_that_may_be_absent_is_not_taken_for_an_absent_one(folder):
    path = folder / "participants.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("birth_date", "birthday", 1), encoding="utf-8")
    assert {problem.kind for problem in check_study(folder)} == {"unknown_column"}
    assert "(participants.csv lacks birth_date)" in unchecked(folder)


def test_a_sound_study_leaves_nothing_unchecked():
    assert unchecked(HANDMADE) == ""


@pytest.mark.parametrize(
    ("table", "column", "day"),
    [("benefit_spells", "to_date", "9999-12-31"), ("participants", "birth_date", "1055-02-02"),
     ("job_spells", "from_date", "0974-01-06"), ("measures", "to_date", "2151-01-01"),
     ("participants", "birth_date", "1849-12-31")],
)  # fmt: skip
def test_a_day_that_no_study_has_is_located_and_not_told(folder, table, column, day):
    write_cell(folder, table, 2, column, day)
    (problem,) = check_study(folder)
    assert (problem.file, problem.row, problem.column) == (f"{table}.csv", 2, column)
    assert "from 1850-01-01 to 2150-12-31" in problem.cause and day not in str(problem)


@pytest.mark.parametrize(("table", "said"), [("benefit_spells", "empty when still running at the end of the register"),
                                             ("job_spells", "empty when the job still ran at the end of the register")])
def test_how_an_open_end_is_written_is_said(folder, table, said):
    write_cell(folder, table, 2, "to_date", "9999-12-31")
    assert said in check_study(folder)[0].remedy


def test_further_rows_are_told_by_their_lines():
    problem = Problem("a.csv", 2, "x", "k", "c", "r", (3, 4, 5, 9, 11, 12))
    assert str(problem) == "a.csv, line 2, column x (and 6 more rows: 3–5, 9, 11–12): c r"
    many = Problem("a.csv", 2, "x", "k", "c", "r", tuple(range(4, 60, 2)))
    assert str(many).startswith("a.csv, line 2, column x (and 28 more rows: 4, 6, 8, 10, 12, 14, 16, 18, 20, 22 and so")


def test_a_hostile_name_cannot_command_the_terminal(folder):
    (folder / "x\x1b[2J\n.csv").write_text("a\n")
    (problem,) = check_study(folder)
    assert "\x1b" not in str(problem) and "\n" not in str(problem)
