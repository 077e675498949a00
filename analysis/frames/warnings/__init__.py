"""Warnings: what is odd about a study that can be used. It is built all the same, and each says how it is handled."""

from analysis.frames.trial import Trial
from analysis.frames.warnings import answers, general, people, spells, values
from analysis.frames.warnings.saying import warning
from analysis.study.problems import Problem
from analysis.study.settings import FILE

_LOOKS = (*general.LOOKS, *people.LOOKS, *spells.LOOKS, *values.LOOKS, *answers.LOOKS)


def warnings_of(trial: Trial) -> list[Problem]:
    """Everything odd about the study, at once: tables, groups, registers, answers, people, spells, single values."""
    if all(frame.empty for frame in trial.tables.values()):
        rule = "Fill in the tables; the chapters follow the data."
        return [warning("no_rows", FILE, None, "No table has a row yet.", rule)]
    return [found for look in _LOOKS for found in look(trial)]
