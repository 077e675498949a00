"""Shares of answers of people who answered more than once: R's survey, Wilson's own interval, plain properties."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.methods.repeated_answers import categories_given, repeated_shares
from tests.agreement import agrees

REFERENCE = Path(__file__).parent / "reference"
DATA = pd.read_csv(REFERENCE / "repeated_answers_data.csv").assign(arm="a")
R = pd.read_csv(REFERENCE / "repeated_answers_answers.csv").set_index("name")["value"]


def share(answers, values, **options):
    return repeated_shares(answers, pd.DataFrame({"yes": values}), ["arm"], "level", **options).iloc[0]


@pytest.mark.parametrize(("way", "mean_of_waves"), [("pooled", False), ("mean", True)])
def test_share_and_standard_error_are_those_of_survey(way, mean_of_waves):
    row = share(DATA, DATA["y"], mean_of_waves=mean_of_waves)
    for column, answer in (("proportion", way), ("std_error", f"{way}_se")):
        agrees("repeated_shares", "R 4, survey::svymean", row[column], R[answer], within=1e-9)
    assert (row["answers"], row["people"]) == (len(DATA), DATA["participant_id"].nunique())
    effective = row["proportion"] * (1 - row["proportion"]) / R[f"{way}_se"] ** 2
    expected = proportion_confint(row["proportion"] * effective, effective, method="wilson")
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(expected, abs=1e-9)


def test_one_answer_a_person_has_wilsons_interval():
    once = DATA.assign(participant_id=range(len(DATA)))
    row = share(once, once["y"])
    assert row["std_error"] == pytest.approx(R["alone_se"], abs=1e-9)
    expected = proportion_confint(DATA["y"].sum(), len(DATA), method="wilson")
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(expected, abs=1e-3)


def test_the_same_answer_twice_is_worth_one():
    once = pd.DataFrame({"participant_id": range(50), "wave": 6, "arm": "a"})
    values = pd.Series(np.arange(50) % 3 == 0)
    twice = pd.concat([once, once.assign(wave=12)], ignore_index=True)
    single, double = share(once, values), share(twice, pd.concat([values, values], ignore_index=True))
    assert double["std_error"] == pytest.approx(single["std_error"], abs=1e-12)
    assert double["conf_high"] == pytest.approx(single["conf_high"], abs=1e-3)
    alone = share(twice.assign(participant_id=range(100)), pd.concat([values, values], ignore_index=True))
    assert alone["conf_high"] < double["conf_high"]


def test_follow_ups_of_unlike_size_part_the_two_ways():
    """Nine of ten at the one, none of ninety at the other: 9 per cent pooled, 45 as the mean."""
    answers = pd.DataFrame({"participant_id": range(100), "wave": [6] * 10 + [12] * 90, "arm": "a"})
    values = pd.Series([True] * 9 + [False] * 91)
    assert share(answers, values)["proportion"] == pytest.approx(0.09)
    assert share(answers, values, mean_of_waves=True)["proportion"] == pytest.approx(0.45)


def test_nobody_everybody_and_one_person_have_an_interval_of_people():
    answers = pd.DataFrame({"participant_id": [1, 1, 2, 2, 3], "wave": [6, 12, 6, 12, 6], "arm": "a"})
    row = share(answers, [True] * 5)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(proportion_confint(3, 3, method="wilson"))
    single = share(answers.head(2), [True, False])
    assert np.isnan(single["std_error"])
    assert (single["conf_low"], single["conf_high"]) == pytest.approx(proportion_confint(0.5, 1, method="wilson"))
    assert repeated_shares(answers.head(0), pd.DataFrame({"yes": []}), ["arm"], "level").empty


def test_a_category_given_twice_counts_once():
    answers = pd.DataFrame({"category_1": ["nav", None], "category_2": ["nav", "tools"], "category_3": [None, None]})
    assert categories_given(answers, ["nav", "tools"]).sum().tolist() == [1, 1]
