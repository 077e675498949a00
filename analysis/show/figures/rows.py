"""Figures with named rows: intervals (forest), dots, grouped horizontal bars, steps from one level to
another, tornadoes."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from analysis.show import prose
from analysis.show.figures import style
from analysis.show.figures.figure import Figure
from analysis.show.figures.words import Words

LABEL_WIDTH = 24
_ROW_INCHES, _LINE_INCHES = 0.42, 0.16


def forest(figure: Figure, words: Words) -> Canvas:
    """Estimates with intervals, one row each, a reference line, and the numbers printed at the right."""
    lines = _with_headings(figure)
    keys = words.keys("series") or [None]
    canvas, (axes,) = _canvas(figure, _labels(lines, figure, words), len(keys))
    strokes = style.strokes(keys) if keys != [None] else {None: style.Stroke(style.TREATMENT, "-", "o")}
    reference = float(figure.options.get("reference", 0.0))
    axes.axvline(reference, color=style.QUIET, linewidth=1.2)
    spread = _spread(keys)
    for position, (kind, key) in enumerate(lines):
        if kind == "row":
            for row in figure.frame[figure.frame[figure.row] == key].to_dict("records"):
                beside = not style.is_narrow() or figure.frame.duplicated(figure.row).any()
                _interval(axes, row, position + spread[row.get("series")], strokes[row.get("series")], words, beside)
    _finish_rows(axes, figure, lines, words)
    if "axis" in figure.options:
        axes.set_xlim(*figure.options["axis"])
    _legend(canvas, "series", strokes, words)
    if "printed" in figure.frame:
        _beside_print(canvas, axes, figure, lines, words)
    return canvas


def _beside_print(canvas: Canvas, axes: Axes, figure: Figure, lines: list[tuple[str, str]], words: Words) -> None:
    """Open diamonds below the estimates where the published report prints them, with a legend of both marks."""
    printed = figure.frame.set_index(figure.row)["printed"]
    look = {"marker": "D", "ls": "", "mfc": "none", "mec": style.INK}
    for position, (kind, key) in enumerate(lines):
        if kind == "row" and not pd.isna(printed[key]):
            axes.plot(printed[key], position + 0.26, ms=6, **look)
    marks = [Line2D([], [], c=style.TREATMENT, marker="o", ls="", ms=7, label=words.common("figure.computed")),
             Line2D([], [], ms=6, label=words.common("figure.printed"), **look)]  # fmt: skip
    canvas.legend(handles=marks, loc="outside upper left", ncols=2, frameon=False, handletextpad=0.2)


def _interval(axes: Axes, row: Mapping, y: float, stroke: style.Stroke, words: Words, beside: bool) -> None:
    if pd.isna(row["estimate"]):
        return
    axes.plot([row["conf_low"], row["conf_high"]], [y, y], color=stroke.colour, linewidth=2, solid_capstyle="butt")
    axes.plot(row["estimate"], y, stroke.marker, color=stroke.colour, markersize=7)
    if beside:
        axes.annotate(_numbers(row, words), (1, y), xycoords=("axes fraction", "data"), xytext=(6, 0),
                      textcoords="offset points", va="center", fontsize=9, color=style.INK)  # fmt: skip


def _interval_text(row: Mapping, words: Words) -> str:
    scale = 100 if words.figure.options.get("percent") else 1
    decimals = int(words.figure.options.get("decimals", 1))
    return prose.interval(scale * row["conf_low"], scale * row["conf_high"], decimals, words.language)


def dots(figure: Figure, words: Words) -> Canvas:
    """One line per row and one dot per series on it, joined, so that the gap is what is read."""
    lines = _with_headings(figure)
    keys = words.keys(figure.series)
    canvas, (axes,) = _canvas(figure, _labels(lines, figure, words))
    strokes = style.strokes(keys, *figure.arms)
    for position, (kind, key) in enumerate(lines):
        if kind == "row":
            part = figure.frame[figure.frame[figure.row] == key].dropna(subset=["estimate"])
            axes.plot(part["estimate"], [position] * len(part), color=style.GRID, linewidth=4, zorder=1)
            for series, value in zip(part[figure.series], part["estimate"], strict=True):
                axes.plot(value, position, strokes[series].marker, color=strokes[series].colour, markersize=8)
    _finish_rows(axes, figure, lines, words)
    _from_zero(axes, figure)
    _legend(canvas, figure.series, strokes, words)
    return canvas


def bars(figure: Figure, words: Words) -> Canvas:
    """Horizontal bars, one per row and series, with the value printed at the end and whiskers where given."""
    lines = _with_headings(figure)
    keys = words.keys(figure.series) or [None]
    canvas, (axes,) = _canvas(figure, _labels(lines, figure, words), len(keys))
    strokes = style.strokes(keys, *figure.arms)
    height, spread = 0.76 / len(keys), _spread(keys)
    for position, (kind, key) in enumerate(lines):
        if kind == "row":
            for row in figure.frame[figure.frame[figure.row] == key].to_dict("records"):
                series = row.get(figure.series)
                _bar(axes, row, position + spread[series], height, strokes[series].colour, words)
    _finish_rows(axes, figure, lines, words)
    _from_zero(axes, figure)
    axes.margins(x=0.16)
    if keys != [None]:
        _legend(canvas, figure.series, strokes, words)
    return canvas


def _bar(axes: Axes, row: Mapping, y: float, height: float, colour: str, words: Words) -> None:
    value = row["estimate"]
    if pd.isna(value):
        return
    axes.barh(y, value, height=0.92 * height, color=colour)
    end = value
    if words.figure.has_interval and not pd.isna(row["conf_high"]):
        ends = [[value - row["conf_low"]], [row["conf_high"] - value]]
        axes.errorbar(value, y, xerr=ends, fmt="none", ecolor=style.INK, elinewidth=1.2, capsize=3)
        end = row["conf_high"]
    side = -1 if value < 0 else 1
    axes.annotate(words.value(value), (end, y), xytext=(5 * side, 0), textcoords="offset points", va="center",
                  ha="left" if side > 0 else "right", fontsize=9)  # fmt: skip


def waterfall(figure: Figure, words: Words) -> Canvas:
    """Levels as bars from nought, and the steps between them as bars that hang where the last one ended."""
    lines = _with_headings(figure)
    canvas, (axes,) = _canvas(figure, _labels(lines, figure, words))
    axes.axvline(0.0, color=style.QUIET, linewidth=1.2)
    for position, row in enumerate(figure.frame.to_dict("records")):
        _step(axes, row, position, words)
        if position + 1 < len(lines):
            axes.plot([row["end"]] * 2, [position, position + 1], color=style.QUIET, linewidth=0.8, zorder=1)
    _finish_rows(axes, figure, lines, words)
    ends = figure.frame[["start", "end"]].to_numpy()
    room = 0.16 * (ends.max() - ends.min())
    axes.set_xlim(ends.min() - room * (ends.min() < 0), ends.max() + room * (ends.max() > 0))
    return canvas


def _step(axes: Axes, row: Mapping, y: float, words: Words) -> None:
    is_level = row["start"] == 0
    colour = style.CONTROL if is_level else style.TREATMENT if row["estimate"] < 0 else style.OTHERS[0]
    axes.barh(y, row["end"] - row["start"], left=row["start"], height=0.6, color=colour, zorder=2)
    text = words.value(row["estimate"])
    signed = text if is_level or row["estimate"] < 0 else f"+{text}"
    left = row["end"] < 0
    place = min(row["start"], row["end"]) if left else max(row["start"], row["end"])
    axes.annotate(signed, (place, y), xytext=(-5 if left else 5, 0), textcoords="offset points", va="center",
                  ha="right" if left else "left", fontsize=9)  # fmt: skip


def tornado(figure: Figure, words: Words) -> Canvas:
    """One line per row: bars from the level at `start` to where each series leads, the number printed at their ends."""
    lines, keys = _with_headings(figure), words.keys("series")
    canvas, (axes,) = _canvas(figure, _labels(lines, figure, words))
    strokes = style.strokes(keys)
    axes.axvline(float(figure.frame["start"].iloc[0]), color=style.INK, linewidth=1.2, zorder=3)
    for position, (_, key) in enumerate(lines):
        part = figure.frame[figure.frame[figure.row] == key]
        for row in part.to_dict("records"):
            first = row["estimate"] == part["estimate"].min()
            colour = strokes[row["series"]].colour
            axes.barh(position, row["estimate"] - row["start"], left=row["start"], height=0.62, color=colour)
            axes.annotate(words.value(row["estimate"]), (row["estimate"], position), xytext=(-5 if first else 5, 0),
                          textcoords="offset points", va="center", ha="right" if first else "left",
                          fontsize=9)  # fmt: skip
    _finish_rows(axes, figure, lines, words)
    ends = figure.frame[["start", "estimate"]].to_numpy()
    room = (0.4 if style.is_narrow() else 0.22) * ((ends.max() - ends.min()) or 1)
    axes.set_xlim(ends.min() - room, ends.max() + room)
    _legend(canvas, "series", strokes, words)
    return canvas


def _spread(keys: list) -> dict:
    """Offset of each series within its row."""
    step = 0.76 / len(keys)
    return {key: (index - (len(keys) - 1) / 2) * step for index, key in enumerate(keys)}


def _with_headings(figure: Figure) -> list[tuple[str, str]]:
    """The lines from top to bottom: ("row", key), preceded by ("group", key) where the frame has groups."""
    frame = figure.frame
    columns = [column for column in ("group", figure.row) if column in frame.columns]
    lines: list[tuple[str, str]] = []
    for record in frame[columns].drop_duplicates().to_dict("records"):
        heading = ("group", record.get("group"))
        if "group" in record and heading not in lines:
            lines.append(heading)
        lines.append(("row", record[figure.row]))
    return lines


def _labels(lines: list[tuple[str, str]], figure: Figure, words: Words) -> list[str]:
    heading = LABEL_WIDTH + 6 if "p_interaction" in figure.frame else 2 * LABEL_WIDTH  # with a line of its own below
    columns = {"group": ("group", heading), "row": (figure.row, LABEL_WIDTH + 3 * style.is_narrow())}
    labels = [style.wrap(words.label(columns[kind][0], key), columns[kind][1]) for kind, key in lines]
    below = _tests(figure, words) | _below_labels(figure, words)
    return ["\n".join([label, *below.get(key, ())]) for label, (_, key) in zip(labels, lines, strict=True)]


def _below_labels(figure: Figure, words: Words) -> dict[str, list[str]]:
    """What stands under the names of a forest's rows: people in either arm, and on a phone the numbers."""
    if figure.kind != "forest":
        return {}
    single, below = not figure.frame.duplicated(figure.row).any(), {}
    for key, rows in figure.frame.groupby(figure.row, sort=False):
        row = rows.iloc[0]
        sizes = [row.get(name) for name in ("n_treated", "n_control")]
        people = [] if any(map(pd.isna, sizes)) else [_people(sizes, words)]
        numbers = [_numbers(row, words)] if single and style.is_narrow() and not pd.isna(row["estimate"]) else []
        below[key] = [*numbers, *people]
    return below


