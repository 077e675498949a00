"""The synthetic months 13 to 18 and the subgroup of table 22: numbers, people and costs that give what is printed."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.as_printed.sfj.cost_benefit import text_5_3
from analysis.as_printed.sfj.employment import text_4_1
from analysis.as_printed.sfj.printed_amounts import INTERNAL
from analysis.chapters.cost_benefit import evaluation, net_value_table
from analysis.frames.registers import status_panel
from analysis.frames.resources import counted_measures, service_use
from analysis.frames.trial import open_trial
from analysis.methods.cost_benefit import value_of_work
from analysis.synthesis.sfj import subgroup_costs
from analysis.synthesis.sfj.aap_effects import FITTED_MONTHS, Interactions, effect_bounds
from analysis.synthesis.sfj.courses import chosen_courses, courses, statuses_of
from analysis.synthesis.sfj.later_months import later_months
from analysis.synthesis.sfj.measures import measure_spells
from analysis.synthesis.sfj.months import classes, observed_until
from analysis.synthesis.sfj.paths import AAP, AAP_JOB, FULL, GRADED, JOB, PENSION, SICK, sick_months_running
from analysis.synthesis.sfj.pipeline import check_read_back
from analysis.synthesis.sfj.register_counts import monthly_counts
from analysis.synthesis.sfj.registers import register_tables
from analysis.synthesis.sfj.smooth_plan import OUT, PART, VARIABLES, WORK, smooth_plan
from analysis.synthesis.sfj.subgroup import (
    COLUMN,
    MEMBERS,
    income_bounds,
    members,
    wage_rates,
    with_printed_income,
    worth_of_work,
    year_in_work,
)
from analysis.synthesis.sfj.subgroup_costs import Passing, mean_differences, measure_goals
from analysis.synthesis.sfj.targets import read_targets
from analysis.synthesis.sfj.work_plan import GROUPS, known_numbers, planned_numbers

MONTHS = range(13, 19)


@pytest.fixture(scope="module")
def targets():
    return read_targets()


@pytest.fixture(scope="module")
def trial():
    return open_trial()


@pytest.fixture(scope="module")
def inputs(trial):
    return {name: given.value for name, given in trial.study.economics.items()}


@pytest.fixture(scope="module")
def people(trial, targets, inputs):
    """The people of the bundled trial as the people stage hands them on, the subgroup's income settled."""
    rows = trial.people
    lacking = trial.tables["extract_differences"].query("extract == 'table_08'")["participant_id"]
    outcomes = trial.outcomes.pivot(index="participant_id", columns="month")
    found = {
        f"{name}_m{month}": outcomes[column][month].reindex(rows["participant_id"]).eq(True).to_numpy()
        for name, column, month in (
            ("in_work", "in_work_no_benefits", 12),
            ("partly", "fully_or_partly_in_work", 12),
            ("partly", "fully_or_partly_in_work", 18),
        )
    }
    answers = ["education", "self_reported_status", "marital_status", "country_of_birth", "self_rated_health",
               "expects_return_within_weeks"]  # fmt: skip
    frame = rows[["participant_id", "arm", "sex", "included_on", "birth_date", *answers]].assign(
        **{name: rows[name].astype(object).where(rows[name].notna(), "missing") for name in answers},
        status_at_inclusion=rows["status_at_inclusion"].astype(object),
        status_group=rows["status_group"].astype(object),
        income=rows["income_year_before_inclusion_1000nok"],
        age_days=(rows["included_on"] - rows["birth_date"]).dt.days,
        in_registers=~rows["participant_id"].isin(lacking),
        **found,
    )
    frame = frame.assign(class_m12=classes(frame, "in_work_m12", "partly_m12"))
    return with_printed_income(frame, targets, inputs, np.random.default_rng(5))


@pytest.fixture(scope="module")
def year(trial, people):
    """Statuses of months −12 to 12."""
    wide = trial.panel.pivot(index="participant_id", columns="month", values="status").loc[people["participant_id"]]
    early = wide.loc[:, -12:12].astype(object).set_axis(people.index)
    return early.set_axis(range(-12, 13), axis=1)


@pytest.fixture(scope="module")
def worth(people, inputs):
    return worth_of_work(people, inputs)


