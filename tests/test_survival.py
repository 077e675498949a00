"""Time to a first event: textbook estimates, and what people who are observed for a shorter time count for."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods.estimates import heterogeneity_test
from analysis.methods.means import standardised_difference
from analysis.methods.proportions import independence_test
from analysis.methods.survival import at_time, cumulative_share, log_rank_test, median_time
from tests.agreement import agrees

ANSWERS = pd.read_csv(Path(__file__).parent / "reference" / "survival_answers.csv", comment="#", index_col="quantity")[
    "value"
]

# Weeks in remission of leukaemia with 6-mercaptopurine and with placebo, Freireich and others (1963).
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


@pytest.fixture(scope="module")
def remission() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "time": [*TREATED, *CENSORED, *PLACEBO],
            "happened": [True] * len(TREATED) + [False] * len(CENSORED) + [True] * len(PLACEBO),
            "treated": [True] * (len(TREATED) + len(CENSORED)) + [False] * len(PLACEBO),
        }
    )


def curve_of(people: pd.DataFrame, **settings) -> pd.DataFrame:
    return cumulative_share(people["time"], people["happened"], **settings)


def test_the_curve_is_that_of_the_textbooks(remission):
    curve = curve_of(remission[remission["treated"]]).set_index("time")
    survival = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    errors = {6: 0.0764, 7: 0.0869, 10: 0.0963, 13: 0.1068, 16: 0.1141, 22: 0.1282, 23: 0.1346}
    at_risk = {6: 21, 7: 17, 10: 15, 13: 12, 16: 11, 22: 7, 23: 6}
    assert (1 - curve["estimate"]).drop(0).to_dict() == pytest.approx(survival, abs=5e-4)
    assert curve["std_error"].drop(0).to_dict() == pytest.approx(errors, abs=5e-5)
    assert curve["at_risk"].drop(0).to_dict() == at_risk
    assert median_time(curve.reset_index()) == 23


@pytest.mark.parametrize("arm", [1, 0])
def test_the_curve_and_its_interval_are_those_of_r(remission, arm):
    curve = curve_of(remission[remission["treated"] == arm]).drop(0).set_index("time")
    told = [name for name in ANSWERS.index if name.startswith(f"curve_{arm}_")]
    assert len(told) == 4 * (curve["estimate"] < 1).sum()
    for name in told:
        _, _, time, quantity = name.split("_", 3)
        agrees("kaplan_meier", "R 4, survival::survfit", curve.loc[float(time), quantity], ANSWERS[name])


def test_the_interval_is_made_on_the_scale_of_log_minus_log(remission):
    curve = curve_of(remission[remission["treated"]]).set_index("time")
    share, error = 1 - curve.loc[23, "estimate"], curve.loc[23, "std_error"]
    half = 1.959964 * error / (share * abs(np.log(share)))
    assert curve.loc[23, "conf_low"] == pytest.approx(1 - share ** np.exp(-half), abs=1e-6)
    assert curve.loc[23, "conf_high"] == pytest.approx(1 - share ** np.exp(half), abs=1e-6)
    narrow = curve_of(remission[remission["treated"]], conf_level=0.5).set_index("time")
    assert narrow.loc[23, "conf_low"] > curve.loc[23, "conf_low"]


def test_the_log_rank_test_is_that_of_the_textbooks(remission):
    test = log_rank_test(remission["time"], remission["happened"], remission["treated"], outcome="o", contrast="c")
    assert test.statistic_value == pytest.approx(16.79, abs=5e-3)
    agrees("log_rank", "R 4, survival::survdiff", test.statistic_value, ANSWERS["log_rank_chisq"])
    agrees("log_rank", "R 4, survival::survdiff", test.p_value, ANSWERS["log_rank_p"])
    assert (test.df, test.n_treated, test.n_control) == (1, 21, 21)


def test_without_people_leaving_the_curve_is_the_plain_share(remission):
    curve = curve_of(remission[~remission["treated"]])
    for week in (1, 8, 22):
        assert at_time(curve, week)["estimate"] == pytest.approx(np.mean(np.array(PLACEBO) <= week))
    assert at_time(curve, 0.5)["estimate"] == 0


def test_someone_who_left_counts_only_while_observed():
    """Two people of three are left when the second event comes: 1 − (2/3)(1/2)."""
    curve = cumulative_share(pd.Series([1, 2, 3, 1]), pd.Series([True, True, False, False]))
    assert curve["estimate"].tolist() == pytest.approx([0, 1 / 4, 1 - (3 / 4) * (1 / 2)])


def test_without_events_or_people_nothing_is_claimed():
    nobody = cumulative_share(pd.Series(dtype=float), pd.Series(dtype=bool))
    assert nobody["estimate"].isna().all()
    none = cumulative_share(pd.Series([3, 4]), pd.Series([False, False]))
    assert none["estimate"].tolist() == [0]
    assert np.isnan(median_time(none))
    nobody_yet, arms = pd.Series([False, False]), pd.Series([True, False])
    test = log_rank_test(pd.Series([3, 4]), nobody_yet, arms, outcome="o", contrast="c")
    assert np.isnan(test.p_value)


# --- smaller methods whose answers of R stand beside those above --------------------------------------------------


def test_several_answers_are_those_of_r():
    counts = {"a": (31, 24), "b": (12, 21), "c": (9, 5), "d": (0, 4)}
    groups = [pd.Series([answer for answer, many in counts.items() for _ in range(many[group])]) for group in (0, 1)]
    found = independence_test(*groups, outcome="x", population="all", contrast="c")
    told = {"chisq": found.statistic_value, "chisq_df": found.df, "chisq_p": found.p_value, "cramers_v": found.estimate}
    for name, value in told.items():
        agrees("several_answers", "R 4, chisq.test(correct = FALSE)", value, ANSWERS[name])


def test_a_standardised_difference_is_that_of_r(remission):
    arms = [remission.loc[remission["treated"] == arm, "time"].astype(float) for arm in (True, False)]
    found = standardised_difference(*arms, outcome="x", population="all", contrast="c")
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        agrees("standardised_difference", "R 4, formulas written out", getattr(found, name),
               ANSWERS[f"standardised_{name}"])  # fmt: skip


def test_the_heterogeneity_of_five_groups_is_that_of_r():
    effects = pd.DataFrame({"estimate": [0.11, -0.02, 0.25, 0.07, 0.16], "std_error": [0.04, 0.09, 0.06, 0.05, 0.12]})
    found = heterogeneity_test(effects, outcome="x", contrast="c")
    agrees("heterogeneity", "R 4, what a weighted lm leaves", found.statistic_value, ANSWERS["q"])
    agrees("heterogeneity", "R 4, what a weighted lm leaves", found.p_value, ANSWERS["q_p"])
