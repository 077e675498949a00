"""Secondary suppression: known small cases, and an outsider who knows the tables but not how the engine learns them."""

import numpy as np
import pytest

from analysis.show.disclosure.attack import ranges
from analysis.show.disclosure.relations import Relation, _Relations, related
from analysis.show.disclosure.suppression import suppress
from tests.suppression_studies import counts_of, declared_counts, leaks, random_study


def halves(*masks: np.ndarray) -> np.ndarray:
    """The vectors of some sets of people, by 24 random halves."""
    rng = np.random.default_rng(3)
    size = len(masks[0])
    within = np.array([np.ones(size, bool), *(rng.permutation(size) < size // 2 for _ in range(24))])
    return np.array([within.astype(int) @ mask.astype(int) for mask in masks])


def first(size: int, people: int, start: int = 0) -> np.ndarray:
    place = np.arange(size)
    return (place >= start) & (place < start + people)


def all_shown(vectors, blocks=(), pairs=()):
    return related(vectors, np.ones(len(vectors), bool), np.ones(len(vectors)), blocks, pairs)


def test_a_share_of_all_but_two_is_not_told():
    counts = all_shown(halves(first(60, 60), first(60, 58)), pairs=[(1, 0)])
    assert counts.values.tolist() == [60, 58, 2]
    assert counts.relations == (Relation((1, 2, 0), (1, 1, -1)),)
    assert suppress(counts)[:2].sum() == 1


def test_populations_that_differ_by_three_people_are_not_both_told():
    counts = all_shown(halves(first(1193, 1193), first(1193, 1190)))
    assert suppress(counts)[:2].sum() == 1


def test_a_partition_needs_a_second_hidden_cell():
    parts = [first(90, 3), first(90, 27, 3), first(90, 60, 30)]
    counts = related(
        halves(first(90, 90), *parts), np.ones(4, bool), np.array([9.0, 1, 2, 3]), blocks=[(1, 2, 3)], pairs=()
    )
    hidden = suppress(counts)
    assert hidden.tolist() == [False, True, True, False]
    low, high = ranges(counts, hidden)
    assert (low.tolist(), high.tolist()) == ([90, 0, 0, 60], [90, 30, 30, 60])


def test_without_relations_only_the_small_count_is_hidden_and_nothing_bounds_it():
    counts = all_shown(halves(first(50, 4), first(50, 20, 20)))
    assert suppress(counts).tolist() == [True, False]
    assert ranges(counts, suppress(counts))[1].tolist() == [np.inf, 20]


def test_numbers_that_are_no_counts_and_zeros_are_told():
    vectors = np.vstack([halves(first(50, 30)), np.full((1, 25), 3), np.zeros((1, 25), int)])
    assert not suppress(all_shown(vectors, blocks=[(0, 1, 2)])).any()


def test_equal_rows_are_refused():
    with pytest.raises(ValueError, match="two rows"):
        all_shown(halves(first(50, 30), first(50, 30)))


SEEDS = (15, 17, 18, 21, 22, 25)
MISSED = 79


def leaking(seed: int) -> list:
    """Groups of one to four people that the outsider finds out."""
    study = random_study(seed, tables=5)
    counts, row = counts_of(study)
    return leaks(study, counts, row, suppress(counts))


@pytest.mark.parametrize("seed", SEEDS)
def test_an_outsider_who_knows_the_tables_finds_no_small_group(seed):
    assert leaking(seed) == []


def test_groups_that_are_declared_are_not_found_where_learnt_relations_miss_a_sum_over_four_tables():
    """What is missed is a matter of the relations, and not of what is made of them."""
    study = random_study(MISSED, tables=5)
    counts, row = declared_counts(study)
    assert leaking(MISSED) and leaks(study, counts, row, suppress(counts)) == []


@pytest.mark.parametrize("forgotten", ["partitions", "common", "inclusions"])
def test_the_outsider_finds_what_is_forgotten(monkeypatch, forgotten):
    monkeypatch.setattr(_Relations, forgotten, lambda *_: None)
    assert any(leaking(seed) for seed in SEEDS)


@pytest.mark.parametrize("forgotten", ["", "difference"])
def test_only_complements_tell_of_two_who_disagree(monkeypatch, forgotten):
    """Of 60 people 40 answered, and 38 of these agree; no other two counts are nearly equal."""
    if forgotten:
        monkeypatch.setattr(_Relations, forgotten, lambda *_: None)
    counts = all_shown(halves(first(60, 60), first(60, 40), first(60, 38)), pairs=[(1, 0), (2, 1)])
    assert counts.nearly == ()
    assert suppress(counts)[1:3].any() == (not forgotten)


@pytest.mark.parametrize("forgotten", ["", "sums"])
def test_only_sums_tell_that_counts_of_three_tables_add_up(monkeypatch, forgotten):
    """3 and 17 people in one table, 25 others in a second, all 45 of them in a third."""
    if forgotten:
        monkeypatch.setattr(_Relations, forgotten, lambda *_: None)
    counts = all_shown(halves(first(90, 3), first(90, 17, 3), first(90, 25, 20), first(90, 45)), blocks=[(0, 1)])
    assert suppress(counts)[1:].any() == (not forgotten)


def test_what_an_earlier_release_told_cannot_be_hidden_and_hides_nothing():
    parts = [first(90, 3), first(90, 27, 3), first(90, 60, 30)]
    counts = related(halves(first(90, 90), *parts), np.ones(4, bool), np.array([9.0, 1, np.inf, 3]), [(1, 2, 3)])
    assert counts.known.tolist()[2]
    assert suppress(counts)[[1, 3]].all() and not suppress(counts)[2]


def test_what_is_hidden_is_the_same_each_time():
    counts, _ = counts_of(random_study(22))
    assert np.array_equal(suppress(counts), suppress(counts))
