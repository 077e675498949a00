"""Every sentence of the cost-benefit chapter is true: effects as they are, none, reversed, unknown; costs high or low.

What a sentence claims is held to the numbers of the evaluation by formulas written anew here.
"""

import re
from dataclasses import replace
from math import nan

import pytest

from analysis.chapters import cost_benefit
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.show.prose import write
from analysis.show.study_words import study_catalogue
from analysis.study.economics import changed_input

DRAWS = 200
FRAMES = ("panel", "people", "outcomes", "resources")
OTHER_ARM = {"sfj": "control", "control": "sfj"}
CHEAP = {"centre_appropriation": 1000, "job_consultant_months": 0}
WORTHLESS = {"leisure_share_of_net_wage": 1, "income_tax_rate": 0, "employer_contribution_rate": 0,
             "pension_cost_rate": 0, "injury_insurance": 0, "marginal_cost_of_public_funds": 0}  # fmt: skip


def changed(trial, frames=None, inputs=None, tables=None):
    """The trial with other frames (anew where None), economic inputs and tables; without ways of a print of its own."""
    given = trial.study.economics
    economics = replace(given, **{name: changed_input(given, name, value) for name, value in (inputs or {}).items()})
    study = replace(trial.study, economics=economics, as_printed=None)
    other = replace(trial, study=study, tables={**trial.tables, **(tables or {})})
    frames = {name: getattr(trial, name) for name in FRAMES} | (frames or {})
    other.__dict__.update({name: frame for name, frame in frames.items() if frame is not None})
    return other


def reversed_arms(trial, inputs=None):
    people, participants = (
        frame.assign(arm=frame["arm"].map(OTHER_ARM).astype(frame["arm"].dtype))
        for frame in (trial.people, trial.tables["participants"])
    )
    return changed(trial, {"people": people, "resources": None}, inputs, {"participants": participants})


def nobody_works(trial, inputs=None):
    idle = trial.outcomes.assign(in_work_no_benefits=False, fully_or_partly_in_work=False)
    return changed(trial, {"outcomes": idle}, inputs)


TRIALS = {
    "as it is": changed,
    "reversed": reversed_arms,
    "cheap": lambda trial: changed(trial, inputs=CHEAP),
    "cheap, reversed": lambda trial: reversed_arms(trial, CHEAP),
    "dear": lambda trial: changed(trial, inputs={"centre_appropriation": 60_000_000}),
    "no effect": nobody_works,
    "no effect, cheap": lambda trial: nobody_works(trial, CHEAP),
    "two years": lambda trial: changed(trial, inputs={"effect_duration_years": 2}),
    "work is worth nothing": lambda trial: changed(trial, inputs=WORTHLESS),
}


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


@pytest.fixture(scope="module", params=TRIALS)
def trial(bundled, request):
    return TRIALS[request.param](bundled)


@pytest.fixture(scope="module")
def told(trial):
    """What a sentence says about the trial; empty where it says nothing."""
    catalogue = study_catalogue(trial.study, "en", trial.folder)

    def tell(sentence):
        return "" if isinstance(sentence, Absent) else write(sentence, "cost_benefit", catalogue)

    return tell


@pytest.fixture(scope="module")
def scenario(trial):
    return cost_benefit.evaluate(trial).scenario


def worth(scenario, years=None, full=None, partial=None):
    """Net present value per person at 4 per cent a year from year 1 on (no period here reaches the later steps)."""
    years = scenario.duration if years is None else years
    full = scenario.effect_full if full is None else full
    partial = scenario.effect_partial if partial is None else partial
    value = scenario.value.production - scenario.value.leisure + scenario.cost_of_funds * scenario.value.public_savings
    discounted = sum(1.04 ** -(year + 1) * min(1, years - year) for year in range(40) if year < years)
    cost = (1 + scenario.cost_of_funds) * (scenario.cost_programme - scenario.cost_control)
    return (full + 0.5 * partial) * value * discounted - cost


def numbers(text):
    """Every number of a text, minus signs and thousands read."""
    return [float(each.replace("−", "-").replace(",", "")) for each in re.findall(r"−?\d[\d,]*(?:\.\d+)?", text)]


def test_gain_and_loss_are_claimed_only_by_the_whole_interval(trial, told, scenario):
    row = cost_benefit.net_value_interval(trial, None, DRAWS).iloc[0]
    assert row["estimate"] == pytest.approx(worth(scenario))
    value = told(cost_benefit.net_value(trial, None, DRAWS))
    answer = told(cost_benefit.did_it_pay(trial, DRAWS).from_data)
    for text, gain, loss in ((value, "a gain of", "a loss, NOK −"), (answer, "programme pays:", "does not pay:")):
        assert (gain in text) == (row["conf_low"] > 0)
        assert (loss in text) == (row["conf_high"] < 0)
        assert ("includes zero" in text) == (row["conf_low"] <= 0 <= row["conf_high"])
    assert value and answer


def test_extra_cost_is_more_or_less(trial, told, scenario):
    text, extra = told(cost_benefit.extra_cost(trial)), scenario.cost_programme - scenario.cost_control
    assert ("more, or" in text) == (extra > 0)
    assert ("less, or" in text) == (extra < 0)
    assert abs(extra) == pytest.approx(numbers(text)[2], abs=0.5)


