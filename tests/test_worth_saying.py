"""Sentences with an interval without width, as where nobody has an outcome, are not said anywhere."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis.chapters import cost_benefit
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.show.figures import Figure
from analysis.show.figures.figure import titled
from analysis.show.page import Page
from analysis.show.prose import Sentence, count, decimal, points
from analysis.show.worth_saying import worth_saying


def effect(low: float, high: float, key: str = "effect_partial_job", **more) -> Sentence:
    ends = {"low": decimal(low), "high": decimal(high), "level": count(95)}
    middle = {"difference": points((low + high) / 2), "signed": decimal((low + high) / 2)}
    return Sentence(key, ends | middle | {"first": count(13), "last": count(18)} | more, "unclear")


@pytest.mark.parametrize(("low", "high", "said"), [(0, 0, False), (1, 1, False), (1e-15, -1e-15, False), (0, 0.1, True),
                                                   (float("nan"), float("nan"), True)])  # fmt: skip
def test_an_interval_has_a_width(low, high, said):
    assert worth_saying(effect(low, high)) is said


@pytest.mark.parametrize(("low", "high", "said"), [(0, 0, False), (2, 2, True), (2, 3, True)])
def test_a_range_may_be_one_number_that_is_not_nought(low, high, said):
    assert worth_saying(Sentence("range", {"low": decimal(low), "high": decimal(high)})) is said


def test_what_has_no_ends_is_said_and_what_is_absent_is_not():
    assert worth_saying(Sentence("plain", {"low": "a few", "n": count(0)}))
    assert not worth_saying(Absent("arms"))


def test_a_page_leaves_it_out_wherever_it_stands_and_says_what_would_be_needed_where_nothing_else_is_said():
    page, nothing, found = Page("cost_benefit"), effect(0, 0), effect(-1, 2)
    assert "0.0" not in page.bullets(found, nothing).text and page.bullets(found, nothing).text.count("\n") == 0
    for alone in (page.say(nothing), page.bullets(nothing), page.folded(found, nothing)):
        assert "people who differ in what is compared" in alone.text and "0.0" not in alone.text
    assert page.title(nothing).text == "# Costs and benefits"
    assert page.kinds.findings([nothing], "cost_benefit") == ()
    figure = Figure("any", "forest", pd.DataFrame([{"row": "a", "estimate": 0.0, "conf_low": 0.0, "conf_high": 0.0}]))
    assert titled(figure, nothing).finding is None and titled(figure, found).finding is found


def test_a_study_in_which_nobody_is_partly_in_work_says_nothing_of_it():
    trial = open_trial()
    chosen = trial.study.economics.work_outcomes
    same = replace(trial.study.economics, work_outcomes=replace(chosen, full_or_partial=chosen.full))
    own = replace(trial, study=replace(trial.study, economics=same))
    said = cost_benefit.effect(own, "partial_job")
    assert said.values["difference"].value == 0 and not worth_saying(said)
    assert worth_saying(cost_benefit.effect(own, "full_job"))