@pytest.fixture(scope="module")
def months(people, year, targets, worth):
    """All months, made anew from month 12 on."""
    counts = monthly_counts(targets)
    return later_months(people, year, observed_until(people), counts, targets, worth, np.random.default_rng(2))


# Who is in the subgroup, and its income


def test_the_subgroup_is_that_of_the_chapter(trial):
    assert set(MEMBERS) == set(evaluation.populations(trial.study)[INTERNAL].statuses)
    assert COLUMN == INTERNAL


def test_rates_are_those_of_the_chapter(trial, inputs):
    assert wage_rates(inputs) == evaluation.wage_rates(trial.study)


def test_income_bounds_print_all_four_amounts(targets, inputs):
    printed = [targets.value("table_22", row, COLUMN, "nok") for row in ("W_t", "F_t", "U_t")]
    low, high = income_bounds(targets, inputs)
    for income in (low + 1e-6, high - 1e-6):
        value = value_of_work(income, wage_rates(inputs))
        assert [round(value.production), round(value.leisure), round(value.public_savings)] == printed
    beyond = [value_of_work(income, wage_rates(inputs)) for income in (low - 0.01, high + 0.01)]
    assert all([round(v.production), round(v.leisure), round(v.public_savings)] != printed for v in beyond)


def test_amounts_that_no_income_gives_are_an_error(targets, inputs):
    with pytest.raises(ValueError, match="no mean income"):
        income_bounds(targets, inputs | {"injury_insurance": 1502.0})


def test_exchanged_statuses_give_the_income_and_keep_every_count(trial, people, targets, inputs):
    low, high = income_bounds(targets, inputs)
    assert low < 1000 * people.loc[members(people), "income"].mean() < high
    before = trial.people.groupby(["arm", "status_at_inclusion"], observed=True).size()
    after = people.groupby(["arm", "status_at_inclusion"]).size()
    assert {tuple(map(str, key)): n for key, n in before.items()} == after.to_dict()
    changed = people["status_at_inclusion"].to_numpy() != trial.people["status_at_inclusion"].astype(str).to_numpy()
    assert set(people.loc[changed, "status_group"]) <= {"other"}


def test_no_young_person_is_given_a_pension(people, targets, inputs):
    pension = people["status_at_inclusion"] == PENSION
    young = people.assign(age_days=people["age_days"].where(pension | (people["status_group"] != "other"), 20 * 365))
    for draw in np.random.default_rng(3).spawn(5):
        after = with_printed_income(young, targets, inputs, draw)["status_at_inclusion"] == PENSION
        assert (after == pension).all()


def test_incomes_out_of_reach_are_an_error(people, targets, inputs):
    rich = people.assign(income=people["income"] + 50.0)
    with pytest.raises(ValueError, match="no exchange"):
        with_printed_income(rich, targets, inputs, np.random.default_rng(1))


# The plan


def test_the_smooth_plan_meets_table_08_and_the_gains(people, targets, worth):
    known = known_numbers(people, observed_until(people), monthly_counts(targets), targets, worth)
    plan = dict(zip(VARIABLES, smooth_plan(known), strict=True))
    for (arm, kind, month), total in known.totals.items():
        if month in MONTHS:
            parts = [n for (a, _, k, m), n in plan.items() if (a, k, m) == (arm, kind, month)]
            assert sum(parts) == pytest.approx(total, abs=1e-6)
    shares = [plan["sfj", "job_no_benefits", WORK, m] / known.observed["sfj", "job_no_benefits", m] for m in MONTHS]
    assert max(abs(b - a) for a, b in pairwise(shares)) < 0.08


def test_whole_numbers_meet_table_08_and_are_worth_the_printed_gains(people, targets, worth):
    known = known_numbers(people, observed_until(people), monthly_counts(targets), targets, worth)
    numbers = planned_numbers(known)
    for (arm, kind, month), total in known.totals.items():
        if month in MONTHS:
            assert sum(n for (a, _, k, m), n in numbers.items() if (a, k, m) == (arm, kind, month)) == total
    assert all(isinstance(n, int) and n >= 0 for n in numbers.values())
    for kind, printed in known.gains.items():
        gain = known.gain_until_12(kind)
        for (arm, group, own, month), n in numbers.items():
            if own == kind and group in ("aap", "outside_work"):
                sign = 1 if arm == "sfj" else -1
                gain += sign * known.step(kind) * n / known.in_subgroup(arm, month)
        assert round(gain) == printed


