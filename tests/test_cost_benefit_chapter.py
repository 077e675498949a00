"""The cost-benefit chapter: ten people by hand, printed tables, scenarios that move as they must, words that turn."""

import re
import shutil
from dataclasses import replace
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.as_printed.sfj.printed_amounts import EXTERNAL, INTERNAL
from analysis.chapters import cost_benefit
from analysis.chapters.cost_benefit import pictures
from analysis.chapters.cost_benefit.evaluation import RESOURCE_INPUTS, members_of, populations
from analysis.chapters.cost_benefit.resampling import arm_sample
from analysis.chapters.cost_benefit.tables import years_until_it_pays
from analysis.chapters.cost_benefit.wording import HUNDREDS, rounding
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.methods.cost_benefit import discounted_years
from analysis.published.registry import printed_table, printed_tables
from analysis.show.page import Page
from analysis.show.prose import Sentence, round_half_up, write
from analysis.show.study_words import study_catalogue
from analysis.show.table_html import to_html
from analysis.show.tables import Table
from analysis.study.design import Horizon
from analysis.study.economics import Population, changed_input

HANDMADE = Path(__file__).parent / "handmade"
PUBLISHED = pd.read_csv(Path(__file__).parent.parent / "data" / "sfj" / "published" / "cells.csv")
TABLES = ("measures_table", "services_table", "consultations_table", "costs_table", "measure_costs", "inputs_table",
          "net_value_table", "scenario_table", "today_table", "assumptions_table")  # fmt: skip
SENTENCES = ("people_in", "missing", "extra_cost", "break_even", "break_even_years", "measures",
             "without_other_measures", "best_centres_result", "moves_most", "knowing", "price_of_work",
             "health_years")  # fmt: skip
FIGURES = ("npv_components", "npv_by_effect_and_duration", "npv_by_duration_and_loss", "today_figure", "tornado",
           "acceptability_curve")  # fmt: skip
DRAWN = ("today_table", "assumptions_table", "moves_most", "knowing", "price_of_work", "health_years", "today_figure",
         "tornado", "acceptability_curve")  # fmt: skip
DRAWS = 100


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
    given = trial.study.economics
    changed = replace(given, **{name: changed_input(given, name, value) for name, value in inputs.items()})
    return with_frames_of(trial, replace(trial, study=replace(trial.study, economics=changed)))


def as_print_has_it(trial, name, part=""):
    """The cells of a printed table, or of a part of it."""
    return numbers(next(t for t in printed_tables(trial, "cost_benefit") if (t.name, t.part) == (name, part)))


# --- ten people by hand -------------------------------------------------------------------------------------------


def test_measures_by_hand(by_hand):
    """Control: 3 + 1 + 12 months; SFJ: supported employment of P0003 starts too early, that of P0005 in month 12."""
    rates = by_hand.study.economics["measure_monthly_rate"].value
    found = as_print_has_it(by_hand, "text_5.2", "measures")
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
    shares = numbers(cost_benefit.services_table(by_hand))
    means = numbers(cost_benefit.consultations_table(by_hand))
    assert shares["general_practitioner", "6m_control", "pct"] == 50
    assert shares["number", "6m_control", "n"] == 2
    assert means["consultations_general_practitioner", "6m_control", "mean"] == 2.5
    assert means["consultations_physiotherapist", "6m_control", "mean"] == 7
    # At 12 months P0002 saw a psychologist once and the centre twice, P0004 neither.
    assert means["consultations_psychologist_plus_dps", "12m_control", "mean"] == 1.5
    assert shares["psychologist", "12m_control", "pct"] == 50


def untold_notes(trial) -> list[dict]:
    """What the notes of consultations and of costs say of numbers that are missing."""
    tables = cost_benefit.consultations_table(trial), cost_benefit.costs_table(trial)
    return [{name: number.value for name, number in note.values.items()} for table in tables for note in table.notes
            if note.key == "untold_consultations"]  # fmt: skip


