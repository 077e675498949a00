"""The scorecard: verdicts at the precision of the print, proofs from the audit."""

import shutil

import pandas as pd
import pytest

from analysis.published.prints import PublishedReport
from analysis.published.scorecard import (
    CELLS,
    addresses,
    precision,
    read_published,
    scorecard,
    totals,
    with_restated,
)

KEY = ["source", "row", "column", "statistic"]


def printed(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["row", "statistic", "value", "decimals"])
    return frame.assign(source="table_x", column="all", line=1, id="c1", note="")


def computed(**values: float) -> pd.DataFrame:
    rows = [("table_x", row, "all", "p_lt" if row == "bound" else "pct", value) for row, value in values.items()]
    return pd.DataFrame(rows, columns=[*KEY, "value"])


def no_findings() -> pd.DataFrame:
    return pd.DataFrame(columns=list(finding("share/pct")))


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (22.449, "exact"),
        (22.45, "exact"),
        (22.35, "exact"),
        (22.46, "rounding"),
        (22.3, "rounding"),
        (22.51, "unexplained"),
    ],
)
def test_verdict_depends_on_the_printed_precision(value, verdict):
    card = scorecard(printed(("share", "pct", 22.4, 1)), computed(share=value), no_findings(), {})
    assert card["verdict"].tolist() == [verdict]
    assert card["difference"].iloc[0] == pytest.approx(value - 22.4)


def test_a_padding_nought_is_no_precision():
    padded = printed(*[(f"row{place}", "p", place / 100, 3) for place in (1, 12, 30, 41, 99)])
    assert precision(padded).tolist() == [2] * 5
    assert precision(padded.head(4)).tolist() == [3] * 4
    assert precision(padded.assign(value=[0.01, 0.12, 0.30, 0.41, 0.991])).tolist() == [3] * 5
    assert precision(padded.assign(decimals=0, value=10.0)).tolist() == [0] * 5


def test_a_printed_bound_is_met_or_not():
    for p, verdict in ((0.0004, "exact"), (0.02, "unexplained")):
        card = scorecard(printed(("bound", "p_lt", 0.001, 3)), computed(bound=p), no_findings(), {})
        assert card["verdict"].tolist() == [verdict]


def test_numbers_nobody_computes_are_named_as_such():
    numbers = printed(("share", "pct", 22.4, 1), ("other", "pct", 1.0, 1))
    card = scorecard(numbers, computed(share=22.4), no_findings(), {})
    assert card["verdict"].tolist() == ["exact", "not_computed"]


def finding(*blames: str, **given) -> dict:
    """A failed relation about the numbers of table_x at these rows and statistics (`share/pct`)."""
    whole = tuple(f"table_x/{blame.split('/')[0]}/all/{blame.split('/')[1]}" for blame in blames)
    usual = {"relation": "sum", "instance": "", "check": "formula", "verdict": "fails", "kind": "arithmetic",
             "sure": "certain", "corrects": {}, "explained_by": ""}  # fmt: skip
    return usual | {"addresses": whole, "blames": whole} | given


def judged(found: list[dict], rows: list[tuple], **values: float) -> pd.DataFrame:
    return scorecard(printed(*rows), computed(**values), pd.DataFrame(found), {}).set_index("row")


SHARE, OTHER, THIRD = ("share", "pct", 22.4, 1), ("other", "pct", 50.0, 1), ("third", "pct", 8.0, 1)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (finding("share/pct"), "print_inconsistent"),
        (finding("share/pct", kind="rounding"), "print_inconsistent"),
        (finding("share/pct", "other/pct"), "print_inconsistent"),
        (finding("other/pct"), "unexplained"),
        (finding("share/pct", verdict="holds"), "unexplained"),
        (finding("share/pct", kind="points_as_percent"), "unexplained"),
    ],
)
def test_a_difference_is_accounted_for_by_a_relation_that_fails_with_all_else_as_printed(found, verdict):
    card = judged([found], [SHARE, OTHER], share=30.0, other=50.0)
    assert card.loc["share", "verdict"] == verdict
    assert card.loc["other", "verdict"] == "exact"
    assert (card.loc["share", "finding"] == "sum") == (verdict == "print_inconsistent")


def test_two_numbers_that_differ_do_not_account_for_each_other():
    card = judged([finding("share/pct", "other/pct")], [SHARE, OTHER], share=30.0, other=60.0)
    assert card["verdict"].tolist() == ["unexplained", "unexplained"]


@pytest.mark.parametrize(
    ("value", "verdict"), [(30.0, "print_inconsistent"), (28.0, "print_inconsistent"), (24.0, "unexplained")]
)
def test_a_number_that_comes_out_as_the_finding_corrects_it_or_nearer_to_that_is_accounted_for(value, verdict):
    found = finding("share/pct", "other/pct", corrects={"table_x/share/all/pct": (29.9, 30.1)})
    card = judged([found], [SHARE, OTHER], share=value, other=60.0)
    assert card["verdict"].tolist() == [verdict, "unexplained"]


