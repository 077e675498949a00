"""What the chapter is about: the health scores of the study's instruments, two expectations, waves, and layouts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis.frames.trial import Trial
from analysis.published.keys import printed_rule


@dataclass(frozen=True)
class Score:
    """One health score.

    column: its name in `trial.scores`. key: its row in the tables. instrument: what gives it. better: whether a "lower"
    or a "higher" score is better health. axis_decimals: of numbers in figures.
    """

    column: str
    key: str
    instrument: str
    better: str = "lower"
    axis_decimals: int = 1


ALL_SCORES = (
    Score("hads_total", "hads_total", "hads"),
    Score("hads_depression", "hads_depression", "hads"),
    Score("hads_anxiety", "hads_anxiety", "hads"),
    Score("shc_total", "subjective_health_complaints", "shc"),
    Score("eq5d_index", "eq5d", "eq5d", "higher", 2),
    Score("health_ladder", "health_ladder", "eq5d", "higher"),
    Score("chalder_total", "fatigue", "chalder"),
)
DECIMALS = 2  # of scores in tables and sentences
FINE = 3  # of the EQ-5D index, which runs from below nought to one
# What the chapter needs: answers after inclusion in two arms; scores; scores at inclusion, too.
ANSWERED = ("arms", "follow_up_waves")
SCORED = (*ANSWERED, "instruments")
FOLLOWED = (*SCORED, "baseline")


@dataclass(frozen=True)
class Layout:
    """How a table is laid out: the general way, or the one of the published report.

    spread: what stands beside a mean, sd, se or nothing. test: statistics of the test beside p. reverse: whether the
    report prints differences as control minus treatment. inequality: whether small p-values are listed as p_lt. scores:
    the columns of the scores in it, all of the study's if empty. decimals: of single statistics.
    """

    spread: str | None = "sd"
    test: tuple[str, ...] = ("t", "df")
    reverse: bool = False
    inequality: bool = True
    scores: tuple[str, ...] = ()
    decimals: Mapping[str, int] = field(default_factory=dict)


def layout(trial: Trial, table: str) -> Layout:
    """The layout of a table; that of the study's published report where as_printed.yml has one (`health.layout`)."""
    printed = printed_rule(trial, "health.layout", {}).get(table, {})
    own = {name: tuple(each) if isinstance(each, list) else each for name, each in printed.items()}
    return replace(Layout(), **own)


def scores_in(trial: Trial, table: str | None = None) -> tuple[Score, ...]:
    """The scores of the study's instruments, or those of them that a table holds; all if it holds none of them."""
    chosen = layout(trial, table).scores if table else ()
    own = tuple(score for score in ALL_SCORES if score.instrument in trial.study.instruments)
    return tuple(score for score in own if score.column in chosen) or own


def fine_decimals(*places: str) -> dict:
    """Decimals of differences with intervals, in rows or columns of these names those of the EQ-5D index."""
    statistics = ("b", "ci_low", "ci_high")
    return dict.fromkeys(statistics, DECIMALS) | {(place, name): FINE for place in places for name in statistics}


def score_named(column: str) -> Score:
    """The score with this column name; KeyError if there is none."""
    return {score.column: score for score in ALL_SCORES}[column]


def needed(column: str) -> str:
    """The need (see `frames.needs`) of a score: its instrument."""
    return f"instrument:{score_named(column).instrument}"


def last_wave(trial: Trial) -> int:
    """The wave the chapter's results are about: the study's last."""
    return trial.study.waves[-1]


def arm_names(trial: Trial) -> dict[str, str]:
    """The two arms as the methods' keyword arguments."""
    return {"treatment": trial.study.treatment, "control": trial.study.control}


def variances(trial: Trial, item: str | None = None, wave: int | None = None) -> str:
    """Whether t tests of means take the variances of the arms as equal: no (Welch), unless the published report did.

    Rules of as_printed.yml: `health.variances`, and `health.unequal_variances` with the single items and waves apart.
    """
    general = printed_rule(trial, "health.variances", "unequal")
    apart = [tuple(pair) for pair in printed_rule(trial, "health.unequal_variances", [])]
    return "unequal" if (item, wave) in apart else general


def is_known(row: Mapping[str, float] | pd.Series, *numbers: str) -> bool:
    """Whether an estimate row has the numbers, by default estimate and interval, so that something can be said."""
    return all(pd.notna(row[name]) for name in numbers or ("estimate", "conf_low", "conf_high"))
