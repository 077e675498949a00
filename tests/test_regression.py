"""The logit and its marginal effects against R, and against what must hold by construction.

Both programs maximise the same likelihood to convergence, and the committed answers have twelve significant digits; the
page of each method says how closely they agree. The effects of R are written out from their formulas, not taken from a
package.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from analysis.methods.regression import (
    NotEstimable,
    adjusted_difference_in_shares,
    average_contrast,
    fit_logit,
    likelihood_ratio_test,
    marginal_effects,
    with_products,
)
from tests.agreement import agrees

FOLDER = Path(__file__).parent / "reference"
REFERENCE = pd.read_csv(FOLDER / "employment_answers.csv", comment="#", index_col="quantity")["value"]
PEOPLE = pd.read_csv(FOLDER / "employment_data.csv")
TERMS = ["woman", "age", "income", "aap", "sfj", "sfj_x_aap"]
DUMMIES = ["woman", "aap", "sfj", "sfj_x_aap"]
GLM = "R 4, glm(family = binomial)"
AVERAGED = "R 4, glm and the averages written out"


@pytest.fixture(scope="module")
def fit():
    return fit_logit(PEOPLE, "in_work", TERMS)


def test_coefficients_and_fit_equal_r(fit):
    rows = fit.coefficients.set_index("term")
    for term in ["constant", *TERMS]:
        agrees("logit", GLM, rows.loc[term, "estimate"], REFERENCE[f"coef_{term}"])
        agrees("logit", GLM, rows.loc[term, "std_error"], REFERENCE[f"se_{term}"])
    agrees("logit", GLM, fit.pseudo_r2, REFERENCE["pseudo_r2"])
    agrees("logit", GLM, fit.log_likelihood, REFERENCE["log_likelihood"])
    assert fit.n == len(PEOPLE)


@pytest.mark.parametrize("at", ["means", "average"])
@pytest.mark.parametrize("dummies", ["discrete", "derivative"])
@pytest.mark.parametrize("term", TERMS)
def test_marginal_effects_equal_r(fit, at, dummies, term):
    row = marginal_effects(fit, at=at, dummies=dummies).set_index("contrast").loc[term]
    kind = dummies if term in DUMMIES else "derivative"
    against = "R 4, marginal effects written out"
    agrees("logit", against, row["estimate"], REFERENCE[f"{at}_{kind}_{term}_effect"])
    agrees("logit", against, row["std_error"], REFERENCE[f"{at}_{kind}_{term}_se"])
    assert row["statistic_value"] == pytest.approx(row["estimate"] / row["std_error"])


def test_the_interval_holds_the_effect_and_agrees_with_the_p_value(fit):
    rows = marginal_effects(fit, conf_level=0.95)
    assert (rows["conf_low"] < rows["estimate"]).all()
    assert (rows["estimate"] < rows["conf_high"]).all()
    outside = (rows["conf_low"] > 0) | (rows["conf_high"] < 0)
    assert (outside == (rows["p_value"] < 0.05)).all()


@pytest.mark.parametrize("group", ["all", "aap"])
def test_average_contrast_equals_r(fit, group):
    people = PEOPLE if group == "all" else PEOPLE[PEOPLE["aap"] == 1]
    treated, control = (with_products(people.assign(sfj=arm), "sfj", {"sfj_x_aap": "aap"}) for arm in (1, 0))
    row = average_contrast(fit, treated, control, population=group, contrast="sfj_vs_control")
    agrees("average_difference", AVERAGED, row.estimate, REFERENCE[f"contrast_{group}_effect"])
    agrees("average_difference", AVERAGED, row.std_error, REFERENCE[f"contrast_{group}_se"])
    assert row.statistic_value == pytest.approx(row.estimate / row.std_error)
    assert (row.conf_low + row.conf_high) / 2 == pytest.approx(row.estimate)


def test_a_saturated_logit_gives_back_the_raw_difference():
    """With nothing but the arm in the model, every kind of effect is the plain difference in shares."""
    fit = fit_logit(PEOPLE, "in_work", ["sfj"])
    shares = PEOPLE.groupby("sfj")["in_work"].mean()
    for at in ("means", "average"):
        row = marginal_effects(fit, at=at).iloc[0]
        assert row["estimate"] == pytest.approx(shares[1] - shares[0], abs=1e-9)
    contrast = average_contrast(fit, PEOPLE.assign(sfj=1), PEOPLE.assign(sfj=0), population="all", contrast="sfj")
    assert contrast.estimate == pytest.approx(shares[1] - shares[0], abs=1e-9)


def test_the_standard_error_equals_a_numerical_gradient(fit):
    """Delta method by finite differences of the effect at the means, for a dummy and for a continuous term."""
    params, covariance = fit.params, fit.covariance
    means = fit.design.mean().to_numpy()

    def effect(beta: np.ndarray, term: str) -> float:
        place = list(fit.design.columns).index(term)
        one, zero = means.copy(), means.copy()
        one[place], zero[place] = 1.0, 0.0
        if term in DUMMIES:
            return float(expit(one @ beta) - expit(zero @ beta))
        share = expit(means @ beta)
        return float(share * (1 - share) * beta[place])

    rows = marginal_effects(fit).set_index("contrast")
    for term in ("aap", "age"):
        steps = np.eye(len(params)) * 1e-6 * np.maximum(np.abs(params), 1e-3)
        gradient = [(effect(params + h, term) - effect(params - h, term)) / (2 * h.sum()) for h in steps]
        assert rows.loc[term, "std_error"] == pytest.approx(np.sqrt(gradient @ covariance @ gradient), rel=1e-4)


def test_people_with_missing_values_are_left_out_and_counted():
    gaps = PEOPLE.astype({"age": float})
    gaps.loc[[3, 50], "age"] = np.nan
    whole = PEOPLE.drop(index=[3, 50])
    with_gaps, without = (fit_logit(frame, "in_work", TERMS) for frame in (gaps, whole))
    assert with_gaps.n == len(PEOPLE) - 2
    pd.testing.assert_frame_equal(with_gaps.coefficients, without.coefficients)


def test_bools_and_nullable_columns_count_as_numbers():
    frame = PEOPLE.astype({"in_work": "boolean", "aap": bool, "sfj": "Int64"})
    pd.testing.assert_frame_equal(
        fit_logit(frame, "in_work", TERMS).coefficients, fit_logit(PEOPLE, "in_work", TERMS).coefficients
    )


def test_models_that_the_data_cannot_identify_are_refused():
    with pytest.raises(NotEstimable, match="pensioner"):
        fit_logit(PEOPLE.assign(pensioner=0), "in_work", [*TERMS, "pensioner"])
    with pytest.raises(NotEstimable, match="man"):
        fit_logit(PEOPLE.assign(man=1 - PEOPLE["woman"]), "in_work", [*TERMS, "man"])
    with pytest.raises(NotEstimable, match="no finite maximum"):
        fit_logit(PEOPLE.assign(paid=PEOPLE["in_work"]), "in_work", [*TERMS, "paid"])
    with pytest.raises(NotEstimable, match="in_work"):
        fit_logit(PEOPLE[PEOPLE["in_work"] == 1], "in_work", TERMS)


@pytest.fixture(scope="module")
def by_year():
    """People who were included in one of five calendar years, and the same with the years counted from the first."""
    years = np.random.default_rng(3).integers(0, 5, len(PEOPLE))
    return PEOPLE.assign(year=years + 2010.0), PEOPLE.assign(year=years.astype(float))


def test_terms_far_from_zero_change_nothing_but_the_constant(by_year):
    """The same model whether years are counted from the birth of Christ or from the first inclusion."""
    far, near = (fit_logit(frame, "in_work", [*TERMS, "year"]) for frame in by_year)
    pd.testing.assert_frame_equal(far.coefficients.iloc[1:], near.coefficients.iloc[1:], rtol=1e-8)
    assert far.params[0] == pytest.approx(near.params[0] - 2010 * near.params[-1], rel=1e-8)
    for at in ("means", "average"):
        pd.testing.assert_frame_equal(marginal_effects(far, at=at), marginal_effects(near, at=at), rtol=1e-8)
    contrasts = [average_contrast(fit, frame.assign(sfj=1), frame.assign(sfj=0), population="all", contrast="c")
                 for fit, frame in zip((far, near), by_year, strict=True)]  # fmt: skip
    assert contrasts[0].estimate == pytest.approx(contrasts[1].estimate, rel=1e-8)
    assert contrasts[0].std_error == pytest.approx(contrasts[1].std_error, rel=1e-8)


def test_models_with_a_calendar_year_are_fitted_in_every_run():
    """Fifty runs with other people; before terms were put on one scale, most were refused."""
    for seed in range(50):
        random = np.random.default_rng(seed)
        year, arm = random.integers(2009, 2013, 300), random.integers(0, 2, 300)
        chance = expit(0.3 * (year - 2011) + 0.4 * arm - 0.5)
        frame = pd.DataFrame({"year": year, "arm": arm, "in_work": random.random(300) < chance})
        assert np.isfinite(fit_logit(frame, "in_work", ["year", "arm"]).params).all()


def test_a_term_that_hardly_moves_in_its_units_is_no_reason_to_refuse():
    """Kroner in billions and years in milliseconds: only the coefficient's unit changes."""
    plain = fit_logit(PEOPLE, "in_work", TERMS)
    other = fit_logit(PEOPLE.assign(income=PEOPLE["income"] / 1e9, age=PEOPLE["age"] * 3e10), "in_work", TERMS)
    np.testing.assert_allclose(other.coefficients["z"][1:], plain.coefficients["z"][1:], rtol=1e-8)


