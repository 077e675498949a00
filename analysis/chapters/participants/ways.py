"""How each number of this chapter is reckoned: one general rule, and where a study's published report left it.

The report's own ways stand in `as_printed.yml` under `rules: participants.<table>`:

questions, rows: which of them the table has, in the order of its numbers.
column_names: the report's own keys of columns.
cells: a list of rules for single numbers; each says for which `questions`, `rows` and `columns` (`total`, `treatment`,
    `control`, `study_population`, `reference_group`) it holds, all if it names none, and what holds there (see `Way`).
    A rule further down goes before those above it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import pandas as pd

from analysis.frames.trial import Trial
from analysis.show.prose import Sentence, count

CHAPTER = "participants"
SELECTORS = frozenset({"questions", "rows", "columns"})
DENOMINATORS = ("answered", "everyone")


@dataclass(frozen=True)
class Way:
    """How one share is reckoned.

    of: `answered`, those who answered the question; `everyone`, all people of the column, no answer counting as no.
    interval: name of the interval, None for the one the analyst asks for. extract: name of the extract behind it, for
    `Trial.extract_for`. rounded_to: decimals to which the percentage was rounded before its interval was reckoned.
    """

    of: str = "answered"
    interval: str | None = None
    extract: str = ""
    rounded_to: float = float("nan")


_KEYS = SELECTORS | {field.name for field in fields(Way)}


def rules_of(trial: Trial, table: str) -> Mapping[str, Any]:
    """What the study's published report did in its own way in one table; nothing without such a report."""
    printed = trial.study.as_printed
    return printed.rules.get(f"{CHAPTER}.{table}", {}) if printed else {}


def is_as_printed(trial: Trial, table: str) -> bool:
    """Whether the study's published report has this table, so that it is laid out as it was printed."""
    printed = trial.study.as_printed
    return printed is not None and f"{CHAPTER}.{table}" in printed.tables


def way_of(rules: Sequence[Mapping[str, Any]], general: Way, **cell: str) -> Way:
    """How one cell is reckoned: the general way, changed by every rule that names the cell's question, row and column.

    `cell` gives questions, rows and columns: the key of each. Raises ValueError for a rule with an unknown key or
    denominator.
    """
    way = general
    for number, rule in enumerate(rules, 1):
        unknown = sorted(set(rule) - _KEYS)
        if unknown or rule.get("of", DENOMINATORS[0]) not in DENOMINATORS:
            raise ValueError(
                f"as_printed.yml, {CHAPTER}: rule {number} of `cells` has "
                + (f"unknown key(s) {', '.join(unknown)}" if unknown else "an unknown `of`")
                + f"; allowed: {', '.join(sorted(_KEYS))}, with `of` one of {', '.join(DENOMINATORS)}"
            )
        if all(cell[axis] in rule[axis] for axis in SELECTORS & set(rule)):
            way = replace(way, **{name: value for name, value in rule.items() if name not in SELECTORS})
    return way


def with_printed_columns(trial: Trial, table: str, keys: Sequence[str]) -> list[str]:
    """Keys of columns as the study's published report has them."""
    printed = rules_of(trial, table).get("column_names", {})
    return [printed.get(key, key) for key in keys]


def extract_notes(trial: Trial, *names: str) -> tuple[Sentence, ...]:
    """A note on people whose data differ in the extracts behind a table; none when the extracts do not differ."""
    printed = trial.study.as_printed
    extracts = [printed.extracts[name] for name in names if name in printed.extracts] if printed else []
    rows: pd.DataFrame = trial.tables["extract_differences"]
    affected = rows.loc[rows["extract"].isin(extracts), "participant_id"].nunique()
    return (Sentence("extract", {"n": count(affected)}),) if affected else ()


def beside_extract_notes(trial: Trial, name: str) -> tuple[Sentence, ...]:
    """A note for a table of all records that tells what another one tells of an extract; none when they are alike."""
    return tuple(Sentence("beside_extract", note.values) for note in extract_notes(trial, name))
