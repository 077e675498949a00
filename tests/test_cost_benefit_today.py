"""As one would do it today: other choices, uncertain assumptions and what is said of them, held to formulas anew."""

from dataclasses import replace
from math import isnan, nan

import numpy as np
import pandas as pd
import pytest

from analysis.chapters import cost_benefit
from analysis.chapters.cost_benefit.resampling import arm_sample
from analysis.chapters.cost_benefit.scenarios import observed_arms, scenario_under
from analysis.chapters.cost_benefit.uncertainty import one_by_one, probabilistic
from analysis.chapters.cost_benefit.verdict import _elsewhere, _stands
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.methods.cost_benefit import net_present_value, value_of_work, window_effects
from analysis.show.prose import write
from analysis.show.study_words import study_catalogue
from tests.test_cost_benefit_truth import CHEAP, changed, nobody_works, reversed_arms

DRAWS = 200


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


@pytest.fixture(scope="module")
def base(bundled):
    return cost_benefit.evaluate(bundled).scenario


@pytest.fixture(scope="module")
def today(bundled):
    return cost_benefit.estimates_today(bundled, DRAWS).set_index("population")


def under(trial, **settings):
    """The main population's scenario under settings given here."""
    setting = replace(trial.study.economics.scenarios["as_published"], **settings)
    return scenario_under(trial, setting)


def worth(scenario):
    return float(net_present_value(scenario).per_person)


# --- other choices by formulas of their own ---------------------------------------------------------------------------


def test_work_before_the_window_is_the_sum_of_the_monthly_differences(bundled, base):
    people = bundled.people[["participant_id", "arm"]]
    outcomes = bundled.extract_for("cost_benefit.effects").outcomes.merge(people, on="participant_id")
    effects = window_effects(outcomes, "sfj", "control", range(1, 12), 0.5).set_index("outcome")["estimate"]
    years = 11 / 12 * (effects["full_job"] + 0.5 * effects["partial_job"])
    found = under(bundled, before_window=True)
    assert found.early_work == pytest.approx(years)
    assert worth(found) - worth(base) == pytest.approx(years * base.yearly_value)
    only_full = under(bundled, before_window=True, effects=("full_job",))
    assert only_full.early_work == pytest.approx(11 / 12 * effects["full_job"])


def test_the_public_purse_saves_transfers_and_taxes_and_pays_the_extra_cost(bundled, base):
    saved = (base.effect_full + 0.5 * base.effect_partial) * base.value.public_savings / 1.04
    found = worth(under(bundled, view="public_purse", health=True))
    assert found == pytest.approx(saved - (base.cost_programme - base.cost_control))


def test_the_caseload_of_the_trial_makes_each_case_dearer(bundled, base):
    """630 people allocated in 21 months, 639 days: 360 a year, and the budget of a year over them."""
    cases = 630 / (639 / 365.25)
    budget = 13_693_000 + 66.8 * 53_200
    found = under(bundled, caseload_of_trial=True)
    assert found.participants == pytest.approx(cases)
    assert found.cost_programme - base.cost_programme == pytest.approx(budget / cases - budget / 615)


def test_quality_adjusted_years_are_the_area_under_the_change(bundled, base):
    """Half a year from inclusion to month 6 and another to month 12, by trapezoids, of means of those who answered."""
    scores, means = bundled.health, {}
    for arm, own in scores.groupby("arm", observed=True):
        change = {wave: (own[f"eq5d_index_m{wave}"] - own["eq5d_index_m0"]).mean() for wave in (6, 12)}
        means[arm] = 0.5 * change[6] / 2 + 0.5 * (change[6] + change[12]) / 2
    gain = means["sfj"] - means["control"]
    assert observed_arms(bundled)[0]["qaly"] == pytest.approx(means["sfj"])
    assert worth(under(bundled, health=True)) - worth(base) == pytest.approx(275_000 * gain)


def test_inputs_of_a_choice_enter_the_model(bundled, base):
    value = base.value
    without_leisure = worth(under(bundled, inputs={"leisure_share_of_net_wage": 0}))
    effect = base.effect_full + 0.5 * base.effect_partial
    assert without_leisure - worth(base) == pytest.approx(effect * value.leisure / 1.04)
    fading = under(bundled, inputs={"effect_duration_years": 2, "effect_decay": 0.25})
    assert fading.years == pytest.approx(1 / 1.04 + 0.75 / 1.04**2)


