"""Cost-benefit, fidelity and coding against R (tests/reference/economics.R, base R and boot)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods.coding import coder_agreement
from analysis.methods.cost_benefit import (
    Scenario,
    WageRates,
    discounted_years,
    net_present_value,
    value_of_work,
    window_effects,
)
from analysis.methods.cost_benefit_bootstrap import ArmSample, resampled_means, with_resampled_means
from analysis.methods.fidelity import rank_correlation
from tests.agreement import agrees

FOLDER = Path(__file__).parent / "reference"
REFERENCE = pd.read_csv(FOLDER / "economics_answers.csv", comment="#", index_col="quantity")["value"]
PANEL = pd.read_csv(FOLDER / "economics_data.csv")
RATES = WageRates(0.141, 0.02, 1500, 0.34, 0.29, 0.66, 0.25)
# Twelve digits are stored; nothing here needs more than rounding of the last ones.
TOLERANCE = 1e-9


@pytest.mark.parametrize("outcome", ["full_job", "partial_job", "weighted_job"])
def test_window_effects_equal_r(outcome):
    found = window_effects(PANEL, "sfj", "control", range(12, 16), 0.5).set_index("outcome").loc[outcome]
    for column, quantity in (
        ("estimate", "estimate"),
        ("std_error", "std_error"),
        ("conf_low", "conf_low"),
        ("conf_high", "conf_high"),
        ("p_value", "p"),
    ):
        answer = REFERENCE[f"{outcome}_{quantity}"]
        agrees("window_effects", "R 4, formula written out", found[column], answer, TOLERANCE)


def test_discounting_equals_r():
    steps = {1: 0.04, 41: 0.03, 76: 0.02}
    for years, rates, quantity in ((3.5, {1: 0.04}, "3_5"), (85, steps, "85_steps")):
        answer = REFERENCE[f"discounted_years_{quantity}"]
        agrees("net_present_value", "R 4, discounted years", discounted_years(years, rates), answer, TOLERANCE)


def test_net_present_value_equals_r():
    value = value_of_work(340_400, RATES)
    found = net_present_value(Scenario(0.044, 0.024, value, 37_712, 16_800, 615, 0.2, 0.5, 3.5, {1: 0.04}))
    agrees("net_present_value", "R 4, formula written out", found.per_person, REFERENCE["npv_3_5_years"])
    for name, theirs in (("production", 397_664.328), ("leisure", 65_152.56), ("public_savings", 333_190.328)):
        agrees("value_of_work", "The sums worked out for R, to the thousandth of a krone", getattr(value, name), theirs)


def _sample(arm):
    own = PANEL[PANEL["arm"] == arm]
    full = own["in_work_no_benefits"].astype(float)
    both = own.assign(full=full, partial=own["fully_or_partly_in_work"].astype(float) - full)
    wide = {name: both.pivot(index="participant_id", columns="month", values=name) for name in ("full", "partial")}
    cost = own.drop_duplicates("participant_id").set_index("participant_id").loc[wide["full"].index, ["measure_cost"]]
    return ArmSample({name: block.to_numpy() for name, block in wide.items()}, {"measures": cost.to_numpy(float)})


def test_bootstrap_agrees_with_rs_boot():
    """Both are simulations: with 20,000 draws each, standard errors agree within 2 per cent, four times their noise."""
    scenario = Scenario(0, 0, value_of_work(340_400, RATES), 0, 0, 615, 0.2, 0.5, 1, {1: 0.04})
    samples, rng = (_sample("sfj"), _sample("control")), np.random.default_rng(1)
    means = [resampled_means(sample, 20_000, rng) for sample in samples]
    draws = net_present_value(with_resampled_means(scenario, *means, 28_000, ["measures"])).per_person
    assert draws.std(ddof=1) == pytest.approx(REFERENCE["bootstrap_std_error"], rel=0.02)
    effects = window_effects(PANEL, "sfj", "control", range(12, 16), 0.5).set_index("outcome")
    effect = effects.loc["weighted_job", "estimate"]
    extra = 28_000 + samples[0].added["measures"].mean() - samples[1].added["measures"].mean()
    point = effect * scenario.value_of_full_effect - 1.2 * extra
    agrees("net_value_bootstrap", "R 4, boot: the value with everybody once", point, REFERENCE["bootstrap_estimate"])
    assert draws.mean() == pytest.approx(point, abs=4 * draws.std() / np.sqrt(20_000) + 200)


ORDERS = [(1, [3, 1, 4, 2, 6, 5]), (2, [6, 5, 4, 3, 1, 2]), (3, [1, 2, 3, 4, 6, 5])]


@pytest.mark.parametrize(("number", "order"), ORDERS)
def test_exact_rank_correlation_equals_r(number, order):
    found = rank_correlation(pd.Series(range(1, 7)), pd.Series(order)).iloc[0]
    for value, quantity in ((found["estimate"], "rho"), (found["p_value"], "p")):
        answer = REFERENCE[f"spearman_{number}_{quantity}"]
        agrees("rank_correlation", "R 4, cor.test(exact = TRUE)", value, answer, TOLERANCE)


def _coded_twice(table):
    """Answers that two coders gave the category `nav` or not: counts by (coder 1, coder 2), first not given."""
    decisions = [(first, second) for first in (0, 1) for second in (0, 1) for _ in range(table[first][second])]
    rows = [
        (f"P{number}", 6, "most_satisfied", coder + 1, "nav" if given else "tools", None, None)
        for number, pair in enumerate(decisions)
        for coder, given in enumerate(pair)
    ]
    return pd.DataFrame(
        rows, columns=["participant_id", "wave", "question", "coder", "category_1", "category_2", "category_3"]
    )


@pytest.mark.parametrize(("number", "table"), [(1, [[15, 10], [5, 20]]), (2, [[200, 9], [6, 31]])])
def test_kappa_equals_r(number, table):
    found = coder_agreement(_coded_twice(table), ["nav", "tools"]).set_index("outcome").loc["nav"]
    for field in ("estimate", "std_error"):
        answer = REFERENCE[f"kappa_{number}_{field}"]
        agrees("coder_agreement", "R 4, formula written out", found[field], answer, TOLERANCE)