def test_a_mean_is_said_to_be_too_low_where_users_do_not_tell_how_often(by_hand):
    """One of two users of a physiotherapist at 6 months in the control arm does not tell; it says so, and only then."""
    assert untold_notes(by_hand) == []
    services = by_hand.tables["health_services"]
    own = services["participant_id"].eq("P0002") & services["service"].eq("physiotherapist") & services["wave"].eq(6)
    assert services.loc[own, "used"].all()
    told = services.assign(consultations=services["consultations"].mask(own))
    trial = replace(by_hand, tables={**by_hand.tables, "health_services": told})
    used = services[services["used"] & services["service"].ne("other")]
    once = used["service"].replace("district_psychiatric_centre", "psychologist")  # one number for both
    users = len(used.assign(service=once).drop_duplicates(["participant_id", "wave", "service"]))
    of_consultations, of_costs = untold_notes(trial)
    assert of_consultations == {"untold": 1, "users": users} and of_costs["untold"] == 1
    means = numbers(cost_benefit.consultations_table(trial))
    assert means["consultations_physiotherapist", "6m_control", "mean"] == 10
    note = next(note for note in cost_benefit.costs_table(trial).notes if note.key == "untold_consultations")
    assert f"In 1 of {users} answers" in write(note, "cost_benefit", study_catalogue(trial.study, "en", trial.folder))


def test_costs_by_hand(by_hand):
    fees = by_hand.study.economics["consultation_fee"].value
    found = numbers(cost_benefit.costs_table(by_hand))
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
    ("function", "source"),
    [("measures_table", "table_19"), ("services_table", "table_20"), ("consultations_table", "table_20")],
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
    found = numbers(cost_benefit.costs_table(bundled))
    assert [round(found["other_nav_measures", arm, "nok"]) for arm in ("sfj", "control")] == [7182, 10780]
    assert round(found["sfj_centre", "sfj", "nok"]) == 22265


# --- how the evaluation must behave -------------------------------------------------------------------------------


def test_internal_evaluation_holds_its_statuses_only(bundled):
    people = bundled.people.set_index("participant_id")
    inside = members_of(bundled, INTERNAL)
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
    for population in populations(bundled.study):
        own = frame[frame["population"] == population].set_index("row")["estimate"]
        assert own.drop("net_present_value").sum() == pytest.approx(own["net_present_value"])
        result = cost_benefit.evaluate(bundled, population).result
        assert own["net_present_value"] == pytest.approx(result.per_person)


@pytest.mark.parametrize(("work", "net", "said"), [
    (21_500, -3_600, "gains from work of NOK 21,500 less costs of NOK 25,100 per person leave NOK −3,600."),
    (21_500, 30_000, "gains from work of NOK 21,500 and costs saved of NOK 8,500 per person make NOK 30,000."),
    (-36_700, -75_000, "lost work worth NOK 36,700 and costs of NOK 38,300 per person make NOK −75,000."),
    (-36_700, -6_700, "costs saved of NOK 30,000 less lost work worth NOK 36,700 per person leave NOK −6,700."),
    (0, -30_477, "gains from work of NOK 0 less costs of NOK 30,500 per person leave NOK −30,500."),
])  # fmt: skip
def test_no_gain_and_no_cost_is_told_with_a_minus(bundled, work, net, said):
    parts = {"gain_full_job": work, "gain_partial_job": 0.0, "net_present_value": net}
    catalogue = study_catalogue(bundled.study, "en", bundled.folder)
    told = write(pictures._adding_up(parts, next(iter(populations(bundled.study)))), "cost_benefit", catalogue)
    assert told.split(": ", 1)[1] == said


def test_kroner_beside_an_interval_are_hundreds_unless_one_would_be_nought():
    assert rounding(-51, -22_888, 22_443) == rounding(0.0, 30_477, -30_477) == HUNDREDS
    assert rounding(34, -22_888, 22_443) == rounding(-34, -150, -5) == 0


