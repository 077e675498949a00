"""The scorecard: verdicts at the precision of the print, proofs from the audit, none for other data."""

import pandas as pd
import pytest

from analysis.published import CELLS, addresses, precision, read_published, scorecard, totals, with_restated

KEY = ["source", "row", "column", "statistic"]


def printed(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["row", "statistic", "value", "decimals"])
    return frame.assign(source="table_x", column="all", line=1, id="c1", note="")


def computed(**values: float) -> pd.DataFrame:
    rows = [("table_x", row, "all", "p_lt" if row == "bound" else "pct", value) for row, value in values.items()]
    return pd.DataFrame(rows, columns=[*KEY, "value"])


def no_findings() -> pd.DataFrame:
    return pd.DataFrame(columns=["relation", "verdict", "kind", "sure", "addresses"])


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
    card = scorecard(printed(("share", "pct", 22.4, 1)), computed(share=value), no_findings())
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
        card = scorecard(printed(("bound", "p_lt", 0.001, 3)), computed(bound=p), no_findings())
        assert card["verdict"].tolist() == [verdict]


def test_numbers_nobody_computes_are_named_as_such():
    card = scorecard(printed(("share", "pct", 22.4, 1), ("other", "pct", 1.0, 1)), computed(share=22.4), no_findings())
    assert card["verdict"].tolist() == ["exact", "not_computed"]


@pytest.mark.parametrize(
    ("kind", "address", "verdict"),
    [
        ("arithmetic", "table_x/share/all/pct", "print_inconsistent"),
        ("arithmetic", "table_x/share/all/n", "print_inconsistent"),
        ("arithmetic", "table_x/other/all/pct", "unexplained"),
        ("rounding", "table_x/share/all/pct", "unexplained"),
    ],
)
def test_a_difference_is_excused_only_by_a_relation_the_print_violates(kind, address, verdict):
    finding = {"relation": "sum", "verdict": "fails", "kind": kind, "sure": "certain", "addresses": (address,)}
    card = scorecard(printed(("share", "pct", 22.4, 1)), computed(share=30.0), pd.DataFrame([finding]))
    assert card["verdict"].tolist() == [verdict]


def test_other_data_get_no_verdict():
    card = scorecard(printed(("share", "pct", 22.4, 1)), computed(share=30.0), None)
    assert card["verdict"].tolist() == [""]
    assert card["computed"].tolist() == [30.0]


def test_restated_numbers_take_their_value_from_the_cell_they_repeat(tmp_path):
    path = tmp_path / "restated.yml"
    path.write_text("text/share/all/pct: [table_x/share/all/pct, 0.01]\n")
    cells = with_restated(computed(share=30.0), path).set_index("source")
    assert cells.loc["text", "value"] == pytest.approx(0.3)
    path.write_text("text/share/all/pct: [table_x/lost/all/pct, 1]\n")
    with pytest.raises(KeyError, match="table_x/lost"):
        with_restated(computed(share=30.0), path)


def test_every_published_number_has_an_address_of_its_own_and_counts_once():
    published = read_published()
    assert len(published) == sum(1 for _ in CELLS.open()) - 1
    assert addresses(published).is_unique
    card = scorecard(published, computed(share=1.0), no_findings())
    assert totals(card).to_numpy().sum() == len(published)
