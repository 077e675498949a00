"""Response and last observation carried forward, by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.frames.health import scores_by_wave
from analysis.methods import missing_data

ARMS = {"treatment": "sfj", "control": "control"}

PEOPLE = pd.DataFrame(
    {"participant_id": ["P1", "P2", "P3", "P4", "P5"], "arm": ["sfj", "sfj", "sfj", "control", "control"]}
)
SCORES = pd.DataFrame(
    [
        ("P1", 0, 10, 50), ("P1", 6, 8, 60), ("P1", 12, 5, np.nan),
        ("P2", 0, 12, 40), ("P2", 6, 9, 45),
        ("P3", 0, 14, np.nan),
        ("P4", 0, 11, 55), ("P4", 12, np.nan, 70),
    ],
    columns=["participant_id", "wave", "anxiety", "ladder"],
)  # fmt: skip


def carried(score, wave=12):
    frame = missing_data.last_observation_carried_forward(SCORES, PEOPLE, score, wave)
    return frame.set_index("participant_id")


def test_last_observation_is_the_latest_known_value_of_that_score():
    anxiety = carried("anxiety")
    assert anxiety["anxiety"].tolist()[:4] == [5, 9, 14, 11]
    assert anxiety["from_wave"].tolist() == [12, 6, 0, 0, pd.NA]
    assert np.isnan(anxiety.loc["P5", "anxiety"])
    # the 12-month questionnaire of P1 lacks the ladder, so its 6-month value stands in
    ladder = carried("ladder")
    assert ladder["ladder"].tolist()[:2] == [60, 45]
    assert ladder["from_wave"].tolist() == [6, 6, pd.NA, 12, pd.NA]


def test_last_observation_never_looks_ahead():
    at_six = carried("anxiety", wave=6)
    assert at_six["anxiety"].tolist()[:4] == [8, 9, 14, 11]
    assert at_six["from_wave"].max() == 6


def test_carrying_forward_needs_no_order_and_changes_nothing():
    shuffled = SCORES.sample(frac=1, random_state=1)
    before = shuffled.copy()
    frame = missing_data.last_observation_carried_forward(shuffled, PEOPLE, "anxiety", 12)
    pd.testing.assert_frame_equal(frame.set_index("participant_id"), carried("anxiety"))
    pd.testing.assert_frame_equal(shuffled, before)


def test_carried_from_counts_the_source_of_each_value_by_arm():
    sources = missing_data.carried_from(carried("anxiety").reset_index())
    assert sources.to_numpy().tolist() == [
        ["control", 0, 1, 1.0],
        ["sfj", 0, 1, pytest.approx(1 / 3)],
        ["sfj", 6, 1, pytest.approx(1 / 3)],
        ["sfj", 12, 1, pytest.approx(1 / 3)],
    ]


def test_response_counts_all_included_people():
    returned = missing_data.response(SCORES, PEOPLE, 12, **ARMS).set_index("contrast")
    assert returned["estimate"].to_dict() == {
        "sfj": pytest.approx(1 / 3),
        "control": pytest.approx(1 / 2),
        "sfj_vs_control": pytest.approx(-1 / 6),
        "total": pytest.approx(2 / 5),
    }
    assert set(returned["outcome"]) == {"answered"}
    scored = missing_data.response(SCORES, PEOPLE, 12, score="anxiety", **ARMS).set_index("contrast")
    assert scored.loc["total", "estimate"] == pytest.approx(1 / 5)
    assert scored.loc["control", "estimate"] == 0


def test_compare_by_response_splits_each_arm_by_later_answers():
    frame = pd.DataFrame(
        {
            "arm": ["sfj"] * 4 + ["control"] * 4,
            "responded": [True, True, False, False, True, True, False, False],
            "anxiety_m0": [8.0, 10, 11, 15, 9, 11, 10, np.nan],
        }
    )
    table = missing_data.compare_by_response(frame, ["anxiety_m0"], arms=("sfj", "control"))
    of = table.set_index(["population", "contrast"])
    assert of.loc[("sfj", "responders"), "estimate"] == 9
    assert of.loc[("sfj", "non_responders"), "estimate"] == 13
    assert of.loc[("sfj", "responders_vs_non_responders"), "estimate"] == -4
    assert of.loc[("control", "non_responders"), ["estimate", "n_treated"]].tolist() == [10, 1]


def test_scores_by_wave_puts_waves_side_by_side():
    wide = scores_by_wave(SCORES, ["anxiety"])
    assert wide.columns.tolist() == ["anxiety_m0", "anxiety_m6", "anxiety_m12"]
    assert wide.loc["P2"].tolist()[:2] == [12, 9]
    assert np.isnan(wide.loc["P2", "anxiety_m12"])
