"""Estimators within strata of the randomisation: R, small cases by hand, planted effects, draws of the arms anew."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods.proportions import difference_in_proportions
from analysis.methods.randomisation import randomisation_test
from analysis.methods.standardisation import augmented_difference, standardised_risk_difference
from analysis.methods.strata import pooling_bias, stratified_difference, trend_bias
from tests.agreement import agrees

FOLDER = Path(__file__).parent / "reference"
ANSWERS = pd.read_csv(FOLDER / "strata_answers.csv", comment="#", index_col="quantity")["value"]
ARMS = {"treatment": "new", "control": "usual"}
STRATA = ["centre", "late"]
COVARIATES = ["age", "woman"]
WRITTEN_OUT = "R 4, formulas written out"
# Ten people in two strata: three of four treated in the first, two of six in the second.
TEN = pd.DataFrame({
    "arm": ["new"] * 3 + ["usual"] + ["new"] * 2 + ["usual"] * 4,
    "place": ["x"] * 4 + ["y"] * 6,
    "works": [True, True, False, False, True, True, True, True, False, False],
})  # fmt: skip


def read(name):
    people = pd.read_csv(FOLDER / name)
    return people.assign(arm=people["treated"].map({1: "new", 0: "usual"}))


@pytest.fixture(scope="module")
def people():
    found = read("strata_data.csv")
    return found.assign(months_share=found["months"] / 12)


def test_stratified_differences_are_those_of_r(people):
    for outcome in ("in_work", "months_share"):
        for weights in ("mantel_haenszel", "people"):
            found = stratified_difference(people, outcome, STRATA, weights=weights, **ARMS)
            agrees("within_strata", WRITTEN_OUT, found.estimate, ANSWERS[f"{outcome}_{weights}_estimate"])
            agrees("within_strata", WRITTEN_OUT, found.std_error, ANSWERS[f"{outcome}_{weights}_se"])
        whole = stratified_difference(people, outcome, STRATA, weights="people", variance="unconditional", **ARMS)
        told = {"unconditional_se": whole.std_error, "p": whole.p_value, "low": whole.conf_low, "high": whole.conf_high}
        for name, value in told.items():
            agrees("within_strata", WRITTEN_OUT, value, ANSWERS[f"{outcome}_people_{name}"])
    found = stratified_difference(people, "in_work", STRATA, **ARMS)
    agrees("within_strata", "RobinCar 1.2.0", found.estimate, ANSWERS["mh_estimate"])
    agrees("within_strata", "RobinCar 1.2.0", found.std_error, ANSWERS["mh_se"])


@pytest.mark.parametrize(("name", "strata"), [("covariates", []), ("strata", STRATA)])
@pytest.mark.parametrize("variance", ["robust", "unconditional"])
def test_g_computation_is_that_of_beeca(people, name, strata, variance):
    found = standardised_risk_difference(people, "in_work", COVARIATES, strata=strata, variance=variance, **ARMS)
    agrees("standardised_shares", "beeca 0.2.0", found.estimate, ANSWERS[f"{name}_estimate"])
    agrees("standardised_shares", "beeca 0.2.0", found.std_error, ANSWERS[f"{name}_{variance}_se"])


@pytest.mark.parametrize(("name", "strata"), [("aipw_without_strata", []), ("aipw", STRATA)])
def test_augmented_difference_is_that_of_r(people, name, strata):
    found = augmented_difference(people, "in_work", COVARIATES, strata=strata, **ARMS)
    against = "R 4, glm in each arm and the rest written out"
    agrees("augmented_weighting", against, found.estimate, ANSWERS[f"{name}_estimate"])
    agrees("augmented_weighting", against, found.std_error, ANSWERS[f"{name}_se"])


def test_randomisation_is_every_possible_draw_but_for_monte_carlo_error():
    found = randomisation_test(read("strata_small.csv"), "in_work", ["stratum"], rng=np.random.default_rng(1),
                               draws=20_000, **ARMS)  # fmt: skip
    exact = ANSWERS["small_p"]
    agrees("drawing_anew", "R 4, the statistic written out", found.statistic_value, ANSWERS["small_statistic"])
    assert abs(found.p_value - exact) < 4 * np.sqrt(exact * (1 - exact) / 20_000)


def test_draws_are_the_same_from_the_same_generator_and_others_from_another(people):
    drawn = [randomisation_test(people, "months_share", STRATA, rng=np.random.default_rng(seed), draws=300, **ARMS)
             for seed in (7, 7, 8)]  # fmt: skip
    assert drawn[0] == drawn[1]
    assert drawn[0].conf_low != drawn[2].conf_low
    assert drawn[0].estimate == drawn[2].estimate


def test_in_a_large_trial_the_draws_are_nearly_normal(people):
    """The studentised difference over the draws has the spread of a normal one, whatever the sizes of the strata."""
    found = randomisation_test(people, "in_work", STRATA, rng=np.random.default_rng(2), draws=4000, **ARMS)
    assert (found.conf_high - found.estimate) / found.std_error == pytest.approx(1.96, abs=0.12)


def test_ten_people_by_hand():
    """Differences 2/3 and 1/2; Mantel–Haenszel weights 3/4 and 8/6, by people 4 and 6."""
    found = stratified_difference(TEN, "works", ["place"], **ARMS)
    assert found.estimate == pytest.approx((3 / 4 * 2 / 3 + 8 / 6 * 1 / 2) / (3 / 4 + 8 / 6))
    # s² of treated: 1/3 of three, 0 of two; of controls: none of one, 1/3 of four
    spread = ((3 / 4) ** 2 * (1 / 3 / 3) + (8 / 6) ** 2 * (1 / 3 / 4)) / (3 / 4 + 8 / 6) ** 2
    assert found.std_error == pytest.approx(np.sqrt(spread))
    people = stratified_difference(TEN, "works", ["place"], weights="people", variance="unconditional", **ARMS)
    assert people.estimate == pytest.approx(0.4 * 2 / 3 + 0.6 / 2)
    between = 0.4 * (2 / 3 - people.estimate) ** 2 + 0.6 * (0.5 - people.estimate) ** 2
    spread = 0.4**2 * (1 / 3 / 3) + 0.6**2 * (1 / 3 / 4) + between / 10
    assert people.std_error == pytest.approx(np.sqrt(spread))
    assert (found.n_treated, found.n_control) == (5, 5)
    augmented = augmented_difference(TEN, "works", [], strata=["place"], **ARMS)
    assert augmented.estimate == pytest.approx(people.estimate)


@pytest.mark.parametrize("works", [0.0, 1.0])
@pytest.mark.parametrize("variance", ["robust", "unconditional"])
def test_a_stratum_without_an_event_takes_part_with_no_difference(people, works, variance):
    """A dummy for it has no finite coefficient; the share is nought (or one) in both arms all the same."""
    more = people.head(40).assign(centre="d", in_work=works)
    settings = {"strata": STRATA, "variance": variance, **ARMS}
    alone = standardised_risk_difference(people, "in_work", [], **settings)
    found = standardised_risk_difference(pd.concat([people, more], ignore_index=True), "in_work", [], **settings)
    assert found.estimate == pytest.approx(alone.estimate * len(people) / (len(people) + 40))
    assert found.n_treated + found.n_control == len(people) + 40
    if variance == "robust":
        assert found.std_error == pytest.approx(alone.std_error * len(people) / (len(people) + 40))
    assert found.std_error == pytest.approx(alone.std_error * len(people) / (len(people) + 40), rel=0.1)


def test_what_pooling_is_off_by_in_ten_people():
    """Of the treated 3/5 are in the first stratum, of controls 1/5, of all 2/5; pooled 4/5 − 2/5."""
    parts = pooling_bias(TEN, "works", ["place"], **ARMS)
    assert list(parts["bias"]) == pytest.approx([(3 / 5 - 2 / 5) * 2 / 3, (2 / 5 - 3 / 5) * 1 - (4 / 5 - 3 / 5) / 2])
    pooled = difference_in_proportions(TEN.loc[TEN["arm"] == "new", "works"], TEN.loc[TEN["arm"] != "new", "works"],
                                       outcome="works", population="all", contrast="")  # fmt: skip
    standardised = stratified_difference(TEN, "works", ["place"], weights="people", **ARMS)
    assert parts["bias"].sum() == pytest.approx(pooled.estimate - standardised.estimate)
    assert trend_bias(parts, [0, 0.1]) == pytest.approx((2 / 5 - 4 / 5) * 0.1)


def test_without_covariates_and_strata_all_are_the_plain_difference(people):
    arms = {name: people.loc[people["arm"] == arm, "in_work"].astype(bool) for name, arm in ARMS.items()}
    plain = difference_in_proportions(*arms.values(), outcome="in_work", population="all", contrast="")
    found = [stratified_difference(people, "in_work", [], **ARMS), augmented_difference(people, "in_work", [], **ARMS),
             standardised_risk_difference(people, "in_work", [], variance="robust", **ARMS)]  # fmt: skip
    assert [each.estimate for each in found] == pytest.approx([plain.estimate] * 3)
    assert found[2].std_error == pytest.approx(plain.std_error)


@pytest.mark.parametrize("method", [standardised_risk_difference, augmented_difference])
def test_covariates_in_any_unit_give_the_same_answer(people, method):
    in_microseconds = people.assign(age=people["age"] * 31_557_600e6)
    plain, other = (method(each, "in_work", COVARIATES, strata=STRATA, **ARMS) for each in (people, in_microseconds))
    assert [other.estimate, other.std_error] == pytest.approx([plain.estimate, plain.std_error], rel=1e-9)


def test_shuffled_people_and_renamed_strata_change_nothing(people):
    other = people.sample(frac=1, random_state=1)
    other = other.assign(centre=other["centre"].map({"a": "z", "b": "y", "c": "x"}))
    for method in (stratified_difference, standardised_risk_difference, augmented_difference):
        settings = {"strata": STRATA, **ARMS} | ({} if method is stratified_difference else {"covariates": COVARIATES})
        found = [method(each, "in_work", **settings) for each in (people, other)]
        assert found[0].estimate == pytest.approx(found[1].estimate)
        assert found[0].std_error == pytest.approx(found[1].std_error)


def test_strata_of_somebody_else_give_another_answer(people):
    mixed = people.assign(late=people["late"].sample(frac=1, random_state=3).to_numpy())
    right, wrong = (stratified_difference(each, "in_work", STRATA, **ARMS) for each in (people, mixed))
    assert abs(right.estimate - wrong.estimate) > 0.005


def test_who_lacks_something_is_left_out_and_an_empty_arm_gives_nothing(people):
    gaps = people.assign(in_work=people["in_work"].astype("Float64").mask(people.index < 10))
    gaps["age"] = gaps["age"].mask(gaps.index.isin([20, 21]))
    whole, gap = gaps.iloc[10:], gaps.drop(index=[20, 21]).iloc[10:]
    mantel_haenszel = [stratified_difference(each, "in_work", STRATA, **ARMS) for each in (gaps, whole)]
    assert mantel_haenszel[0] == mantel_haenszel[1]
    found, same = (augmented_difference(each, "in_work", COVARIATES, strata=STRATA, **ARMS) for each in (gaps, gap))
    assert found == same and found.n_treated + found.n_control == len(people) - 12
    nobody = people[people["arm"] == "new"]
    rng = np.random.default_rng(1)
    for empty in (stratified_difference(nobody, "in_work", STRATA, **ARMS),
                  standardised_risk_difference(nobody, "in_work", COVARIATES, **ARMS),
                  augmented_difference(nobody, "in_work", COVARIATES, strata=STRATA, **ARMS),
                  randomisation_test(nobody, "in_work", STRATA, rng=rng, draws=10, **ARMS)):  # fmt: skip
        assert np.isnan([empty.estimate, empty.conf_low, empty.p_value]).all()


def test_unknown_choices_are_refused(people):
    for settings in ({"weights": "all"}, {"variance": "none"}, {"variance": "unconditional"}):
        with pytest.raises(ValueError, match=r"weights|variance"):
            stratified_difference(people, "in_work", STRATA, **settings, **ARMS)
    with pytest.raises(ValueError, match="variance"):
        standardised_risk_difference(people, "in_work", COVARIATES, variance="none", **ARMS)


def trials(rng, effect, n=400, people_early=120, trend=0.3):
    """One simulated trial: two to one early, one to one later, and an outcome that moved in between."""
    late = np.arange(n) >= people_early
    treated = np.where(late, rng.permutation(n) % 2, rng.permutation(n) % 3 > 0).astype(bool)
    share = 0.25 + trend * late + effect * treated
    return pd.DataFrame({"arm": np.where(treated, "new", "usual"), "late": late, "works": rng.random(n) < share})


def test_a_planted_effect_comes_back_covered_and_pooling_is_biased_as_foretold():
    """Eighty trials: the mean within four Monte Carlo errors, most intervals with the truth in them."""
    rng, effect, many = np.random.default_rng(3), 0.1, 80
    drawn = [trials(rng, effect) for _ in range(many)]
    kinds = {
        "strata": [stratified_difference(each, "works", ["late"], **ARMS) for each in drawn],
        "pooled": [stratified_difference(each, "works", [], **ARMS) for each in drawn],
        "augmented": [augmented_difference(each, "works", [], strata=["late"], **ARMS) for each in drawn],
    }
    means = {name: np.mean([each.estimate for each in found]) for name, found in kinds.items()}
    error = np.std([each.estimate for each in kinds["strata"]]) / np.sqrt(many)
    assert abs(means["strata"] - effect) < 4 * error and abs(means["augmented"] - effect) < 4 * error
    foretold = np.mean([trend_bias(pooling_bias(each, "works", ["late"], **ARMS), [0, 0.3]) for each in drawn])
    assert means["pooled"] - means["strata"] == pytest.approx(foretold, abs=0.008)
    assert foretold < -0.02
    for name in ("strata", "augmented"):
        covered = np.mean([each.conf_low <= effect <= each.conf_high for each in kinds[name]])
        assert 0.90 <= covered <= 0.99, name
