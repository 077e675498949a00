"""Secondary suppression: known small cases, and an outsider who knows the tables but not how the engine learns them."""

import numpy as np
import pytest

from analysis.show.disclosure import relations
from analysis.show.disclosure.attack import exposed, ranges
from analysis.show.disclosure.grids import NOTHING, gridded, slices, with_margins
from analysis.show.disclosure.relations import Counts, Relation, _Relations, related
from analysis.show.disclosure.sets import Rows
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


SEEDS = (15, 17, 18, 66, 79, 226)  # sums over several tables among them


def leaking(seed: int) -> list:
    """Groups of one to four people that the outsider finds out."""
    study = random_study(seed, tables=5)
    counts, row = counts_of(study)
    return leaks(study, counts, row, suppress(counts))


@pytest.mark.parametrize("seed", SEEDS)
def test_an_outsider_who_knows_the_tables_finds_no_small_group(seed):
    assert leaking(seed) == []


def test_groups_that_are_declared_are_not_found():
    """What is found out is a matter of the relations, and not of what is made of them."""
    study = random_study(79, tables=5)
    counts, row = declared_counts(study)
    assert leaks(study, counts, row, suppress(counts)) == []


def without_margins(*given):
    grid, *_, whole = with_margins(*given)
    return grid, whole


def lines_alone(grid: np.ndarray):
    return (line for line in slices(grid) if grid.ndim == 1 or len(line) <= max(grid.shape))


@pytest.mark.parametrize("forgotten", ["inclusions", "rests", "all but lines"])
def test_the_outsider_finds_what_is_forgotten(monkeypatch, forgotten):
    if hasattr(_Relations, forgotten):
        monkeypatch.setattr(_Relations, forgotten, lambda *_: None)
    else:
        monkeypatch.setattr(relations, "slices", lines_alone)
        monkeypatch.setattr(relations, "with_margins", without_margins)
    assert any(leaking(seed) for seed in reversed(SEEDS))


def runs_alone(self, block, every):
    return self._runs(block, every[list(block)])


@pytest.mark.parametrize("counts_with_a_few_more", [True, False])
def test_some_cells_of_one_table_are_a_count_of_another_but_for_a_few(monkeypatch, counts_with_a_few_more):
    if not counts_with_a_few_more:
        monkeypatch.setattr(_Relations, "_unions", runs_alone)
    assert (leaking(329) == []) == counts_with_a_few_more


@pytest.mark.parametrize("forgotten", ["", "common"])
def test_only_unions_tell_that_some_rows_of_two_tables_are_the_same_people(monkeypatch, forgotten):
    """3, 17 and 22 people of one table are 12 and 30 of another, and nothing tells of all 42."""
    if forgotten:
        monkeypatch.setattr(_Relations, forgotten, lambda *_: None)
    sizes = [(3, 0), (17, 3), (22, 20), (30, 50), (12, 0), (30, 12), (40, 50)]
    counts = all_shown(halves(*(first(90, *size) for size in sizes)), blocks=[(0, 1, 2, 3), (4, 5, 6)])
    assert suppress(counts)[1:].any() == (not forgotten)


def test_a_grid_has_lines_slices_and_margins():
    """People by sex, age and answer, the answers with a total that counts them again."""
    parts = halves(*(first(90, people, start) for people, start in
                     [(5, 0), (6, 5), (7, 11), (8, 18), (9, 26), (10, 35), (11, 45), (12, 56)]))  # fmt: skip
    totals = parts.reshape(4, 2, -1).sum(axis=1)
    told = {(sex, age, answer): 4 * sex + 2 * age + answer for sex in (0, 1) for age in (0, 1) for answer in (0, 1)}
    told |= {(sex, age, "total"): 8 + 2 * sex + age for sex in (0, 1) for age in (0, 1)}
    rows = Rows(np.vstack([parts, totals]))
    grid, *margins, whole = with_margins(gridded(told), rows)
    assert grid.tolist() == [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]
    assert set(slices(grid)) >= {(0, 1), (0, 2), (0, 4), (0, 1, 2, 3), (0, 1, 4, 5), (0, 2, 4, 6), tuple(range(8))}
    of_margins = [[rows.vectors[row][0] for row in margin.ravel()] for margin in margins]
    assert [14, 16, 18, 20] in of_margins and [26, 42] in of_margins and rows.vectors[int(whole)][0] == 68


