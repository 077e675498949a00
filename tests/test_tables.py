"""Tables print what their cells hold: merged, rounded, headed and escaped, nothing lost."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.show import table_html, tables
from analysis.show.catalogue import Catalogue, MissingText
from analysis.show.tables import Table

COMMON = """
table: {corner: Measure}
statistics: {n: n, pct: "%", proportion: "%", ci: "{level}% CI", mean: Mean, sd: SD, p: p-value,
             marginal_effect: Effect, z: z, r2: R², range: Range, t: t, df: df, nok: NOK, difference: Difference}
columns: {sfj: SFJ, control: Control, gap: "SFJ < control", m6: Month 6, m12: Month 12}
column_groups: {early: Early, late: Late}
row_groups: {health: Health}
rows: {aap: On AAP, job: In work, r2: R², n: Number, age: "Age & years"}
texts: {none: not asked}
"""


@pytest.fixture
def words(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "common.yml").write_text(COMMON, encoding="utf-8")
    (tmp_path / "en" / "chapter.yml").write_text("tables: {own: {corner: Status}}", encoding="utf-8")
    return Catalogue(folder=tmp_path)


def soup(words, found, name="table_01", **settings):
    table = Table(name, tables.cells(found), **settings)
    return BeautifulSoup(table_html.to_html(table, "chapter", words, "A caption"), "html.parser")


def texts(row):
    return [cell.get_text(" ", strip=True).replace("\xa0", " ") for cell in row.find_all("td")]


def body(page):
    return {row.th.get_text(): texts(row) for row in page.select("tbody tr")}


def test_estimate_and_interval_share_a_cell(words):
    page = soup(words, [("aap", "sfj", "pct", 31.44), ("aap", "sfj", "ci_low", 28.7), ("aap", "sfj", "ci_high", 34.04)])
    assert body(page) == {"On AAP": ["31.4 (28.7–34.0)"]}
    assert [th.get_text() for th in page.select("thead tr:last-child th")] == ["% (95% CI)"]


@pytest.mark.parametrize(
    ("cells", "printed"),
    [
        ({"mean": 40.12, "sd": 9.84}, ["40.1 (9.8)"]),
        ({"mean": 40.12, "sd": 9.84, "ci_low": 39.5, "ci_high": 40.7}, ["40.1 (39.5–40.7)", "9.8"]),
        ({"marginal_effect": 0.07123, "z": 2.304}, ["7.12 (2.30)"]),
        ({"proportion": 0.44204}, ["44.2"]),
        ({"proportion": 0.5, "ci_low": 0.4167, "ci_high": 0.5833}, ["50.0 (41.7–58.3)"]),
        ({"difference": 0.1234}, ["0.123"]),
        ({"t": 2.314, "df": 812.0, "p": 0.0004}, ["2.31 (812)", "< 0.001"]),
        ({"range_low": 16, "range_high": 17}, ["16.0–17.0"]),
        ({"n": 1193, "pct": float("nan")}, ["1,193", "–"]),
        ({"nok": 13056.4}, ["13,056"]),
        ({"p_lt": 0.0213}, ["0.021"]),
    ],
)
def test_statistics_of_a_cell(words, cells, printed):
    page = soup(words, [("aap", "sfj", statistic, value) for statistic, value in cells.items()])
    assert body(page)["On AAP"] == printed


def test_an_interval_may_have_a_level_of_its_own(words):
    cells = [("aap", "sfj", "pct", 1.0), ("aap", "sfj", "ci_low", 0.5), ("aap", "sfj", "ci_high", 2.0)]
    assert "% (99% CI)" in soup(words, cells, conf_level=0.99).thead.get_text()


@pytest.mark.parametrize("decimals", [{}, {"pct": 0, "proportion": 4, "ci_low": 3}, {("aap", "pct"): 2}])
def test_a_share_has_one_decimal_in_per_cent_however_it_is_kept(words, decimals):
    """44.2, not 0.442 or 0.4420 or 44: one form, and the download keeps the number."""
    ends = {"ci_low": 40.04, "ci_high": 48.36}
    as_pct = [("aap", "sfj", name, value) for name, value in ({"pct": 44.204} | ends).items()]
    as_fraction = [("aap", "control", name, value / 100) for name, value in ({"proportion": 44.204} | ends).items()]
    page = soup(words, as_pct + as_fraction, decimals=decimals)
    assert body(page)["On AAP"] == ["44.2 (40.0–48.4)", "44.2 (40.0–48.4)"]
    table = Table("table_01", tables.cells(as_fraction), decimals=decimals)
    assert tables.download_frame(table, "chapter", words)["value"].tolist() == [0.44204, 0.4004, 0.4836]


def test_a_table_of_shares_has_its_differences_in_percentage_points(words):
    numbers = {"difference": -0.0695, "ci_low": -0.1252, "ci_high": 0.0137}
    cells = [("aap", "gap", name, value) for name, value in numbers.items()]
    settings = {"fractions": ("proportion", "difference"), "decimals": {"difference": 4}}
    assert body(soup(words, cells, **settings))["On AAP"] == ["−7.0 (−12.5 to 1.4)"]
    assert body(soup(words, cells, decimals={"difference": 2, "ci_low": 2}))["On AAP"] == ["−0.07 (−0.13 to 0.01)"]


def test_the_most_specific_decimals_win(words):
    rows = [("aap", "sfj", "mean", 1.23456), ("aap", "control", "mean", 1.23456), ("job", "sfj", "mean", 1.23456)]
    decimals = {"mean": 0, ("aap", "mean"): 2, ("aap", "control", "mean"): 3}
    assert body(soup(words, rows, decimals=decimals)) == {"On AAP": ["1.23", "1.235"], "In work": ["1", ""]}


def test_decimals_of_a_row_go_before_those_of_a_column(words):
    rows = [(row, column, "mean", 1.23456) for row in ("aap", "job") for column in ("sfj", "control")]
    decimals = {"mean": 0, ("control", "mean"): 1, ("aap", "mean"): 2}
    assert body(soup(words, rows, decimals=decimals)) == {"On AAP": ["1.23", "1.23"], "In work": ["1", "1.2"]}


def test_groups_give_a_third_row_of_headings_and_rows_of_their_own(words):
    rows = [(row, column, s, 1.0) for row in ("aap", "age") for column in ("m6", "m12") for s in ("n", "p")]
    page = soup(words, rows, columns={"early": ["m6"], "late": ["m12"]}, rows={"health": ["age", "aap"]})
    heads = [[(th.get_text(), th["scope"]) for th in row.find_all("th")] for row in page.select("thead tr")]
    assert heads[0] == [("Measure", "col"), ("Early", "colgroup"), ("Late", "colgroup")]
    assert heads[1] == [("Month 6", "colgroup"), ("Month 12", "colgroup")]
    assert heads[2] == [("n", "col"), ("p-value", "col")] * 2
    assert page.select_one("thead th")["rowspan"] == "3"
    assert [th.get_text() for th in page.select("th[scope=rowgroup]")] == ["Health"]
    assert [th.get_text() for th in page.select("th[scope=row]")] == ["Age & years", "On AAP"]


def test_every_row_fills_the_width(words):
    rows = [(row, column, s, 1.0) for row in ("aap", "job", "age") for column in ("sfj", "control") for s in ("n", "p")]
    page = soup(words, [*rows, ("r2", "sfj", "r2", 0.11)])
    for row in page.select("tbody tr"):
        assert sum(int(cell.get("colspan", 1)) for cell in row.find_all(["th", "td"])) == 5
    assert body(page)["R²"] == ["0.110", "", ""]
    assert page.select("tbody tr")[-1].td["colspan"] == "2"


def test_no_heading_is_empty_and_the_corner_has_its_own_word(words):
    page = soup(words, [("aap", "sfj", "n", 1.0)], name="own")
    assert page.thead.th.get_text() == "Status"
    assert all(th.get_text(strip=True) for th in page.find_all("th"))


def test_labels_are_escaped(words):
    html = table_html.to_html(Table("t", tables.cells([("age", "gap", "n", 1.0)])), "chapter", words, "c")
    assert "SFJ &lt; control" in html
    assert "Age &amp; years" in html


def test_texts_replace_numbers(words):
    frame = tables.cells([("aap", "sfj", "n", float("nan"))]).assign(text="none")
    html = table_html.to_html(Table("t", frame), "chapter", words, "c")
    assert "not asked" in html


def test_a_missing_label_is_named(words):
    with pytest.raises(MissingText, match=r"chapter\.rows\.nobody \(result table_01\)"):
        soup(words, [("nobody", "sfj", "n", 1.0)])


def test_cells_given_twice_or_incomplete_are_refused():
    with pytest.raises(ValueError, match="given twice, first: aap, sfj, n"):
        Table("t", tables.cells([("aap", "sfj", "n", 1.0), ("aap", "sfj", "n", 2.0)]))
    with pytest.raises(ValueError, match=r"lack the column\(s\) statistic"):
        Table("t", pd.DataFrame({"row": ["a"], "column": ["b"], "value": [1.0]}))


def test_no_cell_is_lost_from_an_incomplete_order():
    frame = tables.cells([("aap", "sfj", "n", 1.0), ("job", "sfj", "n", 2.0)])
    with pytest.raises(ValueError, match="`rows` does not list: job"):
        Table("t", frame, rows=["aap"])
    with pytest.raises(ValueError, match="`columns` does not list: sfj"):
        Table("t", frame, columns={"all": ["control"]})


def test_the_download_holds_unrounded_numbers_with_their_labels(words):
    table = Table("table_12", tables.cells([("aap", "sfj", "pct", 31.4442)]), part="ranks")
    [row] = tables.download_frame(table, "chapter", words).to_dict("records")
    assert row == {
        "table": "table_12_ranks",
        "row": "aap",
        "row_label": "On AAP",
        "column": "sfj",
        "column_label": "SFJ",
        "statistic": "pct",
        "value": 31.4442,
    }


def test_cells_stay_as_they_were(words):
    frame = tables.cells([("aap", "sfj", "n", 1.0)])
    before = frame.copy()
    table = Table("t", frame)
    table_html.to_html(table, "chapter", words, "c")
    tables.download_frame(table, "chapter", words)
    pd.testing.assert_frame_equal(frame, before)


def wide(columns):
    """Cells of one row with an estimate and its interval in each of some columns."""
    values = {"pct": 31.4, "ci_low": 28.7, "ci_high": 34.0}
    return [("aap", column, statistic, value) for column in columns for statistic, value in values.items()]


def test_a_table_too_wide_for_a_page_stacks_all_its_intervals(words):
    words.names["columns"] = {f"c{number}": "Column" for number in range(6)}
    narrow, broad, widest = (soup(words, wide([f"c{number}" for number in range(count)])).table["class"]
                             for count in (3, 4, 6))  # fmt: skip
    assert narrow == ["dataframe"]
    assert broad == ["dataframe", "stacked"]
    assert widest == ["dataframe", "stacked", "full-width"]


def test_a_difference_is_marked_as_what_a_phone_shows_first(words):
    """A column of differences, or of one arm less the other; nothing in a table without any."""
    words.names["columns"] = {"c": "Effect", "sfj_minus_control": "SFJ minus control"}
    told = [("aap", "c", "difference", 1.0), ("aap", "c", "p", 0.5), ("aap", "sfj_minus_control", "mean", 2.0)]
    assert soup(words, wide(["c"])).select("[data-first]") == []
    marked = [head.get_text() for head in soup(words, told).select("[data-first]")]
    assert marked == ["SFJ minus control", "Difference"]


def test_headings_break_neither_in_brackets_nor_at_a_hyphen(words):
    words.names["columns"] = {"c": "Ordinary follow-up"}
    page = soup(words, [*wide(["c"]), ("aap", "c", "p", 0.5)])
    assert [span.get_text() for span in page.select("thead .whole")] == ["follow-up", "(95% CI)", "p-value"]
    headings = [th.get_text() for th in page.select("thead th")]
    assert headings == ["Measure", "Ordinary follow-up", "% (95% CI)", "p-value"]


def test_a_line_of_headings_without_words_is_left_out(words, tmp_path):
    (tmp_path / "en" / "chapter.yml").write_text("tables: {own: {statistics: {n: ''}}}", encoding="utf-8")
    page = soup(Catalogue(folder=tmp_path), [("aap", "sfj", "n", 3)], "own")
    assert len(page.select("thead tr")) == 1
    assert page.select_one("thead th")["rowspan"] == "1"
