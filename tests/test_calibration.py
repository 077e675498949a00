"""The engine on small problems whose answer is known: solver, whole numbers, moves, contradictions, and the door."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.__main__ import main
from analysis.calibration import (
    Puzzle,
    cheapest,
    cheapest_whole,
    chosen_drafts,
    drawn,
    evidence,
    excess,
    guide,
    held_out,
    integer_table,
    relaxed,
    solve,
    table_cells,
)
from analysis.calibration import statistics as st
from analysis.calibration.declared import Made, Sought, make_people, people_for, read_sought
from analysis.calibration.diagnose import contradictions, irreducible, reached
from analysis.calibration.left_open import is_same, ranges, unprinted, walked, world
from analysis.calibration.moves import Column, Moves
from analysis.calibration.puzzle import candidates
from analysis.calibration.start import first_values
from analysis.calibration.targets import Target, puzzle_of
from analysis.study.finding import BUNDLED
from analysis.study.problems import StudyProblems

SIZES = {0.0: 14, 1.0: 11}
SEX, SCORE = 1, 2
COLUMNS = {SEX: Column(0, 1, is_code=True), SCORE: Column(0, 20)}
ALL = frozenset()
ARMS = [frozenset({st.Condition(0, code, code)}) for code in SIZES]
WOMEN = frozenset({st.Condition(SEX, 1, 1)})


def target(name: str, value: float, decimals: int, statistic: st.Statistic) -> Target:
    return Target(name, value, decimals, statistic)


def printed(*, total: float = 9.2) -> list[Target]:
    """Numbers of a report on 14 and 11 people; the mean of all is 9.2 where those of the arms are 8.5 and 10.1."""
    numbers = [
        ("n", 6, 0, st.people(ARMS[0] | WOMEN)),
        ("pct", 63.6, 1, st.share(ARMS[1], WOMEN, 100)),
        ("mean_0", 8.5, 1, st.mean_statistic("mean", ARMS[0], (SCORE,))),
        ("mean_1", 10.1, 1, st.mean_statistic("mean", ARMS[1], (SCORE,))),
        ("sd_0", 4.1, 1, st.mean_statistic("sd", ARMS[0], (SCORE,))),
        ("mean", total, 1, st.mean_statistic("mean", ALL, (SCORE,))),
        ("women", 11.0, 0, st.mean_statistic("mean", WOMEN, (SCORE,))),
        ("t", 0.95, 2, st.difference_statistic("t", ARMS[1], ARMS[0], (SCORE,))),
    ]
    return [target(*each) for each in numbers]


def moves() -> Moves:
    return Moves(COLUMNS, np.repeat(list(SIZES), list(SIZES.values())))


def calibrated(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return solve(puzzle_of(printed(), moves()), first_values(printed(), SIZES, COLUMNS, rng), rng)[0]


# Solver


def test_the_solver_meets_every_number_that_people_can_give_and_the_same_seed_gives_the_same_people():
    values = calibrated(3)
    assert reached(printed(), values)["met"].all()
    assert np.array_equal(values, calibrated(3))
    assert ((values[:, SCORE] >= 0) & (values[:, SCORE] <= 20) & (values[:, SCORE] % 1 == 0)).all()
    assert np.bincount(values[:, 0].astype(int)).tolist() == [14, 11]


def test_a_number_that_no_people_give_is_told_as_missed():
    rng = np.random.default_rng(1)
    wanted = printed(total=9.6)
    lines: list[str] = []
    start = first_values(wanted, SIZES, COLUMNS, rng)
    options = {"cycles": 1, "attempts": 0, "renewals": 1}
    values, missed = solve(puzzle_of(wanted, moves()), start, rng, **options, report=lines.append)
    assert missed >= 1 and f"{missed} missed" in lines[-1]
    assert not reached(wanted, values)["met"].all()


def test_one_linear_programme_finds_the_best_changes():
    """Changes of 4, 3 and 2, the first two of one person, who changes once: a goal of 5 takes 4 and half of 2."""
    effect, once = np.array([[4.0], [3.0], [2.0]]), np.array([[1.0, 1, 0], [0, 0, 1]])
    share = relaxed(effect, np.array([5.0]), np.array([5.0]), once, 1e-3, "highs-ds")
    assert share == pytest.approx([1, 0, 0.5])


def test_programmes_have_their_known_optimum():
    price, limit = np.array([-1.0, -2.0]), (np.array([[1.0, 1.0]]), np.array([1.5]))
    numbers, cost = cheapest(price, limit, [(0, 1), (0, 1)])
    assert numbers == pytest.approx([0.5, 1]) and cost == pytest.approx(-2.5)
    assert cheapest(price, (np.array([[1.0, 1.0]]), np.array([-1.0])), [(0, 1), (0, 1)]) is None
    whole, proved = cheapest_whole(price, [(limit[0], -np.inf, limit[1])], 0, 1, np.ones(2))
    assert whole == pytest.approx([0, 1]) and not proved
    assert cheapest_whole(price, [(limit[0], 1.2, 1.8)], 0, 5, np.ones(2)) == (None, True)


def test_what_lies_outside_counts_in_half_widths():
    assert excess(np.array([[1.0, 4.0, 9.0]]), np.full(3, 3.0), np.full(3, 5.0)).tolist() == [[2.0, 0.0, 4.0]]


def test_a_cool_walk_takes_the_best_and_a_hot_one_anything():
    costs, rng = np.array([3.0, 1.0, 2.0]), np.random.default_rng(0)
    assert {drawn(costs, 1e-6, rng) for _ in range(20)} == {1}
    assert {drawn(costs, 1e6, rng) for _ in range(60)} == {0, 1, 2}


def test_each_candidate_changes_the_sums_as_it_says():
    rng, puzzle = np.random.default_rng(2), puzzle_of(printed(), moves())
    values = first_values(printed(), SIZES, COLUMNS, rng)
    found = candidates(puzzle, values, rng, 12)
    for number in range(len(found.first)):
        after = puzzle.sums(found.apply(values, np.array([number])))
        assert after == pytest.approx(puzzle.sums(values) + found.change[number])


def test_drafts_are_chosen_that_add_up():
    """Of each person's three drafts exactly one set adds up to 7 in all and 3 in the first group."""
    counts = np.array([[[0], [1], [5]], [[9], [2], [4]], [[8], [7], [4]]])
    sides = np.array([[1, 1], [1, 1], [1, 0]])
    totals = np.array([[7], [3]])
    picked = chosen_drafts(counts, sides, totals, [np.ones((2, 1), dtype=int)] * 4)
    assert counts[np.arange(3), picked, 0].tolist() == [1, 2, 4]


