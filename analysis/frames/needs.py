"""What a chapter, a section, a table or a sentence needs of a study, and whether a study has it.

A need is a word, with details behind colons: `arms`, `table:income`, `instrument:hads`, `wave:6`. Notebook cells list
them in their metadata, chapter functions in `needs(...)`; the words in which a reader is told stand in `needs:` of the
catalogue's `common.yml`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps

import pandas as pd

from analysis.frames.instruments import SCORES
from analysis.frames.resources import programme_cost_per_case
from analysis.frames.trial import Trial
from analysis.study.checklists import general_checklists, own_answers
from analysis.study.contract.people_tables import BACKGROUND
from analysis.study.instrument_rules import ITEMS
from analysis.study.yaml_files import read_yaml


@dataclass(frozen=True)
class Absent:
    """Stands for a result that a study cannot give; `need` is the first need that is not met.

    A page shows one line for it, and a function that takes results passes it on. It also stands in for a list of
    results, as its only member.
    """

    need: str

    def __iter__(self) -> Iterator["Absent"]:
        yield self

    def keys(self) -> tuple:
        """Nothing: where numbers are unpacked by name there are none."""
        return ()

    def __getitem__(self, name: str) -> None:
        raise KeyError(name)


def _has_table(trial: Trial, name: str) -> bool:
    return name in trial.tables and not trial.tables[name].empty


def _has_both_arms(trial: Trial) -> bool:
    return trial.study.has_arms and set(trial.study.arm_codes) <= set(trial.tables["participants"]["arm"].dropna())


def _is_known(trial: Trial, *columns: str) -> bool:
    return all(name in trial.people and bool(trial.people[name].notna().any()) for name in columns)


def _follows_general_rule(trial: Trial, name: str) -> bool:
    return not _has_rule(trial, name)


def _has_registers(trial: Trial) -> bool:
    """Whether people can be followed, and the primary outcome can be known: without a register of jobs nobody works."""
    study = trial.study
    if not (study.has_registers and _has_table(trial, "participants")):
        return False
    wanted = study.outcome(study.primary_outcome).registers if study.primary or study.monthly_outcomes else ()
    held = {name for name in ("job_spells", "benefit_spells") if _has_table(trial, name)}
    return bool(held) and held.issuperset(wanted)


def _has_answers(trial: Trial, wave: str) -> bool:
    waves = trial.tables["questionnaires"]["wave"].astype(float)
    return int(wave) in trial.study.waves and bool((waves == int(wave)).any())


def has_background_answers(trial: Trial) -> bool:
    """Whether somebody answered a background question of the contract, the study's own columns apart."""
    asked = BACKGROUND.columns.keys() - {"participant_id"}
    return bool(trial.tables["background"].reindex(columns=sorted(asked)).notna().any(axis=None))


def _has_baseline_answers(trial: Trial) -> bool:
    return has_background_answers(trial) or _has_answers(trial, "0")


def _has_follow_up_answers(trial: Trial) -> bool:
    return any(_has_answers(trial, str(wave)) for wave in trial.study.follow_up_waves)


def _has_instrument(trial: Trial, name: str) -> bool:
    """Whether study.yml gives the rules of the instrument, and somebody answered it or was scored with it."""
    if name not in trial.study.instruments:
        return False
    if name not in ITEMS:
        return _has_table(trial, "fidelity")
    return bool(trial.tables["questionnaires"].filter(regex=f"^{ITEMS[name]}").notna().any(axis=None))


def _has_measure(trial: Trial, measure: str) -> bool:
    return any(outcome.measure == measure for outcome in trial.study.outcomes)


def _has_follow_up_outcomes(trial: Trial) -> bool:
    return len(trial.study.outcomes) > len(trial.study.monthly_outcomes)


def _has_item(trial: Trial, item: str) -> bool:
    answers = trial.tables["questionnaires"]
    return item in answers and bool(answers.loc[answers["wave"] > 0, item].notna().any())


def _has_effect_window(trial: Trial) -> bool:
    window, valued = trial.study.economics.get("effect_window"), trial.study.economics.work_outcomes
    horizon = trial.study.horizon
    if not {valued.full, valued.full_or_partial} <= set(trial.study.monthly_outcomes):
        return False
    return window is not None and horizon is not None and window.value["from"] >= 0 and (
        window.value["to"] <= horizon.after
    )  # fmt: skip


def _has_several_statuses(trial: Trial) -> bool:
    return _has_registers(trial) and trial.people["status_group"].nunique() > 1


def _has_covariates(trial: Trial) -> bool:
    return any(code in ("woman", "age") or code in trial.people for code in trial.study.covariates)


def _has_published(trial: Trial, *files: str) -> bool:
    folder = trial.folder and trial.folder / "published"
    return folder is not None and all((folder / name).is_file() for name in ("cells.csv", *map("{}.yml".format, files)))