# --- uncertain assumptions ---


def test_the_estimate_frame_has_both_beside_each_other(bundled, today):
    fixed = cost_benefit.net_value_interval(bundled, None, DRAWS).iloc[0]
    assert today.loc["assumptions_fixed", ["estimate", "conf_low", "conf_high"]].tolist() == pytest.approx(
        fixed[["estimate", "conf_low", "conf_high"]].tolist()
    )
    found = probabilistic(bundled, DRAWS)
    assert today.loc["assumptions_uncertain", "estimate"] == pytest.approx(found.net.mean())
    assert today.loc["assumptions_uncertain", "probability"] == (found.net > 0).mean()
    shared = {"work_before_window", "public_budgets", "health_counted"}
    assert shared <= set(today.index) and "two_years" not in today.index
    inside = today["conf_low"].le(today["estimate"]) & today["estimate"].le(today["conf_high"])
    assert inside.all()


def test_a_draw_is_worth_what_the_formula_gives_its_numbers(bundled):
    found = probabilistic(bundled, DRAWS)
    numbers = {name: values[7] for name, values in found.numbers.items()}
    rates = replace(cost_benefit.evaluation.wage_rates(bundled.study),
                    leisure_share_of_net_wage=numbers["leisure_share_of_net_wage"])  # fmt: skip
    value = value_of_work(numbers["gross_wage"], rates)
    cost_of_funds, rate = numbers["marginal_cost_of_public_funds"], numbers["discount_rate"]
    past = np.arange(6)
    lasts = np.clip(numbers["effect_duration_years"] - past, 0, 1)
    years = (lasts * (1 - numbers["effect_decay"]) ** past / (1 + rate) ** (1 + past)).sum()
    effect = numbers["effect_full"] + numbers["partial_work_weight"] * numbers["effect_partial"]
    budget = 13_693_000 + 66.8 * 53_200
    extra = budget / (2.5 * numbers["cases_closed_first_third"]) + numbers["other_extra_cost"]
    by_hand = effect * years * value.net(cost_of_funds) - (1 + cost_of_funds) * extra
    assert found.net[7] == pytest.approx(by_hand)
    assert net_present_value(found.fixed).per_person.std() > 0


def test_draws_repeat_with_their_seed_and_not_with_another(bundled):
    first, again, other = (probabilistic(replace(bundled), DRAWS, seed).net for seed in (3, 3, 4))
    assert (first == again).all() and (first != other).any()


def test_ends_of_the_tornado_are_evaluations_with_that_input_changed(bundled):
    alone = one_by_one(bundled, DRAWS)
    for name in ("leisure_share_of_net_wage", "cases_closed_first_third", "discount_rate"):
        spread = bundled.study.economics.uncertainty[name]
        for end, found in ((spread.low, alone[name].net_low), (spread.high, alone[name].net_high)):
            assert found == pytest.approx(worth(under(bundled, inputs={name: end}))), name
    effects = alone["effect_full"]
    assert effects.low < effects.value < effects.high and effects.net_low < effects.net_high


def test_the_acceptability_curve_passes_through_the_chance_of_a_gain(bundled, base):
    """Where a year is worth what the evaluation has, the curve of fixed assumptions has its chance of a gain."""
    frame = cost_benefit.acceptability_curve(bundled, draws=DRAWS).frame
    fixed = frame[frame["choice"] == "assumptions_fixed"]
    at = fixed.iloc[(fixed["value_1000"] - base.yearly_value / 1000).abs().argmin()]
    chance = cost_benefit.estimates_today(bundled, DRAWS)["probability"].iloc[0]
    assert at["value_1000"] == pytest.approx(base.yearly_value / 1000)
    assert at["estimate"] == pytest.approx(chance)
    assert fixed["estimate"].iloc[0] == 0


# --- what is said ---


def rows(fixed, mean, low, high, **others):
    """An estimate frame of the chapter by name."""
    names = {"assumptions_fixed": fixed, "assumptions_uncertain": mean, **others}
    frame = pd.DataFrame({"estimate": names, "conf_low": low, "conf_high": high, "conf_level": 0.95})
    return frame