# Moves


def test_exchanges_keep_what_a_stratum_holds_and_gifts_its_sum():
    rng = np.random.default_rng(4)
    values = first_values(printed(), SIZES, COLUMNS, rng)
    (first, new_first), (second, new_second) = moves().swap(rng, values, 400)
    assert (values[first, 0] == values[second, 0]).all()
    before, after = values[first] + values[second], new_first + new_second
    assert np.array_equal(before, after)
    assert (new_first != values[first]).any(axis=0).tolist() == [False, True, True]
    apart = first != second
    own = np.sort([values[first, SCORE], values[second, SCORE]], axis=0)[:, apart]
    assert (np.sort([new_first[:, SCORE], new_second[:, SCORE]], axis=0)[:, apart] != own).any()  # points were given


def test_a_step_stays_on_the_grain_and_in_the_range():
    spec, rng = Column(-1, 2, 0.5), np.random.default_rng(6)
    now = rng.choice(spec.levels, 500)
    new = spec.stepped(now, rng)
    assert spec.levels.tolist() == [-1, -0.5, 0, 0.5, 1, 1.5, 2]
    assert set(new) <= set(spec.levels) and (new != now).any()


# Whole numbers


def test_whole_tables_meet_their_margins_and_lie_near_what_is_expected():
    cells = table_cells({"arm": ["a", "b"], "sex": ["w", "m"]})
    margins = [({"arm": "a"}, 10), ({"arm": "b"}, 7), ({"sex": "w"}, 9)]
    counts = integer_table(cells, np.array([6.2, 3.8, 2.6, 4.4]), margins)
    assert counts.tolist() == [6, 4, 3, 4]
    with pytest.raises(ValueError, match="margins"):
        integer_table(cells, np.ones(4), [*margins, ({"sex": "m"}, 9)])


