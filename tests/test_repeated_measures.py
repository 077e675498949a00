"""The MMRM against R: nlme::gls and nlme::lme on the same data, and what the package mmrm itself prints.

Tolerances: nlme maximises the same restricted likelihood, with a search of its own driven to 1e-12, so that estimates
agree to 1e-6. mmrm's default search stops a little earlier, so that its printed five digits agree to 3e-4 of a unit.
Satterthwaite's degrees of freedom rest on second derivatives, here by differences, in R by numDeriv: 1e-4.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods import repeated_measures
from analysis.methods.regression import NotEstimable
from analysis.methods.repeated_measures import (
    RANDOM_INTERCEPT,
    UNSTRUCTURED,
    arms_over_waves,
    covariance_test,
    fit_repeated_measures,
    repeated_measures_differences,
)
from tests.agreement import agrees

REFERENCE = Path(__file__).parent / "reference"
GLS, LME = "R 4, nlme::gls", "R 4, nlme::lme: likelihood of a random intercept"
ARMS = {"treatment": "sfj", "control": "control"}
WAVES = [0, 6, 12]


@pytest.fixture(scope="module")
def people():
    return pd.read_csv(REFERENCE / "health_data.csv")


@pytest.fixture(scope="module")
def scores(people):
    long = people.melt("participant_id", ["score_m0", "score_m6", "score_m12"], "wave", "score")
    return long.assign(wave=long["wave"].str.removeprefix("score_m").astype(int))


@pytest.fixture(scope="module")
def answer():
    return pd.read_csv(REFERENCE / "health_answers.csv").set_index("quantity")["value"]


@pytest.fixture(scope="module")
def fits(scores, people):
    rows, design = arms_over_waves(scores, people, "score", WAVES, **ARMS)
    return {structure: fit_repeated_measures(rows[WAVES].to_numpy(), design, structure)
            for structure in (UNSTRUCTURED, RANDOM_INTERCEPT)}  # fmt: skip


@pytest.mark.parametrize("wave", [6, 12])
def test_differences_with_satterthwaite_equal_r(people, scores, answer, wave):
    table = repeated_measures_differences(scores, people, "score", WAVES, **ARMS)
    row = table.set_index("outcome").loc[f"score_m{wave}"]
    for field in ("estimate", "std_error"):
        agrees("repeated_measures", f"{GLS}: estimate, standard error", row[field], answer[f"mmrm.m{wave}.{field}"])
    for field, quantity in {"df": "df", "conf_low": "conf_low", "conf_high": "conf_high", "p_value": "p"}.items():
        value = answer[f"mmrm.m{wave}.{quantity}"]
        agrees("repeated_measures", f"{GLS} with numDeriv: Satterthwaite", row[field], value, within=1e-4)
    assert row["n_treated"] + row["n_control"] == answer["mixed.people"]
    assert row["statistic_value"] == pytest.approx(row["estimate"] / row["std_error"])
    assert row["method"] == "MMRM, unstructured covariance, Satterthwaite"


def test_covariance_over_the_waves_and_likelihood_equal_r(fits, answer):
    fit = fits[UNSTRUCTURED]
    by_r = [answer[f"mmrm.covariance.{pair}"] for pair in ("00", "06", "012", "66", "612", "1212")]
    assert fit.of_scores[np.triu_indices(3)] == pytest.approx(by_r, rel=1e-4)
    agrees("repeated_measures", f"{GLS}: likelihood", fit.log_likelihood, answer["mmrm.log_likelihood"])


@pytest.mark.parametrize(("wave", "place"), [("m6", 3), ("m12", 4)])
def test_random_intercept_equals_r_lme(fits, answer, wave, place):
    fit = fits[RANDOM_INTERCEPT]
    estimate, std_error, _ = fit.contrast(np.eye(5)[place])
    assert estimate == pytest.approx(answer[f"mixed.{wave}.estimate"], abs=1e-5)
    assert std_error == pytest.approx(answer[f"mixed.{wave}.std_error"], abs=1e-5)
    agrees("covariance_test", LME, fit.log_likelihood, answer["mixed.log_likelihood"])


def test_likelihood_ratio_test_of_the_covariance_equals_r(people, scores, answer):
    test = covariance_test(scores, people, "score", WAVES, **ARMS)
    for value, quantity in ((test.statistic_value, "mmrm.ratio"), (test.p_value, "mmrm.ratio_p")):
        agrees("covariance_test", f"{GLS} and lme: likelihood ratio", value, answer[quantity])
    assert test.df == 4


@pytest.fixture(scope="module")
def example():
    """The fit of mmrm's own example: 197 people with any score at four visits, race, sex, and treatment by visit."""
    data = pd.read_csv(REFERENCE / "mmrm_data.csv")
    wide = data.pivot(index="person", columns="visit", values="score")
    own = data.drop_duplicates("person").set_index("person").loc[wide.index]
    visits = np.broadcast_to(np.eye(4), (len(wide), 4, 4))
    constants = [np.repeat(own[[name]].to_numpy(float), 4, axis=1) for name in ("black", "white", "woman", "treated")]
    products = own["treated"].to_numpy(float)[:, None, None] * visits[:, :, 1:]
    parts = [np.ones((len(wide), 4, 1)), np.stack(constants, axis=2), visits[:, :, 1:], products]
    design = np.concatenate(parts, axis=2)
    return fit_repeated_measures(wide.to_numpy(), design)


def each_term(fit):
    return np.array([fit.contrast(weights) for weights in np.eye(len(fit.coefficients))])


