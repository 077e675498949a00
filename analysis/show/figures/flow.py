"""The flow of participants (CONSORT): boxes from top to bottom, a branch per arm, those who left beside the trunk."""

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import FancyBboxPatch

from analysis.show.figures import style
from analysis.show.figures.figure import Figure
from analysis.show.figures.words import Words

_LINE_INCHES = 0.185
_TRUNK, _ASIDE = 0.5, 0.765
_CHARACTERS = 29


def _row_inches() -> float:
    """Height of a row; narrow boxes have more lines."""
    return 1.3 if style.is_narrow() else 0.95


@dataclass(frozen=True)
class Box:
    """One box: its centre (x 0–1, y in rows from the top), its text and colour; `aside` boxes end a path."""

    x: float
    y: float
    text: str
    colour: str
    aside: bool
    in_branch: bool

    @property
    def half_height(self) -> float:
        """Half the height, in rows."""
        return (_LINE_INCHES * (self.text.count("\n") + 1) + 0.2) / (2 * _row_inches())


def flow(figure: Figure, words: Words) -> Canvas:
    """Boxes in the frame's order; rows with an arm form that arm's branch; `side` marks people who left."""
    boxes = _place(figure, words)
    depth = max(box.y for box in boxes)
    canvas, (axes,) = style.canvas(float(figure.options.get("height", _row_inches() * (depth + 1.1))))
    axes.set_xlim(0, 1)
    axes.set_ylim(depth + 0.55, -0.55)
    axes.set_axis_off()
    _arrows(axes, boxes)
    for box in boxes:
        _draw(axes, box)
    return canvas


def _place(figure: Figure, words: Words) -> list[Box]:
    """Each box of the trunk in a row of its own; the branches start below and run side by side."""
    arms = words.keys("arm")
    strokes = style.strokes(arms, figure.options.get("treatment"))
    columns = {arm: 0.25 + 0.5 * index for index, arm in enumerate(arms)}
    depth = 0.0
    depths: dict[str, float] = {}
    boxes = []
    for record in figure.frame.to_dict("records"):
        arm, aside, text = record.get("arm"), _is_true(record.get("side")), _text(record, words)
        if arm in columns:
            if arm not in depths:
                text = f"{style.wrap(words.label('arm', arm), _CHARACTERS)}\n{text}"
            y = depths.get(arm, depth)
            boxes.append(Box(columns[arm], y, text, strokes[arm].colour, aside, True))
            depths[arm] = y + 1
        else:
            colour = style.QUIET if aside else style.INK
            boxes.append(Box(_ASIDE if aside else _TRUNK, depth, text, colour, aside, False))
            depth += 1
    return boxes


def _is_true(mark: object) -> bool:
    return not pd.isna(mark) and bool(mark)


def _text(record: dict, words: Words) -> str:
    number = words.people(record["count"])
    return f"{style.wrap(words.label('box', record['box']), _CHARACTERS)}\nn = {number}"


def _draw(axes: Axes, box: Box) -> None:
    half = 0.225
    height = 2 * box.half_height
    axes.add_patch(
        FancyBboxPatch(
            (box.x - half, box.y - box.half_height),
            2 * half,
            height,
            boxstyle="round,pad=0,rounding_size=0.012",
            facecolor=style.PAPER,
            edgecolor=box.colour,
            linewidth=1.0 if box.aside else 1.8,
            linestyle="--" if box.aside else "-",
            zorder=3,
        )
    )
    colour = style.QUIET if box.aside else style.INK
    axes.text(box.x, box.y, box.text, ha="center", va="center", fontsize=9.5, color=colour, zorder=4)


def _arrows(axes: Axes, boxes: list[Box]) -> None:
    """From each box to the next on its path; branches fork below the trunk's last box."""
    trunk: Box | None = None
    last: dict[float, Box] = {}
    for box in boxes:
        if box.aside and not box.in_branch:
            if trunk is not None:
                _arrow(axes, (_TRUNK, box.y), (box.x - 0.225, box.y))
            continue
        if box.aside:
            continue
        before = last.get(box.x, trunk) if box.in_branch else trunk
        if before is not None:
            _connect(axes, before, box)
        if box.in_branch:
            last[box.x] = box
        else:
            trunk = box


def _connect(axes: Axes, above: Box, below: Box) -> None:
    start, end = above.y + above.half_height, below.y - below.half_height
    if above.x != below.x:
        middle = (start + end) / 2
        axes.plot([above.x, above.x, below.x], [start, middle, middle], color=style.QUIET, linewidth=1)
        start = middle
    _arrow(axes, (below.x, start), (below.x, end))


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    arrow = {"arrowstyle": "-|>", "color": style.QUIET, "linewidth": 1, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=arrow, zorder=2)
