"""Outcomes over the follow-up, first events, subgroups: ten people by week by hand, and a trial from elsewhere."""

import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.chapters import employment, summary
from analysis.frames.trial import Trial, open_trial
from analysis.methods.estimates import estimate_frame, heterogeneity_test
from analysis.show import prose
from analysis.show.study_words import study_catalogue
from analysis.show.tables import Table, label_of
from tests.everything_of_employment import everything, spoken, untrue

WEEKLY = Path(__file__).parent / "weekly"
# What somebody adds to the settings of a study, and nothing else: outcomes and a subgroup.
ADDED_OUTCOMES = """
  - {code: ever_worked, label: {en: Any work}, measure: any_time, has_job: true}
  - {code: half_time, label: {en: Any work of half time}, measure: any_time, weekly_hours_min: 18.75}
  - {code: full_weeks, label: {en: Full-time weeks}, measure: full_time_equivalents}
  - {code: jobs, label: {en: Jobs}, measure: jobs}
  - {code: employers, label: {en: Employers}, measure: employers}
  - {code: first_job, label: {en: Weeks to the first job}, measure: time_to_first, has_job: true}
"""
# Outcomes renamed to codes of the usual groups by status at inclusion.
OF_A_GROUP = {"works": "in_work", "first_job": "aap"}
ADDED_SUBGROUP = """
columns:
  skilled: {description: Has a trade, kind: flag}
subgroups:
  - {code: trade, column: skilled, label: {en: Trade}, labels: {"yes": {en: Skilled}, "no": {en: Unskilled}}}
"""


def values(table: Table) -> pd.Series:
    return table.cells.set_index(["row", "column", "statistic"])["value"]


@pytest.fixture(scope="module")
def trial(tmp_path_factory) -> Trial:
    """The ten people by week with more outcomes and a subgroup, added by an edit of study.yml and a column alone."""
    folder = tmp_path_factory.mktemp("studies") / "weekly"
    shutil.copytree(WEEKLY, folder)
    settings = folder / "study.yml"
    text = settings.read_text(encoding="utf-8").replace("\nprimary:", f"{ADDED_OUTCOMES}primary:")
    settings.write_text(text + ADDED_SUBGROUP, encoding="utf-8")
    rows = [f"P{number:04d},{str(number in (1, 2, 4, 9)).lower()}" for number in range(1, 11)]
    (folder / "background.csv").write_text("\n".join(["participant_id,skilled", *rows]) + "\n", encoding="utf-8")
    return open_trial(folder)


# ---- names -----------------------------------------------------------------------------------------------------------


def test_rows_of_times_are_called_so_though_an_outcome_has_the_code_of_a_status_group(tmp_path):
    """`in_work` is what most people call their outcome, and the usual name of a group by status at inclusion, too."""
    folder = shutil.copytree(WEEKLY, tmp_path / "weekly")
    settings = folder / "study.yml"
    text = settings.read_text(encoding="utf-8").replace("\nprimary:", f"{ADDED_OUTCOMES}primary:")
    settings.write_text(re.sub(r"\b(works|first_job)\b", lambda found: OF_A_GROUP[found[0]], text), encoding="utf-8")
    trial = open_trial(folder)
    catalogue = study_catalogue(trial.study, "en", folder)
    tables = [make(trial) for make in (employment.late_shares_table, employment.at_times_table, employment.first_table)]
    rows = {label_of(table, "rows", row, "employment", catalogue) for table in tables
            for row in table.cells["row"].unique() if row.startswith("week_")}  # fmt: skip
    assert rows == {f"Week {week}" for week in (4, 5, 6, 7, 8)}


def test_one_late_time_is_named_once(trial):
    """The usual late window of a study whose primary time is the end of its follow-up is that one week."""
    short = replace(trial, study=replace(trial.study, late_window=None))
    catalogue = study_catalogue(short.study, "en")
    for chapter, table in (("employment", employment.late_shares_table(short)), ("summary", summary.table_work(short)),
                           ("employment", employment.adjusted_models_table(short))):  # fmt: skip
        times = prose.value_text(table.values["times"], chapter, catalogue)
        assert times.removeprefix("in ") == "week 8"
    shares = employment.compare(employment.late_outcomes(short), short, by="week")
    said = prose.write(employment.later_months(shares, short)[0], "employment", catalogue)
    assert said.startswith("Week 8, share in work: no clear difference (") and " to 8" not in said


# ---- by hand ---------------------------------------------------------------------------------------------------------


