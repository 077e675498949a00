"""The participant frame and extracts of a trial, against answers worked by hand."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis.frames.people import age_groups, completed_years, people_frame
from analysis.frames.trial import open_trial

HANDMADE = Path(__file__).parent / "handmade"
EXPECTED = yaml.safe_load((HANDMADE / "expected.yml").read_text(encoding="utf-8"))
NAMES = {"income": "income_year_before_inclusion_1000nok", "below_G": "income_below_G_year_before_inclusion"}


@pytest.fixture(scope="module")
def trial():
    return open_trial(HANDMADE)


@pytest.mark.parametrize("participant", EXPECTED["people"])
def test_people_worked_by_hand(trial, participant):
    person = trial.people.set_index("participant_id").loc[participant]
    for name, expected in EXPECTED["people"][participant].items():
        found = person[NAMES.get(name, name)]
        if expected is None:
            assert pd.isna(found), name
        elif name == "income":
            assert found == pytest.approx(expected, abs=1e-6)
        else:
            assert found == expected, name


@pytest.mark.parametrize("participant", EXPECTED["statuses"])
def test_statuses_worked_by_hand(trial, participant):
    own = trial.panel[trial.panel["participant_id"] == participant]
    found = dict(zip(own["month"], own["status"], strict=True))
    expected = {
        month: status for first, last, status in EXPECTED["statuses"][participant] for month in range(first, last + 1)
    }
    assert found == expected


@pytest.mark.parametrize("outcome", EXPECTED["outcomes_month_12"])
def test_outcomes_worked_by_hand(trial, outcome):
    month_12 = trial.outcomes[trial.outcomes["month"] == 12]
    assert sorted(month_12.loc[month_12[outcome], "participant_id"]) == EXPECTED["outcomes_month_12"][outcome]


def test_one_row_for_each_participant_in_the_order_of_the_table(trial):
    assert trial.people["participant_id"].tolist() == trial.tables["participants"]["participant_id"].tolist()


def test_inputs_are_left_as_they_were(trial):
    before = {name: frame.copy() for name, frame in trial.tables.items()}
    people_frame(trial.tables, trial.study, trial.panel)
    assert len(trial.in_extract("table_02").people) == 10
    for name, frame in trial.tables.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_frames_are_computed_once(trial):
    assert trial.people is trial.people
    assert trial.panel is trial.panel


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [("1980-06-16", "2010-06-15", 29), ("1980-06-16", "2010-06-16", 30), ("1984-02-29", "2011-02-28", 26),
     ("1984-02-29", "2011-03-01", 27), ("1984-02-29", "2012-02-29", 28)],
)  # fmt: skip
def test_completed_years(born, on, years):
    assert completed_years(pd.Series(pd.to_datetime([born])), pd.Series(pd.to_datetime([on]))).tolist() == [years]


def test_age_groups_hold_their_lower_limit():
    groups = age_groups(pd.Series([18, 29, 30, 39, 40, 49, 50, 67, None]))
    assert groups.astype("object").fillna("none").tolist() == [
        "under_30", "under_30", "30_40", "30_40", "40_50", "40_50", "over_50", "over_50", "none",
    ]  # fmt: skip


def test_extract_with_another_sex_and_an_unknown_education(trial):
    people = trial.in_extract("table_02").people.set_index("participant_id")
    assert people.loc["P0002", "sex"] == "woman"
    assert trial.people.set_index("participant_id").loc["P0002", "sex"] == "man"
    assert pd.isna(people.loc["P0004", "education"]) and pd.isna(people.loc["P0004", "education_higher"])
    assert len(people) == 10


def test_extract_without_a_participant_and_with_other_statuses(trial):
    extract = trial.in_extract("table_07")
    assert "P0010" not in set(extract.people["participant_id"])
    assert "P0010" not in set(extract.panel["participant_id"])
    panel = extract.panel.set_index(["participant_id", "month"])["status"]
    assert panel["P0003", 12] == "aap" and trial.panel.set_index(["participant_id", "month"])["status"][
        "P0003", 12] == "aap_and_job"  # fmt: skip
    assert ("P0009", 13) not in panel.index and ("P0009", 12) in panel.index
    assert len(panel) == len(trial.panel) - 26 - 1


def test_outcomes_follow_the_statuses_of_the_extract(trial):
    found = trial.in_extract("table_07").outcomes.set_index(["participant_id", "month"])["fully_or_partly_in_work"]
    assert not found["P0003", 12]


def test_extract_with_another_arm(trial):
    assert trial.in_extract("table_09").people.set_index("participant_id").loc["P0001", "arm"] == "control"


def test_extracts_do_not_add_up(trial):
    twice = trial.in_extract("table_07").in_extract("table_09")
    assert twice.extract == "table_09" and len(twice.people) == 10


def test_an_extract_without_differences_is_the_same_trial(trial):
    assert trial.in_extract("table_99") is trial
    assert open_trial(HANDMADE, extract="table_09").extract == "table_09"
