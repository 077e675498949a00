"""Alt text says what a figure shows and its numbers, and never a number that is not plotted."""

import pandas as pd
import pytest

from analysis.show.catalogue import Catalogue
from analysis.show.figures import Figure, alt_text

COMMON = """
figures:
  shown: {caption: c, alt: "A figure.", x: x, y: y}
arms: {sfj: SFJ, control: Control}
rows: {r1: One, r2: Two, r3: Three, r4: Four, r5: Five, r6: Six, r7: Seven, r8: Eight, r9: Nine}
columns: {c1: Left, c2: Right}
groups: {g: Group}
boxes: {in: Came in, out: Went out}
categories: {a: Work, b: Benefit}
"""


@pytest.fixture
def catalogue(tmp_path):
    folder = tmp_path / "en"
    folder.mkdir()
    (folder / "chapter.yml").write_text(COMMON, encoding="utf-8")
    (folder / "common.yml").write_text("{}", encoding="utf-8")
    return Catalogue("en", folder=tmp_path)


def said(catalogue, kind, frame, **options):
    return alt_text(Figure("shown", kind, pd.DataFrame(frame), options=options), "chapter", catalogue, {})


def test_lines_tell_their_ends(catalogue):
    frame = {"month": [12, 0, 6, 0, 12], "arm": ["sfj"] * 3 + ["control"] * 2, "estimate": [0.4, 0.1, 0.3, 0.2, 0.25]}
    text = said(catalogue, "lines", frame, percent=True)
    assert text == "A figure. SFJ (0: 10.0%; 12: 40.0%). Control (0: 20.0%; 12: 25.0%)."


def test_means_tell_every_wave_and_leave_out_missing_ones(catalogue):
    frame = {
        "wave": [0, 6, 12],
        "arm": ["sfj"] * 3,
        "estimate": [7.84, float("nan"), 5.06],
        "conf_low": [7.0, 6, 5],
        "conf_high": [8.0, 7, 6],
    }
    assert said(catalogue, "means", frame) == "A figure. SFJ (0: 7.8; 12: 5.1)."


def test_few_bars_tell_all_and_many_the_largest_and_smallest(catalogue):
    rows = [f"r{number}" for number in range(1, 10)]
    few = said(catalogue, "bars", {"row": rows[:2], "estimate": [1.0, -2.0], "group": ["g", "g"]}, decimals=0)
    assert few == "A figure. Group, One: 1; Group, Two: −2."
    many = said(catalogue, "bars", {"row": rows, "estimate": list(range(9))}, decimals=0)
    assert many == "A figure. Nine: 8; Eight: 7; Seven: 6; Two: 1; One: 0."


def test_grid_names_row_and_column(catalogue):
    text = said(catalogue, "heat", {"row": ["r1", "r1"], "column": ["c1", "c2"], "estimate": [5.0, 1.0]}, decimals=0)
    assert text == "A figure. One, Left: 5; One, Right: 1."


def test_flow_tells_its_boxes(catalogue):
    text = said(catalogue, "flow", {"box": ["in", "out"], "count": [1416, 9]})
    assert text == "A figure. Came in: 1416; Went out: 9."


def test_stack_tells_the_last_month(catalogue):
    frame = {"month": [0, 0, 1, 1], "category": ["a", "b", "a", "b"], "estimate": [0.5, 0.5, 0.75, 0.25]}
    assert said(catalogue, "stack", frame, percent=True) == "A figure. Work: 75.0%; Benefit: 25.0%."


def test_distribution_tells_the_commonest_values(catalogue):
    frame = {"value": [1, 2, 3], "arm": ["sfj"] * 3, "estimate": [0.2, 0.5, 0.3]}
    assert said(catalogue, "distribution", frame, percent=True) == "A figure. SFJ (2: 50.0%; 3: 30.0%)."