def test_scenarios_move_as_they_must(bundled):
    table = numbers(cost_benefit.scenario_table(bundled))
    worth = {row: value for (row, column, _), value in table.items() if column == "npv_per_person"}
    assert worth["full_job_only"] < worth["as_published"] < worth["two_years"] < worth["five_years"]
    assert worth["no_other_measures"] > worth["as_published"] > worth["psychologists_of_sfj_counted"]
    costs = cost_benefit.evaluate(bundled).costs
    saved = 1.2 * costs.loc["other_measures", "sfj"]
    assert worth["no_other_measures"] - worth["as_published"] == pytest.approx(saved)


def test_what_would_break_even_by_hand(bundled):
    """Effect in percentage points; years as the first year's gain and its share of the second, or none."""
    table, scenario = numbers(cost_benefit.scenario_table(bundled)), cost_benefit.evaluate(bundled).scenario
    value, cost = scenario.value.net(0.2), scenario.weighted_extra_cost
    assert table["as_published", "break_even_effect", "pct"] == pytest.approx(100 * cost * 1.04 / value)
    gain = (scenario.effect_full + 0.5 * scenario.effect_partial) * value
    years = 1 + (cost - gain / 1.04) / (gain / 1.04**2)
    assert table["as_published", "break_even_years", "years"] == pytest.approx(years)
    assert isnan(years_until_it_pays(replace(scenario, effect_full=-0.1, effect_partial=0)))
    assert isnan(years_until_it_pays(replace(scenario, effect_full=-0.1, effect_partial=0, cost_programme=0)))


def test_best_centres_are_best(bundled):
    names, effects = cost_benefit.best_centres(bundled, 3)
    full = effects.set_index("outcome").loc["full_job", "estimate"]
    assert len(set(names)) == 3
    assert full > cost_benefit.evaluate(bundled).scenario.effect_full


def test_the_bootstrap_resamples_everybody_in_all_that_they_have(bundled):
    members = cost_benefit.evaluate(bundled).members
    treated, control = (arm_sample(bundled, members, arm) for arm in ("sfj", "control"))
    assert (treated.n, control.n) == (630, 563)
    assert {name: block.shape for name, block in control.averaged.items()} == {
        "full": (563, 7), "partial": (563, 7), "early_full": (563, 11), "early_partial": (563, 11), "income": (563, 1),
    }  # fmt: skip
    assert list(treated.added) == list(control.added)
    assert control.added["consultations_psychologist"].shape == control.added["qaly"].shape == (563, 2)


@pytest.mark.parametrize("population", [EXTERNAL, INTERNAL])
def test_the_bootstrap_draws_from_what_the_estimate_is_made_of(bundled, population):
    """With everybody once, work, measures and consultations give the very net present value of the evaluation."""
    found, scenario = cost_benefit.evaluate(bundled, population), cost_benefit.evaluate(bundled, population).scenario
    (work_t, costs_t), (work_c, costs_c) = (
        (
            sum(w * np.nanmean(sample.averaged[name], axis=0).mean() for name, w in (("full", 1), ("partial", 0.5))),
            {name: np.nanmean(block, axis=0).sum() for name, block in sample.added.items() if name != "qaly"},
        )
        for sample in (arm_sample(bundled, found.members, arm) for arm in ("sfj", "control"))
    )
    programme = found.costs.loc[["centre", "job_consultant"], "sfj"].sum()
    extra = programme + sum(costs_t.values()) - costs_t["consultations_psychologist"] - sum(costs_c.values())
    gain = (work_t - work_c) * scenario.value.net(scenario.cost_of_funds) / 1.04
    assert gain - 1.2 * extra == pytest.approx(found.result.per_person)


def test_interval_surrounds_the_estimate_and_repeats(bundled):
    row = cost_benefit.net_value_interval(bundled, draws=300, seed=5).iloc[0]
    again = cost_benefit.net_value_interval(open_trial(), draws=300, seed=5).iloc[0]
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert row["conf_low"] == again["conf_low"]
    assert row["estimate"] == pytest.approx(cost_benefit.evaluate(bundled).result.per_person)


# --- words --------------------------------------------------------------------------------------------------------