def test_the_example_of_mmrm_equals_gls(example):
    by_r = pd.read_csv(REFERENCE / "mmrm_answers.csv", comment="#")
    for row, (estimate, std_error, _) in zip(by_r.itertuples(), each_term(example), strict=True):
        for value, theirs in ((estimate, row.estimate), (std_error, row.std_error)):
            agrees("repeated_measures", f"{GLS}, on the example data of mmrm", value, theirs)
    assert example.log_likelihood == pytest.approx(-1693.22493558, abs=1e-7)


def test_the_example_of_mmrm_equals_what_mmrm_prints_with_its_degrees_of_freedom(example):
    printed = pd.read_csv(REFERENCE / "mmrm_published.csv")
    terms = each_term(example)
    assert terms[:, :2] == pytest.approx(printed[["estimate", "std_error"]].to_numpy(), abs=3e-4)
    assert terms[:, 2] == pytest.approx(printed["df"].to_numpy(), abs=0.02)


def test_gradient_is_the_derivative_of_the_deviance(scores, people):
    rows, design = arms_over_waves(scores, people, "score", WAVES, **ARMS)
    sums = repeated_measures._sums(rows[WAVES].to_numpy() / 4, design)
    for structure, parameters in ((UNSTRUCTURED, [0.3, 0.2, -0.1, 0.1, 0.4, 0.05]), (RANDOM_INTERCEPT, [0.2, -0.3])):
        covariance, _ = repeated_measures._STRUCTURES[structure](3)
        point = np.array(parameters)
        _, gradient = repeated_measures._deviance(point, covariance, sums)
        for place, step in enumerate(1e-6 * np.eye(len(point))):
            above, below = (repeated_measures._deviance(point + way * step, covariance, sums)[0] for way in (1, -1))
            assert gradient[place] == pytest.approx((above - below) / 2e-6, rel=1e-5, abs=1e-4)


def test_complete_answers_without_a_common_start_give_the_t_test():
    """With every wave known and a mean for each arm and wave, each difference is the pooled t test with its n − 2."""
    random = np.random.default_rng(7)
    outcome = random.normal(size=(30, 3)) @ np.array([[1, 0.5, 0.3], [0, 1, 0.6], [0, 0, 2]]) + 10
    treated = (np.arange(30) < 12).astype(float)
    each = np.broadcast_to(np.eye(3), (30, 3, 3))
    fit = fit_repeated_measures(outcome, np.concatenate([each, treated[:, None, None] * each], axis=2))
    for wave in range(3):
        x, y = outcome[treated == 1, wave], outcome[treated == 0, wave]
        pooled = (11 * x.var(ddof=1) + 17 * y.var(ddof=1)) / 28
        estimate, std_error, df = fit.contrast(np.eye(6)[3 + wave])
        assert estimate == pytest.approx(x.mean() - y.mean(), abs=1e-9)
        assert std_error == pytest.approx(np.sqrt(pooled * (1 / 12 + 1 / 18)), rel=1e-6)
        assert df == pytest.approx(28, rel=1e-5)


def test_scores_in_other_units_give_the_same_test(people, scores):
    plain = repeated_measures_differences(scores, people, "score", WAVES, **ARMS)
    larger = repeated_measures_differences(
        scores.assign(score=1000 * scores["score"] - 50), people, "score", WAVES, **ARMS
    )
    np.testing.assert_allclose(larger["estimate"], 1000 * plain["estimate"], rtol=1e-5)
    np.testing.assert_allclose(larger[["df", "p_value"]], plain[["df", "p_value"]], rtol=1e-4)


def test_order_of_rows_and_people_of_other_arms_change_nothing(people, scores):
    plain = repeated_measures_differences(scores, people, "score", WAVES, **ARMS)
    third = people.assign(arm="third", participant_id="X" + people["participant_id"])
    others = scores.assign(participant_id="X" + scores["participant_id"], score=scores["score"] + 5)
    mixed = repeated_measures_differences(
        pd.concat([scores, others]).sample(frac=1, random_state=1), pd.concat([third, people]), "score", WAVES, **ARMS
    )
    pd.testing.assert_frame_equal(mixed, plain, rtol=1e-6)


def test_who_has_no_score_at_these_waves_is_no_row(people, scores):
    silent, later = (scores["participant_id"] == person for person in people["participant_id"].head(2))
    told = scores.assign(score=scores["score"].mask(silent), wave=scores["wave"] + 18 * later)
    rows, _ = arms_over_waves(told, people, "score", WAVES, **ARMS)
    assert set(rows.index) == set(scores.loc[scores["score"].notna() & ~silent & ~later, "participant_id"])


@pytest.mark.parametrize("rows", [slice(0, 4), slice(0, 0)])
def test_too_few_scores_are_a_missing_result(people, scores, rows):
    some = scores.iloc[rows]
    assert repeated_measures_differences(some, people, "score", WAVES, **ARMS)["estimate"].isna().all()
    assert np.isnan(covariance_test(some, people, "score", WAVES, **ARMS).p_value)


def test_waves_that_nobody_answered_together_have_no_covariance(people, scores):
    """Answers to the second or the third wave, never to both: their covariance cannot be told."""
    second = set(people["participant_id"].iloc[::2])
    kept = scores[(scores["wave"] == 0) | ((scores["wave"] == 6) == scores["participant_id"].isin(second))]
    rows, design = arms_over_waves(kept.dropna(), people, "score", WAVES, **ARMS)
    with pytest.raises(NotEstimable, match="unstructured covariance"):
        fit_repeated_measures(rows[WAVES].to_numpy(), design)
