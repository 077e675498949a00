"""Warnings about people: how they were allocated, what the registers know of them, when they answered."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from analysis.frames.trial import Trial
from analysis.frames.warnings.saying import counted, warning
from analysis.study.problems import Problem

# Below this p an allocation is hardly the one that study.yml states.
HARDLY = 0.001
# Weights of the digits whose sums 11 divides, by the regulation on the National Population Register.
_CONTROLS = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
_REGISTERS = ("benefit_spells", "job_spells", "income", "measures")


def _allocation(trial: Trial) -> Iterator[Problem]:
    people, study = trial.tables["participants"], trial.study
    if not study.has_arms:
        return
    for number, phase in enumerate(study.allocation_phases, 1):
        inside = people["included_on"].between(pd.Timestamp(phase.from_date), pd.Timestamp(phase.to_date))
        arms = people.loc[inside, "arm"]
        share = phase.ratio[study.treatment] / sum(phase.ratio.values())
        if len(arms) and binomtest(int(arms.eq(study.treatment).sum()), len(arms), share).pvalue < HARDLY:
            cause = f"The arms are less balanced than the ratio of phase {number} would give once in a thousand draws."
            rule = "Everyone is analysed in the arm that the table gives; the ratio changes no result."
            yield warning("unbalanced_arms", "participants.csv", "arm", cause, rule)


def _unknown_to_registers(trial: Trial) -> Iterator[Problem]:
    people = trial.tables["participants"]["participant_id"]
    held = [name for name in _REGISTERS if not trial.tables[name].empty]
    if not (held and len(people) and trial.study.has_registers):
        return
    unseen = int((~people.isin(pd.concat([trial.tables[name]["participant_id"] for name in held]))).sum())
    if unseen:
        cause = f"In no row of {', '.join(held)}: {counted(unseen, 'people', len(people))}."
        rule = "They count as without what these registers hold, not as missing."
        yield warning("no_register_rows", "participants.csv", "participant_id", cause, rule)


def _nearer_to_another_wave(trial: Trial) -> Iterator[Problem]:
    answers, waves = trial.tables["questionnaires"], trial.study.waves
    if len(waves) < 2 or answers.empty:
        return
    rows = answers.merge(trial.tables["participants"][["participant_id", "included_on"]], on="participant_id")
    months = (rows["answered_on"] - rows["included_on"]).dt.days / (365.25 / 12)
    away = pd.DataFrame({wave: (months - wave).abs() for wave in waves})
    other = int((away.min(axis=1) < (months - rows["wave"]).abs()).sum())
    if other:
        cause = f"Answered nearer to another wave than to their own: {counted(other, 'rows', len(rows))}."
        yield warning("nearer_to_another_wave", "questionnaires.csv", "answered_on", cause,
                      "The wave that the row gives counts, not the day.")  # fmt: skip


def _national_numbers(trial: Trial) -> Iterator[Problem]:
    """Pseudonyms that are national identity numbers (fødselsnummer, D-nummer) by both of their control digits."""
    digits = trial.tables["participants"]["participant_id"].str.extract(r"(?<!\d)(\d{11})(?!\d)")[0].dropna()
    numbers = digits.map(list).tolist()
    controlled = (np.array(numbers, dtype=int).reshape(-1, 11) @ np.array(_CONTROLS).T % 11 == 0).all(axis=1)
    if controlled.any():
        cause = f"National identity numbers, it seems: {counted(int(controlled.sum()), 'people', len(digits))}."
        rule = "They stand in no page, but beside the data: let mapping.yml give running numbers (numbered: true)."
        yield warning("national_numbers", "participants.csv", "participant_id", cause, rule)


LOOKS = (_national_numbers, _allocation, _unknown_to_registers, _nearer_to_another_wave)
