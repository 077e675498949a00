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
    for_the_public_purse,
    leisure_share,
    net_present_value,
    value_of_work,
    window_effects,
)
from analysis.methods.cost_benefit_bootstrap import (
    ArmSample,
    net_value_estimate,
    resampled_means,
    with_resampled_means,
)

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


@pytest.mark.parametrize("decay", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("first_year", [0, 1, 3])
@pytest.mark.parametrize("duration", [0, 0.5, 1, 2.5, 4])
def test_discounted_years_by_hand_for_any_gap_duration_and_decay(decay, first_year, duration):
    shares = [max(0, min(1, duration - past)) for past in range(5)]
    by_hand = sum(s * (1 - decay) ** k * 1.04 ** -(first_year + k) for k, s in enumerate(shares))
    assert discounted_years(duration, ONE_RATE, first_year, decay) == pytest.approx(by_hand)


def test_rates_step_where_they_say_for_gains_that_begin_late():
    steps = {1: 0.04, 3: 0.02}
    by_hand = 1 / 1.04**2 + 1 / (1.04**2 * 1.02) + 0.5 / (1.04**2 * 1.02**2)
    assert discounted_years(2.5, steps, 2) == pytest.approx(by_hand)


def test_the_model_takes_one_number_or_one_a_draw():
    """Arrays give, draw by draw, what single numbers give."""
    effects, durations, decays = (0.02, 0.05, -0.01), (1.0, 2.5, 0.0), (0.0, 0.3, 0.5)
    each = zip(effects, durations, decays, strict=True)
    one_by_one = [net_present_value(replace(EXTERNAL, effect_full=e, duration=t, decay=d)).total for e, t, d in each]
    together = replace(
        EXTERNAL, effect_full=np.array(effects), duration=np.array(durations), decay=np.array(decays),
        rate_from_year={1: np.full(3, 0.04)},
    )  # fmt: skip
    assert net_present_value(together).total == pytest.approx(np.array(one_by_one))


def test_work_before_the_window_and_health_add_to_the_result_by_hand():
    """0.05 person-years before count undiscounted at W − F + λU; health is added as it is; both lower what must pay."""
    more = replace(EXTERNAL, early_work=0.05, health_gain=700.0)
    value = EXTERNAL.value.production - EXTERNAL.value.leisure + 0.2 * EXTERNAL.value.public_savings
    before, after = net_present_value(EXTERNAL), net_present_value(more)
    assert after.per_person - before.per_person == pytest.approx(0.05 * value + 700)
    assert after.gain_early == pytest.approx(0.05 * value)
    assert more.work_gained == pytest.approx(0.05 + (0.044 + 0.5 * 0.024) / 1.04)
    even = replace(more, effect_full=break_even_effect(more), effect_partial=0.0)
    assert net_present_value(even).per_person == pytest.approx(0, abs=1e-6)
    lasting = replace(more, duration=break_even_duration(more))
    assert net_present_value(lasting).per_person == pytest.approx(0, abs=1e-6)


def test_break_even_duration_of_an_effect_that_fades():
    fading = replace(EXTERNAL, decay=0.1)
    years = break_even_duration(fading)
    assert years > break_even_duration(EXTERNAL)
    assert net_present_value(replace(fading, duration=years)).per_person == pytest.approx(0, abs=1e-6)
    assert break_even_duration(replace(EXTERNAL, decay=1.0)) == math.inf


def test_public_budgets_count_what_they_save_and_spend():
    """Per person: the effect × U, discounted, less the extra cost; no leisure, no cost of raising taxes, no health."""
    purse = for_the_public_purse(replace(EXTERNAL, health_gain=900.0))
    saved = (0.044 + 0.5 * 0.024) * EXTERNAL.value.public_savings / 1.04
    assert net_present_value(purse).per_person == pytest.approx(saved - 20_712)


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
    partial = (1 - work) * (rng.random((n, 7)) < 0.1)
    work[: n // 4, 5:] = partial[: n // 4, 5:] = np.nan
    services = rng.gamma(2, 300, (n, 2))
    services[n // 2 :, 1] = np.nan
    costs = {"measures": rng.gamma(0.5, 20_000, (n, 1)), "services": services}
    return ArmSample({"full": work, "partial": partial}, costs)


def _drawn(samples, programme_cost, draws, seed, **left_out):
    rng = np.random.default_rng(seed)
    arms = [resampled_means(sample, draws, rng) for sample in samples]
    scenario = with_resampled_means(EXTERNAL, *arms, programme_cost, list(samples[0].added), **left_out)
    return net_present_value(scenario).per_person


def _npv(treated, control, programme_cost, left_out=()):
    def means(sample):
        full, partial = (np.nanmean(sample.averaged[name], axis=0).mean() for name in ("full", "partial"))
        costs = {name: np.nanmean(block, axis=0).sum() for name, block in sample.added.items()}
        return full + 0.5 * partial, costs

    (work_t, costs_t), (work_c, costs_c) = means(treated), means(control)
    own = sum(cost for name, cost in costs_t.items() if name not in left_out)
    return (work_t - work_c) * EXTERNAL.value_of_full_effect - 1.2 * (programme_cost + own - sum(costs_c.values()))


@pytest.mark.parametrize("left_out", [(), ("services",)])
def test_bootstrap_centres_on_the_estimate_and_spreads_as_theory_says(left_out):
    samples = _sample(1, 400, 0.5), _sample(2, 350, 0.4)
    draws = _drawn(samples, 28_000, 4000, 3, left_out=left_out)
    point = _npv(*samples, 28_000, left_out)
    assert draws.mean() == pytest.approx(point, abs=4 * draws.std() / math.sqrt(4000) + 50)
    first = [s.averaged["full"][:, :1] for s in samples]
    complete = [ArmSample({"full": np.repeat(one, 2, axis=1), "partial": 0 * one}, {"none": 0 * one}) for one in first]
    draws = _drawn(complete, 0, 4000, 3)
    se = math.sqrt(sum(one.var() / len(one) for one in first)) * EXTERNAL.value_of_full_effect
    assert draws.std() == pytest.approx(se, rel=0.05)


def test_bootstrap_repeats_with_the_same_seed():
    samples = _sample(1, 50, 0.5), _sample(2, 50, 0.4)
    first, second = (_drawn(samples, 1, 50, 8) for _ in range(2))
    assert (first == second).all()


def test_a_draw_takes_the_same_people_for_all_that_it_measures():
    """Whoever works costs 100: so does every draw, share at work times 100."""
    work = (np.random.default_rng(4).random((60, 1)) < 0.5).astype(float)
    means = resampled_means(ArmSample({"full": work}, {"cost": 100 * work}), 200, np.random.default_rng(5))
    assert means["cost"] == pytest.approx(100 * means["full"])
    assert means["full"].std() > 0


def test_of_what_nobody_was_asked_nothing_is_known():
    nobody = ArmSample({"full": np.ones((5, 1))}, {"cost": np.empty((5, 0)), "other": np.full((5, 1), np.nan)})
    means = resampled_means(nobody, 3, np.random.default_rng(1))
    assert np.isnan(means["cost"]).all() and np.isnan(means["other"]).all()


def test_net_value_estimate_takes_the_percentiles():
    row = net_value_estimate(np.arange(1001.0), 480.0, "sfj_vs_control", 5, 6, conf_level=0.9).iloc[0]
    assert (row["estimate"], row["conf_low"], row["conf_high"]) == pytest.approx((480, 50, 950))
    assert row["unit"] == "nok"
