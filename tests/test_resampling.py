"""Drawing anew: the same numbers for any number of workers, and the same answer as people drawn one by one."""

import io
import sys

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.methods import resampling
from analysis.methods.randomisation import randomisation_test
from analysis.methods.resampling import bootstrap_difference, drawn, weights_of
from analysis.methods.strata import stratified_difference

ARMS = {"treatment": "new", "control": "usual"}


def people(n: int = 300, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arm = np.where(rng.random(n) < 0.5, "new", "usual")
    works = rng.random(n) < np.where(arm == "new", 0.5, 0.35)
    return pd.DataFrame({"arm": arm, "centre": rng.integers(0, 3, n), "works": works})


def noise(size: int, rng: np.random.Generator) -> np.ndarray:
    return rng.random((size, 2))


def test_workers_change_nothing_and_every_block_has_a_stream_of_its_own(monkeypatch):
    monkeypatch.setattr(resampling, "BLOCK", 7)
    one, three = (drawn(noise, 50, np.random.default_rng(5), workers=workers) for workers in (1, 3))
    assert np.array_equal(one, three) and one.shape == (50, 2)
    assert len(np.unique(one)) == 100
    streams = []
    drawn(lambda size, rng: streams.append(rng) or noise(size, rng), 50, np.random.default_rng(5))
    assert len({id(stream) for stream in streams}) == 8  # shared ones would hang on which block comes first
    more = drawn(noise, 80, np.random.default_rng(5))
    assert np.array_equal(more[:49], one[:49])  # whole blocks stay when more draws are asked for


def test_fewer_draws_than_a_block_are_those_of_the_generator_itself():
    assert np.array_equal(drawn(noise, 50, np.random.default_rng(5)), np.random.default_rng(5).random((50, 2)))
    assert drawn(noise, 0, np.random.default_rng(5)).shape == (0, 2)


def test_draws_that_last_tell_on_the_terminal_how_far_they_are(monkeypatch, capsys):
    """Not through what a build keeps of a cell, and not at all of draws that are soon made."""
    terminal = io.StringIO()
    monkeypatch.setattr(resampling, "BLOCK", 10)
    monkeypatch.setattr(sys, "__stderr__", terminal)
    resampling.drawn(lambda size, stream: stream.random(size), 35, np.random.default_rng(1))
    assert terminal.getvalue() == ""
    monkeypatch.setattr(resampling, "PATIENCE", 0.0)
    resampling.drawn(lambda size, stream: stream.random(size), 35, np.random.default_rng(1))
    assert terminal.getvalue().splitlines() == [f"{made} of 35 draws made" for made in (10, 20, 30)]
    assert capsys.readouterr() == ("", "")


def test_draws_may_stand_in_columns(monkeypatch):
    monkeypatch.setattr(resampling, "BLOCK", 4)
    found = drawn(lambda size, rng: rng.random((3, size)), 10, np.random.default_rng(5), axis=1)
    assert found.shape == (3, 10)


def test_weights_count_as_many_units_as_there_are():
    weights = weights_of(6, 40, np.random.default_rng(1))
    assert weights.shape == (40, 6) and (weights.sum(axis=1) == 6).all()


def test_the_bootstrap_is_that_of_people_drawn_one_by_one():
    """Standard errors of 3,000 draws each, whose own error is 1.3 per cent; four of them apart would be a fault."""
    frame, rng = people(), np.random.default_rng(8)
    found = bootstrap_difference(frame, "works", ["centre"], rng=np.random.default_rng(2), draws=3000, **ARMS)
    groups = [(own.index.to_numpy()) for _, own in frame.groupby(["centre", "arm"])]
    works, treated = frame["works"].to_numpy(float), (frame["arm"] == "new").to_numpy()
    centre, gaps = frame["centre"].to_numpy(), []
    for _ in range(3000):
        rows = np.concatenate([rng.choice(own, len(own)) for own in groups])
        gap = weight = 0.0
        for stratum in range(3):
            new, usual = (works[rows[(centre[rows] == stratum) & (treated[rows] == arm)]] for arm in (True, False))
            own = len(new) * len(usual) / (len(new) + len(usual))
            gap, weight = gap + own * (new.mean() - usual.mean()), weight + own
        gaps.append(gap / weight)
    assert found.std_error == pytest.approx(np.std(gaps, ddof=1), rel=0.055)
    assert found.conf_low == pytest.approx(np.quantile(gaps, 0.025), abs=0.01)
    assert found.estimate == stratified_difference(frame, "works", ["centre"], **ARMS).estimate


def test_without_strata_the_bootstrap_is_scipys():
    frame = people()
    found = bootstrap_difference(frame, "works", [], rng=np.random.default_rng(2), draws=4000, **ARMS)
    both = [frame.loc[frame["arm"] == arm, "works"].to_numpy(float) for arm in ("new", "usual")]
    scipys = stats.bootstrap(both, lambda x, y, axis: x.mean(axis) - y.mean(axis), n_resamples=4000,
                             method="percentile", rng=np.random.default_rng(4))  # fmt: skip
    assert found.std_error == pytest.approx(scipys.standard_error, rel=0.05)
    ends = scipys.confidence_interval
    assert (found.conf_low, found.conf_high) == pytest.approx((ends.low, ends.high), abs=0.012)


def test_nobody_to_compare_gives_nothing():
    frame = people().query("arm == 'new'")
    found = bootstrap_difference(frame, "works", [], rng=np.random.default_rng(2), **ARMS)
    assert np.isnan([found.estimate, found.std_error, found.conf_low, found.conf_high]).all()


def test_the_randomisation_test_of_many_draws_is_made_in_blocks(monkeypatch):
    """Many blocks estimate what one does: p within four Monte Carlo errors of the same test in one block."""
    found = []
    for block in (4000, 500):
        monkeypatch.setattr(resampling, "BLOCK", block)
        rng = np.random.default_rng(1)
        found.append(randomisation_test(people(), "works", ["centre"], rng=rng, draws=4000, **ARMS).p_value)
    whole, parts = found
    assert parts != whole
    assert parts == pytest.approx(whole, abs=4 * np.sqrt(2 * whole / 4000))
