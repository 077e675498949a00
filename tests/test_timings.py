"""Where the seconds of a build went, and how many are left."""

import json

import pytest

from analysis.book import timings
from analysis.book.timings import BOOK, FILE, Timings

LAST = {"one": 4.0, "two": 8.0, "three": 2.0, BOOK: 5.0}


def test_seconds_left_are_those_of_the_last_build_at_the_pace_of_this_one():
    now = Timings(LAST)
    assert now.left(["two", "three"], [], 2) == 8 + 5  # the longest one keeps its worker to the end
    now.chapter("one", 2.0)
    assert now.left(["two", "three"], ["one"], 1) == (10 + 5) / 2
    assert now.left([], ["one"], 2) == 5 / 2


@pytest.mark.parametrize("known", [{}, {"one": 1.0}, {BOOK: 1.0}])
def test_nothing_is_said_of_the_time_left_where_a_step_is_new(known):
    assert Timings(known).left(["one"], [], 2) is None


def test_the_longest_begin_first_and_new_ones_before_them():
    names = ["one", "new", "three", "two", "other"]
    assert Timings(LAST).longest_first(names) == ["new", "other", "two", "one", "three"]


def test_steps_are_added_up_told_and_kept_for_the_next_build(tmp_path, monkeypatch):
    seconds, processor = iter([0, 3, 10, 11.5]), iter([0, 2, 5, 5.5])
    monkeypatch.setattr(timings.time, "perf_counter", lambda: next(seconds))
    monkeypatch.setattr(timings, "_processor", lambda: next(processor))
    now = Timings({"one": 4.0, "Sphinx": 9.0})
    for _ in range(2):
        with now.step("Sphinx"):
            pass
    now.chapter("two", 7.0)
    assert [line.split() for line in now.lines()[1:]] == [["Sphinx", "4.5", "2.5"], ["two", "7.0"]]
    now.write(tmp_path)
    assert json.loads((tmp_path / FILE).read_text()) == {"one": 4.0, "Sphinx": 4.5, "two": 7.0}
    assert Timings.read(tmp_path).last == {"one": 4.0, "Sphinx": 4.5, "two": 7.0}
    assert Timings.read(tmp_path / "none").last == {}
