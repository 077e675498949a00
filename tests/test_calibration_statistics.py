"""Each statistic of the engine is the one that the analysis computes by its own method, from the same people."""

import numpy as np
import pandas as pd
import pytest

from analysis.calibration import coefficients_behind_effects, fitted_logit, logit_statistics
from analysis.calibration import statistics as st
from analysis.calibration.left_open import correlation
from analysis.methods.means import (
    adjusted_difference,
    difference_in_means,
    mean_estimate,
    rank_sum_test,
    standard_deviation,
)
from analysis.methods.proportions import difference_in_proportions
from analysis.methods.regression import fit_logit, marginal_effects

ARM, SCORE, BEFORE, WORK, WEIGHT = range(5)
FIRST, SECOND = (frozenset({st.Condition(ARM, code, code)}) for code in (1.0, 0.0))
WORKS = frozenset({st.Condition(WORK, 1, 1)})
NAMES = {"outcome": "score", "population": "all", "contrast": "first_vs_second"}


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    """Two arms of unlike size and spread, some without a score or without an answer on work."""
    rng = np.random.default_rng(5)
    arm = (rng.random(150) < 0.6).astype(float)
    before = np.rint(rng.normal(20, 6, 150))
    score = np.rint(10 + 0.5 * before + 2 * arm + rng.normal(0, 4 + arm, 150))
    work = (rng.random(150) < 0.3 + 0.2 * arm).astype(float)
    score[:7], work[5:11] = np.nan, np.nan
    return np.column_stack([arm, score, before, work, rng.integers(1, 5, 150)])


@pytest.fixture(scope="module")
def arms(values) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = pd.DataFrame(values, columns=["arm", "score", "before", "work", "weight"])
    return frame[frame["arm"] == 1], frame[frame["arm"] == 0]


def test_numbers_of_one_mean(values, arms):
    wanted = mean_estimate(arms[0]["score"], **NAMES)
    found = {kind: st.mean_statistic(kind, FIRST, (SCORE,)).of(values) for kind in ("mean", "se", "ci_low", "ci_high")}
    assert found == pytest.approx({"mean": wanted.estimate, "se": wanted.std_error, "ci_low": wanted.conf_low,
                                   "ci_high": wanted.conf_high}, rel=1e-9)  # fmt: skip
    sd = standard_deviation({"std_error": wanted.std_error, "n_treated": wanted.n_treated})
    assert st.mean_statistic("sd", FIRST, (SCORE,)).of(values) == pytest.approx(sd, rel=1e-9)
    assert st.people(FIRST, (SCORE,)).of(values) == wanted.n_treated


def test_a_mean_of_products_and_in_another_unit(values, arms):
    wanted = (arms[0]["before"] * arms[0]["weight"]).mean() / 4
    assert st.mean_statistic("mean", FIRST, (BEFORE, WEIGHT), 1 / 4).of(values) == pytest.approx(wanted)


@pytest.mark.parametrize(("kind", "name"), [("difference", "estimate"), ("se", "std_error"), ("t", "statistic_value"),
                                            ("p", "p_value"), ("df", "df"), ("ci_low", "conf_low"),
                                            ("ci_high", "conf_high")])  # fmt: skip
def test_numbers_of_a_difference_in_means(values, arms, kind, name):
    wanted = difference_in_means(arms[0]["score"], arms[1]["score"], **NAMES)
    found = st.difference_statistic(kind, FIRST, SECOND, (SCORE,)).of(values)
    assert found == pytest.approx(getattr(wanted, name), rel=1e-9)


@pytest.mark.parametrize(("kind", "name"), [("difference", "estimate"), ("z", "statistic_value"), ("p", "p_value"),
                                            ("ci_low", "conf_low"), ("ci_high", "conf_high")])  # fmt: skip
def test_numbers_of_a_difference_in_shares(values, arms, kind, name):
    wanted = difference_in_proportions(arms[0]["work"], arms[1]["work"], interval="wald", **NAMES)
    assert st.share_difference(kind, FIRST, SECOND, WORKS).of(values) == pytest.approx(getattr(wanted, name), rel=1e-9)


