"""Imputation, weights, bounds and corrections for several outcomes against R, and by what must hold of them.

Tolerance 1e-6 of R's number: R maximises the restricted likelihood and differentiates estimating equations numerically,
which agrees to 1e-10; all else is the same arithmetic.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods import bounds, imputation, multiplicity, weighting
from analysis.methods.imputation import AT_RANDOM, INCREMENTS, JUMP
from analysis.methods.regression import NotEstimable
from tests.agreement import agrees

REFERENCE = Path(__file__).parent / "reference"
ARMS = {"treatment": "sfj", "control": "control"}
WAVES = [0, 6, 12]
PREDICTORS = ["m0", "age", "woman"]


@pytest.fixture(scope="module")
def people():
    data = pd.read_csv(REFERENCE / "missing_data.csv")
    return data.assign(participant_id=data["person"].astype(str), arm=data["treated"].map({1: "sfj", 0: "control"}))


@pytest.fixture(scope="module")
def answer():
    return pd.read_csv(REFERENCE / "missing_answers.csv", comment="#").set_index("quantity")["value"]


def long_scores(people):
    long = people.melt("participant_id", ["m0", "m6", "m12"], "wave", "score")
    return long.assign(wave=long["wave"].str.removeprefix("m").astype(int))


def imputed_of(people):
    return imputation.impute(long_scores(people), people, "score", WAVES, **ARMS)


@pytest.fixture(scope="module")
def imputed(people):
    return imputed_of(people)


# Imputation -----------------------------------------------------------------------------------------------------------


def test_differences_and_jackknife_equal_r(imputed, answer):
    ways = {name: (name, 0, 0) for name in imputation.ASSUMPTIONS} | {"deltas": (AT_RANDOM, 1.5, -0.5)}
    for name, way in ways.items():
        estimate, error = imputed.difference(*way)
        method = "tipping" if name == "deltas" else "imputation"
        agrees(method, "R 4, nlme::gls and the formula written out", estimate, answer[f"imputed.{name}.estimate"])
        method = "tipping" if name == "deltas" else "jackknife"
        agrees(method, "R 4, nlme::gls again without each person", error, answer[f"imputed.{name}.std_error"])


def test_frame_holds_every_assumption_and_everybody(imputed):
    frame = imputation.imputed_differences(imputed, "score_m12", "sfj_vs_control")
    assert (frame["n_treated"] + frame["n_control"]).tolist() == [72] * 3  # also who told nothing
    for name, row in zip(imputation.ASSUMPTIONS, frame.to_dict("records"), strict=True):
        assert (row["estimate"], row["std_error"]) == imputed.difference(name)
        assert row["conf_high"] - row["estimate"] == pytest.approx(1.959964 * row["std_error"], rel=1e-6)


def test_jump_to_reference_does_not_depend_on_the_silent_treated_having_improved(people):
    """A treated person silent after inclusion is imputed as a control, whatever treatment did to the others."""
    better = people.assign(m12=people["m12"] - 5 * people["treated"], m6=people["m6"] - 5 * people["treated"])
    shift = {name: imputed_of(better).difference(name)[0] - imputed_of(people).difference(name)[0]
             for name in imputation.ASSUMPTIONS}  # fmt: skip
    assert shift[AT_RANDOM] == pytest.approx(-5, abs=1e-6)
    assert shift[INCREMENTS] == pytest.approx(-5, abs=1e-6)  # all were seen at 6 months, and keep that gain
    silent = people.loc[people["treated"] == 1, "m12"].isna().mean()
    assert shift[JUMP] == pytest.approx(-5 * (1 - silent), abs=0.5)


def test_without_gaps_all_assumptions_give_the_analysis_of_covariance(people):
    whole = people.dropna(subset=["m0", "m6", "m12"])
    x = np.column_stack([np.ones(len(whole)), whole["treated"], whole["m0"]])
    ols = np.linalg.lstsq(x, whole["m12"].to_numpy(), rcond=None)[0][1]
    found = imputed_of(whole)
    assert [found.difference(name)[0] for name in imputation.ASSUMPTIONS] == pytest.approx([ols] * 3)
    assert found.missing == (0, 0)
    assert np.isnan(imputation.tipping_delta(found))


def test_tipping_delta_takes_the_nearer_end_to_nought(imputed):
    start, error = imputed.difference(AT_RANDOM)
    assert start + 1.96 * error < 0
    at = imputation.tipping_map(imputed, [imputation.tipping_delta(imputed)], [0.0]).iloc[0]
    assert at["conf_high"] == pytest.approx(0, abs=1e-9)
    assert imputation.tipping_delta(imputed) > 0
    both = imputation.tipping_delta(imputed, 1, -1)  # silent controls off the other way help
    at = imputation.tipping_map(imputed, [both], [-both]).iloc[0]
    assert at["conf_high"] == pytest.approx(0, abs=1e-9)
    assert 0 < both < imputation.tipping_delta(imputed)
    # where the interval holds nought, what would make it clear
    unclear = imputation.tipping_delta(imputed, conf_level=0.99999)
    assert unclear < 0
    clear = imputation.tipping_map(imputed, [unclear], [0.0], conf_level=0.99999).iloc[0]
    assert clear["conf_high"] == pytest.approx(0, abs=1e-9)


def test_what_cannot_be_told_is_an_error(people):
    with pytest.raises(NotEstimable):
        imputed_of(people.head(4))


# Weights --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variance", weighting.VARIANCES)
def test_weighted_difference_equals_r(people, answer, variance):
    found = weighting.weighted_difference(people, "m12", ["m0"], PREDICTORS, variance=variance, **ARMS)
    agrees("answer_weights", "R 4, survey::svyglm", found.estimate, answer["weighted.estimate"])
    by = {"robust": "R 4, survey::svyglm", "unconditional": "R 4, stacked equations differentiated numerically"}
    agrees("answer_weights", by[variance], found.std_error, answer[f"weighted.{variance}"])
    assert (found.n_treated, found.n_control) == (27, 24)


def test_weights_are_of_those_who_answered_and_sum_to_everybody(people, answer):
    weights = weighting.answer_weights(people, "m12", PREDICTORS, **ARMS)
    agrees("answer_weights", "R 4, glm(family = binomial): weights", weights.max(), answer["weights.largest"])
    assert weights.index.tolist() == people.index[people["m12"].notna()].tolist()
    # by the equation of a logit with a constant; each arm has 36 people
    assert weights.groupby(people["arm"]).sum().to_numpy() == pytest.approx([36, 36], rel=0.1)


def test_weights_of_an_arm_know_nothing_of_the_answers_of_another(people):
    third = people.assign(arm="third", m12=people["m12"].isna() * 1.0).set_index(people.index + len(people))
    alone, mixed = (weighting.answer_weights(frame, "m12", PREDICTORS, **ARMS) for frame in (
        people, pd.concat([people, third])))  # fmt: skip
    pd.testing.assert_series_equal(mixed, alone)


def test_weights_that_cannot_be_told_leave_the_difference_unknown(people):
    everyone = people.dropna(subset=["m12"])
    assert np.isnan(weighting.weighted_difference(everyone, "m12", ["m0"], PREDICTORS, **ARMS).estimate)


# Bounds ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "arms"), [("lee", ("sfj", "control")), ("lee.turned", ("control", "sfj"))])
def test_bounds_and_their_interval_equal_r(people, answer, name, arms):
    found = bounds.lee_bounds(people.iloc[5:], "m12", treatment=arms[0], control=arms[1])
    for side, row in zip((bounds.LOWER, bounds.UPPER), found.to_dict("records"), strict=True):
        told = {"estimate": side, "std_error": f"{side}_se", "conf_low": "conf_low", "conf_high": "conf_high"}
        for column, quantity in told.items():
            agrees("lee_bounds", "R 4, formulas written out", row[column], answer[f"{name}.{quantity}"])


def test_bounds_by_hand():
    """Four of four treated answered and two of four controls: half of the treated answers are too many."""
    frame = pd.DataFrame({"arm": ["sfj"] * 4 + ["control"] * 4, "y": [1.0, 2, 3, 10, 2, 4, np.nan, np.nan]})
    assert bounds.lee_bounds(frame, "y", **ARMS)["estimate"].tolist() == [1.5 - 3, 6.5 - 3]
    alone = frame.assign(y=frame["y"].where(frame["arm"] == "sfj"))
    assert bounds.lee_bounds(alone, "y", **ARMS)["estimate"].isna().all()


def test_at_an_equal_start_the_difference_in_means_is_that_of_the_analysis_of_covariance(people):
    whole = people.dropna(subset=["m0", "m12"])
    x = np.column_stack([np.ones(len(whole)), whole["treated"], whole["m0"]])
    ols = np.linalg.lstsq(x, whole["m12"].to_numpy(), rcond=None)[0][1]
    level = bounds.at_equal_start(whole, "m12", "m0", **ARMS)
    assert bounds.lee_bounds(level, "m12", **ARMS)["estimate"].tolist() == pytest.approx([ols, ols])
    assert level["m12"].mean() == pytest.approx(whole["m12"].mean())  # who starts at the mean keeps the score


# Several outcomes -----------------------------------------------------------------------------------------------------


def test_holm_equals_r_and_leaves_the_unknown_out(answer):
    raw = [0.018, 0.0152, 0.0356, 0.313, 0.142, 0.043, 0.093]
    for place, value in enumerate(multiplicity.holm(raw), start=1):
        agrees("holm", "R 4, p.adjust", value, answer[f"holm.{place}"])
    assert multiplicity.holm([0.02, np.nan, 0.03])[[0, 2]].tolist() == [0.04, 0.04]
    assert np.isnan(multiplicity.holm([np.nan, np.nan])).all()


def test_max_t_over_all_rotations_equals_r(people, answer):
    treated = people["treated"].to_numpy(float)
    arms = np.column_stack([np.roll(treated, -k) for k in range(len(treated))])
    outcomes = {"m12": "m0", "m6": "m0", "other_m12": "other_m0"}
    t = np.column_stack([multiplicity.arm_statistics(people[y].to_numpy(float), people[[x]].to_numpy(float), arms)
                         for y, x in outcomes.items()])  # fmt: skip
    for y, own, p in zip(outcomes, t[0], multiplicity.step_down(t[0], t[1:]), strict=True):
        agrees("max_t", "R 4, lm: t", own, answer[f"t.{y}"])
        agrees("max_t", "R 4, steps written out over all rotations of the arms", p, answer[f"max_t.{y}"])


def test_arms_are_drawn_anew_within_strata(people):
    treated, stratum = people["treated"].to_numpy(), people["stratum"].to_numpy()
    drawn = multiplicity.redrawn_arms(treated, stratum, 50, np.random.default_rng(1))
    for name in np.unique(stratum):
        assert (drawn[stratum == name].sum(axis=0) == treated[stratum == name].sum()).all()
    assert (drawn != treated[:, None]).any(axis=0).all()


def test_max_t_of_one_outcome_is_its_permutation_test_and_of_copies_no_more(people):
    """Copies of one outcome are no further tests: drawing anew sees that, Holm does not."""
    made = people.assign(copy=people["m12"], again=people["m12"])
    settings = {"rng": np.random.default_rng(3), "draws": 400, **ARMS}
    one = multiplicity.max_t(made, {"m12": ["m0"]}, made["stratum"], **settings)
    settings["rng"] = np.random.default_rng(3)
    three = multiplicity.max_t(made, {name: ["m0"] for name in ("m12", "copy", "again")}, made["stratum"], **settings)
    assert three.tolist() == [one["m12"]] * 3
    assert one["m12"] < 0.02
