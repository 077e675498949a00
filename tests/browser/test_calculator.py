"""The cost–benefit calculator in Chromium: its formula is the model in Python, and anybody can work it."""

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page

from analysis.chapters import cost_benefit
from analysis.chapters.cost_benefit import net_value_interval
from analysis.chapters.cost_benefit.wording import HUNDREDS
from analysis.frames.trial import open_trial
from analysis.methods import recording
from analysis.methods.cost_benefit import (
    Scenario,
    ValueOfWork,
    break_even_duration,
    break_even_effect,
    net_present_value,
)
from analysis.show.prose import fixed

pytestmark = pytest.mark.browser

POINTS = 5000
PAGE = "notebooks/cost_benefit.html"
NAMES = ("effect_full", "effect_partial", "extra_cost", "production", "leisure", "public_savings", "duration", "decay",
         "discount_rate", "cost_of_funds", "partial_weight", "first_year")  # fmt: skip
# What the script answers at every point: as numbers, and as it prints an amount and a share.
ASKED = """([names, points]) => points.map(point => {
    const c = Object.fromEntries(names.map((name, place) => [name, point[place]]));
    const net = costBenefit.netPresentValue(c), even = costBenefit.breakEvenEffect(c);
    return [net, even, costBenefit.breakEvenDuration(c)].map(String)
        .concat([costBenefit.fixed(net, 0, "en"), Number.isNaN(even) ? "–" : costBenefit.fixed(100 * even, 1, "en")]);
})"""


@pytest.fixture(scope="module")
def tab(browser, address):
    tab = browser.new_page(viewport={"width": 1440, "height": 900})
    tab.goto(address + PAGE, wait_until="load")
    yield tab
    tab.close()


