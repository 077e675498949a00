"""Sentences above figures turn with their numbers, and are not there where these are not known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.chapters.cost_benefit.pictures import _adding_up
from analysis.chapters.cost_benefit.today import _STEPS, FIXED, FREE, _chances, _sides
from analysis.chapters.employment.time_in_work import _times_that_differ
from analysis.chapters.employment.trajectories import _first_state
from analysis.chapters.employment.transitions import _moved

NAN = float("nan")


def numbers(found):
    return {name: value.value for name, value in found.values.items() if hasattr(value, "value")}


@pytest.fixture
def trial():
    """As far as these sentences ask: two arms with people."""
    study = SimpleNamespace(unit="month", primary_at=12, treatment="new", control="usual")
    return SimpleNamespace(study=study, once=lambda key, make: True)


def gaps(*rows):
    return pd.DataFrame(rows, columns=["conf_low", "conf_high", "p_value"]).assign(conf_level=0.95)


def test_a_time_differs_by_interval_and_p_and_both_ways_are_counted():
    found = _times_that_differ(gaps((0.1, 2, 0.001), (-2, -0.1, 0.04), (-1, 1, 0.04), (0.1, 2, 0.3)))
    assert found.key == "times_differ" and numbers(found) == {"clear": 2, "left": 1, "all": 4}
    assert _times_that_differ(gaps((-1, 1, 0.3))).key == "times_alike"
    assert _times_that_differ(gaps()) is None


def test_analyses_are_counted_by_the_side_on_which_their_interval_lies():
    frame = pd.DataFrame([(1, 2), (-2, -1), (-1, 1), (0, 1)], columns=["conf_low", "conf_high"])
    assert numbers(_sides(frame)) == {"above": 1, "below": 1, "open": 2, "all": 4}
    assert _sides(frame.head(0)) is None


def test_gains_less_costs_are_the_net_value():
    found = numbers(_adding_up({"gain_full_job": 900, "gain_partial_job": 300, "net_present_value": -500}, "all"))
    assert found == {"gains": 1200, "costs": 1700, "net": -500}


def test_chances_are_those_in_the_middle_of_the_curves_and_untold_if_one_is_not_known():
    shares = np.linspace(0, 1, _STEPS)
    frame = pd.concat([pd.DataFrame({"choice": FIXED, "estimate": shares}),
                       pd.DataFrame({"choice": FREE, "estimate": shares / 2})])  # fmt: skip
    drawn = SimpleNamespace(fixed=SimpleNamespace(yearly_value=np.array([400_000.0])))
    assert numbers(_chances(frame, drawn)) == {"free": 25, "fixed": 50, "worth": 400_000}
    assert _chances(frame.assign(estimate=NAN), drawn) is None


def test_who_moved_is_told_of_those_seen_at_both_ends(trial):
    steps = pd.DataFrame([("new", "a", "b"), ("new", "a", "a"), ("new", "a", None), ("usual", "b", "b")],
                         columns=["arm", "before", "after"])  # fmt: skip
    assert numbers(_moved(steps, trial, {})) == {"treated": 50, "n_treated": 2, "control": 0, "n_control": 1}
    assert _moved(steps[steps["arm"] == "new"], trial, {}) is None


def test_the_first_state_is_told_with_its_people_or_not_at_all(trial):
    rows = [(arm, state, 12, n, n / 10) for arm, parts in (("usual", (4, 6)), ("new", (7, 3)))
            for state, n in zip(("work", "other"), parts, strict=True)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["panel", "category", "month", "n", "estimate"])
    found = numbers(_first_state(frame, trial))
    assert {name: found[name] for name in ("treated", "n_treated", "control", "n_control")} == {
        "treated": 70, "n_treated": 10, "control": 40, "n_control": 10}  # fmt: skip
    assert _first_state(frame[frame["panel"] == "new"], trial) is None