def test_break_even_effect_breaks_even(trial, told, scenario):
    text = told(cost_benefit.break_even(trial))
    pays = worth(scenario, full=1, partial=0) - worth(scenario, full=0, partial=0)
    assert ("No effect on work" in text) == (pays <= 0)
    note = told(cost_benefit.npv_by_effect_and_duration(trial).values["break_even"])
    if pays <= 0:
        assert note == text
        return
    even = -worth(scenario, full=0, partial=0) / pays
    assert any(each == pytest.approx(100 * even, abs=0.05) for each in numbers(text))
    assert any(each == pytest.approx(100 * even, abs=0.05) for each in numbers(note))
    assert ("is above that" in text or "need not bring anyone into work" in text) == (scenario.effect_full > even)
    assert ("costs no more than" in text) == (even <= 0)


def test_years_until_the_effects_pay(trial, told, scenario):
    text = told(cost_benefit.break_even_years(trial))
    if "however" in text:
        paying = [worth(scenario, years) >= -1e-6 for years in (0.01, 1, 5, 40)]
        assert paying == [("however short" in text)] * 4
        return
    (years,) = numbers(text) or [1]
    before, after = worth(scenario, 0.9 * years), worth(scenario, 1.1 * years)
    assert (before < 0 < after) if "would cover" in text else (before > 0 > after)
    assert ("would take up" in text) == (before > 0)


def test_without_other_measures_the_result_has_the_sign_it_is_told_with(trial, told, scenario):
    text = told(cost_benefit.without_other_measures(trial))
    other = cost_benefit.evaluate(trial).costs.loc["other_measures", trial.study.treatment]
    both = worth(scenario) + (1 + scenario.cost_of_funds) * other
    assert numbers(text)[0] == pytest.approx(both, abs=0.5)
    assert numbers(text)[1] == pytest.approx(both + worth(scenario, partial=0) - worth(scenario), abs=0.5)
    assert ("a gain" in text) == (both > 0) and ("a loss" in text) == (both < 0)


def test_the_best_centres_bring_a_gain_or_leave_a_loss(trial, told):
    text, best = told(cost_benefit.best_centres_result(trial)), cost_benefit.scenarios(trial)["three_best_centres"]
    if not trial.outcomes["in_work_no_benefits"].any():  # no centre is better than another
        assert text == ""
        return
    assert ("per person, a gain" in text) == (worth(best) > 0)
    assert ("per person, a loss" in text) == (worth(best) < 0)
    assert numbers(text)[1] == pytest.approx(100 * best.effect_full, abs=0.05)
    assert not any(str(centre.label) in text for centre in trial.study.centres)


HIGHER, LOWER = ("higher", "commoner", "more than"), ("lower", "less common", "fewer than")


def test_no_difference_is_claimed_that_its_interval_does_not_show(trial, told):
    sentences = [cost_benefit.effect(trial, outcome) for outcome in ("full_job", "partial_job")]
    for text in map(told, [*sentences, cost_benefit.measures(trial), *cost_benefit.psychologists(trial)]):
        low, high = numbers(re.search(r"(\S+ to \S+?)[ )]*(percentage points)?\)\.$", text)[1])
        assert any(word in text for word in HIGHER) == (low > 0), text
        assert any(word in text for word in LOWER) == (high < 0), text
        assert ("no clear difference" in text) == (low <= 0 <= high), text


# --- what is not known is not told ----------------------------------------------------------------------------------


def no_income(trial):
    return changed(trial, {"people": trial.people.assign(income_year_before_inclusion_1000nok=nan)})


def a_month_without_the_control_arm(trial):
    control = trial.people.loc[trial.people["arm"] == "control", "participant_id"]
    gone = (trial.outcomes["month"] == 15) & trial.outcomes["participant_id"].isin(control)
    return changed(trial, {"outcomes": trial.outcomes[~gone]})


def a_measure_of_unknown_cost(trial):
    return changed(trial, {"resources": trial.resources.assign(measure_cost_nok=nan)})


@pytest.mark.parametrize(
    ("change", "need"),
    [
        (no_income, "table:income"),
        (a_month_without_the_control_arm, "effect_window"),
        (a_measure_of_unknown_cost, "table:measures"),
    ],
)
def test_what_is_not_known_has_a_turn_of_its_own(bundled, change, need):
    trial = change(bundled)
    unknown = [
        cost_benefit.net_value(trial, None, DRAWS),
        cost_benefit.did_it_pay(trial, DRAWS).from_data,
        cost_benefit.break_even(trial),
        cost_benefit.break_even_years(trial),
        cost_benefit.without_other_measures(trial),
        cost_benefit.best_centres_result(trial),
        cost_benefit.npv_components(trial),
        cost_benefit.npv_by_effect_and_duration(trial),
        cost_benefit.scenario_table(trial),
        cost_benefit.uncertainty_table(trial, draws=DRAWS),
    ]
    assert unknown == [Absent(need)] * len(unknown)
    assert isinstance(cost_benefit.extra_cost(trial), Absent) == (change is a_measure_of_unknown_cost)
    known = change is not a_month_without_the_control_arm
    assert isinstance(cost_benefit.effect(trial, "full_job"), Absent) != known
