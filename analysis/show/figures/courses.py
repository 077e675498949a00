"""Figures of courses: how people flow between states at a few times, and every person's course as a line."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from analysis.show.figures import style
from analysis.show.figures.figure import Figure
from analysis.show.figures.lines import STEPS, stack_colours
from analysis.show.figures.words import Words

# Who is not observed is no state like the others.
_UNOBSERVED, _NOBODY = "unobserved", "#e4e7eb"
_HALF_BAR = 0.13
_LEAST_NAMED = 0.035  # of the height, below which no number fits into a bar
_RUN = re.compile(r"\((\w+),(\d+)\)")


def _colours(figure: Figure) -> dict[str, str]:
    """The colour of each state, in their order: that of the option, else as they come."""
    told = "-".join(figure.frame["sequence"]) if figure.kind == "sequences" else ""
    met = [*(state for state, _ in _RUN.findall(told)), *(key for name in ("category", "then") if name in figure.frame
           for key in figure.frame[name])]  # fmt: skip
    keys = figure.options.get("order", dict.fromkeys(met))
    states = [key for key in keys if key != _UNOBSERVED]
    return {**dict(zip(states, stack_colours(len(states)), strict=True)), _UNOBSERVED: _NOBODY}


def alluvial(figure: Figure, words: Words) -> Canvas:
    """A bar of states at each time, by panel, and a band from one to the next for everybody who moved or stayed."""
    panels, colours = words.panels(), _colours(figure)
    height = float(figure.options.get("height", 5.2 if style.is_narrow() else 4.4))
    canvas, all_axes = style.canvas(height, len(panels), across=1)
    for axes, (title, frame) in zip(all_axes, panels, strict=True):
        people = frame.loc[frame[figure.x] == frame[figure.x].min(), "n"].sum(skipna=False)
        axes.set_title(style.wrap(_with_people(title, people, words), 44))
        _flow(axes, figure, frame, colours, words)
    all_axes[-1].set_xlabel(words.axis("x"), fontsize=style.FONT)
    style.heading(canvas, words.axis("y"))
    return canvas


def _with_people(title: str | None, people: float, words: Words) -> str:
    return f"{title} (n\u00a0=\u00a0{words.people(people)})" if title else ""


def _flow(axes: Axes, figure: Figure, frame: pd.DataFrame, colours: Mapping[str, str], words: Words) -> None:
    """One panel: bands first, bars over them, names at the right."""
    order = list(colours)
    starts = sorted(frame[figure.x].unique())
    times = [*starts, frame["until"].max()]
    for place, start in enumerate(starts):
        _bands(axes, place, _square(frame[frame[figure.x] == start], order), order, colours)
    bars = [_square(frame[frame[figure.x] == start], order).sum(axis=1) for start in starts]
    bars.append(_square(frame[frame[figure.x] == starts[-1]], order).sum(axis=0))
    for place, heights in enumerate(bars):
        _bar(axes, place, heights, colours, words)
    style.clean(axes)
    axes.grid(False)
    axes.set_yticks([])
    axes.set_ylim(0, 1)
    axes.set_xlim(-_HALF_BAR, len(times) - 1 + _HALF_BAR)
    axes.set_xticks(range(len(times)), [style.NumberTicks(words.language)(float(time)) for time in times])
    middles = bars[-1].cumsum() - bars[-1] / 2
    named = [(len(times) - 1 + _HALF_BAR, middles[key], style.wrap(words.label("category", key), 22), colours[key])
             for key in order if bars[-1][key] > 0]  # fmt: skip
    style.area_labels(axes, named)


def _square(moves: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """The shares of the moves, from the states in rows to those in columns; a hidden one is nought."""
    wide = moves.pivot(index="category", columns="then", values="estimate")
    return wide.reindex(index=order, columns=order).astype(float).fillna(0)


def _bands(axes: Axes, place: int, moves: pd.DataFrame, order: list[str], colours: Mapping[str, str]) -> None:
    left = moves.sum(axis=1).cumsum() - moves.sum(axis=1)
    right = moves.sum(axis=0).cumsum() - moves.sum(axis=0)
    for before in order:
        for after in order:
            if share := moves.loc[before, after]:
                band = _band(place, left[before], right[after], share)
                axes.add_patch(PathPatch(band, color=colours[before], alpha=0.4 if before == after else 0.7, lw=0))
                left[before] += share
                right[after] += share


def _band(place: int, start: float, end: float, share: float) -> Path:
    """The outline of a band from one bar to the next: two bent edges a share apart."""
    left, right, middle = place + _HALF_BAR, place + 1 - _HALF_BAR, place + 0.5
    lower = [(left, start), (middle, start), (middle, end), (right, end)]
    upper = [(x, y + share) for x, y in reversed(lower)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return Path([*lower, *upper, lower[0]], codes)


def _bar(axes: Axes, place: int, heights: pd.Series, colours: Mapping[str, str], words: Words) -> None:
    bottom = 0.0
    for key, height in heights.items():
        axes.bar(place, height, 2 * _HALF_BAR, bottom, color=colours[key], edgecolor="w", linewidth=0.6, zorder=3)
        if height >= _LEAST_NAMED:
            axes.text(place, bottom + height / 2, words.value(height).rstrip("%\u00a0"), ha="center", va="center",
                      fontsize=9, color=style.INK if is_pale(colours[key]) else style.PAPER, zorder=4)  # fmt: skip
        bottom += height


def is_pale(colour: str) -> bool:
    """Whether ink can be read on it, and not white."""
    return float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114))) > 0.55


def sequences(figure: Figure, words: Words) -> Canvas:
    """Every course as a line of its own, coloured by state, from the bottom as in the frame; one picture a panel."""
    panels, colours = words.panels(), _colours(figure)
    height = float(figure.options.get("height", 5.4))
    canvas, all_axes = style.canvas(height, len(panels), share_y=False)
    beside = 60 if style.is_narrow() or len(panels) == 1 else 30
    for axes, (title, frame) in zip(all_axes, panels, strict=True):
        picture = _picture(frame, colours)
        first = int(figure.options.get("start", 0))
        extent = (first - 0.5, first + picture.shape[1] - 0.5, 0, picture.shape[0])
        axes.imshow(picture, extent=extent, aspect="auto", interpolation="none", origin="lower")
        axes.set_title(style.wrap(_with_people(title, frame["of"].iloc[0], words), beside))
        style.clean(axes)
        axes.grid(False)
        axes.set_yticks([])
        step = next(step for step, longest in STEPS.items() if picture.shape[1] - 1 <= longest)
        axes.set_xticks(range(first, first + picture.shape[1], step))
        style.number_axis(axes, "x", words.language)
    _legend(canvas, [key for key in colours if figure.frame["sequence"].str.contains(f"({key},", regex=False).any()],
            colours, words)  # fmt: skip
    canvas.supxlabel(style.wrap(words.axis("x"), 62), fontsize=style.FONT)
    return canvas


def _picture(frame: pd.DataFrame, colours: Mapping[str, str]) -> np.ndarray:
    """Red, green and blue of each person and time: a line of the frame is as many rows as it has people."""
    paint = {key: np.array([round(255 * part) for part in to_rgb(colour)], np.uint8) for key, colour in colours.items()}
    lines = [[paint[state] for state, length in _RUN.findall(course) for _ in range(int(length))]
             for course in frame["sequence"]]  # fmt: skip
    return np.repeat(np.array(lines), frame["people"].astype(int), axis=0)


def _legend(canvas: Canvas, keys: Sequence[str], colours: Mapping[str, str], words: Words) -> None:
    """The states by colour, under what a line is: a heading of its own would stand on it."""
    handles = [Patch(color=colours[key], label=words.label("category", key)) for key in keys]
    look = {"frameon": False, "fontsize": style.FONT - 1, "alignment": "left", "ncols": 1 if style.is_narrow() else 2}
    legend = canvas.legend(handles=handles, loc="outside upper left", title=style.wrap(words.axis("y"), 70), **look)
    legend.get_title().set(color=style.QUIET, fontsize=style.FONT)
