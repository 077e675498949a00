"""Show what numbers of synthetic data are: a small mark with its legend, a column of downloads, words of sentences.

What decides is handed in (`published.kinds`); without it, on real data, none of this shows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.show import prose
from analysis.show.catalogue import Catalogue
from analysis.show.figures import Figure
from analysis.show.listing import Listing
from analysis.show.prose import Number, Sentence
from analysis.show.tables import Table
from analysis.show.worth_saying import worth_saying
from analysis.study.escaping import html
from analysis.study.kinds import KINDS, NOT_IN_REPORT, PUBLISHED, REPRODUCED

COLUMN = "kind"
# Columns of frames that hold results; all others say what a result is about.
_RESULTS = ("estimate", "conf_low", "conf_high", "p_value", "p_interaction", "count", "n", "n_treated", "n_control")
# Numbers that a sentence tells beside its result: the ends of an interval.
_BESIDE = ("low", "high")
# Numbers that are no results: they say when, or at what level.
_TIMES = ("month", "year")
_LEVEL = "level"


@dataclass(frozen=True)
class KindMarks:
    """The kinds of one page's numbers, in words and marks.

    decides: tells the kinds of numbers (a `published.kinds.Kinds`), or None where none are shown. from_print: all
    numbers of the page come from the print alone. compares: the page is about how computed numbers compare with printed
    ones; what its tables and sentences say of that is a finding about the computation and has no kind.
    """

    decides: Any
    catalogue: Catalogue
    from_print: bool = False
    compares: bool = False

    def table(self, table: Table, source: str, decimals: Sequence[int | None] | None = None) -> Table:
        """The table with the kind of each cell in a column; as told with so many decimals, or unrounded."""
        if self._silent:
            return table
        alike = PUBLISHED if table.from_print or self.from_print else None
        kinds = alike or self.decides.of_cells(source, table.cells, decimals)
        return replace(table, cells=table.cells.assign(**{COLUMN: kinds}))

    def figure(self, figure: Figure) -> pd.DataFrame:
        """The figure's frame with what the numbers of each row are; those at one place of an axis are told together."""
        frame = figure.frame
        if figure.from_print and not self._silent:
            return frame.assign(**{COLUMN: PUBLISHED})
        results = [name for name in _RESULTS if name in frame.columns]
        panels = [name for name in ("panel",) if name in frame.columns]
        return self.frame(frame, results, [*figure.places, *panels] or None)

    def frame(
        self, frame: pd.DataFrame, results: Sequence[str], together: Sequence[str] | None = ()
    ) -> pd.DataFrame:
        """A frame with what the numbers of each row are; see `published.kinds`."""
        if self._silent:
            return frame
        alike = PUBLISHED if self.from_print else None
        return frame.assign(**{COLUMN: alike or self.decides.of_frame(frame, results, together)})

    def listing(self, listing: Listing, download: pd.DataFrame) -> pd.DataFrame:
        """The download of a listing with what the numbers of each entry are."""
        if self.decides is None:
            return download
        if {"verdict", "computed"} <= set(download.columns):
            return download.assign(**{COLUMN: self.decides.of_frame(download, [])})
        if self._silent or self.from_print:
            return self.frame(download, [])
        rows = ([value for value in row if isinstance(value, Number)] for row in listing.frame.to_numpy())
        return download.assign(**{COLUMN: ["; ".join(sorted(set(self._of(row)))) for row in rows]})

    def numbers(self, frame: pd.DataFrame, unrounded: Iterable[float]) -> pd.DataFrame:
        """The page's key numbers with their kinds; a number rounded twice may no longer be found in print."""
        if self._silent or frame.empty:
            return frame
        told = [(float(value), None) for value in unrounded]
        return frame.assign(**{COLUMN: PUBLISHED if self.from_print else self.decides.of_numbers(told)})

    def sentence(self, sentence: Sentence, chapter: str) -> str:
        """What the result is that a sentence tells; empty for a sentence without a number.

        The result is the first number told, with its p-value, unless the report prints the interval, from which that
        follows. How many people there are decides only where nothing else
        is told, and so do the ends of an interval: the report may print a result without its interval. A sentence of
        an interval alone is about the result that it was given with it.
        """
        if self._silent:
            return ""
        told = self._told(sentence, chapter)
        if not told or self.from_print or sentence.from_print:
            return PUBLISHED if told else ""
        kinds = self._of([number for _, number in told])
        ranks = [2 * _is_beside(name) + (number.kind in prose.COUNTED) for name, number in told]
        results = [(kind, number) for kind, rank, (_, number) in zip(kinds, ranks, told, strict=True)
                   if rank == min(ranks)]  # fmt: skip
        first, *others = results
        ends = {kind for kind, (name, _) in zip(kinds, told, strict=True) if _is_beside(name)}
        also = prose.COUNTED if ends == {REPRODUCED} else ("p_value", *prose.COUNTED)
        decisive = [first, *(other for other in others if other[1].kind in also)]
        return NOT_IN_REPORT if NOT_IN_REPORT in {kind for kind, _ in decisive} else REPRODUCED

    def findings(self, sentences: Sequence[Sentence], chapter: str) -> tuple[Sentence, ...]:
        """Those of the sentences that may be quoted as findings: all worth saying that are in the report."""
        return tuple(each for each in filter(worth_saying, sentences) if self.sentence(each, chapter) != NOT_IN_REPORT)

    def put(self, sentence: Sentence, chapter: str) -> Callable[[Number | str, str], str]:
        """How a sentence's parts are put in: if it is reproduced, with a mark at each result not in the report.

        An interval has its mark behind its second end.
        """
        if self.sentence(sentence, chapter) != REPRODUCED:
            return prose.as_text
        told = self._told(sentence, chapter)
        kinds = self._of([number for _, number in told])
        beside = [_is_beside(name) for name, _ in told]
        goes_on = [this and after for this, after in zip(beside, [*beside[1:], False], strict=True)]
        further = {number for kind, (_, number), first_end in zip(kinds, told, goes_on, strict=True)
                   if kind == NOT_IN_REPORT and number.kind not in prose.COUNTED and not first_end}  # fmt: skip
        sign = mark(NOT_IN_REPORT, self.catalogue)
        return lambda value, language: prose.as_text(value, language) + (sign if value in further else "")

    def _told(self, sentence: Sentence, chapter: str) -> list[tuple[str, Number]]:
        """Name and number of all that is told; of all that is given where nothing but an interval is told, or no number
        of a result that the words alone call higher or lower."""
        told = _results(prose.numbers_told(sentence, chapter, self.catalogue))
        in_words = not told and sentence.direction in ("higher", "lower")
        if in_words or (told and all(_is_beside(name) for name, _ in told)):
            told = _results([(name, value) for name, value in sentence.values.items() if isinstance(value, Number)])
        return told

    @property
    def _silent(self) -> bool:
        return self.decides is None or self.compares

    def _of(self, numbers: Sequence[Number]) -> list[str]:
        return self.decides.of_numbers([(number.value, prose.decimals_told(number)) for number in numbers])

    def worded(self, text: str, kind: str, goes_on: bool = False) -> str:
        """A sentence with its mark; as a demonstration if it is not in the report and does not go on with one.

        A page about the print alone has no marks: all of its numbers are published.
        """
        if not kind or self.from_print:
            return text
        return f"{'' if goes_on else self.first_words(kind)}{text} {mark(kind, self.catalogue)}"

    def first_words(self, kind: str) -> str:
        """What a sentence begins with whose result is not in the report."""
        return f"{self.catalogue.text('common.kinds.demonstration')} " if kind == NOT_IN_REPORT else ""

    def notice(self) -> str:
        """What the marks of a page mean, as HTML for the notice of its data."""
        if self.decides is None or self.from_print:
            return ""
        marks = {kind: mark(kind, self.catalogue) for kind in KINDS}
        return f'<p class="kind-legend">{self.catalogue.in_html.text("common.kinds.notice", **marks)}</p>'

    def legend_of_table(self, table: Table) -> list[str]:
        """What the marks of a table mean, or what all of its numbers are; each a line of HTML."""
        found = [] if self.from_print else found_in(table)
        if len(found) < 2:
            return [self._line(kind, "all") for kind in found]
        marked = [self._line(kind, "some") for kind in found if kind != REPRODUCED]
        return marked + ([html(self.catalogue.text("common.kinds.some.reproduced"))] if REPRODUCED in found else [])

    def legend_of_frame(self, frame: pd.DataFrame) -> list[str]:
        """How many of the results of a frame are of which kind, or what all are; each a line of HTML."""
        if COLUMN not in frame or self.from_print:
            return []
        counts = counts_of(frame)
        if len(counts) < 2:
            return [self._line(kind, "all") for kind in counts]
        return [self._line(kind, "number", n=str(n), all=str(sum(counts.values()))) for kind, n in counts.items()]

    def _line(self, kind: str, which: str, **values: str) -> str:
        return f"{mark(kind, self.catalogue)} {html(self.catalogue.text(f'common.kinds.{which}.{kind}', **values))}"


