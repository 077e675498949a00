"""What a figure is: its name, its kind, the numbers it plots and how to read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from analysis.show.made_by import made_by_field
from analysis.show.prose import Sentence
from analysis.show.worth_saying import worth_saying

# What makes a specification, in the order in which the figure has it.
CHOICES = ("outcome", "population", "estimator", "adjustment")
# Columns each kind needs. Optional everywhere: conf_low and conf_high (interval), panel (small multiples).
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lines": ("month", "arm", "estimate"),
        "means": ("wave", "arm", "estimate"),
        "cumulative": ("month", "arm", "estimate"),
        "flow": ("box", "count"),
        "bars": ("row", "estimate"),
        "dots": ("row", "arm", "estimate"),
        "forest": ("row", "estimate", "conf_low", "conf_high"),
        "distribution": ("value", "arm", "estimate"),
        "heat": ("row", "column", "estimate"),
        "stack": ("month", "category", "estimate"),
        "alluvial": ("month", "until", "category", "then", "n", "estimate"),
        "sequences": ("line", "people", "of", "sequence"),
        "waterfall": ("row", "estimate", "start", "end"),
        "tornado": ("row", "series", "estimate", "start"),
        "specification": (
            *CHOICES, "estimate", "conf_low", "conf_high", "p_value", "n_treated", "n_control", "primary",
        ),
    }
)  # fmt: skip
_OPTIONS = frozenset(
    {"percent", "x", "series", "row", "reference", "decimals", "zero", "values", "treatment", "control", "height",
     "axis", "ticks", "level", "order"}
)


@dataclass(frozen=True)
class Figure:
    """One figure of the report.

    name: its name in the catalogue; also the download's, unless a published report has its own name for it.
    kind: what is drawn, and so the columns `frame` must have:
        lines: month, arm, estimate: trajectories, month 0 marked as inclusion, interval bands
        means: wave, arm, estimate (with conf_low, conf_high): points with whiskers by wave
        cumulative: month, arm, estimate: steps that only rise
        flow: box, count; optional arm (branch), side (true = leaves the flow beside the box above): boxes in order
        bars: row, estimate; optional arm or column: grouped horizontal bars
        dots: row, arm, estimate: one line per row, one dot per arm
        forest: row, estimate, conf_low, conf_high; optional group (headings), series, n_treated and n_control,
            p_interaction (of the same effect in all rows of a group, told at its heading), and printed (the estimate
            in a published report): intervals with reference line
        distribution: value, arm, estimate (share): how answers or scores spread
        heat: row, column, estimate; optional marked (bool): a coloured grid with its numbers printed, the marked ones
            bold and framed
        stack: month, category, estimate (share), panel: stacked areas that sum to one
        alluvial: month, until, category, then, n, estimate (share of the panel): how many went from one state at a time
            to another at the next, drawn as bars of states with bands between
        sequences: line, people, of (the people of the panel), sequence (`(state,units)` for each run, joined by
            hyphens): courses as lines, as many as people had each, in the order of the frame
        waterfall: row, estimate, start, end: a level, drawn from nought, or a step from one level to the next
        tornado: row, series (its low and its high end), estimate, start: how far each row moves the level at start
        specification: what makes a specification (`CHOICES`), estimate with interval, p_value, n_treated, n_control,
            primary (true for the one that counts); optional printed (the estimate in a published report): from the
            smallest estimate on, intervals above, choices as marks below
      Optional in all: conf_low, conf_high, panel (small multiples).
    frame: one row per plotted point; exactly what the download holds. NaN points are left out of the drawing.
    options:
        percent (bool): the numbers are proportions 0–1 and the axis shows per cent
        x, series, row: other column names to use for the x axis, the colour, or the rows (labels come from the
            catalogue group of that name in plural: centre → centres, status → statuses, row → rows)
        reference (float): vertical line in a forest (default 0); decimals (int): printed values; zero (bool): the axis
        starts at nought (default true for proportions and bars); height (float): inches; axis ((low, high)) fixes the
        axis; ticks (sequence): fixed tick marks; level (share): below it a p-value is clear (default 0.05);
        order (sequence): all states, in the order in which they get colours and are stacked;
        treatment, control (str): codes of the arms, which the page gives
    values: numbers and words for the placeholders of caption, axes, notes and alt text (see `prose.Sentence.values`).
    entry: the catalogue's entry for figures of its kind, where there is none under its own name.
    finding: what the figure shows, in a sentence that stands above it; None where the caption alone does.
    from_print: its numbers come from the published report alone.
    fewest: the fewest people that any of its numbers is computed from, where the frame does not say; not shown.
    of_people: whether what it counts may be people; see `Table`.
    hidden: which numbers of the frame must not be told, a column for each; they are missing in it. None for none.
    made_by: the chapter's function that made it.
    """

    name: str
    kind: str
    frame: pd.DataFrame
    options: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    entry: str = ""
    finding: Sentence | None = None
    from_print: bool = False
    fewest: int | None = None
    of_people: bool = True
    hidden: pd.DataFrame | None = None
    made_by: str = made_by_field()

    @property
    def arms(self) -> tuple[str | None, str | None]:
        """Codes of the treatment and the control arm, None where the figure knows none."""
        return self.options.get("treatment"), self.options.get("control")

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"figure {self.name}: unknown kind {self.kind!r}; allowed: {', '.join(KINDS)}")
        unknown = sorted(set(self.options) - _OPTIONS)
        if unknown:
            raise ValueError(f"figure {self.name}: unknown option(s) {', '.join(unknown)}")
        missing = [column for column in self.needed if column not in self.frame.columns]
        if missing:
            raise ValueError(f"figure {self.name} ({self.kind}): the frame lacks {', '.join(missing)}")
        if self.frame.empty:
            raise ValueError(f"figure {self.name}: nothing to plot, the frame has no rows")

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns this figure needs, with the names its options give them."""
        renamed = {"month": self.x, "wave": self.x, "arm": self.series, "row": self.row}
        return tuple(renamed.get(column, column) for column in KINDS[self.kind])

    @property
    def places(self) -> tuple[str, ...]:
        """The columns that say where a row of the frame stands, as far as the kind has them."""
        return CHOICES if self.kind == "specification" else tuple(c for c in (self.x, self.row) if c in self.needed)

    @property
    def x(self) -> str:
        """Column on the x axis of lines, means, cumulative and stack."""
        return str(self.options.get("x", "wave" if self.kind == "means" else "month"))

    @property
    def series(self) -> str:
        """Column that decides colour and line style."""
        return str(self.options.get("series", "arm"))

    @property
    def row(self) -> str:
        """Column whose values are the rows of bars, dots, forest and heat."""
        return str(self.options.get("row", "row"))

    @property
    def has_interval(self) -> bool:
        """Whether the frame has interval ends."""
        return {"conf_low", "conf_high"} <= set(self.frame.columns)


def titled(figure: Figure, finding: Any) -> Figure:
    """The figure with what it shows above it; as it is where that is not known or says nothing."""
    return replace(figure, finding=finding) if isinstance(finding, Sentence) and worth_saying(finding) else figure
