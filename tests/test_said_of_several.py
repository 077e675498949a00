"""What pages say of several results at once, and in words alone, on a trial of invented people."""

import pytest

from analysis.chapters import employment, summary
from analysis.chapters.employment.populations import compare, late_outcomes
from analysis.chapters.employment.time_in_work import mean_waits
from analysis.frames.trial import open_trial
from analysis.show.page import Page
from analysis.show.prose import Sentence
from tests.walk import with_study


@pytest.fixture(scope="module")
def ips():
    return open_trial("ips")


@pytest.fixture(scope="module")
def page():
    return Page("employment", study="ips")


def test_a_result_told_in_words_alone_is_a_demonstration_on_invented_people(ips, page):
    """Its sentence tells no number, so that those that it was given decide."""
    assert page.say(employment.title(ips)).text.startswith("*Demonstration:* Yes, on the study's main measure")


def test_months_and_characteristics_say_what_is_left_when_all_are_counted(ips, page):
    months = page.bullets(*employment.later_months(compare(late_outcomes(ips), ips, by="month"), ips)).text
    assert "in 13 of the 32 months" in months and "after Holm, in none" in months
    assert "None of 3 characteristics" in page.bullets(*employment.clear_terms(ips)).text
    everybody = page.bullets(*employment.clear_terms(ips, conf_level=0.05)).text
    assert "Of 3 characteristics" in everybody


def test_an_interval_has_the_sign_of_its_words(ips, page):
    said = page.bullets(*employment.mean_wait_results(mean_waits(ips), ips)).text.replace("\u00a0", " ")
    assert "It came 4.4 months sooner with IPS (95% interval 0.6 to 8.1; p = 0.023)" in said


def test_scores_that_the_summary_tells_are_some_of_several():
    """On invented people, where what is left of them is left out as no finding; not where none is clear."""
    trial, told = open_trial(), [Sentence("result", direction="lower")]
    assert summary.findings.picked_scores(trial, told) == [Sentence("picked_scores", of="summary")]
    assert summary.findings.picked_scores(trial, [Sentence("result", direction="unclear")]) == []
    assert summary.findings.picked_scores(with_study(trial, data="real"), told) == []
