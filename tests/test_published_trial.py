"""A published trial that none of us made gives its known effect, mapped by YAML alone (tests/nsw)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.chapters import employment
from analysis.frames.trial import open_trial
from tests.everything_of_employment import everything, spoken, untrue

NSW = Path(__file__).parent / "nsw"


@pytest.fixture(scope="module")
def trial():
    return open_trial(NSW)


def test_the_folder_holds_data_settings_and_no_code():
    assert {path.suffix for path in NSW.rglob("*") if path.is_file()} == {".csv", ".yml", ".md"}


def test_everybody_is_there(trial):
    people = trial.people
    assert people["arm"].value_counts().to_dict() == {"control": 260, "supported_work": 185}
    raw = pd.read_csv(NSW / "nsw_mixtape.csv")
    assert people["age"].tolist() == raw["age"].tolist()  # the age again, by way of a birth date
    assert people["married"].tolist() == raw["marr"].astype(bool).tolist()
    assert people["ethnic_group"].value_counts().to_dict() == {"black": 371, "hispanic": 39, "other": 35}


def test_earnings_differ_as_published(trial):
    """Dehejia and Wahba (1999): 1,794 dollars with a standard error of 633 in the experiment, without covariates."""
    found = employment.compare_follow_up(employment.people_followed(trial), trial).set_index("contrast")
    row = found[found["outcome"] == "earnings"].loc[trial.study.contrast]
    assert row["estimate"] == pytest.approx(1794.34, abs=0.01)
    assert (row["n_treated"], row["n_control"]) == (185, 260)
    assert row["std_error"] == pytest.approx(671, abs=1)  # Welch's; that of equal variances is the 633 in print


def test_unemployment_is_24_3_and_35_4_per_cent(trial):
    cells = employment.late_shares_table(trial).cells
    shares = employment.compare(employment.late_outcomes(trial), trial, by="year")
    by_arm = shares[(shares["outcome"] == "employed") & (shares["year"] == 1)].set_index("contrast")["estimate"]
    assert by_arm[trial.study.contrast] == pytest.approx(0.353846 - 0.243243, abs=1e-6)
    assert 1 - by_arm["supported_work"] == pytest.approx(0.243, abs=0.0005)
    assert 1 - by_arm["control"] == pytest.approx(0.354, abs=0.0005)
    assert np.isclose(cells["value"].astype(float), 0.7567567567567568).any()


def test_everything_of_the_chapter_can_be_shown_and_is_true(trial):
    said = list(spoken(trial, everything(trial)))
    assert untrue(trial) == []
    assert not [text for text in said if "NOK" in text or "kroner" in text]
    assert any("1,794" in text for text in said)