def test_a_share_counts_only_those_of_whom_it_is_known(values, arms):
    assert st.share(FIRST, WORKS, 100).of(values) == pytest.approx(100 * arms[0]["work"].dropna().mean())


@pytest.mark.parametrize(("kind", "name"), [("b", "estimate"), ("se", "std_error"), ("t", "statistic_value"),
                                            ("p", "p_value"), ("df", "df"), ("ci_low", "conf_low"),
                                            ("ci_high", "conf_high")])  # fmt: skip
def test_numbers_of_an_adjusted_difference(values, arms, kind, name):
    wanted = adjusted_difference(pd.concat(arms), "score", ["before"], treatment=1.0, control=0.0)
    found = st.coefficient(kind, FIRST, SECOND, SCORE, [BEFORE]).of(values)
    assert found == pytest.approx(getattr(wanted, name), rel=1e-6)


def test_a_correlation_is_of_those_who_have_both(values, arms):
    both = arms[0].dropna(subset=["score", "work"])
    wanted = np.corrcoef(both["score"], both["work"])[0, 1]
    assert correlation(FIRST, SCORE, WORK).of(values) == pytest.approx(wanted, rel=1e-9)
    assert correlation(FIRST | WORKS, SCORE, WORK).of(values) == 0.0  # all of them work


def test_rank_sum_and_its_z(values, arms):
    wanted = rank_sum_test(arms[0]["weight"], arms[1]["weight"], outcome="weight", population="all", arms=("a", "b"))
    total, z = (st.rank_statistic(kind, FIRST, SECOND, WEIGHT, range(1, 5)).of(values) for kind in ("rank_sum", "z"))
    assert total == pytest.approx(wanted["estimate"].iloc[0])
    assert z == pytest.approx(wanted["statistic_value"].iloc[-1])


def test_sums_of_many_statistics_are_those_of_each(values):
    several = [st.share(FIRST, WORKS), *(st.mean_statistic(kind, SECOND, (SCORE,)) for kind in ("mean", "sd")),
               st.coefficient("b", FIRST, SECOND, SCORE, [BEFORE])]  # fmt: skip
    figures = st.Figures(several)
    sums = figures.features(np.arange(len(values)), values).sum(axis=0)
    assert figures.cells(sums[None])[0] == pytest.approx([each.of(values) for each in several])
    assert len(figures.terms) < sum(len(each.terms) for each in several)


def test_a_fast_logit_is_the_logit_of_the_analysis(values):
    """Effects at the means, their z and R², for a dummy and a number, and the coefficients behind such effects."""
    rows = values[~np.isnan(values[:, WORK])]
    frame = pd.DataFrame({"work": rows[:, WORK] == 1, "arm": rows[:, ARM] == 1, "before": rows[:, BEFORE]})
    fit = fit_logit(frame, "work", ["arm", "before"])
    wanted = marginal_effects(fit)
    model = _Printed(wanted["estimate"].to_numpy(), wanted["statistic_value"].to_numpy(), fit.pseudo_r2)
    fitted = fitted_logit(model, rows[:, [ARM, BEFORE]], rows[:, WORK])
    numbers = [*wanted["estimate"], *wanted["statistic_value"], fit.pseudo_r2]
    assert logit_statistics(fitted) == pytest.approx(numbers, rel=1e-6)
    behind = coefficients_behind_effects(model, rows[:, [ARM, BEFORE]], rows[:, WORK].mean())
    assert behind == pytest.approx(fit.params, rel=0.05)


class _Printed:
    """A printed logit of one dummy and one number."""

    source, column, terms = "table", "model", ("arm", "before")
    effect_places, dummies = np.array([4, 4]), np.array([True, False])

    def __init__(self, effects: np.ndarray, z: np.ndarray, r2: float) -> None:
        self.effects, self.z, self.r2 = effects, z, r2

    def design(self, base: np.ndarray) -> np.ndarray:
        return np.column_stack([np.ones(len(base)), base])
