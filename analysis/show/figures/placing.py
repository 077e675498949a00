"""Names beside single points: each where it touches no other name and no point's mark or whiskers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

_AWAY = 9  # points between a mark and its name
_FREE = 3  # pixels that stay empty around a name
_HALF_MARK = 7  # pixels, half the width of a mark or of a whisker's cap
_ALONG = (0.0, 0.5, -0.5, 0.8, -0.8)  # above (+) and below (−) the mark, in whisker lengths
_BEYOND = (14, 26)  # points above or below the end of the whisker
_TRIES = 5_000  # places looked at before names may touch

# x, y, low and high end of the whisker (y itself where there is none), name, colour
Point = tuple[float, float, float, float, str, str]


@dataclass(frozen=True)
class Room:
    """A place for a name: its offset from the mark in points, the side of the mark, and the box that it takes."""

    offset: tuple[float, float]
    side: str
    box: Bbox

    def touched(self, others: Sequence[Bbox]) -> float:
        """Area that it shares with others."""
        return sum(touching(self.box, other) for other in others)


def point_labels(axes: Axes, points: Sequence[Point]) -> list[Annotation]:
    """Name the points so that nothing touches, each in the nearest place that leaves others one; if there is no such
    way, from left to right where each touches least.

    Places are compared in pixels of the laid-out figure, so limits and titles of the axes must be final.
    """
    axes.figure.get_layout_engine().execute(axes.figure)
    points = sorted(points)
    marks = [_mark(axes, point) for point in points]
    rooms = [[Room(offset, side, _box(axes, point, offset, side)) for offset, side in _places(axes, point)]
             for point in points]  # fmt: skip
    clear = [[room for room in own if not room.touched(marks)] for own in rooms]
    chosen = _apart(clear, (), iter(range(_TRIES))) or _least(rooms, marks)
    return [_annotated(axes, point, room.offset, room.side) for point, room in zip(points, chosen, strict=True)]


def touching(first: Bbox, second: Bbox) -> float:
    """Area in square pixels that two boxes share."""
    shared = Bbox.intersection(first, second)
    return 0.0 if shared is None else shared.width * shared.height


def _mark(axes: Axes, point: Point) -> Bbox:
    """The box around a point's mark and whisker."""
    x, y, low, high, *_ = point
    across, up = axes.transData.transform([(x, min(low, y)), (x, max(high, y))]).T
    return Bbox.from_extents(across[0] - _HALF_MARK, up[0] - _HALF_MARK, across[0] + _HALF_MARK, up[1] + _HALF_MARK)


def _apart(rooms: Sequence[Sequence[Room]], chosen: tuple[Room, ...], tries: Iterator[int]) -> tuple[Room, ...] | None:
    """A room for every point, none touching another, with those chosen for the first; None if there is no such way."""
    if len(chosen) == len(rooms):
        return chosen
    for room in rooms[len(chosen)]:
        if next(tries, None) is None:
            return None
        if not room.touched([other.box for other in chosen]) and (found := _apart(rooms, (*chosen, room), tries)):
            return found
    return None


def _least(rooms: Sequence[Sequence[Room]], marks: Sequence[Bbox]) -> list[Room]:
    """For each point in turn the room that touches least of the marks and of the names before it."""
    taken, chosen = list(marks), []
    for own in rooms:
        chosen.append(min(own, key=lambda room: room.touched(taken)))
        taken.append(chosen[-1].box)
    return chosen


def _box(axes: Axes, point: Point, offset: tuple[float, float], side: str) -> Bbox:
    """The box of a name in a place, and what stays empty around it."""
    label = _annotated(axes, point, offset, side)
    box = label.get_window_extent().padded(_FREE)
    label.remove()
    return box


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