def _tests(figure: Figure, words: Words) -> dict[str, list[str]]:
    """What stands under the headings of a forest: the p-value of the same effect in all rows of the group."""
    if not {"p_interaction", "group"} <= set(figure.frame.columns):
        return {}
    known = figure.frame.dropna(subset=["p_interaction"]).drop_duplicates("group")
    return {group: [f"{words.common('figure.interaction')} {prose.format_p(p, words.language)}"]
            for group, p in zip(known["group"], known["p_interaction"], strict=True)}  # fmt: skip


def _people(sizes: list[float], words: Words) -> str:
    return "n = " + " / ".join(prose.format_number(prose.count(size), words.language) for size in sizes)


def _numbers(row: Mapping, words: Words) -> str:
    return f"{words.value(row['estimate'])} ({_interval_text(row, words)})"


def _canvas(figure: Figure, labels: list[str], series: int = 1) -> tuple[Canvas, list[Axes]]:
    broken = [_LINE_INCHES * label.count("\n") for label in labels]
    tallest = max(broken, default=0) + _LINE_INCHES + 0.04  # rows are of one height, so that no label meets the next
    inches = max(len(labels) * (_ROW_INCHES + 0.1 * (series - 1)) + sum(broken), len(labels) * tallest) + 1.3
    canvas, axes = style.canvas(float(figure.options.get("height", inches)))
    axes[0].set_yticks(np.arange(len(labels)), labels)
    return canvas, axes


