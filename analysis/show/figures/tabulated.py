"""A figure's numbers as a table, worded as the figure words them: the other view of what is drawn."""

from collections.abc import Callable, Mapping

import pandas as pd

from analysis.show import prose
from analysis.show.catalogue import Catalogue
from analysis.show.figures.figure import CHOICES, Figure
from analysis.show.figures.words import Words

# What can tell the rows apart, and what is counted, in the order in which columns stand.
_NAMES = ("panel", "group", "series", "category", "then", "box", "column")
_PEOPLE = ("n", "n_treated", "n_control", "at_risk", "count")
_HEADED = frozenset({*_NAMES, *CHOICES, "arm", "until"})  # what else rows are about has one heading for all
_OVER_VALUES = ("forest", "dots", "bars", "waterfall", "tornado")  # whose x axis has the estimates
_TOO_LONG = ("sequences",)  # a line for every person is no table to read

Column = tuple[str, Callable[[Mapping], str]]


def tabulated(figure: Figure, chapter: str, catalogue: Catalogue) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of texts: what the row is about first, then its numbers as the figure tells them.

    A missing number is a dash, one that must not be told the sign for it. Nothing of a figure that has a line for every
    person.
    """
    if figure.kind in _TOO_LONG:
        return [], []
    words = Words(figure, chapter, catalogue)
    columns = [*_named(figure, words), *_numbers(figure, words)]
    frame = figure.frame.astype(object)
    for name in () if figure.hidden is None else figure.hidden:
        frame[name] = frame[name].mask(figure.hidden[name], prose.HIDDEN)
    rows = [[text(row) for _, text in columns] for row in frame.to_dict("records")]
    return [head for head, _ in columns], rows


def _named(figure: Figure, words: Words) -> list[Column]:
    frame = figure.frame
    choices = CHOICES if figure.kind == "specification" else ()
    wanted = dict.fromkeys((_NAMES[0], _NAMES[1], figure.row, *choices, figure.series, *_NAMES[2:], *_along(figure)))
    return [(_head(name, figure, words), _name(name, words)) for name in wanted if name in frame.columns]


def _along(figure: Figure) -> tuple[str, ...]:
    """Columns of numbers on the x axis."""
    over_time = figure.x in figure.needed
    return (figure.x, "until") if over_time else ("value",) if figure.kind == "distribution" else ()


def _head(name: str, figure: Figure, words: Words) -> str:
    if name in _along(figure)[:1]:
        return words.axis("x")
    return words.common(f"figure.columns.{name if name in _HEADED else 'row'}")


def _name(name: str, words: Words) -> Callable[[Mapping], str]:
    def text(row: Mapping) -> str:
        value = row[name]
        if pd.isna(value):
            return ""
        if isinstance(value, str):
            return words.label("category" if name == "then" else name, value)  # the states at either time
        return prose.fixed(float(value), 0 if float(value).is_integer() else 2, words.language)

    return text


def _numbers(figure: Figure, words: Words) -> list[Column]:
    frame, columns = figure.frame, []
    if "estimate" in frame:
        columns.append((_measured(figure, words), lambda row: _shown(row["estimate"], words.value)))
    if figure.has_interval:
        columns.append((words.common("figure.columns.interval"), lambda row: _interval(row, words)))
    if "p_value" in frame:
        columns.append((words.common("figure.columns.p_value"), lambda row: _shown(
            row["p_value"], lambda p: prose.format_p(p, words.language, symbol=False))))  # fmt: skip
    counted = [name for name in _PEOPLE if name in frame]
    return columns + [(words.common(f"figure.columns.{name}"), _people(name, words)) for name in counted]


def _measured(figure: Figure, words: Words) -> str:
    if figure.kind == "heat":
        return words.common("figure.columns.estimate")
    return words.axis("x" if figure.kind in _OVER_VALUES else "y")


def _people(name: str, words: Words) -> Callable[[Mapping], str]:
    return lambda row: _shown(row[name], words.people)


def _shown(value: float | str, told: Callable[[float], str]) -> str:
    if isinstance(value, str):
        return value
    return prose.MISSING if pd.isna(value) else told(value)


def _interval(row: Mapping, words: Words) -> str:
    ends = row["conf_low"], row["conf_high"]
    if prose.HIDDEN in ends:
        return prose.HIDDEN
    scale = 100 if words.figure.options.get("percent") else 1
    decimals = int(words.figure.options.get("decimals", 1))
    return prose.interval(*(scale * end for end in ends), decimals, words.language)
