"""A trial opened for analysis: settings, validated tables, and the frames derived from them, each computed once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis.frames import health, instruments, outcomes, registers, resources
from analysis.frames.people import people_frame
from analysis.study import intake
from analysis.study.contract import tables_of
from analysis.study.finding import find_study
from analysis.study.settings import Study
from analysis.study.typed_cells import typed_text

_STATUS_FIELD = r"status_m(-?\d+)"
# What a status implies for the panel's other columns when an extract replaces the status of a month.
_WITH_JOB = ("job_no_benefits", "sick_listed_full", "sick_listed_graded", "aap_and_job", "disability_pension_graded")
_SICK_DEGREE = {"sick_listed_full": 100, "sick_listed_graded": 50}
_DISABILITY_DEGREE = {"disability_pension_full": 100, "disability_pension_graded": 50}


@dataclass(frozen=True, eq=False)
class Trial:
    """One study, ready for analysis. Frames are computed at first use, once, and must not be changed by callers.

    study: the settings. tables: one validated frame per table of the contract. extract: name of the data extract whose
    differences are applied, None for the master data. master: the trial the extract was taken from. folder: where the
    study was read from.
    """

    study: Study
    tables: Mapping[str, pd.DataFrame]
    extract: str | None = None
    master: "Trial | None" = None
    folder: Path | None = None

    @cached_property
    def panel(self) -> pd.DataFrame:
        """One row per participant and observed time unit; see `registers.status_panel`."""
        if self.master is None:
            return registers.status_panel(self.tables, self.study)
        same_people = self.master.panel["participant_id"].isin(self.tables["participants"]["participant_id"])
        kept = self.master.panel[same_people].reset_index(drop=True)
        return _with_statuses(kept, _status_differences(self), self.study.unit)

    @cached_property
    def people(self) -> pd.DataFrame:
        """One row per participant; see `people.people_frame`."""
        return people_frame(self.tables, self.study, self.panel if self.study.has_registers else None)

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """One row per participant and observed time unit: the yes-or-no outcomes; see `outcomes.work_outcomes`."""
        return outcomes.work_outcomes(self.panel, self.study)

    @cached_property
    def follow_up(self) -> pd.DataFrame:
        """One row per participant: outcomes over the whole follow-up; see `outcomes.follow_up_outcomes`."""
        return outcomes.follow_up_outcomes(self.tables, self.panel, self.study)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per participant and returned questionnaire; see `instruments.score_questionnaires`."""
        return instruments.score_questionnaires(self.tables["questionnaires"], self.study)

    @cached_property
    def health(self) -> pd.DataFrame:
        """One row per participant: arm, covariates and every health score by wave; see `health.health_frame`."""
        return health.health_frame(self.people, self.scores, self.study)

    @cached_property
    def resources(self) -> pd.DataFrame:
        """One row per participant: what was used and what it cost; see `resources.participant_resources`."""
        return resources.participant_resources(self.tables, self.study)

    def once(self, key: tuple, make: Callable[[], Any]) -> Any:
        """What `make` gives, made the first time the key is asked for; callers must not change it."""
        if key not in self._made:
            self._made[key] = _AROUND.make(make)
        made, aside = self._made[key]
        _AROUND.given_again(aside)
        return made

    @cached_property
    def _made(self) -> dict[tuple, tuple[Any, Any]]:
        return {}

    def extract_for(self, name: str) -> "Trial":
        """This trial as the published report's extract behind `name` saw it (`extracts` of as_printed.yml).

        `name` is `<chapter>.<table>`, or another name that as_printed.yml lists. A study without such a report, or
        without an extract of that name, gives the trial of the master data.
        """
        printed = self.study.as_printed
        return self.in_extract(printed.extracts[name]) if printed and name in printed.extracts else self.master or self

    def in_extract(self, name: str) -> "Trial":
        """This trial as a named extract of the data saw it, made once.

        Applies the rows of `extract_differences` with that name: people left out, other values in participants or
        background, other statuses of single months. Without such rows the trial of the master data is returned.
        Extracts do not add up: an extract of an extract is taken from the master data.
        """
        master = self.master or self
        if name not in master._extracts:
            master._extracts[name] = master._extracted(name)
        return master._extracts[name]

    @cached_property
    def _extracts(self) -> dict[str, "Trial"]:
        return {}

    def _extracted(self, name: str) -> "Trial":
        rows = self.tables["extract_differences"].query("extract == @name")
        if rows.empty:
            return self
        left_out = rows.loc[rows["field"] == "included", "participant_id"]
        tables = {table: _without(frame, left_out) for table, frame in self.tables.items()}
        for table in ("participants", "background"):
            tables[table] = _with_values(tables[table], rows, tables_of(self.study)[table])
        return replace(self, tables=tables, extract=name, master=self)


