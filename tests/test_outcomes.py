"""The two employment outcomes, every branch of the definition on its own."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis.frames.outcomes import work_outcomes
from analysis.frames.registers import STATUSES, status_panel
from analysis.study.finding import BUNDLED
from analysis.study.intake import read_study
from analysis.study.reading import read_settings

STUDY = read_settings(BUNDLED)
OUTCOMES = STUDY.monthly_outcomes


def panel_of(*rows) -> pd.DataFrame:
    """Panel from (month, status, has_job, sick_degree, disability_degree) of one participant."""
    frame = pd.DataFrame(rows, columns=["month", "status", "has_job", "sick_degree", "disability_degree"])
    frame.insert(0, "participant_id", "P1")
    return frame.assign(status=pd.Categorical(frame["status"], categories=STATUSES))


def outcome_at(month: int, then: tuple, now: tuple) -> tuple[bool, bool]:
    outcomes = work_outcomes(panel_of((0, *then), (month, *now)), STUDY).set_index("month").loc[month]
    return bool(outcomes["in_work_no_benefits"]), bool(outcomes["fully_or_partly_in_work"])


JOB = ("job_no_benefits", True, 0, 0)
NOTHING = ("no_job_no_benefit", False, 0, 0)
FULLY_SICK = ("sick_listed_full", True, 100, 0)
PARTLY_SICK = ("sick_listed_graded", True, 50, 0)
AAP = ("aap", False, 0, 0)
AAP_WITH_WORK = ("aap_and_job", True, 0, 0)
SICK_ON_HALF_PENSION = ("sick_listed_full", True, 100, 50)
PARTLY_SICK_ON_HALF_PENSION = ("sick_listed_graded", True, 50, 50)
HALF_PENSION_AND_JOB = ("disability_pension_graded", True, 0, 50)
HALF_PENSION = ("disability_pension_graded", False, 0, 50)
FULL_PENSION = ("disability_pension_full", True, 0, 100)


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (NOTHING, JOB, (True, True)),
        (JOB, JOB, (True, True)),
        (FULLY_SICK, PARTLY_SICK, (False, True)),
        (FULLY_SICK, FULLY_SICK, (False, False)),
        (PARTLY_SICK, PARTLY_SICK, (False, False)),
        (PARTLY_SICK, FULLY_SICK, (False, False)),
        (JOB, PARTLY_SICK, (False, False)),
        (AAP, PARTLY_SICK, (False, False)),
        (AAP, AAP_WITH_WORK, (False, True)),
        (AAP_WITH_WORK, AAP_WITH_WORK, (False, False)),
        (FULLY_SICK, AAP_WITH_WORK, (False, False)),
        (SICK_ON_HALF_PENSION, HALF_PENSION_AND_JOB, (False, True)),
        (PARTLY_SICK_ON_HALF_PENSION, HALF_PENSION_AND_JOB, (False, True)),
        (SICK_ON_HALF_PENSION, HALF_PENSION, (False, False)),
        (SICK_ON_HALF_PENSION, FULL_PENSION, (False, False)),
        (FULLY_SICK, HALF_PENSION_AND_JOB, (False, False)),
        (HALF_PENSION, HALF_PENSION_AND_JOB, (False, False)),
        (SICK_ON_HALF_PENSION, PARTLY_SICK_ON_HALF_PENSION, (False, True)),
        (FULLY_SICK, NOTHING, (False, False)),
    ],
)
def test_outcomes_compare_now_with_inclusion(then, now, expected):
    assert outcome_at(12, then, now) == expected


def test_only_a_job_without_benefits_counts_in_the_month_of_inclusion_itself():
    for status in STATUSES:
        at_inclusion = work_outcomes(panel_of((0, status, True, 0, 0)), STUDY).iloc[0]
        assert at_inclusion["in_work_no_benefits"] == (status == "job_no_benefits")
        assert at_inclusion["fully_or_partly_in_work"] == (status == "job_no_benefits")


def test_months_before_inclusion_are_compared_in_the_same_way():
    assert outcome_at(-3, FULLY_SICK, PARTLY_SICK) == (False, True)


def test_one_row_per_row_of_the_panel_in_its_order():
    panel = panel_of((1, *JOB), (0, *AAP), (-1, *AAP_WITH_WORK))
    outcomes = work_outcomes(panel, STUDY)
    assert outcomes["month"].tolist() == [1, 0, -1]
    assert outcomes["fully_or_partly_in_work"].tolist() == [True, False, True]
    assert [outcomes[name].dtype for name in OUTCOMES] == [bool, bool]


def test_people_are_compared_with_their_own_inclusion():
    first, second = panel_of((0, *FULLY_SICK), (12, *PARTLY_SICK)), panel_of((0, *PARTLY_SICK), (12, *PARTLY_SICK))
    both = pd.concat([first, second.assign(participant_id="P2")]).sample(frac=1, random_state=3)
    outcomes = work_outcomes(both, STUDY).set_index(["participant_id", "month"])["fully_or_partly_in_work"]
    assert outcomes["P1", 12]
    assert not outcomes["P2", 12]


def test_without_a_month_of_inclusion_only_work_without_benefits_counts():
    outcomes = work_outcomes(panel_of((1, *PARTLY_SICK), (2, *AAP_WITH_WORK), (3, *JOB)), STUDY)
    assert outcomes["fully_or_partly_in_work"].tolist() == [False, False, True]


def test_months_in_work_of_the_hand_made_trial():
    folder = Path(__file__).parent / "handmade"
    study, tables = read_study(folder)
    outcomes = work_outcomes(status_panel(tables, study), study)
    expected = yaml.safe_load((folder / "expected.yml").read_text(encoding="utf-8"))
    in_work = outcomes[outcomes["fully_or_partly_in_work"]].groupby("participant_id")["month"].apply(list)
    for person, runs in expected["employment"]["fully_or_partly_in_work"].items():
        assert in_work.get(person, []) == [month for first, last in runs for month in range(first, last + 1)]
    for outcome, people in expected["outcomes_month_12"].items():
        at_12 = outcomes[(outcomes["month"] == 12) & outcomes[outcome]]
        assert at_12["participant_id"].tolist() == people
