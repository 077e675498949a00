"""Partial pooling of centres, and what picking the best of them shows: R, theory, planted effects, sentences' turns."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods.estimates import estimate_frame
from analysis.methods.heterogeneity import holm, pooled_effect, pooled_frame, shrunken_effects
from analysis.methods.proportions import difference_in_proportions
from analysis.methods.selection import CentreGaps, _halves, centre_gaps, more_by_chance, picked

FOLDER = Path(__file__).parent / "reference"
ANSWERS = pd.read_csv(FOLDER / "heterogeneity_answers.csv", index_col=["case", "method", "quantity"])[
    "value"
].sort_index()
DATA = pd.read_csv(FOLDER / "heterogeneity_data.csv")
CASES = list(DATA["case"].drop_duplicates())
CLOSE = {"abs": 1e-6, "rel": 1e-6}


def effects(case):
    own = DATA[DATA["case"] == case]
    named = own.assign(outcome="work", population=[f"centre_{number}" for number in range(1, len(own) + 1)],
                       contrast="new_vs_usual", method="").drop(columns="case")  # fmt: skip
    return estimate_frame(named.to_dict("records"))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("method", ["REML", "DL"])
@pytest.mark.parametrize("interval", ["modified", "plain"])
def test_pooling_and_shrinking_are_those_of_metafor(case, method, interval):
    found = pooled_effect(effects(case), method=method, modified=interval == "modified")
    answers = ANSWERS[case, f"{method}_{interval}"]
    for name in ("mean", "std_error", "conf_low", "conf_high", "tau2", "tau2_low", "tau2_high", "i2", "new_low",
                 "new_high"):  # fmt: skip
        assert getattr(found, name) == pytest.approx(answers[name], **CLOSE), name
    assert found.test.statistic_value == pytest.approx(answers["q"], **CLOSE)
    assert found.test.p_value == pytest.approx(answers["q_p"], **CLOSE)
    shrunken = shrunken_effects(effects(case), found)
    columns = {"shrunken": "estimate", "shrunken_se": "std_error", "shrunken_low": "conf_low",
               "shrunken_high": "conf_high"}  # fmt: skip
    for name, column in columns.items():
        expected = [answers[f"{name}_{number}"] for number in range(1, found.k + 1)]
        assert list(shrunken[column]) == pytest.approx(expected, **CLOSE), column


def test_holm_is_that_of_r_and_leaves_out_what_is_not_known():
    answers = ANSWERS["p_values", "holm"]
    given = pd.Series([answers[f"given_{number}"] for number in range(1, 7)])
    assert list(holm(given)) == pytest.approx([answers[f"adjusted_{number}"] for number in range(1, 7)], **CLOSE)
    assert list(holm(pd.Series([0.04, np.nan, 0.01])).fillna(-1)) == pytest.approx([0.04, -1, 0.02])
    assert holm(pd.Series([np.nan])).isna().all()


@pytest.mark.parametrize("kept", [0, 1])
def test_without_two_centres_nothing_is_pooled(kept):
    own = effects("two").assign(std_error=[5.5 if kept else 0.0, np.nan])
    found = pooled_effect(own)
    assert (found.k, found.is_known) == (kept, False)
    assert np.isnan([found.mean, found.tau2, found.new_low, found.test.p_value]).all()
    assert shrunken_effects(own, found).empty
    assert pooled_frame(found, outcome="work", contrast="x")["estimate"].isna().all()


# ---- the best of several centres -------------------------------------------------------------------------------------

ARMS = {"treatment": "new", "control": "usual"}


def trial_of(effects, rng, people=80, months=3):
    """People of as many centres as effects, half in either arm, who work in each month or not, mostly alike."""
    centre = np.repeat(np.arange(len(effects)), people)
    treated = np.tile(np.arange(people) % 2, len(effects))
    share = 0.3 + np.asarray(effects)[centre] * treated
    likely = rng.random(len(centre)) < share
    works = {f"m{month}": np.where(rng.random(len(centre)) < 0.8, likely, rng.random(len(centre)) < share)
             for month in range(months)}  # fmt: skip
    arm = np.where(treated == 1, *ARMS.values())
    return pd.DataFrame({"centre": [f"c{number}" for number in centre], "arm": arm, **works}).astype(
        dict.fromkeys(works, float)
    )


def test_gaps_and_their_variance_are_those_of_shares():
    people = trial_of([0.1, 0.3, 0.2], np.random.default_rng(3))
    people.loc[::7, "m1"] = np.nan
    found = centre_gaps(people, ["m1"], "m2", **ARMS)
    for place, own in enumerate(people.groupby("centre")):
        for column, gaps, variance in (("m1", found.chosen_by, 0), ("m2", found.told, 1)):
            arms = [own[1].loc[own[1]["arm"] == arm, column].astype("boolean") for arm in ARMS.values()]
            one = difference_in_proportions(*arms, outcome="", population="", contrast="")
            assert gaps[place] == pytest.approx(one.estimate)
            assert found.covariance[place, variance, variance] == pytest.approx(one.std_error**2)


def test_covariance_of_the_two_differences_is_that_of_many_draws():
    rng = np.random.default_rng(5)
    drawn = [centre_gaps(trial_of([0.2], rng, 60), ["m0", "m1"], "m2", **ARMS) for _ in range(300)]
    observed = np.cov(*zip(*((one.chosen_by[0], one.told[0]) for one in drawn), strict=True))
    assert np.mean([one.covariance[0] for one in drawn], axis=0) == pytest.approx(observed, rel=0.15)


def test_by_chance_the_best_exceed_all_as_order_statistics_of_the_normal_distribution_say():
    """Of six standard normal draws the largest three have the means 1.2672, 0.6418 and 0.2015 (Teichroew 1956)."""
    best = np.mean([1.26721, 0.64176, 0.20155])
    same = np.full((6, 2, 2), 4.0)
    half = np.array([[[4.0, 1.5], [1.5, 2.25]]] * 6)
    for covariance, expected in ((same, 2 * best), (half, 0.5 * 1.5 * best)):
        more = more_by_chance(np.ones(6), covariance, 3, 40_000, np.random.default_rng(1))
        assert more.mean() == pytest.approx(expected, abs=4 * more.std() / 200)


def test_weights_are_the_people_of_each_centre():
    gaps = CentreGaps(("a", "b", "c"), np.array([30.0, 10, 60]), np.array([0.2, 0.2, 0.1]), np.array([0.4, 0.0, 0.1]),
                      np.ones((3, 2, 2)))  # fmt: skip
    assert list(gaps.best(2)) == [0, 1]  # a tie goes to the centre with more people
    assert gaps.mean_told(gaps.best(2)) == pytest.approx(0.3)
    assert gaps.mean_told() == pytest.approx((12 + 6) / 100)


def test_halves_part_each_cell_evenly():
    cell = np.repeat([0, 1, 2], [5, 8, 4])
    halves = _halves(cell, 30, np.random.default_rng(2))
    for number, size in enumerate((5, 8, 4)):
        assert set(halves[:, cell == number].sum(axis=1)) == {-(-size // 2)}
    assert len({tuple(half) for half in halves}) > 25


def test_equally_good_centres_are_no_finding_and_a_planted_one_is():
    rng = np.random.default_rng(11)
    alike = [picked(trial_of([0.15] * 5, rng), ["m0", "m1", "m2"], "m2", 2, rng, draws=120, **ARMS) for _ in range(50)]
    p = np.array([one.p_value for one in alike])
    assert (p < 0.05).mean() < 0.15
    assert p.mean() == pytest.approx(0.5, abs=0.13)
    assert np.mean([one.observed - one.everyone for one in alike]) > 0.04  # what picking alone shows
    assert np.mean([one.other_half for one in alike]) == pytest.approx(0.15, abs=0.04)
    covered = np.mean([one.other_half_low <= 0.15 <= one.other_half_high for one in alike])
    assert covered > 0.95
    planted = picked(trial_of([0.05, 0.6, 0.05, 0.05], rng, 200), ["m0", "m1"], "m2", 1, rng, draws=400, **ARMS)
    assert planted.p_value < 0.01
    assert planted.other_half == pytest.approx(0.6, abs=0.12)
    assert planted.other_half_low > 0.3


def test_draws_come_from_the_generator():
    people = trial_of([0.1, 0.3, 0.2], np.random.default_rng(3))
    found = [picked(people, ["m0"], "m2", 1, np.random.default_rng(seed), draws=50, **ARMS) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_a_centre_without_an_arm_or_an_event_is_left_out_and_nothing_is_picked_of_too_few():
    people = trial_of([0.1, 0.3, 0.2, 0.2], np.random.default_rng(3))
    people = people[(people["centre"] != "c0") | (people["arm"] == "new")]
    people.loc[people["centre"] == "c1", ["m0", "m1", "m2"]] = 0.0
    found = centre_gaps(people, ["m0", "m1"], "m2", **ARMS)
    assert (found.centres, found.left_out) == (("c2", "c3"), ("c0", "c1"))
    assert picked(people, ["m0"], "m2", 1, np.random.default_rng(1), draws=20, **ARMS).k == 2
    for n in (2, 3):
        none = picked(people, ["m0"], "m2", n, np.random.default_rng(1), draws=20, **ARMS)
        assert np.isnan([none.observed, none.expected, none.p_value, none.other_half]).all()
    few = people.groupby(["centre", "arm"]).head(3)
    assert np.isnan(picked(few, ["m0"], "m2", 1, np.random.default_rng(1), draws=20, **ARMS).other_half)
