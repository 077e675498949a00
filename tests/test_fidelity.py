"""Fidelity against effect: exact p-values from tables, item spread and levels by hand."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.methods.fidelity import (
    detectable_correlation,
    item_spread,
    latest_review,
    rank_correlation,
    smallest_p_value,
    smallest_significant_correlation,
    split_by_score,
)
from tests.agreement import agrees

CENTRES = list("abcdef")


def _series(values):
    return pd.Series(values, index=CENTRES[: len(values)], dtype=float)


def test_perfect_ranking_of_six_has_two_orderings_in_720():
    row = rank_correlation(_series([1, 2, 3, 4, 5, 6]), _series([10, 20, 30, 40, 50, 60])).iloc[0]
    assert row["estimate"] == pytest.approx(1)
    assert row["p_value"] == pytest.approx(2 / 720)
    assert row["df"] == 6
    assert math.isnan(row["conf_low"])


def test_tabled_probability_for_five():
    """Σd² = 4 for n = 5: ρ = 0.8, two-sided exact p = 0.1333 (Kendall 1970, table 2)."""
    row = rank_correlation(_series([1, 2, 3, 4, 5]), _series([2, 1, 4, 3, 5])).iloc[0]
    assert row["estimate"] == pytest.approx(0.8)
    assert row["p_value"] == pytest.approx(0.1333, abs=5e-5)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=4, max_size=5))
def test_same_coefficient_as_scipy_with_ties(pairs):
    x, y = (_series([pair[side] for pair in pairs]) for side in (0, 1))
    row = rank_correlation(x, y).iloc[0]
    if x.nunique() == 1 or y.nunique() == 1:
        assert math.isnan(row["estimate"])
    else:
        rho = stats.spearmanr(x, y).statistic
        assert row["estimate"] == pytest.approx(rho, abs=1e-9)
        orderings = [abs(stats.spearmanr(x, order).statistic) for order in itertools.permutations(y)]
        assert row["p_value"] == pytest.approx(np.mean([other >= abs(rho) - 1e-9 for other in orderings]))


def test_pairs_are_matched_by_centre_and_missing_ones_left_out():
    x = _series([1, 2, 3, 4, 5, np.nan])
    y = pd.Series({"e": 5.0, "d": 4.0, "c": 3.0, "b": 2.0, "a": 1.0, "f": 9.0})
    row = rank_correlation(x, y).iloc[0]
    assert (row["estimate"], row["df"]) == (pytest.approx(1), 5)


def test_two_centres_say_nothing():
    row = rank_correlation(_series([1, 2]), _series([1, 2])).iloc[0]
    assert math.isnan(row["estimate"])
    assert math.isnan(row["p_value"])


def test_many_centres_use_the_t_approximation():
    x = pd.Series(np.arange(12.0))
    y = pd.Series([3.0, 1, 4, 1.5, 5, 9, 2, 6, 5.5, 3.5, 5.8, 9.7])
    row = rank_correlation(x, y).iloc[0]
    assert row["method"] == "spearman_t"
    assert row["p_value"] == pytest.approx(stats.spearmanr(x, y).pvalue)
    t = stats.t.ppf(0.975, 10)
    assert smallest_significant_correlation(12) == pytest.approx(t / math.sqrt(10 + t**2))
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    spread = math.sqrt((1 + row["estimate"] ** 2 / 2) / 9) * 1.959964
    assert np.arctanh(row["conf_high"]) - np.arctanh(row["conf_low"]) == pytest.approx(2 * spread, rel=1e-6)


def test_few_centres_have_no_interval_and_no_small_p_value():
    """The perfect order of six centres is two of 720."""
    row = rank_correlation(_series([1, 2, 3, 4, 5, 6]), _series([1, 2, 3, 4, 5, 6])).iloc[0]
    assert row["p_value"] == pytest.approx(smallest_p_value(6)) == pytest.approx(2 / 720)
    assert math.isnan(row["conf_low"]) and math.isnan(smallest_p_value(12))


def test_a_detectable_correlation_is_found_as_often_as_asked():
    """Another generator and scipy: at the correlation found for six centres, four tests in five are below 5 %."""
    rho, generator = detectable_correlation(6, np.random.default_rng(1)), np.random.default_rng(2)
    first, noise = generator.standard_normal((2, 1500, 6))
    needed = smallest_significant_correlation(6)

    def found(true):
        others = true * first + math.sqrt(1 - true**2) * noise
        return np.mean([abs(stats.spearmanr(x, y).statistic) >= needed - 1e-9
                        for x, y in zip(first, others, strict=True)])  # fmt: skip

    assert found(rho - 0.02) < 0.83 and found(rho) > 0.77
    assert math.isnan(detectable_correlation(4, generator))
    assert detectable_correlation(9, np.random.default_rng(1)) < rho


def test_smallest_significant_correlation_is_the_tabled_one():
    """Two-sided 5 % critical values of Spearman's ρ: 1.000, 0.886, 0.786, 0.738 for n = 5 … 8 (Zar 1984)."""
    assert math.isnan(smallest_significant_correlation(4))
    for n, tabled in ((5, 1.0), (6, 0.886), (7, 0.786), (8, 0.738)):
        found = round(smallest_significant_correlation(n), 3)
        agrees("smallest_correlation", "Tabled critical values, three decimals (Zar 1984)", found, tabled)


def _scores():
    return pd.DataFrame(
        {
            "centre": ["a", "a", "b", "b", "c", "c"],
            "item": [1, 5, 1, 5, 1, 5],
            "score": [3, 5, 4, 2, 3, 3],
        }
    )


def test_item_spread_puts_the_item_that_differs_most_first():
    spread = item_spread(_scores())
    assert spread["item"].tolist() == [5, 1]
    assert spread.loc[0, ["lowest", "highest", "range"]].tolist() == [2, 5, 3]
    assert spread.loc[0, "mean"] == pytest.approx(10 / 3)


def test_levels_on_one_item():
    levels = split_by_score(_scores(), item=5, high_from=4, low_to=2)
    assert dict(zip(levels["centre"], levels["level"], strict=True)) == {"a": "high", "b": "low", "c": "between"}


def test_only_the_latest_review_of_each_centre_counts():
    twice = pd.concat(
        [
            _scores().assign(reviewed_on=pd.Timestamp("2012-05-01")),
            _scores().query("centre == 'a'").assign(score=1, reviewed_on=pd.Timestamp("2012-09-01")),
            _scores().query("centre == 'b'").assign(score=1, reviewed_on=pd.NaT),
        ]
    )
    latest = latest_review(twice)
    assert latest.groupby("centre")["score"].sum().to_dict() == {"a": 2, "b": 6, "c": 6}