# Courses


def test_a_used_up_sick_leave_is_not_prolonged():
    sick = [JOB] * 12 + [FULL] * 13
    assert statuses_of([OUT], FULL, sick) == [AAP]
    assert statuses_of([PART], FULL, sick) is None
    assert statuses_of([WORK, PART], FULL, sick) is None
    assert statuses_of([WORK] * 6 + [PART], FULL, sick) == [JOB] * 6 + [GRADED]


def test_partly_work_is_what_the_outcome_says():
    assert statuses_of([PART, OUT], AAP, [AAP] * 25) == [AAP_JOB, AAP]
    assert statuses_of([PART, PART], FULL, [FULL] * 3 + [JOB] * 9 + [PENSION]) == [PENSION, PENSION]
    assert statuses_of([WORK], FULL, [FULL] * 3 + [JOB] * 9 + [PENSION]) is None


def test_courses_change_seldom_and_end_as_told():
    found = courses(WORK, 6, True, (OUT,))
    assert len(found) == len(set(found)) > 10
    assert all(course[-1] == OUT and sum(a != b for a, b in pairwise((WORK, *course))) <= 2 for course in found)


def _five(outcome):
    return pd.DataFrame({"status_at_inclusion": [AAP] * 5, "class_m12": [OUT] * 5, "partly_m18": outcome})


def test_chosen_courses_give_the_numbers():
    people = _five([True, True, False, False, False])
    numbers = {(kind, month): n for kind, ns in ((WORK, [0, 1, 1, 2, 1, 1]), (PART, [1, 1, 0, 1, 1, 1]))
               for month, n in zip(MONTHS, ns, strict=True)}  # fmt: skip
    paths = {person: [AAP] * 25 for person in people.index}
    found = chosen_courses(people, paths, pd.Series([18] * 5), numbers, np.random.default_rng(1))
    for (kind, month), n in numbers.items():
        assert sum(course[month - 13] == kind for course in found.values()) == n
    assert [found[person][-1] != OUT for person in people.index] == [True, True, False, False, False]


def test_numbers_that_people_cannot_give_are_an_error():
    people, paths = _five([False] * 5), {person: [AAP] * 25 for person in range(5)}
    numbers = {(kind, month): int(kind == WORK) for kind in (WORK, PART) for month in MONTHS}
    with pytest.raises(ValueError, match="planned numbers"):
        chosen_courses(people, paths, pd.Series([18] * 5), numbers, np.random.default_rng(1))


# The months


def _partly(people, months, month):
    start, now = people["status_at_inclusion"], months[month]
    graded = (start == FULL) & now.isin([GRADED, PENSION])
    return graded | ((start == AAP) & (now == AAP_JOB))


def test_the_months_have_table_08(people, months, targets):
    for row in monthly_counts(targets).itertuples():
        own = people["in_registers"] & (people["arm"] == row.arm) & months[row.month].notna()
        work, partly = months[row.month] == JOB, _partly(people, months, row.month)
        found = own.sum(), (work & own).sum(), ((work | partly) & own).sum()
        assert found == (row.observed, row.in_work_no_benefits, row.fully_or_partly_in_work)


def test_the_months_have_the_outcomes_at_18(people, months):
    seen = people["in_registers"] & months[18].notna()
    works = (months[18] == JOB) | _partly(people, months, 18)
    assert (works[seen] == people.loc[seen, "partly_m18"]).all()


def test_the_months_have_the_effects_of_table_22(people, months, targets, inputs):
    full, partly = mean_differences(people, months)
    printed = [targets.value("table_22", f"delta_{kind}_job", COLUMN, "proportion") for kind in ("full", "partial")]
    assert [round(full, 3), round(partly, 3)] == printed
    value = year_in_work(1000 * people.loc[members(people), "income"].mean(), inputs)
    assert round(value * full) == targets.value("table_22", "discounted_gain_full_job", COLUMN, "nok")
    assert round(value * partly / 2) == targets.value("table_22", "discounted_gain_partial_job", COLUMN, "nok")


