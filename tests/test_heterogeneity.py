"""Partial pooling of centres, and what picking the best of them shows: R, theory, planted effects, sentences' turns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.chapters import employment
from analysis.chapters.employment import conclusions, picking, subgroups
from analysis.chapters.employment.populations import best_centres, centre_differences
from analysis.chapters.process_evaluation import effect_by_centre
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.methods.estimates import estimate_frame
from analysis.methods.heterogeneity import pooled_effect, pooled_frame, shrunken_effects
from analysis.methods.multiplicity import holm
from analysis.methods.prediction import centre_interval, q_distribution
from analysis.methods.proportions import difference_in_proportions
from analysis.methods.selection import CentreGaps, Picked, _halves, _over_splits, centre_gaps, more_by_chance, picked
from analysis.show.figures import draw
from analysis.show.prose import Label, count
from analysis.show.study_words import study_catalogue
from tests.agreement import agrees

FOLDER = Path(__file__).parent / "reference"
ANSWERS = pd.read_csv(FOLDER / "heterogeneity_answers.csv", index_col=["case", "method", "quantity"])[
    "value"
].sort_index()
DATA = pd.read_csv(FOLDER / "heterogeneity_data.csv")
PREDICTED = {
    case: {by: ends.set_index("quantity")["value"] for by, ends in own.groupby("method")}
    for case, own in pd.read_csv(FOLDER / "prediction_answers.csv").groupby("case")
}
CASES = list(DATA["case"].drop_duplicates())


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
    for name in ("mean", "std_error", "conf_low", "conf_high", "tau2", "tau2_low", "tau2_high", "i2"):
        agrees("partial_pooling", "R 4, metafor::rma and confint", getattr(found, name), answers[name])
    agrees("heterogeneity", "R 4, metafor::rma", found.test.statistic_value, answers["q"])
    agrees("heterogeneity", "R 4, metafor::rma", found.test.p_value, answers["q_p"])
    shrunken = shrunken_effects(effects(case), found)
    assert len(shrunken) == found.k
    columns = {"shrunken": "estimate", "shrunken_se": "std_error"}
    for name, column in columns.items():
        for number, value in enumerate(shrunken[column], start=1):
            agrees("shrunken_effects", "R 4, metafor::blup", value, answers[f"{name}_{number}"])


STEPS = "R 4, formula in steps"


@pytest.mark.parametrize("case", CASES)
def test_a_centre_is_expected_where_r_expects_it(case):
    """Ends by their distance from those of R in lengths of the interval: theirs are drawn, or summed in steps."""
    own = effects(case)
    y, v = tuple(own["estimate"]), tuple(own["std_error"] ** 2)
    pooling, drawing, last = "partial_pooling", "shrunken_effects", len(y) - 1
    for by, method, program, settings in (
        ("drawn", pooling, "pimeta 1.1.4, a million draws", {"modified": False}),
        ("plain", pooling, STEPS, {"modified": False}), ("modified", pooling, STEPS, {}),
        ("first", drawing, STEPS, {"of": 0}), ("last", drawing, STEPS, {"of": last}),
    ):  # fmt: skip
        if by in PREDICTED[case]:
            ends = PREDICTED[case][by]
            length = ends["new_high"] - ends["new_low"]
            for name, end in zip(("new_low", "new_high"), centre_interval(y, v, **settings), strict=True):
                if case == "two":  # a million draws of so heavy a tail tell its ends to a hundredth
                    assert end / length == pytest.approx(ends[name] / length, abs=0.02)
                else:
                    agrees(method, program, end / length, ends[name] / length, within=0.005)


@pytest.mark.parametrize("case", CASES)
def test_the_interval_of_a_centre_lies_about_its_estimate_and_is_no_wider_than_that_of_a_new_one(case):
    own = effects(case)
    pooled = pooled_effect(own)
    shrunken = shrunken_effects(own, pooled)
    assert (shrunken["conf_low"] < shrunken["estimate"]).all() and (shrunken["estimate"] < shrunken["conf_high"]).all()
    assert (shrunken["conf_high"] - shrunken["conf_low"] < pooled.new_high - pooled.new_low).all()
    narrower = shrunken_effects(own, pooled_effect(own, conf_level=0.8))
    assert (narrower["conf_high"] - narrower["conf_low"] < shrunken["conf_high"] - shrunken["conf_low"]).all()


def test_q_is_distributed_as_a_sum_of_weighted_chi_squares():
    rng = np.random.default_rng(4)
    v = np.array([1.0, 2.0, 0.5, 4.0])
    assert q_distribution(3.0, v, 0.0) == pytest.approx(stats.chi2.cdf(3.0, 3))
    y = rng.normal(0, np.sqrt(v + 1.5), (200_000, 4))
    mean = (y / v).sum(axis=1) / (1 / v).sum()
    drawn = ((y - mean[:, None]) ** 2 / v).sum(axis=1)
    for q in (0.5, 4.0, 20.0):
        assert q_distribution(q, v, 1.5) == pytest.approx((drawn <= q).mean(), abs=0.005)


def test_centres_that_are_all_alike_do_not_promise_the_same_of_a_new_one():
    alike, apart = ([0.05, 0.05, 0.05, 0.05], [-0.2, 0.3, 0.1, 0.0])
    (low, high), (lower, higher) = (centre_interval(tuple(y), (0.01,) * 4) for y in (alike, apart))
    assert low < 0.05 - 0.15 and high > 0.05 + 0.15
    assert higher - lower > high - low


def test_holm_is_that_of_r_and_leaves_out_what_is_not_known():
    answers = ANSWERS["p_values", "holm"]
    given = pd.Series([answers[f"given_{number}"] for number in range(1, 7)])
    for number, value in enumerate(holm(given), start=1):
        agrees("holm", "R 4, p.adjust", value, answers[f"adjusted_{number}"])
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
    found = centre_gaps(trial_of([0.2] * 250, np.random.default_rng(5), 60), ["m0", "m1"], "m2", **ARMS)
    observed = np.cov(found.chosen_by, found.told)
    assert found.covariance.mean(axis=0) == pytest.approx(observed, rel=0.2)


def test_by_chance_the_best_exceed_all_as_order_statistics_of_the_normal_distribution_say():
    """Of six standard normal draws the largest three have the means 1.2672, 0.6418 and 0.2015 (Teichroew 1956)."""
    best = np.mean([1.26721, 0.64176, 0.20155])
    same = np.full((6, 2, 2), 4.0)
    half = np.array([[[4.0, 1.5], [1.5, 2.25]]] * 6)
    for covariance, expected in ((same, 2 * best), (half, 0.5 * 1.5 * best)):
        more = more_by_chance(np.ones(6), covariance, 3, 40_000, np.random.default_rng(1))
        assert more.mean() == pytest.approx(expected, abs=4 * more.std() / 200)


def test_what_is_told_varies_as_its_variance_says_however_it_hangs_together_with_the_choice():
    """One of two: half the difference of two numbers with variance four, whose square has the mean two."""
    for both in (0.0, 1.0, 2.0):
        covariance = np.array([[[1.0, both], [both, 4.0]]] * 2)
        more = more_by_chance(np.ones(2), covariance, 1, 40_000, np.random.default_rng(1))
        assert (more**2).mean() == pytest.approx(2.0, rel=0.03)


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
    assert 0.86 < covered < 1  # simulated trials say how often it does, see test_simulated.py
    planted = picked(trial_of([0.05, 0.6, 0.05, 0.05], rng, 200), ["m0", "m1"], "m2", 1, rng, draws=400, **ARMS)
    assert planted.p_value < 0.01
    assert planted.other_half == pytest.approx(0.6, abs=0.12)
    assert planted.other_half_low > 0.3


def test_what_lies_between_the_splits_is_taken_off_but_never_more_than_a_given_choice_leaves():
    """Two centres; in every split one is chosen: always the first, or either by turns."""
    always, turns = np.array([[1.0, 0.0]] * 4), np.array([[1.0, 0.0], [0.0, 1.0]] * 2)
    of_half, of_all = np.full((4, 2), 0.08), np.array([0.04, 0.04])
    alike, apart = np.full((4, 2), 0.3), np.array([[0.1, 0.5]] * 4)
    assert _over_splits(always, alike, of_half, of_all) == pytest.approx((0.3, 0.08**0.5))
    assert _over_splits(turns, apart, of_half, of_all) == pytest.approx((0.3, (0.08 - 0.04) ** 0.5))
    assert _over_splits(turns, 2 * apart, of_half, of_all) == pytest.approx((0.6, (2 * 0.25 * 0.04) ** 0.5))


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


# ---- sentences turn with the data ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


def gaps_of(bundled, estimates, error=0.06):
    """Estimate frame as `centre_effects` gives it, with made-up differences at the bundled study's centres."""
    study = bundled.study
    rows = [{"outcome": "x", "population": centre, "contrast": study.contrast, "method": "", "estimate": estimate,
             "std_error": error, "n_treated": 90, "n_control": 90, "conf_low": estimate - 0.1,
             "conf_high": estimate + 0.1}
            for centre, estimate in zip(study.centre_codes, estimates, strict=False)]  # fmt: skip
    return estimate_frame(rows)