def test_adjusted_difference_in_shares_is_the_average_contrast(fit):
    frame = PEOPLE.assign(arm=np.where(PEOPLE["sfj"] == 1, "sfj", "control"))
    row = adjusted_difference_in_shares(frame, "in_work", ["woman", "age", "income", "aap"], treatment="sfj",
                                        control="control")  # fmt: skip
    model = fit_logit(PEOPLE, "in_work", ["sfj", "woman", "age", "income", "aap"])
    same = average_contrast(model, PEOPLE.assign(sfj=1), PEOPLE.assign(sfj=0), population="all", contrast="c")
    assert (row.estimate, row.std_error) == (pytest.approx(same.estimate), pytest.approx(same.std_error))
    assert (row.n_treated, row.n_control) == (PEOPLE["sfj"].sum(), (1 - PEOPLE["sfj"]).sum())


def test_adjusted_difference_in_shares_equals_r():
    people = pd.read_csv(FOLDER / "health_data.csv")
    answer = pd.read_csv(FOLDER / "health_answers.csv").set_index("quantity")["value"]
    frame = people.assign(case=(people["score_m6"] >= 10).astype(float).where(people["score_m6"].notna()))
    row = adjusted_difference_in_shares(frame, "case", ["score_m0"], treatment="sfj", control="control")
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        agrees("average_difference", AVERAGED, getattr(row, name), answer[f"case_m6.{name}"])
    assert row.n_treated + row.n_control == answer["case_m6.n"]


