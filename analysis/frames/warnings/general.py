"""Warnings about the study as a whole: tables, settings and groups that say nothing, time that cannot be seen."""

from collections.abc import Callable, Iterator

import pandas as pd

from analysis.frames.registers import FORM_DAYS
from analysis.frames.trial import Trial
from analysis.frames.warnings.saying import counted, warning
from analysis.study.contract import TABLES
from analysis.study.instrument_rules import ITEMS
from analysis.study.mapping.guess import extract_files
from analysis.study.mapping.reading import mapped_files
from analysis.study.outcome_rules import Outcome
from analysis.study.problems import Problem
from analysis.study.reading import check_settings
from analysis.study.settings import FILE
from analysis.study.time_units import unit_number

_AAP = ("aap", "aap_and_job")
_SPELLS = ("benefit_spells", "job_spells")
# Written by whoever compares extracts of the same data; no study lacks it.
_NOT_MISSED = ("extract_differences",)


def _tables(trial: Trial) -> Iterator[Problem]:
    empty = [name for name in TABLES if trial.tables[name].empty and name not in _NOT_MISSED]
    if empty:
        cause = f"Without rows: {', '.join(empty)}."
        yield warning("no_rows", "tables", None, cause, "What needs them is left out.")
    unused = [name for name in _SPELLS if not trial.tables[name].empty and not trial.study.has_registers]
    for name in unused:
        cause = "The spells are not used, since study.yml gives no horizon."
        yield warning("unused_spells", f"{name}.csv", None, cause, "Add horizon and dates.")
    for outcome in _untold(trial):
        cause = f"No spell tells of it; it rests on {' and '.join(outcome.registers)}."
        yield warning("untold_outcome", FILE, f"outcomes, {outcome.code}", cause, "It is left out of the report.")
    for name in trial.study.columns:
        if trial.tables["background"][name].isna().all():
            cause = "The study's own column has no value."
            yield warning("empty_column", "background.csv", name, cause, "It is missing for everybody.")


def _untold(trial: Trial) -> list[Outcome]:
    """The declared outcomes that the study is used without, since a register is empty."""
    declared = trial.folder and check_settings(trial.folder).study
    if not declared:
        return []
    used = {outcome.code for outcome in (*trial.study.outcomes, *trial.study.alternative_outcomes)}
    return [one for one in (*declared.outcomes, *declared.alternative_outcomes) if one.code not in used]


def _files(trial: Trial) -> Iterator[Problem]:
    """A table that was put one folder too deep is missing without a word otherwise."""
    if trial.folder is None:
        return
    read = {file.partition(" (")[0] for file in mapped_files(trial.folder)}
    below = (file.partition(" (")[0] for file in extract_files(trial.folder, TABLES) if "/" in file)
    for file in dict.fromkeys(file for file in below if file not in read):
        cause = "The file holds a table, but lies in a folder of the study and is not read."
        yield warning("unread_file", file, None, cause, "Tables of the contract lie in the study folder itself; "
                      "others are read where mapping.yml names them.")  # fmt: skip


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
            cause = f"Nobody is in {', '.join(nobody)}."
            yield warning("nobody_in_group", FILE, setting, cause, "Such rows stay out of the results.")


def _observation(trial: Trial) -> Iterator[Problem]:
    if not _is_followed(trial):
        return
    study, everybody = trial.study, len(trial.tables["participants"])
    last = trial.panel.groupby("participant_id")[study.unit].max()
    short = everybody - int((last == study.horizon.after).sum())
    if short:
        told = counted(short, "people", everybody)
        cause = f"Not observed to {study.unit} {study.horizon.after}, the last one shown: {told}."
        rule = "Late results rest on fewer people; each says on how many."
        yield warning("observed_short", "participants.csv", None, cause, rule)
    unseen = everybody - trial.panel.loc[trial.panel[study.unit] == 0, "participant_id"].nunique()
    if unseen:
        cause = f"Not observed in the whole {study.unit} of inclusion: {counted(unseen, 'people', everybody)}."
        yield warning("no_status_at_inclusion", "participants.csv", None, cause, "They have no status at inclusion.")


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
    rule = "Who is on AAP without a form counts as not working: add the forms, or say so beside results of that time."
    if forms.empty:
        cause = "There are no forms, so that nobody on AAP can be seen to work beside it."
        yield warning("no_forms", "aap_hours.csv", None, cause, rule)
        return
    ends = forms.max() + pd.Timedelta(days=FORM_DAYS - 1)
    first, last = map(_number_in(unit), (forms.min(), ends if unit == "week" else forms.max()))
    sides = {
        "after": (last, when > last, f"The last form ends in {ends:%Y-%m}"),
        "before": (first, when < first, f"The first form starts in {forms.min():%Y-%m}"),
    }
    for side, (number, unseen, known) in sides.items():
        if unseen.any():
            cause = (
                f"{known}: work beside AAP cannot be seen {side} {unit} {number - included.min()} for the first people "
                f"included, {side} {unit} {number - included.max()} for the last."
            )
            yield warning("forms_end_early", "aap_hours.csv", "period_start", cause, rule)


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
        rule = "The wave has no results: add the answers, or take it out of study.yml."
        yield warning("silent_wave", "questionnaires.csv", "wave", cause, rule)
    for name, beginning in ITEMS.items():
        items = [column for column in answers.columns if column.startswith(beginning)]
        answered = bool(answers[items].notna().any().any())
        if answered and name not in trial.study.instruments:
            cause = f"The answers to {name} are not used: study.yml gives no rules for it."
            yield warning("unused_answers", "questionnaires.csv", None, cause, "Add it under instruments.")
        if not answered and name in trial.study.instruments:
            cause = f"Nobody answered an item of {name}."
            rule = "It has no results: add the answers, or take it out of instruments."
            yield warning("unused_instrument", "questionnaires.csv", None, cause, rule)


LOOKS = (_tables, _files, _groups, _observation, _forms, _answers)
