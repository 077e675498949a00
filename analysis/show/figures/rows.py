"""Figures with named rows: intervals (forest), dots, grouped horizontal bars, steps from one level to
another, tornadoes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.show import prose
from analysis.show.figures import style
from analysis.show.figures.figure import Figure
from analysis.show.figures.words import Words

LABEL_WIDTH = 24
_LABEL_ABOVE = 60  # characters where the names of rows stand above their marks, on a narrow sheet
_LINE, _AROUND = 0.17, 0.1  # inches: a line of a label, and the room around what stands in a row
_ALONE, _BESIDE = 0.3, 0.2  # inches across that the marks of a single series take, and of each of several
_OUTSIDE = 1.3  # inches of axis and legend
_MOST_TICKS = 6
_LONG_NUMBERS = 22  # characters of an estimate with its interval, from which on they stand below the name of the row


@dataclass(frozen=True)
class Line:
    """One line of the figure: its kind (`row`, or `group` for a heading), its key and its label.

    y: where its marks stand, in inches from the top; above, below: the edges of its room.
    """

    kind: str
    key: object
    label: str
    above: float
    y: float
    below: float


def forest(figure: Figure, words: Words) -> Canvas:
    """Estimates with intervals, one row each, a reference line, and the numbers at the right or below the names."""
    keys = words.keys("series") or [None]
    printed = "printed" in figure.frame
    lines = _laid_out(figure, words, len(keys) + printed)
    canvas, axes = _canvas(figure, lines)
    strokes = style.strokes(keys) if keys != [None] else {None: style.Stroke(style.TREATMENT, "-", "o")}
    axes.axvline(float(figure.options.get("reference", 0.0)), color=style.QUIET, linewidth=1.2)
    spread = _spread(keys)
    beside = _is_beside(figure, words)
    for line, rows in _drawn(lines, figure):
        for row in rows:
            _interval(axes, row, line.y + spread[row.get("series")], strokes[row.get("series")], words, beside)
    _finish_rows(axes, figure, lines, words)
    if "axis" in figure.options:
        axes.set_xlim(*figure.options["axis"])
    _legend(canvas, "series", strokes, words)
    if printed:
        _beside_print(canvas, axes, figure, lines, words)
    return canvas


def _has_several(figure: Figure) -> bool:
    """Whether a row has several intervals, each with its numbers beside it."""
    return bool(figure.frame.duplicated(figure.row).any())


def _is_beside(figure: Figure, words: Words) -> bool:
    """Whether the numbers of a forest stand at the right of their intervals, else below the names of the rows."""
    known = figure.frame.dropna(subset=["estimate"]).to_dict("records")
    long = max((len(_numbers(row, words)) for row in known), default=0) > _LONG_NUMBERS
    return _has_several(figure) or not (long or style.is_narrow())


def _beside_print(canvas: Canvas, axes: Axes, figure: Figure, lines: Sequence[Line], words: Words) -> None:
    """Open diamonds below the estimates where the published report prints them, with a legend of both marks."""
    look = {"marker": "D", "ls": "", "mfc": "none", "mec": style.INK}
    for line, rows in _drawn(lines, figure):
        if not pd.isna(rows[0]["printed"]):
            axes.plot(rows[0]["printed"], line.y + 0.14, ms=6, **look)
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
    lines = _laid_out(figure, words)
    canvas, axes = _canvas(figure, lines)
    strokes = style.strokes(words.keys(figure.series), *figure.arms)
    for line, rows in _drawn(lines, figure):
        known = [row for row in rows if not pd.isna(row["estimate"])]
        values = [row["estimate"] for row in known]
        axes.plot(values, [line.y] * len(known), color=style.GRID, linewidth=4, zorder=1)
        for row, value in zip(known, values, strict=True):
            stroke = strokes[row[figure.series]]
            axes.plot(value, line.y, stroke.marker, color=stroke.colour, markersize=8, clip_on=False)
    _finish_rows(axes, figure, lines, words)
    _from_zero(axes, figure)
    _legend(canvas, figure.series, strokes, words)
    return canvas


def bars(figure: Figure, words: Words) -> Canvas:
    """Horizontal bars, one per row and series, with the value printed at the end and whiskers where given."""
    keys = words.keys(figure.series) or [None]
    lines = _laid_out(figure, words, len(keys))
    canvas, axes = _canvas(figure, lines)
    strokes = style.strokes(keys, *figure.arms)
    spread = _spread(keys)
    for line, rows in _drawn(lines, figure):
        for row in rows:
            series = row.get(figure.series)
            _bar(axes, row, line.y + spread[series], _step(keys), strokes[series].colour, words)
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
    lines = _laid_out(figure, words)
    canvas, axes = _canvas(figure, lines)
    axes.axvline(0.0, color=style.QUIET, linewidth=1.2)
    drawn = [(line, rows) for line, rows in _drawn(lines, figure) if pd.notna([rows[0]["start"], rows[0]["end"]]).all()]
    for place, (line, rows) in enumerate(drawn):
        _stair(axes, rows[0], line.y, words)
        for below, _ in drawn[place + 1 : place + 2]:
            axes.plot([rows[0]["end"]] * 2, [line.y, below.y], color=style.QUIET, linewidth=0.8, zorder=1)
    _finish_rows(axes, figure, lines, words)
    least, most = _ends(figure.frame[["start", "end"]])
    room = 0.16 * (most - least)
    axes.set_xlim(least - room * (least < 0), most + room * (most > 0))
    return canvas


def _ends(drawn: pd.DataFrame) -> tuple[float, float]:
    """The least and the greatest of the numbers that are not hidden; nought to one where all are."""
    known = drawn.stack().dropna()
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)


def _stair(axes: Axes, row: Mapping, y: float, words: Words) -> None:
    is_level = row["start"] == 0
    colour = style.CONTROL if is_level else style.TREATMENT if row["estimate"] < 0 else style.OTHERS[0]
    axes.barh(y, row["end"] - row["start"], left=row["start"], height=0.26, color=colour, zorder=2)
    text = words.value(row["estimate"])
    signed = text if is_level or row["estimate"] < 0 else f"+{text}"
    left = row["end"] < 0
    place = min(row["start"], row["end"]) if left else max(row["start"], row["end"])
    axes.annotate(signed, (place, y), xytext=(-5 if left else 5, 0), textcoords="offset points", va="center",
                  ha="right" if left else "left", fontsize=9)  # fmt: skip


def tornado(figure: Figure, words: Words) -> Canvas:
    """One line per row: bars from the level at `start` to where each series leads, the number printed at their ends."""
    lines = _laid_out(figure, words)
    canvas, axes = _canvas(figure, lines)
    strokes = style.strokes(words.keys("series"))
    if (start := figure.frame["start"].dropna()).size:
        axes.axvline(float(start.iloc[0]), color=style.INK, linewidth=1.2, zorder=3)
    for line, every in _drawn(lines, figure):
        rows = [row for row in every if pd.notna([row["start"], row["estimate"]]).all()]
        for row in rows:
            first = row["estimate"] == min(each["estimate"] for each in rows)
            colour = strokes[row["series"]].colour
            axes.barh(line.y, row["estimate"] - row["start"], left=row["start"], height=0.26, color=colour)
            axes.annotate(words.value(row["estimate"]), (row["estimate"], line.y), xytext=(-5 if first else 5, 0),
                          textcoords="offset points", va="center", ha="right" if first else "left",
                          fontsize=9)  # fmt: skip
    _finish_rows(axes, figure, lines, words)
    least, most = _ends(figure.frame[["start", "estimate"]])
    room = (0.4 if style.is_narrow() else 0.22) * ((most - least) or 1)
    axes.set_xlim(least - room, most + room)
    _legend(canvas, "series", strokes, words)
    return canvas


def _step(keys: Sequence) -> float:
    """Inches across that the marks of one series take."""
    return _BESIDE if len(keys) > 1 else _ALONE


def _spread(keys: Sequence) -> dict:
    """Offset in inches of each series within its row."""
    return {key: (index - (len(keys) - 1) / 2) * _step(keys) for index, key in enumerate(keys)}


def _with_headings(figure: Figure) -> list[tuple[str, object]]:
    """The lines from top to bottom: ("row", key), preceded by ("group", key) where the frame has groups."""
    frame = figure.frame
    columns = [column for column in ("group", figure.row) if column in frame.columns]
    lines: list[tuple[str, object]] = []
    for record in frame[columns].drop_duplicates().to_dict("records"):
        heading = ("group", record.get("group"))
        if "group" in record and heading not in lines:
            lines.append(heading)
        lines.append(("row", record[figure.row]))
    return lines


def _laid_out(figure: Figure, words: Words, series: int = 1) -> list[Line]:
    """The lines with their places, each as high as its label or its marks; on a narrow sheet the marks stand below."""
    marks, lines, top = _step(range(series)) * series, [], 0.0
    for kind, key in _with_headings(figure):
        label = _label(kind, key, figure, words)
        text = _LINE * (label.count("\n") + 1)
        if kind == "group":
            below, y = top + text + 2 * _AROUND, top + text / 2 + _AROUND
        elif style.is_narrow():
            below = top + text + marks + _AROUND
            y = below - (marks + _AROUND) / 2
        else:
            below = top + max(text, marks) + _AROUND
            y = (top + below) / 2
        lines.append(Line(kind, key, label, top, y, below))
        top = below
    return lines


def _drawn(lines: Sequence[Line], figure: Figure) -> list[tuple[Line, list[dict]]]:
    """Each line that is no heading, with its rows of the frame."""
    known = {key: part.to_dict("records") for key, part in figure.frame.groupby(figure.row, sort=False)}
    return [(line, known[line.key]) for line in lines if line.kind == "row"]


def _label(kind: str, key: object, figure: Figure, words: Words) -> str:
    """The name of a line and what stands below it."""
    narrow = _LABEL_ABOVE if style.is_narrow() else None
    if kind == "group":
        across = LABEL_WIDTH + 6 if "p_interaction" in figure.frame else 2 * LABEL_WIDTH  # with a line of its own below
        name = style.wrap(words.label("group", key), narrow or across)
        return "\n".join([name, *_test(key, figure, words)])
    name = style.wrap(words.label(figure.row, key), narrow or LABEL_WIDTH)
    below = _below_label(key, figure, words) if figure.kind == "forest" else []
    return "\n".join([name, *([" · ".join(below)] if narrow and below else below)])


def _below_label(key: object, figure: Figure, words: Words) -> list[str]:
    """What stands under the name of a forest's row: its numbers if not beside it, and people in either arm."""
    row = figure.frame[figure.frame[figure.row] == key].iloc[0]
    sizes = [row.get(name) for name in ("n_treated", "n_control")]
    people = [] if any(map(pd.isna, sizes)) else [_people(sizes, words)]
    has_numbers = not (_is_beside(figure, words) or pd.isna(row["estimate"]))
    return [*([_numbers(row, words)] if has_numbers else []), *people]


