"""What is odd about a study that can be used is warned of, each of its kind and no more than is so; nobody is named."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis.frames.needs import unmet
from analysis.frames.trial import open_trial
from analysis.frames.warnings import warnings_of
from analysis.frames.warnings.answers import LOOKS as ANSWERS
from analysis.frames.warnings.general import LOOKS as GENERAL
from analysis.frames.warnings.people import LOOKS as PEOPLE
from analysis.frames.warnings.saying import counted
from analysis.frames.warnings.spells import LOOKS as SPELLS
from analysis.frames.warnings.values import LOOKS as VALUES
from analysis.study.contract import TABLES
from analysis.study.design import Centre
from analysis.study.outcome_rules import Subgroup

HANDMADE = Path(__file__).parent / "handmade"


@pytest.fixture(scope="module")
def trial():
    return open_trial(HANDMADE)


def changed(trial, tables=None, **settings):
    """The trial with other tables and settings, its frames made anew."""
    return replace(trial, tables={**trial.tables, **(tables or {})}, study=replace(trial.study, **settings))


def found_by(looks, trial):
    """What some looks find; others would make every frame of the trial anew."""
    return [warning for look in looks for warning in look(trial)]


def said(trial) -> str:
    return "\n".join(map(str, found_by(GENERAL, trial)))


@pytest.mark.parametrize(("number", "is_one"), [
    ("99990000286", True), ("99990000287", False), ("99990000296", False), ("999900002860", False), ("9999", False),
])  # fmt: skip
def test_national_numbers_as_pseudonyms_are_told_by_their_control_digits(trial, number, is_one):
    """A day that none is born on. By hand: 9·(3 + 7 + 6 + 1) + 2·2 = 157 = 14·11 + 3, so
    8; 9·(5 + 4 + 3 + 2) + 3·2 + 2·8 = 148 = 13·11 + 5, so 6."""
    people = trial.tables["participants"].assign(participant_id=f"P{number}")
    found = found_by(PEOPLE, changed(trial, {"participants": people}))
    assert [number in str(each) for each in found if each.kind == "national_numbers"] == [False] * is_one


def test_a_table_one_folder_too_deep_is_named(tmp_path, trial):
    """Files that a mapping reads from there are no oddity, nor is what the folders of a study hold."""
    folder = Path(shutil.copytree(HANDMADE, tmp_path / "study"))
    for name in ("raw/income.csv", "raw/jobs.csv", "raw/notes.pdf", "published/cells.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(HANDMADE / "income.csv", folder / name)
    source = {"file": "raw/jobs.csv", "fields": {"participant_id": "participant_id"}}
    (folder / "mapping.yml").write_text(f"tables: {{job_spells: {{sources: [{source}]}}}}")
    found = [(each.kind, each.file) for each in found_by(GENERAL, replace(trial, folder=folder))]
    assert [each for each in found if each[0] == "unread_file"] == [("unread_file", "raw/income.csv")]


def test_the_hand_made_trial_is_odd_in_these_ways(trial):
    """Three people cannot be followed for 18 months, and forms cover November 2011 to March 2013."""
    found = [(warning.kind, warning.file) for warning in warnings_of(trial)]
    assert found == [
        ("observed_short", "participants.csv"),
        ("forms_end_early", "aap_hours.csv"),
        ("forms_end_early", "aap_hours.csv"),
        ("overlapping_spells", "benefit_spells.csv"),
        ("overlapping_spells", "job_spells.csv"),
        ("ends_before_the_register", "measures.csv"),
        ("longer_than_the_law", "benefit_spells.csv"),
    ]
    text = said(trial)
    assert "Not observed to month 18, the last one shown: fewer than 5 of 10 people." in text
    assert "The last form ends in 2013-03: work beside AAP cannot be seen after month 32" in text
    assert "The first form starts in 2011-11: work beside AAP cannot be seen before month 17" in text
    assert "for the first people included, before month -3 for the last" in text
    assert all(warning.remedy for warning in warnings_of(trial))


def test_forms_that_end_a_year_before_the_registers_are_noticed(trial):
    """June 2010 to February 2012 are the first and last month of inclusion; the last form is of 12 March 2012."""
    forms = trial.tables["aap_hours"]
    early = forms.assign(period_start=forms["period_start"].clip(upper=pd.Timestamp("2012-03-12")))
    text = said(changed(trial, {"aap_hours": early}))
    first, last = trial.tables["participants"]["included_on"].agg(["min", "max"])
    after = [(2012 - day.year) * 12 + 3 - day.month for day in (first, last)]
    assert "The last form ends in 2012-03: work beside AAP cannot be seen" in text
    assert f"after month {after[0]} for the first people included, after month {after[1]} for the last" in text


def test_time_without_forms_in_which_nobody_was_on_aap_is_not_warned_of(trial):
    aap = trial.tables["benefit_spells"]["benefit"] == "aap"
    forms = trial.tables["aap_hours"]
    start, end = forms["period_start"].min(), forms["period_start"].max()
    spells = trial.tables["benefit_spells"].copy()
    spells.loc[aap, "from_date"], spells.loc[aap, "to_date"] = start, end
    assert "form" not in said(changed(trial, {"benefit_spells": spells}))


def test_forms_to_the_end_of_the_registers_are_not_warned_of(trial):
    spread = pd.DataFrame(
        {
            "participant_id": "P0001",
            "period_start": pd.date_range("2009-01-05", "2013-03-17", freq="14D"),
            "hours_worked": 0.0,
        }
    )
    assert "form" not in said(changed(trial, {"aap_hours": spread}))


def test_benefits_without_any_form_are_noticed(trial):
    assert "There are no forms" in said(changed(trial, {"aap_hours": trial.tables["aap_hours"].iloc[:0]}))
    nobody_on_aap = trial.tables["benefit_spells"].query("benefit != 'aap'")
    empty = trial.tables["aap_hours"].iloc[:0]
    assert "forms" not in said(changed(trial, {"aap_hours": empty, "benefit_spells": nobody_on_aap}))


@pytest.mark.parametrize("name", [name for name in TABLES if name not in ("participants", "extract_differences")])
def test_a_table_without_rows_is_named(trial, name):
    text = said(changed(trial, {name: trial.tables[name].iloc[:0]}))
    assert f"Without rows: {name}." in text


def test_groups_without_people_are_named(trial):
    text = said(
        changed(
            trial,
            centres=(*trial.study.centres, Centre("nowhere", "Nowhere")),
            status_groups={"job": ("job_no_benefits",), "pension": ("disability_pension_full",), "rest": ()},
            subgroups=(Subgroup(code="age", column="age", label={"en": "Age"}, cuts=(16, 99)),),
        )
    )
    assert "setting centres: Nobody is in nowhere." in text
    assert "pension" in text.split("setting status_groups: ")[1].splitlines()[0]
    assert "setting subgroups age: Nobody is in under_16, from_99." in text


def test_answers_that_no_setting_uses_and_settings_that_no_answer_uses(trial):
    others = {name: rules for name, rules in trial.study.instruments.items() if name != "hads"}
    assert "The answers to hads are not used" in said(changed(trial, instruments=others))
    answers = trial.tables["questionnaires"]
    blank = answers.assign(**{name: float("nan") for name in answers.columns if name.startswith("chalder_")})
    assert "Nobody answered an item of chalder." in said(changed(trial, {"questionnaires": blank}))


def test_a_wave_that_nobody_answered_is_named(trial):
    assert "Nobody answered in wave 24." in said(changed(trial, waves=(0, 6, 12, 24)))


def test_spells_without_a_horizon_are_not_used_and_that_is_said(trial):
    text = said(changed(trial, horizon=None, primary=None, late_window=None))
    assert "benefit_spells.csv: The spells are not used" in text and "job_spells.csv: The spells" in text
    assert "observed to" not in text and "The last form" not in text


def test_a_study_without_any_row_gets_one_warning(trial):
    empty = replace(trial, tables={name: frame.iloc[:0] for name, frame in trial.tables.items()})
    (warning,) = warnings_of(empty)
    assert "No table has a row yet." in warning.cause


def test_no_warning_names_a_participant(tmp_path):
    folder = shutil.copytree(HANDMADE, tmp_path / "study")
    assert "P0" not in " ".join(map(str, warnings_of(open_trial(folder))))


# Each kind of warning, and what is close to it and no reason for one


def kinds(looks, trial) -> set[str]:
    return {warning.kind for warning in found_by(looks, trial)}


def with_rows(trial, name, **columns):
    """The trial with a table of these rows alone; what is not given is missing."""
    rows = pd.DataFrame(columns)
    old = trial.tables[name]
    return changed(trial, {name: rows.reindex(columns=old.columns).astype(old.dtypes)})


def benefits(trial, *rows):
    names = ("participant_id", "benefit", "degree", "from_date", "to_date")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return with_rows(trial, "benefit_spells", **columns | {day: pd.to_datetime(columns[day]) for day in names[3:]})


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        (("aap", 100, "2011-02-28", None), "overlapping_spells"),
        (("aap", 100, "2011-03-01", None), None),
        (("sickness_benefit", 100, "2011-03-01", None), "adjacent_spells"),
        (("sickness_benefit", 50, "2011-03-01", None), None),
        (("sickness_benefit", 100, "2011-03-02", None), None),
    ],
)
def test_spells_beside_each_other(trial, second, kind):
    first = ("P0001", "sickness_benefit", 100, "2010-11-01", "2011-02-28")
    of_spells = {"overlapping_spells", "adjacent_spells"}
    trial = changed(trial, {"job_spells": trial.tables["job_spells"].iloc[:0]})
    assert kinds(SPELLS, benefits(trial, first, ("P0001", *second))) & of_spells == ({kind} if kind else set())
    assert not kinds(SPELLS, benefits(trial, first, ("P0002", *second))) & of_spells


@pytest.mark.parametrize(
    ("table", "column", "row", "value", "kind"),
    [
        ("background", "violence_been_beaten", 0, True, "contradiction"),
        ("background", "bullied_at_work", 0, False, "contradiction"),
        ("background", "years_in_occupation", 0, 30, "longer_than_life"),
        ("background", "years_in_occupation", 0, 29, None),
        ("open_answers", "category_2", 0, "psychologist", "category_twice"),
        ("fidelity", "score", 0, pd.NA, "incomplete_review"),
        ("fidelity", "reviewed_on", 0, pd.Timestamp("2011-02-28"), "incomplete_review"),
        ("fidelity", "reviewed_on", 0, pd.Timestamp("1999-02-28"), "far_from_the_study"),
        ("interviews", "conducted_on", 0, pd.Timestamp("1981-02-28"), "far_from_the_study"),
        ("interviews", "conducted_on", 0, pd.Timestamp("2009-06-01"), None),
        ("aap_hours", "period_start", 1, pd.Timestamp("2011-11-14"), "overlapping_forms"),
        ("aap_hours", "period_start", 1, pd.Timestamp("2011-11-21"), None),
    ],
)
def test_answers_ratings_and_forms_that_do_not_go_together(trial, table, column, row, value, kind):
    """P0001 is 29 years and 364 days old at inclusion; the first two forms begin 14 days apart."""
    looks = (*ANSWERS, *SPELLS)
    frame = trial.tables[table].copy()
    frame.loc[row, column] = value
    new = kinds(looks, changed(trial, {table: frame})) - kinds(looks, trial)
    assert (kind in new) if kind else not new


@pytest.mark.parametrize(("last", "warned"), [("2011-10-03", False), ("2011-10-04", True), (None, True)])
def test_sickness_benefit_lasts_52_weeks_by_law(trial, last, warned):
    """364 days from 5 October 2010 end on 3 October 2011; a spell that goes on the day after is the same."""
    halves = [("P0001", "sickness_benefit", 100, "2010-10-05", "2011-03-31"),
              ("P0001", "sickness_benefit", 50, "2011-04-01", last)]  # fmt: skip
    assert ("longer_than_the_law" in kinds(SPELLS, benefits(trial, *halves))) is warned


@pytest.mark.parametrize(
    ("degree", "to_date", "later", "warned"),
    [(100, "2011-12-31", "aap", True), (100, "2011-12-31", "nav_follow_up", False), (50, "2011-12-31", "aap", False),
     (100, None, "aap", False)],
)  # fmt: skip
def test_nobody_comes_back_from_a_full_pension(trial, degree, to_date, later, warned):
    pension = ("P0001", "disability_pension", degree, "2010-10-05", to_date)
    found = kinds(SPELLS, benefits(trial, pension, ("P0001", later, None, "2012-02-01", None)))
    assert ("back_from_pension" in found) is warned


def test_what_begins_after_the_observation_is_noticed(trial):
    people = trial.tables["participants"]
    until = people.assign(observed_until=people["included_on"] + pd.Timedelta(days=1))
    found = {warning.file for warning in found_by(SPELLS, changed(trial, {"participants": until}))
             if warning.kind == "after_observation"}  # fmt: skip
    assert {"benefit_spells.csv", "contacts.csv", "questionnaires.csv"} <= found
    assert "after_observation" not in kinds(SPELLS, trial)


@pytest.mark.parametrize(("end", "warned"), [("2012-06-30", True), ("2013-01-15", False)])
def test_a_register_that_shows_nothing_new_for_a_quarter_was_cut_off(trial, end, warned):
    spells = trial.tables["job_spells"]
    cut = spells[spells["from_date"] <= pd.Timestamp(end)]
    ended = cut.assign(to_date=cut["to_date"].fillna(pd.Timestamp(end)).clip(upper=pd.Timestamp(end)))
    found = [warning for warning in found_by(SPELLS, changed(trial, {"job_spells": ended}))
             if (warning.kind, warning.file) == ("ends_before_the_register", "job_spells.csv")]  # fmt: skip
    assert bool(found) is warned and not any(end in str(warning) for warning in found)


@pytest.mark.parametrize(("table", "column", "by", "kind"),
                         [("income", "pensionable_income_nok", 0.001, "income_in_thousands"),
                          ("job_spells", "agreed_hours", 1 / 37.5, "hours_as_shares")])  # fmt: skip
def test_other_units_are_noticed(trial, table, column, by, kind):
    frame = trial.tables[table]
    assert kind in kinds(VALUES, changed(trial, {table: frame.assign(**{column: frame[column] * by})}))
    assert kind not in kinds(VALUES, trial)


@pytest.mark.parametrize(
    ("values", "warned"),
    [([1, 2, 3, 99], True), ([1, 2, 3, -9], True), ([10, 500, 999, 1500], False), ([60, 70, 99], False),
     ([2000, 3000] + [999] * 3, True), ([-20, -9, 3], False), ([99], False), ([1, 2, 9], False)],
)  # fmt: skip
def test_numbers_that_stand_for_missing(trial, values, warned):
    people = [f"P{number:04d}" for number in range(1, len(values) + 1)]
    odd = with_rows(
        trial, "income", participant_id=people, year=2010, pensionable_income_nok=[float(v) for v in values]
    )
    assert ("stands_for_missing" in kinds(VALUES, odd)) is warned


def test_days_that_stand_for_missing(trial):
    spells = trial.tables["job_spells"]
    assert "stands_for_missing" in kinds(
        VALUES, changed(trial, {"job_spells": spells.assign(from_date=pd.Timestamp("1900-01-01"))})
    )


@pytest.mark.parametrize(("step", "warned"), [(5, True), (1, False)])
def test_round_numbers_heap(trial, step, warned):
    values = [step * (number % (100 // step)) for number in range(200)]
    answers = with_rows(trial, "questionnaires", participant_id=["P0001"] * 200, wave=0, health_ladder=values)
    assert ("round_numbers" in kinds(VALUES, answers)) is warned


@pytest.mark.parametrize(("step", "warned"), [("MS", True), ("D", False)])
def test_days_heap_on_the_first_of_a_month(trial, step, warned):
    days = pd.date_range("2010-07-01", periods=90, freq=step)
    contacts = with_rows(trial, "contacts", participant_id=["P0001"] * 90, contact_on=days, role="therapist", hours=1.0)
    assert ("first_of_month" in kinds(VALUES, contacts)) is warned


def test_rows_that_stand_twice(trial):
    contacts = trial.tables["contacts"]
    twice = pd.concat([contacts, contacts.iloc[:2]], ignore_index=True)
    (found,) = [each for each in found_by(VALUES, changed(trial, {"contacts": twice})) if each.kind == "identical_rows"]
    assert "fewer than 5 of" in found.cause


@pytest.mark.parametrize(("treated", "warned"), [(200, False), (220, False), (250, True)])
def test_arms_are_held_to_the_stated_allocation(trial, treated, warned):
    """Two to one until October 2010: of 300 people 200 are expected in the treatment arm, give or take eight."""
    people = pd.DataFrame(
        {
            "participant_id": [f"P{number:04d}" for number in range(300)],
            "centre": "oslo",
            "arm": ["sfj"] * treated + ["control"] * (300 - treated),
            "included_on": pd.Timestamp("2010-07-01"),
        }
    ).reindex(columns=trial.tables["participants"].columns)
    odd = changed(trial, {"participants": people}, horizon=None, primary=None, late_window=None)
    assert ("unbalanced_arms" in kinds(PEOPLE, odd)) is warned


def test_people_whom_no_register_knows(trial):
    fewer = {name: frame[frame["participant_id"] != "P0004"] for name, frame in trial.tables.items()
             if name in ("benefit_spells", "job_spells", "income", "measures")}  # fmt: skip
    (found,) = found_by(PEOPLE, changed(trial, fewer))
    assert found.cause == "In no row of benefit_spells, job_spells, income, measures: fewer than 5 of 10 people."
    assert "no_register_rows" not in kinds(PEOPLE, trial)


def test_answers_nearer_to_another_wave(trial):
    answers = trial.tables["questionnaires"]
    early = answers["answered_on"].where(answers["wave"] != 12, answers["answered_on"] - pd.DateOffset(months=5))
    assert "nearer_to_another_wave" in kinds(
        PEOPLE, changed(trial, {"questionnaires": answers.assign(answered_on=early)})
    )
    assert "nearer_to_another_wave" not in kinds(PEOPLE, trial)


@pytest.mark.parametrize(
    ("count", "of", "told"),
    [(1, 10, "fewer than 5 of 10 people"), (5, 10, "5 of 10 people"), (6, 10, "all but fewer than 5 of 10 people"),
     (10, 10, "10 of 10 people"), (4, None, "fewer than 5 people"), (3, 4, "fewer than 5 people"),
     (1200, None, "1,200 people")],
)  # fmt: skip
def test_small_counts_and_small_rests_are_not_told(count, of, told):
    assert counted(count, "people", of) == told


OF_JOBS = """
outcomes:
  - {code: with_job, label: {en: With a job, nb: Med jobb}, has_job: true}
  - {code: in_work_no_benefits, label: {en: In work, nb: I arbeid}, statuses: [job_no_benefits]}
  - {code: fully_or_partly_in_work, label: {en: Partly, nb: Delvis}, statuses: [job_no_benefits, sick_listed_graded]}
