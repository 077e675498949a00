"""The participants chapter: tables by hand, printed figures, words that turn with the data."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.chapters import participants
from analysis.chapters.participants.comparisons import balance, representativeness, significant
from analysis.chapters.participants.inclusion import steepest_rise
from analysis.chapters.participants.questions import QUESTIONS
from analysis.chapters.participants.ways import Way, way_of
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.methods.means import standardised_difference
from analysis.methods.proportions import independence_test, proportion_interval
from analysis.published.keys import centres_in_print
from analysis.published.registry import printed_table, printed_tables
from analysis.show.figures import Figure
from analysis.show.page import Page
from analysis.show.prose import round_half_up
from analysis.show.study_words import study_catalogue
from analysis.show.tables import Table
from analysis.study.contract import TABLES, empty_table
from analysis.study.design import BackgroundColumn, Centre, Horizon
from analysis.study.outcome_rules import Subgroup

HANDMADE = Path(__file__).parent / "handmade"
EXPECTED = yaml.safe_load((HANDMADE / "expected.yml").read_text(encoding="utf-8"))
PUBLISHED = pd.read_csv(Path(__file__).parent.parent / "data" / "sfj" / "published" / "cells.csv")
# Everything that the chapter gives for a trial; what takes estimates is asked through the function that makes them.
FUNCTIONS = {
    name: getattr(participants, name) for name in participants.__all__ if not name.startswith(("answer_", "measure_"))
}
FUNCTIONS["symptoms"] = lambda trial: participants.symptoms(trial, "anxiety")


@pytest.fixture(scope="module")
def by_hand():
    return open_trial(HANDMADE)


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


@pytest.fixture(scope="module", params=["by_hand", "bundled"])
def page(request):
    return Page("participants", study=HANDMADE if request.param == "by_hand" else None)


@pytest.fixture(scope="module")
def unprinted(by_hand):
    """The ten people as a study without a published report."""
    return without_print(by_hand)


def without_print(trial):
    return replace(trial, study=replace(trial.study, as_printed=None), folder=None)


PAGE = Page("participants", study=HANDMADE)


def shown_on(trial, result):
    """The HTML or text in which a page shows a result of a trial that stands in no folder."""
    if PAGE.trial is not trial:
        PAGE.trial, PAGE.catalogue = trial, study_catalogue(trial.study, "en")
    shown = PAGE.say(*result) if isinstance(result, list) else PAGE.show(result)
    return getattr(shown, "html", None) or shown.text


def numbers(table):
    return table.cells.set_index(["row", "column", "statistic"])["value"].to_dict()


def with_values(trial, table, **columns):
    """The trial with whole columns of one table replaced."""
    return replace(trial, tables={**trial.tables, table: trial.tables[table].assign(**columns)})


# --- ten people by hand -------------------------------------------------------------------------------------------


def test_flow_by_hand(by_hand):
    found = participants.flow_figure(by_hand).frame
    trunk = found[found["arm"].isna()].set_index("box")["count"]
    expected = EXPECTED["screening"]
    assert trunk["referred"] == expected["referred"]
    assert trunk["not_eligible"] == expected["not_eligible"] and trunk["no_consent"] == expected["no_consent"]
    assert trunk["randomised"] == expected["included"] + expected["withdrew"]
    analysed = found[found["box"] == "in_analysis"].set_index("arm")["count"]
    assert analysed.to_dict() == {"control": expected["control"], "sfj": expected["sfj"]}


def test_referral_sources_by_hand(by_hand):
    found = numbers(printed_table(by_hand, "text_3"))
    for source, people in EXPECTED["referral_source"].items():
        assert found[f"referral_source_{source}", "total", "n"] == people
    assert found["referral_source_nav", "total", "pct"] == pytest.approx(100 * 4 / 11)


def test_flow_adds_up(bundled):
    found = participants.flow_figure(bundled).frame
    trunk = found[found["arm"].isna()].set_index("box")["count"]
    assert trunk["referred"] - trunk["not_eligible"] - trunk["no_consent"] == trunk["randomised"]
    assert found.loc[found["box"] == "allocated", "count"].sum() == trunk["randomised"]
    assert found.loc[found["box"].isin(["withdrew", "in_analysis"]), "count"].sum() == trunk["randomised"]


def test_inclusion_by_centre_by_hand(by_hand):
    found = numbers(participants.inclusion_by_centre_table(by_hand))
    assert found["oslo", "sfj", "n"] == 2 and found["oslo", "sfj", "pct"] == pytest.approx(40)
    assert found["hordaland", "control", "n"] == 2 and found["total", "total", "n"] == 10


def test_printed_background_by_hand(by_hand):
    found = numbers(participants.background_table(by_hand))
    # The extract counts P0002 among the women, and lacks the education of P0004.
    assert found["sex_woman", "total", "n"] == 7
    assert found["education_upper_secondary", "control", "n"] == 0
    assert np.isnan(found["education_upper_secondary", "control", "pct"])
    assert found["education_primary", "total", "pct"] == pytest.approx(100 * 2 / 8)
    # Marital status is a share of everybody, country of birth of those who answered.
    assert found["marital_unmarried", "total", "pct"] == pytest.approx(20)
    assert found["country_of_birth_norway", "total", "pct"] == pytest.approx(100 * 7 / 9)
    assert found["age_under_30", "total", "n"] == 3 and found["age_over_50", "sfj", "n"] == 1


def test_baseline_means_by_hand(by_hand):
    found = numbers(participants.baseline_means_table(by_hand))
    # Anxiety at inclusion: 7 14 14 8 21 0 7 14 0; P0010 did not answer.
    assert found["hads_anxiety_sum", "total", "mean"] == pytest.approx(85 / 9)
    # Depression: 7 7 - 7 21 0 14 14 21; P0003 left two items open.
    assert found["hads_depression_sum", "total", "mean"] == pytest.approx(91 / 8)
    assert found["years_in_occupation", "sfj", "mean"] == pytest.approx((4 + 0 + 22.5 + 1) / 4)


def test_printed_violence_by_hand(by_hand):
    found = numbers(participants.violence_table(by_hand))
    assert found["violence_been_beaten", "total", "n"] == 1
    assert found["violence_been_beaten", "total", "pct"] == pytest.approx(10)
    low, high = proportion_interval(1, 10, "wald")
    assert found["violence_been_beaten", "total", "ci_low"] == pytest.approx(100 * low)
    assert found["violence_been_beaten", "total", "ci_high"] == pytest.approx(100 * high)


def test_baseline_by_status_by_hand(by_hand):
    found = numbers(participants.baseline_by_status_table(by_hand))
    # In work at inclusion: P0001, P0006 and P0008, all women; incomes of expected.yml.
    assert found["number", "in_work", "n"] == 3 and found["woman", "in_work", "mean"] == 1
    incomes = [418.138425, 459.083851, 77.167915]
    assert found["income_year_before_inclusion_1000nok", "in_work", "mean"] == pytest.approx(np.mean(incomes))
    assert found["income_year_before_inclusion_1000nok", "in_work", "sd"] == pytest.approx(np.std(incomes, ddof=1))


def test_sections_by_hand(by_hand):
    health, work, strain = (numbers(printed_table(by_hand, f"text_3.{section}")) for section in (2, 3, 4))
    assert health["anxiety_above_cutoff", "total", "pct"] == pytest.approx(100 * 5 / 9)
    assert health["sleep_problems", "total", "pct"] == pytest.approx(100 * 4 / 9)
    assert work["self_reported_unemployed", "total", "pct"] == pytest.approx(100 * 3 / 9)
    assert strain["ever_exposed_to_violence", "total", "n"] == 2
    assert strain["no_one_outside_family_to_share_with", "total", "pct"] == pytest.approx(100 * 2 / 9)


def test_inflow_by_hand(by_hand):
    found = numbers(printed_table(by_hand, "text_3.5"))
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
    """Under the names that the report gives the centres there."""
    frame = participants.accumulated_inclusion_figure(bundled).frame
    codes = {place: code for code, place in centres_in_print(bundled, "participants", "accumulated_inclusion").items()}
    assert frame["centre"].iloc[0] == "hordaland"
    for centre, own in frame.assign(centre=frame["centre"].map(codes)).groupby("centre"):
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
    ("source", "misprinted"),
    [("table_01", ()), ("table_02", ("age_",)), ("table_04", ()), ("table_05", ("age_", "marital_divorced_separated"))],
)
def test_printed_counts_are_met(bundled, source, misprinted):
    both = against_print(printed_table(bundled, source), source)
    both = both[(both["statistic"] == "n") & ~(both["row"].str.startswith(misprinted or ("nothing",))
                                               & (both["column"] != "ordinary_sfj"))]  # fmt: skip
    assert len(both) >= 5
    assert both.loc[both["units"] > 0, ["row", "column", "value", "value_computed"]].empty


@pytest.mark.parametrize(
    ("source", "misprinted"),
    [("table_02", ("age_",)), ("table_04", ()), ("table_05", ("age_", "marital_divorced_separated"))],
)
def test_printed_shares_and_intervals_are_met_within_two_units(bundled, source, misprinted):
    """Two units of the last printed decimal: the print mixes denominators of two extracts and rounds twice."""
    both = against_print(printed_table(bundled, source), source)
    known_slips = both["row"].eq("sex_woman") & both["column"].eq("ordinary_sfj") & both["statistic"].eq("ci_high")
    own_column = ~both["row"].str.startswith(misprinted or ("nothing",)) | both["column"].eq("ordinary_sfj")
    both = both[(both["statistic"] != "n") & own_column & ~known_slips]
    assert both.loc[both["units"] > 2.01, ["row", "column", "statistic", "value", "value_computed"]].empty


def test_what_is_left_in_table_02_is_mostly_double_rounding(bundled):
    """Rounded to two decimals first and then to one, nine in ten of the cells outside the age rows are exact."""
    both = against_print(participants.background_table(bundled), "table_02")
    both = both[~both["row"].str.startswith("age_") & (both["statistic"] != "n")]
    twice = [round_half_up(round_half_up(value, 2), 1) for value in both["value_computed"]]
    assert np.mean(np.array(twice) == both["value"].to_numpy()) > 0.9


def test_printed_age_rows_are_the_right_numbers_in_the_wrong_columns(bundled):
    """Print: control under total, SFJ under control, all under SFJ; within a unit of the last decimal."""
    computed = numbers(participants.background_table(bundled))
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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_everything_can_be_shown_and_said(page, name):
    """Of the ten people and of the bundled trial the chapter gives everything, in finished words."""
    result = FUNCTIONS[name](page.trial)
    assert not isinstance(result, Absent)
    if isinstance(result, pd.DataFrame | dict | float):
        return
    shown = page.say(*result) if isinstance(result, list) else page.show(result)
    text = getattr(shown, "html", None) or shown.text
    assert "{" not in text and "nan" not in text.lower().split("base64")[0]
    assert "Synthetic, calibrated to published figures" in text or not hasattr(shown, "html")


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
    columns = [question.variable for question in QUESTIONS if question.variable != "age_group"]
    columns += ["years_in_occupation", "years_with_mental_complaints", "age"]
    answers = bundled.tables["questionnaires"].query("wave == 0").set_index("participant_id")
    items = [name for name in TABLES["reference_group"].columns if name[:4] in ("hads", "shc_")]
    same = people[["participant_id", *columns]].merge(answers[items].reset_index(), on="participant_id")
    same = same.rename(columns={"participant_id": "person_id"})
    copied = replace(bundled, tables={**bundled.tables, "reference_group": same})
    assert [sentence.key for sentence in participants.reference_reading(copied)] == ["reference_alike"]


def test_shift_of_limits_is_the_distance_to_wilson(bundled):
    assert 0 < participants.largest_shift(bundled) < 2


def test_all_answers_are_answers_of_the_contract():
    for question in QUESTIONS:
        if question.answers and question.variable in TABLES["background"].columns:
            allowed = TABLES["background"].columns[question.variable].checks[0].statistics["allowed_values"]
            assert set(question.answers) <= set(allowed)


def test_tables_name_published_rows(bundled):
    tables = list(printed_tables(bundled, "participants"))
    assert len(tables) == 14
    for table in tables:
        printed = set(PUBLISHED.loc[PUBLISHED["source"] == table.name, "row"])
        assert printed, table.name
        assert set(table.cells["row"]) <= printed


def test_counts_of_formulas_support_the_method_note(bundled):
    found = numbers(printed_table(bundled, "interval_formulas"))
    for block in ("table_02", "table_05_study_population"):
        others = max(found[name, block, "n"] for name in ("clopper_pearson", "agresti_coull", "logit"))
        assert found["wald", block, "n"] > 0.7 * found["printed_shares", block, "n"] > others
    ordinary = "table_05_ordinary_sfj"
    assert found["wilson", ordinary, "n"] > 0.8 * found["printed_shares", ordinary, "n"]
    assert found["wald", ordinary, "n"] == 0
    assert found["wald_or_wilson", "table_02", "n"] >= found["wald", "table_02", "n"] + 8


# --- the general rule, and a print's own ways -----------------------------------------------------------------------


def cells_of(table, *rows):
    return {key: value for key, value in numbers(table).items() if key[0] in rows}


def test_without_a_print_shares_are_of_those_who_answered_with_wilsons_interval(unprinted):
    """P0007 answered no background question; the number who answered, which is shown, is the denominator."""
    found = numbers(participants.background_table(unprinted))
    assert found["marital_unmarried", "total", "n"] == 2 and found["marital_unmarried", "total", "answered"] == 9
    low, high = proportion_interval(2, 9, "wilson")
    expected = {"pct": 200 / 9, "ci_low": 100 * low, "ci_high": 100 * high}
    assert {name: found["marital_unmarried", "total", name] for name in expected} == pytest.approx(expected)
    assert found["sex_woman", "total", "n"] == 6
    assert found["self_reported_status_unemployed", "total", "answered"] == 8


def test_without_a_print_a_share_of_nobody_is_nought_with_an_interval(unprinted):
    found = numbers(participants.background_table(unprinted))
    row = ("self_rated_health_very_good", "sfj")
    assert (found[*row, "n"], found[*row, "pct"], found[*row, "ci_low"]) == (0, 0, 0) and found[*row, "ci_high"] > 30


def test_without_a_print_who_was_never_exposed_counts_among_those_who_answered_on_violence(unprinted):
    """Eight answered whether they were exposed, one of them has been beaten."""
    found = cells_of(participants.violence_table(unprinted), "violence_been_beaten")
    low, high = proportion_interval(1, 8, "wilson")
    expected = {"n": 1, "answered": 8, "pct": 100 / 8, "ci_low": 100 * low, "ci_high": 100 * high}
    assert {statistic: value for (_, _, statistic), value in found.items()} == pytest.approx(expected)


def test_without_a_print_the_analyst_chooses_the_interval(unprinted):
    shares = participants.background_shares(unprinted, interval="clopper_pearson", conf_level=0.9)
    found = shares.set_index(["outcome", "contrast"]).loc[("sex_woman", "total")]
    assert (found["conf_low"], found["conf_high"]) == proportion_interval(6, 10, "clopper_pearson", 0.9)
    assert "90% CI" in shown_on(unprinted, participants.background_table(unprinted, shares))


def alike(trial, treatment, control):
    """The trial with arms of these codes whose people gave the same answers: five each, three of whom answered."""
    table = trial.tables["participants"]
    answered = pd.Series(["cohabiting", "cohabiting", "unmarried", None, None] * 2)
    health = answered.map({"cohabiting": "poor", "unmarried": "fair"})
    background = table[["participant_id"]].merge(trial.tables["background"], on="participant_id", how="left")
    tables = {
        **trial.tables,
        "participants": table.assign(arm=[treatment] * 5 + [control] * 5),
        "background": background.assign(marital_status=answered, self_rated_health=health),
        "extract_differences": empty_table(TABLES["extract_differences"]),
    }
    arms = [replace(arm, code=treatment if arm.role == "treatment" else control) for arm in trial.study.arms]
    return replace(trial, tables=tables, study=replace(trial.study, arms=tuple(arms), allocation_phases=()))


@pytest.mark.parametrize(
    ("treatment", "control"), [("ips", "control"), ("ips", "tau"), ("sfj", "control"), ("control", "sfj")]
)
def test_arms_with_the_same_answers_have_the_same_cells_whatever_their_codes(unprinted, treatment, control):
    """Ways of a print keyed on the code of an arm once leaked into other studies: 40.0 beside 20.0 per cent."""
    rows = ("marital_cohabiting", "self_rated_health_poor")
    found = cells_of(participants.background_table(alike(unprinted, treatment, control)), *rows)
    arms = [{key: value for key, value in found.items() if key[1] == arm} for arm in (treatment, control)]
    assert list(arms[0].values()) == pytest.approx(list(arms[1].values())) and len(arms[0]) == 10
    assert found["marital_cohabiting", treatment, "pct"] == pytest.approx(200 / 3)


def test_ways_of_a_print_follow_the_role_of_an_arm_and_not_its_code(by_hand):
    """The print took the cohabiting of its control arm of those who answered, of the treatment arm of everybody."""
    for treatment, control in (("sfj", "control"), ("new", "tau"), ("control", "sfj")):
        found = numbers(participants.background_table(alike(by_hand, treatment, control)))
        assert found["marital_cohabiting", treatment, "pct"] == pytest.approx(40)
        assert found["marital_cohabiting", control, "pct"] == pytest.approx(200 / 3)


def test_ways_of_a_print_hold_for_its_own_study_alone(tmp_path):
    """A study begun as a copy of another one's folder, under a name of its own, follows the general rule."""
    folder = shutil.copytree(HANDMADE, tmp_path / "copy")
    printed = folder / "as_printed.yml"
    printed.write_text("study: handmade\n" + printed.read_text(encoding="utf-8"), encoding="utf-8")
    assert open_trial(folder).study.as_printed is not None
    settings = folder / "study.yml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("name: handmade", "name: other"), encoding="utf-8")
    trial = open_trial(folder)
    assert trial.study.as_printed is None
    assert numbers(participants.background_table(trial))["marital_unmarried", "total", "answered"] == 9


