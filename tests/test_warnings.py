"""What is odd about a study that can be used is warned of, each of its kind and no more than is so; nobody is named."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis.frames.trial import open_trial
from analysis.frames.warnings import warnings_of
from analysis.study.contract import TABLES
from analysis.study.design import Centre
from analysis.study.outcome_rules import Subgroup

HANDMADE = Path(__file__).parent / "handmade"


@pytest.fixture(scope="module")
def trial():
    return open_trial(HANDMADE)


def changed(trial, tables=None, **settings):
    """The trial with other tables and settings, its frames made anew."""
    return replace(trial, tables={**trial.tables, **(tables or {})}, study=replace(trial.study, **settings))


def said(trial) -> str:
    return "\n".join(map(str, warnings_of(trial)))


def test_the_hand_made_trial_is_odd_in_these_ways(trial):
    """Three people cannot be followed for 18 months, and forms cover November 2011 to March 2013."""
    found = [(warning.kind, warning.file) for warning in warnings_of(trial)]
    assert found == [
        ("observed_short", "participants.csv"),
        ("forms_end_early", "aap_hours.csv"),
        ("forms_end_early", "aap_hours.csv"),
        ("overlapping_spells", "benefit_spells.csv"),
        ("overlapping_spells", "job_spells.csv"),
        ("ends_before_the_register", "measures.csv"),
        ("longer_than_the_law", "benefit_spells.csv"),
    ]
    text = said(trial)
    assert "Not observed to month 18, the last one shown: fewer than 5 of 10 people." in text
    assert "The last form ends in 2013-03: work beside AAP cannot be seen after month 32" in text
    assert "The first form starts in 2011-11: work beside AAP cannot be seen before month 17" in text
    assert "for the first people included, before month -3 for the last" in text
    assert all(warning.remedy for warning in warnings_of(trial))


def test_forms_that_end_a_year_before_the_registers_are_noticed(trial):
    """June 2010 to February 2012 are the first and last month of inclusion; the last form is of 12 March 2012."""
    forms = trial.tables["aap_hours"]
    early = forms.assign(period_start=forms["period_start"].clip(upper=pd.Timestamp("2012-03-12")))
    text = said(changed(trial, {"aap_hours": early}))
    first, last = trial.tables["participants"]["included_on"].agg(["min", "max"])
    after = [(2012 - day.year) * 12 + 3 - day.month for day in (first, last)]
    assert "The last form ends in 2012-03: work beside AAP cannot be seen" in text
    assert f"after month {after[0]} for the first people included, after month {after[1]} for the last" in text


def test_time_without_forms_in_which_nobody_was_on_aap_is_not_warned_of(trial):
    aap = trial.tables["benefit_spells"]["benefit"] == "aap"
    forms = trial.tables["aap_hours"]
    start, end = forms["period_start"].min(), forms["period_start"].max()
    spells = trial.tables["benefit_spells"].copy()
    spells.loc[aap, "from_date"], spells.loc[aap, "to_date"] = start, end
    assert "form" not in said(changed(trial, {"benefit_spells": spells}))


def test_forms_to_the_end_of_the_registers_are_not_warned_of(trial):
    spread = pd.DataFrame(
        {
            "participant_id": "P0001",
            "period_start": pd.date_range("2009-01-05", "2013-03-17", freq="14D"),
            "hours_worked": 0.0,
        }
    )
    assert "form" not in said(changed(trial, {"aap_hours": spread}))


def test_benefits_without_any_form_are_noticed(trial):
    assert "There are no forms" in said(changed(trial, {"aap_hours": trial.tables["aap_hours"].iloc[:0]}))
    nobody_on_aap = trial.tables["benefit_spells"].query("benefit != 'aap'")
    empty = trial.tables["aap_hours"].iloc[:0]
    assert "forms" not in said(changed(trial, {"aap_hours": empty, "benefit_spells": nobody_on_aap}))


@pytest.mark.parametrize("name", [name for name in TABLES if name not in ("participants", "extract_differences")])
def test_a_table_without_rows_is_named(trial, name):
    text = said(changed(trial, {name: trial.tables[name].iloc[:0]}))
    assert f"Without rows: {name}." in text


def test_groups_without_people_are_named(trial):
    text = said(
        changed(
            trial,
            centres=(*trial.study.centres, Centre("nowhere", "Nowhere")),
            status_groups={"job": ("job_no_benefits",), "pension": ("disability_pension_full",), "rest": ()},
            subgroups=(Subgroup(code="age", column="age", label={"en": "Age"}, cuts=(16, 99)),),
        )
    )
    assert "setting centres: Nobody is in nowhere." in text
    assert "pension" in text.split("setting status_groups: ")[1].splitlines()[0]
    assert "setting subgroups age: Nobody is in under_16, from_99." in text


def test_answers_that_no_setting_uses_and_settings_that_no_answer_uses(trial):
    others = {name: rules for name, rules in trial.study.instruments.items() if name != "hads"}
    assert "The answers to hads are not used" in said(changed(trial, instruments=others))
    answers = trial.tables["questionnaires"]
    blank = answers.assign(**{name: float("nan") for name in answers.columns if name.startswith("chalder_")})
    assert "Nobody answered an item of chalder." in said(changed(trial, {"questionnaires": blank}))


def test_a_wave_that_nobody_answered_is_named(trial):
    assert "Nobody answered in wave 24." in said(changed(trial, waves=(0, 6, 12, 24)))


def test_spells_without_a_horizon_are_not_used_and_that_is_said(trial):
    text = said(changed(trial, horizon=None, primary=None, late_window=None))
    assert "benefit_spells.csv: The spells are not used" in text and "job_spells.csv: The spells" in text
    assert "observed to" not in text and "forms" not in text


def test_a_study_without_any_row_gets_one_warning(trial):
    empty = replace(trial, tables={name: frame.iloc[:0] for name, frame in trial.tables.items()})
    (warning,) = warnings_of(empty)
    assert "No table has a row yet." in warning.cause


def test_no_warning_names_a_participant(tmp_path):
    folder = shutil.copytree(HANDMADE, tmp_path / "study")
    assert "P0" not in said(open_trial(folder))
