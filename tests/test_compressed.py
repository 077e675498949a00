"""Adjusted differences from cells are those of the people themselves, by statsmodels and by the book's own methods."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.methods import standardisation
from analysis.methods.compressed import linear_difference, standardised_risk_difference
from analysis.methods.proportions import compare_arms

ARMS = {"treatment": "new", "control": "usual"}
COVARIATES = ("age", "sex", "centre")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng, n = np.random.default_rng(4), 4000
    frame = pd.DataFrame({"arm": rng.choice(["new", "usual"], n), "age": rng.integers(20, 60, n),
                          "sex": rng.choice(["man", "woman"], n), "centre": rng.choice(list("abc"), n)})  # fmt: skip
    odds = -2 + 0.04 * frame["age"] + 0.5 * (frame["sex"] == "man") + 0.4 * (frame["arm"] == "new")
    return frame.assign(works=rng.random(n) < 1 / (1 + np.exp(-odds)))


@pytest.fixture(scope="module")
def cells(people) -> pd.DataFrame:
    cells = people.value_counts().rename("people").reset_index()
    assert len(cells) < len(people) / 3
    return cells


def numbers(people: pd.DataFrame) -> pd.DataFrame:
    """The covariates as numeric columns."""
    return pd.get_dummies(people[list(COVARIATES)], drop_first=True, dtype=float)


def test_least_squares_of_cells_is_that_of_people(people, cells):
    design = sm.add_constant(numbers(people).assign(treated=(people["arm"] == "new").astype(float)))
    fit = sm.OLS(people["works"].astype(float), design).fit(cov_type="HC1")
    found = linear_difference(cells, "works", COVARIATES, **ARMS)
    expected = (fit.params["treated"], fit.bse["treated"], fit.pvalues["treated"])
    assert (found.estimate, found.std_error, found.p_value) == pytest.approx(expected, rel=1e-9)
    assert (found.n_treated, found.n_control) == ((people["arm"] == "new").sum(), (people["arm"] == "usual").sum())


def test_the_standardised_logit_of_cells_is_that_of_people(people, cells):
    terms = numbers(people)
    expected = standardisation.standardised_risk_difference(
        people.join(terms.drop(columns="age")), "works", list(terms), variance="robust", **ARMS
    )
    found = standardised_risk_difference(cells, "works", COVARIATES, **ARMS)
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value", "n_treated", "n_control"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-8), name


def test_shares_of_cells_are_those_of_people(people, cells):
    pd.testing.assert_frame_equal(compare_arms(cells, "works", **ARMS), compare_arms(people, "works", **ARMS))


def test_cells_that_lack_something_are_left_out(cells):
    holed = pd.concat([cells, cells.head(5).assign(age=np.nan), cells.head(5).assign(arm="other")])
    whole, left = (linear_difference(each, "works", COVARIATES, **ARMS) for each in (cells, holed))
    assert left == whole


@pytest.mark.parametrize("method", [linear_difference, standardised_risk_difference])
def test_what_cannot_be_told_apart_is_not_estimated(method, cells):
    repeated = cells.assign(twice=2 * cells["age"])
    assert np.isnan(method(repeated, "works", ["age", "twice"], **ARMS).estimate)
    assert np.isnan(method(cells[cells["arm"] == "new"], "works", ["age"], **ARMS).estimate)
    assert np.isnan(method(cells.assign(works=True), "works", ["age"], **ARMS).estimate)


def test_a_logit_that_separates_is_not_estimated(cells):
    apart = cells.assign(works=cells["age"] > 40)
    assert np.isnan(standardised_risk_difference(apart, "works", ["age"], **ARMS).estimate)