def test_a_rule_further_down_goes_before_those_above_it():
    rules = [{"interval": "wald"}, {"rows": ["a"], "columns": ["control"], "of": "everyone", "interval": "wilson"}]
    assert way_of(rules, Way(), questions="q", rows="a", columns="control") == Way("everyone", "wilson")
    assert way_of(rules, Way(), questions="q", rows="a", columns="total").interval == "wald"


@pytest.mark.parametrize("rule", [{"intervall": "wald"}, {"of": "all"}])
def test_a_rule_that_says_nothing_known_is_refused(rule):
    with pytest.raises(ValueError, match=r"as_printed.yml, participants: rule 1 of `cells`"):
        way_of([rule], Way(), questions="q", rows="a", columns="total")


# --- what a study may lack ------------------------------------------------------------------------------------------


def with_study(trial, **settings):
    return replace(trial, study=replace(trial.study, **settings))


def without_column(trial, table, *columns):
    frame = trial.tables[table]
    return with_values(
        trial, table, **{name: empty_table(TABLES[table])[name].reindex(frame.index) for name in columns}
    )


def with_centres(trial, number):
    """The ten people at so many centres."""
    codes = [f"place_{1 + person % number}" for person in range(10)]
    centres = tuple(Centre(code, code.replace("_", " ")) for code in dict.fromkeys(codes))
    return with_study(with_values(trial, "participants", centre=codes), centres=centres)


