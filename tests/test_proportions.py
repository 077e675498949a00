"""Proportions against R and against what must hold whatever the counts.

Tolerance: R and statsmodels evaluate the same closed formulas in double precision; the committed answers have twelve
significant digits, so 1e-9 leaves room for the quantile functions only.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.methods.estimates import ESTIMATE_COLUMNS, Estimate, concat_estimates, estimate_frame
from analysis.methods.proportions import (
    INTERVALS,
    compare_arms,
    compare_arms_by,
    difference_in_proportions,
    proportion_estimate,
    proportion_interval,
    proportion_intervals,
)
from tests.agreement import agrees

REFERENCE = pd.read_csv(
    Path(__file__).parent / "reference" / "employment_answers.csv", comment="#", index_col="quantity"
)["value"]
TOLERANCE = 1e-9
COUNTS = [(3, 20), (19, 20), (278, 629), (0, 12), (12, 12)]
PAIRS = [(278, 629, 209, 561), (239, 629, 190, 561), (9, 31, 2, 28)]
NAMES = {"outcome": "in_work", "population": "all"}


def outcomes(successes: int, n: int) -> pd.Series:
    return pd.Series([True] * successes + [False] * (n - successes))


def trial_of(k1: int, n1: int, k0: int, n0: int) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"arm": arm, "in_work": outcomes(k, n)}) for arm, k, n in (("sfj", k1, n1), ("control", k0, n0))
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("method", INTERVALS)
def test_one_sample_intervals_equal_r(counts, method):
    successes, n = counts
    low, high = proportion_interval(successes, n, method)
    name = f"one_{successes}_of_{n}_{method}"
    if method == "logit" and successes in (0, n):
        assert np.isnan(low)
        assert np.isnan(high)
        return
    against = "R 4, prop.test, binom.test and formulas written out"
    agrees("share", against, low, REFERENCE[f"{name}_low"])
    agrees("share", against, high, REFERENCE[f"{name}_high"])


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("interval", ["wald", "newcombe"])
def test_intervals_of_a_difference_equal_r(pair, interval):
    k1, n1, k0, n0 = pair
    row = difference_in_proportions(
        outcomes(k1, n1), outcomes(k0, n0), contrast="sfj_vs_control", interval=interval, **NAMES
    )
    name = f"two_{k1}_{n1}_{k0}_{n0}"
    assert row.estimate == pytest.approx(k1 / n1 - k0 / n0)
    found = {"se": row.std_error, f"{interval}_low": row.conf_low, f"{interval}_high": row.conf_high}
    for end, value in found.items():
        answer = REFERENCE[f"{name}_{end}"]
        agrees("difference_in_shares", "R 4, Newcombe's and Wald's formula written out", value, answer)


@pytest.mark.parametrize("pair", PAIRS)
def test_pooled_and_unpooled_tests_equal_r(pair):
    k1, n1, k0, n0 = pair
    arms = outcomes(k1, n1), outcomes(k0, n0)
    name = f"two_{k1}_{n1}_{k0}_{n0}"
    pooled = difference_in_proportions(*arms, contrast="c", **NAMES)
    unpooled = difference_in_proportions(*arms, contrast="c", test="unpooled_z", **NAMES)
    told = {"pooled_p": pooled.p_value, "chi2_p": pooled.p_value, "pooled_z2": pooled.statistic_value**2,
            "unpooled_p": unpooled.p_value}  # fmt: skip
    for test, value in told.items():
        agrees("difference_in_shares", "R 4, prop.test(correct = FALSE)", value, REFERENCE[f"{name}_{test}"])
    assert unpooled.p_value != pytest.approx(pooled.p_value, abs=1e-6)


# The integer counts are the only ones, with equal people behind both outcomes of a month, whose shares round to the
# printed ones; the p-values are printed to three decimals. Month 18 has no such counts and is left out.
PRINTED_P_VALUES = [
    (239, 629, 190, 561, 0.139),
    (278, 629, 209, 561, 0.015),
    (239, 629, 191, 561, 0.157),
    (280, 629, 213, 561, 0.022),
    (237, 622, 188, 557, 0.120),
    (271, 622, 206, 557, 0.021),
    (231, 587, 174, 518, 0.047),
    (267, 587, 192, 518, 0.005),
    (202, 564, 165, 496, 0.384),
    (233, 564, 185, 496, 0.182),
    (206, 526, 157, 461, 0.097),
    (241, 526, 177, 461, 0.019),
]


@pytest.mark.parametrize("case", PRINTED_P_VALUES)
def test_the_pooled_test_gives_the_published_p_values(case):
    *counts, printed = case
    k1, n1, k0, n0 = counts
    row = difference_in_proportions(outcomes(k1, n1), outcomes(k0, n0), contrast="c", **NAMES)
    assert round(row.p_value, 3) == printed


def test_the_unpooled_test_does_not_give_all_published_p_values():
    p_values = [
        difference_in_proportions(outcomes(k1, n1), outcomes(k0, n0), contrast="c", test="unpooled_z", **NAMES).p_value
        for k1, n1, k0, n0, _ in PRINTED_P_VALUES
    ]
    printed = [case[-1] for case in PRINTED_P_VALUES]
    assert [round(p, 3) for p in p_values] != printed


def test_arms_and_difference_are_three_rows_with_the_counts_in_their_places():
    frame = compare_arms(trial_of(6, 10, 3, 12), "in_work", treatment="sfj", control="control", population="aap")
    assert list(frame["contrast"]) == ["sfj", "control", "sfj_vs_control"]
    assert list(frame.columns[: len(ESTIMATE_COLUMNS)]) == list(ESTIMATE_COLUMNS)
    assert list(frame["estimate"]) == pytest.approx([0.6, 0.25, 0.35])
    assert frame["n_treated"].tolist() == [10, pd.NA, 10]
    assert frame["n_control"].tolist() == [pd.NA, 12, 12]
    assert set(frame["population"]) == {"aap"}


def test_missing_outcomes_are_left_out():
    frame = trial_of(6, 10, 3, 12).astype({"in_work": "boolean"})
    frame.loc[[0, 9, 10], "in_work"] = pd.NA
    rows = compare_arms(frame, "in_work", treatment="sfj", control="control").set_index("contrast")
    assert rows.loc["sfj", "estimate"] == pytest.approx(5 / 8)
    assert rows.loc["control", "estimate"] == pytest.approx(2 / 11)
    assert rows.loc["sfj_vs_control", "n_treated"] == 8


def test_an_empty_arm_gives_no_number_and_no_error():
    frame = trial_of(6, 10, 3, 12).query("arm == 'sfj'")
    rows = compare_arms(frame, "in_work", treatment="sfj", control="control").set_index("contrast")
    assert rows.loc["sfj_vs_control", ["estimate", "p_value", "conf_low"]].isna().all()
    assert rows.loc["sfj_vs_control", "n_control"] == 0
    assert rows.loc["sfj", "estimate"] == pytest.approx(0.6)


def test_no_variation_gives_no_test():
    frame = trial_of(0, 10, 0, 12)
    row = compare_arms(frame, "in_work", treatment="sfj", control="control").set_index("contrast").loc["sfj_vs_control"]
    assert row["estimate"] == 0
    assert np.isnan(row["p_value"])


def test_each_month_is_compared_on_its_own():
    frame = pd.concat([trial_of(6, 10, 3, 12).assign(month=13), trial_of(1, 10, 3, 12).assign(month=12)])
    rows = compare_arms_by(frame, "in_work", "month", treatment="sfj", control="control")
    assert rows["month"].tolist() == [12, 12, 12, 13, 13, 13]
    assert rows.query("contrast == 'sfj'")["estimate"].tolist() == pytest.approx([0.1, 0.6])


def test_no_rows_give_the_empty_frame():
    frame = trial_of(1, 2, 1, 2).assign(month=1).iloc[:0]
    rows = compare_arms_by(frame, "in_work", "month", treatment="sfj", control="control")
    assert rows.empty
    assert list(rows.columns[: len(ESTIMATE_COLUMNS)]) == list(ESTIMATE_COLUMNS)


@pytest.mark.parametrize("method", INTERVALS)
def test_many_intervals_at_once_are_those_computed_one_by_one(method):
    """To the last bit, also at nobody, everybody and no people."""
    cases = [(k, n) for n in (0, 1, 7, 96, 1193) for k in {0, 1, n // 3, n} if k <= n]
    k, n = (np.array(numbers) for numbers in zip(*cases, strict=True))
    one_by_one = np.array([proportion_interval(*case, method, 0.9) for case in cases]).T
    np.testing.assert_array_equal(proportion_intervals(k, n, method, 0.9), one_by_one)
    np.testing.assert_array_equal(proportion_intervals(np.array(1), n[n > 0], method, 0.9)[0],
                                  [proportion_interval(1, people, method, 0.9)[0] for people in n[n > 0]])  # fmt: skip


def test_unknown_methods_are_refused():
    with pytest.raises(ValueError, match="wilson"):
        proportion_interval(1, 2, "exactish")
    with pytest.raises(ValueError, match="pooled_z"):
        difference_in_proportions(outcomes(1, 2), outcomes(1, 2), contrast="c", test="fisher", **NAMES)


@given(st.integers(1, 400), st.integers(0, 400), st.sampled_from(INTERVALS), st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_hold_the_share_and_mirror_the_complement(n, k, method, conf_level):
    successes = min(k, n)
    low, high = proportion_interval(successes, n, method, conf_level)
    mirrored_low, mirrored_high = proportion_interval(n - successes, n, method, conf_level)
    if np.isnan(low):
        return
    assert -1e-12 <= low <= successes / n + 1e-12
    assert successes / n - 1e-12 <= high <= 1 + 1e-12
    assert (low, high) == pytest.approx((1 - mirrored_high, 1 - mirrored_low), abs=1e-8)


@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 200), st.integers(0, 200))
def test_swapping_the_arms_turns_the_sign_and_nothing_else(n1, n0, a, b):
    arms = outcomes(min(a, n1), n1), outcomes(min(b, n0), n0)
    there = difference_in_proportions(*arms, contrast="c", **NAMES)
    back = difference_in_proportions(*reversed(arms), contrast="c", **NAMES)
    assert back.estimate == pytest.approx(-there.estimate)
    assert (back.conf_low, back.conf_high) == pytest.approx((-there.conf_high, -there.conf_low))
    assert back.p_value == pytest.approx(there.p_value, nan_ok=True)


@given(st.integers(2, 300), st.integers(0, 300))
def test_a_higher_confidence_level_never_narrows_the_interval(n, k):
    values = outcomes(min(k, n), n)
    wide, narrow = (proportion_estimate(values, contrast="c", conf_level=level, **NAMES) for level in (0.99, 0.9))
    rounding = 1e-12
    assert wide.conf_low <= narrow.conf_low + rounding
    assert narrow.conf_low <= narrow.conf_high <= wide.conf_high + rounding


def test_estimate_frames_refuse_unknown_names_and_keep_their_types():
    with pytest.raises(TypeError):
        estimate_frame([{"outcome": "a", "effect": 1.0}])
    rows = [Estimate("a", "all", "total", "count", 1.0, n_treated=3), Estimate("a", "all", "total", "count", 2.0)]
    frame = concat_estimates([estimate_frame(rows), estimate_frame([])])
    assert frame["n_treated"].dtype == "Int64"
    assert frame["estimate"].tolist() == [1.0, 2.0]
    assert concat_estimates([]).empty