@dataclass
class _Around:
    """What is done around what is made once: when it is made, with something kept aside, and each time it is given."""

    make: Callable[[Callable[[], Any]], tuple[Any, Any]] = lambda make: (make(), None)
    given_again: Callable[[Any], object] = lambda aside: None


_AROUND = _Around()


def watch_what_is_made_once(
    make: Callable[[Callable[[], Any]], tuple[Any, Any]], given_again: Callable[[Any], object]
) -> None:
    """From now on have `make` make what is made once, which also gives what to hand to `given_again` at each use."""
    _AROUND.make, _AROUND.given_again = make, lambda aside: given_again(aside or {})


def once_a_trial(compute: Callable) -> Callable:
    """A function of a trial and hashable values, computed once for each; callers must not change what it gives."""

    asked = signature(compute)

    @wraps(compute)
    def kept(trial: Trial, *values: Any, **named: Any) -> Any:
        given = asked.bind(trial, *values, **named)
        given.apply_defaults()  # however a value is handed over, it is the same one
        key = (compute.__module__, compute.__name__, *list(given.arguments.items())[1:])
        return trial.once(key, lambda: compute(trial, *values, **named))

    return kept


def open_trial(folder: Path | str | None = None, extract: str | None = None) -> Trial:
    """Open a study folder, or the bundled trial when none is named, optionally as a named extract saw it.

    `folder` is a path, or the name of a study that lies in one of the folders that `finding.find_study` looks in.
    Raises StudyProblems with everything that is wrong with the folder.
    """
    place = find_study(folder)
    trial = _SHARED.get(place.resolve()) or _read(place)
    return trial if extract is None else trial.in_extract(extract)


def _read(place: Path) -> Trial:
    study, tables = intake.read_study(place)
    return Trial(study, tables, folder=place)


# Folder → the trial that this process gives for it, however the files have changed since.
_SHARED: dict[Path, Trial] = {}


def share(trial: Trial) -> None:
    """From now on `open_trial` gives this trial for its folder: for a process that lives as long as one chapter."""
    if trial.folder is not None:
        _SHARED[trial.folder.resolve()] = trial


def _without(frame: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    if "participant_id" not in frame.columns:
        return frame
    return frame[~frame["participant_id"].isin(people)].reset_index(drop=True)


def _with_values(frame: pd.DataFrame, rows: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """The table with the differing values written in, in the type of their column."""
    changed = frame.copy()
    own = rows[rows["field"].isin(set(frame.columns) - {"participant_id"})]
    for field, group in own.groupby("field"):
        values = typed_text(group.set_index("participant_id")["value"], schema.columns[field])
        affected = changed["participant_id"].isin(values.index)
        new = changed.loc[affected, "participant_id"].map(values)
        changed[field] = changed[field].where(~affected, new.reindex(changed.index).astype(changed[field].dtype))
    return changed


def _status_differences(trial: Trial) -> pd.DataFrame:
    """participant_id, month and status for every month whose status the extract saw otherwise."""
    rows = trial.tables["extract_differences"]
    rows = rows[rows["extract"].eq(trial.extract) & rows["field"].str.fullmatch(_STATUS_FIELD).fillna(False)]
    month = rows["field"].str.extract(_STATUS_FIELD, expand=False).astype("int64")
    return pd.DataFrame({"participant_id": rows["participant_id"], "month": month, "status": rows["value"]})


def _with_statuses(panel: pd.DataFrame, seen: pd.DataFrame, unit: str) -> pd.DataFrame:
    """The panel with the given time units replaced; one without a status is taken out of the panel."""
    if seen.empty:
        return panel
    seen = seen.rename(columns={"month": unit})
    keys = ["participant_id", unit]
    replaced = pd.MultiIndex.from_frame(seen[keys])
    kept = panel[~pd.MultiIndex.from_frame(panel[keys]).isin(replaced)]
    new = seen.dropna(subset=["status"])
    new = new.assign(
        has_job=new["status"].isin(_WITH_JOB),
        weekly_hours=np.nan,
        sick_degree=new["status"].map(_SICK_DEGREE).fillna(0),
        disability_degree=new["status"].map(_DISABILITY_DEGREE).fillna(0),
    )
    both = pd.concat([kept.astype({"status": "str"}), new], ignore_index=True)
    both["status"] = pd.Categorical(both["status"], categories=panel["status"].cat.categories)
    both["participant_id"] = both["participant_id"].astype(panel["participant_id"].dtype)
    return both.sort_values(keys, ignore_index=True)
