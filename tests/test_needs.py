"""What results need: each need is met by the data and the settings it stands for, and by nothing less."""

from dataclasses import replace
from inspect import signature
from pathlib import Path

import pytest

from analysis.frames.needs import CHECKS, Absent, needs, unmet
from analysis.frames.trial import open_trial
from analysis.study.design import Horizon

HANDMADE = Path(__file__).parent / "handmade"
WEEKLY = Path(__file__).parent / "weekly"


@pytest.fixture(scope="module")
def whole():
    return open_trial(HANDMADE)


@pytest.fixture(scope="module")
def weekly():
    return open_trial(WEEKLY)


def without(trial, *tables, **settings):
    left = {name: frame.iloc[:0] if name in tables else frame for name, frame in trial.tables.items()}
    return replace(trial, tables=left, study=replace(trial.study, **settings))


MET = ("participants", "arms", "centres", "several_centres", "registers", "benefits", "months", "before_inclusion",
       "wave:0", "wave:12", "follow_up_waves", "instrument:hads", "instrument:ips25", "economics",
       "economics:basic_amount", "programme_cost", "effect_window", "scenarios", "instruments", "baseline",
       "item:expectation_work", "table:income", "as_printed")  # fmt: skip


@pytest.mark.parametrize("need", MET)
def test_the_hand_made_trial_meets_them(whole, need):
    assert unmet(whole, need) is None


@pytest.mark.parametrize(
    ("need", "tables", "settings"),
    [
        ("participants", ["participants"], {}),
        ("arms", ["participants"], {}),
        ("arms", [], {"arms": ()}),
        ("centres", [], {"centres": ()}),
        ("registers", ["job_spells", "benefit_spells"], {}),
        ("registers", ["participants"], {}),
        ("registers", [], {"horizon": None}),
        ("benefits", ["benefit_spells"], {}),
        ("wave:12", [], {"waves": (0, 6)}),
        ("wave:12", ["questionnaires"], {}),
        ("follow_up_waves", [], {"waves": (0,)}),
        ("instrument:hads", [], {"instruments": {}}),
        ("instrument:hads", ["questionnaires"], {}),
        ("instrument:ips25", ["fidelity"], {}),
        ("economics", [], {"economics": {}}),
        ("programme_cost", [], {"economics": {}}),
        ("effect_window", [], {"economics": {}}),
        ("effect_window", [], {"horizon": Horizon(before=0, after=6)}),
        ("scenarios", [], {"economics": {}}),
        ("instruments", ["questionnaires"], {}),
        ("instruments", [], {"instruments": {}}),
        ("baseline", [], {"waves": (6, 12)}),
        ("item:expectation_work", ["questionnaires"], {}),
        ("table:income", ["income"], {}),
        ("as_printed", [], {"as_printed": None}),
    ],
)
def test_a_need_goes_with_what_it_stands_for(whole, need, tables, settings):
    assert unmet(without(whole, *tables, **settings), need) == need


def test_one_arm_left_without_people_is_no_comparison(whole):
    people = whole.tables["participants"]
    one = replace(whole, tables={**whole.tables, "participants": people[people["arm"] == whole.study.control]})
    assert unmet(one, "participants", "arms") == "arms"


def test_jobs_alone_are_registers_but_no_benefits(weekly):
    assert unmet(weekly, "registers", "before_inclusion", "follow_up_outcomes") is None
    assert [need for need in ("benefits", "months", "centres") if unmet(weekly, need)] == [
        "benefits",
        "months",
        "centres",
    ]


def test_an_instrument_that_nobody_answered_is_not_there(whole):
    answers = whole.tables["questionnaires"]
    blank = answers.assign(**{name: float("nan") for name in answers.columns if name.startswith("chalder_")})
    assert unmet(replace(whole, tables={**whole.tables, "questionnaires": blank}), "instrument:chalder")
    assert unmet(whole, "instrument:chalder") is None


def test_the_first_unmet_need_is_named(whole):
    assert unmet(without(whole, arms=(), economics={}), "participants", "economics", "arms") == "economics"


def test_a_word_that_is_no_need_is_an_error(whole):
    with pytest.raises(KeyError):
        unmet(whole, "luck")


@needs("arms", "table:income")
def compared(trial, earlier=None):
    return "compared"


def test_a_result_is_absent_where_a_need_is_not_met(whole):
    assert compared(whole) == "compared"
    assert compared(without(whole, "income")) == Absent("table:income")
    assert compared.needs == ("arms", "table:income")


@pytest.mark.parametrize("how", ["first", "positional", "by_name"])
def test_what_is_made_from_an_absent_result_is_absent(whole, how):
    absent = Absent("wave:6")
    made = {
        "first": lambda: compared(absent),
        "positional": lambda: compared(whole, absent),
        "by_name": lambda: compared(whole, earlier=absent),
    }[how]()
    assert made is absent


@pytest.mark.parametrize("need", [need for need in MET if need not in (
    "centres", "several_centres", "economics", "economics:basic_amount", "as_printed", "programme_cost",
    "effect_window", "scenarios")])  # fmt: skip
def test_a_study_without_data_meets_no_need_of_data(whole, need):
    """Only settings are there: centres, prices, and the ways of a print."""
    empty = replace(whole, tables={name: frame.iloc[:0] for name, frame in whole.tables.items()})
    assert unmet(empty, need) == need


def test_every_need_that_takes_no_detail_can_be_asked_of_a_study_without_data(whole):
    empty = replace(whole, tables={name: frame.iloc[:0] for name, frame in whole.tables.items()}, folder=None)
    plain = [word for word, check in CHECKS.items() if len(signature(check).parameters) == 1]
    assert len(plain) > 10
    assert {CHECKS[word](empty) for word in plain} <= {True, False}
