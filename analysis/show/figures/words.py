"""The words of a figure: labels of its series, rows and panels, axis titles, formatted values."""

import pandas as pd

from analysis.show import prose
from analysis.show.catalogue import Catalogue
from analysis.show.figures.figure import Figure

_PLURALS = {"category": "categories", "status": "statuses", "series": "series", "box": "boxes"}


def entry_of(figure: Figure, chapter: str, catalogue: Catalogue) -> str:
    """The catalogue's entry for a figure: under its own name, else the one for figures of its kind."""
    own = catalogue.get(f"{chapter}.figures.{figure.name}") is not None
    return figure.name if own or not figure.entry else figure.entry


class Words:
    """Looks up what a figure needs from the catalogue, for one figure of one chapter."""

    def __init__(self, figure: Figure, chapter: str, catalogue: Catalogue) -> None:
        self.figure, self.chapter, self.catalogue = figure, chapter, catalogue
        self.language = catalogue.language
        self.entry = entry_of(figure, chapter, catalogue)

    def keys(self, column: str) -> list:
        """The distinct keys of a column in the order of the frame; one unnamed key if there is no such column."""
        if column not in self.figure.frame.columns:
            return []
        return list(self.figure.frame[column].dropna().drop_duplicates())

    def label(self, column: str, key: object) -> str:
        """The label of one key of a column, from the group named as the column in plural."""
        text = str(int(key)) if isinstance(key, float) and key.is_integer() else str(key)
        return self.catalogue.label(self.chapter, _PLURALS.get(column, f"{column}s"), text, self.entry)

    def panels(self) -> list[tuple[str | None, pd.DataFrame]]:
        """(title, frame) of each panel; a figure without panels is one panel without title."""
        frame = self.figure.frame
        if "panel" not in frame.columns:
            return [(None, frame)]
        return [(self.label("panel", key), frame[frame["panel"] == key]) for key in self.keys("panel")]

    def axis(self, which: str) -> str:
        """Title of an axis, `x` or `y`, from the figure's entry in the catalogue."""
        values = {name: prose.value_text(value, self.chapter, self.catalogue)
                  for name, value in self.figure.values.items()}  # fmt: skip
        return self.catalogue.text(f"{self.chapter}.figures.{self.entry}.{which}", **values)

    def common(self, key: str) -> str:
        """A text of `common.yml`."""
        return self.catalogue.text(f"common.{key}")

    def people(self, number: float) -> str:
        """A number of people as text, or the sign for one that must not be told."""
        return prose.HIDDEN if number != number else prose.format_number(prose.count(number), self.language)

    def with_people(self, name: str, number: float | None, between: str = " ") -> str:
        """A name with the number of people behind it, where the frame has one."""
        return name if number is None else f"{name}{between}(n\u00a0=\u00a0{self.people(number)})"

    def sized(self, column: str, key: object) -> str:
        """The label of one key, with its people where all rows of the key have the same."""
        own = self.figure.frame
        sizes = own.loc[own[column] == key, "n"].unique() if {column, "n"} <= set(own.columns) else []
        return self.with_people(self.label(column, key), sizes[0] if len(sizes) == 1 else None)

    def value(self, number: float) -> str:
        """A plotted value as text: per cent for proportions, else with the figure's decimals."""
        decimals = int(self.figure.options.get("decimals", 1))
        if self.figure.options.get("percent"):
            return prose.format_number(prose.percent(100 * number, decimals), self.language)
        return prose.fixed(number, decimals, self.language)