def test_the_months_have_the_effects_of_footnote_4(people, months, targets):
    kinds = {m: np.where(months[m] == JOB, WORK, np.where(_partly(people, months, m), PART, OUT)) for m in MONTHS}
    last = observed_until(people).clip(upper=18)
    taken = {i: tuple(kinds[m][i] for m in range(13, last[i] + 1)) for i in people.index}
    effects = Interactions.of(people, taken, {i: [] for i in people.index}, targets).effects()
    low, high = (targets.value("text_4.1", "sfj_x_aap_months_13_14_16_17", f"range_{end}", "marginal_effect")
                 for end in ("low", "high"))  # fmt: skip
    assert (round(min(effects), 4), round(max(effects), 4)) == (low, high)
    assert (np.array(effect_bounds(targets)[0]) <= effects).all()
    assert FITTED_MONTHS[int(np.argmax(effects))] == 17


def test_no_sick_leave_of_the_months_outlasts_the_year(months):
    for row in months.to_numpy().tolist():
        path = [status for status in row if isinstance(status, str)]
        assert all(sick_months_running(path[: n + 1]) <= 13 for n, status in enumerate(path) if status in SICK)


def test_shares_in_work_run_on_smoothly_after_month_12(people, months):
    """Table 8 makes the treatment arm fall in month 16 alone; nothing else jumps in a group of some size."""
    group = people["arm"] + people["status_at_inclusion"].map(GROUPS)
    for _, own in months.groupby(group):
        if len(own) > 80:
            shares = [(own[month].dropna() == JOB).mean() for month in range(11, 20)]
            assert max(abs(b - a) for a, b in pairwise(shares)) < 0.08


def test_the_registers_give_the_months_back(trial, people, months):
    tables = register_tables(people, months, np.random.default_rng(8)) | {"participants": people}
    check_read_back(tables, people, months, trial.study)
    other = months.copy()
    other.loc[0, 5] = "disability_pension_full"
    with pytest.raises(ValueError, match=people.at[0, "participant_id"]):
        check_read_back(tables, people, other, trial.study)


def test_work_beside_aap_shows_from_the_first_month_after_a_job(trial):
    path = [AAP] * 13 + [JOB] * 4 + [AAP_JOB, JOB, JOB]  # June 2012, whose last Monday is the 25th
    day = {"included_on": pd.Timestamp("2012-01-10"), "birth_date": pd.Timestamp("1970-05-17")}
    people = pd.DataFrame({"participant_id": [f"P{n:04d}" for n in range(200)], "sex": "woman", **day})
    months = pd.DataFrame([path] * len(people), columns=range(-12, 8), dtype=object)
    panel = status_panel(
        register_tables(people, months, np.random.default_rng(1)) | {"participants": people}, trial.study
    )
    found = panel.query("month < 8").pivot(index="participant_id", columns="month", values="status").astype(object)
    assert (found.to_numpy() == months.to_numpy()).all()


def test_the_months_are_the_same_again(people, year, months, targets, worth):
    counts = monthly_counts(targets)
    again = later_months(people, year, observed_until(people), counts, targets, worth, np.random.default_rng(2))
    pd.testing.assert_frame_equal(again, months)


def test_other_people_than_table_08_has_are_an_error(people, year, targets, worth):
    last = observed_until(people).clip(upper=15)
    with pytest.raises(ValueError, match="month 16"):
        later_months(people, year, last, monthly_counts(targets), targets, worth, np.random.default_rng(1))


# Costs


@pytest.fixture(scope="module")
def goals(trial, people, targets):
    return measure_goals(people, trial.tables["health_services"], trial.study, targets)


def _measures(trial, people, goals, targets, seed=4):
    economics = trial.study.economics
    first = int(economics["supported_employment_from_month"].value)
    rates = economics["measure_monthly_rate"].value
    return measure_spells(people, rates, first, goals, targets, np.random.default_rng(seed))


def test_measures_cost_what_they_are_to_cost(trial, people, goals, targets):
    tables = dict(trial.tables) | {"measures": _measures(trial, people, goals, targets)}
    counted = counted_measures(tables, trial.study)
    inside = set(people.loc[members(people), "participant_id"])
    for arm, own in counted.groupby("arm"):
        by_member = own.groupby(own["participant_id"].isin(inside))["cost_nok"].sum()
        assert (by_member[True], by_member[False]) == goals[arm]
        assert own["participant_id"].nunique() == targets.count("table_19", "recipients_of_measures", arm)
        mean = own["cost_nok"].sum() / (people["arm"] == arm).sum()
        assert round(mean) == targets.value("text_5.2", "mean_cost_other_nav_measures", arm, "nok")


