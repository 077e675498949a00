"""Economic inputs in study.yml: names, ranges, years and settings beside each other, each wrong in turn and located."""

from dataclasses import fields, replace
from pathlib import Path
from typing import get_args

import pytest
import yaml

from analysis.frames.resources import PRICED_SERVICES
from analysis.study.contract.register_tables import MEASURES
from analysis.study.economics import INPUTS, Economics, Measure, PricedService, economics_faults
from analysis.study.problems import StudyProblems
from analysis.study.reading import read_settings

SFJ = Path(__file__).parents[1] / "data" / "sfj"


@pytest.fixture(scope="module")
def study():
    return read_settings(SFJ)


def problems_of(tmp_path, *replacements):
    text = (SFJ / "study.yml").read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyProblems) as raised:
        read_settings(tmp_path)
    return {problem.column: problem for problem in raised.value.problems}, text


@pytest.mark.parametrize(
    ("old", "new", "setting"),
    [
        ("value: 0.34", "value: 34", "economics.income_tax_rate.value"),
        ("value: 0.141", "value: -0.1", "economics.employer_contribution_rate.value"),
        ("value: 13693000", "value: -1", "economics.centre_appropriation.value"),
        ("value: 246", "value: 0", "economics.cases_closed_first_third.value"),
        ("general_practitioner: 261.6", "dentist: 261.6", "economics.consultation_fee.value.dentist"),
        ("job_club: 6000", "job_cub: 6000", "economics.measure_monthly_rate.value.job_cub"),
        ("  discount_rate:", "  discont_rate:", "economics.discont_rate"),
        ("value: {from: 12, to: 18}", "value: {from: 12}", "economics.effect_window.value.to"),
        ("best_centres: 3", "best_centres: three", "economics.scenarios.three_best_centres.best_centres"),
        ("effects: [full_job]", "effects: [full]", "economics.scenarios.full_job_only.effects.0"),
        ("statuses: [aap,", "statuses: [app,", "economics.populations.internal_subgroup_aap_plus.statuses.0"),
    ],
)
def test_an_impossible_input_is_located(tmp_path, old, new, setting):
    problems, text = problems_of(tmp_path, (old, new))
    assert setting in problems
    row = problems[setting].row
    assert any(new.split(":")[0].strip(" {") in line for line in text.splitlines()[row - 3 : row + 2])


@pytest.mark.parametrize(
    ("old", "new", "setting"),
    [
        ("{2008: 123.1, 2009: 125.7, 2010: 128.8,", "{2008: 123.1, 2009: 125.7,", "consumer_price_index.value"),
        ("2010: 75641, ", "", "basic_amount.value"),
        ("value: 2012\n    unit: calendar year in", "value: 2010\n    unit: calendar year in", "gain_year.value"),
        ("value: {from: 12, to: 18}", "value: {from: 18, to: 12}", "effect_window.value"),
        ("value: {1: 0.04, 41", "value: {2: 0.04, 41", "discount_rate_steps.value"),
        ("value: {1: 0.04, 41", "value: {1: 0.05, 41", "discount_rate_steps.value"),
        ("price_year: 2012", "price_year: null", "injury_insurance.price_year"),
        ("effect_duration_years: 2}", "effect_duration_years: 0}", "scenarios.two_years.inputs.effect_duration_years"),
        ("effect_duration_years: 2}", "effect_years: 2}", "scenarios.two_years.inputs.effect_years"),
        ("effect_duration_years: 2}", "basic_amount: 2}", "scenarios.two_years.inputs.basic_amount"),
        ("best_centres: 3", "best_centres: 7", "scenarios.three_best_centres.best_centres"),
        ("statuses: [aap, aap_and_job, unemployment_benefit_individual_allowance, no_job_no_benefit]",
         "subgroup: eyes\n      groups: [blue]", "populations.internal_subgroup_aap_plus.subgroup"),
        ("  scenarios:\n", "  work_outcomes: {full: paid_work}\n  scenarios:\n", "work_outcomes.full"),
    ],
)  # fmt: skip
def test_inputs_that_contradict_others_are_located(tmp_path, old, new, setting):
    problems, _ = problems_of(tmp_path, (old, new))
    problem = problems[f"economics.{setting}"]
    assert problem.row and problem.cause and problem.remedy


def test_every_input_is_optional_and_so_is_the_whole(study):
    for name in study.economics:
        left_out = replace(study.economics, **{name: None}, scenarios={}, uncertainty={})
        assert name not in left_out
        assert list(economics_faults(replace(study, economics=left_out))) == [], name
    assert not replace(study, economics={}).economics


def test_inputs_are_a_mapping_in_the_order_of_their_declaration(study):
    assert list(study.economics) == [name for name in INPUTS if name in study.economics]
    assert {each.name for each in fields(Economics)} >= set(INPUTS)
    with pytest.raises(KeyError):
        study.economics["populations"]


def test_named_services_and_measures_are_those_of_the_contract():
    assert set(get_args(PricedService)) == set(PRICED_SERVICES)
    assert get_args(Measure) == MEASURES


def test_the_bundled_study_declares_its_own_populations_and_scenarios():
    given = yaml.safe_load((SFJ / "study.yml").read_text(encoding="utf-8"))["economics"]
    assert (len(given["populations"]), len(given["scenarios"])) == (2, 15)
