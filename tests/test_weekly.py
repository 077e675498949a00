"""Time counted in weeks and years, and ends of observation of one's own: by hand, by calendar, and whole units only."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.frames.registers import SCHEMAS, status_panel
from analysis.frames.trial import open_trial
from analysis.frames.warnings import warnings_of
from analysis.study.design import Dates, Horizon, RegisterSettings
from analysis.study.time_units import unit_number, whole_units

WEEKLY = Path(__file__).parent / "weekly"
EXPECTED = yaml.safe_load((WEEKLY / "expected.yml").read_text(encoding="utf-8"))
UNITS = ("month", "week", "year")


@pytest.fixture(scope="module")
def trial():
    return open_trial(WEEKLY)


def test_each_person_is_observed_until_a_day_of_their_own(trial):
    weeks = trial.panel.groupby("participant_id")["week"].agg(["min", "max", "size"])
    assert {person: [row["min"], row["max"]] for person, row in weeks.iterrows()} == EXPECTED["observed"]
    assert (weeks["size"] == weeks["max"] - weeks["min"] + 1).all()


def test_work_by_week_is_that_of_the_calendar(trial):
    works = trial.outcomes[trial.outcomes["works"]].groupby("participant_id")["week"].agg(list).to_dict()
    assert {person: works.get(person, []) for person in EXPECTED["works"]} == EXPECTED["works"]


@pytest.mark.parametrize("arm", ["trained", "waiting"])
def test_shares_are_those_of_the_people_observed(trial, arm):
    people = trial.outcomes.merge(trial.people[["participant_id", "arm"]], on="participant_id")
    by_week = people[people["arm"] == arm].groupby("week")["works"].agg(["sum", "size"])
    assert {week: by_week.loc[week].tolist() for week in EXPECTED["shares"][arm]} == EXPECTED["shares"][arm]


def test_time_in_work_counts_observed_weeks_after_inclusion_only(trial):
    found = trial.follow_up.set_index("participant_id")["weeks_of_work"]
    weeks = {person: sum(week > 0 for week in EXPECTED["works"][person]) for person in found.index}
    assert found.to_dict() == weeks
    assert "P0003" not in found.index and "P0007" not in found.index  # never observed after inclusion


def test_the_check_warns_of_people_who_are_observed_short(trial):
    said = [str(warning) for warning in warnings_of(trial)]
    assert any("Not observed to week 8, the last one shown: all but fewer than 5 of 10" in line for line in said)
    assert any("Not observed in the whole week of inclusion: fewer than 5 of 10" in line for line in said)


# By calendar

DAYS = st.dates(date(1995, 1, 1), date(2035, 12, 31))


@given(day=DAYS, unit=st.sampled_from(UNITS), step=st.integers(0, 800))
def test_units_follow_each_other_and_never_go_back(day, unit, step):
    numbers = [unit_number(day + timedelta(days=days), unit) for days in (0, 1, step)]
    assert numbers[1] - numbers[0] in (0, 1) and numbers[2] >= numbers[0]


@given(day=DAYS)
def test_weeks_are_those_of_the_calendar(day):
    monday = day - timedelta(days=day.weekday())
    inside = {unit_number(monday + timedelta(days=days), "week") for days in range(7)}
    assert len(inside) == 1
    assert unit_number(monday + timedelta(days=7), "week") == inside.pop() + 1
    assert unit_number(monday, "week") - unit_number(date(1970, 1, 5), "week") == (monday - date(1970, 1, 5)).days / 7


@pytest.mark.parametrize(
    ("first", "last", "unit", "wholes"),
    [
        (date(2016, 2, 1), date(2016, 2, 29), "month", 1),
        (date(2016, 2, 1), date(2016, 2, 28), "month", 0),
        (date(2015, 2, 1), date(2015, 2, 28), "month", 1),
        (date(2019, 12, 30), date(2020, 1, 5), "week", 1),
        (date(2019, 12, 31), date(2020, 1, 12), "week", 1),
        (date(2012, 10, 22), date(2012, 11, 4), "week", 2),
        (date(2012, 1, 1), date(2013, 12, 31), "year", 2),
        (date(2012, 1, 2), date(2013, 12, 30), "year", 0),
    ],
)
def test_only_whole_units_are_seen(first, last, unit, wholes):
    """A leap February, a week over New Year, the week when the clocks go back, years that lack a day."""
    assert len(whole_units(first, last, unit)) == wholes


def people_of(days, ends=None) -> dict[str, pd.DataFrame]:
    people = pd.DataFrame({"participant_id": [f"P{number:04d}" for number in range(len(days))], "included_on": days})
    empty = {name: pd.DataFrame(columns=list(columns)) for name, columns in SCHEMAS.items() if name != "participants"}
    return {"participants": people.assign(observed_until=ends if ends else pd.NaT), **empty}


def study_of(trial, unit, before, after, start, end):
    return replace(
        trial.study,
        registers=RegisterSettings(unit=unit),
        horizon=Horizon(before=before, after=after),
        dates=Dates(inclusion_start=start, inclusion_end=end, register_start=start, register_end=end),
    )


@settings(max_examples=5)
@given(days=st.lists(st.dates(date(2010, 1, 1), date(2013, 12, 31)), min_size=30, max_size=30), data=st.data())
@pytest.mark.parametrize("unit", UNITS)
def test_the_panel_has_the_units_that_settings_are_checked_by(trial, unit, days, data):
    """The check of a horizon and the panel of a data base count the same whole units."""
    start, end = date(2009, 3, 10), data.draw(st.dates(date(2014, 1, 1), date(2016, 12, 31)))
    ends = [day + timedelta(days=data.draw(st.integers(0, 900))) for day in days]
    study = study_of(trial, unit, 3, 12, start, end)
    panel = status_panel(people_of(days, ends), study)
    found = panel.groupby("participant_id")[unit].agg(list).to_dict()
    for number, (day, last) in enumerate(zip(days, ends, strict=True)):
        seen = whole_units(start, min(last, end), unit)
        expected = [offset for offset in range(-3, 13) if offset + unit_number(day, unit) in seen]
        assert found.get(f"P{number:04d}", []) == expected


def test_years_by_hand(trial):
    """Included on a leap day; a job over New Year counts in the year whose last day it covers."""
    study = study_of(trial, "year", 1, 2, date(2011, 1, 1), date(2014, 6, 30))
    tables = people_of([date(2012, 2, 29)])
    jobs = [("P0000", 37.5, date(2011, 12, 31), date(2012, 1, 1)), ("P0000", 37.5, date(2013, 6, 1), None)]
    tables["job_spells"] = pd.DataFrame(jobs, columns=list(SCHEMAS["job_spells"]))
    panel = status_panel(tables, study)
    assert dict(zip(panel["year"], panel["has_job"], strict=True)) == {-1: True, 0: False, 1: True}


def test_a_form_covers_both_of_its_weeks(trial):
    """Hours reported for a fortnight say of either week that the person worked beside AAP, and of no other week."""
    study = study_of(trial, "week", 1, 4, date(2019, 11, 1), date(2020, 3, 1))
    tables = people_of([date(2019, 12, 23)])
    tables["benefit_spells"] = pd.DataFrame(
        [("P0000", "aap", 100, date(2019, 12, 1), None)], columns=list(SCHEMAS["benefit_spells"])
    )
    tables["aap_hours"] = pd.DataFrame([("P0000", date(2019, 12, 30), 30.0)], columns=list(SCHEMAS["aap_hours"]))
    panel = status_panel(tables, study).set_index("week")["status"].astype(str)
    assert panel[panel == "aap_and_job"].index.tolist() == [1, 2]
    assert set(panel) == {"aap", "aap_and_job"}
