"""Figures over time: trajectories by month, means by questionnaire wave, cumulative shares, stacked statuses."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from analysis.show import prose
from analysis.show.figures import placing, style
from analysis.show.figures.figure import Figure
from analysis.show.figures.words import Words

# Strong and pale in turn: white letters can be read on the one, ink on the other, in the dark the other way round.
_STACK = ("#0b7285", "#93d1d1", "#c2410c", "#f7bd83", "#5f3d8c", "#cdb8e6", "#7d6200", "#27364b", "#a9b4be", "#d3d9e0")
_SHORT_NAME = 10  # characters; panels stand side by side only if the names at the lines' ends leave room
_NARROW_NAME = 18  # characters of a name in one line, of which a narrow sheet has room for two thirds
# Distance of the ticks → the longest span of time it serves.
STEPS = {1: 6, 3: 14, 6: 72, 13: 160, 26: float("inf")}
_OF_BOTH = ["n_control", "n_treated"]
# What time is counted in along an axis: it begins where the study does.
_TIMES = ("month", "week", "year", "wave", "recruitment_month")
_NUDGE = 0.12  # of a month, so that the whiskers of two arms stand beside each other


def trajectories(figure: Figure, words: Words) -> Canvas:
    """lines, means and cumulative: one line per series over time, with band or whiskers, named at its end."""
    panels = words.panels()
    keys = words.keys(figure.series)
    beside = 2 if max(len(words.label(figure.series, key)) for key in keys) <= _SHORT_NAME else 1
    usual = (3.9 if len(panels) == 1 else 2.9) + 0.4 * style.is_narrow()  # where titles take more lines
    height = float(figure.options.get("height", usual))
    canvas, all_axes = style.canvas(height, len(panels), figure.kind != "means", beside)
    strokes = style.strokes(keys, *figure.arms)
    ends = []
    for axes, (title, frame) in zip(all_axes, panels, strict=True):
        style.clean(axes)
        if title:
            axes.set_title(style.wrap(title, 34))
        ends.append([_series(axes, part, figure, stroke, words) for stroke, part in _parts(figure, frame, strokes)])
        _time_axis(axes, figure, frame, words)
    # Limits last: panels may share an axis, which must hold the lines of all of them.
    single = not figure.frame.dropna(subset=["estimate"]).duplicated([*_panel(figure), figure.series]).any()
    for axes, named in zip(all_axes, ends, strict=True):
        _value_axis(axes, figure, words)
        if not single:
            style.end_labels(axes, [end for end in named if end])
    _axis_titles(canvas, figure, words, all_axes)
    if single:
        _name_points(all_axes, panels, figure, strokes, words)
    return canvas


def _panel(figure: Figure) -> list[str]:
    return ["panel"] if "panel" in figure.frame.columns else []


def _name_points(all_axes: list[Axes], panels: list, figure: Figure, strokes: dict, words: Words) -> None:
    """Series of one point each stand anywhere in the figure, so their names look for room."""
    for axes, (_, frame) in zip(all_axes, panels, strict=True):
        axes.margins(x=0.14)
        axes.autoscale(axis="x")
        points = []
        for row in frame.dropna(subset=["estimate"]).to_dict("records"):
            stroke, y = strokes[row[figure.series]], row["estimate"]
            x = row[figure.x] + (_nudge(stroke) if figure.kind == "means" else 0)
            low, high = (y if pd.isna(row.get(end)) else row[end] for end in ("conf_low", "conf_high"))
            name = words.with_people(words.label(figure.series, row[figure.series]), row.get("n"), "\n")
            points.append((x, y, low, high, name, stroke.colour))
        placing.point_labels(axes, points)


def _parts(figure: Figure, frame: pd.DataFrame, strokes: dict) -> list:
    return [(stroke, frame[frame[figure.series] == key]) for key, stroke in strokes.items()]


def _series(
    axes: Axes, part: pd.DataFrame, figure: Figure, stroke: style.Stroke, words: Words
) -> tuple[float, float, str, str] | None:
    """Draw one series; its end (x, y, name, colour) for the label, or None if it has no point."""
    part = part.dropna(subset=["estimate"]).sort_values(figure.x)
    if part.empty:
        return None
    x, y = part[figure.x].to_numpy(float), part["estimate"].to_numpy(float)
    drawing = {"color": stroke.colour, "linestyle": stroke.line, "linewidth": 2.2}
    if figure.kind == "means":
        x = x + _nudge(stroke)
        if figure.has_interval:
            _whiskers(axes, part, x, y, stroke.colour)
        axes.plot(x, y, **drawing, marker=stroke.marker, markersize=7, clip_on=False)
    elif figure.kind == "cumulative":
        axes.step(x, y, where="post", **drawing)
        _band(axes, part, figure, stroke, step="post")
    else:
        axes.plot(x, y, **drawing)
        _band(axes, part, figure, stroke)
    end = part[figure.x].max() + _NUDGE if figure.kind == "means" else x[-1]
    name = words.label(figure.series, part[figure.series].iloc[0])
    return end, y[-1], style.wrap(name, _NARROW_NAME) if style.is_narrow() else name, stroke.colour


def _nudge(stroke: style.Stroke) -> float:
    return _NUDGE if stroke.colour == style.TREATMENT else -_NUDGE


def _band(axes: Axes, part: pd.DataFrame, figure: Figure, stroke: style.Stroke, step: str | None = None) -> None:
    if figure.has_interval:
        low, high = part["conf_low"].to_numpy(float), part["conf_high"].to_numpy(float)
        axes.fill_between(part[figure.x].to_numpy(float), low, high, color=stroke.colour, alpha=0.14, lw=0, step=step)


def _whiskers(axes: Axes, part: pd.DataFrame, x: np.ndarray, y: np.ndarray, colour: str) -> None:
    ends = np.vstack([y - part["conf_low"].to_numpy(float), part["conf_high"].to_numpy(float) - y])
    axes.errorbar(x, y, yerr=ends, fmt="none", ecolor=colour, elinewidth=1.5, capsize=4)


def _time_axis(axes: Axes, figure: Figure, frame: pd.DataFrame, words: Words) -> None:
    times = np.unique(frame[figure.x].to_numpy(float))
    low, high = times.min(), times.max()
    ticks = figure.options.get("ticks")
    if ticks is None:
        step = next(step for step, longest in STEPS.items() if high - low <= longest)
        ticks = times if figure.kind == "means" else np.arange(np.ceil(low / step) * step, high + 1, step)
    axes.set_xticks(list(ticks), _with_people(list(ticks), figure, frame, words))
    room = (0.06 if figure.kind == "means" else 0.03) * (high - low or 1)
    axes.set_xlim(low - room, high + room)
    if figure.x in ("month", "week", "year") and low < 0 <= high:
        axes.axvline(0, color=style.QUIET, linewidth=1, linestyle=(0, (2, 2)))
        # at the foot of a stack, where the first state is, which is dark
        at_foot = figure.kind == "stack"
        at, below, side, colour = (0, 5, "bottom", style.PAPER) if at_foot else (1, -2, "top", style.QUIET)
        axes.annotate(words.common("figure.inclusion"), (0, at), xycoords=("data", "axes fraction"), xytext=(4, below),
                      textcoords="offset points", va=side, fontsize=9, color=colour)  # fmt: skip


def _with_people(ticks: list, figure: Figure, frame: pd.DataFrame, words: Words) -> list[str]:
    """The labels of the ticks, with the people below: of each series where there are few, of all of a stack."""
    labels = [style.NumberTicks(words.language)(float(tick)) for tick in ticks]
    columns, _ = _people_below(figure, words)
    if not columns:
        return labels
    if figure.kind == "stack":
        counts = frame.groupby(figure.x)[columns].agg(lambda n: n.sum(skipna=False))  # none where one must not be told
    elif columns == _OF_BOTH:
        counts = frame.groupby(figure.x)[columns].agg(lambda n: n.iloc[0])
    else:
        counts = frame.pivot(index=figure.x, columns=figure.series, values=columns[0])
        counts = counts.reindex(columns=words.keys(figure.series))
    return ["\n".join([label, *(prose.MISSING if np.isnan(n) else words.people(n) for n in row)])
            for label, row in zip(labels, counts.reindex(ticks).to_numpy(float), strict=True)]  # fmt: skip


def _people_below(figure: Figure, words: Words) -> tuple[list[str], list[str]]:
    """The columns of the people who stand under the axis, and whose they are; none where not every tick has them.

    Differences have those of both arms, if they are the same for all that is drawn.
    """
    frame, place = figure.frame, [*_panel(figure), figure.x]
    column = next((name for name in ("n", "at_risk") if name in frame.columns), "")
    if figure.kind == "stack":
        return [column] if column else [], []
    if set(_OF_BOTH) <= set(frame.columns) and all(figure.arms):
        alike = (frame.groupby(figure.x)[_OF_BOTH].nunique(dropna=False) == 1).to_numpy().all()
        return (_OF_BOTH, [words.label("arm", arm) for arm in figure.arms[::-1]]) if alike else ([], [])
    if not column or not {figure.series, *place} <= set(frame.columns) or frame[figure.series].nunique() > 2:
        return [], []
    if frame.duplicated([*place, figure.series]).any():
        return [], []
    return [column], [words.label(figure.series, key) for key in words.keys(figure.series)]


def _below_axis(figure: Figure, words: Words) -> str:
    """Title of the axis, where one of numbers that are no times is cut, and whose numbers stand below the ticks."""
    title, (columns, names) = words.axis("x"), _people_below(figure, words)
    if figure.x not in _TIMES and figure.frame[figure.x].min() > 0:
        title = f"{title} ({words.common('figure.cut')})"
    if not columns:
        return title
    told = words.common("figure.at_risk" if columns == ["at_risk"] else "figure.people")
    return "\n".join([title, ": ".join([told, *filter(None, ["\u00a0/ ".join(names)])])])


def _value_axis(axes: Axes, figure: Figure, words: Words) -> None:
    percent = bool(figure.options.get("percent"))
    # an index between 0.5 and 0.7 needs more than one decimal on its axis
    decimals = 0 if percent else int(figure.options.get("decimals", 0))
    style.number_axis(axes, "y", words.language, percent, decimals)
    axes.margins(y=0.12)
    if "axis" in figure.options:
        axes.set_ylim(*figure.options["axis"])
    elif figure.options.get("zero", percent):
        axes.set_ylim(bottom=0)


def _axis_titles(canvas: Canvas, figure: Figure, words: Words, all_axes: list[Axes]) -> None:
    """The x title once under the figure, the y title above it and not turned, so that it can be read.

    The one says whose numbers stand below the ticks, the other where an axis is cut.
    """
    canvas.supxlabel("\n".join(style.wrap(line, 62) for line in _below_axis(figure, words).split("\n")),
                     fontsize=style.FONT)  # fmt: skip
    cut = [axes.get_ylim()[0] for axes in all_axes if axes.get_ylim()[0] > 0]
    style.heading(canvas, f"{words.axis('y')} ({words.common('figure.cut')})" if cut else words.axis("y"))


def stack(figure: Figure, words: Words) -> Canvas:
    """Stacked areas: how the shares of several states change by month, each named at its end."""
    panels = words.panels()
    canvas, all_axes = style.canvas(float(figure.options.get("height", 4.6)), len(panels), across=1)
    keys = words.keys("category")
    colours = dict(zip(keys, stack_colours(len(keys)), strict=True))
    for axes, (title, frame) in zip(all_axes, panels, strict=True):
        style.clean(axes)
        axes.grid(False)
        if title:
            axes.set_title(style.wrap(title, 40))
        wide = frame.pivot(index=figure.x, columns="category", values="estimate").reindex(columns=keys).fillna(0)
        tops = wide.cumsum(axis=1)
        for key in keys:
            axes.fill_between(wide.index, tops[key] - wide[key], tops[key], color=colours[key], lw=0.6, edgecolor="w")
        axes.set_ylim(0, 1)
        _time_axis(axes, figure, frame, words)
        style.number_axis(axes, "y", words.language, bool(figure.options.get("percent", True)))
        middles = (tops - wide / 2).iloc[-1]
        named = [(wide.index[-1], middles[key], style.wrap(words.label("category", key), 18), colours[key])
                 for key in keys if wide[key].iloc[-1] > 0]  # fmt: skip
        style.area_labels(axes, named)
    below = _below_axis(figure, words)
    canvas.supxlabel("\n".join(style.wrap(line, 62) for line in below.split("\n")), fontsize=style.FONT)
    style.heading(canvas, words.axis("y"))
    return canvas


def stack_colours(count: int) -> list[str]:
    """Colours of stacked states, neighbours apart in lightness too."""
    return [_STACK[index % len(_STACK)] for index in range(count)]
