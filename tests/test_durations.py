"""Duration by arm against R; both maximise the same likelihood to convergence."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.methods.durations import duration_interaction, duration_terms, effect_by_duration
from tests.agreement import agrees

FOLDER = Path(__file__).parent / "reference"
REFERENCE = pd.read_csv(FOLDER / "employment_answers.csv", comment="#", index_col="quantity")["value"]
PEOPLE = pd.read_csv(FOLDER / "employment_data.csv")
SETTINGS = {"indicator": "sfj", "duration": "months_out", "covariates": ["age"]}
LRT = 'R 4, anova(test = "LRT") of two glm'
EFFECTS = "R 4, effects written out"


@pytest.mark.parametrize("shape", ["linear", "quadratic"])
def test_interaction_and_joint_test_equal_r(shape):
    rows = duration_interaction(PEOPLE, "in_work", shape=shape, **SETTINGS)
    test = rows[rows["unit"] == "test"].iloc[0]
    for method in ("likelihood_ratio", "duration"):
        agrees(method, LRT, test["statistic_value"], REFERENCE[f"duration_{shape}_lr"])
        agrees(method, LRT, test["p_value"], REFERENCE[f"duration_{shape}_p"])
    assert test["df"] == {"linear": 1, "quadratic": 2}[shape]
    product = rows[(rows["contrast"] == "sfj_x_months_out") & (rows["unit"] != "test")].iloc[0]
    agrees("duration", EFFECTS, product["estimate"], REFERENCE[f"duration_{shape}_x1_effect"])
    agrees("duration", EFFECTS, product["std_error"], REFERENCE[f"duration_{shape}_x1_se"])


@pytest.mark.parametrize("shape", ["linear", "quadratic"])
def test_effect_at_six_months_equals_r(shape):
    rows = effect_by_duration(PEOPLE, "in_work", months=[1, 6], shape=shape, **SETTINGS)
    six = rows[rows["months_out"] == 6].iloc[0]
    agrees("duration", EFFECTS, six["estimate"], REFERENCE[f"duration_{shape}_six_effect"])
    agrees("duration", EFFECTS, six["std_error"], REFERENCE[f"duration_{shape}_six_se"])


def test_rows_name_the_terms_of_interest_only():
    rows = duration_interaction(PEOPLE, "in_work", shape="quadratic", **SETTINGS)
    effects = rows[rows["unit"] != "test"]["contrast"].tolist()
    assert effects == ["sfj", "months_out", "months_out_squared", "sfj_x_months_out", "sfj_x_months_out_squared"]
    assert rows["method"].str.endswith("quadratic in months_out").all()


def test_an_effect_that_grows_with_the_duration_is_found():
    """Months out of work decide the effect: none at nought, large at twelve."""
    people = pd.concat([PEOPLE] * 4, ignore_index=True)
    late = people["months_out"] > 6
    treated = people["sfj"] == 1
    people = people.assign(in_work=((late & treated) | (people.index % 3 == 0)).astype(int))
    rows = effect_by_duration(people, "in_work", months=[0, 12], **SETTINGS)
    assert rows["estimate"].iloc[1] > rows["estimate"].iloc[0] + 0.3
    test = duration_interaction(people, "in_work", **SETTINGS).query("unit == 'test'").iloc[0]
    assert test["p_value"] < 0.001


def test_products_follow_the_indicator():
    rows = duration_terms(PEOPLE, "months_out", "sfj", "quadratic")
    assert (rows.loc[rows["sfj"] == 0, "sfj_x_months_out_squared"] == 0).all()
    assert (rows["months_out_squared"] == PEOPLE["months_out"] ** 2).all()


def test_unknown_shape_is_refused():
    with pytest.raises(ValueError, match="quadratic"):
        duration_interaction(PEOPLE, "in_work", shape="cubic", **SETTINGS)
