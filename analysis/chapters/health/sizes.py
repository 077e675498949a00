"""How large the differences are: in standard deviations, and against the smallest that is usually called important."""

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.health.cells import people_behind
from analysis.chapters.health.measures import (
    DECIMALS,
    FINE,
    FOLLOWED,
    Score,
    fine_decimals,
    is_known,
    needed,
    score_named,
    scores_in,
)
from analysis.chapters.health.several import compared_at_equal_start
from analysis.chapters.health.tables import standardised_effects
from analysis.chapters.health.wording import level
from analysis.frames.instruments.parameter_sets import read_parameters
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.show.prose import Label, Number, Sentence, decimal
from analysis.show.tables import Table, cells

AT_LEAST, SMALLER, OPEN, NONE = "at_least", "smaller", "open", "none_established"


def important_difference(score: Score) -> float:
    """The smallest difference of a score usually called important, of its instrument's parameters; NaN for none."""
    found = read_parameters(score.instrument).get(f"important_difference_{score.column}")
    return float(found.value) if found else float("nan")


def verdict(row: pd.Series, limit: float) -> str | None:
    """What the interval says of an important difference: at least so large, smaller in either direction, or open.

    NONE where no important difference is established, None where the interval is not known.
    """
    if pd.isna(limit):
        return NONE
    if not is_known(row):
        return None
    low, high = row["conf_low"], row["conf_high"]
    if low >= limit or high <= -limit:
        return AT_LEAST
    return SMALLER if low > -limit and high < limit else OPEN


@needs(*FOLLOWED)
@shown_from(compared=compared_at_equal_start, effects=standardised_effects)
def importance_table(trial: Trial, compared: pd.DataFrame, effects: pd.DataFrame) -> Table:
    """The difference at an equal start in points and standard deviations, and what it says of an important one."""
    rows, texts = [], {}
    effects = effects.query("series == 'adjusted_baseline'").set_index("row")
    found = compared.set_index("score")
    ends = {"b": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
    for score in scores_in(trial):
        own, n = found.loc[score.column], people_behind(found.loc[score.column])
        rows += [(score.key, "adjusted_baseline", name, own[field], n) for name, field in ends.items()]
        rows += [(score.key, "in_sd", name, effects.loc[score.key, field], n) for name, field in ends.items()]
        rows.append((score.key, "important", "verdict", float("nan"), n))
        texts[score.key] = verdict(own, important_difference(score))
    frame = cells(rows)
    told = frame["statistic"] == "verdict"
    frame = frame.assign(text=frame["row"].map(texts).where(told))
    decimals = fine_decimals("eq5d") | {("eq5d", "in_sd", name): DECIMALS for name in ends}
    return Table("importance", frame, decimals, unit="score", values=_limits(), conf_level=level_of(compared))


def _limits() -> dict[str, Number]:
    """The important differences, as the table's note tells them."""
    named = {"half": "hads_depression", "total": "hads_total", "index": "eq5d_index", "ladder": "health_ladder"}
    found = {name: important_difference(score_named(column)) for name, column in named.items()}
    return {name: decimal(limit, FINE if limit < 1 else 1) for name, limit in found.items()}


@needs(*FOLLOWED)
def importance(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence | Absent:
    """Whether the interval of one score leaves out a difference that is usually called important."""
    if lacking := unmet(trial, needed(column)):
        return Absent(lacking)
    score = score_named(column)
    row = compared_at_equal_start(trial, conf_level).set_index("score").loc[column]
    limit = important_difference(score)
    found = verdict(row, limit)
    if found is None or not is_known(row):
        return Absent("enough_answers")
    places = FINE if column == "eq5d_index" else DECIMALS
    numbers = {"difference": row["estimate"], "low": row["conf_low"], "high": row["conf_high"]}
    values = {name: decimal(number, places) for name, number in numbers.items()}
    values |= {} if pd.isna(limit) else {"limit": decimal(limit, FINE if limit < 1 else 1)}
    return Sentence(f"important_{found}", {"score": Label("rows", score.key), "level": level(row), **values})