@pytest.mark.parametrize(
    ("estimates", "keys"),
    [
        ([0.3, -0.2, 0.25, -0.3, 0.1, 0.0], ["centres_differ", "shrunken", "new_centre"]),
        ([0.1, 0.0, 0.08, 0.05, 0.12, 0.03], ["centres_no_clear_difference", "shrunken_alike", "new_centre"]),
        ([0.1, np.nan, 0.08, 0.3, 0.12, 0.03],
         ["centres_left_out", "centres_differ", "shrunken", "new_centre"]),
        ([0.1], ["centres_not_pooled"]),
        ([], ["centres_not_pooled"]),
    ],
)  # fmt: skip
def test_what_is_said_of_centres_turns_with_their_effects(bundled, estimates, keys):
    frame = gaps_of(bundled, estimates, 0.03 if len(keys) == 4 else 0.06)
    assert [each.key for each in employment.centre_verdicts(frame, bundled)] == keys


def test_a_figure_and_tables_stand_where_a_centre_lacks_an_arm(bundled):
    frame = gaps_of(bundled, [0.1, np.nan, 0.08, 0.3, 0.12, 0.03])
    figure = employment.centre_figure(frame, bundled)
    observed = figure.frame[figure.frame["series"] == "observed"]
    assert list(observed["estimate"]) == sorted(observed["estimate"])
    assert set(figure.frame["row"]) == {*frame["population"], "mean", "new"} - {"centre_b"}
    assert isinstance(employment.centre_figure(gaps_of(bundled, []), bundled), Absent)
    assert isinstance(employment.centre_spread_table(gaps_of(bundled, [0.1]), bundled), Absent)