def _has_printed_tables(trial: Trial) -> bool:
    """Whether the published report has tables: places whose code begins with table."""
    if not _has_published(trial):
        return False
    sources = pd.read_csv(trial.folder / "published" / "cells.csv", usecols=["source"], dtype=str)["source"]
    return bool(sources.str.startswith("table_").any())


def _has_own_note(trial: Trial, chapter: str, name: str) -> bool:
    """Whether the study's own words hold a note of that name, which takes the place of a general text."""
    files = (trial.folder / "words").glob(f"*/{chapter}.yml") if trial.folder else ()
    return any(name in (read_yaml(file) or {}).get("notes", {}) for file in files)


def _has_rule(trial: Trial, name: str) -> bool:
    return trial.study.as_printed is not None and name in trial.study.as_printed.rules


def _has_extract(trial: Trial, name: str) -> bool:
    """Whether what the report calls by this name rests on an extract of the data that differs from the whole of it."""
    return trial.extract_for(name).master is not None


# Fewer interviews at a centre would point at single informants.
FEWEST_INTERVIEWS = 5


def _has_ratings(trial: Trial, name: str, *waves: str) -> bool:
    """Whether at least two people of each arm gave this rating, at that wave or at any one after inclusion."""
    if not (_has_both_arms(trial) and _has_follow_up_answers(trial)):
        return False
    answers = trial.tables["questionnaires"].merge(trial.tables["participants"], on="participant_id")
    known = answers[answers["wave"].isin(list(map(int, waves)) or trial.study.follow_up_waves)].dropna(subset=[name])
    counts = known.groupby(["wave", "arm"], observed=True).size().unstack().reindex(columns=trial.study.arm_codes)
    return bool((counts >= 2).all(axis=1).any())


def _answered_in_both_arms(trial: Trial, table: str) -> bool:
    if not _has_both_arms(trial):
        return False
    answers = trial.tables[table].merge(trial.tables["participants"], on="participant_id")
    return set(trial.study.arm_codes) <= set(answers["arm"])


def _answered_again(trial: Trial, table: str) -> bool:
    """Whether both arms have answers, from more than one wave."""
    return _answered_in_both_arms(trial, table) and trial.tables[table]["wave"].nunique() > 1


def _has_earlier_treatment(trial: Trial) -> bool:
    return _has_table(trial, "earlier_treatment") and _has_table(trial, "participants")


def _has_two_coders(trial: Trial) -> bool:
    return bool(trial.tables["open_answers"].duplicated(["participant_id", "wave", "question"]).any())


def _has_theme_coders(trial: Trial) -> bool:
    """Whether some interview carries themes of more than one coder."""
    themes = trial.tables["interview_themes"]
    return bool((themes.assign(coder=themes["coder"].fillna(1)).groupby("interview_id")["coder"].nunique() > 1).any())


def _has_centre_facts(trial: Trial) -> bool:
    return not trial.tables["centres"].drop(columns="centre").dropna(how="all").empty


def _has_reviews(trial: Trial, fewest: str = "1") -> bool:
    return _has_instrument(trial, "ips25") and trial.tables["fidelity"]["centre"].nunique() >= int(fewest)


def _has_interviews_by_centre(trial: Trial) -> bool:
    counts = trial.tables["interviews"].groupby("centre")["interview_id"].nunique()
    return len(counts) > 1 and bool((counts >= FEWEST_INTERVIEWS).all())


def _known_of_users(trial: Trial, *columns: str) -> bool:
    interviews = trial.tables["interviews"]
    users = interviews[interviews["interview_type"].isin(trial.study.interviews.users)]
    return not users.dropna(subset=list(columns)).empty


_USER_DETAILS = ("expectation_group", "information_source", "education")


def _has_process(trial: Trial) -> bool:
    tables = ("interviews", "fidelity", "contacts")
    return _has_centre_facts(trial) or any(_has_table(trial, table) for table in tables)


def _has_users(trial: Trial) -> bool:
    answers = ("open_answers", "coordination")
    return (
        _has_earlier_treatment(trial)
        or _has_ratings(trial, "satisfaction")
        or any(_answered_in_both_arms(trial, table) for table in answers)
        or _known_of_users(trial)
    )


def _has_checklist(trial: Trial, name: str) -> bool:
    """Whether a study is held to a reporting checklist: it has what that is about, and does not leave it out."""
    wanted = general_checklists().checklists[name].needs
    return unmet(trial, *wanted) is None and name not in own_answers(trial.folder).left_out


