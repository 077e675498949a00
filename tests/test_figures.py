"""Every kind of figure draws, the same bytes for the same numbers, in words, and in colours that can be told apart."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
import pytest
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.transforms import Bbox

from analysis.frames.needs import Absent
from analysis.show.catalogue import Catalogue, MissingText
from analysis.show.figures import KINDS, Figure, courses, draw, placing, rows, spread, style, tabulated, titled
from analysis.show.figures.dark import dark
from analysis.show.figures.figure import CHOICES
from analysis.show.figures.flow import flow
from analysis.show.figures.lean import lean
from analysis.show.figures.lines import _STACK, stack, trajectories
from analysis.show.figures.words import Words
from analysis.show.prose import HIDDEN, MISSING, Sentence

CHAPTER = """
figures:
  shown: {caption: c, alt: a, x: Months since inclusion, y: Share in work}
arms: {sfj: SFJ, control: Control}
series: {raw: Unadjusted, adjusted: Adjusted}
rows: {r1: First row, r2: Second row}
columns: {c1: Left, c2: Right}
groups: {g: Heading}
panels: {p1: Upper, p2: Lower}
categories: {a: In work, b: On benefit}
outcomes: {o1: In work, o2: Without benefit}
populations: {everyone: Everyone}
estimators: {pooled: Pooled shares}
adjustments: {nothing: Nothing, strata: Strata}
choices: {outcome: Outcome, population: People, estimator: Estimator, adjustment: Taken into account}
boxes: {referred: Referred, lost: Not eligible, arm: Allocated, left: Withdrew, in: Included}
"""
COMMON = """
figure:
  {columns: {panel: Part, group: Group, row: Row, arm: Group, series: Kind, category: State, then: Next, box: Step,
    column: Column, outcome: Outcome, population: People, estimator: Estimator, adjustment: Account, until: Until,
    estimate: Value, interval: Interval, p_value: p, n: People, n_treated: Treated, n_control: Control, at_risk: Left,
    count: Count},
   inclusion: inclusion, people: Below people, at_risk: Below followed, cut: cut axis,
   computed: Computed, printed: Published, number_of_people: n,
   specification: {clear: Clear, unclear: Not clear, primary: Primary, in_print: Printed}}