def with_waves(trial, *waves):
    """The answers of the first waves as those of other ones; further waves are gone."""
    frame = trial.tables["questionnaires"]
    known = dict(zip((0, 6, 12), waves, strict=False))
    kept = frame[frame["wave"].isin(list(known))].reset_index(drop=True)
    kept = kept.assign(wave=kept["wave"].map(known).astype(frame["wave"].dtype))
    return with_study(replace(trial, tables={**trial.tables, "questionnaires": kept}), waves=waves)


def alone(trial):
    tables = {
        name: frame[frame["participant_id"].eq("P0001")].reset_index(drop=True) if "participant_id" in frame else frame
        for name, frame in trial.tables.items()
    }
    return replace(trial, tables=tables)


LACKING = {
    **{f"no {name}": lambda trial, name=name: replace(trial, tables={**trial.tables, name: empty_table(TABLES[name])})
       for name in ("screening", "background", "questionnaires", "reference_group", "benefit_spells", "income")},
    **{f"no {name}": lambda trial, name=name: with_study(
        trial, instruments={other: rule for other, rule in trial.study.instruments.items() if other != name})
       for name in ("hads", "shc")},
    **{f"no answers on {name}": lambda trial, name=name: without_column(trial, "background", name)
       for name in ("education", "sleep_quality", "work_situation", "sick_leave_reason", "violence_any",
                    "violence_regular", "bullied_at_work", "support_in_family", "self_reported_status")},
    "no sex": lambda trial: without_column(trial, "participants", "sex"),
    "no birth dates": lambda trial: without_column(trial, "participants", "birth_date"),
    "no arms": lambda trial: with_study(without_column(trial, "participants", "arm"), arms=(), allocation_phases=()),
    "one arm": lambda trial: with_study(trial, arms=trial.study.arms[:1], allocation_phases=()),
    "no phases": lambda trial: with_study(trial, allocation_phases=()),
    "no centres": lambda trial: with_study(without_column(trial, "participants", "centre"), centres=()),
    "one centre": lambda trial: with_centres(trial, 1),
    "ten centres": lambda trial: with_centres(trial, 10),
    "no waves": lambda trial: with_waves(trial),
    "waves 0, 4, 24": lambda trial: with_waves(trial, 0, 4, 24),
    "no registers": lambda trial: with_study(trial, horizon=None, dates=None, primary=None, late_window=None),
    "horizon 6": lambda trial: with_study(trial, horizon=Horizon(0, 6), primary=None, late_window=None),
    "one person": alone,
    "nobody": lambda trial: replace(trial, tables={name: frame.iloc[:0] for name, frame in trial.tables.items()}),
    "people alone": lambda trial: with_study(
        replace(trial, tables={name: frame if name == "participants" else empty_table(TABLES[name])
                               for name, frame in trial.tables.items()}),
        instruments={}, economics={}, centres=(), waves=(), horizon=None, dates=None, allocation_phases=()),
}  # fmt: skip
# What takes the estimates that another function makes.
MADE_FROM = {
    "background_table": "background_shares", "reference_background_table": "reference_shares",
    "balance_figure": "balance", "balance_reading": "balance", "representativeness_table": "representativeness",
    "reference_reading": "representativeness",
}  # fmt: skip
# Tables and pictures take their time, so they are shown where the lacking thing changes what they must show.
DRAWN = {"no screening", "no background", "no arms", "no centres", "one centre", "ten centres", "one person",
         "waves 0, 4, 24", "people alone"}  # fmt: skip