def test_moved_columns_account_for_all_their_numbers_and_for_what_they_explain():
    moved = finding("share/pct", "other/pct", kind="columns_moved", relation="columns")
    within = finding("third/pct", "share/pct", explained_by="columns", relation="intervals")
    card = judged([moved, within], [SHARE, OTHER, THIRD], share=30.0, other=60.0, third=1.0)
    assert set(card["verdict"]) == {"print_inconsistent"}
    assert set(card["finding"]) == {"columns"}


def test_a_number_follows_from_one_that_is_accounted_for():
    wrong = finding("share/pct")
    then = finding("other/pct", "share/pct", verdict="holds", kind="holds", relation="then")
    last = finding("third/pct", "other/pct", verdict="holds", kind="holds", relation="last")
    card = judged([wrong, then, last], [SHARE, OTHER, THIRD], share=30.0, other=60.0, third=1.0)
    assert set(card["verdict"]) == {"print_inconsistent"}
    assert card["follows"].tolist() == [False, True, True]
    without = judged([then, last], [SHARE, OTHER, THIRD], share=30.0, other=60.0, third=1.0)
    assert set(without["verdict"]) == {"unexplained"}


def test_a_percentage_is_accounted_for_together_with_its_count():
    rows = [("share", "n", 22.0, 0), ("share", "pct", 22.4, 1)]
    both = pd.DataFrame([("table_x", "share", "all", name, 30.0) for name in ("n", "pct")], columns=[*KEY, "value"])
    card = scorecard(printed(*rows), both, pd.DataFrame([finding("share/n")]), {})
    assert card["verdict"].tolist() == ["print_inconsistent"] * 2


@pytest.mark.parametrize(
    ("said", "stated", "value", "verdict"),
    [
        ("about", 40.0, 44.9, "exact"),
        ("about", 40.0, 45.1, "unexplained"),
        ("a_good", 20.0, 21.2, "exact"),
        ("a_good", 20.0, 19.4, "unexplained"),
        ("nearly", 5.0, 4.6, "exact"),
        ("nearly", 5.0, 5.6, "unexplained"),
        ("over", 100.0, 104.0, "exact"),
        ("over", 100.0, 99.0, "unexplained"),
        ("at_least", 12.0, 13.0, "exact"),
    ],
)
def test_a_rough_number_is_met_by_what_its_words_say(monkeypatch, said, stated, value, verdict):
    rough = {"table_x/share/all/pct": said}
    card = scorecard(printed(("share", "pct", stated, 0)), computed(share=value), no_findings(), rough)
    assert card["verdict"].tolist() == [verdict]


def test_rough_restated_and_uncomputed_numbers_are_printed_numbers():
    report = PublishedReport(CELLS.parent)
    known = set(addresses(report.cells))
    assert set(report.rough) | set(report.outside) | set(report.restated) <= known
    assert not set(report.outside) & set(report.restated)


def test_a_report_may_be_its_numbers_alone(tmp_path):
    """Without the other files nothing is rough, restated, related or outside, and codes are read as they stand."""
    shutil.copy(CELLS, tmp_path)
    report = PublishedReport(tmp_path)
    assert not report.rough and not report.restated and not report.outside and report.findings.empty
    assert report.word("net_gain") == "net gain"
    card = scorecard(report.cells, computed(share=1.0), report.findings, report.rough)
    assert set(card["verdict"]) == {"not_computed"}


@pytest.mark.parametrize(
    ("of", "factor", "value"),
    [
        ("table_x/share/all/pct", 0.01, 0.3),
        (["table_x/share/all/pct", "table_x/share/all/pct"], 1, 60.0),
    ],
)
def test_restated_numbers_take_their_value_from_the_cells_they_repeat(of, factor, value):
    cells = with_restated(computed(share=30.0), {"text/share/all/pct": [of, factor]}).set_index("source")
    assert cells.loc["text", "value"] == pytest.approx(value)


def test_what_repeats_a_number_that_nobody_computes_is_not_computed_either():
    cells = with_restated(computed(share=30.0), {"text/share/all/pct": ["table_x/lost/all/pct", 1]})
    assert "text" not in set(cells["source"])


def test_every_published_number_has_an_address_of_its_own_and_counts_once():
    published = read_published()
    assert len(published) == sum(1 for _ in CELLS.open()) - 1
    assert addresses(published).is_unique
    card = scorecard(published, computed(share=1.0), no_findings(), {})
    assert totals(card).to_numpy().sum() == len(published)