# Contradictions


def test_a_deletion_filter_leaves_the_smallest_part_that_conflicts():
    def conflict(items):
        return {2, 5, 7} <= set(items) or {3, 9} <= set(items)

    assert irreducible(range(10), conflict) in ([3, 9], [9, 3])
    assert irreducible([1, 2, 3, 4, 5], conflict) == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ({}, []),
        ({"mean": ("mean", 9.6, 1)}, [["mean", "mean_0", "mean_1"]]),  # outside both arms' means, rightly weighted
        ({"pct": ("pct", 62.0, 1)}, [["pct"]]),  # no whole number of 11 people
        ({"sd_0": ("sd_0", 11.0, 1)}, [["sd_0"]]),  # more than 14 scores from 0 to 20 can spread
        ({"t": ("t", 5, 2)}, [["mean", "mean_1", "sd_0", "t"]]),  # a difference too small beside this spread
        ({"n": ("n", 6, 0, st.people(WOMEN))}, [["n", "pct"]]),  # seven women in one arm, six in both
    ],
    ids=["none", "mean", "pct", "sd", "t", "n"],
)
def test_planted_contradictions_are_found_and_no_others(planted, found):
    numbers = []
    for each in printed():
        name, value, decimals, *other = planted.get(each.address, (each.address, each.value, each.decimals))
        numbers.append(target(name, value, decimals, other[0] if other else each.statistic))
    sets = contradictions(numbers, SIZES, COLUMNS)
    assert [[each.address for each in part] for part in sets] == found


@pytest.mark.parametrize(("mean", "found"), [(4.4, [["mean_0"]]), (5.1, []), (19.9, []), (20.6, [["mean_0"]])])
def test_a_mean_outside_the_range_of_its_number_is_impossible(mean, found):
    number = target("mean_0", mean, 1, st.mean_statistic("mean", ARMS[0], (SCORE,)))
    sets = contradictions([number], SIZES, {SCORE: Column(5, 20)})
    assert [[each.address for each in part] for part in sets] == found


def test_numbers_that_people_do_give_never_conflict():
    """Whatever people are printed: their own numbers can hold together."""
    rng = np.random.default_rng(8)
    for _ in range(3):
        values = np.column_stack([np.repeat([0.0, 1.0], [14, 11]), rng.integers(0, 2, 25), rng.integers(0, 21, 25)])
        own = [target(each.address, round(each.statistic.of(values), each.decimals), each.decimals, each.statistic)
               for each in printed()]  # fmt: skip
        assert contradictions(own, SIZES, COLUMNS) == []


# From a declaration to a study


