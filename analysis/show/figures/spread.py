"""Figures of spread: how answers or scores distribute, and coloured grids of numbers."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch, Rectangle

from analysis.show.figures import style
from analysis.show.figures.figure import Figure
from analysis.show.figures.words import Words

_MOST_COLUMNS = 15


def distribution(figure: Figure, words: Words) -> Canvas:
    """Share of people by value and series: columns for a few values, outlines for a fine scale."""
    panels = words.panels()
    canvas, all_axes = style.canvas(float(figure.options.get("height", 3.4)), len(panels))
    strokes = style.strokes(words.keys(figure.series) or [None], *figure.arms)
    for axes, (title, frame) in zip(all_axes, panels, strict=True):
        style.clean(axes)
        if title:
            axes.set_title(style.wrap(title, 34))
        values = np.sort(frame["value"].unique().astype(float))
        for index, (key, stroke) in enumerate(strokes.items()):
            part = frame if key is None else frame[frame[figure.series] == key]
            heights = part.set_index(part["value"].astype(float))["estimate"].reindex(values).fillna(0).to_numpy()
            _heights(axes, values, heights, stroke, index, len(strokes))
        if len(values) <= _MOST_COLUMNS:
            axes.set_xticks(values)
        style.number_axis(axes, "x", words.language)
        style.number_axis(axes, "y", words.language, bool(figure.options.get("percent", True)))
        axes.set_ylim(bottom=0)
    canvas.supxlabel(style.wrap(words.axis("x"), 62), fontsize=style.FONT)
    style.heading(canvas, words.axis("y"))
    _legend(canvas, strokes, figure, words)
    return canvas


def _heights(
    axes: Axes, values: np.ndarray, heights: np.ndarray, stroke: style.Stroke, index: int, series: int
) -> None:
    step = np.diff(values).min() if len(values) > 1 else 1.0
    if len(values) > _MOST_COLUMNS:
        axes.step(values, heights, where="mid", color=stroke.colour, linestyle=stroke.line, linewidth=2)
        axes.fill_between(values, heights, step="mid", color=stroke.colour, alpha=0.14, lw=0)
        return
    width = 0.8 * step / series
    axes.bar(values + (index - (series - 1) / 2) * width, heights, width=0.92 * width, color=stroke.colour)


def _legend(canvas: Canvas, strokes: dict, figure: Figure, words: Words) -> None:
    handles = [
        Patch(color=stroke.colour, label=words.sized(figure.series, key))
        for key, stroke in strokes.items()
        if key is not None
    ]
    if handles:
        letters = sum(len(handle.get_label()) + 6 for handle in handles)
        columns = 1 if style.is_narrow() and letters > 36 else 2
        canvas.legend(handles=handles, loc="outside upper right", ncols=columns, frameon=False)


def heat(figure: Figure, words: Words) -> Canvas:
    """A grid of numbers, coloured from pale (low) to strong (high), each number printed in its cell in letters that can
    be read on any of the colours, on white paper and in the dark.

    Where the frame says that some are `marked`, these are bold in a frame of their own.
    """
    wide = figure.frame.pivot(index=figure.row, columns="column", values="estimate")
    wide = wide.reindex(index=words.keys(figure.row), columns=words.keys("column"))
    canvas, (axes,) = style.canvas(float(figure.options.get("height", 0.34 * len(wide) + 1.5)))
    scheme = LinearSegmentedColormap.from_list("rust", ["#fdf3ec", "#f5c7a6", "#ec9f70"])
    low, high = figure.options.get("axis", (float(np.nanmin(wide)), float(np.nanmax(wide))))
    shades = np.ma.masked_invalid(wide.to_numpy(float))
    edges = [np.arange(-0.5, count) for count in shades.shape[::-1]]
    look = {"cmap": scheme, "edgecolors": style.PAPER, "linewidth": 1.2, "clip_on": False}
    axes.pcolormesh(*edges, shades, vmin=low, vmax=high, **look)
    axes.set_ylim(len(wide) - 0.5, -0.5)
    for (row, column), value in np.ndenumerate(wide.to_numpy(float)):
        if not np.isnan(value):
            axes.text(column, row, words.value(value), ha="center", va="center", fontsize=9, in_layout=False,
                      color=style.INK)  # fmt: skip
    axes.set_xticks(range(wide.shape[1]), [style.wrap(words.label("column", key), 12) for key in wide.columns])
    axes.set_yticks(range(len(wide)), [style.wrap(words.label(figure.row, key), 30) for key in wide.index])
    axes.xaxis.tick_top()
    axes.tick_params(labelsize=9)
    style.clean(axes, reads="x")
    axes.grid(False)
    axes.set_xlabel(style.wrap(words.axis("x"), 62))
    _frame_marked(axes, figure, words)
    _turn_if_crowded(canvas, axes, [words.label("column", key) for key in wide.columns])
    return canvas


def _frame_marked(axes: Axes, figure: Figure, words: Words) -> None:
    """A frame around each marked cell, its number in bold."""
    if "marked" not in figure.frame:
        return
    rows, columns = words.keys(figure.row), words.keys("column")
    marked = figure.frame[figure.frame["marked"]]
    places = {(columns.index(one["column"]), rows.index(one[figure.row])) for one in marked.to_dict("records")}
    for x, y in sorted(places):
        axes.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, fill=False, edgecolor=style.INK, linewidth=1.4))
    for text in axes.texts:
        if text.get_position() in places:
            text.set_fontweight("bold")


def _turn_if_crowded(canvas: Canvas, axes: Axes, names: Sequence[str]) -> None:
    """Slant the names over the columns of a grid when level ones would touch."""
    canvas.get_layout_engine().execute(canvas)
    boxes = [label.get_window_extent().padded(1) for label in axes.get_xticklabels()]
    if any(left.x1 > right.x0 for left, right in pairwise(boxes)):
        axes.set_xticks(range(len(names)), names, rotation=35, ha="left", rotation_mode="anchor")
