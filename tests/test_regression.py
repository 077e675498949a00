"""The logit and its marginal effects against R, and against what must hold by construction.

Tolerances: both programs maximise the same likelihood to convergence, and the committed answers have twelve significant
digits. Coefficients agree to 1e-7 relative; effects and their standard errors, smooth functions of them, likewise. The
effects of R are written out from their formulas, not taken from a package.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from analysis.methods.regression import (
    NotEstimable,
    average_contrast,
    fit_logit,
    likelihood_ratio_test,
    marginal_effects,
    with_products,
)

FOLDER = Path(__file__).parent / "reference"
REFERENCE = pd.read_csv(FOLDER / "employment_answers.csv", comment="#", index_col="quantity")["value"]
PEOPLE = pd.read_csv(FOLDER / "employment_data.csv")
TERMS = ["woman", "age", "income", "aap", "sfj", "sfj_x_aap"]
DUMMIES = ["woman", "aap", "sfj", "sfj_x_aap"]
RELATIVE = 1e-7


@pytest.fixture(scope="module")
def fit():
    return fit_logit(PEOPLE, "in_work", TERMS)


def test_coefficients_and_fit_equal_r(fit):
    rows = fit.coefficients.set_index("term")
    for term in ["constant", *TERMS]:
        assert rows.loc[term, "estimate"] == pytest.approx(REFERENCE[f"coef_{term}"], rel=RELATIVE)
        assert rows.loc[term, "std_error"] == pytest.approx(REFERENCE[f"se_{term}"], rel=RELATIVE)
    assert fit.pseudo_r2 == pytest.approx(REFERENCE["pseudo_r2"], rel=RELATIVE)
    assert fit.results.llf == pytest.approx(REFERENCE["log_likelihood"], rel=RELATIVE)
    assert fit.n == len(PEOPLE)


@pytest.mark.parametrize("at", ["means", "average"])
@pytest.mark.parametrize("dummies", ["discrete", "derivative"])
@pytest.mark.parametrize("term", TERMS)
def test_marginal_effects_equal_r(fit, at, dummies, term):
    row = marginal_effects(fit, at=at, dummies=dummies).set_index("contrast").loc[term]
    kind = dummies if term in DUMMIES else "derivative"
    assert row["estimate"] == pytest.approx(REFERENCE[f"{at}_{kind}_{term}_effect"], rel=RELATIVE)
    assert row["std_error"] == pytest.approx(REFERENCE[f"{at}_{kind}_{term}_se"], rel=RELATIVE)
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
    assert row.estimate == pytest.approx(REFERENCE[f"contrast_{group}_effect"], rel=RELATIVE)
    assert row.std_error == pytest.approx(REFERENCE[f"contrast_{group}_se"], rel=RELATIVE)


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
    params, covariance = np.asarray(fit.results.params), np.asarray(fit.results.cov_params())
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


def test_unknown_kinds_of_effect_are_refused(fit):
    with pytest.raises(ValueError, match="means"):
        marginal_effects(fit, at="median")
    with pytest.raises(ValueError, match="discrete"):
        marginal_effects(fit, dummies="slope")


def test_the_likelihood_ratio_test_needs_nested_models_of_the_same_people(fit):
    smaller = fit_logit(PEOPLE, "in_work", TERMS[:-1])
    test = likelihood_ratio_test(fit, smaller, contrast="sfj_x_aap")
    assert test.df == 1
    assert test.statistic_value == pytest.approx(2 * (fit.results.llf - smaller.results.llf))
    with pytest.raises(ValueError, match="drop terms"):
        likelihood_ratio_test(smaller, fit, contrast="sfj_x_aap")
    with pytest.raises(ValueError, match="same people"):
        likelihood_ratio_test(fit, fit_logit(PEOPLE.iloc[1:], "in_work", TERMS[:-1]), contrast="sfj_x_aap")


def test_inputs_are_not_changed():
    before = PEOPLE.copy()
    fit_logit(PEOPLE, "in_work", TERMS)
    with_products(PEOPLE, "sfj", {"sfj_x_woman": "woman"})
    pd.testing.assert_frame_equal(PEOPLE, before)