def test_centre_effects_are_those_of_the_other_pages(bundled):
    """One quantity has one value: the process chapter shows the same effects beside fidelity."""
    found = employment.centre_effects(bundled)
    gaps = found[found["contrast"] == bundled.study.contrast].set_index("population")
    elsewhere = effect_by_centre(bundled).set_index("centre")
    for column in ("estimate", "conf_low", "conf_high"):
        assert list(gaps.loc[elsewhere.index, column]) == pytest.approx(list(elsewhere[column]))


def test_centres_are_chosen_as_the_figure_of_the_best_chooses_them(bundled):
    people, chosen_by = picking._people(bundled, bundled.study.primary_outcome)
    found = centre_gaps(people, chosen_by, bundled.study.primary_outcome, treatment="sfj", control="control")
    expected = centre_differences(bundled).set_index("centre")["difference"]
    assert dict(zip(found.centres, found.chosen_by, strict=True)) == pytest.approx(expected.to_dict())
    assert [found.centres[place] for place in found.best(3)] == best_centres(bundled, 3)


def shown(**numbers):
    known = {"everyone": 0.07, "observed": 0.2, "expected": 0.1, "expected_low": 0.06, "expected_high": 0.15,
             "p_value": 0.01, "other_half": 0.2, "other_half_low": 0.1, "other_half_high": 0.3}  # fmt: skip
    return Picked(3, 6, 100, 50, 0.95, **{**known, **numbers})


NOTHING = Picked(6, 6, 100, 50, 0.95)


