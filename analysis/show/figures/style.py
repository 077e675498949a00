"""The one visual language of the report: colours, lines, markers, type, axes and the label of synthetic data.

The treatment arm is a strong rust with solid lines and round marks, the control arm a dark slate with dashed lines and
square marks: apart in colour, for colour-blind readers, and in grey print.
"""

import io
import textwrap
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import Formatter
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from analysis.show import prose
from analysis.show.figures.dark import in_both
from analysis.show.figures.lean import lean

INK, QUIET, GRID, PAPER = "#1f2933", "#52606d", "#e1e5ea", "#ffffff"
TREATMENT, CONTROL = "#c2410c", "#27364b"
# Further series (centres, groups, models): dark enough to name a line in its own colour (contrast 4.5 to 1 on white);
# line style and marker change too, so that no series is told by colour alone.
OTHERS = ("#0b7285", "#b45309", "#5f3d8c", "#4d7c0f", "#be185d", "#6b7280")
WIDTH, PHONE = 5.8, 3.9  # inches; on a phone nothing is shrunk, so that the smallest letters (9 points) are 12 pixels
FONT = 10.5
_EDGE = 4  # pixels that a title keeps from the edge of the drawing, for letters a little wider than ours
_DPI, _COLOURS = 150, 32  # of pictures in pixels
_RC = {
    "svg.hashsalt": "jobbmestring",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Helvetica", "Arial", "sans-serif"],
    "font.size": FONT,
    "text.parse_math": False,  # labels are words of the study, in which $ is a dollar
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.titlelocation": "left",
    "axes.titlesize": FONT,
    "axes.titleweight": "bold",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
}


@dataclass(frozen=True)
class Stroke:
    """How one series is drawn."""

    colour: str
    line: str
    marker: str


def strokes(keys: Sequence[str], treatment: str | None = None, control: str | None = None) -> dict[str, Stroke]:
    """A stroke per series key: the arms theirs, any other series one of the further colours in order.

    `treatment` and `control` are the codes of the arms; of two series the one beside the treatment is the control.
    """
    first = treatment if treatment in keys else None
    lines, markers = ("-", "--", "-.", ":"), "osD^vPX*<>"
    found = {}
    others = 0
    for key in keys:
        if key == first:
            found[key] = Stroke(TREATMENT, "-", "o")
        elif key == control or (first and len(keys) == 2):
            found[key] = Stroke(CONTROL, "--", "s")
        else:
            colour = (CONTROL, *OTHERS)[others % (len(OTHERS) + 1)] if len(keys) > 1 or first else TREATMENT
            found[key] = Stroke(colour, lines[others % 4], markers[others % 10])
            others += 1
    return found