@pytest.fixture(scope="module")
def results(unprinted):
    """What the chapter gives for a study that lacks something, by the name of the function; worked out once."""
    known = {}

    def of(lacking):
        if lacking not in known:
            trial = LACKING[lacking](unprinted)
            made = {name: FUNCTIONS[name](trial) for name in sorted(set(FUNCTIONS) - set(MADE_FROM))}
            made |= {name: FUNCTIONS[name](trial, made[source]) for name, source in MADE_FROM.items()}
            known[lacking] = trial, made
        return known[lacking]

    return of


@pytest.mark.parametrize("lacking", LACKING)
def test_whatever_a_study_lacks_every_result_is_there_or_absent_and_no_sentence_is_about_nothing(results, lacking):
    trial, found = results(lacking)
    for name, result in found.items():
        slow = isinstance(result, Table | Figure) and lacking not in DRAWN
        if slow or isinstance(result, pd.DataFrame | dict | float):
            continue
        text = shown_on(trial, result)
        assert "nan" not in text.lower().split("base64")[0], name
        if not isinstance(result, Table | Figure):
            assert not re.search(r"[{}–]", text), (name, text)
            assert "*Not in this study: it would need" in text or not isinstance(result, Absent)


@pytest.mark.parametrize(
    ("lacking", "absent"),
    [
        ("no hads", {"symptoms"}),
        ("no sex", {"women"}),
        ("no birth dates", {"age"}),
        ("no screening", {"referral"}),
        ("no reference_group", {"reference_answers", "reference_shares", "reference_background_table",
                                "reference_measures", "reference_means_table", "representativeness",
                                "representativeness_table", "reference_reading"}),
        ("no arms", {"allocation", "allocation_phases", "balance", "balance_figure", "balance_reading"}),
        ("one arm", {"allocation", "allocation_phases", "balance", "balance_figure", "balance_reading"}),
        ("no centres", {"inclusion_by_centre_table"}),
        ("no registers", {"baseline_by_status_table"}),
        ("no benefit_spells", {"baseline_by_status_table"}),
        ("no questionnaires", {"symptoms"}),
        ("no answers on violence_any", {"violence_answers", "violence_table"}),
        ("no answers on education", {"education"}),
    ],
)  # fmt: skip
def test_only_what_needs_the_missing_thing_is_absent(results, lacking, absent):
    lost = {name for name, result in results(lacking)[1].items() if isinstance(result, Absent)}
    assert lost == absent | {"interval_choice", "largest_shift"}


