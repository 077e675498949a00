"""What a chapter says is true of other data, too; `python -m tests.elsewhere` asks it of all chapters and tables."""

import pytest

from tests.elsewhere import CHANGES, faults, of_a_part, told
from tests.walk import without


@pytest.fixture(scope="module")
def part():
    return of_a_part(8)


@pytest.mark.parametrize("change", CHANGES)
def test_with_other_data_the_summary_says_what_is_true(monkeypatch, part, change):
    sentences, texts = told(monkeypatch, "summary", CHANGES[change](part))
    assert sentences and faults(sentences, texts) == []


def test_without_jobs_the_summary_says_what_is_true(monkeypatch, part):
    assert faults(*told(monkeypatch, "summary", without(part, "job_spells"))) == []


def test_centres_that_are_all_alike_cannot_be_ranked(monkeypatch, part):
    """Everybody has a twin in the other arm, so that no centre has an effect."""
    sentences, texts = told(monkeypatch, "process_evaluation", CHANGES["no effect"](part))
    assert "fidelity_and_effect_tied" in {each.key.split(".")[1] for each in sentences}
    assert faults(sentences, texts) == []
