"""Partial pooling of centres, and what picking the best of them shows: R, theory, planted effects, sentences' turns."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods.estimates import estimate_frame
from analysis.methods.heterogeneity import holm, pooled_effect, pooled_frame, shrunken_effects

FOLDER = Path(__file__).parent / "reference"
ANSWERS = pd.read_csv(FOLDER / "heterogeneity_answers.csv", index_col=["case", "method", "quantity"])["value"]
DATA = pd.read_csv(FOLDER / "heterogeneity_data.csv")
CASES = list(DATA["case"].drop_duplicates())
CLOSE = {"abs": 1e-6, "rel": 1e-6}


def effects(case):
    own = DATA[DATA["case"] == case]
    return estimate_frame({"outcome": "work", "population": f"centre_{number}", "contrast": "new_vs_usual", "method": "",
                           "estimate": row.estimate, "std_error": row.std_error}
                          for number, row in enumerate(own.itertuples(), 1))  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("method", ["REML", "DL"])
@pytest.mark.parametrize("interval", ["modified", "plain"])
def test_pooling_and_shrinking_are_those_of_metafor(case, method, interval):
    found = pooled_effect(effects(case), method=method, modified=interval == "modified")
    answers = ANSWERS[case, f"{method}_{interval}"]
    for name in ("mean", "std_error", "conf_low", "conf_high", "tau2", "tau2_low", "tau2_high", "i2", "new_low",
                 "new_high"):  # fmt: skip
        assert getattr(found, name) == pytest.approx(answers[name], **CLOSE), name
    assert found.test.statistic_value == pytest.approx(answers["q"], **CLOSE)
    assert found.test.p_value == pytest.approx(answers["q_p"], **CLOSE)
    shrunken = shrunken_effects(effects(case), found)
    columns = {"shrunken": "estimate", "shrunken_se": "std_error", "shrunken_low": "conf_low",
               "shrunken_high": "conf_high"}  # fmt: skip
    for name, column in columns.items():
        expected = [answers[f"{name}_{number}"] for number in range(1, found.k + 1)]
        assert list(shrunken[column]) == pytest.approx(expected, **CLOSE), column


def test_holm_is_that_of_r_and_leaves_out_what_is_not_known():
    answers = ANSWERS["p_values", "holm"]
    given = pd.Series([answers[f"given_{number}"] for number in range(1, 7)])
    assert list(holm(given)) == pytest.approx([answers[f"adjusted_{number}"] for number in range(1, 7)], **CLOSE)
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
