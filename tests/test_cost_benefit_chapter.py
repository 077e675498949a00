"""The cost-benefit chapter: ten people by hand, printed tables, scenarios that move as they must, words that turn."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from analysis.chapters.cost_benefit.printed_amounts import amounts_that_do_not_follow, corrected_net_value

from analysis.chapters import cost_benefit
from analysis.chapters.cost_benefit.evaluation import POPULATIONS, arm_sample, members_of
from analysis.frames.trial import open_trial
from analysis.show.page import Page
from analysis.show.prose import round_half_up, write
from analysis.show.tables import Table
from analysis.study.settings import EconomicInput

HANDMADE = Path(__file__).parent / "handmade"
PUBLISHED = pd.read_csv(Path(__file__).parent.parent / "data" / "sfj" / "published" / "cells.csv")
# What a small study may consist of: people, their answers and their registers.
FEW = ("screening", "participants", "questionnaires", "benefit_spells", "job_spells")
TABLES = ("table_19", "table_19_settings", "table_20", "table_20_consultations", "table_21", "table_22",
          "table_22_settings", "text_5_2", "text_5_2_measures", "text_5_3", "inputs_table", "measure_costs",
          "scenario_table", "printed_amounts_table")  # fmt: skip
SENTENCES = ("people_in", "missing", "net_value", "extra_cost", "break_even", "break_even_years", "measures",
             "without_other_measures", "three_best_centres", "printed_slips", "as_printed", "title",
             "interval")  # fmt: skip


@pytest.fixture(scope="module")
def by_hand():
    return open_trial(HANDMADE)


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


def numbers(table: Table) -> dict:
    return table.cells.set_index(["row", "column", "statistic"])["value"].to_dict()


def with_input(trial, **inputs):
    """The trial with other economic inputs."""
    changed = {
        name: EconomicInput(value=value, unit="as before", price_year=None, source="changed in a test")
        for name, value in inputs.items()
    }
    return replace(trial, study=replace(trial.study, economics={**trial.study.economics, **changed}))


# --- ten people by hand -------------------------------------------------------------------------------------------


def test_measures_by_hand(by_hand):
    """Control: 3 + 1 + 12 months; SFJ: supported employment of P0003 starts too early, that of P0005 in month 12."""
    rates = by_hand.study.economics["measure_monthly_rate"].value
    found = numbers(cost_benefit.text_5_2_measures(by_hand))
    assert found["measures_started", "control", "n"] == 3
    assert found["recipients", "control", "n"] == 2
    assert found["measures_started", "sfj", "n"] == 1
    control = 3 * rates["work_practice_ordinary"] + rates["clarification_avklaring"] + 12 * rates["education"]
    assert found["mean_cost_other_nav_measures", "control", "nok"] == pytest.approx(control / 5)
    assert found["mean_cost_given_any_measure", "control", "nok"] == pytest.approx(control / 2)
    own = 6 * rates["supported_employment_arbeid_med_bistand"]
    assert found["mean_cost_other_nav_measures", "sfj", "nok"] == pytest.approx(own / 5)


def test_services_by_hand(by_hand):
    """Control at 6 months: P0002 with 5 visits to the GP and P0008 with none; 4 and 10 to the physiotherapist."""
    shares = numbers(cost_benefit.table_20(by_hand))
    means = numbers(cost_benefit.table_20_consultations(by_hand))
    assert shares["general_practitioner", "6m_control", "pct"] == 50
    assert shares["number", "6m_control", "n"] == 2
    assert means["consultations_general_practitioner", "6m_control", "mean"] == 2.5
    assert means["consultations_physiotherapist", "6m_control", "mean"] == 7
    # At 12 months P0002 saw a psychologist an unknown number of times: only P0004 counts, with none.
    assert means["consultations_psychologist_plus_dps", "12m_control", "mean"] == 0
    assert shares["psychologist", "12m_control", "pct"] == 50


def test_costs_by_hand(by_hand):
    fees = by_hand.study.economics["consultation_fee"].value
    found = numbers(cost_benefit.table_21(by_hand))
    assert found["consultations_gp", "control", "nok"] == pytest.approx((2.5 + 4.5) * fees["general_practitioner"])
    assert found["consultations_physiotherapist", "control", "nok"] == pytest.approx(7 * fees["physiotherapist"])
    counted = (
        "sfj_centre",
        "job_consultant",
        "other_nav_measures",
        "consultations_gp",
        "consultations_physiotherapist",
        "consultations_chiropractor",
    )
    # Psychologists outside the programme are left out.
    assert found["sum", "sfj", "nok"] == pytest.approx(sum(found[row, "sfj", "nok"] for row in counted))


# --- the bundled trial against the print --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "source"), [("table_19", "table_19"), ("table_20", "table_20"), ("table_20_consultations", "table_20")]
)
def test_tables_of_use_are_the_printed_ones(bundled, function, source):
    printed = PUBLISHED[PUBLISHED["source"] == source].set_index(["row", "column", "statistic"])
    found = numbers(getattr(cost_benefit, function)(bundled))
    wrong = [
        key
        for key, value in found.items()
        if key in printed.index and round_half_up(value, printed.loc[key, "decimals"]) != printed.loc[key, "value"]
    ]
    assert wrong == []
    assert sum(key in printed.index for key in found) >= 16


def test_effects_and_mean_costs_are_the_printed_ones(bundled):
    scenario = cost_benefit.evaluate(bundled).scenario
    assert (round(scenario.effect_full, 3), round(scenario.effect_partial, 3)) == (0.044, 0.024)
    found = numbers(cost_benefit.table_21(bundled))
    assert [round(found["other_nav_measures", arm, "nok"]) for arm in ("sfj", "control")] == [7182, 10780]
    assert round(found["sfj_centre", "sfj", "nok"]) == 22265


def test_four_printed_amounts_do_not_follow(bundled):
    assert amounts_that_do_not_follow(bundled) == ["W_t_external", "F_t_external", "U_t_external", "job_consultant"]
    assert corrected_net_value(bundled) == pytest.approx(-3602, abs=1)


# --- how the evaluation must behave -------------------------------------------------------------------------------


def test_internal_evaluation_holds_its_statuses_only(bundled):
    people = bundled.people.set_index("participant_id")
    inside = members_of(bundled, cost_benefit.INTERNAL)
    outside = people.drop(index=inside)["status_at_inclusion"]
    assert set(outside) == {
        "job_no_benefits",
        "sick_listed_full",
        "sick_listed_graded",
        "disability_pension_graded",
        "nav_follow_up_without_benefits",
    }
    assert set(people.loc[inside, "status_at_inclusion"]) <= {
        "aap",
        "aap_and_job",
        "unemployment_benefit_individual_allowance",
        "no_job_no_benefit",
    }


def test_printed_income_of_the_subgroup_leaves_out_nav_follow_up():
    """With the 22 followed up by NAV even all income of the “other” group would not reach the printed mean."""
    a1 = PUBLISHED[PUBLISHED["source"] == "table_A1"].set_index(["row", "column", "statistic"])["value"]
    income = {group: a1["income_year_before_inclusion_1000nok", group, "mean"] for group in ("aap", "other")}
    n = {group: a1["number", group, "n"] for group in ("aap", "other")}
    largest_sum = income["aap"] * n["aap"] + income["other"] * n["other"]
    printed = 252.191
    assert largest_sum / (n["aap"] + 67) > printed  # unemployment 26, no job or benefit 41
    assert largest_sum / (n["aap"] + 67 + 22) < printed


def test_components_add_up_to_the_net_present_value(bundled):
    frame = cost_benefit.npv_components(bundled).frame
    for population in POPULATIONS:
        own = frame[frame["population"] == population].set_index("row")["estimate"]
        assert own.drop("net_present_value").sum() == pytest.approx(own["net_present_value"])
        result = cost_benefit.evaluate(bundled, population).result
        assert own["net_present_value"] == pytest.approx(result.per_person)


def test_scenarios_move_as_they_must(bundled):
    table = numbers(cost_benefit.scenario_table(bundled))
    worth = {row: value for (row, column, _), value in table.items() if column == "npv_per_person"}
    assert worth["full_job_only"] < worth["as_published"] < worth["two_years"] < worth["five_years"]
    assert worth["no_other_measures"] > worth["as_published"] > worth["psychologists_of_sfj_counted"]
    costs = cost_benefit.evaluate(bundled).costs
    saved = 1.2 * costs.loc["other_nav_measures", "sfj"]
    assert worth["no_other_measures"] - worth["as_published"] == pytest.approx(saved)


def test_best_centres_are_best(bundled):
    names, effects = cost_benefit.best_centres(bundled)
    full = effects.set_index("outcome").loc["full_job", "estimate"]
    assert len(set(names)) == 3
    assert full > cost_benefit.evaluate(bundled).scenario.effect_full


def test_bootstrap_leaves_out_psychologists_of_the_treated_only(bundled):
    treated, control = (arm_sample(bundled, cost_benefit.EXTERNAL, arm) for arm in ("sfj", "control"))
    assert (treated.service_cost.shape, control.service_cost.shape) == ((630, 6), (563, 8))
    assert treated.work.shape[1] == 7


def test_interval_surrounds_the_estimate_and_repeats(bundled):
    row = cost_benefit.net_value_interval(bundled, draws=300, seed=5).iloc[0]
    again = cost_benefit.net_value_interval(open_trial(), draws=300, seed=5).iloc[0]
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert row["conf_low"] == again["conf_low"]
    assert row["estimate"] == pytest.approx(cost_benefit.evaluate(bundled).result.per_person)


# --- words --------------------------------------------------------------------------------------------------------


def test_words_turn_when_the_programme_costs_little(bundled):
    cheap = with_input(bundled, centre_appropriation=1000, job_consultant_months=0)
    assert cost_benefit.net_value(bundled).direction == "lower"
    assert cost_benefit.net_value(cheap).direction == "higher"
    assert cost_benefit.title(cheap, draws=200).direction == "higher"
    dear = with_input(bundled, centre_appropriation=60_000_000)
    assert cost_benefit.title(dear, draws=200).direction == "lower"
    page = Page("cost_benefit")
    texts = [write(cost_benefit.net_value(trial), "cost_benefit", page.catalogue) for trial in (bundled, cheap)]
    assert "a loss of NOK" in texts[0] and "a gain of NOK" in texts[1]


def test_extra_cost_turns_and_break_even_follows_the_prices(bundled):
    cheap = with_input(bundled, centre_appropriation=1000, job_consultant_months=0)
    assert cost_benefit.extra_cost(bundled).direction == "higher"
    assert cost_benefit.extra_cost(cheap).direction == "lower"
    assert cost_benefit.break_even(bundled).direction == "lower"
    assert cost_benefit.break_even(cheap).direction == "higher"


def test_gains_a_later_year_are_refused(bundled):
    with pytest.raises(ValueError, match="gain_year"):
        cost_benefit.evaluate(with_input(bundled, gain_year=2013))


def text_of(shown):
    """What a reader gets: a table or figure, or the sentence that says why there is none."""
    return getattr(shown, "html", None) or shown.text


@pytest.fixture(params=["bundled", "by_hand", "required_tables_only"])
def page(request, tmp_path):
    """The chapter's page for the bundled trial, for ten people, and for ten people with required tables only."""
    if request.param == "required_tables_only":
        for name in ("study.yml", *(f"{table}.csv" for table in FEW)):
            shutil.copy(HANDMADE / name, tmp_path)
    folder = {"bundled": None, "by_hand": HANDMADE, "required_tables_only": tmp_path}[request.param]
    return Page("cost_benefit", study=folder)


def test_every_table_sentence_and_figure_has_its_words(page):
    for name in TABLES:
        assert text_of(page.show(getattr(cost_benefit, name)(page.trial)))
    for name in SENTENCES:
        assert "{" not in page.say(getattr(cost_benefit, name)(page.trial)).text
    for outcome in ("full_job", "partial_job"):
        assert page.say(cost_benefit.effect(page.trial, outcome)).text
    for name in ("npv_components", "npv_by_effect_and_duration"):
        assert text_of(page.show(getattr(cost_benefit, name)(page.trial)))
    assert text_of(page.show(cost_benefit.uncertainty_table(page.trial, draws=100)))


def test_effects_on_shares_are_told_in_percentage_points(bundled):
    catalogue = Page("cost_benefit").catalogue
    for sentence in (cost_benefit.break_even(bundled), cost_benefit.three_best_centres(bundled)):
        text = write(sentence, "cost_benefit", catalogue)
        assert "percentage points" in text and "%" not in text
    headings = text_of(Page("cost_benefit").show(cost_benefit.scenario_table(bundled))).split("</thead>")[0]
    assert "Percentage points" in headings and "%" not in headings
