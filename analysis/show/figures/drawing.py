"""From a figure to SVG bytes: picks the drawing of its kind and adds the label of synthetic data."""

from analysis.show.catalogue import Catalogue
from analysis.show.figures import courses, flow, lines, rows, specification, spread, style
from analysis.show.figures.figure import Figure
from analysis.show.figures.words import Words

_DRAWINGS = {
    "lines": lines.trajectories,
    "means": lines.trajectories,
    "cumulative": lines.trajectories,
    "stack": lines.stack,
    "alluvial": courses.alluvial,
    "sequences": courses.sequences,
    "flow": flow.flow,
    "forest": rows.forest,
    "dots": rows.dots,
    "bars": rows.bars,
    "waterfall": rows.waterfall,
    "tornado": rows.tornado,
    "distribution": spread.distribution,
    "heat": spread.heat,
    "specification": specification.specification,
}


def draw(
    figure: Figure, chapter: str, catalogue: Catalogue, label: str | None = None, width: float = style.WIDTH
) -> bytes:
    """The figure as SVG, `width` inches wide. The same figure gives the same bytes. `label` is printed inside when not
    None."""
    with style.look(width):
        return style.svg(_DRAWINGS[figure.kind](figure, Words(figure, chapter, catalogue)), label)


def draw_files(figure: Figure, chapter: str, catalogue: Catalogue, label: str | None = None) -> dict[str, bytes]:
    """Type of file → the figure as its download: SVG as `draw` gives it, and the same in pixels."""
    with style.look():
        drawn = _DRAWINGS[figure.kind](figure, Words(figure, chapter, catalogue))
        return {"svg": style.svg(drawn, label), "png": style.png(drawn, label)}
