"""Headline figures beside computed ones: all of the two short accounts, the scorecard's own numbers, true words."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.chapters import key_results, reproduction
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.show.page import Page

ACCOUNTS = ["seed_000", "seed_001"]


@pytest.fixture(scope="module")
def trial():
    return open_trial()


@pytest.fixture(scope="module")
def found(trial) -> pd.DataFrame:
    return key_results.headlines(trial)


def test_every_figure_of_the_accounts_stands_beside_a_computed_one(trial, found):
    printed = pd.read_csv(trial.folder / "published" / "cells.csv")
    assert found["id"].tolist() == printed.loc[printed["source"].isin(ACCOUNTS), "id"].tolist()
    assert found["computed"].notna().all()


def test_numbers_and_verdicts_are_those_of_the_scorecard(trial, found):
    scores = reproduction.card(trial).set_index("id")
    assert (scores.loc[found["id"], "verdict"].to_numpy() == found["verdict"].to_numpy()).all()


def test_the_headline_figures_are_shown_in_words(trial, found):
    page = Page("key_results", compares=True)
    text = page.show(key_results.comparison(trial, found)).html
    for shown in ("Project page", "Press summary", "44.2%", "37.3%", "1,193", "Mean age (years)"):
        assert shown in text
    assert "seed_0" not in text.replace("key-results", "") and "_12m" not in text


@pytest.mark.parametrize(
    ("spoilt", "key"),
    [({}, "overview_all"), ({"verdict": "exact"}, "all_exact"), ({"computed": float("nan")}, "none"),
     ({"computed": [1.0] * 24 + [float("nan")]}, "overview")],
)  # fmt: skip
def test_what_is_said_turns_with_the_verdicts(found, spoilt, key):
    said = key_results.overview(found.assign(**spoilt))
    assert said.key == key
    assert "nan" not in Page("key_results", compares=True).say(said).text


def test_a_study_without_such_accounts_has_no_such_page():
    handmade = open_trial(Path(__file__).parent / "handmade")
    assert key_results.headlines(handmade) == Absent("published")
    assert key_results.overview(key_results.headlines(handmade)) == Absent("published")