DECLARED = {
    "name": "small", "title": {"en": "A small invented report"},
    "arms": {"new": {"people": 14, "role": "treatment", "label": "New"},
             "usual": {"people": 11, "role": "control", "label": "Usual"}},
    "columns": {"sex": {"values": {"woman": "Woman", "man": "Man"}}, "age": {"from": 20, "to": 60},
                "in_work_3": {}, "in_work_6": {}, "answered": {}, "ladder": {"from": 0, "to": 100, "given": "answered",
                "written": "health_ladder", "wave": 6}},
    "groups": {"new": {"arm": "new"}, "usual": {"arm": "usual"}, "total": {}, "difference": ["new", "usual"]},
    "measures": {"table_1": {"women": {"of": {"sex": "woman"}}, "age": "age", "old": {"of": {"age": {"from": 50}}},
                             "work": "in_work_6", "ladder": "ladder"}},
    "dates": {"inclusion_start": "2019-01-01", "inclusion_end": "2019-06-30", "register_start": "2019-01-01",
              "register_end": "2019-12-31"},
    "follow_up": 6, "jobs": {"at": {3: "in_work_3", 6: "in_work_6"}},
}  # fmt: skip
CELLS = """source,row,column,statistic,value,decimals
table_1,women,new,n,8,0
table_1,women,usual,pct,45.5,1
table_1,age,new,mean,39.4,1
table_1,age,usual,sd,9.1,1
table_1,old,total,n,4,0
table_1,work,difference,pct,20.8,1
table_1,work,new,n,8,0
table_1,ladder,total,n,20,0
table_1,ladder,total,mean,61,0
table_1,age,total,median,40,0
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("declared")
    (folder / "targets.yml").write_text(yaml.safe_dump(DECLARED, sort_keys=False), encoding="utf-8")
    (folder / "cells.csv").write_text(CELLS, encoding="utf-8")
    return folder


def test_a_declared_study_passes_the_check_and_its_tables_give_the_printed_numbers(folder, tmp_path, capsys):
    out = tmp_path / "made"
    assert main(["synthesise", "--study", str(folder), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "9 of 9 printed numbers are met" in told and "not measured: table_1/age/total/median" in told
    assert main(["check", str(out)]) == 0
    people = pd.read_csv(out / "participants.csv", parse_dates=["included_on", "birth_date"])
    age = np.floor((people["included_on"] - people["birth_date"]).dt.days / 365.25)
    new = people["arm"] == "new"
    assert new.sum() == 14 and ((people["sex"] == "woman") & new).sum() == 8
    assert f"{age[new].mean():.1f}" == "39.4" and f"{age[~new].std():.1f}" == "9.1" and (age >= 50).sum() == 4
    ladder = pd.read_csv(out / "questionnaires.csv")["health_ladder"]
    assert len(ladder) == 20 and round(ladder.mean()) == 61
    jobs = pd.read_csv(out / "job_spells.csv", parse_dates=["from_date", "to_date"]).merge(people, on="participant_id")
    day = (jobs["included_on"].dt.to_period("M") + 6).dt.end_time.dt.normalize()
    at_6 = jobs[(jobs["from_date"] <= day) & (jobs["to_date"].isna() | (jobs["to_date"] >= day))]
    assert at_6["participant_id"].is_unique and (at_6["arm"] == "new").sum() == 8
    assert (at_6["arm"] == "usual").sum() == 4  # 8 of 14 less 4 of 11 are 20.8 points



@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("measures", "table_1", "age"), "agee", "setting measures.table_1.age: There is no column agee"),
        (("groups", "new"), {"arm": "neww"}, "Use one of new, usual"),
        (("groups", "difference"), ["new", "nobody"], "nobody is no group of people"),
        (("columns", "age"), {"from": 20}, "line"),
        (("follow_up",), None, "follow_up"),
        (("assumed",), {"table_9/age/new/mean": 40}, "Nothing measures this number"),
    ],
)
def test_a_faulty_declaration_names_file_line_and_remedy(folder, tmp_path, place, value, said):
    declared = yaml.safe_load((folder / "targets.yml").read_text(encoding="utf-8"))
    inner = declared
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    (tmp_path / "targets.yml").write_text(yaml.safe_dump(declared), encoding="utf-8")
    (tmp_path / "cells.csv").write_text(CELLS, encoding="utf-8")
    with pytest.raises(StudyProblems) as error:
        make_people(tmp_path)
    assert "targets.yml, line" in str(error.value) and said in str(error.value)


def test_lacking_files_are_named(tmp_path, capsys):
    assert main(["synthesise", "--study", str(tmp_path)]) == 2
    assert "targets.yml: The declaration is missing." in capsys.readouterr().err


@pytest.fixture(scope="module")
def example() -> Made:
    return make_people(guide.EXAMPLE)


def test_the_invented_report_comes_out_but_for_its_two_misprints(example, monkeypatch):
    """The page for authors tells both, as the program finds them."""
    made = example
    misprints = [["table_1/women/usual/pct"],
                 ["table_1/age/coaching/mean", "table_1/age/total/mean", "table_1/age/usual/mean"]]  # fmt: skip
    assert made.conflicts == misprints
    missed = made.reached.loc[~made.reached["met"], "address"]
    assert set(missed) == {"table_1/women/usual/pct", "table_1/age/total/mean"}
    monkeypatch.setattr(guide, "make_people", lambda folder: made)
    page = guide.render()
    assert "the invented people meet 53." in page and "- `table_1/women/usual/pct`\n" in page
    assert "{of_" not in page


def test_the_articles_numbers_come_out_as_its_declaration_measures_them():
    made = make_people(BUNDLED.parent / "ips")
    assert len(made.reached) == 9 + len(made.declared.assumed) and made.reached["met"].all() and made.conflicts == []


def test_puzzles_take_what_is_not_theirs():
    """Any function of sums will do, also without exchanges: a mean of 3 by single steps."""

    def step(rng, values, size):
        rows = rng.integers(len(values), size=size)
        return rows, values[rows] + rng.choice([-1.0, 1.0], size)

    ends = np.array([2.95]), np.array([3.05])
    puzzle = Puzzle(lambda rows, values: values[:, None], lambda sums: sums / 10, *ends, step)
    values, missed = solve(puzzle, np.zeros(10), np.random.default_rng(0))
    assert missed == 0 and values.sum() == 30


# What the print leaves open, and what it teaches


@pytest.fixture(scope="module")
def sought(folder) -> Sought:
    return read_sought(folder)


@pytest.fixture(scope="module")
def small(folder) -> Made:
    return make_people(folder)


def test_a_walk_keeps_every_printed_number_and_changes_what_is_left_open(sought, small):
    worlds = [world(number, sought, small.values, 1, rounds=30) for number in range(4)]
    assert worlds[0].changed == 0 and min(each.changed for each in worlds[1:]) > 0.3
    puzzle = puzzle_of(sought.held, sought.moves)
    for number in (1, 2, 3):
        values = walked(puzzle, small.values, np.random.default_rng([1, number]), 30)
        assert not puzzle.missed(values).any()  # also with sums taken anew
    found = ranges(worlds, small.declared).set_index(["row", "column", "statistic"])
    # 8 of 14 women are printed of one arm, 45.5 % of 11 in the other: their difference is settled; nothing links age
    # with work.
    women = found.loc[("women", "difference", "pct")]
    assert women[["lowest", "highest"]].tolist() == pytest.approx([100 * 8 / 14 - 500 / 11] * 2)
    assert women["is_settled"] and is_same(found)["women", "difference", "pct"]
    age_and_work = found.loc[("age", "in_work_6", "r")]
    assert age_and_work["lowest"] < age_and_work["here"] - 0.05 or age_and_work["highest"] > age_and_work["here"] + 0.05


def test_a_figure_that_is_missed_comes_no_further_from_its_interval():
    """A mean of 3 is asked of people who have 5 at the start: the walk may come nearer, and never goes beyond 5."""

    def step(rng, values, size):
        rows = rng.integers(len(values), size=size)
        return rows, values[rows] + rng.choice([-1.0, 1.0], size)

    ends = np.array([2.95]), np.array([3.05])
    puzzle = Puzzle(lambda rows, values: values[:, None], lambda sums: sums / 10, *ends, step)
    values = walked(puzzle, np.full(10, 5.0), np.random.default_rng(0), 50)
    assert 2.95 <= values.mean() <= 5.0 and (values != 5.0).any()


def test_unprinted_numbers_are_those_that_the_tables_could_have(sought):
    found, printed = unprinted(sought), {target.address for target in sought.targets}
    assert not printed & set(found)
    assert {"table_1/age/usual/mean", "table_1/age/difference/p", "table_1/old/usual/pct",
            "correlation/age/ladder/r"} <= set(found)  # fmt: skip
    assert "correlation/answered/ladder/r" not in found  # whoever has a ladder has answered


def test_worlds_are_kept_and_more_come_on_top(folder, tmp_path, monkeypatch, capsys):
    for name in ("targets.yml", "cells.csv"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    monkeypatch.setattr(evidence, "world", partial(world, rounds=5))
    asked = ["synthesise", "--study", str(tmp_path), "--out", str(tmp_path / "out"), "--ensemble"]
    assert main([*asked, "2"]) == 0
    file = tmp_path / "calibration" / "worlds.csv"
    first = pd.read_csv(file)
    assert main([*asked, "3"]) == 0
    told = capsys.readouterr()
    assert "world 3 of 3" in told.err and told.err.count("world 2 of") == 1
    both = pd.read_csv(file)
    assert set(both["world"]) == {0, 1, 2} and both[both["world"] < 2].reset_index(drop=True).equals(first)
    ranges_of_three = pd.read_csv(tmp_path / "calibration" / "left_open.csv")
    own = both.groupby("address")["value"].agg(["min", "max"])
    names = ranges_of_three[["source", "row", "column", "statistic"]].agg("/".join, axis=1)
    assert ranges_of_three["lowest"].to_numpy() == pytest.approx(own["min"].loc[names].to_numpy())
    cells = tmp_path / "cells.csv"
    cells.write_text(cells.read_text().replace("women,new,n,8", "women,new,n,9"))
    assert main([*asked, "2"]) == 0  # worlds of other numbers are no worlds of these
    assert set(pd.read_csv(file)["world"]) == {0, 1} and pd.read_csv(file)["made_from"].nunique() == 1


def test_numbers_left_out_are_not_told_and_each_is_left_out_once(sought, monkeypatch):
    told = []

    def people(sought, targets, rng):
        told.append({target.address for target in targets})
        return people_for(sought, targets, rng)

    monkeypatch.setattr(held_out, "people_for", people)
    parts = [held_out.fold(number, 3, sought, 1) for number in range(3)]
    for part, addresses in zip(parts, told, strict=True):
        assert addresses.isdisjoint(part["address"]) and len(addresses) + len(part) == len(sought.held)
    every = pd.concat(parts)
    assert sorted(every["address"]) == sorted(target.address for target in sought.held)
    found = held_out.learnt(every)
    assert found["all"].numbers == len(every) == sum(each.numbers for name, each in found.items() if name != "all")
    own = every[every["address"].str.endswith("/n")]
    assert found["n"].calibrated == (own["calibrated"] - own["printed"]).abs().median()


def test_what_is_the_same_in_all_stored_worlds_of_the_example_is_so_for_people_of_another_search():
    sought, stored = read_sought(guide.EXAMPLE), pd.read_csv(guide.EXAMPLE / "calibration" / "left_open.csv")
    names = stored[["source", "row", "column", "statistic"]].agg("/".join, axis=1)
    found = unprinted(sought)
    assert list(names) == list(found) and stored["worlds"].eq(20).all() and is_same(stored).sum() > 20
    people = make_people(guide.EXAMPLE, 8).values
    others = pd.Series([each.of(people) for each in found.values()])
    assert others[is_same(stored)].tolist() == pytest.approx(stored.loc[is_same(stored), "here"].tolist(), rel=1e-6)
    assert (stored["lowest"] <= stored["here"]).all() and (stored["here"] <= stored["highest"]).all()
    # The adjusted difference and its error settle how closely coping then and now go together, and not which way.
    coping = stored.set_index(["row", "column"]).loc[("coping_before", "coping_after")]
    assert coping["lowest"] == pytest.approx(-coping["highest"], abs=0.02) and not coping["is_settled"]
