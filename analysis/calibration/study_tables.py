"""Calibrated people as a study folder: `study.yml` and the tables of the data contract."""

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from analysis.study.contract import tables_of as contract_of
from analysis.study.contract.people_tables import BACKGROUND, PARTICIPANTS
from analysis.study.reading import read_settings
from analysis.study.settings import FILE

from .declaration import Declaration, DeclaredColumn, cells_of
from .declared import ARM, Made, Reading
from .tables import write_tables

FULL_TIME, EMPLOYERS_FOR = 37.5, 3  # hours a week; people for whom one employer is made up
YEAR = 365.25
CODE, AGE = "_", "age"


def write_study(made: Made, source: Path, out: Path) -> list[str]:
    """Write the folder and name its files. Settings are those of the source folder, if it has some."""
    people = frame_of(made)
    out.mkdir(parents=True, exist_ok=True)
    (out / "published").mkdir(exist_ok=True)
    shutil.copyfile(cells_of(source), out / "published" / "cells.csv")
    if (source / FILE).is_file():
        shutil.copyfile(source / FILE, out / FILE)
    else:
        text = yaml.safe_dump(settings_of(made.declared), sort_keys=False, allow_unicode=True)
        (out / FILE).write_text(text, encoding="utf-8")
    tables = tables_of(made.declared, people, np.random.default_rng([made.seed, 1]))
    write_tables(tables, out, contract_of(read_settings(out)))
    return [FILE, *(f"{name}.csv" for name in tables), "published/cells.csv"]


def frame_of(made: Made) -> pd.DataFrame:
    """One row a person, one column a declared column and `arm`: codes, numbers, True and False; None if not asked."""
    reading, values = Reading(made.declared), made.values
    people = pd.DataFrame({ARM: np.array(list(made.declared.arms))[values[:, 0].astype(int)]})
    for name, column in made.declared.columns.items():
        own = values[:, reading.place[name]]
        people[name] = _named(own, column)
    for name, column in made.declared.columns.items():
        if column.given:
            people[name] = people[name].astype(object).where(values[:, reading.place[column.given]] == 1, None)
    return people


def _named(own: np.ndarray, column: DeclaredColumn) -> Any:
    if column.kind == "code":
        return np.array(list(column.values), dtype=object)[own.astype(int)]
    if column.kind == "flag":
        return own == 1
    return own.astype(int) if float(column.least).is_integer() and float(column.step).is_integer() else own


def _own(declared: Declaration) -> list[tuple[str, str]]:
    """Columns of the study's own, with their kinds: those that no table of the contract has a place for."""
    jobs = declared.jobs
    taken = {AGE, *((*jobs.at.values(), jobs.months, jobs.part) if jobs else ())} | set(PARTICIPANTS.columns)
    return [(name, column.kind) for name, column in declared.columns.items()
            if name not in taken and column.wave is None and name not in BACKGROUND.columns]  # fmt: skip


def settings_of(declared: Declaration) -> dict:
    """`study.yml` of the declared study."""
    arms = [{"code": code, "role": arm.role, "label": {"en": arm.label}} for code, arm in declared.arms.items()]
    settings: dict[str, Any] = {"name": declared.name, "title": dict(declared.title), "data": "synthetic"}
    settings |= {"disclosure": "as_published", "arms": arms, "columns": dict(map(_setting, _labelled(declared)))}
    waves = sorted({column.wave for column in declared.columns.values() if column.wave is not None})
    settings |= {"waves": waves} if waves else {}
    dates = {name: str(getattr(declared.dates, name)) for name in declared.dates.__dataclass_fields__}
    settings["dates"] = dates
    if declared.jobs:
        settings["horizon"] = {"before": 0, "after": declared.follow_up}
        settings["outcomes"] = [
            {"code": "in_work", "label": {"en": "In work"}, "measure": "at_a_time", "has_job": True},
            {"code": "any_work", "label": {"en": "Any work"}, "measure": "any_time", "has_job": True},
        ]
        settings["primary"] = {"outcome": "in_work", "at": max(declared.jobs.at, default=declared.follow_up)}
    settings["covariates"] = [name for name in ("woman", AGE) if name in declared.columns or name == "woman"]
    return settings


def _labelled(declared: Declaration) -> list[tuple[str, DeclaredColumn]]:
    return [(name, declared.columns[name]) for name, _ in _own(declared)]


def _setting(named: tuple[str, DeclaredColumn]) -> tuple[str, dict]:
    name, column = named
    label = column.label or name.replace(CODE, " ").capitalize()
    setting: dict[str, Any] = {"description": label, "kind": column.kind, "label": {"en": label}}
    if column.values:
        setting["values"] = {code: {"en": text} for code, text in column.values.items()}
    return name, setting