def test_words_turn_when_the_programme_costs_little(bundled):
    cheap = with_input(bundled, centre_appropriation=1000, job_consultant_months=0)
    dear = with_input(bundled, centre_appropriation=60_000_000)
    page = Page("cost_benefit")
    for trial, direction, words in (
        (bundled, "unclear", "includes zero"),
        (cheap, "higher", "a gain of NOK"),
        (dear, "lower", "a loss, NOK −"),
    ):
        said = cost_benefit.net_value(trial, None, DRAWS)
        assert said.direction == direction
        assert cost_benefit.did_it_pay(trial, DRAWS).from_data.direction == direction
        assert words in write(said, "cost_benefit", page.catalogue)


def test_an_amount_and_its_interval_stand_in_one_sentence_rounded_to_hundreds(bundled):
    """NOK −3,562 (−23,394 to 15,982) claims kroner where the interval is tens of thousands wide."""
    row = cost_benefit.net_value_interval(bundled, None, DRAWS).iloc[0]
    catalogue = Page("cost_benefit").catalogue
    for sentence in (cost_benefit.net_value(bundled, None, DRAWS), cost_benefit.did_it_pay(bundled, DRAWS).from_data):
        text = write(sentence, "cost_benefit", catalogue)
        for name in ("estimate", "conf_low", "conf_high"):
            assert f"{round_half_up(row[name], -2):,.0f}".replace("-", "−") in text
            assert f"{row[name]:,.0f}".replace("-", "−") not in text


def test_the_answer_has_published_beside_computed_and_corrected(bundled):
    answer, found = cost_benefit.did_it_pay(bundled, DRAWS), cost_benefit.evaluate(bundled)
    row = cost_benefit.net_value_interval(bundled, None, DRAWS).iloc[0]
    assert [answer.computed, answer.conf_low, answer.conf_high] == [
        found.result.per_person,
        row["conf_low"],
        row["conf_high"],
    ]
    assert answer.published.printed == -3681
    assert round(answer.published.corrected) == -3419
    text = write(answer.in_print, "cost_benefit", Page("cost_benefit").catalogue)
    assert all(amount in text for amount in ("a loss, NOK −3,681", "NOK −2.26 million", "NOK −3,419", "NOK −3,602"))


def test_the_print_answers_first_on_synthetic_data_and_the_data_first_on_real_ones(bundled):
    real = with_frames_of(bundled, replace(bundled, study=replace(bundled.study, data="real")))
    answered = cost_benefit.did_it_pay(bundled, DRAWS)
    assert cost_benefit.title(bundled, DRAWS) == (answered.in_print, answered.from_data)
    assert cost_benefit.title(real, DRAWS) == (answered.from_data, answered.in_print)


def test_without_incomes_the_print_still_answers(bundled):
    trial = with_frames_of(bundled, without(bundled, "income"), but=["people"])
    answer = cost_benefit.did_it_pay(trial, DRAWS)
    assert answer.from_data == Absent("table:income")
    assert answer.in_print.direction == "lower"
    assert [sentence.key for sentence in cost_benefit.title(trial, DRAWS)] == ["in_print_range", "not_known"]


def test_extra_cost_turns_and_break_even_follows_the_prices(bundled):
    cheap = with_input(bundled, centre_appropriation=1000, job_consultant_months=0)
    assert cost_benefit.extra_cost(bundled).direction == "higher"
    assert cost_benefit.extra_cost(cheap).direction == "lower"
    assert cost_benefit.break_even(bundled).direction == "lower"
    assert cost_benefit.break_even(cheap).direction == "higher"


def test_gains_of_later_years_are_discounted_once_more_a_year(bundled):
    now, later = (cost_benefit.evaluate(with_input(bundled, gain_year=year)).result for year in (2012, 2014))
    assert later.gain_full == pytest.approx(now.gain_full / 1.04**2)
    same_year = cost_benefit.evaluate(with_input(bundled, gain_year=2011)).result
    assert same_year.gain_full == pytest.approx(now.gain_full * 1.04)


