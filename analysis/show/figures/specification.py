"""A specification curve: every way to compute one result, from the smallest estimate on, with its choices below."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.show.figures import style
from analysis.show.figures.figure import CHOICES, Figure
from analysis.show.figures.words import Words

_ABOVE, _PEOPLE, _ROW, _ROW_NARROW = 2.6, 0.75, 0.2, 0.36  # inches


def specification(figure: Figure, words: Words) -> Canvas:
    """Intervals above, choices as marks in a grid below, numbers of people between; nothing is told by colour alone.

    A filled mark is a clear difference, an open one none; the primary specification is a large diamond, and what a
    published report has itself an open square.
    """
    frame = _in_line(figure)
    rows = _rows(frame, words)
    grid = len(rows) * (_ROW_NARROW if style.is_narrow() else _ROW)
    canvas = Canvas(figsize=(style.sheet(), _ABOVE + _PEOPLE + grid), layout="constrained")
    curve, people, choices = canvas.subplots(3, 1, sharex=True, height_ratios=[_ABOVE, _PEOPLE, grid])
    _curve(curve, frame, words)
    _people(people, frame, words)
    _choices(choices, frame, rows)
    canvas.legend(handles=_marks(frame, words), loc="outside upper left", ncols=1 if style.is_narrow() else 2,
                  frameon=False, handletextpad=0.2)  # fmt: skip
    return canvas


def _in_line(figure: Figure) -> pd.DataFrame:
    """What can be drawn, from the smallest estimate on, and whether interval and p-value both say that it is clear."""
    frame = figure.frame.dropna(subset=["estimate"]).sort_values(["estimate", *CHOICES], ignore_index=True)
    small = frame["p_value"] < float(figure.options.get("level", 0.05))
    return frame.assign(clear=small & ((frame["conf_low"] > 0) | (frame["conf_high"] < 0)))


def _curve(axes: Axes, frame: pd.DataFrame, words: Words) -> None:
    style.clean(axes)
    axes.axhline(0.0, color=style.QUIET, linewidth=1.2)
    clear = frame["clear"]
    for which, colour in ((~clear, style.CONTROL), (clear, style.TREATMENT)):
        own = frame[which]
        look = {"color": colour, "linewidth": _thick(frame), "alpha": 0.55}
        _strokes(axes, own.index + 1, own["conf_low"], own["conf_high"], **look)
        look = {"mfc": colour} if colour == style.TREATMENT else {"mfc": style.PAPER}
        axes.plot(own.index + 1, own["estimate"], "o", ms=3 if len(frame) > 60 else 5, mec=colour, mew=0.8, **look)
    own = frame[frame["primary"].astype(bool)]
    axes.plot(own.index + 1, own["estimate"], "D", ms=9, color=style.INK, zorder=5)
    if "printed" in frame:
        axes.plot(frame.index + 1, frame["printed"], "s", ms=10, mfc="none", mec=style.INK, mew=1.2, zorder=6)
    axes.set_title(style.wrap(words.axis("y"), 64 if style.is_narrow() else 38), fontweight="normal", color=style.QUIET)
    style.number_axis(axes, "y", words.language, bool(words.figure.options.get("percent")))


def _strokes(axes: Axes, x: Sequence[float], low: Sequence[float], high: Sequence[float], **look: Any) -> None:
    """Upright strokes as one line with gaps, which is one element of the drawing."""
    gaps = np.full(len(x), np.nan)
    axes.plot(np.repeat(x, 3), np.column_stack([low, high, gaps]).ravel(), solid_capstyle="butt", **look)


def _thick(frame: pd.DataFrame) -> float:
    return float(np.clip(120 / len(frame), 0.7, 3))


def _people(axes: Axes, frame: pd.DataFrame, words: Words) -> None:
    """How many people stand behind each specification."""
    style.clean(axes)
    n = frame["n_treated"].astype(float) + frame["n_control"].astype(float)
    axes.fill_between(frame.index + 1, n, step="mid", color=style.GRID, lw=0)
    axes.step(frame.index + 1, n, where="mid", color=style.QUIET, linewidth=1)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
    style.number_axis(axes, "y", words.language)
    axes.set_title(words.common("figure.number_of_people"), fontweight="normal", color=style.QUIET)


def _rows(frame: pd.DataFrame, words: Words) -> list[tuple[str, str | None, str]]:
    """(column, answer or None for its heading, label) for the lines of the grid; a choice without a choice has none."""
    rows: list[tuple[str, str | None, str]] = []
    for column in CHOICES:
        answers = _in_order(frame, column)
        if len(answers) > 1:
            rows.append((column, None, words.label("choice", column)))
            rows += [(column, answer, words.label(column, answer)) for answer in answers]
    return rows


def _in_order(frame: pd.DataFrame, column: str) -> Sequence[str]:
    """The answers to a choice, the one with the largest mean estimate first."""
    means = frame.groupby(column, sort=False)["estimate"].mean()
    return list(means.sort_values(ascending=False, kind="stable").index)


def _choices(axes: Axes, frame: pd.DataFrame, rows: list) -> None:
    style.clean(axes, reads="x")
    axes.grid(False)
    for place, (column, answer, _) in enumerate(rows):
        if answer is None:
            continue
        axes.axhline(place, color=style.GRID, linewidth=0.8, zorder=0)
        for clear, colour in ((False, style.CONTROL), (True, style.TREATMENT)):
            own = frame[(frame[column] == answer) & (frame["clear"] == clear)]
            half = np.full(len(own), (0.28 if clear else 0.17) * (_ROW / _ROW_NARROW if style.is_narrow() else 1))
            _strokes(axes, own.index + 1, place - half, place + half, color=colour, linewidth=_thick(frame))
    axes.set_ylim(len(rows) - 0.5, -0.9 if style.is_narrow() else -0.5)
    axes.set_xlim(0, len(frame) + 1)
    axes.set_xticks([])
    _name_rows(axes, rows)


def _name_rows(axes: Axes, rows: list) -> None:
    """Names of the lines: beside the grid, on a narrow sheet above each line."""
    if style.is_narrow():
        axes.set_yticks([])
        for place, (_, answer, label) in enumerate(rows):
            axes.annotate(label, (0, place - 0.22), xycoords=("axes fraction", "data"), va="bottom", fontsize=9,
                          fontweight="normal" if answer else "bold", color=style.INK)  # fmt: skip
        return
    axes.set_yticks(range(len(rows)), [style.wrap(label, 44) for _, _, label in rows], fontsize=9)
    for tick, (_, answer, _) in zip(axes.get_yticklabels(), rows, strict=True):
        tick.set_fontweight("normal" if answer else "bold")


def _marks(frame: pd.DataFrame, words: Words) -> list[Line2D]:
    """What the marks mean, those alone that are there."""
    clear = frame["clear"]
    kinds = [
        ("clear", clear.any(), {"marker": "o", "mfc": style.TREATMENT, "mec": style.TREATMENT, "ms": 6}),
        ("unclear", (~clear).any(), {"marker": "o", "mfc": style.PAPER, "mec": style.CONTROL, "ms": 6}),
        ("primary", frame["primary"].any(), {"marker": "D", "mfc": style.INK, "mec": style.INK, "ms": 8}),
        ("in_print", "printed" in frame and frame["printed"].notna().any(),
         {"marker": "s", "mfc": "none", "mec": style.INK, "mew": 1.2, "ms": 8}),
    ]  # fmt: skip
    return [Line2D([], [], ls="", label=words.common(f"figure.specification.{name}"), **look)
            for name, there, look in kinds if there]  # fmt: skip