primary: {outcome: %s, at: 12}
"""


@pytest.mark.parametrize(("primary", "kept"), [("with_job", ["with_job"]), ("in_work_no_benefits", None)])
def test_an_outcome_that_rests_on_an_empty_register_is_left_out_and_named(tmp_path, primary, kept):
    """Without benefits everybody with a job would be in work without any; where the aim itself rests on them, nothing
    is said of work at all."""
    folder = Path(shutil.copytree(HANDMADE, tmp_path / "study"))
    for name in ("benefit_spells", "aap_hours"):
        (folder / f"{name}.csv").unlink()
    settings = (folder / "study.yml").read_text(encoding="utf-8").splitlines()
    own = [line for line in settings if not line.startswith("primary:")]
    (folder / "study.yml").write_text("\n".join(own) + OF_JOBS % primary, encoding="utf-8")
    trial = open_trial(folder)
    told = [each.column for each in found_by(GENERAL, trial) if each.kind == "untold_outcome"]
    without = ["outcomes, in_work_no_benefits", "outcomes, fully_or_partly_in_work"]
    every = ["with_job", "in_work_no_benefits", "fully_or_partly_in_work"]
    assert (list(trial.study.monthly_outcomes), told) == ((kept, without) if kept else (every, []))
    assert (unmet(trial, "effect_window") is None) == (not kept)
    assert (unmet(trial, "registers") is None) == bool(kept)