def test_years_are_told_in_words_that_fit_their_number(bundled):
    page = Page("cost_benefit")
    told = {
        years: [
            write(sentence, "cost_benefit", page.catalogue)
            for trial in [with_input(bundled, effect_duration_years=years)]
            for sentence in (
                cost_benefit.net_value(trial, None, DRAWS),
                cost_benefit.break_even(trial),
                cost_benefit.npv_by_effect_and_duration(trial).values["break_even"],
            )
        ]
        for years in (1, 1.5, 2)
    }
    for years, words in ((1, "(1|one) year"), (1.5, r"1\.5 years"), (2, "2 years")):
        assert all(re.search(rf"(lasts|in) {words}\b", text) for text in told[years]), told[years]


def test_the_break_even_effect_of_several_years_is_told_with_its_years(bundled):
    """An effect that lasts two years pays from about half the size; the sentence must not say that of one year."""
    one, two = (with_input(bundled, effect_duration_years=years) for years in (1, 2))
    text = write(cost_benefit.break_even(two), "cost_benefit", Page("cost_benefit").catalogue)
    halved = 100 * cost_benefit.key_numbers(one, DRAWS)["break_even_effect"] / (1 + 1 / 1.04)
    assert f"{halved:.1f} percentage points" in text and "in 2 years" in text and "one year" not in text


def test_several_years_are_discounted_at_the_rate_of_the_study(bundled):
    """With steps of later years, too: five years at 10 per cent by hand."""
    dear = with_input(bundled, discount_rate=0.10)
    scenario = cost_benefit.scenarios(dear)["five_years"]
    assert discounted_years(5, scenario.rate_from_year) == pytest.approx(sum(1.1**-year for year in range(1, 6)))
    frame = cost_benefit.npv_by_effect_and_duration(dear).frame.set_index(["effect", "years"])["estimate"]
    found = cost_benefit.evaluate(dear)
    gain = found.value.net(0.2) * (found.scenario.effect_full + 0.5 * found.scenario.effect_partial)
    by_hand = gain * sum(1.1**-year for year in range(1, 6)) - found.scenario.weighted_extra_cost
    assert frame["observed", 5.0] == pytest.approx(by_hand)


def test_rates_of_later_years_step_in_scenarios_and_figure(bundled):
    """4 per cent for two years and 10 after that, by hand."""
    trial = with_input(bundled, discount_rate_steps={1: 0.04, 3: 0.10})
    years = 1.04**-1 + 1.04**-2 * (1 + 1.1**-1 + 1.1**-2 + 1.1**-3)
    scenario = cost_benefit.scenarios(trial)["five_years"]
    assert discounted_years(5, scenario.rate_from_year) == pytest.approx(years)
    frame = cost_benefit.npv_by_effect_and_duration(trial).frame.set_index(["effect", "years"])["estimate"]
    by_hand = 0.08 * scenario.value.net(0.2) * years - scenario.weighted_extra_cost
    assert frame["effect_8", 5.0] == pytest.approx(by_hand)


def test_a_cheaper_programme_that_lowers_employment_pays_for_a_while(bundled):
    cheap = with_input(bundled, centre_appropriation=1000, job_consultant_months=0)
    other = {"sfj": "control", "control": "sfj"}
    people = cheap.tables["participants"]
    turned = people.assign(arm=people["arm"].map(other).astype(people["arm"].dtype))
    harmful = replace(cheap, tables={**cheap.tables, "participants": turned})
    assert cost_benefit.evaluate(harmful).effect("full_job")["estimate"] < 0
    saving = cost_benefit.extra_cost(harmful).direction
    said = cost_benefit.break_even_years(harmful).key
    assert (saving, said) in {("lower", "pays_for_a_while"), ("higher", "break_even_years")}
    assert cost_benefit.break_even_years(cheap).key == "pays_from_the_start"


def test_a_population_by_subgroup_holds_the_people_of_its_groups(bundled):
    women = Population(label={"en": "Women"}, subgroup="sex", groups=("woman",))
    declared = {**bundled.study.economics.populations, "women": women}
    study = replace(bundled.study, economics=replace(bundled.study.economics, populations=declared))
    trial = with_frames_of(bundled, replace(bundled, study=study))
    trial.__dict__["people"] = bundled.people.assign(group_sex=bundled.people["sex"])
    inside = members_of(trial, "women")
    assert set(bundled.people.set_index("participant_id").loc[inside, "sex"]) == {"woman"}