def test_measures_of_treated_recipients_have_the_printed_mean_too(goals, targets):
    mean = sum(goals["sfj"]) / targets.count("table_19", "recipients_of_measures", "sfj")
    assert round(mean) == targets.value("text_5.2", "mean_cost_given_any_measure", "sfj", "nok")


def test_measures_that_cannot_cost_that_are_an_error(trial, people, goals, targets):
    with pytest.raises(ValueError, match="cannot cost"):
        _measures(trial, people, goals | {"sfj": (1e9, goals["sfj"][1])}, targets)


def test_passed_consultations_stay_in_the_arm(trial, people):
    before = trial.tables["health_services"]
    after, arm = before.copy(), people.loc[people["arm"] == "sfj"]
    passing = Passing(6, "general_practitioner", 1.0, -2, 2)
    subgroup_costs._pass_on(after, arm, passing, 2, np.random.default_rng(3))
    fees = trial.study.economics["consultation_fee"].value
    use = [service_use(rows[rows["participant_id"].isin(arm["participant_id"])], 6, fees) for rows in (before, after)]
    name, inside = "consultations_general_practitioner_m06", arm.loc[members(arm), "participant_id"]
    assert use[0][name].sum() == use[1][name].sum()
    first, second = (frame.set_index("participant_id")[name].reindex(inside).sum() for frame in use)
    assert second == first + 2
    assert (before["used"] == after["used"]).all()


def test_the_fewest_consultations_are_passed_that_give_the_difference():
    choices = {"control": (np.array([[0], [1]]), np.array([10.0, 12.5])),
               "sfj": (np.array([[2], [0], [1]]), np.array([20.0, 21.0, 22.5]))}  # fmt: skip
    found = subgroup_costs._best_pair(choices, 9.9, 10.1)
    assert {arm: int(n[0]) for arm, n in found.items()} == {"control": 0, "sfj": 2}
    with pytest.raises(ValueError, match="net present value"):
        subgroup_costs._best_pair(choices, 30.0, 31.0)


def test_goals_leave_room_for_programme_and_consultations(trial, people, goals, targets):
    study = SimpleNamespace(treatment="sfj", control="control")
    assert subgroup_costs._counted_services(study, "sfj") == ["general_practitioner", "physiotherapist", "chiropractor"]
    assert all(part > 0 and rest > 0 and part % 500 == rest % 500 == 0 for part, rest in goals.values())


# The bundled trial against the print, through the ordinary analysis


@pytest.mark.parametrize("row", ["expected_annual_income", "W_t", "F_t", "U_t", "delta_full_job", "delta_partial_job",
                                 "discounted_gain_full_job", "discounted_gain_partial_job", "cost_sfj", "cost_control",
                                 "gain_minus_weighted_extra_cost", "net_present_value_NNV"])  # fmt: skip
def test_the_internal_evaluation_prints_as_published(trial, targets, row):
    found = net_value_table(trial).cells.set_index(["row", "column"]).loc[(row, COLUMN)]
    if found["statistic"] == "pct":  # printed as a proportion with three decimals
        assert round(found["value"] / 100, 3) == targets.value("table_22", row, COLUMN, "proportion")
    else:
        assert round(found["value"]) == targets.value("table_22", row, COLUMN, found["statistic"])


def test_footnote_4_prints_as_published(trial, targets):
    found = text_4_1(trial).cells.set_index(["row", "column"])["value"]
    for end in ("range_low", "range_high"):
        printed = targets.value("text_4.1", "sfj_x_aap_months_13_14_16_17", end, "marginal_effect")
        assert round(found["sfj_x_aap_months_13_14_16_17", end], 4) == printed


def test_the_effect_at_the_three_best_centres_prints_as_published(trial, targets):
    found = text_5_3(trial).cells.set_index("row")["value"]["three_best_centres_effect"]
    assert round(found) == targets.value("text_5.3", "three_best_centres_effect", "external", "pct")


def test_some_people_on_aap_had_tried_work_before(trial):
    before = trial.panel.query("-12 <= month <= -1").merge(trial.people[["participant_id", "status_group"]])
    on_aap = before[before["status_group"] == "aap"]
    share = on_aap["status"].isin([JOB, AAP_JOB]).groupby(on_aap["participant_id"]).any().mean()
    assert 0.1 < share < 0.4
