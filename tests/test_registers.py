"""The monthly panel: every rule on a case worked by hand, and what must hold for any spells."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import ibis
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.frames.registers import (
    PANEL_COLUMNS,
    SCHEMAS,
    STATUSES,
    panel_expression,
    status_panel,
    time_out_of_work,
)
from analysis.study.intake import read_study
from analysis.study.reading import read_settings

STUDY = read_settings(Path(__file__).parents[1] / "data" / "sfj")
INCLUDED = date(2011, 3, 15)


def tables_of(spells=(), jobs=(), forms=(), included=(("P1", INCLUDED),)) -> dict[str, pd.DataFrame]:
    """Study tables from tuples; spells are (benefit, degree, from, to) of P1, or with the participant in front."""

    def named(rows, width):
        return [row if len(row) == width else ("P1", *row) for row in rows]

    return {
        "participants": pd.DataFrame(included, columns=["participant_id", "included_on"]),
        "benefit_spells": pd.DataFrame(named(spells, 5), columns=list(SCHEMAS["benefit_spells"])),
        "job_spells": pd.DataFrame(named(jobs, 4), columns=list(SCHEMAS["job_spells"])),
        "aap_hours": pd.DataFrame(named(forms, 3), columns=list(SCHEMAS["aap_hours"])),
    }


def with_window(register_start: date, register_end: date):
    """The study with another register window; inclusion shrinks to fit inside it."""
    inside = {"inclusion_start": register_start, "inclusion_end": register_end}
    return replace(
        STUDY, dates=replace(STUDY.dates, register_start=register_start, register_end=register_end, **inside)
    )


def panel_of(*args, **kwargs) -> pd.DataFrame:
    return status_panel(tables_of(*args, **kwargs), STUDY)


def statuses(panel: pd.DataFrame, months) -> list[str]:
    by_month = panel.set_index("month")["status"].astype(str)
    return [by_month[month] for month in months]


def status_at(month: int, *args, **kwargs) -> str:
    return statuses(panel_of(*args, **kwargs), [month])[0]


# ---- the shape of the panel ------------------------------------------------------------------------------------------


def test_one_row_per_participant_and_month_of_the_horizon():
    panel = panel_of()
    assert list(panel.columns) == ["participant_id", "month", *PANEL_COLUMNS]
    assert panel["month"].tolist() == list(range(-12, 19))
    assert panel["status"].cat.categories.tolist() == list(STATUSES)
    assert set(panel["status"]) == {"no_job_no_benefit"}
    assert panel["has_job"].dtype == bool


def test_month_0_is_the_calendar_month_of_inclusion_whatever_the_day():
    spell = [("sickness_benefit", 100, "2011-03-31", "2011-03-31")]
    for day in (1, 15, 31):
        panel = panel_of(spell, included=[("P1", date(2011, 3, day))])
        assert panel.loc[panel["sick_degree"] > 0, "month"].tolist() == [0]


def test_months_outside_the_register_window_have_no_row():
    late = panel_of(included=[("P1", date(2012, 2, 29))])
    assert late["month"].tolist() == list(range(-12, 14))  # March 2013 is the last whole month of the registers
    panel = status_panel(tables_of(), with_window(date(2010, 9, 2), date(2011, 8, 30)))
    assert panel["month"].tolist() == list(range(-5, 5))  # neither September 2010 nor August 2011 is whole


def test_tables_the_study_lacks_count_as_empty():
    tables = tables_of([("aap", 100, "2011-01-01", None)])
    del tables["aap_hours"], tables["job_spells"]
    assert statuses(status_panel(tables, STUDY), [0, 12]) == ["aap", "aap"]


@pytest.mark.parametrize("dialect", ["duckdb", "databricks", "postgres"])
def test_the_panel_is_one_expression_that_other_engines_can_run(dialect):
    """Nothing is fetched on the way: the whole panel compiles to one query, Spark's SQL (databricks) included."""
    sources = {name: ibis.table(schema, name=name) for name, schema in SCHEMAS.items()}
    query = ibis.to_sql(panel_expression(sources, STUDY), dialect=dialect)
    assert all(name in query for name in SCHEMAS)


# ---- each rule -------------------------------------------------------------------------------------------------------


def test_one_day_of_sickness_benefit_makes_the_month_sick_listed():
    spells = [("sickness_benefit", 100, "2011-04-30", "2011-05-01")]
    jobs = [(37.5, "2005-01-01", None)]
    assert statuses(panel_of(spells, jobs), [0, 1, 2, 3]) == [
        "job_no_benefits", "sick_listed_full", "sick_listed_full", "job_no_benefits",
    ]  # fmt: skip


