"""The participants chapter: tables by hand, printed figures, words that turn with the data."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.chapters import participants
from analysis.chapters.participants.background import QUESTIONS, STUDY_QUESTIONS
from analysis.chapters.participants.comparisons import balance, representativeness, significant
from analysis.chapters.participants.inclusion import steepest_rise
from analysis.chapters.participants.sentences import largest_shift
from analysis.frames.trial import open_trial
from analysis.methods.means import standardised_difference
from analysis.methods.proportions import independence_test, proportion_interval
from analysis.show.page import Page
from analysis.show.prose import round_half_up
from analysis.study.contract import TABLES

# What a small study may consist of: people, their answers and their registers.
FEW = ("screening", "participants", "questionnaires", "benefit_spells", "job_spells")
HANDMADE = Path(__file__).parent / "handmade"
EXPECTED = yaml.safe_load((HANDMADE / "expected.yml").read_text(encoding="utf-8"))
PUBLISHED = pd.read_csv(Path(__file__).parent.parent / "data" / "sfj" / "published" / "cells.csv")
TABLE_FUNCTIONS = ("table_01", "table_02", "table_03", "table_04", "table_05", "table_06", "table_a1", "text_3",
                   "text_3_1", "text_3_2", "text_3_3", "text_3_4", "text_3_5", "representativeness_table")  # fmt: skip
SENTENCES = ("title", "flow", "allocation", "referral", "inflow", "women", "age", "education", "complaints", "work",
             "strain", "balance_reading", "answered", "interval_choice")  # fmt: skip


@pytest.fixture(scope="module")
def by_hand():
    return open_trial(HANDMADE)


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


@pytest.fixture(scope="module", params=["by_hand", "bundled"])
def page(request):
    return Page("participants", study=HANDMADE if request.param == "by_hand" else None)


def numbers(table):
    return table.cells.set_index(["row", "column", "statistic"])["value"].to_dict()


def with_values(trial, table, **columns):
    """The trial with whole columns of one table replaced."""
    return replace(trial, tables={**trial.tables, table: trial.tables[table].assign(**columns)})


# --- ten people by hand -------------------------------------------------------------------------------------------


def test_flow_by_hand(by_hand):
    found = participants.figure_01(by_hand).frame
    trunk = found[found["arm"].isna()].set_index("box")["count"]
    expected = EXPECTED["screening"]
    assert trunk["referred"] == expected["referred"]
    assert trunk["not_eligible"] == expected["not_eligible"] and trunk["no_consent"] == expected["no_consent"]
    assert trunk["randomised"] == expected["included"] + expected["withdrew"]
    analysed = found[found["box"] == "in_analysis"].set_index("arm")["count"]
    assert analysed.to_dict() == {"control": expected["control"], "sfj": expected["sfj"]}


def test_referral_sources_by_hand(by_hand):
    found = numbers(participants.text_3(by_hand))
    for source, people in EXPECTED["referral_source"].items():
        assert found[f"referral_source_{source}", "total", "n"] == people
    assert found["referral_source_nav", "total", "pct"] == pytest.approx(100 * 4 / 11)


def test_flow_adds_up(bundled):
    found = participants.figure_01(bundled).frame
    trunk = found[found["arm"].isna()].set_index("box")["count"]
    assert trunk["referred"] - trunk["not_eligible"] - trunk["no_consent"] == trunk["randomised"]
    assert found.loc[found["box"] == "allocated", "count"].sum() == trunk["randomised"]
    assert found.loc[found["box"].isin(["withdrew", "in_analysis"]), "count"].sum() == trunk["randomised"]


def test_table_01_by_hand(by_hand):
    found = numbers(participants.table_01(by_hand))
    assert found["oslo", "sfj", "n"] == 2 and found["oslo", "sfj", "pct"] == pytest.approx(40)
    assert found["hordaland", "control", "n"] == 2 and found["total", "total", "n"] == 10


def test_table_02_by_hand(by_hand):
    found = numbers(participants.table_02(by_hand))
    # The extract counts P0002 among the women, and lacks the education of P0004.
    assert found["sex_woman", "total", "n"] == 7
    assert found["education_upper_secondary", "control", "n"] == 0
    assert np.isnan(found["education_upper_secondary", "control", "pct"])
    assert found["education_primary", "total", "pct"] == pytest.approx(100 * 2 / 8)
    # Marital status is a share of everybody, country of birth of those who answered.
    assert found["marital_unmarried", "total", "pct"] == pytest.approx(20)
    assert found["country_of_birth_norway", "total", "pct"] == pytest.approx(100 * 7 / 9)
    assert found["age_under_30", "total", "n"] == 3 and found["age_over_50", "sfj", "n"] == 1


def test_table_03_by_hand(by_hand):
    found = numbers(participants.table_03(by_hand))
    # Anxiety at inclusion: 7 14 14 8 21 0 7 14 0; P0010 did not answer.
    assert found["hads_anxiety_sum", "total", "mean"] == pytest.approx(85 / 9)
    # Depression: 7 7 - 7 21 0 14 14 21; P0003 left two items open.
    assert found["hads_depression_sum", "total", "mean"] == pytest.approx(91 / 8)
    assert found["years_in_occupation", "sfj", "mean"] == pytest.approx((4 + 0 + 22.5 + 1) / 4)


def test_table_04_by_hand(by_hand):
    found = numbers(participants.table_04(by_hand))
    assert found["violence_been_beaten", "total", "n"] == 1
    assert found["violence_been_beaten", "total", "pct"] == pytest.approx(10)
    low, high = proportion_interval(1, 10, "wald")
    assert found["violence_been_beaten", "total", "ci_low"] == pytest.approx(100 * low)
    assert found["violence_been_beaten", "total", "ci_high"] == pytest.approx(100 * high)


def test_table_a1_by_hand(by_hand):
    found = numbers(participants.table_a1(by_hand))
    # In work at inclusion: P0001, P0006 and P0008, all women; incomes of expected.yml.
    assert found["number", "in_work", "n"] == 3 and found["woman", "in_work", "mean"] == 1
    incomes = [418.138425, 459.083851, 77.167915]
    assert found["income_year_before_inclusion_1000nok", "in_work", "mean"] == pytest.approx(np.mean(incomes))
    assert found["income_year_before_inclusion_1000nok", "in_work", "sd"] == pytest.approx(np.std(incomes, ddof=1))


def test_sections_by_hand(by_hand):
    health, work, strain = (numbers(table(by_hand)) for table in (participants.text_3_2, participants.text_3_3,
                                                                   participants.text_3_4))  # fmt: skip
    assert health["anxiety_above_cutoff", "total", "pct"] == pytest.approx(100 * 5 / 9)
    assert health["sleep_problems", "total", "pct"] == pytest.approx(100 * 4 / 9)
    assert work["self_reported_unemployed", "total", "pct"] == pytest.approx(100 * 3 / 9)
    assert strain["ever_exposed_to_violence", "total", "n"] == 2
    assert strain["no_one_outside_family_to_share_with", "total", "pct"] == pytest.approx(100 * 2 / 9)


def test_inflow_by_hand(by_hand):
    found = numbers(participants.text_3_5(by_hand))
    assert found["inclusion_period", "total", "months"] == 21
    assert found["mean_inclusions_per_month", "total", "mean"] == pytest.approx(10 / 21)
    assert found["mean_inclusions_per_month_start_up_phase", "total", "mean"] == pytest.approx(2 / 5)
    assert found["max_inclusions_per_month", "total", "n"] == 2


def test_steepest_rise_by_hand(by_hand, bundled):
    # Inclusions by hand: one each in June, August and November 2010, January, March, June, September and October 2011,
    # and two in February 2012, after a month without.
    assert steepest_rise(by_hand) == (2012, 2)
    assert steepest_rise(bundled)[0] == 2011


def test_accumulated_inclusion_only_rises_and_ends_at_the_centre_totals(bundled):
    frame = participants.figure_02(bundled).frame
    for centre, own in frame.groupby("centre"):
        assert own.sort_values("recruitment_month")["estimate"].is_monotonic_increasing
        assert own["estimate"].iloc[-1] == (bundled.people["centre"] == centre).sum()


# --- methods this chapter added -----------------------------------------------------------------------------------


def test_independence_by_hand():
    first, second = pd.Series(["a"] * 10 + ["b"] * 20), pd.Series(["a"] * 20 + ["b"] * 10 + [None])
    found = independence_test(first, second, outcome="x", population="all", contrast="one_vs_other")
    # chi2 = n(ad - bc)^2 / (30^4) = 60 * 300^2 / 810000
    assert found.statistic_value == pytest.approx(60 * 300**2 / 810000)
    assert found.p_value == pytest.approx(0.009823, abs=1e-6)
    assert found.estimate == pytest.approx(1 / 3) and found.df == 1
    assert (found.n_treated, found.n_control) == (30, 30)


def test_independence_without_a_choice_is_undefined():
    found = independence_test(pd.Series(["a"]), pd.Series(["a"]), outcome="x", population="all", contrast="c")
    assert np.isnan(found.estimate) and np.isnan(found.p_value)


def test_standardised_difference_by_hand():
    treated, control = pd.Series([1.0, 2, 3, 4, None]), pd.Series([2.0, 3, 4, 5])
    found = standardised_difference(treated, control, outcome="x", population="all", contrast="c")
    # Variances 5/3 in both arms: d = -1/sqrt(5/3); standard error sqrt(8/16 + 0.6/16).
    assert found.estimate == pytest.approx(-1 / np.sqrt(5 / 3))
    assert found.std_error == pytest.approx(np.sqrt(8 / 16 + 0.6 / 16))
    assert found.conf_high - found.conf_low == pytest.approx(2 * 1.959964 * found.std_error, abs=1e-6)


# --- printed figures ----------------------------------------------------------------------------------------------


def against_print(table, source):
    printed = PUBLISHED[PUBLISHED["source"] == source]
    both = printed.merge(table.cells, on=["row", "column", "statistic"], suffixes=("", "_computed"))
    return both.assign(units=(both["value_computed"] - both["value"]).abs() * 10.0 ** both["decimals"])


@pytest.mark.parametrize(
    ("function", "source", "misprinted"),
    [("table_01", "table_01", ()), ("table_02", "table_02", ("age_",)),
     ("table_04", "table_04", ()), ("table_05", "table_05", ("age_", "marital_divorced_separated"))],
)  # fmt: skip
def test_printed_counts_are_met(bundled, function, source, misprinted):
    both = against_print(getattr(participants, function)(bundled), source)
    both = both[(both["statistic"] == "n") & ~(both["row"].str.startswith(misprinted or ("nothing",))
                                               & (both["column"] != "ordinary_sfj"))]  # fmt: skip
    assert len(both) >= 5
    assert both.loc[both["units"] > 0, ["row", "column", "value", "value_computed"]].empty


@pytest.mark.parametrize(
    ("function", "source", "misprinted"),
    [("table_02", "table_02", ("age_",)), ("table_04", "table_04", ()),
     ("table_05", "table_05", ("age_", "marital_divorced_separated"))],
)  # fmt: skip
def test_printed_shares_and_intervals_are_met_within_two_units(bundled, function, source, misprinted):
    """Two units of the last printed decimal: the print mixes denominators of two extracts and rounds twice."""
    both = against_print(getattr(participants, function)(bundled), source)
    known_slips = both["row"].eq("sex_woman") & both["column"].eq("ordinary_sfj") & both["statistic"].eq("ci_high")
    own_column = ~both["row"].str.startswith(misprinted or ("nothing",)) | both["column"].eq("ordinary_sfj")
    both = both[(both["statistic"] != "n") & own_column & ~known_slips]
    assert both.loc[both["units"] > 2.01, ["row", "column", "statistic", "value", "value_computed"]].empty


def test_what_is_left_in_table_02_is_mostly_double_rounding(bundled):
    """Rounded to two decimals first and then to one, nine in ten of the cells outside the age rows are exact."""
    both = against_print(participants.table_02(bundled), "table_02")
    both = both[~both["row"].str.startswith("age_") & (both["statistic"] != "n")]
    twice = [round_half_up(round_half_up(value, 2), 1) for value in both["value_computed"]]
    assert np.mean(np.array(twice) == both["value"].to_numpy()) > 0.9


def test_printed_age_rows_are_the_right_numbers_in_the_wrong_columns(bundled):
    """Print: control under total, SFJ under control, all under SFJ; within a unit of the last decimal."""
    computed = numbers(participants.table_02(bundled))
    printed = PUBLISHED[(PUBLISHED["source"] == "table_02") & PUBLISHED["row"].str.startswith("age_")]
    belongs = {"total": "control", "control": "sfj", "sfj": "total"}
    for cell in printed.itertuples():
        found = computed[cell.row, belongs[cell.column], cell.statistic]
        assert found == pytest.approx(cell.value, abs=0.101), cell


def test_wilson_gives_the_printed_intervals_of_ordinary_users_and_wald_does_not():
    """The claim of the method note on the printed counts alone, within a unit of the last decimal, at any number of
    people who may have answered."""
    reference = PUBLISHED[(PUBLISHED["source"] == "table_05") & (PUBLISHED["column"] == "ordinary_sfj")]
    fits = {name: sum(_fits(row, name) for _, row in reference.groupby("row")) for name in ("wilson", "wald")}
    assert fits["wilson"] >= 26 and fits["wald"] <= 2


def _fits(cells, interval):
    values = cells.set_index("statistic")["value"]
    if "ci_low" not in values:
        return False
    for people in (80, 79, 77, 69, 57):
        if not 0 < values["n"] < people:
            continue
        low, high = (100 * limit for limit in proportion_interval(int(values["n"]), people, interval))
        share = 100 * values["n"] / people
        if max(abs(low - values["ci_low"]), abs(high - values["ci_high"]), abs(share - values["pct"])) < 0.101:
            return True
    return False


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [*TABLE_FUNCTIONS, "figure_01", "figure_02", "figure_balance"])
def test_every_result_can_be_shown(page, function):
    html = page.show(getattr(participants, function)(page.trial)).html
    assert "Synthetic, calibrated to published figures" in html and "nan" not in html.lower().split("base64")[0]


@pytest.mark.parametrize("function", SENTENCES)
def test_every_sentence_can_be_said(page, function):
    text = page.say(getattr(participants, function)(page.trial)).text
    assert text and "{" not in text and "nan" not in text.lower()


def test_a_study_with_the_required_tables_only_can_be_shown(tmp_path):
    for name in ("study.yml", *(f"{table}.csv" for table in FEW)):
        shutil.copy(HANDMADE / name, tmp_path)
    page = Page("participants", study=tmp_path)
    for function in (*TABLE_FUNCTIONS, "figure_01", "figure_02", "figure_balance"):
        page.show(getattr(participants, function)(page.trial))
    for function in SENTENCES:
        page.say(getattr(participants, function)(page.trial))


def test_sentences_about_sex_turn_with_the_data(bundled):
    assert participants.women(bundled).direction == "higher"
    people = bundled.tables["participants"]["sex"]
    swapped = people.map({"woman": "man", "man": "woman"})
    assert participants.women(with_values(bundled, "participants", sex=swapped)).direction == "lower"
    even = pd.Series(np.where(np.arange(len(people)) % 2, "woman", "man"))
    assert participants.women(with_values(bundled, "participants", sex=even)).direction == "unclear"


@pytest.mark.parametrize(("answer", "direction"), [(0.0, "lower"), (2.0, "higher")])
def test_sentences_about_symptoms_turn_with_the_data(bundled, answer, direction):
    items = [name for name in TABLES["questionnaires"].columns if name.startswith("hads_")]
    varied = pd.Series(np.where(np.arange(len(bundled.tables["questionnaires"])) % 3, answer, 1.0))
    changed = with_values(bundled, "questionnaires", **dict.fromkeys(items, varied))
    assert participants.symptoms(changed, "anxiety").direction == direction


def test_sentence_about_the_arms_turns_with_the_data(bundled):
    arms = bundled.tables["participants"]["arm"]
    assert participants.allocation(bundled).direction == "higher"
    swapped = arms.map({"sfj": "control", "control": "sfj"})
    assert participants.allocation(with_values(bundled, "participants", arm=swapped)).direction == "lower"


def test_allocation_ratio_is_said_only_where_it_was_uneven(bundled):
    (sentence,) = participants.allocation_phases(bundled)
    assert sentence.values["treatment"].value == 2 and sentence.values["control"].value == 1
    even = replace(bundled.study, allocation_phases=bundled.study.allocation_phases[1:])
    assert participants.allocation_phases(replace(bundled, study=even)) == []


def test_balance_is_the_difference_of_the_arms(bundled):
    found = balance(bundled).set_index("outcome")
    people = bundled.people
    women = people["sex"].eq("woman").groupby(people["arm"]).mean()
    assert np.sign(found.loc["woman", "estimate"]) == np.sign(women["sfj"] - women["control"])
    assert ((found["conf_low"] < found["estimate"]) & (found["estimate"] < found["conf_high"])).all()


def test_unlike_arms_are_reported_as_unlike(bundled):
    answers = bundled.tables["questionnaires"]
    arm = answers["participant_id"].map(bundled.people.set_index("participant_id")["arm"])
    shifted = answers["health_ladder"].mask(arm.eq("sfj"), answers["health_ladder"] // 3)
    assert "health_ladder" in significant(balance(with_values(bundled, "questionnaires", health_ladder=shifted)))


def test_reference_reading_lists_what_differs_and_nothing_else(bundled):
    differing = significant(representativeness(bundled))
    sentences = participants.reference_reading(bundled)
    assert len(sentences) == 1 + len(differing)
    assert [sentence.values["row"].key for sentence in sentences[1:]] == differing


def test_reference_group_like_the_participants_is_reported_as_alike(bundled):
    people = bundled.people
    columns = [question.variable for question in STUDY_QUESTIONS if question.variable != "age_group"]
    columns += ["years_in_occupation", "years_with_mental_complaints", "age"]
    answers = bundled.tables["questionnaires"].query("wave == 0").set_index("participant_id")
    items = [name for name in TABLES["reference_group"].columns if name[:4] in ("hads", "shc_")]
    same = people[["participant_id", *columns]].merge(answers[items].reset_index(), on="participant_id")
    same = same.rename(columns={"participant_id": "person_id"})
    copied = replace(bundled, tables={**bundled.tables, "reference_group": same})
    assert [sentence.key for sentence in participants.reference_reading(copied)] == ["reference_alike"]


def test_shift_of_limits_is_the_distance_to_wilson(bundled):
    assert 0 < largest_shift(bundled) < 2


def test_all_questions_of_table_02_are_answers_of_the_contract():
    for question in (*QUESTIONS, *STUDY_QUESTIONS):
        if question.variable in TABLES["background"].columns:
            allowed = TABLES["background"].columns[question.variable].checks[0].statistics["allowed_values"]
            assert set(question.answers) <= set(allowed)


def test_tables_name_published_rows(bundled):
    for function in TABLE_FUNCTIONS[:-1]:
        table = getattr(participants, function)(bundled)
        printed = set(PUBLISHED.loc[PUBLISHED["source"] == table.name, "row"])
        assert printed, table.name
        assert set(table.cells["row"]) <= printed


def test_counts_of_formulas_support_the_method_note():
    found = numbers(participants.interval_formulas())
    for block in ("table_02", "table_05_study_population"):
        others = max(found[name, block, "n"] for name in ("clopper_pearson", "agresti_coull", "logit"))
        assert found["wald", block, "n"] > 0.7 * found["printed_shares", block, "n"] > others
    ordinary = "table_05_ordinary_sfj"
    assert found["wilson", ordinary, "n"] > 0.8 * found["printed_shares", ordinary, "n"]
    assert found["wald", ordinary, "n"] == 0
    assert found["wald_or_wilson", "table_02", "n"] >= found["wald", "table_02", "n"] + 8