def _test(group: object, figure: Figure, words: Words) -> list[str]:
    """What stands under the heading of a forest: the p-value of the same effect in all rows of the group."""
    if "p_interaction" not in figure.frame.columns:
        return []
    known = figure.frame.loc[figure.frame["group"] == group, "p_interaction"].dropna()
    return [f"{words.common('figure.interaction')} {prose.format_p(p, words.language)}" for p in known.iloc[:1]]


def _people(sizes: list[float], words: Words) -> str:
    return "n = " + " / ".join(prose.format_number(prose.count(size), words.language) for size in sizes)


def _numbers(row: Mapping, words: Words) -> str:
    return f"{words.value(row['estimate'])} ({_interval_text(row, words)})"


def _canvas(figure: Figure, lines: Sequence[Line]) -> tuple[Canvas, Axes]:
    """An empty figure with its lines named: beside them, or above them on a narrow sheet."""
    canvas, (axes,) = style.canvas(float(figure.options.get("height", lines[-1].below + _OUTSIDE)))
    axes.set_ylim(lines[-1].below, 0)
    if not style.is_narrow():
        axes.set_yticks([line.y for line in lines], [line.label for line in lines])
        for line, tick in zip(lines, axes.get_yticklabels(), strict=True):
            tick.set_fontweight("bold" if line.kind == "group" else "normal")
        return canvas, axes
    axes.set_yticks([])
    for line in lines:  # on paper of their own, so that no line runs through the letters
        axes.annotate(line.label, (0, line.above + _AROUND / 2), xycoords=("axes fraction", "data"), va="top",
                      fontweight="bold" if line.kind == "group" else "normal", color=style.INK, zorder=6,
                      bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1})  # fmt: skip
    return canvas, axes