def test_the_last_spell_of_the_month_decides_full_or_graded():
    to_graded = [
        ("sickness_benefit", 100, "2011-03-01", "2011-04-10"),
        ("sickness_benefit", 60, "2011-04-11", "2011-05-20"),
    ]
    to_full = [
        ("sickness_benefit", 60, "2011-03-01", "2011-04-29"),
        ("sickness_benefit", 100, "2011-04-30", "2011-05-20"),
    ]
    assert statuses(panel_of(to_graded), [0, 1, 2]) == ["sick_listed_full", "sick_listed_graded", "sick_listed_graded"]
    assert statuses(panel_of(to_full), [0, 1, 2]) == ["sick_listed_graded", "sick_listed_full", "sick_listed_full"]
    assert panel_of(to_graded).set_index("month")["sick_degree"].loc[[0, 1, 2, 3]].tolist() == [100, 60, 60, 0]


def test_aap_counts_at_the_end_of_the_month():
    spells = [("aap", 100, "2011-04-30", "2011-06-29")]
    assert statuses(panel_of(spells), [0, 1, 2, 3]) == ["no_job_no_benefit", "aap", "aap", "no_job_no_benefit"]
    assert status_at(3, [("aap", 100, "2011-04-30", "2011-06-30")]) == "aap"


def test_sickness_benefit_goes_before_aap_and_aap_before_everything_else():
    everything = [
        ("sickness_benefit", 50, "2011-03-01", "2011-03-02"),
        ("aap", 100, "2011-03-01", "2011-04-30"),
        ("disability_pension", 50, "2011-03-01", "2011-05-31"),
        ("unemployment_benefit", None, "2011-03-01", "2011-06-30"),
        ("nav_follow_up", None, "2011-03-01", "2011-08-31"),
    ]
    jobs = [(30, "2011-03-01", "2011-07-31")]
    assert statuses(panel_of(everything, jobs), range(7)) == [
        "sick_listed_graded", "aap", "disability_pension_graded", "unemployment_benefit_individual_allowance",
        "job_no_benefits", "nav_follow_up_without_benefits", "no_job_no_benefit",
    ]  # fmt: skip


def test_sickness_benefit_goes_before_aap_with_work_too():
    spells = [("aap", 100, "2011-01-01", None), ("sickness_benefit", 40, "2011-04-01", "2011-04-10")]
    panel = panel_of(spells, forms=[("2011-04-04", 60), ("2011-05-02", 60)])
    assert statuses(panel, [1, 2]) == ["sick_listed_graded", "aap_and_job"]


def test_individual_allowance_counts_with_unemployment_benefit_on_any_day():
    spells = [("individual_allowance", None, "2011-03-31", "2011-04-01")]
    expected = ["unemployment_benefit_individual_allowance"] * 2 + ["no_job_no_benefit"]
    assert statuses(panel_of(spells), [0, 1, 2]) == expected


def test_disability_pension_counts_from_the_first_month_paid():
    spells = [("disability_pension", 40, "2011-05-20", "2011-08-31"), ("disability_pension", 100, "2011-09-01", None)]
    assert statuses(panel_of(spells), [1, 2, 5, 6, 18]) == [
        "no_job_no_benefit", "disability_pension_graded", "disability_pension_graded", "disability_pension_full",
        "disability_pension_full",
    ]  # fmt: skip
    degrees = panel_of(spells).set_index("month")["disability_degree"]
    assert degrees.loc[[1, 2, 6]].tolist() == [0, 40, 100]


def test_disability_degree_is_kept_behind_sickness_benefit():
    spells = [("disability_pension", 50, "2010-01-01", None), ("sickness_benefit", 100, "2011-03-01", "2011-03-31")]
    row = panel_of(spells).set_index("month").loc[0]
    assert (row["status"], row["sick_degree"], row["disability_degree"]) == ("sick_listed_full", 100, 50)


def test_a_job_counts_at_the_end_of_the_month():
    assert statuses(panel_of(jobs=[(20, "2011-04-30", "2011-06-29")]), [0, 1, 2, 3]) == [
        "no_job_no_benefit", "job_no_benefits", "job_no_benefits", "no_job_no_benefit",
    ]  # fmt: skip


