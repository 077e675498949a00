"""Uncertain assumptions: against R's BCEA (tests/reference/cost_benefit_bcea.R), and worked by hand."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods.cost_benefit import Scenario, ValueOfWork, discounted_years, net_present_value
from analysis.methods.cost_benefit_uncertainty import (
    Assumption,
    acceptability,
    one_way,
    probability_of_gain,
    value_of_knowing,
    value_of_perfect_information,
)
from tests.agreement import agrees

FOLDER = Path(__file__).parent / "reference"
REFERENCE = pd.read_csv(FOLDER / "cost_benefit_bcea_answers.csv", comment="#", index_col="quantity")["value"]
DRAWN = pd.read_csv(FOLDER / "cost_benefit_bcea_data.csv")
VALUES = np.array([0.0, 100_000, 200_000, 300_000, 390_000, 600_000])
NET = 390_000 * DRAWN["work"].to_numpy() - DRAWN["cost"].to_numpy()
BCEA = "R 4, BCEA"


def test_acceptability_and_perfect_information_equal_bcea():
    found = acceptability(DRAWN["work"].to_numpy(), DRAWN["cost"].to_numpy(), VALUES).set_index("value")
    for value in VALUES:
        probability, loss = REFERENCE[f"acceptability_{value:.0f}"], REFERENCE[f"evpi_{value:.0f}"]
        agrees("acceptability", BCEA, found.loc[value, "probability"], probability)
        agrees("perfect_information", BCEA, found.loc[value, "loss"], loss)


def test_the_model_has_the_net_benefit_of_bcea():
    """Work gained times what a year is worth, less extra cost: the mean over the draws, and cost per further year."""
    scenario = Scenario(0, 0, ValueOfWork(0.0, 0.0, 0.0), 0, 0, 1, 0.0, 0.5, 1, {1: 0.0}, 0)
    drawn = replace(scenario, effect_full=DRAWN["effect"].to_numpy(), duration=DRAWN["duration"].to_numpy(),
                    cost_programme=DRAWN["cost"].to_numpy())  # fmt: skip
    for value in VALUES:
        net = net_present_value(replace(drawn, value=ValueOfWork(value, 0.0, 0.0))).per_person
        assert net.mean() == pytest.approx(REFERENCE[f"eib_{value:.0f}"], abs=1e-2)  # stored work has eight decimals
    price = drawn.weighted_extra_cost.mean() / drawn.work_gained.mean()
    assert price == pytest.approx(REFERENCE["icer"], rel=1e-6)


@pytest.mark.parametrize("name", ["effect", "duration"])
def test_the_value_of_knowing_one_number_equals_r(name):
    found, answer = value_of_knowing(NET, DRAWN[name].to_numpy()), REFERENCE[f"knowing_{name}"]
    agrees("value_of_knowing", "R 4, lm on splines::ns", found, answer)


def test_one_number_is_never_worth_more_than_all_of_bcea():
    """Also where the regression in R passes what BCEA says of everything: with a hundred draws at a dear year."""
    few = DRAWN.head(100)
    net = 1_200_000 * few["work"].to_numpy() - few["cost"].to_numpy()
    assert REFERENCE["few_regression_effect"] > REFERENCE["few_evpi"]
    agrees("value_of_knowing", "R 4, lm on splines::ns, and BCEA where that is less",
           value_of_knowing(net, few["effect"].to_numpy()), REFERENCE["few_evpi"])  # fmt: skip
    for draws, value, name in product((6, 20, 100, len(DRAWN)), VALUES, ("effect", "duration", "cost")):
        some = DRAWN.head(draws)
        net = value * some["work"].to_numpy() - some["cost"].to_numpy()
        assert value_of_knowing(net, some[name].to_numpy()) <= value_of_perfect_information(net)


SPREADS = {
    "gamma": Assumption("gamma", 246, 150, 342),
    "beta": Assumption("beta", 0.3, 0.1, 0.5),
    "normal": Assumption("normal", 5, 1, 9),
    "uniform": Assumption("uniform", 0.29, 0.09, 0.5),
    "triangular": Assumption("triangular", 1, 0.5, 5),
}


@pytest.mark.parametrize("name", SPREADS)
def test_distributions_equal_r(name):
    for share in (0.025, 0.5, 0.9):
        assert SPREADS[name].spread.ppf(share) == pytest.approx(REFERENCE[f"{name}_{share}"], rel=1e-9)


@pytest.mark.parametrize("name", ["gamma", "beta", "normal"])
def test_a_spread_has_its_value_as_mean_and_its_width(name):
    each = SPREADS[name]
    assert each.spread.mean() == pytest.approx(each.value)
    assert each.spread.std() == pytest.approx((each.high - each.low) / 3.919928, rel=1e-6)
    assert each.draw(3, np.random.default_rng(1)) == pytest.approx(each.draw(3, np.random.default_rng(1)))


@pytest.mark.parametrize("given", [
    ("cauchy", 1, 0, 2), ("uniform", 3, 0, 2), ("uniform", 1, 1, 1), ("gamma", 0, 0, 1), ("beta", 0.01, 0, 0.9),
])  # fmt: skip
def test_impossible_spreads_are_refused(given):
    with pytest.raises(ValueError):
        Assumption(*given)


def test_fading_gains_equal_r():
    for gap in (0, 1, 3):
        for decay in (0, 0.25):
            found = discounted_years(3.5, {1: 0.04}, gap, decay)
            answer = REFERENCE[f"fading_3.5_{gap}_{decay:g}"]
            agrees("net_present_value", "R 4, years of an effect that fades", found, answer, within=1e-9)


def test_probability_and_perfect_information_by_hand():
    """Four draws, −30, −10, 20, 60: half gain; choosing by the mean (10) gives 10, knowing gives (20 + 60) / 4 = 20."""
    net = np.array([-30.0, -10.0, 20.0, 60.0])
    assert probability_of_gain(net) == 0.5
    assert value_of_perfect_information(net) == 10
    assert value_of_perfect_information(-net) == 10
    assert value_of_perfect_information(np.abs(net)) == 0


def test_nought_is_no_gain_and_what_is_not_known_is_not_counted():
    assert probability_of_gain(np.zeros(4)) == 0
    unknown = np.array([1.0, np.nan])
    assert np.isnan([probability_of_gain(unknown), value_of_perfect_information(unknown),
                     value_of_knowing(unknown, np.ones(2))]).all()  # fmt: skip
    assert acceptability(unknown, np.ones(2), np.array([1.0]))[["probability", "loss"]].isna().all(axis=None)


def test_knowing_what_decides_all_is_worth_as_much_as_perfect_information():
    """The result is a straight line of one number: knowing that is knowing all; a number apart from it is worth nothing
    but for what 4,000 draws leave to chance."""
    rng = np.random.default_rng(7)
    number, other = rng.normal(size=(2, 4000))
    net = 1000 * number + 100
    assert value_of_knowing(net, number) == pytest.approx(value_of_perfect_information(net))
    assert value_of_knowing(net, other) < 0.02 * value_of_perfect_information(net)
    assert value_of_knowing(net, np.ones(4000)) == 0


def test_a_tornado_has_the_widest_on_top_by_hand():
    frame = one_way({"narrow": (9.0, 12.0), "wide": (30.0, -5.0), "unknown": (np.nan, 1.0)}, 10.0)
    assert frame["row"].tolist() == ["wide", "wide", "narrow", "narrow"]
    assert frame["estimate"].tolist() == [30.0, -5.0, 9.0, 12.0]
    assert frame["end"].tolist() == ["low", "high"] * 2
    assert set(frame["start"]) == {10.0}