@pytest.mark.parametrize(("fixed", "mean", "low", "high", "key"), [
    (-5, -9, -20, -1, "conclusion_stands"), (5, 9, 1, 20, "conclusion_stands"), (-5, 9, 1, 20, "conclusion_turns"),
    (5, -9, -20, -1, "conclusion_turns"), (-5, 9, -1, 20, "conclusion_open"), (-5, -9, -20, 0, "conclusion_open"),
    (0, 9, 1, 20, "conclusion_turns"),
])  # fmt: skip
def test_the_conclusion_stands_turns_or_stays_open(fixed, mean, low, high, key):
    assert _stands(rows(fixed, mean, low, high)).key == key


def test_choices_that_turn_the_sign_are_named():
    turned = _elsewhere(rows(-5, 1, 0, 0, first=-1.0, second=2.0, third=nan, fourth=3.0))
    assert turned.key == "choices_turn"
    assert [each.values["what"].key for each in turned.values["which"]] == ["second", "fourth"]
    assert (turned.values["choices"].value, turned.values["same"].value) == (3, 1)
    assert _elsewhere(rows(-5, 1, 0, 0, first=-1.0)).key == "choices_keep"
    assert isinstance(_elsewhere(rows(-5, 1, 0, 0, first=nan)), Absent)


TRIALS = {
    "reversed": reversed_arms,
    "no effect, cheap": lambda trial: nobody_works(trial, CHEAP),
    "dear": lambda trial: changed(trial, inputs={"centre_appropriation": 60_000_000}),
}


@pytest.mark.parametrize("name", TRIALS)
def test_words_turn_with_the_trial(bundled, name):
    trial = TRIALS[name](bundled)
    catalogue = study_catalogue(trial.study, "en", trial.folder)
    found = probabilistic(trial, DRAWS)
    said = [*cost_benefit.conclusion(trial, DRAWS), cost_benefit.price_of_work(trial, DRAWS),
            cost_benefit.knowing(trial, DRAWS)]  # fmt: skip
    first, *_ = texts = [write(each, "cost_benefit", catalogue) for each in said if not isinstance(each, Absent)]
    low, high = map(float, np.quantile(found.net, [0.025, 0.975]))
    assert ("does not pay" in first) is (high < 0)
    assert ("the programme pays:" in first) is (low > 0)
    assert ("cannot be told" in first) is (low <= 0 <= high)
    priced = bool(found.free.work_gained.mean() > 0 and found.free.weighted_extra_cost.mean() > 0)
    assert any("person-year in work costs" in text for text in texts) is priced


def without(trial, *tables, **economics):
    left = {name: frame.iloc[:0] if name in tables else frame for name, frame in trial.tables.items()}
    study = replace(trial.study, economics=replace(trial.study.economics, **economics))
    return replace(trial, tables=left, study=study)


EVERYTHING = ("today_table", "today_figure", "tornado", "assumptions_table", "acceptability_curve", "moves_most",
              "knowing", "price_of_work", "conclusion")  # fmt: skip


@pytest.mark.parametrize(("changes", "need"), [
    ({"tables": ("income",)}, "table:income"),
    ({"tables": ("measures",)}, "table:measures"),
    ({"economics": {"uncertainty": {}}}, "uncertainty"),
    ({"economics": {"effect_duration_years": None, "scenarios": {}, "uncertainty": {}}}, "economics"),
])  # fmt: skip
def test_what_is_not_known_is_absent(bundled, changes, need):
    trial = without(bundled, *changes.get("tables", ()), **changes.get("economics", {}))
    for name in EVERYTHING:
        found = getattr(cost_benefit, name)(trial)
        assert isinstance(found, Absent), name
        assert found.need == need or need in ("uncertainty", "economics"), (name, found.need)


def test_health_needs_its_answers(bundled):
    unknown = replace(bundled, tables={**bundled.tables, "questionnaires": bundled.tables["questionnaires"].iloc[:0]})
    assert isinstance(cost_benefit.health_years(unknown, DRAWS), Absent)
    assert "qaly" not in arm_sample(unknown, cost_benefit.evaluate(bundled).members, "sfj").added
    assert isnan(worth(under(unknown, health=True)))