def test_two_jobs_are_one_status():
    panel = panel_of(jobs=[(20, "2011-01-01", None), (10, "2011-02-01", "2011-09-30")])
    assert len(panel) == 31
    assert status_at(0, jobs=[(20, "2011-01-01", None), (10, "2011-02-01", "2011-09-30")]) == "job_no_benefits"


# ---- AAP with work: threshold 0.1 of two agreed weeks ----------------------------------------------------------------

AAP = [("aap", 100, "2011-01-01", None)]


@pytest.mark.parametrize(
    ("hours", "jobs", "expected"),
    [
        ([7.5], [(37.5, "2005-01-01", None)], "aap_and_job"),  # 7.5 of 75 agreed hours is exactly a tenth
        ([7.4], [(37.5, "2005-01-01", None)], "aap"),
        ([7.4], [(20, "2005-01-01", None)], "aap_and_job"),  # 7.4 of 40
        ([7.4], [(20, "2005-01-01", "2010-06-30")], "aap_and_job"),  # the latest job still gives the agreed hours
        (
            [7.4],
            [(20, "2005-01-01", "2010-06-30"), (37.5, "2010-07-01", "2010-12-31")],
            "aap",
        ),  # a later job goes first
        (
            [7.4],
            [(37.5, "2005-01-01", "2010-12-31"), (20, "2003-01-01", None)],
            "aap_and_job",
        ),  # a running job goes first
        ([7.4], [(20, "2005-01-01", None), (17.5, "2006-01-01", None)], "aap"),  # running jobs add up to full time
        ([7.4], [(20, "2011-05-01", None)], "aap"),  # a job that begins later is not known yet: full time
        ([7.5], [], "aap_and_job"),  # no job: full time
        ([7.4], [(0, "2005-01-01", None)], "aap"),  # no agreed hours registered: full time
        ([0, 15], [], "aap_and_job"),  # the mean of the forms, 7.5
        ([0, 14], [], "aap"),
        ([], [(37.5, "2005-01-01", None)], "aap"),  # no form, no work
    ],
)
def test_hours_on_the_forms_decide_whether_aap_is_with_work(hours, jobs, expected):
    forms = [(date(2011, 4, 4) + timedelta(days=14 * place), worked) for place, worked in enumerate(hours)]
    assert status_at(1, AAP, jobs, forms) == expected


def test_a_form_belongs_to_the_month_in_which_it_starts():
    panel = panel_of(AAP, forms=[("2011-04-30", 60)])
    assert statuses(panel, [0, 1, 2]) == ["aap", "aap_and_job", "aap"]


def test_the_threshold_is_a_setting_of_the_study():
    strict = replace(STUDY, registers=replace(STUDY.registers, aap_work_share_min=0.5))
    tables = tables_of(AAP, forms=[("2011-04-04", 30)])
    assert statuses(status_panel(tables, STUDY), [1]) == ["aap_and_job"]
    assert statuses(status_panel(tables, strict), [1]) == ["aap"]


def test_hours_without_aap_are_no_status():
    assert status_at(1, forms=[("2011-04-04", 60)]) == "no_job_no_benefit"


# ---- months out of work ----------------------------------------------------------------------------------------------


def test_months_out_of_work_is_the_unbroken_run_before_inclusion():
    jobs = [(37.5, "2005-01-01", None)]
    spells = [
        ("sickness_benefit", 100, "2010-06-01", "2010-07-31"),
        ("sickness_benefit", 60, "2010-12-15", "2011-06-30"),
    ]
    row = time_out_of_work(panel_of(spells, jobs)).iloc[0]
    assert row["months_out_of_work"] == 3  # December, January and February; March is the month of inclusion
    assert not row["still_running"]


def test_months_out_of_work_of_those_in_work_last_month_and_of_those_never_seen_in_work():
    included = [("P1", INCLUDED), ("P2", INCLUDED), ("P3", date(2011, 3, 1))]
    jobs = [("P1", 30, "2005-01-01", None)]
    rows = time_out_of_work(panel_of(jobs=jobs, included=included)).set_index("participant_id")
    assert rows.loc["P1"].tolist() == [0, False]
    assert rows.loc["P2"].tolist() == [12, True]


# ---- the hand-made trial ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def handmade():
    folder = Path(__file__).parent / "handmade"
    study, tables = read_study(folder)
    expected = yaml.safe_load((folder / "expected.yml").read_text(encoding="utf-8"))
    return status_panel(tables, study), expected