@pytest.mark.parametrize(
    ("picked_each", "said", "conclusion"),
    [
        ([shown()], ["more_than_picking", "other_half.higher"], "best_centres_stand"),
        ([shown(p_value=0.4)], ["as_picking", "other_half.higher"], "best_centres_do_not_stand"),
        ([shown(other_half_low=-0.1)], ["more_than_picking", "other_half.unclear"], "best_centres_do_not_stand"),
        ([shown(), shown(p_value=0.4)], ["more_than_picking", "other_half.higher", "as_picking", "other_half.higher"],
         "best_centres_stand_in_part"),
        ([shown(other_half=np.nan)], ["more_than_picking", "other_half_unknown"], "best_centres_stand"),
        ([NOTHING], ["all_picked"], "best_centres_not_told"),
    ],
)  # fmt: skip
def test_what_is_said_of_the_best_turns_with_what_they_show(bundled, picked_each, said, conclusion):
    found = dict(zip(bundled.study.monthly_outcomes, picked_each, strict=False))
    told = employment.best_of_verdicts(found, bundled)
    assert [f"{each.key}.{each.direction}" if each.direction else each.key for each in told] == said
    assert employment.conclusion_on_centres(bundled, found).key == conclusion


def test_the_print_alone_lets_equally_good_centres_show_what_it_prints(bundled):
    """Adjusted 3.0 points with z 0.99: √6 times its error, times 0.7035, on top of it."""
    narrow, _ = employment.best_in_print(bundled)
    assert narrow.values["expected"].value == pytest.approx(2.95 + 0.70351 * 6**0.5 * 2.95 / 0.99, abs=0.1)
    assert narrow.key == "best_in_print_as_chance"
    assert narrow.from_print


# ---- subgroups as one family -----------------------------------------------------------------------------------------


def family(**p_values):
    frame = pd.DataFrame({"p": p_values}, dtype=float)
    return frame.assign(chosen=["planned", *["post_hoc"] * (len(frame) - 1)], holm=holm(frame["p"]))


@pytest.mark.parametrize(
    ("p_values", "whole", "each"),
    [
        ({"age": 0.001, "sex": 0.6}, "subgroups_clear", ["subgroup_found", "subgroup_not_found"]),
        ({"age": 0.04, "sex": 0.6}, "subgroups_none_clear", ["subgroup_not_held", "subgroup_not_found"]),
        ({"age": 0.3, "sex": np.nan}, "subgroups_none_clear", ["subgroup_not_found", "subgroup_unknown"]),
        ({"age": np.nan}, "subgroups_unknown", ["subgroup_unknown"]),
    ],
)
def test_a_subgroup_is_clear_only_once_all_are_counted(p_values, whole, each):
    found = family(**p_values)
    said = {"outcome": Label("outcomes", "x"), "looked_at": count(len(found))}
    assert subgroups._all_verdict(found, said, 0.05).key == whole
    assert [subgroups._verdict(code, own, said, 0.05).key for code, own in found.iterrows()] == each


def test_subgroups_are_post_hoc_unless_the_settings_say_planned(bundled):
    found = subgroups.subgroup_family(bundled)
    assert list(found["chosen"].unique()) == ["post_hoc"]
    assert list(found["holm"]) == pytest.approx(list(holm(found["p"])))
    first, *others = bundled.study.subgroups
    planned = replace(bundled, study=replace(bundled.study, subgroups=(replace(first, planned=True), *others)))
    table = employment.subgroup_test_table(planned)
    assert dict(table.rows) == {"planned": [first.code], "post_hoc": [other.code for other in others]}


def test_a_forest_tells_the_test_of_each_subgroup(bundled):
    frame = employment.subgroup_figure(bundled).frame
    expected = subgroups.subgroup_family(bundled)["p"]
    assert frame.drop_duplicates("group").set_index("group")["p_interaction"].drop(
        "everyone"
    ).to_dict() == pytest.approx(expected.to_dict())
    drawn = draw(
        employment.subgroup_figure(bundled), "employment", study_catalogue(bundled.study, "en", bundled.folder)
    )
    assert drawn.count(b"Interaction") == len(expected)


def test_how_large_a_difference_between_groups_could_be_seen(bundled):
    gaps = pd.DataFrame({"std_error": [0.03, 0.04]})
    assert conclusions._detectable(gaps, 0.95) == pytest.approx(0.05 * (1.959964 + 0.841621))
    assert employment.conclusion_on_subgroups(bundled).key == "subgroups_not_shown_alike"
