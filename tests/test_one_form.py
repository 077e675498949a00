"""One thing has one form in the whole book: the arms their names and their order, a percentage its sign."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from analysis.chapters import participants
from analysis.show.column_order import in_arm_order
from analysis.show.page import Page
from analysis.show.tables import Formatter, Table, cells, lay_out

ROOT = Path(__file__).parents[1]
PLACES = ("analysis/show/words/en/**/*.yml", "data/*/words/en/*.yml", "data/*/pages/*.md", "book/*.md")
WRITTEN = [path for place in PLACES for path in sorted(ROOT.glob(place))]
NOT_A_SIGN = re.compile(r"[\d}]\s+(?:per\s+cent\b|%)")


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_percentage_has_the_sign_behind_its_number(path):
    assert [" ".join(found[0].split()) for found in NOT_A_SIGN.finditer(path.read_text(encoding="utf-8"))] == []


def heads(built_book):
    """(page, cells of a line of a table's head) of the book."""
    for path in [*built_book.glob("notebooks/*.html"), *built_book.glob("[ij]*/*.html")]:
        for head in re.findall(r"<thead>.*?</thead>", path.read_text(encoding="utf-8"), flags=re.DOTALL):
            for line in BeautifulSoup(head, "html.parser").find_all("tr"):
                yield path.stem, [cell.get_text(" ", strip=True).rstrip("■●○ ") for cell in line.find_all("th")]


def test_the_arms_have_one_name_and_one_order_in_all_tables(built_book):
    found, named = 0, re.compile(r"(?:SFJ|IPS|Control)(?:, .*)?")
    long_names = ("Senter for jobbmestring", "Ordinary follow-up", "Individual job support", "Usual measures")
    for page, line in heads(built_book):
        assert not set(line) & set(long_names), (page, line)
        arms = [cell.split(",")[0] for cell in line if named.fullmatch(cell)]
        found += len(set(arms)) > 1
        assert arms[:1] != ["Control"] or set(arms) == {"Control"}, (page, line)
    assert found > 30


@pytest.mark.parametrize(("columns", "ordered"), [
    (["total", "control", "sfj"], ["sfj", "control", "total"]),
    (["control", "sfj", "sfj_minus_control"], ["sfj", "control", "sfj_minus_control"]),
    (["inclusion_control", "inclusion_sfj", "to_next_control", "to_next_sfj"],
     ["inclusion_sfj", "inclusion_control", "to_next_sfj", "to_next_control"]),
    (["uncontrolled", "control"], ["uncontrolled", "control"]),
    ({"first": ["m12_control", "m12_sfj"]}, {"first": ["m12_sfj", "m12_control"]}),
])  # fmt: skip
def test_columns_of_the_arms_are_put_in_order_and_others_stay(columns, ordered):
    keys = columns if isinstance(columns, list) else [key for keys in columns.values() for key in keys]
    table = Table("any", cells([("row", key, "n", 1) for key in keys]), columns=columns)
    assert in_arm_order(table, "sfj", "control").columns == ordered


def test_labels_of_the_arms_are_short_and_begin_with_a_capital():
    page = Page("employment")
    label, study = page.catalogue.label, page.study
    assert [label("employment", "columns", arm) for arm in (study.treatment, study.control)] == ["SFJ", "Control"]
    assert label("employment", "columns", "sfj_minus_control") == "SFJ minus control"
    assert label("employment", "columns", "inclusion_control") == "Control, at inclusion"
    assert label("health", "units", "points_sfj_minus_control") == "score points, SFJ minus control"


def test_means_of_yes_or_no_characteristics_are_in_per_cent():
    shown = cells([("woman", "all", "mean", 0.7041), ("woman", "all", "sd", 0.457), ("age", "all", "mean", 40.0481)])
    table = Table("any", shown, decimals={"mean": 3}, shares=["woman"])
    page = Page("participants")
    grid = lay_out(table, "participants", page.catalogue)
    assert grid.body == {("woman", "all"): {"mean+sd": "70.4 (45.7)"}, ("age", "all"): {"mean": "40.048"}}
    assert Formatter(table, "participants", page.catalogue).decimals_told() == [3, 3, 3]
    own = participants.baseline_by_status_table(page.trial)
    assert "woman" in own.shares and "age" not in own.shares and "hads_total" not in own.shares