@contextmanager
def look(width: float = WIDTH):
    """The report's drawing settings, for the length of a drawing; whatever was set before counts for nothing in it."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(sns.axes_style("whitegrid"))
        mpl.rcParams.update(_RC | {"figure.figsize": (width, width)})
        yield


def sheet() -> float:
    """Width in inches of what is being drawn."""
    return mpl.rcParams["figure.figsize"][0]


def is_narrow() -> bool:
    """Whether the drawing is for a phone."""
    return sheet() < WIDTH


def canvas(height: float, panels: int = 1, share_y: bool = True, across: int = 2) -> tuple[Canvas, list[Axes]]:
    """An empty figure of the report's width with `panels` axes, `across` beside each other."""
    columns = 1 if is_narrow() else min(panels, across)
    rows = -(-panels // columns)
    figure = Canvas(figsize=(sheet(), height * rows), layout="constrained")
    grid = figure.subplots(rows, columns, sharey=share_y, squeeze=False)
    axes = list(grid.flat)
    for spare in axes[panels:]:
        spare.remove()
    return figure, axes[:panels]


def clean(axes: Axes, reads: str = "y") -> None:
    """Light grid lines only across the axis that is read (`y` or `x`), and no frame but the base line."""
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(reads == "y" and side == "bottom")
    axes.tick_params(length=0)
    axes.grid(False, axis="x" if reads == "y" else "y")


def heading(figure: Canvas, text: str) -> None:
    """What the vertical axis measures, above the figure and level, so that nobody tilts their head."""
    figure.suptitle(wrap(text, 70), x=0.01, ha="left", fontsize=FONT, color=QUIET)


class NumberTicks(Formatter):
    """Tick labels in the language's notation, all ticks of an axis with the same decimals; proportions as per cent."""

    def __init__(self, language: str, percent: bool = False, decimals: int = 0) -> None:
        self.language, self.percent, self.least = language, percent, decimals
        self.decimals = decimals

    def set_locs(self, locs: Sequence[float]) -> None:
        """Take as many decimals as the ticks need to be told apart, but no more than three."""
        super().set_locs(locs)
        values = [value * (100 if self.percent else 1) for value in locs]
        enough = (places for places in range(3) if all(abs(round(value, places) - value) < 1e-9 for value in values))
        self.decimals = max(self.least if not self.percent else 0, next(enough, 3))

    def __call__(self, value: float, pos: int | None = None) -> str:
        if self.percent:
            return prose.format_number(prose.percent(100 * value, self.decimals), self.language)
        return prose.fixed(value, self.decimals, self.language)


def number_axis(axes: Axes, which: str, language: str, percent: bool = False, decimals: int = 0) -> None:
    """Label the ticks of one axis as numbers of the language, with at least `decimals` decimals."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_formatter(NumberTicks(language, percent, decimals))


def wrap(text: str, width: int) -> str:
    """Text broken into lines of at most `width` characters, fewer on a narrow sheet."""
    width = round(width * min(1, sheet() / WIDTH))
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)) or text


def end_labels(axes: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Names at the ends of lines, (x, y, text, colour), pushed apart where they would overlap."""
    for x, _, text, colour, y in _named_apart(axes, ends, 0.045 if is_narrow() else 0.033):
        axes.annotate(text, (x, y), xytext=(8, 0), textcoords="offset points", va="center", color=colour,
                      fontweight="bold", annotation_clip=False)  # fmt: skip


def area_labels(axes: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Names at the ends of areas, (x, y, text, colour), each with a patch of its colour, as far apart as they need."""
    look = {"textcoords": "offset points", "va": "center", "annotation_clip": False, "fontsize": FONT - 1.5}
    for x, _, text, colour, y in _named_apart(axes, ends, 0.025):
        axes.annotate("■", (x, y), xytext=(5, 0), color=colour, **look)
        axes.annotate(text, (x, y), xytext=(16, 0), color=INK, **look)


def _named_apart(
    axes: Axes, ends: Sequence[tuple[float, float, str, str]], half: float
) -> list[tuple[float, float, str, str, float]]:  # fmt: skip
    """The ends from the lowest on, with the heights of their names; half: of a line of a name, as share of the axis."""
    low, high = axes.get_ylim()
    ordered = sorted(ends, key=lambda end: end[1])
    halves = [half * (high - low) * (text.count("\n") + 1) for _, _, text, _ in ordered]
    heights = _apart([end[1] for end in ordered], halves, high)
    return [(*end, y) for end, y in zip(ordered, heights, strict=True)]


def _apart(heights: Sequence[float], halves: Sequence[float], top: float) -> list[float]:
    """Rising heights moved so that none is nearer to the next than both halves together, nor reaches over the top."""
    floor, ceiling = float("-inf"), top
    raised, placed = [], []
    for height, half in zip(heights, halves, strict=True):
        raised.append(max(height, floor + half))
        floor = raised[-1] + half
    for height, half in zip(reversed(raised), reversed(halves), strict=True):
        placed.append(min(height, ceiling - half))
        ceiling = placed[-1] - half
    return placed[::-1]


def svg(figure: Canvas, label: str | None) -> bytes:
    """The figure as SVG; same input, same bytes. `label` is printed in the lower left corner."""
    if label:
        strip = 0.28 / figure.get_figheight()
        figure.get_layout_engine().set(rect=(0, strip, 1, 1 - strip))
        _raise_x_title(figure, strip)
        low = 0.05 / figure.get_figheight()
        figure.text(0.01, low, label, ha="left", va="bottom", fontsize=9, color=QUIET, style="italic")
    if engine := figure.get_layout_engine():
        FigureCanvasSVG(figure)
        engine.execute(figure)
        figure.set_layout_engine(None)  # with "none" in its place all would be drawn once more before it is written
        _keep_inside(figure)
        _settle(figure)
    target = io.BytesIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return in_both(lean(target.getvalue().decode())).encode()


def _keep_inside(figure: Canvas) -> None:
    """Move titles of horizontal axes, which stand below the middle of theirs, to where they end within the drawing."""
    for axes in figure.axes:
        title = axes.xaxis.label
        if not title.get_text():
            continue
        axes.xaxis.get_tightbbox()  # puts the title where it will be drawn
        box, room = title.get_window_extent(), figure.bbox
        over = max(0.0, box.x1 - room.x1 + _EDGE) or min(0.0, box.x0 - room.x0 - _EDGE)
        if over:
            title.set_x(round(title.get_position()[0] - over / axes.bbox.width, 6))


def png(figure: Canvas, label: str | None) -> bytes:
    """The figure as `svg` has laid it out, in pixels and few colours, for programs that take no SVG.

    The label is told to programs, too."""
    figure.set_dpi(_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    target, told = io.BytesIO(), PngInfo()
    if label:
        told.add_itxt("Description", label)
    few = picture.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(target, "PNG", dpi=(_DPI, _DPI), pnginfo=told, optimize=True)
    return target.getvalue()


def _settle(figure: Canvas) -> None:
    """Round what the layout has placed: the last bits of its solver differ from run to run."""
    for axes in figure.axes:
        axes.set_position([round(float(part), 6) for part in axes.get_position().bounds])
    for text in figure.texts:
        text.set_position([round(float(part), 6) for part in text.get_position()])


def _raise_x_title(figure: Canvas, strip: float) -> None:
    """Lift the common x title above the strip of the label; the layout leaves room for it but places it below."""
    titles = [text for text in figure.texts if text.get_text() and text.get_text() == figure.get_supxlabel()]
    if titles:
        figure.get_layout_engine().execute(figure)
        figure.set_layout_engine("none")
        titles[0].set_y(titles[0].get_position()[1] + strip)