def test_each_persons_outcomes_over_the_follow_up(trial):
    """P0003 and P0007 are never observed after inclusion; P0006 stops on a Saturday; P0010 has no known hours."""
    people = trial.follow_up.set_index("participant_id")
    assert people["units_observed"].to_dict() == {
        "P0001": 8, "P0002": 2, "P0004": 8, "P0005": 7, "P0006": 6, "P0008": 8, "P0009": 8, "P0010": 7,
    }  # fmt: skip
    worked = {person: person not in ("P0005", "P0006") for person in people.index}
    assert people["ever_worked"].to_dict() == worked
    assert people["jobs"].to_dict() == people["employers"].to_dict() == {p: int(w) for p, w in worked.items()}
    assert people["full_weeks"].to_dict() == pytest.approx({
        "P0001": 8, "P0002": 20 / 37.5, "P0004": 10 / 37.5, "P0005": 0, "P0006": 0, "P0008": 1, "P0009": 1, "P0010": 0,
    })  # fmt: skip
    first = {"P0001": 1, "P0002": 1, "P0004": 8, "P0008": 6, "P0009": 1, "P0010": 1}
    assert people["first_job"].dropna().to_dict() == first


def test_the_tables_of_the_follow_up(trial):
    shares, means = (values(table) for table in employment.follow_up_tables(trial))
    assert shares["ever_worked", "trained", "pct"] == pytest.approx(100 * 2 / 3)
    assert shares["ever_worked", "waiting", "pct"] == pytest.approx(100 * 4 / 5)
    assert shares["ever_worked", "trained_minus_waiting", "difference"] == pytest.approx(100 * (2 / 3 - 4 / 5))
    assert shares["half_time", "waiting", "pct"] == pytest.approx(100 * 2 / 5)
    assert means["units_observed", "trained", "mean"] == pytest.approx(23 / 3)
    assert means["full_weeks", "trained", "mean"] == pytest.approx(3)
    assert means["full_weeks", "trained", "n"] == 3


def test_first_events_with_people_who_leave(trial):
    """Waiting: 2 of 5 in week 1; in week 6 one of the three still there, of whom one leaves; the last in week 8."""
    found = values(employment.first_table(trial))
    assert found["week_8_first_job", "trained", "pct"] == pytest.approx(100 * 2 / 3)
    assert found["week_8_first_job", "waiting", "pct"] == pytest.approx(100)
    figure = employment.first_figures(trial)[0]
    waiting = figure.frame[figure.frame["arm"] == "waiting"].set_index("week")["estimate"]
    assert waiting.to_dict() == pytest.approx({0: 0, 1: 2 / 5, 6: 1 - (3 / 5) * (2 / 3), 8: 1})
    assert found["first_job_median", "waiting", "weeks"] == 6


def test_a_subgroup_holds_the_people_of_its_value(trial):
    """With a trade: P0001 and P0009 trained, P0002 and P0004 waiting, all of whom worked in the follow-up."""
    found = values(employment.subgroup_table(trial, outcome="ever_worked"))
    assert found["trade_yes", "trained", "n"] == found["trade_yes", "waiting", "n"] == 2
    assert found["trade_yes", "trained_minus_waiting", "difference"] == 0
    assert found["trade_no", "trained", "pct"] == 0  # P0005
    assert found["trade_no", "waiting", "pct"] == pytest.approx(100 * 2 / 3)
    with pytest.raises(ValueError, match="trade"):
        employment.subgroup_table(trial, subgroup="age")
    with pytest.raises(ValueError, match="ever_worked"):
        employment.subgroup_table(trial, outcome="happiness")


def test_with_two_groups_the_test_is_that_of_the_difference_between_two_differences():
    effects = estimate_frame(
        {"outcome": "o", "population": group, "contrast": "c", "method": "m", "estimate": value, "std_error": error}
        for group, value, error in (("a", 0.20, 0.06), ("b", 0.05, 0.08))
    )
    test = heterogeneity_test(effects, outcome="o", contrast="c")
    assert test.statistic_value == pytest.approx((0.20 - 0.05) ** 2 / (0.06**2 + 0.08**2))
    assert test.df == 1
    without = effects.assign(std_error=[0.06, 0.0])
    assert np.isnan(heterogeneity_test(without, outcome="o", contrast="c").p_value)


def test_what_was_added_is_shown_and_said_by_its_own_names(trial):
    results = everything(trial)
    texts = "\n".join(spoken(trial, results, drawn=True))
    assert untrue(trial) == []
    for name in ("Weeks to the first job", "Full-time weeks", "Any work, by week 8", "Trade:"):
        assert name in texts
    assert "month" not in texts
    assert "2 of the 10" not in texts
    assert "6 of the 10 people were observed for fewer than the 8 weeks" in texts


