"""Means, t tests, rank sums and adjusted differences against R 4.2 (tests/reference/health.R) and by hand.

What is held against R must agree as closely as the page of the method says.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.methods import means
from analysis.methods.estimates import ESTIMATE_COLUMNS, estimate_frame
from tests.agreement import agrees

REFERENCE = Path(__file__).parent / "reference"
EXACT = {"rel": 1e-9, "abs": 1e-12}
NAMES = {"outcome": "score_m12", "population": "all"}
MODELS = {
    "a": [],
    "b": ["score_m0"],
    "c": ["age", "woman", "education_higher"],
    "d": ["score_m0", "age", "woman", "education_higher"],
}


@pytest.fixture(scope="module")
def people():
    return pd.read_csv(REFERENCE / "health_data.csv")


@pytest.fixture(scope="module")
def answer():
    return pd.read_csv(REFERENCE / "health_answers.csv").set_index("quantity")["value"]


def by_arm(people, score):
    return people.loc[people["arm"] == "sfj", score], people.loc[people["arm"] == "control", score]


def assert_matches(method, against, estimate, answer, prefix, fields):
    for field, quantity in fields.items():
        agrees(method, against, getattr(estimate, field), answer[f"{prefix}.{quantity}"])


@pytest.mark.parametrize("level", [0.95, 0.9])
@pytest.mark.parametrize("arm", ["sfj", "control"])
def test_mean_and_t_interval_equal_r(people, answer, arm, level):
    values = people.loc[people["arm"] == arm, "score_m12"]
    mean = means.mean_estimate(values, contrast=arm, conf_level=level, **NAMES)
    fields = {name: name for name in ("estimate", "std_error", "conf_low", "conf_high", "df")} | {"n_treated": "n"}
    assert_matches("mean", "R 4, t.test", mean, answer, f"mean.{arm}.{level}", fields)
    row = estimate_frame([mean]).iloc[0]
    assert means.standard_deviation(row) == pytest.approx(answer[f"sd.{arm}"], **EXACT)


@pytest.mark.parametrize("variances", ["equal", "unequal"])
def test_t_test_equals_r(people, answer, variances):
    difference = means.difference_in_means(
        *by_arm(people, "score_m12"), contrast="sfj_vs_control", variances=variances, **NAMES
    )
    fields = {name: name for name in ("estimate", "std_error", "conf_low", "conf_high", "df")}
    against = f"R 4, t.test(var.equal = {str(variances == 'equal').upper()})"
    assert_matches(
        "difference_in_means",
        against,
        difference,
        answer,
        f"difference.{variances}",
        fields | {"statistic_value": "t", "p_value": "p"},
    )
    assert (difference.n_treated, difference.n_control) == (23, 8)


def test_rank_sum_test_equals_r(people, answer):
    table = means.rank_sum_test(*by_arm(people, "rating"), outcome="rating", population="all", arms=("sfj", "control"))
    sums = table[table["method"] == "rank sum"].set_index("contrast")["estimate"]
    assert sums["sfj"] == answer["rank_sum.sfj"]
    assert sums["control"] == answer["rank_sum.control"]
    test = table.iloc[-1]
    against = "R 4, wilcox.test(exact = FALSE, correct = FALSE)"
    agrees("rank_sums", against, test["estimate"], answer["rank_sum.superiority"])
    agrees("rank_sums", against, test["p_value"], answer["rank_sum.p"])
    agrees("rank_sums", against, abs(test["statistic_value"]), answer["rank_sum.abs_z"])


def test_rank_sum_layout_by_hand():
    # values 1, 2, 2, 3 | 2, 4: ranks 1, 3, 3, 5 | 3, 6; three ties: 27 - 3 = 24 taken from 7 as 24 / 30
    names = {"outcome": "rating", "population": "all", "arms": ("sfj", "control")}
    table = means.rank_sum_test(pd.Series([1.0, 2, 2, 3]), pd.Series([2.0, 4, np.nan]), **names)
    layout = table[["contrast", "method", "estimate"]].head(6).to_numpy().tolist()
    assert layout == [
        ["sfj", "rank sum", 12.0],
        ["sfj", "rank sum expected", 14.0],
        ["control", "rank sum", 9.0],
        ["control", "rank sum expected", 7.0],
        ["combined", "rank sum", 21.0],
        ["combined", "rank sum expected", 21.0],
    ]
    test = table.iloc[-1]
    assert test["statistic_value"] == pytest.approx((12 - 14) / np.sqrt(4 * 2 / 12 * (7 - 24 / 30)))
    # of the eight pairs the treated win one (3 against 2), tie two, lose five
    assert test["estimate"] == pytest.approx((1 + 2 / 2) / 8)


def test_rank_sum_z_is_positive_when_the_treated_rank_higher():
    high, low = pd.Series([5.0, 6, 7]), pd.Series([1.0, 2, 3])
    names = {"outcome": "rating", "population": "all", "arms": ("sfj", "control")}
    assert means.rank_sum_test(high, low, **names)["statistic_value"].iloc[-1] > 0
    assert means.rank_sum_test(low, high, **names)["statistic_value"].iloc[-1] < 0


@pytest.mark.parametrize("model", sorted(MODELS))
def test_adjusted_difference_equals_r_lm(people, answer, model):
    estimate = means.adjusted_difference(people, "score_m12", MODELS[model], treatment="sfj", control="control")
    fields = {name: name for name in ("estimate", "std_error", "conf_low", "conf_high", "df")}
    assert_matches(
        "adjusted_difference",
        "R 4, lm",
        estimate,
        answer,
        f"ols.{model}",
        fields | {"statistic_value": "t", "p_value": "p"},
    )
    assert estimate.n_treated + estimate.n_control == answer[f"ols.{model}.n"]


def test_compare_means_has_both_arms_and_treatment_minus_control(people):
    table = means.compare_means(people, "score_m12", treatment="sfj", control="control")
    assert table["contrast"].tolist() == ["sfj", "control", "sfj_vs_control"]
    assert table["estimate"].iloc[2] == pytest.approx(table["estimate"].iloc[0] - table["estimate"].iloc[1])
    assert table.columns.tolist() == [*ESTIMATE_COLUMNS, "statistic_value", "df"]


def test_reverse_contrast_negates_and_swaps_only_comparisons(people):
    table = means.compare_means(people, "score_m12", treatment="sfj", control="control")
    turned = means.reverse_contrast(table)
    assert turned["contrast"].tolist() == ["sfj", "control", "control_vs_sfj"]
    last, was = turned.iloc[2], table.iloc[2]
    assert (last["estimate"], last["conf_low"], last["conf_high"]) == (
        -was["estimate"], -was["conf_high"], -was["conf_low"]
    )  # fmt: skip
    assert (last["statistic_value"], last["p_value"]) == (-was["statistic_value"], was["p_value"])
    assert (last["n_treated"], last["n_control"]) == (was["n_control"], was["n_treated"])
    pd.testing.assert_frame_equal(turned.head(2), table.head(2))
    pd.testing.assert_frame_equal(means.reverse_contrast(turned), table)


def test_without_people_or_spread_the_test_is_missing_not_zero():
    empty, one, same = pd.Series([], dtype=float), pd.Series([3.0]), pd.Series([2.0, 2.0])
    names = {"contrast": "sfj_vs_control", **NAMES}
    assert np.isnan(means.difference_in_means(empty, same, **names).estimate)
    lonely = means.difference_in_means(one, same, **names)
    assert lonely.estimate == 1
    assert np.isnan(lonely.p_value)
    assert np.isnan(means.difference_in_means(same, same, **names).p_value)
    assert np.isnan(means.mean_estimate(one, contrast="sfj", **NAMES).conf_low)
    tied = means.rank_sum_test(same, same, outcome="rating", population="all", arms=("sfj", "control"))
    assert np.isnan(tied["p_value"].iloc[-1])


def test_terms_that_repeat_one_another_leave_the_adjusted_difference_missing(people):
    repeated = people.assign(again=people["score_m0"] * 2)
    estimate = means.adjusted_difference(
        repeated, "score_m12", ["score_m0", "again"], treatment="sfj", control="control"
    )
    assert np.isnan(estimate.estimate)
    only_treated = people[people["arm"] == "sfj"]
    assert np.isnan(means.adjusted_difference(only_treated, "score_m12", treatment="sfj", control="control").estimate)


def test_from_where_and_in_what_a_covariate_is_counted_does_not_move_the_adjusted_difference(people):
    counted = people.assign(below=(people["score_m0"] - 30) * 1e6)  # below nought, and of another size
    by_either = [
        means.adjusted_difference(counted, "score_m12", [column], treatment="sfj", control="control")
        for column in ("score_m0", "below")
    ]
    assert counted["below"].max() < 0
    assert by_either[1].estimate == pytest.approx(by_either[0].estimate, rel=1e-9)
    assert by_either[1].std_error == pytest.approx(by_either[0].std_error, rel=1e-9)


def test_unknown_variances_are_refused(people):
    with pytest.raises(ValueError, match="equal, unequal"):
        means.difference_in_means(*by_arm(people, "score_m12"), contrast="x", variances="welch", **NAMES)


SAMPLES = st.lists(st.integers(0, 21).map(float), min_size=3, max_size=30)


@given(SAMPLES, SAMPLES)
def test_unadjusted_least_squares_is_the_equal_variance_t_test(treated, control):
    frame = pd.DataFrame({"arm": ["sfj"] * len(treated) + ["control"] * len(control), "score": [*treated, *control]})
    regression = means.adjusted_difference(frame, "score", treatment="sfj", control="control")
    test = means.compare_means(frame, "score", treatment="sfj", control="control").iloc[2]
    assert regression.estimate == pytest.approx(test["estimate"], abs=1e-9)
    assert regression.conf_low == pytest.approx(test["conf_low"], abs=1e-7)
    assert regression.df == test["df"]


@given(SAMPLES, SAMPLES)
def test_rank_sums_add_up_and_superiority_is_a_probability(treated, control):
    table = means.rank_sum_test(
        pd.Series(treated), pd.Series(control), outcome="score", population="all", arms=("sfj", "control")
    )
    first, _, second, _, both, expected, superiority = table["estimate"]
    n = len(treated) + len(control)
    assert first + second == both == expected == n * (n + 1) / 2
    assert 0 <= superiority <= 1
