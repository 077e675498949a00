"""What is invented freely looks like registers: checks on the tables, and what was done for them moves no status."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.frames.registers import status_panel
from analysis.frames.trial import Trial, open_trial
from analysis.study.finding import BUNDLED
from analysis.synthesis.sfj.contacts import _working_day
from analysis.synthesis.sfj.jobs import with_other_days
from analysis.synthesis.sfj.participants import CLOSED
from analysis.synthesis.sfj.plausibility import PAGE, Check, checks, page
from analysis.synthesis.sfj.registers import AAP_BEGAN, changed_over
from analysis.synthesis.sfj.screening import _on_working_days


@pytest.fixture(scope="module")
def trial() -> Trial:
    return open_trial()


def found(trial, part):
    (check,) = [check for check in checks(trial) if part in check.what]
    return check


def other(trial, name, **columns):
    frame = trial.tables[name]
    return replace(trial, tables={**trial.tables, name: frame.assign(**columns)})


def test_the_page_is_of_the_tables(trial):
    assert (BUNDLED / PAGE).read_text(encoding="utf-8") == page(trial)
    assert len(checks(trial)) == 15


@pytest.mark.parametrize(
    ("part", "table", "column", "value"),
    [
        ("Contacts", "contacts", "contact_on", pd.Timestamp("2011-01-03")),
        ("Referrals", "screening", "referred_on", pd.Timestamp("2011-01-07")),
        ("Ended jobs", "job_spells", "to_date", pd.Timestamp("2011-01-31")),
        ("two employers", "job_spells", "employer_id", "E0001"),
        ("scheme", "benefit_spells", "from_date", AAP_BEGAN - pd.Timedelta(days=1)),
        ("a fifth of full time", "aap_hours", "hours_worked", 30.0),
    ],
)
def test_a_check_that_holds_fails_where_it_should(trial, part, table, column, value):
    assert found(trial, part).holds
    assert not found(other(trial, table, **{column: value}), part).holds


@pytest.mark.parametrize(
    ("part", "table", "column", "value"),
    [
        ("above 200,000", "income", "pensionable_income_nok", 0.0),
        ("without agreed", "job_spells", "agreed_hours", np.nan),
    ],
)
def test_a_check_that_fails_holds_where_it_should(trial, part, table, column, value):
    assert not found(trial, part).holds
    assert found(other(trial, table, **{column: value}), part).holds


def test_bounds_belong_to_what_holds_and_a_number_that_is_not_known_does_not():
    check = Check("", 0.6, 0.98, ".0%", 0.98)
    assert check.holds and not replace(check, found=np.nan).holds
    ends = check, replace(check, most=np.inf), replace(check, least=-np.inf)
    asked = [each.asked.replace("\N{NO-BREAK SPACE}", " ") for each in ends]
    assert asked == ["60% to 98%", "at least 60%", "at most 98%"]


def test_other_days_of_jobs_and_the_change_to_aap_move_no_status(trial):
    """Undone and done again: the panel with its hours stays as it is."""
    jobs, benefits = trial.tables["job_spells"], trial.tables["benefit_spells"]
    ends = jobs["to_date"]
    jobs = jobs.assign(to_date=ends.where(ends.dt.is_month_end, ends - pd.offsets.MonthEnd(1)))
    again = with_other_days(jobs, np.arange(1, 901), np.random.default_rng(3)).astype(jobs.dtypes.to_dict())
    assert len(again) > len(jobs) and again["agreed_hours"].sum() == pytest.approx(jobs["agreed_hours"].sum())
    assert (again["agreed_hours"] > 0).all()
    first = benefits["from_date"] == AAP_BEGAN
    whole = benefits[~(first & (benefits["benefit"] == "aap"))]
    whole = whole.assign(to_date=whole["to_date"].mask(whole["to_date"] == AAP_BEGAN - pd.Timedelta(days=1)))
    cut = changed_over(whole)
    assert ((cut["from_date"] == AAP_BEGAN) & (cut["benefit"] == "aap")).sum() > 200
    tables = {**trial.tables, "job_spells": again}
    pd.testing.assert_frame_equal(status_panel(tables, trial.study), trial.panel, check_dtype=False)
    one, two = ({**trial.tables, "benefit_spells": frame} for frame in (whole, cut))
    pd.testing.assert_frame_equal(status_panel(one, trial.study), status_panel(two, trial.study))


def test_days_are_working_days_of_all_kinds():
    rng = np.random.default_rng(1)
    every = pd.Series(pd.date_range("2010-06-01", "2012-06-30"))
    referred = _on_working_days(every, rng)
    assert referred.dt.day_of_week.max() == 4 and ((every - referred).dt.days.between(0, 6)).all()
    seen = pd.Series([_working_day(day, rng) for day in every])
    assert seen.dt.day_of_week.max() == 4 and not seen.isin(CLOSED).any()
    assert not ((seen.dt.month == 7) & (seen.dt.day < 25)).any() and (seen >= every).all()
    for days in (referred, seen):
        assert days.dt.day_of_week.value_counts(normalize=True).max() < 0.27