"""
LABEL = "Synthetic, calibrated to published figures"


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    (folder / "en").mkdir()
    (folder / "en" / "common.yml").write_text(COMMON, encoding="utf-8")
    (folder / "en" / "chapter.yml").write_text(CHAPTER, encoding="utf-8")
    return Catalogue(folder=folder)


def over_time(x, times=(-6, 0, 6, 12)):
    rows = [(t, arm, 0.2 + 0.01 * t * k, 0.1 + 0.01 * t * k, 0.3 + 0.01 * t * k)
            for k, arm in enumerate(("control", "sfj")) for t in times]  # fmt: skip
    return pd.DataFrame(rows, columns=[x, "arm", "estimate", "conf_low", "conf_high"])


def by_row():
    frame = pd.DataFrame([(row, arm, 0.1 + k / 4) for k, row in enumerate(("r1", "r2")) for arm in ("control", "sfj")],
                         columns=["row", "arm", "estimate"])  # fmt: skip
    return frame.assign(conf_low=frame["estimate"] - 0.1, conf_high=frame["estimate"] + 0.1)


FRAMES = {
    "lines": over_time("month"),
    "means": over_time("wave", (0, 6, 12)),
    "cumulative": over_time("month").drop(columns=["conf_low", "conf_high"]),
    "flow": pd.DataFrame(
        [("referred", 1416, None, None), ("lost", 197, None, True), ("arm", 9, "sfj", None), ("left", 2, "sfj", True),
         ("in", 7, "sfj", None), ("arm", 8, "control", None), ("in", 8, "control", None)],
        columns=["box", "count", "arm", "side"]),
    "bars": by_row(),
    "dots": by_row(),
    "forest": by_row().query("arm == 'sfj'").assign(group="g"),
    "distribution": pd.DataFrame([(v, a, v / 30) for v in range(1, 8) for a in ("control", "sfj")],
                                 columns=["value", "arm", "estimate"]),
    "heat": pd.DataFrame([(r, c, 2.0) for r in ("r1", "r2") for c in ("c1", "c2")],
                         columns=["row", "column", "estimate"]),
    "specification": pd.DataFrame(
        [("o1", "everyone", "pooled", "nothing", 6.9, 1.3, 12.5, 0.015, 629, 561, True),
         ("o2", "everyone", "pooled", "nothing", 4.1, -1.3, 9.5, 0.14, 629, 561, False),
         ("o1", "everyone", "pooled", "strata", 6.5, 0.9, 12.1, 0.02, 629, 561, False)],
        columns=[*CHOICES, "estimate", "conf_low", "conf_high", "p_value", "n_treated", "n_control", "primary"]),
    "stack": pd.DataFrame([(m, c, 0.5, p) for m in (0, 6) for c in ("a", "b") for p in ("p1", "p2")],
                          columns=["month", "category", "estimate", "panel"]),
    "alluvial": pd.DataFrame(
        [(0, 6, "a", "b", 3, 0.3, "p1"), (0, 6, "b", "b", 7, 0.7, "p1"), (6, 12, "b", "a", 10, 1.0, "p1"),
         (0, 6, "a", "a", 5, 1.0, "p2"), (6, 12, "a", "b", 5, 1.0, "p2")],
        columns=["month", "until", "category", "then", "n", "estimate", "panel"]),
    "sequences": pd.DataFrame([("p1", 1, 2, 3, "(a,7)"), ("p1", 2, 1, 3, "(b,2)-(a,5)"), ("p2", 1, 4, 4, "(b,7)")],
                              columns=["panel", "line", "people", "of", "sequence"]),
    "tornado": pd.DataFrame([("r1", "raw", -0.3, 0.1), ("r1", "adjusted", 0.4, 0.1), ("r2", "raw", 0.2, 0.1),
                             ("r2", "adjusted", 0.0, 0.1)], columns=["row", "series", "estimate", "start"]),
    "waterfall": pd.DataFrame([("r1", -0.3, 0.0, -0.3), ("r2", 0.1, -0.3, -0.2)],
                              columns=["row", "estimate", "start", "end"]),
}  # fmt: skip


def shown(kind, frame=None, **options):
    return Figure("shown", kind, FRAMES[kind] if frame is None else frame, options)


def drawn_text(svg):
    return " ".join(" ".join(node.itertext()) for node in ET.fromstring(svg).findall(".//{*}text"))


def test_courses_are_drawn_a_row_a_person_and_light():
    """Three people of one arm: two wholly in the first state, the third from its third time on."""
    frame = FRAMES["sequences"].query("panel == 'p1'")
    picture = courses._picture(frame, {"a": "#ff0000", "b": "#0000ff"})
    assert picture.shape == (3, 7, 3)
    assert [tuple(picture[line, 0]) for line in range(3)] == [(255, 0, 0), (255, 0, 0), (0, 0, 255)]
    assert tuple(picture[2, 2]) == (255, 0, 0)


def test_the_picture_of_a_thousand_courses_stays_small(words):
    rng = np.random.default_rng(1)
    states = [[str(state) for state in rng.choice(["a", "b"], 18)] for _ in range(1000)]
    rows = [("p1", line, 1, 1000, "-".join(f"({state},1)" for state in course)) for line, course in enumerate(states)]
    frame = pd.DataFrame(rows, columns=["panel", "line", "people", "of", "sequence"])
    assert len(draw(shown("sequences", frame), "chapter", words)) < 300_000


def test_bars_of_a_flow_are_the_shares_and_bands_join_them(words):
    axes = axes_of(words, courses.alluvial, "alluvial", percent=True)[0]
    heights = {(round(bar.get_x() + bar.get_width() / 2), round(bar.get_height(), 6)) for bar in axes.patches
               if isinstance(bar, Rectangle)}  # fmt: skip
    assert {(0, 0.3), (0, 0.7), (1, 1.0), (2, 1.0)} <= heights
    bands = [patch.get_path() for patch in axes.patches if isinstance(patch, PathPatch)]
    edges = sorted((band.vertices[0][1], band.vertices[3][1]) for band in bands)
    assert np.allclose(edges, [(0, 0), (0, 0), (0.3, 0.3)])


def test_every_kind_is_tested():
    assert set(FRAMES) == set(KINDS)


@pytest.mark.parametrize(("kind", "column"), [
    (kind, column) for kind in ("tornado", "waterfall", "forest", "bars") for column in ("estimate", "start", "end")
    if column in FRAMES[kind]
])  # fmt: skip
def test_a_row_with_a_hidden_number_is_left_out_of_a_drawing(words, kind, column):
    """What is suppressed is missing when it is drawn; the other rows stay, and so do the axes."""
    frame = FRAMES[kind].copy()
    frame.loc[frame.index[0], column] = np.nan
    assert draw(shown(kind, frame), "chapter", words)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_draws_the_same_bytes_each_time(words, kind):
    percent = kind not in ("flow", "heat")
    first = draw(shown(kind, percent=percent), "chapter", words, LABEL)
    assert first == draw(shown(kind, percent=percent), "chapter", words, LABEL)
    assert ET.fromstring(first).tag.endswith("svg")


@pytest.mark.parametrize("kind", ["forest", "lines", "specification"])
def test_last_bits_of_the_layout_change_no_byte(words, kind, monkeypatch):
    """Its solver ends a little elsewhere in some runs."""
    first, laid_out = draw(shown(kind), "chapter", words, LABEL), ConstrainedLayoutEngine.execute

    def elsewhere(engine, canvas):
        laid_out(engine, canvas)
        for axes in canvas.axes:
            axes._set_position([part + 1e-11 for part in axes.get_position().bounds])

    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", elsewhere)
    assert draw(shown(kind), "chapter", words, LABEL) == first


@pytest.mark.parametrize("kind", KINDS)
def test_the_label_is_drawn_when_given_and_only_then(words, kind):
    assert LABEL in drawn_text(draw(shown(kind), "chapter", words, LABEL))
    assert "Synthetic" not in draw(shown(kind), "chapter", words, None).decode()


@pytest.mark.parametrize("kind", KINDS)
def test_drawing_leaves_the_numbers_alone(words, kind):
    before = FRAMES[kind].copy()
    draw(shown(kind), "chapter", words)
    pd.testing.assert_frame_equal(FRAMES[kind], before)


@pytest.mark.parametrize("kind", ["lines", "means", "cumulative", "bars", "dots", "distribution"])
def test_both_arms_are_named(words, kind):
    text = drawn_text(draw(shown(kind), "chapter", words))
    assert "SFJ" in text
    assert "Control" in text


def test_inclusion_is_marked_and_axes_speak_per_cent(words):
    text = drawn_text(draw(shown("lines", percent=True), "chapter", words))
    assert "inclusion" in text
    assert re.search(r"\d+%", text)
    assert "Months since inclusion" in text
    assert "Share in work" in text


def test_the_flow_prints_every_box_with_its_number(words):
    text = drawn_text(draw(shown("flow"), "chapter", words))
    for wanted in ("Referred", "n = 1,416", "Not eligible", "n = 197", "Withdrew", "n = 2", "SFJ", "Control"):
        assert wanted in text


def test_boxes_of_the_flow_do_not_overlap(words):
    figure = shown("flow")
    with style.look():
        [axes] = flow(figure, Words(figure, "chapter", words)).axes
    boxes = [patch.get_extents().bounds for patch in axes.patches if hasattr(patch, "get_boxstyle")]
    for (x, y, width, height), (u, v, wide, high) in combinations(boxes, 2):
        assert x + width <= u or u + wide <= x or y + height <= v or v + high <= y


def test_a_specification_curve_tells_choices_that_differ_and_what_its_marks_mean(words):
    text = drawn_text(draw(shown("specification"), "chapter", words))
    for wanted in ("Outcome", "Without benefit", "Taken into account", "Strata", "Not clear", "Primary"):
        assert wanted in text
    for alike in ("People", "Estimator", "Printed"):
        assert alike not in text
    quoted = FRAMES["specification"].assign(printed=[6.9, None, None])
    assert "Printed" in drawn_text(draw(shown("specification", quoted), "chapter", words))


def test_a_specification_is_clear_only_by_interval_and_p(words):
    frame = FRAMES["specification"].assign(p_value=0.06)
    assert " Clear" not in " " + drawn_text(draw(shown("specification", frame), "chapter", words))


def test_panels_share_an_axis_that_holds_all_lines(words):
    low = over_time("month")
    high = low.assign(estimate=low["estimate"] + 0.5, conf_low=low["conf_low"] + 0.5, conf_high=low["conf_high"] + 0.5)
    figure = shown("lines", pd.concat([low.assign(panel="p1"), high.assign(panel="p2")]), percent=True)
    with style.look():
        panels = trajectories(figure, Words(figure, "chapter", words)).axes
    assert all(axes.get_ylim()[0] == 0 and axes.get_ylim()[1] > high["conf_high"].max() for axes in panels)


def test_the_lines_are_the_numbers(words):
    figure = shown("lines")
    with style.look():
        [axes] = trajectories(figure, Words(figure, "chapter", words)).axes
    drawn = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) == 4]
    wanted = [part["estimate"].to_numpy() for _, part in FRAMES["lines"].groupby("arm", sort=False)]
    assert all(np.allclose(line, numbers) for line, numbers in zip(drawn, wanted, strict=True))


def axes_of(words, drawing, kind, frame=None, **options):
    figure = shown(kind, frame, **options)
    with style.look():
        return drawing(figure, Words(figure, "chapter", words)).axes


def test_bands_and_whiskers_are_the_intervals(words):
    [axes] = axes_of(words, trajectories, "lines")
    parts = [part for _, part in FRAMES["lines"].groupby("arm", sort=False)]
    for band, part in zip(axes.collections, parts, strict=True):
        heights = band.get_paths()[0].vertices[:, 1]
        assert {*np.round(heights, 9)} >= {*part["conf_low"].round(9), *part["conf_high"].round(9)}
    [axes] = axes_of(words, trajectories, "means")
    parts = [part for _, part in FRAMES["means"].groupby("arm", sort=False)]
    for whiskers, part in zip(axes.collections, parts, strict=True):
        ends = np.array([segment[:, 1] for segment in whiskers.get_segments()])
        assert np.allclose(ends, part[["conf_low", "conf_high"]])


def test_a_forest_draws_and_prints_its_intervals(words):
    frame = FRAMES["forest"].assign(conf_low=[0.01, 0.02], estimate=[0.1, 0.2], conf_high=[0.5, 0.6])
    [axes] = axes_of(words, rows.forest, "forest", frame, decimals=2, reference=0.3)
    bars = [line.get_xdata() for line in axes.lines if line.get_linewidth() == 2]
    assert np.allclose(bars, frame[["conf_low", "conf_high"]])
    texts = [text.get_text() for text in axes.texts]
    assert "0.10 (0.01–0.50)" in texts
    assert "0.20 (0.02–0.60)" in texts
    assert [0.3, 0.3] in [list(line.get_xdata()) for line in axes.lines]


def test_bars_and_dots_are_the_numbers(words):
    frame = by_row().assign(conf_low=lambda f: f["estimate"] - 0.02, conf_high=lambda f: f["estimate"] + 0.05)
    [axes] = axes_of(words, rows.bars, "bars", frame)
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(list(frame["estimate"]))
    whiskers = [segment[:, 0] for lines in axes.collections for segment in lines.get_segments()]
    assert np.allclose(whiskers, frame[["conf_low", "conf_high"]])
    [axes] = axes_of(words, rows.dots, "dots", frame)
    dots = [line.get_xdata()[0] for line in axes.lines if line.get_marker() not in ("None", None, "")]
    assert dots == pytest.approx(list(frame["estimate"]))


def test_a_distribution_draws_each_share_over_its_value(words):
    axes = axes_of(words, spread.distribution, "distribution")[0]
    for arm, columns in zip(("control", "sfj"), axes.containers, strict=True):
        part = FRAMES["distribution"][FRAMES["distribution"]["arm"] == arm]
        assert [bar.get_height() for bar in columns] == pytest.approx(list(part["estimate"]))
        assert [round(bar.get_center()[0]) for bar in columns] == list(part["value"])


def test_a_grid_prints_each_number_in_its_own_cell(words):
    frame = FRAMES["heat"].assign(estimate=[1.0, 2.0, 3.0, 4.0])
    axes = axes_of(words, spread.heat, "heat", frame, decimals=0)[0]
    assert {text.get_position(): text.get_text() for text in axes.texts} == {
        (0, 0): "1", (1, 0): "2", (0, 1): "3", (1, 1): "4"}  # fmt: skip


def test_stacked_shares_stand_on_each_other(words):
    frame = pd.DataFrame({"month": [0, 6] * 2, "category": ["a", "a", "b", "b"], "estimate": [0.25, 0.5, 0.75, 0.5]})
    axes = axes_of(words, stack, "stack", frame)[0]
    first, second = (area.get_paths()[0].vertices[:, 1] for area in axes.collections[:2])
    assert (first.min(), first.max()) == (0, 0.5)
    assert (second.min(), second.max()) == (0.25, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_on_a_phone_no_letter_is_smaller_than_twelve_pixels(words, kind):
    """The narrow drawing is as wide as a phone's text, 390 pixels less margins, its letters 9 points or more."""
    drawing = draw(shown(kind), "chapter", words, LABEL, style.PHONE).decode()
    assert 350 <= style.PHONE * 96 <= 390
    sizes = [float(size) for size in re.findall(r"font(?:-size)?: (?:[a-z0-9]+ )*?([\d.]+)px", drawing)]
    assert sizes and min(sizes) * 96 / 72 >= 12


