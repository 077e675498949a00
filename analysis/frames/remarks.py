"""What is odd about a study that can be used: a reader of its report should know it, and nobody has to mend it.

A remark is a `Problem` by its parts: where it shows, what is so, and what could be done.
"""

from collections.abc import Callable, Iterator

import pandas as pd

from analysis.frames.registers import FORM_DAYS
from analysis.frames.trial import Trial
from analysis.study.contract import TABLES
from analysis.study.instrument_rules import ITEMS
from analysis.study.problems import Problem
from analysis.study.settings import FILE
from analysis.study.time_units import unit_number

_AAP = ("aap", "aap_and_job")
_SPELLS = ("benefit_spells", "job_spells")
# Written by whoever compares extracts of the same data; no study lacks it.
_NOT_MISSED = ("extract_differences",)


def remarks(trial: Trial) -> list[Problem]:
    """Everything odd about the study, at once, in the order: tables, people and groups, registers, answers."""
    if all(frame.empty for frame in trial.tables.values()):
        return [_remark(FILE, None, "No table has a row yet.", "Fill in the tables; the chapters follow the data.")]
    return [found for look in _LOOKS for found in look(trial)]


def _remark(file: str, column: str | None, cause: str, remedy: str) -> Problem:
    return Problem(file, None, column, "remark", cause, remedy)


def _tables(trial: Trial) -> Iterator[Problem]:
    empty = [name for name in TABLES if trial.tables[name].empty and name not in _NOT_MISSED]
    if empty:
        cause = f"Without rows: {', '.join(empty)}."
        yield _remark("tables", None, cause, "What needs them is left out.")
    unused = [name for name in _SPELLS if not trial.tables[name].empty and not trial.study.has_registers]
    for name in unused:
        cause = "The spells are not used, since study.yml gives no horizon."
        yield _remark(f"{name}.csv", None, cause, "Add horizon and dates.")
    for name in trial.study.columns:
        if trial.tables["background"][name].isna().all():
            yield _remark("background.csv", name, "The study's own column has no value.", "Fill it in, or remove it.")


def _groups(trial: Trial) -> Iterator[Problem]:
    if trial.tables["participants"].empty:
        return
    people = trial.people
    listed = {"centres": (people["centre"], trial.study.centre_codes)}
    if trial.study.has_registers:
        listed["status_groups"] = (people["status_group"], tuple(trial.study.status_groups))
    for subgroup in trial.study.subgroups:
        groups = people[f"group_{subgroup.code}"]
        listed[f"subgroups {subgroup.code}"] = (groups, tuple(groups.cat.categories))
    for setting, (values, codes) in listed.items():
        nobody = [code for code in codes if not values.eq(code).any()]
        if nobody:
            yield _remark(FILE, setting, f"Nobody is in {', '.join(nobody)}.", "Such rows stay out of the results.")


def _observation(trial: Trial) -> Iterator[Problem]:
    if not _is_followed(trial):
        return
    study, everybody = trial.study, len(trial.tables["participants"])
    last = trial.panel.groupby("participant_id")[study.unit].max()
    whole = int((last == study.horizon.after).sum())
    if whole < everybody:
        cause = f"Observed to {study.unit} {study.horizon.after}, the last one shown: {whole} of {everybody} people."
        yield _remark("participants.csv", None, cause, "Late results rest on fewer people; each says on how many.")
    unseen = everybody - trial.panel.loc[trial.panel[study.unit] == 0, "participant_id"].nunique()
    if unseen:
        cause = f"Not observed in the whole {study.unit} of inclusion: {unseen} of {everybody} people."
        yield _remark("participants.csv", None, cause, "They have no status at inclusion.")


def _forms(trial: Trial) -> Iterator[Problem]:
    """Work beside AAP is read from forms: outside the time that they cover everyone on AAP seems not to work."""
    if not _is_followed(trial):
        return
    unit, forms = trial.study.unit, trial.tables["aap_hours"]["period_start"]
    included = trial.tables["participants"].set_index("participant_id")["included_on"].map(_number_in(unit))
    on_aap = trial.panel[trial.panel["status"].isin(_AAP)]
    if on_aap.empty:
        return
    when = on_aap[unit] + on_aap["participant_id"].map(included)
    remedy = "Add the forms, or say so beside results of that time."
    if forms.empty:
        cause = "There are no forms, so that nobody on AAP can be seen to work beside it."
        yield _remark("aap_hours.csv", None, cause, remedy)
        return
    ends = forms.max() + pd.Timedelta(days=FORM_DAYS - 1)
    first, last = map(_number_in(unit), (forms.min(), ends if unit == "week" else forms.max()))
    sides = {
        "after": (last, when > last, f"The last form ends on {ends.date()}"),
        "before": (first, when < first, f"The first form starts on {forms.min().date()}"),
    }
    for side, (number, unseen, known) in sides.items():
        if unseen.any():
            cause = (
                f"{known}: work beside AAP cannot be seen {side} {unit} {number - included.min()} for the first people "
                f"included, {side} {unit} {number - included.max()} for the last."
            )
            yield _remark("aap_hours.csv", "period_start", cause, remedy)


def _number_in(unit: str) -> Callable[[pd.Timestamp], int]:
    return lambda day: unit_number(day.date(), unit)


def _is_followed(trial: Trial) -> bool:
    return trial.study.has_registers and not trial.tables["participants"].empty


def _answers(trial: Trial) -> Iterator[Problem]:
    answers = trial.tables["questionnaires"]
    if answers.empty:
        return
    silent = [str(wave) for wave in trial.study.waves if not answers["wave"].eq(wave).any()]
    if silent:
        cause = f"Nobody answered in wave {', '.join(silent)}."
        yield _remark("questionnaires.csv", "wave", cause, "Add the answers, or take the wave out of study.yml.")
    for name, beginning in ITEMS.items():
        items = [column for column in answers.columns if column.startswith(beginning)]
        answered = bool(answers[items].notna().any().any())
        if answered and name not in trial.study.instruments:
            cause = f"The answers to {name} are not used: study.yml gives no rules for it."
            yield _remark("questionnaires.csv", None, cause, "Add it under instruments.")
        if not answered and name in trial.study.instruments:
            cause = f"Nobody answered an item of {name}."
            yield _remark("questionnaires.csv", None, cause, "Add the answers, or take it out of instruments.")


_LOOKS = (_tables, _groups, _observation, _forms, _answers)