# ---- a trial from elsewhere ------------------------------------------------------------------------------------------

WEEKS = 26
SETTINGS = """
name: elsewhere
title: {en: A trial from elsewhere}
data: synthetic
disclosure: as_published
arms:
  - {code: aid, role: treatment, label: {en: Aid}}
  - {code: none_given, role: control, label: {en: No aid}}
registers: {unit: week}
horizon: {before: 0, after: 26}
dates: {inclusion_start: 2020-01-06, inclusion_end: 2020-06-28, register_start: 2020-01-06, register_end: 2021-06-27}
outcomes:
  - {code: employed, label: {en: Employed}, has_job: true}
  - {code: weeks_employed, label: {en: Weeks employed}, measure: time_in, has_job: true}
primary: {outcome: employed, at: 13}
late_window: {from: 13, to: 26}
covariates: []
"""


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    """One row a person, as such trials are shared: arm, week of the censoring event, status in each week."""
    rng = np.random.default_rng(7)
    status = pd.DataFrame(rng.random((60, WEEKS)) < 0.4, columns=[f"week{week}" for week in range(1, WEEKS + 1)])
    status.loc[:, "week1":"week4"] = False
    arms = np.where(np.arange(60) % 2 == 0, "aid", "none_given")
    ends = np.where(rng.random(60) < 0.3, rng.integers(2, WEEKS, 60), WEEKS + 10)
    return status.assign(arm=arms, arrested=ends, included=rng.integers(0, 20, 60))


@pytest.fixture(scope="module")
def elsewhere(published, tmp_path_factory) -> Trial:
    """The same people as a study folder: spells of work from the weeks, observed until the week of the event."""
    folder = tmp_path_factory.mktemp("studies") / "elsewhere"
    folder.mkdir()
    people, jobs, start = ["participant_id,arm,included_on,observed_until"], [], date(2020, 1, 6)
    for number, row in published.iterrows():
        person, monday = f"P{number + 1:04d}", start + timedelta(weeks=int(row["included"]))
        until = monday + timedelta(weeks=int(row["arrested"]) + 1, days=-1)
        people.append(f"{person},{row['arm']},{monday},{until}")
        for week in (week for week in range(1, WEEKS + 1) if row[f"week{week}"]):
            first = monday + timedelta(weeks=week)
            jobs.append(f"{person},E0001,20,{first},{first + timedelta(days=6)}")
    (folder / "participants.csv").write_text("\n".join(people) + "\n", encoding="utf-8")
    header = "participant_id,employer_id,agreed_hours,from_date,to_date"
    (folder / "job_spells.csv").write_text("\n".join([header, *jobs]) + "\n", encoding="utf-8")
    (folder / "study.yml").write_text(SETTINGS, encoding="utf-8")
    return open_trial(folder)


def test_a_trial_from_elsewhere_gets_its_right_shares_by_arm(published, elsewhere):
    """Nobody is counted after the week of the event, neither as with nor as without work."""
    found = values(employment.late_shares_table(elsewhere))
    for week in range(13, WEEKS + 1):
        seen = published[published["arrested"] >= week]
        shares = seen.groupby("arm")[f"week{week}"].mean()
        for arm in ("aid", "none_given"):
            assert found[f"week_{week}_employed", arm, "proportion"] == pytest.approx(shares[arm])
    observed = values(employment.observed_table(elsewhere))
    assert observed["week_26", "total", "n"] == (published["arrested"] >= WEEKS).sum()


def test_its_time_in_work_is_summed_over_the_weeks_observed(published, elsewhere):
    weeks = published[[f"week{week}" for week in range(1, WEEKS + 1)]].to_numpy()
    seen = np.arange(1, WEEKS + 1) <= published["arrested"].to_numpy()[:, None]
    sums = pd.Series((weeks & seen).sum(axis=1)).groupby(published["arm"]).mean()
    means = values(employment.follow_up_tables(elsewhere)[0])
    for arm in ("aid", "none_given"):
        assert means["weeks_employed", arm, "mean"] == pytest.approx(sums[arm])


def test_its_chapter_reads_in_weeks_and_says_who_left(elsewhere, published):
    assert untrue(elsewhere) == []
    said = "\n".join(spoken(elsewhere, [employment.title(elsewhere), employment.observed(elsewhere),
                                        *employment.data_gaps(elsewhere)]))  # fmt: skip
    assert "week 13" in said and "month" not in said
    assert f"The observation of {(published['arrested'] < WEEKS).sum()} of the 60 people ended" in said