def test_a_reason_that_nobody_had_is_not_told_of(unprinted):
    log = unprinted.tables["screening"]

    def flow_of(*outcomes, trial=unprinted):
        kept = log[log["outcome"].isin(["included", *outcomes])]
        return participants.flow(replace(trial, tables={**trial.tables, "screening": kept}))

    assert shown_on(unprinted, flow_of()).startswith("None of the ")
    assert re.search(r"trial, [1-9]\d* did not consent\. The", shown_on(unprinted, flow_of("no_consent")))
    assert "did not" not in shown_on(unprinted, flow_of("withdrew"))
    # Beside a number of a few people, which is not told, a reason that is missing would tell it.
    protected = replace(unprinted, study=replace(unprinted.study, disclosure="protected"))
    assert 0 < (log["outcome"] == "no_consent").sum() < protected.study.smallest_group
    assert len(flow_of("no_consent", trial=protected).values["left"]) > len(flow_of("no_consent").values["left"]) == 1


def test_without_a_screening_log_the_flow_begins_with_inclusion(unprinted):
    trial = LACKING["no screening"](unprinted)
    found = participants.flow_counts(trial).set_index(["box", "arm"])["count"]
    assert found.droplevel("arm").to_dict() == {"included": 10, "in_analysis": 5}
    assert participants.flow(trial).key == "flow_from_inclusion"
    assert "5 drawn to Senter for jobbmestring (SFJ)" in shown_on(trial, participants.flow(trial))


