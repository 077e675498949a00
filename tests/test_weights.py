"""Weights of people: the methods that take them agree with R, and weights say no more than how people compare."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods.means import adjusted_difference, compare_means, difference_in_means
from analysis.methods.proportions import compare_arms, share_of_all
from analysis.methods.standardisation import augmented_difference, standardised_risk_difference
from analysis.methods.survival import compare_restricted_means
from analysis.methods.time_in_state import mean_time_in, rate_of_change
from analysis.methods.weighted import usable

REFERENCE = Path(__file__).parent / "reference"
PEOPLE = pd.read_csv(REFERENCE / "weights_data.csv").assign(happened=lambda own: own["happened"] > 0)
R = pd.read_csv(REFERENCE / "weights_answers.csv").set_index("quantity")["value"]
ARMS = {"treatment": "new", "control": "usual"}


def steps(people: pd.DataFrame) -> pd.DataFrame:
    """For each person as many steps at risk as `time`, one of them a change where it happened."""
    rows = people.loc[people.index.repeat(people["time"])].rename(columns={"person": "participant_id"})
    last = ~rows["participant_id"].duplicated(keep="last")
    return rows.assign(before=False, after=last & rows["happened"])


MEANS = partial(compare_means, outcome="score", variances="unequal", **ARMS)
SHARES = partial(compare_arms, outcome="works", test="unpooled_z", **ARMS)
STANDARDISED = partial(standardised_risk_difference, outcome="works", covariates=["x"], strata=["centre"], **ARMS)
METHODS = {
    "means": MEANS, "shares": SHARES, "of_all": partial(share_of_all, outcome="works"),
    "adjusted": lambda people, **how: adjusted_difference(people, "score", ["x"], **ARMS, **how),
    "standardised": STANDARDISED, "robust": partial(STANDARDISED, variance="robust"),
    "augmented": partial(augmented_difference, outcome="works", covariates=["x"], strata=["centre"], **ARMS),
    "restricted": partial(compare_restricted_means, outcome="event", last=10, **ARMS),
    "rate": lambda people, **how: rate_of_change(steps(people), outcome="event", entering=True, **ARMS, **how),
    "time": lambda people, **how: mean_time_in(
        people.assign(unit=1, participant_id=people["person"]), "works", unit="unit", units=[1], **ARMS, **how),
}  # fmt: skip


def numbers(name: str, people: pd.DataFrame = PEOPLE, **how) -> pd.DataFrame:
    found = METHODS[name](people, **how)
    frame = found if isinstance(found, pd.DataFrame) else pd.DataFrame([vars(found)])
    kept = ["estimate", "std_error", "conf_low", "conf_high", "p_value", "statistic_value", "df", "n_treated",
            "n_control"]  # fmt: skip
    return frame.reindex(columns=kept).astype(float)


def test_weighted_means_and_their_difference_are_those_of_r():
    found = numbers("means", weight="weight")
    told = [[R["mean_new"], R["mean_se_new"]], [R["mean_usual"], R["mean_se_usual"]], [R["gap"], R["gap_se"]]]
    np.testing.assert_allclose(found[["estimate", "std_error"]], told, rtol=1e-9)
    np.testing.assert_allclose(found.iloc[2][["df", "conf_low"]], [R["gap_df"], R["gap_low"]], rtol=1e-9)
    known = PEOPLE.dropna(subset="score").groupby("arm").size()
    assert list(found.iloc[2][["n_treated", "n_control"]]) == list(known[["new", "usual"]])


def test_the_weighted_adjusted_difference_is_that_of_r():
    found = numbers("adjusted", weight="weight").iloc[0]
    told = R[["adjusted", "adjusted_se", "adjusted_p"]]
    np.testing.assert_allclose(found[["estimate", "std_error", "p_value"]], told, rtol=1e-8)


def test_weighted_shares_are_those_of_r_with_as_many_people_as_tell_as_much():
    found = numbers("shares", weight="weight")
    np.testing.assert_allclose(found.iloc[0][["estimate", "std_error", "conf_low"]],
                               R[["share_new", "share_se_new", "share_low_new"]], rtol=1e-9)  # fmt: skip
    told = R[["shares_gap", "shares_low", "shares_high", "shares_z"]]
    names = ["estimate", "conf_low", "conf_high", "statistic_value"]
    np.testing.assert_allclose(found.iloc[2][names], told, rtol=1e-9)
    assert found.iloc[2]["n_treated"] == found.iloc[2]["n_control"] == 32


@pytest.mark.parametrize(("name", "error"), [("standardised", "unconditional"), ("robust", "robust")])
def test_a_weighted_logit_standardised_is_that_of_r_with_weights_moved_one_by_one(name, error):
    found = numbers(name, weight="weight").iloc[0]
    np.testing.assert_allclose(found["estimate"], R["standardised"], rtol=1e-8)
    np.testing.assert_allclose(found["std_error"], R[f"standardised_{error}_se"], rtol=1e-6)


def test_weighted_augmented_weighting_is_that_of_r():
    found = numbers("augmented", weight="weight").iloc[0]
    np.testing.assert_allclose(found[["estimate", "std_error"]], R[["augmented", "augmented_se"]], rtol=1e-8)


def test_a_weighted_restricted_mean_is_that_of_r_with_weights_moved_one_by_one():
    found = numbers("restricted", weight="weight")
    for row, arm in enumerate(("new", "usual")):
        np.testing.assert_allclose(found.iloc[row]["estimate"], R[f"restricted_{arm}"], rtol=1e-9)
        np.testing.assert_allclose(found.iloc[row]["std_error"], R[f"restricted_se_{arm}"], rtol=1e-6)


def test_a_weighted_rate_of_change_is_that_of_r():
    found = numbers("rate", weight="weight").iloc[0]
    np.testing.assert_allclose(found[["estimate", "std_error"]], R[["rate", "rate_se"]], rtol=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_weights_say_how_people_compare_and_no_more(name):
    """Three times as much for everybody changes nothing; another weight for some changes the result."""
    once = numbers(name, weight="weight")
    pd.testing.assert_frame_equal(numbers(name, PEOPLE.assign(weight=3 * PEOPLE["weight"]), weight="weight"), once)
    other = numbers(name, PEOPLE.assign(weight=PEOPLE["weight"] ** 2), weight="weight")
    assert (other["estimate"] - once["estimate"]).abs().min() > 1e-6
    assert other["n_treated"].equals(once["n_treated"])


@pytest.mark.parametrize("name", ["means", "augmented", "restricted", "rate", "time"])
def test_equal_weights_are_no_weights(name):
    pd.testing.assert_frame_equal(numbers(name, PEOPLE.assign(weight=1.7), weight="weight"), numbers(name), rtol=1e-9)


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf])
def test_a_weight_is_above_nought(wrong):
    weights = pd.Series([1.0, wrong, wrong, 2.0], name="design")
    with pytest.raises(ValueError, match="2 of 4 weights in the column 'design' are missing, infinite or not above"):
        usable(weights)


def test_weights_and_one_variance_for_both_arms_do_not_go_together():
    own = PEOPLE.set_index("arm")["score"]
    with pytest.raises(ValueError, match="choose variances='unequal'"):
        difference_in_means(own["new"], own["usual"], outcome="x", population="all", contrast="x", weights=own)


def test_a_share_of_nobody_or_all_keeps_an_interval():
    everybody = compare_arms(PEOPLE.assign(works=True), "works", weight="weight", **ARMS).iloc[0]
    weights = PEOPLE.loc[PEOPLE["arm"] == "new", "weight"]
    alike = weights.sum() ** 2 / (weights**2).sum()
    assert everybody["estimate"] == everybody["conf_high"] == 1
    assert everybody["conf_low"] == pytest.approx(1 / (1 + 1.959963984540054**2 / alike))