def random_points() -> np.ndarray:
    """What a reader could type, and more: losses of work, cheaper programmes, work worth nothing."""
    rng = np.random.default_rng(20261127)
    low = (-0.3, -0.3, -60_000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    high = (0.3, 0.3, 120_000, 700_000, 250_000, 400_000, 40, 1, 0.12, 1, 1, 4)
    points = rng.uniform(low, high, (POINTS, len(NAMES)))
    points[:, NAMES.index("first_year")] = np.floor(points[:, NAMES.index("first_year")])
    points[::10, NAMES.index("duration")] = np.floor(points[::10, NAMES.index("duration")])
    points[::50, :2] = 0
    return points


def in_python(point: np.ndarray) -> list[str]:
    given = dict(zip(NAMES, map(float, point), strict=True))
    value = ValueOfWork(given["production"], given["leisure"], given["public_savings"])
    scenario = Scenario(
        given["effect_full"], given["effect_partial"], value, given["extra_cost"], 0.0, 1, given["cost_of_funds"],
        given["partial_weight"], given["duration"], {1: given["discount_rate"]}, int(given["first_year"]),
        given["decay"],
    )  # fmt: skip
    return [net_present_value(scenario).per_person, break_even_effect(scenario, given["effect_partial"]),
            break_even_duration(scenario)]  # fmt: skip


def test_formula_is_that_of_the_model_at_random_points(tab):
    points = random_points()
    told = tab.evaluate(ASKED, [NAMES, points.tolist()])
    with recording.paused():  # of fifteen thousand answers
        computed = [in_python(point) for point in points]
    numbers = np.array([[float(text.replace("Infinity", "inf")) for text in each[:3]] for each in told])
    np.testing.assert_allclose(numbers, np.array(computed, dtype=float), rtol=1e-9, atol=1e-6, equal_nan=True)
    printed = [[fixed(net, 0, "en"), fixed(100 * even, 1, "en")] for net, even, _ in computed]
    assert [each[3:] for each in told] == printed
    assert 0 < np.isnan(numbers[:, 1]).sum() < POINTS and 0 < np.isinf(numbers[:, 2]).sum() < POINTS


def answers(tab: Page) -> list[str]:
    return tab.locator(".calculator [role=status] p").all_inner_texts()


def test_it_starts_with_the_case_of_the_study_and_its_interval(tab):
    row = net_value_interval(open_trial()).iloc[0]
    net, low, high = (fixed(row[name], HUNDREDS, "en") for name in ("estimate", "conf_low", "conf_high"))
    first, total, *_ = answers(tab)
    assert f"NOK {net} per person" in first and f"{low} to {high}" in first
    scenario = cost_benefit.evaluate(open_trial()).scenario
    assert fixed(net_present_value(scenario).total / 1e6, 1, "en") in total
    assert fixed(scenario.participants, 0, "en") in total


def test_the_answer_keeps_the_label_of_the_data_and_the_studys_own_case(tab):
    box = tab.locator(".calculator")
    assert "ynthetic" in box.locator(".calculator-answer .data-label").inner_text()
    assert box.locator(".calculator-case").is_visible()


def test_a_change_is_answered_and_stands_in_the_address(browser, address):
    tab = browser.new_page()
    tab.goto(address + PAGE, wait_until="load")
    before = answers(tab)
    tab.get_by_label("Years the effect lasts").fill("3")
    after = answers(tab)
    assert after != before and "duration=3" in tab.url
    scenario = cost_benefit.evaluate(open_trial()).scenario
    longer = fixed(net_present_value(replace(scenario, duration=3.0)).per_person, HUNDREDS, "en")
    assert f"NOK {longer} per person" in after[0]
    again = browser.new_page()
    again.goto(tab.url, wait_until="load")
    assert answers(again) == after
    again.get_by_role("button", name="own case").click()
    assert answers(again) == before and "duration" not in again.url
    for page in (tab, again):
        page.close()


def test_another_group_starts_from_its_own_numbers(browser, address):
    tab = browser.new_page()
    tab.goto(address + PAGE, wait_until="load")
    trial = open_trial()
    code = list(cost_benefit.populations(trial.study))[1]
    tab.get_by_label("Group").select_option(code)
    row = net_value_interval(trial, code).iloc[0]
    net, low, high = (fixed(row[name], HUNDREDS, "en") for name in ("estimate", "conf_low", "conf_high"))
    first = answers(tab)[0]
    tab.close()
    assert f"NOK {net} per person" in first and f"{low} to {high}" in first


def test_what_is_no_number_is_said_by_its_name_and_nothing_is_answered(browser, address):
    tab = browser.new_page()
    tab.goto(address + PAGE, wait_until="load")
    field = tab.get_by_label("Weight of partial work")
    field.fill("7")
    told, invalid = answers(tab), field.get_attribute("aria-invalid")
    tab.close()
    assert invalid == "true" and len(told) == 1
    assert told[0].startswith("Weight of partial work") and "0 to 1" in told[0]


def test_the_keyboard_reaches_every_field_in_order(browser, address):
    tab = browser.new_page()
    tab.goto(address + PAGE, wait_until="load")
    names = tab.locator(".calculator :is(select, input, button)").evaluate_all("all => all.map(each => each.id)")
    tab.locator(f"#{names[0]}").focus()
    reached = []
    for _ in names:
        reached.append(tab.evaluate("document.activeElement.id"))
        tab.keyboard.press("Tab")
    tab.close()
    assert reached == names


def test_without_a_script_the_case_stands_there_and_a_note(browser, built_book):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((built_book / PAGE).as_uri(), wait_until="load")
    box = tab.locator(".calculator")
    told, form = box.inner_text(), box.locator("form").is_visible()
    context.close()
    assert not form and "JavaScript" in told and "per person" in told


@pytest.mark.parametrize("place", ["ips", "jmo"])
def test_studies_without_economics_have_none(built_book, place):
    assert not [page for page in (built_book / place).glob("*.html") if "calculator-fields" in page.read_text()]