def _finish_rows(axes: Axes, figure: Figure, lines: list[tuple[str, str]], words: Words) -> None:
    style.clean(axes, reads="x")
    axes.set_ylim(len(lines) - 0.5, -0.5)
    for (kind, _), tick in zip(lines, axes.get_yticklabels(), strict=True):
        if kind == "group":
            tick.set_fontweight("bold")
    axes.set_xlabel(style.wrap(words.axis("x"), 42 if style.is_narrow() else 60))
    axes.margins(x=0.08)
    long_numbers = max(map(abs, axes.get_xlim())) >= 10_000
    crowded = long_numbers or (figure.kind == "forest" and figure.frame.duplicated(figure.row).any())
    axes.xaxis.get_major_locator().set_params(nbins=3 if crowded and style.is_narrow() else 5)
    style.number_axis(axes, "x", words.language, bool(figure.options.get("percent")))


def _from_zero(axes: Axes, figure: Figure) -> None:
    if "axis" in figure.options:
        axes.set_xlim(*figure.options["axis"])
    elif figure.options.get("zero", True) and figure.frame["estimate"].min() >= 0:
        axes.set_xlim(left=0)


def _legend(canvas: Canvas, column: str, strokes: dict, words: Words) -> None:
    """Names of the series above the plot, in the order of the marks; nothing for a single unnamed series."""
    named = {key: stroke for key, stroke in strokes.items() if key is not None}
    handles = [
        Line2D([], [], c=stroke.colour, marker=stroke.marker, ls="", ms=8, label=words.label(column, key))
        for key, stroke in named.items()
    ]
    if handles:
        letters = sum(len(handle.get_label()) + 4 for handle in handles)
        columns = 1 if style.is_narrow() and letters > 44 else min(3, len(handles))
        canvas.legend(handles=handles, loc="outside upper left", ncols=columns, frameon=False, handletextpad=0.2)