def tables_of(declared: Declaration, people: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """The tables, in an order of people that tells nothing."""
    people = people.iloc[rng.permutation(len(people))].reset_index(drop=True)
    people.insert(0, "participant_id", [f"P{number:04d}" for number in range(1, len(people) + 1)])
    start, end = (np.datetime64(getattr(declared.dates, f"inclusion_{side}")) for side in ("start", "end"))
    days = np.arange(start, end + 1)
    people["included_on"] = np.sort(days[np.is_busday(days)][rng.integers(0, np.is_busday(days).sum(), len(people))])
    tables = {"participants": _participants(people, rng)}
    background = [name for name, _ in _own(declared)]
    background += [name for name in people if name in BACKGROUND.columns and name != "participant_id"]
    if background:
        tables["background"] = people[["participant_id", *background]]
    if asked := {name: column for name, column in declared.columns.items() if column.wave is not None}:
        tables["questionnaires"] = _questionnaires(people, asked)
    if declared.jobs:
        tables["job_spells"] = job_spells(people, declared, rng)
    return tables


def _participants(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row a participant; no birthday is close to inclusion, so that the age in years is the declared one."""
    frame = people[["participant_id", ARM, "included_on"]].copy()
    if AGE in people:
        days = np.ceil(people[AGE].to_numpy(dtype=float) * YEAR) + rng.integers(15, 350, len(people))
        frame["birth_date"] = frame["included_on"] - pd.to_timedelta(days, unit="D")
    if "sex" in people:
        frame["sex"] = people["sex"]
    return frame


def _questionnaires(people: pd.DataFrame, asked: dict[str, DeclaredColumn]) -> pd.DataFrame:
    """One row a person and wave that has an answer."""
    waves = []
    for wave in sorted({column.wave for column in asked.values()}):
        own = {column.written or name: name for name, column in asked.items() if column.wave == wave}
        frame = people[["participant_id"]].assign(wave=wave, **{to: people[name] for to, name in own.items()})
        waves.append(frame.dropna(subset=list(own), how="all"))
    return pd.concat(waves, ignore_index=True)


def job_spells(people: pd.DataFrame, declared: Declaration, rng: np.random.Generator) -> pd.DataFrame:
    """One row a job. It covers the last days of the months in which the person is declared to work, and of no other
    declared month."""
    jobs, end = declared.jobs, declared.follow_up
    spans = _from_points(people, jobs.at, end) if jobs.at else _from_length(people, jobs.months, end, rng)
    rows = pd.DataFrame(spans, columns=["person", "first", "last"])
    month = people["included_on"].to_numpy("datetime64[M]")[rows["person"]]
    part = people[jobs.part].to_numpy(dtype=float)[rows["person"]] if jobs.part else np.ones(len(rows))
    to = (month + rows["last"].to_numpy() + 1).astype("datetime64[D]") - 1
    employers = max(len(people) // EMPLOYERS_FOR, 1)
    return pd.DataFrame({
        "participant_id": people["participant_id"].to_numpy()[rows["person"]],
        "employer_id": [f"E{number:04d}" for number in rng.integers(1, employers + 1, len(rows))],
        "agreed_hours": np.round(part * FULL_TIME, 2),
        "from_date": (month + rows["first"].to_numpy()).astype("datetime64[D]"),
        "to_date": np.where(to >= np.datetime64(declared.dates.register_end), np.datetime64("NaT"), to),
    })  # fmt: skip


def _from_points(people: pd.DataFrame, at: dict[int, str], end: int) -> list[tuple[int, int, int]]:
    """Person, first and last month of every run of months with a yes; a run ends half way to the next no."""
    months = sorted(at)
    answers = people[[at[month] for month in months]].to_numpy(dtype=bool)
    edges = [1, *(-(-(a + b) // 2) for a, b in pairwise(months)), end + 1]
    spans = []
    for person, own in enumerate(answers):
        began = None
        for place, works in enumerate([*own, False]):
            if works and began is None:
                began = edges[place]
            elif not works and began is not None:
                spans.append((person, began, edges[place] - 1))
                began = None
    return spans


def _from_length(people: pd.DataFrame, months: str, end: int, rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """One job for everybody with any months in work, begun at random so that it ends in time."""
    length = people[months].to_numpy(dtype=int)
    first = 1 + (rng.random(len(people)) * (end - length + 1)).astype(int)
    return [(person, first[person], first[person] + length[person] - 1) for person in np.flatnonzero(length)]
