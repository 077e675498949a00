"""A table of an analyst's own: any frame, with a caption, shown as the chapters' tables are. Never estimates."""

import re
from dataclasses import dataclass

import pandas as pd

from analysis.show import prose
from analysis.show.catalogue import Catalogue
from analysis.study.escaping import html

_LONGEST_NAME = 60


@dataclass(frozen=True)
class OwnTable:
    """A frame as it is shown: one row of the table is one row of the frame.

    An index with names, or other than a count from nought, stands in front as columns. Numbers that are whole in their
    type get no decimals, others `decimals`; a missing value is a dash. `hidden` says which must not be told. Raises
    ValueError without a caption, and for a frame without rows or columns.
    """

    frame: pd.DataFrame
    caption: str
    decimals: int = 2
    hidden: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        if not self.caption.strip():
            raise ValueError('a frame is shown with a caption: page.show(frame, caption="What it shows")')
        if self.whole.empty:
            raise ValueError(f"the table {self.caption!r} has no rows or no columns")

    @property
    def name(self) -> str:
        """Name of the download: the words of the caption."""
        words = re.sub(r"\W+", "_", self.caption.lower()).strip("_")
        return words[:_LONGEST_NAME].rstrip("_") or "table"

    @property
    def whole(self) -> pd.DataFrame:
        """The frame with its index as columns, if the index says anything."""
        counted = isinstance(self.frame.index, pd.RangeIndex) and self.frame.index.name is None
        flat = self.frame if counted else self.frame.reset_index()
        return flat.set_axis([_heading(column) for column in flat.columns], axis="columns")

    def to_html(self, catalogue: Catalogue) -> str:
        """The table element, all texts escaped; the first column heads the rows."""
        heads = "".join(f'<th scope="col">{html(column)}</th>' for column in self.whole.columns)
        rows = zip(*(self._texts(place, catalogue.language) for place in range(self.whole.shape[1])), strict=True)
        body = [f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{text}</td>" for text in more) + "</tr>"
                for first, *more in rows]  # fmt: skip
        return "\n".join(
            ['<table class="dataframe">',
             f'<caption><span class="caption-text">{html(self.caption)}</span></caption>',
             f"<thead><tr>{heads}</tr></thead>", "<tbody>", *body, "</tbody>", "</table>"]
        )  # fmt: skip

    def _texts(self, place: int, language: str) -> list[str]:
        column = self.whole.iloc[:, place]
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        decimals = 0 if pd.api.types.is_integer_dtype(column) else self.decimals
        away = self.hidden is not None and column.name in self.hidden
        hidden = self.hidden[column.name] if away else [False] * len(column)
        return [
            prose.HIDDEN if one
            else prose.MISSING if pd.isna(value)
            else prose.fixed(float(value), decimals, language) if numeric
            else html(str(value))
            for value, one in zip(column, hidden, strict=True)
        ]  # fmt: skip


def _heading(column: object) -> str:
    """Levels of a heading joined by a comma."""
    return ", ".join(str(level) for level in column if str(level)) if isinstance(column, tuple) else str(column)
