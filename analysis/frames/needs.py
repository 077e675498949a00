"""What a chapter, a section, a table or a sentence needs of a study, and whether a study has it.

A need is a word, with details behind colons: `arms`, `table:income`, `instrument:hads`, `wave:6`. Notebook cells list
them in their metadata, chapter functions in `needs(...)`; the words in which a reader is told stand in `needs:` of the
catalogue's `common.yml`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps

from analysis.frames.trial import Trial


@dataclass(frozen=True)
class Absent:
    """Stands for a result that a study cannot give; `need` is the first need that is not met.

    A page shows one line for it, and a function that takes results passes it on. It also stands in for a list of
    results, as its only member.
    """

    need: str

    def __iter__(self) -> Iterator["Absent"]:
        yield self


def _has_table(trial: Trial, name: str) -> bool:
    return name in trial.tables and not trial.tables[name].empty


def _has_both_arms(trial: Trial) -> bool:
    return trial.study.has_arms and set(trial.study.arm_codes) <= set(trial.tables["participants"]["arm"].dropna())


def _has_registers(trial: Trial) -> bool:
    return trial.study.has_registers and _has_table(trial, "participants") and (
        _has_table(trial, "job_spells") or _has_table(trial, "benefit_spells")
    )  # fmt: skip


def _has_answers(trial: Trial, wave: str) -> bool:
    waves = trial.tables["questionnaires"]["wave"].astype(float)
    return int(wave) in trial.study.waves and bool((waves == int(wave)).any())


def _has_follow_up_answers(trial: Trial) -> bool:
    return any(_has_answers(trial, str(wave)) for wave in trial.study.follow_up_waves)


def _has_instrument(trial: Trial, name: str) -> bool:
    return name in trial.study.instruments


def _has_measure(trial: Trial, measure: str) -> bool:
    return any(outcome.measure == measure for outcome in trial.study.outcomes)


def _has_follow_up_outcomes(trial: Trial) -> bool:
    return len(trial.study.outcomes) > len(trial.study.monthly_outcomes)


def _has_several_statuses(trial: Trial) -> bool:
    return _has_registers(trial) and trial.people["status_group"].nunique() > 1


def _has_covariates(trial: Trial) -> bool:
    return any(code in ("woman", "age") or code in trial.people for code in trial.study.covariates)


def _has_published(trial: Trial) -> bool:
    return trial.folder is not None and (trial.folder / "published" / "cells.csv").is_file()


def _has_rule(trial: Trial, name: str) -> bool:
    return trial.study.as_printed is not None and name in trial.study.as_printed.rules


# Word → whether a study meets the need; words with details take them as further arguments.
CHECKS: Mapping[str, Callable[..., bool]] = {
    "table": _has_table,
    "participants": lambda trial: _has_table(trial, "participants"),
    "arms": _has_both_arms,
    "centres": lambda trial: len(trial.study.centres) > 0,
    "several_centres": lambda trial: len(trial.study.centres) > 1,
    "registers": _has_registers,
    "benefits": lambda trial: _has_registers(trial) and _has_table(trial, "benefit_spells"),
    "months": lambda trial: _has_registers(trial) and trial.study.unit == "month",
    "before_inclusion": lambda trial: _has_registers(trial) and trial.study.horizon.before > 0,
    "outcome": _has_measure,
    "follow_up_outcomes": _has_follow_up_outcomes,
    "observed": lambda trial: _has_registers(trial) and not trial.panel.empty,
    "late_window": lambda trial: trial.study.has_registers and trial.study.late.last > trial.study.primary_at,
    "several_statuses": _has_several_statuses,
    "covariates": _has_covariates,
    "subgroups": lambda trial: bool(trial.study.subgroups),
    "wave": _has_answers,
    "follow_up_waves": _has_follow_up_answers,
    "instrument": _has_instrument,
    "economics": lambda trial, *names: bool(trial.study.economics) and set(names) <= set(trial.study.economics),
    "published": _has_published,
    "rule": _has_rule,
    "as_printed": lambda trial: trial.study.as_printed is not None,
}


def unmet(trial: Trial, *needs: str) -> str | None:
    """The first of the needs that the study does not meet, or None. Raises KeyError for a word that is no need."""
    for need in needs:
        word, *details = need.split(":")
        if not CHECKS[word](trial, *details):
            return need
    return None


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