# --- what is not there is not told ---------------------------------------------------------------------------------


def everything_of(trial):
    """Every result of the chapter."""
    results = [
        getattr(cost_benefit, name)(trial, **({"draws": DRAWS} if name in DRAWN else {}))
        for name in (*TABLES, *SENTENCES, *FIGURES)
    ]
    results += [*cost_benefit.conclusion(trial, DRAWS)]
    results += [*cost_benefit.title(trial, DRAWS), cost_benefit.uncertainty_table(trial, draws=DRAWS)]
    results += [cost_benefit.effect(trial, outcome) for outcome in ("full_job", "partial_job")]
    return [*results, *cost_benefit.net_values(trial, DRAWS), *cost_benefit.psychologists(trial)]


def told(trial, seen=None):
    """The sentences that the chapter says about a trial, with the notes of its tables and figures.

    Tables are drawn, too, but for those that are already in `seen`.
    """
    catalogue, seen = study_catalogue(trial.study, "en", trial.folder), set() if seen is None else seen
    results = [result for result in everything_of(trial) if not isinstance(result, Absent)]
    for table in (result for result in results if isinstance(result, Table)):
        drawn = table.key, table.cells.to_csv()
        if drawn not in seen:
            to_html(table, "cost_benefit", catalogue, "")
        seen.add(drawn)
    said = [part for result in results for part in (result, *_said_within(result)) if isinstance(part, Sentence)]
    return [write(sentence, "cost_benefit", catalogue) for sentence in said]


def _said_within(result):
    """The notes of a table that are sentences, and the sentences that a figure's own notes tell."""
    return () if isinstance(result, Sentence) else (*getattr(result, "notes", ()), *result.values.values())


def with_frames_of(trial, changed, but=()):
    """A changed trial with the frames that the change leaves as they are, so that they need not be made again."""
    for name in {"panel", "people", "outcomes", "_extracts"} - set(but):
        changed.__dict__[name] = getattr(trial, name)
    return changed


def without(trial, *tables, **settings):
    left = {name: frame.iloc[:0] if name in tables else frame for name, frame in trial.tables.items()}
    return replace(trial, tables=left, study=replace(trial.study, **settings))


# What no sentence may hold, whatever is missing, and what none may say of a result that is not known.
NEVER = ("nan", "–")
CLAIMS = ("however long", "equal", "pays", "gain of", "loss of", "to cover the costs")


@pytest.mark.parametrize("table", ["income", "measures", "health_services", "questionnaires", "background",
                                   "extract_differences", "centres"])  # fmt: skip
def test_without_a_table_nothing_is_claimed(by_hand, table):
    trial = without(by_hand, table)
    said, priced = told(trial), table in ("income", "measures", "health_services")
    assert [text for text in said for claim in (*NEVER, *(CLAIMS if priced else ())) if claim in text] == []
    if priced:
        assert cost_benefit.net_value(trial) == Absent(f"table:{table}")
        assert cost_benefit.break_even_years(trial) == cost_benefit.net_value(trial)
        assert isnan(cost_benefit.evaluate(trial).result.per_person)


@pytest.mark.parametrize(
    ("settings", "need"),
    [
        ({"economics": {}}, "economics"),
        ({"horizon": Horizon(before=12, after=6)}, "effect_window"),
        ({"arms": ()}, "arms"),
        ({"horizon": None}, "months"),
    ],
)
def test_without_a_setting_the_evaluation_is_absent_and_says_why(by_hand, settings, need):
    trial = without(by_hand, **settings)
    for result in (cost_benefit.evaluate(trial), cost_benefit.net_value(trial), *cost_benefit.title(trial, DRAWS)):
        assert isinstance(result, Absent) and result.need.split(":")[0] == need
    assert [text for text in told(trial) for claim in (*NEVER, *CLAIMS) if claim in text] == []


