"""Net present values worked by hand and the report's own Table 22; the estimators against slow, plain versions."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.methods.cost_benefit import (
    Scenario,
    ValueOfWork,
    WageRates,
    break_even_duration,
    break_even_effect,
    discount_factor,
    discounted_years,
    leisure_share,
    net_present_value,
    value_of_work,
    window_effects,
)
from analysis.methods.cost_benefit_bootstrap import ArmSample, bootstrap_net_value, net_value_estimate

# The report's stated rates (section 5.2); the tax on disability pension is not stated there.
RATES = WageRates(0.141, 0.02, 1500, 0.34, 0.29, 0.66, 0.25)
ONE_RATE = {1: 0.04}
STEPS = {1: 0.04, 41: 0.03, 76: 0.02}
# Table 22 as printed, first column.
EXTERNAL = Scenario(0.044, 0.024, ValueOfWork(399_664, 76_496, 350_240), 37_512, 16_800, 615, 0.2, 0.5, 1, ONE_RATE)

money = st.floats(0, 1e6)
effect = st.floats(-0.5, 0.5)


def test_stated_rates_give_the_printed_amounts_of_the_internal_evaluation():
    value = value_of_work(252_191, RATES)
    assert round(value.production) == 295_005
    assert round(value.leisure) == 48_269
    assert round(value.public_savings) == 246_850


def test_external_amounts_by_hand_differ_from_the_print():
    """The stated inputs give W 2,000 NOK below the printed 399,664; F was printed from W instead of the wage."""
    value = value_of_work(340_400, RATES)
    assert value.production == pytest.approx(340_400 * 1.141 + 6_808 * 1.141 + 1_500)
    assert round(399_664 - value.production) == 2_000
    assert value.leisure == pytest.approx(0.29 * 0.66 * 340_400)
    assert round(0.29 * 0.66 * 399_664) == 76_496
    assert value.public_savings == pytest.approx(340_400 * (0.66 * 0.75 + 0.34 + 0.141 * 1.02))


def test_elasticity_gives_the_leisure_share():
    assert round(leisure_share(0.4), 2) == 0.29
    hours = (np.arange(100_000) + 0.5) / 100_000
    assert leisure_share(0.7) == pytest.approx(np.mean(hours ** (1 / 0.7)), abs=1e-6)


def test_net_present_value_of_table_22_external():
    found = net_present_value(EXTERNAL)
    assert round(found.gain_full) == 16_636
    assert round(found.gain_partial) == 4_537
    assert found.weighted_extra_cost == pytest.approx(1.2 * 20_712)
    assert round(found.per_person) == -3_681
    assert int(found.total) == -2_263_956


def test_net_present_value_of_table_22_internal_within_the_rounding_of_its_effects():
    """The printed effects have three decimals, so the printed products can only be met within 0.0005 × value."""
    scenario = replace(
        EXTERNAL,
        effect_full=0.077,
        effect_partial=0.072,
        cost_programme=49_058,
        cost_control=28_539,
        value=ValueOfWork(295_005, 48_269, 246_850),
    )
    found = net_present_value(scenario)
    slack = 0.0005 * scenario.value_of_full_effect
    assert found.gain_full == pytest.approx(22_000, abs=slack)
    assert found.gain_partial == pytest.approx(10_317, abs=slack / 2)
    assert 22_000 + 10_317 - found.weighted_extra_cost == pytest.approx(7_694, abs=0.5)


def test_net_present_value_worked_by_hand():
    """W 300, F 60, U 200, λ 0.5 → 340 a year; 10 % over two years 340·(1/1.1 + 1/1.21) = 590.08."""
    scenario = Scenario(0.1, 0.2, ValueOfWork(300, 60, 200), 50, 20, 10, 0.5, 0.25, 2, {1: 0.1})
    found = net_present_value(scenario)
    assert found.gain_full == pytest.approx(59.0083, abs=1e-4)
    assert found.gain_partial == pytest.approx(29.5041, abs=1e-4)
    assert found.weighted_extra_cost == pytest.approx(45)
    assert found.per_person == pytest.approx(43.5124, abs=1e-4)
    assert found.total == pytest.approx(435.124, abs=1e-3)


def test_discount_factors_step_down():
    assert discount_factor(0, STEPS) == 1
    assert discount_factor(1, STEPS) == pytest.approx(1 / 1.04)
    assert discount_factor(41, STEPS) == pytest.approx(1.04**-40 / 1.03)
    assert discount_factor(77, STEPS) == pytest.approx(1.04**-40 * 1.03**-35 * 1.02**-2)


def test_discounted_years_are_an_annuity_with_part_years():
    assert discounted_years(0, ONE_RATE) == 0
    assert discounted_years(10, ONE_RATE) == pytest.approx((1 - 1.04**-10) / 0.04)
    assert discounted_years(1.5, ONE_RATE) == pytest.approx(1 / 1.04 + 0.5 / 1.04**2)


def test_break_even_effect_of_the_report_assumes_no_partial_effect():
    assert round(break_even_effect(EXTERNAL), 3) == 0.066
    assert break_even_effect(EXTERNAL, 0.024) == pytest.approx(break_even_effect(EXTERNAL) - 0.012)
    assert math.isnan(break_even_effect(replace(EXTERNAL, value=ValueOfWork(100, 500, 0))))


@given(full=effect, partial=effect, work=money, saved=money, cost=money, control=money, years=st.floats(0.1, 30))
def test_npv_is_zero_at_the_break_even_effect(full, partial, work, saved, cost, control, years):
    scenario = Scenario(full, partial, ValueOfWork(work + 1, 0, saved), cost, control, 615, 0.2, 0.5, years, STEPS)
    even = replace(scenario, effect_full=break_even_effect(scenario, partial))
    scale = abs(scenario.weighted_extra_cost) + abs(net_present_value(scenario).gain_partial) + 1
    assert abs(net_present_value(even).per_person) < 1e-9 * scale


def test_npv_is_zero_at_the_break_even_duration():
    years = break_even_duration(EXTERNAL)
    assert 1 < years < 2
    assert net_present_value(replace(EXTERNAL, duration=years)).per_person == pytest.approx(0, abs=1e-6)


def test_break_even_duration_at_the_ends():
    assert break_even_duration(replace(EXTERNAL, cost_programme=16_800)) == 0
    assert break_even_duration(replace(EXTERNAL, effect_full=-0.1, effect_partial=0)) == math.inf
    assert break_even_duration(replace(EXTERNAL, effect_full=0, effect_partial=0, cost_programme=10_000)) == 0
    assert break_even_duration(replace(EXTERNAL, effect_full=-0.1, effect_partial=0, cost_programme=16_800)) == math.inf


def test_a_cheaper_programme_that_lowers_employment_pays_for_a_while():
    """It saves 1.2 · 6,800 and loses 0.02 · (W − F + 0.2 U) a year: one year of loss and part of the next."""
    cheaper = replace(EXTERNAL, effect_full=-0.02, effect_partial=0, cost_programme=10_000)
    years = break_even_duration(cheaper)
    assert years == pytest.approx(1 + (8_160 - 7_864.32 / 1.04) / (7_864.32 / 1.04**2))
    assert net_present_value(replace(cheaper, duration=0.9 * years)).per_person > 0
    assert net_present_value(replace(cheaper, duration=1.1 * years)).per_person < 0


@pytest.mark.parametrize("unknown", ["effect_full", "effect_partial", "cost_programme", "cost_control"])
def test_what_is_not_known_gives_no_duration_and_no_value(unknown):
    scenario = replace(EXTERNAL, **{unknown: math.nan})
    assert math.isnan(break_even_duration(scenario))
    assert math.isnan(net_present_value(scenario).per_person)


@pytest.mark.parametrize(
    "call",
    [
        lambda: value_of_work(-1, RATES),
        lambda: value_of_work(math.nan, RATES),
        lambda: leisure_share(-0.1),
        lambda: discounted_years(-1, ONE_RATE),
        lambda: discount_factor(3, {2: 0.04}),
    ],
)
def test_impossible_inputs_are_refused(call):
    with pytest.raises(ValueError):
        call()


def _outcomes(seed=1, people=80):
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        arm = "sfj" if person % 2 else "control"
        for month in range(12, 19 - int(rng.integers(0, 4))):
            full = bool(rng.random() < 0.4)
            rows.append((f"P{person}", arm, month, full, full or bool(rng.random() < 0.1)))
    return pd.DataFrame(
        rows, columns=["participant_id", "arm", "month", "in_work_no_benefits", "fully_or_partly_in_work"]
    )


def test_window_effects_are_means_of_monthly_differences():
    outcomes = _outcomes()
    found = window_effects(outcomes, "sfj", "control", range(12, 19), 0.5).set_index("outcome")
    shares = outcomes.groupby(["arm", "month"])[["in_work_no_benefits", "fully_or_partly_in_work"]].mean()
    difference = (shares.loc["sfj"] - shares.loc["control"]).mean()
    assert found.loc["full_job", "estimate"] == pytest.approx(difference["in_work_no_benefits"])
    partial = difference["fully_or_partly_in_work"] - difference["in_work_no_benefits"]
    assert found.loc["partial_job", "estimate"] == pytest.approx(partial)
    expected = difference["in_work_no_benefits"] + 0.5 * partial
    assert found.loc["weighted_job", "estimate"] == pytest.approx(expected)
    assert found.loc["full_job", ["n_treated", "n_control"]].tolist() == [40, 40]


def test_window_effect_of_one_month_has_the_usual_standard_error():
    """With one month the clustered error is that of two means with sample variances."""
    outcomes = _outcomes()
    found = window_effects(outcomes, "sfj", "control", range(12, 13), 0.5).set_index("outcome").loc["full_job"]
    month = outcomes[outcomes["month"] == 12]
    variance = sum(
        month.loc[month["arm"] == arm, "in_work_no_benefits"].astype(float).var(ddof=1) / 40
        for arm in ("sfj", "control")
    )
    assert found["std_error"] == pytest.approx(math.sqrt(variance))


def test_window_standard_error_with_people_who_leave():
    """Slow version: each person's share in every month's mean, added over months, squared, added over people."""
    outcomes = _outcomes()
    found = window_effects(outcomes, "sfj", "control", range(12, 19), 0.5).set_index("outcome").loc["full_job"]
    variance = 0.0
    for arm in ("sfj", "control"):
        own = outcomes[outcomes["arm"] == arm].astype({"in_work_no_benefits": float})
        months = own.groupby("month")["in_work_no_benefits"].agg(["mean", "size"])
        people = own["participant_id"].unique()
        for person in people:
            rows = own[own["participant_id"] == person].itertuples()
            parts = [
                (row.in_work_no_benefits - months.loc[row.month, "mean"]) / months.loc[row.month, "size"]
                for row in rows
            ]
            variance += (sum(parts) / 7) ** 2 * len(people) / (len(people) - 1)
    assert found["std_error"] == pytest.approx(math.sqrt(variance))


def test_window_standard_error_counts_people_not_person_months():
    """The same answer in every month is one observation a person, however many months there are."""
    constant = _outcomes().groupby("participant_id").head(1)
    seven = pd.concat([constant.assign(month=month) for month in range(12, 19)])
    one = window_effects(constant.assign(month=12), "sfj", "control", range(12, 13), 0.5)
    all_months = window_effects(seven, "sfj", "control", range(12, 19), 0.5)
    assert all_months["std_error"].tolist() == pytest.approx(one["std_error"].tolist())


def test_without_a_month_of_the_window_nothing_is_known():
    outcomes = _outcomes()
    lost = outcomes[~((outcomes["arm"] == "control") & (outcomes["month"] == 17))]
    found = window_effects(lost, "sfj", "control", range(12, 19), 0.5)
    assert found[["estimate", "std_error", "conf_low", "p_value"]].isna().all(axis=None)
    assert found["n_control"].tolist() == [40, 40, 40]


def _sample(seed, n, share):
    rng = np.random.default_rng(seed)
    work = (rng.random((n, 7)) < share).astype(float)
    work[: n // 4, 5:] = np.nan
    services = rng.gamma(2, 300, (n, 2))
    services[n // 2 :, 1] = np.nan
    return ArmSample(work, rng.gamma(0.5, 20_000, n), services)


def _npv(treated, control, scenario, programme_cost):
    def means(sample):
        return np.nanmean(sample.work, axis=0).mean(), sample.measure_cost.mean() + np.nanmean(
            sample.service_cost, axis=0
        ).sum()

    (work_t, cost_t), (work_c, cost_c) = means(treated), means(control)
    extra = programme_cost + cost_t - cost_c
    return (work_t - work_c) * scenario.value_of_full_effect - 1.2 * extra


def test_bootstrap_centres_on_the_estimate_and_spreads_as_theory_says():
    treated, control = _sample(1, 400, 0.5), _sample(2, 350, 0.4)
    draws = bootstrap_net_value(treated, control, 28_000, EXTERNAL, 4000, np.random.default_rng(3))
    point = _npv(treated, control, EXTERNAL, 28_000)
    assert draws.mean() == pytest.approx(point, abs=4 * draws.std() / math.sqrt(4000) + 50)
    complete = [
        ArmSample(np.repeat(s.work[:, :1], 2, axis=1), np.zeros(len(s.work)), np.zeros((len(s.work), 1)))
        for s in (treated, control)
    ]
    draws = bootstrap_net_value(*complete, 0, EXTERNAL, 4000, np.random.default_rng(3))
    se = math.sqrt(sum(s.work[:, 0].var() / len(s.work) for s in complete)) * EXTERNAL.value_of_full_effect
    assert draws.std() == pytest.approx(se, rel=0.05)


def test_bootstrap_repeats_with_the_same_seed():
    samples = _sample(1, 50, 0.5), _sample(2, 50, 0.4)
    first, second = (bootstrap_net_value(*samples, 1, EXTERNAL, 50, np.random.default_rng(8)) for _ in range(2))
    assert (first == second).all()


def test_net_value_estimate_takes_the_percentiles():
    row = net_value_estimate(np.arange(1001.0), 480.0, "sfj_vs_control", 5, 6, conf_level=0.9).iloc[0]
    assert (row["estimate"], row["conf_low"], row["conf_high"]) == pytest.approx((480, 50, 950))
    assert row["unit"] == "nok"