def _finish_rows(axes: Axes, figure: Figure, lines: Sequence[Line], words: Words) -> None:
    style.clean(axes, reads="x")
    axes.set_ylim(lines[-1].below, 0)
    axes.set_xlabel(style.wrap(words.axis("x"), 60))
    axes.margins(x=0.08)
    beside = figure.kind == "forest" and _is_beside(figure, words)
    axes.xaxis.set_major_locator(MaxNLocator(_most_ticks(axes, beside), steps=[1, 2, 2.5, 5, 10], min_n_ticks=3))
    style.number_axis(axes, "x", words.language, bool(figure.options.get("percent")))


def _most_ticks(axes: Axes, beside: bool) -> int:
    """How many numbers the axis has room for, where others stand beside it or not."""
    across = (2.3 if beside else 3.4) if style.is_narrow() else (2.5 if beside else 3.8)
    longest = max(len(f"{abs(end):,.0f}") + (end < 0) for end in axes.get_xlim())
    return max(2, min(_MOST_TICKS, int(across / (0.09 * longest + 0.25))))


def _from_zero(axes: Axes, figure: Figure) -> None:
    if "axis" in figure.options:
        axes.set_xlim(*figure.options["axis"])
    elif figure.options.get("zero", True) and figure.frame["estimate"].min() >= 0:
        axes.set_xlim(left=0)


def _legend(canvas: Canvas, column: str, strokes: dict, words: Words) -> None:
    """Names of the series above the plot, in the order of the marks; nothing for a single unnamed series."""
    named = {key: stroke for key, stroke in strokes.items() if key is not None}
    handles = [
        Line2D([], [], c=stroke.colour, marker=stroke.marker, ls="", ms=8, label=words.sized(column, key))
        for key, stroke in named.items()
    ]
    if handles:
        letters = sum(len(handle.get_label()) + 4 for handle in handles)
        columns = 1 if style.is_narrow() and letters > 44 else min(3, len(handles))
        canvas.legend(handles=handles, loc="outside upper left", ncols=columns, frameon=False, handletextpad=0.2)