def test_a_table_of_nobody_has_no_totals():
    rows = Rows(np.zeros((2, 25), int))
    for grid in ([[0, 0], [0, 0]], [[0]], [0, 1]):
        assert [margin.ravel().tolist() for margin in with_margins(np.array(grid), rows)][-1] == [NOTHING]


def test_headings_that_hardly_cross_are_one_and_nothing_stands_for_what_is_not_told():
    told = {(str(number), f"row {number}", arm): 2 * number + arm for number in range(5) for arm in (0, 1)}
    assert gridded(told).tolist() == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    assert gridded({("a", "x"): 0, ("a", "y"): 1, ("b", "y"): 2}).tolist() == [[0, 1], [NOTHING, 2]]
    assert list(slices(np.array([[0, 1], [NOTHING, 2]]))) == [(0, 1, 2), (0, 1), (2,), (0,), (1, 2)]


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


def test_of_two_that_are_nearly_the_same_the_one_told_before_is_not_hidden_again():
    """An earlier release told of 45 people; of them and one more only the rest of 80 others can be told."""
    vectors = halves(first(126, 45), first(126, 46), first(126, 80, 46), first(126, 126))
    counts = related(vectors, np.ones(4, bool), np.array([np.inf, 1, 1, 9]), pairs=[(2, 3)])
    assert (0, 1) in counts.nearly
    assert suppress(counts).tolist() == [False, True, True, False]


@pytest.mark.parametrize(("told", "found"), [(False, []), (True, [2, 3])])
def test_what_earlier_releases_tell_by_themselves_is_past_help_and_what_this_report_adds_is_not(told, found):
    """They told of 10 people, 8 of whom are in one group; a part of these, 7, 1 and 2 people, is told of now."""
    vectors = halves(first(20, 10), first(20, 7), first(20, 1, 7), first(20, 2, 8), first(20, 8), first(20, 2, 8))
    vectors[5] = [2, *(vectors[3][1:] + 1) % 3]  # other two people, whom nothing of this report counts
    relations = (Relation((1, 2, 3, 0), (1, 1, 1, -1)), Relation((4, 5, 0), (1, 1, -1)))
    shown, weight = np.array([True] * 5 + [False]), np.array([np.inf, 1, 1, 1, np.inf, 0])
    counts = Counts(vectors, relations, shown, weight)
    hidden = np.array([False, not told, True, True, False, False])
    assert ranges(counts, hidden, [5])[1][5] == 2 and exposed(counts, hidden).tolist() == found


def test_of_two_derived_groups_the_one_that_earlier_releases_leave_open_is_blurred():
    """Of 50 people 20 and, told before, 30 less 12; of the same 50 less 14 other two more are told of now."""
    vectors = halves(first(50, 50), first(50, 38), first(50, 12, 38), first(50, 36), first(50, 14, 36))
    relations = (Relation((1, 2, 0), (1, 1, -1)), Relation((3, 4, 0), (1, 1, -1)))
    shown, weight = np.array([True, True, False, True, False]), np.array([np.inf, np.inf, 0, 3, 0])
    counts = Counts(vectors, relations, shown, weight, nearly=((2, 4),))
    assert exposed(counts, np.zeros(5, bool)).tolist() == [2]
    hidden = suppress(counts)
    assert hidden.tolist() == [False, False, False, True, False] and not len(exposed(counts, hidden))


def test_a_whole_that_is_nearly_what_others_add_up_to_stays_told():
    """Of 50 people 30 and 18 are told of; that these are all but two is blurred where it costs least."""
    vectors = halves(first(50, 50), first(50, 30), first(50, 18, 30), first(50, 48))
    relations = (Relation((1, 2, 3), (1, 1, -1)), Relation((0, 3), (1, -1), False))
    counts = Counts(vectors, relations, np.array([True, True, True, False]), np.array([99.0, 2, 1, 0]), ((3, 0),))
    assert exposed(counts, np.zeros(4, bool)).tolist() == [3]
    assert suppress(counts).tolist() == [False, False, True, False] and not len(exposed(counts, suppress(counts)))


def test_what_is_hidden_is_the_same_each_time():
    counts, _ = counts_of(random_study(22))
    assert np.array_equal(suppress(counts), suppress(counts))
