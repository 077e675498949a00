"""The quantities that a run of the chapters tells, read from what its pages wrote: sentences, key numbers, tables."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis.book.packing import folders_with, record
from analysis.show.kept import SENTENCES

ESTIMATES = ("treated", "control", "difference", "points", "low", "high", "p", "n_treated", "n_control", "average")
_SAME = {"points": "difference", "proportion": "share", "pct": "share", "ci_low": "low", "ci_high": "high"}
_TIMES = ("at", "month", "last")
# Sentences about people of a part of the trial name it; those of other records are told in one place.
_PEOPLE = ("group", "records", "place")
# Sentences about something else than the difference in the share at a time, each told in one place.
_OTHER = ("mean_time", "mean_wait", "rate", "best_", "centre", "as_picking", "more_than", "other_half", "shrunken",
          "new_", "picked")  # fmt: skip
_KEY_NUMBER = re.compile(r"(?P<outcome>\w+)_[mwy](?P<at>-?\d+)_(?P<name>\w+)")
_TIMED_ROW = re.compile(r"(?:month|week|year)_(?P<at>-?\d+)_(?P<outcome>\w+)")


class Quantity(NamedTuple):
    """What a number is about: the outcome, when, whose, how estimated, and which number of the comparison it is."""

    outcome: str
    at: int
    people: str
    method: str
    name: str


def told(results: Path, arms: Mapping[str, str], outcomes: tuple[str, ...]) -> dict[Quantity, dict[str, float]]:
    """Quantity → the value that each place gives, on the scale 0 to 100 where it is a share.

    `results` holds a folder a chapter, `arms` each arm's code by its role.
    """
    found: dict[Quantity, dict[str, float]] = defaultdict(dict)
    for folder in (each for each in folders_with(results, SENTENCES) if each.parent == results):
        for said in json.loads(record(folder, SENTENCES)):
            for quantity, value in _of_sentence(said.get("key", ""), said["values"]):
                found[quantity][f"{folder.name}: {said['text']}"] = value
    for file in sorted(results.glob("*/numbers.json")):
        for key, value in json.loads(file.read_text(encoding="utf-8"))["numbers"].items():
            for quantity in _of_key(key, arms, outcomes):
                found[quantity][f"{file.parent.name}: {key}"] = value
    for file in sorted(results.glob("*/*.csv")):
        for quantity, value in _of_table(pd.read_csv(file), arms, outcomes):
            found[quantity][f"{file.parent.name}: {file.name}"] = value
    return found


def _of_sentence(key: str, values: Mapping) -> Iterator[tuple[Quantity, float]]:
    at = next((values[name] for name in _TIMES if isinstance(values.get(name), float)), None)
    if at is None or not isinstance(values.get("outcome"), str):
        return
    people = "; ".join(str(values[name]) for name in _PEOPLE if name in values and values[name] != ["all"])
    method = key if key.startswith(_OTHER) else "adjusted" if "for" in values else "observed"
    for name in ESTIMATES:
        if isinstance(values.get(name), float):
            size = abs(values[name]) if name in ("points", "difference") else values[name]
            yield Quantity(values["outcome"], int(at), people, method, _SAME.get(name, name)), size


def _of_key(key: str, arms: Mapping[str, str], outcomes: tuple[str, ...]) -> Iterator[Quantity]:
    parts = _KEY_NUMBER.fullmatch(key)
    if parts is None or parts["outcome"] not in outcomes:
        return
    roles = {arms["treatment"]: "treated", arms["control"]: "control"}
    method = "adjusted" if parts["name"] == "adjusted" else "observed"
    name = roles.get(parts["name"], "difference" if method == "adjusted" else parts["name"])
    yield Quantity(parts["outcome"], int(parts["at"]), "", method, name)


def _of_table(frame: pd.DataFrame, arms: Mapping, outcomes: tuple[str, ...]) -> Iterator[tuple[Quantity, float]]:
    """Cells of tables whose rows are an outcome at a time; the scorecard's values are those of the print."""
    if "computed" in frame or not {"row", "column", "statistic", "value"} <= set(frame.columns):
        return
    gap = f"{arms['treatment']}_minus_{arms['control']}"
    for row, column, statistic, value in frame[["row", "column", "statistic", "value"]].itertuples(index=False):
        parts = _TIMED_ROW.fullmatch(str(row))
        if parts is None or parts["outcome"] not in outcomes:
            continue
        name = _SAME.get(statistic, statistic)
        role = {arms["treatment"]: "treated", arms["control"]: "control"}.get(column, "")
        if (name == "share" and role) or (name in ("difference", "low", "high") and column == gap) or name == "p":
            size = value if name == "p" or not _is_proportion(frame) else 100 * value
            size = abs(size) if name == "difference" else size
            yield Quantity(parts["outcome"], int(parts["at"]), "", "observed", role or name), size


def _is_proportion(frame: pd.DataFrame) -> bool:
    return "proportion" in set(frame["statistic"])