def _results(told: Sequence[tuple[str, Number]]) -> list[tuple[str, Number]]:
    """Names and numbers without those that say when or at what level, and without missing ones."""
    return [(name, number) for name, number in told
            if number.kind not in _TIMES and name != _LEVEL and number.value == number.value]  # fmt: skip


def _is_beside(name: str) -> bool:
    return name.rsplit("_", 1)[-1] in _BESIDE


def found_in(table: Table) -> list[str]:
    """The kinds of a table's numbers; none where no kinds are shown."""
    return [kind for kind in KINDS if COLUMN in table.cells and kind in set(table.cells[COLUMN])]


def counts_of(frame: pd.DataFrame) -> dict[str, int]:
    """How many rows of a frame, or of its download, have a result of which kind, by the column `kind`."""
    result = next((name for name in _RESULTS if name in frame), "")
    kinds = frame[COLUMN].map(lambda told: _kind_of(result, told))
    return {kind: int((kinds == kind).sum()) for kind in KINDS if (kinds == kind).any()}


def _kind_of(result: str, told: str) -> str:
    """The kind of one of a row's numbers, of what is told of the row."""
    parts = dict(part.split(": ") for part in told.split("; ")) if ": " in told else {}
    return parts.get(result, "") if parts else told


def mark(kind: str, catalogue: Catalogue) -> str:
    """The mark of a kind as HTML; see `KindMarks.mark`."""
    name = html(catalogue.text(f"common.kinds.names.{kind}"))
    sign = html(catalogue.text(f"common.kinds.signs.{kind}"))
    of_kind = f"kind kind-{kind.replace('_', '-')}"
    return f'<span class="{of_kind}" role="img" aria-label="{name}" title="{name}">{sign}</span>'