def test_people_stand_under_the_points_and_a_cut_axis_is_noted(words):
    """Two series with their n; an axis from 4 to 8 does not begin at nought, one of shares does."""
    frame = FRAMES["means"].assign(n=[561, 300, 280, 629, 340, 320])
    scores = {name: 20 * frame[name] for name in ("estimate", "conf_low", "conf_high")}
    told = drawn_text(draw(shown("means", frame.assign(**scores)), "chapter", words))
    assert "Below people: Control\u00a0/ SFJ" in told and "561" in told and "629" in told and "cut axis" in told
    assert "cut axis" not in drawn_text(draw(shown("lines", percent=True), "chapter", words))


def test_of_those_followed_and_of_all_in_a_stack_the_number_stands_below_each_time(words):
    """In month 6 one arm has no step and so no number; a stack counts all its states, and none where one is hidden."""
    steps = FRAMES["cumulative"].assign(at_risk=range(101, 109)).drop(index=2)
    told = drawn_text(draw(shown("cumulative", steps), "chapter", words))
    assert "Below followed: Control\u00a0/ SFJ" in told and "102" in told and MISSING in told and "103" not in told
    counted = FRAMES["stack"].query("panel == 'p1'").assign(n=[200.0, 300.0, 40.0, float("nan")])
    told = drawn_text(draw(shown("stack", counted), "chapter", words))
    assert "Below people" in told and " 500 " in told and " 40 " not in told


