"""Rows printed in another row: the order of Table 23 follows from the counts of section 7.4, and faults are refused."""

from itertools import pairwise

import pandas as pd
import pytest

from analysis.as_printed.sfj.slipped_rows import ROWS, TABLE
from analysis.published.moved import ASSUMED, COUNTS, ORDER, printed_row, read_moved, with_moved
from analysis.published.scorecard import CELLS, addresses, read_published
from analysis.study.yaml_files import YamlProblems

FILE = CELLS.with_name("moved.yml")
COLUMNS = ("least_satisfied_sfj", "least_satisfied_control")


@pytest.fixture(scope="module")
def cells():
    return read_published()


@pytest.fixture(scope="module")
def printed(cells):
    return cells.set_index(["source", "row", "column", "statistic"])


@pytest.fixture(scope="module")
def moved(cells):
    return read_moved(FILE, frozenset(addresses(cells)))


def of_column(moved, column):
    return [each for each in moved if each.column == column]


def print_order(printed, column):
    rows = printed.xs((TABLE, column, "n"), level=("source", "column", "statistic")).index
    return [row for row in rows if row in ROWS]


def fits(printed, column, row, evidence):
    """Whether a printed number and its per cent, a mean of both waves', can hold these counts of the text."""
    stated = {
        address.split("/")[2][-3:].strip("_"): printed["value"][tuple(address.split("/"))] for address in evidence
    }
    n, pct = (printed.loc[(TABLE, row, column, statistic)] for statistic in ("n", "pct"))
    question, arm = column.rsplit("_", 1)
    sizes = {
        wave: printed["value"]["text_7.4", f"respondents_{question}", f"{arm}_{wave}", "n"] for wave in ("6m", "12m")
    }
    counts = {wave: stated.get(wave, n["value"] - sum(stated.values())) for wave in sizes}
    mean = sum(50 * counts[wave] / sizes[wave] for wave in sizes)
    enough = min(counts.values()) >= 0 and sum(counts.values()) == n["value"]
    return enough and abs(mean - pct["value"]) <= 0.5 * 10.0 ** -pct["decimals"] + 1e-9


@pytest.mark.parametrize("column", COLUMNS)
def test_counts_of_the_text_fit_the_row_that_is_named_and_no_other(moved, printed, column):
    own = of_column(moved, column)
    whole = {each.printed for each in own if len(each.evidence) == 2}
    for each in (each for each in own if each.evidence):
        fitting = [row for row in print_order(printed, column) if fits(printed, column, row, each.evidence)]
        assert each.printed in fitting, each
        if each.known_by == COUNTS:
            others = whole - {each.printed}
            assert [row for row in fitting if row not in others] == [each.printed], each


@pytest.mark.parametrize("column", COLUMNS)
def test_rows_known_by_order_lie_between_rows_that_leave_no_other_place(moved, printed, column):
    """Between two rows fixed by counts there are as many categories as printed rows; nowhere else is order claimed."""
    own, order = of_column(moved, column), print_order(printed, column)
    ends = [
        (-1, -1),
        *((order.index(each.printed), ROWS.index(each.counts)) for each in own if each.known_by == COUNTS),
    ]
    forced = {
        order[place]: ROWS[category + place - start]
        for (start, category), (end, last) in pairwise(ends)
        if end - start == last - category
        for place in range(start + 1, end)
    }
    claimed = {each.printed: each.counts for each in own if each.known_by == ORDER}
    assert claimed == {row: category for row, category in forced.items() if row in claimed}
    assert {each.printed for each in own if each.known_by == ASSUMED}.isdisjoint(forced)
    assert {each.printed for each in own} == set(order)


def test_the_print_lost_other_and_at_least_twenty_answers_with_it(moved, printed):
    """Without it the controls have fewer codes than answers; too short is a part of another category."""
    assert [row for row in ROWS if printed_row(moved, TABLE, "least_satisfied_control", row) is None] == ["other"]
    own = [each for each in of_column(moved, "least_satisfied_control") if each.counts != "too_short_duration"]
    codes = sum(printed["value"][TABLE, each.printed, each.column, "n"] for each in own)
    assert printed["value"][TABLE, "header_n", "least_satisfied_control", "n"] - codes == 20


def test_a_row_stands_where_the_file_says_and_else_in_its_own(moved):
    assert printed_row(moved, TABLE, "least_satisfied_control", "nav") == "psychologist"
    assert printed_row(moved, TABLE, "most_satisfied_control", "nav") == "nav"
    assert printed_row((), TABLE, "least_satisfied_control", "nav") == "nav"


def test_the_scorecard_has_the_number_of_the_row_that_is_meant(moved):
    address = {"source": TABLE, "column": "least_satisfied_control", "statistic": "n"}
    card = pd.DataFrame(
        [{**address, "row": "psychologist", "value": 55.0}, {**address, "row": "header_n", "value": 1.0}]
    )
    computed = pd.DataFrame([{**address, "row": "nav", "value": 54.0}])
    found = with_moved(card, computed, moved)
    assert found["counts"].tolist() == ["nav", ""]
    assert found["known_by"].tolist() == [COUNTS, ""]
    assert found["computed_there"].iloc[0] == 54 and found["computed_there"].isna().iloc[1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nav: {counts: tools, known_by: counts, form: []}", "line 2, setting t/a.nav.form: No such key"),
        ("nav: {counts: tools}", "line 2, setting t/a.nav.known_by: The key known_by is missing"),
        (
            "nav: {counts: tools, known_by: guess}",
            "line 2, setting t/a.nav.known_by: It is one of counts, order, assumed",
        ),
        (
            "nav: {counts: tools, known_by: order}\n  tools: {counts: tools, known_by: order}",
            "cannot stand in two rows",
        ),
        ("lost: {counts: tools, known_by: order}", "line 2, setting t/a.lost: The report prints no t/lost/a/n"),
        ("nav: {counts: tools, known_by: counts, from: [t/x/y/n]}", "The report prints no t/x/y/n"),
    ],
)
def test_faults_of_the_file_are_refused_with_file_and_line(tmp_path, line, said):
    path = tmp_path / "moved.yml"
    path.write_text(f"t/a:\n  {line}\n", encoding="utf-8")
    with pytest.raises(YamlProblems) as found:
        read_moved(path, frozenset({"t/nav/a/n", "t/tools/a/n"}))
    assert "moved.yml" in str(found.value) and said in str(found.value)


def test_a_report_without_the_file_has_no_moved_rows(tmp_path):
    assert read_moved(tmp_path / "moved.yml") == ()