# Word → whether a study meets the need; words with details take them as further arguments.
CHECKS: Mapping[str, Callable[..., bool]] = {
    "table": _has_table,
    "participants": lambda trial: _has_table(trial, "participants"),
    "known": _is_known,
    "answers": _has_baseline_answers,
    "arms": _has_both_arms,
    "centres": lambda trial: len(trial.study.centres) > 0,
    "several_centres": lambda trial: len(trial.study.centres) > 1,
    "registers": _has_registers,
    "benefits": lambda trial: _has_registers(trial) and _has_table(trial, "benefit_spells"),
    "months": lambda trial: _has_registers(trial) and trial.study.unit == "month",
    "several_phases": lambda trial: len(trial.study.allocation_phases) > 1,
    "before_inclusion": lambda trial: _has_registers(trial) and trial.study.horizon.before > 0,
    "outcome": _has_measure,
    "follow_up_outcomes": _has_follow_up_outcomes,
    "first_events": lambda trial: any(outcome.is_event for outcome in trial.study.outcomes),
    "events": lambda trial: any(one.is_event for one in (*trial.study.outcomes, *trial.study.alternative_outcomes)),
    "single_courses": lambda trial: trial.study.disclosure == "as_published",
    "observed": lambda trial: _has_registers(trial) and not trial.panel.empty,
    "late_window": lambda trial: trial.study.has_registers and trial.study.late.last > trial.study.primary_at,
    "several_statuses": _has_several_statuses,
    "covariates": _has_covariates,
    "subgroups": lambda trial: bool(trial.study.subgroups),
    "wave": _has_answers,
    "follow_up_waves": _has_follow_up_answers,
    "instrument": _has_instrument,
    "instruments": lambda trial: any(_has_instrument(trial, name) for name in SCORES),
    "baseline": lambda trial: _has_answers(trial, "0"),
    "item": _has_item,
    "economics": lambda trial, *names: bool(trial.study.economics) and set(names) <= set(trial.study.economics),
    "synthetic": lambda trial: trial.study.data == "synthetic",
    "ratings": _has_ratings,
    "earlier_treatment": _has_earlier_treatment,
    "open_answers": lambda trial: _answered_in_both_arms(trial, "open_answers"),
    "answered_again": _answered_again,
    "coordination": lambda trial: _answered_in_both_arms(trial, "coordination"),
    "two_coders": _has_two_coders,
    "theme_coders": _has_theme_coders,
    "centre_facts": _has_centre_facts,
    "reviewed_centres": _has_reviews,
    "interviews_by_centre": _has_interviews_by_centre,
    "users_interviewed": _known_of_users,
    "user_details": lambda trial: any(_known_of_users(trial, column) for column in _USER_DETAILS),
    "known_of_users": _known_of_users,
    "process": _has_process,
    "users": _has_users,
    "programme_cost": lambda trial: bool(programme_cost_per_case(trial.study)),
    "effect_window": _has_effect_window,
    "scenarios": lambda trial: not all(each.added for each in trial.study.economics.scenarios.values()),
    "added_scenarios": lambda trial: any(each.added for each in trial.study.economics.scenarios.values()),
    "uncertainty": lambda trial: bool(trial.study.economics.uncertainty),
    "published": _has_published,
    "printed_tables": _has_printed_tables,
    "note": _has_own_note,
    "no_note": lambda trial, chapter, name: not _has_own_note(trial, chapter, name),
    "rule": _has_rule,
    "general_rule": _follows_general_rule,
    "extract": _has_extract,
    "checklist": _has_checklist,
    "as_printed": lambda trial: trial.study.as_printed is not None,
}

_OF_FILES = ("published", "printed_tables", "note", "no_note", "checklist")


def unmet(trial: Trial, *needs: str) -> str | None:
    """The first of the needs that the study does not meet, or None. Raises KeyError for a word that is no need."""
    return next((need for need in needs if not _is_met(trial, need)), None)


def _is_met(trial: Trial, need: str) -> bool:
    """Whether the study meets the need; looked up once a trial, but for what stands in files, which come and go."""
    word, *details = need.split(":")
    check = CHECKS[word]
    if word in _OF_FILES:
        return check(trial, *details)
    return trial.once((__name__, need), lambda: check(trial, *details))


def needs(*wanted: str) -> Callable:
    """Decorates a chapter function one of whose arguments is a trial: it gives `Absent` where a need is not met.

    A result made from an `Absent` one is absent, too: an argument that is `Absent` is given back as it is.
    """

    def decorate(function: Callable) -> Callable:
        @wraps(function)
        def given(*arguments, **options):
            lacking = next((each for each in (*arguments, *options.values()) if isinstance(each, Absent)), None)
            if lacking:
                return lacking
            trial = next((each for each in arguments if isinstance(each, Trial)), None)
            need = unmet(trial, *wanted) if trial else None
            return Absent(need) if need else function(*arguments, **options)

        given.needs = wanted
        return given

    return decorate
