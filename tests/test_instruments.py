"""Scores of the questionnaires: published check states, hand-worked answers, properties that hold for any answers."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.frames import instruments
from analysis.frames.instruments import parameter_sets
from analysis.frames.instruments.items import item_columns, person_mean_sum
from analysis.frames.instruments.shc import SHC_FACTORS
from analysis.study.reading import read_settings

EQ5D_COLUMNS = [
    "eq5d_mobility",
    "eq5d_self_care",
    "eq5d_usual_activities",
    "eq5d_pain_discomfort",
    "eq5d_anxiety_depression",
]
ANXIETY = item_columns("hads", range(1, 15, 2))
DEPRESSION = item_columns("hads", range(2, 15, 2))
HADS, SHC, CHALDER = (item_columns(name, range(1, n + 1)) for name, n in (("hads", 14), ("shc", 29), ("chalder", 11)))
SINGLE = ["expectation_work", "expected_health_effect", "satisfaction", "followup_effect_on_health"]
RULES = {
    "hads": {"max_missing_per_subscale": 1, "caseness_from": 8},
    "eq5d": {"value_set": "uk_tto_mvh_a1"},
    "shc": {"max_missing": 3},
    "chalder": {"max_missing": 2},
}


def answers(columns, *rows):
    return pd.DataFrame(rows, columns=columns, dtype=float)


def state(digits):
    levels = [float(digit) if digit != "?" else np.nan for digit in digits]
    return answers([*EQ5D_COLUMNS, "health_ladder"], [*levels, 50])


def item_rows(n_items, low=0, high=3, gaps=True):
    value = st.integers(low, high).map(float)
    return st.lists(st.one_of(value, st.just(np.nan)) if gaps else value, min_size=n_items, max_size=n_items)


# EQ-5D ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "index"),
    [
        ("11111", 1.000),
        ("21111", 0.850),
        ("11112", 0.848),
        ("12321", 0.329),
        ("22222", 0.516),
        ("33333", -0.594),
    ],
)
def test_eq5d_index_equals_the_published_value_of_the_state(digits, index):
    assert instruments.score_eq5d(state(digits))["eq5d_index"].item() == pytest.approx(index, abs=1e-12)


def test_eq5d_decrements_are_charged_to_the_right_dimension():
    # each single problem at level 2 alone: 1 - 0.081 - decrement (Dolan 1997)
    expected = [0.850, 0.815, 0.883, 0.796, 0.848]
    states = ["21111", "12111", "11211", "11121", "11112"]
    computed = [instruments.score_eq5d(state(digits))["eq5d_index"].item() for digits in states]
    assert computed == pytest.approx(expected, abs=1e-12)


def test_eq5d_index_is_missing_when_a_dimension_is_unanswered_and_the_ladder_stays():
    scores = instruments.score_eq5d(state("1?111"))
    assert np.isnan(scores["eq5d_index"].item())
    assert scores["health_ladder"].item() == 50


@given(st.lists(st.integers(1, 3), min_size=5, max_size=5), st.integers(0, 4))
def test_eq5d_index_never_rises_when_a_dimension_gets_worse(levels, worse):
    deteriorated = [min(level + (position == worse), 3) for position, level in enumerate(levels)]
    frame = answers([*EQ5D_COLUMNS, "health_ladder"], [*levels, 0], [*deteriorated, 0])
    before, after = instruments.score_eq5d(frame)["eq5d_index"]
    assert -0.594 <= after <= before <= 1


def test_unknown_value_set_is_an_error_that_names_the_known_ones():
    with pytest.raises(instruments.ParameterError, match="uk_tto_mvh_a1"):
        instruments.score_eq5d(state("11111"), value_set="sweden")


# HADS -----------------------------------------------------------------------------------------------------------------


def test_hads_adds_odd_items_to_anxiety_and_even_items_to_depression():
    by_hand = answers(HADS, [1, 0, 2, 0, 3, 1, 0, 0, 1, 0, 2, 3, 1, 0])
    scores = instruments.score_hads(by_hand).iloc[0]
    assert scores.to_dict() == {"hads_anxiety": 10, "hads_depression": 4, "hads_total": 14}


def test_hads_one_unanswered_item_takes_the_mean_of_the_six_others():
    row = [np.nan, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1]
    scores = instruments.score_hads(answers(HADS, row)).iloc[0]
    # anxiety: six answers add to 9, mean 1.5, times seven
    assert scores["hads_anxiety"] == pytest.approx(10.5)
    assert scores["hads_total"] == pytest.approx(17.5)


def test_hads_two_unanswered_items_leave_the_subscale_and_the_total_missing():
    row = [np.nan, 1, np.nan, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1]
    scores = instruments.score_hads(answers(HADS, row)).iloc[0]
    assert np.isnan(scores["hads_anxiety"])
    assert scores["hads_depression"] == 7
    assert np.isnan(scores["hads_total"])


def test_hads_rule_for_unanswered_items_is_a_parameter():
    row = [np.nan, 1, np.nan, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1]
    lenient = instruments.score_hads(answers(HADS, row), max_missing_per_subscale=3).iloc[0]
    assert lenient["hads_anxiety"] == pytest.approx(7 * 7 / 5)
    strict = instruments.score_hads(answers(HADS, [np.nan] + [1] * 13), max_missing_per_subscale=0).iloc[0]
    assert np.isnan(strict["hads_anxiety"])


def test_hads_case_is_eight_or_higher_and_missing_stays_missing():
    cases = instruments.hads_case(pd.Series([7.9, 8.0, 21.0, np.nan]))
    assert cases.tolist() == [False, True, True, pd.NA]


@given(item_rows(14, gaps=False))
def test_hads_subscales_stay_in_their_range_and_add_to_the_total(row):
    scores = instruments.score_hads(answers(HADS, row)).iloc[0]
    assert 0 <= scores["hads_anxiety"] <= 21
    assert 0 <= scores["hads_depression"] <= 21
    assert scores["hads_total"] == sum(row)


@given(item_rows(14), st.permutations(range(7)))
def test_hads_score_does_not_depend_on_the_order_within_a_subscale(row, order):
    original = answers(HADS, row)
    permuted = original.copy()
    permuted[ANXIETY] = original[[ANXIETY[position] for position in order]].to_numpy()
    permuted[DEPRESSION] = original[[DEPRESSION[position] for position in order]].to_numpy()
    pd.testing.assert_frame_equal(instruments.score_hads(original), instruments.score_hads(permuted))


@given(item_rows(14, high=2), st.integers(0, 13))
def test_hads_score_never_falls_when_an_answer_rises(row, raised):
    higher = [value + (position == raised) for position, value in enumerate(row)]
    lower_score, higher_score = instruments.score_hads(answers(HADS, row, higher))["hads_total"]
    assert np.isnan(lower_score) == np.isnan(higher_score)
    assert np.isnan(lower_score) or higher_score >= lower_score


# SHC ------------------------------------------------------------------------------------------------------------------


def test_shc_factors_hold_eight_seven_seven_five_and_two_items():
    placement = [len(instruments.read_parameters("shc")[f"{factor}_items"].value) for factor in SHC_FACTORS]
    assert placement == [8, 7, 7, 5, 2]


def test_shc_factor_sums_by_hand():
    row = [1] * 8 + [2] * 7 + [3] * 7 + [0, 0, 1, 0, 2] + [3, 1]
    scores = instruments.score_shc(answers(SHC, row)).iloc[0]
    assert scores.to_dict() == {
        "shc_musculoskeletal": 8,
        "shc_pseudoneurology": 14,
        "shc_gastrointestinal": 21,
        "shc_allergy": 3,
        "shc_flu": 4,
        "shc_total": 50,
    }


def test_shc_total_tolerates_three_unanswered_items_but_not_four():
    three = [np.nan] * 3 + [1] * 26
    four = [np.nan] * 3 + [1] * 25 + [np.nan]
    totals = instruments.score_shc(answers(SHC, three, four))["shc_total"]
    assert totals[0] == 29
    assert np.isnan(totals[1])


def test_shc_factor_with_less_than_half_answered_is_missing_and_so_is_the_total():
    scores = instruments.score_shc(answers(SHC, [1] * 27 + [np.nan, np.nan])).iloc[0]
    assert np.isnan(scores["shc_flu"])
    assert np.isnan(scores["shc_total"])
    assert scores["shc_musculoskeletal"] == 8


def test_any_complaint_needs_one_yes_or_all_no():
    present, absent = [0] * 7 + [1] + [0] * 21, [0] * 29
    present_with_gap, unknown = [np.nan] + [0] * 6 + [2] + [0] * 21, [np.nan] + [0] * 28
    complaint = instruments.any_complaint(answers(SHC, present, absent, present_with_gap, unknown), "musculoskeletal")
    assert complaint.tolist() == [True, False, True, pd.NA]
    with pytest.raises(ValueError, match="known: musculoskeletal"):
        instruments.any_complaint(answers(SHC, present), "muscles")


@given(item_rows(29))
def test_shc_total_is_the_sum_of_the_factors_and_in_range(row):
    scores = instruments.score_shc(answers(SHC, row)).iloc[0]
    total = scores["shc_total"]
    assert np.isnan(total) or total == pytest.approx(scores.drop("shc_total").sum(skipna=False))
    assert np.isnan(total) or 0 <= total <= 87
    assert np.isnan(total) if sum(np.isnan(row)) > 3 else True


# Chalder --------------------------------------------------------------------------------------------------------------


def test_chalder_likert_and_bimodal_by_hand():
    row = [0, 1, 2, 3, 1, 1, 2, 0, 1, 2, 3]
    scores = instruments.score_chalder(answers(CHALDER, row)).iloc[0]
    assert scores.to_dict() == {"chalder_total": 16, "chalder_bimodal": 5}


def test_chalder_unanswered_item_is_imputed_from_its_own_part():
    # physical items all 3, one of them unanswered; mental items all 0: the missing one must count 3, not 33 / 10
    scores = instruments.score_chalder(answers(CHALDER, [np.nan, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0])).iloc[0]
    assert scores["chalder_total"] == pytest.approx(21)
    assert scores["chalder_bimodal"] == pytest.approx(7)


def test_chalder_tolerates_two_unanswered_items_in_all_but_not_three():
    two = [np.nan, 3, 3, 3, 3, 3, 3, np.nan, 0, 0, 0]
    three = [np.nan, 3, 3, 3, 3, 3, np.nan, np.nan, 0, 0, 0]
    scores = instruments.score_chalder(answers(CHALDER, two, three))
    assert scores.iloc[0].tolist() == [21, 7]
    assert scores.iloc[1].isna().all()


def test_fatigue_case_is_four_or_higher():
    assert instruments.fatigue_case(pd.Series([3.0, 4.0, np.nan])).tolist() == [False, True, pd.NA]


@given(item_rows(11, gaps=False), st.permutations(range(7)), st.permutations(range(4)))
def test_chalder_bounds_and_order_within_a_part(row, physical, mental):
    permuted = [row[position] for position in physical] + [row[7 + position] for position in mental]
    scores = instruments.score_chalder(answers(CHALDER, row, permuted))
    assert scores.iloc[0].to_dict() == scores.iloc[1].to_dict()
    assert scores["chalder_total"].between(0, 33).all()
    assert scores["chalder_bimodal"].between(0, 11).all()


# IPS-25 ---------------------------------------------------------------------------------------------------------------


def ratings(scores_by_centre):
    rows = [
        (centre, item, score) for centre, scores in scores_by_centre.items() for item, score in enumerate(scores, 1)
    ]
    return pd.DataFrame(rows, columns=["centre", "item", "score"])


def test_ips25_sections_total_and_adjusted_total_by_hand():
    scores = [5, 4, 3] + [2, 1, 1, 3, 3, 4, 5, 2] + [4] * 12 + [2, 3]
    result = instruments.score_ips25(ratings({"north": scores})).loc["north"]
    assert (result["staffing"], result["organisation"], result["services"]) == (12, 21, 53)
    assert (result["total"], result["band"]) == (86, "fair")
    # items 6, 24, 25 rise from 1, 2, 3 to 5: 86 + 4 + 3 + 2
    assert (result["total_adjusted"], result["band_adjusted"]) == (95, "fair")


@pytest.mark.parametrize(
    ("total", "band"),
    [(25, "not_ips"), (73, "not_ips"), (74, "fair"), (99, "fair"), (100, "good"), (114, "good"), (115, "exemplary")],
)
def test_ips25_band_limits(total, band):
    assert instruments.fidelity_band(pd.Series([total])).tolist() == [band]
    assert instruments.fidelity_band(pd.Series([125])).tolist() == ["exemplary"]


def test_ips25_sections_hold_three_eight_and_fourteen_items():
    parameters = instruments.read_parameters("ips25")
    sizes = [len(parameters[f"{section}_items"].value) for section in ("staffing", "organisation", "services")]
    assert sizes == [3, 8, 14]


def test_ips25_unrated_item_leaves_section_total_and_band_missing():
    result = instruments.score_ips25(ratings({"north": [3] * 24 + [np.nan]})).loc["north"]
    assert result["staffing"] == 9
    assert np.isnan(result["services"])
    assert np.isnan(result["total"])
    assert pd.isna(result["band"])


def test_ips25_refuses_repeated_and_unknown_items():
    frame = ratings({"north": [3] * 25})
    with pytest.raises(ValueError, match="repeat"):
        instruments.score_ips25(pd.concat([frame, frame.head(1)]))
    with pytest.raises(ValueError, match="unknown items: \\[26\\]"):
        instruments.score_ips25(frame.assign(item=frame["item"] + 1))


# Items and parameters -------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(item_rows(7), st.integers(0, 6))
def test_person_mean_sum_follows_the_missing_rule(row, allowed):
    missing = int(np.isnan(row).sum())
    total = person_mean_sum(np.array([row]), allowed)[0]
    if missing > allowed or missing == 7:
        assert np.isnan(total)
    else:
        assert total == pytest.approx(7 * np.nanmean(row))


@pytest.mark.parametrize("wrong", [-1, 4, 1.5])
def test_answers_outside_the_range_are_refused_without_printing_them(wrong):
    with pytest.raises(ValueError, match=r"hads_03 \(1\)") as error:
        instruments.score_hads(answers(HADS, [0, 0, wrong] + [0] * 11))
    assert str(wrong) not in str(error.value).replace("hads_03 (1)", "")


def test_absent_columns_are_named():
    with pytest.raises(KeyError, match="hads_13"):
        instruments.score_hads(answers(HADS, [0] * 14).drop(columns="hads_13"))


@pytest.mark.parametrize("path", sorted(parameter_sets.PARAMETER_FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_every_parameter_has_value_unit_date_and_a_real_source(path):
    for name, parameter in instruments.read_parameters(path.stem).items():
        assert len(parameter.source) > 20, name
        assert 1980 <= int(parameter.date) <= 2100, name


@pytest.mark.parametrize("field", ["value", "unit", "date", "source"])
def test_a_parameter_without_one_of_its_fields_is_refused(field):
    whole = {"value": "8", "unit": "points", "date": "2002", "source": "Bjelland 2002"}
    lines = [f"  {name}: {text}" for name, text in whole.items() if name != field]
    with pytest.raises(instruments.ParameterError, match=f"cut_off: {field} is missing"):
        parameter_sets.parse_parameters("cut_off:\n" + "\n".join(lines), "hads.yml")


def test_a_parameter_with_an_empty_source_or_an_unknown_field_is_refused():
    entry = "cut_off: {value: 8, unit: points, date: 2002, source: '', note: x}"
    with pytest.raises(instruments.ParameterError, match="source is missing") as error:
        parameter_sets.parse_parameters(entry, "hads.yml")
    assert "unknown field note" in str(error.value)


@pytest.mark.parametrize(
    ("instrument", "settings_of"),
    [
        ("hads", ("max_missing_per_subscale", "caseness_from")),
        ("shc", ("max_missing",)),
        ("chalder", ("max_missing",)),
        ("ips25", ("bands",)),
    ],
)
def test_the_bundled_study_uses_the_documented_rules(instrument, settings_of):
    study = read_settings(Path(__file__).parent.parent / "data" / "sfj")
    parameters = instruments.read_parameters(instrument)
    for name in settings_of:
        assert study.instruments[instrument][name] == parameters[name].value


# All together ---------------------------------------------------------------------------------------------------------


def test_score_questionnaires_returns_the_scores_in_the_order_of_the_answers():
    columns = ["participant_id", "wave", *HADS, *EQ5D_COLUMNS, "health_ladder", *SHC, *CHALDER, *SINGLE]
    first = ["P0002", 12, *[1] * 14, *[1] * 5, 70, *[1] * 29, *[1] * 11, 7, 6, 5, 4]
    second = ["P0001", 0, *[2] * 14, *[2] * 5, np.nan, *[0] * 29, *[2] * 11, 1, 2, np.nan, np.nan]
    questionnaires = pd.DataFrame([first, second], columns=columns, index=[7, 3])
    untouched = questionnaires.copy()
    scores = instruments.score_questionnaires(questionnaires, SimpleNamespace(instruments=RULES))
    assert scores["participant_id"].tolist() == ["P0002", "P0001"]
    assert scores["wave"].tolist() == [12, 0]
    assert scores["hads_total"].tolist() == [14, 28]
    assert scores["eq5d_index"].tolist() == pytest.approx([1.0, 0.516])
    assert scores["shc_total"].tolist() == [29, 0]
    assert scores["chalder_total"].tolist() == [11, 22]
    assert scores["chalder_bimodal"].tolist() == [0, 11]
    assert scores[SINGLE].iloc[0].tolist() == [7, 6, 5, 4]
    pd.testing.assert_frame_equal(questionnaires, untouched)