def test_recruitment_is_not_said_to_be_steady_where_there_are_no_phases_to_compare(unprinted):
    assert participants.inflow(LACKING["no phases"](unprinted)).key == "inflow_in_all"


def test_sources_of_nobody_are_not_named(unprinted):
    sources = unprinted.tables["screening"]["referral_source"]
    nav_alone = with_values(unprinted, "screening", referral_source=sources.where(sources.eq("nav")))
    assert shown_on(nav_alone, participants.referral(nav_alone)).endswith("through NAV (100.0%).")


def test_no_difference_at_the_level_is_no_likeness(unprinted):
    """With the arms' answers the same nothing differs, which is told by counts and not as "alike"."""
    trial = alike(unprinted, "sfj", "control")
    born = pd.to_datetime(["1980-01-01", "1970-01-01", "1990-01-01", "1985-01-01", "1960-01-01"] * 2)
    bare = LACKING["people alone"](trial)
    bare = with_values(bare, "participants", birth_date=born, included_on=pd.Timestamp("2011-01-01"),
                       sex=["woman", "man", "woman", "man", "woman"] * 2)  # fmt: skip
    sentence = participants.balance_reading(bare)
    assert sentence.direction == "lower"
    assert "alike" not in shown_on(bare, sentence)


# --- what a study adds of its own ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_own(unprinted):
    """The ten people with three columns and two subgroups of the study's own."""
    label = {"en": "Severity of illness"}
    columns = {
        "severity": BackgroundColumn(
            "Severity", values={"severe": {"en": "Severe"}, "mild": {"en": "Mild"}}, label=label
        ),
        "schooling": BackgroundColumn("Completed school", kind="flag", label={"en": "School completed"}),
        "distance": BackgroundColumn("Kilometres to the centre", kind="number"),
    }
    subgroups = (
        Subgroup("young", "age", {"en": "By age"}, cuts=(30,),
                 labels={"under_30": {"en": "Below thirty"}, "from_30": {"en": "Thirty and above"}}),
        Subgroup("severity", "severity", label, labels={"severe": {"en": "Severe"}, "mild": {"en": "Mild"}}),
    )  # fmt: skip
    trial = with_study(unprinted, columns=columns, subgroups=subgroups)
    people = trial.tables["participants"]["participant_id"]
    background = (
        trial.tables["background"]
        .merge(people, on="participant_id", how="right")
        .assign(
            severity=["severe", "mild"] * 5,
            schooling=pd.array([True, False, None, True, True, False, True, True, True, True], dtype="boolean"),
            distance=np.arange(10.0),
        )
    )
    return replace(trial, tables={**trial.tables, "background": background})