def test_adjusted_difference_in_shares_is_missing_where_it_cannot_be_fitted():
    frame = PEOPLE.assign(arm="sfj", same=PEOPLE["in_work"])
    for arms in (frame, frame.assign(arm=np.where(PEOPLE["sfj"] == 1, "sfj", "control"))):
        row = adjusted_difference_in_shares(arms, "in_work", ["same"], treatment="sfj", control="control")
        assert np.isnan(row.estimate) and np.isnan(row.conf_low)


def test_unknown_kinds_of_effect_are_refused(fit):
    with pytest.raises(ValueError, match="means"):
        marginal_effects(fit, at="median")
    with pytest.raises(ValueError, match="discrete"):
        marginal_effects(fit, dummies="slope")


def test_the_likelihood_ratio_test_needs_nested_models_of_the_same_people(fit):
    smaller = fit_logit(PEOPLE, "in_work", TERMS[:-1])
    test = likelihood_ratio_test(fit, smaller, contrast="sfj_x_aap")
    assert test.df == 1
    assert test.statistic_value == pytest.approx(2 * (fit.log_likelihood - smaller.log_likelihood))
    with pytest.raises(ValueError, match="drop terms"):
        likelihood_ratio_test(smaller, fit, contrast="sfj_x_aap")
    with pytest.raises(ValueError, match="same people"):
        likelihood_ratio_test(fit, fit_logit(PEOPLE.iloc[1:], "in_work", TERMS[:-1]), contrast="sfj_x_aap")


def test_inputs_are_not_changed():
    before = PEOPLE.copy()
    fit_logit(PEOPLE, "in_work", TERMS)
    with_products(PEOPLE, "sfj", {"sfj_x_woman": "woman"})
    pd.testing.assert_frame_equal(PEOPLE, before)
