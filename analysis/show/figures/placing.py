"""Names beside single points: each where it touches no other name and no point's mark or whiskers."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

_AWAY = 9  # points between a mark and its name
_FREE = 3  # pixels that stay empty around a name
_HALF_MARK = 7  # pixels, half the width of a mark or of a whisker's cap
_ALONG = (0.0, 0.5, -0.5, 0.8, -0.8)  # above (+) and below (−) the mark, in whisker lengths
_BEYOND = (14, 26)  # points above or below the end of the whisker

# x, y, low and high end of the whisker (y itself where there is none), name, colour
Point = tuple[float, float, float, float, str, str]


def point_labels(axes: Axes, points: Sequence[Point]) -> list[Annotation]:
    """Name the points from left to right; the first place that touches nothing wins, else the one that touches least.

    Places are compared in pixels of the laid-out figure, so limits and titles of the axes must be final.
    """
    axes.figure.get_layout_engine().execute(axes.figure)
    taken = [_mark(axes, point) for point in points]
    return [_named(axes, point, taken) for point in sorted(points)]


def touching(first: Bbox, second: Bbox) -> float:
    """Area in square pixels that two boxes share."""
    shared = Bbox.intersection(first, second)
    return 0.0 if shared is None else shared.width * shared.height


def _mark(axes: Axes, point: Point) -> Bbox:
    """The box around a point's mark and whisker."""
    x, y, low, high, *_ = point
    across, up = axes.transData.transform([(x, min(low, y)), (x, max(high, y))]).T
    return Bbox.from_extents(across[0] - _HALF_MARK, up[0] - _HALF_MARK, across[0] + _HALF_MARK, up[1] + _HALF_MARK)


def _named(axes: Axes, point: Point, taken: list[Bbox]) -> Annotation:
    """The point's name in its best place; the place is added to those taken."""
    best, least = None, float("inf")
    for offset, side in _places(axes, point):
        label = _annotated(axes, point, offset, side)
        box = label.get_window_extent().padded(_FREE)
        touched = sum(touching(box, other) for other in taken)
        if touched < least:
            best, least = (offset, side), touched
        label.remove()
    label = _annotated(axes, point, *best)
    taken.append(label.get_window_extent().padded(_FREE))
    return label


def _places(axes: Axes, point: Point) -> Iterator[tuple[tuple[float, float], str]]:
    """Offsets in points and the side of the mark, the nearest place first."""
    x, y, low, high, *_ = point
    at, bottom, top = (axes.transData.transform((x, level))[1] for level in (y, min(low, y), max(high, y)))
    up, down = ((end - at) * 72 / axes.figure.dpi for end in (top, bottom))
    for share in _ALONG:
        rise = share * up if share > 0 else -share * down
        yield (_AWAY, rise), "right"
        yield (-_AWAY, rise), "left"
    for beyond in _BEYOND:
        for rise in (up + beyond, down - beyond):
            yield (0, rise), "middle"
            yield (_AWAY, rise), "right"
            yield (-_AWAY, rise), "left"


def _annotated(axes: Axes, point: Point, offset: tuple[float, float], side: str) -> Annotation:
    x, y, _, _, name, colour = point
    return axes.annotate(
        name,
        (x, y),
        xytext=offset,
        textcoords="offset points",
        ha={"right": "left", "left": "right", "middle": "center"}[side],
        va="center",
        color=colour,
        fontweight="bold",
        annotation_clip=False,
    )