def test_an_arm_without_people_leaves_no_evaluation(by_hand):
    people = by_hand.tables["participants"]
    one = replace(by_hand, tables={**by_hand.tables, "participants": people[people["arm"] == "control"]})
    assert cost_benefit.evaluate(one) == Absent("arms")
    assert told(one) == []


def test_each_input_may_be_missing(by_hand):
    """Without any one input the chapter gives what it can and nothing fails."""
    seen = set()
    for name in by_hand.study.economics:
        economics = replace(by_hand.study.economics, **{name: None}, scenarios={}, uncertainty={})
        trial = with_frames_of(by_hand, without(by_hand, economics=economics))
        if name not in RESOURCE_INPUTS:
            trial.__dict__["resources"] = by_hand.resources
        assert [text for text in told(trial, seen) for claim in NEVER if claim in text] == [], name


@pytest.mark.parametrize("waves", [(), (0,), (0, 4, 24), (0, 12)])
def test_any_waves_of_questionnaires(by_hand, waves):
    trial = with_frames_of(by_hand, without(by_hand, waves=waves))
    assert [text for text in told(trial) for claim in NEVER if claim in text] == []


def test_what_is_not_priced_is_no_part_of_the_evaluation(bundled):
    economics = replace(bundled.study.economics, measure_monthly_rate=None, consultation_fee=None)
    trial = with_frames_of(bundled, without(bundled, "measures", "health_services", economics=economics))
    found = cost_benefit.evaluate(trial)
    assert found.lacking is None
    assert found.scenario.cost_control == 0
    assert list(found.costs.index) == ["centre", "job_consultant"]
    frame = cost_benefit.npv_components(trial).frame
    own = frame[frame["population"] == EXTERNAL].set_index("row")["estimate"]
    assert own.drop("net_present_value").sum() == pytest.approx(own["net_present_value"])


# --- settings alone ----------------------------------------------------------------------------------------------


def test_a_scenario_is_added_by_study_yml_alone(tmp_path, by_hand):
    folder = tmp_path / "study"
    shutil.copytree(HANDMADE, folder)
    settings = folder / "study.yml"
    text = settings.read_text(encoding="utf-8")
    added = "    dear:\n      label: {en: Twice the grant}\n      inputs: {centre_appropriation: 27386000}\n"
    settings.write_text(text.replace("  scenarios:\n", "  scenarios:\n" + added, 1), encoding="utf-8")
    page = Page("cost_benefit", study=str(folder))
    table = cost_benefit.scenario_table(page.trial)
    assert "Twice the grant" in page.show(table).html
    dear, usual = cost_benefit.scenarios(page.trial)["dear"], cost_benefit.evaluate(by_hand).scenario
    assert dear.cost_programme - usual.cost_programme == pytest.approx(13_693_000 / 615)


def text_of(shown):
    """What a reader gets: a table or figure, or the sentence that says why there is none."""
    return getattr(shown, "html", None) or shown.text


@pytest.mark.parametrize("folder", [None, HANDMADE], ids=["bundled", "by_hand"])
def test_every_table_sentence_and_figure_has_its_words(folder):
    page = Page("cost_benefit", study=folder)
    for result in everything_of(page.trial):
        assert "{" not in text_of(page.say(result) if hasattr(result, "direction") else page.show(result))
    for name in ("printed_amounts", "printed_slips", "net_values_in_print"):
        assert text_of(page.show(printed_table(page.trial, name)))
    assert text_of(page.show_all(*printed_tables(page.trial, "cost_benefit", in_text=True)))


def test_effects_on_shares_are_told_in_percentage_points(bundled):
    catalogue = Page("cost_benefit").catalogue
    for sentence in (cost_benefit.break_even(bundled), cost_benefit.best_centres_result(bundled)):
        text = write(sentence, "cost_benefit", catalogue)
        assert "percentage points" in text and "%" not in text
    headings = text_of(Page("cost_benefit").show(cost_benefit.scenario_table(bundled))).split("</thead>")[0]
    assert "Percentage points" in headings and "%" not in headings
