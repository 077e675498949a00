"""Counts of coded answers and Cohen's kappa, by hand and against plain loops."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analysis.methods.coding import (
    answer_shares,
    categories_long,
    category_shares,
    coded_once,
    coder_agreement,
    flag_shares,
    mean_over_waves,
)
from tests.agreement import agrees

FRAME = ["nav", "psychologist", "tools"]


def _answers(rows):
    columns = ["participant_id", "wave", "question", "coder", "category_1", "category_2", "category_3"]
    return pd.DataFrame(rows, columns=columns).assign(
        arm=lambda f: f["participant_id"].map(lambda name: "sfj" if int(name[1:]) < 3 else "control")
    )


ANSWERS = _answers(
    [
        ("P1", 6, "most", 1, "nav", "tools", None),
        ("P2", 6, "most", 1, "tools", "tools", None),
        ("P3", 6, "most", 1, "psychologist", None, None),
        ("P1", 12, "most", 1, "tools", None, None),
        ("P1", 6, "most", 2, "nav", None, None),
        ("P2", 6, "most", 2, "tools", "nav", None),
    ]
)


def test_a_category_counts_once_an_answer():
    long = categories_long(coded_once(ANSWERS))
    assert len(long) == 5
    assert (long["category"] == "tools").sum() == 3


def test_shares_are_of_answers_and_list_categories_nobody_gave():
    shares = category_shares(coded_once(ANSWERS), ["arm", "wave"], FRAME).set_index(["arm", "wave", "category"])
    assert shares.loc[("sfj", 6, "tools"), ["n", "answers", "proportion"]].tolist() == [2, 2, 1.0]
    assert shares.loc[("sfj", 6, "nav"), "proportion"] == 0.5
    assert shares.loc[("control", 6, "tools"), ["n", "answers"]].tolist() == [0, 1]
    assert len(shares) == 3 * 3


def test_interval_is_wilson():
    row = category_shares(coded_once(ANSWERS), ["question"], FRAME, conf_level=0.9).set_index("category").loc["tools"]
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(proportion_confint(3, 4, alpha=0.1, method="wilson"))


def test_a_category_outside_the_frame_is_refused():
    with pytest.raises(ValueError, match="tools"):
        category_shares(coded_once(ANSWERS), ["arm"], ["nav", "psychologist"])


def test_flags_missing_count_as_false():
    answers = coded_once(ANSWERS).assign(too_short=[True, None, False, True])
    shares = flag_shares(answers, "too_short", ["wave"]).set_index("wave")
    assert shares.loc[6, ["n", "answers"]].tolist() == [1, 3]
    assert shares.loc[12, "proportion"] == 1


def test_levels_add_up_and_missing_ones_are_left_out():
    experiences = pd.DataFrame({"arm": ["a"] * 5, "experience": ["good", "good", "bad", None, "bad"]})
    shares = answer_shares(experiences, ["arm"], "experience", ["good", "bad", "mixed"]).set_index("experience")
    assert shares["n"].tolist() == [2, 2, 0]
    assert shares["answers"].tolist() == [4, 4, 4]
    assert shares["proportion"].sum() == pytest.approx(1)


def test_mean_over_waves_counts_each_wave_the_same():
    """The report's own example: 68 of 281 and 80 of 297 answers are 24.2 and 26.9 per cent, printed as 25.6."""
    shares = pd.DataFrame({"arm": "sfj", "wave": [6, 12], "category": "aspects", "n": [68, 80], "answers": [281, 297]})
    shares["proportion"] = shares["n"] / shares["answers"]
    joined = mean_over_waves(shares, ["arm", "category"]).iloc[0]
    assert joined[["n", "answers"]].tolist() == [148, 578]
    assert round(100 * joined["proportion"], 1) == 25.6
    variance = sum(p * (1 - p) / n for p, n in zip(shares["proportion"], shares["answers"], strict=True)) / 4
    assert joined["conf_high"] - joined["conf_low"] == pytest.approx(2 * 1.959964 * variance**0.5, rel=1e-6)


def _double(pairs, category="nav"):
    """Answers coded twice; each pair says whether coder 1 and coder 2 gave the category."""
    rows = []
    for number, pair in enumerate(pairs):
        for coder, given_it in zip((1, 2), pair, strict=True):
            rows.append((f"P{number}", 6, "most", coder, category if given_it else "tools", None, None))
    return _answers(rows)


def test_kappa_of_a_textbook_table():
    """20 both yes, 5 and 10 split, 15 both no: p_o 0.70, p_e 0.50, kappa 0.40 (Cohen 1960, worked by hand)."""
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    row = coder_agreement(_double(pairs), FRAME).set_index("outcome").loc["nav"]
    agrees("coder_agreement", "A textbook table of fifty answers", row["estimate"], 0.4)
    assert row["statistic_value"] == pytest.approx(0.7)
    assert row["df"] == 50
    assert row["conf_low"] < 0.4 < row["conf_high"]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=4, max_size=30))
def test_kappa_against_its_definition(pairs):
    row = coder_agreement(_double(pairs), FRAME).set_index("outcome").loc["nav"]
    n = len(pairs)
    first, second = (sum(pair[side] for pair in pairs) / n for side in (0, 1))
    observed = sum(a == b for a, b in pairs) / n
    chance = first * second + (1 - first) * (1 - second)
    if first in (0, 1) or second in (0, 1):
        assert math.isnan(row["estimate"])
    else:
        assert row["estimate"] == pytest.approx((observed - chance) / (1 - chance))


def test_only_answers_coded_twice_count():
    agreement = coder_agreement(ANSWERS, FRAME).set_index("outcome")
    assert agreement.loc["nav", "df"] == 2
    assert agreement.loc["nav", "statistic_value"] == 0.5
    assert agreement.loc["all_categories", "statistic_value"] == pytest.approx(4 / 6)


def test_agreement_without_a_second_coder_is_refused():
    with pytest.raises(ValueError, match="both coders"):
        coder_agreement(coded_once(ANSWERS), FRAME)