def test_every_status_of_the_hand_made_trial(handmade):
    panel, expected = handmade
    found = panel.groupby("participant_id")[["month", "status"]].apply(lambda own: list(own.itertuples(index=False)))
    for person, runs in expected["statuses"].items():
        months = [(month, status) for first, last, status in runs for month in range(first, last + 1)]
        assert [tuple(row) for row in found[person]] == months


def test_months_out_of_work_in_the_hand_made_trial(handmade):
    panel, expected = handmade
    rows = time_out_of_work(panel).set_index("participant_id")
    assert rows["months_out_of_work"].to_dict() == expected["employment"]["months_out_of_work"]
    assert rows.index[rows["still_running"]].tolist() == expected["employment"]["still_running"]


# ---- properties ------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2009, 1, 1), date(2013, 3, 31))
BENEFITS = st.sampled_from(
    ["sickness_benefit", "aap", "disability_pension", "unemployment_benefit", "individual_allowance", "nav_follow_up"]
)
PEOPLE = ["P1", "P2", "P3", "P4"]


@st.composite
def register_tables(draw):
    """Four people with any spells, jobs and forms; spells may touch or overlap in ways the contract would refuse."""

    def span():
        first, second = sorted((draw(DAYS), draw(DAYS)))
        return first, draw(st.sampled_from([second, None]))

    def rows(count, values):
        return [(draw(st.sampled_from(PEOPLE)), *values()) for _ in range(draw(st.integers(0, 2 * count)))]

    spells = rows(6, lambda: (draw(BENEFITS), draw(st.sampled_from([20, 50, 100])), *span()))
    jobs = rows(3, lambda: (draw(st.sampled_from([0, 15, 37.5])), *span()))
    forms = rows(4, lambda: (draw(DAYS), draw(st.integers(0, 80))))
    included = [(person, draw(st.dates(date(2010, 6, 1), date(2012, 2, 29)))) for person in PEOPLE]
    return tables_of(spells, jobs, forms, included)


MANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(register_tables())
def test_exactly_one_known_status_a_month(tables):
    panel = status_panel(tables, STUDY)
    assert not panel.duplicated(["participant_id", "month"]).any()
    assert panel["status"].notna().all()
    for person, included_on in tables["participants"].itertuples(index=False):
        months = panel.loc[panel["participant_id"] == person, "month"].tolist()
        last = (2013 - included_on.year) * 12 + 3 - included_on.month
        assert months == list(range(-12, min(18, last) + 1))


@MANY
@given(register_tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(tables, random):
    def mixed(frame):
        return frame.iloc[random.sample(range(len(frame)), len(frame))]

    shuffled = {name: mixed(frame) for name, frame in tables.items()}
    pd.testing.assert_frame_equal(status_panel(tables, STUDY), status_panel(shuffled, STUDY))


@MANY
@given(register_tables(), DAYS, BENEFITS)
def test_a_later_spell_never_changes_earlier_months(tables, first_day, benefit):
    later = pd.DataFrame([("P1", benefit, 100, first_day, None)], columns=list(SCHEMAS["benefit_spells"]))
    longer = {**tables, "benefit_spells": pd.concat([tables["benefit_spells"].astype(object), later.astype(object)])}
    before, after = status_panel(tables, STUDY), status_panel(longer, STUDY)
    included_on = tables["participants"].set_index("participant_id")["included_on"]["P1"]
    begins = (first_day.year - included_on.year) * 12 + first_day.month - included_on.month
    untouched = (before["participant_id"] != "P1") | (before["month"] < begins)
    pd.testing.assert_frame_equal(before[untouched], after[untouched])


@MANY
@given(register_tables(), st.dates(date(2011, 1, 31), date(2013, 3, 31)))
def test_a_shorter_register_window_only_takes_months_away(tables, register_end):
    """Censoring: what happens after the last day cannot be seen, and it changes nothing that can."""
    whole, cut = status_panel(tables, STUDY), status_panel(tables, with_window(date(2009, 1, 1), register_end))
    kept = whole.merge(cut[["participant_id", "month"]], on=["participant_id", "month"])
    pd.testing.assert_frame_equal(kept, cut, check_categorical=False)
    assert len(cut) <= len(whole)


@MANY
@given(register_tables())
def test_the_inputs_are_not_changed(tables):
    before = {name: frame.copy() for name, frame in tables.items()}
    status_panel(tables, STUDY)
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, before[name])