def test_own_columns_and_subgroups_stand_in_the_background_table_after_the_questions(with_own):
    table = participants.background_table(with_own)
    found = numbers(table)
    assert found["severity_severe", "total", "n"] == 5
    assert (found["schooling", "total", "n"], found["schooling", "total", "answered"]) == (7, 9)
    assert found["group_young_under_30", "total", "n"] == (with_own.people["age"] < 30).sum() == 3
    assert list(table.rows)[-3:] == ["severity", None, "group_young"]
    assert "group_severity" not in table.rows  # the same people as the column's own rows
    html = shown_on(with_own, table)
    assert all(words in html for words in ("Severity of illness", "School completed", "By age", "Below thirty"))


def test_own_numbers_stand_among_the_means_of_the_background(with_own):
    assert numbers(participants.background_means_table(with_own))["distance", "total", "mean"] == pytest.approx(4.5)
    assert "Kilometres to the centre" in shown_on(with_own, participants.background_means_table(with_own))


def test_arms_are_compared_in_own_columns_too(with_own):
    found = balance(with_own).set_index("outcome")
    assert {"severity_severe", "schooling", "distance"} <= set(found.index) and "severity_mild" not in found.index
    assert found.loc["schooling", ["n_treated", "n_control"]].sum() == 9


def test_women_are_counted_once(bundled):
    """The sentence, the key number and Table 2 give the same number of women."""
    cells = participants.background_table(bundled).cells.set_index(["row", "column", "statistic"])["value"]
    assert participants.women(bundled).values["n"].value == cells["sex_woman", "total", "n"] == 802
    share = participants.key_numbers(bundled)["women_pct"]
    assert share == pytest.approx(participants.women(bundled).values["share"].value)


def test_an_imbalance_is_said_where_more_differs_than_drawing_lots_gives(bundled):
    """4 of 15 characteristics have p below 0.05: the arms are not called alike."""
    found = participants.balance_reading(bundled)
    assert (found.values["differing"].value, found.values["tests"].value) == (4, 15)
    assert found.direction == "higher"
