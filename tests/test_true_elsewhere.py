"""What a chapter says is true of other data, too; `python -m tests.elsewhere` asks it of all chapters and tables."""

import re

import pytest

from analysis.chapters import cost_benefit, health
from analysis.frames.needs import Absent
from tests.elsewhere import CHANGES, faults, of_a_part, told
from tests.walk import without


@pytest.fixture(scope="module")
def part():
    return of_a_part(8)


@pytest.mark.parametrize("change", CHANGES)
def test_with_other_data_the_summary_says_what_is_true(monkeypatch, part, change):
    sentences, texts = told(monkeypatch, "summary", CHANGES[change](part))
    assert sentences and faults(sentences, texts) == []


@pytest.mark.parametrize("register", ["job_spells", "benefit_spells"])
def test_without_a_register_the_summary_says_nothing_of_work_or_of_what_it_is_worth(monkeypatch, part, register):
    """An empty register is no register in which nobody works, and nobody gets a benefit."""
    sentences, texts = told(monkeypatch, "summary", without(part, register))
    assert faults(sentences, texts) == []
    assert [each.text for each in sentences if re.search(r"\bin work\b|\bpays?\b|NOK", each.text)] == []


def test_centres_that_are_all_alike_cannot_be_ranked(monkeypatch, part):
    """Everybody has a twin in the other arm, so that no centre has an effect."""
    sentences, texts = told(monkeypatch, "process_evaluation", CHANGES["no effect"](part))
    assert "fidelity_and_effect_tied" in {each.key.split(".")[1] for each in sentences}
    assert faults(sentences, texts) == []


def test_a_difference_of_nought_has_no_sign_no_range_and_no_best_centres(part):
    nothing = CHANGES["no effect"](part)
    assert health.models(nothing, "hads_depression").key == "models_alike"
    deltas = health.deltas_in(nothing, "hads_depression")
    counts = health.tipping_figure(nothing, "hads_depression", deltas).finding.values
    assert counts["lower"].value == counts["higher"].value > 0
    assert cost_benefit.best_centres_result(nothing) == Absent("variation")
    assert cost_benefit.best_centres_result(part).key == "best_centres"
