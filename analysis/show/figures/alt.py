"""Alt text computed from the plotted numbers, so that a reader who cannot see a figure still gets its result."""

from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.show.catalogue import Catalogue
from analysis.show.figures.figure import CHOICES, Figure
from analysis.show.figures.words import Words
from analysis.show.prose import HIDDEN, fixed

_NAMED = ("panel", "group", "series", "category", "box", "column")
_MOST_POINTS = 8  # with more rows than this only the largest and the smallest are told


def alt_text(figure: Figure, chapter: str, catalogue: Catalogue, values: Mapping[str, str]) -> str:
    """What the figure shows: the catalogue's sentence about it, then its first and last or largest numbers.

    `values` fills the placeholders of the catalogue's `alt` text.
    """
    lead = alt_lead(figure, chapter, catalogue, values)
    return " ".join([lead, *_numbers(figure, Words(figure, chapter, catalogue))])


def alt_lead(figure: Figure, chapter: str, catalogue: Catalogue, values: Mapping[str, str]) -> str:
    """The catalogue's sentence about what the figure shows."""
    return catalogue.text(f"{chapter}.figures.{Words(figure, chapter, catalogue).entry}.alt", **values)


def labels_of(figure: Figure, chapter: str, catalogue: Catalogue) -> list[str]:
    """The words by which a figure calls what its rows are about; some have numbers of their own in them."""
    words = Words(figure, chapter, catalogue)
    wanted = (figure.x, figure.series, figure.row, *_NAMED, *figure.places)
    named = [column for column in dict.fromkeys(wanted) if column in figure.frame.columns]
    own = [column for column in named if not pd.api.types.is_numeric_dtype(figure.frame[column])]
    return [words.label(column, key) for column in own for key in words.keys(column)]


def _numbers(figure: Figure, words: Words) -> list[str]:
    """The numbers in words: ends of lines, points by wave, boxes; of many rows the largest and the smallest."""
    if figure.kind == "flow":
        return [_joined([_box(row, words) for row in figure.frame.to_dict("records")])]
    if figure.kind == "sequences":
        return [_joined([f"{_name((key,), ['panel'], words)}: n = {words.people(part['of'].iloc[0])}"
                         for key, part in figure.frame.groupby("panel", sort=False)])]  # fmt: skip
    frame = figure.frame.dropna(subset=["estimate"])
    if figure.kind == "alluvial":
        frame = _moved(frame, figure.x)
    if figure.kind == "stack":
        frame = frame[frame[figure.x] == frame[figure.x].max()]
    return [
        _joined(_points(part, figure, words), _name(key, columns, words))
        for columns, groups in [_grouped(frame, figure)]
        for key, part in groups
    ]


def _moved(frame: pd.DataFrame, x: str) -> pd.DataFrame:
    """The largest moves out of the state at the first time, three a panel."""
    moves = frame[(frame[x] == frame[x].min()) & (frame["category"] != frame["then"])]
    largest = moves.sort_values("estimate", ascending=False, kind="stable").groupby("panel", sort=False).head(3)
    return largest.sort_index()


def _box(row: Mapping, words: Words) -> str:
    people = HIDDEN if pd.isna(row["count"]) else str(int(row["count"]))
    return f"{words.label('box', row['box'])}: {people}"


def _grouped(frame: pd.DataFrame, figure: Figure) -> tuple[list[str], Iterable]:
    """The columns that tell lines or series apart, and the parts of the frame by them in the order drawn."""
    series = [] if figure.kind in ("heat", "stack", "alluvial") else [figure.series, "series"]
    columns = [column for column in dict.fromkeys(["panel", *series]) if column in frame.columns]
    if not columns:
        return [], [((), frame)]
    return columns, frame.groupby(columns, sort=False, observed=True, dropna=False)


def _name(key: tuple, columns: list[str], words: Words) -> str:
    return ", ".join(words.label(column, part) for column, part in zip(columns, key, strict=True) if not pd.isna(part))


def _points(part: pd.DataFrame, figure: Figure, words: Words) -> list[str]:
    """“place: value” for the points of one series that a reader should hear."""
    if figure.kind in ("lines", "cumulative", "means"):
        along = part.sort_values(figure.x)
        told = along if figure.kind == "means" else along.iloc[[0, -1]].drop_duplicates(figure.x)
        return [f"{_plain(row[figure.x], words)}: {words.value(row['estimate'])}" for row in told.to_dict("records")]
    told = part
    if figure.kind == "distribution":
        told = part.nlargest(2, "estimate")
    elif len(part) > _MOST_POINTS:
        told = part.sort_values("estimate", ascending=False, kind="stable").iloc[[0, 1, 2, -2, -1]]
    return [f"{_place(row, figure, words)}: {words.value(row['estimate'])}" for row in told.to_dict("records")]


def _place(row: Mapping, figure: Figure, words: Words) -> str:
    if figure.kind == "distribution":
        return _plain(row["value"], words)
    if figure.kind == "stack":
        return words.label("category", row["category"])
    if figure.kind == "alluvial":
        return f"{words.label('category', row['category'])} → {words.label('category', row['then'])}"
    if figure.kind == "specification":
        return ", ".join(words.label(column, row[column]) for column in CHOICES)
    names = [words.label("group", row["group"])] if row.get("group") is not None else []
    names.append(words.label(figure.row, row[figure.row]))
    return ", ".join([*names, words.label("column", row["column"])] if figure.kind == "heat" else names)


def _plain(number: float, words: Words) -> str:
    return fixed(float(number), 0 if float(number).is_integer() or abs(number) >= 100 else 2, words.language)


def _joined(parts: list[str], name: str = "") -> str:
    return f"{name} ({'; '.join(parts)})." if name else f"{'; '.join(parts)}."