def lightness(colour):
    """Relative luminance, as WCAG has it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark_one, light_one = sorted(map(lightness, (one, other)))
    return (light_one + 0.05) / (dark_one + 0.05)


def test_letters_and_lines_can_be_read_in_the_dark():
    letters = [style.INK, style.QUIET, style.TREATMENT, style.CONTROL, *style.OTHERS]
    assert {colour for colour in letters if contrast(dark(colour), dark(style.PAPER)) < 4.5} == set()
    assert contrast(dark(style.GRID), dark(style.PAPER)) < 1.6  # as quiet as on white
    assert len({dark(colour) for colour in (*letters, *_STACK)}) == len({*letters, *_STACK})


def test_numbers_can_be_read_on_every_shade_of_a_grid_and_on_every_state(words):
    frame = pd.DataFrame([("r1", f"k{k}", k) for k in range(9)], columns=["row", "column", "estimate"])
    words.names["columns"] = {f"k{number}": str(number) for number in range(9)}
    drawn = draw(shown("heat", frame), "chapter", words).decode()
    shades = set(re.findall(r"fill: (#[0-9a-f]{6}); stroke: #ffffff", drawn))
    pairs = [(shade, style.INK) for shade in shades]
    pairs += [(state, style.INK if courses.is_pale(state) else style.PAPER) for state in _STACK]
    assert len(shades) == 9
    assert [pair for pair in pairs if contrast(*pair) < 4.5 or contrast(*map(dark, pair)) < 4.5] == []


@pytest.mark.parametrize("kind", KINDS)
def test_one_drawing_serves_both(words, kind):
    """Each colour has its rule for the dark, and no element hides what it is painted with from these rules."""
    drawn = draw(shown(kind), "chapter", words, LABEL).decode()
    rules, _, elements = drawn.partition("</style>")
    light, _, in_dark = rules.rpartition("@media (prefers-color-scheme: dark)")
    looks, darker = (dict(re.findall(rule, part)) for rule, part in
                     ((r"\.(l\d+)\{([^}]*)\}", light), (r'\[class="(l\d+)"\]\{([^}]*)\}', in_dark)))  # fmt: skip
    inks = {name: re.findall(r"(fill|stroke): (#\w{6})", look) for name, look in looks.items()}
    assert set(re.findall(r'class="(?:light |dark )?(l\d+)"', elements)) == looks.keys() and "style=" not in elements
    wanted = {name: "; ".join(f"{of}: {dark(colour)}" for of, colour in own) for name, own in inks.items() if own}
    assert wanted and darker == wanted
    assert not re.search(r'(?:fill|stroke)(?:="(?!none)|: (?!#|none|url))', drawn)
    pictures = re.findall(r'<image\b[^>]*? class="(light|dark)\b', drawn)
    assert pictures.count("light") == pictures.count("dark") and len(pictures) == drawn.count("<image")


@pytest.mark.parametrize("width", [style.WIDTH, style.PHONE])
@pytest.mark.parametrize("scale", [0.3, 37.0, 91_618.0])
@pytest.mark.parametrize("kind", ["forest", "bars"])
def test_an_axis_has_three_numbers_or_more_which_touch_as_little_as_names_do(words, kind, scale, width):
    numbers = {name: scale * (FRAMES[kind][name] - 0.15) for name in ("estimate", "conf_low", "conf_high")}
    figure = shown(kind, FRAMES[kind].assign(**numbers), decimals=0 if scale > 9 else 2)
    with style.look(width):
        canvas = getattr(rows, kind)(figure, Words(figure, "chapter", words))
        canvas.draw_without_rendering()
        [axes] = canvas.axes
        low, high = sorted(axes.get_xlim())
        told = [tick.get_window_extent() for tick in axes.get_xticklabels() if low <= tick.get_position()[0] <= high]
        names = [text.get_window_extent() for text in (axes.texts if style.is_narrow() else axes.get_yticklabels())
                 if text.get_text()[:5] in ("First", "Secon", "Headi")]  # fmt: skip
    assert len(told) >= 3 and len(names) == len(FRAMES[kind]["row"].unique()) + ("group" in FRAMES[kind])
    assert not any(one.overlaps(other) for one, other in [*pairwise(told), *combinations(names, 2)])


def test_names_of_crowded_points_touch_no_whisker_on_a_phone():
    """Centres as near each other as those of a fidelity review, names in two lines as they stand there."""
    places = [(85, 5.5, -6.8, 17.7), (88, 3.6, -11.5, 18.5), (92, 12.2, -0.6, 24.5), (94, 10.9, -1.7, 23.1),
              (95, 7.3, -7.2, 21.6), (99, -1, -15.6, 13.6)]  # fmt: skip
    names = [f"Centre {letter}\n(n = 200)" for letter in "EACDFB"]
    points = [(*place, name, style.INK) for place, name in zip(places, names, strict=True)]
    with style.look(style.PHONE):
        _, (axes,) = style.canvas(3.6)
        axes.plot(*np.transpose([(x, end) for x, *ends in places for end in ends]))
        axes.margins(x=0.14)
        told = [text.get_window_extent() for text in placing.point_labels(axes, points)]
        marks = [placing._mark(axes, point) for point in points]
    assert [pair for pair in product(told, marks) if placing.touching(*pair)] == []
    assert [pair for pair in combinations(told, 2) if placing.touching(*pair)] == []


def test_names_of_areas_keep_apart_and_below_the_top():
    placed = style._apart([0.1, 0.97, 0.98, 0.99], [0.05] * 4, 1.0)
    assert placed[0] == 0.1 and placed[-1] == pytest.approx(0.95)
    assert all(upper - lower >= 0.1 - 1e-9 for lower, upper in pairwise(placed))


def test_a_forest_shows_where_the_report_prints_its_estimates(words):
    frame = FRAMES["forest"].assign(printed=[0.2, float("nan")])
    drawing = draw(shown("forest", frame), "chapter", words)
    assert "Published" in drawn_text(drawing) and "Published" not in drawn_text(draw(shown("forest"), "chapter", words))


def test_missing_points_are_left_out(words):
    whole = FRAMES["lines"]
    frame = whole.assign(estimate=whole["estimate"].mask(whole["month"] == 6))
    assert b"nan" not in draw(shown("lines", frame), "chapter", words).lower()


def test_ticks_have_the_same_decimals():
    ticks = style.NumberTicks("en")
    assert ticks.format_ticks([5.0, 5.5, 6.0]) == ["5.0", "5.5", "6.0"]
    assert ticks.format_ticks([0.0, 1000.0]) == ["0", "1,000"]
    assert style.NumberTicks("en").format_ticks([0.7, 0.725]) == ["0.700", "0.725"]
    assert style.NumberTicks("en", percent=True).format_ticks([0.1, 0.2]) == ["10%", "20%"]


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("colour", [style.TREATMENT, style.CONTROL, style.QUIET, style.INK, *style.OTHERS])
def test_a_line_can_be_named_in_its_colour(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_arms_differ_in_grey_and_in_line_and_marker():
    arms = style.strokes(["control", "sfj"], treatment="sfj", control="control")
    assert (luminance(arms["sfj"].colour) + 0.05) / (luminance(arms["control"].colour) + 0.05) > 2
    assert arms["sfj"].line != arms["control"].line
    assert arms["sfj"].marker != arms["control"].marker
    assert style.strokes(["usual", "new"], treatment="new")["new"] == arms["sfj"]


def test_wrong_figures_are_refused():
    with pytest.raises(ValueError, match="unknown kind 'pie'"):
        Figure("f", "pie", FRAMES["bars"])
    with pytest.raises(ValueError, match="lacks estimate"):
        Figure("f", "lines", FRAMES["lines"].drop(columns="estimate"))
    with pytest.raises(ValueError, match="no rows"):
        Figure("f", "lines", FRAMES["lines"].head(0))
    with pytest.raises(ValueError, match="unknown option"):
        Figure("f", "lines", FRAMES["lines"], {"colour": "red"})


def test_a_missing_word_is_named(words):
    frame = FRAMES["lines"].replace({"arm": {"sfj": "third"}})
    with pytest.raises(MissingText, match=r"arms\.third"):
        draw(shown("lines", frame), "chapter", words)


@pytest.fixture
def scattered():
    """Six points with whiskers, two pairs of them close together: names beside their marks would lie on a neighbour."""
    rows = [("Hordaland", 94, 12, -1, 24), ("Sør-Trøndelag", 88, -4, -19, 11), ("Østfold", 95, 7, -7, 21),
            ("Akershus", 92, 8, -5, 20), ("Oslo", 85, 4, -9, 15), ("Troms", 99, 12, -3, 26)]  # fmt: skip
    return pd.DataFrame(rows, columns=["arm", "total", "estimate", "conf_low", "conf_high"])


def test_names_of_single_points_touch_no_mark_whisker_or_name(words, scattered):
    words.names["arms"] = {name: name for name in scattered["arm"]}
    figure = shown("means", scattered, x="total", zero=False, ticks=(85, 90, 95, 100))
    canvas = trajectories(figure, Words(figure, "chapter", words))
    canvas.draw_without_rendering()
    (axes,) = canvas.axes
    boxes = {label.get_text(): label.get_window_extent() for label in axes.texts}
    assert set(boxes) == set(scattered["arm"])
    marks = [
        Bbox.from_extents(x - 3, low, x + 3, high)
        for line in axes.collections
        for (x, low), (_, high) in map(axes.transData.transform, line.get_segments())
    ]
    assert len(marks) == len(scattered)
    for one, other in combinations([*boxes.values(), *marks], 2):
        assert (other in marks and one in marks) or not one.overlaps(other)
    above = boxes["Hordaland"]
    ((x, _),) = axes.transData.transform([(94 - 0.12, 24)])
    assert above.x0 < x < above.x1
    frame = canvas.bbox
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes.values())


def test_names_over_a_crowded_grid_are_slanted(words):
    words.names["columns"] = {f"k{number}": "Sør-Trøndelag" for number in range(12)}
    for count, slant in ((2, 0), (12, 35)):
        frame = pd.DataFrame([("r1", f"k{k}", 2.0) for k in range(count)], columns=["row", "column", "estimate"])
        figure = shown("heat", frame)
        canvas = spread.heat(figure, Words(figure, "chapter", words))
        assert {label.get_rotation() for label in canvas.axes[0].get_xticklabels()} == {slant}


def test_a_figure_has_no_finding_above_it_where_none_is_known():
    figure = Figure("f", "bars", pd.DataFrame([("r1", 1.0)], columns=["row", "estimate"]))
    assert titled(figure, Absent("arms")).finding is None
    assert titled(figure, Sentence("moved")).finding == Sentence("moved")


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"sequences"}))
def test_the_other_view_has_a_row_for_each_that_is_drawn_with_its_number(words, kind):
    figure = shown(kind)
    heads, rows = tabulated(figure, "chapter", words)
    assert len(rows) == len(FRAMES[kind]) and {len(row) for row in rows} == {len(heads)} and all(heads)
    worded = Words(figure, "chapter", words)
    if "estimate" in figure.frame:
        place = next(place for place, head in enumerate(heads) if head in ("Share in work", "Months since inclusion",
                     "Value") and rows[0][place] == worded.value(figure.frame["estimate"].iloc[0]))  # fmt: skip
        assert [row[place] for row in rows] == [worded.value(value) for value in figure.frame["estimate"]]


def test_the_other_view_says_what_is_missing_and_what_must_not_be_told(words):
    frame = FRAMES["bars"].assign(estimate=[0.1, float("nan"), float("nan"), 0.3])
    hidden = pd.DataFrame({"estimate": [False, True, False, False]})
    figure = Figure("shown", "bars", frame, hidden=hidden)
    assert [row[-2] for row in tabulated(figure, "chapter", words)[1]] == ["0.1", HIDDEN, MISSING, "0.3"]


@pytest.mark.parametrize("kind", KINDS)
def test_on_a_phone_no_word_reaches_over_the_edge(words, kind, monkeypatch):
    """A long title stands below the middle of its axis, which begins far to the right of long names of rows."""
    chapter = CHAPTER.replace("x: Months since inclusion", "x: SFJ minus Ordinary follow-up")
    chapter = chapter.replace("r1: First row", "r1: Arbeidsavklaringspengeordningen")
    (words.folder / "chapter_long.yml").write_text(chapter, encoding="utf-8")
    canvases, settle = [], style._settle
    monkeypatch.setattr(style, "_settle", lambda canvas: canvases.append(canvas) or settle(canvas))
    draw(shown(kind), "chapter_long", words, LABEL, style.PHONE)
    [canvas] = canvases
    canvas.draw_without_rendering()
    room = canvas.bbox
    beyond = [text.get_text() for axes in canvas.axes for text in [axes.xaxis.label, axes._left_title]
              if text.get_text() and not room.x0 - 1 <= text.get_window_extent().x0 <= text.get_window_extent().x1
              <= room.x1 + 1]  # fmt: skip
    assert beyond == []


def test_a_lean_drawing_has_the_same_texts_and_places():
    written = ('<?xml version="1.0"?><!DOCTYPE svg PUBLIC "x"\n "y">\n<svg viewBox="0 0 10 10"><metadata>m</metadata>'
               '<defs><style>*{a:b}</style><path id="m1" d="M 0 1.23456 \nL 2 3 \nz\n"/></defs> <g id="g"><use '
               'xlink:href="#m1" x="1.005" y="2.0"/> <text style="font-size: 9px; font-family: \'D\', sans-serif; '
               'fill: #1" x="3.14159">0.12345 of  all</text></g></svg>')  # fmt: skip
    told = lean(written)
    assert "0.12345 of  all" in told and 'x="3.14"' in told and 'd="M 0 1.23 L 2 3 z"' in told
    assert 'id="m1"' in told and 'id="g"' not in told and "metadata" not in told and "DOCTYPE" not in told
    assert told.count("sans-serif") == 1 and len(told) < len(written)


def test_a_lean_rectangle_has_its_four_corners_and_other_paths_stay():
    assert 'd="M 1 2 H 5 V 9 H 1 V 2 z"' in lean('<svg><path d="M 1 2 L 5 2 L 5 9 L 1 9 L 1 2 z"/></svg>')
    other = '<svg><path d="M 1 2 L 5 2 L 5 9 L 1 8 L 1 2 z"/></svg>'
    assert lean(other) == other
