"""Finished output of a page: what a notebook shows as it is."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Html:
    """Finished HTML, shown by a notebook as it is."""

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return ""


@dataclass(frozen=True)
class Markdown:
    """Finished Markdown, shown by a notebook as prose."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


class Numbers(pd.DataFrame):
    """Key numbers of a page, shown by a notebook as a frame is; what is made of them is a plain frame again."""
